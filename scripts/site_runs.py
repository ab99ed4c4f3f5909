"""One scan in a process of its own, watched and measured.

Shared by the scripts that prove scans (``scan_site.py``, ``chaos_scan.py``,
``measure_scan.py``). They use :class:`ScanProcess`; the process that it starts runs this
file, which calls :func:`claimcheck.scan.scan`, or :func:`claimcheck.scan.resume` where the
run folder is there already, with a look-up that knows ``*.test``, and prints how far it is::

    done 17            so many inputs have a committed outcome
    compiling          all have; the result files are being written
    figures {...}      the end, with what it took
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the test site lies in tests/, outside the package

if TYPE_CHECKING:
    from claimcheck.scan.ledger import Counts
    from claimcheck.scan.summary import Summary
    from claimcheck.scan.watching import Progress

SITE_OPTIONS: Mapping[str, object] = {
    "allow_private": True,
    "max_bytes": 2_000_000,
    "timeout_seconds": 4.0,
    "retries": 2,
    "workers": 2,
    "connections": 32,
}
"""Settings for scans of the test site: its traps shall end soon."""


@dataclass(frozen=True)
class Figures:
    """What a scan took, in seconds and mebibytes.

    ``started`` is from the beginning to the first outcome; ``parent_cpu`` and
    ``workers_cpu`` include start and imports, ``pages_cpu`` is what the workers took for the
    pages alone; ``peak`` is the parent's resident memory, and ``peak_judging`` what it was
    when all was judged and the results were still to be written.
    ``first`` and ``inputs`` count outcomes: at ``started``, and in all.
    """

    wall: float
    started: float
    first: int
    inputs: int
    parent_cpu: float
    workers_cpu: float
    pages_cpu: float
    peak: float
    peak_judging: float

    @property
    def steady(self) -> float:
        """Inputs a second between the first outcome and the end."""
        return (self.inputs - self.first) / max(1e-9, self.wall - self.started)


class ScanProcess:
    """A scan, or the next part of one, in a process group of its own.

    :param inputs: as ``claimcheck scan`` takes them.
    :param run: the run folder; where it is there already the scan is resumed.
    :param options: settings.
    """

    def __init__(self, inputs: Sequence[str], run: Path, *, options: Mapping[str, object]) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                str(Path(__file__).resolve()),
                str(run),
                *inputs,
                "--options",
                json.dumps(options),
            ],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.figures: Figures | None = None

    def events(self) -> Iterator[tuple[str, int]]:
        """What happens, as it happens: ``done`` with a number, ``compiling`` with 0."""
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        for line in self._process.stdout:
            name, _, rest = line.strip().partition(" ")
            if name == "figures":
                self.figures = Figures(**json.loads(rest))
            else:
                yield name, int(rest or 0)

    def kill(self) -> None:
        """End it and all its children with SIGKILL, and wait until they are gone."""
        group = self._process.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self.wait()
        for _ in range(500):
            try:
                os.killpg(group, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(0.01)
        raise RuntimeError(f"process group {group} is still there five seconds after SIGKILL")

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        status = self._process.wait()
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdout.close()
        return status


def whole_scan(inputs: Sequence[str], run: Path, *, options: Mapping[str, object]) -> Figures:
    """A scan from beginning to end.

    :raises RuntimeError: it ended with another status than 0.
    """
    process = ScanProcess(inputs, run, options=options)
    for _ in process.events():
        pass
    status = process.wait()
    if status or process.figures is None:
        raise RuntimeError(f"{run}: the scan ended with status {status}; see its message above")
    return process.figures


def generation_of(run: Path) -> Path:
    """The folder of the newest generation.

    :raises FileNotFoundError: there is none.
    """
    found = sorted(path.parent for path in run.glob("*/ledger.jsonl"))
    if not found:
        raise FileNotFoundError(f"{run}: holds no ledger.jsonl; the scan did not end")
    return found[-1]


def rows_of(run: Path) -> list[dict[str, Any]]:
    """The ledger, one row an input, in the order of the inputs."""
    with (generation_of(run) / "ledger.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def median(figures: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(figures)


# ---------------------------------------------------------------------- in the process


class _Teller:
    """Prints how far the scan is; a reader may kill it at any line."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.first: tuple[float, int] | None = None
        self.done = 0
        self.peak = 0.0

    def listing(self, count: int) -> None:
        """So many inputs have been listed."""
        print(f"listing {count}", flush=True)

    def noted(self, text: str) -> None:
        """Nothing of that is measured."""

    def started(self, counts: Counts) -> None:
        """All have been."""
        print(f"started {counts.inputs}", flush=True)

    def progressed(self, progress: Progress) -> None:
        """So many have an outcome."""
        if progress.done != self.done:
            self.done = progress.done
            if self.first is None:
                self.first = (time.monotonic() - self.began, self.done)
            print(f"done {self.done}", flush=True)

    def compiling(self) -> None:
        """All have."""
        self.peak = _peak()
        print("compiling", flush=True)

    def finished(self, summary: Summary) -> None:
        """The result files are there."""


def _main() -> int:
    parser = argparse.ArgumentParser(description="Run one scan and say what it took.")
    parser.add_argument("run", type=Path)
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--options", type=json.loads, default={})
    given = parser.parse_args()
    from tests.scan.site import resolve

    from claimcheck.scan import resume, scan, settings_of
    from claimcheck.settings import make_settings

    teller = _Teller()
    if (given.run / "run.json").exists():
        # A run does not keep what lifts a safeguard, such as allow_private.
        settings = settings_of(given.run, given.options)
        summary = resume(given.run, settings=settings, resolver=resolve, watcher=teller)
    else:
        summary = scan(
            given.inputs,
            given.run,
            settings=make_settings(given.options),
            resolver=resolve,
            watcher=teller,
        )
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.monotonic() - teller.began
    started, first = teller.first or (wall, 0)
    figures = Figures(
        wall=wall,
        started=started,
        first=first,
        inputs=len(rows_of(given.run)),
        parent_cpu=own.ru_utime + own.ru_stime,
        workers_cpu=children.ru_utime + children.ru_stime,
        pages_cpu=summary.cpu_seconds,
        peak=_peak(),
        peak_judging=teller.peak,
    )
    print(f"figures {json.dumps(asdict(figures))}", flush=True)
    return 0


def _peak() -> float:
    """The most resident memory that this process had, in mebibytes.

    Not ``ru_maxrss``, which Linux carries over from the process that started this one.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    for line in status.read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    sys.exit(_main())
