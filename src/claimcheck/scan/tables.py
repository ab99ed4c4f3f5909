"""The tables of a ledger, the query that gives each input its state, and what can go wrong.

Append-only is the database's own business: triggers refuse to change or remove an outcome,
whoever asks. A file says that it is a ledger and of which format by SQLite's own
``application_id`` and ``user_version``.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from claimcheck.errors import UsageError

__all__ = [
    "AWAITED",
    "FINALS",
    "FORMAT",
    "LedgerError",
    "connect",
    "explained",
    "make_tables",
    "reading",
]

FORMAT: Final = 1
_APPLICATION: Final = 0x436C4C67  # "ClLg"
_HEAD: Final = b"SQLite format 3\0"
_PATIENCE: Final = 30.0  # seconds to wait for a reader that holds the file up
_LITTLE_SPACE: Final = 1_000_000  # bytes; with less, a disk fault is one of space
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class LedgerError(UsageError):
    """A run folder is damaged, of a newer format, out of disk space, or wrongly used."""


_TABLES: Final = (
    """CREATE TABLE listing (finished INTEGER NOT NULL)""",
    # state, reason, message, same_as: set where an input is final as soon as it is listed.
    # copy_of: an earlier input on this machine had the same bytes when it was listed.
    """CREATE TABLE entries (
        seq INTEGER PRIMARY KEY, uri TEXT NOT NULL, origin TEXT NOT NULL, kind TEXT NOT NULL,
        host TEXT, key TEXT, sha256 TEXT,
        state TEXT CHECK (state IN ('failed', 'skipped')), reason TEXT, message TEXT,
        same_as INTEGER, copy_of INTEGER, entry TEXT NOT NULL)""",
    """CREATE INDEX entries_by_key ON entries (key, seq)
        WHERE key IS NOT NULL AND state IS NULL""",
    """CREATE INDEX entries_by_content ON entries (sha256, seq)
        WHERE sha256 IS NOT NULL AND state IS NULL AND copy_of IS NULL""",
    """CREATE INDEX entries_by_host ON entries (host, seq)
        WHERE host IS NOT NULL AND state IS NULL""",
    """CREATE TABLE outcomes (
        seq INTEGER PRIMARY KEY REFERENCES entries (seq),
        state TEXT NOT NULL CHECK (state IN ('report', 'failure', 'same')),
        sha256 TEXT, same_as INTEGER, attempts INTEGER NOT NULL, seconds REAL NOT NULL,
        retrieved TEXT, reason TEXT, message TEXT, brief TEXT)""",
    """CREATE INDEX outcomes_by_content ON outcomes (sha256, seq)
        WHERE sha256 IS NOT NULL AND state <> 'same'""",
    # Apart from the outcomes, so that counting does not wade through the reports.
    """CREATE TABLE bodies (
        seq INTEGER PRIMARY KEY REFERENCES outcomes (seq), line BLOB NOT NULL)""",
)

_UNLISTED: Final = "NOT EXISTS (SELECT 1 FROM listing)"


def _refusals() -> Iterator[str]:
    for table in ("outcomes", "bodies", "listing"):
        yield _refusal(table, "UPDATE", f"{table} are never changed")
        yield _refusal(table, "DELETE", f"{table} are never removed")
    for table in ("entries", "outcomes", "bodies"):
        # INSERT OR REPLACE deletes without asking the triggers for DELETE.
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE seq = NEW.seq)"  # noqa: S608
        yield _refusal(table, "INSERT", f"{table} are never replaced", when=taken, name="replace")
    yield _refusal("entries", "UPDATE", "entries are never changed")
    listed = "EXISTS (SELECT 1 FROM listing)"
    yield _refusal("entries", "DELETE", "the listing is finished", when=listed)
    yield _refusal("entries", "INSERT", "the listing is finished", when=listed)
    yield _refusal("outcomes", "INSERT", "the listing is not finished", when=_UNLISTED)
    final = "EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq AND state IS NOT NULL)"
    yield _refusal(
        "outcomes", "INSERT", "the input was final when listed", when=final, name="final"
    )


def _refusal(table: str, event: str, why: str, *, when: str = "1", name: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_{event.lower()}{name and '_' + name} BEFORE {event} ON {table} "
        f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


FINALS: Final = """
    SELECT e.seq AS seq, e.uri AS uri, e.origin AS origin, e.kind AS kind,
        CASE
            WHEN e.state IS NOT NULL THEN e.state
            WHEN f.state = 'failure' THEN 'failed'
            WHEN f.seq = e.seq THEN 'done'
            WHEN f.seq IS NOT NULL THEN 'skipped'
            WHEN o.state = 'report' THEN 'done'
            WHEN o.state = 'failure' THEN 'failed'
            WHEN e.copy_of IS NOT NULL AND l.seq IS NULL THEN 'skipped'
        END AS state,
        CASE
            WHEN e.state IS NOT NULL THEN e.reason
            WHEN f.state = 'failure' THEN f.reason
            WHEN f.seq = e.seq THEN NULL
            WHEN f.seq IS NOT NULL THEN 'duplicate-content'
            WHEN o.seq IS NOT NULL THEN o.reason
            WHEN e.copy_of IS NOT NULL AND l.seq IS NULL THEN 'duplicate-content'
        END AS reason,
        CASE
            WHEN e.state IS NOT NULL THEN e.message
            WHEN f.state = 'failure' THEN f.message
            WHEN f.seq IS NULL THEN o.message
        END AS message,
        CASE
            WHEN e.state IS NOT NULL THEN e.same_as
            WHEN f.seq <> e.seq THEN f.seq
            WHEN f.seq IS NULL AND o.seq IS NULL THEN e.copy_of
        END AS of,
        coalesce(o.sha256, e.sha256) AS sha256, o.retrieved AS retrieved,
        coalesce(o.attempts, 0) AS attempts, coalesce(o.seconds, 0.0) AS seconds,
        o.brief AS brief,
        CASE WHEN e.state IS NULL THEN coalesce(f.seq, o.seq) END AS body
    FROM entries e
    LEFT JOIN outcomes o ON o.seq = e.seq
    LEFT JOIN outcomes l ON l.seq = e.copy_of
    LEFT JOIN outcomes f ON f.seq = (
        SELECT min(x.seq) FROM outcomes x
        WHERE x.state <> 'same' AND x.sha256 = CASE
            WHEN o.seq IS NOT NULL THEN o.sha256
            WHEN l.sha256 = e.sha256 THEN e.sha256
        END)
