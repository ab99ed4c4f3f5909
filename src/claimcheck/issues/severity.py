"""The severity rule (section 2.4 of the scheme).

3: acting on it as written could cause harm or displace care, or it denies harm. 2: it
misleads about size, strength or evidence. 1: tone or completeness.
"""

from __future__ import annotations

from claimcheck.claims import Analysis, ClaimDraft, of_class
from claimcheck.issues.candidates import Candidate, Context, asserted
from claimcheck.issues.catalogue import IssueType
from claimcheck.issues.wording import hits

__all__ = ["severity_of"]

_SERIOUS = frozenset(
    """cancer tumour tumor leukaemia leukemia lymphoma melanoma diabetes stroke dementia alzheimer
    parkinson hiv aids epilepsy seizure schizophrenia bipolar depression psychosis sepsis
    tuberculosis malaria asthma copd sclerosis autism suicide addiction pneumonia hepatitis
    cirrhosis lupus arthritis anorexia ptsd""".split()
)
# Parts of the body count only in the name of a condition: "heart attack", not "heart health".
_ORGANS = frozenset({"heart", "kidney", "liver", "cardiac", "coronary", "renal"})
_PRESCRIBED = frozenset(
    """surgery infusion injection jab implant transplant chemotherapy radiotherapy drug ketamine
    statin antidepressant antibiotic insulin vaccine opioid steroid operation stent
    immunotherapy anaesthetic psilocybin pacemaker medication""".split()
)
_PLAYED_DOWN = ("played-down", "euphemism", "hedged-harm")
_VOUCHED = ("safe-unqualified", "no-evidence-of-harm")
_SIZES = ("magnitude-vague", "quantity-vague")


def severity_of(candidate: Candidate, issue: IssueType, context: Context) -> int:
    """Severity 1–3 of one candidate: the type's start, raised and lowered at most once."""
    sentence = context.sentence
    claim = sentence.claims[candidate.claim] if candidate.claim is not None else None
    severity = _start(candidate, issue, claim, context)
    if claim is None:
        return severity
    if _raised(candidate, claim, context):
        severity = 3
    # Hedges never make light of a harm that is made light of (H9).
    if issue.name != "minimised-harm" and severity > 1 and _lowered(candidate, claim, context):
        severity -= 1
    return severity


def _start(
    candidate: Candidate, issue: IssueType, claim: ClaimDraft | None, context: Context
) -> int:
    """The default of the type, with the exceptions that the scheme names beside it."""
    sentence, name, variant = context.sentence, issue.name, candidate.variant
    kind = claim.kind if claim is not None else None
    gravest = {
        "natural-fallacy": bool(hits(sentence, "denied-harm")),
        "strong-advice": variant == "stop-care",
        "absolute": _serious(sentence) or bool(of_class(sentence.cues, "harm-term")),
        "preclinical": variant == "advice" or _serious(sentence),
        "net-benefit": _prescribed(sentence),
        "misleading-comparison": variant == "natural-version" or _replaces(sentence),
    }
    if gravest.get(name):
        return 3
    if name == "minimised-harm":
        # "Well tolerated" vouches without denying; "completely safe" denies.
        vouched = variant in _VOUCHED and not hits(sentence, "denied-harm")
        return 2 if vouched or variant in _PLAYED_DOWN else 3
    if name in ("bare-assertion", "surrogate") and kind == "mechanism":
        return 1
    if name == "unquantified" and claim is not None and claim.scope.hedges:
        return 1
    if name == "hype" and (sentence.heading or _leads(context)):
        return 2
    if name == "popularity" and kind in ("efficacy", "safety"):
        return 2
    return issue.severity


def _raised(candidate: Candidate, claim: ClaimDraft, context: Context) -> bool:
    """To 3: a benefit in a grave matter, unhedged, and put beyond measure or doubt."""
    sentence = context.sentence
    if claim.kind not in ("efficacy", "comparison") or claim.polarity == "-":
        return False
    if claim.hedge == "adequate" or not asserted(claim):
        return False
    if not (_serious(sentence) or _prescribed(sentence)):
        return False
    sizes = {cue.start for cue in of_class(sentence.cues, *_SIZES)}
    certain = bool(hits(sentence, "booster-absolute")) or claim.scope.boosted
    superlative = candidate.issue == "misleading-comparison" and candidate.variant == "superlative"
    return superlative or certain or len(sizes) >= 2


def _lowered(candidate: Candidate, claim: ClaimDraft, context: Context) -> bool:
    """Once, whichever of the scheme's grounds hold."""
    return (
        claim.hedge == "partial"
        or (claim.scope.stance == "attributed" and context.sentence.support.named)
        or _hedged_before(claim, context)
        or _subordinate(candidate, context.sentence)
    )


def _hedged_before(claim: ClaimDraft, context: Context) -> bool:
    """The same relation stands hedged in the sentence before."""
    before = context.at(-1)
    if before is None or claim.slots.agent is None:
        return False
    relation = context.sentence.tokens[claim.predicate].lemma
    return any(
        earlier.hedge == "adequate" and before.tokens[earlier.predicate].lemma == relation
        for earlier in before.claims
    )


def _subordinate(candidate: Candidate, sentence: Analysis) -> bool:
    """The fault sits in a side clause; the main claim of the sentence is adequate."""
    claim = sentence.claims[candidate.claim] if candidate.claim is not None else None
    if claim is None or sentence.tokens[claim.predicate].dep not in ("advcl", "relcl", "acl"):
        return False
    return any(other is not claim and other.hedge == "adequate" for other in sentence.claims)


def _serious(sentence: Analysis) -> bool:
    if any(token.lemma in _SERIOUS for token in sentence.tokens):
        return True
    return any(
        mention.kind == "condition" and set(mention.phrase.split()) & (_ORGANS | _SERIOUS)
        for mention in sentence.mentions
    )


def _prescribed(sentence: Analysis) -> bool:
    return any(token.lemma in _PRESCRIBED for token in sentence.tokens)


def _replaces(sentence: Analysis) -> bool:
    """The comparison invites the reader to leave a prescribed treatment."""
    leaving = {"ditch", "stop", "skip", "replace", "quit", "instead", "swap", "without"}
    return _prescribed(sentence) and any(token.lemma in leaving for token in sentence.tokens)


def _leads(context: Context) -> bool:
    """The first sentence of running text."""
    first = next((i for i, one in enumerate(context.analyses) if not one.heading), None)
    return first == context.index and len(context.analyses) > 1
