"""Kill a scan with SIGKILL at random moments, resume it, and compare with one left in peace.

usage: python scripts/chaos_scan.py [--pages 200] [--kills 25] [--seed 4]

Scans the test site once undisturbed and once killed again and again, children and all:
some of the times while it starts, some while the result files are written, the others
at random counts of outcomes and a random fraction of a second later. Then the ledgers and
results of both (JSON Lines and Parquet) must be equal byte for byte, after sorting and
without retrieval times, durations and attempts, and every input must have exactly one
committed outcome.
Exit status 1 when they differ.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for tests/scan

from tests.scan.site import TestSite

from site_runs import SITE_OPTIONS, ScanProcess, generation_of, rows_of, whole_scan

TIMELY = frozenset({"retrieved", "seconds", "cpu_seconds", "attempts"})
"""What may differ between two scans of the same pages."""

START_SHARE, END_SHARE = 0.12, 0.12  # of the kills: while it starts, while it writes results
LONGEST_WAIT = 0.6  # seconds between the outcome that a kill waits for and the kill


@dataclass(frozen=True)
class Moment:
    """When to kill: at an event of the scan, and ``wait`` seconds later.

    ``event`` is ``start``, ``done`` (from ``count`` outcomes on) or ``compiling``.
    """

    event: str
    count: int
    wait: float

    def has_come(self, event: str, count: int) -> bool:
        """Whether this event is the one, or later than it."""
        order = ("listing", "started", "done", "compiling")
        if self.event == "start":
            return True
        if order.index(event) != order.index(self.event):
            return order.index(event) > order.index(self.event)
        return count >= self.count


def main() -> int:
    """Scan twice, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--kills", type=int, default=25, help="how often (default 25)")
    parser.add_argument("--seed", type=int, default=4, help="of site and moments (default 4)")
    parser.add_argument("--delay", type=float, default=0.2, help="seconds (default 0.2)")
    given = parser.parse_args()
    options = {**SITE_OPTIONS, "delay_seconds": given.delay}
    with (
        tempfile.TemporaryDirectory(prefix="chaos-scan-") as name,
        TestSite(given.pages, seed=given.seed, own_process=True) as site,
    ):
        folder = Path(name)
        inputs = folder / "pages.txt"
        inputs.write_text("\n".join(site.urls) + "\n", encoding="utf-8")
        calm = whole_scan([str(inputs)], folder / "calm", options=options)
        print(f"undisturbed    {calm.wall:6.1f} s, first outcome after {calm.started:.1f} s")
        site.reset()
        began = time.monotonic()
        moments = _moments(given.kills, given.pages, start=calm.started, seed=given.seed)
        killed = _killed_scan(inputs, folder / "killed", moments, options=options)
        print(f"killed         {time.monotonic() - began:6.1f} s, {killed} times")
        same = _compare(folder / "calm", folder / "killed", inputs=given.pages)
    if killed < given.kills:
        print(f"only {killed} of {given.kills} kills hit the scan; it had ended before")
    return 0 if same and killed == given.kills else 1


def _moments(kills: int, pages: int, *, start: float, seed: int) -> list[Moment]:
    """The moments in the order in which they can come; the first ones while it starts."""
    dice = random.Random(f"chaos {seed}")  # noqa: S311 - no secret hangs on it
    early, late = round(kills * START_SHARE), round(kills * END_SHARE)
    counts = sorted(dice.randrange(1, pages) for _ in range(kills - early - late))
    return [
        *(Moment("start", 0, dice.uniform(0, start)) for _ in range(early)),
        *(Moment("done", count, dice.uniform(0, LONGEST_WAIT)) for count in counts),
        *(Moment("compiling", 0, dice.uniform(0, 0.05)) for _ in range(late)),
    ]


