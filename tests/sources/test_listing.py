"""Inputs become entries: lists, folders, globs, and what a file is taken for."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import FAILURE_KINDS, SourceError, UsageError
from claimcheck.records import FailureDetail
from claimcheck.sources import (
    Entry,
    InputType,
    ListingOptions,
    decode,
    list_entries,
    read_entry,
)

PAGE = b"<!DOCTYPE html><html><body><p>Zinc may shorten a cold.</p></body></html>"
SHA = hashlib.sha256(PAGE).hexdigest()


def listed(
    *inputs: str,
    stdin: bytes | None = None,
    column: str | None = None,
    input_type: InputType = "auto",
    max_bytes: int = 20_000_000,
) -> list[Entry]:
    options = ListingOptions(column=column, input_type=input_type, max_bytes=max_bytes)
    found = list(
        list_entries(inputs, options=options, stdin=None if stdin is None else io.BytesIO(stdin))
    )
    for entry in found:
        assert Entry.from_json_dict(entry.to_json_dict()) == entry
    return found


def outcome(entry: Entry) -> str:
    if entry.failure is not None:
        return entry.failure.kind
    return entry.skipped or entry.kind


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bytes | str], str]:
    """Writes below a fresh current folder; gives the relative path."""
    monkeypatch.chdir(tmp_path)

    def writing(name: str, data: bytes | str = PAGE) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return name

    return writing


Write = Callable[..., str]


# ---------------------------------------------------------------------- entries

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.builds(
        Entry,
        uri=texts,
        kind=st.sampled_from(["url", "file", "record", "row"]),
        origin=texts,
        container=st.none() | texts,
        position=st.none() | st.integers(0, 2**40),
        within=st.integers(0, 2**40),
        key=st.none() | texts,
        sha256=st.none() | texts,
        skipped=st.none() | texts,
        failure=st.none()
        | st.builds(FailureDetail, kind=st.sampled_from(FAILURE_KINDS), message=texts),
    )
)
def test_entries_survive_json_and_pickle(entry: Entry) -> None:
    assert Entry.from_json_dict(entry.to_json_dict()) == entry
    assert pickle.loads(pickle.dumps(entry)) == entry


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        Entry.from_json_dict({"uri": "a", "kind": "url", "origin": "a", "colour": "red"})


# ---------------------------------------------------------------------- lists


def test_a_list_of_addresses_and_paths(write: Write) -> None:
    write("pages/a.html")
    name = write(
        "list.txt",
        "# a comment\n\nhttps://site.example/a?utm_source=x\r\n<https://site.example/b>\n"
        "  pages/a.html\nmissing.html\nftp://site.example/c\nhttps://user:pw@site.example/\n",
    )
    found = listed(name)
    assert [(entry.uri, outcome(entry)) for entry in found] == [
        ("https://site.example/a?utm_source=x", "url"),
        ("https://site.example/b", "url"),
        ("pages/a.html", "file"),
        ("missing.html", "not-found"),
        ("ftp://site.example/c", "unsafe-address"),
        ("https://user:pw@site.example/", "unsafe-address"),
    ]
    assert {entry.origin for entry in found} == {"list.txt"}
    assert found[0].key == "https://site.example/a"
    assert (found[2].sha256, found[2].key) == (SHA, str(Path("pages/a.html").resolve()))
    assert "https://" in str(found[3].failure)


def test_paths_in_a_list_lie_here_or_beside_it(write: Write) -> None:
    write("far/a.html")
    write("far/b.html")
    write("b.html", b"<html>here")
    found = listed(write("far/list.txt", "a.html\nb.html\n"))
    assert [entry.uri for entry in found] == [str(Path("far/a.html")), "b.html"]


def test_a_list_on_standard_input() -> None:
    found = listed("-", stdin=b"https://site.example/a\nnothing.html\n")
    assert [outcome(entry) for entry in found] == ["url", "not-found"]
    assert [entry.origin for entry in found] == ["-", "-"]


def test_standard_input_stays_open() -> None:
    stream = io.BytesIO(b"https://site.example/a\n")
    list(list_entries(["-"], stdin=stream))
    assert not stream.closed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_of_lists(write: Write, encoding: str) -> None:
    text = "https://site.example/café\nhttps://site.example/thé\n"
    found = listed(write("list.txt", text.encode(encoding)))
    assert [entry.uri for entry in found] == text.split()


def test_a_list_longer_than_what_is_looked_at() -> None:
    lines = [f"https://site.example/{number}" for number in range(5_000)]
    assert [entry.uri for entry in listed("-", stdin="\n".join(lines).encode())] == lines


def test_an_endless_line_is_one_failure() -> None:
    data = b"https://a.example/\n" + b"x" * 300_000 + b"\nhttps://b.example/\n"
    assert [outcome(entry) for entry in listed("-", stdin=data)] == ["url", "not-found", "url"]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# nothing\n"])
def test_an_empty_list_is_accounted_for(data: bytes) -> None:
    assert [outcome(entry) for entry in listed("-", stdin=data)] == ["nothing in it"]


@pytest.mark.parametrize(
    ("text", "column", "kinds"),
    [
        ("title,URL\nx,https://a.example/\n", None, ["url"]),
        ("title;link\nx;https://a.example/1,2\n", None, ["url"]),
        ("href\tn\nhttps://a.example/\t1\n", None, ["url"]),
        ("url\nhttps://a.example/\nhttps://b.example/\n", None, ["url", "url"]),
        ('Page,url\n"https://a.example/a,b",https://b.example/\n', "page", ["url"]),
        ("x,https://a.example/\ny,https://b.example/\n", None, ["url", "url"]),
        ("id,url\n1,\n,\n2,https://a.example/\n3\n", None, ["not-found", "url", "not-found"]),
        ('id,url\n1,"https://a.example/"\n\n', None, ["url"]),
        ("id,name\n1,x\n", None, ["unsupported-type"]),
        ("", None, ["unsupported-type"]),
    ],
)
def test_csv(write: Write, text: str, column: str | None, kinds: list[str]) -> None:
    assert [outcome(entry) for entry in listed(write("a.csv", text), column=column)] == kinds


def test_csv_from_a_spreadsheet(write: Write) -> None:
    text = 'Titel;URL\r\n"Zeile\r\nzwei";https://a.example/ä\r\n'
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        found = listed(write("a.csv", text.encode(encoding)))
        assert [entry.uri for entry in found] == ["https://a.example/ä"]


def test_csv_faults_do_not_hide_the_other_rows(write: Write) -> None:
    huge = "x" * (csv.field_size_limit() + 10)
    text = f'url\nhttps://a.example/\n"{huge}"\nhttps://b.example/\n'
    kinds = [outcome(entry) for entry in listed(write("a.csv", text))]
    assert kinds == ["url", "not-found", "url"]


def test_a_column_that_is_not_there_is_a_usage_error(write: Write) -> None:
    with pytest.raises(UsageError, match=r"no column 'page'.*'id,url'"):
        listed(write("a.csv", "id,url\n1,https://a.example/\n"), column="page")


def test_csv_on_standard_input() -> None:
    data = b"id,url\n1,https://a.example/\n"
    assert [entry.uri for entry in listed("-", stdin=data)] == ["https://a.example/"]
    data = b"id,page\n1,https://a.example/\n"
    found = listed("-", stdin=data, column="page")
    assert [entry.uri for entry in found] == ["https://a.example/"]


def test_a_text_of_sentences_is_an_article(write: Write) -> None:
    text = "Zinc may help.\nSee https://site.example/a for more.\n\nhttps://site.example/a\n"
    found = listed(write("a.txt", text))
    assert [(entry.uri, outcome(entry)) for entry in found] == [("a.txt", "file")]
    assert outcome(listed("a.txt", input_type="list")[0]) == "not-found"
    assert [outcome(entry) for entry in listed("a.txt", input_type="page")] == ["file"]


def test_lists_in_lists_are_pages(write: Write) -> None:
    write("inner.txt", "https://a.example/\n")
    assert [entry.uri for entry in listed(write("outer.txt", "inner.txt\n"))] == ["inner.txt"]


# ---------------------------------------------------------------------- impossible calls


@pytest.mark.parametrize("inputs", [("",), ("a", " "), ("-", "-")])
def test_impossible_inputs(inputs: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        listed(*inputs, stdin=b"")


def test_standard_input_is_a_list() -> None:
    with pytest.raises(UsageError, match="save what comes in"):
        listed("-", stdin=b"", input_type="table")


# ---------------------------------------------------------------------- folders


def test_a_folder(write: Write) -> None:
    for name in ("b.html", "a/z.HTM", "a/y.md", "c.xhtml", "mirror/article.php?id=3"):
        write(f"site/{name}")
    write("site/t.txt", "Zinc may help.")
    write("site/urls.txt", "https://a.example/\nhttps://b.example/\n")
    write("site/.git/config", "x")
    write("site/.hidden.html")
    for name in ("b.html~", "b.html.bak", ".b.html.swp", "#b.html#", "~$b.html", "Thumbs.db"):
        write(f"site/{name}", "x")
    write("site/b_files/frame.html")
    write("site/picture.jpg", b"\xff\xd8\xff")
    write("site/NOTICE", "words")
    found = listed("site")
    assert [(entry.uri.removeprefix(f"site{os.sep}"), outcome(entry)) for entry in found] == [
        ("#b.html#", "leftover of another program"),
        (".b.html.swp", "hidden"),
        (".git", "hidden"),
        (".hidden.html", "hidden"),
        ("Thumbs.db", "leftover of another program"),
        ("b.html.bak", "leftover of another program"),
        ("b.html~", "leftover of another program"),
        ("b_files", "parts of a saved page"),
        ("~$b.html", "leftover of another program"),
        ("NOTICE", "file-type: none"),
        (str(Path("a/y.md")), "file"),
        (str(Path("a/z.HTM")), "file"),
        ("b.html", "file"),
        ("c.xhtml", "file"),
        (str(Path("mirror/article.php?id=3")), "file"),
        ("picture.jpg", "file-type: .jpg"),
        ("t.txt", "file"),
        ("urls.txt", "list of addresses; name it as an input itself"),
    ]
    assert {entry.origin for entry in found} == {"site"}


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights there")
def test_links_in_folders(write: Write) -> None:
    write("site/a/page.html")
    write("elsewhere/other.html")
    Path("site/a/loop").symlink_to(Path("site").resolve(), target_is_directory=True)
    Path("site/b").symlink_to(Path("elsewhere").resolve(), target_is_directory=True)
    Path("site/broken.html").symlink_to("nothing")
    Path("site/same.html").symlink_to(Path("site/a/page.html").resolve())
    os.mkfifo("site/pipe.html")
    found = {entry.uri: entry for entry in listed("site")}
    assert {uri: outcome(entry) for uri, entry in found.items()} == {
        "site/a/loop": "link to a folder that is listed already",
        "site/a/page.html": "file",
        "site/b/other.html": "file",
        "site/broken.html": "not-found",
        "site/same.html": "file",
        "site/pipe.html": "no regular file",
    }
    assert found["site/same.html"].key == found["site/a/page.html"].key


def test_a_very_deep_folder(tmp_path: Path) -> None:
    path = tmp_path / "/".join("d" * 400)
    path.mkdir(parents=True)
    (path / "a.html").write_bytes(PAGE)
    assert [outcome(entry) for entry in listed(str(tmp_path))] == ["file"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.html"
    Path(os.fsdecode(raw)).write_bytes(PAGE)
    for given_ in (str(tmp_path), os.fsdecode(raw)):
        (entry,) = listed(given_)
        assert outcome(entry) == "not-found"
        assert entry.uri.endswith(r"caf\xe9.html")
        entry.uri.encode("utf-8")


def test_an_empty_folder_is_accounted_for(tmp_path: Path) -> None:
    assert [outcome(entry) for entry in listed(str(tmp_path))] == ["nothing in it"]


def test_globs(write: Write) -> None:
    for name in ("b.html", "a.html", "sub/c.html", "d.jpg"):
        write(name)
    assert [entry.uri for entry in listed("*.html")] == ["a.html", "b.html"]
    assert [entry.uri for entry in listed(str(Path("*.html").absolute()))] == [
        str(Path(name).absolute()) for name in ("a.html", "b.html")
    ]
    assert len(listed("**/*.html")) == 3
    assert [outcome(entry) for entry in listed("*.none")] == ["not-found"]
    write("[odd].html")
    assert [entry.uri for entry in listed("[odd].html")] == ["[odd].html"]


# ---------------------------------------------------------------------- single files and addresses


def test_files_and_addresses_as_inputs(write: Write) -> None:
    found = listed(write("a.html"), "https://site.example/b", "none.html", write("empty.html", b""))
    assert [outcome(entry) for entry in found] == ["file", "url", "not-found", "file"]
    assert [entry.uri for entry in found] == [
        "a.html", "https://site.example/b", "none.html", "empty.html"
    ]  # fmt: skip


def test_a_file_that_is_too_large(write: Write) -> None:
    assert [outcome(entry) for entry in listed(write("a.html"), max_bytes=10)] == ["too-large"]


def test_an_address_is_neither_table_nor_archive() -> None:
    (entry,) = listed("https://a.example/b.warc.gz", input_type="archive")
    assert outcome(entry) == "unsupported-type"


def test_a_file_is_read_back_by_its_real_path(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry,) = listed(write("a.html"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    document = read_entry(entry, max_bytes=1000)
    assert (document.source.uri, document.source.kind) == ("a.html", "file")
    assert document.source.sha256 == entry.sha256
    assert decode(document) == PAGE.decode()
    (tmp_path / "a.html").unlink()
    with pytest.raises(SourceError) as caught:
        read_entry(entry, max_bytes=1000)
    assert caught.value.kind == "not-found"
    assert str(caught.value).startswith("a.html: ")


def test_only_what_lies_here_is_read() -> None:
    (entry,) = listed("https://a.example/")
    with pytest.raises(ValueError, match="nothing to read"):
        read_entry(entry, max_bytes=1)
