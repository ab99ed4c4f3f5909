"""The judge: sentences among their neighbours → calibrated scores and kinds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from claimcheck.claims import Analysis
from claimcheck.judge.artefact import (
    Manifest,
    find_model,
    load_encoder,
    load_heads,
    read_manifest,
)
from claimcheck.judge.encoder import Encoder
from claimcheck.judge.features import dense_vector, word_view

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

__all__ = ["Judge", "Verdict", "design_matrix", "fit_vectorizers"]


class Verdict(NamedTuple):
    """What the judge says about one sentence.

    ``score`` is the calibrated probability that a careful health editor would want
    to see the sentence; ``claim`` the probability that it makes a claim at all;
    ``kind`` the most likely claim kind.
    """

    score: float
    claim: float
    kind: str


def fit_vectorizers(
    analyses: Sequence[Analysis], *, dense_scale: float, encoder: bool
) -> dict[str, Any]:
    """The parts of :func:`design_matrix` that are fitted before the heads.

    Words and characters are hashed, so that the model holds no vocabulary of other
    people's sentences, and loads fast.

    :param encoder: whether an encoder reads the sentence in their place.
    """
    import numpy as np

    parts: dict[str, Any] = {"dense_scale": np.float32(dense_scale) * np.ones(1, np.float32)}
    if encoder:
        return parts
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    texts = [word_view(one) for one in analyses]
    views = {
        "words": HashingVectorizer(
            token_pattern=r"\S+",  # noqa: S106 - a pattern, not a password
            ngram_range=(1, 2),
            n_features=2**16,
            alternate_sign=False,
            norm=None,
        ),
        "characters": HashingVectorizer(
            analyzer="char_wb",
            ngram_range=(2, 5),
            n_features=2**17,
            alternate_sign=False,
            norm=None,
        ),
    }
    for name, vectorizer in views.items():
        parts[name] = vectorizer
        parts[f"{name}_idf"] = TfidfTransformer(sublinear_tf=True).fit(vectorizer.transform(texts))
    return parts


def design_matrix(
    analyses: Sequence[Analysis],
    *,
    neighbours: Sequence[tuple[Analysis | None, Analysis | None]],
    issues: Sequence[Collection[str]],
    vectorizers: Mapping[str, Any],
    logits: np.ndarray | None = None,
) -> csr_matrix:
    """The features of sentences: dense first, then encoder logits or hashed text.

    :param logits: what the encoder says of each, shape ``(n_sentences, 24)``; null for a
        model without one.
    :returns: shape ``(n_sentences, n_features)``, float32.
    """
    import numpy as np
    from scipy import sparse

    dense = np.stack(
        [
            dense_vector(one, before=before, after=after, issues=names)
            for one, (before, after), names in zip(analyses, neighbours, issues, strict=True)
        ]
    )
    parts = [sparse.csr_matrix(dense * vectorizers["dense_scale"][0])]
    if logits is not None:
        parts.append(sparse.csr_matrix(logits))
    texts = [word_view(one) for one in analyses] if "words" in vectorizers else []
    for view in ("words", "characters"):
        if view in vectorizers:
            counts = vectorizers[view].transform(texts)
            parts.append(vectorizers[f"{view}_idf"].transform(counts))
    matrix: csr_matrix = sparse.hstack(parts, format="csr", dtype=np.float32)
    return matrix


class Judge:
    """A loaded model. Scores do not depend on batch order or size."""

    def __init__(
        self, manifest: Manifest, heads: Mapping[str, Any], encoder: Encoder | None = None
    ) -> None:
        self.manifest = manifest
        self._heads = heads
        self._encoder = encoder

    @classmethod
    def load(cls, name_or_folder: str | Path = "default") -> Judge:
        """Load a model by name or folder.

        :raises ModelError: see :func:`claimcheck.judge.artefact.read_manifest`.
        """
        manifest = read_manifest(find_model(name_or_folder))
        return cls(manifest, load_heads(manifest), load_encoder(manifest))

    def verdicts(
        self,
        analyses: Sequence[Analysis],
        *,
        neighbours: Sequence[tuple[Analysis | None, Analysis | None]],
        issues: Sequence[Collection[str]],
    ) -> tuple[Verdict, ...]:
        """Judge sentences, in order.

        :param neighbours: the sentences before and after each, null at edges.
        :param issues: public names of the issues proposed for each.
        """
        if not analyses:
            return ()
        matrix = design_matrix(
            analyses,
            neighbours=neighbours,
            issues=issues,
            vectorizers=self._heads,
            logits=self._encoder.logits([one.text for one in analyses]) if self._encoder else None,
        )
        scores, claims = self.scores(matrix)
        kinds = self._heads["kind"].predict(matrix)
        return tuple(
            # Two decimals beyond what calibration supports would only be noise, and
            # rounding keeps reports equal across BLAS builds.
            Verdict(round(float(score), 4), round(float(claim), 4), self.manifest.kinds[int(kind)])
            for score, claim, kind in zip(scores, claims, kinds, strict=True)
        )

    def scores(self, matrix: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """Calibrated flag and claim probabilities, each of shape ``(n_sentences,)``."""
        import numpy as np

        flag = self._heads["flag"].decision_function(matrix)
        claim = self._heads["claim"].decision_function(matrix)
        calibrated = self._heads["flag_calibration"].predict_proba(flag.reshape(-1, 1))[:, 1]
        claimed = self._heads["claim_calibration"].predict_proba(claim.reshape(-1, 1))[:, 1]
        return np.clip(calibrated, 0.0, 1.0), np.clip(claimed, 0.0, 1.0)
