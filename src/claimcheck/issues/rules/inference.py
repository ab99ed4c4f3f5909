"""Inference: ``causal-overreach``, ``preclinical``, ``surrogate``, ``extrapolation``."""

from __future__ import annotations

from itertools import pairwise

from claimcheck.claims import Analysis, ClaimDraft, CueHit, of_class
from claimcheck.claims.tokens import children, subtree
from claimcheck.claims.verbs import EFFECT_VERBS, TAKING
from claimcheck.issues.candidates import Candidate, Context, asserted, bearing, live, span_of
from claimcheck.issues.rules.frames import denied, gap_stated, health_matter
from claimcheck.issues.wording import hits

__all__ = ["causal_overreach", "extrapolation", "preclinical", "surrogate"]

_SHOWN = ("efficacy", "risk", "mechanism", "safety")
_STRICT = frozenset(
    {"by", "because", "since", "thus", "therefore", "hence", "so", "proof", "thereby"}
)
_SPECIES = frozenset(
    """mouse mice rat rodent rabbit monkey zebrafish pig hamster dog animal cell""".split()
)


def causal_overreach(context: Context) -> Candidate | None:
    """Causal wording over an observational or uncontrolled design that the text shows."""
    sentence = context.sentence
    if sentence.question or gap_stated(sentence):
        return None
    near = context.support(2, 2)
    if near.design is not None and near.design <= 3:
        return None
    shown = hits(sentence, "observed")
    own = [cue for cue in of_class(sentence.cues, "design") if 4 <= (cue.level or 0) <= 7]
    if not own and not shown and not 4 <= (near.weakest or 0) <= 7:
        return None
    for index, claim in enumerate(sentence.claims):
        if not asserted(claim) or claim.level < 5 or claim.hedge == "adequate":
            continue
        if claim.kind not in _SHOWN or claim.slots.relation is None:
            continue
        if not _causes(sentence, claim):
            continue
        evidence = (claim.slots.relation, *span_of([*own, *shown]))
        variant = _design_variant(near.weakest, bool(own))
        return Candidate("causal-overreach", index, evidence, variant=variant)
    return None


def _causes(sentence: Analysis, claim: ClaimDraft) -> bool:
    """The relation itself says that one thing brings a health matter about."""
    if not (
        any(mention.kind != "population" for mention in sentence.mentions)
        or hits(sentence, "harm-term")
    ):
        return False
    return sentence.tokens[claim.predicate].lemma in EFFECT_VERBS or any(
        cue.first <= claim.predicate < cue.last and (cue.level or 0) >= 5
        for cue in of_class(sentence.cues, "causal", "cure")
    )


def _design_variant(rank: int | None, own: bool) -> str:
    if rank == 7:
        return "before-after"
    if rank == 6:
        return "survey"
    return "design" if own else "observational"


def preclinical(context: Context) -> Candidate | None:
    """Animal, cell or computer work used for, or told as if about, people."""
    sentence = context.sentence
    if sentence.question or gap_stated(sentence, context.at(1)):
        return None
    cues = _animals(sentence)
    if not cues:
        return _carried_over(context)
    if (sentence.support.design or 9) <= 7 or _people_tested(sentence):
        return None  # a human study carries the claim
    live_claims = [index for index, claim in enumerate(sentence.claims) if asserted(claim)]
    if not live_claims and (sentence.claims or not health_matter(sentence)):
        return None
    advised = bool(hits(sentence, "advice")) or sentence.imperative or _told_to(sentence)
    variant = "advice" if advised else ("lab" if _laboratory(context, cues[0]) else "animal")
    place = live_claims[0] if live_claims else None
    return Candidate("preclinical", place, span_of(cues), variant=variant)


def _told_to(sentence: Analysis) -> bool:
    """ "…, so take it with breakfast": advice drawn from the finding."""
    return any(
        before.lower in ("so", "and") and verb.lemma in TAKING and verb.tag in ("VB", "VBP")
        for before, verb in pairwise(sentence.tokens)
    )


def _animals(sentence: Analysis) -> list[CueHit]:
    designs = [cue for cue in of_class(sentence.cues, "design") if cue.level == 8]
    return [*designs, *hits(sentence, "animal")]


def _people_tested(sentence: Analysis) -> bool:
    """ "… in a trial of 600 adults": counted people who are no animals."""
    if not sentence.support.participants:
        return False
    return any(
        token.number
        and not any(t.lemma in _SPECIES for t in sentence.tokens[token.i : token.i + 3])
        for token in sentence.tokens
    )


