"""Messages and suggestions: templates filled from the claim's own words.

A suggestion claims no more than the article supports: "may", never "probably", with
square brackets for what only the author can supply.
"""

from __future__ import annotations

import re

from claimcheck.claims import Analysis, ClaimDraft
from claimcheck.issues.candidates import Candidate, Context
from claimcheck.issues.catalogue import IssueType
from claimcheck.issues.fillers import Fillers, fillers_of
from claimcheck.records import Span

__all__ = ["message_for", "suggestion_for"]

_BRACES = re.compile(r"\{(\w+)\}")
_LONGEST_CUE = 90
_LONGEST = 210
_SLOTS = (
    ("outcome", "outcome"),
    ("agent", "agent"),
    ("source", "source"),
    ("size", "magnitude"),
    ("design", "design"),
)
_COUNTED = re.compile(
    r"\b\d[\d,]* (?:\w+ )?(?:people|patients|men|women|adults|volunteers|participants|children|"
    r"nurses|students|users|subjects)\b"
)
_DETERMINED = re.compile(r"(?:a|an|the|this|one|its|our)\s", re.I)
_RISKS = ("risk", "risks", "rate", "rates", "deaths", "death", "odds", "chance", "mortality")
# "drops comes from" → "drops come from": the templates are written for one agent.
_PLURALS = (
    (re.compile(r"\bcomes from\b"), "come from"),
    (re.compile(r"(?<= that )it is safe or works\b"), "they are safe or work"),
    (re.compile(r"\bhow it compares\b"), "how they compare"),
    (re.compile(r", it \["), ", they ["),
)


def message_for(candidate: Candidate, issue: IssueType, sentence: Analysis) -> str:
    """One sentence that quotes the cue and says what is wrong with it.

    A variant whose slots the claim does not fill gives way to the default.
    """
    claim = sentence.claims[candidate.claim] if candidate.claim is not None else None
    values = {"cue": _shortened(_text(sentence, candidate.evidence[0]), _LONGEST_CUE)}
    if claim is not None:
        values |= _spoken(sentence, claim, cue=values["cue"])
    for variant in (candidate.variant, "default"):
        template = issue.messages.get(variant)
        if template is not None and set(_BRACES.findall(template)) <= set(values):
            return template.format(**values)
    return issue.messages["default"].format(cue=values["cue"])


def _spoken(sentence: Analysis, claim: ClaimDraft, *, cue: str) -> dict[str, str]:
    """Slots that can stand in a message as they are; none that only repeats the cue."""
    values: dict[str, str] = {}
    for slot, name in _SLOTS:
        span = getattr(claim.slots, name)
        if span is None:
            continue
        text = _text(sentence, span)
        if slot == "design" and not _DETERMINED.match(text):
            text = f"{'an' if text[:1].lower() in 'aeiou' else 'a'} {text}"
        if slot == "size" and not _COUNTED.search(text):
            continue
        if len(text) <= 60:
            values[slot] = text
    plain = fillers_of(sentence, claim).outcome
    quoted = cue.lower()
    if plain is None or plain.lower() in quoted or quoted in plain.lower():
        values.pop("outcome", None)
    else:
        values["outcome"] = plain
    return values


def suggestion_for(
    candidate: Candidate,
    issue: IssueType,
    sentence: Analysis,
    *,
    context: Context | None = None,
) -> str:
    """The best rewording template that the claim's words can fill.

    :param context: the sentence's place in its article, where an agent that the sentence
        only points to ("it", "many patients") is looked for.
    """
    claim = sentence.claims[candidate.claim] if candidate.claim is not None else None
    if claim is None:
        return issue.rewording[-1]
    fillers = fillers_of(sentence, claim, context=context)
    values = _values(fillers, issue)
    for template in issue.rewording:
        wanted = set(_BRACES.findall(template))
        if wanted <= set(values):
            text = _agreed(template.format(**values), template, fillers)
            if len(text) <= _LONGEST:
                return text
    return issue.rewording[-1]


def _values(fillers: Fillers, issue: IssueType) -> dict[str, str]:
    values: dict[str, str] = {}
    if fillers.agent is not None:
        values["agent"] = fillers.agent
        values["Agent"] = fillers.agent[:1].upper() + fillers.agent[1:]
    for name in ("verb", "outcome", "population", "comparator"):
        text = getattr(fillers, name)
        if text is not None:
            values[name] = text
    _fitted(values, fillers, issue)
    return values


def _fitted(values: dict[str, str], fillers: Fillers, issue: IssueType) -> None:
    """What some templates ask of their slots beyond being there."""
    outcome = values.get("outcome", "")
    if issue.name in ("cure", "disease-mongering"):
        # "people with {outcome}" wants a disease.
        if not fillers.condition:
            values.pop("outcome", None)
    elif issue.name == "relative-risk":
        if fillers.condition:
            values["outcome"] = f"the risk of {outcome}"
        elif not set(outcome.lower().split()) & set(_RISKS):
            values.pop("outcome", None)
        elif not _DETERMINED.match(outcome):
            values["outcome"] = f"the {outcome}"
        bare = values.get("outcome", "").lower()
        if bare in ("the risk", "the risks") and fillers.disease is not None:
            values["outcome"] = f"the risk of {fillers.disease}"
    elif issue.name == "surrogate" and fillers.marker is not None:
        values["marker"] = fillers.marker
        if fillers.marker.lower() in outcome.lower() or outcome.lower() in fillers.marker.lower():
            values.pop("outcome", None)
    if values.get("comparator", "").lower() == values.get("agent", "?").lower():
        values.pop("comparator", None)


def _agreed(text: str, template: str, fillers: Fillers) -> str:
    """Number agreement with the agent, and no word twice in a row."""
    if fillers.plural and fillers.agent is not None and "gent}" in template:
        text = re.sub(rf"({re.escape(fillers.agent)}) works\b", r"\1 work", text)
        for pattern, plural in _PLURALS:
            text = pattern.sub(plural, text)
    return re.sub(r"\b(may|the|a|in|of) \1\b", r"\1", text, flags=re.I)


def _text(sentence: Analysis, span: Span) -> str:
    words = sentence.text[max(0, span[0] - sentence.start) : max(0, span[1] - sentence.start)]
    return " ".join(words.split())


def _shortened(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0] + "…"
