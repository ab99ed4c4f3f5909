"""How a scan shows itself on stderr: a live bar for a person, plain lines for a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Self

import click

from claimcheck.scan.watching import Progress

if TYPE_CHECKING:
    from claimcheck.scan.ledger import Counts
    from claimcheck.scan.summary import Summary

__all__ = ["Bar", "Lines", "Quiet", "duration", "failures_in_words", "watching"]

_FIRST_LINE: Final = 10.0  # seconds until the first line of progress
_LONGEST_PAUSE: Final = 300.0  # seconds between two lines, however long the scan is
_LISTING_EVERY: Final = 10.0  # seconds
_REFRESHES: Final = 4  # of the bar, a second

STOPPING: Final = (
    "stopping: what is in hand is finished and kept; once more stops at once, and either way "
    "the scan can be resumed"
)


def watching(*, quiet: bool, terminal: bool) -> Quiet | Lines | Bar:
    """The watcher that suits the place where the scan is shown; a context manager."""
    if quiet:
        return Quiet()
    return Bar() if terminal else Lines()


class Quiet(AbstractContextManager["Quiet"]):
    """Says nothing."""

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def listing(self, count: int) -> None:
        """Say nothing."""

    def noted(self, text: str) -> None:
        """Say nothing."""

    def started(self, counts: Counts) -> None:
        """Say nothing."""

    def progressed(self, progress: Progress) -> None:
        """Say nothing."""

    def compiling(self) -> None:
        """Say nothing."""

    def finished(self, summary: Summary) -> None:
        """Say nothing."""


class _Telling(Quiet):
    """Passes on what is noted."""

    def noted(self, text: str) -> None:
        """Say it on a line of its own."""
        _say(text)


class Lines(_Telling):
    """Lines for a log: ten seconds apart at first, then ever less often."""

    def __init__(
        self, *, say: Callable[[str], None] | None = None, clock: Callable[[], float] | None = None
    ) -> None:
        self._say = say or _say
        self._clock = clock or time.monotonic
        self._began = self._clock()
        self._due = self._began + _LISTING_EVERY
        self._stopping = False

    def __enter__(self) -> Self:
        return self

    def listing(self, count: int) -> None:
        """A line every ten seconds."""
        if self._clock() >= self._due:
            self._due = self._clock() + _LISTING_EVERY
            self._say(f"listing: {_inputs(count)} so far")

    def started(self, counts: Counts) -> None:
        """One line."""
        self._say(opening(counts))
        self._began = self._clock()
        self._due = self._began + _FIRST_LINE

    def progressed(self, progress: Progress) -> None:
        """A line when it is time for one, and one when the scan is told to stop."""
        if progress.draining and not self._stopping:
            self._stopping = True
            self._say(STOPPING)
        now = self._clock()
        if now >= self._due:
            self._due = now + min(_LONGEST_PAUSE, max(_FIRST_LINE, (now - self._began) / 5))
            self._say(in_words(progress))

    def compiling(self) -> None:
        """One line."""
        self._say("writing the results")


class Bar(_Telling):
    """A bar with the rate, the time to go, hosts in flight and failures by kind."""

    def __init__(self, console: Any = None) -> None:
        # rich takes a tenth of a second to import, which only a person at a terminal pays for.
        from rich.console import Console
        from rich.live import Live
        from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as RichProgress
        from rich.text import Text

        self._console = console or Console(stderr=True)
        self._text = Text
        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[pace]}"),
            console=self._console,
            auto_refresh=False,
        )
        self._task = self._bar.add_task("Listing", total=None, pace="")
        self._detail = Text("")
        self._live = Live(
            console=self._console,
            get_renderable=self._shown,
            refresh_per_second=_REFRESHES,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._stopping = False

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def listing(self, count: int) -> None:
        """How many so far."""
        self._bar.update(self._task, completed=count)

    def started(self, counts: Counts) -> None:
        """The bar has an end from now on."""
        self._bar.update(
            self._task,
            description="Scanning",
            total=counts.inputs,
            completed=counts.inputs - counts.pending,
        )

    def progressed(self, progress: Progress) -> None:
        """Move the bar."""
        if progress.draining and not self._stopping:
            self._stopping = True
            self._bar.update(self._task, description="Stopping")
            self._live.console.print(self._text(f"claimcheck: {STOPPING}"), soft_wrap=True)
        self._bar.update(
            self._task, completed=progress.done, total=progress.total, pace=pace(progress)
        )
        self._detail = self._text(_detail(progress), style="dim")

    def compiling(self) -> None:
        """The bar stands still while files are written."""
        self._bar.update(self._task, description="Writing", pace="")
        self._detail = self._text("")

    def _shown(self) -> Any:
        from rich.console import Group

        bar = self._bar.get_renderable()
        return Group(bar, self._detail) if self._detail.plain else bar


# ---------------------------------------------------------------------- in words


def opening(counts: Counts) -> str:
    """How many inputs there are, and how many of them are to be read."""
    if counts.pending == counts.inputs:
        return _inputs(counts.inputs)
    return f"{_inputs(counts.inputs)}, {counts.pending:,} to read"


def in_words(progress: Progress) -> str:
    """The state of a scan on one line."""
    share = 100 * progress.done // progress.total if progress.total else 100
    words = f"{progress.done:,} of {progress.total:,} ({share} %)"
    so_fast = f", {pace(progress)}" if progress.rate > 0 else ""
    return f"{words}{so_fast}; {_detail(progress)}"


def pace(progress: Progress) -> str:
    """The rate and the time to go; nothing before there is a rate."""
    if progress.rate <= 0:
        return ""
    rate = f"{progress.rate:.1f}/s" if progress.rate < 100 else f"{progress.rate:,.0f}/s"
    return rate if progress.eta is None else f"{rate}, {duration(progress.eta)} to go"


def _detail(progress: Progress) -> str:
    parts = [f"{progress.busy} of {progress.workers} workers busy"]
    if progress.hosts_in_flight:
        parts.insert(0, f"{_number(progress.hosts_in_flight, 'host')} in flight")
    if progress.failures:
        parts.append(f"failed: {failures_in_words(progress.failures)}")
    return "; ".join(parts)


def failures_in_words(failures: Mapping[str, int]) -> str:
    """``12 timeout, 3 robots``, the most frequent first."""
    ordered = sorted(failures.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {kind}" for kind, number in ordered if number)


def duration(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3 h 20 min``, ``2 d 4 h``."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 36:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def _inputs(count: int) -> str:
    return _number(count, "input")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _say(message: str) -> None:
    click.echo(f"claimcheck: {message}", err=True)
