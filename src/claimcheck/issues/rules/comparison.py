"""Comparison: ``misleading-comparison``."""

from __future__ import annotations

from claimcheck.claims import Analysis, CueHit
from claimcheck.claims.tokens import children
from claimcheck.issues.candidates import Candidate, Context, bearing, span_of
from claimcheck.issues.rules.frames import denied, left_open, sought, topical
from claimcheck.issues.wording import hits

__all__ = ["misleading_comparison"]

_NOT_HEALTH = frozenset("""cost price pricey cheap expensive money size taste popular""".split())
_EFFECT_ADVERBS = frozenset({"faster", "quicker", "better", "sooner", "longer", "harder"})
_ILLNESSES = frozenset({"disease", "illness", "cancer", "disorder", "killer", "cause", "problem"})
_NO_RIVAL = frozenset(
    """expect hope think participant patient people ever previously average usual before placebo
    sham those group control baseline anticipate women men people age year month week day
    chance""".split()
)


def misleading_comparison(context: Context) -> Candidate | None:
    """Superiority, equivalence or superlative without a head-to-head result."""
    sentence = context.sentence
    if sentence.question or _compared(context):
        return None
    if not (topical(context) or hits(sentence, "minimiser")):
        return None
    if {token.lemma for token in sentence.tokens} & _NOT_HEALTH:
        return None
    for index, cue in bearing(sentence, "comparison"):
        if denied(sentence, cue) or left_open(sentence, index) or sought(sentence, cue):
            continue
        if _of_illness(sentence, cue) or _of_groups(sentence, cue):
            continue
        if index is not None and sentence.claims[index].hedge == "adequate":
            continue
        return Candidate(
            "misleading-comparison", index, span_of([cue]), variant=_variant(context, cue)
        )
    return _comparative(context)


def _compared(context: Context) -> bool:
    support = context.sentence.support
    return (
        support.design is not None
        and support.design <= 3
        and (support.participants or support.comparator)
        and not hits(context.sentence, "minimiser")
    ) or (support.absolute and support.comparator)


def _comparative(context: Context) -> Candidate | None:
    """ "calms panic faster than medication ever could": a comparative adverb on an effect."""
    sentence = context.sentence
    for index, claim in enumerate(sentence.claims):
        if claim.level < 5 or left_open(sentence, index) or claim.hedge == "adequate":
            continue
        for child in children(sentence.tokens, claim.predicate):
            if child.lower not in _EFFECT_ADVERBS or child.i <= claim.predicate:
                continue
            than = next(
                (t for t in sentence.tokens[child.i : child.i + 6] if t.lower == "than"), None
            )
            if than is None or _no_rival(sentence, than.i):
                continue
            return Candidate(
                "misleading-comparison", index, ((child.start, than.end),), variant="better"
            )
    return None


def _of_illness(sentence: Analysis, cue: CueHit) -> bool:
    """ "one of the most devastating diseases": what is ranked is no remedy."""
    after = sentence.tokens[cue.last - 1 : cue.last + 4]
    return any(token.lemma in _ILLNESSES for token in after)


def _of_groups(sentence: Analysis, cue: CueHit) -> bool:
    """ "compared with women who stopped": groups of people, not treatments."""
    words = sentence.words(cue.first, cue.last).lower()
    if words.startswith(("contrast", "in contrast")):
        return True  # sets apart, ranks nothing
    return words.startswith("compared") and _no_rival(sentence, min(cue.first + 1, cue.last - 1))


def _no_rival(sentence: Analysis, than: int) -> bool:
    """ "than expected", "than those on placebo", "than a year ago": no other treatment."""
    after = sentence.tokens[than + 1 : than + 5]
    return not after or any(token.lemma in _NO_RIVAL or token.number for token in after)


def _variant(context: Context, cue: CueHit) -> str:
    words = f" {context.sentence.words(cue.first, cue.last).lower()} "
    if "nature" in words or "natural" in words:
        return "natural-version"
    if hits(context.sentence, "minimiser", "harm-term") and any(
        mark in words for mark in ("nothing compared", "as bad", "no worse", "less harmful")
    ):
        return "worse-comparator"
    if any(
        mark in words
        for mark in (" as ", " just as", "equal", "same", "comparable", "rival", "match", "similar")
    ):
        return "equal"
    if any(
        mark in words
        for mark in (
            "most", "best", "only", "number one", "unrivalled", "unbeatable", "safest", "first",
            "fastest", "easiest", "nothing else", "no other", "highest", "perfect",
        )
    ):  # fmt: skip
        return "superlative"
    return "better"
