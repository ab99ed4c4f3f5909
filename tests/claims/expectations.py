"""Development sentences: reading them, and saying where an analysis differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from claimcheck.claims import Analysis, ClaimDraft

DATA = Path(__file__).parent / "data"
_FRAME = ("hedge", "stance")
_SLOTS = (
    "agent", "relation", "outcome", "population", "comparator", "magnitude", "source", "design",
)  # fmt: skip


def sentences(name: str) -> list[dict[str, Any]]:
    """The rows of one file in ``data``."""
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def differences(analysis: Analysis, expected: dict[str, Any]) -> list[str]:
    """What the analysis gives where the row expects something else; empty when all hold."""
    if expected.get("claims") == 0:
        return [] if not analysis.claims else [f"claims: {len(analysis.claims)}, expected none"]
    claim = claim_at(analysis, expected.get("at"))
    if claim is None:
        return [f"no claim at {expected.get('at')!r}"]
    found = {
        "hedge": claim.hedge,
        "stance": claim.scope.stance,
        "level": claim.level,
        "kind": claim.kind,
        "polarity": claim.polarity,
    }
    for slot in _SLOTS:
        span = getattr(claim.slots, slot)
        found[slot] = None if span is None else analysis.text[span[0] : span[1]]
    return [
        f"{name}: {found[name]!r}, expected {value!r}"
        for name, value in expected.items()
        if name in found and found[name] != value
    ]


def claim_at(analysis: Analysis, word: str | None) -> ClaimDraft | None:
    """The claim whose predicate is a word, or the first one."""
    for claim in analysis.claims:
        if word is None or analysis.tokens[claim.predicate].text == word:
            return claim
    return None
