"""Text from elsewhere, made harmless for the place where it is shown.

An article is hostile until shown otherwise: it may hold escape sequences that repaint a
terminal, characters that turn the reading order of a line around, formulas that a
spreadsheet runs, or markup. Every format takes foreign text through this module.
"""

from __future__ import annotations

import html
import re

__all__ = ["REPLACEMENT", "cell", "page_text", "plain_text", "terminal_text"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# CSI, then the string controls (OSC, DCS, SOS, PM, APC) with what they carry, then other
# two-character escapes. The negated class stops at whatever may begin another, so that
# a megabyte of unfinished sequences is still read in linear time.
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks, embeddings, overrides and isolates: they move text, they are not text."""

_CONTROL = "\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
_INVISIBLE = "\U000e0000-\U000e007f"
"""Tag characters: a whole hidden sentence can be written in them."""

_BROKEN = "\ud800-\udfff\ufffe\uffff"
_BLANK = re.compile(r"[\t\n\x0b\x0c\r\x85\u2028\u2029]")
_NEWLINE = re.compile("\r\n?|\x85")
_HIDE = re.compile(f"[\x00-\x1f\x7f-\x9f{_BIDI}{_INVISIBLE}]")
_BREAK = re.compile(f"[{_BROKEN}]")
_SHOW = re.compile(f"[{_CONTROL}{_BIDI}{_INVISIBLE}{_BROKEN}]")

# The four that spreadsheets take for a formula, their full-width forms, and the
# characters that some of them skip before looking.
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def terminal_text(text: str) -> str:
    """The text without escape sequences, control characters and bidirectional controls.

    Every kind of line break or tab becomes one space.
    """
    if "\x1b" in text or any("\x80" <= character <= "\x9f" for character in text):
        text = _ANSI.sub("", text)
    return _BREAK.sub(REPLACEMENT, _HIDE.sub("", _BLANK.sub(" ", text)))


def page_text(text: str) -> str:
    """The text for HTML content or a quoted attribute.

    Markup is escaped. What has no business in running text is shown as U+FFFD rather
    than dropped, so that an editor sees that something odd stands there.
    """
    return html.escape(plain_text(text))


def plain_text(text: str) -> str:
    """The text for a place that takes it as text alone, such as a text node of a script.

    What has no business in running text is shown as U+FFFD; markup is left as it is.
    """
    return _SHOW.sub(REPLACEMENT, text)


def cell(text: str) -> str:
    """The text for a spreadsheet cell: nothing in it is run as a formula."""
    shown = _SHOW.sub(REPLACEMENT, _NEWLINE.sub("\n", text))
    return "'" + shown if _FORMULA.match(text) or _FORMULA.match(shown) else shown
