"""Verb groups: the tensed words of a claim, with what must change when they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from claimcheck.claims import Token
from claimcheck.claims.tokens import children, subtree, word_set
from claimcheck.claims.tree import SUBJECTS, in_own_subject
from claimcheck.training.metamorphic.inflect import base_of, number_of

__all__ = ["CARRYING", "TENSED", "VERBAL", "Group", "coordinated", "group_at", "group_of_claim"]

CARRYING = word_set("help work act serve begin start continue aid make let keep be")
TENSED = frozenset({"VBZ", "VBP", "VBD"})
VERBAL = frozenset({"VERB", "AUX"})


class Group(NamedTuple):
    """The words that carry the tense of a claim: "also *has reduced*", "*is* effective".

    ``start`` is the first token with the adverbs that stand right before ``finite``;
    ``shared`` are coordinate verbs under the same subject and tense.
    """

    head: Token
    finite: Token
    kind: Literal["plain", "be", "have", "do", "modal"]
    start: int
    subject: Token
    shared: tuple[Token, ...]


def coordinated(tokens: Sequence[Token], head: Token) -> bool:
    """Another verb under the same subject."""
    if any(c.dep == "conj" and c.pos in VERBAL for c in children(tokens, head.i)):
        return True
    return any(True for _ in _tensed_conjuncts(tokens, head))


def group_of_claim(tokens: Sequence[Token], predicate: int) -> Group | None:
    """The tensed words above a predicate: itself, or "helps" of "helps to reduce"."""
    index = predicate
    for _ in range(5):
        group = group_at(tokens, index)
        if group is not None:
            return group
        token = tokens[index]
        head = tokens[token.head]
        if head.i == index:
            return None
        bare = token.dep == "conj" and token.pos in VERBAL and head.pos in VERBAL
        carried = token.dep in ("xcomp", "ccomp", "acomp", "oprd", "attr") and (
            head.lemma in CARRYING
        )
        inner = token.dep in ("pcomp", "prep", "xcomp") and head.pos in ("ADP", "ADJ")
        if in_own_subject(tokens, index) or not (bare or carried or inner):
            return None
        index = head.i
    return None


def group_at(tokens: Sequence[Token], index: int) -> Group | None:
    head = tokens[index]
    if head.pos not in VERBAL:
        return None
    helpers = [c for c in children(tokens, index) if c.dep in ("aux", "auxpass")]
    finite = helpers[0] if helpers else head
    kind = _kind_of(finite, main=not helpers)
    if kind == "modal" and not _infinitive_follows(tokens, finite):
        return None
    subject = next(
        (c for c in children(tokens, index) if c.dep in SUBJECTS and c.i < finite.i), None
    )
    if kind is None or subject is None or finite.i > head.i:
        return None
    start = finite.i
    while start - 1 > subject.i and _is_preverbal(tokens[start - 1], head, finite):
        start -= 1
    if not _agrees(tokens, subject, finite):
        return None
    shared = _shared(tokens, head, finite if kind == "plain" else None)
    return None if shared is None else Group(head, finite, kind, start, subject, shared)


def _kind_of(finite: Token, *, main: bool) -> Literal["plain", "be", "have", "do", "modal"] | None:
    if finite.tag == "MD":
        return "modal"
    base = base_of(finite)
    if finite.tag not in TENSED or base is None:
        return None
    if main:
        return "plain"
    return base if base in ("be", "have", "do") else None  # type: ignore[return-value]


def _agrees(tokens: Sequence[Token], subject: Token, finite: Token) -> bool:
    """Whether subject and verb fit; where they do not, the parse is wrong.

    "Slip in the brace and pain is gone" is an order, not a slip in two things.
    """
    number = number_of(tokens, subject)
    wrong = {"VBZ": "plural", "VBP": "singular"}.get(finite.tag)
    return number is None or number != wrong


def _infinitive_follows(tokens: Sequence[Token], modal: Token) -> bool:
    after = [t for t in tokens[modal.i + 1 : modal.i + 4] if t.pos not in ("ADV", "PART", "CCONJ")]
    return bool(after) and after[0].tag == "VB"


def _is_preverbal(token: Token, head: Token, finite: Token) -> bool:
    return (
        token.head in (head.i, finite.i)
        and token.dep in ("advmod", "preconj", "neg")
        and token.pos in ("ADV", "CCONJ", "PART")
    )


def _shared(tokens: Sequence[Token], head: Token, finite: Token | None) -> tuple[Token, ...] | None:
    """Coordinates that must change with a tensed verb; ``None`` where they do not match it.

    :param finite: the verb when it carries the tense itself; null under an auxiliary.
    """
    if finite is None:
        return ()
    found: list[Token] = []
    frontier = [head.i]
    while frontier:
        for child in children(tokens, frontier.pop()):
            if child.dep in ("acomp", "attr") and child.i > head.i:
                frontier.append(child.i)
            if child.dep != "conj" or child.i < head.i:
                continue
            frontier.append(child.i)
            if child.pos not in VERBAL or in_own_subject(tokens, child.i):
                continue
            if any(c.dep in ("aux", "auxpass") for c in children(tokens, child.i)):
                continue
            bare = child.tag == "VB" and finite.tag == "VBP"
            if not (bare or child.tag == finite.tag) or base_of(child) is None:
                return None
            if not _follows_conjunction(tokens, child.i):
                return None
            found.append(child)
    known = {token.i for token in found}
    return None if any(t.i not in known for t in _tensed_conjuncts(tokens, head)) else tuple(found)


def _follows_conjunction(tokens: Sequence[Token], index: int) -> bool:
    """ "and a check *is* part of it": after a noun the verb has a subject that was missed."""
    place = index - 1
    while place > 0 and tokens[place].pos == "ADV":
        place -= 1
    return tokens[place].pos in ("CCONJ", "PUNCT")


def _tensed_conjuncts(tokens: Sequence[Token], head: Token) -> Iterator[Token]:
    """Tensed verbs joined to a complement ("helps cure … and induces"), or to the head."""
    for token in subtree(tokens, head.i):
        if token.dep != "conj" or token.tag not in TENSED or in_own_subject(tokens, token.i):
            continue
        below = tokens[token.head].dep in ("relcl", "acl", "ccomp", "advcl")
        helped = any(c.dep in ("aux", "auxpass") for c in children(tokens, token.i))
        if token.i > head.i and not below and not helped and token.pos in VERBAL:
            yield token
