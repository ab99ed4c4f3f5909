"""``sources``: what bytes are, in which encoding, and what cannot be read."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck import fetch as fetch_room
from claimcheck.errors import SourceError, UsageError
from claimcheck.sources import RawDocument, decode, html_document, open_source, text_document

SENTENCE = "Zinc may shorten a cold – it’s no cure, say the authors of one café study."


def write(folder: Path, name: str, data: bytes | str) -> str:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return str(path)


def failure(target: str, **options: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        open_source(target, **options)  # type: ignore[arg-type]
    return caught.value


def test_a_file_becomes_a_document(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", SENTENCE)
    document = open_source(path)
    assert document.media_type == "text/plain"
    assert document.source.model_dump() == {
        "kind": "file",
        "uri": path,
        "sha256": hashlib.sha256(SENTENCE.encode()).hexdigest(),
        "retrieved": None,
    }
    assert decode(document) == SENTENCE
    assert open_source(path) == document


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.html", "<p>x", "text/html"),
        ("a.HTM", "<p>x", "text/html"),
        ("a.md", "# x", "text/markdown"),
        ("a.txt", "2 < 3 and <b>so on", "text/plain"),
        ("a.txt", "<!DOCTYPE html><html><body>x", "text/html"),
        ("a", "<!-- saved --> <html><body>x", "text/html"),
        ("a.php", "<div><p>x</p></div>", "text/html"),
        ("a", "plain words", "text/plain"),
        ("a.html", "no tag at all", "text/html"),
    ],
)
def test_media_types(tmp_path: Path, name: str, data: str, media_type: str) -> None:
    assert open_source(write(tmp_path, name, data)).media_type == media_type


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", b"PK\x03\x04whatever"),
        ("a.docx", b"renamed text"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.txt", b"%PDF-1.7 renamed"),
        ("a.html", b"PK\x03\x04renamed"),
        ("a", b"\x89PNG\r\n\x1a\n"),
        ("a.txt", b"\xff\xd8\xff\xe0 jpeg"),
        ("a.html", b"\x1f\x8b\x08 gzip"),
        ("a.txt", bytes(range(256)) * 20),
        ("a", b"\x00\x01\x02\x03" * 100),
    ],
)
def test_what_cannot_be_read_is_named_with_the_remedy(
    tmp_path: Path, name: str, data: bytes
) -> None:
    error = failure(write(tmp_path, name, data))
    assert error.kind == "unsupported-type"
    assert "save the article as HTML or text" in str(error)


def test_a_missing_file(tmp_path: Path) -> None:
    assert failure(str(tmp_path / "none.html")).kind == "not-found"
    assert failure(str(tmp_path / "none.docx")).kind == "not-found"
    assert failure("a\0b").kind == "not-found"
    assert failure("x" * 5000).kind == "not-found"


def test_a_directory_is_a_usage_error_that_names_the_scan(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="claimcheck scan"):
        open_source(str(tmp_path))


@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\0\0\0", b"\xef\xbb\xbf\n"])
def test_empty(tmp_path: Path, data: bytes) -> None:
    assert failure(write(tmp_path, "a.html", data)).kind == "no-article"
    assert failure("-", stdin=io.BytesIO(data)).kind == "no-article"


def test_too_large_is_not_slurped() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= 1001
            self.asked += size
            return b"a" * size

    stream = Endless()
    assert failure("-", stdin=stream, max_bytes=1000).kind == "too-large"
    assert stream.asked == 1001


def test_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "a" * 100)
    assert len(open_source(path, max_bytes=100).data) == 100
    assert failure(path, max_bytes=99).kind == "too-large"


def test_standard_input() -> None:
    document = open_source("-", stdin=io.BytesIO(b"<html><body><p>x"))
    assert (document.source.kind, document.source.uri) == ("text", "-")
    assert document.media_type == "text/html"


def test_stray_nulls_in_html_are_no_binary(tmp_path: Path) -> None:
    data = b"<html><body><p>Tea\0 may help.</p>" + b"<p>words and words</p>" * 20
    assert open_source(write(tmp_path, "a.html", data)).media_type == "text/html"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp1252"],
)
def test_encodings_of_plain_text(tmp_path: Path, encoding: str) -> None:
    text = SENTENCE * 3
    document = open_source(write(tmp_path, "a.txt", text.encode(encoding)))
    assert decode(document) == text


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("cp1252", "windows-1252"),
        ("cp1252", "iso-8859-1"),
        ("cp1252", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("utf-8", "no-such-charset"),
        ("mac-roman", "x-unknown"),
        ("utf-8", "utf-16"),
        ("cp1252", "utf-7"),
    ],
)
def test_declarations_of_the_page_and_the_evidence(
    tmp_path: Path, written: str, declared: str
) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body><p>{SENTENCE * 4}</p>'
    page = page.replace("it’s", "it’s, it’s and it’s")
    document = open_source(write(tmp_path, "a.html", page.encode(written)))
    assert decode(document) == page


def test_a_declared_foreign_encoding_is_believed_where_it_fits() -> None:
    page = '<html><head><meta charset="koi8-r"></head><body>Витамин'
    assert decode(html_document(page.encode("koi8-r"))) == page


def test_single_wrong_bytes_in_utf8_are_read_as_windows_1252() -> None:
    data = "café ".encode() + b"it\x92s"
    assert decode(html_document(data)) == "café it’s"


def test_text_and_html_in_memory() -> None:
    document = text_document("a\ud800b")
    assert (document.media_type, decode(document)) == ("text/plain", "a\ufffdb")
    page = html_document("<p>x", uri="https://site.example/a")
    assert (page.source.kind, page.source.uri) == ("url", "https://site.example/a")
    assert page.base_url == "https://site.example/a"
    assert html_document(b"<p>x").source.kind == "text"


def test_a_url_goes_through_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def canned(
        url: str, *, allow_private: bool, max_bytes: int, timeout: float, contact: str | None
    ) -> fetch_room.Fetched:
        assert (timeout, contact) == (5.0, "desk@site.example")
        asked.append((url, allow_private))
        return fetch_room.Fetched(
            "https://site.example/b.md",
            b"# Title\n\nwords",
            "text/plain",
            None,
            200,
            "2026-01-02T03:04:05Z",
        )

    monkeypatch.setattr(fetch_room, "fetch", canned)
    document = open_source(
        "HTTPS://site.example/a", allow_private=True, timeout=5.0, contact="desk@site.example"
    )
    assert asked == [("HTTPS://site.example/a", True)]
    assert document.media_type == "text/markdown"
    assert document.source.kind == "url"
    assert document.source.uri == "HTTPS://site.example/a"
    assert document.source.retrieved == "2026-01-02T03:04:05Z"
    assert document.base_url == "https://site.example/b.md"


def test_another_scheme_is_refused() -> None:
    assert failure("ftp://site.example/a").kind == "unsafe-address"


@given(st.text())
def test_any_text_survives(text: str) -> None:
    expected = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert decode(text_document(text)) == expected.removeprefix("\ufeff")


@given(st.binary(max_size=400))
def test_any_bytes_decode(data: bytes) -> None:
    document = html_document(data)
    assert isinstance(document, RawDocument)
    decode(document).encode("utf-8")
