"""What is still to do, cut into shards: the parts of a scan that one worker takes at a time.

Local inputs are cut in the order of listing, and where one archive or table ends if that
does not make the shard too small. Addresses go by host: a host belongs to one *line* of
hosts, and a line has one shard at a time in hand, so no two workers ever ask the same host.
The same ledger always gives the same shards.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from claimcheck.scan.rows import Pending

if TYPE_CHECKING:
    from claimcheck.scan.rows import Counts
    from claimcheck.sources import Entry, EntryKind

__all__ = ["LOCAL_KINDS", "Line", "Shard", "ShardPage", "Supply", "Work", "cut", "shard_size"]

LOCAL_KINDS: Final[tuple[EntryKind, ...]] = ("file", "record", "row")

_LEAST_PAGES: Final = 8  # less would be mostly the cost of handing out
_MOST_PAGES: Final = 256  # some 20 seconds of work, and at 100 kB a report 25 MB in memory
_SHARDS: Final = 256  # at least so many where there is enough to do, for the sake of balance
_HOSTS_A_LINE: Final = 16  # with a second between pages of a host, about what a core can judge
_PAGES_A_HOST: Final = 50  # in one shard, so that `robots.txt` is not asked for too often


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardPage:
    """One input of a shard. ``host`` is the one to be asked, null for what lies on a disk."""

    seq: int
    entry: Entry
    host: str | None = None


@dataclass(frozen=True)
class Shard:
    """Inputs in the order of their numbers, at least one.

    ``tries`` counts how often this very shard was given up because its workers had died.
    """

    pages: tuple[ShardPage, ...]
    tries: int = 0

    @cached_property
    def key(self) -> str:
        """Equal for equal inputs under equal numbers: 16 hexadecimal digits."""
        told = [[page.seq, page.entry.to_json_dict()] for page in self.pages]
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]

    @property
    def name(self) -> str:
        """The name of its file; names sort by the first input."""
        return f"{self.pages[0].seq:012}-{self.key}.parquet"

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that it asks."""
        return frozenset(page.host for page in self.pages if page.host is not None)

    def halves(self) -> tuple[Shard, Shard]:
        """Its first and its second half.

        :raises ValueError: it is a single page.
        """
        middle = len(self.pages) // 2
        if not middle:
            raise ValueError("a shard of one page cannot be split")
        return Shard(self.pages[:middle]), Shard(self.pages[middle:])


def shard_size(pending: int) -> int:
    """How many inputs a shard has at most where so many are to be done in all."""
    return min(_MOST_PAGES, max(_LEAST_PAGES, -(-pending // _SHARDS)))


def cut(pages: Sequence[Pending], *, most: int) -> tuple[Pending, ...]:
    """The first shard of these inputs: ``most`` of them, or fewer where a container ends."""
    for index in range((most + 1) // 2, min(most, len(pages))):
        if pages[index].entry.container != pages[index - 1].entry.container:
            return tuple(pages[:index])
    return tuple(pages[:most])


class PendingInputs(Protocol):
    """The part of a ledger that says what is to be done."""

    def counts(self) -> Counts: ...
    def pending(
        self, *, kinds: Sequence[EntryKind], after: int = -1, limit: int = 100
    ) -> list[Pending]: ...
    def pending_hosts(self) -> Iterator[tuple[str, int]]: ...
    def pending_of_host(self, host: str, *, after: int = -1, limit: int = 20) -> list[Pending]: ...


@dataclass(slots=True)
class Line:
    """Hosts that one worker at a time asks.

    ``left`` is how many addresses of each were not handed out yet, ``cursors`` the number of
    the last one that was; ``again`` holds shards to be done before new ones are cut.
    """

    left: dict[str, int]
    cursors: dict[str, int] = field(default_factory=dict)
    again: deque[Shard] = field(default_factory=deque)


@dataclass(frozen=True, slots=True)
class Work:
    """A shard that was handed out, and the line of hosts that it belongs to."""

    shard: Shard
    line: Line | None = None


class Supply:
    """Hands out shards. Memory grows with the number of hosts, not of inputs."""

    def __init__(
        self, ledger: PendingInputs, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._most = shard_size(ledger.counts().pending)
        self._cursor = -1
        self._again: deque[Work] = deque()
        self._order = itertools.count()
        self._lines: list[tuple[float, int, Line]] = []  # (due, order, line)
        # Hosts with as much to ask come into one line, so that none waits for a longer one;
        # the longest begin.
        hosts = sorted(ledger.pending_hosts(), key=lambda one: (-one[1], one[0]))
        while hosts:
            some, hosts = hosts[:_HOSTS_A_LINE], hosts[_HOSTS_A_LINE:]
            self._queue(Line(dict(some)), after=0.0)

    def next(self) -> Work | None:
        """A shard to be done now; null if there is none at the moment.

        Call :meth:`finished` or :meth:`split` when it has come to an end.
        """
        if self._again:
            return self._again.popleft()
        while self._lines and self._lines[0][0] <= self._clock():
            line = heapq.heappop(self._lines)[2]
            shard = line.again.popleft() if line.again else self._asking(line)
            if shard is not None:
                return Work(shard, line)
        return self._local()

    def finished(self, work: Work, *, rest: float = 0.0) -> None:
        """The shard has its outcomes.

        :param rest: seconds until its hosts may be asked again.
        """
        line = work.line
        if line is not None and (line.again or any(line.left.values())):
            self._queue(line, after=rest)

    def split(self, work: Work, shards: Sequence[Shard]) -> None:
        """These shards are to be done in the place of the one that was handed out."""
        if work.line is None:
            self._again.extend(Work(shard) for shard in shards)
        else:  # one after the other, for they may ask the same host
            work.line.again.extend(shards)
            self._queue(work.line, after=0.0)

    def wait(self) -> float | None:
        """Seconds until :meth:`next` may have something; null if waiting alone brings nothing."""
        if self._again:
            return 0.0
        return max(0.0, self._lines[0][0] - self._clock()) if self._lines else None

    def look_again(self) -> bool:
        """Go through the local inputs once more; whether any has still no outcome.

        Where a file has changed since it was listed, its copies need outcomes of their own.
        """
        self._cursor = -1
        return bool(self._ledger.pending(kinds=LOCAL_KINDS, limit=1))

    def _queue(self, line: Line, *, after: float) -> None:
        heapq.heappush(self._lines, (self._clock() + after, next(self._order), line))

    def _asking(self, line: Line) -> Shard | None:
        pages: list[ShardPage] = []
        for host, left in line.left.items():
            if not left:
                continue
            found = self._ledger.pending_of_host(
                host, after=line.cursors.get(host, -1), limit=_PAGES_A_HOST
            )
            line.left[host] = left - len(found) if found else 0
            for one in found:
                line.cursors[host] = one.seq
                pages.append(ShardPage(seq=one.seq, entry=one.entry, host=host))
        pages.sort(key=lambda page: page.seq)
        return Shard(tuple(pages)) if pages else None

    def _local(self) -> Work | None:
        found = self._ledger.pending(kinds=LOCAL_KINDS, after=self._cursor, limit=self._most)
        taken = cut(found, most=self._most)
        if not taken:
            return None
        self._cursor = taken[-1].seq
        return Work(Shard(tuple(ShardPage(seq=one.seq, entry=one.entry) for one in taken)))
