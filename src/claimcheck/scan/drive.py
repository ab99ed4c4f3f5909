"""The loop of a scan on one machine: ask, judge, commit, until nothing is left.

One thread decides everything and waits on one queue; fetch threads and child processes
put what they did there. It is the only one that writes to the ledger, in small batches,
and nothing counts as done before its batch is committed.
"""

from __future__ import annotations

import os
import queue
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from claimcheck.scan.contents import Contents, Page
from claimcheck.scan.local import Answer, Judged, Workers
from claimcheck.scan.pages import PageTask, failure_line
from claimcheck.scan.rows import Committed
from claimcheck.scan.schedule import Backlog, FetchThreads, HostSchedule, Job, Retrieved
from claimcheck.scan.standing import Standing
from claimcheck.scan.watching import Pace, Progress

if TYPE_CHECKING:
    from claimcheck.errors import SourceError
    from claimcheck.fetch import Fetcher
    from claimcheck.scan.ledger import Ledger
    from claimcheck.scan.watching import Interrupts, Watcher
    from claimcheck.settings import Settings
    from claimcheck.sources import Entry, EntryKind, RawDocument

__all__ = ["COMMIT_SECONDS", "Drive", "Spent", "worker_count"]

COMMIT_SECONDS: Final = 0.5
"""Longest that an outcome waits for its batch to be committed."""

_BATCH: Final = 64  # outcomes
_BATCH_BYTES: Final = 16_000_000
_BACKLOG_BYTES: Final = 64_000_000
_BACKLOG_A_WORKER: Final = 4  # pages that wait for each worker
_LOCAL_KINDS: Final[tuple[EntryKind, ...]] = ("file", "record", "row")
_LOCAL_AHEAD: Final = 100  # local inputs that are read from the ledger at a time
_SWITCH_SECONDS: Final = 0.0005
"""How long a thread may keep the interpreter while others wait. A finished page passes
through several threads before its worker gets the next one, and must not wait for a fetch
in each."""
_TICK: Final = 0.5  # seconds between two looks at the workers, and two reports of progress
_LONGEST_HOST_EVERY: Final = 5.0  # seconds; looks at every host that has something left


@dataclass(frozen=True, slots=True)
class Spent:
    """What a drive took: seconds by the clock, and processor seconds of the children."""

    wall_seconds: float
    cpu_seconds: float


