"""A tree → its blocks in reading order, with the text as displayed.

The walk decides structure only (what is a paragraph, a list item, a row of a table);
which blocks belong to the article is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from lxml import etree, html

from claimcheck.article.chrome import looks_like_heading
from claimcheck.records import BlockKind

__all__ = ["Segment", "key_of", "segments_of"]

_BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "ol", "p",
    "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    "frameset", "noframes",
))  # fmt: skip
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_BOLD: Final = frozenset(("b", "strong", "big"))
_SPACE: Final = re.compile(r"\s+")
# Soft hyphens and zero-width characters are instructions to the printer, not letters.
_UNPRINTED: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_HEADING_WORDS = 32  # a longer "heading" is a paragraph in large type
_PROSE_CELL_WORDS = 60  # a table with a longer cell than this lays out a page


@dataclass(slots=True)
class Segment:
    """One block. ``links`` are ``(start, end, href)`` within ``text``.

    ``home`` is the block element that the text stands in; ``linked`` counts the
    characters of ``text`` inside links.
    """

    kind: BlockKind
    text: str
    home: html.HtmlElement
    level: int | None = None
    links: list[tuple[int, int, str]] = field(default_factory=list)
    linked: int = 0
    bold: bool = False
    words: int = 0
    in_list: bool = False

    @property
    def link_share(self) -> float:
        """Share of the text inside links, 0–1."""
        return self.linked / len(self.text)


def key_of(text: str) -> str:
    """Letters and digits only, in one case: what two renderings of one text share."""
    return _NOT_WORD.sub("", text).casefold()


def segments_of(tree: html.HtmlElement, *, base_url: str | None) -> list[Segment]:
    """Every block under ``tree`` in document order, empty ones left out."""
    walk = _Walk(base_url)
    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "end":
            walk.close(element)
        elif tag in ("head", "title"):
            walker.skip_subtree()
        elif tag == "table" and _is_data_table(element):
            walk.table(element)
            walker.skip_subtree()
        else:
            walk.open(element)
    walk.flush()
    return walk.segments


class _Walk:
    """The state of one walk: what is open, and the pieces of the block being read."""

    def __init__(self, base_url: str | None) -> None:
        self.segments: list[Segment] = []
        self._base = base_url
        self._pieces: list[tuple[str, str | None, bool]] = []
        self._homes: list[html.HtmlElement] = []
        self._links: list[str] = []
        self._bold = 0
        self._breaks = 0
        self._tables: set[html.HtmlElement] = set()

    def open(self, element: html.HtmlElement) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self.flush()
            self._homes.append(element)
        elif tag == "br":
            self._break()
        elif tag == "a":
            self._links.append(element.get("href") or "")
        elif tag in _BOLD:
            self._bold += 1
        if element.text:
            self._add(element.text)

    def close(self, element: html.HtmlElement) -> None:
        tag = element.tag
        if element in self._tables or tag in ("head", "title"):
            pass
        elif tag in _BLOCKS:
            self.flush()
            self._homes.pop()
        elif tag == "a":
            self._links.pop()
        elif tag in _BOLD:
            self._bold -= 1
        if element.tail:
            self._add(element.tail)

    def table(self, element: html.HtmlElement) -> None:
        """A table of data: one block, cells joined by ``|``, rows by line breaks."""
        self.flush()
        self._tables.add(element)
        rows = []
        for row in element.iter("tr"):
            cells = [_shown("".join(c.itertext())) for c in row if c.tag in ("td", "th")]
            if any(cells):
                rows.append(" | ".join(cells).strip())
        if rows:
            text = "\n".join(rows)
            linked = sum(len(_shown("".join(a.itertext()))) for a in element.iter("a"))
            self.segments.append(
                Segment(
                    "table", text, element, linked=min(linked, len(text)), words=len(text.split())
                )
            )

    def flush(self) -> None:
        self._breaks = 0
        pieces, self._pieces = self._pieces, []
        text, links, linked, bold = _joined(pieces)
        if not text or not key_of(text):
            return
        home = self._homes[-1] if self._homes else None
        if home is None:
            return
        words = len(text.split())
        kind, level, in_list = self._kind(words)
        segment = Segment(kind, text, home, level, links, linked, bold, words, in_list)
        if kind == "paragraph" and _is_bold_heading(segment):
            segment.kind = "heading"
        self.segments.append(segment)

    def _kind(self, words: int) -> tuple[BlockKind, int | None, bool]:
        level = None
        quoted = in_list = False
        for home in self._homes:
            tag = home.tag
            level = _HEADINGS.get(tag, level)
            quoted = quoted or tag == "blockquote"
            in_list = tag in ("li", "dd", "dt") or (in_list and tag not in ("table", "blockquote"))
        if level is not None and words <= _HEADING_WORDS:
            return "heading", level, in_list
        if in_list:
            return "list-item", None, True
        return ("quote" if quoted else "paragraph"), None, False

    def _add(self, text: str) -> None:
        if self._homes and self._homes[-1].tag == "pre":
            self._add_preformatted(text)
            return
        if text.strip():
            self._breaks = 0
        href = self._links[-1] if self._links else None
        self._pieces.append((text, href, self._bold > 0))

    def _add_preformatted(self, text: str) -> None:
        for number, part in enumerate(re.split(r"\n[ \t]*\n", text)):
            if number:
                self.flush()
            self._pieces.append((part, self._links[-1] if self._links else None, self._bold > 0))

    def _break(self) -> None:
        self._breaks += 1
        if self._breaks == 2 or self._ends_bold_heading():
            self.flush()
        else:
            self._pieces.append((" ", None, True))

    def _ends_bold_heading(self) -> bool:
        """Whether a bold line ends here: ``<b>Surgery</b><br>In most cases …``."""
        printed = [piece for piece in self._pieces if piece[0].strip()]
        if not printed or not all(bold and href is None for _, href, bold in printed):
            return False
        return looks_like_heading(_shown("".join(text for text, _, _ in printed)))


def _joined(
    pieces: list[tuple[str, str | None, bool]],
) -> tuple[str, list[tuple[int, int, str]], int, bool]:
    """Pieces → text with single spaces, its links, characters linked, whether all is bold."""
    parts: list[str] = []
    links: list[tuple[int, int, str]] = []
    size = linked = bold = 0
    at_space = True
    for raw, href, is_bold in pieces:
        part = _SPACE.sub(" ", _UNPRINTED.sub("", raw))
        if at_space and part[:1] == " ":
            part = part[1:]
        if not part:
            continue
        at_space = part[-1] == " "
        stripped = part.strip()
        if stripped and href is not None:
            start = size + len(part) - len(part.lstrip())
            end = start + len(stripped)
            linked += end - start
            if links and links[-1][2] == href and links[-1][1] >= start - 1:
                start = links.pop()[0]
            links.append((start, end, href))
        if is_bold:
            bold += len(part)
        parts.append(part)
        size += len(part)
    text = "".join(parts).rstrip()
    return text, links, min(linked, len(text)), bool(text) and bold >= len(text)


def _is_bold_heading(segment: Segment) -> bool:
    """A short line, all bold, alone in its block: how old pages print headings."""
    text = segment.text
    return (
        segment.bold
        and 1 <= segment.words <= 14
        and text[-1] not in ".,;!"
        and segment.link_share < 0.5
        and text[0].isalnum()
    )


def _is_data_table(table: html.HtmlElement) -> bool:
    """Whether a table holds figures and not the page's layout."""
    if table.get("role") in ("presentation", "none"):
        return False
    if next(table.iterdescendants("table", "h1", "h2", "h3", "form", "article"), None) is not None:
        return False
    rows = [[c for c in row if c.tag in ("td", "th")] for row in table.iter("tr")]
    rows = [row for row in rows if row]
    if len(rows) < 2 or max(len(row) for row in rows) < 2:
        return False
    cells = [len("".join(c.itertext()).split()) for row in rows for c in row]
    if max(cells) > _PROSE_CELL_WORDS:
        return False
    if table.find(".//th") is not None or table.find(".//caption") is not None:
        return True
    filled = sum(1 for words in cells if words)
    return len(rows) >= 3 and filled >= 0.6 * len(cells) and max(cells) <= 25


def _shown(text: str) -> str:
    return _SPACE.sub(" ", _UNPRINTED.sub("", text)).strip()


def absolute(href: str, base_url: str | None) -> str | None:
    """``href`` as an absolute http(s) or mail address, or null where it is none."""
    try:
        full = urljoin(base_url or "", href.strip())
    except ValueError:
        return None
    return full if full.startswith(("http://", "https://", "mailto:")) else None
