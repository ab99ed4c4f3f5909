"""Are the reasons right? Issue types, evidence and hedges against the annotators' own.

Everything here is a count a sentence, so that documents can be drawn again and again
without looking at a sentence twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claimcheck.checker import MOST_FINDINGS, Checker, Judged
from claimcheck.corpus import ISSUE_CODES, LabelledSentence
from claimcheck.issues import Candidate
from claimcheck.records import Span
from claimcheck.training.metrics import FEW, Draws, confusion, interval, point, rate_samples

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "OPTIONAL",
    "annotated_spans",
    "evidence_hits",
    "given_flag",
    "hedge_counts",
    "hedge_spans",
    "issue_confusion",
    "issue_counts",
    "issue_table",
    "micro_counts",
]

OPTIONAL = frozenset({"bare-assertion", "missing-caveat"})
"""Issue types that the scheme calls optional beside others: they count neither way."""

_NOTHING = "(none)"
_OTHER = "(other)"


def given_flag(checker: Checker, one: Judged) -> tuple[str, ...]:
    """The issues that the checker would raise if it were told that the sentence is flagged.

    In display order, at most three. Filters of the user play no part.
    """
    names = [candidate.issue for candidate in checker.reasons_given_flag(one)]
    return tuple(names[:MOST_FINDINGS])


def issue_counts(
    wanted: Sequence[Sequence[str]], given: Sequence[Sequence[str]], *, name: str
) -> np.ndarray:
    """True positives, false positives and misses of one issue type, shape ``(n, 3)``."""
    import numpy as np

    gold = np.array([name in one for one in wanted], dtype=bool)
    said = np.array([name in one for one in given], dtype=bool)
    return np.stack([gold & said, ~gold & said, gold & ~said], axis=1).astype(float)


def micro_counts(wanted: Sequence[Sequence[str]], given: Sequence[Sequence[str]]) -> np.ndarray:
    """The counts of all types but the optional ones, summed a sentence, shape ``(n, 3)``."""
    import numpy as np

    total = np.zeros((len(wanted), 3))
    for name in ISSUE_CODES.values():
        if name not in OPTIONAL:
            total += issue_counts(wanted, given, name=name)
    return total


def issue_table(
    wanted: Sequence[Sequence[str]],
    *,
    end_to_end: Sequence[Sequence[str]],
    given: Sequence[Sequence[str]],
    draws: Draws,
) -> dict[str, dict[str, Any]]:
    """Rates of every type that occurs, in display order.

    ``n`` counts the sentences of the type in gold; ``few`` says that they are fewer
    than 20. Rates given gold flags have the suffix ``_given_flag``.

    :param given: what would be raised on each gold flag, and nothing elsewhere.
    """
    table: dict[str, dict[str, Any]] = {}
    for name in ISSUE_CODES.values():
        counts = issue_counts(wanted, end_to_end, name=name)
        told = issue_counts(wanted, given, name=name)
        if not counts.any() and not told.any():
            continue
        hit, extra, missed = counts.sum(axis=0)
        row: dict[str, Any] = {
            "n": int(hit + missed),
            "few": bool(hit + missed < FEW),
            "raised": int(hit + extra),
        }
        intervals = {}
        for suffix, one in (("", counts), ("_given_flag", told)):
            drawn = rate_samples(draws.sums(one))
            for metric, values in rate_samples(one.sum(axis=0)[None]).items():
                row[f"{metric}{suffix}"] = point(values[0])
                intervals[f"{metric}{suffix}"] = interval(drawn[metric])
        row["intervals"] = intervals
        table[name] = row
    return table


def issue_confusion(
    wanted: Sequence[Sequence[str]], given: Sequence[Sequence[str]], *, most: int = 12
) -> Mapping[str, list[Any]]:
    """Which type is said for which, over sentences where either side names one.

    Types that both name are on the diagonal. A missed type is paired with every type
    that was raised in its place, or with "(none)"; a raised type without a missed one
    stands in the row "(none)".

    :param most: keep the most frequent types; the others become "(other)".
    """
    pairs: list[tuple[str, str]] = []
    for gold, said in zip(wanted, given, strict=True):
        both = [name for name in gold if name in said]
        missed = [name for name in gold if name not in said]
        extra = [name for name in said if name not in gold]
        pairs += [(name, name) for name in both]
        pairs += [(one, other) for one in missed for other in extra or [_NOTHING]]
        if not missed:
            pairs += [(_NOTHING, name) for name in extra]
    sizes = {name: sum(name in pair for pair in pairs) for name in ISSUE_CODES.values()}
    kept = set(sorted(sizes, key=lambda name: -sizes[name])[:most])
    names = [name for name in ISSUE_CODES.values() if name in kept and sizes[name]]
    rest = any(name not in kept and size for name, size in sizes.items())
    names += [_OTHER, _NOTHING] if rest else [_NOTHING]
    fold = {name: name for name in (*names, _NOTHING)}
    return confusion(
        [(fold.get(gold, _OTHER), fold.get(said, _OTHER)) for gold, said in pairs], names=names
    )


def annotated_spans(text: str, phrase: str) -> tuple[Span, ...]:
    """Where an annotator's phrase stands in its sentence, every occurrence, as whole words.

    The labels hold words and no offsets, so with "may … may" either may be meant.
    """
    if not phrase:
        return ()
    pattern = rf"(?<!\w){re.escape(phrase)}(?!\w)"
    found = tuple(match.span() for match in re.finditer(pattern, text))
    if found:
        return found
    place = text.find(phrase)  # a phrase that was cut inside a word
    return ((place, place + len(phrase)),) if place >= 0 else ()


def _meet(one: Sequence[Span], other: Sequence[Span]) -> bool:
    return any(s < end and start < e for s, e in one for start, end in other)


def evidence_hits(rows: Sequence[LabelledSentence], judged: Sequence[Judged]) -> np.ndarray:
    """Correct flags that have an annotator's cue, and those whose evidence overlaps it.

    :returns: shape ``(n, 2)``: overlapping, all.
    """
    import numpy as np

    counts = np.zeros((len(rows), 2))
    for place, (row, one) in enumerate(zip(rows, judged, strict=True)):
        cues = annotated_spans(row.text, row.cue)
        if row.label != "FLAG" or not one.raised or not cues:
            continue
        counts[place] = (_meet(cues, evidence_of(one.raised, one)), 1)
    return counts


def evidence_of(candidates: Sequence[Candidate], one: Judged) -> tuple[Span, ...]:
    """Evidence spans in the sentence's own offsets."""
    start = one.context.sentence.start
    return tuple((s - start, e - start) for c in candidates for s, e in c.evidence)


