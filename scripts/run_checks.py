"""Run every check in turn, stop at the first that fails, and say how long each took.

``make test`` runs this, and continuous integration runs ``make test``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PACKAGE_TESTS = "tests/test_distribution.py"


class Check(NamedTuple):
    """One part. ``lint`` says that it reads the code and does not run it."""

    name: str
    command: tuple[str, ...]
    lint: bool = False


def _processes() -> int:
    """As many as there are cores for us, and at most four: each loads a parser and a model."""
    usable = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(usable, 4)


def _pytest(*arguments: str, processes: int = 1) -> tuple[str, ...]:
    # By file, so that what a module sets up once (a browser, a parser) is set up once.
    spread = ("-n", str(processes), "--dist", "loadfile") if processes > 1 else ()
    return (sys.executable, "-m", "pytest", "-q", *spread, *arguments)


CHECKS = (
    Check("style", (str(BIN / "ruff"), "check", "."), lint=True),
    Check("format", (str(BIN / "ruff"), "format", "--check", "--quiet", "."), lint=True),
    Check("types", (str(BIN / "mypy"),), lint=True),
    Check("import contract", (str(BIN / "lint-imports"), "--no-logo"), lint=True),
    Check("reference pages", (sys.executable, "scripts/generate_docs.py", "--check")),
    Check("schemas", (sys.executable, "scripts/generate_schemas.py", "--check")),
    Check("tests", _pytest("--ignore", PACKAGE_TESTS, processes=_processes())),
    Check("package", _pytest(PACKAGE_TESTS)),
)


def main() -> int:
    """Run the checks; 0 if all passed, else the exit status of the one that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["lint"], help="only what reads the code")
    only_lint = parser.parse_args().only == "lint"
    chosen = [check for check in CHECKS if check.lint or not only_lint]
    status = 0
    took: list[tuple[str, float, str]] = []
    for check in chosen:
        if status:
            took.append((check.name, 0.0, "not run"))
            continue
        print(f"--- {check.name}", flush=True)
        began = time.monotonic()
        status = subprocess.run(check.command, cwd=ROOT, check=False).returncode
        took.append((check.name, time.monotonic() - began, "FAILED" if status else "passed"))
    _summarise(took)
    # A negative status is a signal; make needs something between 1 and 255.
    return status if status >= 0 else 1


def _summarise(took: list[tuple[str, float, str]]) -> None:
    print("--- summary")
    for name, seconds, outcome in took:
        print(f"{name:<16} {seconds / 60:5.2f} min  {outcome}")
    print(f"{'total':<16} {sum(seconds for _, seconds, _ in took) / 60:5.2f} min", flush=True)


if __name__ == "__main__":
    sys.exit(main())
