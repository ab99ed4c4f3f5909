"""From labelled corpora to a model folder: heads, thresholds, metrics and card."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimcheck.claims import Analyser
from claimcheck.corpus import LabelledSentence, load_corpus
from claimcheck.errors import CorpusError
from claimcheck.judge import Manifest, save_model
from claimcheck.judge.encoder import KIND_ORDER, LABEL_ORDER, Encoder
from claimcheck.judge.model import design_matrix, fit_vectorizers
from claimcheck.training.card import model_card
from claimcheck.training.examples import Example, examples_of
from claimcheck.training.heads import HeadSettings, fit_heads, profile_thresholds
from claimcheck.training.metrics import flag_metrics
from claimcheck.training.written import written_sentences

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["TrainSettings", "for_encoder", "matrix_of", "train"]

log = logging.getLogger(__name__)


ENCODER_SHARE = 4
"""One document in four is kept from the encoder, so that the heads are fitted and
calibrated on encoder output for documents that it has not seen."""


BASE_ENCODER: Mapping[str, str] = {
    "name": "sentence-transformers/all-MiniLM-L6-v2",
    "license": "apache-2.0",
    "parameters": "22.7 million, six layers, int8",
}
"""What ``scripts/train_encoder.py`` starts from."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a model is trained.

    ``written_weight`` is the weight of the project's own example sentences beside a
    real one.
    """

    name: str = "default"
    version: str = "1"
    written_weight: float = 3.0
    heads: HeadSettings = field(default_factory=HeadSettings)


def for_encoder(document: str) -> bool:
    """Whether the encoder is trained on a document; the same on every machine."""
    digest = hashlib.sha1(document.encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % ENCODER_SHARE != 0


def train(
    data: Sequence[Path],
    *,
    out: Path,
    encoder: Path | None = None,
    settings: TrainSettings | None = None,
) -> Manifest:
    """Train a model folder from corpora; only their train split is read.

    :param data: corpora, see :func:`claimcheck.corpus.load_corpus`.
    :param out: the model folder to write.
    :param encoder: folder with ``encoder.onnx`` and ``tokenizer.json``; without it the
        heads read hashed words and characters instead.
    :returns: the manifest of what was written.
    :raises CorpusError: a corpus cannot be read, or holds too little to train on.
    """
    settings = settings or TrainSettings()
    began = time.monotonic()
    real: list[LabelledSentence] = []
    for path in data:
        real.extend(load_corpus(path, splits=["train"]))
    if not real:
        raise CorpusError("no training sentences; give at least one corpus with a train split")
    analyser = Analyser()
    network = Encoder.open(encoder) if encoder is not None else None
    kept = [one for one in real if network is None or not for_encoder(one.doc)]
    log.info("analysing %d of %d sentences", len(kept), len(real))
    examples = examples_of(kept, analyser=analyser)
    written = examples_of(written_sentences(), weight=settings.written_weight, analyser=analyser)
    chosen = (*examples, *written)
    log.info("fitting the heads on %d sentences", len(chosen))
    vectorizers = fit_vectorizers(
        [example.analysis for example in chosen],
        dense_scale=settings.heads.dense_scale,
        encoder=encoder is not None,
    )
    heads = fit_heads(
        chosen, matrix=matrix_of(chosen, vectorizers, network), settings=settings.heads
    )
    profiles = profile_thresholds(heads)
    held = flag_metrics(
        heads.gold[heads.real],
        heads.scores[heads.real],
        flagged=heads.scores[heads.real] >= profiles["balanced"]["threshold"],
    )
    description = _description(
        settings,
        data=data,
        real=real,
        fitted=len(examples),
        written=len(written),
        profiles=profiles,
    )
    description["metrics"] = {"cross-validated, balanced profile": held}
    if encoder is not None:
        description["training"]["encoder"] = dict(BASE_ENCODER)
    manifest = save_model(
        out,
        heads={**vectorizers, **heads.parts},
        description=description,
        card=model_card(description),
        extra=_encoder_files(encoder),
    )
    log.info("wrote %s in %.0f s", out, time.monotonic() - began)
    return manifest


def matrix_of(
    examples: Sequence[Example], vectorizers: Mapping[str, Any], network: Encoder | None
) -> csr_matrix:
    """The features of examples, as the judge computes them."""
    texts = [example.analysis.text for example in examples]
    return design_matrix(
        [example.analysis for example in examples],
        neighbours=[(example.before, example.after) for example in examples],
        issues=[example.issues for example in examples],
        vectorizers=vectorizers,
        logits=network.logits(texts) if network is not None else None,
    )


def _encoder_files(encoder: Path | None) -> dict[str, bytes]:
    if encoder is None:
        return {}
    return {name: (encoder / name).read_bytes() for name in ("encoder.onnx", "tokenizer.json")}


def _description(
    settings: TrainSettings,
    *,
    data: Sequence[Path],
    real: Sequence[LabelledSentence],
    fitted: int,
    written: int,
    profiles: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    return {
        "name": settings.name,
        "version": settings.version,
        "labels": list(LABEL_ORDER),
        "kinds": list(KIND_ORDER),
        "profiles": {name: dict(values) for name, values in profiles.items()},
        "training": {
            "data": [
                {"name": path.name, "sha256": _data_hash(path), "sentences": _count(real, path)}
                for path in data
            ],
            "sentences": len(real),
            "documents": len({sentence.doc for sentence in real}),
            "heads_fitted_on": fitted,
            "written_examples": written,
            "settings": asdict(settings),
        },
        "metrics": {},
    }


def _count(real: Sequence[LabelledSentence], path: Path) -> int:
    try:
        return len(load_corpus(path, splits=["train"]))
    except CorpusError:
        return len(real)


def _data_hash(path: Path) -> str:
    digest = hashlib.sha256()
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
