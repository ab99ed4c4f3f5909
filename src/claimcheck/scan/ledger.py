"""The ledger of a scan: its inputs, and what came of each, committed once and never changed.

One SQLite file. What has been committed survives the end of the process at any moment; what
has not leaves no trace. One process writes (:meth:`claimcheck.scan.folder.RunFolder.lock`),
any number may read meanwhile.

**Duplicates.** The final state of an input is a function of the committed outcomes alone,
never of their order in time. Among inputs with the same content, the one with the lowest
number is the original. Is it a report, it is ``done`` and the others are ``skipped``; is it a
failure, all of them are ``failed`` in the same way. An input may be committed as ``same``,
without being judged, only where a lower number with its content has an outcome of its own;
so the original always has one.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from claimcheck.scan.rows import (
    DUPLICATE_ADDRESS,
    DUPLICATE_CONTENT,
    Brief,
    Committed,
    Counts,
    FinalRow,
    OutcomeState,
    Pending,
    State,
    brief_of,
    source_of,
)
from claimcheck.scan.tables import (
    AWAITED,
    FINALS,
    LedgerError,
    connect,
    explained,
    make_tables,
    reading,
)

if TYPE_CHECKING:
    from claimcheck.sources import Entry, EntryKind

__all__ = [
    "Brief",
    "Committed",
    "Counts",
    "FinalRow",
    "Ledger",
    "LedgerError",
    "OutcomeState",
    "Pending",
    "State",
    "brief_of",
]

_LEVEL: Final = 3  # of zstd: 6 to 8 times smaller, at a cost that judging a page hides
_LONGEST_LINE: Final = 1 << 30  # bytes unpacked; beyond it the ledger is damaged


class Ledger:
    """The inputs of one generation of a run and what came of them; a context manager.

    Its methods may be called from several threads, one after the other. What streams reads
    the ledger as it was when the first item was asked for.
    """

    def __init__(self, path: Path, database: sqlite3.Connection, *, readonly: bool) -> None:
        self.path = path
        self.readonly = readonly
        self._database = database
        self._turn = threading.RLock()

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new, empty ledger and open it.

        :raises LedgerError: there is a file already, or it cannot be written.
        """
        make_tables(path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, readonly: bool = False) -> Self:
        """Open a ledger. To write, an unfinished listing is dropped first: it starts anew.

        :raises LedgerError: there is none, or it is damaged or of a newer format.
        """
        ledger = cls(path, connect(path, readonly=readonly), readonly=readonly)
        try:
            if not readonly and not ledger.listed:
                with ledger._transaction(), explained(path):
                    ledger._database.execute("DELETE FROM entries")
        except BaseException:
            ledger.close()
            raise
        return ledger

    def close(self) -> None:
        """Close it; the last one to do so leaves a single file behind."""
        with self._turn, explained(self.path):
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ------------------------------------------------------------------ listing

    def add(self, entries: Iterable[Entry]) -> int:
        """Number entries in their order, all of them or, where it breaks off, none.

        An entry that repeats the address of an earlier one is skipped, one that is a failure
        or was passed over is final as it stands, and one whose bytes are those of an earlier
        one on this machine shares its fate.

        :returns: how many there were.
        :raises LedgerError: the listing is finished, or the ledger cannot be written.
        """
        added = 0
        with self._transaction():
            if self.listed:
                raise LedgerError(f"{self.path}: the listing is finished; nothing can be added")
            with explained(self.path):
                (last,) = self._database.execute("SELECT max(seq) FROM entries").fetchone()
            seq = -1 if last is None else last
            for entry in entries:
                seq += 1
                added += 1
                with explained(self.path):
                    self._insert_entry(seq, entry)
        return added

    @property
    def listed(self) -> bool:
        """Whether the listing is finished; until then, nothing can be committed."""
        with self._turn, explained(self.path):
            return self._database.execute("SELECT 1 FROM listing").fetchone() is not None

    def finish_listing(self) -> None:
        """Every input has been added. Doing it again changes nothing."""
        with self._transaction(), explained(self.path):
            if not self.listed:
                self._database.execute("INSERT INTO listing (finished) VALUES (1)")

    def _insert_entry(self, seq: int, entry: Entry) -> None:
        key = None if entry.key is None else _storable(entry.key)
        state, reason, message = _listed_state(entry)
        same_as = copy_of = host = None
        if state is None and (same_as := self._lowest("key", key)) is not None:
            state, reason = "skipped", DUPLICATE_ADDRESS
        elif state is None and entry.kind == "url":
            host = _host_of(entry)
        elif state is None:
            copy_of = self._lowest("sha256", entry.sha256)
        packed = json.dumps(entry.to_json_dict(), separators=(",", ":"))
        self._database.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (seq, _storable(entry.uri), _storable(entry.origin), entry.kind, host, key,
             entry.sha256, state, reason and _storable(reason), message and _storable(message),
             same_as, copy_of, packed),
        )  # fmt: skip

    def _lowest(self, column: str, value: str | None) -> int | None:
        if value is None:
            return None
        copies = "AND copy_of IS NULL" if column == "sha256" else ""
        (found,) = self._database.execute(
            f"SELECT min(seq) FROM entries WHERE {column} = ? AND state IS NULL {copies}",  # noqa: S608
            (value,),
        ).fetchone()
        return found if found is None else int(found)

    # ------------------------------------------------------------------ what is to do

    def pending(
        self, *, kinds: Sequence[EntryKind], after: int = -1, limit: int = 100
    ) -> list[Pending]:
        """Inputs that still need an outcome, in their order, from the one after ``after`` on.

        A copy of a file that has changed since it was listed joins them late, when the
        outcome of that file is committed, so ask from the beginning before calling it a day.
        """
        places = ", ".join("?" * len(kinds))
        return self._pending(f"e.kind IN ({places}) AND e.seq > ?", (*kinds, after), limit)

    def pending_hosts(self) -> Iterator[tuple[str, int]]:
        """Each host with the number of its addresses that still need an outcome."""
        query = f"""SELECT e.host, count(*) FROM entries e
            WHERE e.host IS NOT NULL AND {AWAITED} GROUP BY e.host ORDER BY e.host"""  # noqa: S608
        with explained(self.path), reading(self.path) as database:
            yield from database.execute(query)

    def pending_of_host(self, host: str, *, after: int = -1, limit: int = 20) -> list[Pending]:
        """Addresses of a host that still need an outcome, in their order."""
        return self._pending("e.host = ? AND e.seq > ?", (host, after), limit)

    def _pending(self, which: str, values: tuple[object, ...], limit: int) -> list[Pending]:
        query = f"""SELECT e.seq, e.entry FROM entries e
            WHERE {which} AND {AWAITED} ORDER BY e.seq LIMIT ?"""  # noqa: S608
        with self._turn, explained(self.path):
            found = self._database.execute(query, (*values, limit)).fetchall()
        return [Pending(seq, self._entry(packed)) for seq, packed in found]

    def read_before(self, sha256: str, seq: int) -> int | None:
        """The lowest number below ``seq`` with this content and an outcome of its own."""
        with self._turn, explained(self.path):
            (found,) = self._database.execute(
                "SELECT min(seq) FROM outcomes WHERE sha256 = ? AND state <> 'same' AND seq < ?",
                (sha256, seq),
            ).fetchone()
        return found if found is None else int(found)

    # ------------------------------------------------------------------ committing

    def commit(self, outcomes: Sequence[Committed]) -> None:
        """Write outcomes down, all of them or none; when this returns, they are on the disk.

        :raises LedgerError: an input has an outcome already, needs none or does not exist,
            an outcome does not hold together, or the ledger cannot be written.
        """
        with self._transaction():
            for outcome in outcomes:
                self._insert_outcome(outcome)

    def _insert_outcome(self, one: Committed) -> None:
        reason, message = self._checked(one)
        brief = None if one.brief is None else json.dumps(one.brief.to_json_dict())
        try:
            with explained(self.path):
                self._database.execute(
                    "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (one.seq, one.state, one.sha256, one.same_as, one.attempts, one.seconds,
                     one.retrieved, reason, message, brief),
                )  # fmt: skip
                if one.outcome is not None:
                    self._database.execute(
                        "INSERT INTO bodies VALUES (?, ?)", (one.seq, self._pack(one.outcome))
                    )
        except LedgerError as error:
            if not isinstance(error.__cause__, sqlite3.IntegrityError):
                raise
            raise LedgerError(
                f"{self.path}: input {one.seq} cannot be given an outcome ({error.__cause__}); "
                "an input has one outcome, once everything is listed"
            ) from error

    def _checked(self, one: Committed) -> tuple[str | None, str | None]:
        """The kind and message of a failure; both null for anything else."""
        if one.state == "same":
            if one.outcome is not None or not self._is_original(one):
                raise self._inconsistent(one, "`same` needs a lower number that has its content")
        elif one.outcome is None or b"\n" in one.outcome:
            raise self._inconsistent(one, "an outcome is one line of JSON, without its newline")
        elif one.state == "report":
            if one.brief is None:
                raise self._inconsistent(one, "a report comes with its brief")
        else:
            try:
                error = json.loads(one.outcome)["error"]
                return str(error["kind"]), _storable(str(error["message"]))
            except (ValueError, KeyError, TypeError) as fault:
                raise self._inconsistent(one, "its line is no failure") from fault
        return None, None

    def _is_original(self, one: Committed) -> bool:
        if one.same_as is None or one.same_as >= one.seq or one.sha256 is None:
            return False
        with explained(self.path):
            found = self._database.execute(
                "SELECT 1 FROM outcomes WHERE seq = ? AND sha256 = ? AND state <> 'same'",
                (one.same_as, one.sha256),
            ).fetchone()
        return found is not None

    def _inconsistent(self, one: Committed, why: str) -> LedgerError:
        return LedgerError(f"{self.path}: the outcome of input {one.seq} does not hold: {why}")

    # ------------------------------------------------------------------ what came of it

    def counts(self) -> Counts:
        """How many inputs are in which state."""
        query = f"SELECT state, reason, count(*) FROM ({FINALS}) GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608
        with self._turn, explained(self.path):
            found = self._database.execute(query).fetchall()
        total: Counter[str] = Counter()
        reasons: dict[str, dict[str, int]] = {"failed": {}, "skipped": {}}
        for state, reason, number in found:
            total[state or "pending"] += number
            if state in reasons:
                reasons[state][reason] = number
        return Counts(
            inputs=total.total(),
            pending=total["pending"],
            done=total["done"],
            failed=reasons["failed"],
            skipped=reasons["skipped"],
        )

    def rows(self) -> Iterator[FinalRow]:
        """Every input that has a final state, in order of its number."""
        with reading(self.path) as database:
            for row, _ in self._finals(database):
                yield row

    def outcomes(self) -> Iterator[tuple[FinalRow, bytes]]:
        """The inputs that are done or failed, each with its report or failure as JSON.

        A line is exactly what was committed, but for inputs that failed as another did or
        could not be listed: theirs is made here and names their own address.
        """
        for row, line in self.rows_and_outcomes():
            if line is not None:
                yield row, line

    def rows_and_outcomes(self) -> Iterator[tuple[FinalRow, bytes | None]]:
        """Every input that has a final state, with the line of JSON of those that have one."""
        with reading(self.path) as database:
            for row, body in self._finals(database):
                if row.state == "skipped":
                    yield row, None
                elif body == row.seq:
                    yield row, self._line(database, body)
                else:
                    yield row, self._failure_of(database, row, body)

    def _finals(self, database: sqlite3.Connection) -> Iterator[tuple[FinalRow, int | None]]:
        query = f"""SELECT n.*, o.uri FROM ({FINALS}) n LEFT JOIN entries o ON o.seq = n.of
            WHERE n.state IS NOT NULL ORDER BY n.seq"""  # noqa: S608
        with explained(self.path):
            for *values, brief, body, original in database.execute(query):
                row = _final_row(values, brief=brief, original=original)
                yield row, body

    def _line(self, database: sqlite3.Connection, seq: int) -> bytes:
        with explained(self.path):
            found = database.execute("SELECT line FROM bodies WHERE seq = ?", (seq,)).fetchone()
        if found is None:
            raise LedgerError(f"{self.path}: is damaged (input {seq} has lost its outcome)")
        return self._unpack(found[0])

    def _failure_of(self, database: sqlite3.Connection, row: FinalRow, body: int | None) -> bytes:
        """The failure of an input that could not be listed, or failed as its original did."""
        from claimcheck.records import Failure, FailureDetail
        from claimcheck.report.jsonl import line

        if body is None:
            with explained(self.path):
                found = database.execute("SELECT entry FROM entries WHERE seq = ?", (row.seq,))
                (packed,) = found.fetchone()
            detail = self._entry(packed).failure
        else:
            detail = Failure.model_validate_json(self._line(database, body)).error
        if detail is None:
            raise LedgerError(f"{self.path}: is damaged (input {row.seq} has lost its failure)")
        told = FailureDetail(
            kind=detail.kind, message=row.message or detail.message, retryable=detail.retryable
        )
        source = source_of(row.kind, row.uri, sha256=row.sha256, retrieved=row.retrieved)
        return line(Failure(source=source, error=told)).encode("utf-8", "backslashreplace")

    # ------------------------------------------------------------------ inside

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self.readonly:
            raise LedgerError(f"{self.path}: was opened for reading only")
        with self._turn:
            with explained(self.path):
                self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                with explained(self.path):
                    self._database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has rolled it back already
                    self._database.execute("ROLLBACK")
                raise

    def _entry(self, packed: str) -> Entry:
        from claimcheck.sources import Entry

        try:
            return Entry.from_json_dict(json.loads(packed))
        except ValueError as error:
            raise LedgerError(f"{self.path}: is damaged ({error})") from error

    @cached_property
    def _pack(self) -> Callable[[bytes], bytes]:
        import zstandard

        compress: Callable[[bytes], bytes] = zstandard.ZstdCompressor(level=_LEVEL).compress
        return compress

    def _unpack(self, packed: bytes) -> bytes:
        import zstandard

        try:
            size = zstandard.frame_content_size(packed)
            if not 0 <= size <= _LONGEST_LINE:
                raise LedgerError(f"{self.path}: is damaged (an outcome of {size} bytes)")
            line: bytes = zstandard.ZstdDecompressor().decompress(packed)
        except zstandard.ZstdError as error:
            raise LedgerError(f"{self.path}: is damaged ({error})") from error
        return line