class Drive:
    """Brings every pending input of a ledger to an outcome.

    :param fetcher: null where no input is an address.
    :param document_of: makes a document of an address; called in the fetch threads.
    :param interrupts: says when to stop taking up new work.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        settings: Settings,
        fetcher: Fetcher | None,
        document_of: Callable[[Entry], RawDocument],
        workers: Callable[[Callable[[Answer], None]], Workers],
        interrupts: Interrupts,
        watcher: Watcher,
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._fetcher = fetcher
        self._interrupts = interrupts
        self._watcher = watcher
        self._events: queue.SimpleQueue[Answer | Retrieved | None] = queue.SimpleQueue()
        interrupts.wake = lambda: self._events.put(None)
        self._workers = workers(self._events.put)
        self._threads = FetchThreads(
            settings.connections,
            get=lambda job: document_of(job.entry),
            done=self._events.put,
        )
        self._schedule = (
            HostSchedule(ledger, ready_in=fetcher.ready_in) if fetcher is not None else None
        )
        self._backlog = Backlog(
            most=settings.connections + _BACKLOG_A_WORKER * self._workers.count,
            most_bytes=_BACKLOG_BYTES,
        )
        self._locals = self._local_pages()
        self._next_local: Page | None = next(self._locals, None)
        self._to_judge: deque[Page] = deque()
        self._in_hand: dict[int, Page] = {}
        self._contents = Contents()
        self._batch: list[Committed] = []
        self._batch_bytes = 0
        self._batch_since = 0.0
        self._standing = Standing(ledger)
        self._pace = Pace()
        self._pace.mark(self._standing.done)
        self._told = self._looked = 0.0
        self._longest, self._longest_at = 0, float("-inf")
        self._cpu = 0.0

    def run(self) -> Spent:
        """Work until nothing is left, or until what is in hand is finished after a stop.

        :raises UsageError: the model or a file that all pages need cannot be used.
        :raises LedgerError: the ledger cannot be written.
        """
        began = time.monotonic()
        interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_SECONDS)
        try:
            while True:
                self._start_fetches()
                self._feed_workers()
                if self._is_idle():
                    break
                self._handle(self._next_event())
                self._look_after_workers()
                if self._batch and self._batch_is_due():
                    self._commit()
                self._tell()
            self._tell(always=True)
        finally:
            sys.setswitchinterval(interval)
            self._threads.close()
            self._workers.close()
        return Spent(time.monotonic() - began, self._cpu)

    # ------------------------------------------------------------------ taking up work

    @property
    def _stopping(self) -> bool:
        return self._interrupts.requested

    def _start_fetches(self) -> None:
        schedule = self._schedule
        if schedule is None or self._stopping:
            return
        while schedule.in_flight < self._settings.connections and self._backlog.has_room(
            on_their_way=schedule.in_flight
        ):
            job = schedule.next()
            if job is None:
                return
            self._threads.start(job, busy=schedule.in_flight - 1)

    def _feed_workers(self) -> None:
        """Fetched pages first, for they take up memory; then what lies on the disk."""
        while self._workers.free:
            page = self._to_judge.popleft() if self._to_judge else self._take_local()
            if page is None:
                return
            self._in_hand[page.task.seq] = page
            self._workers.submit(page.task)

    def _take_local(self) -> Page | None:
        while self._next_local is not None and not self._stopping and not self._to_judge:
            if self._batch and self._batch_is_due():  # many that need no judging
                return None
            page, self._next_local = self._next_local, next(self._locals, None)
            self._admit(page)
        return self._to_judge.popleft() if self._to_judge else None

    def _local_pages(self) -> Iterator[Page]:
        after = -1
        while True:
            found = self._ledger.pending(kinds=_LOCAL_KINDS, after=after, limit=_LOCAL_AHEAD)
            if not found:
                return
            for one in found:
                yield Page(PageTask(seq=one.seq, entry=one.entry), one.entry.sha256)
            after = found[-1].seq

    def _is_idle(self) -> bool:
        if self._in_hand or self._to_judge:
            return False
        if self._batch:  # pages that wait for one of these may be let go
            self._commit()
            if self._to_judge or self._batch:
                return False
        if self._schedule is not None:
            if self._schedule.in_flight:
                return False
            if not self._stopping and not self._schedule.exhausted:
                return False
        return self._stopping or self._no_local_left()

    def _no_local_left(self) -> bool:
        """Whether every local input has its outcome; looks once more from the beginning.

        Where a file has changed since it was listed, its copies need outcomes of their own.
        """
        if self._next_local is None:
            self._locals = self._local_pages()
            self._next_local = next(self._locals, None)
        return self._next_local is None

    # ------------------------------------------------------------------ what happened

    def _next_event(self) -> Answer | Retrieved | None:
        try:
            return self._events.get(timeout=self._patience())
        except queue.Empty:
            return None

    def _patience(self) -> float:
        """Seconds that nothing need be done if nothing happens."""
        patience = _TICK
        if self._batch:
            patience = min(patience, self._batch_since + COMMIT_SECONDS - time.monotonic())
        if (
            self._schedule is not None
            and not self._stopping
            and self._schedule.in_flight < self._settings.connections
            and self._backlog.has_room(on_their_way=self._schedule.in_flight)
            and (wait := self._schedule.wait()) is not None
        ):
            patience = min(patience, wait)
        return max(0.001, patience)

    def _handle(self, event: Answer | Retrieved | None) -> None:
        while event is not None:
            if isinstance(event, Retrieved):
                self._retrieved(event)
            elif (judged := self._workers.settle(event)) is not None:
                self._judged(judged)
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                return

    def _retrieved(self, event: Retrieved) -> None:
        assert self._schedule is not None  # noqa: S101 - it handed the job out
        job, document = event.job, event.document
        if document is None:
            assert event.error is not None  # noqa: S101
            self._not_retrieved(job, event.error)
            return
        self._schedule.finished(job)
        page = Page(
            PageTask(seq=job.seq, entry=job.entry, document=document),
            document.source.sha256,
            tries=job.tries + 1,
            retrieved=document.source.retrieved,
            size=len(document.data),
        )
        self._backlog.arrived(page.size)
        self._admit(page)

    def _not_retrieved(self, job: Job, error: SourceError) -> None:
        assert self._schedule is not None and self._fetcher is not None  # noqa: S101, PT018
        tries = job.tries + 1
        after = self._fetcher.backoff(tries, error)
        if after is not None:
            # After a stop it stays without an outcome, and a resumed scan asks again.
            self._schedule.retry(job, after=after)
            return
        self._schedule.finished(job)
        self._add(
            Committed(
                seq=job.seq,
                state="failure",
                sha256=None,
                same_as=None,
                attempts=tries,
                outcome=failure_line(job.entry, error),
                seconds=0.0,
                retrieved=None,
                brief=None,
            ),
            failure=error.kind,
        )

    def _admit(self, page: Page) -> None:
        """Have a page judged, unless its content has been, or is being, judged already."""
        seq, sha256 = page.task.seq, page.sha256
        if sha256 is not None:
            original = self._ledger.read_before(sha256, seq)
            if original is not None:
                self._same(page, original)
                return
            if self._contents.held_back(page, sha256):
                return
        self._to_judge.append(page)

    def _same(self, page: Page, original: int) -> None:
        self._leave_backlog(page)
        self._add(
            Committed(
                seq=page.task.seq,
                state="same",
                sha256=page.sha256,
                same_as=original,
                attempts=page.tries,
                outcome=None,
                seconds=0.0,
                retrieved=page.retrieved,
                brief=None,
            )
        )

    def _judged(self, judged: Judged) -> None:
        result = judged.result
        page = self._in_hand.pop(result.seq)
        self._leave_backlog(page)
        self._cpu += result.cpu_seconds
        self._add(
            Committed(
                seq=result.seq,
                state=result.state,
                # What the child read: a file may have changed since it was listed.
                sha256=result.sha256 or page.sha256,
                same_as=None,
                # Tries to retrieve it, and processes beyond the first that had it.
                attempts=max(page.tries, 1) + judged.tries - 1,
                outcome=result.outcome,
                seconds=result.seconds,
                retrieved=page.retrieved,
                brief=result.brief,
            ),
            failure=result.failure,
        )

    def _leave_backlog(self, page: Page) -> None:
        if page.task.document is not None:
            self._backlog.left(page.size)

    def _look_after_workers(self) -> None:
        now = time.monotonic()
        if now - self._looked >= _TICK:
            self._looked = now
            for judged in self._workers.watch():
                self._judged(judged)

    # ------------------------------------------------------------------ committing

    def _add(self, outcome: Committed, *, failure: str | None = None) -> None:
        if not self._batch:
            self._batch_since = time.monotonic()
        self._batch.append(outcome)
        self._batch_bytes += len(outcome.outcome or b"")
        if failure is not None:
            self._standing.failures[failure] += 1

    def _batch_is_due(self) -> bool:
        return (
            len(self._batch) >= _BATCH
            or self._batch_bytes >= _BATCH_BYTES
            or time.monotonic() - self._batch_since >= COMMIT_SECONDS
        )

    def _commit(self) -> None:
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        self._ledger.commit(batch)
        self._standing.done += len(batch)
        for outcome in batch:
            for page in self._contents.committed(outcome.seq):
                self._admit(page)

    # ------------------------------------------------------------------ telling

    def _tell(self, *, always: bool = False) -> None:
        now = time.monotonic()
        if not always and now - self._told < _TICK:
            return
        self._told = now
        if always:
            self._standing.recount()
        else:
            self._standing.recount_if_due()
        self._pace.mark(self._standing.done)
        rate = self._pace.rate(self._standing.done)
        in_flight = self._schedule.in_flight if self._schedule is not None else 0
        self._watcher.progressed(
            Progress(
                done=self._standing.done,
                total=self._standing.total,
                rate=rate,
                eta=self._eta(rate, now),
                hosts_in_flight=in_flight,
                failures=dict(self._standing.failures),
                busy=self._workers.busy,
                workers=self._workers.count,
                waiting=len(self._to_judge),
                draining=self._stopping,
            )
        )

    def _eta(self, rate: float, now: float) -> float | None:
        left = self._standing.left
        if not left:
            return 0.0
        if rate <= 0:
            return None
        if self._schedule is not None and now - self._longest_at >= _LONGEST_HOST_EVERY:
            self._longest, self._longest_at = self._schedule.longest(), now
        # No faster than the host with the most left may be asked.
        return max(left / rate, self._longest * self._settings.delay_seconds)


def worker_count(settings: Settings) -> int:
    """How many processes judge pages: as set, else one for each core this process may use."""
    if settings.workers is not None:
        return settings.workers
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
