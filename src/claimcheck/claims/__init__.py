"""Claims: from an article's text to its efficacy and safety claims.

The only room that imports spaCy, and only when a sentence is parsed. Its names are
imported on first use, because spaCy loads ``claimcheck.claims.components`` for everybody
who makes a pipeline.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claimcheck.claims.analysis import Analyser, Analysis, analyse
    from claimcheck.claims.cues import CueHit, of_class
    from claimcheck.claims.extract import ClaimDraft, strength_name
    from claimcheck.claims.lexicon import Lexicon, LexiconEntry, default_lexicon, load_lexicon
    from claimcheck.claims.support import Support, join_support
    from claimcheck.claims.tokens import Token

_HOMES = {
    "Analyser": "analysis",
    "Analysis": "analysis",
    "analyse": "analysis",
    "CueHit": "cues",
    "of_class": "cues",
    "ClaimDraft": "extract",
    "strength_name": "extract",
    "Lexicon": "lexicon",
    "LexiconEntry": "lexicon",
    "default_lexicon": "lexicon",
    "load_lexicon": "lexicon",
    "Support": "support",
    "join_support": "support",
    "Token": "tokens",
}

__all__ = [
    "Analyser",
    "Analysis",
    "ClaimDraft",
    "CueHit",
    "Lexicon",
    "LexiconEntry",
    "Support",
    "Token",
    "analyse",
    "default_lexicon",
    "join_support",
    "load_lexicon",
    "of_class",
    "strength_name",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'claimcheck.claims' has no attribute {name!r}")
    return getattr(import_module(f"claimcheck.claims.{home}"), name)
