"""A web archive as segments: a plain file is one, and so is each gzip member of a packed one."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Literal

from claimcheck.sources.packing import GZIP, swells

__all__ = ["PEEKED", "RECORD_LINE", "WINDOW", "ArchiveFormat", "Segment", "format_of", "segments"]

ArchiveFormat = Literal["warc", "arc"]

PEEKED: Final = 4_096
WINDOW: Final = 20_480
"""Bytes in which a record must show itself: a line of ARC holds the whole address."""

RECORD_LINE: Final[dict[ArchiveFormat, re.Pattern[bytes]]] = {
    "warc": re.compile(rb"WARC/\d\.\d+[ \t]*\r?\n"),
    "arc": re.compile(
        rb"[A-Za-z][A-Za-z0-9+.-]*:[^\r\n]{0,16384} [0-9A-Fa-f.:]+ \d{8,20} \S+ -?\w+\r?\n"
    ),
}
"""The line with which a record begins."""

_BLOCK: Final = 65_536


@dataclass(frozen=True, slots=True)
class _Mark:
    file_position: int
    start: int
    inflate: Any
    buffer: bytes
    at: int
    position: int
    counts: tuple[int, int]
    damage: str | None
    next_offset: int | None
    ended: bool


class Segment:
    """Bytes of a plain file from an offset on, or of the gzip member there, read forward.

    Memory stays within a few blocks, whatever a member claims to hold. Damage ends the
    bytes and is told in ``damage``; it raises nothing. ``position`` counts unpacked bytes.
    """

    def __init__(self, file: BinaryIO, start: int) -> None:
        file.seek(start)
        packed = file.read(len(GZIP)) == GZIP
        file.seek(start)
        self._file = file
        self._inflate: Any = zlib.decompressobj(31) if packed else None
        self._buffer = b""
        self._at = 0  # bytes of the buffer that have been read
        self._ended = False
        self._packed = self._unpacked = 0
        self.start = start
        self.position = 0
        self.last = b""
        """The byte that was read last."""
        self.damage: str | None = None
        self.next_offset: int | None = None
        """Where the next member begins, once a packed segment has been read to its end."""

    @property
    def packed(self) -> bool:
        """Whether it is a gzip member."""
        return self._inflate is not None

    def read(self, count: int) -> bytes:
        """So many bytes, fewer only at the end."""
        data = self.peek(count)
        self._at += len(data)
        self.position += len(data)
        self.last = data[-1:] or self.last
        return data

    def readline(self, limit: int) -> bytes:
        """A line with its end, cut at ``limit`` bytes."""
        size = min(PEEKED, limit)
        while (found := self.peek(size).find(b"\n")) < 0 and size < limit:
            if len(self._buffer) - self._at < size:
                break
            size = min(size * 4, limit)
        return self.read(found + 1 if found >= 0 else size)

    def peek(self, count: int) -> bytes:
        """The next ``count`` bytes without reading them, fewer only at the end."""
        size = len(self._buffer) - self._at
        if size < count and not self._ended:
            blocks = [self._buffer[self._at :]]
            while size < count and (block := self._fill()):
                blocks.append(block)
                size += len(block)
            self._buffer, self._at = b"".join(blocks), 0
        return self._buffer[self._at : self._at + count]

    def skip(self, count: int) -> int:
        """Read on by so many bytes; how many there were."""
        done = 0
        while done < count and (block := self.read(min(_BLOCK, count - done))):
            done += len(block)
        return done

    def extend(self) -> bool:
        """At its end, go on with the next gzip member where that begins with no record.

        Some writers pack the header and the content of a record apart. ``start`` and
        ``position`` are those of the new member then.
        """
        if not self._ended or self.next_offset is None:
            return False
        self._file.seek(self.next_offset)
        if self._file.read(len(GZIP)) != GZIP or _begins_record(self._file, self.next_offset):
            return False
        self.start, self.position, self.next_offset = self.next_offset, 0, None
        self._file.seek(self.start)
        self._inflate, self._ended = zlib.decompressobj(31), False
        self._packed = self._unpacked = 0
        return True

    def mark(self) -> _Mark:
        """A place to go back to; costs a copy of the unpacker (some 40 KB)."""
        return _Mark(
            self._file.tell(),
            self.start,
            self._inflate.copy() if self._inflate and not self._ended else self._inflate,
            self._buffer,
            self._at,
            self.position,
            (self._packed, self._unpacked),
            self.damage,
            self.next_offset,
            self._ended,
        )

    def reset(self, mark: _Mark) -> None:
        """Go back to a mark, which can be used once."""
        self._file.seek(mark.file_position)
        self.start, self._inflate = mark.start, mark.inflate
        self._buffer, self._at, self.position = mark.buffer, mark.at, mark.position
        self._packed, self._unpacked = mark.counts
        self.damage, self.next_offset, self._ended = mark.damage, mark.next_offset, mark.ended

    def _fill(self) -> bytes:
        if self._ended:
            return b""
        if self._inflate is None:
            block = self._file.read(_BLOCK)
            self._ended = not block
            return block
        made = b""
        while not made and not self._ended:
            data = self._inflate.unconsumed_tail or self._file.read(_BLOCK)
            made = self._inflated(data) if data else self._broken("breaks off")
        return made

    def _inflated(self, data: bytes) -> bytes:
        try:
            made: bytes = self._inflate.decompress(data, _BLOCK)
        except zlib.error as error:
            return self._broken(f"is damaged ({error})")
        rest = len(self._inflate.unconsumed_tail) + len(self._inflate.unused_data)
        self._packed += len(data) - rest
        self._unpacked += len(made)
        if swells(self._packed, self._unpacked):
            return self._broken("swells beyond reason when unpacked")
        if self._inflate.eof:
            self._ended = True
            self.next_offset = self._file.tell() - len(self._inflate.unused_data)
        return made

    def _broken(self, how: str) -> bytes:
        self.damage = f"its gzip data {how}"
        self._ended = True
        return b""


def segments(file: BinaryIO) -> Iterator[Segment | tuple[int, str]]:
    """The segments of a file, and ``(offset, what is wrong)`` for bytes that are none.

    After damage it goes on with the next gzip member that begins with a record.
    """
    offset: int | None = 0
    while offset is not None:
        segment = Segment(file, offset)
        if not segment.packed and offset:
            following = _next_member(file, offset)
            if following is None and _is_padding(file, offset):
                return
            yield offset, "bytes after a gzip member are no gzip data"
            offset = following
            continue
        yield segment
        if not segment.packed:
            return
        while segment.skip(1 << 30):
            pass
        offset = segment.next_offset
        if segment.damage is not None:
            offset = _next_member(file, segment.start + 1)
        elif offset is not None:
            file.seek(offset)
            offset = offset if file.read(1) else None


def _is_padding(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    while block := file.read(_BLOCK):
        if block.strip(b"\0\r\n"):
            return False
    return True


def _next_member(file: BinaryIO, offset: int) -> int | None:
    """Offset of the next gzip member that begins with a record, or null."""
    tail = b""
    file.seek(offset)
    while block := file.read(_BLOCK):
        data, begin = tail + block, offset - len(tail)
        found = data.find(GZIP)
        while found >= 0:
            if _begins_record(file, begin + found):
                return begin + found
            found = data.find(GZIP, found + 1)
        offset += len(block)
        tail = data[1 - len(GZIP) :]
        file.seek(offset)
    return None


def _begins_record(file: BinaryIO, offset: int) -> bool:
    return format_of(Segment(file, offset).peek(WINDOW).lstrip(b"\r\n")) is not None


def format_of(start: bytes) -> ArchiveFormat | None:
    """Whether bytes begin with a WARC or ARC record."""
    return next((name for name, line in RECORD_LINE.items() if line.match(start)), None)
