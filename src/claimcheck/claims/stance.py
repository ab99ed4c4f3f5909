"""Stance: who puts a claim forward, and whether it is put forward at all."""

from __future__ import annotations

from collections.abc import Sequence

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.tokens import Token, Tokens, children, root_of, subtree, word_set
from claimcheck.claims.tree import SUBJECTS, chain_of
from claimcheck.claims.verbs import REPORTING
from claimcheck.records import Stance

__all__ = ["in_quotes", "is_conditional", "is_question", "stance_of"]

_PRESUPPOSING = frozenset({"why", "how"})
_HOW_ASKS = word_set(
    """much many long often safe effective well common about far soon quickly fast likely
    dangerous good bad big high old"""
)
_NEUTRAL = frozenset({"affect", "work", "change", "influence", "do", "be", "know", "compare"})
_CONFIRMING = frozenset(
    {"confirm", "replicate", "prove", "true", "right", "correct", "hold", "verify", "pan"}
)
_VAGUE = word_set(
    """research science evidence expert scientist study it people many some one everyone doctor
    nutritionist specialist survey report trial researcher literature data finding anyone
    history tradition folklore most few several we i you who fan user critic devotee source
    guru influencer"""
)
_SPEAKERS = frozenset({"he", "she", "they"})
_QUOTES_OPEN = "“«„‘"
_QUOTES_CLOSE = "”»’"


def stance_of(
    tokens: Sequence[Token],
    cues: Sequence[CueHit],
    predicate: int,
    *,
    debunked: bool,
    quoted: bool = False,
    negated: bool = False,
) -> Stance:
    """The stance of one predicate: the strongest frame wins (H11, H13–H15)."""
    if debunked:
        return "debunked"
    if is_question(tokens) and not _presupposed(tokens, predicate):
        return "questioned"
    if not negated and is_conditional(tokens, predicate):
        return "conditional"
    if quoted or in_quotes(tokens, predicate):
        return "quoted"
    if of_class(cues, "evidential-named") or _attributed(tokens, cues, predicate):
        return "attributed"
    return "asserted"


def in_quotes(tokens: Sequence[Token], index: int) -> bool:
    """Whether a token stands in quoted speech.

    An open quotation runs to the end, one that only closes runs from the beginning. A
    word or two in quotation marks is a scare quote, not speech.
    """
    for first, last in _quotations(tokens):
        if first < index < last:
            words = [token for token in tokens[first + 1 : last] if token.pos != "PUNCT"]
            return len(words) > 2
    return False


