"""The result files: exact, the same bytes from the same ledger, in bounded memory."""

from __future__ import annotations

import errno
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import zstandard

from claimcheck.records import Failure, FailureDetail, Source
from claimcheck.report.jsonl import line
from claimcheck.scan import results
from claimcheck.scan.ledger import Brief, Committed, Ledger, LedgerError
from claimcheck.scan.results import compile_results, results_schema
from claimcheck.scan.rows import COLUMNS
from claimcheck.sources import Entry

RETRIEVED = "2026-11-24T21:15:00Z"


def told(seq: int, size: int = 0) -> bytes:
    text = f'{{"schema":"claimcheck.report/1","seq":{seq},"text":"\u00e9\\u2028{"x" * size}"}}'
    return text.encode()


def outcome(seq: int, *, size: int = 0, seconds: float = 0.5) -> Committed:
    """Every seventh fails; every third has findings."""
    if seq % 7 == 6:
        error = FailureDetail(kind="thin", message=f"f{seq}: holds too little; look at it")
        failed = line(Failure(source=Source(kind="file", uri=f"f{seq}"), error=error))
        return Committed(seq=seq, state="failure", sha256=None, outcome=failed.encode())
    return Committed(
        seq=seq,
        state="report",
        sha256=f"{seq:064x}",
        attempts=2,
        outcome=told(seq, size),
        seconds=seconds,
        retrieved=RETRIEVED,
        brief=Brief(
            title=f"Page {seq}",
            words=100,
            claims=3,
            flagged=1,
            severities=(1, 0, 2),
            issues={"cure": 1, "hype": 2},
            score=0.75,
        )
        if seq % 3 == 0
        else Brief(title=f"Page {seq}"),
    )


def entries(count: int) -> Iterator[Entry]:
    for seq in range(count):
        yield Entry(uri=f"f{seq}", kind="file", origin="pages", key=f"/f{seq}")


def fill(ledger: Ledger, count: int, *, size: int = 0, backwards: bool = False) -> None:
    ledger.add(entries(count))
    ledger.add([Entry(uri="f0", kind="file", origin="again", key="/f0")])
    ledger.finish_listing()
    seqs = list(range(count))
    for start in range(0, count, 500):
        batch = seqs[::-1][start : start + 500] if backwards else seqs[start : start + 500]
        ledger.commit([outcome(seq, size=size) for seq in batch])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.create(tmp_path / "ledger.sqlite") as one:
        fill(one, 20)
        yield one


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if not path.name.startswith("ledger.sqlite")
    }


def test_each_file_holds_what_it_says(ledger: Ledger, tmp_path: Path) -> None:
    summary = compile_results(ledger, tmp_path, wall_seconds=2.5)
    found = files(tmp_path)
    assert sorted(found) == ["ledger.jsonl", "results.jsonl", "results.parquet", "summary.json"]
    rows = [json.loads(text) for text in found["ledger.jsonl"].splitlines()]
    assert [row["seq"] for row in rows] == list(range(21))
    assert all(tuple(row) == COLUMNS for row in rows)
    assert rows[0]["issues"] == {"cure": 1, "hype": 2}
    assert rows[6]["words"] is None
    lines = found["results.jsonl"].split(b"\n")
    assert lines.pop() == b""
    assert lines == [text for _, text in ledger.outcomes()]
    assert lines[0] == told(0)
    assert len(lines) == 20
    assert json.loads(found["summary.json"]) == summary.to_json_dict()
    assert (summary.inputs, summary.articles, summary.skipped) == (21, 18, {"duplicate-address": 1})
    assert summary.wall_seconds == 2.5


