"""What a Dask worker does with a shard: the loop of a scan on one machine, over its inputs.

It is the same loop, with a ledger in memory and one child process for the pages. So
everything that holds for a page there holds here: its limits of time and memory, a second
try where its process died, and politeness towards hosts. The child with its loaded model
is kept for the next shard.
"""

from __future__ import annotations

import multiprocessing
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import claimcheck
from claimcheck.errors import UsageError
from claimcheck.fetch import Fetcher, FetchOptions
from claimcheck.scan.drive import Drive
from claimcheck.scan.local import page_workers
from claimcheck.scan.rows import Committed, Counts, Pending
from claimcheck.scan.shard_files import write_shard
from claimcheck.scan.shards import Shard, ShardPage
from claimcheck.scan.watching import Interrupts, Silent
from claimcheck.sources import url_document

if TYPE_CHECKING:
    from claimcheck.fetch import Resolver
    from claimcheck.scan.ledger import Ledger
    from claimcheck.scan.local import Answer, Workers
    from claimcheck.settings import Settings
    from claimcheck.sources import Entry, EntryKind, RawDocument

__all__ = ["Job", "Receipt", "ShardLedger", "dismiss", "drain", "run_shard"]

_IDLE_SECONDS: Final = 120.0  # then a child that waits for the next shard is ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A shard and all that a worker needs to know for it.

    ``session`` names the scan that it belongs to, ``folder`` is where its file goes and
    ``cache`` where retrieved pages are kept; both are absolute and shared by all machines.
    """

    session: str
    shard: Shard
    folder: Path
    cache: Path
    settings: Settings
    version: str
    model_sha256: str
    refresh: bool = False
    resolver: Resolver | None = None
    page_hook: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a worker says of a shard; the outcomes themselves are in the file.

    ``rows`` is how many inputs have an outcome (all, unless the scan was told to stop; with
    none there is no file), ``rest`` how many seconds its hosts want to be left alone.
    ``unseen`` is a local input that is not there, as seen from ``machine``.
    """

    rows: int
    cpu_seconds: float = 0.0
    rest: float = 0.0
    unseen: str | None = None
    machine: str = ""


def run_shard(job: Job) -> Receipt:
    """Read or retrieve, extract and judge the inputs of a shard, and write its file.

    Doing it again replaces the file with the same, but for times.

    :raises UsageError: this worker does not see the run folder, or its version or model are
        not those of the scan.
    :raises OSError: the file cannot be written.
    """
    _check_place(job)
    _check_same(job)
    ledger = ShardLedger(job.shard.pages)
    unseen = _unseen(job.shard)
    with _heeding(job.session) as interrupts, ExitStack() as stack:
        fetcher = stack.enter_context(_fetcher(job)) if job.shard.hosts else None
        workers = stack.enter_context(_borrowed(job))
        spent = Drive(
            cast("Ledger", ledger),  # it has all of it that a drive uses
            settings=job.settings,
            fetcher=fetcher,
            document_of=_document_of(fetcher, refresh=job.refresh),
            workers=workers,
            interrupts=interrupts,
            watcher=Silent(),
        ).run()
        hosts = job.shard.hosts
        rest = max(map(fetcher.ready_in, hosts), default=0.0) if fetcher is not None else 0.0
    if ledger.outcomes:
        write_shard(job.folder / job.shard.name, job.shard, ledger.outcomes)
    return Receipt(
        rows=len(ledger.outcomes),
        cpu_seconds=spent.cpu_seconds,
        rest=rest,
        unseen=unseen,
        machine=socket.gethostname(),
    )


def _check_place(job: Job) -> None:
    if not job.folder.is_dir():
        raise UsageError(
            f"{job.folder}: the Dask worker on {socket.gethostname()} does not see this folder; "
            "the run folder must lie on a file system that all workers share, under the same path"
        )