def hedge_spans(one: Judged) -> tuple[Span, ...]:
    """The hedges that govern a claim's predicate, in the sentence's own offsets."""
    sentence = one.context.sentence
    found = {
        (cue.start - sentence.start, cue.end - sentence.start)
        for claim in sentence.claims
        for cue in claim.scope.hedges
    }
    return tuple(sorted(found))


def hedge_counts(rows: Sequence[LabelledSentence], judged: Sequence[Judged]) -> np.ndarray:
    """Agreement on the governing hedge, over sentences that make a claim.

    Annotators mark a hedge on claims only. A sentence counts as found if the spans
    meet; where both sides mark a hedge and the spans do not meet, it is both a miss
    and a false alarm.

    :returns: shape ``(n, 5)``: found, false, missed, shared characters, all characters
        that either side marks (the last two where both mark one).
    """
    import numpy as np

    counts = np.zeros((len(rows), 5))
    for place, (row, one) in enumerate(zip(rows, judged, strict=True)):
        if row.label == "NONE":
            continue
        gold, said = annotated_spans(row.text, row.hedge), hedge_spans(one)
        found = _meet(gold, said)
        counts[place, :3] = (found, bool(said) and not found, bool(gold) and not found)
        if gold and said:
            counts[place, 3:] = _shared(gold, said)
    return counts


def _shared(gold: Sequence[Span], said: Sequence[Span]) -> tuple[int, int]:
    """Characters that both sides mark, and that either marks, at the best occurrence."""
    marked = {place for start, end in said for place in range(start, end)}
    best = max((set(range(*span)) for span in gold), key=lambda span: len(span & marked))
    return len(best & marked), len(best | marked)
