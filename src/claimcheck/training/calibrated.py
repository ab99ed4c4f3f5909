"""Heads with their calibration: classes with a temperature, and reasons given a flag.

Calibration always goes by decision values out of fold, of folds grouped by document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimcheck.judge.encoder import FAMILY_OF
from claimcheck.judge.model import tempered
from claimcheck.training.metrics import calibration_error

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

    from claimcheck.training.examples import Example

__all__ = [
    "Classes",
    "GivenFlag",
    "HeadSettings",
    "Labels",
    "families_of",
    "fit_classes",
    "issues_of",
    "logistic",
    "platt",
]

_FEWEST_OF_A_REASON = 15
"""An issue type with fewer flagged sentences gets no head of its own."""


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """``strength`` is the inverse regularisation of the flag head; ``folds`` by document."""

    strength: float = 0.1
    folds: int = 5
    dense_scale: float = 1.0
    seed: int = 13


def logistic(settings: HeadSettings) -> Any:
    """The regularised logistic regression that every head is."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(
        C=settings.strength, max_iter=2000, random_state=settings.seed, solver="lbfgs"
    )


def platt(raw: np.ndarray, gold: np.ndarray, weights: np.ndarray) -> Any:
    """Logistic calibration: monotone, so that it never changes an order."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1e6).fit(raw.reshape(-1, 1), gold, sample_weight=weights)


@dataclass(frozen=True)
class Classes:
    """A head over several classes with its temperature."""

    head: Any
    temperature: float
    error: float

    def parts(self, name: str) -> dict[str, Any]:
        import numpy as np

        return {name: self.head, f"{name}_temperature": np.array([self.temperature])}


def fit_classes(
    matrix: csr_matrix,
    gold: np.ndarray,
    weights: np.ndarray,
    documents: Sequence[str],
    settings: HeadSettings,
) -> Classes:
    """A head whose temperature makes its out-of-fold probabilities likeliest."""
    import numpy as np
    from scipy.optimize import minimize_scalar
    from sklearn.model_selection import GroupKFold

    classes = np.unique(gold)
    places = np.searchsorted(classes, gold)
    # A class that a fold's training part lacks is never chosen there.
    raw = np.full((len(gold), len(classes)), -20.0)
    folds = min(settings.folds, len(set(documents)))
    for train, held in GroupKFold(folds).split(matrix, gold, documents):
        model = logistic(settings).fit(matrix[train], gold[train], sample_weight=weights[train])
        columns = np.searchsorted(classes, model.classes_)
        raw[np.ix_(held, columns)] = _columns(model.decision_function(matrix[held]))

    def cost(logarithm: float) -> float:
        chances = tempered(raw, float(np.exp(logarithm)))[np.arange(len(places)), places]
        return -float((weights * np.log(np.maximum(chances, 1e-9))).sum())

    temperature = float(np.exp(minimize_scalar(cost, bounds=(-2.0, 2.0), method="bounded").x))
    chances = tempered(raw, temperature)
    right = chances.argmax(axis=1) == places
    return Classes(
        logistic(settings).fit(matrix, gold, sample_weight=weights),
        temperature,
        calibration_error(right, chances.max(axis=1)),
    )


def _columns(raw: np.ndarray) -> np.ndarray:
    """Decision values with one column a class, also where there are two classes."""
    import numpy as np

    return raw if raw.ndim == 2 else np.stack([-raw / 2, raw / 2], axis=1)


def issues_of(example: Example) -> frozenset[str]:
    """The issue types that the annotators gave."""
    return frozenset(example.gold.issues)


def families_of(example: Example) -> frozenset[str]:
    """The families of the issue types that the annotators gave."""
    return frozenset(FAMILY_OF[name] for name in example.gold.issues)


@dataclass(frozen=True)
class Labels:
    """One head a name, fitted on flagged sentences, with one calibration for all.

    Out of fold, over the flagged sentences ``chosen`` of corpora: ``found`` the calibrated
    probabilities and ``gold`` what is so, each of shape ``(n_flagged, n_names)``.
    """

    names: tuple[str, ...]
    known: list[str]
    heads: list[Any]
    calibration: Any
    chosen: tuple[Example, ...]
    found: np.ndarray
    gold: np.ndarray

    @property
    def error(self) -> float:
        """Calibration error over all pairs of a sentence and a name that has a head."""
        columns = [self.names.index(name) for name in self.known]
        return calibration_error(self.gold[:, columns].ravel(), self.found[:, columns].ravel())

    def parts(self, name: str) -> dict[str, Any]:
        return {
            f"{name}_names": self.known,
            f"{name}_heads": self.heads,
            f"{name}_calibration": self.calibration,
        }


@dataclass(frozen=True)
class GivenFlag:
    """Fits heads that say *why*, given that a sentence is to be flagged."""

    examples: Sequence[Example]
    matrix: csr_matrix
    weights: np.ndarray
    settings: HeadSettings

    def fitted(self, names: Iterable[str], labels: Callable[[Example], frozenset[str]]) -> Labels:
        """Heads for the names that have enough sentences, calibrated out of fold."""
        import numpy as np
        from sklearn.model_selection import GroupKFold

        names = tuple(names)
        flagged = np.flatnonzero([one.gold.label == "FLAG" for one in self.examples])
        gold = np.array(
            [[name in labels(self.examples[int(row)]) for name in names] for row in flagged]
        )
        real = np.array([self.examples[int(row)].gold.split != "written" for row in flagged])
        raw = np.full(gold.shape, -20.0)
        groups = [self.examples[int(row)].gold.doc for row in flagged[real]]
        places = np.flatnonzero(real)
        for train, held in GroupKFold(self.settings.folds).split(places, groups=groups):
            rows = places[train]
            for column, head in self._heads(flagged[rows], gold[rows]):
                raw[places[held], column] = head.decision_function(
                    self.matrix[flagged[places[held]]]
                )
        heads = self._heads(flagged, gold)
        columns = np.array([column for column, _ in heads], int)
        pairs = raw[np.ix_(places, columns)]
        calibration = platt(
            pairs.ravel(), gold[np.ix_(places, columns)].ravel(), np.ones(pairs.size)
        )
        found = np.zeros(raw[places].shape)
        found[:, columns] = calibration.predict_proba(pairs.reshape(-1, 1))[:, 1].reshape(
            pairs.shape
        )
        return Labels(
            names,
            [names[int(column)] for column in columns],
            [head for _, head in heads],
            calibration,
            tuple(self.examples[int(row)] for row in flagged[places]),
            found,
            gold[places],
        )

    def _heads(self, rows: np.ndarray, gold: np.ndarray) -> list[tuple[int, Any]]:
        return [
            (
                column,
                logistic(self.settings).fit(
                    self.matrix[rows], gold[:, column], sample_weight=self.weights[rows]
                ),
            )
            for column in range(gold.shape[1])
            if _FEWEST_OF_A_REASON <= gold[:, column].sum() < len(gold)
        ]
