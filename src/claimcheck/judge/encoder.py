"""The fine-tuned sentence encoder at run time: onnxruntime and tokenizers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from claimcheck.errors import ModelError

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "FAMILY_OF",
    "HEAD_SIZES",
    "KIND_ORDER",
    "LABEL_ORDER",
    "MAX_TOKENS",
    "STRENGTH_ORDER",
    "Encoder",
    "Piece",
]

LABEL_ORDER = ("NONE", "OK", "FLAG")
KIND_ORDER = (
    "none", "efficacy", "safety", "risk", "mechanism", "comparison", "advice", "status",
    "condition",
)  # fmt: skip
STRENGTH_ORDER = ("none", "correlational", "conditional", "direct")
HEAD_SIZES: Mapping[str, int] = {"label": 3, "kind": 9, "strength": 4, "family": 8, "issue": 22}
"""Columns of the encoder's output, in this order; issues in the order of ``ISSUE_NAMES``."""

FAMILY_OF: Mapping[str, str] = {
    "bare-assertion": "certainty",
    "absolute": "certainty",
    "cure": "certainty",
    "impossible-weight-loss": "certainty",
    "minimised-harm": "harm",
    "natural-fallacy": "harm",
    "net-benefit": "harm",
    "vague-evidence": "source",
    "popularity": "source",
    "anecdote": "source",
    "single-study": "source",
    "causal-overreach": "inference",
    "preclinical": "inference",
    "surrogate": "inference",
    "extrapolation": "inference",
    "relative-risk": "numbers",
    "unquantified": "numbers",
    "misleading-comparison": "comparison",
    "hype": "language",
    "disease-mongering": "language",
    "strong-advice": "advice",
    "missing-caveat": "advice",
}
"""Families of the issue types; a test holds them against the catalogue."""

FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(FAMILY_OF.values()))
"""The names of the families, in the order of the family heads."""

MAX_TOKENS = 80
"""Word pieces of a sentence that are read, with the two that frame it."""


class Encoder:
    """An int8 ONNX encoder with its tokenizer."""

    def __init__(self, session: Any, tokenizer: Any) -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, model: bytes, tokenizer: str) -> Encoder:
        """Load from bytes whose hashes have been checked.

        :raises ModelError: onnxruntime or tokenizers cannot read them.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                model, sess_options=options, providers=["CPUExecutionProvider"]
            )
            words = Tokenizer.from_str(tokenizer)
        except Exception as error:
            # Both libraries raise classes of their own for a file they cannot read.
            raise ModelError(f"the model's encoder cannot be loaded ({error})") from error
        words.enable_truncation(max_length=MAX_TOKENS)
        words.no_padding()
        return cls(session, words)

    @classmethod
    def open(cls, folder: Path) -> Encoder:
        """Load from a folder that is trusted, such as one that was just trained."""
        return cls.load(
            (folder / "encoder.onnx").read_bytes(),
            (folder / "tokenizer.json").read_text(encoding="utf-8"),
        )

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        """Head outputs, float32, shape ``(n_sentences, n_outputs)``, in the order of ``texts``."""
        return self.read(texts)[0]

    def read(self, texts: Sequence[str]) -> tuple[np.ndarray, tuple[tuple[Piece, ...], ...]]:
        """Head outputs, and of each sentence its word pieces with their cue probability.

        :param texts: canonical sentences, see :mod:`claimcheck.judge.canonical`.
        :returns: float32, shape ``(n_sentences, n_outputs)``, and the pieces, in order.

        One sentence at a time: dynamic quantisation scales activations by the whole
        batch, so that in a batch a sentence's logits would depend on what stands
        beside it.
        """
        import numpy as np

        width = self._session.get_outputs()[0].shape[1]
        out = np.zeros((len(texts), width), dtype=np.float32)
        pieces: list[tuple[Piece, ...]] = []
        for row, encoding in enumerate(self._tokenizer.encode_batch(list(texts))):
            ids = np.array([encoding.ids], dtype=np.int64)
            found = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
            out[row] = found[0][0]
            chances = 1 / (1 + np.exp(-found[1][0]))
            pieces.append(
                tuple(
                    Piece(start, end, float(chance))
                    for (start, end), chance in zip(encoding.offsets, chances, strict=True)
                    if end > start
                )
            )
        return out, tuple(pieces)


class Piece(NamedTuple):
    """A word piece of a canonical sentence, and how likely it belongs to a flag's cue."""

    start: int
    end: int
    chance: float
