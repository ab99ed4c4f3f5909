"""Features of one sentence among its neighbours.

Training and serving call the same functions, so they cannot drift. Two views:

* **words**: the sentence as a string of tokens in which numbers, names of
  interventions and conditions, and every hedge are replaced or dropped. A hedge can
  therefore reach the classifier only through the dense features.
* **dense**: a fixed list of numbers (:data:`FEATURE_NAMES`): cue classes in scope,
  hedge state, stance, strength, kind, support here and beside, form of the unit, and
  which issue rules propose something.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, get_args

from claimcheck.claims import Analysis, ClaimDraft
from claimcheck.claims.lexicon import CUE_CLASSES
from claimcheck.records import BlockKind, ClaimKind, Hedge, Stance

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FEATURE_NAMES", "ISSUE_NAMES", "dense_vector", "word_view"]

ISSUE_NAMES = (
    "impossible-weight-loss", "cure", "minimised-harm", "strong-advice", "net-benefit",
    "absolute", "preclinical", "causal-overreach", "misleading-comparison", "anecdote",
    "natural-fallacy", "vague-evidence", "single-study", "surrogate", "extrapolation",
    "relative-risk", "unquantified", "bare-assertion", "disease-mongering",
    "missing-caveat", "popularity", "hype",
)  # fmt: skip
"""The public issue names, as features; a test holds them against the catalogue."""

_MASKED = ("hedge-modal", "hedge-verb", "hedge-adverb", "hedge-adjective", "hedge-limitation")
_CUES = tuple(sorted(CUE_CLASSES))
_KINDS: tuple[ClaimKind, ...] = get_args(ClaimKind)
_STANCES: tuple[Stance, ...] = get_args(Stance)
_HEDGES: tuple[Hedge, ...] = get_args(Hedge)
_BLOCKS: tuple[BlockKind, ...] = get_args(BlockKind)
_SUPPORT = (
    "n_of_n",
    "change",
    "percent",
    "participants",
    "comparator",
    "interval",
    "named",
    "year",
    "limitation",
)

_SLOTS = ("agent", "outcome", "population", "comparator", "magnitude", "source")

FEATURE_NAMES: tuple[str, ...] = (
    *(f"cue:{name}" for name in _CUES),
    *(f"cue-out-of-scope:{name}" for name in _MASKED),
    *(f"kind:{name}" for name in _KINDS),
    *(f"stance:{name}" for name in _STANCES),
    *(f"hedge:{name}" for name in _HEDGES),
    *(f"level:{level}" for level in range(7)),
    *(f"polarity:{sign}" for sign in "+-0"),
    *(f"support:{name}" for name in _SUPPORT),
    *(f"support-beside:{name}" for name in _SUPPORT),
    *(f"design:{rank}" for rank in ("good", "weak", "animal", "testimony")),
    *(f"design-beside:{rank}" for rank in ("good", "weak", "animal", "testimony")),
    *(f"mention:{name}" for name in ("intervention", "condition", "outcome", "population")),
    *(f"slot:{name}" for name in _SLOTS),
    *(f"issue:{name}" for name in ISSUE_NAMES),
    "issues",
    "claims",
    "asserted-claims",
    "question",
    "imperative",
    "exclamation",
    "heading",
    "list-item",
    "quote-marks",
    "first-person",
    "second-person",
    "past-tense",
    "length",
    "claims-before",
    "claims-after",
    "hedged-before",
    "hedged-after",
)  # fmt: skip


def word_view(analysis: Analysis) -> str:
    """The sentence as space-separated tokens, hedges dropped, names masked."""
    dropped = {
        index
        for cue in analysis.cues
        if cue.cue_class in _MASKED
        for index in range(cue.first, cue.last)
    }
    masks: dict[int, str] = {}
    for mention in analysis.mentions:
        if mention.kind in ("intervention", "condition"):
            for index in range(mention.first, mention.last):
                masks.setdefault(index, "" if index > mention.first else f"<{mention.kind}>")
    words = []
    for token in analysis.tokens:
        if token.i in dropped or token.pos == "SPACE":
            continue
        if token.i in masks:
            if masks[token.i]:
                words.append(masks[token.i])
            continue
        words.append("#" if token.number or token.lower[:1].isdigit() else token.lower)
    return " ".join(words)


def dense_vector(
    analysis: Analysis,
    *,
    before: Analysis | None,
    after: Analysis | None,
    issues: Collection[str],
) -> np.ndarray:
    """The dense features in the order of :data:`FEATURE_NAMES`.

    :param before, after: the neighbours, null at the edges and across headings.
    :param issues: public names of the issues that the rules propose.
    :returns: float32, shape ``(len(FEATURE_NAMES),)``.
    """
    import numpy as np

    values: dict[str, float] = {}
    _cue_features(values, analysis)
    _claim_features(values, analysis.claims)
    _support_features(values, analysis, before, after)
    _form_features(values, analysis)
    for mention in analysis.mentions:
        values[f"mention:{mention.kind}"] = 1.0
    for name in issues:
        values[f"issue:{name}"] = 1.0
    values["issues"] = min(len(set(issues)), 4) / 4
    for side, other in (("before", before), ("after", after)):
        if other is not None:
            values[f"claims-{side}"] = float(bool(other.claims))
            values[f"hedged-{side}"] = float(any(c.hedge == "adequate" for c in other.claims))
    return np.array([values.get(name, 0.0) for name in FEATURE_NAMES], dtype=np.float32)


def _cue_features(values: dict[str, float], analysis: Analysis) -> None:
    bearing = {(cue.start, cue.id) for claim in analysis.claims for cue, ok in claim.cues if ok}
    for cue in analysis.cues:
        inside = not analysis.claims or (cue.start, cue.id) in bearing
        if cue.cue_class in _MASKED and not inside:
            values[f"cue-out-of-scope:{cue.cue_class}"] = 1.0
        else:
            values[f"cue:{cue.cue_class}"] = 1.0


def _claim_features(values: dict[str, float], claims: Sequence[ClaimDraft]) -> None:
    values["claims"] = min(len(claims), 3) / 3
    live = [
        c for c in claims if c.level >= 2 and c.scope.stance in ("asserted", "attributed", "quoted")
    ]
    values["asserted-claims"] = min(len(live), 3) / 3
    for claim in claims:
        values[f"kind:{claim.kind}"] = 1.0
        values[f"stance:{claim.scope.stance}"] = 1.0
        values[f"hedge:{claim.hedge}"] = 1.0
        values[f"level:{claim.level}"] = 1.0
        values[f"polarity:{claim.polarity}"] = 1.0
        for slot in _SLOTS:
            if getattr(claim.slots, slot) is not None:
                values[f"slot:{slot}"] = 1.0


def _support_features(
    values: dict[str, float], analysis: Analysis, before: Analysis | None, after: Analysis | None
) -> None:
    for prefix, group in (
        ("", [analysis]),
        ("-beside", [s for s in (before, after) if s is not None]),
    ):
        for sentence in group:
            support = sentence.support
            for name in _SUPPORT:
                if getattr(support, name):
                    values[f"support{prefix}:{name}"] = 1.0
            for rank in (support.design, support.weakest):
                if rank is not None:
                    values[f"design{prefix}:{_rank_name(rank)}"] = 1.0


def _rank_name(rank: int) -> str:
    if rank <= 3:
        return "good"
    if rank <= 7:
        return "weak"
    return "animal" if rank == 8 else "testimony"


def _form_features(values: dict[str, float], analysis: Analysis) -> None:
    tokens = analysis.tokens
    lowers = {token.lower for token in tokens}
    values["question"] = float(analysis.question)
    values["imperative"] = float(analysis.imperative)
    values["exclamation"] = float("!" in lowers)
    values["heading"] = float(analysis.heading)
    values["list-item"] = float(analysis.kind == "list-item")
    values["quote-marks"] = float(any(token.text in '“”"' for token in tokens))
    values["first-person"] = float(bool(lowers & {"i", "my", "me", "we", "our", "i'm"}))
    values["second-person"] = float(bool(lowers & {"you", "your", "yours", "yourself"}))
    values["past-tense"] = float(any(t.tag == "VBD" and t.dep == "ROOT" for t in tokens))
    values["length"] = min(len(tokens), 50) / 50
