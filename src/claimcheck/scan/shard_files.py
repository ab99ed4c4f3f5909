"""Shards as files: what became of some inputs, as a worker wrote it down.

A shard's file is Parquet with the columns of ``results.parquet``; ``report`` holds the
outcome of each input as one line of JSON, so for a failed one its failure. ::

    shards/new/    written by workers, not committed yet
    shards/        committed

The ledger decides, not the files: a file in ``new/`` is what a worker had finished when its
scan ended, and the next session commits it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from claimcheck.replacing import replacing
from claimcheck.scan.results import TableWriter, results_schema
from claimcheck.scan.rows import COLUMNS, DUPLICATE_CONTENT, Brief, Committed, FinalRow
from claimcheck.scan.tables import LedgerError, explained

if TYPE_CHECKING:
    from claimcheck.scan.ledger import Ledger
    from claimcheck.scan.rows import OutcomeState, State
    from claimcheck.scan.shards import Shard, ShardPage
    from claimcheck.sources import EntryKind

__all__ = ["Shards", "read_shard", "write_shard"]

_ALL_KINDS: Final[tuple[EntryKind, ...]] = ("url", "file", "record", "row")
_AT_ONCE: Final = 500  # inputs
_PATIENCE: Final = 60.0  # seconds; what another machine wrote may take as long to show
_STATES: Final[dict[OutcomeState, State]] = {
    "report": "done",
    "failure": "failed",
    "same": "skipped",
}
_OUTCOMES: Final = {state: outcome for outcome, state in _STATES.items()}
_BRIEF: Final = COLUMNS[COLUMNS.index("title") :]

_log = logging.getLogger(__name__)


def write_shard(path: Path, shard: Shard, outcomes: Mapping[int, Committed]) -> int:
    """Write down what became of the inputs of a shard, in their order; how many there were.

    The same outcomes give the same bytes, and the file appears whole or not at all.

    :param outcomes: by the number of the input; inputs without one are left out.
    :raises OSError: it cannot be written.
    """
    known = [page for page in shard.pages if page.seq in outcomes]
    with replacing(path) as stream:
        writer = TableWriter(stream)
        try:
            for page in known:
                outcome = outcomes[page.seq]
                writer.add(_row(page, outcome), outcome.outcome)
        finally:
            writer.close()
    return len(known)


def read_shard(path: Path) -> list[Committed]:
    """The outcomes in a shard's file, in order of the inputs.

    :raises FileNotFoundError: it is not there.
    :raises LedgerError: it is damaged.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with path.open("rb") as stream:
            table = pyarrow.parquet.read_table(stream)
        if table.schema.names != results_schema().names:
            raise LedgerError(f"{path}: is no shard of this version; remove it and resume")
        return [_outcome(row) for row in table.to_pylist()]
    except (pyarrow.ArrowException, ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"{path}: is damaged ({error}); remove it and resume") from error


def _row(page: ShardPage, outcome: Committed) -> FinalRow:
    reason = message = None
    if outcome.state == "failure":
        error = json.loads(outcome.outcome or b"")["error"]
        reason, message = error["kind"], _writable(error["message"])
    elif outcome.state == "same":
        reason = DUPLICATE_CONTENT
    return FinalRow(
        seq=page.seq,
        uri=_writable(page.entry.uri),
        origin=_writable(page.entry.origin),
        kind=page.entry.kind,
        state=_STATES[outcome.state],
        reason=reason,
        message=message,
        of=outcome.same_as,
        sha256=outcome.sha256,
        retrieved=outcome.retrieved,
        attempts=outcome.attempts,
        seconds=outcome.seconds,
        brief=outcome.brief,
    )


def _outcome(row: Mapping[str, Any]) -> Committed:
    state = _OUTCOMES[cast("State", row["state"])]
    brief = None
    if state == "report":
        brief = {name: row[name] for name in _BRIEF} | {"issues": dict(row["issues"])}
    line = row["report"]
    return Committed(
        seq=row["seq"],
        state=state,
        sha256=row["sha256"],
        same_as=row["of"],
        attempts=row["attempts"],
        outcome=None if line is None else line.encode("utf-8"),
        seconds=row["seconds"],
        retrieved=row["retrieved"],
        brief=None if brief is None else Brief.from_json_dict(brief),
    )


def _writable(text: str) -> str:
    """The text with lone surrogates, which Parquet cannot hold, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class Shards:
    """The shard files of a generation. Only the process that holds the run's lock uses it.

    :param folder: of the generation.
    :raises LedgerError: the folders cannot be made.
    """

    def __init__(self, folder: Path, *, patience: float = _PATIENCE) -> None:
        self.kept = folder.absolute() / "shards"
        self.new = self.kept / "new"
        self._patience = patience
        with explained(folder):
            self.new.mkdir(parents=True, exist_ok=True)

    def take_up(self, ledger: Ledger) -> int:
        """Commit what workers had finished before; how many outcomes that were.

        :raises LedgerError: the ledger or the folder cannot be written.
        """
        taken = 0
        with explained(self.new):
            for path in self.new.glob(".*.tmp"):
                path.unlink(missing_ok=True)
            for path in sorted(self.new.glob("*.parquet")):
                taken += self._take_up(ledger, path)
        return taken

    def commit(self, ledger: Ledger, name: str) -> list[Committed]:
        """Commit a shard that was just written, and keep its file; what it held.

        :raises LedgerError: it does not show up or is damaged, or the ledger cannot be written.
        """
        outcomes = self._awaited(self.new / name)
        ledger.commit(outcomes)
        with explained(self.new):
            (self.new / name).replace(self.kept / name)
        return outcomes

    def forget(self, name: str) -> None:
        """Remove a shard that is not to be committed."""
        with explained(self.new):
            (self.new / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Remove ``new/``; does nothing while something is in it."""
        with suppress(OSError):
            self.new.rmdir()

    def _awaited(self, path: Path) -> list[Committed]:
        until = time.monotonic() + self._patience
        while True:
            try:
                return read_shard(path)
            except FileNotFoundError as error:
                if time.monotonic() > until:
                    raise LedgerError(
                        f"{path}: a Dask worker says that it has written this file, but it is "
                        "not here; the run folder must lie on a file system that the workers "
                        "and this machine share"
                    ) from error
                time.sleep(0.2)

    def _take_up(self, ledger: Ledger, path: Path) -> int:
        try:
            outcomes = read_shard(path)
        except LedgerError as error:
            _log.warning("%s; its pages are judged again", error)
            path.unlink()
            return 0
        wanted = _awaited_ones(ledger, [one.seq for one in outcomes])
        if len(wanted) == len(outcomes):
            ledger.commit(outcomes)
        elif wanted:
            # Written by a worker that outlived its scan, while others did part of it anew.
            path.unlink()
            return 0
        path.replace(self.kept / path.name)
        return len(wanted)


def _awaited_ones(ledger: Ledger, seqs: Sequence[int]) -> set[int]:
    """Those of the inputs, in their order, that have no outcome yet and need one."""
    if not seqs:
        return set()
    wanted = set(seqs)
    return {seq for seq in _pending_from(ledger, seqs[0], seqs[-1]) if seq in wanted}


def _pending_from(ledger: Ledger, first: int, last: int) -> Iterator[int]:
    after = first - 1
    while found := ledger.pending(kinds=_ALL_KINDS, after=after, limit=_AT_ONCE):
        for one in found:
            if one.seq > last:
                return
            yield one.seq
        after = found[-1].seq
