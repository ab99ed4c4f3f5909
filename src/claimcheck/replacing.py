"""Writing a file that appears whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

__all__ = ["replacing"]

_LONGEST_NAME = 100  # of the file itself; a file system allows about 255 bytes in all


@contextmanager
def replacing(target: Path, mode: str = "xb", **options: Any) -> Iterator[IO[Any]]:
    """A stream to a file beside ``target``, which takes its place when all went well.

    If anything goes wrong, an earlier file stays as it was and nothing else remains. The
    permissions of an earlier file are kept.

    :param mode: ``xb`` or ``x``; ``options`` are those of :meth:`pathlib.Path.open`.
    :raises OSError: it cannot be written.
    """
    temporary = target.with_name(f".{target.name[:_LONGEST_NAME]}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open(mode, **options) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
