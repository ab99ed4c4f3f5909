"""What kind of claim it is, in which direction, and how strongly it is put."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.scope import Scope
from claimcheck.claims.seats import JUDGING, RELATIONS, SAFETY, Seat
from claimcheck.claims.slots import agent_of, noun_phrase, outcome_of
from claimcheck.claims.support import Support
from claimcheck.claims.tokens import Token, children, root_of, word_set
from claimcheck.claims.tree import chain_of, clause_of
from claimcheck.claims.verbs import CAUSE, DOWN, EFFECT_VERBS, HARM, UP
from claimcheck.records import ClaimKind, Hedge, Polarity

__all__ = ["Parts", "hedge_of", "is_imperative", "kind_of", "level_of", "parts_of", "polarity_of"]

_RISK_WORDS = frozenset({"risk", "chance", "likelihood", "odds", "probability", "danger", "rate"})
_BAD = word_set(
    """pain death mortality symptom harm damage decline loss ageing aging craving toxin fat wrinkle
    stress inflammation disease illness problem infection complication relapse weakness tumour
    tumor plaque discomfort tension swelling ache soreness stiffness soreness bloating side
    effect effects deficiency injury fall burnout
    cholesterol sugar glucose pressure cortisol weight bmi crp triglyceride triglycerides ldl
    appetite hunger marker wait time duration day hour insulin histamine"""
)
_SURELY_GOOD = word_set(
    """treat cure relieve alleviate ease soothe heal help protect benefit improve enhance
    restore repair combat fight tackle calm prevent lift support strengthen clear flush cleanse
    detox detoxify settle"""
)
_LESS = word_set(
    """reduction decrease drop fall decline cut less fewer lower reduced decreased smaller lessened
    relief shorter slower protection"""
)
_MORE = word_set(
    """increase rise boost improvement higher more increased greater raised elevated better longer
    gain growth stronger"""
)
_TRIAL_ARMS = word_set(
    """placebo sham control baseline those dummy comparison waiting usual before start group
    arm"""
)
_COMPARED = word_set(
    """than unlike versus vs compared comparable rivals rival outperforms outperform beats
    equivalent superior inferior similar"""
)
_SAFETY_WORDS = frozenset(
    {
        "safe",
        "unsafe",
        "dangerous",
        "harmful",
        "toxic",
        "risky",
        "addictive",
        "harmless",
        "poisonous",
    }
)
_OBSERVING = word_set(
    """be have describe report include show find record note occur happen experience suffer get
    develop stop quit need see"""
)
_PRONOUNS = frozenset({"it", "they", "this", "these"})
_USED = frozenset({"use", "approve", "license", "prescribe", "market", "sell", "promote", "tout"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What the kind and polarity rules read of one clause."""

    seat: Seat
    cues: tuple[CueHit, ...]
    mentions: tuple[Mention, ...]
    agent: frozenset[str]
    outcome: frozenset[str]
    head: int | None

    def has(self, *classes: str) -> bool:
        """Whether the clause holds a cue of one of the classes."""
        return bool(of_class(self.cues, *classes))


def parts_of(
    tokens: Sequence[Token],
    seat: Seat,
    *,
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    here: Sequence[Mention],
) -> Parts:
    """Gather the parts of a clause.

    :param mentions: of the sentence; an agent may stand outside its coordinate.
    :param here: of the clause alone.
    """
    agent, outcome = agent_of(tokens, seat.predicate), outcome_of(tokens, seat.predicate)
    surrogates = of_class(cues, "surrogate")
    shown = tuple(m for m in mentions if not _is_marker(m, surrogates))
    acts = _kinds(tokens, agent, shown)
    if agent is not None and tokens[agent].lower in _PRONOUNS:
        acts |= frozenset(m.kind for m in shown if m.last <= agent and m.kind == "intervention")
    return Parts(
        seat,
        tuple(cues),
        tuple(m for m in here if not _is_marker(m, surrogates)),
        acts,
        _kinds(tokens, outcome, shown),
        outcome,
    )


