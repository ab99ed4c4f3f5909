"""Advice and omission: ``strong-advice``, ``missing-caveat``."""

from __future__ import annotations

from claimcheck.claims import Analysis, ClaimDraft, CueHit
from claimcheck.claims.tokens import root_of, subtree
from claimcheck.claims.verbs import TAKING
from claimcheck.issues.candidates import Candidate, Context, asserted, bearing, span_of
from claimcheck.issues.rules.frames import body_named, denied, gap_stated, protective, topical
from claimcheck.issues.wording import hits

__all__ = ["missing_caveat", "strong_advice"]

_STOP = (
    "ditch",
    "stop",
    "skip",
    "instead",
    "replace",
    "quit",
    "throw",
    "give up",
    "without your",
    "no need",
)
_POINTING = frozenset({"it", "they", "them", "its", "those", "effect", "tablet", "idea", "capsule"})
_GENERIC = frozenset(
    [
        "treatment",
        "therapy",
        "medicine",
        "drug",
        "supplement",
        "remedy",
        "product",
        "tablet",
        "pill",
        "diet",
        "food",
        "patient",
        "people",
        "it",
        "they",
        "this",
        "that",
        "these",
        "those",
        "effect",
        "result",
        "study",
        "trial",
        "dose",
        "use",
    ]
)


def strong_advice(context: Context) -> Candidate | None:
    """An instruction to start, stop, replace or dose, with nobody competent behind it."""
    sentence = context.sentence
    if sentence.question or protective(sentence) or body_named(sentence):
        return None
    for index, cue in bearing(sentence, "advice"):
        words = sentence.words(cue.first, cue.last).lower()
        stops = any(mark in words for mark in _STOP)
        if denied(sentence, cue) or not (stops or _consumed(sentence, cue) or topical(context)):
            continue
        if any(
            token.lemma in ("guideline", "doctor", "pharmacist", "label")
            for token in sentence.tokens
        ):
            continue
        return Candidate(
            "strong-advice", index, span_of([cue]), variant=_advice_variant(sentence, words, stops)
        )
    return _instruction(context)


def _consumed(sentence: Analysis, cue: CueHit) -> bool:
    """ "You need to cut out gluten": food or remedies, whatever they are called."""
    words = sentence.tokens[cue.first : cue.last]
    return words[0].lower == "you" and any(
        token.lemma in ("cut", "take", "eat", "drink", "swallow", "supplement") for token in words
    )


def _instruction(context: Context) -> Candidate | None:
    """ "To relieve pain, apply …": an imperative to take or use a remedy."""
    sentence = context.sentence
    root = root_of(sentence.tokens)
    if not sentence.imperative or root is None or root.lemma not in TAKING:
        return None
    below = {token.i for token in subtree(sentence.tokens, root.i)}
    kinds = {m.kind for m in sentence.mentions if m.first in below}
    tried = root.lemma in ("try", "use") and topical(context)  # "Try it for yourself"
    if not (tried or kinds & {"intervention", "condition", "outcome"}):
        return None
    objects = [
        token
        for token in sentence.tokens
        if token.head == root.i and token.dep in ("dobj", "prep", "advmod") and token.i > root.i
    ]
    if not objects:
        return None
    last = max(token.i for token in subtree(sentence.tokens, objects[0].i))
    words = sentence.words(root.i, last + 1).lower()
    span = (root.start, sentence.tokens[min(last, root.i + 8)].end)
    return Candidate(
        "strong-advice",
        0 if sentence.claims else None,
        (span,),
        variant=_advice_variant(sentence, words, stops=False),
    )


def _advice_variant(sentence: Analysis, words: str, stops: bool) -> str:
    if stops:
        return "stop-care"
    if any(token.number for token in sentence.tokens) and any(
        token.lower
        in (
            "mg",
            "g",
            "units",
            "iu",
            "mcg",
            "drops",
            "tablets",
            "capsules",
            "cups",
            "ml",
            "grams",
            "milligrams",
        )
        for token in sentence.tokens
    ):
        return "dose"
    if any(mark in words for mark in ("everyone", "everybody", "every", "all ")):
        return "everyone"
    return "should" if any(mark in words for mark in ("should", "must", "need")) else "default"


