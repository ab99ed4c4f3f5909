"""The judge: sentences among their neighbours → calibrated scores and kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from claimcheck.judge.artefact import (
    Manifest,
    find_model,
    load_encoder,
    load_heads,
    read_manifest,
)
from claimcheck.judge.encoder import FAMILIES, STRENGTH_ORDER, Encoder, Piece
from claimcheck.judge.features import (
    ISSUE_NAMES,
    Case,
    dense_vector,
    modifier_vector,
    word_view,
)
from claimcheck.judge.front import front_scores

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

__all__ = ["Judge", "Verdict", "design_matrix", "fit_vectorizers", "tempered"]


class Verdict(NamedTuple):
    """What the judge says about one sentence.

    ``score`` is the calibrated probability that a careful health editor would want to
    see the sentence, null where the cheap front stage dismissed it; ``claim`` the
    probability that it makes a claim at all; ``kind`` and ``strength`` the most likely
    claim kind and strength, with ``kind_chance`` and ``strength_chance``; ``reasons`` the
    probability of each issue type if the sentence is to be flagged, and ``families`` that
    of each family of them, empty where it was dismissed; ``cue`` the words of the
    canonical sentence that speak most for a flag, null without an encoder. All
    probabilities are calibrated out of fold.
    """

    score: float | None
    claim: float
    kind: str
    strength: str = "none"
    reasons: Mapping[str, float] = {}
    cue: tuple[int, int] | None = None
    kind_chance: float = 0.0
    strength_chance: float = 0.0
    families: Mapping[str, float] = {}


_DISMISSED = Verdict(score=None, claim=0.0, kind="none")


def fit_vectorizers(cases: Sequence[Case], *, dense_scale: float, encoder: bool) -> dict[str, Any]:
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

    texts = [word_view(case.sentence) for case in cases]
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
    cases: Sequence[Case],
    *,
    vectorizers: Mapping[str, Any],
    logits: np.ndarray | None = None,
) -> csr_matrix:
    """The features of sentences: modifiers, dense, then encoder outputs or hashed text.

    :param logits: what the encoder says of each canonical text, shape
        ``(n_sentences, n_outputs)``; null for a model without one.
    :returns: shape ``(n_sentences, n_features)``, float32; the first columns are those of
        :data:`claimcheck.judge.features.MODIFIER_NAMES`.
    """
    import numpy as np
    from scipy import sparse

    read = logits if logits is not None else [None] * len(cases)
    modifiers = np.stack(
        [modifier_vector(case, outputs) for case, outputs in zip(cases, read, strict=True)]
    )
    dense = np.stack([dense_vector(case) for case in cases]) * vectorizers["dense_scale"][0]
    parts = [sparse.csr_matrix(modifiers), sparse.csr_matrix(dense)]
    if logits is not None:
        parts.append(sparse.csr_matrix(logits))
    texts = [word_view(case.sentence) for case in cases] if "words" in vectorizers else []
    for view in ("words", "characters"):
        if view in vectorizers:
            counts = vectorizers[view].transform(texts)
            parts.append(vectorizers[f"{view}_idf"].transform(counts))
    matrix: csr_matrix = sparse.hstack(parts, format="csr", dtype=np.float32)
    return matrix


def _cue_of(text: str, pieces: Sequence[Piece]) -> tuple[int, int] | None:
    """The likeliest word and the likely ones on both sides of it."""
    if not pieces:
        return None
    best = max(range(len(pieces)), key=lambda index: pieces[index].chance)
    # What is likely is measured by the best: a cue that is hard to see is still one.
    floor = min(0.5, pieces[best].chance / 2)
    first = last = best
    while first and pieces[first - 1].chance >= floor:
        first -= 1
    while last + 1 < len(pieces) and pieces[last + 1].chance >= floor:
        last += 1
    start, end = pieces[first].start, pieces[last].end
    while start and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end


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

    @property
    def encoder(self) -> Encoder | None:
        """The sentence encoder, if the model has one."""
        return self._encoder

    @property
    def heads(self) -> Mapping[str, Any]:
        """The fitted parts by name, to read and measure."""
        return self._heads

    def worth_reading(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """Which canonical sentences the front stage passes on; all, if the model has none."""
        if not texts or "front_flag" not in self._heads:
            return (True,) * len(texts)
        cut = float(self._heads["front_cut"][0])
        return tuple(bool(score >= cut) for score in front_scores(self._heads, texts))

    def verdicts(self, cases: Sequence[Case | None]) -> tuple[Verdict, ...]:
        """Judge sentences, in order; see :func:`claimcheck.cases.cases_of`.

        :param cases: null where the front stage dismissed the sentence.
        """
        read = iter(self._verdicts([case for case in cases if case is not None]))
        return tuple(_DISMISSED if case is None else next(read) for case in cases)

    def _verdicts(self, cases: Sequence[Case]) -> tuple[Verdict, ...]:
        if not cases:
            return ()
        texts = [case.sentence.text for case in cases]
        logits, pieces = self._encoder.read(texts) if self._encoder else (None, None)
        matrix = design_matrix(cases, vectorizers=self._heads, logits=logits)
        scores, claims = self.scores(matrix)
        kinds, kind_chances = self._likeliest("kind", matrix)
        strengths, strength_chances = self._likeliest("strength", matrix)
        families = self.families(matrix)
        reasons = self.reasons(matrix)
        # Two decimals beyond what calibration supports would only be noise, and rounding
        # keeps reports equal across BLAS builds.
        return tuple(
            Verdict(
                score=round(float(scores[row]), 4),
                claim=round(float(claims[row]), 4),
                kind=self.manifest.kinds[int(kinds[row])],
                strength=STRENGTH_ORDER[int(strengths[row])],
                reasons={
                    name: round(float(reasons[row, column]), 4)
                    for column, name in enumerate(ISSUE_NAMES)
                },
                cue=_cue_of(texts[row], pieces[row]) if pieces else None,
                kind_chance=round(float(kind_chances[row]), 4),
                strength_chance=round(float(strength_chances[row]), 4),
                families={
                    name: round(float(families[row, column]), 4)
                    for column, name in enumerate(FAMILIES)
                },
            )
            for row in range(len(cases))
        )

    def scores(self, matrix: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """Calibrated flag and claim probabilities, each of shape ``(n_sentences,)``."""
        import numpy as np

        flag = self._heads["flag"].decision_function(matrix)
        claim = self._heads["claim"].decision_function(matrix)
        calibrated = self._heads["flag_calibration"].predict_proba(flag.reshape(-1, 1))[:, 1]
        claimed = self._heads["claim_calibration"].predict_proba(claim.reshape(-1, 1))[:, 1]
        return np.clip(calibrated, 0.0, 1.0), np.clip(claimed, 0.0, 1.0)

    def _likeliest(self, head: str, matrix: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """The likeliest class of each sentence and its calibrated probability."""
        chances = tempered(
            self._heads[head].decision_function(matrix), self._heads[f"{head}_temperature"][0]
        )
        return self._heads[head].classes_[chances.argmax(axis=1)], chances.max(axis=1)

    def families(self, matrix: csr_matrix) -> np.ndarray:
        """Probability of each issue family given a flag, shape ``(n_sentences, 8)``."""
        return self._given_flag("family", FAMILIES, matrix)

    def reasons(self, matrix: csr_matrix) -> np.ndarray:
        """Probability of each issue type given a flag, shape ``(n_sentences, 22)``."""
        return self._given_flag("reason", ISSUE_NAMES, matrix)

    def _given_flag(self, what: str, names: Sequence[str], matrix: csr_matrix) -> np.ndarray:
        """One column a name; 0 for a name that has no head, because it is too rare."""
        import numpy as np

        found = np.zeros((matrix.shape[0], len(names)))
        calibration = self._heads[f"{what}_calibration"]
        known = self._heads[f"{what}_names"]
        for name, head in zip(known, self._heads[f"{what}_heads"], strict=True):
            raw = head.decision_function(matrix).reshape(-1, 1)
            found[:, names.index(name)] = calibration.predict_proba(raw)[:, 1]
        return found


def tempered(raw: np.ndarray, temperature: float) -> np.ndarray:
    """Class probabilities from decision values: a softmax with a temperature.

    :param raw: shape ``(n_sentences, n_classes)``.
    """
    import numpy as np

    scaled = raw / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    chances: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return chances