def _killed_scan(
    inputs: Path, run: Path, moments: list[Moment], *, options: dict[str, object]
) -> int:
    """Start it, kill it, and so on; then let it end. How many kills found it running.

    :raises RuntimeError: it ended by itself with another status than 0.
    """
    print(f"{'kill':>4}  {'moment':24} {'outcomes then':>13}")
    done = 0
    for number, moment in enumerate(moments, start=1):
        process = ScanProcess([str(inputs)], run, options=options)
        reached = _wait_for(moment, process, done)
        if reached is None:
            status = process.wait()
            if status:
                raise RuntimeError(f"{run}: a resumed scan ended with status {status}")
            return number - 1
        done = reached
        process.kill()
        asked = f"{moment.event} {moment.count or ''}".strip() + f" + {moment.wait:.2f} s"
        print(f"{number:4}  {asked:24} {done:13}", flush=True)
    whole_scan([str(inputs)], run, options=options)
    return len(moments)


def _wait_for(moment: Moment, process: ScanProcess, done: int) -> int | None:
    """How many outcomes there were when the moment came; null if the scan ended before."""
    if moment.event == "start":
        time.sleep(moment.wait)
        return done
    for event, count in process.events():
        done = count if event == "done" else done
        if moment.has_come(event, count):
            time.sleep(moment.wait)
            return done
    return None


# ---------------------------------------------------------------------- the comparison


def _compare(calm: Path, killed: Path, *, inputs: int) -> bool:
    """Print the table of what was compared; whether all of it is the same."""
    print(f"\n{'':24} {'undisturbed':>12} {'killed':>12}")
    same = True
    for name, read in (("ledger", _ledger), ("results", _results), ("Parquet rows", _parquet)):
        ours, theirs = sorted(read(calm)), sorted(read(killed))
        equal = ours == theirs
        same &= equal
        verdict = "the same" if equal else "DIFFERENT"
        print(f"{name + ', lines':24} {len(ours):12} {len(theirs):12}  {verdict}")
        if not equal:
            _show_difference(ours, theirs)
    for run in (calm, killed):
        complaints = _committed_once(run, inputs=inputs)
        print(f"{run.name}: {inputs - len(complaints)} of {inputs} inputs committed exactly once")
        for line in complaints[:10]:
            print(f"  {line}")
        same &= not complaints
    generations = [len(list(run.glob("*/ledger.jsonl"))) for run in (calm, killed)]
    print(f"{'generations':24} {generations[0]:12} {generations[1]:12}")
    return same and generations == [1, 1]


def _show_difference(ours: list[bytes], theirs: list[bytes]) -> None:
    for sign, lines in (("-", set(ours) - set(theirs)), ("+", set(theirs) - set(ours))):
        for line in sorted(lines)[:5]:
            print(f"  {sign} {line[:400].decode()}")


def _committed_once(run: Path, *, inputs: int) -> list[str]:
    """What is wrong with the ledger: an input without an outcome, or with two."""
    from claimcheck.scan import RunFolder

    seqs = [row["seq"] for row in rows_of(run)]
    complaints = [
        f"input {seq}: {seqs.count(seq)} rows" for seq in set(seqs) if seqs.count(seq) > 1
    ]
    complaints += [f"input {seq}: no row" for seq in sorted(set(range(inputs)) - set(seqs))]
    with RunFolder.open(run).generation().ledger() as ledger:
        counts = ledger.counts()
    if counts.pending:
        complaints.append(f"{counts.pending} inputs are pending")
    return complaints


def _ledger(run: Path) -> Iterator[bytes]:
    for row in rows_of(run):
        yield _line(row)


def _results(run: Path) -> Iterator[bytes]:
    with (generation_of(run) / "results.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield _line(json.loads(line))


def _parquet(run: Path) -> Iterator[bytes]:
    import pyarrow.parquet as parquet

    with parquet.ParquetFile(generation_of(run) / "results.parquet") as table:
        for batch in table.iter_batches():
            for row in batch.to_pylist():
                if row.get("report"):
                    row["report"] = json.loads(row["report"])
                yield _line(row)


def _line(value: Any) -> bytes:
    """The value as JSON without what may differ; keys in their own order, which may not."""
    return json.dumps(_timeless(value), ensure_ascii=False, default=str).encode()


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(one) for name, one in value.items() if name not in TIMELY}
    if isinstance(value, list):
        return [_timeless(one) for one in value]
    return value


if __name__ == "__main__":
    sys.exit(main())
