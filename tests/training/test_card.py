"""The model card: what it is made of, what it says, and how a folder gets it."""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from claimcheck.errors import ModelError
from claimcheck.issues import load_catalogue
from claimcheck.judge import Manifest, read_manifest, save_model
from claimcheck.judge.artefact import describe_anew
from claimcheck.training.card import model_card
from claimcheck.training.card_facts import MOST_EXAMPLES, card_evaluation, catalogue_failures
from claimcheck.training.evaluate import Evaluation, Trial

ROOT = Path(__file__).resolve().parents[2]
WELLNESS = ROOT / "corpora" / "wellness"
PROFILES = {"careful": {"threshold": 0.85}, "balanced": {"threshold": 0.5}}
ITEMS: tuple[dict[str, Any], ...] = (
    {"issue": "cure", "flag": True, "text": "Moss tea cures gout.", "article": None},
    {"issue": "cure", "flag": False, "text": "Moss cures hams.", "article": None},
    {"issue": "hype", "flag": True, "text": "A *miracle* moss.", "article": None},
)
FOUND = {
    "must_flag": 2, "flagged": 1, "flagged_with_the_right_issue": 1, "must_stay_quiet": 1,
    "quiet": 0, "wrong": ["Moss cures hams.", "A *miracle* moss."],
}  # fmt: skip
DESCRIPTION: dict[str, Any] = {
    "name": "small",
    "version": "1",
    "labels": ["NONE", "OK", "FLAG"],
    "kinds": ["none", "efficacy"],
    "profiles": {"balanced": {"threshold": 0.5, "precision": 0.6, "recall": 0.3}},
    "training": {"data": [], "written_examples": 0},
    "metrics": {},
}


