"""From a parsed sentence to its claims: kind, polarity, strength, scope and slots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.scope import Scope, governs, is_question, scope_of
from claimcheck.claims.slots import agent_of, outcome_of, slots_of
from claimcheck.claims.support import Support
from claimcheck.claims.tokens import Token, children, subtree
from claimcheck.records import ClaimKind, Hedge, Polarity, Slots, Strength

__all__ = ["ClaimDraft", "claims_of", "is_imperative", "strength_name"]

_RELATIONS = ("causal", "cure", "ability", "correlational", "no-relation")
_SAFETY = ("denied-harm", "minimiser", "harm-term")
_JUDGING = (
    "comparison",
    "net-benefit",
    "relative-risk",
    "weight-loss-impossible",
    "natural-appeal",
    "anecdote",
    "disease-mongering",
    "magnitude-vague",
    "evidential-vague",
    "hype-hyperbolic",
    "authority",
    "advice",
)
_VERBAL = frozenset({"VERB", "AUX"})
_DOWN = frozenset(
    [
        "reduce",
        "lower",
        "cut",
        "slash",
        "decrease",
        "relieve",
        "alleviate",
        "ease",
        "soothe",
        "stop",
        "block",
        "inhibit",
        "suppress",
        "prevent",
        "cure",
        "treat",
        "heal",
        "reverse",
        "eliminate",
        "eradicate",
        "fight",
        "combat",
        "kill",
        "shrink",
        "clear",
        "calm",
        "halve",
        "banish",
        "beat",
        "minimise",
        "minimize",
        "diminish",
        "curb",
        "tame",
        "erase",
        "fade",
        "settle",
        "slow",
        "delay",
        "control",
        "manage",
        "lessen",
        "ward",
        "avert",
        "quell",
        "vanish",
        "disappear",
        "fall",
        "drop",
        "shed",
        "lose",
        "burn",
        "melt",
    ]
)
_UP = frozenset(
    [
        "increase",
        "raise",
        "boost",
        "improve",
        "enhance",
        "strengthen",
        "restore",
        "repair",
        "rebuild",
        "regenerate",
        "protect",
        "promote",
        "support",
        "speed",
        "stimulate",
        "activate",
        "balance",
        "regulate",
        "sharpen",
        "lift",
        "extend",
        "lengthen",
        "help",
        "benefit",
        "aid",
        "gain",
        "build",
        "brighten",
        "energise",
        "energize",
        "deepen",
        "double",
        "triple",
    ]
)
_HARMFUL = frozenset(
    [
        "cause",
        "damage",
        "harm",
        "destroy",
        "worsen",
        "ruin",
        "trigger",
        "weaken",
        "impair",
        "poison",
        "disrupt",
        "kill",
        "age",
        "aggravate",
        "erode",
        "deplete",
    ]
)
_CONDITION_SUBJECTS = ("condition",)


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """A claim before it has been judged.

    ``predicate`` is the token that carries the relation, ``level`` the strength 0–6
    of the InSciOut scale that its wording has (4 when hedged in scope).
    """

    start: int
    end: int
    predicate: int
    kind: ClaimKind
    polarity: Polarity
    level: int
    hedge: Hedge
    scope: Scope
    slots: Slots
    cues: tuple[tuple[CueHit, bool], ...]

    @property
    def strength(self) -> Strength:
        """The four-class collapse of ``level``."""
        return strength_name(self.level)


def strength_name(level: int) -> Strength:
    """{0, 1} none, {2, 3} correlational, {4} conditional, {5, 6} direct (Yu 2019)."""
    if level <= 1:
        return "none"
    if level <= 3:
        return "correlational"
    return "conditional" if level == 4 else "direct"


def is_imperative(tokens: Sequence[Token]) -> bool:
    """Whether the sentence tells the reader to do something."""
    root = next((token for token in tokens if token.head == token.i), None)
    if root is None or root.tag not in ("VB", "VBP"):
        return False
    return not any(
        child.dep in ("nsubj", "nsubjpass", "csubj", "expl")
        or (child.dep == "aux" and child.lower != "do")
        for child in children(tokens, root.i)
    )


def claims_of(
    tokens: Sequence[Token],
    *,
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    support: Support,
) -> tuple[ClaimDraft, ...]:
    """The claims of one sentence in text order, one a clause. Pure.

    A clause makes a claim when a relation, safety or judging cue meets a health
    matter in it: an intervention, condition, outcome, harm or body process.
    """
    if not tokens or not _about_health(cues, mentions):
        return ()
    seats = _seats(tokens, cues, mentions)
    ranges = _clause_ranges(tokens, [clause for clause, _, _ in seats])
    return tuple(
        _draft(tokens, predicate, relation, span, cues=cues, mentions=mentions, support=support)
        for (_, predicate, relation), span in zip(seats, ranges, strict=True)
    )


def _about_health(cues: Sequence[CueHit], mentions: Sequence[Mention]) -> bool:
    return bool(
        any(mention.kind != "population" for mention in mentions)
        or of_class(
            cues,
            "cure",
            "harm-term",
            "denied-harm",
            "minimiser",
            "surrogate",
            "net-benefit",
            "weight-loss-impossible",
            "disease-mongering",
            "natural-appeal",
            "comparison",
            "anecdote",
            "causal",
            "relative-risk",
            "hype-hyperbolic",
            "authority",
        )
    )


def _seats(
    tokens: Sequence[Token], cues: Sequence[CueHit], mentions: Sequence[Mention]
) -> list[tuple[int, int, tuple[int, int]]]:
    """``(clause, predicate, relation range)`` for each clause that makes a claim."""
    chosen: dict[int, tuple[int, int, int, tuple[int, int]]] = {}
    for cue in cues:
        rank = _rank(cue)
        if rank is None:
            continue
        predicate = _predicate_in(tokens, cue)
        clause = _clause_of(tokens, predicate)
        relation = (cue.first, cue.last) if rank == 0 else (predicate, predicate + 1)
        known = chosen.get(clause)
        depth = _depth(tokens, predicate)
        if known is None or (rank, -depth) < (known[0], -known[1]):
            chosen[clause] = (rank, depth, predicate, relation)
    if not chosen and any(mention.kind != "population" for mention in mentions):
        root = next((token for token in tokens if token.head == token.i), None)
        if root is not None and root.pos in _VERBAL and _gives_effect(tokens, root.i, mentions):
            chosen[root.i] = (3, 0, root.i, (root.i, root.i + 1))
    return [(clause, seat[2], seat[3]) for clause, seat in sorted(chosen.items())]


def _gives_effect(tokens: Sequence[Token], root: int, mentions: Sequence[Mention]) -> bool:
    """A lexical verb between an intervention and a condition or outcome."""
    kinds = {mention.kind for mention in mentions}
    return bool(
        tokens[root].lemma not in ("be", "have", "do")
        and "intervention" in kinds
        and kinds & {"condition", "outcome"}
    )


def _rank(cue: CueHit) -> int | None:
    if cue.cue_class in _RELATIONS:
        return 0
    if cue.cue_class in _SAFETY:
        return 1
    return 2 if cue.cue_class in _JUDGING else None


def _predicate_in(tokens: Sequence[Token], cue: CueHit) -> int:
    words = tokens[cue.first : cue.last]
    first = words[0]
    if cue.cue_class == "ability" and first.dep in ("aux", "auxpass"):
        return first.head  # "can harm": the modal only sets the level
    if cue.cue_class in _RELATIONS:
        verbs = [
            word for word in words if word.pos in _VERBAL and word.dep not in ("aux", "auxpass")
        ]
        if verbs:
            return verbs[-1].i
    anchor = tokens[cue.anchor]
    while anchor.pos not in _VERBAL and anchor.head != anchor.i:
        anchor = tokens[anchor.head]
    return anchor.i


def _clause_of(tokens: Sequence[Token], index: int) -> int:
    token = tokens[index]
    while token.head != token.i:
        if token.pos in _VERBAL and token.dep not in (
            "xcomp",
            "aux",
            "auxpass",
            "amod",
            "pcomp",
            "acomp",
            "compound",
        ):
            break
        token = tokens[token.head]
    return token.i


def _depth(tokens: Sequence[Token], index: int) -> int:
    depth = 0
    token = tokens[index]
    while token.head != token.i:
        depth += 1
        token = tokens[token.head]
    return depth


def _clause_ranges(tokens: Sequence[Token], clauses: Sequence[int]) -> list[tuple[int, int]]:
    """Text spans of clauses: the whole sentence for one claim, else each without the others."""
    if len(clauses) == 1:
        return [_trimmed(tokens, range(len(tokens)))]
    owned = {clause: {token.i for token in subtree(tokens, clause)} for clause in clauses}
    spans = []
    for clause in clauses:
        mine = set(owned[clause])
        for other in clauses:
            if other != clause and other in owned[clause]:
                mine -= owned[other]
        first = last = clause
        # Only the run of words around the clause's verb: an inner clause cuts it.
        while first - 1 in mine:
            first -= 1
        while last + 1 in mine:
            last += 1
        spans.append(_trimmed(tokens, range(first, last + 1)))
    return spans


def _trimmed(tokens: Sequence[Token], span: range) -> tuple[int, int]:
    first, last = span.start, span.stop - 1
    while first < last and (tokens[first].pos in ("PUNCT", "SPACE", "CCONJ")):
        first += 1
    while last > first and tokens[last].pos in ("PUNCT", "SPACE", "CCONJ"):
        last -= 1
    return tokens[first].start, tokens[last].end


def _draft(
    tokens: Sequence[Token],
    predicate: int,
    relation: tuple[int, int],
    span: tuple[int, int],
    *,
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    support: Support,
) -> ClaimDraft:
    inside = tuple(cue for cue in cues if cue.start < span[1] and span[0] < cue.end)
    here = tuple(
        m for m in mentions if tokens[m.first].start < span[1] and span[0] < tokens[m.last - 1].end
    )
    scope = scope_of(tokens, cues, predicate)
    level = _level(tokens, predicate, cues=inside, scope=scope)
    kind = _kind(tokens, predicate, cues=inside, mentions=here, level=level)
    slots = slots_of(tokens, predicate, relation=relation, cues=inside, mentions=here)
    return ClaimDraft(
        start=span[0],
        end=span[1],
        predicate=predicate,
        kind=kind,
        polarity=_polarity(tokens, predicate, cues=inside, mentions=here, scope=scope, kind=kind),
        level=level,
        hedge=_hedge(kind, level, scope, support),
        scope=scope,
        slots=slots,
        cues=tuple((cue, _bears(tokens, cue, predicate)) for cue in inside),
    )


def _bears(tokens: Sequence[Token], cue: CueHit, predicate: int) -> bool:
    if cue.cue_class.startswith("hedge") or cue.cue_class.startswith("booster"):
        return governs(tokens, cue, predicate)
    return True


def _level(tokens: Sequence[Token], predicate: int, *, cues: Iterable[CueHit], scope: Scope) -> int:
    """Strength by the scale of section 1.2, with "can" at 5 (H3) and hedges at 4."""
    cues = tuple(cues)
    if scope.stance == "questioned":
        return 0
    if scope.stance == "debunked" or scope.negated:
        return 1
    relations = [cue for cue in cues if cue.cue_class in _RELATIONS and cue.level is not None]
    here = [cue for cue in relations if cue.first <= predicate < cue.last] or relations
    levels = [cue.level for cue in here if cue.level is not None]
    correlational = [level for level in levels if level in (2, 3)]
    if correlational and not any(level >= 4 for level in levels):
        return max(correlational)
    if not levels:
        # A safety, comparison or advice wording without a relation verb is as strong
        # as its mood: plain, or hedged in scope.
        levels = [6] if of_class(cues, *_SAFETY, *_JUDGING) else [0]
    if scope.hedges and not scope.boosted and max(levels) > 4:
        return 4
    if any(cue.cue_class == "ability" for cue in cues) and max(levels) == 6:
        return 5
    return max(levels)


def _kind(
    tokens: Sequence[Token],
    predicate: int,
    *,
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    level: int,
) -> ClaimKind:
    """Section 2.2 with its tie-breaks: ADV > COMP > SAF > EFF > RISK > MECH > STATUS > COND."""
    kinds = {mention.kind for mention in mentions}
    agent = agent_of(tokens, predicate)
    agent_kinds = {m.kind for m in mentions if agent is not None and m.first <= agent < m.last}
    if of_class(cues, "advice") or (
        is_imperative(tokens) and not of_class(cues, "weight-loss-impossible")
    ):
        return "advice"
    if of_class(cues, "net-benefit"):
        return "comparison"
    if of_class(cues, "comparison") and _has_comparator(tokens):
        return "comparison"
    harms = of_class(cues, *_SAFETY)
    if harms and (of_class(cues, "denied-harm", "minimiser") or "intervention" in kinds):
        return "safety"
    if not level and not of_class(cues, *_RELATIONS):
        return "condition" if kinds == {"condition"} else "status"
    surrogates = of_class(cues, "surrogate")
    patient = kinds & {"condition", "outcome"}
    if surrogates and not patient:
        return "mechanism"
    if "intervention" in agent_kinds or (
        "intervention" in kinds and "condition" not in agent_kinds
    ):
        return "efficacy"
    if agent_kinds & {"condition"} or of_class(cues, "relative-risk", "harm-term"):
        return "risk"
    if of_class(cues, "cure", "anecdote", "weight-loss-impossible", "comparison"):
        return "efficacy"
    if patient:
        return "efficacy" if tokens[predicate].lemma in _DOWN | _UP else "risk"
    return "mechanism" if of_class(cues, "causal") else "status"


def _has_comparator(tokens: Sequence[Token]) -> bool:
    return any(
        token.lower
        in (
            "than",
            "unlike",
            "versus",
            "vs",
            "compared",
            "comparable",
            "rivals",
            "outperforms",
            "beats",
        )
        or (token.lower == "as" and token.dep in ("prep", "mark"))
        for token in tokens
    )


def _polarity(
    tokens: Sequence[Token],
    predicate: int,
    *,
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    scope: Scope,
    kind: ClaimKind,
) -> Polarity:
    if of_class(cues, "denied-harm") or scope.stance == "debunked" or scope.negated:
        return "0"
    if kind == "comparison" and of_class(cues, "net-benefit"):
        return "+"
    if kind == "safety":
        return "0" if of_class(cues, "minimiser") else "-"
    lemma = tokens[predicate].lemma
    outcome = outcome_of(tokens, predicate)
    bad = any(
        m.kind == "condition" and outcome is not None and m.first <= outcome < m.last
        for m in mentions
    ) or any(
        cue.first <= (outcome if outcome is not None else -1) < cue.last
        for cue in of_class(cues, "harm-term", "relative-risk")
    )
    if outcome is not None and tokens[outcome].lemma in ("risk", "chance", "likelihood", "odds"):
        bad = True
    if lemma in _HARMFUL:
        return "-"
    if lemma in _UP and bad and lemma in ("increase", "raise", "double", "triple", "boost"):
        return "-"
    if lemma in ("lead", "result", "contribute") and bad:
        return "-"
    return "+"


def _hedge(kind: ClaimKind, level: int, scope: Scope, support: Support) -> Hedge:
    if level in (0, 1) or scope.stance in ("questioned", "debunked", "conditional"):
        return "not-applicable"
    if kind in ("status", "condition", "advice") and not scope.hedges:
        return "not-applicable"
    if support.adequate:
        return "adequate"  # H8
    if scope.hedge == "none" and support.identifiable and support.design is not None:
        return "partial"  # H5
    return scope.hedge


def question_of(tokens: Sequence[Token]) -> bool:
    """Whether the whole sentence only asks."""
    return is_question(tokens)
