"""Where results go: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import io
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO, cast

from claimcheck.errors import UsageError
from claimcheck.replacing import replacing

__all__ = ["check_output", "open_output", "standard_output"]

# A file name that is not valid UTF-8 reaches us with lone surrogates, which UTF-8 cannot
# hold; written as a backslash escape, it stays valid JSON and says which file it was.
_ERRORS: Final = "backslashreplace"


def check_output(path: Path, *, inputs: tuple[str, ...] = ()) -> None:
    """Make sure, before any work is done, that results can go to ``path``.

    :raises UsageError: its folder is missing, or it is a folder, or one of the inputs.
    """
    if path.is_dir():
        raise UsageError(f"{path}: is a directory; -o needs the name of a file")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; create it first")
    if path.exists() and any(_is_same(path, name) for name in inputs):
        raise UsageError(f"{path}: is also an input and would be overwritten; name another file")


def _is_same(path: Path, name: str) -> bool:
    try:
        return path.samefile(name)
    except (OSError, ValueError):  # an address, "-", or a file that is not there
        return False


@contextmanager
def open_output(path: Path) -> Iterator[TextIO]:
    """A UTF-8 stream to a file that is replaced, in one step, when all went well.

    If anything goes wrong, an earlier file of that name stays as it was. A device or a
    pipe (``/dev/null``) is written to and never replaced.

    :raises UsageError: the file cannot be written.
    """
    try:
        target = path.resolve()  # a symbolic link stays one
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            with target.open("w", encoding="utf-8", errors=_ERRORS, newline="") as stream:
                yield stream
            return
        with replacing(target, "x", encoding="utf-8", errors=_ERRORS, newline="") as stream:
            yield cast("TextIO", stream)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror or error})") from error


def standard_output(*, for_programs: bool) -> TextIO:
    """Standard output: UTF-8 and untranslated line ends where a program will read it.

    For a person it keeps the terminal's encoding, and what that lacks is replaced.
    """
    stream = sys.stdout
    if stream is None:  # closed by the caller: nobody wants to see the results
        return io.StringIO()
    if isinstance(stream, io.TextIOWrapper):
        if for_programs:
            stream.reconfigure(encoding="utf-8", errors=_ERRORS, newline="")
        else:
            stream.reconfigure(errors="replace")
    return stream
