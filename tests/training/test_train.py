"""Training and evaluation on the project's own corpus: small, quick and repeatable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from claimcheck.errors import CorpusError
from claimcheck.judge import Judge
from claimcheck.training.crossfit import FOLDS, fold_of
from claimcheck.training.evaluate import evaluate
from claimcheck.training.train import train
from claimcheck.training.written import CATALOGUE, written_sentences

WELLNESS = Path(__file__).resolve().parents[2] / "corpora" / "wellness"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenth of the corpus: enough to fit, quick to parse."""
    folder = tmp_path_factory.mktemp("small")
    for split, every in (("train", 6), ("dev", 4)):
        lines = (WELLNESS / f"{split}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        passages: dict[str, list[str]] = {}
        for line in lines:
            passages.setdefault(line.split('"passage": "', 1)[1].split('"', 1)[0], []).append(line)
        chosen = [lines for index, lines in enumerate(passages.values()) if index % every == 0]
        text = "".join(line for lines in chosen for line in lines)
        (folder / f"{split}.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_trains_a_folder_that_loads_and_evaluates(small: Path, tmp_path: Path) -> None:
    manifest = train([small], out=tmp_path / "model")
    assert set(manifest.profiles) == {"careful", "balanced", "sensitive"}
    assert "SHA-256" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    Judge.load(tmp_path / "model")
    result = evaluate(small, model=str(tmp_path / "model"), split="dev", profile="sensitive")
    everything = result.slices["all"]
    assert everything["n"] > 40
    assert everything["average_precision"] > everything["positive"] / everything["n"]
    assert result.to_json_dict()["split"] == "dev"


def test_two_trainings_give_one_model(small: Path, tmp_path: Path) -> None:
    first = train([small], out=tmp_path / "one")
    second = train([small], out=tmp_path / "two")
    assert first.data["files"] == second.data["files"]
    assert first.sha256 == second.sha256


def test_a_missing_corpus_says_where_to_read_on(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"docs/training\.md"):
        train([tmp_path / "claims_real.jsonl"], out=tmp_path / "model")


def test_one_document_in_ten_is_kept_from_every_encoder_and_the_rest_are_spread() -> None:
    folds = Counter(fold_of(f"doc-{index}") for index in range(8000))
    assert folds[None] / 8000 == pytest.approx(0.1, abs=0.02)
    assert {fold for fold in folds if fold is not None} == set(range(FOLDS))
    assert min(folds[fold] for fold in range(FOLDS)) / 8000 == pytest.approx(0.225, abs=0.03)


def test_written_sentences_are_labelled_from_the_catalogue() -> None:
    rows = written_sentences()
    assert {row.source for row in rows} == {CATALOGUE}
    assert {row.label for row in rows} == {"FLAG", "OK"}
    assert all(row.issues for row in rows if row.label == "FLAG")
