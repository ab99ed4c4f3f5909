"""Near-duplicates, what leaks into training, and the list that keeps it out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.corpus import load_corpus
from claimcheck.errors import CorpusError
from claimcheck.training.leakage import (
    Exclusions,
    Measured,
    disjoint_faults,
    leaks_between,
    near_duplicates,
    normalised,
    raw_leaks,
)
from claimcheck.training.rawtexts import RawText, raw_texts, sentences_of

ROOT = Path(__file__).resolve().parents[2]
DEV = "Chewing clove leaves after lunch calms the stomach, the herbalist insists."
NEAR = "Chewing clove leaves after lunch calmed the stomach, the herbalist insists!"
ELSE = "Orders placed by noon on Thursday leave our warehouse the same afternoon."
REST = "The herbalist has kept her stall on the quay for over thirty years now."


def row(doc: str, text: str, split: str, n: int = 0) -> dict[str, Any]:
    return {
        "doc": doc, "passage": doc, "n": n, "text": text, "label": "NONE", "split": split,
    }  # fmt: skip


def corpus(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return path


def brute_force(left: list[str], right: list[str], threshold: float) -> list[tuple[int, int]]:
    def grams(text: str) -> set[str]:
        text = normalised(text)
        return {text[i : i + 5] for i in range(max(1, len(text) - 4))} if text else set()

    return [
        (i, j)
        for i, a in enumerate(map(grams, left))
        for j, b in enumerate(map(grams, right))
        if a and b and len(a & b) / len(a | b) > threshold
    ]


WORDS = st.lists(st.sampled_from("tea may ease pain sleep rest the a of 50%".split()), max_size=9)
TEXTS = st.lists(WORDS.map(" ".join), max_size=12)


@settings(max_examples=60)
@given(left=TEXTS, right=TEXTS, threshold=st.sampled_from((0.3, 0.6, 0.8)))
def test_near_duplicates_are_those_of_a_full_search(
    left: list[str], right: list[str], threshold: float
) -> None:
    found = near_duplicates(left, right, threshold)
    assert [(i, j) for i, j, _ in found] == brute_force(left, right, threshold)


def test_case_punctuation_and_space_do_not_matter() -> None:
    assert near_duplicates(["“Sleep well” —  TEA."], ["sleep well: tea"]) == ((0, 0, 1.0),)
    assert near_duplicates(["...", ""], ["...", "!"]) == ()
    assert near_duplicates([DEV], [ELSE]) == ()
    with pytest.raises(ValueError, match="threshold"):
        near_duplicates([DEV], [DEV], 1.5)


def test_leaks_by_document_and_by_repetition_but_not_boilerplate(tmp_path: Path) -> None:
    rows = load_corpus(
        corpus(
            tmp_path / "c.jsonl",
            row("d1", DEV, "dev"),
            row("d1", "Side effects", "dev", 1),
            row("t1", NEAR, "train"),
            row("t1", ELSE, "train", 1),
            row("t2", "Side effects:", "train"),
        )
    )
    measured = Measured.of(one for one in rows if one.split == "dev")
    training = [one for one in rows if one.split == "train"]
    found = {one.text: repeat for one, repeat in leaks_between(training, measured)}
    assert set(found) == {NEAR, "Side effects:"}
    assert not found[NEAR].boilerplate
    assert found["Side effects:"].boilerplate
    raw = [RawText("D1", ELSE, ("D1",)), RawText("x", NEAR), RawText("y", REST)]
    assert [(r.id, r.by) for r in raw_leaks(raw, measured)] == [
        ("D1", "document"),
        ("x", "sentence"),
    ]


def test_unlabelled_sentences_of_a_measured_document_count(tmp_path: Path) -> None:
    measured = Measured.of(load_corpus(corpus(tmp_path / "c.jsonl", row("d1", DEV, "dev"))))
    assert raw_leaks([RawText("x", REST)], measured) == ()
    whole = measured.with_whole_documents(
        [RawText("d1", REST, ("d1",)), RawText("e", ELSE, ("e",))]
    )
    assert [r.of for r in raw_leaks([RawText("x", REST)], whole)] == ["d1 (unlabelled)"]
    assert raw_leaks([RawText("x", ELSE)], whole) == ()


def test_splits_that_share_something_are_told(tmp_path: Path) -> None:
    rows = load_corpus(
        corpus(
            tmp_path / "c.jsonl",
            row("a", DEV, "train"),
            row("b", NEAR, "test"),
            row("a", ELSE, "test", 1),
        )
    )
    splits = {name: [one for one in rows if one.split == name] for name in ("train", "test")}
    said = " ".join(disjoint_faults(splits))
    assert "doc a stands in train and test" in said
    assert "a 0 of train repeats b 0 of test" in said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", f'sentence,label\n"{DEV}",1\n'),
        ("a.tsv", f"index\tsentence\n1\t{DEV}\n"),
        ("a.jsonl", json.dumps({"id": 3, "nested": [{"note": DEV}], "sha1": "ab cd"}) + "\n"),
        ("a.xml", f"<Set><sentence>{DEV.replace('calms', '<cue>calms</cue>')}</sentence></Set>"),
        ("a.bio.txt", "".join(f"{word}\tO\n" for word in DEV.split()) + "\nElse\tO\n"),
        ("a.html", f"<html><body><p>{DEV}</p><script>no text</script></body></html>"),
    ],
)  # fmt: skip
def test_texts_of_every_form_of_data_set(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert normalised(DEV) in [normalised(raw.text) for raw in sentences_of(raw_texts(path))]


def test_a_missing_set_and_a_broken_one_are_named(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text("{", encoding="utf-8")
    for path in (tmp_path / "none.csv", tmp_path / "b.jsonl"):
        with pytest.raises(CorpusError, match=path.name):
            list(raw_texts(path))


def test_exclusions_there_and_back(tmp_path: Path) -> None:
    made = Exclusions()
    made.documents["a.jsonl"].add("d1")
    made.sentences["c.jsonl"].add(("d", "p", 3))
    path = tmp_path / "list.json"
    path.write_text(json.dumps(made.to_json_dict()), encoding="utf-8")
    assert Exclusions.read(path).to_json_dict() == made.to_json_dict()
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(CorpusError, match="schema"):
        Exclusions.read(path)


def test_the_script_finds_leaks_and_proves_the_list(tmp_path: Path) -> None:
    labelled = corpus(
        tmp_path / "real.jsonl",
        row("d1", DEV, "dev"),
        row("t1", NEAR, "train"),
        row("t1", ELSE, "train", 1),
    )
    articles = corpus(
        tmp_path / "articles.jsonl",
        {"id": "d1", "title": "Cloves", "text": f"{DEV} {REST}"},
        {"id": "e1", "title": "Quay", "text": f"A stall.\n\n{REST}"},
        {"id": "e2", "title": "Post", "text": ELSE},
    )
    out = tmp_path / "exclude.json"

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable, "scripts/check_leakage.py", "--labelled", labelled,
            "--training", articles, *arguments,
        ]  # fmt: skip
        return subprocess.run(
            list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False
        )

    first = run("--exclude-list", out)
    assert first.returncode == 1, first.stdout + first.stderr
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["documents"] == {"articles.jsonl": ["d1", "e1"]}
    assert found["sentences"] == {"real.jsonl": [["t1", "t1", 0]]}
    second = run("--excluded", out)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "no leakage" in second.stdout
    assert run("--training", tmp_path / "none.csv").returncode == 2
