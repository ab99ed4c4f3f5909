"""Cue hits: the lexicon's matches in a sentence, sorted by class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.lexicon import Lexicon, default_lexicon, marks_of
from claimcheck.claims.tokens import Token

__all__ = ["CueHit", "anchor_of", "cues_of", "of_class"]


class CueHit(NamedTuple):
    """One cue in a sentence: tokens ``[first, last)``, text ``[start, end)`` of the article.

    ``anchor`` is the token that the rest of the cue hangs from; scope is decided from
    it.
    """

    cue_class: str
    id: str
    level: int | None
    first: int
    last: int
    start: int
    end: int
    anchor: int


def cues_of(
    tokens: Sequence[Token],
    lexicon: Lexicon | None = None,
    *,
    mentions: Iterable[Mention] = (),
) -> tuple[CueHit, ...]:
    """Every cue of a sentence in text order. Pure."""
    found = (lexicon or default_lexicon()).match(tokens, marks_of(mentions))
    return tuple(
        CueHit(
            match.entry.cue_class,
            match.entry.id,
            match.entry.level,
            match.first,
            match.last,
            match.start,
            match.end,
            anchor_of(tokens, match.first, match.last),
        )
        for match in found
    )


def of_class(cues: Iterable[CueHit], *classes: str) -> tuple[CueHit, ...]:
    """The cues of some classes, in their order."""
    return tuple(cue for cue in cues if cue.cue_class in classes)


def anchor_of(tokens: Sequence[Token], first: int, last: int) -> int:
    """The token of ``[first, last)`` that the others hang from."""
    for token in tokens[first:last]:
        if token.pos != "PUNCT" and not first <= token.head < last:
            return token.i
        if token.head == token.i:
            return token.i
    return first
