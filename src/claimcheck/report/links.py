"""Addresses that a report may link to, and links that open a page at a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from claimcheck.records import Report

__all__ = ["live_url", "safe_url", "text_fragment_url"]

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\\]")
_LONGEST_WHOLE = 120
"""Up to so many characters a sentence is named whole, beyond that by its two ends."""

_LONGEST_END = 80
_END_WORDS = 6
_SPACE = re.compile(r"\s+")


def safe_url(url: str | None) -> str | None:
    """The address in ASCII if it is an absolute http or https one, else ``None``.

    An address with a user name is refused: in ``https://bank.example@evil.example/`` the
    part that people read is not the part that is visited.
    """
    if not url or _UNSAFE.search(url.strip()):
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    try:
        return quote(url.strip(), safe="%/:?#[]@!$&()*+,;=-._~")
    except UnicodeEncodeError:
        return None


def live_url(report: Report) -> str | None:
    """Where the article stands on the web, as far as the report knows."""
    # What was fetched comes first: a page may name a canonical address with other text.
    candidates: Iterable[str | None] = (
        report.source.uri if report.source.kind in ("url", "warc") else None,
        report.article.url,
    )
    return next((safe for url in candidates if (safe := safe_url(url))), None)


def text_fragment_url(url: str, sentence: str) -> str | None:
    """The address that opens the page and scrolls to the sentence, or ``None``.

    The form is ``URL#:~:text=start`` or ``URL#:~:text=start,end``. ``-``, ``,`` and ``&``
    have a meaning there, so everything but letters, digits, ``_``, ``.`` and ``~`` is
    percent-encoded.

    :param url: an address that :func:`safe_url` has passed.
    """
    words = _SPACE.sub(" ", sentence).strip().split(" ")
    whole = " ".join(words)
    if not whole:
        return None
    if len(whole) <= _LONGEST_WHOLE:
        directive = _encode(whole)
    else:
        head = " ".join(words[:_END_WORDS])
        tail = " ".join(words[-_END_WORDS:])
        if len(words) < 2 * _END_WORDS or max(len(head), len(tail)) > _LONGEST_END:
            return None
        directive = f"{_encode(head)},{_encode(tail)}"
    page = url.split(":~:", 1)[0]
    return f"{page}{'' if '#' in page else '#'}:~:text={directive}"


def _encode(words: str) -> str:
    return quote(words, safe="", errors="replace").replace("-", "%2D")
