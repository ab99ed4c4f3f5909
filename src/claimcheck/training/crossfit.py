"""Cross-fitting: encoder outputs for documents that the encoder has not seen.

An encoder is sure of sentences that it was trained on, and heads fitted on its output
for those would learn to trust it too much. So it is trained once a fold, each time
without that fold's documents, and every sentence gets the output of the one network
that has not seen its document. What ships is the mean of those networks. One document
in ten is kept from all of them, so that the mean itself can be checked.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from claimcheck.corpus import LabelledSentence
from claimcheck.errors import CorpusError
from claimcheck.judge.encoder import Encoder

if TYPE_CHECKING:
    import numpy as np

    from claimcheck.training.finetune import EncoderRow, FinetuneSettings

__all__ = ["FOLDS", "HELD_OUT", "HeldOut", "cross_fit", "fold_of"]

log = logging.getLogger(__name__)

FOLDS = 4
HELD_OUT = "held_out.npz"
_RESERVE = 10


def fold_of(document: str) -> int | None:
    """The fold of a document, the same on every machine; null for one kept from all."""
    digest = int(hashlib.sha1(document.encode(), usedforsecurity=False).hexdigest(), 16)
    return None if digest % _RESERVE == 0 else digest // _RESERVE % FOLDS


def cross_fit(
    rows: Sequence[EncoderRow], *, base: Path, out: Path, settings: FinetuneSettings
) -> Path:
    """Train an encoder a fold, average them, and keep each fold's unseen outputs.

    A fold that is finished is not trained again, so an interrupted run goes on.

    :param out: gets ``encoder.onnx``, ``tokenizer.json``, ``held_out.npz`` and a folder a
        fold.
    :returns: ``out``.
    """
    from claimcheck.training.finetune import averaged, export_onnx, finetune

    began = time.monotonic()
    weights: list[Path] = []
    kept: list[tuple[EncoderRow, np.ndarray]] = []
    for fold in range(FOLDS):
        folder = out / f"fold{fold}"
        seen = [row for row in rows if fold_of(row.gold.doc) not in (fold, None)]
        if not (folder / "encoder.pt").is_file():
            log.info("fold %d of %d: %d sentences", fold + 1, FOLDS, len(seen))
            finetune(seen, base=base, out=folder, settings=settings)
        export_onnx(folder / "encoder.pt", base=base, out=folder)
        weights.append(folder / "encoder.pt")
        unseen = [row for row in rows if fold_of(row.gold.doc) == fold]
        outputs = Encoder.open(folder).logits([row.text for row in unseen])
        kept.extend(zip(unseen, outputs, strict=True))
        log.info("fold %d of %d done after %.0f s", fold + 1, FOLDS, time.monotonic() - began)
    export_onnx(averaged(weights, out=out / "encoder.pt"), base=base, out=out)
    HeldOut.of(kept).save(out / HELD_OUT)
    log.info("wrote %s in %.0f s", out, time.monotonic() - began)
    return out


class HeldOut:
    """Encoder outputs by sentence, of networks that have not seen its document.

    Sentences are named by a hash of document, place and canonical text, and documents
    by a hash, so the file holds no text.
    """

    def __init__(self, sentences: dict[int, np.ndarray], documents: frozenset[int]) -> None:
        self._sentences = sentences
        self._documents = documents

    @classmethod
    def of(cls, kept: Sequence[tuple[EncoderRow, np.ndarray]]) -> HeldOut:
        """From training rows and their outputs."""
        return cls(
            {_key(row.gold, row.text): outputs for row, outputs in kept},
            frozenset(_hash(row.gold.doc) for row, _ in kept),
        )

    def save(self, path: Path) -> None:
        """Write as a NumPy archive: keys, outputs in half precision, documents."""
        import numpy as np

        keys = sorted(self._sentences)
        with path.open("wb") as stream:
            np.savez_compressed(
                stream,
                keys=np.array(keys, dtype=np.uint64),
                outputs=np.stack([self._sentences[key] for key in keys]).astype(np.float16),
                documents=np.array(sorted(self._documents), dtype=np.uint64),
            )

    @classmethod
    def load(cls, path: Path) -> HeldOut:
        """Read what :meth:`save` wrote; a missing file holds nothing.

        :raises CorpusError: the file is damaged.
        """
        import numpy as np

        if not path.is_file():
            return cls({}, frozenset())
        try:
            with np.load(path, allow_pickle=False) as archive:
                keys, outputs = archive["keys"], archive["outputs"].astype(np.float32)
                documents = archive["documents"]
        except Exception as error:
            # NumPy and zipfile raise classes of their own for a damaged archive.
            raise CorpusError(
                f"{path}: cannot be read ({error}); train the encoder anew"
            ) from error
        return cls(
            {int(key): row for key, row in zip(keys, outputs, strict=True)},
            frozenset(int(one) for one in documents),
        )

    def outputs(self, rows: Sequence[tuple[LabelledSentence, str]], encoder: Encoder) -> np.ndarray:
        """Outputs of sentences, ``(sentence, canonical text)``, in order.

        A document that no fold has seen is read by the encoder itself.

        :raises CorpusError: a sentence of a document that the encoder was trained on is
            not known in this wording: corpus or code changed since.
        """
        import numpy as np

        found: list[np.ndarray | None] = [self._sentences.get(_key(*row)) for row in rows]
        stale = [
            row[0].doc
            for row, outputs in zip(rows, found, strict=True)
            if outputs is None and _hash(row[0].doc) in self._documents
        ]
        if len(stale) > _FEW_STALE * len(rows):
            raise CorpusError(
                f"{len(stale)} sentences of documents that the encoder was trained on have "
                f"another wording now (as in {stale[0]}); run scripts/train_encoder.py anew"
            )
        if stale:
            log.warning("%d sentences changed since the encoder was trained", len(stale))
        open_rows = [index for index, outputs in enumerate(found) if outputs is None]
        fresh = encoder.logits([rows[index][1] for index in open_rows])
        for index, outputs in zip(open_rows, fresh, strict=True):
            found[index] = outputs
        return np.stack([outputs for outputs in found if outputs is not None])


_FEW_STALE = 0.02


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha1(text.encode(), usedforsecurity=False).digest()[:8], "big")


def _key(gold: LabelledSentence, text: str) -> int:
    return _hash("\0".join((gold.doc, gold.passage, str(gold.n), text)))
