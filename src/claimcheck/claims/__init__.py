"""Claims: from an article's text to its efficacy and safety claims.

The only room that imports spaCy, and only when a sentence is parsed.
"""

from claimcheck.claims.analysis import Analyser, Analysis, analyse
from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.extract import ClaimDraft, strength_name
from claimcheck.claims.lexicon import Lexicon, LexiconEntry, default_lexicon, load_lexicon
from claimcheck.claims.support import Support, join_support
from claimcheck.claims.tokens import Token

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
