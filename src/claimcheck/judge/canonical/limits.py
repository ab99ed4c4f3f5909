"""Clauses and parentheses that state a limit of the evidence, or both arms of a trial."""

from __future__ import annotations

import re

from claimcheck.judge.canonical.draft import Draft

__all__ = ["limits"]

_TURNS = frozenset({"although", "though", "but", "while", "yet", "albeit", "however"})

_BREAKS = frozenset({",", ";", "—", "–", "-", ":"})

_MOST_CLAUSE = 26

_FEWEST_LEFT = 3

_LIMIT_WORDS = re.compile(
    r"\b(?:evidence|stud(?:y|ies)|research\w*|trials?|data|findings?|results?|samples?)\b"
)

_LIMITING = re.compile(
    r"\b(?:limited|needed|required|small|lacking|weak|mixed|early|preliminary|unclear|scarce|"
    r"sparse|thin|uncertain|conflicting|inconclusive|confirm\w*|warranted|short|modest|low|"
    r"replicated|tested|yet|lack|lacks|no|not|few|poor|only)\b"
)

_TRIAL_ARMS = re.compile(
    r"\b\d[\d,.]* (?:out )?of (?:the )?\d[\d,.]*\b.*?"
    r"\b(?:against|versus|vs\.?|compared (?:with|to)|and)\b.*?"
    r"\b\d[\d,.]* (?:(?:out )?of|in) (?:the )?\d[\d,.]*"
)


def limits(draft: Draft) -> None:
    """Closing clauses and parentheses that state a limit, or both arms of a trial."""
    for first, last in _parentheses(draft):
        kind = _what_limits(draft, first, last)
        if kind:
            draft.drop(first, last)
            draft.removed.add(kind)
    for first in range(_FEWEST_LEFT, draft.last):
        if not _opens_clause(draft, first) or draft.last - first > _MOST_CLAUSE:
            continue
        if _what_limits(draft, first, draft.last) == "limitation":
            draft.drop(first, draft.last)
            draft.removed.add("limitation")
            break
    _opening_limit(draft)
    _closing_arms(draft)
    _opening_arms(draft)


def _opening_limit(draft: Draft) -> None:
    """ "Although the evidence is limited, X" → "X"."""
    first = 1 if draft.lower(0) == "even" else 0
    if draft.lower(first) not in ("although", "though", "while", "whilst"):
        return
    comma = next((t.i for t in draft.tokens[:_MOST_CLAUSE] if t.text == ","), None)
    if comma is None or draft.last - comma <= _FEWEST_LEFT:
        return
    if _what_limits(draft, 0, comma) == "limitation":
        draft.drop(0, comma + 1)
        draft.removed.add("limitation")


def _opening_arms(draft: Draft) -> None:
    """ "In 34 of 50 volunteers, against 21 of 50 on placebo, X" → "X"."""
    if draft.lower(0) not in ("in", "among") or not draft.last > 1 or not draft.tokens[1].number:
        return
    commas = [t.i for t in draft.tokens[:_MOST_CLAUSE] if t.text == ","]
    for comma in commas:
        words = " ".join(token.lower for token in draft.tokens[:comma])
        if _TRIAL_ARMS.search(words) and draft.last - comma > _FEWEST_LEFT:
            draft.drop(0, comma + 1)
            draft.removed.add("numbers")
            return


def _parentheses(draft: Draft) -> list[tuple[int, int]]:
    found, opened = [], -1
    for index, word in enumerate(draft.words):
        if word == "(":
            opened = index
        elif word == ")" and opened >= _FEWEST_LEFT:
            found.append((opened, index + 1))
            opened = -1
    return found


def _opens_clause(draft: Draft, index: int) -> bool:
    """A break followed by a turning word, or a semicolon before a statement of limits."""
    word = draft.lower(index)
    if word in _BREAKS:
        following = draft.lower(index + 1)
        return following in _TURNS or word in (";", "—", "–")
    return word in _TURNS and draft.lower(index - 1) not in _BREAKS


def _what_limits(draft: Draft, first: int, last: int) -> str | None:
    words = " ".join(token.lower for token in draft.tokens[first:last])
    if _TRIAL_ARMS.search(words):
        return "numbers"
    inside = any(
        first <= cue.first < last and cue.cue_class == "hedge-limitation"
        for cue in draft.analysis.cues
    )
    if inside or (_LIMIT_WORDS.search(words) and _LIMITING.search(words)):
        return "limitation"
    return None


def _closing_arms(draft: Draft) -> None:
    """ "…, in 34 of 50 volunteers against 21 of 50 on placebo." """
    for first in range(draft.last - 1, _FEWEST_LEFT - 1, -1):
        if draft.lower(first) not in ("in", "among", "with", "by"):
            continue
        if not draft.tokens[first + 1 : first + 2] or not draft.tokens[first + 1].number:
            continue
        words = " ".join(token.lower for token in draft.tokens[first : draft.last])
        if _TRIAL_ARMS.search(words):
            start = first - 1 if draft.lower(first - 1) in _BREAKS else first
            draft.drop(start, draft.last)
            draft.removed.add("numbers")
            return
