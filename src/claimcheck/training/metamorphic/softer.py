"""Edits after which a claim says less: hedges, limitations, counts, denial, a question.

The wordings are chosen here and not read from the lexicons, so that the check does not
know what the judge knows.
"""

from __future__ import annotations

from claimcheck.claims import Analysis
from claimcheck.claims.tokens import word_set
from claimcheck.claims.verbs import REPORTING
from claimcheck.training.metamorphic.clauses import (
    Target,
    benefit,
    harm,
    has_numbers,
    is_prose,
    unseen_harm,
)
from claimcheck.training.metamorphic.groups import (
    coordinated,
)
from claimcheck.training.metamorphic.inflect import base_of
from claimcheck.training.metamorphic.rewrite import (
    TURNS,
    appearing,
    capitalised,
    changed,
    ended,
    lowered,
    opened,
    place_in,
    put,
    put_after,
    subject_first,
    turn,
    under,
    untensed,
    with_adverb,
)

__all__ = [
    "asked",
    "count_as_adjunct",
    "count_in_brackets",
    "harm_denied",
    "harm_stated",
    "harm_unseen",
    "hedge_appears",
    "hedge_matrix",
    "hedge_may",
    "hedge_might_could",
    "hedge_opening",
    "hedge_possibly",
    "limit_aside",
    "limit_clause",
    "limit_opening",
    "myth",
    "negated",
    "no_evidence",
]

_SUBORDINATE = word_set("in among for within when if because while by to with of as at on than so")
_FOCUSING = frozenset({"both", "either", "only", "just", "not"})
_UNIVERSAL = word_set("both all every everyone everybody each any anyone")
_REASSURING = word_set("no not n't without safe safer less lower fewer")


def _open_to_hedges(analysis: Analysis) -> Target | None:
    """A claim that a hedge fits: a plain statement, not a count that has been taken."""
    target = benefit(analysis) if is_prose(analysis) else None
    if target is None or analysis.support.absolute:
        return None
    past_or_perfect = target.group.finite.tag == "VBD" or target.group.kind == "have"
    return None if past_or_perfect and has_numbers(analysis) else target


def hedge_may(analysis: Analysis) -> str | None:
    """ "reduces" → "may reduce", "reduced" → "may have reduced"."""
    target = _open_to_hedges(analysis)
    return under(analysis, target.group, "may") if target else None


def hedge_might_could(analysis: Analysis) -> str | None:
    """ "reduces" → "might reduce" or "could reduce"."""
    target = _open_to_hedges(analysis)
    if target is None:
        return None
    return under(analysis, target.group, turn(analysis, "modal", ("might", "could")))


def hedge_appears(analysis: Analysis) -> str | None:
    """ "reduces" → "appears to reduce", "reduced" → "appeared to reduce"."""
    target = _open_to_hedges(analysis)
    return appearing(analysis, target.group) if target else None


def hedge_possibly(analysis: Analysis) -> str | None:
    """ "reduces" → "possibly reduces", "is effective" → "is perhaps effective"."""
    target = _open_to_hedges(analysis)
    if target is None:
        return None
    # "can possibly" asks how much is possible; "can perhaps" doubts it.
    able = target.group.kind == "modal"
    adverb = "perhaps" if able else turn(analysis, "adverb", ("possibly", "perhaps", "possibly"))
    return with_adverb(analysis, target.group, adverb)


def hedge_opening(analysis: Analysis) -> str | None:
    """ "Perhaps turmeric reduces …"."""
    target = _open_to_hedges(analysis)
    if target is None or analysis.tokens[0].lower in ("you", "we", "your", "there"):
        return None  # "Perhaps you …" invites
    return opened(analysis, target, turn(analysis, "opening", ("Perhaps", "Possibly", "Maybe")))


def hedge_matrix(analysis: Analysis) -> str | None:
    """ "It is possible that turmeric reduces …"."""
    frames = ("It is possible that", "It may be that", "It is possible that")
    return opened(analysis, _open_to_hedges(analysis), turn(analysis, "matrix", frames))


_CLAUSES = (
    ", although larger trials are still needed",
    ", but the evidence so far is limited",
    ", though no long-term trial has tested this",
    ", but this has yet to be confirmed by independent researchers",
    ", although the studies so far have been small and short",
    ", but the quality of the evidence is low",
    ", though the findings have not been replicated",
    ", although more research is needed to be sure",
)
_ASIDES = (
    " (larger trials are still needed)",
    "; the evidence so far is limited",
    " (the studies so far have been small)",
    "; this has yet to be confirmed in a large trial",
    " (no long-term data exist)",
    "; more research is needed",
)
_CONCESSIONS = (
    "Although the evidence is still limited,",
    "While larger trials are needed,",
    "Though the studies so far have been small,",
    "Although the findings have not been replicated,",
)
_COUNTS = (
    ("34 of 50 volunteers", "21 of 50 on placebo"),
    ("41 of 60 adults", "27 of 60 given a placebo"),
    ("52 of 80 participants", "33 of 80 in the control group"),
    ("63 of 90 people", "44 of 90 on a dummy treatment"),
)


def _unlimited(analysis: Analysis) -> Target | None:
    return None if analysis.support.limitation else benefit(analysis)


def limit_clause(analysis: Analysis) -> str | None:
    """ "…, although larger trials are still needed." """
    return ended(analysis, _unlimited(analysis), turn(analysis, "clause", _CLAUSES))


def limit_aside(analysis: Analysis) -> str | None:
    """ "… (larger trials are still needed).", "…; more research is needed." """
    return ended(analysis, _unlimited(analysis), turn(analysis, "aside", _ASIDES))


