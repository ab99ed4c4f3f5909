"""A progress bar on stderr that never mixes with what is printed on stdout."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["DELAY", "progressing"]

_Item = TypeVar("_Item")

DELAY: Final = 2.0
"""Seconds before one input gets a bar; several get one at once."""


def progressing(items: Iterable[_Item], *, total: int, quiet: bool = False) -> Iterator[_Item]:
    """Pass the items on, and show how far they are while the next one is waited for.

    The bar is taken away whenever an item is handed over, because the one who takes it
    prints on the same terminal. Without a terminal at stderr nothing is shown.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield from items
        return
    # rich takes a tenth of a second to import, which only a person at a terminal pays for.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("Checking"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    task = bar.add_task("check", total=total)
    iterator = iter(items)
    done = 0
    while True:
        with _shown(bar, delay=0.0 if 1 < total > done else DELAY):
            try:
                item = next(iterator)
            except StopIteration:
                return
        done += 1
        bar.update(task, completed=done)
        yield item


@contextmanager
def _shown(bar: Progress, *, delay: float) -> Iterator[None]:
    """Show the bar from ``delay`` seconds on until the block ends."""
    lock = threading.Lock()
    ended = False

    def show() -> None:
        with lock:
            if not ended:
                bar.start()

    timer = threading.Timer(delay, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            ended = True
            bar.stop()
