"""A scan over a Dask cluster: shards go out, workers write them down, the driver commits them.

The driver is the one process that writes to the ledger, a shard a transaction, so what holds
for a scan on one machine holds here: what was committed is never lost nor done twice. Only
who does a shard is different (:mod:`claimcheck.scan.shard_run`). Dask runs a shard anew
where its worker died. One whose workers keep dying is split until the page is found.
"""

from __future__ import annotations

import logging
import queue
import secrets
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import claimcheck
from claimcheck.errors import ClaimcheckError, UsageError
from claimcheck.scan.cluster import WorkersDied, connected
from claimcheck.scan.drive import Spent
from claimcheck.scan.pages import PageTask, failed_page
from claimcheck.scan.rows import Committed
from claimcheck.scan.shard_files import Shards, write_shard
from claimcheck.scan.shard_run import Job
from claimcheck.scan.shards import Shard, Supply, Work
from claimcheck.scan.standing import Standing
from claimcheck.scan.watching import Pace, Progress

if TYPE_CHECKING:
    from claimcheck.fetch import Resolver
    from claimcheck.scan.cluster import Cluster
    from claimcheck.scan.folder import Generation
    from claimcheck.scan.ledger import Ledger
    from claimcheck.scan.shard_run import Receipt
    from claimcheck.scan.watching import Interrupts, Watcher
    from claimcheck.settings import Settings

__all__ = ["Fleet", "drive"]

_SINGLE_TRIES: Final = 2  # of a page alone, each until Dask gives up
_A_THREAD: Final = 2  # shards in hand for each thread, so that none waits for the next one
_BEFORE_THREADS: Final = 4  # shards in hand before there are workers
_TICK: Final = 0.5  # seconds
_THREADS_EVERY: Final = 2.0  # seconds
_NO_WORKERS: Final = 60.0  # seconds until a scan without workers says so

_log = logging.getLogger(__name__)


def drive(
    generation: Generation,
    ledger: Ledger,
    *,
    settings: Settings,
    scheduler: str | None = None,
    resolver: Resolver | None = None,
    refresh: bool = False,
    interrupts: Interrupts,
    watcher: Watcher,
    page_hook: str | None = None,
) -> Spent:
    """Bring every pending input of a generation to an outcome, on a Dask cluster.

    :param scheduler: its address, or its scheduler file; null starts a cluster on this
        machine, with a worker for each core or as many as the settings say.
    :raises UsageError: Dask is not installed, the scheduler cannot be reached, or the
        workers do not see the files or have another version or model.
    :raises LedgerError: the ledger or a file cannot be written.
    """
    from claimcheck.judge.artefact import find_model, read_manifest

    shards = Shards(generation.path)
    shards.take_up(ledger)
    template = Job(
        session=secrets.token_hex(8),
        shard=Shard(()),
        folder=shards.new,
        cache=generation.run.cache.absolute(),
        settings=settings,
        version=claimcheck.__version__,
        model_sha256=read_manifest(find_model(settings.model)).sha256,
        refresh=refresh,
        resolver=resolver,
        page_hook=page_hook,
    )
    with connected(settings, scheduler, watcher=watcher) as cluster:
        fleet = Fleet(
            ledger, shards, cluster, template=template, interrupts=interrupts, watcher=watcher
        )
        spent = fleet.run()
    shards.close()
    return spent


