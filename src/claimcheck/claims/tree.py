"""Walks on the dependency tree that scope, slots and claims share."""

from __future__ import annotations

from collections.abc import Sequence

from claimcheck.claims.tokens import Token, Tokens, children, word_set
from claimcheck.claims.verbs import REPORTING

__all__ = [
    "SUBJECTS",
    "chain_of",
    "clause_of",
    "controlled_by_object",
    "depth_of",
    "in_own_subject",
    "is_noun_complement",
    "light_object",
    "shares_frame",
]

SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "csubjpass", "expl"})
_COMPLEMENTS = frozenset({"xcomp", "ccomp", "csubj", "csubjpass", "pcomp", "acomp", "oprd"})
_NOMINAL = frozenset({"dobj", "nsubj", "nsubjpass", "attr", "pobj", "prep", "dative"})
_CLAUSAL_NOUNS = frozenset({"attr", "dobj", "nsubj", "nsubjpass", "pobj"})
_VERBAL = frozenset({"VERB", "AUX"})
_LIGHT = word_set(
    """have make show offer give provide find produce see bring deliver do prove be get yield
    report detect observe note demonstrate reveal hold carry"""
)
_ADJUNCTS = frozenset(
    {"by", "without", "after", "before", "when", "while", "through", "since", "despite", "besides"}
)
_INNER = frozenset({"xcomp", "aux", "auxpass", "amod", "pcomp", "acomp", "compound", "oprd"})
_CONTROLLING = frozenset(
    {"expect", "trust", "allow", "enable", "want", "ask", "get", "count", "rely", "tell"}
)
_LONGEST = 12


def chain_of(tokens: Sequence[Token], predicate: int) -> tuple[int, ...]:
    """The predicate and every word that takes it, directly or not, as complement.

    A bare coordinate shares its head's auxiliaries ("may help and soothe"); one with
    its own tense does not ("may help and boosts", H2).
    """
    if not isinstance(tokens, Tokens):
        return _chain(tokens, predicate)
    known: dict[int, tuple[int, ...]] = tokens.memo.setdefault("chains", {})
    if predicate not in known:
        known[predicate] = _chain(tokens, predicate)
    return known[predicate]


def _chain(tokens: Sequence[Token], predicate: int) -> tuple[int, ...]:
    chain = [predicate]
    current = tokens[predicate]
    while current.head != current.i and len(chain) < _LONGEST:
        head = tokens[current.head]
        if head.pos == "NOUN" and is_noun_complement(tokens, current):
            # "no evidence that X cures", "the ability to heal": the noun takes a clause.
            chain.append(head.i)
            current = head
            if head.dep in _CLAUSAL_NOUNS and head.head != head.i:
                current = tokens[head.head]
                chain.append(current.i)
        elif (
            (current.dep in _COMPLEMENTS and not _stands_beside(tokens, current))
            or shares_frame(tokens, current.i)
            # A nominal predicate ("a marked drop in anxiety") is framed by its verb.
            or (current.pos in ("NOUN", "PROPN", "PRON") and current.dep in _NOMINAL)
            or current.dep in ("prep", "agent")
            or controlled_by_object(tokens, current)
            or _indirect_question(tokens, current)
        ):
            chain.append(head.i)
            current = head
        else:
            break
    return tuple(dict.fromkeys(chain))


def _stands_beside(tokens: Sequence[Token], token: Token) -> bool:
    """ "It helped babies; they have not been …": a clause before its head, not a part of it."""
    head = tokens[token.head]
    return (
        token.dep == "ccomp"
        and token.i < head.i
        and head.lemma not in REPORTING
        and any(between.pos == "PUNCT" for between in tokens[token.i : head.i])
    )


def is_noun_complement(tokens: Sequence[Token], token: Token) -> bool:
    """ "no evidence that it cures", "a way to heal" (which the parser may call a relative)."""
    if token.dep == "relcl":
        return token.tag == "VB" and any(c.tag == "TO" for c in children(tokens, token.i))
    return token.dep == "acl" and token.tag not in ("VBN", "VBG")


def _indirect_question(tokens: Sequence[Token], token: Token) -> bool:
    """ "are not certain why it helps": a clause that the parser hung on the verb as an adjunct."""
    return token.dep == "advcl" and any(
        child.lower in ("why", "whether", "how") and child.i < token.i
        for child in children(tokens, token.i)
    )


def controlled_by_object(tokens: Sequence[Token], token: Token) -> bool:
    """ "expect magnesium to cure": an infinitive that the parser took for a purpose clause."""
    return (
        token.dep in ("advcl", "xcomp")
        and token.tag == "VB"
        and tokens[token.head].lemma in _CONTROLLING
        and any(child.dep == "dobj" and child.i < token.i for child in children(tokens, token.head))
    )


def shares_frame(tokens: Sequence[Token], index: int) -> bool:
    """Whether a coordinate verb takes the auxiliaries of the verb that it is joined to."""
    current = tokens[index]
    head = tokens[current.head]
    if current.dep != "conj" or current.pos not in _VERBAL or head.pos not in _VERBAL:
        return False
    if in_own_subject(tokens, index) or any(c.dep == "aux" for c in children(tokens, index)):
        return False
    if current.tag in ("VB", "VBG", "VBN"):
        return True
    # "might loosen hips, lift mood": the tagger takes the bare form for a present tense.
    return current.tag == "VBP" and head.tag in ("VB", "VBP") and _modal_above(tokens, head.i)


def _modal_above(tokens: Sequence[Token], index: int) -> bool:
    for _ in range(_LONGEST):
        if any(c.dep == "aux" and c.tag in ("MD", "TO") for c in children(tokens, index)):
            return True
        if tokens[index].dep != "conj":
            return False
        index = tokens[index].head
    return False


def in_own_subject(tokens: Sequence[Token], index: int) -> bool:
    """Whether a verb has a subject of its own."""
    return any(child.dep in SUBJECTS for child in children(tokens, index))


def light_object(tokens: Sequence[Token], verb: Token) -> bool:
    """Whether the object says what the verb only carries: "had no effect"."""
    return verb.lemma in _LIGHT and tokens[verb.i].pos in _VERBAL


def clause_of(tokens: Sequence[Token], index: int) -> int:
    """The verb that heads the clause of a token; an adjunct gerund is a clause of its own."""
    token = tokens[index]
    while token.head != token.i:
        if token.pos in _VERBAL and token.dep not in _INNER:
            break
        if (
            token.pos in _VERBAL
            and token.dep == "pcomp"
            and (tokens[token.head].lower in _ADJUNCTS)
        ):
            break
        token = tokens[token.head]
    return token.i


def depth_of(tokens: Sequence[Token], index: int) -> int:
    """Steps to the root."""
    depth = 0
    token = tokens[index]
    while token.head != token.i and depth < len(tokens):
        depth += 1
        token = tokens[token.head]
    return depth
