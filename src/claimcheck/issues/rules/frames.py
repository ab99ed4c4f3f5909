"""Frames that several rules share: denied, protective, adequately hedged."""

from __future__ import annotations

from claimcheck.claims import Analysis, ClaimDraft, CueHit, of_class
from claimcheck.claims.scope import governs, negation_of
from claimcheck.issues.candidates import Context
from claimcheck.issues.wording import hits

__all__ = [
    "adequate",
    "body_named",
    "denied",
    "gap_stated",
    "health_matter",
    "left_open",
    "protective",
    "sought",
    "source_named",
    "topical",
]

_WARNINGS = frozenset(
    {"unsafe", "dangerous", "warn", "warning", "beware", "caution", "red flag", "risky"}
)
_BODIES = frozenset(
    [
        "regulator",
        "committee",
        "college",
        "academy",
        "agency",
        "guideline",
        "guidelines",
        "panel",
        "association",
        "authority",
        "nice",
        "who",
        "fda",
        "ema",
        "mhra",
        "cdc",
        "uspstf",
        "nhs",
        "taskforce",
        "institute",
        "council",
        "board",
        "society",
    ]
)
_HOUSES = frozenset(
    """university hospital college institute school journal center centre clinic laboratory
    lancet jama bmj nejm neurology annals nature""".split()
)
_NEARBY = 3
_SEEKING = frozenset(
    """find seek search hope develop look hunt quest evaluate determine establish identify learn
    explore create compare assess examine investigate test pinpoint ask""".split()
)
_OPEN_STANCES = frozenset({"questioned", "conditional", "debunked"})
_CLINICIANS = frozenset(
    [
        "doctor",
        "gp",
        "physician",
        "pharmacist",
        "midwife",
        "clinician",
        "nurse",
        "dietitian",
        "specialist",
    ]
)


def adequate(claim: ClaimDraft) -> bool:
    """Adequately hedged (H1, H3) or supported (H8)."""
    return claim.hedge == "adequate"


def denied(sentence: Analysis, cue: CueHit) -> bool:
    """Whether the words of a cue stand under a denial, falsity or negation (H10, H15)."""
    tokens = sentence.tokens
    for debunk in of_class(sentence.cues, "debunk"):
        if debunk.first <= cue.first and cue.last <= debunk.last:
            return True
        if governs(tokens, debunk, cue.anchor) or debunk.first < cue.first:
            return True
        # "… is a myth", "… are wrong": a verdict after the words it judges.
        if debunk.first > cue.last and tokens[debunk.anchor].dep in (
            "attr",
            "acomp",
            "ROOT",
            "conj",
            "dobj",
            "nsubj",
        ):
            return True
    negation = negation_of(tokens, cue.anchor)
    return negation is not None and not cue.first <= negation.i < cue.last


def protective(sentence: Analysis) -> bool:
    """Advice that protects: see a doctor, do not stop treatment, a warning."""
    words = {token.lower for token in sentence.tokens} | {token.lemma for token in sentence.tokens}
    if words & _WARNINGS:
        return True
    if not (sentence.imperative or of_class(sentence.cues, "advice", "caveat")):
        return False
    # "Talk to your pharmacist before …", "Always check with your doctor".
    return bool(words & _CLINICIANS) and bool(
        words
        & {
            "talk",
            "ask",
            "check",
            "consult",
            "see",
            "speak",
            "tell",
            "without",
            "before",
            "unless",
            "call",
            "contact",
            "discuss",
        }
    )


def body_named(sentence: Analysis) -> bool:
    """A competent body or guideline stands behind the sentence."""
    return bool(of_class(sentence.cues, "evidential-named")) or any(
        token.lower in _BODIES for token in sentence.tokens
    )


def gap_stated(*sentences: Analysis | None) -> bool:
    """A limitation or a material caveat is stated in one of the sentences."""
    return any(one is not None and one.support.limitation for one in sentences)


def health_matter(sentence: Analysis) -> bool:
    """The sentence names an intervention, condition, outcome, harm or body process."""
    return any(mention.kind != "population" for mention in sentence.mentions) or bool(
        hits(sentence, "harm-term", "surrogate", "causal", "cure")
    )


def topical(context: Context) -> bool:
    """The sentence, or one within three of it, is about a health matter."""
    first, last = max(0, context.index - _NEARBY), context.index + _NEARBY + 1
    return any(health_matter(one) for one in context.analyses[first:last])


def left_open(sentence: Analysis, index: int | None) -> bool:
    """The claim is asked, made conditional or denied; or the whole sentence is."""
    if index is not None:
        return sentence.claims[index].scope.stance in _OPEN_STANCES
    return sentence.question or (
        bool(sentence.claims)
        and all(claim.scope.stance in _OPEN_STANCES for claim in sentence.claims)
    )


def source_named(sentence: Analysis) -> bool:
    """A reader could look the source up: a name with a year or a size, a journal, a house."""
    support = sentence.support
    if support.identifiable and (support.year or support.participants):
        return True
    return any(token.pos == "PROPN" and token.lower in _HOUSES for token in sentence.tokens)


def sought(sentence: Analysis, cue: CueHit) -> bool:
    """ "set up to find a cure", "to determine the best dose": an aim, not a claim."""
    before = sentence.tokens[max(0, cue.first - 6) : cue.first]
    return any(
        token.lemma in _SEEKING and token.tag in ("VB", "VBG", "NN") for token in before
    ) or any(token.lower in ("whether", "if") for token in before)
