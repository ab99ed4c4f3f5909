"""Certainty: ``impossible-weight-loss``, ``cure``, ``absolute``, ``bare-assertion``."""

from __future__ import annotations

from claimcheck.claims import ClaimDraft, CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, asserted, bearing, claim_at, span_of
from claimcheck.issues.rules.frames import adequate, denied, protective

__all__ = ["absolute", "bare_assertion", "cure", "impossible_weight_loss"]

_EFFECTS = ("efficacy", "comparison", "risk", "mechanism", "safety", "advice")


def impossible_weight_loss(context: Context) -> Candidate | None:
    """One of the seven representations of the FTC's Gut Check (2014)."""
    sentence = context.sentence
    cues = [
        cue
        for cue in of_class(sentence.cues, "weight-loss-impossible")
        if not denied(sentence, cue)
    ]
    if not cues or protective(sentence) or sentence.support.adequate or sentence.question:
        return None
    cue = cues[0]
    return Candidate(
        "impossible-weight-loss",
        claim_at(sentence.claims, cue.start, cue.end),
        span_of(cues),
        variant=_weight_variant(context, cue),
    )


def _weight_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    for variant, marks in (
        (
            "rate",
            (
                "a week",
                "a month",
                "per week",
                "a day",
                "in a fortnight",
                "pounds in",
                "kilos in",
                "each week",
                "every week",
            ),
        ),
        ("eat-anything", ("eat", "food", "favourite", "favorite", "craving", "pizza")),
        ("no-effort", ("without", "no diet", "no exercise", "effort", "while you sleep", "no gym")),
        ("permanent", ("for good", "forever", "for ever", "permanent", "never", "keep")),
        ("blocks", ("block",)),
        ("everyone", ("everyone", "anyone", "every", "all users")),
        ("worn", ("rub", "wear", "patch", "gel", "belt", "cream", "wrap")),
    ):
        if any(mark in words for mark in marks):
            return variant
    return "default"


def cure(context: Context) -> Candidate | None:
    """Cures, reverses, heals, eliminates or prevents a disease, without a counted result."""
    sentence = context.sentence
    if sentence.support.n_of_n or sentence.question:
        return None
    for index, cue in bearing(sentence, "cure"):
        claim = sentence.claims[index] if index is not None else None
        if denied(sentence, cue) or (
            claim is not None and (not asserted(claim) or adequate(claim))
        ):
            continue
        if claim is not None and claim.kind in ("status", "condition"):
            continue
        if not _disease(context, cue):
            continue
        return Candidate("cure", index, span_of([cue]), variant=_cure_variant(context, cue, claim))
    return None


def _disease(context: Context, cue: CueHit) -> bool:
    sentence = context.sentence
    if any(mention.kind == "condition" for mention in sentence.mentions):
        return True
    lemma = {token.lemma for token in sentence.tokens[cue.first : cue.last]}
    # "cures everything" names no disease and is worse for it.
    return bool(lemma & {"cure", "heal", "eradicate"}) and any(
        mention.kind == "intervention" for mention in sentence.mentions
    )


def _cure_variant(context: Context, cue: CueHit, claim: ClaimDraft | None) -> str:
    lemmas = {token.lemma for token in context.sentence.tokens[cue.first : cue.last]}
    lemmas |= {token.lower for token in context.sentence.tokens[cue.first : cue.last]}
    if lemmas & {"reverse", "remission", "undo", "reversal"}:
        return "reverses"
    if lemmas & {"prevent", "ward", "stave", "avert", "protect"}:
        return "prevents"
    if lemmas & {"treat", "treatment", "remedy"}:
        return "treats"
    if lemmas & {"eliminate", "eradicate", "banish", "rid", "erase", "root", "clear"}:
        return "eliminates"
    return "named" if claim is not None and claim.slots.outcome is not None else "default"


_ABSOLUTE_VARIANTS = (
    ("guarantee", ("guarantee", "foolproof", "fail", "never fails", "sure")),
    ("presupposed", ("the fact that", "the truth is")),
    ("proof", ("prove", "proof", "proven", "conclusive", "definitive")),
    ("permanent", ("permanent", "forever", "for ever", "for good", "for life", "once and for all")),
    ("instant", ("instant", "overnight", "immediate", "minutes", "within", "seconds")),
    ("certainty", ("doubt", "undeniabl", "unquestionabl", "certain", "definite", "irrefutable", "must", "indisput")),
    ("universal", ("all", "every", "everyone", "always", "never", "100", "complete", "total", "entire", "any", "no one")),
)  # fmt: skip


def absolute(context: Context) -> Candidate | None:
    """A universal, guarantee, proof verb or certainty booster whose scope is the claim."""
    sentence = context.sentence
    if protective(sentence) or sentence.question:
        return None
    found: list[CueHit] = []
    place: int | None = None
    for index, cue in bearing(sentence, "booster-absolute"):
        claim = sentence.claims[index] if index is not None else None
        if claim is None or not asserted(claim) or claim.kind in ("status", "condition"):
            continue
        if denied(sentence, cue) or (claim.polarity == "-" and claim.kind == "safety"):
            continue
        found.append(cue)
        place = index if place is None else place
    if not found:
        return None
    words = sentence.words(found[0].first, found[0].last).lower()
    variant = next(
        (name for name, marks in _ABSOLUTE_VARIANTS if any(mark in words for mark in marks)),
        "default",
    )
    return Candidate("absolute", place, span_of(found), variant=variant)


def bare_assertion(context: Context) -> Candidate | None:
    """A plain effect claim without hedge, number or named source in reach (residual)."""
    sentence = context.sentence
    near = context.support(1, 1)
    for index, claim in enumerate(sentence.claims):
        if not asserted(claim) or claim.level < 5 or claim.hedge in ("adequate", "partial"):
            continue
        if claim.kind not in _EFFECTS or claim.slots.relation is None:
            continue
        if claim.kind == "safety" and claim.polarity != "0":
            continue  # H9: a harm stated plainly is no overstatement
        if near.adequate or (sentence.support.identifiable and sentence.support.any_number):
            continue
        if claim.kind == "advice" and claim.slots.outcome is None:
            continue
        return Candidate(
            "bare-assertion",
            index,
            (claim.slots.relation,),
            variant=_bare_variant(context, claim),
            missing="source",
        )
    return None


def _bare_variant(context: Context, claim: ClaimDraft) -> str:
    sentence = context.sentence
    lemma = sentence.tokens[claim.predicate].lemma
    if sentence.heading:
        return "heading"
    if sentence.tokens and sentence.tokens[-1].text == "?":
        return "presupposed"
    if claim.scope.stance == "quoted":
        return "quoted"
    if (
        of_class(sentence.cues, "hedge-modal", "hedge-verb", "hedge-adverb")
        and not claim.scope.hedges
    ):
        return "hedge-elsewhere"
    if claim.kind == "mechanism":
        return "mechanism"
    if claim.level == 5:
        return "can"
    return "helps" if lemma == "help" else "default"
