"""Characters → an element tree, whatever the characters are."""

from __future__ import annotations

import re

from lxml import etree, html

__all__ = ["depth_of", "parse_html"]

# libxml2 stops reading below this depth; what follows would be lost without a word.
_PARSER_DEPTH = 256

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_CONTAINERS = re.compile(
    r"</?(?:div|span|font|center|b|i|u|em|strong|small|big|section|tbody)\b[^<>]*>", re.IGNORECASE
)
_ALL_BUT_TEXT = re.compile(
    r"</?(?!(?:p|h[1-6]|li|br|title|meta|link|html|head|body|a|script|style)\b)[a-z][^<>]*>",
    re.IGNORECASE,
)


def parse_html(text: str) -> html.HtmlElement | None:
    """The document's tree without comments, or null where there is no element at all.

    A document nested deeper than the parser reads (unclosed ``<font>`` on old pages, or
    malice) is parsed again without the tags that only wrap.
    """
    text = _CONTROL.sub("", text)
    tree = _parse(text)
    for useless in (_CONTAINERS, _ALL_BUT_TEXT):
        if tree is None or depth_of(tree) < _PARSER_DEPTH - 2:
            break
        text = useless.sub("\n", text)
        tree = _parse(text)
    return tree


def depth_of(tree: html.HtmlElement) -> int:
    """How deep the deepest element lies; the root has depth 1."""
    deepest = depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _parse(text: str) -> html.HtmlElement | None:
    # As bytes in a known encoding: lxml refuses characters that carry an XML declaration.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, html.HtmlElement) else None
