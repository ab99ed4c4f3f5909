"""Messages and suggestions: templates filled from the claim's own words.

A suggestion claims no more than the article supports: "may", never "probably", with
square brackets for what only the author can supply.
"""

from __future__ import annotations

import re

from claimcheck.claims import Analysis, ClaimDraft
from claimcheck.claims.tokens import Token, lemma_forms
from claimcheck.issues.candidates import Candidate
from claimcheck.issues.catalogue import IssueType
from claimcheck.records import Span

__all__ = ["message_for", "suggestion_for"]

_BRACES = re.compile(r"\{(\w+)\}")
_LIMITS = {"agent": 60, "outcome": 70, "population": 60, "comparator": 50, "cue": 90}
_PRONOUNS = frozenset(
    [
        "it",
        "they",
        "them",
        "this",
        "that",
        "these",
        "those",
        "he",
        "she",
        "i",
        "we",
        "you",
        "which",
        "who",
        "one",
        "its",
        "their",
        "there",
        "what",
        "everything",
        "anything",
        "something",
        "someone",
        "everyone",
    ]
)
_LEADING = re.compile(r"^(?:and|but|or|so|that|which|also)\s+", re.I)


def message_for(candidate: Candidate, issue: IssueType, sentence: Analysis) -> str:
    """One sentence that quotes the cue and says what is wrong with it.

    A variant whose slots the claim does not fill gives way to the default.
    """
    claim = sentence.claims[candidate.claim] if candidate.claim is not None else None
    values = {"cue": _shortened(_text(sentence, candidate.evidence[0]), _LIMITS["cue"])}
    if claim is not None:
        for slot, name in (
            ("outcome", "outcome"),
            ("agent", "agent"),
            ("source", "source"),
            ("size", "magnitude"),
            ("design", "design"),
        ):
            span = getattr(claim.slots, name)
            if span is not None:
                values[slot] = _text(sentence, span)
    for variant in (candidate.variant, "default"):
        template = issue.messages.get(variant)
        if template is not None and set(_BRACES.findall(template)) <= set(values):
            return template.format(**values)
    return issue.messages["default"].format(cue=values["cue"])


def suggestion_for(candidate: Candidate, issue: IssueType, sentence: Analysis) -> str:
    """The best rewording template that the claim's slots can fill."""
    claim = sentence.claims[candidate.claim] if candidate.claim is not None else None
    values = _values(sentence, claim) if claim is not None else {}
    for template in issue.rewording:
        if set(_BRACES.findall(template)) <= set(values):
            return template.format(**values)
    return issue.rewording[-1]


def _values(sentence: Analysis, claim: ClaimDraft) -> dict[str, str]:
    values: dict[str, str] = {}
    agent = _phrase(sentence, claim.slots.agent, "agent")
    if agent is not None:
        shown = _decapitalised(sentence, claim.slots.agent, agent)
        values["agent"] = shown
        values["Agent"] = agent[:1].upper() + agent[1:]
    for name in ("outcome", "population", "comparator"):
        phrase = _phrase(sentence, getattr(claim.slots, name), name)
        if phrase is not None:
            values[name] = phrase
    if "outcome" in values:
        values["marker"] = values["outcome"]
        if values["outcome"].lower() == values.get("agent", "").lower():
            del values["outcome"], values["marker"]
    verb = _bare_verb(sentence, claim)
    if verb is not None:
        values["verb"] = verb
    return values


def _phrase(sentence: Analysis, span: Span | None, name: str) -> str | None:
    if span is None:
        return None
    phrase = _LEADING.sub("", _text(sentence, span)).strip(" ,;:–—-“”\"'")
    words = phrase.lower().split()
    if not words or len(phrase) > _LIMITS[name] or all(word in _PRONOUNS for word in words):
        return None
    if any(mark in phrase for mark in ";:?!\n") or ("," in phrase and name == "agent"):
        return None
    return phrase


def _decapitalised(sentence: Analysis, span: Span | None, phrase: str) -> str:
    """Lower-case the first letter of a phrase that only the sentence start capitalised."""
    if span is None:
        return phrase
    first = next((token for token in sentence.tokens if token.start >= span[0]), None)
    if first is None or not phrase[:1].isupper() or phrase[1:2].isupper():
        return phrase
    name = first.pos == "PROPN" and first.i > 0
    known = any(
        mention.kind in ("intervention", "condition") and mention.first == first.i
        for mention in sentence.mentions
    )
    if first.i == 0 and (first.pos != "PROPN" or known) and not name:
        return phrase[:1].lower() + phrase[1:]
    return phrase


def _bare_verb(sentence: Analysis, claim: ClaimDraft) -> str | None:
    """The relation as a bare infinitive with its particles: "ward off", "be good for"."""
    span = claim.slots.relation
    if span is None:
        return None
    words = [token for token in sentence.tokens if span[0] <= token.start < span[1]]
    verb = next((token for token in words if token.i == claim.predicate), None)
    if verb is None or verb.pos != "VERB":
        return None
    rest = [token.text for token in words if token.i > verb.i]
    if len(rest) > 3:
        return None
    return " ".join([_infinitive(verb), *rest])


def _infinitive(verb: Token) -> str:
    # The tagger's lemma is wrong on some rare verbs ("suppresses" → "suppresse"); a
    # known suffix form without it is then closer.
    if verb.tag in ("VBZ", "NNS") and verb.lower.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return verb.lower[:-2]
    return verb.lemma if verb.lemma in lemma_forms(verb.lower, verb.lemma) else verb.lower


def _text(sentence: Analysis, span: Span) -> str:
    words = sentence.text[max(0, span[0] - sentence.start) : max(0, span[1] - sentence.start)]
    return " ".join(words.split())


def _shortened(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0] + "…"
