"""Inference: ``causal-overreach``, ``preclinical``, ``surrogate``, ``extrapolation``."""

from __future__ import annotations

from claimcheck.claims import CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, asserted, bearing, span_of
from claimcheck.issues.rules.frames import denied, gap_stated

__all__ = ["causal_overreach", "extrapolation", "preclinical", "surrogate"]

_EVERYONE = frozenset({"everyone", "everybody", "anyone", "anybody", "every", "all"})


def causal_overreach(context: Context) -> Candidate | None:
    """Causal wording over an observational or uncontrolled design that the text shows."""
    sentence = context.sentence
    if sentence.question or gap_stated(sentence):
        return None
    near = context.support(2, 2)
    own = of_class(sentence.cues, "design")
    if near.design is None or near.design <= 3 or not 4 <= (near.weakest or 0) <= 7:
        return None
    for index, claim in enumerate(sentence.claims):
        if (
            not asserted(claim)
            or claim.level < 5
            or claim.kind not in ("efficacy", "risk", "comparison", "mechanism")
        ):
            continue
        if claim.slots.relation is None or claim.hedge == "adequate":
            continue
        evidence = (claim.slots.relation, *span_of(own))
        return Candidate(
            "causal-overreach", index, evidence, variant=_design_variant(near.weakest, bool(own))
        )
    return None


def _design_variant(rank: int | None, own: bool) -> str:
    if rank == 7:
        return "before-after"
    if rank == 6:
        return "survey"
    return "design" if own else "observational"


def preclinical(context: Context) -> Candidate | None:
    """Animal, cell or computer work used for, or told as if about, people."""
    sentence = context.sentence
    if sentence.question:
        return None
    cues = [cue for cue in of_class(sentence.cues, "design") if cue.level == 8]
    if not cues or gap_stated(sentence, context.at(1)):
        return None
    if (sentence.support.design or 9) <= 7:
        return None  # a human study carries the claim
    claims = [index for index, claim in enumerate(sentence.claims) if asserted(claim)]
    if not claims:
        return None
    advised = bool(of_class(sentence.cues, "advice")) or sentence.imperative
    variant = "advice" if advised else ("lab" if _laboratory(context, cues[0]) else "animal")
    return Candidate("preclinical", claims[0], span_of(cues), variant=variant)


def _laboratory(context: Context, cue: CueHit) -> bool:
    words = context.sentence.words(cue.first, cue.last).lower()
    return any(
        mark in words
        for mark in (
            "cell",
            "dish",
            "vitro",
            "lab",
            "petri",
            "organoid",
            "silico",
            "tube",
            "culture",
        )
    )


def surrogate(context: Context) -> Candidate | None:
    """A marker, brain chemical or body step sold as a benefit that people would notice."""
    sentence = context.sentence
    if sentence.question or gap_stated(sentence):
        return None
    if not any(mention.kind == "intervention" for mention in sentence.mentions) and not (
        sentence.claims and of_class(sentence.cues, "causal")
    ):
        return None  # pure physiology
    for index, cue in bearing(sentence, "surrogate"):
        claim = sentence.claims[index] if index is not None else None
        if (
            claim is None
            or not asserted(claim)
            or claim.hedge == "adequate"
            or denied(sentence, cue)
        ):
            continue
        if sentence.support.absolute or claim.kind in ("status", "condition"):
            continue
        return Candidate(
            "surrogate", index, span_of([cue]), variant=_surrogate_variant(context, cue)
        )
    return None


def _surrogate_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if any(
        mark in words
        for mark in (
            "serotonin",
            "dopamine",
            "cortisol",
            "glutamate",
            "endorphin",
            "oxytocin",
            "gaba",
            "melatonin",
            "hormone",
            "nitric",
            "collagen",
        )
    ):
        return "chemical"
    if any(
        mark in words
        for mark in ("level", "marker", "cholesterol", "sugar", "crp", "pressure", "count", "score")
    ):
        claims = context.sentence.claims
        if any(claim.slots.outcome is not None for claim in claims):
            return "marker"
    return "mechanism"


def extrapolation(context: Context) -> Candidate | None:
    """The claim reaches people, doses, settings or conditions beyond those studied."""
    sentence = context.sentence
    if sentence.question or gap_stated(sentence):
        return None
    lowers = [token.lower for token in sentence.tokens]
    claims = [index for index, claim in enumerate(sentence.claims) if asserted(claim)]
    if not claims:
        return None
    listed = _many_indications(context)
    if listed is not None:
        return Candidate("extrapolation", claims[0], (listed,), variant="many-indications")
    if "so" in lowers:
        tail = sentence.tokens[lowers.index("so") + 1 :]
        for token in tail:
            if token.lower in _EVERYONE and any(
                t.lower in ("should", "must", "can", "need", "will") for t in tail
            ):
                return Candidate(
                    "extrapolation",
                    claims[-1],
                    ((token.start, tail[-2].end if len(tail) > 1 else token.end),),
                    variant="everyone",
                )
    if (
        len(lowers) > 3
        and lowers[0] == "what"
        and lowers[1] in ("works", "worked", "helps", "helped")
        and "for" in lowers
    ):
        first = sentence.tokens[0].start
        return Candidate(
            "extrapolation", claims[0], ((first, sentence.tokens[-1].end),), variant="population"
        )
    return None


def _many_indications(context: Context) -> tuple[int, int] | None:
    """Three or more conditions listed as things that one intervention works for."""
    sentence = context.sentence
    conditions = [m for m in sentence.mentions if m.kind == "condition"]
    distinct = {m.phrase for m in conditions}
    if len(distinct) < 3 or not any(
        claim.level >= 5 and claim.hedge != "adequate" and claim.kind == "efficacy"
        for claim in sentence.claims
    ):
        return None
    # Listed side by side, not met along the way.
    first, last = conditions[0], conditions[-1]
    between = sentence.tokens[first.first : last.last]
    if sum(token.lower in (",", "and", "or", "/") for token in between) < 2 or len(
        between
    ) > 8 * len(conditions):
        return None
    return sentence.tokens[first.first].start, sentence.tokens[last.last - 1].end
