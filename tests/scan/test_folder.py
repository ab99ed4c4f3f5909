"""A run's folder: made whole or not at all, one writer, generations that stay."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from claimcheck import __version__
from claimcheck.errors import UsageError
from claimcheck.scan import manifest as manifests
from claimcheck.scan.folder import Generation, RunFolder
from claimcheck.scan.ledger import Brief, Committed, LedgerError
from claimcheck.sources import Entry

NOW = datetime(2026, 11, 24, 21, 15, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(
        tmp_path / "run",
        inputs=["list.txt", "bad\udce4"],
        settings={"profile": "careful", "min_score": None, "select": ["cure"]},
        listing={"column": "link"},
        model="default",
        model_sha256="ab" * 32,
        now=NOW,
    )


def filled(run: RunFolder, *, inputs: int = 2, read: int = 2) -> Generation:
    generation = run.new_generation(now=NOW)
    with generation.ledger() as ledger:
        ledger.add(
            Entry(uri=f"f{seq}", kind="file", origin="o", key=f"f{seq}") for seq in range(inputs)
        )
        ledger.finish_listing()
        commit(generation, range(read))
    return generation


def commit(generation: Generation, seqs: range) -> None:
    with generation.ledger() as ledger:
        ledger.commit(
            [
                Committed(
                    seq=seq, state="report", sha256=None, outcome=b"{}", brief=Brief(title="t")
                )
                for seq in seqs
            ]
        )


# ---------------------------------------------------------------------- run.json


def test_what_was_asked_comes_back(run: RunFolder) -> None:
    assert RunFolder.open(run.path).info == run.info
    data = json.loads((run.path / "run.json").read_text("utf-8"))
    assert data == {
        "schema": "claimcheck.run/1",
        "version": __version__,
        "created": "2026-11-24T21:15:00Z",
        "inputs": ["list.txt", "bad\udce4"],
        "settings": {"profile": "careful", "min_score": None, "select": ["cure"]},
        "listing": {"column": "link"},
        "model": {"name": "default", "sha256": "ab" * 32},
        "generations": [],
    }
    assert (run.cache.name, run.stdin.name) == ("cache", "stdin.txt")


def test_a_run_is_never_made_over_another(run: RunFolder) -> None:
    with pytest.raises(UsageError, match=r"is a run already.*--resume"):
        RunFolder.create(run.path, inputs=[])


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files"):
        RunFolder.create(tmp_path, inputs=[])
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(UsageError, match="is a file"):
        RunFolder.create(tmp_path / "notes.txt", inputs=[])


def test_making_a_run_can_be_done_again_after_it_broke_off(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("123\n")
    (tmp_path / "stdin.txt").write_text("https://a.test/")
    (tmp_path / ".run.json.0123456789ab.tmp").write_text("{")
    run = RunFolder.create(tmp_path, inputs=["-"])
    with run.lock():
        generation = run.new_generation(now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        generation.name, "lock", "run.json", "stdin.txt"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "damaged"),
        ("[]", "damaged"),
        ('{"schema": "claimcheck.run/1"}', "damaged"),
        ('{"schema": "claimcheck.run/2"}', "newer"),
    ],
)
def test_a_run_that_cannot_be_understood(run: RunFolder, text: str, why: str) -> None:
    (run.path / "run.json").write_text(text)
    with pytest.raises(UsageError, match=why):
        RunFolder.open(run.path)


def test_no_run_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match="is no run folder"):
            RunFolder.open(path)


# ---------------------------------------------------------------------- the lock

HOLDER = """
import os, sys, time
from pathlib import Path
from claimcheck.scan.folder import RunFolder
with RunFolder.open(Path(sys.argv[1])).lock():
    if len(sys.argv) > 2:
        if os.fork() == 0:
            print(os.getpid(), flush=True)
            time.sleep(60)
            os._exit(0)
    else:
        print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_the_first_is(run: RunFolder) -> None:
    again = RunFolder.open(run.path)
    told = pytest.raises(UsageError, match=f"process {os.getpid()} is writing")
    with run.lock(), told, again.lock():
        pass
    with run.lock():
        assert run.locked
    assert not run.locked


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("child", [False, True], ids=["alone", "with-a-child"])
def test_the_lock_ends_with_its_process(run: RunFolder, child: bool) -> None:
    arguments = [sys.executable, "-c", HOLDER, str(run.path), *(["child"] if child else [])]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as out:
        told = out.readline().strip()
        with pytest.raises(UsageError, match=f"process {process.pid} is writing"), run.lock():
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        try:
            with run.lock():  # though a child of the holder may live on
                run.new_generation()
        finally:
            if child:
                os.kill(int(told), signal.SIGKILL)


def test_nothing_is_written_without_the_lock(run: RunFolder) -> None:
    with pytest.raises(LedgerError, match="without its lock"):
        run.new_generation()
    with run.lock():
        generation = filled(run)
    with pytest.raises(LedgerError, match="without its lock"):
        generation.ledger(readonly=False)
    with pytest.raises(LedgerError, match="without its lock"):
        generation.finish(wall_seconds=1, cpu_seconds=1)
    with generation.ledger() as ledger:
        assert ledger.readonly


# ---------------------------------------------------------------------- generations


