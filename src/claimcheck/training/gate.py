"""The gate: floors below which figures must not fall.

A gate file is TOML with one line a floor::

    {data = "d", split = "test", profile = "balanced", slice = "all", metric = "f1", minimum = 0.5}

``slice`` is a row of the evaluation ("all", "news", "severity=3"), or "type=cure" for an
issue type's own rates; for the whole set, ``metric`` may also be one of the evaluation's
other figures ("issue_f1_given_flag"). The table ``sha256`` pins the data that floors were
measured on, because a floor means nothing on other sentences.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from claimcheck.errors import UsageError
from claimcheck.training.evaluate import Evaluation

__all__ = ["Floor", "Gate", "Outcome", "broken", "check_gate", "figure_of", "load_gate"]

_FORMAT = 1
_NEEDED = {"data", "split", "profile", "slice", "metric"}
_LIMITS = {"minimum", "maximum"}
_PROFILES = ("careful", "balanced", "sensitive")


@dataclass(frozen=True, slots=True)
class Floor:
    """One limit on one figure; at least one of ``minimum`` and ``maximum`` is given."""

    data: str
    split: str
    profile: str
    slice: str
    metric: str
    minimum: float | None = None
    maximum: float | None = None

    def __str__(self) -> str:
        limits = [
            f"{word} {limit:g}"
            for word, limit in (("at least", self.minimum), ("at most", self.maximum))
            if limit is not None
        ]
        where = f"{self.data} {self.split}, {self.profile}, {self.slice}"
        return f"{where}: {self.metric} {' and '.join(limits)}"


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate file. ``sha256`` maps ``data/split`` to the hash its floors were measured on."""

    path: str
    floors: tuple[Floor, ...]
    sha256: Mapping[str, str]

    def runs(self, data: str) -> tuple[tuple[str, str], ...]:
        """The (split, profile) pairs that floors of a data set need, in file order."""
        return tuple(dict.fromkeys((f.split, f.profile) for f in self.floors if f.data == data))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one floor, or of one pinned hash (``floor`` is then its name)."""

    floor: str
    state: Literal["met", "broken", "not run"]
    value: float | None = None
    reason: str = ""

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def load_gate(path: Path) -> Gate:
    """Read a gate file.

    :raises UsageError: it cannot be read, or a floor is not one.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML ({error})") from error
    unknown = sorted(set(content) - {"format", "floors", "sha256"})
    if unknown or content.get("format") != _FORMAT:
        what = f"unknown key {unknown[0]!r}" if unknown else f"format is not {_FORMAT}"
        raise UsageError(f"{path}: {what}; a gate file has format, floors and sha256")
    entries = content.get("floors", [])
    floors = tuple(_floor(entry, f"{path}: floor {i}") for i, entry in enumerate(entries, start=1))
    if not floors:
        raise UsageError(f"{path}: holds no floor")
    return Gate(str(path), floors, dict(content.get("sha256", {})))


def _floor(entry: Mapping[str, Any], where: str) -> Floor:
    unknown = sorted(set(entry) - _NEEDED - _LIMITS)
    lacking = sorted(_NEEDED - set(entry))
    if unknown or lacking:
        raise UsageError(f"{where}: unknown keys {unknown}, lacking keys {lacking}")
    if not _LIMITS & set(entry):
        raise UsageError(f"{where}: has neither minimum nor maximum")
    if entry["profile"] not in _PROFILES:
        raise UsageError(f"{where}: profile {entry['profile']!r} is none of {', '.join(_PROFILES)}")
    for name in _LIMITS & set(entry):
        if isinstance(entry[name], bool) or not isinstance(entry[name], int | float):
            raise UsageError(f"{where}: {name} is not a number")
    return Floor(**entry)


def figure_of(evaluation: Evaluation, floor: Floor) -> float | None:
    """The figure that a floor is about; null if there is no such figure or no value."""
    if floor.slice.startswith("type="):
        row: Mapping[str, Any] = evaluation.issues.get(floor.slice.removeprefix("type="), {})
        value = row.get(floor.metric)
    else:
        value = evaluation.slices.get(floor.slice, {}).get(floor.metric)
        if floor.slice == "all" and floor.metric in evaluation.figures:
            value = evaluation.figures[floor.metric]["value"]
    return float(value) if isinstance(value, int | float) else None


def check_gate(gate: Gate, evaluations: Sequence[Evaluation]) -> tuple[Outcome, ...]:
    """Hold every floor against its figure, in file order; pinned hashes first.

    A floor of data that was not evaluated is "not run". One whose figure does not
    exist is broken: a slice that vanished must not pass.
    """
    measured = {(e.data, e.split, e.profile): e for e in evaluations}
    pinned = [_pinned(name, digest, evaluations) for name, digest in gate.sha256.items()]
    return (*pinned, *(_outcome(floor, measured) for floor in gate.floors))


def _pinned(name: str, digest: str, evaluations: Sequence[Evaluation]) -> Outcome:
    title = f"{name}: sha256"
    found = {e.data_sha256 for e in evaluations if f"{e.data}/{e.split}" == name}
    if not found:
        return Outcome(title, "not run", reason="the data was not given")
    if found == {digest}:
        return Outcome(title, "met")
    return Outcome(
        title,
        "broken",
        reason=f"texts or labels are not those that the floors were measured on; measure anew, "
        f"then pin {min(found)}",
    )


def _outcome(floor: Floor, measured: Mapping[tuple[str, str, str], Evaluation]) -> Outcome:
    evaluation = measured.get((floor.data, floor.split, floor.profile))
    if evaluation is None:
        return Outcome(str(floor), "not run", reason="the data was not given")
    value = figure_of(evaluation, floor)
    if value is None:
        return Outcome(str(floor), "broken", reason="the evaluation has no such figure")
    low = floor.minimum is not None and value < floor.minimum
    high = floor.maximum is not None and value > floor.maximum
    return Outcome(str(floor), "broken" if low or high else "met", value)


def broken(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes that make a gate fail."""
    return tuple(outcome for outcome in outcomes if outcome.state == "broken")