@pytest.fixture
def evaluation(trial: Trial) -> dict[str, Any]:
    catalogue = catalogue_failures(FOUND, ITEMS)
    return card_evaluation([trial], profiles=PROFILES, catalogue=catalogue)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder with heads that nobody asks anything."""
    fitted = LogisticRegression().fit(np.array([[0.0], [1.0]]), [0, 1])
    names = (
        "flag", "claim", "kind", "strength", "reason_calibration", "family_calibration",
        "flag_calibration", "claim_calibration",
    )  # fmt: skip
    listed = {"reason_names": ["cure"], "family_names": ["certainty"]}
    heads = dict.fromkeys(names, fitted) | listed | {"dense_scale": np.ones(1, np.float32)}
    card = model_card(DESCRIPTION)
    extra = {"encoder.onnx": b"no network", "tokenizer.json": b"{}"}
    save_model(tmp_path / "small", heads=heads, description=DESCRIPTION, card=card, extra=extra)
    (tmp_path / "small" / "NOTES.txt").write_text("mine\n", encoding="utf-8")
    return tmp_path / "small"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---------------------------------------------------------------------- what it is made of


def test_the_summary_is_plain_json_of_the_slices_that_a_card_shows(
    evaluation: dict[str, Any],
) -> None:
    assert json.loads(json.dumps(evaluation, allow_nan=False)) == evaluation
    (one,) = evaluation["sets"]
    assert one["slices"]["all"]["n"] == one["sentences"] == 12
    shown = set(one["slices"])
    assert {"kind=efficacy", "kind=safety", "severity=1", "severity=2", "severity=3"} <= shown
    assert not {name for name in shown if name.startswith(("source=", "issue=", "genre="))}
    assert one["issues"]["cure"]["n"] == 1


def test_every_profile_is_measured_at_its_own_threshold(evaluation: dict[str, Any]) -> None:
    (one,) = evaluation["sets"]
    careful, balanced = one["profiles"]["careful"], one["profiles"]["balanced"]
    # Scores of 0.95 and 0.9 are right, 0.8 is not, 0.7 is.
    assert (careful["flagged"], careful["precision"], careful["recall"]) == (2, 1.0, 0.4)
    assert (balanced["flagged"], balanced["precision"], balanced["recall"]) == (4, 0.75, 0.6)


def test_sentences_of_others_are_counted_and_not_quoted(evaluation: dict[str, Any]) -> None:
    """The invented trial names a source that is not ours."""
    failures = evaluation["sets"][0]["failures"]
    assert (failures["false_alarms"], failures["misses"]) == (1, 2)
    assert failures["worst_false_alarms"] == failures["worst_misses"] == []
    assert "stretch" not in json.dumps(evaluation)


def test_the_worst_of_our_own_sentences_are_quoted(
    make_trial: Callable[..., Trial], sentences: list[dict[str, Any]]
) -> None:
    ours = make_trial([one | {"source": "wellness"} for one in sentences])
    evaluation = card_evaluation([ours], profiles=PROFILES, catalogue=catalogue_failures(FOUND, ()))
    failures = evaluation["sets"][0]["failures"]
    assert [one["text"] for one in failures["worst_false_alarms"]] == ["Always stretch."]
    assert [one["score"] for one in failures["worst_misses"]] == [0.1, 0.45]
    card = model_card(DESCRIPTION | {"profiles": {}, "evaluation": evaluation})
    assert "- “Always stretch.” (advice; score 0.80, raised: absolute)" in card
    assert "- “Rope pulling rebuilds bone.” (efficacy; score 0.10, wanted: bare-assertion)" in card


def test_failures_of_the_catalogue_stand_under_their_type() -> None:
    found = catalogue_failures(FOUND, ITEMS)
    assert [(one["issue"], one["flag"]) for one in found["wrong"]] == [
        ("cure", False),
        ("hype", True),
    ]
    assert (found["must_flag"], found["quiet"]) == (2, 0)


# ---------------------------------------------------------------------- what it says


def test_a_card_without_an_evaluation_says_what_training_knows() -> None:
    card = model_card(DESCRIPTION)
    assert "Known failures" not in card
    assert "## What it must not be used for" in card
    assert "| balanced | 0.5 | 0.60 | 0.6 | 0.3 | the default" in card


def test_a_card_shows_slices_types_profiles_and_failures(evaluation: dict[str, Any]) -> None:
    profiles = {name: one | {"precision": 1, "recall": 1} for name, one in PROFILES.items()}
    card = model_card(DESCRIPTION | {"profiles": profiles, "evaluation": evaluation})
    assert "| kind efficacy |" in card
    assert "| severity 3 | 2 | 2 (few) |" in card
    assert "| cure | 1 (few) |" in card
    assert "| careful | `pages` dev | 2 | 1.00 | 0.40 | 0.57 |" in card
    assert "- `cure`, flagged and should not be: “Moss cures hams.”" in card
    # A sentence's own asterisks are text.
    assert "“A \\*miracle\\* moss.”" in card


# ---------------------------------------------------------------------- how a folder gets it


def test_a_folder_is_described_anew_and_its_other_files_stay(
    folder: Path, evaluation: dict[str, Any]
) -> None:
    evaluation["sets"] = []
    before, old = contents(folder), read_manifest(folder)
    new = describe_anew(folder, more={"evaluation": evaluation}, card=model_card)
    after = contents(folder)
    assert {n for n in before if before[n] != after[n]} == {"README.md", "model.json"}
    assert set(after) == set(before)
    assert new.sha256 != old.sha256
    assert new.data["libraries"] == old.data["libraries"]
    assert new.data["evaluation"] == evaluation
    assert "Known failures" in (folder / "README.md").read_text(encoding="utf-8")
    again = describe_anew(folder, more={"evaluation": evaluation}, card=model_card)
    assert again.sha256 == new.sha256
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("moment", ["card", "copy", "read", "rename"])
def test_whatever_is_interrupted_the_old_folder_stands(
    folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    before = contents(folder)

    def stopped(*_: object, **__: object) -> Any:
        raise OSError("no space left on device")

    second = iter((read_manifest, stopped))
    rename = Path.rename
    if moment == "copy":
        monkeypatch.setattr(shutil, "copytree", stopped)
    elif moment == "read":
        monkeypatch.setattr(
            "claimcheck.judge.artefact.read_manifest", lambda path: next(second)(path)
        )
    elif moment == "rename":
        monkeypatch.setattr(
            Path, "rename", lambda a, b: stopped() if a.suffix == ".tmp" else rename(a, b)
        )
    with pytest.raises(OSError, match="no space"):
        describe_anew(
            folder, more={"evaluation": {}}, card=stopped if moment == "card" else model_card
        )
    monkeypatch.undo()
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert read_manifest(folder)


def test_what_the_files_settle_cannot_be_described_anew(folder: Path) -> None:
    with pytest.raises(ModelError, match="files, format cannot be described anew"):
        describe_anew(folder, more={"format": 1, "files": {}}, card=model_card)


def test_a_touched_folder_is_not_described_anew(folder: Path) -> None:
    (folder / "heads.skops").write_bytes(b"other heads")
    with pytest.raises(ModelError, match="its hash is not the one"):
        describe_anew(folder, more={"evaluation": {}}, card=model_card)


@pytest.mark.parametrize("given", ["corpora/wellness", "corpora/wellness:", ":test", "a:b/c"])
def test_a_set_needs_a_split(
    given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    monkeypatch.setattr("sys.argv", ["complete_card.py", "--data", given])
    assert importlib.import_module("complete_card").main() == 2
    assert "give it as PATH:SPLIT" in capsys.readouterr().err


# ---------------------------------------------------------------------- the one that ships


@pytest.fixture(scope="module")
def shipped() -> Manifest:
    return read_manifest(ROOT / "models" / "default")


def test_the_card_that_ships_is_made_from_its_manifest(shipped: Manifest) -> None:
    card = (shipped.folder / "README.md").read_text(encoding="utf-8")
    assert card == model_card(shipped.data)


def test_the_card_that_ships_quotes_sentences_of_the_project_only(shipped: Manifest) -> None:
    ours = {
        json.loads(line)["text"]
        for line in (WELLNESS / "test.jsonl").read_text(encoding="utf-8").splitlines()
    } | {one.text for issue in load_catalogue().issues for one in (*issue.flag, *issue.quiet)}
    evaluation = shipped.data["evaluation"]
    quoted = [one["text"] for one in evaluation["catalogue"]["wrong"]]
    for one in evaluation["sets"]:
        failures = one["failures"]
        quoted += [e["text"] for e in failures["worst_false_alarms"] + failures["worst_misses"]]
    assert len(quoted) >= 2 * MOST_EXAMPLES
    assert set(quoted) <= ours


def test_the_figures_that_ship_are_those_of_the_model(
    shipped: Manifest, wellness_test: Evaluation
) -> None:
    (ours,) = [one for one in shipped.data["evaluation"]["sets"] if one["data"] == "wellness"]
    everything = wellness_test.slices["all"]
    assert ours["data_sha256"] == wellness_test.data_sha256, "rerun scripts/complete_card.py"
    # Another processor may move the last digits of a score over a threshold.
    for name in ("precision", "recall", "f1", "average_precision"):
        assert ours["slices"]["all"][name] == pytest.approx(everything[name], abs=0.02)
    assert set(ours["profiles"]) == set(shipped.profiles)
