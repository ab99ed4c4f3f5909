"""What the benchmark scripts share: data files, lines of results, measures, intervals.

A results file has one JSON object a line, written as soon as a part is computed. A
script that is started again computes only what its file lacks.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from claimcheck.errors import ClaimcheckError, CorpusError, UsageError

__all__ = [
    "Results",
    "correlations",
    "digest_of",
    "f1_of",
    "guarded",
    "interval",
    "macro_f1",
    "read_csv",
    "read_jsonl",
    "shown",
    "strength_class",
]

_DRAWS = 1000


def read_csv(path: Path, columns: Sequence[str], *, remedy: str) -> list[dict[str, str]]:
    """The rows of a CSV file that must have some columns.

    :raises CorpusError: it is missing or lacks a column; the remedy is named.
    """
    with _present(path, remedy).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return _with_columns(path, rows, columns, remedy)


def read_jsonl(path: Path, columns: Sequence[str], *, remedy: str) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file that must have some fields."""
    lines = _present(path, remedy).read_text(encoding="utf-8").splitlines()
    try:
        rows = [json.loads(line) for line in lines if line.strip()]
    except ValueError as error:
        raise CorpusError(f"{path}: not JSON Lines ({error}); {remedy}") from error
    return _with_columns(path, rows, columns, remedy)


def _present(path: Path, remedy: str) -> Path:
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; {remedy}")
    return path


def _with_columns(
    path: Path, rows: list[dict[str, Any]], columns: Sequence[str], remedy: str
) -> list[dict[str, Any]]:
    missing = [name for name in columns if not rows or name not in rows[0]]
    if missing:
        raise CorpusError(f"{path}: no rows with {', '.join(missing)}; {remedy}")
    return rows


class Results:
    """One file of result lines; each has a ``part`` and the ``made_from`` of its run."""

    def __init__(self, path: Path, *, made_from: Mapping[str, Any]) -> None:
        """Read what is there.

        :param made_from: data hash and options; all lines of a file must agree.
        :raises UsageError: the file holds results of other data or options.
        """
        self._path = path
        self._made_from = json.loads(json.dumps(made_from))
        self._rows: dict[str, dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            row = json.loads(line)
        except ValueError:
            return  # a line cut off when the run was killed: computed again
        if row["made_from"] != self._made_from:
            raise UsageError(
                f"{self._path}: results of other data or options; "
                "choose another folder with -o or delete the file"
            )
        self._rows[row["part"]] = row

    def part(self, name: str, compute: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """The line of one part, computed and appended if it is not there."""
        if name not in self._rows:
            row = {"part": name, "made_from": self._made_from, **compute()}
            text = json.dumps(row, ensure_ascii=False)
            whole = not self._path.is_file() or self._path.read_bytes()[-1:] in (b"", b"\n")
            with self._path.open("a", encoding="utf-8") as out:
                out.write(f"{'' if whole else chr(10)}{text}\n")
            self._rows[name] = json.loads(text)
        return self._rows[name]

    def found(self, prefix: str) -> list[dict[str, Any]]:
        """The lines whose part begins with a prefix, in the order of their names."""
        return [self._rows[name] for name in sorted(self._rows) if name.startswith(prefix)]


def digest_of(texts: Sequence[str], labels: Sequence[object]) -> str:
    """A short hash of labelled texts."""
    told = json.dumps([list(texts), [str(label) for label in labels]])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def macro_f1(gold: np.ndarray, predicted: np.ndarray, *, classes: int) -> float:
    """Unweighted mean of the classes' F1; a class in neither column counts 0."""
    table = np.bincount(gold * classes + predicted, minlength=classes**2).reshape(classes, classes)
    both = np.diag(table)
    return float(np.mean(2 * both / np.maximum(table.sum(0) + table.sum(1), 1)))


def f1_of(gold: np.ndarray, predicted: np.ndarray) -> float:
    """F1 of the positive class of two boolean columns; 0 without any positive."""
    both = int((gold & predicted).sum())
    return 2 * both / max(1, int(gold.sum()) + int(predicted.sum()))


def correlations(gold: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Pearson and Spearman; 0 where the scores do not vary."""
    from scipy.stats import pearsonr, spearmanr

    if np.ptp(scores) == 0 or np.ptp(gold) == 0:
        return {"pearson": 0.0, "spearman": 0.0}
    return {
        "pearson": float(pearsonr(gold, scores).statistic),
        "spearman": float(spearmanr(gold, scores).statistic),
    }


def interval(
    measure: Callable[[np.ndarray], float], groups: Sequence[Hashable], *, draws: int = _DRAWS
) -> tuple[float, float]:
    """The 95 % interval of a measure over rows, by bootstrap of their groups.

    :param measure: takes row numbers, with repeats.
    :param groups: the document of each row; the rows themselves where they have none.
    """
    rows: dict[Hashable, list[int]] = {}
    for index, group in enumerate(groups):
        rows.setdefault(group, []).append(index)
    members = [np.array(indices) for indices in rows.values()]
    rng = np.random.default_rng(13)
    values = [
        measure(np.concatenate([members[g] for g in rng.integers(len(members), size=len(members))]))
        for _ in range(draws)
    ]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def shown(name: str, value: float, bounds: tuple[float, float] | None = None) -> str:
    """One figure as the scripts print it."""
    text = f"{name:46s} {value:6.3f}"
    return text if bounds is None else f"{text}  [{bounds[0]:.3f}, {bounds[1]:.3f}]"


def strength_class(level: int) -> int:
    """InSciOut codes 0–6 in the four classes of Yu (2019): 0, 1 | 2, 3 | 4 | 5, 6."""
    return (0, 0, 1, 1, 2, 3, 3)[level]


def guarded(name: str, run: Callable[[], None]) -> int:
    """Run a script's body; 2 and a message on an error that is the caller's to mend."""
    try:
        run()
    except ClaimcheckError as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        return 2
    return 0
