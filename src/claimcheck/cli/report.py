"""``claimcheck report``: a run folder → files for people and programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, TypeVar

import click

from claimcheck.cli.options import (
    Verbosity,
    config_option,
    given_settings,
    printable,
    setting_options,
    verbosity_of,
    verbosity_options,
)
from claimcheck.cli.output import check_output, open_output, standard_output
from claimcheck.errors import UsageError
from claimcheck.settings import load_settings

if TYPE_CHECKING:
    from claimcheck.records import Failure, Report
    from claimcheck.report import View
    from claimcheck.report.site import IndexRow
    from claimcheck.scan.folder import Generation
    from claimcheck.scan.ledger import FinalRow, Ledger

__all__ = ["FORMATS", "Found", "report", "report_run"]

FORMATS: Final = ("html", "csv", "jsonl", "json")
"""What a run can be turned into, the one for people first."""

_Item = TypeVar("_Item")


@dataclass(slots=True)
class Found:
    """What the run holds, as far as the exit code asks. ``worst`` is a severity, or 0.

    ``pending`` inputs are still to do; before all are ``listed``, nobody knows how many.
    """

    articles: int = 0
    unread: int = 0
    findings: int = 0
    worst: int = 0
    pending: int = 0
    listed: bool = True

    def add(self, severities: Iterable[int] | None) -> None:
        """Count one outcome by the severities of its findings; ``None`` for a failure."""
        if severities is None:
            self.unread += 1
            return
        listed = list(severities)
        self.articles += 1
        self.findings += len(listed)
        self.worst = max([self.worst, *listed])

    def exit_code(self, *, fail_on: int | None, fail_on_unreadable: bool) -> int:
        """3 if asked to fail on what was not read, or if inputs wait; 1 for findings; else 0."""
        if self.pending or not self.listed or (fail_on_unreadable and self.unread):
            return 3
        return 1 if fail_on is not None and self.worst >= fail_on else 0


@click.command(short_help="Turn a run into files for people and programs.")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--generation",
    metavar="NAME",
    help="The generation to report: the name of a folder in RUN.  [default: the latest]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="What to write: a folder with an HTML index and a page an article, one CSV row a "
    "finding, JSON Lines, or a JSON array.  [default: html]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write to OUT, a folder for html and a file for the others, which appears only when all "
    "is done. Its ending chooses the format where --format does not.  [default: the folder "
    "report in the generation for html, else standard output]",
)
@setting_options("min_severity")
@click.option(
    "--fail-on",
    type=click.IntRange(1, 3),
    metavar="N",
    help="Exit with 1 if there is a finding of this severity or a worse one.",
)
@click.option(
    "--fail-on-unreadable",
    is_flag=True,
    help="Exit with 3 if an input could not be read.",
)
@config_option
@verbosity_options
@click.pass_context
def report(
    ctx: click.Context,
    /,
    *,
    run: Path,
    generation: str | None,
    form: str | None,
    output: Path | None,
    fail_on: int | None,
    fail_on_unreadable: bool,
    config: Path | None,
    **given: object,
) -> int:
    """Turn the run folder RUN into a site, a spreadsheet or records.

    The HTML index is opened from disk and needs no server: it sorts, filters and searches
    every input of the run, those that could not be read and those that were skipped too.

    Exits with 0 whatever the run found or could not read, unless --fail-on or
    --fail-on-unreadable is given; with 3 if the run has not finished.
    """
    verbosity = verbosity_of(ctx)
    verbosity.apply()
    settings = load_settings(cli=given_settings(given), config=config)
    found = report_run(
        run,
        generation=generation,
        form=form,
        output=output,
        min_severity=settings.min_severity,
        verbosity=verbosity,
    )
    return found.exit_code(fail_on=fail_on, fail_on_unreadable=fail_on_unreadable)


def report_run(
    run: Path,
    *,
    generation: str | None = None,
    form: str | None = None,
    output: Path | None = None,
    min_severity: int = 1,
    verbosity: Verbosity | None = None,
) -> Found:
    """Write a generation of a run in one of :data:`FORMATS` and say what it holds.

    Memory does not grow with the text of the articles.

    :raises UsageError: there is no such run or generation, or the output cannot be written.
    """
    from claimcheck.scan.folder import RunFolder

    say = verbosity or Verbosity()
    chosen = form or _format_of(output)
    target = None if output is None or str(output) == "-" else output
    if chosen == "html" and output is not None and target is None:
        raise UsageError("an HTML report of a run is a folder and cannot go to standard output")
    if chosen != "html" and target is not None:
        check_output(target)
    part = RunFolder.open(run).generation(generation)
    with part.ledger() as ledger:
        counts = ledger.counts()
        found = Found(pending=counts.pending, listed=ledger.listed)
        total = counts.inputs - counts.pending
        _warn_of_the_rest(run, found, inputs=counts.inputs)
        wants_bar = not say.quiet and (chosen == "html" or target is not None)
        source = _Source(ledger, total=total if wants_bar else None, severity=min_severity)
        if chosen == "html":
            target = target or part.path / "report"
            _write_site(source, target, part=part, name=run.resolve().name, found=found)
        else:
            with _destination(target) as stream:
                _write_records(source, chosen, stream, found)
    if target is not None and not say.quiet:
        _say(f"{_in_words(found)}; written to {printable(str(_place(chosen, target)))}")
    return found


def _warn_of_the_rest(run: Path, found: Found, *, inputs: int) -> None:
    if found.listed and not found.pending:
        return
    left = (
        f"{found.pending:,} of {inputs:,} inputs are still to do"
        if found.listed
        else "its inputs have not all been listed"
    )
    name = printable(str(run))
    _say(f"{name} has not finished: {left}; `claimcheck scan --resume {name}` goes on with it")


def _format_of(output: Path | None) -> str:
    ending = "" if output is None else output.suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else FORMATS[0]


def _destination(target: Path | None) -> AbstractContextManager[TextIO]:
    if target is not None:
        return open_output(target)
    return nullcontext(standard_output(for_programs=True))


@dataclass(frozen=True, slots=True)
class _Source:
    """The outcomes of a ledger, read one by one; with ``total`` they move a bar on stderr."""

    ledger: Ledger
    total: int | None
    severity: int

    def lines(self) -> Iterator[bytes]:
        """The outcomes of the inputs that have one, as they were stored."""
        outcomes = (line for _, line in self.ledger.outcomes())
        return _with_bar(outcomes, total=self.total)

    def outcomes(self) -> Iterator[Report | Failure]:
        """The same as records, without the findings that are not wanted."""
        return (_outcome(line, severity=self.severity) for line in self.lines())

    def rows(self) -> Iterator[tuple[FinalRow, Report | Failure | None]]:
        """Every input that has a final state, with its outcome if it has one."""
        for row, line in _with_bar(self.ledger.rows_and_outcomes(), total=self.total):
            yield row, None if line is None else _outcome(line, severity=self.severity)


def _outcome(line: bytes, *, severity: int) -> Report | Failure:
    from claimcheck.records import Report, parse_outcome
    from claimcheck.report.narrow import at_least

    outcome = parse_outcome(json.loads(line))
    return at_least(outcome, severity) if isinstance(outcome, Report) else outcome


def _counted(outcome: Report | Failure, found: Found) -> Report | Failure:
    from claimcheck.records import Report

    if isinstance(outcome, Report):
        found.add(finding.severity for finding in outcome.findings)
    else:
        found.add(None)
    return outcome


# ---------------------------------------------------------------------- the formats


def _write_records(source: _Source, form: str, stream: TextIO, found: Found) -> None:
    from claimcheck.report import csv, jsonl
    from claimcheck.report import json as array

    if form == "jsonl" and source.severity == 1:
        # The stored line is the one that the format would write.
        for line in source.lines():
            data = json.loads(line)
            found.add(
                [item["severity"] for item in data["findings"]] if "findings" in data else None
            )
            stream.write(line.decode("utf-8") + "\n")
        return
    outcomes = (_counted(outcome, found) for outcome in source.outcomes())
    if form == "csv":
        csv.write(outcomes, stream)
    elif form == "jsonl":
        jsonl.write(outcomes, stream)
    else:
        array.write_array((outcome.to_json_dict() for outcome in outcomes), stream)


def _write_site(
    source: _Source, folder: Path, *, part: Generation, name: str, found: Found
) -> None:
    from claimcheck.report import site

    entries = (
        (_index_row(row), None if outcome is None else _counted(outcome, found))
        for row, outcome in source.rows()
    )
    about = site.About(name=name, generation=part.name, pending=found.pending)
    site.write(folder, entries, about=about, view=_view())


def _index_row(row: FinalRow) -> IndexRow:
    from claimcheck.report.site import IndexRow

    return IndexRow(
        seq=row.seq,
        uri=row.uri,
        state=row.state,
        reason=row.reason,
        message=row.message,
        of=row.of,
    )


def _view() -> View:
    from claimcheck.issues import load_catalogue
    from claimcheck.report import View

    return View(titles={issue.name: issue.title for issue in load_catalogue().issues})


# ---------------------------------------------------------------------- on stderr


def _with_bar(items: Iterable[_Item], *, total: int | None) -> Iterator[_Item]:
    """Pass the items on under a bar, if there is a total and a terminal at stderr."""
    if total is None or sys.stderr is None or not sys.stderr.isatty():
        yield from items
        return
    # rich takes a tenth of a second to import, which only a person at a terminal pays for.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        yield from bar.track(items, total=total, description="Reporting")


def _in_words(found: Found) -> str:
    words = (
        f"{_number(found.articles, 'article')}, {_number(found.findings, 'finding')}, "
        f"{found.unread:,} could not be read"
    )
    return f"{words}, {found.pending:,} still to do" if found.pending else words


def _place(form: str, target: Path) -> Path:
    return target / "index.html" if form == "html" else target


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _say(message: str) -> None:
    click.echo(f"claimcheck: {message}", err=True)
