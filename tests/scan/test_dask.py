"""A scan over Dask ends as one on this machine does, whatever dies on the way."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet
import pytest

from claimcheck.errors import ClaimcheckError, SourceError, UsageError
from claimcheck.fetch import Fetched
from claimcheck.judge.artefact import find_model, read_manifest
from claimcheck.scan import Drained, RunFolder, resume, scan, shard_run
from claimcheck.scan import cluster as cluster_module
from claimcheck.scan import dask as engine
from claimcheck.scan.cluster import WorkersDied, connected
from claimcheck.scan.dask import Fleet
from claimcheck.scan.ledger import Ledger, LedgerError
from claimcheck.scan.results import results_schema
from claimcheck.scan.rows import Brief, Committed, Pending
from claimcheck.scan.shard_files import Shards, read_shard, write_shard
from claimcheck.scan.shard_run import Job, Receipt, ShardLedger, run_shard
from claimcheck.scan.shards import Shard, ShardPage, Supply, cut, shard_size
from claimcheck.scan.watching import Interrupts, Progress, Silent
from claimcheck.settings import make_settings
from claimcheck.sources import Entry

CHILDREN = Path(__file__).resolve().parent / "children"
FAKE = "scan_children:fake"
SETTINGS = make_settings({"workers": 2})


@pytest.fixture(autouse=True)
def children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Child processes find the hooks."""
    monkeypatch.syspath_prepend(str(CHILDREN))


# ---------------------------------------------------------------------- inputs


def make_inputs(folder: Path) -> list[str]:
    """A folder of pages, some alike, some thin; a small archive and a table that repeat some."""
    pages = folder / "pages"
    pages.mkdir()
    for number in range(30):
        name = "fells-once-17" if number == 17 else f"page-{number:02}"
        (pages / f"{name}.md").write_text(text_of(number), encoding="utf-8")
    records = b"".join(gzip.compress(record_of(number), mtime=0) for number in range(25, 34))
    (folder / "some.warc.gz").write_bytes(records)
    with (folder / "some.jsonl").open("w", encoding="utf-8") as lines:
        for number in range(30, 40):
            row = {"url": f"http://table.test/{number}", "html": text_of(number)}
            lines.write(json.dumps(row) + "\n")
    return [str(pages), str(folder / "some.warc.gz"), str(folder / "some.jsonl")]


def text_of(number: int) -> str:
    if number % 7 == 3:
        return "thin"
    return "the same everywhere" if number % 5 == 2 else f"page number {number}"


def record_of(number: int) -> bytes:
    """A response of a web archive."""
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + text_of(number).encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"WARC-Target-URI: http://archive.test/{number}\r\n"
        "WARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n"
    )
    return head.encode() + b"\r\n" + body + b"\r\n\r\n"


def outcome_lines(run: Path) -> list[bytes]:
    """``results.jsonl``, sorted; nothing in it depends on the time for what is not fetched."""
    path = RunFolder.open(run).generation().path / "results.jsonl"
    return sorted(path.read_bytes().splitlines())


def timeless_rows(run: Path) -> list[dict[str, Any]]:
    path = RunFolder.open(run).generation().path / "ledger.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    hidden = ("attempts", "seconds", "retrieved")
    return [{name: row[name] for name in row if name not in hidden} for row in rows]


def shard_files(run: Path) -> list[Path]:
    return sorted((RunFolder.open(run).generation().path / "shards").glob("*.parquet"))


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The inputs, and a run over them on this machine."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(CHILDREN))
        inputs = make_inputs(folder)
        scan(inputs, folder / "run", settings=make_settings({"workers": 1}), page_hook=FAKE)
    return SimpleNamespace(inputs=inputs, pages=folder / "pages", run=folder / "run")


def assert_same(run: Path, other: Path) -> None:
    assert outcome_lines(run) == outcome_lines(other)
    assert timeless_rows(run) == timeless_rows(other)
    assert RunFolder.open(run).generation().manifest.complete


