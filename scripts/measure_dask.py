"""What a scan over Dask takes, and what would be the first to run short with more pages.

usage: python scripts/measure_dask.py [--pages FOLDER] [--count 200] [--workers 1 2]

Scans HTML from disk, the pages of FOLDER or this project's examples (repeated with a comment
that tells them apart), with the local engine and over Dask clusters of this machine, each in
a process of its own. Then it replays what came out: how fast the driver commits shards to a
ledger, lists inputs and writes result files, and how long Dask takes for a task that does
nothing. From these it works out core hours, disk space and the driver's own time for 10^4 to
10^8 pages. docs/scaling.md explains the figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from claimcheck.scan.shards import Shard, ShardPage
from measure_scan import _copy_pages
from site_runs import ROOT, generation_of, rows_of

Item = TypeVar("Item")

LEDGER_PAGES = 2_000  # outcomes that are replayed
LISTED = 20_000  # inputs that are listed
RECORDS = 1_000  # of an archive that are listed
TASKS = 2_000  # that do nothing
SCALES = (10**4, 10**5, 10**6, 10**7, 10**8)
PAGES_A_SHARD = 256


@dataclass(frozen=True)
class Taken:
    """What one scan took: seconds, pages, mebibytes.

    ``driver`` and ``workers`` are CPU seconds with start and imports; ``judging`` those of
    the child processes while they had a page; ``peak`` is the driver's resident memory.
    """

    wall: float
    working: float
    driver: float
    workers: float
    judging: float
    articles: int
    pages: int
    peak: float


@dataclass(frozen=True)
class Driver:
    """What the driver can do, in pages a second, and bytes a page on the disk."""

    listing: float
    archive: float
    committing: float
    compiling: float
    tasks: float
    ledger_bytes: float
    shard_bytes: float
    results_bytes: float


def main() -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=Path, default=ROOT / "examples", help="folder of HTML")
    parser.add_argument("--count", type=int, default=200, help="pages a scan (default 200)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="default 1 2")
    parser.add_argument("--one", nargs=3, metavar="X", help=argparse.SUPPRESS)  # see _scanned
    given = parser.parse_args()
    if given.one:
        return _scan_one(given.pages, Path(given.one[0]), given.one[1], int(given.one[2]))
    with tempfile.TemporaryDirectory(prefix="measure-dask-") as name:
        folder = Path(name)
        if not _copy_pages(given.pages, folder / "pages", count=given.count):
            print(f"measure_dask: error: no HTML files in {given.pages}", file=sys.stderr)
            return 2
        return _measure(folder, workers=given.workers)


def _measure(folder: Path, *, workers: list[int]) -> int:
    local = _scanned(folder, "local", 1)
    _print_scan("local", 1, local)
    taken = local
    for count in workers:
        taken = _scanned(folder, "dask", count)
        _print_scan("dask", count, taken)
    driver = _driver(folder, run=folder / f"dask-{workers[-1]}")
    print(
        f"\nthe driver: lists {driver.archive:,.0f} records/s of an archive "
        f"(and writes {driver.listing:,.0f}/s down), commits {driver.committing:,.0f} "
        f"pages/s, writes result files at {driver.compiling:,.0f} pages/s; Dask hands out "
        f"{driver.tasks:,.0f} tasks/s\non the disk, bytes a page: ledger "
        f"{driver.ledger_bytes:,.0f}, shards {driver.shard_bytes:,.0f}, result files "
        f"{driver.results_bytes:,.0f}"
    )
    _print_scales(taken, driver)
    return 0


def _print_scan(engine: str, workers: int, taken: Taken) -> None:
    cpu = taken.driver + taken.workers
    print(
        f"{engine:5} {workers} worker{'s' * (workers > 1):1} {taken.wall:6.1f} s, "
        f"{taken.pages / taken.working:5.2f} pages/s without the start, "
        f"{taken.pages / taken.judging:5.2f} pages a core-second judging, "
        f"{taken.pages / cpu:5.2f} with all else; driver {taken.driver:.1f} s of CPU, "
        f"{taken.peak:.0f} MB; {taken.articles} of {taken.pages} are articles, "
        f"load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _print_scales(taken: Taken, driver: Driver) -> None:
    judging = taken.judging / taken.pages
    listing, commit = 1 / driver.archive + 1 / driver.listing, 1 / driver.committing
    print(
        f"\na page takes {1000 * judging:.0f} ms of a core, and {1000 * commit:.2f} ms of the "
        f"driver to commit, so one driver keeps up with {judging / commit:,.0f} cores"
    )
    print("     pages   core hours   on 64 cores    list   commit   compile   scheduler   on disk")
    for pages in SCALES:
        hours = pages * judging / 3600
        disk = pages * (driver.ledger_bytes + driver.shard_bytes + driver.results_bytes)
        print(
            f"{pages:>10,}  {hours:>10,.1f} h  {hours / 64:>9,.1f} h  "
            f"{pages * listing / 3600:>6,.1f} h {pages * commit / 3600:>6,.1f} h "
            f"{pages / driver.compiling / 3600:>7,.1f} h  "
            f"{pages / PAGES_A_SHARD / driver.tasks:>8,.0f} s  {disk / 1e9:>6,.1f} GB"
        )


# ---------------------------------------------------------------------- one scan


def _scanned(folder: Path, engine: str, workers: int) -> Taken:
    """A scan in a process of its own, so that nobody else's time is counted."""
    run = folder / f"{engine}-{workers}"
    answer = subprocess.run(
        [
            sys.executable,
            __file__,
            "--pages",
            str(folder / "pages"),
            "--one",
            str(run),
            engine,
            str(workers),
        ],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Taken(**json.loads(answer.stdout.splitlines()[-1]))


def _scan_one(pages: Path, run: Path, engine: str, workers: int) -> int:
    from claimcheck.scan import scan
    from claimcheck.scan.watching import Progress, Silent
    from claimcheck.settings import make_settings

    class Watcher(Silent):
        first: tuple[float, int] | None = None
        last: tuple[float, int] = (0.0, 0)

        def progressed(self, progress: Progress) -> None:
            if progress.done and progress.done != self.last[1]:
                self.last = (time.monotonic(), progress.done)
                self.first = self.first or self.last

    watcher = Watcher()
    began = time.monotonic()
    summary = scan(
        [str(pages)],
        run,
        settings=make_settings({"workers": workers}),
        engine="dask" if engine == "dask" else "local",
        watcher=watcher,
    )
    wall = time.monotonic() - began
    first, last = watcher.first or (began, 0), watcher.last
    # From the first outcomes to the last ones, and as much for those that came first.
    working = (last[0] - first[0]) * last[1] / max(1, last[1] - first[1])
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    taken = Taken(
        wall=wall,
        working=working or wall,
        driver=own.ru_utime + own.ru_stime,
        workers=children.ru_utime + children.ru_stime,
        judging=summary.cpu_seconds,
        articles=summary.articles,
        pages=sum(row["attempts"] > 0 for row in rows_of(run)),
        peak=_peak(),
    )
    print(json.dumps(dataclasses.asdict(taken)), flush=True)
    return 0


def _peak() -> float:
    """The most resident memory of this process, in mebibytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


# ---------------------------------------------------------------------- the driver


def _driver(folder: Path, *, run: Path) -> Driver:
    from claimcheck.scan.ledger import Ledger
    from claimcheck.scan.results import RESULT_FILES, compile_results
    from claimcheck.scan.shard_files import Shards, read_shard, write_shard
    from claimcheck.sources import Entry

    entries = [
        Entry(uri=f"/pages/{seq}.html", kind="file", origin="pages", key=f"/pages/{seq}.html")
        for seq in range(LISTED)
    ]
    path = folder / "replay.sqlite"
    with Ledger.create(path) as ledger:
        began = time.monotonic()
        for listed in _batches(entries, 500):
            ledger.add(listed)
        listing = LISTED / (time.monotonic() - began)
        ledger.finish_listing()
        files = sorted((generation_of(run) / "shards").glob("*.parquet"))
        known = [one for file in files for one in read_shard(file) if one.state != "same"]
        shards = Shards(folder)
        names = []
        for some in _batches(range(LEDGER_PAGES), PAGES_A_SHARD):
            outcomes = {
                seq: dataclasses.replace(known[seq % len(known)], seq=seq, sha256=f"{seq:064}")
                for seq in some
            }
            shard = Shard(tuple(ShardPage(seq=seq, entry=entries[seq]) for seq in some))
            write_shard(shards.new / shard.name, shard, outcomes)
            names.append(shard.name)
        began = time.monotonic()
        for name in names:
            shards.commit(ledger, name)
        committing = LEDGER_PAGES / (time.monotonic() - began)
        began = time.monotonic()
        compile_results(ledger, folder)
        compiling = LEDGER_PAGES / (time.monotonic() - began)
    # What was replayed repeats itself and packs too well; the run itself does not.
    generation, pages = generation_of(run), len(rows_of(run))
    results = [generation / name for name in RESULT_FILES]
    return Driver(
        listing=listing,
        archive=_archive(folder),
        committing=committing,
        compiling=compiling,
        tasks=_tasks(),
        ledger_bytes=(generation / "ledger.sqlite").stat().st_size / pages,
        shard_bytes=sum(file.stat().st_size for file in files) / pages,
        results_bytes=sum(file.stat().st_size for file in results if file.exists()) / pages,
    )


def _archive(folder: Path) -> float:
    """Records a second that the driver lists from an archive: it unpacks and hashes each."""
    from claimcheck.sources import ListingOptions, list_entries

    pages = [page.read_bytes() for page in sorted((folder / "pages").iterdir())]
    path = folder / "pages.warc.gz"
    with path.open("wb") as stream:
        for number in range(RECORDS):
            stream.write(gzip.compress(_record(number, pages[number % len(pages)])))
    began = time.monotonic()
    listed = sum(1 for _ in list_entries([str(path)], options=ListingOptions()))
    return listed / (time.monotonic() - began)


def _record(number: int, page: bytes) -> bytes:
    """A page as an archive holds it."""
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"WARC-Target-URI: http://archive.test/{number}\r\n"
        "WARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n"
    )
    return head.encode() + b"\r\n" + body + b"\r\n\r\n"


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _tasks() -> float:
    """Tasks a second that a cluster of this machine hands out and takes back."""
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        # As large as a job: each carries the entries of its shard.
        payload = [os.urandom(100_000) for _ in range(8)]
        client.gather(client.map(len, payload, pure=False))
        began = time.monotonic()
        futures = [
            client.submit(len, payload[number % len(payload)], pure=False)
            for number in range(TASKS)
        ]
        client.gather(futures)
        return TASKS / (time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
