"""HTML for a run: a folder that is opened from disk, with an index and a page an article.

::

    index.html          figures, and one row an input, to sort, filter and search
    articles/<seq>.html the page that ``check --format html`` writes, with a link back
    inputs.csv          one row an input, for a spreadsheet
    findings.csv        one row a finding and one a failure (:mod:`claimcheck.report.csv`)

Everything is written as it comes, so memory does not grow with the articles' text. The
folder is built beside its place and renamed, so that no half of it is ever seen there.

**Data.** The rows stand in ``index.html`` as blocks of JSON, not in a script beside it: a
page opened from disk has an opaque origin, for which Chromium neither applies a policy's
hash nor an ``integrity`` attribute to a script file (measured in version 156). A block of
JSON is never run, so the policy need not allow it, and stays as strict as that of an
article's page: one style sheet and one script, by their hashes.
"""

from __future__ import annotations

import csv as spreadsheet
import json
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import IO, Final, TextIO

from claimcheck.errors import UsageError
from claimcheck.records import Failure, Report
from claimcheck.report import csv, html
from claimcheck.report.inert import cell, page_text, plain_text
from claimcheck.report.links import safe_url
from claimcheck.report.overview import (
    COLUMNS,
    MOST_ROWS_WITHOUT_SCRIPT,
    STATE_WORD,
    IndexRow,
    Totals,
    choices,
    described,
    percent,
    rows,
    site_of,
    tiles,
)
from claimcheck.report.view import View, count

__all__ = ["INPUT_COLUMNS", "MOST_ROWS", "About", "IndexRow", "check_folder", "write"]

MOST_ROWS: Final = 200_000
"""The most inputs that one index holds: twice those that Chromium was seen to sort in 0.2 s."""

INPUT_COLUMNS: Final[tuple[str, ...]] = (
    "number",
    "address",
    "site",
    "state",
    "reason",
    "message",
    "same_as",
    "page",
    "title",
    "words",
    "claims",
    "serious",
    "moderate",
    "minor",
    "score",
    "issues",
)
"""The columns of ``inputs.csv``."""

