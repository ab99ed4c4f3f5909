"""Sentences with the analysis that the annotation scheme asks for.

``development.jsonl`` was used while the rules were written: every row holds.
``held_back.jsonl`` was written afterwards and no rule was changed for it: the share
that holds is what to expect of new text, and must not fall.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from claimcheck.claims import Analyser, Analysis, ClaimDraft

DATA = Path(__file__).parent / "data"
_SLOTS = (
    "agent", "relation", "outcome", "population", "comparator", "magnitude", "source", "design",
)  # fmt: skip
HELD_BACK_FLOOR = 52
"""Of 60 rows: what held when the set was written, before any rule had seen its like."""


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


_DEVELOPMENT = sentences("development")


@pytest.mark.parametrize("row", _DEVELOPMENT, ids=lambda row: f"{row['text'][:50]}~{row.get('at')}")
def test_development_sentence(row: dict[str, Any]) -> None:
    (analysis,) = Analyser().sentences([row["text"]])
    assert differences(analysis, row) == []


def test_held_back_sentences_keep_their_share() -> None:
    rows = sentences("held_back")
    analyses = Analyser().sentences([row["text"] for row in rows])
    held = sum(not differences(analysis, row) for row, analysis in zip(rows, analyses, strict=True))
    assert len(rows) == 60
    assert held >= HELD_BACK_FLOOR


def test_the_two_sets_share_no_sentence() -> None:
    assert not {row["text"] for row in _DEVELOPMENT} & {
        row["text"] for row in sentences("held_back")
    }
