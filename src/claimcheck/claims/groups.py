"""Groups: in whom, and compared with what."""

from __future__ import annotations

from collections.abc import Sequence

from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.phrases import noun_phrase, phrase_span, range_span
from claimcheck.claims.tokens import Token, children, word_set
from claimcheck.claims.verbs import REPORTING
from claimcheck.records import Span

__all__ = ["comparator_of", "population_of"]

_VERBAL = frozenset({"VERB", "AUX"})
_COMPARED = frozenset({"than", "unlike", "versus", "vs", "vs.", "over"})
_LIKENED = word_set(
    """compared comparable similar equivalent superior inferior identical equal opposed
    preferable rather instead"""
)
_NARROWING = frozenset({"with", "over", "under", "aged", "above", "below", "without"})


def population_of(
    tokens: Sequence[Token], people: Sequence[Mention], agent: int | None
) -> Span | None:
    """In whom: the first phrase about people that is not itself the agent or a pronoun."""
    for mention in people:
        inner = range(mention.first, mention.last)
        head = next(
            (tokens[i] for i in inner if tokens[i].head not in inner), tokens[mention.first]
        )
        if head.pos == "PRON" or head.lower in ("you", "we", "i") or head.i == agent:
            continue
        if head.dep in ("compound", "poss", "amod") and tokens[head.head].pos in ("NOUN", "PROPN"):
            continue  # "women's magazine", "child psychology"
        if head.dep == "nsubj" and tokens[head.head].lemma in REPORTING:
            continue  # "doctors warn": who speaks, not in whom
        first, last = _people_phrase(tokens, head)
        return range_span(tokens, min(first, mention.first), max(last, mention.last))
    return None


def _people_phrase(tokens: Sequence[Token], head: Token) -> tuple[int, int]:
    """ "people with Lynch syndrome", "adults over 60": what narrows the group belongs to it."""
    first, last = noun_phrase(tokens, head.i)
    while last < len(tokens) and tokens[last].lower in _NARROWING:
        # Wherever the parser hung it, "with type 2 diabetes" after people is about them.
        objects = [c for c in children(tokens, last) if c.dep == "pobj"]
        if not objects:
            break
        last = noun_phrase(tokens, objects[0].i)[1]
    return first, last


def comparator_of(tokens: Sequence[Token]) -> Span | None:
    for token in tokens:
        head: int | None = None
        if token.lower == "as" and _second_as(tokens, token.i):
            head = _object_of(tokens, token.i)
        elif token.lower in _COMPARED and token.dep in ("prep", "mark", "advmod", "cc", "quantmod"):
            if token.lower == "over" or (
                token.i + 1 < len(tokens) and (tokens[token.i + 1].number)
            ):
                continue
            head = _object_of(tokens, token.i)
        elif token.lower in _LIKENED:
            for child in children(tokens, token.i):
                if child.lower in ("with", "to", "than", "of"):
                    head = _object_of(tokens, child.i) if head is None else head
        if head is not None:
            return _compared_span(tokens, head)
    return None


def _second_as(tokens: Sequence[Token], index: int) -> bool:
    return any(token.lower in ("as", "equally") for token in tokens[max(0, index - 5) : index])


def _object_of(tokens: Sequence[Token], index: int) -> int | None:
    for child in children(tokens, index):
        if child.dep in ("pobj", "pcomp") and child.i > index:
            return child.i
    if tokens[index].lower not in ("than", "as") or index + 1 >= len(tokens):
        return None
    after = tokens[index + 1]
    if after.pos not in ("NOUN", "PROPN", "PRON", "DET", "ADJ"):
        return None
    while after.dep in ("compound", "poss", "det", "amod") and after.head > after.i:
        after = tokens[after.head]
    return after.i if after.pos in ("NOUN", "PROPN", "PRON") else None


def _compared_span(tokens: Sequence[Token], head: int) -> Span | None:
    """The comparator without the outcome that a preposition hangs on it ("… for blood sugar")."""
    outside = {
        child.i
        for child in children(tokens, head)
        if child.dep == "prep" and child.lower in ("for", "at", "in", "on")
    }
    if tokens[head].pos in _VERBAL:
        return phrase_span(tokens, head, outside=())
    return range_span(tokens, *noun_phrase(tokens, head, outside=outside))
