"""Certainty: ``impossible-weight-loss``, ``cure``, ``absolute``, ``bare-assertion``."""

from __future__ import annotations

from collections.abc import Sequence

from claimcheck.claims import Analysis, ClaimDraft, CueHit, of_class
from claimcheck.claims.tokens import Token, children, root_of
from claimcheck.claims.verbs import EFFECT_VERBS
from claimcheck.issues.candidates import (
    Candidate,
    Context,
    asserted,
    bearing,
    claim_at,
    live,
    span_of,
)
from claimcheck.issues.rules.frames import (
    adequate,
    denied,
    health_matter,
    protective,
    sought,
    source_named,
    topical,
)
from claimcheck.issues.wording import hits
from claimcheck.records import Span

__all__ = ["absolute", "bare_assertion", "cure", "fallback", "impossible_weight_loss"]

_AS_SYMPTOM = frozenset({"sign", "symptom", "illness", "unexplained", "unintended"})
_CERTAINLY = frozenset(
    "always invariably definitely undoubtedly certainly permanently instantly".split()
)
_ACTING = frozenset({"save", "spare", "destroy", "refute", "mean", "nourish", "achieve"})
_AILMENTS = frozenset({"pain", "injury", "stress", "discomfort", "symptom"})
_LICENSED = frozenset(
    """drug medicine medication surgery operation antibiotic vaccine chemotherapy radiotherapy
    immunotherapy radiation laser tablet injection procedure doctor surgeon clinician physician
    hospital specialist insulin statin ssri inhibitor antidepressant""".split()
)
_EFFECTS = ("efficacy", "comparison", "risk", "mechanism", "safety", "advice")


def impossible_weight_loss(context: Context) -> Candidate | None:
    """One of the seven representations of the FTC's Gut Check (2014)."""
    sentence = context.sentence
    cues = [cue for cue in hits(sentence, "weight-loss-impossible") if not denied(sentence, cue)]
    if not cues or protective(sentence) or sentence.support.adequate or sentence.question:
        return None
    if {token.lemma for token in sentence.tokens} & _AS_SYMPTOM:
        return None  # unintended loss
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
        if not _disease(context, cue) or sought(sentence, cue):
            continue
        if _softer(sentence, cue) and (
            claim is None or claim.slots.agent is None or _licensed(sentence, claim.slots.agent)
        ):
            continue
        return Candidate("cure", index, span_of([cue]), variant=_cure_variant(context, cue, claim))
    return _treats(context)


def _softer(sentence: Analysis, cue: CueHit) -> bool:
    """Verbs that a licensed medicine may earn: to prevent or treat is no promise of a cure."""
    words = sentence.tokens[cue.first : cue.last]
    return any(token.lemma in ("prevent", "avert", "kill", "destroy", "treat") for token in words)


def _treats(context: Context) -> Candidate | None:
    """ "X treats Y" of something that the sentence does not show to be a licensed medicine."""
    sentence = context.sentence
    if source_named(sentence):
        return None
    if sentence.support.design is not None or sentence.support.any_number:
        return None
    for index, claim in enumerate(sentence.claims):
        verb = sentence.tokens[claim.predicate]
        if verb.lemma != "treat" or verb.tag == "VBN" or not asserted(claim) or claim.level < 5:
            continue
        if sentence.tokens[verb.head].lemma in ("use", "employ", "prescribe", "develop", "design"):
            continue  # "used to treat" tells the use (tie-break 7)
        outcome, relation = claim.slots.outcome, claim.slots.relation
        if claim.kind != "efficacy" or outcome is None or relation is None or adequate(claim):
            continue
        sick = any(
            m.kind == "condition" and outcome[0] <= sentence.tokens[m.first].start < outcome[1]
            for m in sentence.mentions
        )
        agent = claim.slots.agent
        if sick and agent is not None and not _licensed(sentence, agent):
            evidence = (relation[0], outcome[1]) if relation[0] < outcome[0] else relation
            return Candidate("cure", index, (evidence,), variant="treats")
    return None


def _disease(context: Context, cue: CueHit) -> bool:
    sentence = context.sentence
    if any(
        mention.kind == "condition" and mention.phrase not in _AILMENTS
        for mention in sentence.mentions
    ):
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


def _licensed(sentence: Analysis, agent: Span) -> bool:
    """The agent names itself a medicine or a medical procedure."""
    return any(
        token.lemma in _LICENSED for token in sentence.tokens if agent[0] <= token.start < agent[1]
    )


_ABSOLUTE_VARIANTS = (
    ("guarantee", ("guarantee", "foolproof", "fail", "never fails", "sure")),
    ("presupposed", ("the fact that", "the truth is")),
    ("proof", ("prove", "proof", "proven", "conclusive", "definitive")),
    ("permanent", ("permanent", "forever", "for ever", "for good", "for life", "once and for all")),
    ("instant", ("instant", "overnight", "immediate", "minutes", "within", "seconds")),
    ("certainty", ("doubt", "undeniabl", "unquestionabl", "certain", "definite", "irrefutable",
                   "must", "indisput")),
    ("universal", ("all", "every", "everyone", "always", "never", "100", "complete", "total",
                   "entire", "any", "no one")),
)  # fmt: skip


