"""Labels without words, and the way back: on pages and articles written for the test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from claimcheck.corpus import load_corpus
from claimcheck.corpus.documents import documents_in, names_of
from claimcheck.corpus.standoff import (
    FIELDS,
    read_standoff,
    rebuild,
    sentence_hash,
    standoff_of,
    write_rows,
)
from claimcheck.errors import CorpusError

ROOT = Path(__file__).resolve().parents[2]
STANDOFF = ROOT / "corpora" / "standoff"

PAGE = """<html><head><title>Nettle tea</title><style>p {color: red}</style></head><body>
<h1>Nettle tea</h1>
<p>Nettle tea soothes hay fever. Some   people say it may
help with sleep. Ask Dr. Pell first.</p>
<ul><li>It costs little.</li><li>It grows everywhere.</li></ul>
<p>Brew it for <b>ten</b>minutes; then strain.</p></body></html>"""
ARTICLE = {
    "title": "A tonic  in trials",
    "text": "The tonic cures colds, its maker says.\n\nTrials may begin in May.",
}
# document, sentence, label, cue, hedge
SENTENCES = [
    ("sondhi/reliable/8.html", "Nettle tea soothes hay fever.", "FLAG", "soothes", ""),
    ("sondhi/reliable/8.html", "Some people say it may help with sleep.", "OK", "", "may"),
    ("sondhi/reliable/8.html", "- It costs little.", "NONE", "", ""),
    # Split otherwise than we do, and with two elements run together.
    ("sondhi/reliable/8.html", "Brew it for tenminutes; then", "NONE", "", ""),
    ("story_reviews_00001", "The tonic cures colds, its maker says.", "FLAG", "cures colds", ""),
    ("story_reviews_00001", "Trials may begin in May.", "NONE", "", ""),
    ("schwarz/a.org/b.html", "Not among the sources.", "NONE", "", ""),
]


def labelled(folder: Path, **change: object) -> Path:
    """A file in the form of ``claims_real.jsonl``."""
    rows = []
    for n, (doc, text, label, cue, hedge) in enumerate(SENTENCES):
        article = doc.startswith("story")
        rows.append(
            {
                "source": "fakehealth" if article else "health-rel/sondhi",
                "doc": doc,
                "passage": "p0" if article else "p1",
                "n": n,
                "title": "A tonic in trials" if article else "",
                "text": text,
                "sha1": sentence_hash(text),
                "label": label,
                "kind": "NONE" if label == "NONE" else "EFF",
                "strength": 6 if label == "FLAG" else 0,
                "issues": ["UNHEDGED"] if label == "FLAG" else [],
                "severity": 2 if label == "FLAG" else 0,
                "borderline": False,
                "cue": cue,
                "hedge": hedge,
                "split": "dev" if article else "train",
            }
            | change
        )
    path = folder / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """The two collections, laid out as they are published."""
    page = tmp_path / "Health-Rel" / "datasets" / "Sondhi" / "reliable" / "8.html"
    article = tmp_path / "FakeHealth" / "content" / "HealthStory" / "story_reviews_00001.json"
    for path, text in ((page, PAGE), (article, json.dumps(ARTICLE))):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_row_keeps_place_hash_and_labels_and_no_word(tmp_path: Path) -> None:
    rows = standoff_of(labelled(tmp_path))
    assert all(tuple(row) == FIELDS for row in rows)
    written = json.dumps(rows)
    for _, text, _, cue, hedge in SENTENCES:
        assert not any(part and part in written for part in (text, cue, f'"{hedge}"' * bool(hedge)))
    assert "tonic" not in written
    assert rows[1]["hedge"] == [19, 22]
    assert rows[0]["cue"] == [11, 18]
    assert rows[2]["cue"] is None


def test_a_hedge_is_taken_where_it_is_a_word(tmp_path: Path) -> None:
    text = "Mayor Dismay thinks it may help."
    path = labelled(tmp_path, text=text, sha1=sentence_hash(text), cue="", hedge="may")
    assert standoff_of(path)[0]["hedge"] == [23, 26]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"sha1": "0" * 40}, "hash"), ({"cue": "absent"}, "cue"), ({"text": "Two  spaces"}, "hash")],
)
def test_an_altered_row_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        standoff_of(labelled(tmp_path, **change))


def test_rebuilds_exactly_what_was_labelled(downloads: Path) -> None:
    path = labelled(downloads)
    rebuilt = rebuild(standoff_of(path), [downloads / "Health-Rel", downloads / "FakeHealth"])
    expected = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert list(rebuilt.rows) == expected[:-1]
    assert rebuilt.absent == ("schwarz/a.org/b.html",)
    assert rebuilt.lacking == {}
    assert rebuilt.share == pytest.approx(6 / 7)
    write_rows(downloads / "again.jsonl", rebuilt.rows)
    assert load_corpus(downloads / "again.jsonl")[0].cue == "soothes"


def test_pages_as_text_flat_names_and_articles_in_lines(downloads: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    (flat / "sondhi__reliable__8.html.txt").write_text("Nettle tea soothes hay fever.")
    (flat / "articles.jsonl").write_text(json.dumps({"id": "story_reviews_00001", **ARTICLE}))
    rebuilt = rebuild(standoff_of(labelled(downloads)), [flat])
    assert [row["n"] for row in rebuilt.rows] == [0, 4, 5]
    assert rebuilt.lacking == {"sondhi/reliable/8.html": 3}


def test_names_of_files() -> None:
    assert "schwarz/a.org/b.html" in names_of(Path("/x/Schwarz/CachedPages/a.org/b.html"))
    assert "schwarz/a.org/b.html" in names_of(Path("schwarz__a.org__b.html"))
    assert "story_reviews_00001" in names_of(Path("HealthStory/story_reviews_00001.json"))


def test_an_index_gives_names_that_were_cut_short(tmp_path: Path) -> None:
    folder = tmp_path / "pages" / "html"
    folder.mkdir(parents=True)
    (folder / "sondhi__rel.html").write_text(PAGE, encoding="utf-8")
    index = [{"file": "html/sondhi__rel.html", "doc": "sondhi/reliable/8.html"}]
    (folder.parent / "index.json").write_text(json.dumps(index), encoding="utf-8")
    (document,) = documents_in([folder], wanted={"sondhi/reliable/8.html"})
    assert document.blocks[0].text == "Nettle tea"


def test_one_broken_file_in_a_folder_does_not_hide_the_others(downloads: Path) -> None:
    article = downloads / "FakeHealth" / "content" / "HealthStory" / "story_reviews_00001.json"
    article.write_text("{", encoding="utf-8")
    labels = standoff_of(labelled(downloads))
    rebuilt = rebuild(labels, [downloads / "Health-Rel", downloads / "FakeHealth"])
    assert len(rebuilt.rows) == 4
    assert article.name in rebuilt.faults[0]
    with pytest.raises(CorpusError, match=article.name):
        rebuild(labels, [article])


def test_bad_input_is_told_with_its_remedy(tmp_path: Path) -> None:
    labels = standoff_of(labelled(tmp_path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match="names must be as in the collections"):
        rebuild(labels, [tmp_path / "empty"])
    with pytest.raises(CorpusError, match="no such file"):
        rebuild(labels, [tmp_path / "none"])
    (tmp_path / "rows.jsonl").write_text('{"doc": "d"}', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"rows\.jsonl:1"):
        read_standoff(tmp_path / "rows.jsonl")


def test_a_failed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("earlier", encoding="utf-8")

    def rows() -> Any:
        yield {"a": 1}
        raise CorpusError("stopped half-way")

    with pytest.raises(CorpusError):
        write_rows(path, rows())
    assert path.read_text(encoding="utf-8") == "earlier"
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]


def test_the_scripts_from_labels_to_corpus(downloads: Path) -> None:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    path = labelled(downloads)
    made = run("scripts/make_standoff.py", path, "-o", downloads / "standoff")
    assert made.returncode == 0, made.stderr
    first = (downloads / "standoff" / "train.jsonl").read_bytes()
    assert run("scripts/make_standoff.py", path, "-o", downloads / "standoff").returncode == 0
    assert (downloads / "standoff" / "train.jsonl").read_bytes() == first
    out = downloads / "rebuilt.jsonl"
    options = ("--labels", downloads / "standoff", "-o", out)
    done = run("scripts/rebuild_standoff.py", downloads / "Health-Rel", *options)
    assert done.returncode == 0, done.stderr
    assert "rebuilt 4 of 7" in done.stdout
    assert len(load_corpus(out)) == 4
    refused = run("scripts/rebuild_standoff.py", downloads / "none", *options)
    assert refused.returncode == 2
    assert "no such file" in refused.stderr
    missing = run("scripts/make_standoff.py", downloads / "none.jsonl", "-o", downloads / "x")
    assert missing.returncode == 2


def test_the_published_labels_hold_together() -> None:
    rows = read_standoff(STANDOFF)
    assert len(rows) == 13_305
    assert sum(row["label"] == "FLAG" for row in rows) == 1_869
    splits: dict[str, set[str]] = {}
    for row in rows:
        splits.setdefault(row["doc"], set()).add(row["split"])
        assert (row["label"] == "FLAG") == bool(row["issues"]) == bool(row["cue"]), row
    assert len(splits) == 858
    assert all(len(found) == 1 for found in splits.values()), "a document in two splits"
    places = {(row["doc"], row["passage"], row["n"]) for row in rows}
    assert len(places) == len(rows)


def test_the_published_labels_hold_no_words() -> None:
    """Every string is an id, a code or a hash: none has a space in it."""
    for row in read_standoff(STANDOFF):
        strings = [v for v in row.values() if isinstance(v, str)] + list(row["issues"])
        assert not any(" " in value for value in strings), row


def test_the_published_labels_load_with_datasets(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    loaded = datasets.load_dataset(str(STANDOFF), cache_dir=str(tmp_path))
    assert {name: len(part) for name, part in loaded.items()} == {
        "train": 10_599,
        "validation": 2_706,
    }
    assert loaded["train"].column_names == list(FIELDS)
