"""The shipped model: loads without torch, does not depend on batches, stays in range."""

from __future__ import annotations

import subprocess
import sys

import pytest

from claimcheck.cases import cases_of
from claimcheck.claims import Analyser
from claimcheck.errors import ModelError
from claimcheck.issues import Context, propose
from claimcheck.judge import ISSUE_NAMES, Judge, Verdict
from claimcheck.judge.encoder import STRENGTH_ORDER, Piece
from claimcheck.judge.model import _cue_of

TEXTS = [
    "This tea is guaranteed to flatten your stomach within a week.",
    "The clinic opens at nine on weekdays.",
    "Magnesium may ease restless legs in some people, although trials have been small.",
    "A keto diet cures type 2 diabetes.",
    "In the trial, 3 of 112 people on the peel and 2 of 110 on placebo had blistering.",
]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge.load()


def verdicts(judge: Judge, texts: list[str]) -> list[Verdict]:
    analyser = Analyser()
    return [
        judge.verdicts(cases_of([one], analyser=analyser, proposed=[propose(Context((one,), 0))]))[
            0
        ]
        for one in analyser.sentences(texts)
    ]


def test_probabilities_and_kinds(judge: Judge) -> None:
    found = verdicts(judge, TEXTS)
    for one in found:
        assert one.score is not None
        assert 0.0 <= one.score <= 1.0
        assert set(one.reasons) == set(ISSUE_NAMES)
        assert one.strength in STRENGTH_ORDER
        assert 0.0 <= one.claim <= 1.0
        assert one.kind in judge.manifest.kinds
    scores = [one.score or 0.0 for one in found]
    assert scores[0] > scores[1]
    assert scores[3] > scores[2]
    assert found[1].claim < 0.5 < found[3].claim


def test_batch_order_and_size_do_not_matter(judge: Judge) -> None:
    analyser = Analyser()
    cases = [
        case
        for one in analyser.sentences(TEXTS)
        for case in cases_of([one], analyser=analyser, proposed=[()])
    ]
    together = judge.verdicts(cases)
    assert together == judge.verdicts(cases[::-1])[::-1]
    assert together == tuple(judge.verdicts([case])[0] for case in cases)


def test_what_the_front_stage_dismissed_has_no_score(judge: Judge) -> None:
    (one,) = judge.verdicts([None])
    assert one.score is None
    assert one.claim == 0.0


def test_the_front_stage_passes_a_claim_on(judge: Judge) -> None:
    assert judge.worth_reading(["Ginseng cures diabetes.", "Collagen is completely safe."]) == (
        True,
        True,
    )
    assert judge.worth_reading([]) == ()


def test_the_cue_is_the_best_word_with_its_likely_neighbours() -> None:
    text = "This tea simply cures gout."
    pieces = [Piece(0, 4, 0.1), Piece(5, 8, 0.1), Piece(9, 15, 0.6), Piece(16, 19, 0.9)]
    pieces += [Piece(19, 21, 0.2), Piece(22, 26, 0.55), Piece(26, 27, 0.1)]
    assert text[slice(*_cue_of(text, pieces))] == "simply cures"
    assert _cue_of("", ()) is None


def test_no_sentences_no_verdicts(judge: Judge) -> None:
    assert judge.verdicts(()) == ()


def test_profiles_are_ordered_and_measured(judge: Judge) -> None:
    careful, balanced, sensitive = (
        judge.manifest.profiles[name] for name in ("careful", "balanced", "sensitive")
    )
    assert careful["threshold"] > balanced["threshold"] > sensitive["threshold"]
    assert careful["recall"] < balanced["recall"] < sensitive["recall"]
    with pytest.raises(ModelError, match="bold"):
        judge.manifest.threshold("bold")


def test_scoring_needs_no_torch() -> None:
    code = (
        "import sys\n"
        "from claimcheck.judge import Judge\n"
        "Judge.load()\n"
        "assert not {'torch', 'transformers', 'pickle5'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