def _check_same(job: Job) -> None:
    from claimcheck.judge.artefact import find_model, read_manifest

    here = socket.gethostname()
    if job.version != claimcheck.__version__:
        raise UsageError(
            f"the Dask worker on {here} has claimcheck {claimcheck.__version__}, and this scan "
            f"is made with {job.version}; install the same version there"
        )
    model = read_manifest(find_model(job.settings.model))
    if model.sha256 != job.model_sha256:
        raise UsageError(
            f"the Dask worker on {here} has another state of the model {model.name!r} "
            f"({model.sha256}, not {job.model_sha256}); install the same one there"
        )


def _unseen(shard: Shard) -> str | None:
    """The first file that the shard needs and that is not there."""
    for page in shard.pages:
        if page.entry.kind != "url":
            path = page.entry.container or page.entry.key or page.entry.uri
            if not Path(path).exists():
                return path
    return None


def _fetcher(job: Job) -> Fetcher:
    options = FetchOptions.of(job.settings, cache_dir=job.cache)
    return Fetcher(options, resolver=job.resolver)


def _document_of(fetcher: Fetcher | None, *, refresh: bool) -> Callable[[Entry], RawDocument]:
    def document(entry: Entry) -> RawDocument:
        assert fetcher is not None  # noqa: S101 - asked only where the shard has addresses
        return url_document(fetcher.attempt(entry.uri, refresh=refresh), uri=entry.uri)

    return document


# ---------------------------------------------------------------------- the ledger of a shard


class ShardLedger:
    """The inputs of one shard and what came of them, in memory; see :class:`Ledger`."""

    def __init__(self, pages: Sequence[ShardPage]) -> None:
        self._pages = sorted(pages, key=lambda page: page.seq)
        self.outcomes: dict[int, Committed] = {}
        self._originals: dict[str, int] = {}  # content -> the lowest number with an outcome

    def pending(
        self, *, kinds: Sequence[EntryKind], after: int = -1, limit: int = 100
    ) -> list[Pending]:
        """Inputs without an outcome, in their order."""
        return self._pending(lambda page: page.entry.kind in kinds, after=after, limit=limit)

    def pending_hosts(self) -> Iterator[tuple[str, int]]:
        """Each host with the number of its addresses that have no outcome."""
        hosts: dict[str, int] = {}
        for page in self._pages:
            if page.host is not None and page.seq not in self.outcomes:
                hosts[page.host] = hosts.get(page.host, 0) + 1
        return iter(sorted(hosts.items()))

    def pending_of_host(self, host: str, *, after: int = -1, limit: int = 20) -> list[Pending]:
        """Addresses of a host without an outcome, in their order."""
        return self._pending(lambda page: page.host == host, after=after, limit=limit)

    def read_before(self, sha256: str, seq: int) -> int | None:
        """The lowest number below ``seq`` with this content and an outcome of its own."""
        found = self._originals.get(sha256)
        return found if found is not None and found < seq else None

    def commit(self, outcomes: Sequence[Committed]) -> None:
        """Keep outcomes."""
        for one in outcomes:
            self.outcomes[one.seq] = one
            if one.sha256 is not None and one.state != "same":
                lowest = self._originals.get(one.sha256, one.seq)
                self._originals[one.sha256] = min(lowest, one.seq)

    def counts(self) -> Counts:
        """How many have an outcome and how many have none."""
        total, done = len(self._pages), len(self.outcomes)
        return Counts(inputs=total, pending=total - done, done=done)

    def _pending(
        self, wanted: Callable[[ShardPage], bool], *, after: int, limit: int
    ) -> list[Pending]:
        found = (
            Pending(page.seq, page.entry)
            for page in self._pages
            if page.seq > after and page.seq not in self.outcomes and wanted(page)
        )
        return [one for one, _ in zip(found, range(limit), strict=False)]


# ---------------------------------------------------------------------- stopping