def test_the_table_has_a_row_an_input(ledger: Ledger, tmp_path: Path) -> None:
    compile_results(ledger, tmp_path)
    table = pyarrow.parquet.read_table(tmp_path / "results.parquet")
    assert table.schema.equals(results_schema())
    assert table.column_names == [*COLUMNS, "report"]
    rows = table.to_pylist(maps_as_pydicts="strict")
    plain = [json.loads(text) for text in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    for row in rows:
        report = row.pop("report")
        assert (report is not None) == (row["state"] == "done")
        assert report is None or report.encode() == told(row["seq"])
    assert rows == plain


def test_packed_results_take_the_place_of_plain_ones(ledger: Ledger, tmp_path: Path) -> None:
    compile_results(ledger, tmp_path)
    plain = (tmp_path / "results.jsonl").read_bytes()
    compile_results(ledger, tmp_path, zstd=True)
    assert not (tmp_path / "results.jsonl").exists()
    with (tmp_path / "results.jsonl.zst").open("rb") as packed:
        assert zstandard.ZstdDecompressor().stream_reader(packed).read() == plain
    compile_results(ledger, tmp_path)
    assert not (tmp_path / "results.jsonl.zst").exists()


@pytest.mark.parametrize("zstd", [False, True])
def test_the_same_outcomes_give_the_same_bytes(tmp_path: Path, zstd: bool) -> None:
    found = []
    for backwards in (False, True):
        folder = tmp_path / str(backwards)
        folder.mkdir()
        with Ledger.create(folder / "ledger.sqlite") as one:
            fill(one, 40, backwards=backwards)
            compile_results(one, folder, zstd=zstd, row_group_bytes=4_000)
            first = files(folder)
            compile_results(one, folder, zstd=zstd, row_group_bytes=4_000)
            assert files(folder) == first
        found.append(first)
    assert found[0] == found[1]


def test_how_long_it_took_is_not_in_the_results(tmp_path: Path) -> None:
    found = []
    for seconds in (0.5, 7.25):
        folder = tmp_path / str(seconds)
        folder.mkdir()
        with Ledger.create(folder / "ledger.sqlite") as one:
            one.add(entries(1))
            one.finish_listing()
            one.commit([outcome(0, seconds=seconds)])
            compile_results(one, folder, wall_seconds=seconds)
        found.append(files(folder))
    assert found[0]["results.jsonl"] == found[1]["results.jsonl"]
    assert found[0]["ledger.jsonl"] != found[1]["ledger.jsonl"]


def test_a_run_that_is_not_done_has_results_too(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "ledger.sqlite") as one:
        one.add(entries(3))
        one.finish_listing()
        one.commit([outcome(1)])
        summary = compile_results(one, tmp_path)
    assert (summary.inputs, summary.pending, summary.complete) == (3, 2, False)
    assert (tmp_path / "results.jsonl").read_bytes() == told(1) + b"\n"
    assert pyarrow.parquet.read_metadata(tmp_path / "results.parquet").num_rows == 1


def test_a_run_without_inputs(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "ledger.sqlite") as one:
        one.finish_listing()
        summary = compile_results(one, tmp_path)
    assert (summary.inputs, summary.complete) == (0, True)
    assert pyarrow.parquet.read_table(tmp_path / "results.parquet").num_rows == 0
    assert (tmp_path / "results.jsonl").read_bytes() == b""


def test_row_groups_are_bounded_by_bytes(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "ledger.sqlite") as one:
        fill(one, 60, size=5_000)
        compile_results(one, tmp_path, row_group_bytes=50_000)
    metadata = pyarrow.parquet.read_metadata(tmp_path / "results.parquet")
    sizes = [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)]
    assert sum(sizes) == 61
    assert max(sizes) <= 11


def test_memory_does_not_grow_with_the_inputs(tmp_path: Path) -> None:
    peaks = []
    for count in (300, 300, 1_800):  # the first warms up what is imported
        folder = tmp_path / f"{len(peaks)}"
        folder.mkdir()
        with Ledger.create(folder / "ledger.sqlite") as one:
            fill(one, count, size=2_000)
            tracemalloc.start()
            compile_results(one, folder, row_group_bytes=100_000)
            for _ in one.rows():
                pass
            one.counts()
            list(one.pending_hosts())
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[2] < peaks[1] * 1.2


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_a_file_that_cannot_be_written(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    compile_results(ledger, tmp_path)
    before = files(tmp_path)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(results.TableWriter, "_flush", fail)
    with pytest.raises(
        LedgerError, match="no space left" if code == errno.ENOSPC else "permissions"
    ):
        compile_results(ledger, tmp_path)
    assert files(tmp_path) == before, "what was there stays, and nothing else remains"


def test_a_full_disk_in_the_middle_of_a_table(ledger: Ledger, tmp_path: Path) -> None:
    class Full:
        closed = False

        def write(self, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space") as caught:
        results.TableWriter(Full())  # type: ignore[arg-type]
    assert caught.value.errno == errno.ENOSPC
