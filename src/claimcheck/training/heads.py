"""Fitting the scikit-learn heads and choosing thresholds by grouped cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimcheck.claims.extract import strength_name
from claimcheck.errors import CorpusError
from claimcheck.judge.encoder import FAMILIES, KIND_ORDER, STRENGTH_ORDER
from claimcheck.judge.features import ISSUE_NAMES, MODIFIER_NAMES, MODIFIER_SIGNS
from claimcheck.judge.front import front_matrix
from claimcheck.training.calibrated import (
    GivenFlag,
    HeadSettings,
    Labels,
    families_of,
    fit_classes,
    issues_of,
    logistic,
    platt,
)
from claimcheck.training.metrics import calibration_error
from claimcheck.training.reasons import OPTIONAL
from claimcheck.training.written import CATALOGUE

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

    from claimcheck.training.examples import Example

__all__ = ["HeadSettings", "Heads", "fit_heads", "profile_thresholds"]

PROFILE_PRECISION = {"careful": 0.80, "balanced": 0.60, "sensitive": 0.50}
"""The precision that each profile's threshold is chosen for, by cross-validation."""

FRONT_RECALL = 0.997
"""The share of flagged sentences that the front stage must let pass, out of fold.

The requirement is 0.995; the rest is for articles unlike those that it was measured on.
"""

OWN_CORPORA = frozenset({"wellness", "contrast"})
"""Sources written for the project: rich in flags, and in what is hard to tell from one."""

LEAST_WEIGHTS = {"hedged": -0.7, "denied": -1.2, "asked": -1.0, "proven": 0.45}
"""What these modifiers weigh at least, whatever the labels say.

Denied and questioned claims assert nothing (H10, H11, H15), and are too rare and too mixed
in running text for a regularised head to learn it; a hedge and "proven" must move a score
by more than a reader would overlook.
"""

_ENOUGH_FLAGS = 200
_FLAG_WEIGHT = 8.0


@dataclass(frozen=True)
class Heads:
    """Fitted heads, with the out-of-fold scores that chose the thresholds.

    ``gold``, ``scores`` and ``real`` have shape ``(n_examples,)``; ``real`` marks
    sentences of corpora, as against those of the catalogue, and ``natural`` those that
    calibration and thresholds go by. ``reasons`` are the cuts for reasons and what they
    give, ``front`` what the front stage lets pass, ``errors`` the calibration error of
    each head.
    """

    parts: Mapping[str, Any]
    gold: np.ndarray
    scores: np.ndarray
    real: np.ndarray
    natural: np.ndarray
    reasons: Mapping[str, float]
    front: Mapping[str, float]
    errors: Mapping[str, float]


