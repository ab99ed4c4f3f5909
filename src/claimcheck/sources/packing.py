"""Unpacking in bounded memory: files read forward, and bytes up to a limit.

Whatever a packed file claims to hold, no call here allocates more than its limit and some
tens of megabytes, and what swells beyond reason is damage, not data.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from claimcheck.errors import SourceError

__all__ = [
    "DAMAGE",
    "GZIP",
    "ZSTD",
    "PackingError",
    "Unpacked",
    "gunzip",
    "open_unpacked",
    "skip",
    "swells",
    "unpack",
]

GZIP: Final = b"\x1f\x8b\x08"
ZSTD: Final = b"\x28\xb5\x2f\xfd"

_BLOCK: Final = 65_536
# A zstd block of four bytes can stand for 128 KiB, so little is fed at a time: this much
# gives at most 32 MiB.
_ZSTD_FED: Final = 1_024
_ZSTD_WINDOW: Final = 1 << 27  # the most that `zstd --long` asks for without a warning
_FREE: Final = 64 << 20  # a ratio says nothing about less than this
_MOST_FOLD: Final = 500  # web pages pack 5- to 100-fold; gzip cannot do more than 1,032


class PackingError(Exception):
    """Packed data is damaged, breaks off or swells beyond reason; the message says which."""


DAMAGE: Final = (PackingError, EOFError, zlib.error, gzip.BadGzipFile)
"""What reading from :func:`open_unpacked` raises where the file is damaged."""


def swells(packed: int, unpacked: int) -> bool:
    """Whether so many bytes from so few are a bomb and no page."""
    return unpacked > _FREE and unpacked > packed * _MOST_FOLD


class Unpacked:
    """What :func:`unpack` found: the bytes, and what was wrong with the rest."""

    __slots__ = ("data", "problem", "too_large")

    def __init__(self, data: bytes, *, problem: str | None = None, too_large: bool = False) -> None:
        self.data = data
        self.problem = problem
        self.too_large = too_large


def unpack(data: bytes, *, coding: str, limit: int) -> Unpacked:
    """Undo one HTTP content coding; bytes that are not packed after all come back as they are.

    :param coding: ``gzip``, ``deflate``, ``br`` or ``zstd``, or an old name of one.
    :param limit: most bytes made; ``too_large`` where there are more.
    :raises LookupError: the coding is unknown, or its library is not installed.
    """
    make = _decoder(coding.strip().lower(), data)
    if make is None:
        return Unpacked(data)
    try:
        return _unpacked(make, data, limit=limit)
    except PackingError as error:
        if error.args[1:] == (0,):
            return Unpacked(data)  # nothing came out: it never was packed
        raise


def gunzip(data: bytes, *, name: str, limit: int) -> bytes:
    """The bytes of a gzip file held in memory, all its members.

    :raises SourceError: ``corrupt`` or ``too-large``.
    """
    found = unpack(data, coding="gzip", limit=limit)
    if found.too_large:
        raise SourceError(f"{name}: larger than {limit:,} bytes when unpacked", kind="too-large")
    if found.problem or found.data is data:
        raise SourceError(
            f"{name}: the gzip data {found.problem or 'is none'}; get the file again",
            kind="corrupt",
        )
    return found.data


def open_unpacked(path: Path) -> BinaryIO:
    """A file, unpacked while it is read where its first bytes say gzip or zstd.

    :raises OSError: it cannot be opened. Reading may raise :data:`DAMAGE`.
    """
    file = path.open("rb")
    start = file.read(4)
    file.seek(0)
    if start.startswith(GZIP):
        return cast(BinaryIO, _Gzip(file))
    if start == ZSTD:
        return cast(BinaryIO, io.BufferedReader(_Zstd(file), _BLOCK))
    return file


def skip(stream: BinaryIO, count: int) -> None:
    """Read on by so many bytes, or to the end."""
    while count > 0 and (block := stream.read(min(count, _BLOCK))):
        count -= len(block)


class _Gzip(gzip.GzipFile):
    """A gzip file that closes the file below it, which ``GzipFile`` leaves open."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(fileobj=file, mode="rb")
        self._below = file

    def close(self) -> None:
        super().close()
        self._below.close()


class _Zstd(io.RawIOBase):
    """Frames one after another. ``zstandard``'s own reader takes a cut file for a whole one."""

    def __init__(self, file: BinaryIO) -> None:
        import zstandard

        super().__init__()
        self._file = file
        self._error = zstandard.ZstdError
        self._maker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame: Any = None
        self._ready = b""
        self._fed = self._made = 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            data = self._file.read(_ZSTD_FED)
            if not data:
                if self._frame is not None:
                    raise PackingError("breaks off")
                return 0
            self._ready = self._decompressed(data)
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _decompressed(self, data: bytes) -> bytes:
        made = []
        self._fed += len(data)
        while data:
            self._frame = self._frame or self._maker.decompressobj()
            try:
                made.append(self._frame.decompress(data))
            except self._error as error:
                raise PackingError(f"is damaged ({error})") from error
            data = self._frame.unused_data if self._frame.eof else b""
            self._frame = None if self._frame.eof else self._frame
        self._made += sum(map(len, made))
        return b"".join(made)


# ---------------------------------------------------------------------- in memory

_Decoder = Callable[[], Any]


def _decoder(coding: str, data: bytes) -> _Decoder | None:
    """What makes a decompressor; null for a coding that changes nothing."""
    if coding in ("", "identity", "none", "utf-8"):
        return None
    if coding in ("gzip", "x-gzip"):
        return lambda: zlib.decompressobj(31)
    if coding == "deflate":  # meant with a zlib header, sent without by some servers
        headed = len(data) > 1 and data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        return lambda: zlib.decompressobj(15 if headed else -15)
    if coding == "zstd":
        import zstandard

        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj
    if coding == "br":
        return _brotli()
    raise LookupError(coding)


def _brotli() -> _Decoder:
    from importlib import import_module

    try:
        maker: _Decoder = import_module("brotli").Decompressor
    except ImportError as error:
        raise LookupError("br") from error
    return maker


def _unpacked(make: _Decoder, data: bytes, *, limit: int) -> Unpacked:
    made = bytearray()
    decoder = make()
    bounded = isinstance(decoder, type(zlib.decompressobj()))
    view, step = memoryview(data), _BLOCK if bounded else _ZSTD_FED
    at = 0
    while at < len(view):
        block = bytes(view[at : at + step])
        at += len(block)
        while block:
            try:
                made += decoder.decompress(block, _BLOCK) if bounded else decoder.decompress(block)
            except Exception as error:  # brotli and zstandard have roots of their own
                if not made:
                    raise PackingError("is none", 0) from error
                return Unpacked(bytes(made), problem=f"is damaged ({error})")
            if len(made) > limit:
                return Unpacked(bytes(made[:limit]), too_large=True)
            block = decoder.unconsumed_tail if bounded else b""
            if getattr(decoder, "eof", False):
                rest = bytes(decoder.unused_data) + bytes(view[at:])
                if not (bounded and rest.startswith(GZIP)):
                    return Unpacked(bytes(made))
                view, at, block, decoder = memoryview(rest), 0, b"", make()
    whole = getattr(decoder, "eof", None)
    if whole is None:  # brotli's decoder has a method for it
        whole = decoder.is_finished()
    return Unpacked(bytes(made), problem=None if whole or not data else "breaks off")
