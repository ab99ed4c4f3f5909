"""JSON Lines and Parquet tables of pages."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pytest
import zstandard
from pyarrow import parquet

from claimcheck.errors import SourceError
from claimcheck.sources import (
    Entry,
    ListingOptions,
    decode,
    list_entries,
    read_entry,
    release_readers,
)
from claimcheck.sources import tables as tables_room

LIMIT = 10_000
HTML = "<html><body><p>Zinc may shorten a cold – by one day.</p></body></html>"


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    yield
    release_readers()


def listed(path: Path, column: str | None = None) -> list[Entry]:
    options = ListingOptions(column=column, max_bytes=LIMIT)
    found = list(list_entries([str(path)], options=options))
    for entry in found:
        assert Entry.from_json_dict(entry.to_json_dict()) == entry
        if entry.kind == "row" and entry.failure is None:
            document = read_entry(entry, max_bytes=LIMIT)
            assert (document.source.uri, document.source.sha256) == (entry.uri, entry.sha256)
    return found


def outcome(entry: Entry) -> str:
    return entry.failure.kind if entry.failure else entry.skipped or entry.kind


def lines(*rows: Any) -> bytes:
    return b"".join(
        (row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows
    )


def pack(data: bytes, suffix: str) -> bytes:
    if suffix.endswith(".gz"):
        return gzip.compress(data)
    return zstandard.ZstdCompressor().compress(data) if suffix.endswith(".zst") else data


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".jsonl.gz", ".jsonl.zst", ".dat"])
def test_json_lines(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    data = lines(
        {"url": "https://site.example/a", "html": HTML, "text": "not this"},
        {"URL": " https://site.example/b ", "Text": "Zinc may help."},
        {"html": HTML},
        b"",
        {"url": "https://site.example/c"},
        {"url": "no address"},
        {"id": 1},
        {"html": None, "url": None},
        {"html": "x" * (LIMIT + 1), "url": "https://site.example/d"},
        b"{broken",
        b"[1]",
        b"\xff",
        b"[" * 100_000,
        {"text": "lone \ud800 surrogate", "uri": "\udfff"},
    )
    path.write_bytes(pack(data, suffix))
    found = listed(path)
    name = str(path)
    assert [(entry.uri, outcome(entry)) for entry in found] == [
        ("https://site.example/a", "row"),
        ("https://site.example/b", "row"),
        (f"{name}#3", "row"),
        ("https://site.example/c", "url"),
        ("no address", "unsafe-address"),
        (f"{name}#7", "no-article"),
        (f"{name}#8", "no-article"),
        ("https://site.example/d", "too-large"),
        (f"{name}#10", "corrupt"),
        (f"{name}#11", "corrupt"),
        (f"{name}#12", "corrupt"),
        (f"{name}#13", "too-large"),
        ("\ufffd", "row"),
    ]


def test_what_rows_are_read_as(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    page = HTML.replace("<body>", '<meta charset="koi8-r"><body>')
    path.write_bytes(
        lines({"url": "https://site.example/a", "html": page}, {"text": "2 < 3 – and <b>so"})
    )
    first, second = [read_entry(entry, max_bytes=LIMIT) for entry in listed(path)]
    assert (first.media_type, decode(first), first.base_url, first.source.kind) == (
        "text/html", page, "https://site.example/a", "url"
    )  # fmt: skip
    assert (second.media_type, decode(second), second.base_url, second.source.kind) == (
        "text/plain", "2 < 3 – and <b>so", None, "file"
    )  # fmt: skip


def test_an_empty_page_is_told_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"html": ""}))
    (entry,) = list_entries([str(path)])
    with pytest.raises(SourceError) as caught:
        read_entry(entry, max_bytes=LIMIT)
    assert caught.value.kind == "no-article"


def test_a_line_that_is_too_long_does_not_hide_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"html": "x" * 500_000}, {"html": HTML}, {"html": "y" * 500_000}))
    found = listed(path)
    assert [outcome(entry) for entry in found] == ["too-large", "row", "too-large"]
    assert decode(read_entry(found[1], max_bytes=LIMIT)) == HTML


def test_the_column_of_addresses_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"url": "https://a.example/", "page_url": "https://b.example/"}))
    assert [entry.uri for entry in listed(path)] == ["https://a.example/"]
    assert [entry.uri for entry in listed(path, "Page_URL")] == ["https://b.example/"]


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".jsonl.zst"])
def test_a_damaged_tail_is_one_failure(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    rows = [
        {"url": f"https://a.example/{n}", "html": hashlib.sha512(b"%d" % n).hexdigest() * 20}
        for n in range(400)
    ]
    data = pack(lines(*rows), suffix)
    path.write_bytes(data[: -len(data) // 4])
    kinds = [outcome(entry) for entry in listed(path)]
    assert kinds[-1] == "corrupt"
    assert set(kinds[:-1]) <= {"row"}
    path.write_bytes(data[:3] + b"\xff" * 40)
    assert {outcome(entry) for entry in listed(path)} <= {"corrupt"}


def test_packed_rows_are_read_in_any_order(tmp_path: Path) -> None:
    for suffix in (".jsonl.zst", ".jsonl.gz", ".jsonl"):
        path = tmp_path / f"a{suffix}"
        path.write_bytes(pack(lines(*({"html": f"<p>{n}"} for n in range(9))), suffix))
        found = listed(path)
        for number in (0, 1, 5, 3, 8, 8, 2):
            assert decode(read_entry(found[number], max_bytes=LIMIT)) == f"<p>{number}"


def test_several_frames_and_members(tmp_path: Path) -> None:
    for suffix in (".jsonl.zst", ".jsonl.gz"):
        path = tmp_path / f"a{suffix}"
        path.write_bytes(b"".join(pack(lines({"html": f"<p>{n}"}), suffix) for n in range(3)))
        assert [outcome(entry) for entry in listed(path)] == ["row"] * 3


def test_an_empty_table_is_accounted_for(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.parquet"):
        path = tmp_path / name
        path.write_bytes(b"")
        if name == "b.parquet":
            parquet.write_table(pyarrow.table({"url": pyarrow.array([], pyarrow.string())}), path)
        assert [outcome(entry) for entry in listed(path)] == ["empty table"]


def test_a_table_that_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"html": HTML}))
    (entry,) = listed(path)
    path.write_bytes(lines({"html": "<p>other"}))
    with pytest.raises(SourceError, match="changed since it was listed"):
        read_entry(entry, max_bytes=LIMIT)
    path.write_bytes(b"")
    with pytest.raises(SourceError):
        read_entry(entry, max_bytes=LIMIT)
    path.unlink()
    with pytest.raises(SourceError) as caught:
        read_entry(entry, max_bytes=LIMIT)
    assert caught.value.kind == "not-found"


# ---------------------------------------------------------------------- Parquet


def write(path: Path, **columns: list[Any]) -> None:
    parquet.write_table(pyarrow.table(columns), path, row_group_size=20)


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    count = 70
    write(
        path,
        Url=[f"https://a.example/{n}" if n % 2 else None for n in range(count)],
        html=[f"<p>{n}".encode() for n in range(count)],
        other=[{"a": n} for n in range(count)],
    )
    found = listed(path)
    assert [entry.position for entry in found] == list(range(count))
    assert [entry.uri for entry in found[:2]] == [f"{path}#1", "https://a.example/1"]
    for number in (0, 1, 69, 21, 20, 40, 41, 40):
        assert decode(read_entry(found[number], max_bytes=LIMIT)) == f"<p>{number}"


def test_parquet_of_addresses_and_of_texts(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", url=["https://a.example/", None, "b"])
    kinds = [outcome(entry) for entry in listed(tmp_path / "a.parquet")]
    assert kinds == ["url", "no-article", "unsafe-address"]
    write(tmp_path / "b.parquet", text=["Zinc may help.", "x" * (LIMIT + 1)])
    assert [outcome(entry) for entry in listed(tmp_path / "b.parquet")] == ["row", "too-large"]
    write(tmp_path / "c.pq", page=["https://a.example/"])
    assert [outcome(entry) for entry in listed(tmp_path / "c.pq")] == ["unsupported-type"]
    assert [outcome(entry) for entry in listed(tmp_path / "c.pq", "page")] == ["url"]


def test_parquet_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a.data", text=["Zinc may help."])
    assert [outcome(entry) for entry in listed(tmp_path / "a.data")] == ["row"]


def test_damaged_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    texts = [hashlib.sha512(b"%d" % n).hexdigest() for n in range(60)]
    parquet.write_table(
        pyarrow.table({"text": texts}), path, row_group_size=20, use_dictionary=False,
        compression="zstd",
    )  # fmt: skip
    assert len(listed(path)) == 60
    data = path.read_bytes()
    middle = parquet.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    path.write_bytes(data[:middle] + bytes(200) + data[middle + 200 :])
    kinds = [outcome(entry) for entry in listed(path)]
    assert kinds == ["row"] * 20 + ["corrupt"] + ["row"] * 20
    path.write_bytes(data[:-50])
    assert [outcome(entry) for entry in listed(path)] == ["corrupt"]
    path.write_bytes(b"PAR1 and words")
    assert [outcome(entry) for entry in listed(path)] == ["corrupt"]


def test_parquet_that_swells_beyond_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_room, "_FREE", 1_000)
    monkeypatch.setattr(tables_room, "_MOST_FOLD", 5)
    parquet.write_table(
        pyarrow.table({"html": ["x" * 5_000] * 20}), tmp_path / "a.parquet", use_dictionary=False,
        compression="zstd",
    )  # fmt: skip
    assert [outcome(entry) for entry in listed(tmp_path / "a.parquet")] == ["corrupt"]