def _is_marker(mention: Mention, surrogates: Iterable[CueHit]) -> bool:
    """An outcome or condition that is only a marker's name ("cortisol", not "high cortisol")."""
    return mention.kind in ("outcome", "condition") and any(
        cue.first <= mention.first and mention.last <= cue.last for cue in surrogates
    )


def _kinds(
    tokens: Sequence[Token], head: int | None, mentions: Iterable[Mention]
) -> frozenset[str]:
    if head is None:
        return frozenset()
    first, last = noun_phrase(tokens, head)
    return frozenset(m.kind for m in mentions if m.first < last and first < m.last)


def is_imperative(tokens: Sequence[Token]) -> bool:
    """Whether the sentence tells the reader to do something."""
    root = root_of(tokens)
    if root is None or root.tag not in ("VB", "VBP"):
        return False
    return not any(
        child.dep in ("nsubj", "nsubjpass", "csubj", "expl")
        or (child.dep == "aux" and child.lower != "do")
        for child in children(tokens, root.i)
    )


def level_of(tokens: Sequence[Token], parts: Parts, scope: Scope) -> int:
    """Strength by the scale of section 1.2, with "can" at 5 (H3) and hedges at 4."""
    if scope.stance == "questioned":
        return 0
    if scope.stance == "debunked" or scope.negated:
        return 1
    predicate = parts.seat.predicate
    relations = [c for c in of_class(parts.cues, *RELATIONS) if c.level is not None]
    here = [c for c in relations if c.first <= predicate < c.last] or relations
    levels = [c.level for c in here if c.level is not None]
    strong = [level for level in levels if level >= 4]
    if levels and not strong:
        level = max(levels)
    elif parts.seat.level is not None:
        level = parts.seat.level
    elif strong:
        level = max(strong)
    elif tokens[predicate].lemma in EFFECT_VERBS or parts.has(*SAFETY, *JUDGING):
        # A safety, comparison or advice wording without a relation verb is as strong
        # as its mood: plain, or hedged in scope.
        level = 6
    else:
        level = 0
    if level > 4 and scope.hedges:
        if scope.boosted:
            return 5
        return min([4, *(hedge.level for hedge in scope.hedges if hedge.level is not None)])
    return 5 if level == 6 and _able(tokens, parts) else level


def _able(tokens: Sequence[Token], parts: Parts) -> bool:
    """ "can relieve": the modal stands on the predicate's own chain."""
    chain = set(chain_of(tokens, parts.seat.predicate))
    return any(
        cue.anchor in chain or tokens[cue.anchor].head in chain
        for cue in of_class(parts.cues, "ability")
    )


def kind_of(tokens: Sequence[Token], parts: Parts, level: int) -> ClaimKind:
    """Section 2.2 with its tie-breaks: ADV > COMP > SAF > EFF > RISK > MECH > STATUS > COND."""
    if _advises(tokens, parts):
        return "advice"
    if parts.has("net-benefit") or (parts.has("comparison") and _has_comparator(tokens)):
        return "comparison"
    if _about_safety(tokens, parts):
        return "safety"
    if _only_status(tokens, parts, level):
        kinds = {mention.kind for mention in parts.mentions}
        return "condition" if "condition" in kinds and "intervention" not in kinds else "status"
    return _effect_kind(tokens, parts, level)


