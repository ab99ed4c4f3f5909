"""What a scan says about itself while it runs, and how it is told to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from claimcheck.errors import ClaimcheckError

if TYPE_CHECKING:
    from claimcheck.scan.ledger import Counts
    from claimcheck.scan.summary import Summary

__all__ = ["Drained", "Interrupts", "Pace", "Progress", "Silent", "Watcher"]

_WINDOW: Final = 60.0  # seconds that the rate is an average of
_FIRST_RATE: Final = 3.0  # seconds of work before there is a rate


class Drained(ClaimcheckError):  # noqa: N818 - an ending, not an error
    """The scan was interrupted; what was in hand is committed, the rest can be resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a scan is. Everything that it counts has been committed.

    ``rate`` is inputs a second over the last minute, ``eta`` seconds to go or null where
    nobody can tell yet. ``workers`` processes there are, ``busy`` of them judge a page.
    """

    done: int
    total: int
    rate: float
    eta: float | None
    hosts_in_flight: int
    failures: Mapping[str, int]
    busy: int
    workers: int
    waiting: int = 0
    draining: bool = False


class Watcher(Protocol):
    """Is told how a scan gets on; called in the thread that called the scan."""

    def listing(self, count: int) -> None:
        """So many inputs have been listed."""

    def noted(self, text: str) -> None:
        """Something that the person should know, such as where a dashboard is."""

    def started(self, counts: Counts) -> None:
        """Everything is listed, and so many inputs are to be read."""

    def progressed(self, progress: Progress) -> None:
        """Called at most a few times a second."""

    def compiling(self) -> None:
        """All is judged (or the scan was interrupted); the result files are being written."""

    def finished(self, summary: Summary) -> None:
        """The result files are written."""


class Silent:
    """A watcher that says nothing."""

    def noted(self, text: str) -> None:
        """Nothing."""

    def listing(self, count: int) -> None:
        """Say nothing."""

    def started(self, counts: Counts) -> None:
        """Say nothing."""

    def progressed(self, progress: Progress) -> None:
        """Say nothing."""

    def compiling(self) -> None:
        """Say nothing."""

    def finished(self, summary: Summary) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Pace:
    """Inputs a second over the last minute."""

    clock: Callable[[], float] = time.monotonic
    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def mark(self, done: int) -> None:
        """So many inputs are done at this moment."""
        now = self.clock()
        if self._marks and now - self._marks[-1][0] < 0.25:
            return  # a mark a quarter of a second is plenty
        if len(self._marks) == 1 and self._marks[0][1] == done:
            self._marks.clear()  # models are loading; that says nothing about the pages
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[0][0] > _WINDOW:
            self._marks.popleft()

    def rate(self, done: int) -> float:
        """Inputs a second; 0.0 until there are some seconds to measure."""
        if not self._marks:
            return 0.0
        began, before = self._marks[0]
        seconds = self.clock() - began
        return (done - before) / seconds if seconds >= _FIRST_RATE else 0.0


class Interrupts:
    """Ctrl-C and SIGTERM: the first lets a scan finish what it has in hand, the second ends it.

    ``wake`` is called when the first one comes; it must be safe in a signal handler.
    """

    def __init__(self) -> None:
        self.requested = False
        self.wake: Callable[[], None] | None = None

    def request(self) -> None:
        """Ask for an orderly stop.

        :raises KeyboardInterrupt: it was asked for before.
        """
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        if self.wake is not None:
            self.wake()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to the signals until the block ends; only in the main thread, which gets them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._heard) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _heard(self, _number: int, _frame: object) -> None:
        self.request()
