"""The front stage: which sentences need parsing again and the encoder at all.

Two linear heads on hashed words of the canonical text, one for "to be flagged" and one
for "makes a claim". A sentence is dismissed where both say no with much to spare. It
reads the canonical text alone, so whatever leaves that unchanged cannot change what is
dismissed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

__all__ = ["front_matrix", "front_scores"]

_FEATURES = 2**16


def front_matrix(texts: Sequence[str]) -> csr_matrix:
    """Hashed words and pairs of words, shape ``(n_sentences, 2**16 + 2)``."""
    from scipy import sparse
    from sklearn.feature_extraction.text import HashingVectorizer

    words = HashingVectorizer(
        token_pattern=r"(?u)\b\w+\b|[?!%]",  # noqa: S106 - a pattern, not a password
        ngram_range=(1, 2),
        n_features=_FEATURES,
        alternate_sign=False,
    ).transform(texts)
    form = sparse.csr_matrix(
        [[min(len(text), 400) / 200, float(text.endswith("?"))] for text in texts]
    )
    matrix: csr_matrix = sparse.hstack([words, form], format="csr")
    return matrix


def front_scores(heads: Mapping[str, Any], texts: Sequence[str]) -> np.ndarray:
    """The larger of both heads' decisions, shape ``(n_sentences,)``."""
    import numpy as np

    matrix = front_matrix(texts)
    scores: np.ndarray = np.maximum(
        heads["front_flag"].decision_function(matrix),
        heads["front_claim"].decision_function(matrix),
    )
    return scores
