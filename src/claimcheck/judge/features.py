"""Features of one sentence among its neighbours.

Training and serving call the same functions, so they cannot drift. All are computed
from the *canonical* sentence (:mod:`claimcheck.judge.canonical`), but for the modifiers,
which say what was taken out of it. Three views:

* **modifiers**: hedged, limited, numbered, denied, asked, proven: a block of its own,
  because the flag head may give each of them one sign only.
* **dense**: a fixed list of numbers (:data:`FEATURE_NAMES`): cue classes in scope,
  hedge state, stance, strength, kind, support here and beside, form of the unit, and
  which issue rules propose something.
* **words**, for models without an encoder: the sentence as a string of tokens in which
  numbers and names are replaced and hedges dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, get_args

from claimcheck.claims import Analysis, ClaimDraft
from claimcheck.claims.lexicon import CUE_CLASSES
from claimcheck.judge.canonical import MODIFIERS
from claimcheck.judge.encoder import KIND_ORDER
from claimcheck.records import BlockKind, ClaimKind, Hedge, Stance

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "FEATURE_NAMES",
    "ISSUE_NAMES",
    "MODIFIER_NAMES",
    "MODIFIER_SIGNS",
    "Case",
    "dense_vector",
    "modifier_vector",
    "word_view",
]


class Case(NamedTuple):
    """One sentence as the judge reads it.

    ``sentence`` is the analysis of its canonical text; ``before`` and ``after`` are the
    neighbours as they stand, null at the edges and across headings; ``issues`` are the
    public names that the rules propose for the canonical sentence; ``modifiers`` is what
    was taken out of it.
    """

    sentence: Analysis
    before: Analysis | None
    after: Analysis | None
    issues: tuple[str, ...]
    modifiers: frozenset[str]


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


MODIFIER_NAMES: tuple[str, ...] = (*MODIFIERS, "harm-denied")
"""The modifiers that weigh on claims of benefit, and one that weighs on claims of harm."""

MODIFIER_SIGNS: tuple[int, ...] = (*MODIFIERS.values(), -1)
"""The only sign that the flag head's weight of each may have."""

_MODIFIER_SIZE = 2.0
"""Larger than a dense feature, so that regularisation shrinks the few modifiers less."""


def modifier_vector(case: Case, outputs: np.ndarray | None = None) -> np.ndarray:
    """The modifiers in the order of :data:`MODIFIER_NAMES`.

    Hedges, limits and numbers say nothing for or against a claim of harm (H9), so there
    only a question and a denial count. Whether it is one is read from the canonical
    sentence, by the rules and by the encoder, so that no edit changes it.

    :param outputs: the encoder's outputs for the sentence, shape ``(n_outputs,)``.
    :returns: float32, shape ``(len(MODIFIER_NAMES),)``.
    """
    import numpy as np

    found = case.modifiers
    rules = any(claim.kind == "safety" or _harms(claim) for claim in case.sentence.claims)
    good = any(claim.kind in _BENEFITS and claim.polarity == "+" for claim in case.sentence.claims)
    bound = _HARM_BESIDE_BENEFIT if good else _HARM_ALONE
    if rules or (outputs is not None and _harm_chance(outputs) > bound):
        found = (found & {"asked"}) | ({"harm-denied"} if "denied" in found else frozenset())
    return np.array([_MODIFIER_SIZE * (name in found) for name in MODIFIER_NAMES], np.float32)


def _harms(claim: ClaimDraft) -> bool:
    return claim.polarity == "-" and claim.kind != "comparison"


_BENEFITS = frozenset({"efficacy", "mechanism", "comparison", "risk", "advice"})
_HARM_BESIDE_BENEFIT, _HARM_ALONE = 0.25, 0.04
"""How likely a claim of harm must be, by the encoder, for hedges to count for nothing.

Harm that is made light of without a word for it looks like no claim at all to the rules,
so where they see no benefit either, little suspicion is enough.
"""


def _harm_chance(outputs: np.ndarray) -> float:
    """The encoder's probability that the sentence is about safety or harm."""
    import numpy as np

    kinds = outputs[3 : 3 + len(KIND_ORDER)]
    chances = np.exp(kinds - kinds.max())
    return float(chances[KIND_ORDER.index("safety")] / chances.sum())


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


def dense_vector(case: Case) -> np.ndarray:
    """The dense features in the order of :data:`FEATURE_NAMES`.

    :returns: float32, shape ``(len(FEATURE_NAMES),)``.
    """
    import numpy as np

    analysis, before, after, issues = case.sentence, case.before, case.after, case.issues

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
