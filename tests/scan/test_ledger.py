"""The ledger: what is committed stays, what is not leaves no trace, and order does not matter."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from claimcheck.records import (
    Article,
    Claim,
    Failure,
    FailureDetail,
    Finding,
    Report,
    Source,
    Summary,
    Tool,
)
from claimcheck.report.jsonl import line
from claimcheck.scan.ledger import (
    Brief,
    Committed,
    FinalRow,
    Ledger,
    LedgerError,
    brief_of,
)
from claimcheck.scan.rows import COLUMNS
from claimcheck.scan.tables import FINALS, FORMAT
from claimcheck.sources import Entry


def url(number: int, host: str = "a.test", **more: Any) -> Entry:
    address = f"https://{host}/{number}"
    return Entry(**{"uri": address, "kind": "url", "origin": "list.txt", "key": address, **more})


def file(name: str, sha256: str | None = None, **more: Any) -> Entry:
    given = {"uri": name, "kind": "file", "origin": "pages", "key": f"/{name}", "sha256": sha256}
    return Entry(**{**given, **more})


def report(seq: int, sha256: str | None = None, **more: Any) -> Committed:
    outcome = f'{{"schema":"claimcheck.report/1","number":{seq}}}'.encode()
    given = {"outcome": outcome, "brief": Brief(title=f"Page {seq}", words=10)}
    return Committed(seq=seq, state="report", sha256=sha256, **{**given, **more})


def failure(seq: int, uri: str, sha256: str | None = None, kind: str = "thin") -> Committed:
    detail = FailureDetail(kind=kind, message=f"{uri}: holds too little; look at it")
    outcome = line(Failure(source=Source(kind="url", uri=uri, sha256=sha256), error=detail))
    return Committed(seq=seq, state="failure", sha256=sha256, outcome=outcome.encode())


def same(seq: int, of: int, sha256: str) -> Committed:
    return Committed(seq=seq, state="same", sha256=sha256, same_as=of)


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """Makes a listed ledger of entries; all of them are closed at the end."""
    made: list[Ledger] = []

    def ledger(*entries: Entry) -> Ledger:
        one = Ledger.create(tmp_path / f"{len(made)}.sqlite")
        made.append(one)
        one.add(entries)
        one.finish_listing()
        return one

    yield ledger
    for one in made:
        one.close()


Make = Callable[..., Ledger]


def states(ledger: Ledger) -> list[tuple[str, str | None, int | None]]:
    return [(row.state, row.reason, row.of) for row in ledger.rows()]


# ---------------------------------------------------------------------- listing


def test_inputs_are_numbered_in_their_order_across_calls(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "l") as ledger:
        assert ledger.add([url(0), url(1)]) == 2
        assert ledger.add(iter([url(2)])) == 1
        found = ledger.pending(kinds=["url"])
        assert [(one.seq, one.entry.uri) for one in found] == [
            (0, "https://a.test/0"),
            (1, "https://a.test/1"),
            (2, "https://a.test/2"),
        ]


def test_an_entry_comes_back_as_it_was_given(make: Make) -> None:
    entries = [
        url(0),
        Entry(uri="https://b.test/", kind="record", origin="x.warc", container="/x.warc",
              position=17, sha256="ab"),
        file("\u00e4\u2028\U0001f600", "cd"),
    ]  # fmt: skip
    found = make(*entries).pending(kinds=["url", "file", "record", "row"])
    assert [one.entry for one in found] == entries


def test_what_is_final_when_listed_needs_no_outcome(make: Make) -> None:
    broken = FailureDetail(kind="not-found", message="x: there is no such file; check the spelling")
    ledger = make(
        url(0),
        file("x", failure=broken),
        file("w", skipped="record-type: warcinfo"),
        url(0),
        url(0),
    )
    assert [one.seq for one in ledger.pending(kinds=["url", "file"])] == [0]
    rows = list(ledger.rows())
    assert [(row.seq, row.state, row.reason, row.of) for row in rows] == [
        (1, "failed", "not-found", None),
        (2, "skipped", "record-type", None),
        (3, "skipped", "duplicate-address", 0),
        (4, "skipped", "duplicate-address", 0),
    ]
    assert rows[1].message == "record-type: warcinfo"
    assert rows[2].message == (
        "https://a.test/0: is the same address as https://a.test/0 (input 0)"
    )
    counts = ledger.counts()
    assert (counts.inputs, counts.pending, counts.done) == (5, 1, 0)
    assert counts.failed == {"not-found": 1}
    assert counts.skipped == {"duplicate-address": 2, "record-type": 1}
    ((row, told),) = ledger.outcomes()
    assert row.seq == 1
    assert json.loads(told)["error"]["message"] == broken.message
    assert json.loads(told)["source"] == {
        "kind": "file", "uri": "x", "sha256": None, "retrieved": None
    }  # fmt: skip


def test_an_address_that_failed_at_listing_is_no_original(make: Make) -> None:
    gone = FailureDetail(kind="not-found", message="p: gone")
    ledger = make(file("p", failure=gone), file("p", "aa"), file("p", "aa"))
    assert [one.seq for one in ledger.pending(kinds=["file"])] == [1]


def test_hosts_and_their_addresses(make: Make) -> None:
    ledger = make(url(0, "b.test"), url(1, "a.test"), url(2, "B.test"), file("x"), url(1, "a.test"))
    assert list(ledger.pending_hosts()) == [("a.test", 1), ("b.test", 2)]
    assert [one.seq for one in ledger.pending_of_host("b.test")] == [0, 2]
    assert [one.seq for one in ledger.pending_of_host("b.test", after=0)] == [2]
    assert [one.seq for one in ledger.pending_of_host("b.test", limit=1)] == [0]
    ledger.commit([report(0)])
    assert list(ledger.pending_hosts()) == [("a.test", 1), ("b.test", 1)]


def test_a_listing_that_breaks_off_adds_nothing(tmp_path: Path) -> None:
    def breaking() -> Any:
        yield url(1)
        raise RuntimeError("the disk was pulled out")

    with Ledger.create(tmp_path / "l") as ledger:
        ledger.add([url(0)])
        with pytest.raises(RuntimeError):
            ledger.add(breaking())
        assert ledger.counts().inputs == 1


def test_an_unfinished_listing_is_dropped_and_done_again(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with Ledger.create(path) as ledger:
        ledger.add([url(0), url(1)])
    with Ledger.open(path, readonly=True) as ledger:
        assert ledger.counts().inputs == 2
        assert not ledger.listed
    with Ledger.open(path) as ledger:
        assert ledger.counts().inputs == 0
        ledger.add([url(5)])
        ledger.finish_listing()
        ledger.finish_listing()
    with Ledger.open(path) as ledger:
        assert ledger.listed
        assert [(one.seq, one.entry.uri) for one in ledger.pending(kinds=["url"])] == [
            (0, "https://a.test/5")
        ]
        with pytest.raises(LedgerError, match="listing is finished"):
            ledger.add([url(6)])


def test_texts_that_utf8_cannot_hold(make: Make) -> None:
    ledger = make(file("bad\udce4.html", "aa", origin="bad\udce4"))
    ledger.commit([failure(0, "x")])
    (row,) = ledger.rows()
    assert row.uri == "bad\\udce4.html"
    assert ledger.pending(kinds=["file"]) == []


# ---------------------------------------------------------------------- committing


def test_a_line_comes_back_byte_for_byte(make: Make) -> None:
    told = '{"schema":"claimcheck.report/1","text":"\u00e4 \\u2028 \U0001f600",  "n":1.50}'.encode()
    ledger = make(url(0))
    ledger.commit([report(0, outcome=told, attempts=3, seconds=1.25, retrieved="2026-01-01")])
    ((row, line_),) = ledger.outcomes()
    assert line_ == told
    assert (row.state, row.attempts, row.seconds, row.retrieved) == ("done", 3, 1.25, "2026-01-01")
    assert row.brief == Brief(title="Page 0", words=10)


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (report(0), "one outcome"),
        (report(2), "one outcome"),
        (report(9), "one outcome"),
        (report(1, outcome=b"{}\n"), "one line"),
        (report(1, outcome=None), "one line"),
        (report(1, brief=None), "brief"),
        (Committed(seq=1, state="failure", sha256=None, outcome=b"{}"), "no failure"),
        (Committed(seq=1, state="failure", sha256=None, outcome=b"\xff"), "no failure"),
        (same(1, 0, "ff"), "lower number"),
        (same(1, 2, "aa"), "lower number"),
        (Committed(seq=1, state="same", sha256="aa"), "lower number"),
    ],
    ids=["taken", "final", "unknown", "newline", "no-line", "no-brief", "failure", "bytes",
         "other-content", "higher", "nameless"],
)  # fmt: skip
def test_a_batch_with_a_wrong_outcome_is_refused_as_a_whole(
    make: Make, outcome: Committed, why: str
) -> None:
    ledger = make(url(0), url(1), url(0), url(3))
    ledger.commit([report(0, "aa")])
    with pytest.raises(LedgerError, match=why):
        ledger.commit([report(3), outcome])
    assert ledger.counts().pending == 2
    ledger.commit([report(3), same(1, 0, "aa")])
    assert ledger.counts().pending == 0


def test_nothing_is_committed_before_everything_is_listed(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "l") as ledger:
        ledger.add([url(0)])
        with pytest.raises(LedgerError, match="listing is not finished"):
            ledger.commit([report(0)])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outcomes SET state = 'same'",
        "UPDATE bodies SET line = x''",
        "UPDATE entries SET uri = 'x'",
        "UPDATE listing SET finished = 0",
        "DELETE FROM outcomes",
        "DELETE FROM bodies",
        "DELETE FROM entries",
        "DELETE FROM listing",
        "INSERT OR REPLACE INTO outcomes SELECT * FROM outcomes",
        "INSERT OR REPLACE INTO bodies SELECT * FROM bodies",
        "INSERT INTO entries SELECT seq + 1, uri, origin, kind, host, key, sha256, state, reason, "
        "message, same_as, copy_of, entry FROM entries",
    ],
)
def test_the_file_itself_refuses_changes(make: Make, statement: str) -> None:
    ledger = make(url(0))
    ledger.commit([report(0, "aa")])
    before = list(ledger.outcomes())
    database = sqlite3.connect(ledger.path)
    try:
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)
        database.rollback()
    finally:
        database.close()
    assert list(ledger.outcomes()) == before


def test_a_reader_sees_one_moment_and_does_not_hold_up_the_writer(make: Make) -> None:
    ledger = make(*map(url, range(4)))
    ledger.commit([report(0), report(1)])
    rows = ledger.rows()
    assert next(rows).seq == 0
    ledger.commit([report(2)])
    with Ledger.open(ledger.path, readonly=True) as reader:
        assert reader.counts().done == 3
        with pytest.raises(LedgerError, match="reading only"):
            reader.commit([report(3)])
    assert [row.seq for row in rows] == [1]
    assert [row.seq for row in ledger.rows()] == [0, 1, 2]


def test_threads_take_turns(make: Make) -> None:
    ledger = make(*map(url, range(60)))
    faults: list[Exception] = []

    def work(start: int) -> None:
        try:
            for seq in range(start, 60, 3):
                ledger.commit([report(seq, f"{seq}")])
                ledger.read_before(f"{seq}", 99)
        except Exception as error:  # noqa: BLE001 - a thread cannot fail the test itself
            faults.append(error)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert ledger.counts().done == 60


# ---------------------------------------------------------------------- duplicates


def test_copies_on_this_machine_share_the_fate_of_the_first(make: Make) -> None:
    ledger = make(file("a", "11"), file("b", "11"), file("c", "22"), file("d", "22"))
    assert [one.seq for one in ledger.pending(kinds=["file"])] == [0, 2]
    assert ledger.counts().pending == 2
    # There is nothing to do for them, so they count as skipped until more is known.
    assert states(ledger) == [
        ("skipped", "duplicate-content", 0),
        ("skipped", "duplicate-content", 2),
    ]
    ledger.commit([report(0, "11"), failure(2, "c", "22")])
    assert states(ledger) == [
        ("done", None, None),
        ("skipped", "duplicate-content", 0),
        ("failed", "thin", None),
        ("failed", "thin", 2),
    ]
    assert [row.message for row in ledger.rows()] == [
        None,
        "b: has the same content as a (input 0)",
        "c: holds too little; look at it",
        "d: holds too little; look at it",
    ]
    lines = {row.seq: told for row, told in ledger.outcomes()}
    assert sorted(lines) == [0, 2, 3]
    assert json.loads(lines[3]) == {
        "schema": "claimcheck.failure/1",
        "source": {"kind": "file", "uri": "d", "sha256": "22", "retrieved": None},
        "error": {"kind": "thin", "message": "d: holds too little; look at it", "retryable": False},
    }


def test_a_page_found_later_with_a_lower_number_becomes_the_original(make: Make) -> None:
    ledger = make(url(0), file("a", "11"), file("b", "11"))
    ledger.commit([report(1, "11")])
    assert ledger.read_before("11", 0) is None
    assert ledger.read_before("11", 2) == 1
    ledger.commit([report(0, "11", retrieved="2026-01-01")])
    assert ledger.read_before("11", 2) == 0
    assert states(ledger) == [
        ("done", None, None),
        ("skipped", "duplicate-content", 0),
        ("skipped", "duplicate-content", 0),
    ]
    assert [row.brief is not None for row in ledger.rows()] == [True, False, False]


@pytest.mark.parametrize("found", ["99", None])
def test_a_copy_of_a_file_that_has_changed_is_read_after_all(make: Make, found: str | None) -> None:
    ledger = make(file("a", "11"), file("b", "11"))
    ledger.commit([failure(0, "a", found, kind="not-found")])
    assert [one.seq for one in ledger.pending(kinds=["file"])] == [1]
    assert ledger.counts().pending == 1
    ledger.commit([report(1, "11")])
    assert states(ledger) == [("failed", "not-found", None), ("done", None, None)]


def test_failures_without_content_stand_alone(make: Make) -> None:
    ledger = make(url(0), url(1))
    ledger.commit([failure(0, url(0).uri, kind="timeout"), failure(1, url(1).uri, kind="blocked")])
    assert states(ledger) == [("failed", "timeout", None), ("failed", "blocked", None)]


CONTENTS = ["11", "22", "33", None]  # null: cannot be retrieved
BAD = "33"  # content that cannot be judged

_inputs = st.lists(
    st.tuples(st.sampled_from(["url", "file"]), st.sampled_from(CONTENTS), st.integers(0, 5)),
    min_size=1,
    max_size=8,
)


def listed(inputs: Sequence[tuple[str, str | None, int]]) -> list[Entry]:
    return [
        url(number) if kind == "url" else file(f"{seq}", sha256)
        for seq, (kind, sha256, number) in enumerate(inputs)
    ]


def judge(ledger: Ledger, seq: int, uri: str, sha256: str | None) -> None:
    """What a scan does with one input."""
    original = None if sha256 is None else ledger.read_before(sha256, seq)
    if sha256 is not None and original is not None:
        ledger.commit([same(seq, original, sha256)])
    elif sha256 in (BAD, None):
        ledger.commit([failure(seq, uri, sha256, kind="thin" if sha256 else "timeout")])
    else:
        ledger.commit([report(seq, sha256, outcome=b'{"content":"%s"}' % sha256.encode())])


def scanned(
    entries: Sequence[Entry],
    contents: Sequence[str | None],
    order: Callable[[list[int]], list[int]],
) -> tuple[list[FinalRow], list[tuple[int, bytes]]]:
    with TemporaryDirectory() as folder, Ledger.create(Path(folder) / "l") as ledger:
        ledger.add(entries)
        ledger.finish_listing()
        todo = ledger.pending(kinds=["url", "file"])
        for one in order([one.seq for one in todo]):
            judge(ledger, one, entries[one].uri, contents[one])
        rows = list(ledger.rows())
        counts = ledger.counts()
        assert counts.pending == 0
        assert counts.inputs == len(rows) == len(entries)
        assert counts.done == sum(row.state == "done" for row in rows)
        assert sum(counts.failed.values()) == sum(row.state == "failed" for row in rows)
        assert sum(counts.skipped.values()) == sum(row.state == "skipped" for row in rows)
        return rows, [(row.seq, told) for row, told in ledger.outcomes()]


def expected(entries: Sequence[Entry], contents: Sequence[str | None]) -> list[tuple[Any, ...]]:
    """The rules of duplicates, said once more in another way."""
    addresses: dict[str | None, int] = {}
    originals: dict[str, int] = {}
    found: list[tuple[Any, ...]] = []
    for seq, (entry, sha256) in enumerate(zip(entries, contents, strict=True)):
        if entry.key in addresses:
            found.append(("skipped", "duplicate-address", addresses[entry.key]))
            continue
        addresses[entry.key] = seq
        if sha256 is None:
            found.append(("failed", "timeout", None))
            continue
        of = originals.setdefault(sha256, seq)
        repeats = None if of == seq else of
        if sha256 == BAD:
            found.append(("failed", "thin", repeats))
        elif repeats is None:
            found.append(("done", None, None))
        else:
            found.append(("skipped", "duplicate-content", repeats))
    return found


@tried(max_examples=40)
@given(inputs=_inputs, seed=st.integers(0, 1_000))
def test_the_order_of_commits_does_not_matter(
    inputs: list[tuple[str, str | None, int]], seed: int
) -> None:
    # An address has one content, and a file that can be listed can be read.
    of_address = {number: sha256 for kind, sha256, number in inputs if kind == "url"}
    inputs = [
        (kind, of_address[number] if kind == "url" else sha256 or BAD, number)
        for kind, sha256, number in inputs
    ]
    entries, contents = listed(inputs), [sha256 for _, sha256, _ in inputs]

    def shuffled(seqs: list[int]) -> list[int]:
        return random.Random(seed).sample(seqs, len(seqs))

    rows, lines = scanned(entries, contents, shuffled)
    assert [(row.state, row.reason, row.of) for row in rows] == expected(entries, contents)
    assert (rows, lines) == scanned(entries, contents, lambda seqs: seqs)
    for row in rows:
        if row.state == "failed":
            assert row.message is not None
            assert row.message.startswith(f"{row.uri}: ")
    for seq, told in lines:
        if rows[seq].state == "failed":
            assert json.loads(told)["source"]["uri"] == rows[seq].uri


def test_finding_an_original_does_not_read_the_whole_ledger(make: Make) -> None:
    database = sqlite3.connect(make().path)
    try:
        plan = database.execute(f"EXPLAIN QUERY PLAN {FINALS} ORDER BY e.seq").fetchall()
    finally:
        database.close()
    steps = [step for *_, step in plan]
    assert [step for step in steps if step.startswith("SCAN")] == ["SCAN e"]
    assert any("outcomes_by_content (sha256=?)" in step for step in steps)


# ---------------------------------------------------------------------- briefs and rows


def test_the_brief_of_a_report() -> None:
    text = "Garlic\n\nGarlic cures colds."
    claim = Claim(
        id="c1", start=8, end=27, quote="Garlic cures colds.", sentence=(8, 27), kind="efficacy",
        polarity="+", strength="direct", hedge="none", stance="asserted", label="flag", score=0.9,
    )  # fmt: skip
    findings = tuple(
        Finding(
            id=f"f{number}", claim="c1", issue=issue, severity=severity, score=score, start=8,
            end=27, quote=claim.quote, evidence=((15, 20),), message="m", standard="s",
            fingerprint="p",
        )
        for number, (issue, severity, score) in enumerate([("hype", 1, 0.5), ("cure", 3, 0.75)])
    )  # fmt: skip
    told = Report(
        tool=Tool(version="1", model="default", model_sha256="00"),
        source=Source(kind="text", uri="-"),
        article=Article(title="Garlic", text=text),
        claims=(claim,),
        findings=findings,
        summary=Summary(
            words=4, sentences=2, claims=1, flagged=1, by_severity={"1": 1, "2": 0, "3": 1}
        ),
    )
    brief = brief_of(told)
    assert brief == Brief(
        title="Garlic", words=4, sentences=2, claims=1, flagged=1, severities=(1, 0, 1),
        issues={"cure": 1, "hype": 1}, score=0.75,
    )  # fmt: skip
    assert brief == Brief.of(told)
    assert brief is not None
    assert Brief.from_json_dict(json.loads(json.dumps(brief.to_json_dict()))) == brief
    error = FailureDetail(kind="thin", message="-: thin")
    assert brief_of(Failure(source=Source(kind="text", uri="-"), error=error)) is None


@pytest.mark.parametrize("brief", [None, Brief(title="T")], ids=["failed", "done"])
def test_a_row_has_every_column(brief: Brief | None) -> None:
    row = FinalRow(seq=0, uri="u", origin="o", kind="url", state="done", brief=brief)
    assert tuple(row.to_json_dict()) == COLUMNS


# ---------------------------------------------------------------------- faults


def test_a_ledger_is_never_overwritten(make: Make) -> None:
    with pytest.raises(LedgerError, match="never overwritten"):
        Ledger.create(make().path)


def test_no_ledger_there(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no such ledger"):
        Ledger.open(tmp_path / "none.sqlite")


def test_a_ledger_of_a_newer_format_is_refused(make: Make) -> None:
    path = make().path
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {FORMAT + 1}")
    database.close()
    with pytest.raises(LedgerError, match="install a newer claimcheck"):
        Ledger.open(path)


def test_another_database_is_no_ledger(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "other")
    database.execute("CREATE TABLE outcomes (seq)")
    database.close()
    with pytest.raises(LedgerError, match="no ledger of a scan"):
        Ledger.open(tmp_path / "other", readonly=True)


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "overwritten"])
def test_a_damaged_ledger_says_so(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "l"
    with Ledger.create(path) as ledger:
        ledger.add(map(url, range(200)))
        ledger.finish_listing()
        ledger.commit([report(seq) for seq in range(200)])
    whole = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "text": b"once upon a time" * 1000,
            "cut": whole[: len(whole) // 2],
            "overwritten": whole[:12_288] + b"\xff" * (len(whole) - 12_288),
        }[damage]
    )

    def use() -> None:
        with Ledger.open(path, readonly=True) as opened:
            list(opened.outcomes())

    with pytest.raises(LedgerError, match="damaged") as caught:
        use()
    assert str(path) in str(caught.value)


def test_a_damaged_outcome_says_so(make: Make) -> None:
    ledger = make(url(0))
    database = sqlite3.connect(ledger.path)
    database.execute(
        "INSERT INTO outcomes VALUES (0, 'report', NULL, NULL, 1, 0.0, NULL, NULL, NULL, NULL)"
    )
    database.execute("INSERT INTO bodies VALUES (0, x'0102')")
    database.commit()
    database.close()
    with pytest.raises(LedgerError, match="damaged"):
        list(ledger.outcomes())


def test_a_full_disk_loses_nothing_and_says_what_to_do(make: Make) -> None:
    ledger = make(*map(url, range(2)))
    ledger.commit([report(0)])
    pages = ledger._database.execute("PRAGMA page_count").fetchone()[0]
    ledger._database.execute(f"PRAGMA max_page_count = {pages}")
    noise = random.Random(1).randbytes(500_000).hex().encode()
    with pytest.raises(LedgerError, match=r"no space left.*--resume"):
        ledger.commit([report(1, outcome=b'{"x":"%s"}' % noise)])
    assert ledger.counts().pending == 1
    ledger._database.execute("PRAGMA max_page_count = 1000000")
    ledger.commit([report(1)])
    assert ledger.counts().done == 2


def test_a_ledger_in_a_folder_that_cannot_be_written(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = make(url(0))
    ledger.commit([report(0)])
    ledger.close()
    assert [path.name for path in ledger.path.parent.iterdir()] == [ledger.path.name]
    monkeypatch.setattr("os.access", lambda *_: False)  # root may always
    with Ledger.open(ledger.path, readonly=True) as reader:
        assert reader.counts().done == 1
        assert [row.seq for row in reader.rows()] == [0]
        assert [path.name for path in ledger.path.parent.iterdir()] == [ledger.path.name]


def test_reading_leaves_nothing_behind(make: Make) -> None:
    ledger = make(url(0))
    ledger.close()
    with Ledger.open(ledger.path, readonly=True) as reader:
        list(reader.rows())
        with pytest.raises(sqlite3.OperationalError):
            reader._database.execute("DELETE FROM entries")
    assert [path.name for path in ledger.path.parent.iterdir()] == [ledger.path.name]


# ---------------------------------------------------------------------- the end of the process

WRITER = """
import random, sys
from pathlib import Path
from claimcheck.scan.ledger import Brief, Committed, Ledger
from claimcheck.sources import Entry

