"""Tables of pages: JSON Lines (plain, gzip, zstd) and Parquet, one entry for each row.

A row holds an address (``url``, ``uri``, ``link``, ``address`` or ``href``), a page (``html``,
``raw_html``, ``page_html``, ``content`` or ``body``) or its text (``text``, ``plain_text``,
``article_text`` or ``article``), or both. The first name that a row has counts, whatever its
case. Where the table has no page and no text, its addresses are fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from claimcheck.errors import SourceError
from claimcheck.records import Source
from claimcheck.sources.documents import MediaType, RawDocument, document_of
from claimcheck.sources.entries import Entry, failed, passed_over, url_entry, well_formed
from claimcheck.sources.lists import URL_COLUMNS
from claimcheck.sources.packing import DAMAGE, PackingError, open_unpacked

__all__ = [
    "HTML_COLUMNS",
    "PARQUET_BATCH",
    "TEXT_COLUMNS",
    "json_row",
    "jsonl_entries",
    "longest_line",
    "parquet_columns",
    "parquet_entries",
    "parquet_rows",
    "read_row",
]

HTML_COLUMNS: Final = ("html", "raw_html", "page_html", "content", "body")
TEXT_COLUMNS: Final = ("text", "plain_text", "article_text", "article")

PARQUET_BATCH: Final = 16  # rows in memory at a time: pages can have megabytes

_MOST_FOLD: Final = 2_000  # unpacked to packed bytes of a column of pages
_FREE: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class _Row:
    url: str | None
    data: bytes | None
    media_type: MediaType


def longest_line(max_bytes: int) -> int:
    """Bytes of the longest line that is read: a page, with escapes, and what stands beside it."""
    return 2 * max_bytes + 65_536


def jsonl_entries(
    path: str, *, origin: str, max_bytes: int, column: str | None = None
) -> Iterator[Entry]:
    """One entry for each line of a JSON Lines file; a bad line is a failure.

    :param column: name of the column of addresses, before the usual names.
    :raises OSError: the file cannot be read.
    """
    container = str(Path(path).absolute())
    count = 0
    with open_unpacked(Path(path)) as stream:
        for number, position, line in _lines(stream, limit=longest_line(max_bytes)):
            if isinstance(line, bytes) and not line.strip(b" \t\r\n\0\xef\xbb\xbf"):
                continue
            count += 1
            name = f"{path}#{number}"
            try:
                row = _row(_object(line, name=name), column=column)
                yield _entry(
                    row,
                    name,
                    container=container,
                    position=position,
                    origin=origin,
                    limit=max_bytes,
                )
            except SourceError as error:
                yield failed(
                    error, uri=name, kind="row", origin=origin, container=container,
                    position=position,
                )  # fmt: skip
    if not count:
        yield passed_over("empty table", uri=path, kind="file", origin=origin)


def _object(line: bytes | SourceError, *, name: str) -> Mapping[str, Any]:
    if isinstance(line, SourceError):
        raise SourceError(f"{name}: {line}", kind=line.kind)
    return json_row(line, name=name)


def json_row(line: bytes, *, name: str) -> Mapping[str, Any]:
    """The object in a line.

    :raises SourceError: ``corrupt``: it holds none.
    """
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{name}: is no JSON ({str(error)[:200]}); correct the line", kind="corrupt"
        ) from error
    if not isinstance(found, dict):
        raise SourceError(f"{name}: is no JSON object; correct the line", kind="corrupt")
    return found


def read_row(values: Mapping[str, Any], entry: Entry, *, max_bytes: int) -> RawDocument:
    """The page in a row.

    :raises SourceError: ``corrupt`` (the file has changed), ``too-large``, ``no-article`` or
        ``unsupported-type``.
    """
    row = _row(values, column=None)
    data = _content(row, entry.uri, limit=max_bytes)
    sha256 = hashlib.sha256(data).hexdigest()
    if entry.sha256 not in (None, sha256):
        raise SourceError(
            f"{entry.uri}: the table has changed since it was listed; start a new scan",
            kind="corrupt",
        )
    is_web = entry.uri.lower().startswith(("http://", "https://"))
    source = Source(kind="url" if is_web else "file", uri=entry.uri, sha256=sha256)
    document = document_of(
        data,
        source=source,
        name=entry.uri,
        expected=row.media_type,
        base_url=entry.uri if is_web else None,
    )
    # Text in a table is Unicode already, whatever a page in it says about itself.
    return replace(document, charset="utf-8") if _is_utf8(data) else document


def _lines(stream: BinaryIO, *, limit: int) -> Iterator[tuple[int, int, bytes | SourceError]]:
    """Number (from 1), position and line; what is wrong instead of a line that cannot be read."""
    number = position = 0
    while True:
        number += 1
        begin, faulty = position, None
        try:
            line = stream.readline(limit)
            position += len(line)
            if len(line) == limit and not line.endswith(b"\n"):
                faulty = SourceError(f"is longer than {limit:,} bytes", kind="too-large")
                while (more := stream.readline(65_536)) and not more.endswith(b"\n"):
                    position += len(more)
                position += len(more)
        except (*DAMAGE, OSError) as error:
            how = error if isinstance(error, PackingError) else f"cannot be read ({error})"
            yield (
                number,
                begin,
                SourceError(
                    f"the file {how} here and the rest of it is lost; get it again", kind="corrupt"
                ),
            )
            return
        if not line:
            return
        yield number, begin, faulty or line


def _row(values: Mapping[str, Any], *, column: str | None) -> _Row:
    folded = {name.strip().casefold(): value for name, value in reversed(list(values.items()))}
    names = (column.strip().casefold(), *URL_COLUMNS) if column else URL_COLUMNS
    url = _first(folded, names)
    html, text = _first(folded, HTML_COLUMNS), _first(folded, TEXT_COLUMNS)
    data = html if html is not None else text
    if isinstance(data, str):
        data = well_formed(data).encode("utf-8")
    return _Row(
        url.strip() or None if isinstance(url, str) else None,
        bytes(data) if isinstance(data, bytes | bytearray) else None,
        "text/html" if html is not None else "text/plain",
    )


def _first(folded: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((folded[name] for name in names if isinstance(folded.get(name), str | bytes)), None)


def _content(row: _Row, name: str, *, limit: int) -> bytes:
    if row.data is None:
        raise SourceError(
            f"{name}: the row has neither a page ({', '.join(HTML_COLUMNS)}) nor a text "
            f"({', '.join(TEXT_COLUMNS)})",
            kind="no-article",
        )
    if len(row.data) > limit:
        raise SourceError(f"{name}: larger than {limit:,} bytes", kind="too-large")
    return row.data


def _entry(
    row: _Row, name: str, *, container: str, position: int, origin: str, limit: int
) -> Entry:
    """:raises SourceError: there is nothing in the row."""
    if row.data is None and row.url is not None:
        return url_entry(row.url, origin=origin)
    uri = well_formed(row.url or name)
    place = {"container": container, "position": position}
    try:
        data = _content(row, uri, limit=limit)
    except SourceError as error:
        return failed(error, uri=uri, kind="row", origin=origin, **place)
    sha256 = hashlib.sha256(data).hexdigest()
    return Entry(
        uri=uri, kind="row", origin=origin, container=container, position=position, sha256=sha256
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# ---------------------------------------------------------------------- Parquet


def parquet_entries(
    path: str, *, origin: str, max_bytes: int, column: str | None = None
) -> Iterator[Entry]:
    """One entry for each row of a Parquet file; a group of rows that is damaged is one failure.

    :param column: as for :func:`jsonl_entries`.
    :raises SourceError: ``corrupt``: it is no Parquet file, or ``unsupported-type``: it has no
        column that is known.
    """
    container = str(Path(path).absolute())
    count = 0
    for first, found in parquet_rows(path, column=column):
        if isinstance(found, SourceError):
            count += 1
            yield failed(
                found, uri=f"{path}#{first + 1}", kind="row", origin=origin, container=container,
                position=first,
            )  # fmt: skip
            continue
        for position, values in enumerate(found, first):
            count += 1
            row = _row(values, column=column)
            name = f"{path}#{position + 1}"
            if row.data is None and row.url is None:
                error = SourceError(f"{name}: the row is empty", kind="no-article")
                yield failed(
                    error, uri=name, kind="row", origin=origin, container=container,
                    position=position,
                )  # fmt: skip
                continue
            yield _entry(
                row, name, container=container, position=position, origin=origin, limit=max_bytes
            )
    if not count:
        yield passed_over("empty table", uri=path, kind="file", origin=origin)


def parquet_rows(
    path: str, *, column: str | None = None, start: int = 0
) -> Iterator[tuple[int, list[dict[str, Any]] | SourceError]]:
    """Number of the first row, and the rows of a batch or why a group of rows is lost.

    Memory holds a batch and the pages of the file that it comes from.

    :param start: groups of rows that end before this row are passed over.
    :raises SourceError: as :func:`parquet_entries`.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path, memory_map=False, pre_buffer=False)
    except (pyarrow.ArrowException, OSError) as error:
        raise _no_parquet(path, error) from error
    with file:
        columns = parquet_columns(file.schema_arrow.names, path=path, column=column)
        first = 0
        for group in range(file.metadata.num_row_groups):
            about = file.metadata.row_group(group)
            if first + about.num_rows > start:
                yield from _group(file, group, about, first=first, columns=columns, path=path)
            first += about.num_rows


