"""What a run was asked for and what made a generation: two small files of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from claimcheck.replacing import replacing
from claimcheck.scan.results import pretty
from claimcheck.scan.rows import Counts
from claimcheck.scan.tables import LedgerError, explained

__all__ = [
    "MANIFEST_SCHEMA",
    "RUN_SCHEMA",
    "Manifest",
    "RunInfo",
    "damaged",
    "read_json",
    "stamp",
    "write_json",
]

RUN_SCHEMA: Final = "claimcheck.run/1"
MANIFEST_SCHEMA: Final = "claimcheck.manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What a run was asked for. ``created`` is ISO 8601 in UTC.

    ``settings`` and ``listing`` are plain JSON types: the settings that bear on the results,
    and how the inputs are to be listed.
    """

    version: str
    created: str
    inputs: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    listing: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    model_sha256: str | None = None

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "schema": RUN_SCHEMA,
            "version": self.version,
            "created": self.created,
            "inputs": list(self.inputs),
            "settings": dict(self.settings),
            "listing": dict(self.listing),
            "model": {"name": self.model, "sha256": self.model_sha256},
        }

    @classmethod
    def from_json_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read one back.

        :raises KeyError, TypeError, ValueError: it does not have the form.
        """
        return cls(
            version=data["version"],
            created=data["created"],
            inputs=tuple(data["inputs"]),
            settings=dict(data["settings"]),
            listing=dict(data["listing"]),
            model=data["model"]["name"],
            model_sha256=data["model"]["sha256"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What made a generation, how far it is and how long it took.

    ``started`` and ``finished`` are ISO 8601 in UTC. ``wall_seconds`` and ``cpu_seconds``
    add up ``sessions``, the calls of ``claimcheck scan`` that came to an end by themselves.
    """

    generation: str
    version: str
    started: str
    model: str | None = None
    model_sha256: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    counts: Counts | None = None
    complete: bool = False
    finished: str | None = None
    sessions: int = 0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    files: tuple[str, ...] = ()

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "schema": MANIFEST_SCHEMA,
            "generation": self.generation,
            "version": self.version,
            "model": {"name": self.model, "sha256": self.model_sha256},
            "settings": dict(self.settings),
            "complete": self.complete,
            "counts": None if self.counts is None else self.counts.to_json_dict(),
            "timings": {
                "started": self.started,
                "finished": self.finished,
                "sessions": self.sessions,
                "wall_seconds": round(self.wall_seconds, 3),
                "cpu_seconds": round(self.cpu_seconds, 3),
            },
            "files": list(self.files),
        }

    @classmethod
    def from_json_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read one back.

        :raises KeyError, TypeError, ValueError: it does not have the form.
        """
        counts = data["counts"]
        return cls(
            generation=data["generation"],
            version=data["version"],
            model=data["model"]["name"],
            model_sha256=data["model"]["sha256"],
            settings=dict(data["settings"]),
            complete=data["complete"],
            counts=None if counts is None else Counts(**counts),
            files=tuple(data["files"]),
            **data["timings"],
        )


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Replace a file as a whole."""
    with explained(path), replacing(path) as stream:
        stream.write(pretty(data))


def read_json(path: Path, *, schema: str) -> dict[str, Any]:
    """What :func:`write_json` wrote.

    :raises LedgerError: it is damaged or of a newer format.
    """
    with explained(path):
        text = path.read_bytes()
    try:
        data = json.loads(text)
        found = data["schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, error) from error
    if found != schema:
        raise LedgerError(
            f"{path}: is of the format {found!r}, and this version of claimcheck knows "
            f"{schema!r}; install a newer claimcheck"
        )
    return dict(data)


def damaged(path: Path, error: Exception) -> LedgerError:
    """What to say of a file that does not have its form."""
    return LedgerError(
        f"{path}: is damaged ({type(error).__name__}: {error}); put back a copy of the run "
        "folder, or scan its inputs anew"
    )


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