class Fleet:
    """The driver of a scan over a cluster; used by one thread.

    :param template: a job whose shard is put in its place.
    """

    def __init__(
        self,
        ledger: Ledger,
        shards: Shards,
        cluster: Cluster,
        *,
        template: Job,
        interrupts: Interrupts,
        watcher: Watcher,
    ) -> None:
        self._ledger = ledger
        self._shards = shards
        self._cluster = cluster
        self._template = template
        self._interrupts = interrupts
        self._watcher = watcher
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()  # futures, or null: look up
        interrupts.wake = lambda: self._events.put(None)
        self._supply = Supply(ledger)
        self._in_hand: dict[str, tuple[Work, Any]] = {}
        self._committed = self._committed_before = 0
        self._drained = False
        self._threads = 0
        self._threads_at = self._idle_since = float("-inf")
        self._warned = False
        self._cpu = 0.0
        self._pace = Pace()
        self._told = 0.0
        self._standing = Standing(ledger)

    def run(self) -> Spent:
        """Work until nothing is left, or until what is in hand has ended after a stop.

        :raises ClaimcheckError: the scan cannot go on; it can be resumed.
        """
        began = self._idle_since = time.monotonic()
        try:
            while True:
                self._look_at_threads()
                self._hand_out()
                if not self._in_hand and (self._stopping or not self._more()):
                    break
                self._handle(self._next_event())
                self._tell()
            self._tell(always=True)
        finally:
            if self._in_hand:  # nobody will commit what they would go on with
                self._drain()
        return Spent(time.monotonic() - began, self._cpu)

    @property
    def _stopping(self) -> bool:
        return self._interrupts.requested

    # ------------------------------------------------------------------ handing out

    def _hand_out(self) -> None:
        if self._stopping:
            if self._in_hand and not self._drained:
                self._drain()
            return
        most = _A_THREAD * self._threads or _BEFORE_THREADS
        while len(self._in_hand) < most and (work := self._supply.next()) is not None:
            self._submit(work)

    def _submit(self, work: Work) -> None:
        shard = work.shard
        # Names of tasks are the cluster's, which other scans may use at the same time.
        key = f"claimcheck-{self._template.session}-{shard.key}-{shard.tries}"
        future = self._cluster.submit(replace(self._template, shard=shard), key=key)
        self._in_hand[key] = (work, future)
        future.add_done_callback(self._events.put)

    def _more(self) -> bool:
        """Whether anything is left where nothing is in hand."""
        if self._supply.wait() is not None:
            return True
        if not self._supply.look_again():
            return False
        if self._committed == self._committed_before:
            raise ClaimcheckError(
                "the Dask workers gave no outcome for the inputs that are left; please report it"
            )
        self._committed_before = self._committed
        return True

    def _drain(self) -> None:
        self._drained = True
        self._cluster.drain(self._template.session)

    # ------------------------------------------------------------------ what came of it

    def _next_event(self) -> Any:
        wait = None if self._stopping else self._supply.wait()
        try:
            return self._events.get(timeout=_TICK if wait is None else max(0.001, min(_TICK, wait)))
        except queue.Empty:
            return None

    def _handle(self, future: Any) -> None:
        while future is not None:
            work, _ = self._in_hand.pop(future.key)
            try:
                receipt = self._cluster.receipt(future)
            except WorkersDied as error:
                self._given_up(work, error)
            else:
                self._finished(work, receipt)
            future.release()
            try:
                future = self._events.get_nowait()
            except queue.Empty:
                return

    def _finished(self, work: Work, receipt: Receipt) -> None:
        if receipt.unseen is not None and Path(receipt.unseen).exists():
            self._shards.forget(work.shard.name)
            raise UsageError(
                f"{receipt.unseen}: the Dask worker on {receipt.machine} does not see this "
                "input; inputs must lie on a file system that all workers share, under the "
                "same path"
            )
        self._cpu += receipt.cpu_seconds
        if receipt.rows:
            self._commit(work.shard)
        self._supply.finished(work, rest=receipt.rest)

    def _given_up(self, work: Work, error: WorkersDied) -> None:
        shard = work.shard
        if len(shard.pages) > 1:
            self._supply.split(work, shard.halves())
        elif shard.tries + 1 < _SINGLE_TRIES:
            # It may have been in bad company: Dask counts against all that a worker had.
            self._supply.split(work, [Shard(shard.pages, tries=shard.tries + 1)])
        else:
            outcome = _lost(shard, error)
            write_shard(self._shards.new / shard.name, shard, {outcome.seq: outcome})
            self._commit(shard)
            self._supply.finished(work)

    def _commit(self, shard: Shard) -> None:
        outcomes = self._shards.commit(self._ledger, shard.name)
        self._committed += len(outcomes)
        self._standing.done += len(outcomes)

    # ------------------------------------------------------------------ telling

    def _look_at_threads(self) -> None:
        now = time.monotonic()
        if now - self._threads_at < _THREADS_EVERY:
            return
        self._threads_at = now
        self._threads = self._cluster.threads()
        if self._threads:
            self._idle_since = now
            self._warned = False
        elif now - self._idle_since > _NO_WORKERS and not self._warned:
            self._warned = True
            _log.warning(
                "no Dask worker has been there for %.0f seconds; the scan waits for one",
                now - self._idle_since,
            )

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
        left = self._standing.left
        hosts = sum(len(work.shard.hosts) for work, _ in self._in_hand.values())
        self._watcher.progressed(
            Progress(
                done=self._standing.done,
                total=self._standing.total,
                rate=rate,
                eta=0.0 if not left else left / rate if rate > 0 else None,
                hosts_in_flight=hosts,
                failures=dict(self._standing.failures),
                busy=min(self._threads, len(self._in_hand)),
                workers=self._threads,
                draining=self._stopping,
            )
        )


def _lost(shard: Shard, error: WorkersDied) -> Committed:
    (page,) = shard.pages
    result = failed_page(
        PageTask(seq=page.seq, entry=page.entry),
        kind="internal",
        message=f"{page.entry.uri}: no Dask worker could deal with this page ({error}); please "
        "report it with the page",
    )
    return Committed(
        seq=page.seq,
        state="failure",
        sha256=result.sha256,
        attempts=shard.tries + 1,
        outcome=result.outcome,
    )
