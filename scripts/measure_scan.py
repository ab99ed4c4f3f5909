"""How many pages a scan judges, with one worker and with two.

usage: python scripts/measure_scan.py [--pages FOLDER] [--count 300] [--rounds 3]

Reads HTML from disk: the pages of FOLDER, or this project's examples. Where they are
fewer than ``--count`` they are taken again with a comment that tells them apart, for a
scan judges the same bytes only once. One worker and two take turns; the medians are
printed with the parent's share of the CPU time, and beside them what plain trafilatura
and a full spaCy parse of the same pages take in the same run. Exit status 1 when two
workers are less than 1.7 times as fast as one.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from site_runs import ROOT, Figures, median, rows_of, whole_scan

LEAST_SPEED_UP = 1.7


@dataclass(frozen=True)
class Plain:
    """What trafilatura and spaCy took, in CPU seconds: to load, and for the pages."""

    articles: int
    loading: float
    pages: float


def main() -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=Path, default=ROOT / "examples", help="folder of HTML")
    parser.add_argument("--count", type=int, default=300, help="pages a scan (default 300)")
    parser.add_argument("--rounds", type=int, default=3, help="scans of each (default 3)")
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)  # the process of _plain
    given = parser.parse_args()
    if given.plain:
        return _measure_plain(given.plain)
    with tempfile.TemporaryDirectory(prefix="measure-scan-") as name:
        folder = Path(name)
        count = _copy_pages(given.pages, folder / "pages", count=given.count)
        if not count:
            print(f"measure_scan: error: no HTML files in {given.pages}", file=sys.stderr)
            return 2
        return _measure(folder, count=count, rounds=given.rounds)


def _copy_pages(source: Path, target: Path, *, count: int) -> int:
    """So many different pages in the folder; the number."""
    pages = sorted(path for path in source.rglob("*.htm*") if path.is_file())
    target.mkdir()
    if not pages:
        return 0
    for number, page in enumerate(itertools.islice(itertools.cycle(pages), count)):
        mark = b"" if number < len(pages) else b"\n<!-- copy %d -->\n" % number
        (target / f"{number:05}.html").write_bytes(page.read_bytes() + mark)
    return count


def _measure(folder: Path, *, count: int, rounds: int) -> int:
    taken: dict[int, list[Figures]] = {1: [], 2: []}
    articles = 0
    plain = _plain(folder / "pages")
    for number, workers in itertools.product(range(rounds), (1, 2)):
        run = folder / f"run-{workers}-{number}"
        figures = whole_scan([str(folder / "pages")], run, options={"workers": workers})
        taken[workers].append(figures)
        articles = sum(row["state"] == "done" for row in rows_of(run))
        print(
            f"round {number + 1}, {workers} worker{'s' * (workers > 1)}: {figures.wall:6.1f} s, "
            f"load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    print(f"\n{count} pages, {articles} of them articles; medians of {rounds}")
    for workers, figures_of in taken.items():
        _print_scan(workers, figures_of, articles=articles)
    speed_up = _speed_up(taken)
    print(f"two workers against one: {speed_up[0]:.2f} with the start, {speed_up[1]:.2f} without")
    _print_plain(plain, taken[1], articles=articles)
    return 0 if speed_up[0] >= LEAST_SPEED_UP else 1


def _print_scan(workers: int, taken: list[Figures], *, articles: int) -> None:
    wall = median([f.wall for f in taken])
    cpu = median([f.parent_cpu + f.workers_cpu for f in taken])
    parent = median([f.parent_cpu / (f.parent_cpu + f.workers_cpu) for f in taken])
    steady = median([f.steady for f in taken])
    print(
        f"{workers} worker{'s' * (workers > 1):1} {wall:6.1f} s, "
        f"{articles / wall:5.2f} articles/s, {steady:5.2f} pages/s after the start, "
        f"{articles / cpu:5.2f} articles a core-second, parent {100 * parent:.1f} % of the CPU"
    )


def _speed_up(taken: dict[int, list[Figures]]) -> tuple[float, float]:
    """Two workers against one: by the wall time of all, and by the rate once started."""
    walls = [median([f.wall for f in taken[workers]]) for workers in (1, 2)]
    rates = [median([f.steady for f in taken[workers]]) for workers in (1, 2)]
    return walls[0] / walls[1], rates[1] / rates[0]


def _print_plain(plain: Plain, taken: list[Figures], *, articles: int) -> None:
    """Articles a core-second, of everything and of the pages alone, beside the plain way."""
    whole = articles / median([f.parent_cpu + f.workers_cpu for f in taken])
    pages = articles / median([f.pages_cpu for f in taken])
    plain_whole = plain.articles / (plain.loading + plain.pages)
    plain_pages = plain.articles / plain.pages
    print(f"\n{'articles a core-second':38} {'in all':>8} {'pages alone':>12}")
    print(f"{'scan with one worker':38} {whole:8.2f} {pages:12.2f}")
    print(f"{'trafilatura and a full spaCy parse':38} {plain_whole:8.2f} {plain_pages:12.2f}")
    print(f"{'scan against plain':38} {whole / plain_whole:8.2f} {pages / plain_pages:12.2f}")


# ---------------------------------------------------------------------- the plain way


def _plain(pages: Path) -> Plain:
    """Run :func:`_measure_plain` in a process of its own, with one thread."""
    answer = subprocess.run(
        [sys.executable, __file__, "--plain", str(pages)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Plain(**json.loads(answer.stdout))


def _measure_plain(pages: Path) -> int:
    began = time.process_time()
    import importlib

    import trafilatura

    from claimcheck.claims.pipeline import PIPELINE_PACKAGES

    for package in PIPELINE_PACKAGES:
        try:
            nlp = importlib.import_module(package).load()
        except ImportError:
            continue
        break
    else:
        print(f"measure_scan: error: install one of {PIPELINE_PACKAGES}", file=sys.stderr)
        return 2
    loaded = time.process_time()
    texts = (trafilatura.extract(page.read_bytes()) for page in sorted(pages.iterdir()))
    # Sixteen at a time is the quickest for articles: larger batches only fill the memory.
    articles = sum(1 for _ in nlp.pipe(filter(None, texts), batch_size=16))
    ended = time.process_time()
    print(json.dumps({"articles": articles, "loading": loaded - began, "pages": ended - loaded}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