def absolute(context: Context) -> Candidate | None:
    """A universal, guarantee, proof verb or certainty booster whose scope is the claim."""
    sentence = context.sentence
    if protective(sentence) or sentence.question or not topical(context):
        return None
    found: list[CueHit] = []
    place: int | None = None
    for index, cue in bearing(sentence, "booster-absolute"):
        if not live(sentence, index) or denied(sentence, cue) or not _carried(context, index):
            continue
        before = sentence.tokens[cue.first - 1].lower if cue.first else ""
        if before in ("to", "of", "by", "despite") and sentence.tokens[cue.first].lower == "the":
            continue  # "due to the fact that": a reason given, no effect presupposed
        place = index if not found else place
        found.append(cue)
    if not found:
        return _always(sentence)
    words = sentence.words(found[0].first, found[0].last).lower()
    variant = next(
        (name for name, marks in _ABSOLUTE_VARIANTS if any(mark in words for mark in marks)),
        "default",
    )
    return Candidate("absolute", place, span_of(found), variant=variant)


def _always(sentence: Analysis) -> Candidate | None:
    """A certainty adverb on the verb of the claim itself: "always soothes"."""
    for index, claim in enumerate(sentence.claims):
        if not asserted(claim) or claim.level < 5 or claim.hedge == "adequate":
            continue
        for child in children(sentence.tokens, claim.predicate):
            if child.dep == "advmod" and child.lower in _CERTAINLY:
                span = (child.start, child.end)
                return Candidate("absolute", index, (span,), variant="certainty")
    return None


def _carried(context: Context, index: int | None) -> bool:
    """The booster carries an effect: "all volunteers kept a diary" carries none."""
    sentence = context.sentence
    if index is None:
        return health_matter(sentence)
    claim = sentence.claims[index]
    return claim.kind not in ("status", "condition") or claim.level >= 5


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
        return _bare(index, claim.slots.relation, _bare_variant(context, claim))
    return None


def fallback(context: Context) -> Candidate | None:
    """A weaker ground for a ``bare-assertion``, asked only when no other reason is found.

    A claim put forward without a hedge (strength 3 up), or, where no claim was made out,
    a plain statement about an intervention. The judge's score decides whether it is worth
    showing.
    """
    sentence = context.sentence
    if sentence.support.adequate or (sentence.support.named and sentence.support.any_number):
        return None
    for index, claim in enumerate(sentence.claims):
        harm = claim.kind == "safety" and claim.polarity == "-"
        if (
            not asserted(claim)
            or claim.level < 3
            or bool(claim.scope.hedges)
            or claim.slots.relation is None
            or harm
            or claim.kind == "advice"
            or (claim.kind in ("condition", "status") and claim.level < 5)
        ):
            continue
        return _bare(index, claim.slots.relation, _bare_variant(context, claim))
    span = _plain_statement(context)
    return _bare(None, span, "default") if span is not None else None


def _bare(index: int | None, span: Span, variant: str) -> Candidate:
    return Candidate("bare-assertion", index, (span,), variant=variant, missing="source")


def _plain_statement(context: Context) -> Span | None:
    """The verb, with its complement, of a statement about an intervention that no rule reads."""
    sentence = context.sentence
    if sentence.question or any(asserted(claim) for claim in sentence.claims):
        return None
    if any(claim.scope.stance != "asserted" or claim.scope.negated for claim in sentence.claims):
        return None
    if of_class(
        sentence.cues,
        "hedge-modal",
        "hedge-verb",
        "hedge-adjective",
        "hedge-limitation",
        "caveat",
        "debunk",
        "no-relation",
    ):
        return None
    root = root_of(sentence.tokens)
    if root is None or root.pos not in ("VERB", "AUX"):
        return None
    acts = root.lemma in EFFECT_VERBS | _ACTING
    if root.tag == "VBD" and not acts:
        return None  # what happened, not what works
    if not (health_matter(sentence) or (acts and topical(context))):
        return None
    below = tuple(children(sentence.tokens, root.i))
    if not any(c.dep in ("nsubj", "nsubjpass") for c in below) or any(
        c.dep == "neg" for c in below
    ):
        return None
    if root.lemma == "be" and not _qualified(sentence, below):
        return None  # "Fennel is a perennial herb": a definition
    # Only what follows the verb: "After 3 sessions it is working" begins with a complement.
    last = max(
        (c.i for c in below if c.dep in ("acomp", "dobj", "prep") and c.i > root.i), default=root.i
    )
    return root.start, sentence.tokens[min(last, root.i + 5)].end


def _qualified(sentence: Analysis, below: Sequence[Token]) -> bool:
    """A predicate that praises or that says what the thing does."""
    return any(
        child.dep in ("acomp", "ccomp")
        or (
            child.dep == "attr"
            and any(c.dep in ("relcl", "acl") for c in children(sentence.tokens, child.i))
        )
        for child in below
    )


def _bare_variant(context: Context, claim: ClaimDraft) -> str:
    sentence = context.sentence
    lemma = sentence.tokens[claim.predicate].lemma
    if sentence.heading:
        return "heading"
    if sentence.tokens and sentence.tokens[-1].text == "?":
        return "presupposed"
    if claim.scope.stance == "quoted":
        return "quoted"
    hedges = of_class(sentence.cues, "hedge-modal", "hedge-verb", "hedge-adverb")
    if hedges and not claim.scope.hedges:
        return "hedge-elsewhere"
    if claim.kind == "mechanism":
        return "mechanism"
    if claim.level == 5:
        return "can"
    return "helps" if lemma == "help" else "default"
