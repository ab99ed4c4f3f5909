"""Loose sentences as the project reads them: dense features and what the rules say.

Each sentence stands alone, without neighbours, as in the published tasks. Parsing is
the slow part, so the figures are kept in a file beside the results.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from claimcheck.claims import Analyser, Analysis, of_class
from claimcheck.issues import Context, propose
from claimcheck.judge.features import FEATURE_NAMES, Case, dense_vector

__all__ = ["HEDGES", "RULES", "WEASELS", "Read", "WordVectors", "read_sentences"]

HEDGES = ("hedge-modal", "hedge-verb", "hedge-adverb", "hedge-adjective")
"""The cue classes that make a statement uncertain; limitations and praise are others."""

WEASELS = ("evidential-vague", "quantity-vague", "magnitude-vague", "authority")
"""The cue classes that name nobody in particular."""

RULES = ("level", "claims", "hedges", "weasels", "limitations", "boosters", "pseudo-hedges")
"""Columns of :attr:`Read.rules`. ``level`` is the highest strength 0–6 of a claim that
the sentence puts forward (asserted, attributed or quoted), 0 without one; the others
are counts."""

_LIVE = ("asserted", "attributed", "quoted")


@dataclass(frozen=True, slots=True)
class Read:
    """Sentences as features.

    ``dense`` has shape ``(n, len(FEATURE_NAMES))``, ``rules`` ``(n, len(RULES))``.
    """

    dense: np.ndarray
    rules: np.ndarray

    def rule(self, name: str) -> np.ndarray:
        """One column of ``rules``."""
        column: np.ndarray = self.rules[:, RULES.index(name)]
        return column


def read_sentences(texts: Sequence[str], *, keep: Path | None = None) -> Read:
    """Analyse sentences one by one, or take what was kept from an earlier run.

    :param keep: a ``.npz`` file; used if it is of the same texts and feature names.
        It knows nothing of changed rules: take a new folder after changing the code.
    """
    told = json.dumps([list(texts), FEATURE_NAMES, RULES])
    name = hashlib.sha256(told.encode()).hexdigest()
    if keep is not None and keep.is_file():
        with np.load(keep, allow_pickle=False) as stored:
            if str(stored["name"]) == name:
                return Read(stored["dense"], stored["rules"])
    dense, rules = [], []
    for analysis in _analysed(texts):
        dense.append(dense_vector(_alone(analysis)))
        rules.append(_rules(analysis))
    read = Read(np.array(dense, dtype=np.float32), np.array(rules, dtype=np.int64))
    if keep is not None:
        keep.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(keep, name=np.array(name), dense=read.dense, rules=read.rules)
    return read


def _analysed(texts: Sequence[str]) -> Iterator[Analysis]:
    """In parts, so that a set of thousands does not hold all its parses."""
    analyser = Analyser()
    for begin in range(0, len(texts), 512):
        yield from analyser.sentences(texts[begin : begin + 512])


def _alone(analysis: Analysis) -> Case:
    """The sentence as it stands, not its canonical form: these tasks ask for its hedges."""
    issues = tuple(candidate.issue for candidate in propose(Context((analysis,), 0)))
    return Case(analysis, before=None, after=None, issues=issues, modifiers=frozenset())


def _rules(analysis: Analysis) -> tuple[int, ...]:
    live = [claim.level for claim in analysis.claims if claim.scope.stance in _LIVE]
    cues = analysis.cues
    return (
        max(live, default=0),
        len(analysis.claims),
        len(of_class(cues, *HEDGES)),
        len(of_class(cues, *WEASELS)),
        len(of_class(cues, "hedge-limitation")),
        len(of_class(cues, "booster-absolute", "booster-degree", "boosted-hedge")),
        len(of_class(cues, "pseudo-hedge")),
    )


class WordVectors:
    """Word and character TF-IDF, as in ``tfidf_baseline.py``, with dense features beside."""

    def __init__(self) -> None:
        self._words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        self._characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True
        )

    def fit(self, texts: Sequence[str], dense: np.ndarray) -> sparse.csr_matrix:
        """Learn the words; the training matrix."""
        parts = [self._words.fit_transform(texts), self._characters.fit_transform(texts)]
        return sparse.hstack([*parts, sparse.csr_matrix(dense)]).tocsr()

    def transform(self, texts: Sequence[str], dense: np.ndarray) -> sparse.csr_matrix:
        """The matrix of other texts."""
        parts = [self._words.transform(texts), self._characters.transform(texts)]
        return sparse.hstack([*parts, sparse.csr_matrix(dense)]).tocsr()