def parquet_columns(names: Iterable[str], *, path: str, column: str | None = None) -> list[str]:
    """The columns that are read.

    :raises SourceError: ``unsupported-type``: there is none.
    """
    wanted = {*URL_COLUMNS, *HTML_COLUMNS, *TEXT_COLUMNS, (column or "url").strip().casefold()}
    found = [name for name in names if name.strip().casefold() in wanted]
    if not found:
        raise SourceError(
            f"{path}: has no column named {', '.join((*URL_COLUMNS, *HTML_COLUMNS))} or "
            f"{', '.join(TEXT_COLUMNS)}; rename one, or name that of the addresses with --column",
            kind="unsupported-type",
        )
    return found


def _group(
    file: Any, group: int, about: Any, *, first: int, columns: list[str], path: str
) -> Iterator[tuple[int, list[dict[str, Any]] | SourceError]]:
    import pyarrow

    done = 0
    try:
        _refuse_bomb(about, columns)
        batches = file.iter_batches(
            batch_size=PARQUET_BATCH, row_groups=[group], columns=columns, use_threads=False
        )
        for batch in batches:
            rows = batch.to_pylist()
            yield first + done, rows
            done += len(rows)
    except (pyarrow.ArrowException, OSError, PackingError, ValueError) as error:
        last = first + about.num_rows
        why = " ".join(str(error).split())[:200]
        yield (
            first + done,
            SourceError(
                f"{path}: rows {first + done + 1:,} to {last:,} cannot be read ({why}); "
                "get the file again",
                kind="corrupt",
            ),
        )


def _refuse_bomb(about: Any, columns: list[str]) -> None:
    """:raises PackingError: the file says that its columns swell beyond reason."""
    chunks = [about.column(index) for index in range(about.num_columns)]
    named = [chunk for chunk in chunks if chunk.path_in_schema in columns]
    unpacked = sum(int(chunk.total_uncompressed_size) for chunk in named)
    packed = sum(int(chunk.total_compressed_size) for chunk in named)
    if unpacked > _FREE and unpacked > packed * _MOST_FOLD:
        raise PackingError("swells beyond reason when unpacked")


def _no_parquet(path: str, error: Exception) -> SourceError:
    why = " ".join(str(error).split())[:200]
    return SourceError(
        f"{path}: cannot be read as Parquet ({why}); get the file again", kind="corrupt"
    )
