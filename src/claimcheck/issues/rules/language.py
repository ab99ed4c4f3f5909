"""Language: ``hype``, ``disease-mongering``."""

from __future__ import annotations

from claimcheck.claims import CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, bearing, claim_at, span_of
from claimcheck.issues.rules.frames import body_named, denied, health_matter, left_open, topical

__all__ = ["disease_mongering", "hype"]

_CONTESTED = (
    "adrenal", "leaky", "candida", "toxin", "imbalance", "parasite", "sluggish", "chronic lyme",
)  # fmt: skip
_PREVALENCE = (
    "one in", "epidemic", "million", "most of us", "undiagnosed", "% of", "majority", "common",
    "most people", "chances are",
)  # fmt: skip
_SELF_TEST = ("could mean", "sign", "symptom", "if you", "message", "telling", "likelihood")


def hype(context: Context) -> Candidate | None:
    """Promotional praise of a health intervention.

    Hyperbolic words always; mild ones only when amplified or stacked (the ordered
    test of Batalo and Millar, EACL 2026, as the scheme adopts it).
    """
    sentence = context.sentence
    if sentence.question:
        return None
    strong = _praising(context, "hype-hyperbolic", "praise", "novelty", "promise")
    mild = _praising(context, "hype-mild")
    if strong:
        found = [*strong, *mild]
    elif mild and (len(mild) > 1 or _amplified(context, mild[0])):
        found = mild
    else:
        return None
    # A word of praise for results needs its topic within reach, one of the hyperbolic
    # class needs it in the sentence: "a magic show" is nobody's remedy.
    if not (health_matter(sentence) or (strong and topical(context))):
        return None
    return Candidate(
        "hype",
        claim_at(sentence.claims, found[0].start, found[0].end),
        span_of(found),
        variant=_hype_variant(found),
    )


def _praising(context: Context, *classes: str) -> list[CueHit]:
    sentence = context.sentence
    return [
        cue
        for index, cue in bearing(sentence, *classes)
        if not denied(sentence, cue) and not left_open(sentence, index)
    ]


def _hype_variant(found: list[CueHit]) -> str:
    if len(span_of(found)) > 1:
        return "stacked"
    return {"hype-hyperbolic": "hyperbolic", "praise": "hyperbolic", "novelty": "novelty",
            "promise": "promise"}.get(found[0].cue_class, "mild")  # fmt: skip


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
    for variant, marks in (
        ("contested", _CONTESTED),
        ("prevalence", _PREVALENCE),
        ("self-test", _SELF_TEST),
        ("normal", ("normal", "everyday", "tired", "forget", "age")),
        ("severity", ("worse", "killer", "deadly", "silent")),
    ):
        if any(mark in words for mark in marks):
            return variant
    return "default"
