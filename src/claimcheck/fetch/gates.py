"""Whose turn it is: one request at a time to each host, with a delay between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from claimcheck.errors import SourceError
from claimcheck.fetch.records import BusyError, HostStats

__all__ = ["LONGEST_DELAY", "LONGEST_PAUSE", "Gates", "first_wait"]

LONGEST_DELAY = 60.0
"""Seconds: a longer crawl-delay in a ``robots.txt`` is taken for this. A site with an
hour's delay would hold up a scan for weeks, and one request a minute burdens nobody."""

LONGEST_PAUSE = 600.0
"""Seconds: a longer ``Retry-After`` is taken for this."""

_LONGEST_GROWN_PAUSE = 60.0  # seconds, where a busy host names no time
_PATIENCE = 60.0  # seconds that a thread waits for a pause to end before it gives up


def first_wait(delay: float) -> float:
    """Seconds to wait after a first failure, to be doubled after each further one."""
    return max(0.1, 2 * delay)


@dataclass(slots=True)
class _Host:
    delay: float
    busy: bool = False
    requests: int = 0
    first: float | None = None
    last: float | None = None
    paused_until: float = 0.0
    refusals: int = 0  # 429 and 503 answers in a row

    def ready_at(self) -> float:
        after_last = 0.0 if self.last is None else self.last + self.delay
        return max(after_last, self.paused_until)


class Gates:
    """One gate a host; safe to use from many threads.

    A request may begin when none is under way, ``delay`` seconds have passed since the
    last one began (or was sent, where connecting took time), and no pause is in force. A
    host that answers 429 or 503 is paused for as long as it says (at most
    :data:`LONGEST_PAUSE`), or where it does not say, for a time that doubles with every
    such answer in a row.

    :param delay: seconds, the least for any host.
    :param clock: monotonic seconds.
    """

    def __init__(self, *, delay: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._delay = delay
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._changed = threading.Condition()
        self._closed = False

    @contextmanager
    def turn(self, host: str) -> Iterator[float]:
        """Wait for the host's turn and hold it; gives the seconds waited.

        :raises SourceError: ``server-error``: the host is paused for longer than a
            thread should wait; ``connection``: closed meanwhile.
        """
        waited = self._enter(host)
        busy: BusyError | None = None
        try:
            yield waited
        except BusyError as error:
            busy = error
            raise
        finally:
            self._leave(host, busy)

    def sent(self, host: str, at: float) -> None:
        """Count the delay from when the request really left, by the monotonic clock."""
        with self._changed:
            state = self._state(host)
            state.last = at if state.last is None else max(state.last, at)

    def slow_down(self, host: str, delay: float) -> None:
        """Ask the host no faster than this from now on."""
        with self._changed:
            state = self._state(host)
            state.delay = max(state.delay, min(delay, LONGEST_DELAY))

    def ready_in(self, host: str) -> float:
        """Seconds until the host may be asked again, if nothing else comes in between."""
        with self._changed:
            state = self._hosts.get(host)
            if state is None:
                return 0.0
            left = max(0.0, state.ready_at() - self._clock())
            # When a request under way will end, nobody knows.
            return max(left, 0.02) if state.busy else left

    def stats(self) -> Mapping[str, HostStats]:
        """A copy, by host."""
        with self._changed:
            return {
                host: HostStats(state.requests, state.delay, state.first, state.last)
                for host, state in self._hosts.items()
                if state.requests
            }

    def close(self) -> None:
        """Send away whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _state(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(self._delay))

    def _enter(self, host: str) -> float:
        with self._changed:
            begun = self._clock()
            state = self._state(host)
            while True:
                now = self._clock()
                if self._closed:
                    raise SourceError(
                        f"{host}: not asked, for the scan is stopping",
                        kind="connection",
                        retryable=True,
                    )
                if state.paused_until - now > _PATIENCE:
                    raise _paused(host, state.paused_until - now)
                left = state.ready_at() - now
                if left <= 0 and not state.busy:
                    break
                self._changed.wait(left if left > 0 else None)
            state.busy = True
            state.requests += 1
            state.last = now
            state.first = now if state.first is None else state.first
            return now - begun

    def _leave(self, host: str, busy: BusyError | None) -> None:
        with self._changed:
            state = self._state(host)
            state.busy = False
            state.refusals = 0 if busy is None else state.refusals + 1
            if busy is not None:
                state.paused_until = self._clock() + self._pause(state, busy.retry_after)
            self._changed.notify_all()

    def _pause(self, state: _Host, asked: float | None) -> float:
        if asked is not None:
            return min(asked, LONGEST_PAUSE)
        doubled = first_wait(state.delay) * 2.0 ** min(state.refusals - 1, 20)
        return min(doubled, max(_LONGEST_GROWN_PAUSE, state.delay))


def _paused(host: str, seconds: float) -> SourceError:
    return SourceError(
        f"{host}: the server has asked for a pause of another {seconds:.0f} seconds; "
        "try again later",
        kind="server-error",
        retryable=True,
        retry_after=seconds,
    )
