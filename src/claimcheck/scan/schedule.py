"""Which address is asked next, by whom, and how much may lie waiting to be judged.

At most one page of a host is on its way at a time. Between two of them the host rests
for as long as the fetcher says (:meth:`claimcheck.fetch.Fetcher.ready_in`), and a page
that is to be asked for again waits here, not in a thread, so that no slow site keeps a
connection from the others.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from claimcheck.errors import SourceError

if TYPE_CHECKING:
    from claimcheck.sources import Entry, RawDocument

__all__ = [
    "Backlog",
    "FetchThreads",
    "HostSchedule",
    "Job",
    "PendingUrl",
    "PendingUrls",
    "Retrieved",
]

_READ_AHEAD: Final = 20  # addresses of a host that are held in memory


class PendingUrl(Protocol):
    """An input without an outcome, as the ledger gives it."""

    @property
    def seq(self) -> int: ...
    @property
    def entry(self) -> Entry: ...


class PendingUrls(Protocol):
    """The part of the ledger that says which addresses are still to be asked."""

    def pending_hosts(self) -> Iterator[tuple[str, int]]: ...
    def pending_of_host(
        self, host: str, *, after: int = -1, limit: int = 20
    ) -> Iterable[PendingUrl]: ...


@dataclass(frozen=True, slots=True)
class Job:
    """One address to ask for. ``tries`` counts the times it was asked for before."""

    seq: int
    entry: Entry
    host: str
    tries: int = 0


@dataclass(slots=True)
class _Host:
    """What is left to ask one host.

    ``left`` counts the addresses that were never handed out, ``cursor`` is the number of
    the last one that was read from the ledger.
    """

    name: str
    left: int
    cursor: int = -1
    ahead: deque[PendingUrl] = field(default_factory=deque)
    again: list[tuple[float, int, Job]] = field(default_factory=list)
    busy: bool = False


class HostSchedule:
    """Hands out addresses so that every host is asked as soon as it may be.

    Among the hosts that may be asked now, the one with the most left goes first: the
    scan cannot end before that one has been asked for all of it. Used by one thread.

    :param urls: the ledger; memory grows with the number of hosts, not of addresses.
    :param ready_in: seconds until a host may be asked again.
    """

    def __init__(
        self,
        urls: PendingUrls,
        *,
        ready_in: Callable[[str], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._urls = urls
        self._ready_in = ready_in
        self._clock = clock
        self._order = itertools.count()
        self._hosts = {name: _Host(name, left) for name, left in urls.pending_hosts()}
        self._ready: list[tuple[int, int, str]] = []  # (-left, order, host)
        self._resting: list[tuple[float, int, str]] = []  # (due, order, host)
        self._busy = 0
        for host in self._hosts.values():
            self._make_ready(host)

    def next(self) -> Job | None:
        """An address whose host may be asked now; null if there is none at the moment.

        Its host is busy until :meth:`finished` or :meth:`retry` is called for the job.
        """
        self._wake()
        while self._ready:
            host = self._hosts[heapq.heappop(self._ready)[2]]
            if (rest := self._ready_in(host.name)) > 0:
                # Another host's page led here, or the site's own delay became known.
                self._let_rest(host, self._clock() + rest)
                continue
            job = self._take(host)
            if job is not None:
                host.busy = True
                self._busy += 1
                return job
            self._set_aside(host)
        return None

    def finished(self, job: Job) -> None:
        """The job has come to an end; its host may be asked again after its rest."""
        host = self._hosts[job.host]
        host.busy = False
        self._busy -= 1
        self._set_aside(host)

    def retry(self, job: Job, *, after: float) -> None:
        """The job is to be handed out once more, ``after`` so many seconds at the earliest."""
        again = replace(job, tries=job.tries + 1)
        heapq.heappush(self._hosts[job.host].again, (self._clock() + after, job.seq, again))
        self.finished(job)

    def wait(self) -> float | None:
        """Seconds until :meth:`next` may have something; null if only a finished job can tell."""
        self._wake()
        if self._ready:
            return 0.0
        return max(0.0, self._resting[0][0] - self._clock()) if self._resting else None

    @property
    def in_flight(self) -> int:
        """Hosts that are being asked."""
        return self._busy

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left to hand out and nothing is on its way."""
        return not (self._ready or self._resting or self._busy)

    def longest(self) -> int:
        """The most addresses that one host has left; what the scan cannot be faster than."""
        return max((host.left + len(host.again) for host in self._hosts.values()), default=0)

    def _take(self, host: _Host) -> Job | None:
        if host.again and host.again[0][0] <= self._clock():
            return heapq.heappop(host.again)[2]
        if not host.ahead and host.left > 0:
            host.ahead.extend(
                self._urls.pending_of_host(host.name, after=host.cursor, limit=_READ_AHEAD)
            )
            if not host.ahead:
                host.left = 0
        if not host.ahead:
            return None
        one = host.ahead.popleft()
        host.cursor = one.seq
        host.left -= 1
        return Job(one.seq, one.entry, host.name)

    def _set_aside(self, host: _Host) -> None:
        """Put a host that is not busy where it belongs; one without work is forgotten."""
        due = self._clock() + self._ready_in(host.name)
        if not host.ahead and host.left <= 0:
            if not host.again:
                del self._hosts[host.name]
                return
            due = max(due, host.again[0][0])
        self._let_rest(host, due)

    def _let_rest(self, host: _Host, due: float) -> None:
        heapq.heappush(self._resting, (due, next(self._order), host.name))

    def _make_ready(self, host: _Host) -> None:
        heapq.heappush(self._ready, (-host.left, next(self._order), host.name))

    def _wake(self) -> None:
        now = self._clock()
        while self._resting and self._resting[0][0] <= now:
            self._make_ready(self._hosts[heapq.heappop(self._resting)[2]])


