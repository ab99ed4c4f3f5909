"""The loop of a scan with workers and a web made up for the test, and a real ledger."""

from __future__ import annotations

import hashlib
import json
import queue
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from claimcheck.errors import SourceError
from claimcheck.records import Source
from claimcheck.scan import drive as module
from claimcheck.scan.drive import Drive
from claimcheck.scan.ledger import Brief, FinalRow, Ledger
from claimcheck.scan.local import Answer, Judged
from claimcheck.scan.pages import PageResult, PageTask, failed_page
from claimcheck.scan.watching import Interrupts, Progress, Silent
from claimcheck.settings import Settings, make_settings
from claimcheck.sources import Entry, RawDocument

SETTINGS = make_settings({"connections": 4, "delay_seconds": 0.0, "retries": 2})


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMMIT_SECONDS", 0.01)
    monkeypatch.setattr(module, "_TICK", 0.02)


# ---------------------------------------------------------------------- what is made up


def url(name: str, content: str = "") -> Entry:
    """An address whose host is what stands before the first dash of its name."""
    uri = f"http://{name.partition('-')[0]}.test/{name}?{content}"
    return Entry(uri=uri, kind="url", origin="list.txt", key=uri)


def local(name: str, content: str) -> Entry:
    return Entry(uri=name, kind="file", origin="x", key=name, sha256=sha_of(content))


