"""Comparison: ``misleading-comparison``."""

from __future__ import annotations

from claimcheck.claims import CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, bearing, span_of
from claimcheck.issues.rules.frames import denied, health_matter

__all__ = ["misleading_comparison"]

_NOT_HEALTH = frozenset(
    [
        "cost",
        "price",
        "pricey",
        "cheap",
        "cheaper",
        "expensive",
        "money",
        "size",
        "taste",
        "popular",
    ]
)


def misleading_comparison(context: Context) -> Candidate | None:
    """Superiority, equivalence or superlative without a head-to-head result."""
    sentence = context.sentence
    if sentence.question or not health_matter(sentence):
        return None
    support = sentence.support
    if (
        support.design is not None
        and support.design <= 3
        and (support.participants or support.comparator)
    ) or (support.absolute and support.comparator):
        return None
    if {token.lemma for token in sentence.tokens} & _NOT_HEALTH:
        return None
    for index, cue in bearing(sentence, "comparison"):
        claim = sentence.claims[index] if index is not None else None
        if denied(sentence, cue):
            continue
        if claim is not None and (
            claim.scope.stance in ("questioned", "conditional", "debunked")
            or claim.hedge == "adequate"
        ):
            continue
        return Candidate(
            "misleading-comparison", index, span_of([cue]), variant=_variant(context, cue)
        )
    return None


def _variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if "nature" in words or "natural" in words:
        return "natural-version"
    if of_class(context.sentence.cues, "minimiser", "harm-term") and any(
        mark in words for mark in ("than", "as bad", "compared")
    ):
        return "worse-comparator"
    if any(
        mark in words
        for mark in ("as ", "just as", "equal", "same", "comparable", "rival", "match", "similar")
    ):
        return "equal"
    if any(
        mark in words
        for mark in (
            "most",
            "best",
            "only",
            "number one",
            "unrivalled",
            "unbeatable",
            "safest",
            "first",
        )
    ):
        return "superlative"
    return "better"
