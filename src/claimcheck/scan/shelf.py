"""The pages of old generations, waiting on disk for the pages of a new one.

An update compares generations of any size in constant memory, in whatever order their
inputs were listed.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from claimcheck.errors import SourceError
from claimcheck.sources import normalise_url

__all__ = [
    "FURTHEST_BACK",
    "Before",
    "GenerationLike",
    "LedgerLike",
    "RowLike",
    "RunLike",
    "Shelf",
    "is_copy",
    "is_page",
    "key_of",
]


FURTHEST_BACK: Final = 30
"""How many generations before the old one are looked through for a page that it could not read."""


class RowLike(Protocol):
    """What is read of a ledger's final row."""

    @property
    def seq(self) -> int: ...
    @property
    def uri(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def message(self) -> str | None: ...
    @property
    def of(self) -> int | None: ...


class LedgerLike(Protocol):
    """What is read of a ledger: its final rows and their outcomes, in order of ``seq``."""

    def rows(self) -> Iterable[RowLike]: ...
    def outcomes(self) -> Iterable[tuple[RowLike, bytes]]: ...
    def rows_and_outcomes(self) -> Iterable[tuple[RowLike, bytes | None]]: ...


class RunLike(Protocol):
    """What is used of a run: its generations, the oldest first."""

    def generations(self) -> Sequence[GenerationLike]: ...


class GenerationLike(Protocol):
    """What is used of a generation: its name, which sorts by age, its folder, run and ledger."""

    @property
    def run(self) -> RunLike: ...
    @property
    def name(self) -> str: ...
    @property
    def path(self) -> Path: ...
    def ledger(self) -> AbstractContextManager[LedgerLike]: ...


@dataclass(frozen=True, slots=True)
class Before:
    """The last report on a page before this scan, if there is one, and where it is from."""

    generation: str | None = None
    body: bytes | None = None


def is_copy(row: RowLike) -> bool:
    """Whether the page repeats another one, named by ``of``, and was judged there."""
    return row.state == "skipped" and row.reason == "duplicate-content"


def is_page(row: RowLike) -> bool:
    """Whether the row stands for a page of its own: not an address given twice, not a header."""
    return row.state != "skipped" or is_copy(row)


def key_of(row: RowLike) -> str:
    """What a page is called in every generation: its normalised address, or its name."""
    if row.kind != "url":
        return row.uri
    try:
        return normalise_url(row.uri)
    except SourceError:
        return row.uri  # what is no address failed under the name it was given


def _packed(name: str) -> bytes:
    # The name of a file need not be valid Unicode, and SQLite takes no other text.
    return name.encode("utf-8", "surrogatepass")


class Shelf:
    """The pages of the old generations, waiting on disk for their partners.

    A private temporary database: SQLite writes it to disk when it grows, and it is
    gone when it is closed, whatever happens to the process.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.executescript(
            """
            CREATE TABLE page (
                number INTEGER PRIMARY KEY, key BLOB, nth INTEGER, uri BLOB,
                generation TEXT, seq INTEGER, met INTEGER DEFAULT 0, UNIQUE (key, nth));
            CREATE INDEX page_body ON page (generation, seq);
            CREATE TABLE body (
                generation TEXT, seq INTEGER, bytes BLOB, PRIMARY KEY (generation, seq))
                WITHOUT ROWID;
            CREATE TABLE asked (key BLOB PRIMARY KEY, times INTEGER) WITHOUT ROWID;
            """
        )

    def close(self) -> None:
        """Give the space back."""
        self._database.close()

    def fill(self, old: GenerationLike, *, wanted: Iterable[RowLike] = ()) -> None:
        """Take in the pages of ``old``, and what older generations know of those it lacks.

        :param wanted: the new pages. A feed or sitemap that was down lists nothing, and what
            it has always listed is not new the night after.
        """
        self._take(old, add=True)
        for row in filter(is_page, wanted):
            key = key_of(row)
            self._database.execute(
                "INSERT OR IGNORE INTO page (key, nth, uri) VALUES (?, ?, ?)",
                (_packed(key), self._turn(key), _packed(row.uri)),
            )
        self._database.execute("DELETE FROM asked")
        older = [one for one in old.run.generations() if one.name < old.name]
        for generation in older[: -FURTHEST_BACK - 1 : -1]:
            if not self._has("generation IS NULL"):
                return
            self._take(generation, add=False)

    def _take(self, generation: GenerationLike, *, add: bool) -> None:
        name = generation.name
        with generation.ledger() as ledger:
            for row in filter(is_page, ledger.rows()):
                self._list(generation, row, add=add)
            self._database.execute("DELETE FROM asked")
            if not self._has("generation = ?", name):
                return
            for row, body in ledger.outcomes():
                if self._has("generation = ? AND seq = ?", name, row.seq):
                    self.keep(name, row.seq, body)

    def _list(self, generation: GenerationLike, row: RowLike, *, add: bool) -> None:
        key, nth = key_of(row), self._turn(key_of(row))
        seq = row.of if is_copy(row) else row.seq
        found = (generation.name, seq) if row.state != "failed" else (None, None)
        if add:
            self._database.execute(
                "INSERT INTO page (key, nth, uri, generation, seq) VALUES (?, ?, ?, ?, ?)",
                (_packed(key), nth, _packed(row.uri), *found),
            )
        elif row.state != "failed":
            self._database.execute(
                "UPDATE page SET generation = ?, seq = ? "
                "WHERE key = ? AND nth = ? AND generation IS NULL",
                (*found, _packed(key), nth),
            )

    def _turn(self, key: str) -> int:
        """How many pages of this name came before, from 0."""
        (times,) = self._database.execute(
            "INSERT INTO asked VALUES (?, 1) "
            "ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times",
            (_packed(key),),
        ).fetchone()
        return int(times) - 1

    def _has(self, which: str, *values: object) -> bool:
        """Whether there is such a page; ``which`` is SQL of ours, never text from elsewhere."""
        query = f"SELECT 1 FROM page WHERE {which} LIMIT 1"  # noqa: S608
        return self._database.execute(query, values).fetchone() is not None

    def keep(self, generation: str, seq: int, body: bytes) -> None:
        """Store an outcome."""
        self._database.execute(
            "INSERT OR REPLACE INTO body VALUES (?, ?, ?)",
            (generation, seq, zlib.compress(body, 1)),
        )

    def body(self, generation: str | None, seq: int | None) -> bytes | None:
        """An outcome that was stored, or null."""
        found = self._database.execute(
            "SELECT bytes FROM body WHERE generation = ? AND seq = ?", (generation, seq)
        ).fetchone()
        return zlib.decompress(found[0]) if found is not None else None

    def meet(self, key: str) -> Before:
        """The page of this name that is next in turn, which then counts as met."""
        nth = self._turn(key)
        found = self._database.execute(
            "UPDATE page SET met = 1 WHERE key = ? AND nth = ? RETURNING generation, seq",
            (_packed(key), nth),
        ).fetchone()
        return Before(found[0], self.body(*found)) if found is not None else Before()

    def unmet(self) -> Iterator[tuple[str, Before]]:
        """The pages that were not asked for, in the order of the old generation."""
        rows = self._database.execute(
            "SELECT uri, generation, seq FROM page WHERE met = 0 ORDER BY number"
        )
        for uri, generation, seq in rows:
            yield (
                uri.decode("utf-8", "surrogatepass"),
                Before(generation, self.body(generation, seq)),
            )