# ---------------------------------------------------------------------- whole scans


def test_dask_gives_what_one_machine_gives(local: SimpleNamespace, tmp_path: Path) -> None:
    seen: list[Progress] = []
    notes: list[str] = []

    class Watcher(Silent):
        def progressed(self, progress: Progress) -> None:
            seen.append(progress)

        def noted(self, text: str) -> None:
            notes.append(text)

    run = tmp_path / "run"
    options = make_settings({"workers": 1})
    how: dict[str, Any] = {"settings": options, "engine": "dask", "page_hook": FAKE}
    summary = scan(local.inputs, run, watcher=Watcher(), **how)
    assert_same(run, local.run)
    assert seen[-1].done == seen[-1].total == summary.inputs == 49
    assert notes
    assert notes[0].startswith("Dask dashboard: http://127.0.0.1:")
    # The shards hold exactly what was committed, one row for each outcome.
    tables = [pyarrow.parquet.read_table(path) for path in shard_files(run)]
    assert all(table.schema.equals(results_schema()) for table in tables)
    seqs = [seq for table in tables for seq in table["seq"].to_pylist()]
    with RunFolder.open(run).generation().ledger() as ledger:
        committed = [row.seq for row in ledger.rows() if row.attempts]
    assert sorted(seqs) == committed
    assert not (shard_files(run)[0].parent / "new").exists()


def test_a_worker_killed_half_way_changes_nothing(local: SimpleNamespace, tmp_path: Path) -> None:
    """On a cluster that was there before, whose workers know nothing of us."""
    import distributed

    run = tmp_path / "run"
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=50,
    ) as cluster:
        scan(
            local.inputs,
            run,
            settings=SETTINGS,
            engine="dask",
            scheduler=cluster.scheduler_address,
            page_hook="dask_children:fells",
        )
    assert (local.pages.parent / "fells-once-17.fallen").exists()
    assert_same(run, local.run)


_DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from claimcheck.scan import scan
from claimcheck.scan.watching import Silent
from claimcheck.settings import make_settings

class Watcher(Silent):
    def progressed(self, progress):
        print(progress.done, flush=True)

if __name__ == "__main__":
    scan(sys.argv[3:], Path(sys.argv[2]), settings=make_settings({"workers": 2}),
         engine="dask", watcher=Watcher(), page_hook="dask_children:lingers")
