"""Comparing two hand-made trials."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from claimcheck.errors import UsageError
from claimcheck.training.compare import compare, compare_page
from claimcheck.training.evaluate import Trial
from claimcheck.training.publish import publish_comparison

MakeTrial = Callable[..., Trial]


@pytest.fixture
def other(make_trial: MakeTrial, sentences: list[dict[str, Any]]) -> Trial:
    """Drops the false alarm, finds a miss, and loses one hit."""
    sentences[3] |= {"score": 0.1, "raised": []}
    sentences[5] |= {"score": 0.6, "raised": [("bare-assertion", "rebuilds")]}
    sentences[4] |= {"score": 0.3, "raised": []}
    return make_trial(sentences, name="other <b>")


def test_differences_and_changes(trial: Trial, other: Trial) -> None:
    found = compare(trial, other)
    overall = found.slices["all"]
    assert overall["precision"]["first"] == 0.75
    assert overall["precision"]["second"] == 1.0
    assert overall["precision"]["difference"] == 0.25
    assert overall["recall"]["difference"] == 0.0
    low, high = overall["precision"]["interval"]
    assert low <= 0.25 <= high
    assert found.changes == {
        "miss found": 1,
        "false alarm gone": 1,
        "new miss": 1,
        "new false alarm": 0,
    }
    assert found.mcnemar == {"only_first_right": 1, "only_second_right": 2, "p": 1.0}
    assert [one["change"] for one in found.examples["won"]] == ["false alarm gone", "miss found"]
    assert found.examples["lost"][0]["scores"] == [0.7, 0.3]


def test_slices_of_gold_flags_compare_recall_only(trial: Trial, other: Trial) -> None:
    one = compare(trial, other).slices["severity=2"]
    assert one["recall"]["difference"] == 0.5
    assert "precision" not in one


def test_a_model_does_not_differ_from_itself(trial: Trial) -> None:
    found = compare(trial, trial)
    for metric in ("f1", "precision", "recall", "average_precision"):
        assert found.slices["all"][metric]["interval"] == (0.0, 0.0)
        assert found.slices["all"][metric]["p"] == 1.0
    assert found.mcnemar["p"] == 1.0


def test_other_sentences_are_refused(trial: Trial) -> None:
    with pytest.raises(UsageError, match="compare models on one split"):
        compare(trial, replace(trial, data_sha256="2" * 64))


def test_a_comparison_is_json(trial: Trial, other: Trial) -> None:
    text = json.dumps(compare(trial, other).to_json_dict(), allow_nan=False)
    assert json.loads(text)["second"] == "other <b>"


def test_the_page_shows_what_changed(trial: Trial, other: Trial, tmp_path: Path) -> None:
    found = compare(trial, other)
    page = compare_page(found, trial, other)
    assert "Difference in average precision" in page
    assert "Miss found (1)" in page
    assert "New false alarm (0)" in page
    assert "other &lt;b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page
    files = publish_comparison(found, trial, other, folder=tmp_path)
    assert [path.name for path in files] == ["compare.json", "compare.html"]
    assert files[1].read_text(encoding="utf-8") == page
