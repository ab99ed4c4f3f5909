"""Metrics of a flagging model, with intervals by document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Rates", "bootstrap", "calibration_error", "flag_metrics", "rates_of"]

_BINS = 10


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts and the rates they give; a rate without a denominator is 0."""

    true_positive: int
    false_positive: int
    false_negative: int

    @property
    def precision(self) -> float:
        """Of what was flagged, the share that should have been."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float:
        """Of what should have been flagged, the share that was."""
        return _ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _ratio(
            2 * self.true_positive,
            2 * self.true_positive + self.false_positive + self.false_negative,
        )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def rates_of(gold: np.ndarray, predicted: np.ndarray) -> Rates:
    """Rates of boolean predictions, both of shape ``(n,)``."""
    return Rates(
        int((gold & predicted).sum()),
        int((~gold & predicted).sum()),
        int((gold & ~predicted).sum()),
    )


def calibration_error(gold: np.ndarray, scores: np.ndarray) -> float:
    """Expected calibration error over ten bins of equal width, in probability."""
    import numpy as np

    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for index in range(_BINS):
        inside = bins == index
        if inside.any():
            total += inside.mean() * abs(scores[inside].mean() - gold[inside].mean())
    return float(total)


def flag_metrics(
    gold: np.ndarray, scores: np.ndarray, *, flagged: np.ndarray
) -> dict[str, float | int]:
    """Flag precision, recall, F1, average precision and calibration error, with n.

    :param gold: booleans; ``scores``: probabilities; ``flagged``: what was flagged.
        All of shape ``(n,)``.
    """
    from sklearn.metrics import average_precision_score

    rates = rates_of(gold, flagged)
    return {
        "n": len(gold),
        "positive": int(gold.sum()),
        "flagged": int(flagged.sum()),
        "precision": round(rates.precision, 4),
        "recall": round(rates.recall, 4),
        "f1": round(rates.f1, 4),
        "average_precision": round(float(average_precision_score(gold, scores)), 4)
        if gold.any()
        else 0.0,
        "calibration_error": round(calibration_error(gold, scores), 4),
    }


def bootstrap(
    gold: np.ndarray,
    scores: np.ndarray,
    *,
    flagged: np.ndarray,
    documents: Sequence[str],
    rounds: int = 1000,
    seed: int = 7,
) -> Mapping[str, tuple[float, float]]:
    """95 % intervals of precision, recall, F1 and average precision.

    Documents are drawn with replacement, because sentences of one page resemble each
    other.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(seed)
    names = sorted(set(documents))
    places: dict[str, Any] = {name: [] for name in names}
    for index, name in enumerate(documents):
        places[name].append(index)
    drawn: dict[str, list[float]] = {
        "precision": [],
        "recall": [],
        "f1": [],
        "average_precision": [],
    }
    for _ in range(rounds):
        chosen = rng.integers(0, len(names), len(names))
        rows = np.concatenate([places[names[index]] for index in chosen])
        rates = rates_of(gold[rows], flagged[rows])
        drawn["precision"].append(rates.precision)
        drawn["recall"].append(rates.recall)
        drawn["f1"].append(rates.f1)
        if gold[rows].any():
            drawn["average_precision"].append(
                float(average_precision_score(gold[rows], scores[rows]))
            )
    return {
        name: (
            round(float(np.percentile(values, 2.5)), 3),
            round(float(np.percentile(values, 97.5)), 3),
        )
        for name, values in drawn.items()
    }
