"""Reading labelled corpora, and the corpus that ships with the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from claimcheck.corpus import ISSUE_CODES, KIND_CODES, load_corpus, passages_of
from claimcheck.errors import CorpusError

WELLNESS = Path(__file__).resolve().parents[2] / "corpora" / "wellness"
ROW: dict[str, Any] = {
    "doc": "d1",
    "passage": "p1",
    "n": 0,
    "text": "The tonic eases coughs.",
    "label": "FLAG",
    "kind": "EFF",
    "strength": 6,
    "issues": ["UNHEDGED"],
    "severity": 2,
    "split": "train",
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_reads_rows_and_names_kinds_and_issues(tmp_path: Path) -> None:
    (sentence,) = load_corpus(write(tmp_path / "a.jsonl", ROW))
    assert sentence.kind == "efficacy"
    assert sentence.issues == ("bare-assertion",)
    assert sentence.split == "train"


def test_the_file_name_is_the_split_where_a_row_names_none(tmp_path: Path) -> None:
    row = {name: value for name, value in ROW.items() if name != "split"}
    write(tmp_path / "dev.jsonl", row)
    assert [s.split for s in load_corpus(tmp_path)] == ["dev"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "MAYBE"}, "MAYBE"),
        ({"kind": "X"}, "'X'"),
        ({"issues": ["NOPE"]}, "NOPE"),
    ],
)
def test_a_bad_row_names_file_and_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = write(tmp_path / "a.jsonl", ROW, ROW | {"n": 1} | change)
    with pytest.raises(CorpusError, match=r"a\.jsonl:2") as caught:
        load_corpus(path)
    assert said in str(caught.value)


def test_missing_field_broken_line_missing_file_and_empty_folder(tmp_path: Path) -> None:
    broken = tmp_path / "b.jsonl"
    broken.write_text("{", encoding="utf-8")
    short = write(tmp_path / "c.jsonl", {"doc": "d"})
    (tmp_path / "empty").mkdir()
    for path in (broken, short, tmp_path / "none.jsonl", tmp_path / "empty"):
        with pytest.raises(CorpusError, match=path.name):
            load_corpus(path)


def test_a_split_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="splits"):
        load_corpus(write(tmp_path / "a.jsonl", ROW), splits=["test"])


def test_a_gap_ends_a_passage(tmp_path: Path) -> None:
    rows = [ROW | {"n": n} for n in (2, 0, 1, 5)]
    runs = passages_of(load_corpus(write(tmp_path / "a.jsonl", *rows)))
    assert [[s.n for s in run] for run in runs] == [[0, 1, 2], [5]]


def test_reads_what_datasets_saved(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    folder = tmp_path / "saved"
    datasets.DatasetDict(
        {"dev": datasets.Dataset.from_list([ROW | {"split": "dev"}])}
    ).save_to_disk(str(folder))
    (sentence,) = load_corpus(folder)
    assert (sentence.split, sentence.issues) == ("dev", ("bare-assertion",))


def test_the_wellness_corpus_holds_together() -> None:
    sentences = load_corpus(WELLNESS)
    assert len(sentences) >= 2500
    passages = {
        s.passage: {t.split for t in sentences if t.passage == s.passage} for s in sentences
    }
    assert len(passages) >= 200
    assert all(len(splits) == 1 for splits in passages.values()), "a passage in two splits"
    texts = [s.text for s in sentences]
    assert len(set(texts)) == len(texts)
    for s in sentences:
        assert (s.label == "NONE") == (s.kind is None), s
        assert (s.label == "FLAG") == bool(s.issues) == bool(s.severity), s
        assert s.cue in s.text, s
        assert s.hedge in s.text, s


def test_the_wellness_corpus_loads_with_datasets(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    loaded = datasets.load_dataset(str(WELLNESS), cache_dir=str(tmp_path))
    assert set(loaded) == {"train", "validation", "test"}
    assert sum(len(part) for part in loaded.values()) == len(load_corpus(WELLNESS))


def test_codes_cover_the_catalogue() -> None:
    from claimcheck.issues import load_catalogue

    catalogue = load_catalogue()
    assert {issue.code: issue.name for issue in catalogue.issues} == dict(ISSUE_CODES)
    assert len(KIND_CODES) == 9
