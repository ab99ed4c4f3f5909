"""Metrics of a flagging model, with bootstrap intervals by document.

A figure without a denominator (precision where nothing was flagged) is NaN in arrays
and null in the dictionaries made of them, never 0, which would read as a result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "FEW",
    "METRICS",
    "Draws",
    "Rates",
    "calibration_error",
    "confusion",
    "draws_of",
    "flag_metrics",
    "flag_samples",
    "interval",
    "macro_f1",
    "mcnemar",
    "point",
    "rate_samples",
    "rates_of",
    "reliability",
    "two_sided",
]

METRICS = (
    "precision",
    "recall",
    "f1",
    "average_precision",
    "recall_at_precision_80",
    "precision_at_recall_70",
    "calibration_error",
    "brier",
)
"""What :func:`flag_samples` computes, in the order of tables."""

FEW = 20
"""Fewer positive sentences than this, and a figure says little (the issue types' own limit)."""

_BINS = 10
_BLOCK = 2_000_000
"""Sentence weights that are held at once; a bootstrap over more is done in blocks of rounds."""


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


@dataclass(frozen=True)
class Draws:
    """Documents drawn with replacement, because sentences of one page resemble each other.

    One set of draws serves every slice and every model, so that differences are paired.
    ``counts`` has shape ``(rounds, n_documents)``; ``index`` is the document of each
    sentence, shape ``(n_sentences,)``.
    """

    counts: np.ndarray
    index: np.ndarray

    def sums(self, values: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """Sums over the drawn sentences, shape ``(rounds, k)``.

        :param values: a value or several a sentence, shape ``(n_sentences, k)``.
        :param mask: sentences to count; null counts all.
        """
        import numpy as np

        chosen = values if mask is None else np.where(mask[:, None], values, 0)
        totals = np.zeros((self.counts.shape[1], values.shape[1]))
        np.add.at(totals, self.index, chosen)
        drawn: np.ndarray = self.counts @ totals
        return drawn

    def documents(self, mask: np.ndarray) -> int:
        """How many documents the sentences of ``mask`` come from."""
        import numpy as np

        return len(np.unique(self.index[mask]))


def draws_of(documents: Sequence[str], *, rounds: int = 1000, seed: int = 7) -> Draws:
    """Draw documents for a bootstrap.

    :param documents: the document of each sentence.
    """
    import numpy as np

    names, index = np.unique(np.array(documents), return_inverse=True)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=rounds)
    return Draws(counts.astype(float), index)


def interval(samples: np.ndarray) -> tuple[float, float] | None:
    """The 95 % percentile interval, or null where most rounds have no figure."""
    import numpy as np

    finite = samples[np.isfinite(samples)]
    if len(samples) < 2 or 2 * len(finite) < len(samples):
        return None
    low, high = np.percentile(finite, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)


def point(value: float) -> float | None:
    """A figure for people and JSON: four decimals, null for NaN."""
    return None if math.isnan(value) else round(float(value), 4)


def rate_samples(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Precision, recall and F1 from counts of true positives, false positives and misses.

    :param counts: shape ``(rounds, 3)``.
    """
    hit, extra, missed = counts.T
    return {
        "precision": _divide(hit, hit + extra),
        "recall": _divide(hit, hit + missed),
        "f1": _divide(2 * hit, 2 * hit + extra + missed),
    }


def _divide(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    import numpy as np

    out = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


def flag_samples(
    gold: np.ndarray,
    scores: np.ndarray,
    *,
    flagged: np.ndarray,
    draws: Draws | None = None,
    mask: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Every metric of :data:`METRICS`, each of shape ``(rounds,)``.

    :param gold: booleans; ``scores``: probabilities; ``flagged``: what was flagged.
        All of shape ``(n,)``.
    :param draws: null gives the figures themselves, as one round.
    :param mask: the sentences to measure; null measures all.
    """
    import numpy as np

    chosen = np.ones(len(gold), bool) if mask is None else mask
    single = Draws(np.ones((1, 1)), np.zeros(len(gold), int))
    drawn = draws or single
    one = np.stack([gold & flagged, ~gold & flagged, gold & ~flagged], axis=1).astype(float)
    found = rate_samples(drawn.sums(one, chosen))
    found |= _ranking(gold[chosen], scores[chosen], counts=drawn.counts, index=drawn.index[chosen])
    found["calibration_error"] = _calibration(gold, scores, draws=drawn, mask=chosen)
    squares = np.stack([(scores - gold) ** 2, np.ones(len(gold))], axis=1)
    total = drawn.sums(squares, chosen)
    found["brier"] = _divide(total[:, 0], total[:, 1])
    return {name: found[name] for name in METRICS}


def _ranking(
    gold: np.ndarray, scores: np.ndarray, *, counts: np.ndarray, index: np.ndarray
) -> dict[str, np.ndarray]:
    """Figures of the precision–recall curve, round by round.

    Average precision is the sum of precision times gained recall over the distinct
    scores, as in scikit-learn; no interpolation.
    """
    import numpy as np

    names = ("average_precision", "recall_at_precision_80", "precision_at_recall_70")
    out = {name: np.full(len(counts), np.nan) for name in names}
    if not len(gold):
        return out
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    where, hits = index[order], gold[order].astype(float)
    step = max(1, _BLOCK // len(order))
    for first in range(0, len(counts), step):
        weights = counts[first : first + step, where]
        found = np.cumsum(weights * hits, axis=1)[:, ends]
        taken = np.cumsum(weights, axis=1)[:, ends]
        precision = np.nan_to_num(_divide(found, taken))
        recall = _divide(found, found[:, -1:])
        gained = np.diff(recall, axis=1, prepend=0.0)
        part = slice(first, first + len(weights))
        known = found[:, -1] > 0
        out[names[0]][part] = np.where(known, (gained * precision).sum(axis=1), np.nan)
        best = np.where(precision >= 0.8, recall, 0.0).max(axis=1)
        out[names[1]][part] = np.where(known, best, np.nan)
        best = np.where(recall >= 0.7, precision, 0.0).max(axis=1)
        out[names[2]][part] = np.where(known, best, np.nan)
    return out


def _bins_of(scores: np.ndarray) -> np.ndarray:
    import numpy as np

    bins: np.ndarray = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    return bins


def _calibration(
    gold: np.ndarray, scores: np.ndarray, *, draws: Draws, mask: np.ndarray
) -> np.ndarray:
    import numpy as np

    inside = np.eye(_BINS)[_bins_of(scores)]
    gaps = draws.sums(inside * (scores - gold)[:, None], mask)
    sizes = draws.sums(inside, mask).sum(axis=1)
    return _divide(np.abs(gaps).sum(axis=1), sizes)


def calibration_error(gold: np.ndarray, scores: np.ndarray) -> float:
    """Expected calibration error over ten bins of equal width, in probability."""
    import numpy as np

    single = Draws(np.ones((1, 1)), np.zeros(len(gold), int))
    found = _calibration(gold, scores, draws=single, mask=np.ones(len(gold), bool))
    return float(found[0]) if len(gold) else 0.0


def reliability(gold: np.ndarray, scores: np.ndarray) -> tuple[dict[str, float | int], ...]:
    """The bins of a reliability diagram that hold a sentence, in order.

    Each has its bounds, ``n``, the mean score, the share of positives, and the Wilson
    95 % interval of that share.
    """
    bins = _bins_of(scores)
    found: list[dict[str, float | int]] = []
    for number in range(_BINS):
        inside = bins == number
        size = int(inside.sum())
        if not size:
            continue
        share = float(gold[inside].mean())
        low, high = _wilson(share, size)
        found.append(
            {
                "low": number / _BINS,
                "high": (number + 1) / _BINS,
                "n": size,
                "mean_score": round(float(scores[inside].mean()), 4),
                "share": round(share, 4),
                "share_low": round(low, 4),
                "share_high": round(high, 4),
            }
        )
    return tuple(found)


def _wilson(share: float, size: int) -> tuple[float, float]:
    """Wilson 1927: a score interval that stays within 0 and 1 in small bins."""
    z = 1.96
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    reach = z / (1 + z * z / size) * math.sqrt(share * (1 - share) / size + (z / (2 * size)) ** 2)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def flag_metrics(
    gold: np.ndarray, scores: np.ndarray, *, flagged: np.ndarray
) -> dict[str, float | int | None]:
    """Counts and the metrics of :data:`METRICS`, rounded.

    :param gold: booleans; ``scores``: probabilities; ``flagged``: what was flagged.
        All of shape ``(n,)``.
    """
    found: dict[str, float | int | None] = {
        "n": len(gold),
        "positive": int(gold.sum()),
        "flagged": int(flagged.sum()),
    }
    for name, values in flag_samples(gold, scores, flagged=flagged).items():
        found[name] = point(values[0])
    return found


def confusion(pairs: Sequence[tuple[str, str]], *, names: Sequence[str]) -> Mapping[str, list[Any]]:
    """A confusion matrix: rows are gold, columns what was said, both in ``names``' order."""
    place = {name: index for index, name in enumerate(names)}
    counts = [[0] * len(names) for _ in names]
    for gold, said in pairs:
        counts[place[gold]][place[said]] += 1
    return {"names": list(names), "counts": counts}


def macro_f1(counts: np.ndarray) -> np.ndarray:
    """Mean F1 over the classes that occur in gold or prediction, shape ``(rounds,)``.

    :param counts: true positives, false positives and misses, shape ``(rounds, classes, 3)``.
    """
    import numpy as np

    hit, extra, missed = np.moveaxis(counts, 2, 0)
    each = _divide(2 * hit, 2 * hit + extra + missed)
    known = np.isfinite(each)
    return _divide(np.where(known, each, 0.0).sum(axis=1), known.sum(axis=1))


def two_sided(differences: np.ndarray) -> float:
    """Bootstrap p of a difference: twice the smaller share on either side of nought.

    One round is added to each side, so that no p is 0 (Davison and Hinkley 1997, 4.2).
    """
    import numpy as np

    finite = differences[np.isfinite(differences)]
    smaller = min(int((finite <= 0).sum()), int((finite >= 0).sum()))
    return min(1.0, 2 * (smaller + 1) / (len(finite) + 1))


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided McNemar p: the binomial test on the discordant pairs."""
    total = only_first + only_second
    tail = sum(math.comb(total, k) for k in range(min(only_first, only_second) + 1))
    # Whole numbers until here: half a million sentences would overflow a float.
    return min(1.0, float(Fraction(2 * tail, 2**total)))