"""


@pytest.mark.slow
def test_a_killed_driver_is_resumed_at_its_shards(local: SimpleNamespace, tmp_path: Path) -> None:
    run, script = tmp_path / "run", tmp_path / "driver.py"
    script.write_text(_DRIVER, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), str(CHILDREN), str(run), *local.inputs],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as driver:
        assert driver.stdout is not None
        first = int(driver.stdout.readline())
        for line in driver.stdout:
            if int(line) > first:
                break
        os.killpg(driver.pid, signal.SIGKILL)
    with RunFolder.open(run).generation().ledger(readonly=True) as ledger:
        before = {row.seq for row in ledger.rows() if row.attempts}
        assert ledger.counts().pending
    assert before
    kept = {path: path.stat().st_mtime_ns for path in shard_files(run)}
    resume(run, settings=make_settings({"workers": 1}), engine="dask", page_hook=FAKE)
    assert_same(run, local.run)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


@pytest.mark.slow
def test_a_page_that_fells_its_workers_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claimcheck.scan import shards

    monkeypatch.setattr(shards, "_LEAST_PAGES", 2)
    monkeypatch.setattr(engine, "_SINGLE_TRIES", 1)
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("a", "fells-always"):
        (pages / f"{name}.md").write_text(name, encoding="utf-8")
    run = tmp_path / "run"
    options = make_settings({"workers": 1})
    scan([str(pages)], run, settings=options, engine="dask", page_hook="dask_children:fells")
    states = {Path(row["uri"]).stem: row["state"] for row in timeless_rows(run)}
    assert states == {"a": "done", "fells-always": "failed"}
    (failed,) = [row for row in timeless_rows(run) if row["state"] == "failed"]
    assert failed["reason"] == "internal"
    assert "no Dask worker could deal with this page (2 workers died over it)" in failed["message"]


# ---------------------------------------------------------------------- what is asked for


def test_dask_is_imported_only_when_it_is_used() -> None:
    code = (
        "import sys, claimcheck.scan.run, claimcheck.scan.dask\n"
        "found = {'dask', 'distributed', 'pyarrow'} & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(UsageError, match=r"pip install 'claimcheck-health\[cluster\]'"),
        connected(SETTINGS, None),
    ):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_a_scheduler_that_is_not_there(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_CONNECT", 0.5)
    with (
        pytest.raises(UsageError, match=r"no Dask scheduler .* `dask scheduler` prints"),
        connected(SETTINGS, address),
    ):
        pass


# ---------------------------------------------------------------------- cutting


def page(seq: int, name: str = "", *, host: str | None = None, container: str = "") -> ShardPage:
    uri = f"http://{host}/{seq}" if host else name or f"/gone/{seq}.md"
    entry = Entry(
        uri=uri,
        kind="url" if host else "record" if container else "file",
        origin="x",
        key=uri,
        container=container or None,
    )
    return ShardPage(seq=seq, entry=entry, host=host)


def pending(*containers: str) -> list[Pending]:
    return [
        Pending(seq, page(seq, container=container).entry)
        for seq, container in enumerate(containers)
    ]


@pytest.mark.parametrize(
    ("count", "size"), [(0, 8), (30, 8), (10_000, 40), (65_536, 256), (10**8, 256)]
)
def test_size_of_a_shard(count: int, size: int) -> None:
    assert shard_size(count) == size


@pytest.mark.parametrize(
    ("containers", "most", "taken"),
    [
        ("", 4, 0),
        ("aaaaaa", 4, 4),
        ("aaabbb", 4, 3),  # the archive ends in the second half
        ("abbbbb", 4, 4),  # it ends too soon
        ("aaaab", 4, 4),
        ("ab", 1, 1),
    ],
)
def test_shards_end_where_a_container_does(containers: str, most: int, taken: int) -> None:
    assert len(cut(pending(*containers), most=most)) == taken


def test_a_shard_is_named_by_what_it_holds() -> None:
    shard = Shard((page(3), page(5)))
    assert shard.name == Shard((page(3), page(5))).name
    assert shard.name.startswith("000000000003-")
    assert shard.key != Shard((page(3), page(6))).key
    assert shard.key != Shard((page(3, "other.md"), page(5))).key
    assert [len(half.pages) for half in shard.halves()] == [1, 1]
    with pytest.raises(ValueError, match="cannot be split"):
        shard.halves()[0].halves()


def made_ledger(folder: Path, entries: list[Entry]) -> Ledger:
    ledger = Ledger.create(folder / "ledger.sqlite")
    ledger.add(entries)
    ledger.finish_listing()
    return ledger


def urls(host: str, count: int) -> list[Entry]:
    return [
        Entry(uri=f"http://{host}/{n}", kind="url", origin="x", key=f"{host}{n}")
        for n in range(count)
    ]


def test_no_two_shards_ask_the_same_host(tmp_path: Path) -> None:
    now = 0.0
    many = [entry for n in range(20) for entry in urls(f"h{n:02}.test", 3)]
    with made_ledger(tmp_path, urls("long.test", 120) + many) as ledger:
        supply = Supply(ledger, clock=lambda: now)
        first, second = supply.next(), supply.next()
        assert first is not None
        assert second is not None
        assert "long.test" in first.shard.hosts
        assert len(first.shard.hosts) == 16
        assert len(second.shard.hosts) == 5
        assert not first.shard.hosts & second.shard.hosts
        assert supply.next() is None  # the rest of long.test waits for its turn
        assert supply.wait() is None
        supply.finished(second)
        supply.finished(first, rest=30.0)
        assert (supply.next(), supply.wait()) == (None, 30.0)
        now = 30.0
        third = supply.next()
        assert third is not None
        assert [p.seq for p in third.shard.pages] == list(range(50, 100))
        supply.split(third, third.shard.halves())
        fourth = supply.next()
        assert fourth is not None
        assert fourth.shard == third.shard.halves()[0]
        assert supply.next() is None  # the other half asks the same host
        supply.finished(fourth)
        fifth = supply.next()
        assert fifth is not None
        assert fifth.shard == third.shard.halves()[1]
        supply.finished(fifth)
        sixth = supply.next()
        assert sixth is not None
        assert [p.seq for p in sixth.shard.pages] == list(range(100, 120))
        supply.finished(sixth, rest=30.0)
        assert (supply.next(), supply.wait()) == (None, None)


# ---------------------------------------------------------------------- the file of a shard


def made_outcome(seq: int, sha256: str | None = None, **more: Any) -> Committed:
    line = json.dumps({"schema": "claimcheck.report/1", "number": seq}).encode()
    brief = Brief(title=f"Page {seq}", severities=(1, 0, 2), issues={"hype": 2}, score=0.5)
    return Committed(
        **{"seq": seq, "state": "report", "sha256": sha256, "outcome": line, "brief": brief, **more}
    )


def made_failure(seq: int, message: str = "thin") -> Committed:
    line = json.dumps({"error": {"kind": "thin", "message": message}}).encode()
    return made_outcome(seq, state="failure", outcome=line, brief=None)


def test_outcomes_come_back_from_a_shard(tmp_path: Path) -> None:
    shard = Shard((page(1, "\udc80.md"), page(2), page(4), page(7)))
    outcomes = [
        made_outcome(1, "a" * 64, retrieved="2026-01-01T00:00:00Z", seconds=0.25, attempts=2),
        made_failure(2, "\udc80.md: thin"),
        made_outcome(4, "a" * 64, state="same", same_as=1, outcome=None, brief=None),
    ]
    path = tmp_path / shard.name
    assert write_shard(path, shard, {one.seq: one for one in reversed(outcomes)}) == 3
    assert read_shard(path) == outcomes
    first = path.read_bytes()
    write_shard(path, shard, {one.seq: one for one in outcomes})
    assert path.read_bytes() == first
    assert [one.name for one in tmp_path.iterdir()] == [shard.name]


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    for content in (b"", b"PAR1 no table PAR1"):
        (tmp_path / "x.parquet").write_bytes(content)
        with pytest.raises(LedgerError, match=r"x\.parquet: is damaged"):
            read_shard(tmp_path / "x.parquet")
    with pytest.raises(LedgerError, match="share"):
        Shards(tmp_path, patience=0.0).commit(None, "gone.parquet")  # type: ignore[arg-type]


def test_finished_shards_are_taken_up(tmp_path: Path) -> None:
    """Fresh ones are committed, committed ones kept, half-done and damaged ones judged anew."""
    entries = [page(seq).entry for seq in range(8)]
    shards = Shards(tmp_path)
    groups = {"fresh": (0, 1), "known": (2, 3), "half": (4, 5), "damaged": (6, 7)}
    names = {}
    for name, seqs in groups.items():
        shard = Shard(tuple(page(seq) for seq in seqs))
        names[name] = shard.name
        write_shard(shards.new / shard.name, shard, {seq: made_outcome(seq) for seq in seqs})
    (shards.new / names["damaged"]).write_bytes(b"x")
    (shards.new / ".x.parquet.0123.tmp").touch()
    with made_ledger(tmp_path, entries) as ledger:
        ledger.commit([made_outcome(seq) for seq in (2, 3, 4)])
        assert shards.take_up(ledger) == 2
        assert [one.seq for one in ledger.pending(kinds=["file"])] == [5, 6, 7]
        assert shards.take_up(ledger) == 0
    kept = {path.name for path in shards.kept.iterdir() if path.is_file()}
    assert kept == {names["fresh"], names["known"]}
    assert not list(shards.new.iterdir())
    shards.close()
    assert not shards.new.exists()


# ---------------------------------------------------------------------- the driver


class MadeUp:
    """A cluster in this process; ``do`` is called for each job at once."""

    def __init__(self, do: Callable[[Job], Receipt], *, threads: int = 1) -> None:
        self.do = do
        self.count = threads
        self.keys: list[str] = []
        self.drained: list[str] = []

    def submit(self, job: Job, *, key: str) -> Any:
        assert key not in self.keys
        self.keys.append(key)
        future: Future[Receipt] = Future()
        try:
            future.set_result(self.do(job))
        except Exception as error:  # noqa: BLE001 - as Dask does
            future.set_exception(error)
        future.key = key  # type: ignore[attr-defined]
        future.release = lambda: None  # type: ignore[attr-defined]
        return future

    def receipt(self, future: Any) -> Receipt:
        return future.result()  # type: ignore[no-any-return]

    def threads(self) -> int:
        return self.count

    def drain(self, session: str) -> None:
        self.drained.append(session)


def template(folder: Path, /, **more: Any) -> Job:
    model = read_manifest(find_model(SETTINGS.model))
    return Job(
        **{
            "session": "s",
            "shard": Shard(()),
            "folder": folder,
            "cache": folder / "cache",
            "settings": SETTINGS,
            "version": __import__("claimcheck").__version__,
            "model_sha256": model.sha256,
            **more,
        }
    )


def judged(job: Job) -> Receipt:
    shard = job.shard
    rows = write_shard(
        job.folder / shard.name, shard, {p.seq: made_outcome(p.seq) for p in shard.pages}
    )
    return Receipt(rows=rows, cpu_seconds=1.0)


def fleet(ledger: Ledger, folder: Path, cluster: MadeUp, interrupts: Interrupts) -> Fleet:
    shards = Shards(folder)
    return Fleet(
        ledger,
        shards,
        cluster,
        template=template(shards.new),
        interrupts=interrupts,
        watcher=Silent(),
    )


def test_a_shard_is_split_until_the_page_is_found(tmp_path: Path) -> None:
    def fells(job: Job) -> Receipt:
        if any(p.seq == 5 for p in job.shard.pages):
            raise WorkersDied("two workers died over it")
        return judged(job)

    cluster = MadeUp(fells)
    with made_ledger(tmp_path, [page(seq).entry for seq in range(20)]) as ledger:
        spent = fleet(ledger, tmp_path, cluster, Interrupts()).run()
        counts = ledger.counts()
        (failed,) = [row for row in ledger.rows() if row.state == "failed"]
    assert (counts.done, counts.failed, counts.pending) == (19, {"internal": 1}, 0)
    assert (failed.seq, failed.attempts) == (5, 2)
    assert failed.message is not None
    assert failed.message.startswith("/gone/5.md: no Dask worker could deal with this page (two")
    assert spent.cpu_seconds == 5.0  # the shards that went well: 4, 2, 1, 8 and 4 pages
    found = [one.seq for path in tmp_path.glob("shards/*.parquet") for one in read_shard(path)]
    assert sorted(found) == list(range(20))


def test_inputs_that_workers_do_not_see_stop_the_scan(tmp_path: Path) -> None:
    here = tmp_path / "here.md"
    here.touch()

    def blind(job: Job) -> Receipt:
        judged(job)
        return Receipt(rows=1, unseen=str(here), machine="node7")

    with made_ledger(tmp_path, [page(0, str(here)).entry]) as ledger:
        with pytest.raises(UsageError, match=r"here\.md: the Dask worker on node7 does not see"):
            fleet(ledger, tmp_path, MadeUp(blind), Interrupts()).run()
        assert ledger.counts().pending == 1
    assert not list(tmp_path.glob("shards/**/*.parquet"))
    here.unlink()  # it is gone for everybody: a failure like any other
    (tmp_path / "ledger.sqlite").unlink()
    with made_ledger(tmp_path, [page(0, str(here)).entry]) as ledger:
        fleet(ledger, tmp_path, MadeUp(blind), Interrupts()).run()
        assert ledger.counts().pending == 0


def test_an_interrupted_scan_commits_what_comes_back(tmp_path: Path) -> None:
    interrupts = Interrupts()

    def interrupted(job: Job) -> Receipt:
        if not interrupts.requested:
            interrupts.request()
            return judged(job)
        return Receipt(rows=0)

    cluster = MadeUp(interrupted)
    with made_ledger(tmp_path, [page(seq).entry for seq in range(100)]) as ledger:
        fleet(ledger, tmp_path, cluster, interrupts).run()
        assert ledger.counts().pending == 92
    assert cluster.drained
    assert len(cluster.keys) == 2


def test_a_cluster_that_does_nothing_is_not_asked_for_ever(tmp_path: Path) -> None:
    with (
        made_ledger(tmp_path, [page(0).entry]) as ledger,
        pytest.raises(ClaimcheckError, match="no outcome"),
    ):
        fleet(ledger, tmp_path, MadeUp(lambda _: Receipt(rows=0)), Interrupts()).run()


# ---------------------------------------------------------------------- the worker


def test_a_worker_that_is_not_like_the_driver_refuses(tmp_path: Path) -> None:
    shard = Shard((page(0),))
    cases: dict[str, dict[str, Any]] = {
        "does not see this folder": {"folder": tmp_path / "elsewhere"},
        "install the same version": {"version": "0.0.0"},
        "another state of the model": {"model_sha256": "0" * 64},
    }
    for message, wrong in cases.items():
        with pytest.raises(UsageError, match=message):
            run_shard(template(tmp_path, shard=shard, **wrong))


def test_a_ledger_of_a_shard_keeps_the_rules() -> None:
    pages = [page(seq, host="a.test") for seq in (4, 2)] + [page(9)]
    ledger = ShardLedger(pages)
    assert [one.seq for one in ledger.pending(kinds=["url", "file"])] == [2, 4, 9]
    assert list(ledger.pending_hosts()) == [("a.test", 2)]
    ledger.commit([made_outcome(4, "x"), made_failure(9)])
    assert ledger.read_before("x", 4) is None
    assert ledger.read_before("x", 5) == 4
    ledger.commit([made_outcome(2, "x")])
    assert ledger.read_before("x", 4) == 2
    assert ledger.pending_of_host("a.test") == []
    assert ledger.counts().pending == 0


_REST = 0.2  # seconds between two pages of a host


class FakeFetcher:
    """A web made up for the test: a host that refuses once, pages alike, a page that is gone."""

    def __init__(self, options: Any, *, resolver: Any = None) -> None:
        self.options = options
        self.asked: dict[str, int] = {}
        self.last: dict[str, float] = {}

    def __enter__(self) -> FakeFetcher:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def attempt(self, url: str, *, refresh: bool = False) -> Fetched:
        assert refresh
        self.asked[url] = self.asked.get(url, 0) + 1
        self.last[url.split("/")[2]] = time.monotonic()
        if url.endswith("/1") and self.asked[url] == 1:
            raise SourceError(f"{url}: busy", kind="server-error", retryable=True)
        if url.endswith("/2"):
            raise SourceError(f"{url}: is not there", kind="not-found")
        return Fetched(
            url_final=url,
            data=b"alike" if url.endswith(("/3", "/4")) else url.encode(),
            media_type="text/html",
            charset="utf-8",
            status=200,
            retrieved="2026-01-01T00:00:00Z",
        )

    def backoff(self, tries: int, error: SourceError) -> float | None:
        return 0.0 if error.retryable and tries < 3 else None

    def ready_in(self, host: str) -> float:
        return max(0.0, self.last.get(host, float("-inf")) + _REST - time.monotonic())


def test_a_shard_of_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_run, "Fetcher", FakeFetcher)
    pages = tuple(page(seq, host="ab"[seq % 2] + ".test") for seq in range(5))
    job = template(tmp_path, shard=Shard(pages), refresh=True, page_hook=FAKE)
    try:
        receipt = run_shard(job)
        again = run_shard(job)  # with the child that was kept
    finally:
        shard_run.dismiss()
    assert (receipt.rows, receipt.unseen) == (5, None)
    assert 0.0 <= receipt.rest <= _REST
    assert again.rows == 5
    outcomes = read_shard(tmp_path / job.shard.name)
    assert [one.seq for one in outcomes] == [0, 1, 2, 3, 4]
    assert [one.state for one in outcomes][:3] == ["report", "report", "failure"]
    assert outcomes[1].attempts == 2
    content = hashlib.sha256(b"alike").hexdigest()
    assert (outcomes[3].state, outcomes[3].sha256) == ("report", content)
    # Judged, or the same, as it came first or second; either is a right thing to commit.
    assert outcomes[4].state in ("report", "same")
    assert outcomes[4].sha256 == content


def test_a_shard_can_be_told_to_stop(tmp_path: Path) -> None:
    shard_run.drain("stopped")
    job = template(tmp_path, session="stopped", shard=Shard((page(0),)), page_hook=FAKE)
    try:
        assert run_shard(job).rows == 0
    finally:
        shard_run.dismiss()
    assert not list(tmp_path.iterdir())


def test_a_shard_in_hand_can_be_told_to_stop(tmp_path: Path) -> None:
    pages = []
    for number in range(40):
        (tmp_path / f"p{number:02}.md").write_text(f"{number}", encoding="utf-8")
        pages.append(page(number, str(tmp_path / f"p{number:02}.md")))
    folder = tmp_path / "new"
    folder.mkdir()
    job = template(
        folder, session="stop", shard=Shard(tuple(pages)), page_hook="dask_children:lingers"
    )
    timer = threading.Timer(0.0, _drain_once_running, ("stop",))
    timer.start()
    try:
        receipt = run_shard(job)
    finally:
        timer.join()
        shard_run.dismiss()
    assert 0 <= receipt.rows < 40
    assert len(list(folder.iterdir())) == (receipt.rows > 0)


def _drain_once_running(session: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if any(name == session for name, _ in shard_run._sessions.running):
            time.sleep(1.0)
            shard_run.drain(session)
            return
        time.sleep(0.01)


def test_drained_is_raised_and_the_run_resumes(tmp_path: Path) -> None:
    """Ctrl-C over Dask, to the end: what was in hand is kept, the rest is done later."""
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(24):
        (pages / f"p{number:02}.md").write_text(f"{number}", encoding="utf-8")
    run = tmp_path / "run"

    class Impatient(Silent):
        asked = False

        def progressed(self, progress: Progress) -> None:
            if progress.done and not self.asked:
                self.asked = True
                signal.raise_signal(signal.SIGINT)

    options = make_settings({"workers": 1})
    how: dict[str, Any] = {"settings": options, "engine": "dask"}
    with suppress(Drained):
        scan([str(pages)], run, watcher=Impatient(), page_hook="dask_children:lingers", **how)
        pytest.fail("it was not interrupted")
    assert 0 < len(timeless_rows(run)) < 24
    resume(run, settings=options, page_hook=FAKE)  # on this machine
    assert RunFolder.open(run).generation().manifest.complete
    assert len(timeless_rows(run)) == 24
