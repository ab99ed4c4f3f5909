"""Advice and omission: ``strong-advice``, ``missing-caveat``."""

from __future__ import annotations

from claimcheck.claims import Analysis, ClaimDraft, CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, asserted, bearing, span_of
from claimcheck.issues.rules.frames import body_named, denied, gap_stated, health_matter, protective

__all__ = ["missing_caveat", "strong_advice"]

_STOP = (
    "ditch",
    "stop",
    "skip",
    "instead",
    "replace",
    "quit",
    "throw",
    "give up",
    "without your",
    "no need",
)
_GENERIC = frozenset(
    [
        "treatment",
        "therapy",
        "medicine",
        "drug",
        "supplement",
        "remedy",
        "product",
        "tablet",
        "pill",
        "diet",
        "food",
        "patient",
        "people",
        "it",
        "they",
        "this",
        "that",
        "these",
        "those",
        "effect",
        "result",
        "study",
        "trial",
        "dose",
        "use",
    ]
)


def strong_advice(context: Context) -> Candidate | None:
    """An instruction to start, stop, replace or dose, with nobody competent behind it."""
    sentence = context.sentence
    if sentence.question or protective(sentence) or body_named(sentence):
        return None
    for index, cue in bearing(sentence, "advice"):
        words = sentence.words(cue.first, cue.last).lower()
        stops = any(mark in words for mark in _STOP)
        if denied(sentence, cue) or not (stops or health_matter(sentence)):
            continue
        if any(
            token.lemma in ("guideline", "doctor", "pharmacist", "label")
            for token in sentence.tokens
        ):
            continue
        return Candidate(
            "strong-advice", index, span_of([cue]), variant=_advice_variant(sentence, words, stops)
        )
    return None


def _advice_variant(sentence: Analysis, words: str, stops: bool) -> str:
    if stops:
        return "stop-care"
    if any(token.number for token in sentence.tokens) and any(
        token.lower
        in (
            "mg",
            "g",
            "units",
            "iu",
            "mcg",
            "drops",
            "tablets",
            "capsules",
            "cups",
            "ml",
            "grams",
            "milligrams",
        )
        for token in sentence.tokens
    ):
        return "dose"
    if any(mark in words for mark in ("everyone", "everybody", "every", "all ")):
        return "everyone"
    return "should" if any(mark in words for mark in ("should", "must", "need")) else "default"


def missing_caveat(context: Context) -> Candidate | None:
    """A limit that the article states elsewhere is missing beside the claim.

    Never assigned from the sentence's wording: another sentence of the same article,
    outside the window of support, must state the limit about the same agent.
    """
    sentence = context.sentence
    if sentence.question or gap_stated(sentence, context.at(1), context.at(-1)):
        return None
    for index, claim in enumerate(sentence.claims):
        if (
            not asserted(claim)
            or claim.kind not in ("efficacy", "comparison", "advice")
            or claim.level < 5
        ):
            continue
        if claim.hedge == "adequate" or claim.slots.relation is None:
            continue
        limit = _limit_elsewhere(context, claim)
        if limit is None:
            continue
        cue, variant = limit
        return Candidate(
            "missing-caveat",
            index,
            (claim.slots.relation, (cue.start, cue.end)),
            variant=variant,
            missing="caveat",
        )
    return None


def _limit_elsewhere(context: Context, claim: ClaimDraft) -> tuple[CueHit, str] | None:
    wanted = _topic(context.sentence, claim)
    alone = len({one.block for one in context.analyses}) <= 1
    for place, other in enumerate(context.analyses):
        if abs(place - context.index) < 2 or other.heading or other.question:
            continue
        cues = of_class(other.cues, "caveat", "hedge-limitation")
        if not cues:
            continue
        words = {token.lemma for token in other.tokens}
        same = bool(words & wanted) or (
            # A pronoun continues the topic within a paragraph.
            (alone or other.block == context.sentence.block)
            and bool(
                {token.lower for token in other.tokens[:6]}
                & {"it", "they", "them", "those", "the", "this"}
            )
        )
        if same:
            return cues[0], _caveat_variant(cues[0])
    return None


def _topic(sentence: Analysis, claim: ClaimDraft) -> set[str]:
    span = claim.slots.agent
    if span is None:
        return set()
    words = {
        token.lemma
        for token in sentence.tokens
        if span[0] <= token.start < span[1] and token.pos in ("NOUN", "PROPN")
    }
    return words - _GENERIC


def _caveat_variant(cue: CueHit) -> str:
    slug = cue.id
    for variant, marks in (
        ("approval", ("approv", "licen", "label")),
        ("interaction", ("interact",)),
        ("duration", ("short", "wear", "last", "temporar", "duration", "weeks", "fade")),
        ("supervision", ("supervis", "doctor", "specialist", "monitor", "prescri")),
        ("avoid", ("avoid", "should-not", "not-for", "pregnan", "contra")),
        ("population", ("only", "deficien", "people-with", "population")),
        ("evidence", ("evidence", "trial", "research", "study", "small", "proven")),
    ):
        if any(mark in slug for mark in marks):
            return variant
    return "default"
