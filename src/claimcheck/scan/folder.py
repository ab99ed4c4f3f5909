"""A run's folder on disk: what was asked, and one folder for each generation.

::

    RUN/run.json                what was asked, with which version and model
    RUN/lock                    held by the process that writes, whose number it contains
    RUN/cache/                  pages as they were retrieved
    RUN/stdin.txt               what came on standard input, where that was an input
    RUN/20261124T211500Z/       a generation: ledger.sqlite, manifest.json, results

``docs/scan-format.md`` describes every file. A generation's folder appears with an empty
ledger in it or not at all, and small files are replaced as a whole, so that a process can be
ended at any moment.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

import claimcheck
from claimcheck.errors import UsageError
from claimcheck.scan.ledger import Ledger
from claimcheck.scan.lock import holding
from claimcheck.scan.manifest import (
    MANIFEST_SCHEMA,
    RUN_SCHEMA,
    Manifest,
    RunInfo,
    damaged,
    read_json,
    stamp,
    write_json,
)
from claimcheck.scan.results import RESULT_FILES, compile_results
from claimcheck.scan.summary import Summary
from claimcheck.scan.tables import LedgerError, explained

__all__ = ["MANIFEST_SCHEMA", "RUN_SCHEMA", "Generation", "Manifest", "RunFolder", "RunInfo"]

_RUN, _LOCK, _CACHE, _STDIN = "run.json", "lock", "cache", "stdin.txt"
_LEDGER, _MANIFEST, _CHANGES = "ledger.sqlite", "manifest.json", "changes.jsonl"
_NAME: Final = re.compile(r"\d{8}T\d{6}Z")
_NAME_FORMAT: Final = "%Y%m%dT%H%M%SZ"
# What `replacing` and `new_generation` call a thing until it takes its place. The report of a
# run may be under way in the same folder, so nothing else is touched.
_REMAINS: Final = re.compile(
    r"\.(?:\d{8}T\d{6}Z|(?:run|manifest|summary)\.json\.[0-9a-f]{12}"
    r"|(?:ledger|results|changes)\.(?:jsonl|jsonl\.zst|parquet)\.[0-9a-f]{12})\.tmp"
)


class RunFolder:
    """A run's folder. Only who holds its lock writes to it."""

    def __init__(self, path: Path, info: RunInfo) -> None:
        self.path = path
        self.info = info
        self.locked = False

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        inputs: Sequence[str],
        settings: Mapping[str, Any] | None = None,
        listing: Mapping[str, Any] | None = None,
        model: str | None = None,
        model_sha256: str | None = None,
        now: datetime | None = None,
    ) -> Self:
        """Make a run's folder, without a generation yet.

        :param path: a folder that does not exist, is empty, or in which making one broke off.
        :param settings: plain JSON types, as ``listing``.
        :raises UsageError: there is a run already, or something else.
        """
        _check_place(path)
        info = RunInfo(
            version=claimcheck.__version__,
            created=stamp(now or datetime.now(UTC)),
            inputs=tuple(inputs),
            settings=dict(settings or {}),
            listing=dict(listing or {}),
            model=model,
            model_sha256=model_sha256,
        )
        with explained(path):
            path.mkdir(parents=True, exist_ok=True)
        run = cls(path, info)
        with run.lock():
            _check_place(path)  # another process may have been quicker
            run._write()
        return run

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a run's folder.

        :raises UsageError: there is none, or it is damaged or of a newer format.
        """
        file = path / _RUN
        if not file.is_file():
            raise UsageError(
                f"{path}: is no run folder (there is no {_RUN} in it); "
                "`claimcheck scan INPUT… -o RUN` makes one"
            )
        data = read_json(file, schema=RUN_SCHEMA)
        try:
            info = RunInfo.from_json_dict(data)
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(file, error) from error
        return cls(path, info)

    @property
    def cache(self) -> Path:
        """Where retrieved pages are kept."""
        return self.path / _CACHE

    @property
    def stdin(self) -> Path:
        """Where standard input is kept."""
        return self.path / _STDIN

    @contextmanager
    def lock(self) -> Iterator[Self]:
        """Keep other processes from writing; they let go when they end, however they end.

        :raises UsageError: another process, which it names, holds the lock.
        """
        with holding(self.path / _LOCK):
            self.locked = True
            try:
                yield self
            finally:
                self.locked = False

    def generations(self) -> tuple[Generation, ...]:
        """Every generation, the oldest first."""
        with explained(self.path):
            names = sorted(
                one.name
                for one in self.path.iterdir()
                if _NAME.fullmatch(one.name) and (one / _LEDGER).is_file()
            )
        return tuple(Generation(self, name) for name in names)

    def generation(self, name: str | None = None) -> Generation:
        """A generation by its name, or the latest, whether it is complete or not.

        :raises UsageError: there is none, or none of this name.
        """
        found = self.generations()
        if name is None and found:
            return found[-1]
        for one in found:
            if one.name == name:
                return one
        if not found:
            raise UsageError(
                f"{self.path}: nothing has been scanned yet; go on with "
                f"`claimcheck scan --resume {self.path}`"
            )
        known = ", ".join(one.name for one in found)
        raise UsageError(f"{self.path}: there is no generation {name!r}; there is {known}")

    def new_generation(self, *, now: datetime | None = None) -> Generation:
        """Begin a generation with an empty ledger, named after the time in UTC.

        :raises LedgerError: the lock is not held, or the folder cannot be written.
        """
        self._must_be_locked()
        moment = now or datetime.now(UTC)
        earlier = self.generations()
        name = moment.strftime(_NAME_FORMAT)
        # Names sort by age, also where two begin in one second or the clock was put back.
        if earlier and name <= earlier[-1].name:
            last = datetime.strptime(earlier[-1].name, _NAME_FORMAT).replace(tzinfo=UTC)
            name = (last + timedelta(seconds=1)).strftime(_NAME_FORMAT)
        manifest = Manifest(
            generation=name,
            version=claimcheck.__version__,
            started=stamp(moment),
            model=self.info.model,
            model_sha256=self.info.model_sha256,
            settings=self.info.settings,
        )
        place = self.path / f".{name}.tmp"
        with explained(self.path):
            _sweep(self.path)
            place.mkdir()
            Ledger.create(place / _LEDGER).close()
            write_json(place / _MANIFEST, manifest.to_json_dict())
            place.rename(self.path / name)
        self._write()
        return Generation(self, name)

    def _must_be_locked(self) -> None:
        if not self.locked:
            raise LedgerError(f"{self.path}: is written to without its lock; use RunFolder.lock()")

    def _write(self) -> None:
        names = [one.name for one in self.generations()]
        write_json(self.path / _RUN, self.info.to_json_dict() | {"generations": names})


@dataclass(frozen=True)
class Generation:
    """One pass over the inputs of a run."""

    run: RunFolder
    name: str

    @property
    def path(self) -> Path:
        """Its folder."""
        return self.run.path / self.name

    def ledger(self, *, readonly: bool | None = None) -> Ledger:
        """Open its ledger, to write exactly if this run's lock is held.

        :param readonly: says so in place of the lock.
        :raises LedgerError: it is damaged, or to be written to without the lock.
        """
        if readonly is None:
            readonly = not self.run.locked
        if not readonly:
            self.run._must_be_locked()
        return Ledger.open(self.path / _LEDGER, readonly=readonly)

    @property
    def manifest(self) -> Manifest:
        """What made it and how far it is.

        :raises UsageError: the file is damaged or of a newer format.
        """
        file = self.path / _MANIFEST
        try:
            return Manifest.from_json_dict(read_json(file, schema=MANIFEST_SCHEMA))
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(file, error) from error

    def compile(self, *, zstd: bool = False) -> Summary:
        """Write the result files anew from the ledger; the manifest stays as it is.

        :raises LedgerError: the ledger is damaged, or a file cannot be written.
        """
        told = self.manifest
        with self.ledger(readonly=True) as ledger:
            return compile_results(
                ledger,
                self.path,
                zstd=zstd,
                wall_seconds=told.wall_seconds,
                cpu_seconds=told.cpu_seconds,
            )

    def finish(
        self,
        *,
        wall_seconds: float,
        cpu_seconds: float,
        zstd: bool = False,
        settings: Mapping[str, Any] | None = None,
        model: str | None = None,
        model_sha256: str | None = None,
        now: datetime | None = None,
    ) -> Summary:
        """End a session, whether everything is done or not: result files, then the manifest.

        :param wall_seconds: of this session alone, as ``cpu_seconds``; they are added up.
        :param settings: what was in force, as ``model``; null keeps what is known.
        :raises LedgerError: the lock is not held, the ledger is damaged, or a file cannot be
            written.
        """
        self.run._must_be_locked()
        with explained(self.path):
            _sweep(self.path)
        before = self.manifest
        wall = before.wall_seconds + wall_seconds
        cpu = before.cpu_seconds + cpu_seconds
        with self.ledger(readonly=True) as ledger:
            counts = ledger.counts()
            complete = ledger.listed and counts.pending == 0
            summary = compile_results(
                ledger, self.path, zstd=zstd, wall_seconds=wall, cpu_seconds=cpu
            )
        manifest = Manifest(
            generation=self.name,
            version=claimcheck.__version__,
            started=before.started,
            model=model or before.model,
            model_sha256=model_sha256 or before.model_sha256,
            settings=dict(settings) if settings is not None else before.settings,
            counts=counts,
            complete=complete,
            finished=stamp(now or datetime.now(UTC)) if complete else None,
            sessions=before.sessions + 1,
            wall_seconds=wall,
            cpu_seconds=cpu,
            files=tuple(sorted(one.name for one in self.path.iterdir() if _is_result(one))),
        )
        write_json(self.path / _MANIFEST, manifest.to_json_dict())
        return summary


def _is_result(path: Path) -> bool:
    return path.name in RESULT_FILES or path.name == _CHANGES


# ---------------------------------------------------------------------- files


def _check_place(path: Path) -> None:
    with explained(path):
        if (path / _RUN).exists():
            raise UsageError(
                f"{path}: is a run already; go on with `claimcheck scan --resume {path}`, scan "
                f"anew with `--update {path}`, or name another folder"
            )
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path}: is a file; a run is a folder, name another")
        if path.is_dir():
            ours = {_LOCK, _CACHE, _STDIN}
            other = [one.name for one in path.iterdir() if one.name not in ours]
            if any(not _REMAINS.fullmatch(name) for name in other):
                raise UsageError(
                    f"{path}: holds files that are no run of claimcheck; name a folder that is "
                    "new or empty"
                )


def _sweep(folder: Path) -> None:
    """Remove what a process left behind that was ended while it wrote a file of ours."""
    for path in list(folder.iterdir()):
        if _REMAINS.fullmatch(path.name):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
