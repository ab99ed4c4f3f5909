"""Seats: which predicates of a sentence make a claim, and how far each claim reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.slots import agent_of, noun_phrase, outcome_of
from claimcheck.claims.support import Support
from claimcheck.claims.tokens import Token, children, root_of, subtree, word_set
from claimcheck.claims.tree import chain_of, clause_of, depth_of, in_own_subject
from claimcheck.claims.verbs import EFFECT_VERBS, REPORTING

__all__ = ["JUDGING", "RELATIONS", "SAFETY", "Seat", "claim_ranges", "seats_of"]

RELATIONS = ("causal", "cure", "ability", "correlational", "no-relation")
SAFETY = ("denied-harm", "minimiser", "harm-term")
JUDGING = (
    "comparison", "net-benefit", "relative-risk", "weight-loss-impossible", "natural-appeal",
    "anecdote", "disease-mongering", "magnitude-vague", "evidential-vague", "hype-hyperbolic",
    "authority", "advice",
)  # fmt: skip
_ABOUT = (
    "cure", "harm-term", "denied-harm", "minimiser", "surrogate", "net-benefit",
    "weight-loss-impossible", "disease-mongering", "natural-appeal", "comparison", "anecdote",
    "causal", "relative-risk", "hype-hyperbolic", "authority",
)  # fmt: skip
_VERBAL = frozenset({"VERB", "AUX"})
_GOOD = word_set(
    """good great excellent helpful useful effective brilliant ideal beneficial bad harmful
    wonderful best terrible fantastic perfect efficacious"""
)
_GRANTING = frozenset(
    {"approve", "license", "licence", "authorise", "authorize", "prescribe", "use"}
)
_HAVING = frozenset({"have", "affect", "suffer", "live", "get", "develop", "experience", "face"})


class Seat(NamedTuple):
    """Where a claim sits. ``rank`` 0 is a relation cue, 3 a verb of effect without a cue."""

    clause: int
    predicate: int
    rank: int
    level: int | None = None


def seats_of(
    tokens: Sequence[Token],
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    support: Support,
) -> tuple[Seat, ...]:
    """One seat for each clause that makes a claim, in text order. Pure.

    The deepest relation of a clause carries it ("has been shown to *reduce*"); a
    reporting frame gives way to the claim that it takes (section 2.2, tie-break 1).
    """
    if not any(m.kind != "population" for m in mentions) and not of_class(cues, *_ABOUT):
        return ()
    chosen: dict[int, tuple[int, int, Seat]] = {}
    for cue in cues:
        rank = _rank(cue)
        if rank is None:
            continue
        predicate = predicate_in(tokens, cue)
        clause = clause_of(tokens, predicate)
        depth = depth_of(tokens, predicate)
        known = chosen.get(clause)
        if known is None or (rank, -depth) < known[:2]:
            chosen[clause] = (rank, -depth, Seat(clause, predicate, rank))
    for seat in _uncued(tokens, mentions):
        if seat.clause not in chosen or chosen[seat.clause][0] >= 2:
            chosen[seat.clause] = (3, 0, seat)
    seats = [seat for _, _, seat in chosen.values()]
    if not seats:
        seats = _plain_facts(tokens, cues, mentions, support)
    return tuple(sorted(_without_frames(tokens, seats)))


def _rank(cue: CueHit) -> int | None:
    if cue.cue_class in RELATIONS:
        return 0
    if cue.cue_class in SAFETY:
        return 1
    return 2 if cue.cue_class in JUDGING else None


def predicate_in(tokens: Sequence[Token], cue: CueHit) -> int:
    """The verb that a cue bears on: the deepest complement in it, or the verb above it."""
    first = tokens[cue.first]
    if cue.cue_class == "ability" and first.dep in ("aux", "auxpass"):
        return first.head  # "can harm": the modal only sets the level
    anchor = tokens[cue.anchor]
    if cue.cue_class in RELATIONS and anchor.pos in _VERBAL and anchor.dep != "prep":
        return _down_complements(tokens, anchor.i, cue)
    # "game-changing infusion": a participle before its noun is part of the name of what
    # is praised; the claim sits on the verb above.
    while (
        anchor.pos not in _VERBAL or anchor.dep in ("prep", "amod", "compound")
    ) and anchor.head != anchor.i:
        anchor = tokens[anchor.head]
    if anchor.dep in ("aux", "auxpass"):
        anchor = tokens[anchor.head]
    return _above_participle(tokens, anchor.i)


def _down_complements(tokens: Sequence[Token], index: int, cue: CueHit) -> int:
    """From "has been shown" to "reduce", but not into a clause about somebody else."""
    if tokens[index].dep in ("aux", "auxpass"):
        index = tokens[index].head
    for _ in range(6):
        inner = [
            child.i
            for child in children(tokens, index)
            if child.dep in ("xcomp", "ccomp", "advcl")
            and cue.first <= child.i < cue.last
            and child.pos in _VERBAL
            and not in_own_subject(tokens, child.i)
        ]
        if not inner:
            break
        index = inner[-1]
    return _above_participle(tokens, index)


def _above_participle(tokens: Sequence[Token], index: int) -> int:
    """ "fluid lost through diarrhoea": a participle after its noun leaves the claim to the verb."""
    token = tokens[index]
    if token.dep != "acl" or token.tag != "VBN":
        return index
    above = token
    while above.head != above.i:
        above = tokens[above.head]
        if above.pos in _VERBAL:
            return above.i if above.lemma in EFFECT_VERBS else index
    return index


def _uncued(tokens: Sequence[Token], mentions: Sequence[Mention]) -> list[Seat]:
    """Verbs of effect between an intervention and a health matter that no cue knows."""
    kinds = {index: m.kind for m in mentions for index in range(m.first, m.last)}
    if not set(kinds.values()) - {"population"}:
        return []
    found = []
    for token in tokens:
        if token.pos not in _VERBAL or token.dep in ("aux", "auxpass", "amod", "compound"):
            continue
        level = _effect_level(tokens, token)
        if level is None:
            continue
        agent, outcome = agent_of(tokens, token.i), outcome_of(tokens, token.i)
        if outcome is None:
            continue
        acts = _kinds_in(tokens, agent, kinds)
        if agent is not None and tokens[agent].lower in ("it", "they", "this", "these"):
            acts |= {kind for index, kind in kinds.items() if index < agent}
        hit = _kinds_in(tokens, outcome, kinds)
        if acts & {"intervention", "condition"} or hit & {"condition", "outcome"}:
            found.append(Seat(clause_of(tokens, token.i), token.i, 3, level))
    return found


def _effect_level(tokens: Sequence[Token], token: Token) -> int | None:
    if token.lemma in EFFECT_VERBS:
        return 6
    if token.lemma not in ("be", "seem", "look", "work", "prove"):
        return None
    praised = any(
        child.dep in ("acomp", "attr")
        and child.lemma in _GOOD
        and any(word.lower in ("for", "at", "against") for word in children(tokens, child.i))
        for child in children(tokens, token.i)
    )
    return 5 if praised else None


def _kinds_in(tokens: Sequence[Token], head: int | None, kinds: Mapping[int, str]) -> set[str]:
    if head is None:
        return set()
    span = range(*noun_phrase(tokens, head))
    return {kinds[index] for index in span if index in kinds}


def _plain_facts(
    tokens: Sequence[Token],
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    support: Support,
) -> list[Seat]:
    """Claims without any cue: prevalence (COND), standing (STATUS), counted results."""
    root = root_of(tokens)
    kinds = {mention.kind for mention in mentions}
    if root is None or root.pos not in _VERBAL:
        return []
    if "intervention" in kinds and support.n_of_n and support.comparator:
        return [Seat(root.i, root.i, 4, 6)]
    if "condition" not in kinds:
        return []
    counted = any(token.number or token.lower == "%" for token in tokens[: root.i + 6])
    if root.lemma in _HAVING and (counted or of_class(cues, "quantity-vague")):
        return [Seat(root.i, root.i, 4, 0)]
    passive = any(child.dep == "auxpass" for child in children(tokens, root.i))
    if root.lemma in _GRANTING and passive and "intervention" in kinds:
        return [Seat(root.i, root.i, 4, 0)]
    return []


def _without_frames(tokens: Sequence[Token], seats: Sequence[Seat]) -> list[Seat]:
    """Drop the seats of frames ("experts say", "there is no evidence that") of other seats."""
    framed: set[int] = set()
    for seat in seats:
        if tokens[seat.predicate].dep not in ("conj", "csubj"):
            framed.update(chain_of(tokens, seat.predicate)[1:])
    kept = []
    for seat in seats:
        lemma = tokens[seat.predicate].lemma
        if tokens[seat.predicate].dep == "csubj" and seat.rank >= 2 and len(seats) > 1:
            continue  # "Drinking water flushes": the gerund is the agent of the claim
        weak = seat.rank in (2, 4) or lemma in REPORTING or lemma == "be"
        if not (seat.predicate in framed and weak):
            kept.append(seat)
    return kept or list(seats)


def claim_ranges(tokens: Sequence[Token], clauses: Sequence[int]) -> list[tuple[int, int]]:
    """Token ranges of the claims: the whole sentence for one, else each clause in turn.

    Words that belong to no clause (a frame, a leading adverbial) go with the claim
    that follows them, the rest of the sentence with the last.
    """
    if len(clauses) == 1:
        return [_trimmed(tokens, 0, len(tokens))]
    runs = sorted((_run(tokens, clause, clauses), clause) for clause in clauses)
    spans: dict[int, tuple[int, int]] = {}
    begin = 0
    for place, ((first, last), clause) in enumerate(runs):
        begin = min(begin, first)
        end = len(tokens) if place == len(runs) - 1 else min(last, runs[place + 1][0][0])
        spans[clause] = _trimmed(tokens, begin, max(end, begin + 1))
        begin = max(end, begin + 1)
    return [spans[clause] for clause in clauses]


def _run(tokens: Sequence[Token], clause: int, clauses: Collection[int]) -> tuple[int, int]:
    """The run of words around a clause's verb; another claim's clause cuts it."""
    mine = {token.i for token in subtree(tokens, clause)}
    for other in clauses:
        if other != clause and other in mine:
            mine -= {token.i for token in subtree(tokens, other)}
    first = last = clause
    while first - 1 in mine:
        first -= 1
    while last + 1 in mine:
        last += 1
    return first, last + 1


def _trimmed(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    while first < last - 1 and tokens[first].pos in ("PUNCT", "SPACE", "CCONJ"):
        first += 1
    while last - 1 > first and tokens[last - 1].pos in ("PUNCT", "SPACE", "CCONJ"):
        last -= 1
    return first, last
