"""Evidence always lies within its sentence and in order, on running text of the project."""

from __future__ import annotations

from pathlib import Path

from claimcheck.claims import Analyser
from claimcheck.corpus import load_corpus
from claimcheck.issues import Context, propose

WELLNESS = Path(__file__).resolve().parents[2] / "corpora" / "wellness"
OPENERS = [
    "After two weeks the new drops are helping!",
    "Within a month the cream and the tablets are soothing.",
    "Without the coating the capsules end up lying in the stomach of the patient.",
    "For years, with stress and bad sleep at work, the tea is calming.",
]


def test_evidence_lies_in_its_sentence() -> None:
    texts = [*OPENERS, *(row.text for row in load_corpus(WELLNESS, splits=["dev", "test"]))]
    analyses = tuple(Analyser().sentences(texts))
    proposals = 0
    for one in analyses:
        for candidate in propose(Context((one,), 0)):
            proposals += 1
            assert candidate.evidence, one.text
            for start, end in candidate.evidence:
                assert one.start <= start < end <= one.end, (candidate, one.text)
    assert proposals > 200
