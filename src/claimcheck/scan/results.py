"""The ledger as files for people and programs, written in one pass and in bounded memory.

The same ledger gives the same bytes. Each file takes the place of an earlier one only when
all of it has been written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from claimcheck.replacing import replacing
from claimcheck.scan.rows import COLUMNS, FinalRow
from claimcheck.scan.summary import Summary, Tally
from claimcheck.scan.tables import explained

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

    from claimcheck.scan.ledger import Ledger

__all__ = ["RESULT_FILES", "ROW_GROUP_BYTES", "TableWriter", "compile_results", "results_schema"]

LEDGER: Final = "ledger.jsonl"
RESULTS: Final = "results.jsonl"
PACKED: Final = "results.jsonl.zst"
TABLE: Final = "results.parquet"
SUMMARY: Final = "summary.json"

RESULT_FILES: Final = (LEDGER, RESULTS, PACKED, TABLE, SUMMARY)
"""What a generation may hold beside its ledger and manifest; one of the two results files."""

ROW_GROUP_BYTES: Final = 1_000_000
"""About how much of a table is held in memory before it is written."""

_ROW_BYTES: Final = 400  # of a row without its texts
_ROW_GROUP_ROWS: Final = 20_000
_ZSTD_LEVEL: Final = 9
_BUFFER: Final = 1 << 18

# Columns whose values repeat. The others would only fill a dictionary.
_REPEATING: Final = ["origin", "kind", "state", "reason"]
_WHOLE_NUMBERS: Final = frozenset(
    "seq of attempts words sentences claims flagged serious moderate minor".split()
)

Sink = Callable[[FinalRow, bytes | None], None]


def compile_results(
    ledger: Ledger,
    folder: Path,
    *,
    zstd: bool = False,
    wall_seconds: float = 0.0,
    cpu_seconds: float = 0.0,
    row_group_bytes: int = ROW_GROUP_BYTES,
) -> Summary:
    """Write :data:`RESULT_FILES` and say what they add up to.

    :param zstd: whether the reports are packed.
    :param wall_seconds: for the summary, as ``cpu_seconds``.
    :raises LedgerError: the ledger is damaged or a file cannot be written.
    """
    pending = ledger.counts().pending
    results, other = (PACKED, RESULTS) if zstd else (RESULTS, PACKED)
    tally = Tally()
    with explained(folder):
        with ExitStack() as stack:
            sinks = [
                stack.enter_context(_ledger_lines(folder / LEDGER)),
                stack.enter_context(_result_lines(folder / results, zstd=zstd)),
                stack.enter_context(_table(folder / TABLE, group_bytes=row_group_bytes)),
            ]
            for row, line in ledger.rows_and_outcomes():
                tally.add(row)
                for sink in sinks:
                    sink(row, line)
        (folder / other).unlink(missing_ok=True)
        summary = tally.summary(pending=pending, wall_seconds=wall_seconds, cpu_seconds=cpu_seconds)
        with replacing(folder / SUMMARY) as stream:
            stream.write(pretty(summary.to_json_dict()))
    return summary


def pretty(data: Any) -> bytes:
    """JSON for people and programs: indented, with a newline at the end, in ASCII."""
    # File names that are no UTF-8 come back unchanged through their escapes.
    return (json.dumps(data, indent=2, allow_nan=False) + "\n").encode("ascii")


@contextmanager
def _ledger_lines(path: Path) -> Iterator[Sink]:
    with replacing(path, buffering=_BUFFER) as stream:

        def write(row: FinalRow, _: bytes | None) -> None:
            text = json.dumps(row.to_json_dict(), separators=(",", ":"), allow_nan=False)
            stream.write(text.encode("ascii") + b"\n")

        yield write


@contextmanager
def _result_lines(path: Path, *, zstd: bool) -> Iterator[Sink]:
    with replacing(path, buffering=_BUFFER) as stream, _packing(stream, zstd=zstd) as packed:

        def write(_: FinalRow, line: bytes | None) -> None:
            if line is not None:
                packed.write(line + b"\n")

        yield write


@contextmanager
def _packing(stream: IO[bytes], *, zstd: bool) -> Iterator[IO[bytes]]:
    if not zstd:
        yield stream
        return
    import zstandard

    compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
    with compressor.stream_writer(stream, closefd=False) as packed:
        yield packed


# ---------------------------------------------------------------------- Parquet


def results_schema() -> pyarrow.Schema:
    """The columns of ``results.parquet``: those of a final row, and ``report``."""
    import pyarrow as pa

    def type_of(column: str) -> pyarrow.DataType:
        if column in _WHOLE_NUMBERS:
            return pa.int64()
        if column in ("seconds", "score"):
            return pa.float64()
        return pa.map_(pa.string(), pa.int64()) if column == "issues" else pa.string()

    required = frozenset("seq uri origin kind state attempts seconds".split())
    fields = [pa.field(name, type_of(name), nullable=name not in required) for name in COLUMNS]
    return pa.schema([*fields, pa.field("report", pa.string())])


class TableWriter:
    """Writes rows and their reports as Parquet, a row group as soon as it has the bytes.

    :param stream: stays open; close the writer first.
    :param group_bytes: about how much is held in memory.
    """

    def __init__(self, stream: IO[bytes], *, group_bytes: int = ROW_GROUP_BYTES) -> None:
        import pyarrow.parquet

        self._schema = results_schema()
        self._writer = pyarrow.parquet.ParquetWriter(
            stream, self._schema, compression="zstd", use_dictionary=_REPEATING
        )
        self._group_bytes = group_bytes
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0

    def add(self, row: FinalRow, report: bytes | None) -> None:
        """Add one input. ``report`` is null unless it is done."""
        data = row.to_json_dict()
        if data["issues"] is not None:
            data["issues"] = list(data["issues"].items())
        data["report"] = None if report is None else report.decode("utf-8")
        self._rows.append(data)
        self._bytes += _ROW_BYTES + len(report or b"") + len(row.uri) + len(row.message or "")
        if self._bytes >= self._group_bytes or len(self._rows) >= _ROW_GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is left and the footer. Needed after a fault too, before the stream."""
        try:
            self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow

        rows, self._rows, self._bytes = self._rows, [], 0
        if rows:
            self._writer.write_table(pyarrow.Table.from_pylist(rows, schema=self._schema))


@contextmanager
def _frugal_arrow() -> Iterator[None]:
    """Let Arrow give memory back at once: its own pools keep what one row group needed."""
    import pyarrow

    before = pyarrow.default_memory_pool()
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    try:
        yield
    finally:
        pyarrow.set_memory_pool(before)


@contextmanager
def _table(path: Path, *, group_bytes: int) -> Iterator[Sink]:
    with _frugal_arrow(), replacing(path, buffering=_BUFFER) as stream:
        writer = TableWriter(stream, group_bytes=group_bytes)

        def write(row: FinalRow, line: bytes | None) -> None:
            writer.add(row, line if row.state == "done" else None)

        try:
            yield write
        except BaseException:
            with suppress(Exception):  # the first fault is the one to tell
                writer.close()
            raise
        writer.close()