def _carried_over(context: Context) -> Candidate | None:
    """A plain claim for people one or two sentences after work on animals or cells."""
    sentence = context.sentence
    near = [context.at(offset) for offset in (-2, -1, 1)]
    shown = [cue for one in near if one is not None for cue in _animals(one)]
    if not shown or any(one is not None and _people_tested(one) for one in near):
        return None
    if _people_tested(sentence) or (sentence.support.design or 9) <= 7:
        return None
    for index, claim in enumerate(sentence.claims):
        told = asserted(claim) and claim.level >= 5 and claim.hedge != "adequate"
        if told and claim.kind in ("efficacy", "mechanism") and claim.slots.relation is not None:
            evidence = (claim.slots.relation, (shown[0].start, shown[0].end))
            return Candidate("preclinical", index, evidence, variant="animal")
    return None


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
    treated = any(mention.kind == "intervention" for mention in sentence.mentions)
    if not treated and not (sentence.claims and of_class(sentence.cues, "causal")):
        return None  # pure physiology
    for index, cue in bearing(sentence, "surrogate"):
        if not live(sentence, index) or denied(sentence, cue) or sentence.support.absolute:
            continue
        claim = sentence.claims[index] if index is not None else None
        if claim is None or claim.hedge == "adequate" or claim.kind in ("status", "condition"):
            continue
        if not _offered(sentence, claim, cue):
            continue
        return Candidate(
            "surrogate", index, span_of([cue]), variant=_surrogate_variant(context, cue)
        )
    return None


def _offered(sentence: Analysis, claim: ClaimDraft, cue: CueHit) -> bool:
    """The marker is what is changed, or the reason given, not a name met along the way."""
    if sentence.support.percent or claim.level < 5:
        return False
    tokens = sentence.tokens
    if any(token.lower in _STRICT for token in tokens):
        return True  # "by raising serotonin", "proof that", "which is why" with its clause
    if any(a.lower == "which" and b.lower == "is" for a, b in pairwise(tokens)):
        return True
    objects = [
        child
        for child in children(tokens, claim.predicate)
        if child.dep in ("dobj", "attr", "nsubjpass", "nsubj", "prep")
    ]
    return any(
        cue.first <= token.i < cue.last
        for child in objects
        for token in subtree(tokens, child.i)[:6]
    )


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
    for index, cue in bearing(sentence, "reach"):
        stance = sentence.claims[index].scope.stance if index is not None else "asserted"
        if denied(sentence, cue) or stance in ("questioned", "debunked"):
            continue
        if index is not None and sentence.claims[index].hedge == "adequate":
            continue
        return Candidate(
            "extrapolation", index, span_of([cue]), variant=_reach_variant(context, cue)
        )
    claims = [index for index, claim in enumerate(sentence.claims) if asserted(claim)]
    listed = _many_indications(context)
    if listed is not None and claims:
        return Candidate("extrapolation", claims[0], (listed,), variant="many-indications")
    return None


def _reach_variant(context: Context, cue: CueHit) -> str:
    words = f" {context.sentence.words(cue.first, cue.last).lower()} "
    for variant, marks in (
        ("everyone", (" everyone", " anyone", " everybody", " every ", " all ", " any ")),
        ("many-indications", ("condition", "disease", "illness", "ailment", "range", "kinds",
                              "types", "other things", "lot", "everything", "anything")),
        ("dose", ("same", " mg", "dose")),
    ):  # fmt: skip
        if any(mark in words for mark in marks):
            return variant
    return "population"


def _many_indications(context: Context) -> tuple[int, int] | None:
    """Three or more conditions listed side by side as things that one intervention works for."""
    sentence = context.sentence
    conditions = [m for m in sentence.mentions if m.kind == "condition"]
    if len({m.phrase for m in conditions}) < 3 or not any(
        claim.level >= 5
        and claim.hedge != "adequate"
        and claim.kind in ("efficacy", "advice")
        and "intervention" in {m.kind for m in sentence.mentions}
        for claim in sentence.claims
    ):
        return None
    first, last = conditions[0], conditions[-1]
    between = sentence.tokens[first.first : last.last]
    joined = sum(token.lower in (",", "and", "or", "/", "to") for token in between)
    verbs = any(token.pos in ("VERB", "AUX") and token.dep != "amod" for token in between)
    if joined < 2 or verbs or len(between) > 5 * len(conditions):
        return None
    return sentence.tokens[first.first].start, sentence.tokens[last.last - 1].end