def _final_row(values: Sequence[Any], *, brief: str | None, original: str | None) -> FinalRow:
    seq, uri, origin, kind, state, reason, message, of, sha256, retrieved, attempts, seconds = (
        values
    )
    if state == "failed" and of is not None and message is not None:
        message = _renamed(message, original or "", uri)
    elif state == "skipped" and of is not None:
        message = f"{uri}: {_WHY_SKIPPED[reason]} {original} (input {of})"
    row = FinalRow(
        seq=seq,
        uri=uri,
        origin=origin,
        kind=kind,
        state=state,
        reason=reason,
        message=message,
        of=of,
        sha256=sha256,
        retrieved=retrieved,
        attempts=attempts,
        seconds=seconds,
    )
    if state == "done" and brief is not None:
        return replace(row, brief=Brief.from_json_dict(json.loads(brief)))
    return row


_WHY_SKIPPED: Final = {
    DUPLICATE_ADDRESS: "is the same address as",
    DUPLICATE_CONTENT: "has the same content as",
}


def _renamed(message: str, theirs: str, own: str) -> str:
    """A message about another input, made one about this one."""
    if theirs and message.startswith(theirs):
        return own + message[len(theirs) :]
    return f"{own}: {message}"


def _listed_state(entry: Entry) -> tuple[State | None, str | None, str | None]:
    """State, reason and message of an entry that is final as it stands; else nulls."""
    if entry.failure is not None:
        return "failed", entry.failure.kind, entry.failure.message
    if entry.skipped is not None:
        # `record-type: warcinfo`: the word before the colon is what gets counted.
        return "skipped", entry.skipped.partition(":")[0], entry.skipped
    return None, None, None


def _host_of(entry: Entry) -> str:
    from claimcheck.errors import SourceError
    from claimcheck.fetch import host_of

    try:
        return host_of(entry.uri)
    except SourceError:
        # Without a host nobody would ever ask for it; under this name, asking says why not.
        return ""


def _storable(text: str) -> str:
    """The text with lone surrogates, which SQLite cannot hold, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