def _effect_kind(tokens: Sequence[Token], parts: Parts, level: int) -> ClaimKind:
    kinds = {mention.kind for mention in parts.mentions} | parts.agent
    patient = kinds & {"condition", "outcome"} - (parts.agent - parts.outcome)
    if parts.has("surrogate") and not patient:
        return "mechanism"
    observed = level in (2, 3) and "intervention" not in parts.outcome
    if observed and not _treated(parts):
        return "risk"
    negative = _valence(tokens, parts, parts.cues) < 0
    if "intervention" in parts.agent:
        return "safety" if negative and level > 3 else "efficacy"
    if "condition" in parts.agent and tokens[parts.seat.predicate].lemma not in (
        "treat", "cure", "heal", "relieve",
    ):  # fmt: skip
        return "risk"
    if ("intervention" in kinds and not negative) or parts.has(
        "cure", "anecdote", "weight-loss-impossible", "comparison"
    ):
        return "efficacy"
    if parts.has("relative-risk", "harm-term") or tokens[parts.seat.predicate].lemma in HARM:
        return "risk"
    if patient:
        return "risk" if negative else "efficacy"
    return "mechanism" if parts.has("causal") or parts.seat.rank == 3 else "status"


def _treated(parts: Parts) -> bool:
    """People who were given something, not people who were watched."""
    return (
        parts.has("design")
        and "intervention" in parts.agent
        and not any(cue.level in (4, 5, 6) for cue in of_class(parts.cues, "design"))
    )


def _advises(tokens: Sequence[Token], parts: Parts) -> bool:
    for cue in of_class(parts.cues, "advice"):
        # "Drinking eight glasses a day flushes toxins" promises, it does not advise.
        if tokens[clause_of(tokens, cue.anchor)].dep != "csubj":
            return True
    root = root_of(tokens)
    if root is None or not is_imperative(tokens) or parts.has("weight-loss-impossible"):
        return False
    # "Boost your immunity" promises an effect; "Take two capsules" tells what to do.
    return root.lemma not in EFFECT_VERBS and root.i in (
        parts.seat.clause, tokens[parts.seat.clause].head,
    )  # fmt: skip


def _has_comparator(tokens: Sequence[Token]) -> bool:
    """Whether something is named that the agent is compared with; a trial's arm is not."""
    for token in tokens:
        likened = token.lower == "as" and any(
            other.lower in ("as", "equally") for other in tokens[max(0, token.i - 5) : token.i]
        )
        if token.lower in _COMPARED or likened:
            after = {other.lower for other in tokens[token.i + 1 : token.i + 5]}
            return not after & _TRIAL_ARMS
    return False


def _about_safety(tokens: Sequence[Token], parts: Parts) -> bool:
    """Harm, or its absence, of something that people take or have done (tie-break 6)."""
    harms = of_class(parts.cues, "harm-term")
    if parts.has("denied-harm") or any("side" in c.id or "adverse" in c.id for c in harms):
        return True
    exposed = parts.agent & {"condition", "population", "outcome"}
    if parts.has("minimiser"):
        return not exposed or "intervention" in parts.agent
    predicate = parts.seat.predicate
    if any(c.dep == "acomp" and c.lemma in _SAFETY_WORDS for c in children(tokens, predicate)):
        return True
    if not harms:
        return False
    lemma = tokens[predicate].lemma
    kinds = {mention.kind for mention in parts.mentions} | parts.agent
    if "intervention" not in kinds:
        return False
    if lemma in HARM or lemma == "interact":
        return "intervention" in parts.agent
    if lemma in _OBSERVING and "intervention" not in parts.agent:
        # "Case reports describe liver injury in people taking it", "1 in 20 stop treatment".
        return True
    if "intervention" in parts.agent | parts.outcome:
        return _valence(tokens, parts, parts.cues) < 0
    return False


def _only_status(tokens: Sequence[Token], parts: Parts, level: int) -> bool:
    if level == 0 and not parts.has(*RELATIONS) and parts.seat.rank != 3:
        return True
    chain = chain_of(tokens, parts.seat.predicate)
    # "is used to treat" (tie-break 7), "was approved for".
    return any(
        tokens[index].lemma in _USED
        and any(child.dep == "auxpass" for child in children(tokens, index))
        for index in chain
    )


