"""``claimcheck scan``: many articles, into a run folder that can be resumed and updated."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
from claimcheck.errors import UsageError
from claimcheck.settings import SETTINGS_BY_NAME, Settings, load_settings

if TYPE_CHECKING:
    from claimcheck.scan import Summary

__all__ = ["Request", "scan", "scan_request"]

_INTERRUPTED: Final = 130
_INPUT_TYPES: Final = ("auto", "list", "feed", "sitemap", "archive", "table", "page")
_SETTINGS: Final = (
    "workers", "connections", "delay_seconds", "retries", "cache_hours", "page_seconds",
    "page_memory_mb", "allow_private", "environment_proxy", "model", "profile", "select",
    "ignore", "min_severity", "min_score", "lexicons", "allow_lists",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks for. Exactly one of ``output``, ``resume`` and ``update``."""

    inputs: tuple[str, ...] = ()
    output: Path | None = None
    resume: Path | None = None
    update: Path | None = None
    only_new: bool = False
    column: str | None = None
    input_type: str = "auto"
    engine: str = "local"
    scheduler: str | None = None
    zstd: bool = False
    fail_on: int | None = None
    fail_on_unreadable: bool = False

    def __post_init__(self) -> None:
        given = [run for run in (self.output, self.resume, self.update) if run is not None]
        if len(given) > 1:
            raise UsageError("-o, --resume and --update each name a run; give one of them")
        if not given:
            raise UsageError(
                "where should the results go? Give -o RUN, a new folder (or --resume RUN or "
                "--update RUN, one that is there)"
            )
        if self.output is None and self.inputs:
            option = "--resume" if self.resume is not None else "--update"
            raise UsageError(
                f"{option} takes the inputs of the run; leave {printable(self.inputs[0])!r} out, "
                "or scan it into a run of its own with -o"
            )
        if self.output is not None and not self.inputs:
            raise UsageError("there is nothing to scan: give at least one INPUT")
        if self.output is None and (self.column is not None or self.input_type != "auto"):
            raise UsageError("--column and --input-type belong to a new run; the run has its own")
        if self.only_new and self.output is not None:
            raise UsageError("--only-new shows what an update found; give it with --update RUN")
        if self.scheduler is not None and self.engine != "dask":
            raise UsageError("--scheduler is the address of a Dask cluster; add --engine dask")

    @property
    def run(self) -> Path:
        """The run folder."""
        run = self.output or self.resume or self.update
        assert run is not None  # noqa: S101 - see above
        return run


@click.command(short_help="Scan many pages into a run folder.")
@click.argument("inputs", metavar="INPUT...", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="The run folder to make: what was found, what could not be read, and all that is needed "
    "to go on after an interruption.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Go on with a run that was interrupted, with its inputs and settings.",
)
@click.option(
    "--update",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Scan the inputs of a run anew, into a dated generation beside the earlier ones, and say "
    "what has changed.",
)
@click.option(
    "--only-new",
    is_flag=True,
    help="After --update, or --resume of one, show only findings that are new.",
)
@click.option(
    "--column",
    metavar="NAME",
    help="The column of a CSV list or a table that holds the addresses.",
)
@click.option(
    "--input-type",
    type=click.Choice(_INPUT_TYPES),
    default="auto",
    show_default=True,
    help="What the inputs are, where name and content do not tell.",
)
@click.option(
    "--engine",
    type=click.Choice(("local", "dask")),
    default="local",
    show_default=True,
    help="Where pages are judged: processes of this machine, or a Dask cluster (needs the extra "
    "[cluster]).",
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="The Dask scheduler to use; one is started otherwise."
)
@click.option("--zstd", is_flag=True, help="Pack the JSON Lines results with zstd.")
@click.option(
    "--fail-on",
    type=click.IntRange(1, 3),
    metavar="N",
    help="Exit with 1 if there is a finding of this severity or a worse one.",
)
@click.option(
    "--fail-on-unreadable", is_flag=True, help="Exit with 3 if an input could not be read."
)
@setting_options(*_SETTINGS)
@config_option
@verbosity_options
@click.pass_context
def scan(ctx: click.Context, /, *, config: Path | None, **parameters: Any) -> int:
    """Scan many pages and account for every one of them.

    INPUT is a list of addresses or files (.txt, .csv, or - for standard input), a folder or
    a pattern, a feed, a sitemap, a web archive (WARC or ARC), a table (JSON Lines or
    Parquet), an HTML page or a web address.

    Ctrl-C once finishes what is in hand and stops; twice stops at once. Either way, and
    after a crash, --resume RUN goes on: nothing is lost and nothing is done twice.

    Exits with 0 when the run is complete, whatever it found or could not read, unless
    --fail-on or --fail-on-unreadable is given; with 130 after Ctrl-C.
    """
    verbosity = verbosity_of(ctx)
    verbosity.apply()
    given = given_settings({name: value for name, value in parameters.items() if name in _SETTINGS})
    request = Request(
        **{name: value for name, value in parameters.items() if name not in _SETTINGS}
    )
    return scan_request(
        request, settings=_settings(request, given, config=config), verbosity=verbosity
    )


