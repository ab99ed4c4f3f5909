"""Canonical text: a sentence without its hedges, limits, boosters and names.

The judge's guarantees rest on this module. Encoder and features read the canonical
text; what was taken out of it comes back only as a short list of *modifiers*, whose
weights may have one sign each (:data:`MODIFIERS`). So a hedge put on a claim, a
limitation or "n of N" with a comparator added, or the claim asked or denied instead
of asserted, can never raise a score; "proven" or "guaranteed" can never lower it; and
a name in place of another of its section, other white space or other quotation marks
change nothing.

What is taken out: may, might, could before a verb; "appears to", "is thought to";
hedging adverbs; "it is possible that"; an opening or closing clause or a parenthesis
that states a limit of the evidence; "n of N" with a comparator in a parenthesis, at the
beginning or at the end; "proven to", "guaranteed to", "definitely"; "there is no
evidence that" and its kin; the "not" of a claim of benefit; the form of a yes-or-no
question. A hedge is taken out wherever it stands, in scope or not: whether it bears on
the claim only decides the modifier (H1, H2). "Can" and "will" go too, since "may" takes
their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

from claimcheck.claims import Analysis
from claimcheck.judge.canonical.draft import MODIFIERS, Draft
from claimcheck.judge.canonical.frames import contractions, denials, frames, helpers, questions
from claimcheck.judge.canonical.hedges import adverbs, boosters, hedges
from claimcheck.judge.canonical.limits import limits
from claimcheck.judge.canonical.names import exemplars, names

__all__ = [
    "MODIFIERS",
    "Canonical",
    "canonical",
    "exemplars",
    "plainly_written",
    "settled",
    "words_behind",
]


@dataclass(frozen=True, slots=True)
class Canonical:
    """A sentence's canonical text and what was taken out of it.

    ``modifiers`` holds names of :data:`MODIFIERS` that hold of the sentence, whether
    or not its claims are of benefit; see
    :func:`claimcheck.judge.features.modifier_vector`.
    """

    text: str
    modifiers: frozenset[str]


def canonical(analysis: Analysis) -> Canonical:
    """The canonical text of an analysed sentence. Pure."""
    draft = Draft(analysis)
    for step in _STEPS:
        step(draft)
    return Canonical(draft.text(), draft.modifiers())


def settled(modifiers: frozenset[str], analysis: Analysis) -> frozenset[str]:
    """The modifiers with what the canonical sentence itself denies.

    A denial that is left in the canonical text is read there, because a hedge may change
    how the sentence that holds it is parsed.

    :param analysis: of the canonical text.
    """
    denied = any(
        claim.scope.stance == "debunked" or (claim.scope.negated and claim.level <= 1)
        for claim in analysis.claims
    )
    found = modifiers | {"denied"} if denied else modifiers
    # What is not put forward is no bolder than what is put forward with a hedge.
    return found | {"hedged"} if found & {"asked", "denied"} else found


def plainly_written(analysis: Analysis) -> str:
    """The sentence with single spaces, straight quotation marks, and names masked.

    It is parsed again before :func:`canonical` looks at it, so that none of the three can
    change how it is parsed.
    """
    draft = Draft(analysis)
    names(draft)
    return draft.text() or analysis.text


def words_behind(span: tuple[int, int], text: str, original: str) -> tuple[int, int]:
    """Where the words of a span of canonical text stand in the sentence that it is of.

    Words are aligned in order; where none of the span's words stand in the sentence (a
    name was put in another's place), the words between their neighbours are taken.

    :returns: a span of ``original``, never empty for a sentence that has a word.
    """
    ours = [match.span() for match in _WORD.finditer(text)]
    theirs = [match.span() for match in _WORD.finditer(original)]
    if not theirs:
        return 0, len(original)
    matcher = SequenceMatcher(
        None,
        [text[a:b].lower() for a, b in ours],
        [original[a:b].lower() for a, b in theirs],
        autojunk=False,
    )
    hit: list[int] = []
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        for index in range(i1, i2):
            if ours[index][0] < span[1] and span[0] < ours[index][1] and j2 > j1:
                same = i2 - i1 == j2 - j1
                hit.extend((j1 + index - i1,) if same else (j1, j2 - 1))
    if not hit:
        return theirs[0][0], theirs[-1][1]
    return theirs[min(hit)][0], theirs[max(hit)][1]


_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")

_STEPS: tuple[Callable[[Draft], None], ...] = (
    limits, frames, questions, denials, helpers, contractions, boosters, hedges,
    adverbs, names,
)  # fmt: skip