def fit_heads(
    examples: Sequence[Example],
    *,
    matrix: csr_matrix,
    settings: HeadSettings,
) -> Heads:
    """Fit the heads and their calibration.

    Flag and claim are calibrated on out-of-fold scores of folds grouped by document,
    never on scores of sentences that a head was fitted on. The flag head gives a
    modifier a weight of the one sign that it may have (see
    :mod:`claimcheck.judge.canonical`).

    :param matrix: features of the examples, shape ``(n_examples, n_features)``; the first
        columns are the modifiers.
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
    flag_raw = _out_of_fold(matrix, flag, weights, documents, settings, signed=True)
    claim_raw = _out_of_fold(matrix, claim, weights, documents, settings)
    real = np.array([example.gold.split != "written" for example in examples])
    natural = _natural(examples, flag)
    flag_calibration = platt(flag_raw[natural], flag[natural], weights[natural])
    # A catalogue sentence has neither kind nor strength.
    known = np.array([example.gold.source != CATALOGUE for example in examples])
    kinds = np.array([KIND_ORDER.index(example.gold.kind or "none") for example in examples])
    strengths = np.array(
        [STRENGTH_ORDER.index(strength_name(example.gold.strength)) for example in examples]
    )
    # A claim is only written where the judge sees one, so "none" is no kind to choose.
    some = known & (kinds > 0)
    flagged = GivenFlag(examples, matrix, weights, settings)
    reasons, families = (
        flagged.fitted(ISSUE_NAMES, issues_of),
        flagged.fitted(FAMILIES, families_of),
    )
    kind = fit_classes(matrix[some], kinds[some], weights[some], _of(documents, some), settings)
    strength = fit_classes(
        matrix[known], strengths[known], weights[known], _of(documents, known), settings
    )
    front_parts, front = _front(examples, flag, claim, documents, settings)
    parts = {
        **front_parts,
        "flag": _signed(matrix, flag, weights, settings),
        "claim": logistic(settings).fit(matrix, claim, sample_weight=weights),
        **kind.parts("kind"),
        **strength.parts("strength"),
        **reasons.parts("reason"),
        **families.parts("family"),
        "flag_calibration": flag_calibration,
        "claim_calibration": platt(claim_raw[natural], claim[natural], weights[natural]),
    }
    scores = flag_calibration.predict_proba(flag_raw.reshape(-1, 1))[:, 1]
    claims = parts["claim_calibration"].predict_proba(claim_raw.reshape(-1, 1))[:, 1]
    errors = {
        "flag": calibration_error(flag[natural], scores[natural]),
        "claim": calibration_error(claim[natural], claims[natural]),
        "kind": kind.error,
        "strength": strength.error,
        "family": families.error,
        "reason": reasons.error,
    }
    return Heads(
        parts, flag, scores, real, natural, _reason_cuts(reasons), front,
        {name: round(float(error), 4) for name, error in errors.items()},
    )  # fmt: skip


def _of(documents: Sequence[str], rows: np.ndarray) -> list[str]:
    return [document for document, wanted in zip(documents, rows, strict=True) if wanted]


def _natural(examples: Sequence[Example], flag: np.ndarray) -> np.ndarray:
    """Which sentences stand in the proportions of real articles.

    Our own corpora are dense in flags on purpose, and thresholds chosen there would
    promise a precision that no news page gives. Without enough of anything else, they
    have to do.
    """
    import numpy as np

    corpora = np.array([example.gold.split != "written" for example in examples])
    found = corpora & np.array([example.gold.source not in OWN_CORPORA for example in examples])
    return found if (flag & found).sum() >= _ENOUGH_FLAGS else corpora


def _front(
    examples: Sequence[Example],
    flag: np.ndarray,
    claim: np.ndarray,
    documents: Sequence[str],
    settings: HeadSettings,
) -> tuple[dict[str, Any], dict[str, float]]:
    """The front stage, with the cut that keeps :data:`FRONT_RECALL` of flags out of fold."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    def fitted(gold: np.ndarray, rows: np.ndarray, weight: float) -> Any:
        return LogisticRegression(
            C=3.0, solver="liblinear", max_iter=500, random_state=settings.seed,
            class_weight={False: 1.0, True: weight},
        ).fit(matrix[rows], gold[rows])  # fmt: skip

    matrix = front_matrix([example.case.sentence.text for example in examples])
    raw = np.zeros(len(examples))
    for train, held in GroupKFold(settings.folds).split(matrix, flag, documents):
        raw[held] = np.maximum(
            fitted(flag, train, _FLAG_WEIGHT).decision_function(matrix[held]),
            fitted(claim, train, 1.0).decision_function(matrix[held]),
        )
    real = np.array([example.gold.split != "written" for example in examples])
    cut = float(np.quantile(raw[flag & real], 1.0 - FRONT_RECALL, method="lower"))
    passed = raw >= cut
    everything = np.arange(len(examples))
    return (
        {
            "front_flag": fitted(flag, everything, _FLAG_WEIGHT),
            "front_claim": fitted(claim, everything, 1.0),
            "front_cut": np.array([cut]),
        },
        {
            "pass_rate": round(float(passed[real].mean()), 4),
            "flag_recall": round(float(passed[flag & real].mean()), 4),
            "claim_recall": round(float(passed[claim & real].mean()), 4),
        },
    )