def scan_request(
    request: Request, *, settings: Settings, verbosity: Verbosity | None = None
) -> int:
    """Do what is asked, show how it gets on, print the summary, and return the exit code.

    :raises UsageError: the run folder, an input or a setting cannot be used.
    """
    from claimcheck.cli.scan_progress import watching
    from claimcheck.cli.scan_summary import print_summary
    from claimcheck.scan import Drained

    say = verbosity or Verbosity()
    terminal = sys.stderr is not None and sys.stderr.isatty()
    try:
        with watching(quiet=say.quiet, terminal=terminal) as watcher:
            summary = _summary(request, settings=settings, watcher=watcher)
    except (Drained, KeyboardInterrupt):
        # What was committed stays, also after the second Ctrl-C.
        _say(f"interrupted; to go on: {resume_command(request, settings)}")
        return _INTERRUPTED
    # What a watch prints is mailed to someone: with --only-new that is what is new alone.
    print_summary(summary, request.run, quiet=say.quiet, aside=request.only_new)
    worst = summary.worst
    if request.output is None:
        fresh = _print_changes(request.run, only_new=request.only_new)
        worst = fresh if request.only_new else worst
    return _exit_code(request, summary, worst=worst)


def resume_command(request: Request, settings: Settings) -> str:
    """What to type to go on. The options that a run does not keep are repeated."""
    words = ["claimcheck", "scan", "--resume", str(request.run)]
    words += [
        str(SETTINGS_BY_NAME[name].option)
        for name in ("allow_private", "environment_proxy")
        if getattr(settings, name)
    ]
    if request.engine != "local":
        words += ["--engine", request.engine]
    if request.scheduler is not None:
        words += ["--scheduler", request.scheduler]
    if request.only_new:
        words.append("--only-new")
    return shlex.join(words)


def _settings(request: Request, given: Mapping[str, object], *, config: Path | None) -> Settings:
    """The settings of a new run; or those of the run that is there, and what is given now."""
    if request.output is not None:
        return load_settings(cli=given, config=config)
    if config is not None:
        raise UsageError(
            f"--config {config}: belongs to a new run, and this one keeps the settings that it "
            "began with; leave --config out, and give what is to differ as an option"
        )
    from claimcheck.scan import settings_of

    return settings_of(request.run, given)


def _summary(request: Request, *, settings: Settings, watcher: Any) -> Summary:
    from claimcheck.scan import resume, scan, update
    from claimcheck.sources import ListingOptions

    how: dict[str, Any] = {
        "settings": settings,
        "engine": request.engine,
        "scheduler": request.scheduler,
        "zstd": request.zstd,
        "watcher": watcher,
    }
    if request.resume is not None:
        return resume(request.resume, **how)
    if request.update is not None:
        return update(request.update, **how)
    listing = ListingOptions(
        column=request.column,
        input_type=request.input_type,  # type: ignore[arg-type]  # click checks the choice
        max_bytes=settings.max_bytes,
    )
    return scan(request.inputs, request.run, listing=listing, **how)


def _exit_code(request: Request, summary: Summary, *, worst: int) -> int:
    """:param worst: the severity that ``--fail-on`` is held against; 0 for no finding."""
    if request.fail_on_unreadable and summary.unread:
        return 3
    return 1 if request.fail_on is not None and worst >= request.fail_on else 0


def _print_changes(run: Path, *, only_new: bool) -> int:
    """Print what an update has changed, if the latest generation is one.

    :returns: the worst severity of a new or changed finding, or 0.
    """
    from claimcheck.scan.change_records import (
        CHANGES_FILE,
        FindingChange,
        describe,
        is_fresh,
        read_changes,
    )
    from claimcheck.scan.change_records import only_new as fresh
    from claimcheck.scan.folder import RunFolder

    path = RunFolder.open(run).generation().path / CHANGES_FILE
    if not path.is_file():
        return 0
    changes = read_changes(path)
    for line in describe(fresh(changes) if only_new else changes):
        click.echo(line)
    return max(
        (
            change.new.severity
            for change in read_changes(path)
            if isinstance(change, FindingChange) and is_fresh(change) and change.new is not None
        ),
        default=0,
    )


def _say(message: str) -> None:
    click.echo(f"claimcheck: {printable(message)}", err=True)