noise = random.Random(1).randbytes(20_000).hex().encode()
with Ledger.open(Path(sys.argv[1])) as ledger:
    if not ledger.listed:
        ledger.add(Entry(uri=f"f{n}", kind="file", origin="o", key=f"f{n}") for n in range(3000))
        ledger.finish_listing()
    print("listed", flush=True)
    while todo := ledger.pending(kinds=["file"], limit=3):
        ledger.commit([
            Committed(seq=one.seq, state="report", sha256=None, outcome=b"%d" % one.seq + noise,
                      brief=Brief(title="t"))
            for one in todo
        ])
        for one in todo:
            print(one.seq, flush=True)
"""


def _killed(path: Path, *, after: int, pause: float) -> list[int]:
    """The numbers that a committing process acknowledged before it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as out:
        told = [line_ for _, line_ in zip(range(after), out, strict=False)]
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        told += out.readlines()
    process.wait()
    return [int(text) for text in told if text.endswith("\n") and text.strip().isdecimal()]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_at_any_moment_loses_nothing_and_leaves_no_half(tmp_path: Path) -> None:
    path = tmp_path / "l"
    Ledger.create(path).close()
    chance = random.Random(20261124)
    acknowledged: set[int] = set()
    for round_ in range(6):
        # The first is killed while it lists, or even before.
        after = 0 if round_ == 0 else chance.randrange(1, 60)
        pause = chance.uniform(0.1, 0.4) if round_ == 0 else chance.uniform(0, 0.02)
        told = _killed(path, after=after, pause=pause)
        assert not acknowledged & set(told), "committed twice"
        acknowledged |= set(told)
        database = sqlite3.connect(path)
        try:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            (halves,) = database.execute(
                "SELECT count(*) FROM outcomes LEFT JOIN bodies USING (seq) WHERE line IS NULL"
            ).fetchone()
            (inputs,) = database.execute("SELECT count(*) FROM entries").fetchone()
        finally:
            database.close()
        assert halves == 0
        assert inputs in (0, 3000)
        with Ledger.open(path, readonly=True) as ledger:
            lines = {row.seq: told_ for row, told_ in ledger.outcomes()}
        assert acknowledged <= set(lines)
        assert len(lines) % 3 == 0, "a batch is committed as a whole"
        assert all(told_.startswith(b"%d" % seq) for seq, told_ in lines.items())
        # What was committed in the moment of the kill is as good as acknowledged.
        acknowledged = set(lines)
    assert acknowledged
