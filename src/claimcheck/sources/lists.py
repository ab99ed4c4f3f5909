"""Lists of addresses and paths: one a line, or a column of a CSV table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from claimcheck.errors import SourceError, UsageError
from claimcheck.sources.addresses import is_address
from claimcheck.sources.documents import wide_charset
from claimcheck.sources.entries import Entry, failed, url_entry

__all__ = ["SNIFFED", "URL_COLUMNS", "LocalLister", "list_lines", "looks_like_list"]

URL_COLUMNS: Final = ("url", "link", "address", "uri", "href")
"""Headers that name the column of addresses, in the order in which they are looked for."""

SNIFFED: Final = 65_536  # bytes looked at to tell what a file is

LocalLister = Callable[[str, str], Iterator[Entry]]
"""What a path stands for: ``(path, origin)`` → entries."""

_DELIMITERS: Final = ",;\t|"
_LONGEST_LINE: Final = 65_536  # characters; nothing that long is an address or a path
_LONGEST_ROW: Final = 1_000_000
_PATHS_TRIED: Final = 200  # lines of a file that are looked up to tell whether it is a list


def looks_like_list(head: bytes, *, base: Path | None = None) -> bool:
    """Whether most lines of a text file are addresses or paths that exist.

    :param head: its first :data:`SNIFFED` bytes.
    :param base: the folder that it lies in, where its paths may begin.
    """
    text = head.decode(_encoding(head), "replace")
    lines = text.splitlines()[: -1 if len(head) >= SNIFFED else None]
    if lines and _header(lines[0]) is not None:
        return len(lines) > 1 and any(is_address(cell) for cell in _cells_of(lines[1]))
    wanted = [line for raw in lines if (line := _wanted(raw))][:_PATHS_TRIED]
    hits = sum(_is_address_or_path(line, base) for line in wanted)
    return hits * 2 > len(wanted)


def list_lines(
    stream: BinaryIO,
    *,
    origin: str,
    local: LocalLister,
    column: str | None = None,
    table: bool = False,
    base: Path | None = None,
) -> Iterator[Entry]:
    """The entries of a list, in its order.

    Blank lines and lines that begin with ``#`` are no entries. A path is looked up from the
    current folder and, where there is none, beside the list.

    :param origin: the list's name, for the entries.
    :param column: header of the column to take; makes a table of the list.
    :param table: whether it is a CSV table for certain.
    :raises UsageError: there is no such column.
    """
    head = stream.read(SNIFFED)
    text = io.TextIOWrapper(
        io.BufferedReader(_Rejoined(head, stream)),
        encoding=_encoding(head),
        errors="claimcheck-windows-1252" if _encoding(head) == "utf-8-sig" else "replace",
        newline="",
    )
    first_line = head.decode(_encoding(head), "replace").partition("\n")[0]
    try:
        if table or column is not None or _header(first_line) is not None:
            yield from _rows(text, origin=origin, column=column, local=local, base=base)
        else:
            yield from _lines(text, origin=origin, local=local, base=base)
    finally:
        text.detach()  # closing it would close what the caller opened


class _Rejoined(io.RawIOBase):
    """What was read already, then the rest of the stream, which stays open."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        super().__init__()
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _encoding(head: bytes) -> str:
    return wide_charset(head) or "utf-8-sig"


# ---------------------------------------------------------------------- lines


def _wanted(raw: str) -> str:
    line = raw.strip().removeprefix("\ufeff").strip("\0")
    if line.startswith("#"):
        return ""
    return line[1:-1] if line.startswith("<") and line.endswith(">") else line


def _lines(
    text: io.TextIOWrapper, *, origin: str, local: LocalLister, base: Path | None
) -> Iterator[Entry]:
    number = 0
    while raw := text.readline(_LONGEST_LINE):
        number += 1
        if not raw.endswith(("\n", "\r")) and len(raw) >= _LONGEST_LINE:
            while (more := text.readline(_LONGEST_LINE)) and not more.endswith(("\n", "\r")):
                pass
            yield _no_address(f"{origin}#{number}", "is longer than any address", origin=origin)
        elif line := _wanted(raw):
            yield from _named(line, origin=origin, local=local, base=base)