"""
"""Every input with its state, which is null while it is pending.

``o`` is its own outcome, ``l`` that of the input whose bytes it had when both were listed,
``f`` that of the *original*: the lowest number with the same content and an outcome that is
more than ``same``. Nothing here depends on when an outcome was committed. ``body`` is the
number under which the line of JSON lies. A copy of an input that is pending counts as
skipped: there is nothing to do for it.
"""

AWAITED: Final = """
    e.state IS NULL
    AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.seq = e.seq)
    AND (e.copy_of IS NULL OR EXISTS (
        SELECT 1 FROM outcomes l WHERE l.seq = e.copy_of AND l.sha256 IS NOT e.sha256))
"""
"""Whether input ``e`` still needs an outcome of its own.

A copy needs one only where its original turned out to hold other bytes than when it was
listed, or none.
"""


def make_tables(path: Path) -> None:
    """Make a new, empty ledger; all of it or nothing.

    :raises LedgerError: there is a file already, or it cannot be written.
    """
    if path.exists():
        raise LedgerError(f"{path}: exists already; a ledger is never overwritten")
    with explained(path), closing(_opened(path, "rwc")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("BEGIN IMMEDIATE")
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute(f"PRAGMA user_version = {FORMAT}")
        for statement in (*_TABLES, *_refusals()):
            database.execute(statement)
        database.execute("COMMIT")


def connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
    """A connection to an existing ledger, of a format that this version knows.

    :raises LedgerError: there is none, it is damaged, no ledger, or of a newer format.
    """
    if not path.is_file():
        raise LedgerError(f"{path}: there is no such ledger; check the name of the run folder")
    with explained(path):
        with path.open("rb") as stream:
            if stream.read(len(_HEAD)) != _HEAD:
                raise _damaged(path, "it is no SQLite database")
        database = _opened(path, _mode(path, readonly=readonly))
        try:
            _check_format(database, path)
            if readonly:
                database.execute("PRAGMA query_only = ON")
            else:
                database.execute("PRAGMA synchronous = FULL")
                database.execute("PRAGMA foreign_keys = ON")
                database.execute("PRAGMA journal_size_limit = 67108864")
        except BaseException:
            database.close()
            raise
    return database


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own that sees the ledger as it is now, whatever is committed later.

    :raises LedgerError: as :func:`connect`.
    """
    database = connect(path, readonly=True)
    try:
        database.execute("BEGIN")
        yield database
    finally:
        database.close()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Faults of the database or the disk as errors that say what to do.

    :raises LedgerError: in place of what SQLite or the system raises.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _explanation(path, error) from error
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise _full(path) from error
        raise LedgerError(
            f"{path}: cannot be read or written ({error.strerror or error}); check the folder "
            "and its permissions"
        ) from error


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    # Whoever shares a connection between threads takes care of their order.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{'immutable=1' if mode == 'immutable' else f'mode={mode}'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_PATIENCE,
    )


def _mode(path: Path, *, readonly: bool) -> str:
    # SQLite keeps notes beside the file for its readers, and only who may write can clear
    # them away. So a reader takes no more than the right to do that (see `query_only`).
    if not readonly or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return "rw"
    # Where no notes can be made, nobody can be writing to the ledger either, unless somebody
    # else is already and the notes are there.
    alone = not path.with_name(path.name + "-wal").exists()
    return "immutable" if alone else "ro"


def _check_format(database: sqlite3.Connection, path: Path) -> None:
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise LedgerError(f"{path}: is a database, but no ledger of a scan; check its name")
    if version > FORMAT:
        raise LedgerError(
            f"{path}: has format {version}, and this version of claimcheck knows formats up to "
            f"{FORMAT}; install a newer claimcheck"
        )


def _explanation(path: Path, error: sqlite3.Error) -> LedgerError:
    code = getattr(error, "sqlite_errorcode", None)
    family = None if code is None else code & 0xFF  # the rest tells which kind of the same
    if family == sqlite3.SQLITE_FULL:
        return _full(path)
    if family == sqlite3.SQLITE_IOERR and _free_bytes(path) < _LITTLE_SPACE:
        return _full(path)
    if family in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path, str(error))
    if family == sqlite3.SQLITE_BUSY:
        return LedgerError(f"{path}: another process is writing to it; wait until it has finished")
    if family in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return LedgerError(
            f"{path}: cannot be opened or written ({error}); check the folder and its permissions"
        )
    return LedgerError(f"{path}: the ledger cannot be used ({error})")


def _free_bytes(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return _LITTLE_SPACE


def _full(path: Path) -> LedgerError:
    return LedgerError(
        f"{path}: there is no space left on the disk; nothing that was committed is lost: free "
        "some space and go on with `claimcheck scan --resume RUN`"
    )


def _damaged(path: Path, why: str) -> LedgerError:
    return LedgerError(
        f"{path}: is damaged ({why}); put back a copy of the run folder, or scan its inputs anew"
    )
