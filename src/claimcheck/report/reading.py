"""An article as HTML for reading: its blocks, with claims marked and their cues underlined."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from claimcheck.records import Block, Finding, Link, Report, Span
from claimcheck.report.inert import page_text
from claimcheck.report.links import safe_url
from claimcheck.report.view import SEVERITY_WORD, View, block_at, count, merged

__all__ = ["Mark", "Numbered", "Reading", "marks_of"]

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_ROW = re.compile(r"[^\n]+")
_CELL = " | "

T = TypeVar("T")
Piece = tuple[int, int, T | None]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding and the id of its card on the page."""

    key: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of text that one ``<mark>`` covers, with the findings about it."""

    key: str
    start: int
    end: int
    findings: tuple[Numbered, ...]

    @property
    def severity(self) -> int:
        """The severity of the gravest finding."""
        return max(item.finding.severity for item in self.findings)


def marks_of(report: Report, prefix: str) -> tuple[Mark, ...]:
    """Findings that overlap share a mark; marks are in text order and do not overlap.

    :param prefix: what the ids on the page begin with, one for each article.
    """
    groups: list[tuple[Span, list[Finding]]] = []
    for finding in sorted(report.findings, key=lambda item: (item.start, item.end, item.id)):
        if groups and finding.start < groups[-1][0][1]:
            (start, end), members = groups[-1]
            members.append(finding)
            groups[-1] = ((start, max(end, finding.end)), members)
        else:
            groups.append(((finding.start, finding.end), [finding]))
    marks, number = [], 0
    for position, ((start, end), members) in enumerate(groups, 1):
        members.sort(key=lambda item: (-item.severity, item.start, item.id))
        keyed = tuple(
            Numbered(f"{prefix}-f{number + step}", item) for step, item in enumerate(members, 1)
        )
        number += len(members)
        marks.append(Mark(f"{prefix}-m{position}", start, end, keyed))
    return tuple(marks)


class Reading:
    """Renders the blocks of one article.

    :param notes: makes the cards that follow a block from the marks that begin in it.
    :param top: the level of the article's own heading on the page, 1 or 2.
    """

    def __init__(
        self,
        report: Report,
        marks: Sequence[Mark],
        *,
        notes: Callable[[Sequence[Mark]], str],
        view: View,
        top: int,
    ) -> None:
        self._article = report.article
        self._text = report.article.text
        self._blocks = report.article.blocks or tuple(_paragraphs(self._text))
        self._marks = marks
        self._notes = notes
        self._view = view
        self._top = top
        self._level = top
        spans = (span for finding in report.findings for span in finding.evidence)
        self._cues = _Spans((start, end, True) for start, end in merged(sorted(spans)))
        links = sorted(report.article.links, key=lambda link: (link.start, link.end))
        self._links = _Spans((link.start, link.end, link) for link in _disjoint(links))
        self._marked = _Spans((mark.start, mark.end, mark) for mark in marks)

    def title(self, key: str) -> str | None:
        """The first block as the heading of the article, if it is a title."""
        if not self._blocks or self._blocks[0].kind != "title":
            return None
        block = self._blocks[0]
        heading = f'<h{self._top} id="{key}">{self.inline(block.start, block.end)}</h{self._top}>'
        return heading + self._cards(block)

    def body(self) -> str:
        """All other blocks, and at the end the cards whose words stand in no block."""
        blocks = self._blocks[1:] if self._blocks[:1] and self._has_title() else self._blocks
        parts: list[str] = []
        open_list = False
        for block in blocks:
            in_list = block.kind == "list-item"
            if in_list != open_list:
                parts.append("<ul>" if in_list else "</ul>")
                open_list = in_list
            parts.append(self._block(block))
        if open_list:
            parts.append("</ul>")
        loose = [mark for mark in self._marks if self._home(mark) is None]
        if loose:
            parts.append(self._notes(loose))
        return "\n".join(parts)

    def _has_title(self) -> bool:
        return self._blocks[0].kind == "title"

    def _home(self, mark: Mark) -> Block | None:
        index = block_at(self._blocks, mark.start)
        return self._blocks[index] if index is not None else None

    def _block(self, block: Block) -> str:
        cards = self._cards(block)
        if block.kind == "table":
            return self._table(block) + cards
        words = self.inline(block.start, block.end)
        if block.kind in ("heading", "title"):
            level = self._heading_level(block)
            return f"<h{level}>{words}</h{level}>{cards}"
        if block.kind == "list-item":
            return f"<li>{words}{cards}</li>"
        if block.kind == "quote":
            return f"<blockquote><p>{words}</p></blockquote>{cards}"
        return f"<p>{words}</p>{cards}"

    def _heading_level(self, block: Block) -> int:
        # The article's h2 stays one step below its title, and no level is skipped: pages
        # jump from h2 to h5 for looks, and a reader who moves by headings gets lost.
        wanted = self._top + max((block.level or 2) - 1, 1)
        self._level = max(self._top + 1, min(wanted, self._level + 1, 6))
        return self._level

    def _table(self, block: Block) -> str:
        rows = [
            (block.start + match.start(), block.start + match.end())
            for match in _ROW.finditer(self._text[block.start : block.end])
        ]
        parts = []
        for number, row in enumerate(rows):
            cells = list(self._cells(row))
            head = number == 0 and len(rows) > 1 and len(cells) > 1
            tag = 'th scope="col"' if head else "td"
            parts.append(
                "<tr>"
                + "".join(f"<{tag}>{self.inline(*cell)}</{tag[:2]}>" for cell in cells)
                + "</tr>"
            )
        return (
            '<div class="table" role="group" aria-label="Table" tabindex="0"><table>'
            + "".join(parts)
            + "</table></div>"
        )

    def _cells(self, row: Span) -> Iterator[Span]:
        start, end = row
        while True:
            place = self._text.find(_CELL, start, end)
            if place < 0:
                yield start, end
                return
            yield start, place
            start = place + len(_CELL)

    def _cards(self, block: Block) -> str:
        here = [mark for mark in self._marks if block.start <= mark.start < block.end]
        return self._notes(here) if here else ""

    def inline(self, start: int, end: int) -> str:
        """A stretch of the text with its marks, links and cues."""
        parts = []
        for first, last, mark in self._marked.pieces(start, end):
            words = self._linked(first, last)
            if mark is None:
                parts.append(words)
                continue
            # A mark cut short by the end of its block or cell still gets its number.
            ends = last == mark.end or last == end
            reference = self._reference(mark) if ends else ""
            parts.append(
                f'<mark class="s{mark.severity}" data-mark="{mark.key}">{words}{reference}</mark>'
            )
        return "".join(parts)

    def _reference(self, mark: Mark) -> str:
        first = mark.findings[0]
        titles = "; ".join(
            f"{SEVERITY_WORD[item.finding.severity]}, {self._view.title(item.finding.issue)}"
            for item in mark.findings
        )
        label = f"{count(len(mark.findings), 'finding')}: {titles}"
        return (
            f'<a class="ref" href="#{first.key}" aria-label="{page_text(label)}">'
            f"<sup>{mark.severity}</sup></a>"
        )

    def _linked(self, start: int, end: int) -> str:
        parts = []
        for first, last, link in self._links.pieces(start, end):
            words = self._cued(first, last)
            url = safe_url(link.href) if link else None
            if url and words.strip():
                words = f'<a href="{page_text(url)}" rel="noopener noreferrer">{words}</a>'
            parts.append(words)
        return "".join(parts)

    def _cued(self, start: int, end: int) -> str:
        return "".join(
            f'<b class="cue">{page_text(self._text[first:last])}</b>'
            if cue
            else page_text(self._text[first:last])
            for first, last, cue in self._cues.pieces(start, end)
        )


class _Spans(Generic[T]):
    """Spans that are sorted and do not overlap, each with what it stands for."""

    def __init__(self, spans: Iterable[tuple[int, int, T]]) -> None:
        self._spans = list(spans)

    def pieces(self, start: int, end: int) -> Iterator[Piece[T]]:
        """Cut ``[start, end)`` at the spans; between them stands ``None``."""
        position = start
        first_after = bisect_right(self._spans, start, key=lambda span: span[1])
        for first, last, item in islice(self._spans, first_after, None):
            if first >= end:
                break
            if first > position:
                yield position, first, None
            position = max(position, first)
            yield position, min(last, end), item
            position = min(last, end)
        if position < end:
            yield position, end, None


def _disjoint(links: Iterable[Link]) -> list[Link]:
    kept: list[Link] = []
    for link in links:
        if not kept or link.start >= kept[-1].end:
            kept.append(link)
    return kept


def _paragraphs(text: str) -> Iterator[Block]:
    """Blocks for an article that came without any: the text between blank lines."""
    position = 0
    for part in _BLANK_LINE.split(text):
        start = text.index(part, position)
        position = start + len(part)
        if part.strip():
            yield Block(kind="paragraph", start=start, end=position)
