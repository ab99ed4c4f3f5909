"""WARC and ARC files: each record ends as a page, as skipped with a reason, or as a failure."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.errors import SourceError
from claimcheck.sources import Entry, decode, list_entries, read_entry, release_readers
from claimcheck.sources.archives import archive_entries
from claimcheck.sources.payload import dechunk
from claimcheck.sources.segments import Segment, segments

LIMIT = 1_000_000
HTML = "<!doctype html><html><body><p>Zinc may shorten a cold by one day.</p></body></html>\n"
PAGE = HTML.encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def warc(
    content: bytes,
    type_: str = "response",
    *,
    uri: str | None = "https://site.example/a",
    length: int | str | None = -1,
    version: str = "1.0",
    more: str = "",
    content_type: str = "application/http; msgtype=response",
) -> bytes:
    """One record; ``length`` -1 is the right one, null leaves the header out."""
    lines = [f"WARC/{version}", f"WARC-Type: {type_}", "WARC-Date: 2026-01-02T03:04:05Z"]
    lines += [f"WARC-Target-URI: {uri}"] if uri is not None else []
    lines += [f"Content-Type: {content_type}"] + ([more] if more else [])
    lines += (
        [] if length is None else [f"Content-Length: {len(content) if length == -1 else length}"]
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n\r\n"


def http(body: bytes = PAGE, head: bytes = HEAD, length: int | None = None) -> bytes:
    return (
        head + f"Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body
    )


def arc(content: bytes, *, uri: str = "https://site.example/a", length: object = None) -> bytes:
    size = len(content) if length is None else length
    return f"{uri} 192.0.2.1 20260102030405 text/html {size}\n".encode() + content + b"\n"


ARC_HEAD = (
    b"filedesc://a.arc 0.0.0.0 20260102030405 text/plain 75\n1 0 Test Capture...\n"
    b"URL IP-address Archive-date Content-type Archive-length\n\n"
)
INFO = warc(b"software: test\r\n", "warcinfo", uri=None, content_type="application/warc-fields")
REQUEST = warc(b"GET / HTTP/1.1\r\n\r\n", "request", content_type="application/http")
GOOD = warc(http(), uri="https://site.example/good")


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    yield
    release_readers()


def listed(path: Path, data: bytes, *, limit: int = LIMIT, damaged: bool = False) -> list[Entry]:
    """The entries of an archive; every page among them is read back and compared.

    :param damaged: a page may turn out to be none when it is read.
    """
    path.write_bytes(data)
    found = list(archive_entries(str(path), origin="o", max_bytes=limit))
    for entry in found:
        assert entry.kind == "record" or entry.skipped == "archive without records"
        assert Entry.from_json_dict(entry.to_json_dict()) == entry
        if entry.skipped is None and entry.failure is None:
            try:
                document = read_entry(entry, max_bytes=limit)
            except SourceError as error:
                if damaged and error.kind in ("unsupported-type", "no-article"):
                    continue
                raise
            assert document.source.sha256 == entry.sha256
            assert (document.source.uri, document.source.kind) == (entry.uri, "warc")
    return found


def outcome(entry: Entry) -> str:
    return entry.failure.kind if entry.failure else entry.skipped or "page"


def outcomes(path: Path, data: bytes, *, limit: int = LIMIT) -> list[str]:
    return [outcome(entry) for entry in listed(path, data, limit=limit)]


def members(*records: bytes) -> bytes:
    return b"".join(map(gzip.compress, records))


# ---------------------------------------------------------------------- what is well-formed


@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
@pytest.mark.parametrize("packing", ["plain", "members", "one member"])
def test_warc(tmp_path: Path, version: str, packing: str) -> None:
    records = [INFO, REQUEST, warc(http(), version=version), GOOD]
    joined = b"".join(records)
    data = {"plain": joined, "members": members(*records), "one member": gzip.compress(joined)}
    found = listed(tmp_path / "a.warc", data[packing])
    kinds = ["record-type: warcinfo", "record-type: request", "page", "page"]
    assert [outcome(entry) for entry in found] == kinds
    assert [entry.uri for entry in found[2:]] == [
        "https://site.example/a", "https://site.example/good"
    ]  # fmt: skip
    document = read_entry(found[2], max_bytes=LIMIT)
    assert decode(document) == HTML
    assert document.base_url == "https://site.example/a"
    assert document.source.retrieved == "2026-01-02T03:04:05Z"
    assert found[2].sha256 == found[3].sha256 == hashlib.sha256(PAGE).hexdigest()


@pytest.mark.parametrize("packed", [False, True])
def test_arc(tmp_path: Path, packed: bool) -> None:
    records = [ARC_HEAD, arc(http()), arc(PAGE, uri="https://site.example/a b?c=d e")]
    found = listed(tmp_path / "a", members(*records) if packed else b"".join(records))
    assert [outcome(entry) for entry in found] == ["record-type: arc_header", "page", "page"]
    assert found[2].uri == "https://site.example/a%20b?c=d%20e"
    assert read_entry(found[1], max_bytes=LIMIT).source.retrieved == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (warc(PAGE, "resource", content_type="text/html"), "page"),
        (warc(b"Zinc may help.", "resource", content_type="text/plain"), "page"),
        (warc(b"Zinc may help.", "conversion", content_type="text/plain"), "page"),
        (warc(PAGE, "resource", content_type=""), "page"),
        (warc(b"\x89PNG", "resource", content_type="image/png"), "media-type: image/png"),
        (warc(b"x", "resource", content_type=""), "media-type: none"),
        (warc(b"x", "metadata"), "record-type: metadata"),
        (warc(http(), "revisit"), "record-type: revisit"),
        (warc(http(), "continuation"), "record-type: continuation"),
        (warc(http(), "RESPONSE"), "page"),
        (warc(http(head=b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n")),
         "http-status: 404"),
        (warc(http(head=b"HTTP/1.0 oh dear\r\n")), "http-status: none"),
        (warc(http(head=b"HTTP/2 200\r\nContent-Type: text/html\r\n")), "page"),
        (warc(http(b"{}", head=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")),
         "media-type: application/json"),
        (warc(http(head=b"HTTP/1.1 200 OK\r\n")), "page"),
        (warc(http(head=b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n")), "page"),
        (warc(http(b"<a/>", head=b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n")),
         "media-type: text/xml"),
        (warc(http(head=b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"),
              more="WARC-Identified-Payload-Type: text/html"), "page"),
        (warc(http(b"User-agent: *", head=b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"),
              uri="https://site.example/robots.txt"), "robots.txt"),
        (warc(b"x", "resource", uri="metadata://a/b", content_type="text/plain"),
         "target: metadata"),
        (warc(b"", "response"), "corrupt"),
        (warc(b"no HTTP", "response"), "corrupt"),
        (warc(b"1.2.3.4", "response", uri="dns:a.example", content_type="text/dns"),
         "target: dns"),
    ],
    ids=range(23),
)  # fmt: skip
def test_what_records_become(tmp_path: Path, record: bytes, kind: str) -> None:
    assert outcomes(tmp_path / "a.warc", record + GOOD) == [kind, "page"]
    assert outcomes(tmp_path / "b.warc.gz", members(record, GOOD)) == [kind, "page"]


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("gzip, gzip", lambda data: gzip.compress(gzip.compress(data))),
        ("identity", lambda data: data),
        ("gzip", lambda data: data),  # many archives hold the body unpacked
    ],
    ids=["gzip", "x-gzip", "deflate", "raw deflate", "zstd", "twice", "identity", "not packed"],
)
def test_packed_bodies(tmp_path: Path, coding: str, pack: object) -> None:
    body = pack(PAGE)  # type: ignore[operator]
    record = warc(http(body, HEAD + f"Content-Encoding: {coding}\r\n".encode()))
    (entry,) = listed(tmp_path / "a.warc", record)
    assert entry.sha256 == hashlib.sha256(PAGE).hexdigest()


def test_a_packing_that_is_unknown(tmp_path: Path) -> None:
    record = warc(http(PAGE, HEAD + b"Content-Encoding: rot13\r\n"))
    assert outcomes(tmp_path / "a.warc", record) == ["unsupported-type"]


def test_chunked_bodies(tmp_path: Path) -> None:
    body = (
        b"10;x=y\r\n" + PAGE[:16] + b"\r\n%x\r\n" % (len(PAGE) - 16) + PAGE[16:] + b"\r\n0\r\n\r\n"
    )
    for content in (body, PAGE):  # some archives say chunked and are not
        record = warc(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + content)
        (entry,) = listed(tmp_path / "a.warc", record)
        assert entry.sha256 == hashlib.sha256(PAGE).hexdigest()


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5))
def test_dechunk_undoes_chunking(chunks: list[bytes]) -> None:
    body = b"".join(b"%X\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert dechunk(body) == (b"".join(chunks), None)


@given(st.binary(max_size=200))
def test_dechunk_never_fails(body: bytes) -> None:
    data, _ = dechunk(body)
    assert len(data) <= len(body)


# ---------------------------------------------------------------------- what is malformed


@pytest.mark.parametrize("packing", ["plain", "members", "one member"])
@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (warc(http(), length=len(http()) - 20), "page"),  # goes on to the next record
        (warc(http(), length=len(http()) + 30), "page"),  # reaches into the next record
        (warc(http(), length=10_000_000), "page"),
        (warc(http(), length=None), "page"),
        (warc(http(), length="many"), "page"),
        (warc(http(), length="-7"), "page"),
        (warc(http(), length="9" * 30), "page"),
        (warc(http(PAGE[:50], length=len(PAGE)), length=5), "corrupt"),  # half a page
        (warc(http(PAGE[:50], length=len(PAGE)), more="WARC-Truncated: length"), "corrupt"),
        (warc(http(), more="WARC-Truncated: length"), "page"),
        (warc(http(), more="WARC-Payload-Digest: sha1:WRONG"), "page"),
        (warc(http(), more="no colon in it"), "page"),
        (warc(http(), uri="<https://site.example/wget>"), "page"),
        (warc(http(), uri="https://site.example/a b"), "page"),
        (warc(http(), uri=None), "page"),
        (warc(HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n" + PAGE), "page"),
        (warc(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + PAGE[:30]), "corrupt"),
        (warc(http(gzip.compress(PAGE)[:-9], HEAD + b"Content-Encoding: gzip\r\n")), "page"),
        (warc(http(gzip.compress(PAGE)[:40], HEAD + b"Content-Encoding: gzip\r\n")), "corrupt"),
    ],
    ids=range(19),
)  # fmt: skip
def test_malformed_records(tmp_path: Path, record: bytes, kind: str, packing: str) -> None:
    joined = INFO + record + GOOD
    data = {"plain": joined, "members": members(INFO, record, GOOD)}
    found = listed(tmp_path / "a.warc.gz", data.get(packing) or gzip.compress(joined))
    assert [outcome(entry) for entry in found] == ["record-type: warcinfo", kind, "page"]
    assert found[-1].uri == "https://site.example/good"
    assert not [entry for entry in found if " " in entry.uri or "<" in entry.uri]


def test_wrong_lengths_change_no_byte_of_the_page(tmp_path: Path) -> None:
    for length in (10, len(http()) + 40, None):
        found = listed(tmp_path / "a.warc", warc(http(), length=length) + GOOD)
        assert found[0].sha256 == found[1].sha256


@pytest.mark.parametrize("length", [-1, "abc", 3, 9_999])
def test_wrong_lengths_in_arc(tmp_path: Path, length: object) -> None:
    data = ARC_HEAD + arc(http(), length=length) + arc(http(), uri="https://site.example/good")
    assert outcomes(tmp_path / "a.arc", data) == ["record-type: arc_header", "page", "page"]
    empty = ARC_HEAD + arc(b"", length=length) + arc(http(), uri="https://site.example/good")
    assert outcomes(tmp_path / "b.arc", empty) == ["record-type: arc_header", "corrupt", "page"]


def test_junk_between_records_is_one_failure(tmp_path: Path) -> None:
    junk = bytes(random.Random(1).randbytes(100_000))
    for data in (GOOD + junk + b"\n" + GOOD, members(GOOD, junk, GOOD)):
        assert outcomes(tmp_path / "a.warc", data) == ["page", "corrupt", "page"]
    assert outcomes(tmp_path / "a.warc", GOOD + junk) == ["page", "corrupt"]


def test_a_header_without_end(tmp_path: Path) -> None:
    endless = b"WARC/1.0\r\nX: " + b"y" * 2_000_000
    assert outcomes(tmp_path / "a.warc", endless + b"\r\n\r\n" + GOOD) == ["corrupt", "page"]
    assert outcomes(tmp_path / "b.warc", b"WARC/1.0\r\nWARC-Ty") == ["record-type: none"]


def test_a_record_in_two_members(tmp_path: Path) -> None:
    cut = GOOD.index(b"<!doctype")
    data = members(INFO, GOOD[:cut], GOOD[cut:-4], GOOD[-4:] + REQUEST + GOOD)
    kinds = ["record-type: warcinfo", "page", "record-type: request", "page"]
    assert outcomes(tmp_path / "a.warc.gz", data) == kinds
    data = members(GOOD[:cut], GOOD[cut:] + REQUEST + GOOD)
    assert outcomes(tmp_path / "b.warc.gz", data) == kinds[1:]


def test_a_damaged_tail_is_one_failure(tmp_path: Path) -> None:
    big = warc(http(b"<p>" + random.Random(2).randbytes(3_000).hex().encode() + PAGE))
    cut = members(INFO, GOOD, big)[:-900]
    assert outcomes(tmp_path / "a.warc.gz", cut) == ["record-type: warcinfo", "page", "corrupt"]
    plain = (INFO + GOOD + big)[:-900]
    assert outcomes(tmp_path / "a.warc", plain) == ["record-type: warcinfo", "page", "corrupt"]
    cut = members(INFO, GOOD)[: len(members(INFO)) + 12]
    assert outcomes(tmp_path / "b.warc.gz", cut) == ["record-type: warcinfo", "corrupt"]


def test_damage_in_the_middle_costs_one_record(tmp_path: Path) -> None:
    hexes = random.Random(3).randbytes(30_000).hex().encode()
    middle = bytearray(gzip.compress(warc(http(hexes + PAGE))))
    middle[2_000:2_100] = bytes(100)
    data = members(INFO, GOOD) + bytes(middle) + members(REQUEST, GOOD)
    kinds = ["record-type: warcinfo", "page", "corrupt", "record-type: request", "page"]
    assert outcomes(tmp_path / "a.warc.gz", data) == kinds
    middle[0:2_000] = bytes(2_000)
    data = members(INFO, GOOD) + bytes(middle) + members(REQUEST, GOOD)
    assert outcomes(tmp_path / "a.warc.gz", data) == kinds


def test_padding_after_the_last_member_is_nothing(tmp_path: Path) -> None:
    assert outcomes(tmp_path / "a.warc.gz", members(GOOD) + bytes(700)) == ["page"]
    assert outcomes(tmp_path / "b.warc.gz", members(GOOD) + b"words") == ["page", "corrupt"]


def test_an_empty_archive_is_accounted_for(tmp_path: Path) -> None:
    for data in (b"", b"\r\n\r\n", gzip.compress(b"")):
        assert outcomes(tmp_path / "a.warc.gz", data) == ["archive without records"]


# ---------------------------------------------------------------------- bounds


def test_pages_that_are_too_large(tmp_path: Path) -> None:
    large = b"<html>" + b"x" * 70_000 + PAGE
    limit = 60_000
    records = warc(http(large)) + GOOD
    assert outcomes(tmp_path / "a.warc", records, limit=limit) == ["too-large", "page"]
    huge = warc(http(large * 4)) + warc(b"x" * 400_000, "resource", content_type="image/png")
    kinds = ["too-large", "media-type: image/png"]
    assert outcomes(tmp_path / "b.warc", huge, limit=limit) == kinds
    body = gzip.compress(large)
    packed = warc(http(body, HEAD + b"Content-Encoding: gzip\r\n"))
    assert outcomes(tmp_path / "c.warc", packed + GOOD, limit=limit) == ["too-large", "page"]


def test_a_member_that_swells_beyond_reason(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    start = warc(b"", length=10**12)[:-4]
    bomb = packer.compress(start) + b"".join(packer.compress(bytes(1 << 20)) for _ in range(80))
    data = bomb + packer.flush() + members(GOOD)
    assert outcomes(tmp_path / "a.warc.gz", data) == ["corrupt", "page"]


def test_reading_keeps_little_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(5_000_000)))
    with path.open("rb") as file:
        segment = Segment(file, 0)
        largest = 0
        while segment.skip(100_000):
            largest = max(largest, len(segment._buffer))
    assert largest < 300_000


# ---------------------------------------------------------------------- reading back


def test_records_of_one_member_are_read_in_any_order(tmp_path: Path) -> None:
    pages = [warc(http(b"<p>%d" % n + PAGE), uri=f"https://a.example/{n}") for n in range(6)]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"".join(pages)))
    found = list(archive_entries(str(path), origin="o", max_bytes=LIMIT))
    for number in (0, 1, 3, 2, 5, 5, 0, 4):
        document = read_entry(found[number], max_bytes=LIMIT)
        assert decode(document).startswith(f"<p>{number}")


def test_an_archive_that_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    (entry,) = listed(path, GOOD)
    path.write_bytes(INFO)
    with pytest.raises(SourceError, match="changed since it was listed") as caught:
        read_entry(entry, max_bytes=LIMIT)
    assert caught.value.kind == "corrupt"
    path.unlink()
    with pytest.raises(SourceError) as caught:
        read_entry(entry, max_bytes=LIMIT)
    assert caught.value.kind == "not-found"


def test_entries_do_not_depend_on_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.warc").write_bytes(GOOD)
    monkeypatch.chdir(tmp_path)
    (entry,) = list_entries(["a.warc"])
    monkeypatch.chdir("/")
    assert decode(read_entry(entry, max_bytes=LIMIT)) == HTML


@pytest.mark.parametrize("name", ["a.warc", "a.bad", "a.txt", "noname", "a.gz"])
def test_archives_are_known_by_what_they_hold(tmp_path: Path, name: str) -> None:
    path = tmp_path / "folder" / name
    path.parent.mkdir()
    path.write_bytes(members(GOOD) if name != "a.txt" else ARC_HEAD + arc(http()))
    assert "record" in {entry.kind for entry in list_entries([str(path)])}
    if name != "a.txt":
        assert [entry.kind for entry in list_entries([str(path.parent)])] == ["record"]


# ---------------------------------------------------------------------- whatever comes


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 4_000), st.integers(0, 60), st.binary(max_size=40)),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_any_damage_ends_and_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory,
    cuts: list[tuple[int, int, bytes]],
    packed: bool,
) -> None:
    records = [INFO, GOOD, REQUEST, warc(http(), "revisit"), GOOD]
    data = members(*records) if packed else b"".join(records)
    for at, length, new in cuts:
        data = data[:at] + new + data[at + length :]
    found = listed(tmp_path_factory.mktemp("damage") / "a.warc", data, damaged=True)
    assert 1 <= len(found) < 40
    for entry in found:
        assert entry.sha256 is None or outcome(entry) == "page"


@given(st.binary(max_size=300))
def test_any_bytes_are_segments(data: bytes) -> None:
    for segment in segments(io.BytesIO(data)):
        if isinstance(segment, Segment):
            while segment.skip(50):
                pass
