"""The spaCy pipes in somebody else's pipeline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc

from claimcheck.claims.pipeline import PIPELINE_PACKAGES
from claimcheck.errors import LexiconError, UsageError

TEXT = "Green tea may ease anxiety. Ginger cures migraine, and it has no side effects."
PIPES = ("claimcheck_cues", "claimcheck_scope", "claimcheck_claims")


def _load(*pipes: str) -> Any:
    for package in PIPELINE_PACKAGES:
        if spacy.util.is_package(package):
            nlp = spacy.load(package)
            break
    for pipe in pipes:
        nlp.add_pipe(pipe)
    return nlp


@pytest.fixture(scope="module")
def alone() -> Any:
    return _load("claimcheck_claims")


def _data(doc: Doc) -> list[dict[str, Any]]:
    return [span._.claimcheck for span in doc.spans["claimcheck"]]


def test_claims_alone(alone: Any) -> None:
    doc = alone(TEXT)
    spans = doc.spans["claimcheck"]
    assert [span.label_ for span in spans] == ["efficacy", "efficacy", "safety"]
    first = spans[0]._.claimcheck
    assert (first["hedge"], first["level"], first["strength"]) == ("adequate", 4, "conditional")
    start, end = first["slots"]["agent"]
    assert doc.text[start:end] == "Green tea"
    assert {span.label_ for span in doc.spans["claimcheck_cues"]} >= {"hedge-modal", "cure"}


def test_match_writes_nothing(alone: Any) -> None:
    nlp = _load()
    doc = nlp(TEXT)
    pipe = alone.get_pipe("claimcheck_claims")
    found = pipe.match(doc)
    assert found
    assert not doc.spans
    pipe.set_annotations(doc, found)
    assert len(doc.spans["claimcheck"]) == len(found)


def test_the_three_pipes_give_what_one_gives(alone: Any) -> None:
    doc = _load(*PIPES)(TEXT)
    assert _data(doc) == _data(alone(TEXT))
    frames = [span._.claimcheck_scope for span in doc.spans["claimcheck_scope"]]
    assert [frame["hedge"] for frame in frames] == ["adequate", "none", "none"]


def test_earlier_pipes_are_believed(alone: Any) -> None:
    nlp = _load("claimcheck_cues")
    doc = nlp(TEXT)
    doc.spans["claimcheck_cues"] = []
    found = alone.get_pipe("claimcheck_claims").match(doc)
    assert all(not data["cues"] for _, data in found)


def test_documents_and_pipelines_are_stored(alone: Any, tmp_path: Path) -> None:
    doc = alone(TEXT)
    again = Doc(alone.vocab).from_bytes(doc.to_bytes())
    assert _data(again) == _data(doc)
    alone.to_disk(tmp_path / "pipeline")
    assert _data(spacy.load(tmp_path / "pipeline")(TEXT)) == _data(doc)


def test_several_processes(alone: Any) -> None:
    expected = _data(alone(TEXT))
    for doc in alone.pipe([TEXT, TEXT, TEXT], n_process=2):
        assert _data(doc) == expected


def test_a_lexicon_of_ones_own_travels_with_the_pipeline(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    entry = {
        "id": "causal.zorbify", "pattern": "zorbify~|zorbifies", "level": 6,
        "fires": ["Tea zorbifies sleep."], "quiet": ["Tea is hot."],
    }  # fmt: skip
    path.write_text(json.dumps(entry) + "\n", encoding="utf-8")
    nlp = _load()
    nlp.add_pipe("claimcheck_claims", config={"lexicons": [str(path)]})
    text = "The tea zorbifies headaches."
    doc = nlp(text)
    ids = [span.id_ for span in doc.spans["claimcheck_cues"]]
    assert "causal.zorbify" in ids
    nlp.to_disk(tmp_path / "pipeline")
    path.unlink()
    moved = spacy.load(tmp_path / "pipeline")(text)
    assert [span.id_ for span in moved.spans["claimcheck_cues"]] == ids


def test_a_missing_lexicon_is_named() -> None:
    nlp = _load()
    nlp.add_pipe("claimcheck_claims", config={"lexicons": ["nowhere.jsonl"]})
    with pytest.raises(LexiconError, match=r"nowhere\.jsonl"):
        nlp(TEXT)


def test_a_pipeline_without_a_parser_is_told_the_remedy() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("claimcheck_claims")
    with pytest.raises(UsageError, match=r"dependency parse.*add_pipe"):
        nlp(TEXT)
    assert len(nlp("")) == 0


def test_importing_the_module_loads_no_lexicon() -> None:
    code = (
        "import claimcheck.claims.components, sys\n"
        "from claimcheck.claims.lexicon import default_lexicon\n"
        "sys.exit(default_lexicon.cache_info().currsize)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
