"""Harm: ``minimised-harm``, ``natural-fallacy``, ``net-benefit``."""

from __future__ import annotations

from claimcheck.claims import Analysis, CueHit, of_class
from claimcheck.issues.candidates import Candidate, Context, bearing, claim_at, span_of
from claimcheck.issues.rules.frames import (
    body_named,
    denied,
    gap_stated,
    left_open,
    protective,
    sought,
)
from claimcheck.issues.wording import hits

__all__ = ["minimised_harm", "natural_fallacy", "net_benefit"]

_EUPHEMISMS = ("feeling", "out of", "off", "discomfort", "strange", "spaced")
_SAFE = ("safe", "gentle", "tolerated", "kind to", "harmless", "non - toxic", "nontoxic")
_NOT_CARE = frozenset({"money", "price", "cost", "extra", "ticket", "travel"})
_SOFTENERS = ("unlikely", "rarely", "rare", "hardly ever")


def minimised_harm(context: Context) -> Candidate | None:
    """Denies, trivialises, euphemises or hedges away harm (H9: hedges never excuse it)."""
    sentence = context.sentence
    if sentence.question or protective(sentence):
        return None
    support = sentence.support
    if support.absolute or (support.percent and (support.comparator or support.participants)):
        return None  # the frequency is given
    for cue_class in ("denied-harm", "minimiser"):
        found = [cue for _, cue in bearing(sentence, cue_class) if not _unsaid(context, cue)]
        if cue_class == "denied-harm" and not found:
            found = _none_found(sentence)
        if not found:
            continue
        if cue_class == "minimiser" and support.percent:
            continue
        return Candidate(
            "minimised-harm",
            claim_at(sentence.claims, found[0].start, found[0].end),
            span_of(found),
            variant=_harm_variant(context, found[0], cue_class == "denied-harm"),
        )
    return None


def _none_found(sentence: Analysis) -> list[CueHit]:
    """ "no evidence that it does any harm" (H10): the words between belong to the cue."""
    for harm in of_class(sentence.cues, "harm-term"):
        for token in sentence.tokens[max(0, harm.first - 10) : harm.first]:
            if token.lemma not in ("evidence", "proof", "sign", "indication", "suggestion"):
                continue
            before = sentence.tokens[token.i - 1].lower if token.i else ""
            if before in ("no", "little", "scant", "zero"):
                return [
                    harm._replace(
                        cue_class="denied-harm",
                        first=token.i - 1,
                        start=sentence.tokens[token.i - 1].start,
                    )
                ]
    return []


def _unsaid(context: Context, cue: CueHit) -> bool:
    """The minimising is denied or left open ("is it safe", "not harmless")."""
    sentence = context.sentence
    claim = claim_at(sentence.claims, cue.start, cue.end)
    stance = sentence.claims[claim].scope.stance if claim is not None else "asserted"
    if stance in ("questioned", "conditional") or sought(sentence, cue):
        return True
    if "evidence" in sentence.words(cue.first, cue.last).lower():
        return False  # "no evidence of harm": the denial is the claim (H10)
    if any(d.first <= cue.first and cue.last <= d.last for d in of_class(sentence.cues, "debunk")):
        return True
    return denied(sentence, cue) and not _denies_itself(context, cue)


def _denies_itself(context: Context, cue: CueHit) -> bool:
    words = context.sentence.words(cue.first, cue.last).lower()
    return words.startswith(
        (
            "no ",
            "without",
            "never",
            "not ",
            "zero",
            "n't",
            "none",
            "nothing",
            "in no ",
            "while",
            "ca",
            "can",
            "could",
            "do",
            "did",
            "does",
            "will",
            "wo",
            "was",
            "were",
            "eliminat",
            "avoid",
        )
    )


def _harm_variant(context: Context, cue: CueHit, outright: bool) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if "evidence" in words:
        return "no-evidence-of-harm"
    if any(mark in words for mark in _SAFE):
        return "safe-unqualified"
    if outright or "few-if-any" in cue.id:
        return "denied"
    if any(mark in words for mark in _SOFTENERS):
        return "hedged-harm"
    if any(mark in words for mark in _EUPHEMISMS):
        return "euphemism"
    return "played-down"


def natural_fallacy(context: Context) -> Candidate | None:
    """Naturalness or long use offered as the ground for safety or effect."""
    sentence = context.sentence
    if sentence.question or gap_stated(sentence):
        return None
    found = [cue for _, cue in bearing(sentence, "natural-appeal") if not denied(sentence, cue)]
    if not found:
        return None
    judged = hits(sentence, "denied-harm", "minimiser", "causal", "cure", "ability", "advice")
    trust = any(
        token.lemma in ("trust", "safe", "work", "gentle", "rely") for token in sentence.tokens
    )
    if not (judged or trust or sentence.imperative or sentence.claims):
        return None
    if of_class(sentence.cues, "harm-term") and not hits(sentence, "denied-harm", "minimiser"):
        return None  # "contains natural latex, which triggers allergies"
    return Candidate(
        "natural-fallacy",
        claim_at(sentence.claims, found[0].start, found[0].end),
        span_of(found),
        variant=_natural_variant(context, found[0]),
    )


def _natural_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if "chemical" in words or "toxin" in words or "synthetic" in words:
        return "chemicals"
    if any(
        mark in words
        for mark in (
            "centur",
            "ancient",
            "tradition",
            "generation",
            "time",
            "years",
            "old",
            "grandm",
        )
    ):
        return "traditional"
    if "plant" in words or "herb" in words or "botanical" in words:
        return "plant"
    if hits(context.sentence, "denied-harm", "minimiser"):
        return "safe"
    return "default"


def net_benefit(context: Context) -> Candidate | None:
    """The author concludes that benefits outweigh harms, with no body, people and figures."""
    sentence = context.sentence
    if sentence.question:
        return None
    for index, cue in bearing(sentence, "net-benefit"):
        if left_open(sentence, index):
            continue
        if denied(sentence, cue) or any(token.lower == "whether" for token in sentence.tokens):
            continue
        if body_named(sentence) and any(m.kind == "population" for m in sentence.mentions):
            continue
        if sentence.support.absolute or {token.lemma for token in sentence.tokens} & _NOT_CARE:
            continue
        return Candidate("net-benefit", index, span_of([cue]), variant=_net_variant(context, cue))
    return None


def _net_variant(context: Context, cue: CueHit) -> str:
    words = context.sentence.words(cue.first, cue.last).lower()
    if "lose" in words or ("downside" in words and "no" in words):
        return "nothing-to-lose"
    return "worth-it" if "worth" in words else "default"
