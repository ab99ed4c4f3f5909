"""Numbers: ``relative-risk``, ``unquantified``."""

from __future__ import annotations

from claimcheck.claims import CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, asserted, bearing, span_of
from claimcheck.issues.rules.frames import denied, health_matter

__all__ = ["relative_risk", "unquantified"]


def relative_risk(context: Context) -> Candidate | None:
    """A relative change in a risk with no baseline in the sentence or the next two."""
    sentence = context.sentence
    if sentence.question or context.support(0, 2).absolute:
        return None
    for index, cue in bearing(sentence, "relative-risk"):
        claim = sentence.claims[index] if index is not None else None
        if (
            claim is None
            or denied(sentence, cue)
            or claim.scope.stance in ("questioned", "debunked")
        ):
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
    if any(mark in words for mark in ("double", "triple", "times", "fold", "twice", "quadruple")):
        return "multiple"
    if any(mark in words for mark in ("half", "halv", "third", "quarter", "fifth")):
        return "fraction"
    return "percent" if any(mark in words for mark in ("%", "per cent", "percent")) else "default"


def unquantified(context: Context) -> Candidate | None:
    """A vague size or frequency carries a health claim, no number in reach."""
    sentence = context.sentence
    if sentence.question or context.support(0, 1).any_number or not health_matter(sentence):
        return None
    for index, cue in bearing(sentence, "magnitude-vague", "quantity-vague"):
        claim = sentence.claims[index] if index is not None else None
        if claim is None or not asserted(claim) or denied(sentence, cue):
            continue
        if claim.kind in ("status", "condition", "advice"):
            continue
        if claim.kind == "safety" and claim.polarity == "-":
            continue  # H9
        if cue.cue_class == "quantity-vague" and not _effect_on_people(context, index):
            continue
        return Candidate(
            "unquantified",
            index,
            span_of([cue]),
            variant=_size_variant(context, cue),
            missing="number",
        )
    return None


def _effect_on_people(context: Context, index: int | None) -> bool:
    sentence = context.sentence
    claim = sentence.claims[index or 0]
    return claim.slots.outcome is not None or bool(
        of_class(sentence.cues, "magnitude-vague", "causal", "cure", "anecdote")
    )


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
            "fast",
            "quick",
            "rapid",
            "last",
            "instant",
            "immediate",
            "soon",
            "swift",
            "speed",
        )
    ):
        return "speed"
    return "magnitude"