_CONTENTS: Final = frozenset({"index.html", "articles", "inputs.csv", "findings.csv"})
_MARK: Final = '<meta name="generator" content="claimcheck report">'
_DATA: Final = "<!--data-->"
_CHUNK: Final = 2_000  # rows a block of JSON: about 25 ms to read, so the page stays alive
_STATES: Final = {state: index for index, state in enumerate(STATE_WORD)}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the index says of the run: its name, which pass of it, and what is not done yet."""

    name: str
    generation: str = ""
    pending: int = 0


def write(
    folder: Path,
    entries: Iterable[tuple[IndexRow, Report | Failure | None]],
    *,
    about: About,
    view: View,
) -> Totals:
    """Write the site of a run and say what its rows add up to.

    :param folder: where it goes; an earlier report there is replaced when all went well.
    :param entries: one pair an input, in order of ``seq``, each row with its outcome, or
        ``None`` for an input that was skipped. The title and the figures of a row are
        taken from its report.
    :raises UsageError: the folder cannot be written, holds something else, or there are
        more than :data:`MOST_ROWS` inputs.
    """
    check_folder(folder)
    try:
        with _built_beside(folder.resolve()) as place:
            return _build(place, entries, about=about, view=view)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({error.strerror or error})") from error


def check_folder(folder: Path) -> None:
    """Make sure, before any work is done, that a report may take this place.

    :raises UsageError: it has no parent folder, is a file, or holds what is not a report.
    """
    if not folder.resolve().parent.is_dir():
        raise UsageError(f"{folder}: there is no folder {folder.parent}; create it first")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder}: is a file; an HTML report of a run is a folder, name another")
    found = {path.name for path in folder.iterdir()}
    if found and not (found <= _CONTENTS and _is_index(folder / "index.html")):
        raise UsageError(
            f"{folder}: holds files that are not a report of claimcheck and would be lost; "
            "name a folder that is new or empty"
        )


def _is_index(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return _MARK in stream.read(4096)
    except OSError:
        return False


@contextmanager
def _built_beside(folder: Path) -> Iterator[Path]:
    """A new folder beside ``folder`` that takes its place when all went well."""
    stem = f".{folder.name[:100]}.{secrets.token_hex(6)}"
    place = folder.with_name(f"{stem}.tmp")
    place.mkdir()
    try:
        yield place
        _take_place(place, folder, aside=folder.with_name(f"{stem}.old"))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _take_place(place: Path, folder: Path, *, aside: Path) -> None:
    if not folder.exists():
        place.rename(folder)
        return
    # A folder that is not empty cannot be renamed over, so the old one steps aside first.
    folder.rename(aside)
    try:
        place.rename(folder)
    except BaseException:
        aside.rename(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _build(
    place: Path,
    entries: Iterable[tuple[IndexRow, Report | Failure | None]],
    *,
    about: About,
    view: View,
) -> Totals:
    (place / "articles").mkdir()
    options = {"encoding": "utf-8", "newline": ""}
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=place) as data,
        (place / "inputs.csv").open("x", **options) as inputs,  # type: ignore[call-overload]
        (place / "findings.csv").open("x", **options) as findings,  # type: ignore[call-overload]
    ):
        builder = _Builder(place=place, view=view, data=data, inputs=inputs)
        csv.write(builder.outcomes(entries), findings)
        builder.finish()
        with (place / "index.html").open("x", encoding="utf-8", newline="") as stream:
            _write_index(stream, builder, about=about)
    return builder.totals


@dataclass(slots=True)
class _Numbered:
    """Words by number, in the order in which they were met."""

    numbers: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, word: str) -> int:
        return self.numbers.setdefault(word, len(self.numbers))

    def shown(self) -> list[str]:
        return [plain_text(word) for word in self.numbers]


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Takes the entries one by one and writes what each of them gives."""

    place: Path
    view: View
    data: IO[str]
    inputs: TextIO
    totals: Totals = field(default_factory=Totals)
    pages: dict[int, int] = field(default_factory=dict)
    tools: dict[str, None] = field(default_factory=dict)
    sites: _Numbered = field(default_factory=_Numbered)
    reasons: _Numbered = field(default_factory=_Numbered)
    issues: _Numbered = field(default_factory=_Numbered)

    def outcomes(
        self, entries: Iterable[tuple[IndexRow, Report | Failure | None]]
    ) -> Iterator[Report | Failure]:
        """Hand on the outcomes, having written the article page and the rows of each."""
        table = spreadsheet.DictWriter(self.inputs, INPUT_COLUMNS, lineterminator="\r\n")
        table.writeheader()
        for row, outcome in entries:
            shown = row
            if isinstance(outcome, Report):
                shown = described(row, outcome)
                self._article(row.seq, outcome)
            elif row.of in self.pages:
                self.pages[row.seq] = self.pages[row.of]
            self._add(shown)
            table.writerow({key: cell(value) for key, value in self._input(shown).items()})
            if outcome is not None:
                yield outcome

    def _article(self, seq: int, report: Report) -> None:
        text = html.page((report,), view=self.view, home="../index.html")
        (self.place / "articles" / f"{seq}.html").write_text(text, encoding="utf-8", newline="")
        self.pages[seq] = seq
        self.tools[html.tool_line(report.tool)] = None

    def _add(self, row: IndexRow) -> None:
        number = self.totals.inputs
        if number == MOST_ROWS:
            raise UsageError(
                f"the run has more than {MOST_ROWS:,} inputs, more than a browser can hold in "
                "one index; use --format csv or jsonl, or the Parquet file of the run"
            )
        if number % _CHUNK == 0:
            self.data.write("]</script>\n" if number else "")
            self.data.write('<script type="application/json" class="rows">[\n')
        else:
            self.data.write(",\n")
        self.data.write(_inert_json(self._datum(row)))
        self.totals.add(row)

    def _datum(self, row: IndexRow) -> list[object]:
        """The row as ``load`` in ``site.js`` reads it."""
        live = safe_url(row.uri)
        return [
            row.seq,
            _STATES[row.state],
            -1 if row.reason is None else self.reasons[row.reason],
            plain_text(row.title),
            plain_text(row.uri),
            1 if live == row.uri else live,
            self.sites[site_of(row.uri)],
            self.pages.get(row.seq, -1),
            row.words,
            row.claims,
            *row.severities,
            -1 if row.score is None else percent(row.score),
            [self.issues[issue] for issue in row.issues],
            plain_text(row.message or ""),
        ]

    def _input(self, row: IndexRow) -> dict[str, str]:
        page = self.pages.get(row.seq)
        done = row.state == "done"
        serious, moderate, minor = row.severities
        return {
            "number": str(row.seq),
            "address": row.uri,
            "site": site_of(row.uri),
            "state": row.state,
            "reason": row.reason or "",
            "message": row.message or "",
            "same_as": "" if row.of is None else str(row.of),
            "page": "" if page is None else f"articles/{page}.html",
            "title": row.title,
            "words": str(row.words) if done else "",
            "claims": str(row.claims) if done else "",
            "serious": str(serious) if done else "",
            "moderate": str(moderate) if done else "",
            "minor": str(minor) if done else "",
            "score": "" if row.score is None else f"{row.score:.4f}",
            "issues": " | ".join(f"{name}: {times}" for name, times in row.issues.items()),
        }

    def finish(self) -> None:
        """End the last block of rows and write what their numbers mean."""
        if self.totals.inputs:
            self.data.write("]</script>\n")
        names = {
            "sites": self.sites.shown(),
            "reasons": self.reasons.shown(),
            "issues": self.issues.shown(),
        }
        self.data.write(
            f'<script type="application/json" id="names">{_inert_json(names)}</script>\n'
        )


