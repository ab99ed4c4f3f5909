"""Our own corpora keep what their cards promise, and the check notices if they do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from claimcheck.training.promises import Promises, check_own_corpus

CORPORA = Path(__file__).resolve().parents[2] / "corpora"
OWN = [name for name in ("wellness", "contrast") if (CORPORA / name / "train.jsonl").is_file()]


@pytest.mark.parametrize("name", OWN)
def test_every_promise_is_kept(name: str) -> None:
    checked = check_own_corpus(CORPORA / name)
    assert checked.faults == []


def row(passage: str, n: int, text: str, **change: Any) -> dict[str, Any]:
    return {
        "doc": passage, "passage": passage, "n": n, "text": text, "label": "NONE", "kind": "NONE",
        "strength": 0, "issues": [], "severity": 0, "cue": "", "hedge": "", "tone": "mixed",
    } | change  # fmt: skip


def write(folder: Path, split: str, *rows: dict[str, Any]) -> None:
    text = "".join(json.dumps(one) + "\n" for one in rows)
    (folder / f"{split}.jsonl").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "FLAG", "kind": "EFF"}, "has issues"),
        ({"kind": "EFF"}, "go together"),
        ({"strength": 4}, "strength 0"),
        ({"hedge": "may"}, "stands in the text"),
        ({"label": "OK", "kind": "EFF", "severity": 2}, "severity"),
        ({"text": " Spaced."}, "white space"),
        ({"n": 4}, "numbered"),
        ({"issues": ["HYPE", "CURE"]}, "display order"),
    ],
)  # fmt: skip
def test_a_broken_row_is_noticed(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    write(tmp_path, "train", row("a", 0, "A leaf fell.") | change)
    assert said in " ".join(check_own_corpus(tmp_path, promises=Promises()).faults)


def test_counts_repeats_templates_tones_and_shared_splits_are_noticed(tmp_path: Path) -> None:
    template = "In the words of {}, whoever waits by the weir sees herons."
    names = ("Ash", "Birch", "Cedar", "Dogwood")
    write(tmp_path, "train", *(row(n, 0, template.format(n)) for n in names))
    write(tmp_path, "dev", row("Ash", 0, template.format("Ash")))
    promises = Promises(sentences=9, topics=1, tones=("mixed", "careful"))
    second = {"doc": "a", "n": 0, "label": "NONE"}  # no split, and not read
    write(tmp_path, "second", second)
    said = " ".join(check_own_corpus(tmp_path, promises=promises).faults[:40])
    for part in (
        "sentences: 5, promised are 9",
        "topics: 0",
        "tone careful: 0 of 4",
        "Ash stands in train and dev",
        "Ash 0 repeats Birch 0",
        "'whoever waits by the weir' stands in 5",
    ):
        assert part in said, said


def test_single_words_that_give_the_label_away_are_noticed(tmp_path: Path) -> None:
    flagged = {
        "label": "FLAG", "kind": "EFF", "strength": 6, "issues": ["CURE"], "severity": 3,
        "cue": "miracle",
    }  # fmt: skip
    nouns = "alder bramble clover daisy elder fennel".split()
    for split in ("train", "test"):
        rows = [
            row(f"{split}{i}", 0, f"{noun} miracle {split}", **flagged)
            for i, noun in enumerate(nouns)
        ]
        rows += [row(f"{split}n{i}", 0, f"{noun} bench {split}") for i, noun in enumerate(nouns)]
        write(tmp_path, split, *rows)
    faults = check_own_corpus(tmp_path, promises=Promises(bag_of_words=0.8)).faults
    assert any("bag of words: flag F1 1.000" in fault for fault in faults)
