"""Fitting the scikit-learn heads and choosing thresholds by grouped cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimcheck.errors import CorpusError
from claimcheck.judge.encoder import KIND_ORDER

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

    from claimcheck.training.examples import Example

__all__ = ["HeadSettings", "Heads", "fit_heads", "profile_thresholds"]

PROFILE_PRECISION = {"careful": 0.85, "balanced": 0.65, "sensitive": 0.50}
"""The precision that each profile's threshold is chosen for, by cross-validation."""


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """``strength`` is the inverse regularisation of the flag head; ``folds`` by document."""

    strength: float = 0.1
    folds: int = 5
    dense_scale: float = 1.0
    seed: int = 13


@dataclass(frozen=True)
class Heads:
    """Fitted heads, with the out-of-fold scores that chose the thresholds."""

    parts: Mapping[str, Any]
    gold: np.ndarray
    scores: np.ndarray
    documents: tuple[str, ...]
    real: np.ndarray


def fit_heads(
    examples: Sequence[Example],
    *,
    matrix: csr_matrix,
    settings: HeadSettings,
) -> Heads:
    """Fit the flag, claim and kind heads and their calibration.

    Calibration and thresholds come from out-of-fold scores of folds grouped by
    document, never from scores of sentences that a head was fitted on.

    :param matrix: features of the examples, shape ``(n_examples, n_features)``.
    :raises CorpusError: there are fewer documents than folds, or no flagged sentence.
    """
    import numpy as np

    documents = tuple(example.gold.doc for example in examples)
    flag = np.array([example.gold.label == "FLAG" for example in examples])
    claim = np.array([example.gold.label != "NONE" for example in examples])
    weights = np.array([example.weight for example in examples])
    if len(set(documents)) < settings.folds or not flag.any() or claim.all():
        raise CorpusError(
            f"training needs at least {settings.folds} documents with all of NONE, OK and FLAG"
        )
    flag_raw = _out_of_fold(matrix, flag, weights, documents, settings)
    claim_raw = _out_of_fold(matrix, claim, weights, documents, settings)
    flag_calibration = _platt(flag_raw, flag, weights)
    kinds = np.array([KIND_ORDER.index(example.gold.kind or "none") for example in examples])
    # A claim is only written where the judge sees one, so "none" is no kind to choose.
    some = kinds > 0
    parts = {
        "flag": _logistic(settings).fit(matrix, flag, sample_weight=weights),
        "claim": _logistic(settings).fit(matrix, claim, sample_weight=weights),
        "kind": _logistic(settings).fit(matrix[some], kinds[some], sample_weight=weights[some]),
        "flag_calibration": flag_calibration,
        "claim_calibration": _platt(claim_raw, claim, weights),
    }
    scores = flag_calibration.predict_proba(flag_raw.reshape(-1, 1))[:, 1]
    real = np.array([example.gold.split != "written" for example in examples])
    return Heads(parts, flag, scores, documents, real)


def _logistic(settings: HeadSettings) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(
        C=settings.strength, max_iter=2000, random_state=settings.seed, solver="lbfgs"
    )


def _out_of_fold(
    matrix: csr_matrix,
    gold: np.ndarray,
    weights: np.ndarray,
    documents: Sequence[str],
    settings: HeadSettings,
) -> np.ndarray:
    import numpy as np
    from sklearn.model_selection import GroupKFold

    raw = np.zeros(len(gold))
    for train, held in GroupKFold(settings.folds).split(matrix, gold, documents):
        model = _logistic(settings).fit(matrix[train], gold[train], sample_weight=weights[train])
        raw[held] = model.decision_function(matrix[held])
    return raw


def _platt(raw: np.ndarray, gold: np.ndarray, weights: np.ndarray) -> Any:
    """Logistic calibration: monotone, so that it never changes an order."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1e6).fit(raw.reshape(-1, 1), gold, sample_weight=weights)


def profile_thresholds(heads: Heads) -> dict[str, dict[str, float]]:
    """A threshold for each profile: the lowest with the wanted precision out of fold.

    Only real sentences count. The precision is smoothed over the sentences above the
    threshold, so at least twenty must lie there.

    :returns: profile → threshold, precision and recall as measured out of fold.
    """
    import numpy as np

    gold, scores = heads.gold[heads.real], heads.scores[heads.real]
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(gold[order])
    counts = np.arange(1, len(order) + 1)
    precision = hits / counts
    profiles: dict[str, dict[str, float]] = {}
    for name, wanted in PROFILE_PRECISION.items():
        enough = np.flatnonzero((precision >= wanted) & (counts >= 20))
        last = int(enough[-1]) if len(enough) else min(19, len(order) - 1)
        profiles[name] = {
            "threshold": round(float(scores[order[last]]), 4),
            "precision": round(float(precision[last]), 3),
            "recall": round(float(hits[last] / max(1, gold.sum())), 3),
        }
    return profiles
