"""Source: ``vague-evidence``, ``popularity``, ``anecdote``, ``single-study``."""

from __future__ import annotations

from claimcheck.claims import CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, asserted, bearing, claim_at, span_of
from claimcheck.issues.rules.frames import (
    body_named,
    denied,
    gap_stated,
    left_open,
    source_named,
    topical,
)
from claimcheck.issues.wording import hits

__all__ = ["anecdote", "popularity", "single_study", "vague_evidence"]


def vague_evidence(context: Context) -> Candidate | None:
    """Evidence or expertise that cannot be traced."""
    sentence = context.sentence
    if sentence.question or not topical(context) or source_named(sentence):
        return None
    found = [
        cue
        for index, cue in bearing(sentence, "evidential-vague")
        if not denied(sentence, cue) and _carries(context, index)
    ]
    if not found:
        return None
    return Candidate(
        "vague-evidence",
        claim_at(sentence.claims, found[0].start, found[0].end),
        span_of(found),
        variant=_vague_variant(context, found[0]),
    )


def _carries(context: Context, index: int | None) -> bool:
    """The appeal must carry a claim that is put forward and not itself about a gap."""
    claims = context.sentence.claims
    if not claims:
        return False
    return any(asserted(claim) for claim in ([claims[index]] if index is not None else claims))


def _vague_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if any(mark in words for mark in ("proven", "tested", "backed", "validated")):
        return "proven"
    if any(mark in words for mark in ("growing", "mounting", "body of", "wealth", "more and more")):
        return "mounting"
    if any(
        mark in words
        for mark in (
            "expert",
            "doctor",
            "scientist",
            "professional",
            "specialist",
            "nutritionist",
            "researcher",
        )
    ):
        return "experts"
    if any(
        mark in words
        for mark in (
            "it is",
            "it 's",
            "it’s",
            "is known",
            "is believed",
            "is thought",
            "has been",
            "is considered",
            "are known",
        )
    ):
        return "passive"
    return (
        "studies"
        if any(
            mark in words
            for mark in ("stud", "research", "trial", "science", "evidence", "data", "test")
        )
        else "default"
    )


def popularity(context: Context) -> Candidate | None:
    """Popularity, celebrity, unnamed doctors or consensus offered as support."""
    sentence = context.sentence
    if sentence.question:
        return None
    for index, cue in bearing(sentence, "authority"):
        if denied(sentence, cue) or (body_named(sentence) and "celebr" not in cue.id):
            continue
        if not (_of_something(context) or hits(sentence, "causal", "cure", "magnitude-vague")):
            continue
        return Candidate(
            "popularity", index, span_of([cue]), variant=_authority_variant(context, cue)
        )
    return None


def _of_something(context: Context) -> bool:
    """What is praised can be taken or done: an intervention, or "it" in a health article."""
    sentence = context.sentence
    if any(mention.kind == "intervention" for mention in sentence.mentions):
        return True
    pointing = {token.lower for token in sentence.tokens[:8]} & {"it", "this", "they", "that"}
    return bool(pointing) and topical(context)


def _authority_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if any(
        mark in words
        for mark in (
            "doctor",
            "dermatolog",
            "dentist",
            "physician",
            "expert",
            "pharmacist",
            "clinician",
        )
    ):
        return "doctors"
    if any(
        mark in words
        for mark in ("celebr", "hollywood", "star", "influencer", "royal", "model", "athlete")
    ):
        return "celebrity"
    if any(
        mark in words
        for mark in ("award", "best - sell", "bestsell", "number one", "as seen", "no. 1")
    ):
        return "award"
    if any(
        mark in words
        for mark in (
            "considered",
            "regarded",
            "recognised",
            "recognized",
            "accepted",
            "hailed",
            "gold standard",
            "known",
        )
    ):
        return "consensus"
    return "popularity"


def anecdote(context: Context) -> Candidate | None:
    """One person's or users' experience offered as showing that it works or is safe."""
    sentence = context.sentence
    if sentence.question:
        return None
    for index, cue in bearing(sentence, "anecdote"):
        claim = sentence.claims[index] if index is not None else None
        if denied(sentence, cue) or left_open(sentence, index):
            continue
        if claim is not None and claim.kind == "safety" and claim.polarity == "-":
            continue  # case reports are legitimate harm signals
        if sentence.support.n_of_n and sentence.support.comparator:
            continue
        return Candidate("anecdote", index, span_of([cue]), variant=_anecdote_variant(context, cue))
    return None


def _anecdote_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if any(mark in words for mark in ("review", "testimonial", "rating", "star")):
        return "reviews"
    if "before" in words and "after" in words:
        return "before-after"
    if any(word in words.split() for word in ("i", "my", "me", "i've", "myself")):
        return "first-person"
    if hits(context.sentence, "denied-harm", "minimiser"):
        return "safety"
    return "default"


def single_study(context: Context) -> Candidate | None:
    """A conclusive verb on one small, preliminary or unpublished study, no limit stated."""
    sentence = context.sentence
    if sentence.question or _limited(context):
        return None
    if (sentence.support.design or 9) <= 2 or sentence.support.percent:
        return None
    for index, cue in bearing(sentence, "single-study", "finding"):
        if denied(sentence, cue) or not _concluded(context, index, cue):
            continue
        return Candidate(
            "single-study", index, span_of([cue]), variant=_single_variant(context, cue)
        )
    return None


def _limited(context: Context) -> bool:
    """A limitation is told; a bare count ("just 18 men") is the fault, not its confession."""
    sentence = context.sentence
    counts = of_class(sentence.cues, "single-study")
    told = [
        cue
        for cue in of_class(sentence.cues, "hedge-limitation", "caveat")
        if not any(cue.first < count.last and count.first < cue.last for count in counts)
    ]
    return bool(told) or gap_stated(context.at(1))


def _concluded(context: Context, index: int | None, cue: CueHit) -> bool:
    """The study is told as settling a claim: plain or "can", in nobody's doubt."""
    sentence = context.sentence
    claims = sentence.claims
    if cue.cue_class == "single-study":
        if not _carries(context, index):
            return False
        claim = claims[index] if index is not None else None
        return claim is None or claim.hedge != "adequate" or claim.level > 4
    return any(
        asserted(claim)
        and claim.level >= 5
        and claim.hedge != "adequate"
        and claim.kind in ("efficacy", "mechanism", "safety", "comparison")
        for claim in claims
    ) and topical(context)


def _single_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    for variant, marks in (
        ("meeting", ("conference", "meeting", "presented", "congress")),
        ("preprint", ("preprint", "pre - print")),
        ("pilot", ("pilot",)),
        ("small", ("small", "volunteers", "participants", "patients", "people")),
        ("proves", ("prove", "confirm", "show", "demonstrate", "establish", "settle")),
    ):
        if any(mark in words for mark in marks):
            return variant
    return "default"