def _reason_cuts(reasons: Labels) -> dict[str, float]:
    """The cuts with the best micro-F1 of reasons given a flag, out of fold.

    Two cuts: how likely a reason must be that a rule proposes, and one that none does.
    """
    import numpy as np

    chosen = reasons.chosen
    scored = [i for i, name in enumerate(reasons.names) if name not in OPTIONAL]
    gold = reasons.gold[:, scored]
    ruled = np.array([[reasons.names[i] in e.issues for i in scored] for e in chosen])
    unruled = ~np.array([bool(e.candidates) for e in chosen])
    found = reasons.found[:, scored]
    best: dict[str, float] = {"micro_f1": -1.0}
    for cut in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3):
        for learnt in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 1.1):
            given = (ruled & (found >= cut)) | (~ruled & (found >= learnt))
            nothing = ~given.any(axis=1) & unruled
            given[nothing, found[nothing].argmax(axis=1)] = True
            hit = (given & gold).sum()
            f1 = 2 * hit / (given.sum() + gold.sum())
            if f1 > best["micro_f1"]:
                best = {
                    "reason_cut": cut,
                    "learnt_cut": learnt,
                    "micro_f1": round(float(f1), 4),
                    "micro_precision": round(float(hit / given.sum()), 4),
                    "micro_recall": round(float(hit / gold.sum()), 4),
                    "rules_alone_f1": round(
                        float(2 * (ruled & gold).sum() / (ruled.sum() + gold.sum())), 4
                    ),
                }
    return best


def _signed(
    matrix: csr_matrix, gold: np.ndarray, weights: np.ndarray, settings: HeadSettings
) -> Any:
    """A logistic head whose modifiers have weights of the sign that they may have.

    A modifier that comes out with the other sign is left out and the rest fitted again,
    so what remains is the best fit without it.
    """
    import numpy as np
    from scipy import sparse

    kept = np.ones(matrix.shape[1])
    while True:
        model = logistic(settings).fit(matrix @ sparse.diags(kept), gold, sample_weight=weights)
        wrong = [
            column
            for column, sign in enumerate(MODIFIER_SIGNS)
            if sign and kept[column] and sign * model.coef_[0, column] < 0
        ]
        if not wrong:
            model.coef_ = model.coef_ * kept
            for name, least in LEAST_WEIGHTS.items():
                column = MODIFIER_NAMES.index(name)
                bound = min if least < 0 else max
                model.coef_[0, column] = bound(model.coef_[0, column], least)
            return model
        kept[wrong] = 0.0


def _out_of_fold(
    matrix: csr_matrix,
    gold: np.ndarray,
    weights: np.ndarray,
    documents: Sequence[str],
    settings: HeadSettings,
    *,
    signed: bool = False,
) -> np.ndarray:
    import numpy as np
    from sklearn.model_selection import GroupKFold

    raw = np.zeros(len(gold))
    for train, held in GroupKFold(settings.folds).split(matrix, gold, documents):
        if signed:
            model = _signed(matrix[train], gold[train], weights[train], settings)
        else:
            model = logistic(settings).fit(matrix[train], gold[train], sample_weight=weights[train])
        raw[held] = model.decision_function(matrix[held])
    return raw


def profile_thresholds(heads: Heads) -> dict[str, dict[str, float]]:
    """A threshold for each profile: the lowest with the wanted precision out of fold.

    Only natural sentences count. The precision is smoothed over the sentences above the
    threshold, so at least twenty must lie there.

    :returns: profile → threshold, precision and recall as measured out of fold.
    """
    import numpy as np

    gold, scores = heads.gold[heads.natural], heads.scores[heads.natural]
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
