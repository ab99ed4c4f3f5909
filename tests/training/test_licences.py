"""Which sets may train what, and that renaming or reshaping a file changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from claimcheck.errors import CorpusError
from claimcheck.training.licences import (
    Source,
    check_licences,
    parse_sources,
    sample_of,
    source_of,
    sources,
)
from claimcheck.training.rawtexts import RawText, raw_texts

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = [
    f"Volunteer number {number} walked to the {place} before breakfast and felt no different."
    for number in range(40)
    for place in ("harbour", "mill", "chapel")
]


def table(path: Path, sentences: list[str] = SENTENCES) -> Path:
    """A set as someone published it."""
    lines = ["sentence,label", *(f'"{sentence}",0' for sentence in sentences)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def known(tmp_path: Path) -> tuple[Source, ...]:
    """One set that may ship, known by name, and one that may not, known by its sentences."""
    home = tmp_path / "published"
    home.mkdir()
    closed = Source(
        name="walks",
        what="walks",
        origin="someone/walks",
        licence="none stated",
        use="benchmark",
        files=("walks.csv",),
        sha256=(),
        columns=frozenset(("walk_id", "gait")),
        citation="Someone",
        sample=sample_of(raw_texts(table(home / "walks.csv"))),
    )
    free = replace(closed, name="free", use="ship", files=("free.csv",), columns=frozenset())
    return (replace(free, sample=frozenset()), closed)


def test_the_list_is_whole_and_says_what_may_ship() -> None:
    found = {source.name: source for source in sources()}
    ship = {name for name, source in found.items() if source.use == "ship"}
    assert ship == {"claims-real", "wellness", "contrast", "catalogue", "certainty", "bioscope"}
    assert len(found) == 15
    for source in found.values():
        assert all((source.what, source.origin, source.licence, source.citation, source.files))
        open_licence = ("MIT", "CC BY", "Apache-2.0")
        assert (source.use == "ship") == any(one in source.licence for one in open_licence), source
    own = {"claims-real", "wellness", "contrast", "catalogue"}
    assert all(source.sample for name, source in found.items() if name not in own)


@pytest.mark.parametrize(
    ("change", "said"),
    [('use = "maybe"', "maybe"), ('nonsense = "x"', "nonsense"), ("use = ", "not TOML")],
)
def test_a_broken_list_is_refused(change: str, said: str) -> None:
    text = (
        '[[source]]\nname = "a"\nwhat = "a"\norigin = "a"\nlicence = "a"\nfiles = []\n'
        f'sha256 = []\ncolumns = []\ncitation = "a"\n{change}\n'
    )
    with pytest.raises(CorpusError, match=said):
        parse_sources(text, samples={}, where="list")


def test_a_closed_set_may_be_studied_and_not_shipped(
    tmp_path: Path, known: tuple[Source, ...]
) -> None:
    path = table(tmp_path / "walks.csv")
    assert check_licences([path], purpose="study", known=known) == ()
    with pytest.raises(CorpusError, match=r"walks\.csv.*none stated.*leave it out"):
        check_licences([path], purpose="ship", known=known)


def test_renamed_cut_reshaped_and_mixed_in_it_is_still_known(
    tmp_path: Path, known: tuple[Source, ...]
) -> None:
    renamed = table(tmp_path / "free.csv", SENTENCES[::-1])
    reshaped = tmp_path / "mine.jsonl"
    rows = [{"text": sentence.upper(), "label": "OK"} for sentence in SENTENCES[20:110]]
    rows += [{"text": "An own sentence that nobody else has ever published.", "label": "OK"}]
    reshaped.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for path in (renamed, reshaped, tmp_path):
        found = source_of(path, known=known)
        assert found is not None, path
        assert found.name == "walks"


def test_columns_and_names_tell_where_sentences_do_not(
    tmp_path: Path, known: tuple[Source, ...]
) -> None:
    by_columns = tmp_path / "x.csv"
    by_columns.write_text("gait,walk_id,extra\nslow,1,2\n", encoding="utf-8")
    by_name = tmp_path / "free.csv"
    by_name.write_text("a,b\n1,2\n", encoding="utf-8")
    assert [s.name for p in (by_columns, by_name) if (s := source_of(p, known=known))] == [
        "walks",
        "free",
    ]


def test_the_users_own_data_is_allowed_and_named(tmp_path: Path) -> None:
    mine = table(tmp_path / "mine.csv")
    paths = [ROOT / "corpora" / "wellness", mine]
    assert check_licences(paths, purpose="ship") == (mine,)
    with pytest.raises(CorpusError, match="no such file"):
        check_licences([tmp_path / "none"], purpose="ship")


def test_our_own_corpora_are_known() -> None:
    names = [source_of(ROOT / "corpora" / name) for name in ("wellness", "standoff")]
    assert [source and source.name for source in names] == ["wellness", "claims-real"]


def test_a_folder_with_odd_files_is_read(tmp_path: Path, known: tuple[Source, ...]) -> None:
    (tmp_path / "notes.json").write_text("[1]", encoding="utf-8")
    (tmp_path / "page.html").write_text("<p>Hello there.</p>", encoding="utf-8")
    assert source_of(tmp_path / "notes.json", known=known) is None


def test_a_sample_depends_on_the_sentence_alone() -> None:
    one = sample_of(RawText(str(n), text) for n, text in enumerate(SENTENCES))
    other = sample_of(RawText("x", f" {text.upper()} ") for text in reversed(SENTENCES))
    assert one == other
    assert 1 <= len(one) <= len(SENTENCES) / 4
