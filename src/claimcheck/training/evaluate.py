"""Evaluating a model on labelled running text, as the checker would judge it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimcheck.checker import Checker, Judged
from claimcheck.claims import Analyser, Analysis, strength_name
from claimcheck.corpus import KIND_CODES, LabelledSentence, load_corpus
from claimcheck.settings import make_settings
from claimcheck.training.catalogue_check import evaluate_catalogue
from claimcheck.training.examples import analysed_passages
from claimcheck.training.metrics import (
    FEW,
    METRICS,
    Draws,
    confusion,
    draws_of,
    flag_metrics,
    flag_samples,
    interval,
    macro_f1,
    point,
    rate_samples,
    reliability,
)
from claimcheck.training.reasons import (
    evidence_hits,
    given_flag,
    hedge_counts,
    issue_confusion,
    issue_table,
    micro_counts,
)
from claimcheck.training.slices import STRENGTHS, slices_of

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Data",
    "Evaluation",
    "Trial",
    "data_name",
    "evaluate",
    "evaluate_catalogue",
    "judge_data",
    "measure",
    "read_data",
]

_LABELS = ("NONE", "OK", "FLAG")
_NO_KIND = "none"
_KINDS = (*(kind for kind in KIND_CODES.values() if kind is not None), _NO_KIND)


@dataclass(frozen=True)
class Data:
    """One split of a corpus, parsed once for every model and profile.

    ``sha256`` is over texts and labels, so that figures name what they were measured on.
    """

    name: str
    split: str
    sha256: str
    passages: tuple[tuple[tuple[LabelledSentence, ...], tuple[Analysis, ...]], ...]


@dataclass(frozen=True)
class Trial:
    """One model's judgement of one split, sentence by sentence in text order."""

    model: str
    model_sha256: str
    data: str
    data_sha256: str
    split: str
    profile: str
    threshold: float
    rows: tuple[LabelledSentence, ...]
    judged: tuple[Judged, ...]
    told: tuple[tuple[str, ...], ...]
    """The issues that the model would raise on each gold flag if told of it; else none."""

    @cached_property
    def gold(self) -> np.ndarray:
        """Whether each sentence should be flagged, shape ``(n,)``."""
        import numpy as np

        return np.array([row.label == "FLAG" for row in self.rows], dtype=bool)

    @cached_property
    def flagged(self) -> np.ndarray:
        """Whether each sentence was flagged, shape ``(n,)``."""
        import numpy as np

        return np.array([bool(one.raised) for one in self.judged], dtype=bool)

    @cached_property
    def scores(self) -> np.ndarray:
        """Flag probabilities, shape ``(n,)``; 0 where a front stage dismissed the sentence."""
        import numpy as np

        return np.array([score_of(one) for one in self.judged], dtype=float)

    @cached_property
    def draws(self) -> Draws:
        """The bootstrap's draws of documents; equal for every model on the same split."""
        return draws_of([row.doc for row in self.rows])

    @cached_property
    def slices(self) -> dict[str, np.ndarray]:
        """Masks by slice name."""
        return slices_of(self.rows, headings=[one.context.sentence.heading for one in self.judged])

    @property
    def dismissed(self) -> int:
        """Sentences that a front stage sent away without a score."""
        return sum(_as_given(one) is None for one in self.judged)


@dataclass(frozen=True)
class Evaluation:
    """Figures of one model on one corpus split.

    ``slices`` maps a slice ("all", "source=…", "issue=…") to its flag metrics with
    ``intervals``; a slice of flagged sentences only has a recall and nothing else.
    ``figures`` holds what is not about flags, each with ``value``, ``n`` and ``interval``.
    ``issues`` has a row a type, end to end and given gold flags. Intervals are 95 %
    bootstrap intervals by document; null is a figure without a denominator.
    """

    model: str
    model_sha256: str
    data: str
    data_sha256: str
    split: str
    profile: str
    threshold: float
    sentences: int
    documents: int
    slices: Mapping[str, Mapping[str, Any]]
    figures: Mapping[str, Mapping[str, Any]]
    issues: Mapping[str, Mapping[str, Any]]
    confusion: Mapping[str, Mapping[str, list[Any]]]
    reliability: tuple[Mapping[str, float | int], ...]
    unexplained: int
    dismissed: int

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def evaluate(
    data: Path, *, model: str = "default", split: str = "dev", profile: str = "balanced"
) -> Evaluation:
    """Evaluate a model on one split of a corpus.

    :raises CorpusError: the corpus or the split cannot be read.
    :raises ModelError: the model cannot be loaded.
    """
    return measure(judge_data(read_data(data, split=split), model=model, profile=profile))


