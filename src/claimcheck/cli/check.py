"""``claimcheck check``: one or a few articles."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

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
from claimcheck.cli.progress import progressing
from claimcheck.errors import UsageError
from claimcheck.settings import SETTINGS_BY_NAME, Settings, load_settings, settings_files

if TYPE_CHECKING:
    from claimcheck.records import Failure, Report
    from claimcheck.report import View

__all__ = ["Tally", "check", "check_inputs"]

_FOR_PEOPLE: Final = ("terminal", "html")
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(slots=True)
class Tally:
    """What became of the inputs. ``worst`` is the highest severity found, or 0."""

    reports: int = 0
    failures: int = 0
    findings: int = 0
    worst: int = 0

    def add(self, outcome: Report | Failure) -> None:
        """Count one outcome."""
        # By its schema, so that importing this module does not import pydantic.
        if outcome.schema_ == "claimcheck.failure/1":
            self.failures += 1
            return
        self.reports += 1
        self.findings += len(outcome.findings)
        self.worst = max([self.worst, *(finding.severity for finding in outcome.findings)])

    def exit_code(self, *, fail_on: int, exit_zero: bool = False) -> int:
        """3 if an input could not be read, else 1 for findings of that severity, else 0.

        ``exit_zero`` pardons findings, never an input that could not be read.
        """
        if self.failures:
            return 3
        return 1 if self.worst >= fail_on and not exit_zero else 0


@click.command(short_help="Check one or a few articles.")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@setting_options("format")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the results to FILE, which appears only when all is done. Its ending chooses "
    "the format where --format does not.",
)
@setting_options("model", "profile", "select", "ignore", "min_severity", "min_score", "fail_on")
@click.option(
    "--exit-zero",
    is_flag=True,
    help="Exit with 0 also if there are findings; an input that could not be read still gives 3.",
)
@setting_options("lexicons", "allow_lists", "allow_private")
@config_option
@verbosity_options
@click.pass_context
def check(
    ctx: click.Context,
    /,
    *,
    inputs: tuple[str, ...],
    output: Path | None,
    exit_zero: bool,
    config: Path | None,
    **given: object,
) -> int:
    """Check articles and say which sentences claim more than the article supports.

    INPUT is a file (HTML, plain text or Markdown), a web address, or - for standard
    input. Every input is reported, also if another one cannot be read.

    Exits with 0 if there is nothing at or above --fail-on, 1 if there is, 2 for a wrong
    option or setting, and 3 if an input could not be read, whatever the others hold.
    """
    verbosity = verbosity_of(ctx)
    verbosity.apply()
    settings = load_settings(cli=given_settings(given), config=config)
    if verbosity.verbose:
        for file in settings_files(config=config):
            _say(f"settings from {file.path}")
        _say(f"model {settings.model}, profile {settings.profile}")
    return check_inputs(
        inputs, settings=settings, output=output, exit_zero=exit_zero, verbosity=verbosity
    )


def check_inputs(
    inputs: Sequence[str],
    *,
    settings: Settings,
    output: Path | None = None,
    exit_zero: bool = False,
    verbosity: Verbosity | None = None,
) -> int:
    """Check every input, write what was found, and return the exit code.

    :param output: the file to write; null, or ``-``, for standard output.
    :raises UsageError: an input or the output cannot be what they are asked to be.
    """
    say = verbosity or Verbosity()
    names = tuple(inputs)
    target = None if output is None or str(output) == "-" else output
    _refuse_impossible(names)
    if target is not None:
        check_output(target, inputs=names)
    if "-" in names and sys.stdin is not None and sys.stdin.isatty() and not say.quiet:
        _say("reading the article from the terminal; end it with Ctrl-D on a line of its own")

    from claimcheck import report

    chosen = output_format(settings, target)
    tally = Tally()
    outcomes = progressing(_checked(names, settings), total=len(names), quiet=say.quiet)
    in_report = chosen == "terminal" and target is None
    outcomes = _counted(outcomes, tally, echo_failures=not in_report)
    with _destination(target, for_programs=chosen not in _FOR_PEOPLE) as stream:
        report.write_outcomes(outcomes, format=chosen, stream=stream, view=_view(chosen, say))
    if target is not None and not say.quiet:
        _say(f"{_in_words(tally)}; written to {target}")
    return tally.exit_code(fail_on=settings.fail_on, exit_zero=exit_zero)


def _checked(inputs: Sequence[str], settings: Settings) -> Iterator[Report | Failure]:
    """The outcomes, in order. Loading the model is part of the wait for the first."""
    from claimcheck import checker

    yield from checker.Checker(settings).check_many(inputs)


def output_format(settings: Settings, output: Path | None) -> str:
    """The format asked for on the command line, else by the file's ending, else as set."""
    if output is not None and settings.origin["format"] != "command line":
        ending = output.suffix.lower().removeprefix(".")
        if ending in SETTINGS_BY_NAME["format"].choices:
            return ending
    return settings.format


def _refuse_impossible(inputs: Sequence[str]) -> None:
    """:raises UsageError: an input is empty, a directory, or standard input twice."""
    for name, times in Counter(inputs).items():
        if not name.strip():
            raise UsageError("an INPUT is empty; give a file, a web address or -")
        if name == "-" and times > 1:
            raise UsageError("- stands for standard input, which can be read only once")
        if not _ADDRESS.match(name) and _is_directory(name):
            raise UsageError(
                f"{printable(name)}: is a directory; name the files in it, such as "
                f"{printable(str(Path(name) / '*.html'))}, or check all of them with "
                f"`claimcheck scan {printable(name)} -o RUN`"
            )


def _is_directory(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False


def _destination(target: Path | None, *, for_programs: bool) -> AbstractContextManager[TextIO]:
    if target is not None:
        return open_output(target)
    return nullcontext(standard_output(for_programs=for_programs))


def _counted(
    outcomes: Iterable[Report | Failure], tally: Tally, *, echo_failures: bool
) -> Iterator[Report | Failure]:
    for outcome in outcomes:
        tally.add(outcome)
        if outcome.schema_ == "claimcheck.failure/1" and echo_failures:
            name = printable(outcome.source.uri)
            message = printable(outcome.error.message)
            _say(f"error: {message}" if message.startswith(name) else f"error: {name}: {message}")
        yield outcome


def _view(chosen: str, verbosity: Verbosity) -> View:
    from claimcheck.report import View

    if chosen not in _FOR_PEOPLE:
        return View()
    from claimcheck.issues import load_catalogue

    titles = {issue.name: issue.title for issue in load_catalogue().issues}
    return View(titles=titles, quiet=verbosity.quiet, verbose=verbosity.verbose)


def _in_words(tally: Tally) -> str:
    words = f"{_number(tally.reports, 'article')}, {_number(tally.findings, 'finding')}"
    return f"{words}, {tally.failures:,} could not be read" if tally.failures else words


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _say(message: str) -> None:
    click.echo(f"claimcheck: {message}", err=True)
