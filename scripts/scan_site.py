"""Scan the test site and compare what came of each page with what should have.

usage: python scripts/scan_site.py [--pages 2000] [--delay 2.0]
       python scripts/scan_site.py --memory local|site

The first serves 2,000 pages on 40 hosts from a process of its own, scans them with two
workers, and prints a table of the states, whether every host was asked politely, and the
wall time beside what it cannot be less than: the slowest host's requests times its delay,
and the workers' CPU time divided by their number. Exit status 1 when a state is wrong, a
host was pressed, or the wall time is more than 1.3 times the larger of the two. With a
delay of 2 seconds the slowest host decides on two cores; with less the processor does, and
the site and the parent, which need some of the same cores, are in the ratio as well.

``--memory`` measures the peak memory of the scan's parent process on 500 and on 5,000
inputs: files of which a fifth are articles, or pages of the test site. Exit status 1 when
the two differ by more than a fifth.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for tests/scan

from tests.scan import site_text
from tests.scan.site import TestSite, impolite, slowest_host

from site_runs import SITE_OPTIONS, Figures, rows_of, whole_scan

MOST_OVER_FLOOR = 1.3
TOLERANCE = 0.6  # of the delay, that a late arrival may take off one gap but off no sum of them
MEMORY_SIZES = (500, 5000)
MEMORY_BAND = (0.8, 1.2)


def main() -> int:
    """Measure, print; 1 when something is not as it should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=2000, help="how many (default 2000)")
    parser.add_argument("--delay", type=float, default=2.0, help="seconds (default 2.0)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--seed", type=int, default=4, help="of the site (default 4)")
    parser.add_argument(
        "--memory", choices=["local", "site"], help="the parent's memory on 500 and 5,000 inputs"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scan-site-") as folder:
        if given.memory:
            return _memory(Path(folder), kind=given.memory, seed=given.seed)
        return _scan_site(
            Path(folder),
            pages=given.pages,
            delay=given.delay,
            workers=given.workers,
            seed=given.seed,
        )


# ---------------------------------------------------------------------- the states


def _scan_site(folder: Path, *, pages: int, delay: float, workers: int, seed: int) -> int:
    options = {**SITE_OPTIONS, "delay_seconds": delay, "workers": workers}
    with TestSite(
        pages, seed=seed, crawl_delay=2 * delay, slow_seconds=1.0, own_process=True
    ) as site:
        addresses = folder / "pages.txt"
        addresses.write_text("\n".join(site.urls) + "\n", encoding="utf-8")
        figures = whole_scan([str(addresses)], folder / "run", options=options)
        rows = rows_of(folder / "run")
        wrong = _compare(site, rows)
        rude = impolite(site.requests, site.delays(delay), tolerance=TOLERANCE * delay)
        print(f"\n{len(site.requests)} requests, {len(rude)} of them too early or at once")
        for line in rude[:20]:
            print(f"  {line}")
        ratio = _times(site, figures, delay=delay, workers=workers)
    return 1 if wrong or rude or ratio > MOST_OVER_FLOOR else 0


def _compare(site: TestSite, rows: list[dict[str, Any]]) -> int:
    """Print the table; how many inputs ended otherwise than expected."""
    table: defaultdict[str, Counter[str]] = defaultdict(Counter)
    complaints = []
    by_seq = {row["seq"]: row for row in rows}
    for page in site.pages:
        expected = site.expected[page.position]
        row = by_seq.get(page.position)
        want = _state(expected.state, expected.reason)
        got = _state(row["state"], row["reason"]) if row else "no final state"
        table[page.kind][f"{want} -> {got}"] += 1
        if want != got or (row and row["of"] != expected.of):
            complaints.append(f"  {page.url}: expected {expected}, got {row}")
    print(f"{'kind of page':22} {'pages':>5}  expected -> got")
    for kind, ends in table.items():
        for end, count in ends.most_common():
            print(f"{kind:22} {count:5}  {end}")
    extra = len(rows) - len(site.pages)
    print(f"\n{len(rows)} final states for {len(site.pages)} inputs, {len(complaints)} wrong")
    for line in complaints[:20]:
        print(line)
    return len(complaints) + abs(extra)


def _state(state: str, reason: str | None) -> str:
    return f"{state} ({reason})" if reason else state


def _times(site: TestSite, figures: Figures, *, delay: float, workers: int) -> float:
    """Print the wall time and both of its floors; the ratio to the higher."""
    host, count, seconds = slowest_host(site.requests, site.delays(delay))
    judging = figures.workers_cpu / workers
    ratio = figures.wall / max(seconds, judging)
    print(f"slowest host   {seconds:7.1f} s ({host}: {count} requests)")
    print(f"workers' CPU   {judging:7.1f} s ({figures.workers_cpu:.1f} s on {workers} workers)")
    print(f"wall time      {figures.wall:7.1f} s, {ratio:.2f} times the larger")
    print(f"parent         {figures.parent_cpu:7.1f} s CPU, {figures.peak:.0f} MiB at its peak")
    load = os.getloadavg()[0]
    print(f"load average   {load:7.1f} on {os.cpu_count()} cores at the end")
    return ratio


# ---------------------------------------------------------------------- memory


def _memory(folder: Path, *, kind: str, seed: int) -> int:
    peaks = []
    for count in MEMORY_SIZES:
        began = time.monotonic()
        measure = _memory_of_files if kind == "local" else _memory_of_site
        figures = measure(folder / str(count), count=count, seed=seed)
        peaks.append(figures.peak)
        print(
            f"{figures.inputs:6} inputs  {figures.peak:7.1f} MiB at the parent's peak, "
            f"{figures.peak_judging:.1f} until the results were written "
            f"({time.monotonic() - began:.0f} s)",
            flush=True,
        )
    ratio = peaks[1] / peaks[0]
    print(f"ratio {ratio:.3f}, allowed {MEMORY_BAND[0]} to {MEMORY_BAND[1]}")
    return 0 if MEMORY_BAND[0] <= ratio <= MEMORY_BAND[1] else 1


def _memory_of_files(folder: Path, *, count: int, seed: int) -> Figures:
    pages = folder / "pages"
    pages.mkdir(parents=True)
    for number in range(count):
        write = site_text.article if number % 5 == 0 else site_text.thin
        (pages / f"{number:05}.html").write_text(write(seed, number), encoding="utf-8")
    options: Mapping[str, object] = {"workers": 2}
    return whole_scan([str(pages)], folder / "run", options=options)


def _memory_of_site(folder: Path, *, count: int, seed: int) -> Figures:
    folder.mkdir(parents=True)
    with TestSite(count, seed=seed, crawl_delay=0.2, own_process=True) as site:
        addresses = folder / "pages.txt"
        addresses.write_text("\n".join(site.urls) + "\n", encoding="utf-8")
        options = {**SITE_OPTIONS, "delay_seconds": 0.1}
        return whole_scan([str(addresses)], folder / "run", options=options)


if __name__ == "__main__":
    sys.exit(main())