def limit_opening(analysis: Analysis) -> str | None:
    """ "Although the evidence is still limited, turmeric reduces …" """
    if any(token.lower in TURNS for token in analysis.tokens):
        return None
    return opened(analysis, _unlimited(analysis), turn(analysis, "conceding", _CONCESSIONS))


def _countable(analysis: Analysis) -> Target | None:
    """A claim about what is given to people, without figures of its own."""
    if has_numbers(analysis) or any(t.lower in ("you", "your") for t in analysis.tokens):
        return None
    target = benefit(analysis)
    if target is None or (target.claim and target.claim.kind not in ("efficacy", "mechanism")):
        return None
    return target


def count_in_brackets(analysis: Analysis) -> str | None:
    """ "… (in 34 of 50 volunteers against 21 of 50 on placebo)." """
    counted, against = turn(analysis, "counts", _COUNTS)
    link = turn(analysis, "link", ("against", "compared with", "versus"))
    lead = turn(analysis, "lead", ("in ", "seen in ", ""))
    return ended(analysis, _countable(analysis), f" ({lead}{counted} {link} {against})")


def count_as_adjunct(analysis: Analysis) -> str | None:
    """ "… in 34 of 50 volunteers against 21 of 50 on placebo." """
    target = _countable(analysis)
    if target is None:
        return None
    counted, against = turn(analysis, "counts", _COUNTS)
    rest = analysis.tokens[target.group.head.i + 1 :]
    if any(token.lower in _SUBORDINATE or token.tag == "WDT" for token in rest):
        return opened(analysis, target, f"In {counted}, against {against},")
    return ended(analysis, target, f" in {counted} against {against}")


def harm_denied(analysis: Analysis) -> str | None:
    """ "has no side effects" → "may have no side effects"."""
    return _harm_hedged(analysis, harm(analysis, "0"))


def harm_unseen(analysis: Analysis) -> str | None:
    """The same where no word names the harm."""
    return _harm_hedged(analysis, unseen_harm(analysis))


def _harm_hedged(analysis: Analysis, target: Target | None) -> str | None:
    if target is None:
        return None
    words = turn(analysis, "harm", ("may", "appear", "might", "probably"))
    if words == "probably":
        found = with_adverb(analysis, target.group, words)
    elif words == "appear":
        found = appearing(analysis, target.group)
    else:
        found = under(analysis, target.group, words)
    return found or under(analysis, target.group, "may")


def harm_stated(analysis: Analysis) -> str | None:
    """ "cause nausea" → "may cause nausea"."""
    target = harm(analysis, "-")
    if target is None or (target.claim and target.claim.scope.negated):
        return None
    if target.group.finite.tag == "VBD":
        return None
    told = target.group.head.lemma in REPORTING | {"include", "list", "record", "see"}
    soothing = any(c.cue_class in ("minimiser", "denied-harm") for c in analysis.cues)
    if told or soothing or any(token.lower in _REASSURING for token in analysis.tokens):
        return None
    return under(analysis, target.group, turn(analysis, "harm", ("may", "might", "could")))


def no_evidence(analysis: Analysis) -> str | None:
    """ "There is no evidence that turmeric reduces …" """
    frames = (
        "There is no evidence that",
        "There is no good evidence that",
        "No trial has shown that",
    )
    return opened(analysis, benefit(analysis), turn(analysis, "denial", frames))


def myth(analysis: Analysis) -> str | None:
    """ "It is a myth that turmeric reduces …" """
    frames = ("It is a myth that", "It is not true that", "It is a common misconception that")
    return opened(analysis, benefit(analysis), turn(analysis, "myth", frames))


def asked(analysis: Analysis) -> str | None:
    """ "Turmeric reduces pain." → "Does turmeric reduce pain?"."""
    target = benefit(analysis)
    if target is None or not subject_first(analysis, target.group):
        return None
    group, rest = target.group, lowered(analysis)
    if rest is None or group.finite.text[0] in "'’" or group.subject.lower == "that":
        return None
    if coordinated(analysis.tokens, group.head):
        return None
    start, end = place_in(analysis, group.finite)
    subject, tail = rest[:start], rest[end:-1]
    if group.kind != "plain" or base_of(group.finite) == "be":
        return f"{capitalised(group.finite.lower)} {subject.strip()}{tail}?"
    if group.shared:
        return None
    forms = untensed(group, perfect=False)
    helper = {"VBZ": "Does", "VBP": "Do", "VBD": "Did"}[group.finite.tag]
    return f"{helper} {subject}{forms[0]}{tail}?" if forms else None


def negated(analysis: Analysis) -> str | None:
    """ "reduces" → "does not reduce", "is effective" → "is not effective"."""
    target = _open_to_hedges(analysis)
    if target is None or target.group.kind == "do":
        return None
    group = target.group
    if group.shared or coordinated(analysis.tokens, group.head):
        return None
    if any(token.lower in _UNIVERSAL for token in analysis.tokens[: group.finite.i]):
        return None  # "all do not work" can be read in two ways
    behind = analysis.tokens[group.finite.i + 1 : group.finite.i + 2]
    if group.start != group.finite.i or any(token.lower in _FOCUSING for token in behind):
        return None
    if group.finite.lower == "can":
        return changed(analysis, [put(analysis, group.finite, "cannot")])
    if group.kind != "plain" or base_of(group.finite) == "be":
        return changed(analysis, [put_after(analysis, group.finite, "not")])
    forms = untensed(group, perfect=False)
    helper = {"VBZ": "does", "VBP": "do", "VBD": "did"}[group.finite.tag]
    if forms is None:
        return None
    return changed(analysis, [put(analysis, group.finite, f"{helper} not {forms[0]}")])
