"""The shipped model: loads without torch, does not depend on batches, stays in range."""

from __future__ import annotations

import subprocess
import sys

import pytest

from claimcheck.claims import Analyser
from claimcheck.errors import ModelError
from claimcheck.issues import Context, propose
from claimcheck.judge import Judge, Verdict

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
    analyses = tuple(Analyser().sentences(texts))
    issues = [[c.issue for c in propose(Context((one,), 0))] for one in analyses]
    return list(judge.verdicts(analyses, neighbours=[(None, None)] * len(analyses), issues=issues))


def test_probabilities_and_kinds(judge: Judge) -> None:
    found = verdicts(judge, TEXTS)
    for one in found:
        assert 0.0 <= one.score <= 1.0
        assert 0.0 <= one.claim <= 1.0
        assert one.kind in judge.manifest.kinds
    assert found[0].score > found[1].score
    assert found[3].score > found[2].score
    assert found[1].claim < 0.5 < found[3].claim


def test_batch_order_and_size_do_not_matter(judge: Judge) -> None:
    together = verdicts(judge, TEXTS)
    backwards = verdicts(judge, TEXTS[::-1])[::-1]
    alone = [verdicts(judge, [text])[0] for text in TEXTS]
    assert together == backwards == alone


def test_no_sentences_no_verdicts(judge: Judge) -> None:
    assert judge.verdicts((), neighbours=(), issues=()) == ()


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
