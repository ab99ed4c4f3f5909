"""Labelled data."""

from claimcheck.corpus.labelled import (
    ISSUE_CODES,
    KIND_CODES,
    LabelledSentence,
    load_corpus,
    passages_of,
)

__all__ = ["ISSUE_CODES", "KIND_CODES", "LabelledSentence", "load_corpus", "passages_of"]
