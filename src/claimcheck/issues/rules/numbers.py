"""Numbers: ``relative-risk``, ``unquantified``."""

from __future__ import annotations

from claimcheck.claims import CueHit
from claimcheck.issues.candidates import Candidate, Context, bearing, live, span_of
from claimcheck.issues.rules.frames import denied, health_matter, left_open, topical
from claimcheck.issues.wording import hits

__all__ = ["relative_risk", "unquantified"]

_GETTING = frozenset(
    """respond recover improve benefit resume return experience feel notice relapse survive heal
    sleep achieve regain lose""".split()
)
_WHO = ("people who", "those who", "patients who", "women who", "men who", "anyone who")
_NOT_RISK = frozenset(
    """sugar salt price cost sale discount waiting queue income profit market share clinic
    protein flour juice cocoa staff budget""".split()
)


def relative_risk(context: Context) -> Candidate | None:
    """A relative change in a risk with no baseline in the sentence or the next two."""
    sentence = context.sentence
    if sentence.question or context.support(0, 2).absolute:
        return None
    if {token.lemma for token in sentence.tokens} & _NOT_RISK:
        return None
    for index, cue in bearing(sentence, "relative-risk"):
        if denied(sentence, cue) or left_open(sentence, index):
            continue
        if index is None and not health_matter(sentence):
            continue
        return Candidate(
            "relative-risk",
            index,
            span_of([cue]),
            variant=_relative_variant(context, cue),
            missing="baseline",
        )
    return None


def _relative_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if any(mark in words for mark in ("odds", "ratio")):
        return "odds"
    if any(mark in words for mark in ("doubl", "tripl", "times", "fold", "twice", "quadruple")):
        return "multiple"
    if any(mark in words for mark in ("half", "halv", "third", "quarter", "fifth")):
        return "fraction"
    return "percent" if any(mark in words for mark in ("%", "per cent", "percent")) else "default"


def unquantified(context: Context) -> Candidate | None:
    """A vague size or frequency carries a health claim, no number in reach.

    The number that counts is one of the effect; how many took part is none.
    """
    sentence = context.sentence
    if sentence.question or not topical(context) or _sized(context):
        return None
    found: list[CueHit] = []
    place: int | None = None
    for index, cue in bearing(sentence, "magnitude-vague", "quantity-vague"):
        if (
            not live(sentence, index)
            or denied(sentence, cue)
            or not _of_effect(context, index, cue)
        ):
            continue
        place = index if not found else place
        found.append(cue)
    if not found:
        return None
    found.sort(key=lambda cue: cue.cue_class != "magnitude-vague")
    return Candidate(
        "unquantified",
        place,
        span_of(found[:2]),
        variant=_size_variant(context, found[0]),
        missing="number",
    )


def _sized(context: Context) -> bool:
    own = context.sentence.support
    return context.support(0, 1).absolute or own.percent or own.interval


def _of_effect(context: Context, index: int | None, cue: CueHit) -> bool:
    """The size word measures an effect on people, not a clinic's hours or a harm told plainly."""
    sentence = context.sentence
    if index is None:
        if cue.cue_class == "magnitude-vague":
            return health_matter(sentence) or _of_results(context, cue)
        after = sentence.tokens[cue.last - 1 : cue.last + 6]
        return any(token.lemma in _GETTING and token.pos == "VERB" for token in after)
    claim = sentence.claims[index]
    if sentence.words(cue.first, cue.last).lower().startswith(_WHO):
        return False
    if claim.kind in ("status", "condition", "advice"):
        return cue.cue_class == "magnitude-vague" and claim.kind == "status" and claim.level >= 5
    if claim.kind == "safety" and claim.polarity == "-":
        return cue.cue_class == "quantity-vague" and claim.level >= 5 and _counts_people(cue)
    if cue.cue_class == "quantity-vague":
        return claim.level >= 4 and (
            claim.slots.outcome is not None
            or bool(hits(sentence, "magnitude-vague", "causal", "cure", "anecdote"))
        )
    return True


def _of_results(context: Context, cue: CueHit) -> bool:
    words = context.sentence.tokens[max(0, cue.first - 4) : cue.last + 2]
    return any(
        token.lemma
        in ("result", "effect", "outcome", "improvement", "difference", "response", "impact")
        for token in words
    )


def _counts_people(cue: CueHit) -> bool:
    return "number" in cue.id or "majority" in cue.id or "large" in cue.id


def _size_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if cue.cue_class == "quantity-vague":
        return "people"
    if "effective" in words or "success" in words or "rate" in words:
        return "effective"
    if "significant" in words:
        return "significant"
    if any(
        mark in words
        for mark in (
            "fast", "quick", "rapid", "last", "instant", "immediate", "soon", "swift", "speed",
            "within", "minutes", "hours",
        )
    ):  # fmt: skip
        return "speed"
    return "magnitude"
