"""The severity rule (section 2.4 of the scheme)."""

from __future__ import annotations

from claimcheck.claims import ClaimDraft, of_class
from claimcheck.issues.candidates import Candidate, Context
from claimcheck.issues.catalogue import IssueType

__all__ = ["severity_of"]

_SERIOUS = frozenset(
    [
        "cancer",
        "tumour",
        "tumor",
        "leukaemia",
        "leukemia",
        "lymphoma",
        "melanoma",
        "diabetes",
        "heart",
        "stroke",
        "dementia",
        "alzheimer",
        "parkinson",
        "hiv",
        "aids",
        "epilepsy",
        "seizure",
        "schizophrenia",
        "bipolar",
        "depression",
        "psychosis",
        "sepsis",
        "tuberculosis",
        "malaria",
        "asthma",
        "copd",
        "kidney",
        "liver",
        "sclerosis",
        "autism",
        "suicide",
        "addiction",
        "opioid",
        "pneumonia",
        "hepatitis",
        "cirrhosis",
        "lupus",
        "arthritis",
    ]
)
_INVASIVE = frozenset(
    [
        "surgery",
        "infusion",
        "injection",
        "injections",
        "jab",
        "implant",
        "transplant",
        "chemotherapy",
        "radiotherapy",
        "drug",
        "ketamine",
        "statin",
        "antidepressant",
        "antibiotic",
        "insulin",
        "vaccine",
        "opioid",
        "steroid",
        "procedure",
        "operation",
        "device",
        "stent",
        "immunotherapy",
    ]
)
_HARM = ("minimised-harm",)


def severity_of(candidate: Candidate, issue: IssueType, context: Context) -> int:
    """Severity 1–3 of one candidate.

    3: acting on it as written could cause harm or displace care, or it denies harm.
    2: misleads about size, strength or evidence. 1: tone or completeness.
    """
    sentence = context.sentence
    claim = sentence.claims[candidate.claim] if candidate.claim is not None else None
    severity = _start(candidate, issue, claim, context)
    if claim is not None and _raised(candidate, claim, context):
        severity = 3
    if issue.name not in _HARM and claim is not None and severity > 1 and _lowered(claim, context):
        severity -= 1
    return max(1, min(3, severity))


def _start(
    candidate: Candidate, issue: IssueType, claim: ClaimDraft | None, context: Context
) -> int:
    name, variant = issue.name, candidate.variant
    sentence = context.sentence
    if name == "minimised-harm":
        return 2 if variant in ("played-down", "euphemism", "hedged-harm") else 3
    if name == "natural-fallacy" and of_class(sentence.cues, "denied-harm"):
        return 3
    if name == "strong-advice" and variant == "stop-care":
        return 3
    if name == "absolute" and _serious(context):
        return 3
    if name == "preclinical" and (variant == "advice" or _serious(context)):
        return 3
    if name == "net-benefit" and _invasive(context):
        return 3
    if name == "bare-assertion" and claim is not None and claim.kind == "mechanism":
        return 1
    if name == "surrogate" and claim is not None and claim.kind == "mechanism":
        return 1
    if name == "hype" and sentence.heading:
        return 2
    if name == "popularity" and claim is not None and claim.kind in ("efficacy", "safety"):
        return 2
    if name == "unquantified" and claim is not None and claim.scope.hedges:
        return 1
    return issue.severity


def _raised(candidate: Candidate, claim: ClaimDraft, context: Context) -> bool:
    if claim.kind not in ("efficacy", "comparison") or claim.polarity != "+":
        return False
    if claim.hedge == "adequate" or not (_serious(context) or _invasive(context)):
        return False
    cues = context.sentence.cues
    sizes = of_class(cues, "magnitude-vague", "quantity-vague")
    certain = of_class(cues, "booster-absolute")
    superlative = candidate.issue == "misleading-comparison" and candidate.variant == "superlative"
    return len(sizes) >= 2 or bool(certain) or superlative


def _lowered(claim: ClaimDraft, context: Context) -> bool:
    """Once, for a partial hedge or a named source, or a hedged twin just before."""
    if claim.hedge == "partial":
        return True
    if claim.scope.stance == "attributed" and context.sentence.support.named:
        return True
    before = context.at(-1)
    if before is None or claim.slots.agent is None:
        return False
    relation = context.sentence.tokens[claim.predicate].lemma
    return any(
        earlier.hedge == "adequate" and before.tokens[earlier.predicate].lemma == relation
        for earlier in before.claims
    )


def _serious(context: Context) -> bool:
    return any(token.lemma in _SERIOUS for token in context.sentence.tokens)


def _invasive(context: Context) -> bool:
    return any(token.lemma in _INVASIVE for token in context.sentence.tokens)
