"""From labelled corpora to a model folder: heads, thresholds, metrics and card."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimcheck.claims import Analyser
from claimcheck.corpus import LabelledSentence, load_corpus
from claimcheck.errors import CorpusError
from claimcheck.judge import Manifest, save_model
from claimcheck.judge.encoder import KIND_ORDER, LABEL_ORDER, Encoder
from claimcheck.judge.model import design_matrix, fit_vectorizers
from claimcheck.training.card import model_card
from claimcheck.training.crossfit import HELD_OUT, HeldOut, fold_of
from claimcheck.training.examples import Example, examples_of
from claimcheck.training.heads import (
    OWN_CORPORA,
    Heads,
    HeadSettings,
    fit_heads,
    profile_thresholds,
)
from claimcheck.training.leakage import trainable
from claimcheck.training.licences import Purpose, check_licences, source_of
from claimcheck.training.metrics import flag_metrics
from claimcheck.training.slices import NEWS, PAGES, is_page
from claimcheck.training.written import written_sentences

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["TrainSettings", "matrix_of", "train"]

log = logging.getLogger(__name__)


BASE_ENCODER: Mapping[str, str] = {
    "name": "sentence-transformers/all-MiniLM-L6-v2",
    "license": "apache-2.0",
    "parameters": "22.7 million, six layers, int8",
}
"""What ``scripts/train_encoder.py`` starts from."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a model is trained.

    ``own_weight`` is the weight of a sentence of our own corpora beside one of other
    corpora, ``written_weight`` that of an example sentence of the catalogue; ``purpose``
    decides which sets may be used (``training/sources.toml``).
    """

    name: str = "default"
    version: str = "2"
    purpose: Purpose = "ship"
    own_weight: float = 0.2
    written_weight: float = 3.0
    heads: HeadSettings = field(default_factory=HeadSettings)


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
    :param encoder: folder with ``encoder.onnx``, ``tokenizer.json`` and, if the encoder
        was trained on some of the documents, ``held_out.npz``; without it the heads read
        hashed words and characters instead.
    :returns: the manifest of what was written.
    :raises CorpusError: a corpus cannot be read, may not be used for this purpose, or
        holds too little to train on.
    """
    settings = settings or TrainSettings()
    began = time.monotonic()
    corpora = {path: trainable(load_corpus(path, splits=["train"])) for path in data}
    unlisted = check_licences(data, purpose=settings.purpose)
    real = [sentence for rows in corpora.values() for sentence in rows]
    if not real:
        raise CorpusError("no training sentences; give at least one corpus with a train split")
    extra = _encoder_files(encoder) if encoder is not None else {}
    analyser = Analyser()
    log.info("analysing %d sentences", len(real))
    examples = tuple(
        replace(one, weight=settings.own_weight) if one.gold.source in OWN_CORPORA else one
        for one in examples_of(real, analyser=analyser)
    )
    written = examples_of(written_sentences(), weight=settings.written_weight, analyser=analyser)
    chosen = (*examples, *written)
    log.info("fitting the heads on %d sentences", len(chosen))
    vectorizers = fit_vectorizers(
        [example.case for example in chosen],
        dense_scale=settings.heads.dense_scale,
        encoder=encoder is not None,
    )
    heads = fit_heads(
        chosen, matrix=matrix_of(chosen, vectorizers, encoder), settings=settings.heads
    )
    profiles = profile_thresholds(heads)
    description = {
        "name": settings.name,
        "version": settings.version,
        "labels": list(LABEL_ORDER),
        "kinds": list(KIND_ORDER),
        "profiles": {name: dict(values) for name, values in profiles.items()},
        "reason_cut": heads.reasons["reason_cut"],
        "learnt_cut": heads.reasons["learnt_cut"],
        "training": {
            "data": [
                _corpus_line(path, rows, listed=path not in unlisted)
                for path, rows in corpora.items()
            ],
            "purpose": settings.purpose,
            "sentences": len(real),
            "documents": len({sentence.doc for sentence in real}),
            "written_examples": len(written),
            "settings": asdict(settings),
            **({"encoder": dict(BASE_ENCODER)} if encoder is not None else {}),
        },
        "metrics": _metrics(chosen, heads, threshold=profiles["balanced"]["threshold"]),
    }
    manifest = save_model(
        out,
        heads={**vectorizers, **heads.parts},
        description=description,
        card=model_card(description),
        extra=extra,
    )
    log.info("wrote %s in %.0f s", out, time.monotonic() - began)
    return manifest


def matrix_of(
    examples: Sequence[Example], vectorizers: Mapping[str, Any], encoder: Path | None
) -> csr_matrix:
    """The features of examples, as the judge computes them.

    Of documents that the encoder was trained on, its outputs are those of the network
    that has not seen them.
    """
    outputs = None
    if encoder is not None:
        rows = [(example.gold, example.case.sentence.text) for example in examples]
        outputs = HeldOut.load(encoder / HELD_OUT).outputs(rows, Encoder.open(encoder))
    return design_matrix(
        [example.case for example in examples], vectorizers=vectorizers, logits=outputs
    )


def _encoder_files(encoder: Path) -> dict[str, bytes]:
    files = {}
    for name in ("encoder.onnx", "tokenizer.json"):
        if not (encoder / name).is_file():
            raise CorpusError(f"{encoder}: holds no {name}; make it with scripts/train_encoder.py")
        files[name] = (encoder / name).read_bytes()
    if (encoder / HELD_OUT).is_file():
        files[HELD_OUT] = (encoder / HELD_OUT).read_bytes()
    return files


def _metrics(
    examples: Sequence[Example], heads: Heads, *, threshold: float
) -> dict[str, dict[str, Any]]:
    """Out-of-fold figures: all, each source group, and documents kept from all encoders."""
    import numpy as np

    kept = np.array([fold_of(example.gold.doc) is None for example in examples])
    groups = np.array([_group(example.gold) for example in examples])
    slices = {"out of fold, all corpora": heads.real}
    for group in sorted(set(groups[heads.real])):
        slices[f"out of fold, {group}"] = heads.real & (groups == group)
    slices["documents kept from every encoder"] = heads.real & kept
    found: dict[str, dict[str, Any]] = {
        name: flag_metrics(
            heads.gold[rows], heads.scores[rows], flagged=heads.scores[rows] >= threshold
        )
        for name, rows in slices.items()
        if heads.gold[rows].any()
    }
    found["reasons given a flag, out of fold"] = dict(heads.reasons)
    found["calibration error, out of fold"] = dict(heads.errors)
    found["front stage, out of fold"] = dict(heads.front)
    return found


def _group(sentence: LabelledSentence) -> str:
    if sentence.source in OWN_CORPORA:
        return f"corpora/{sentence.source}"
    return PAGES if is_page(sentence) else NEWS


def _corpus_line(path: Path, rows: Sequence[LabelledSentence], *, listed: bool) -> dict[str, Any]:
    source = source_of(path) if listed else None
    return {
        "name": path.name,
        "sha256": _data_hash(path),
        "sentences": len(rows),
        "documents": len({row.doc for row in rows}),
        "flagged": sum(row.label == "FLAG" for row in rows),
        "licence": source.licence if source is not None else "not listed",
    }


def _data_hash(path: Path) -> str:
    digest = hashlib.sha256()
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