def data_name(path: Path) -> str:
    """What a corpus is called in figures and floors: its file or folder name, bare."""
    return path.resolve().name.removesuffix(".jsonl")


def read_data(path: Path, *, split: str) -> Data:
    """Read and parse one split.

    :raises CorpusError: the corpus or the split cannot be read.
    """
    sentences = load_corpus(path, splits=[split])
    parts = tuple(analysed_passages(sentences, Analyser()))
    return Data(data_name(path), split, _hash_of([rows for rows, _ in parts]), parts)


def _hash_of(passages: Sequence[Sequence[LabelledSentence]]) -> str:
    digest = hashlib.sha256()
    for row in (row for rows in passages for row in rows):
        fields = [getattr(row, name) for name in row.__dataclass_fields__]
        digest.update(json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def judge_data(data: Data, *, model: str, profile: str, name: str | None = None) -> Trial:
    """Judge every sentence with a model.

    :param model: a model's name or folder.
    :param name: what to call it; null takes the name in its manifest.
    :raises ModelError: the model cannot be loaded.
    """
    checker = Checker(make_settings({"model": model, "profile": profile}))
    manifest = checker.judge.manifest
    rows, judged = _judged(checker, data)
    return Trial(
        model=name or manifest.name,
        model_sha256=manifest.sha256,
        data=data.name,
        data_sha256=data.sha256,
        split=data.split,
        profile=profile,
        threshold=manifest.threshold(profile),
        rows=rows,
        judged=judged,
        told=tuple(
            given_flag(checker, one) if row.label == "FLAG" else ()
            for row, one in zip(rows, judged, strict=True)
        ),
    )


def _judged(
    checker: Checker, data: Data
) -> tuple[tuple[LabelledSentence, ...], tuple[Judged, ...]]:
    """Judge every passage as the checker judges an article's sentences."""
    rows: list[LabelledSentence] = []
    judged: list[Judged] = []
    for passage, analyses in data.passages:
        rows.extend(passage)
        judged.extend(checker.judged(analyses))
    return tuple(rows), tuple(judged)


def _as_given(one: Judged) -> float | None:
    score: float | None = one.verdict.score
    return score


def score_of(one: Judged) -> float:
    """The flag probability; 0 for a sentence that a front stage dismissed."""
    return _as_given(one) or 0.0


def strength_of(one: Judged) -> str | None:
    """The strength class that the model gives, or null for a model that gives none."""
    given = getattr(one, "strength", None) or getattr(one.verdict, "strength", None)
    return given if given in STRENGTHS else None


def measure(trial: Trial) -> Evaluation:
    """Every figure of a trial."""
    wanted = [row.issues if row.label == "FLAG" else () for row in trial.rows]
    raised = [tuple(c.issue for c in one.raised) for one in trial.judged]
    told = list(trial.told)
    return Evaluation(
        model=trial.model,
        model_sha256=trial.model_sha256,
        data=trial.data,
        data_sha256=trial.data_sha256,
        split=trial.split,
        profile=trial.profile,
        threshold=trial.threshold,
        sentences=len(trial.rows),
        documents=trial.draws.counts.shape[1],
        slices={name: _slice(trial, mask) for name, mask in trial.slices.items()},
        figures={
            **_claim_figures(trial),
            **_named(trial, micro_counts(wanted, raised), prefix="issue_"),
            **_named(trial, micro_counts(wanted, told), prefix="issue_", suffix="_given_flag"),
            **_span_figures(trial),
        },
        issues=issue_table(wanted, end_to_end=raised, given=told, draws=trial.draws),
        confusion={
            "label": confusion(_label_pairs(trial), names=_LABELS),
            "kind": confusion(_kind_pairs(trial), names=_KINDS),
            "issue": issue_confusion(wanted, raised),
        },
        reliability=reliability(trial.gold, trial.scores),
        unexplained=sum(one.unexplained for one in trial.judged),
        dismissed=trial.dismissed,
    )


def _slice(trial: Trial, mask: np.ndarray) -> dict[str, Any]:
    gold, flagged = trial.gold[mask], trial.flagged[mask]
    found: dict[str, Any] = flag_metrics(gold, trial.scores[mask], flagged=flagged)
    names: tuple[str, ...] = METRICS
    if gold.all():  # no false alarm is possible, so precision would be 1 and mean nothing
        names = ("recall",)
    elif not gold.any():
        names = ("calibration_error", "brier")
    drawn = flag_samples(
        trial.gold, trial.scores, flagged=trial.flagged, draws=trial.draws, mask=mask
    )
    lone = trial.draws.documents(mask) < 2  # one page says nothing about other pages
    return {
        **{name: found[name] for name in ("n", "positive", "flagged")},
        "few": bool(gold.sum() < FEW),
        **{name: found[name] for name in names},
        "intervals": {name: None if lone else interval(drawn[name]) for name in names},
    }


def _named(
    trial: Trial, counts: np.ndarray, *, prefix: str, suffix: str = ""
) -> dict[str, dict[str, Any]]:
    """Precision, recall and F1 of counts ``(n, 3)``, with the number of gold positives."""
    size = int(counts[:, 0].sum() + counts[:, 2].sum())
    drawn = rate_samples(trial.draws.sums(counts))
    return {
        f"{prefix}{name}{suffix}": {
            "value": point(values[0]),
            "n": size,
            "interval": interval(drawn[name]),
        }
        for name, values in rate_samples(counts.sum(axis=0)[None]).items()
    }


def _share(trial: Trial, counts: np.ndarray) -> dict[str, Any]:
    """A share from counts ``(n, 2)`` of part and whole."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        part, whole = counts.sum(axis=0)
        sums = trial.draws.sums(counts)
        return {
            "value": point(part / whole),
            "n": int(whole),
            "interval": interval(sums[:, 0] / sums[:, 1]),
        }


def _claim_figures(trial: Trial) -> dict[str, dict[str, Any]]:
    import numpy as np

    gold = np.array([row.label != "NONE" for row in trial.rows], dtype=bool)
    found = np.array([_claimed(one) for one in trial.judged], dtype=bool)
    counts = np.stack([gold & found, ~gold & found, gold & ~found], axis=1).astype(float)
    figures = _named(trial, counts, prefix="claim_")
    kinds = _classes([row.kind for row in trial.rows], [o.verdict.kind for o in trial.judged])
    known = np.array([row.label != "NONE" and row.kind is not None for row in trial.rows])
    right = known & np.array(
        [row.kind == one.verdict.kind for row, one in zip(trial.rows, trial.judged, strict=True)]
    )
    figures["kind_accuracy"] = _share(trial, np.stack([right, known], axis=1).astype(float))
    figures["kind_macro_f1"] = _macro(trial, np.where(known[:, None, None], kinds, 0.0))
    said = [strength_of(one) for one in trial.judged]
    if any(said):
        strengths = _classes([strength_name(row.strength) for row in trial.rows], said)
        inside = gold & np.array([one is not None for one in said])
        figures["strength_macro_f1"] = _macro(
            trial, np.where(inside[:, None, None], strengths, 0.0)
        )
    return figures


def _claimed(one: Judged) -> bool:
    return bool(one.raised) or (one.verdict.claim or 0.0) >= 0.5


def _classes(gold: Sequence[str | None], said: Sequence[str | None]) -> np.ndarray:
    """Counts of every class that occurs, shape ``(n, classes, 3)``."""
    import numpy as np

    names = sorted({name for name in (*gold, *said) if name is not None})
    right = np.array([[one == name for name in names] for one in gold], dtype=bool)
    given = np.array([[one == name for name in names] for one in said], dtype=bool)
    return np.stack([right & given, ~right & given, right & ~given], axis=2).astype(float)


def _macro(trial: Trial, counts: np.ndarray) -> dict[str, Any]:
    size, classes, _ = counts.shape
    drawn = trial.draws.sums(counts.reshape(size, classes * 3)).reshape(-1, classes, 3)
    return {
        "value": point(macro_f1(counts.sum(axis=0)[None])[0]),
        "n": int((counts[:, :, 0] + counts[:, :, 2]).sum()),
        "interval": interval(macro_f1(drawn)),
    }


def _span_figures(trial: Trial) -> dict[str, dict[str, Any]]:
    hedges = hedge_counts(trial.rows, trial.judged)
    return {
        "evidence_overlap": _share(trial, evidence_hits(trial.rows, trial.judged)),
        **_named(trial, hedges[:, :3], prefix="hedge_"),
        "hedge_overlap": _share(trial, hedges[:, 3:]),
    }


def _label_pairs(trial: Trial) -> list[tuple[str, str]]:
    return [
        (row.label, "FLAG" if one.raised else "OK" if _claimed(one) else "NONE")
        for row, one in zip(trial.rows, trial.judged, strict=True)
    ]


def _kind_pairs(trial: Trial) -> list[tuple[str, str]]:
    """Kinds of the sentences that make a claim."""
    return [
        (row.kind or _NO_KIND, one.verdict.kind if one.verdict.kind in _KINDS else _NO_KIND)
        for row, one in zip(trial.rows, trial.judged, strict=True)
        if row.label != "NONE"
    ]
