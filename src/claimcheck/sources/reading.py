"""An entry that lies on this machine → its document, in the process that judges it.

Entries are asked for in about the order in which they were listed, so where a file can only
be read forward (a packed table, several records in one gzip member, Parquet) the last reader
is kept and goes on from where it stands; going back starts anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from claimcheck.errors import SourceError
from claimcheck.sources.archives import read_record
from claimcheck.sources.documents import RawDocument, read_path
from claimcheck.sources.entries import Entry
from claimcheck.sources.packing import DAMAGE, open_unpacked, skip
from claimcheck.sources.segments import Segment
from claimcheck.sources.tables import json_row, longest_line, parquet_rows, read_row

__all__ = ["read_entry", "release_readers"]

_GONE: Final = SourceError(
    "the table does not hold this row any more; start a new scan", kind="corrupt"
)

_Key = tuple[str, str, int, int, int]  # kind of reader, path, its size and time, where it began


@dataclass(slots=True)
class _Reader:
    """The one reader that is kept. Not shared between threads: a child reads one at a time."""

    key: _Key | None = None
    open_files: ExitStack = field(default_factory=ExitStack)
    segment: Segment | None = None
    stream: BinaryIO | None = None
    position: int = 0
    batches: Iterator[tuple[int, list[dict[str, Any]] | SourceError]] | None = None
    batch: tuple[int, list[dict[str, Any]]] = (0, [])

    def begin(self, key: _Key) -> None:
        self.close()
        self.key = key

    def close(self) -> None:
        self.open_files.close()
        self.key = self.segment = self.stream = self.batches = None
        self.position, self.batch = 0, (0, [])


_READER = _Reader()


def release_readers() -> None:
    """Close the file that is kept open for the next entry."""
    _READER.close()


def read_entry(entry: Entry, *, max_bytes: int) -> RawDocument:
    """The document of a file, record or row.

    :param max_bytes: most bytes of it, as when it was listed.
    :raises SourceError: it cannot be read, or is not any more what was listed.
    :raises ValueError: the entry is to be fetched, or is final already.
    """
    if entry.kind == "url" or entry.failure is not None or entry.skipped is not None:
        raise ValueError(f"{entry.uri}: there is nothing to read on this machine")
    if entry.kind == "file":
        return _file(entry, max_bytes=max_bytes)
    try:
        if entry.kind == "record":
            return _record(entry, max_bytes=max_bytes)
        return _row(entry, max_bytes=max_bytes)
    except (*DAMAGE, OSError) as error:
        release_readers()
        reason = getattr(error, "strerror", None) or error
        raise SourceError(
            f"{entry.uri}: {entry.container} cannot be read ({reason}); put it back as it was",
            kind="not-found" if isinstance(error, FileNotFoundError) else "corrupt",
        ) from error


def _file(entry: Entry, *, max_bytes: int) -> RawDocument:
    # By its real path, so that a run goes on from another folder; named as it was given.
    return read_path(entry.key or entry.uri, uri=entry.uri, max_bytes=max_bytes)


def _record(entry: Entry, *, max_bytes: int) -> RawDocument:
    path, position = Path(entry.container or ""), entry.position or 0
    if not entry.within:
        with path.open("rb") as file:
            return read_record(Segment(file, position), entry, max_bytes=max_bytes)
    key = _key("record", path, position)
    segment = _READER.segment
    if _READER.key != key or segment is None or segment.position > entry.within:
        _READER.begin(key)
        file = _READER.open_files.enter_context(path.open("rb"))
        segment = _READER.segment = Segment(file, position)
    segment.skip(entry.within - segment.position)
    return read_record(segment, entry, max_bytes=max_bytes)


def _row(entry: Entry, *, max_bytes: int) -> RawDocument:
    path = Path(entry.container or "")
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    values = _parquet_row(entry, path) if is_parquet else _json_row(entry, path, max_bytes)
    return read_row(values, entry, max_bytes=max_bytes)


def _json_row(entry: Entry, path: Path, max_bytes: int) -> Any:
    key, position = _key("jsonl", path, 0), entry.position or 0
    if _READER.key != key or _READER.stream is None or _READER.position > position:
        _READER.begin(key)
        _READER.stream = _READER.open_files.enter_context(open_unpacked(path))
    stream = _READER.stream
    if stream.seekable():
        stream.seek(position)  # gzip does it by reading on
    else:
        skip(stream, position - _READER.position)
    line = stream.readline(longest_line(max_bytes))
    _READER.position = position + len(line)
    return json_row(line, name=entry.uri)


def _parquet_row(entry: Entry, path: Path) -> Any:
    key, wanted = _key("parquet", path, 0), entry.position or 0
    if _READER.key != key or _READER.batches is None or _READER.batch[0] > wanted:
        _READER.begin(key)
        _READER.batches = parquet_rows(str(path), start=wanted)
        _READER.open_files.callback(_READER.batches.close)  # type: ignore[attr-defined]
    first, rows = _READER.batch
    while wanted >= first + len(rows):
        first, found = next(_READER.batches, (wanted + 1, _GONE))
        if first > wanted:
            break
        # Lost rows before the one that is wanted do not matter to it.
        rows = [] if isinstance(found, SourceError) else found
        _READER.batch = (first, rows)
    if not first <= wanted < first + len(rows):
        release_readers()
        raise SourceError(f"{entry.uri}: {_GONE}", kind="corrupt")
    return rows[wanted - first]


def _key(kind: str, path: Path, start: int) -> _Key:
    status = path.stat()
    return kind, str(path), status.st_size, status.st_mtime_ns, start