def polarity_of(
    tokens: Sequence[Token], parts: Parts, scope: Scope, *, kind: ClaimKind, level: int
) -> Polarity:
    """Direction for the agent: a disease less or a function more is +; none is 0."""
    if parts.has("denied-harm") or level == 1 or scope.negated:
        return "0"
    if kind == "comparison":
        worse = any(token.lower in ("worse", "less", "inferior", "weaker") for token in tokens)
        return "-" if worse and not parts.has("minimiser", "net-benefit") else "+"
    if kind == "safety":
        return "0" if parts.has("minimiser") else "-"
    return "+" if _valence(tokens, parts, parts.cues) >= 0 else "-"


def _valence(tokens: Sequence[Token], parts: Parts, cues: Sequence[CueHit]) -> int:
    lemma = tokens[parts.seat.predicate].lemma
    if lemma in HARM:
        return -1
    if lemma in _SURELY_GOOD:
        return 1
    bad = _bad_outcome(tokens, parts, cues)
    direction = _direction(tokens, parts)
    if direction == 0:
        linked = lemma in ("link", "associate", "tie", "connect", "have")
        unsafe = any(
            child.dep == "acomp" and child.lemma in _SAFETY_WORDS - {"safe", "harmless"}
            for child in children(tokens, parts.seat.predicate)
        )
        return -1 if unsafe or (bad and linked) else 1
    return -direction if bad else direction


def _direction(tokens: Sequence[Token], parts: Parts) -> int:
    """1 if there is more of the outcome, -1 if less, 0 if the words do not say."""
    predicate = parts.seat.predicate
    near = _near_words(tokens, parts)
    if near & _LESS:
        return -1
    lemma = tokens[predicate].lemma
    if lemma in DOWN:
        return -1
    if near & _MORE or lemma in UP or lemma in CAUSE:
        return 1
    return 0


def _near_words(tokens: Sequence[Token], parts: Parts) -> set[str]:
    """The words that say more or less: of the outcome, its modifiers, or "less likely"."""
    words = set()
    places: set[int] = set()
    if parts.head is not None:
        first, last = noun_phrase(tokens, parts.head)
        places.update(index for index in range(first, last) if tokens[index].head == parts.head)
        places.add(parts.head)
    for child in children(tokens, parts.seat.predicate):
        if child.dep == "acomp":
            places.update(word.i for word in children(tokens, child.i))
            places.add(child.i)
    for index in places:
        words.update({tokens[index].lower, tokens[index].lemma})
    return words


def _bad_outcome(tokens: Sequence[Token], parts: Parts, cues: Sequence[CueHit]) -> bool:
    if "condition" in parts.outcome:
        return True
    if parts.head is None:
        return any(mention.kind == "condition" for mention in parts.mentions)
    first, last = noun_phrase(tokens, parts.head)
    words = {token.lemma for token in tokens[first:last]} | {
        token.lower for token in tokens[first:last]
    }
    if words & (_RISK_WORDS | _BAD):
        return True
    if _harmed(first, last, of_class(cues, "harm-term")):
        return True
    below = tokens[parts.head].pos in ("VERB", "AUX")
    return below and any(mention.kind == "condition" for mention in parts.mentions)


def _harmed(first: int, last: int, cues: Collection[CueHit]) -> bool:
    return any(cue.first < last and first < cue.last for cue in cues)


def hedge_of(kind: ClaimKind, level: int, scope: Scope, support: Support) -> Hedge:
    """Rules H1, H5 and H8 on one claim."""
    if scope.stance in ("questioned", "debunked"):
        return "not-applicable"
    if scope.hedges and level != 1:
        return "adequate" if support.adequate else scope.hedge
    if level in (0, 1) or scope.stance == "conditional":
        return "not-applicable"
    if kind in ("status", "condition", "advice"):
        return "not-applicable"
    if support.adequate:
        return "adequate"  # H8
    if support.identifiable and (support.design is not None or support.participants):
        return "partial"  # H5
    return scope.hedge
