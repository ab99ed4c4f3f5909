"""Evaluation of hand-made trials: every figure can be counted by eye."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claimcheck.cli import main
from claimcheck.errors import UsageError
from claimcheck.judge import find_model
from claimcheck.training.evaluate import Evaluation, Trial, data_name, measure
from claimcheck.training.publish import metrics_markdown, publish, write_atomically
from claimcheck.training.reasons import (
    annotated_spans,
    hedge_counts,
    issue_confusion,
)
from claimcheck.training.runs import run_evaluation

MakeTrial = Callable[..., Trial]


@pytest.fixture
def found(trial: Trial) -> Evaluation:
    return measure(trial)


def test_flags_overall(found: Evaluation) -> None:
    overall = found.slices["all"]
    assert (overall["n"], overall["positive"], overall["flagged"]) == (12, 5, 4)
    assert overall["precision"] == 0.75
    assert overall["recall"] == 0.6
    assert overall["few"]
    assert overall["intervals"]["f1"][0] <= overall["f1"] <= overall["intervals"]["f1"][1]


def test_a_dismissed_sentence_counts_as_zero(found: Evaluation, trial: Trial) -> None:
    assert found.dismissed == 1
    assert trial.scores[6] == 0.0


def test_slices(found: Evaluation) -> None:
    assert found.slices["place=heading"]["n"] == 1
    assert found.slices["place=body"]["n"] == 11
    assert found.slices["kind=none"]["n"] == 2
    assert found.slices["strength=conditional"]["n"] == 3
    assert found.slices["severity=3"]["recall"] == 1.0
    assert found.slices["issue=bare-assertion"]["recall"] == 0.0
    assert found.slices["issue=bare-assertion"].keys().isdisjoint({"precision", "f1"})
    assert "source=ours" not in found.slices, "one source is no division"
    assert not any(name.startswith("genre=") for name in found.slices)


def test_pages_and_news(make_trial: MakeTrial, sentences: list[dict[str, Any]]) -> None:
    for one in sentences:
        one["source"] = "health-rel/x" if one["doc"] in "ab" else "paper"
    slices = measure(make_trial(sentences)).slices
    assert slices["wellness pages"]["n"] == 5
    assert slices["news"]["n"] == 7
    assert slices["source=paper"]["n"] == 7


def test_a_slice_of_one_document_has_no_interval(found: Evaluation) -> None:
    assert found.slices["place=heading"]["intervals"] == {"recall": None}


def test_claims_and_kinds(found: Evaluation) -> None:
    # Everything but the dismissed sentence is taken for a claim; two sentences make none.
    assert found.figures["claim_recall"]["value"] == 1.0
    assert found.figures["claim_precision"]["value"] == pytest.approx(10 / 11, abs=1e-4)
    assert found.figures["kind_accuracy"]["value"] == 0.9
    assert found.confusion["label"] == {
        "names": ["NONE", "OK", "FLAG"],
        "counts": [[1, 1, 0], [0, 4, 1], [0, 2, 3]],
    }
    kinds = found.confusion["kind"]
    assert sum(map(sum, kinds["counts"])) == 10


def test_strength_is_measured_where_a_model_gives_one(
    make_trial: MakeTrial, sentences: list[dict[str, Any]]
) -> None:
    assert "strength_macro_f1" not in measure(make_trial(sentences)).figures
    for one in sentences:
        one["said_strength"] = "conditional" if one.get("strength") == 4 else "direct"
    figures = measure(make_trial(sentences)).figures
    # direct: 5 right, 2 claims without strength taken for it; conditional: all right; none: 0.
    assert figures["strength_macro_f1"]["value"] == pytest.approx((1 + 10 / 12) / 3, abs=1e-4)


def test_issue_types_end_to_end_and_given_flags(found: Evaluation) -> None:
    assert found.issues["cure"]["f1"] == 1.0
    absolute = found.issues["absolute"]
    assert (absolute["n"], absolute["raised"], absolute["few"]) == (1, 2, True)
    assert absolute["precision"] == 0.5
    assert absolute["precision_given_flag"] == 1.0
    assert found.issues["bare-assertion"]["recall"] == 0.0
    assert found.issues["bare-assertion"]["recall_given_flag"] == 0.5
    # cure, minimised-harm, absolute right; absolute and vague-evidence wrong; hype and
    # popularity missed. Bare assertions count neither way.
    assert found.figures["issue_precision"]["value"] == 0.6
    assert found.figures["issue_recall"]["value"] == 0.6
    assert found.figures["issue_precision_given_flag"]["value"] == 0.75


def test_confusion_of_types_pairs_what_was_missed_with_what_was_said() -> None:
    found = issue_confusion(
        [("cure",), ("hype", "cure"), (), ("absolute",)],
        [("cure",), ("cure", "vague-evidence"), ("cure",), ()],
    )
    place = {name: index for index, name in enumerate(found["names"])}
    counts = found["counts"]
    assert counts[place["cure"]][place["cure"]] == 2
    assert counts[place["hype"]][place["vague-evidence"]] == 1
    assert counts[place["(none)"]][place["cure"]] == 1
    assert counts[place["absolute"]][place["(none)"]] == 1
    folded = issue_confusion([("cure",), ("hype",)], [("cure",), ("cure",)], most=1)
    assert folded["names"] == ["cure", "(other)", "(none)"]
    assert folded["counts"][1][0] == 1


def test_evidence_meets_the_annotators_cue(found: Evaluation) -> None:
    # "cures gout" and "safe" meet their cues, and so does "Doctors" "Doctors hate".
    assert found.figures["evidence_overlap"] == {"value": 1.0, "n": 3, "interval": (1.0, 1.0)}


def test_hedges(trial: Trial, found: Evaluation) -> None:
    assert hedge_counts(trial.rows, trial.judged).sum(axis=0).tolist() == [1, 1, 1, 3, 3]
    assert found.figures["hedge_f1"]["value"] == 0.5
    assert found.figures["hedge_overlap"]["value"] == 1.0


def test_an_annotated_phrase_is_found_as_whole_words() -> None:
    assert annotated_spans("Dismayed, she may go; he may not.", "may") == ((14, 17), (25, 28))
    assert annotated_spans("Miscoulded", "could") == ((3, 8),)
    assert annotated_spans("Anything", "") == ()
    assert annotated_spans("Anything", "else") == ()


def test_figures_are_json_and_repeatable(trial: Trial, found: Evaluation) -> None:
    text = json.dumps(found.to_json_dict(), allow_nan=False)
    assert text == json.dumps(measure(trial).to_json_dict(), allow_nan=False)


def test_markdown_names_every_slice_type_and_figure(found: Evaluation) -> None:
    text = metrics_markdown(found)
    for name in (*found.slices, *found.issues):
        assert f"| {name} |" in text
    for name in found.figures:
        assert f"| {name.replace('_', ' ')} |" in text
    assert "(few)" in text


def test_the_name_of_a_corpus(tmp_path: Path) -> None:
    assert data_name(Path("elsewhere/claims_real.jsonl")) == "claims_real"
    assert data_name(tmp_path / "wellness" / "..") == tmp_path.name


def test_a_file_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_atomically(tmp_path / "figures.json", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_of_results(trial: Trial, found: Evaluation, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    files = publish(trial, found, folder=tmp_path / "new" / "results")
    assert sorted(path.name for path in files) == [
        "confusion_issue.png",
        "confusion_kind.png",
        "confusion_label.png",
        "errors.html",
        "metrics.json",
        "metrics.md",
        "precision_recall.png",
        "reliability.png",
    ]
    content = json.loads((tmp_path / "new" / "results" / "metrics.json").read_text("utf-8"))
    assert content["slices"]["all"]["n"] == 12
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file"):
        publish(trial, found, folder=tmp_path / "file")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of three sentences of our own, small enough to parse in every test."""
    path = tmp_path_factory.mktemp("corpus") / "tiny.jsonl"
    rows = [
        {"text": "Moss tea cures gout.", "label": "FLAG", "kind": "EFF", "strength": 6,
         "issues": ["CURE"], "severity": 3, "cue": "cures"},
        {"text": "It tastes of hay.", "label": "NONE"},
        {"text": "The tea may ease stiff joints.", "label": "OK", "kind": "EFF", "strength": 4,
         "hedge": "may"},
    ]  # fmt: skip
    place = [{"doc": "d", "passage": "p", "n": n, "split": "dev"} for n in range(3)]
    lines = [json.dumps(row | one) for row, one in zip(rows, place, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_command_prints_tables(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", str(corpus)]) == 0
    out = capsys.readouterr().out
    assert "tiny dev" in out
    for words in ("kind=none", "kind=efficacy", "governing hedge", "given gold flags", "cure"):
        assert words in out
    assert main(["evaluate", "--data", str(corpus), "-q"]) == 0
    assert "kind=none" not in capsys.readouterr().out


def test_the_command_prints_json(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", str(corpus), "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert [one["data"] for one in content["evaluations"]] == ["tiny"]
    assert content["evaluations"][0]["sentences"] == 3
    assert content["comparisons"] == content["gate"] == []


def test_two_models_are_compared(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    twin = tmp_path / "twin"
    shutil.copytree(find_model("default"), twin)
    results = tmp_path / "results"
    models = ["--model", "default", "--model", str(twin)]
    assert main(["evaluate", *models, "--data", str(corpus), "-o", str(results)]) == 0
    out = capsys.readouterr().out
    assert "twin less default on tiny dev" in out
    assert "exact McNemar p 1" in out
    assert {path.name for path in results.iterdir()} == {
        "compare.html",
        "compare.json",
        "default",
        "twin",
    }
    first, second = (
        json.loads((results / name / "metrics.json").read_text("utf-8"))
        for name in ("default", "twin")
    )
    assert first["slices"] == second["slices"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": ("default", "default")}, "named twice"),
        ({"data": 2}, "two data sets are called 'tiny'"),
    ],
)
def test_a_request_that_cannot_be(corpus: Path, options: dict[str, Any], message: str) -> None:
    data = [corpus] * int(options.pop("data", 1))
    with pytest.raises(UsageError, match=message):
        run_evaluation(data, **options)


def test_a_missing_corpus_or_split_is_named(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--data", str(tmp_path / "claims_real.jsonl")]) == 2
    assert "docs/training.md" in capsys.readouterr().err
    assert main(["evaluate", "--data", str(corpus), "--split", "test"]) == 2
    assert "no sentence in the splits ['test']" in capsys.readouterr().err
