"""Page hooks for scans over Dask: the page may fell the worker that its process belongs to."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from scan_children import fake

from claimcheck.scan.pages import PageTask

__all__ = ["fells", "lingers"]


def fells(task: PageTask) -> None:
    """As ``fake``; a page that says ``fells once`` or ``fells always`` kills the Dask worker."""
    path = Path(task.entry.uri)
    if path.stem.startswith("fells-always"):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)  # until this process ends with its parent
    if path.stem.startswith("fells-once"):
        fallen = path.parent.parent / f"{path.stem}.fallen"  # no input of the next scan
        if not fallen.exists():
            fallen.touch()
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
    fake(task)


def lingers(task: PageTask) -> None:
    """As ``fake``, a little later."""
    time.sleep(0.1)
    fake(task)
