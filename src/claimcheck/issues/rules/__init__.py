"""The issue rules: claim and context → candidate reasons.

One module a family. A rule says *which* reasons apply and shows the words; whether
the sentence is worth an editor's time is the judge's to say.
"""

from __future__ import annotations

from claimcheck.issues.candidates import Candidate, Context
from claimcheck.issues.rules import (
    advice,
    certainty,
    comparison,
    harm,
    inference,
    language,
    numbers,
    source,
)

__all__ = ["propose"]

_RULES = (
    certainty.impossible_weight_loss,
    certainty.cure,
    harm.minimised_harm,
    advice.strong_advice,
    harm.net_benefit,
    certainty.absolute,
    inference.preclinical,
    inference.causal_overreach,
    comparison.misleading_comparison,
    source.anecdote,
    harm.natural_fallacy,
    source.vague_evidence,
    source.single_study,
    inference.surrogate,
    inference.extrapolation,
    numbers.relative_risk,
    numbers.unquantified,
    language.disease_mongering,
    advice.missing_caveat,
    source.popularity,
    language.hype,
)

# UNHEDGED is residual: it is required only where none of these families applies.
_PRIMARY = frozenset(
    {
        "impossible-weight-loss",
        "cure",
        "minimised-harm",
        "net-benefit",
        "absolute",
        "natural-fallacy",
        "vague-evidence",
        "popularity",
        "anecdote",
        "single-study",
        "relative-risk",
        "unquantified",
        "misleading-comparison",
    }
)
_SUBSUMED = {
    "cure": {"absolute"},
    "impossible-weight-loss": {"absolute", "unquantified", "cure"},
}


def propose(context: Context) -> tuple[Candidate, ...]:
    """Every reason that applies to a sentence, in the scheme's display order.

    The co-labelling rules of section 2.4 are applied: ``cure`` and
    ``impossible-weight-loss`` subsume ``absolute``; ``natural-fallacy`` subsumes
    ``minimised-harm`` unless harm is denied in words; ``bare-assertion`` is residual.
    """
    found: list[Candidate] = []
    for rule in _RULES:
        candidate = rule(context)
        if candidate is not None:
            found.append(candidate)
    names = {candidate.issue for candidate in found}
    dropped: set[str] = set()
    for name in names:
        dropped |= _SUBSUMED.get(name, set())
    kept = [
        candidate
        for candidate in found
        if candidate.issue not in dropped
        and not (
            candidate.issue == "minimised-harm"
            and candidate.variant != "denied"
            and "natural-fallacy" in names
        )
    ]
    if not {candidate.issue for candidate in kept} & _PRIMARY:
        bare = certainty.bare_assertion(context)
        if bare is not None:
            kept.append(bare)
    if not kept:
        weak = certainty.fallback(context)
        kept = [weak] if weak is not None else []
    return tuple(kept)
