"""Plain text and Markdown → article, every offset being the file's own.

The text is never rewritten: blocks are spans of it, and markup (``# ``, ``- ``, ``> ``)
lies between them. A quotation marked on every line therefore has a block a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from claimcheck.article.chrome import (
    closes_article,
    is_furniture,
    looks_like_heading,
    opens_tail,
)
from claimcheck.article.gates import check_language
from claimcheck.article.metadata import parse_date
from claimcheck.article.segment import key_of
from claimcheck.errors import SourceError
from claimcheck.records import Article, Block, BlockKind, Link

__all__ = ["article_from_text"]

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_HEADING: Final = re.compile(
    r"[ \t]{0,3}(#{1,6})[ \t]+(?P<text>\S.{0,999}?)(?:[ \t]{1,9}#{1,9})?[ \t]{0,99}$"
)
_UNDERLINE: Final = re.compile(r"[ \t]{0,3}(={3,}|-{3,})[ \t]*$")
_RULE: Final = re.compile(r"[ \t]*([-*_=~#+])(?:[ \t]*\1){2,}[ \t]*$")
_ITEM: Final = re.compile(
    r"[ \t]*(?:[-*+•‣◦▪●∙]|(?P<number>\d{1,3})[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?P<text>\S.*)$"
)
_QUOTE: Final = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+(?P<text>.*)$")
_NESTED: Final = re.compile(r"(?:(?:#{1,6}|[-*+])[ \t]+|>[ \t]?)+")  # "- # Heading", "> - item"
_TABLE: Final = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_FENCE: Final = re.compile(r"[ \t]{0,3}(```+|~~~+)")
_NO_TEXT: Final = re.compile(
    r"[ \t]*(?:!\[[^\]]*\]\([^)]*\)|\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)|\[[^\]^]+\]:\s+\S+.*"
    r"|<!--.*-->|</?[a-z][^<>]*>)[ \t]*$",
    re.IGNORECASE,
)
_BOLD: Final = re.compile(r"(\*\*|__)(?P<text>[^*_\s](?:[^*_\n]*[^*_\s])?)\1:?$")
_LINK: Final = re.compile(r"(?<!!)\[(?P<text>[^\[\]]+)\]\((?P<href>https?://[^\s()<>]+)[^()]*\)")
_STOP: Final = re.compile(r"[.!?…:;,][\"'”’)\]*_]*$")
_BY: Final = re.compile(r"(?:by|written by|author:)\s+(?P<name>[^\W\d_].{1,100})$", re.IGNORECASE)
_FIELD: Final = re.compile(r"(?P<name>[A-Za-z_]+)\s*:\s*(?P<value>.*?)\s*$")

_LONGEST_MARKED_LINE = 20_000  # characters; a longer line is read as text, whatever it begins with
_TITLE_WORDS = 30
_TITLE_CHARACTERS = 200


@dataclass(slots=True)
class _Piece:
    """A block in the making. ``lines`` counts the lines it spans."""

    kind: BlockKind
    start: int
    end: int
    level: int | None = None
    lines: int = 1


@dataclass(slots=True)
class _Facts:
    title: tuple[int, int] | None = None
    byline: str | None = None
    published: str | None = None


def article_from_text(text: str, *, name: str, is_markdown: bool) -> Article:
    """The article in plain text or Markdown; ``article.text`` is ``text`` itself.

    :param is_markdown: else short lines that stand alone count as headings too.
    :raises SourceError: ``no-article`` where nothing can be read,
        ``unsupported-language``.
    """
    facts, body_start = _front_matter(text)
    pieces = _pieces(text, body_start)
    pieces = _without_tail(text, _without_head(text, pieces))
    pieces = _titled(text, pieces, facts)
    if not is_markdown:
        _mark_headings(text, pieces)
    if not pieces:
        raise SourceError(f"{name}: holds no words to check", kind="no-article")
    body = "\n".join(text[p.start : p.end] for p in pieces)
    language = check_language(body, declared=None, name=name)
    title = next((text[p.start : p.end] for p in pieces if p.kind == "title"), None)
    return Article(
        title=title,
        byline=facts.byline,
        published=facts.published,
        language=language,
        text=text,
        blocks=tuple(Block(kind=p.kind, level=p.level, start=p.start, end=p.end) for p in pieces),
        links=tuple(_links(text, pieces)),
    )


# ---------------------------------------------------------------------- lines → pieces


def _pieces(text: str, position: int) -> list[_Piece]:
    reader = _Reader(text)
    for match in _LINE.finditer(text, position):
        if match.end() > match.start():
            line = match.group().rstrip("\r\n")
            reader.line(line, match.start())
    return [p for p in reader.pieces if key_of(text[p.start : p.end])]


class _Reader:
    """Reads line by line; ``_open`` is the piece that the next line may continue."""

    def __init__(self, text: str) -> None:
        self.pieces: list[_Piece] = []
        self._text = text
        self._open: _Piece | None = None
        self._fence: str | None = None
        self._in_comment = False
        self._last = {mark: text.rfind(mark) for mark in ("```", "~~~", "-->")}

    def line(self, line: str, start: int) -> None:
        if self._skipped(line, start) or not line.strip():
            self._open = None
        elif len(line) > _LONGEST_MARKED_LINE:
            self._text_line(line, start)
        elif (
            self._open is not None
            and self._open.kind == "paragraph"
            and self._open.lines == 1
            and (match := _UNDERLINE.match(line))
        ):
            self._open.kind = "heading"
            self._open.level = 1 if match[1].startswith("=") else 2
            self._open = None
        elif _RULE.match(line):
            self._open = None
        elif match := _HEADING.match(line):
            self._add("heading", match, start, level=len(match[1]))
            self._open = None
        elif match := _QUOTE.match(line):
            self._add("quote", match, start)
            self._open = None
        elif _TABLE.match(line):
            self._table_line(line, start)
        elif (match := _ITEM.match(line)) and self._may_start_item(match):
            self._add("list-item", match, start)
        else:
            self._text_line(line, start)

    def _skipped(self, line: str, start: int) -> bool:
        """Code, comments and lines that hold a picture or a tag only."""
        fence = _FENCE.match(line)
        if self._fence is not None:
            if fence and fence[1].startswith(self._fence):
                self._fence = None
            return True
        if self._in_comment:
            self._in_comment = "-->" not in line
            return True
        if fence and self._last[fence[1][:3]] >= start + len(line):
            self._fence = fence[1][:3]
            return True
        if line.lstrip().startswith("<!--") and "-->" not in line:
            self._in_comment = self._last["-->"] > start
            return self._in_comment
        return len(line) <= _LONGEST_MARKED_LINE and bool(_NO_TEXT.match(line))

    def _may_start_item(self, match: re.Match[str]) -> bool:
        """A number opens a list within a paragraph only as its first item (CommonMark)."""
        number = match["number"]
        if self._open is None or self._open.kind == "list-item" or number is None:
            return True
        return number == "1"

    def _add(
        self, kind: BlockKind, match: re.Match[str], offset: int, *, level: int | None = None
    ) -> None:
        nested = _NESTED.match(match["text"])
        start = offset + match.start("text") + (nested.end() if nested else 0)
        piece = _trimmed(self._text, _Piece(kind, start, offset + match.end("text"), level))
        if piece is None:
            self._open = None
            return
        self.pieces.append(piece)
        self._open = piece

    def _table_line(self, line: str, offset: int) -> None:
        end = offset + len(line.rstrip())
        if self._open is not None and self._open.kind == "table":
            self._open.end = end
            self._open.lines += 1
            return
        start = offset + len(line) - len(line.lstrip())
        self._open = _Piece("table", start, end)
        self.pieces.append(self._open)

    def _text_line(self, line: str, offset: int) -> None:
        piece = _trimmed(self._text, _Piece("paragraph", offset, offset + len(line)))
        if piece is None:
            return
        bold = _BOLD.match(self._text[piece.start : piece.end])
        if bold and self._open is None and len(bold["text"].split()) <= 14:
            # A bold line of its own, the commonest heading where people do not know "#".
            piece.kind, piece.level = "heading", 3
            piece.end = piece.start + bold.end("text")
            piece.start += bold.start("text")
            self.pieces.append(piece)
            return
        if self._open is not None and self._open.kind in ("paragraph", "list-item"):
            self._open.end = piece.end
            self._open.lines += 1
            return
        self.pieces.append(piece)
        self._open = piece


def _trimmed(text: str, piece: _Piece) -> _Piece | None:
    """The piece without white space at its ends, or null where nothing is left."""
    words = text[piece.start : piece.end]
    piece.start += len(words) - len(words.lstrip())
    piece.end = piece.start + len(words.strip())
    return piece if piece.end > piece.start else None


# ---------------------------------------------------------------------- what they are


def _front_matter(text: str) -> tuple[_Facts, int]:
    """The fields between two ``---`` lines at the top, and where the text begins."""
    facts = _Facts()
    match = re.match(r"---[ \t]*\r?\n((?:[^\r\n]*\r?\n){1,40}?)---[ \t]*(?:\r?\n|\Z)", text)
    if match is None or not re.match(r"\s*[A-Za-z_]+\s*:", match[1]):
        return facts, 0
    for line in _LINE.finditer(text, match.start(1), match.end(1)):
        field = _FIELD.match(line.group().rstrip("\r\n"))
        if field is None:
            continue
        value = field["value"]
        bare = value.strip("\"'")
        if field["name"].lower() == "title" and bare:
            start = line.start() + field.start("value") + value.find(bare)
            facts.title = (start, start + len(bare))
        elif field["name"].lower() in ("author", "byline") and bare:
            facts.byline = bare
        elif field["name"].lower() in ("date", "published"):
            facts.published = parse_date(bare)
    return facts, match.end()


def _without_head(text: str, pieces: list[_Piece]) -> list[_Piece]:
    """Drop the site's lines above the title of a page pasted as text.

    A breadcrumb ("HomeHealthThe title") betrays the title that follows it.
    """
    for n, piece in enumerate(pieces[:8]):
        title = key_of(text[piece.start : piece.end])
        if n == 0 or piece.lines > 1 or len(title) < 10:
            continue
        for earlier in pieces[:n]:
            line = text[earlier.start : earlier.end]
            if len(line.split()) <= 40 and key_of(line).endswith(title):
                return pieces[n:]
    first = 0
    while first < min(4, len(pieces) - 1) and _is_furniture_only(text, pieces[first]):
        first += 1
    return pieces[first:]


def _without_tail(text: str, pieces: list[_Piece]) -> list[_Piece]:
    """Drop comment forms and link boxes at the end of a page pasted as text."""
    last_prose = max((n for n, p in enumerate(pieces) if _is_prose(text, p)), default=-1)
    seen = 0
    for n, piece in enumerate(pieces):
        lines = text[piece.start : piece.end].splitlines()
        words = len(text[piece.start : piece.end].split())
        if seen >= 60 and piece.kind in ("paragraph", "heading") and words <= 24:
            opens = closes_article(lines[0]) or opens_tail(lines[0]) or is_furniture(lines[0])
            if opens and n > last_prose:
                return pieces[:n]
        seen += words
    return pieces


def _is_prose(text: str, piece: _Piece) -> bool:
    words = text[piece.start : piece.end]
    return len(words.split()) >= 12 and bool(_STOP.search(words))


def _is_furniture_only(text: str, piece: _Piece) -> bool:
    lines = text[piece.start : piece.end].splitlines()
    return piece.kind == "paragraph" and all(is_furniture(line) for line in lines if line.strip())


def _titled(text: str, pieces: list[_Piece], facts: _Facts) -> list[_Piece]:
    """Mark the title; take the byline and date from the lines right under it."""
    title: _Piece | None = None
    if facts.title is not None:
        title = _Piece("title", *facts.title)
        pieces = [title, *pieces]
    elif pieces and _is_title(text, pieces):
        title = pieces[0]
        title.kind, title.level = "title", None
    if title is None:
        return pieces
    key = key_of(text[title.start : title.end])
    kept = [title]
    for n, piece in enumerate(pieces[1:]):
        words = text[piece.start : piece.end]
        if n < 6 and key_of(words) == key:
            continue
        if n < 3 and piece.kind == "paragraph" and len(words.split()) <= 20:
            by = _BY.match(words)
            if by and not _STOP.search(words) and facts.byline is None and piece.lines == 1:
                facts.byline = re.split(r"\s*[|·•,]\s*", by["name"])[0]
                continue
            if is_furniture(words) and (date := parse_date(words)):
                facts.published = facts.published or date
                continue
        kept.append(piece)
    return kept


def _is_title(text: str, pieces: list[_Piece]) -> bool:
    first = pieces[0]
    words = text[first.start : first.end]
    if first.kind == "heading":
        return first.level == 1
    return (
        first.kind == "paragraph"
        and first.lines == 1
        and len(pieces) > 1
        and len(words) <= _TITLE_CHARACTERS
        and len(words.split()) <= _TITLE_WORDS
        and not _STOP.search(words)
        and _blank_line_between(text, first, pieces[1])
    )


def _blank_line_between(text: str, piece: _Piece, following: _Piece) -> bool:
    between = text[piece.end : following.start]
    return len(re.findall(r"\r\n|\r|\n", between)) >= 2


def _mark_headings(text: str, pieces: list[_Piece]) -> None:
    """In plain text, a short line alone between blank lines is a heading.

    Only if running text comes soon after it: a list of names is no list of headings.
    """
    lonely = [
        piece.kind == "paragraph"
        and piece.lines == 1
        and looks_like_heading(text[piece.start : piece.end])
        for piece in pieces
    ]
    for n, piece in enumerate(pieces[:-1]):
        if lonely[n] and _blank_line_between(text, piece, pieces[n + 1]):
            soon = pieces[n + 1 : n + 3]
            if any(not lonely[n + 1 + m] and p.kind != "heading" for m, p in enumerate(soon)):
                piece.kind, piece.level = "heading", 2


def _links(text: str, pieces: list[_Piece]) -> Iterator[Link]:
    for piece in pieces:
        for match in _LINK.finditer(text, piece.start, piece.end):
            yield Link(start=match.start("text"), end=match.end("text"), href=match["href"])