def missing_caveat(context: Context) -> Candidate | None:
    """A limit that the article states elsewhere is missing beside the claim.

    Never assigned from the sentence's wording: another sentence of the same article,
    outside the window of support, must state the limit about the same thing. Only the
    first plain claim about it is told so; an article repeats itself.
    """
    sentence = context.sentence
    if sentence.question or gap_stated(sentence, context.at(1), context.at(-1)):
        return None
    if len(context.analyses) < 3 or sentence.support.design is not None:
        return None
    for index, claim in enumerate(sentence.claims):
        topic = _topic(sentence, claim)
        if not topic or not _unlimited(claim) or claim.slots.relation is None:
            continue
        found = _limit_elsewhere(context, topic)
        if found is None or _said_before(context, topic):
            continue
        limit, words = found
        return Candidate(
            "missing-caveat",
            index,
            (claim.slots.relation, (limit.start, limit.end)),
            variant=_caveat_variant(limit, words),
            missing="caveat",
        )
    return None


def _unlimited(claim: ClaimDraft) -> bool:
    return (
        asserted(claim)
        and claim.scope.stance == "asserted"
        and claim.kind in ("efficacy", "comparison")
        and claim.polarity == "+"
        and claim.level >= 5
        and claim.hedge == "none"
    )


def _topic(sentence: Analysis, claim: ClaimDraft) -> frozenset[str]:
    """The lemmas that name the agent, if it is an intervention."""
    span = claim.slots.agent
    if span is None:
        return frozenset()
    inside = [t for t in sentence.tokens if span[0] <= t.start < span[1]]
    named = any(
        m.kind == "intervention" and any(m.first <= t.i < m.last for t in inside)
        for m in sentence.mentions
    )
    words = {t.lemma for t in inside if t.pos in ("NOUN", "PROPN")} - _GENERIC
    return frozenset(words) if named or sentence.tokens[inside[-1].i].pos == "NOUN" else frozenset()


def _limit_elsewhere(context: Context, topic: frozenset[str]) -> tuple[CueHit, str] | None:
    """The first limit, two to eight sentences away, that is about the topic."""
    for place in range(max(0, context.index - 8), min(len(context.analyses), context.index + 9)):
        other = context.analyses[place]
        away = abs(place - context.index)
        if away < 2 or other.heading or other.question:
            continue
        named = bool({token.lemma for token in other.tokens} & topic)
        # A pronoun continues the topic within a paragraph.
        pointed = (
            2 <= place - context.index <= 4
            and other.block == context.sentence.block
            and any(token.lower in _POINTING for token in other.tokens[:9])
        )
        cues = hits(other, "caveat", "hedge-limitation")
        if cues and (named or pointed):
            return cues[0], other.words(cues[0].first, cues[0].last).lower()
    return None


def _said_before(context: Context, topic: frozenset[str]) -> bool:
    return any(
        _unlimited(claim) and _topic(earlier, claim) & topic
        for earlier in context.analyses[: context.index]
        for claim in earlier.claims
    )


def _caveat_variant(cue: CueHit, words: str) -> str:
    told = f"{cue.id} {words}"
    for variant, marks in (
        ("approval", ("approv", "licen", "label")),
        ("interaction", ("interact", "absorb")),
        ("duration", ("short", "wear", "wore", "last", "temporar", "duration", "fade")),
        ("supervision", ("supervis", "doctor", "specialist", "monitor", "prescri")),
        ("avoid", ("avoid", "should-not", "not-for", "pregnan", "contra", "not be taken")),
        ("population", ("only", "deficien", "people-with", "population")),
        ("evidence", ("evidence", "trial", "research", "study", "small", "proven", "placebo",
                      "limitation")),
    ):  # fmt: skip
        if any(mark in told for mark in marks):
            return variant
    return "default"
