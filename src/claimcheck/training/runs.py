"""A whole evaluation as the command line asks for it: models × data, compared or gated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from claimcheck.errors import UsageError
from claimcheck.training.compare import Comparison, compare
from claimcheck.training.evaluate import (
    Data,
    Evaluation,
    Trial,
    data_name,
    judge_data,
    measure,
    read_data,
)
from claimcheck.training.gate import Gate, Outcome, check_gate, load_gate
from claimcheck.training.publish import (
    check_folder,
    publish,
    publish_comparison,
    to_json,
    write_atomically,
)

__all__ = ["Results", "run_evaluation"]


@dataclass(frozen=True)
class Results:
    """What was measured, in the order of models within data within the command line."""

    evaluations: tuple[Evaluation, ...]
    comparisons: tuple[Comparison, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    files: tuple[Path, ...] = ()

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types; without the files' names."""
        return {
            "evaluations": [one.to_json_dict() for one in self.evaluations],
            "comparisons": [one.to_json_dict() for one in self.comparisons],
            "gate": [one.to_json_dict() for one in self.outcomes],
        }


def run_evaluation(
    data: Sequence[Path],
    *,
    models: Sequence[str] = ("default",),
    split: str = "dev",
    profile: str = "balanced",
    gate: Path | None = None,
    output: Path | None = None,
) -> Results:
    """Measure models on data sets; several models are compared with the first.

    :param gate: a file of floors; it names splits and profiles in place of ``split``
        and ``profile``.
    :param output: a folder for figures, pictures and pages; null writes none.
    :raises UsageError: the request cannot be, a file cannot be written, or a library
        for pictures is missing.
    :raises CorpusError: a corpus or split cannot be read.
    :raises ModelError: a model cannot be loaded.
    """
    names = _model_names(models)
    floors = load_gate(gate) if gate is not None else None
    jobs = _jobs(data, split=split, profile=profile, gate=floors, models=models)
    if output is not None:
        check_folder(output)
    read = lru_cache(maxsize=1)(_read)
    evaluations: list[Evaluation] = []
    comparisons: list[Comparison] = []
    files: list[Path] = []
    for path, part, chosen in jobs:
        text = read(path, part)
        trials = [
            judge_data(text, model=model, profile=chosen, name=name)
            for model, name in names.items()
        ]
        measured = [measure(trial) for trial in trials]
        evaluations += measured
        compared = [compare(trials[0], trial) for trial in trials[1:]]
        comparisons += compared
        if output is not None:
            folder = output if len(jobs) == 1 else output / _safe(f"{text.name}-{part}-{chosen}")
            files += _published(trials, measured, compared, folder=folder)
    outcomes = check_gate(floors, evaluations) if floors is not None else ()
    if output is not None and floors is not None:
        content = to_json([one.to_json_dict() for one in outcomes])
        files.append(write_atomically(output / "gate.json", content.encode()))
    return Results(tuple(evaluations), tuple(comparisons), outcomes, tuple(files))


def _read(path: Path, split: str) -> Data:
    return read_data(path, split=split)


def _model_names(models: Sequence[str]) -> Mapping[str, str | None]:
    """What each model is called: its manifest's name, or of several their folders' names."""
    if len(set(models)) != len(models):
        raise UsageError("--model: the same model is named twice")
    if len(models) == 1:
        return {models[0]: None}
    short = [Path(model).resolve().name if "/" in model else model for model in models]
    return dict(zip(models, short if len(set(short)) == len(short) else models, strict=True))


def _jobs(
    data: Sequence[Path], *, split: str, profile: str, gate: Gate | None, models: Sequence[str]
) -> list[tuple[Path, str, str]]:
    """(corpus, split, profile) triples, those of one split in a row so that it is read once."""
    names = [data_name(path) for path in data]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"--data: two data sets are called {twice[0]!r}; rename one")
    if gate is None:
        return [(path, split, profile) for path in data]
    if len(models) > 1:
        raise UsageError("--gate: measures one model; give --model once")
    jobs = []
    for path, name in zip(data, names, strict=True):
        runs = gate.runs(name)
        if not runs:
            raise UsageError(f"{gate.path}: holds no floor for the data set {name!r} ({path})")
        jobs += [(path, part, chosen) for part, chosen in sorted(runs)]
    return jobs


def _published(
    trials: Sequence[Trial],
    measured: Sequence[Evaluation],
    compared: Sequence[Comparison],
    *,
    folder: Path,
) -> list[Path]:
    """One folder a model where there are several, the comparisons above them."""
    files: list[Path] = []
    for trial, evaluation in zip(trials, measured, strict=True):
        place = folder if len(trials) == 1 else folder / _safe(trial.model)
        files += publish(trial, evaluation, folder=place)
    for trial, comparison in zip(trials[1:], compared, strict=True):
        name = "compare" if len(compared) == 1 else f"compare-{_safe(trial.model)}"
        files += publish_comparison(comparison, trials[0], trial, folder=folder, name=name)
    return files


def _safe(name: str) -> str:
    """A file name of letters, digits, dots and dashes."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "model"