def _quotations(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    if isinstance(tokens, Tokens) and "quotations" in tokens.memo:
        known: list[tuple[int, int]] = tokens.memo["quotations"]
        return known
    found: list[tuple[int, int]] = []
    start: int | None = None
    for token in tokens:
        kind = _quote_mark(tokens, token, start is not None)
        if kind == "open" and start is None:
            start = token.i
        elif kind == "close":
            if start is not None:
                found.append((start, token.i))
            elif not found:
                found.append((-1, token.i))
            start = None
    if start is not None:
        found.append((start, len(tokens)))
    if isinstance(tokens, Tokens):
        tokens.memo["quotations"] = found
    return found


def _quote_mark(tokens: Sequence[Token], token: Token, inside: bool) -> str | None:
    mark = token.text
    if mark not in ('"', "'", "``", "''", *_QUOTES_OPEN, *_QUOTES_CLOSE):
        return None
    joined = token.i > 0 and tokens[token.i - 1].end == token.start
    joins = token.i + 1 < len(tokens) and token.end == tokens[token.i + 1].start
    if mark in ("’", "'"):
        if token.tag == "POS" or token.dep == "case":
            return None
        if mark == "’":
            return "close" if inside and joined else None
        if joins and not joined:
            return "open"
        return "close" if inside and joined else None
    if mark in _QUOTES_OPEN:
        return "open"
    if mark in _QUOTES_CLOSE:
        return "close"
    if inside:
        return "close"
    # A straight mark that leans on the word before it, with none open, closes a
    # quotation that began in the sentence before.
    return "close" if joined and not joins else "open"


def is_question(tokens: Sequence[Token]) -> bool:
    """Whether the sentence asks. A presupposing question ("Why does X heal?") asserts (H11)."""
    shown = [token for token in tokens if token.text not in "”\"’')]»"]
    if not shown or shown[-1].text != "?":
        return False
    words = [token for token in shown if token.pos != "PUNCT"]
    if not words:
        return True
    first = words[0].lower
    if first == "why":
        return False
    if first == "how":
        return _asks_how(words)
    lowers = [word.lower for word in words[:6]]
    if lowers[:2] == ["what", "makes"] and "so" in [word.lower for word in words]:
        return False
    return lowers[:4] != ["did", "you", "know", "that"] and lowers[:2] != ["who", "knew"]


def _asks_how(words: Sequence[Token]) -> bool:
    # "How much should I take?", "How safe is it?" and "How does it work?" presuppose
    # nothing about an effect; "How does it heal so fast?" does.
    second = words[1].lower if len(words) > 1 else ""
    root = next((word for word in words if word.head == word.i), None)
    return (
        second in _HOW_ASKS
        or any(word.lower in ("i", "we", "you") for word in words[:5])
        or (root is not None and root.lemma in _NEUTRAL)
    )


def _presupposed(tokens: Sequence[Token], predicate: int) -> bool:
    """ "Is magnesium, which cures insomnia, cheap?": a relative clause is not asked."""
    return any(
        tokens[index].dep == "relcl" and tokens[tokens[index].head].pos == "PROPN"
        for index in chain_of(tokens, predicate)
    )


def is_conditional(tokens: Sequence[Token], predicate: int) -> bool:
    """Whether the claim itself is what a condition leaves open (H14).

    "If you take it daily, it lowers" restricts use and is no condition on the claim;
    "if confirmed, it could" and "whether it helps depends" are.
    """
    for index in chain_of(tokens, predicate):
        token = tokens[index]
        marks = {c.lower for c in children(tokens, index) if c.dep in ("mark", "advmod", "cc")}
        if "whether" in marks or ("if" in marks and token.dep in ("ccomp", "advcl", "csubj")):
            return True
        for child in children(tokens, index):
            if child.dep in ("advcl", "mark", "prep") and _confirms(tokens, child):
                return True
    return False


def _confirms(tokens: Sequence[Token], clause: Token) -> bool:
    below = subtree(tokens, clause.i)
    return any(word.lower in ("if", "once", "should") for word in below[:2]) and bool(
        {word.lemma for word in below} & _CONFIRMING
    )


def _attributed(tokens: Sequence[Token], cues: Sequence[CueHit], predicate: int) -> bool:
    """A named or definite source puts the claim forward; vague ones never count (H5)."""
    for verb in _reporters(tokens, predicate):
        if any(child.dep == "auxpass" for child in children(tokens, verb.i)):
            continue  # "has been shown to": nobody is named
        for child in children(tokens, verb.i):
            if child.dep in SUBJECTS and child.dep != "expl":
                return _names_source(tokens, child, cues)
    for token in tokens:
        if token.lower == "according" and token.i + 1 < len(tokens):
            for to in children(tokens, token.i):
                for noun in children(tokens, to.i):
                    if noun.dep == "pobj":
                        return _names_source(tokens, noun, cues)
    return False


def _reporters(tokens: Sequence[Token], predicate: int) -> list[Token]:
    """Reporting verbs that take the predicate, or stand beside it ("…, she says")."""
    found = [
        tokens[index]
        for index in chain_of(tokens, predicate)
        if index != predicate and tokens[index].lemma in REPORTING
    ]
    root = root_of(tokens)
    elsewhere = not found and root is not None and root.i != predicate
    if elsewhere and root is not None and root.lemma in REPORTING:
        found.append(root)
    found.extend(
        child
        for child in children(tokens, predicate)
        if child.lemma in REPORTING and child.dep in ("parataxis", "ccomp", "advcl")
    )
    return found


def _names_source(tokens: Sequence[Token], noun: Token, cues: Sequence[CueHit]) -> bool:
    if any(c.first <= noun.i < c.last for c in of_class(cues, "evidential-named")):
        return True
    if any(c.first <= noun.i < c.last for c in of_class(cues, "evidential-vague")):
        return False
    if noun.pos == "PROPN" or noun.lower in _SPEAKERS:
        return True
    inner = tuple(children(tokens, noun.i))
    named = any(c.pos == "PROPN" and c.dep in ("compound", "appos", "poss", "nmod") for c in inner)
    definite = any(c.lower in ("the", "this", "her", "his", "their") for c in inner)
    counted = any(c.dep == "nummod" or c.pos == "NUM" for c in inner)
    if noun.lemma in _VAGUE:
        plural = noun.tag == "NNS" or noun.lemma in ("research", "science", "evidence", "data")
        return named or (definite and not plural) or (counted and not plural)
    return named or definite or noun.tag == "NN"