def sha_of(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def document(entry: Entry, content: str) -> RawDocument:
    source = Source(kind="url", uri=entry.uri, sha256=sha_of(content), retrieved="2026-01-01")
    return RawDocument(source, content.encode(), "text/html", "utf-8", entry.uri)


@dataclass
class Web:
    """Answers for addresses, after a while; ``failures`` are raised in turn first."""

    failures: dict[str, list[SourceError]] = field(default_factory=dict)
    pauses: random.Random | None = None
    asked: list[str] = field(default_factory=list)
    on_the_way: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def document_of(self, entry: Entry) -> RawDocument:
        with self.lock:
            self.asked.append(entry.uri)
            self.on_the_way += 1
            self.most = max(self.most, self.on_the_way)
        try:
            if self.pauses is not None:
                threading.Event().wait(self.pauses.random() / 200)
            waiting = self.failures.get(entry.uri)
            if waiting:
                raise waiting.pop(0)
            return document(entry, entry.uri.partition("?")[2])
        finally:
            with self.lock:
                self.on_the_way -= 1

    def ready_in(self, host: str) -> float:
        return 0.0

    def backoff(self, tries: int, error: SourceError) -> float | None:
        return 0.0 if error.retryable and tries <= 2 else None


class FakeWorkers:
    """Workers that answer in an order of their own; a page of ``bad…`` becomes a failure."""

    def __init__(
        self, report: Callable[[Answer], None], *, count: int, order: random.Random | None
    ) -> None:
        self.report = report
        self.count = count
        self.order = order
        self.pages: list[PageTask] = []
        self.judged: list[int] = []
        self.closed = False
        self.ended: queue.SimpleQueue[PageTask] = queue.SimpleQueue()

    @property
    def busy(self) -> int:
        return len(self.pages)

    @property
    def free(self) -> int:
        return self.count - self.busy

    def submit(self, task: PageTask) -> None:
        assert self.free > 0
        self.pages.append(task)
        if not self.free or self.order is None or self.order.random() < 0.5:
            self._end_one()

    def _end_one(self) -> None:
        self.report(Answer(0, 0, Future()))

    def settle(self, answer: Answer) -> Judged | None:
        if not self.pages:
            return None
        at = self.order.randrange(len(self.pages)) if self.order is not None else 0
        task = self.pages.pop(at)
        self.judged.append(task.seq)
        if self.pages:
            self._end_one()
        return Judged(task, self._result(task), 1)

    def watch(self) -> Iterator[Judged]:
        if self.pages:  # whoever was not ended by submit
            self._end_one()
        return iter(())

    def close(self) -> None:
        self.closed = True

    def _result(self, task: PageTask) -> PageResult:
        content = task.document.data.decode() if task.document else task.entry.uri[0]
        if content.startswith("bad"):
            return failed_page(task, kind="thin", message=f"{task.entry.uri}: too little")
        sha256 = task.document.source.sha256 if task.document else task.entry.sha256
        outcome = {"schema": "claimcheck.report/1", "of": task.seq}
        return PageResult(
            seq=task.seq,
            state="report",
            outcome=json.dumps(outcome).encode(),
            sha256=sha256,
            brief=Brief(title=content),
            seconds=0.1,
            cpu_seconds=0.25,
        )


@dataclass
class Run:
    """A drive over entries and what it left behind."""

    ledger: Ledger
    web: Web = field(default_factory=Web)
    order: random.Random | None = None
    settings: Settings = SETTINGS
    watcher: Any = field(default_factory=Silent)
    interrupts: Interrupts = field(default_factory=Interrupts)
    workers: FakeWorkers | None = None

    def go(self) -> list[FinalRow]:
        def workers(report: Callable[[Answer], None]) -> Any:
            self.workers = FakeWorkers(report, count=2, order=self.order)
            return self.workers

        self.drive = Drive(
            self.ledger,
            settings=self.settings,
            fetcher=self.web,  # type: ignore[arg-type]
            document_of=self.web.document_of,
            workers=workers,
            interrupts=self.interrupts,
            watcher=self.watcher,
        )
        self.spent = self.drive.run()
        assert self.workers is not None
        assert self.workers.closed
        return list(self.ledger.rows())


@pytest.fixture
def ledger_of(tmp_path: Path) -> Iterator[Callable[[list[Entry]], Ledger]]:
    opened: list[Ledger] = []

    def make(entries: list[Entry]) -> Ledger:
        ledger = Ledger.create(tmp_path / f"{len(opened)}.sqlite")
        opened.append(ledger)
        ledger.add(entries)
        ledger.finish_listing()
        return ledger

    yield make
    for ledger in opened:
        ledger.close()


def states(rows: list[FinalRow]) -> list[tuple[str, str | None, int | None]]:
    return [(row.state, row.reason, row.of) for row in rows]


# ---------------------------------------------------------------------- the tests


def test_addresses_and_files_come_to_an_end(ledger_of: Any) -> None:
    run = Run(ledger_of([url("a-1", "one"), local("f", "f"), url("a-2", "bad"), url("b-1", "two")]))
    rows = run.go()
    assert states(rows) == [
        ("done", None, None),
        ("done", None, None),
        ("failed", "thin", None),
        ("done", None, None),
    ]
    assert [row.attempts for row in rows] == [1, 1, 1, 1]
    assert rows[0].retrieved == "2026-01-01"
    assert run.spent.cpu_seconds == pytest.approx(0.75)
    assert run.spent.wall_seconds > 0


def test_nothing_to_do_is_done_at_once(ledger_of: Any) -> None:
    assert Run(ledger_of([])).go() == []


def test_a_busy_server_is_asked_again_and_a_missing_page_is_not(ledger_of: Any) -> None:
    busy = [SourceError("busy", kind="server-error", retryable=True) for _ in range(2)]
    gone = [SourceError("gone", kind="not-found")]
    never = [SourceError("slow", kind="timeout", retryable=True) for _ in range(9)]
    entries = [url("a-1", "x"), url("a-2"), url("a-3")]
    failures = {
        entry.uri: errors for entry, errors in zip(entries, (busy, gone, never), strict=True)
    }
    run = Run(ledger_of(entries), web=Web(failures))
    rows = run.go()
    assert states(rows) == [
        ("done", None, None),
        ("failed", "not-found", None),
        ("failed", "timeout", None),
    ]
    assert [row.attempts for row in rows] == [3, 1, 3]
    assert rows[2].message == "slow"


def test_the_same_content_is_judged_once(ledger_of: Any) -> None:
    run = Run(ledger_of([url(f"h{n}-1", "same") for n in range(6)]))
    rows = run.go()
    assert states(rows) == [("done", None, None)] + [("skipped", "duplicate-content", 0)] * 5
    assert run.workers is not None
    # The first of them that came in was judged, and each one that stands before an earlier
    # one: never one that stands after a page in hand.
    assert 0 in run.workers.judged
    assert len(run.workers.judged) < 6


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_events_decides_nothing(ledger_of: Any, seed: int) -> None:
    chance = random.Random(seed)
    entries: list[Entry] = []
    for number in range(30):
        content = chance.choice(["s", "t", "bad u", "v", f"own {number}"])
        host = chance.choice("abc")
        if chance.random() < 0.3:
            entries.append(local(f"{content[0]}{number}", content))
        else:
            entries.append(url(f"{host}-{number}", content))
    plain = Run(ledger_of(entries)).go()
    mixed = Run(
        ledger_of(entries),
        web=Web(pauses=random.Random(seed)),
        order=random.Random(seed),
    ).go()
    hidden = {"attempts", "seconds", "retrieved"}

    def shown(row: FinalRow) -> dict[str, Any]:
        return {name: value for name, value in row.to_json_dict().items() if name not in hidden}

    assert list(map(shown, mixed)) == list(map(shown, plain))
    assert all(row.state in ("done", "failed", "skipped") for row in plain)
    assert len(plain) == 30


def test_outcomes_are_committed_before_they_are_reported(ledger_of: Any) -> None:
    ledger = ledger_of([url(f"a-{n}", f"{n}") for n in range(20)])
    told: list[tuple[int, int]] = []

    class Watcher(Silent):
        def progressed(self, progress: Progress) -> None:
            counts = ledger.counts()
            told.append((progress.done, counts.inputs - counts.pending))

    Run(ledger, watcher=Watcher()).go()
    assert told[-1] == (20, 20)
    assert all(said <= committed for said, committed in told)


def test_a_stop_finishes_what_is_in_hand_and_a_second_run_does_the_rest(ledger_of: Any) -> None:
    ledger = ledger_of([url(f"{host}-{n}", f"{host}{n}") for n in range(20) for host in "abcd"])
    interrupts = Interrupts()
    web = Web()
    before = web.document_of

    def document_of(entry: Entry) -> RawDocument:
        if len(web.asked) == 10 and not interrupts.requested:
            interrupts.request()
        return before(entry)

    web.document_of = document_of  # type: ignore[method-assign]
    first = Run(ledger, web=web, interrupts=interrupts)
    rows = first.go()
    assert 0 < len(rows) < 80
    # Whatever was retrieved was also judged and committed.
    assert len(rows) == len(web.asked)
    second = Run(ledger)
    assert len(second.go()) == 80
    assert len(second.web.asked) == 80 - len(rows)


def test_a_retry_is_left_to_the_next_run_after_a_stop(ledger_of: Any) -> None:
    entry = url("a-1", "x")
    ledger = ledger_of([entry])
    interrupts = Interrupts()
    web = Web()

    def document_of(_: Entry) -> RawDocument:
        interrupts.request()
        raise SourceError("busy", kind="server-error", retryable=True)

    web.document_of = document_of  # type: ignore[method-assign]
    assert Run(ledger, web=web, interrupts=interrupts).go() == []
    assert states(Run(ledger).go()) == [("done", None, None)]


def test_large_pages_hold_back_new_ones(ledger_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BACKLOG_BYTES", 10)
    monkeypatch.setattr(module, "_BACKLOG_A_WORKER", 0)
    waiting: list[int] = []

    class Watcher(Silent):
        def progressed(self, progress: Progress) -> None:
            waiting.append(progress.waiting)

    entries = [url(f"h{n}-1", f"{n}" * 20) for n in range(30)]
    run = Run(ledger_of(entries), watcher=Watcher())
    assert len(run.go()) == 30
    assert run.web.most <= SETTINGS.connections
    assert max(waiting) <= SETTINGS.connections


def test_the_workers_end_whatever_happens(ledger_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(ledger_of([url("a-1", "x")]))

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "commit", broken)
    with pytest.raises(KeyboardInterrupt):
        run.go()
    assert run.workers is not None
    assert run.workers.closed
