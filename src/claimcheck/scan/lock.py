"""One writer for a run's folder: a lock that its holder cannot leave behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from claimcheck.errors import UsageError
from claimcheck.scan.tables import explained

__all__ = ["holding"]

_WHERE_LOCKED: Final = 1 << 30  # on Windows a locked byte cannot be read, so none of the text

_held: set[int] = set()


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Hold the lock that is this file, which says which process holds it.

    The system lets go of it when the process ends, however it ends; the file stays.

    :raises UsageError: another process, which it names, holds it.
    """
    with explained(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_lock(descriptor):
            raise UsageError(
                f"{path.parent}: {_holder(descriptor)} is writing to this run; wait until it has "
                "finished, or stop it"
            )
        _held.add(descriptor)
        with explained(path):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        yield
    finally:
        _held.discard(descriptor)
        os.close(descriptor)


def _let_go() -> None:
    """In a new child process: the lock is the parent's, and ends with the parent."""
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _WHERE_LOCKED, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except PermissionError:  # Windows says so of a byte that is locked
        return False
    return True


def _holder(descriptor: int) -> str:
    number = os.read(descriptor, 32).decode("ascii", "replace").strip()
    return f"process {number}" if number.isdecimal() else "another process"