def test_generations_are_named_by_time_and_sort_by_age(run: RunFolder) -> None:
    with run.lock():
        first = run.new_generation(now=NOW)
        second = run.new_generation(now=NOW)
        third = run.new_generation(now=datetime(2020, 1, 1, tzinfo=UTC))
        fourth = run.new_generation()
    names = [one.name for one in (first, second, third, fourth)]
    assert names[:3] == ["20261124T211500Z", "20261124T211501Z", "20261124T211502Z"]
    assert names == sorted(names)
    again = RunFolder.open(run.path)
    assert [one.name for one in again.generations()] == names
    assert again.generation().name == fourth.name
    assert again.generation("20261124T211501Z").path == run.path / "20261124T211501Z"
    assert json.loads((run.path / "run.json").read_text())["generations"] == names
    with pytest.raises(UsageError, match="no generation 'x'; there is 20261124T211500Z, "):
        again.generation("x")


def test_a_run_without_a_generation(run: RunFolder) -> None:
    with pytest.raises(UsageError, match=r"nothing has been scanned yet.*--resume"):
        run.generation()


def test_remains_of_a_killed_process_are_swept_away(run: RunFolder) -> None:
    half = run.path / ".20261124T211500Z.tmp"
    half.mkdir()
    (half / "ledger.sqlite").write_text("half")
    (run.path / "20261124T211501Z").mkdir()  # no ledger: none of ours
    (run.path / ".report.0123456789ab.tmp").mkdir()  # another program's, and at work
    assert run.generations() == ()
    with run.lock():
        generation = filled(run)
        (generation.path / ".results.jsonl.zst.0123456789ab.tmp").write_text("half")
        generation.finish(wall_seconds=1, cpu_seconds=1)
    assert not half.exists()
    assert (run.path / ".report.0123456789ab.tmp").exists()
    assert not [path for path in generation.path.iterdir() if path.name.startswith(".")]


def test_a_manifest_before_and_after(run: RunFolder) -> None:
    with run.lock():
        generation = filled(run, inputs=3, read=2)
        new = generation.manifest
        assert (new.complete, new.counts, new.sessions, new.files) == (False, None, 0, ())
        assert (new.started, new.finished) == ("2026-11-24T21:15:00Z", None)
        assert (new.version, new.model, new.settings) == (__version__, "default", run.info.settings)

        drained = generation.finish(wall_seconds=1.5, cpu_seconds=2.0, now=NOW)
        half = generation.manifest
        assert (drained.pending, half.complete, half.finished) == (1, False, None)

        commit(generation, range(2, 3))
        summary = generation.finish(
            wall_seconds=2, cpu_seconds=3, zstd=True, settings={"profile": "sensitive"},
            model="mine", model_sha256="cd", now=NOW,
        )  # fmt: skip
    assert json.loads((generation.path / "manifest.json").read_text()) == {
        "schema": "claimcheck.manifest/1",
        "generation": "20261124T211500Z",
        "version": __version__,
        "model": {"name": "mine", "sha256": "cd"},
        "settings": {"profile": "sensitive"},
        "complete": True,
        "counts": {"inputs": 3, "pending": 0, "done": 3, "failed": {}, "skipped": {}},
        "timings": {
            "started": "2026-11-24T21:15:00Z",
            "finished": "2026-11-24T21:15:00Z",
            "sessions": 2,
            "wall_seconds": 3.5,
            "cpu_seconds": 5.0,
        },
        "files": ["ledger.jsonl", "results.jsonl.zst", "results.parquet", "summary.json"],
    }
    assert (summary.articles, summary.wall_seconds, summary.cpu_seconds) == (3, 3.5, 5.0)
    before = {path.name: path.read_bytes() for path in generation.path.iterdir()}
    assert generation.compile(zstd=True) == summary
    assert {path.name: path.read_bytes() for path in generation.path.iterdir()} == before
    assert sorted(before) == sorted([*generation.manifest.files, "ledger.sqlite", "manifest.json"])


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "claimcheck.manifest/1"}'])
def test_a_damaged_manifest(run: RunFolder, text: str) -> None:
    with run.lock():
        generation = filled(run)
    (generation.path / "manifest.json").write_text(text)
    with pytest.raises(UsageError, match=r"manifest\.json: is damaged"):
        generation.manifest  # noqa: B018


def test_earlier_generations_stay_as_they_are(run: RunFolder) -> None:
    with run.lock():
        first = filled(run)
        first.finish(wall_seconds=1, cpu_seconds=1)
        before = {path.name: path.read_bytes() for path in first.path.iterdir()}
        second = filled(run, read=1)
        second.finish(wall_seconds=1, cpu_seconds=1)
    assert {path.name: path.read_bytes() for path in first.path.iterdir()} == before
    assert run.generation().name == second.name
    with second.ledger() as ledger:
        assert ledger.counts().pending == 1


def test_a_full_disk_is_told_in_words(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with run.lock():
        generation = filled(run)
        monkeypatch.setattr(manifests, "replacing", full)
        with pytest.raises(LedgerError, match=r"no space left on the disk.*--resume"):
            generation.finish(wall_seconds=1, cpu_seconds=1)
        with pytest.raises(LedgerError, match=r"no space left on the disk"):
            run.new_generation()
        monkeypatch.undo()
        run.new_generation()
    assert all(re.fullmatch(r"\w+", one.name) for one in run.generations())