def _inert_json(value: object) -> str:
    """JSON that cannot end the element that it stands in, nor open a comment there."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _write_index(stream: TextIO, builder: _Builder, *, about: About) -> None:
    totals, view = builder.totals, builder.view
    style = f"{html.asset('report.css')}\n{html.asset('site.css')}"
    script = html.asset("site.js")
    options = choices(totals, view)
    frame = Template(html.asset("site.html")).substitute(
        policy=html.policy(style=style, script=script),
        mark=_MARK,
        style=style,
        script=script,
        name=page_text(about.name),
        facts=_facts(about, builder.tools),
        tiles=tiles(totals, pending=about.pending, pages=builder.pages, view=view),
        headings=_headings(),
        rows="\n".join(rows(totals.worst, pages=builder.pages)),
        total=totals.inputs,
        rowcount=totals.inputs + 1,
        shown=_shown_without_script(totals.inputs),
        **{f"{name}_options": markup for name, markup in options.items()},
    )
    # Markup in foreign text is escaped, so the place of the data occurs once.
    before, after = frame.split(_DATA)
    stream.write(before)
    builder.data.flush()
    builder.data.seek(0)
    shutil.copyfileobj(builder.data, stream)
    stream.write(after + "\n")


def _facts(about: About, tools: Iterable[str]) -> str:
    facts = [f"Run of {_moment(about.generation)}"] if about.generation else []
    return "".join(f'<p class="facts">{fact}</p>' for fact in [*facts, *tools])


def _moment(generation: str) -> str:
    """``20261124T211500Z`` → ``2026-11-24 21:15 UTC``; any other name as it is."""
    digits = generation.replace("T", "").removesuffix("Z")
    if len(digits) != 14 or not digits.isascii() or not digits.isdigit():
        return page_text(generation)
    day, time = digits[:8], digits[8:]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {time[:2]}:{time[2:4]} UTC"


def _headings() -> str:
    first = {"serious": ' aria-sort="descending"'}
    return "".join(
        f'<th scope="col" class="{kind}" data-sort="{name}"{first.get(name, "")}>{words}</th>'
        for name, words, kind in COLUMNS
    )


def _shown_without_script(total: int) -> str:
    if total > MOST_ROWS_WITHOUT_SCRIPT:
        return (
            f"The first {MOST_ROWS_WITHOUT_SCRIPT} of {total:,} inputs, the worst first; "
            "sorting, filtering and the rest need JavaScript, or the spreadsheet."
        )
    return f"{count(total, 'input')}, the worst first."
