"""Noun phrases: how far the name of an agent, an outcome or a group of people reaches."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from claimcheck.claims.tokens import Token, children, subtree, word_set
from claimcheck.records import Span

__all__ = ["PEOPLE", "TIME", "is_nominal", "noun_phrase", "phrase_span", "range_span"]

_VERBAL = frozenset({"VERB", "AUX"})
_NOUNS = frozenset({"NOUN", "PROPN", "PRON", "NUM", "ADJ", "X", "SYM"})
_LEFT = frozenset(
    {"det", "amod", "compound", "nmod", "nummod", "poss", "case", "quantmod", "predet", "npadvmod",
     "advmod", "nsubj", "punct", "neg"}
)  # fmt: skip
_TIES = frozenset({"of", "to", "from", "against", "between", "for"})
_LOOSE = frozenset({"in", "on", "with", "at", "into", "around", "without"})
TIME = word_set(
    """day week month year hour minute night morning evening afternoon time second decade summer
    winter spring autumn weekend bedtime century fortnight"""
)
PEOPLE = word_set(
    """people person patient adult woman man child participant volunteer kid boy girl baby infant
    teenager adolescent user student nurse individual smoker athlete runner sufferer mother mouse
    rat animal group survivor veteran resident worker trial study review survey case"""
)


def noun_phrase(
    tokens: Sequence[Token], index: int, *, outside: Collection[int] = (), before: int = -1
) -> tuple[int, int]:
    """Token range ``[first, last)`` of the phrase headed by a token.

    Compounds, hyphens, coordinates and the prepositional phrases that name the thing
    ("the risk of heart disease", "pain in the knee") belong to it; clauses and asides,
    times and places, and phrases about people do not.

    :param outside: tokens that never belong to it, such as a population's.
    :param before: a verb to the right; every preposition between belongs to its subject.
    """
    wanted = {index}
    frontier = [index]
    while frontier:
        here = tokens[frontier.pop()]
        for child in children(tokens, here.i):
            subjects = (
                child.dep == "prep"
                and here.i < child.i
                and here.dep != "conj"
                and any(c.dep == "pobj" and c.i < before for c in children(tokens, child.i))
            )
            if child.i not in outside and (subjects or _belongs(tokens, child, here)):
                wanted.add(child.i)
                frontier.append(child.i)
    first = last = index
    while first - 1 in wanted or _joins(tokens, first - 1, wanted):
        first -= 1
    while last + 1 in wanted or _joins(tokens, last + 1, wanted):
        last += 1
    return first, last + 1


def _joins(tokens: Sequence[Token], index: int, wanted: Collection[int]) -> bool:
    """A hyphen, apostrophe or comma between two words of the phrase."""
    return (
        0 < index < len(tokens) - 1
        and tokens[index].lower in ("-", "–", "/", "'", ",", "%", "’")
        and index - 1 in wanted
        and index + 1 in wanted
    )


def _belongs(tokens: Sequence[Token], child: Token, head: Token) -> bool:
    if child.dep == "punct":
        return child.lower in ("-", "–", "/", "%") or _between_coordinates(tokens, child, head)
    if child.i < head.i and child.dep in _LEFT:
        return child.dep != "advmod" or head.pos in ("ADJ", "VERB", "NUM", "ADV", "NOUN")
    if child.dep in ("cc", "conj", "preconj"):
        return head.pos in _NOUNS and (child.dep != "conj" or _coordinate_noun(tokens, child))
    if child.dep in ("pobj", "nummod", "case", "quantmod", "compound", "nmod"):
        return True
    if child.dep == "pcomp":
        return head.lower == "of"
    if child.dep == "dobj" and head.tag == "VBG":
        return True
    return child.dep == "prep" and _names_thing(tokens, child, head)


def _coordinate_noun(tokens: Sequence[Token], child: Token) -> bool:
    """A noun, or what stands where one must ("energy, focus and stamina/VB")."""
    return child.pos in _NOUNS or (
        child.tag in ("VB", "VBP", "VBG") and not any(True for _ in children(tokens, child.i))
    )


def _between_coordinates(tokens: Sequence[Token], comma: Token, head: Token) -> bool:
    if comma.lower != ",":
        return False
    if 0 < comma.i < head.i and tokens[comma.i - 1].pos == tokens[comma.i + 1].pos == "ADJ":
        return True  # "dry, itchy skin"
    return any(
        child.dep == "conj" and child.i > comma.i and _coordinate_noun(tokens, child)
        for child in children(tokens, head.i)
    )


def _names_thing(tokens: Sequence[Token], prep: Token, head: Token) -> bool:
    """Whether a prepositional phrase says which thing, not when, where or in whom."""
    if prep.i < head.i or (head.pos in _VERBAL and head.tag != "VBG"):
        return False
    objects = [child for child in children(tokens, prep.i) if child.dep in ("pobj", "pcomp")]
    if not objects:
        return False
    if prep.lower in _TIES:
        return objects[0].pos not in ("NUM",) and not (
            prep.lower in ("for", "from", "to")
            and (
                objects[0].lemma in TIME
                or objects[0].pos == "VERB"
                or _numbered(tokens, objects[0])
            )
        )
    if prep.lower not in _LOOSE:
        return prep.lower in ("after", "before", "during") and head.pos in _VERBAL
    noun = objects[0]
    if noun.lemma in PEOPLE:
        return False
    return not (noun.lemma in TIME or noun.pos == "NUM" or _numbered(tokens, noun))


def _numbered(tokens: Sequence[Token], noun: Token) -> bool:
    return any(child.dep == "nummod" for child in children(tokens, noun.i))


def phrase_span(
    tokens: Sequence[Token],
    index: int | None,
    *,
    outside: Collection[int],
    before: int = -1,
) -> Span | None:
    if index is None:
        return None
    token = tokens[index]
    if token.pos in _VERBAL and not (
        token.dep in ("dobj", "pobj", "xcomp") and is_nominal(tokens, token)
    ):
        words = [t for t in subtree(tokens, index) if t.dep != "punct"]
        kept = [t for t in words if t.i >= index or t.dep not in ("mark", "cc")]
        return (kept[0].start, kept[-1].end) if kept else (token.start, token.end)
    return range_span(tokens, *noun_phrase(tokens, index, outside=outside, before=before))


def range_span(tokens: Sequence[Token], first: int, last: int) -> Span | None:
    words = [token for token in tokens[first:last] if token.pos not in ("PUNCT", "SPACE")]
    return (words[0].start, words[-1].end) if words else None


def is_nominal(tokens: Sequence[Token], token: Token) -> bool:
    """A noun, or a gerund with neither object nor "to", where a noun would do."""
    if token.pos in ("NOUN", "PROPN"):
        return True
    return token.tag == "VBG" and not any(
        child.dep in ("dobj", "aux", "xcomp", "nsubj") for child in children(tokens, token.i)
    )
