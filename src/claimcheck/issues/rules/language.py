"""Language: ``hype``, ``disease-mongering``."""

from __future__ import annotations

from claimcheck.claims import CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, bearing, claim_at, span_of
from claimcheck.issues.rules.frames import body_named, denied, health_matter

__all__ = ["disease_mongering", "hype"]


def hype(context: Context) -> Candidate | None:
    """Promotional praise of a health intervention.

    Hyperbolic words always; mild ones only when amplified or stacked (the ordered
    test of Batalo and Millar, EACL 2026, as the scheme adopts it).
    """
    sentence = context.sentence
    if sentence.question or not health_matter(sentence):
        return None
    strong = [cue for _, cue in bearing(sentence, "hype-hyperbolic") if not denied(sentence, cue)]
    mild = [cue for _, cue in bearing(sentence, "hype-mild") if not denied(sentence, cue)]
    if strong:
        found = [*strong, *mild]
        variant = "stacked" if len(found) > 1 else "hyperbolic"
    elif len(mild) > 1 or (mild and _amplified(context, mild[0])):
        found = mild
        variant = "stacked" if len(mild) > 1 else "mild"
    else:
        return None
    return Candidate(
        "hype",
        claim_at(sentence.claims, found[0].start, found[0].end),
        span_of(found),
        variant=variant,
    )


def _amplified(context: Context, cue: CueHit) -> bool:
    return any(
        other.last in (cue.first, cue.first - 1)
        for other in of_class(context.sentence.cues, "booster-degree")
    )


def disease_mongering(context: Context) -> Candidate | None:
    """A normal state or contested label told as disease, or prevalence inflated."""
    sentence = context.sentence
    if body_named(sentence) and sentence.support.any_number:
        return None
    for index, cue in bearing(sentence, "disease-mongering"):
        if denied(sentence, cue) or (sentence.question and not sentence.claims):
            continue
        return Candidate("disease-mongering", index, span_of([cue]), variant=_variant(context, cue))
    return None


def _variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if any(
        mark in words
        for mark in (
            "adrenal",
            "leaky",
            "candida",
            "toxin",
            "imbalance",
            "parasite",
            "sluggish",
            "chronic lyme",
        )
    ):
        return "contested"
    if any(
        mark in words
        for mark in (
            "one in",
            "epidemic",
            "million",
            "most of us",
            "undiagnosed",
            "% of",
            "majority",
        )
    ):
        return "prevalence"
    if any(mark in words for mark in ("could mean", "sign", "symptom", "if you")):
        return "self-test"
    return (
        "normal"
        if any(mark in words for mark in ("normal", "everyday", "tired", "forget", "age"))
        else "default"
    )