@dataclass(slots=True)
class _Sessions:
    """Which scans were told to stop, and which shards of theirs are in hand here."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    draining: set[str] = field(default_factory=set)
    running: list[tuple[str, Interrupts]] = field(default_factory=list)


_sessions = _Sessions()  # one a process


def drain(session: str) -> None:
    """Have this process finish the pages of a scan that it has in hand, and no more of them."""
    with _sessions.turn:
        _sessions.draining.add(session)
        told = [interrupts for name, interrupts in _sessions.running if name == session]
    for interrupts in told:
        if not interrupts.requested:
            interrupts.request()


@contextmanager
def _heeding(session: str) -> Iterator[Interrupts]:
    interrupts = Interrupts()
    with _sessions.turn:
        interrupts.requested = session in _sessions.draining
        _sessions.running.append((session, interrupts))
    try:
        yield interrupts
    finally:
        with _sessions.turn:
            _sessions.running.remove((session, interrupts))


# ---------------------------------------------------------------------- children that are kept


@dataclass(slots=True, eq=False)
class _Child:
    """A process that judges pages, for one shard after the other.

    ``fits`` says for which jobs; ``report`` is where its answers go at present.
    """

    fits: tuple[object, ...]
    workers: Workers | None = None
    report: Callable[[Answer], None] | None = None
    timer: threading.Timer | None = None

    def answer(self, answer: Answer) -> None:
        if self.report is not None:
            self.report(answer)

    def end(self) -> None:
        if self.workers is not None:
            self.workers.close()


class _Lent:
    """A child's workers, as a shard uses them: giving them back does not end them."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workers, name)

    def close(self) -> None:
        """The shard is done."""


_bench: list[_Child] = []  # children that have nothing to do; Dask runs shards in threads
_bench_turn = threading.Lock()


@contextmanager
def _borrowed(job: Job) -> Iterator[Callable[[Callable[[Answer], None]], Workers]]:
    """Makes the workers of a drive; they go back when it has ended well, and end otherwise."""
    child = _taken((job.settings, job.page_hook, job.model_sha256))

    def workers(report: Callable[[Answer], None]) -> Workers:
        child.report = report
        if child.workers is None:
            _may_have_children()
            child.workers = page_workers(
                job.settings, count=1, report=child.answer, page_hook=job.page_hook
            )
        return cast("Workers", _Lent(child.workers))

    try:
        yield workers
    except BaseException:
        child.end()
        raise
    child.report = None
    _give_back(child)


def _taken(fits: tuple[object, ...]) -> _Child:
    with _bench_turn:
        fitting = [child for child in _bench if child.fits == fits]
        others = [child for child in _bench if child.fits != fits]
        taken = fitting.pop() if fitting else None
        _bench[:] = fitting
    for child in others:  # of an earlier scan
        child.end()
    if taken is None:
        return _Child(fits)
    if taken.timer is not None:
        taken.timer.cancel()
    return taken


def _give_back(child: _Child) -> None:
    child.timer = threading.Timer(_IDLE_SECONDS, _send_away, (child,))
    child.timer.daemon = True
    with _bench_turn:
        _bench.append(child)
    child.timer.start()


def _send_away(child: _Child) -> None:
    with _bench_turn:
        if child not in _bench:
            return
        _bench.remove(child)
    child.end()


def dismiss() -> None:
    """End the children that wait for a shard; those that have one are left alone."""
    with _bench_turn:
        idle, _bench[:] = list(_bench), []
    for child in idle:
        if child.timer is not None:
            child.timer.cancel()
        child.end()


def _may_have_children() -> None:
    """Let this process start others, which multiprocessing forbids to a "daemon".

    It does so because they would stay behind when the daemon is ended. Ours do not: they
    end with their parent (see :func:`claimcheck.scan.pages.start_worker`).

    :raises UsageError: that cannot be lifted.
    """
    process = multiprocessing.current_process()
    options = vars(process).get("_config")
    if isinstance(options, dict):
        options["daemon"] = False
    if process.daemon:
        raise UsageError(
            "the Dask workers may not start processes; start them with --no-nanny, or with "
            "DASK_DISTRIBUTED__WORKER__DAEMON=False in their environment"
        )