def _named(value: str, *, origin: str, local: LocalLister, base: Path | None) -> Iterator[Entry]:
    """What an address or a path in a list stands for."""
    if is_address(value):
        yield url_entry(value, origin=origin)
        return
    found = _path_of(value, base)
    if found is not None:
        yield from local(found, origin)
        return
    yield failed(
        SourceError(
            f"{value}: there is no such file; check the spelling, and begin a web address "
            "with https://",
            kind="not-found",
        ),
        uri=value,
        kind="file",
        origin=origin,
    )


def _is_address_or_path(line: str, base: Path | None) -> bool:
    if is_address(line):
        return not any(character.isspace() for character in line)
    return _path_of(line, base) is not None


def _path_of(value: str, base: Path | None) -> str | None:
    """The path as it leads to something, or null."""
    if len(value) > 4096:
        return None
    candidates = [Path(value)] if base is None else [Path(value), base / value]
    for path in candidates:
        try:
            if path.exists():
                return str(path)
        except (OSError, ValueError):
            continue
    return None


def _no_address(name: str, what: str, *, origin: str) -> Entry:
    return failed(
        SourceError(f"{name}: {what}; correct or remove the line", kind="not-found"),
        uri=name,
        kind="url",
        origin=origin,
    )


# ---------------------------------------------------------------------- tables


def _cells_of(line: str) -> list[str]:
    return [cell.strip() for cells in map(_split(line), _DELIMITERS) for cell in cells]


def _split(line: str) -> Callable[[str], list[str]]:
    def cells(delimiter: str) -> list[str]:
        try:
            return next(csv.reader([line.lstrip("\ufeff")], delimiter=delimiter), [])
        except csv.Error:
            return []

    return cells


def _header(line: str, column: str | None = None) -> tuple[str, int] | None:
    """Delimiter and index of the column of addresses, if the line is a header that has one."""
    wanted = URL_COLUMNS if column is None else (column.strip().casefold(),)
    for delimiter in _DELIMITERS:
        names = [cell.strip().casefold() for cell in _split(line)(delimiter)]
        for name in wanted:
            if name in names:
                return delimiter, names.index(name)
    return None


def _first_address(line: str) -> tuple[str, int] | None:
    """The same for a first row without a header that holds an address."""
    for delimiter in _DELIMITERS:
        for index, cell in enumerate(_split(line)(delimiter)):
            if is_address(cell.strip()) and not any(mark in cell for mark in _DELIMITERS):
                return delimiter, index
    return None


def _rows(
    text: io.TextIOWrapper,
    *,
    origin: str,
    column: str | None,
    local: LocalLister,
    base: Path | None,
) -> Iterator[Entry]:
    first = text.readline(_LONGEST_ROW)
    place, headed = _header(first, column), True
    if place is None and column is not None:
        raise UsageError(
            f"{origin}: has no column {column!r} (its first row is {first.strip()[:200]!r}); "
            "correct --column, or scan lists without that column into a run of their own"
        )
    if place is None:
        place, headed = _first_address(first), False
    if place is None:
        yield _no_column(origin, first)
        return
    delimiter, index = place

    def lines() -> Iterator[str]:
        if not headed:
            yield first.lstrip("\ufeff")
        while line := text.readline(_LONGEST_ROW):
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            name = f"{origin}#{reader.line_num + headed}"
            yield _no_address(name, f"is no row of a table ({error})", origin=origin)
            continue
        if any(cell.strip() for cell in row):
            value = row[index].strip() if index < len(row) else ""
            if value:
                yield from _named(value, origin=origin, local=local, base=base)
            else:
                name = f"{origin}#{reader.line_num + headed}"
                yield _no_address(name, "the row has no address", origin=origin)


def _no_column(origin: str, first: str) -> Entry:
    names = ", ".join(URL_COLUMNS)
    return failed(
        SourceError(
            f"{origin}: no column is named {names}; name the column of addresses with --column "
            f"(the first row is {first.strip()[:200]!r})",
            kind="unsupported-type",
        ),
        uri=origin,
        kind="file",
        origin=origin,
    )