@dataclass(frozen=True, slots=True)
class Retrieved:
    """How one try for an address ended: with a document, or with the reason why not."""

    job: Job
    document: RawDocument | None = None
    error: SourceError | None = None


class FetchThreads:
    """Threads that ask for one page each; started when they are needed.

    They are daemons: a second Ctrl-C must not wait for a server that trickles.

    :param most: most threads, so most pages on their way at once.
    :param get: retrieves one page; raises ``SourceError``.
    :param done: is called in the thread with what came of it.
    """

    def __init__(
        self,
        most: int,
        *,
        get: Callable[[Job], RawDocument],
        done: Callable[[Retrieved], None],
    ) -> None:
        self._most = most
        self._get = get
        self._done = done
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def start(self, job: Job, *, busy: int) -> None:
        """Ask for a page. ``busy`` is how many are on their way already."""
        if len(self._threads) <= busy and len(self._threads) < self._most:
            thread = threading.Thread(target=self._work, name="claimcheck-fetch", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._jobs.put(job)

    def close(self) -> None:
        """Let the threads end when they have nothing more to do; waits for none."""
        for _ in self._threads:
            self._jobs.put(None)
        self._threads.clear()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._done(self._tried(job))

    def _tried(self, job: Job) -> Retrieved:
        try:
            return Retrieved(job, document=self._get(job))
        except SourceError as error:
            return Retrieved(job, error=error)
        except Exception as error:  # noqa: BLE001 - a thread that dies would never report
            uri = job.entry.uri
            return Retrieved(
                job,
                error=SourceError(
                    f"{uri}: claimcheck failed while it retrieved this page "
                    f"({type(error).__name__}: {error}); please report it",
                    kind="internal",
                ),
            )


@dataclass(slots=True)
class Backlog:
    """Pages that are retrieved and not yet judged, bounded by count and by bytes.

    ``most`` counts pages in memory and pages on their way together, so that the bound
    holds whatever arrives; ``most_bytes`` stops new ones when large pages have piled up.
    """

    most: int
    most_bytes: int
    count: int = 0
    bytes: int = 0

    def has_room(self, *, on_their_way: int) -> bool:
        """Whether one more page may be asked for."""
        return self.count + on_their_way < self.most and self.bytes < self.most_bytes

    def arrived(self, size: int) -> None:
        """A page of ``size`` bytes waits to be judged."""
        self.count += 1
        self.bytes += size

    def left(self, size: int) -> None:
        """It has been judged, or turned out to need no judging."""
        self.count -= 1
        self.bytes -= size
