"""Findings for a person at a terminal, in the order of the article.

Everything is built from styled pieces of text, never from markup, and every foreign word
goes through :func:`claimcheck.report.inert.terminal_text`: an article cannot paint,
move the cursor or set the window's title. Nothing rests on colour: severity is a word, and
where there is no colour the words that caused a finding are underlined with carets.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from types import MappingProxyType
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from claimcheck.records import Claim, Failure, Finding, Report, Source, Span
from claimcheck.report.inert import terminal_text
from claimcheck.report.view import (
    SEVERITIES,
    SEVERITY_WORD,
    Passage,
    View,
    block_at,
    count,
    display_title,
    heading_before,
    likelihood,
    listed,
    passages,
    severity_counts,
)

__all__ = ["write"]

_NARROWEST, _WIDEST, _UNKNOWN = 60, 120, 88
_STYLE: Mapping[int, str] = MappingProxyType({3: "bold red", 2: "bold yellow", 1: "bold blue"})
_CUE = "bold underline"
_LONGEST_SENTENCE = 700
"""A sentence longer than this is shown around its cues only."""

_AROUND = 160
_SLOTS = (
    "agent",
    "relation",
    "outcome",
    "population",
    "comparator",
    "magnitude",
    "source",
    "design",
)


@dataclass
class _Total:
    reports: int = 0
    failures: int = 0
    findings: tuple[Finding, ...] = ()
    hidden: int = 0


def write(outcomes: Iterable[Report | Failure], stream: TextIO, *, view: View) -> None:
    """Write each outcome as it comes, and a line of totals if there were several."""
    colour = _has_colour(stream) if view.colour is None else view.colour
    width = max(_NARROWEST, min(_WIDEST, view.width or _terminal_width()))
    total = _Total()
    for position, outcome in enumerate(outcomes):
        page = _Page(colour=colour, width=width, view=view)
        if position and not view.quiet:
            page.blank()
        if isinstance(outcome, Failure):
            total.failures += 1
            page.failure(outcome)
        else:
            total.reports += 1
            total.findings += outcome.findings
            total.hidden += view.hidden.get(outcome.source.uri, 0)
            page.report(outcome)
        _emit(page.text(), stream)
    if total.reports + total.failures > 1:
        page = _Page(colour=colour, width=width, view=view)
        page.total(total)
        _emit(page.text(), stream)


def _emit(text: str, stream: TextIO) -> None:
    # A terminal that is not UTF-8 gets question marks rather than a traceback.
    encoding = getattr(stream, "encoding", None)
    if encoding:
        text = text.encode(encoding, "replace").decode(encoding)
    stream.write(text)
    stream.flush()


def _has_colour(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def _terminal_width() -> int:
    return shutil.get_terminal_size((_UNKNOWN, 24)).columns


class _Page:
    """What is printed for one outcome, gathered before it is written."""

    def __init__(self, *, colour: bool, width: int, view: View) -> None:
        self._buffer = StringIO()
        self._colour = colour
        self._view = view
        self._console = Console(
            file=self._buffer,
            width=width,
            force_terminal=colour,
            # The sixteen colours that the user's own theme defines, so that they can be
            # read on a light and on a dark background.
            color_system="standard" if colour else None,
            no_color=not colour,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def text(self) -> str:
        # rich fills padded lines with blanks up to the width; copied text should not have them.
        if self._colour:
            return self._buffer.getvalue()
        return "".join(line.rstrip() + "\n" for line in self._buffer.getvalue().splitlines())

    def blank(self) -> None:
        self._console.print()

    def line(self, *pieces: str | tuple[str, str], indent: int = 0) -> None:
        """Print pieces, each a text or (text, style), wrapped to the width."""
        text = Text.assemble(*pieces, overflow="fold")
        self._console.print(Padding(text, (0, 0, 0, indent)))

    def report(self, report: Report) -> None:
        """Print one article with its findings, or its summary alone when quiet."""
        if self._view.quiet:
            title = terminal_text(display_title(report))
            self.line((title, "bold"), ": ", *self._flags(report.findings))
            return
        self._head(report)
        previous: Span | None = None
        for passage in passages(report):
            context = _context(report, passage)
            own = context is not None and context[0] <= passage.sentence[0] < context[1]
            if context != previous and context is not None and not own:
                self.blank()
                self.line(("§ ", "dim"), (_plain(report, context), "bold"))
            previous = context
            self._passage(report, passage, mark="§ " if own else "  ")
        self._summary(report)

    def _head(self, report: Report) -> None:
        article, title = report.article, display_title(report)
        self.line((terminal_text(title), "bold"))
        about = (article.byline, article.site, article.published, _where(report.source))
        shown = [terminal_text(" ".join(item.split())) for item in about if item and item != title]
        if shown:
            self.line((" · ".join(shown), "dim"))

    def _passage(self, report: Report, passage: Passage, *, mark: str) -> None:
        self.blank()
        sentence = _sentence_text(report.article.text, passage)
        for wrapped in sentence.wrap(self._console, self._console.width - len(mark)):
            wrapped.rstrip()
            carets = _carets(wrapped)
            self._console.print(Text.assemble((mark, "dim"), wrapped))
            mark = "  "
            if carets and not self._colour:
                self.line(carets, indent=len(mark))
        for finding in passage.findings:
            self._finding(finding)
            if self._view.verbose:
                self._detail(report, passage.claims[finding.claim], finding)

    def _finding(self, finding: Finding) -> None:
        word = SEVERITY_WORD[finding.severity]
        self.line(
            (word, _STYLE[finding.severity]),
            "  ",
            (terminal_text(self._view.title(finding.issue)), "bold"),
            (f"  {terminal_text(finding.issue)}", "dim"),
            indent=4,
        )
        self.line(terminal_text(finding.message), indent=6)
        if finding.suggestion:
            self.line(("Try: ", "bold green"), terminal_text(finding.suggestion), indent=6)
        self.line((terminal_text(finding.standard), "dim"), indent=6)

    def _detail(self, report: Report, claim: Claim, finding: Finding) -> None:
        text = report.article.text
        facts = [
            f"score {finding.score:.2f} ({likelihood(finding.score)})",
            f"{claim.kind} {claim.polarity}",
            f"strength {claim.strength}",
            f"hedge {claim.hedge}",
            f"stance {claim.stance}",
        ]
        if finding.missing:
            facts.append(f"missing {finding.missing}")
        self.line((" · ".join(facts), "cyan"), indent=6)
        spans = ((name, getattr(claim.slots, name)) for name in _SLOTS)
        slots = [f"{name} “{terminal_text(text[slice(*span)])}”" for name, span in spans if span]
        if slots:
            self.line((" · ".join(slots), "cyan"), indent=6)

    def _flags(self, findings: Iterable[Finding]) -> Iterator[str | tuple[str, str]]:
        counts = severity_counts(findings)
        if not any(counts.values()):
            yield ("nothing flagged", "green")
            return
        yield f"{count(sum(counts.values()), 'flag')} ("
        shown = [severity for severity in SEVERITIES if counts[severity]]
        for position, severity in enumerate(shown):
            yield (f"{counts[severity]:,} {SEVERITY_WORD[severity]}", _STYLE[severity])
            yield ", " if position < len(shown) - 1 else ")"

    def _summary(self, report: Report) -> None:
        numbers = report.summary
        hidden = self._view.hidden.get(report.source.uri, 0)
        self.blank()
        if not report.findings:
            self._clean(report, hidden)
        self.line(
            (
                f"{count(numbers.words, 'word')} · {count(numbers.sentences, 'sentence')} · "
                f"{count(numbers.claims, 'claim')} · ",
                "dim",
            ),
            *self._flags(report.findings),
            *self._more(hidden),
        )

    def _clean(self, report: Report, hidden: int) -> None:
        if hidden:
            reached = "Every flag here was removed by your filters."
        elif report.summary.claims:
            reached = "Well worded: no claim here says more than the article supports."
        else:
            reached = "Nothing to flag: no claim about benefit or harm was found."
        self.line(
            (reached, "green"),
            " That is about the wording; whether it is true is for you and your sources.",
        )

    def _more(self, hidden: int) -> Iterator[str | tuple[str, str]]:
        if hidden:
            yield (f" · {hidden:,} more hidden by filters", "dim")

    def failure(self, failure: Failure) -> None:
        """Print an input that could not be read."""
        again = " It may work later." if failure.error.retryable else ""
        self.line(
            ("could not read ", "bold red"),
            (terminal_text(failure.source.uri), "bold"),
            f" ({failure.error.kind})",
        )
        if not self._view.quiet:
            self.line(terminal_text(failure.error.message) + again, indent=2)

    def total(self, total: _Total) -> None:
        """Print the line of totals."""
        if not self._view.quiet:
            self.blank()
        inputs = [f"{count(total.reports, 'article')} read"]
        if total.failures:
            inputs.append(f"{total.failures:,} could not be read")
        self.line(
            (f"In all: {listed(inputs)} · ", "dim"),
            *self._flags(total.findings),
            *self._more(total.hidden),
        )


def _where(source: Source) -> str:
    return "typed text" if source.kind == "text" and source.uri in ("", "-") else source.uri


def _plain(report: Report, span: Span) -> str:
    return " ".join(terminal_text(report.article.text[slice(*span)]).split())


def _context(report: Report, passage: Passage) -> Span | None:
    """The heading to print above a passage; none for the title and the lead."""
    article = report.article
    index = block_at(article.blocks, passage.sentence[0])
    block = heading_before(article, index) if index is not None else None
    return (block.start, block.end) if block else None


def _sentence_text(source: str, passage: Passage) -> Text:
    """The sentence on one line, its cues styled; a very long one around its cues only."""
    start, end = passage.sentence
    cues = passage.evidence
    windows: list[Span] = [(start, end)]
    if end - start > _LONGEST_SENTENCE:
        windows = []
        for first, last in cues or ((start, start),):
            reach = _words_around(source, (start, end), cue=(first, last))
            if windows and reach[0] <= windows[-1][1]:
                windows[-1] = (windows[-1][0], reach[1])
            else:
                windows.append(reach)
    style = _CUE + " " + _STYLE[passage.findings[0].severity].removeprefix("bold ")
    text = Text(overflow="fold")
    for first, last in windows:
        if first > start:
            text.append("… ")
        _append(text, source, (first, last), cues, style)
    if windows[-1][1] < end:
        text.append(" …")
    return text


def _words_around(source: str, sentence: Span, *, cue: Span) -> Span:
    """The cue with its surroundings, cut between words where there are any."""
    start = max(sentence[0], cue[0] - _AROUND)
    if start > sentence[0]:
        start = max(start, source.find(" ", start, cue[0]) + 1)
    end = min(sentence[1], cue[1] + _AROUND)
    if end < sentence[1]:
        place = source.rfind(" ", cue[1], end)
        end = place if place >= 0 else end
    return start, end


def _append(text: Text, source: str, window: Span, cues: tuple[Span, ...], style: str) -> None:
    position, stop = window
    for first, last in cues:
        first, last = max(first, position), min(last, stop)
        if first >= last:
            continue
        text.append(terminal_text(source[position:first]))
        text.append(_cut(terminal_text(source[first:last])), style)
        position = last
    text.append(terminal_text(source[position:stop]))


def _cut(words: str) -> str:
    """A cue of a sane length: the longest one in our lexicons has some sixty characters."""
    if len(words) <= _LONGEST_SENTENCE:
        return words
    return words[:_AROUND] + " … " + words[-_AROUND:]


def _carets(line: Text) -> str:
    marks = [" "] * cell_len(line.plain)
    for span in line.spans:
        if _CUE not in str(span.style):
            continue
        first = cell_len(line.plain[: span.start])
        last = cell_len(line.plain[: span.end].rstrip())
        marks[first:last] = "^" * (last - first)
    return "".join(marks).rstrip()
