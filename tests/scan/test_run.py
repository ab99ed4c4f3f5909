"""Scan, resume and update over folders of pages, with child processes that need no model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from claimcheck import scan as package
from claimcheck.errors import CatalogueError, ModelError, UsageError
from claimcheck.scan import Drained, RunFolder, Summary, resume, scan, settings_of, update
from claimcheck.scan.watching import Interrupts, Pace, Progress, Silent
from claimcheck.settings import Settings, make_settings
from claimcheck.sources import ListingOptions

CHILDREN = Path(__file__).resolve().parent / "children"
HOOK = "scan_children:fake"
HOW: dict[str, Any] = {"page_hook": HOOK}


@pytest.fixture(autouse=True)
def children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Child processes find the hook, and relative names are the test's own."""
    monkeypatch.syspath_prepend(str(CHILDREN))
    monkeypatch.chdir(tmp_path)


def settings(**options: object) -> Settings:
    return make_settings({"workers": 1} | options)


def write(folder: Path, **pages: str) -> Path:
    """A folder of text files; a name's underscores become dashes."""
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        (folder / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return folder


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rows(run: Path) -> list[dict[str, Any]]:
    return _lines(RunFolder.open(run).generation().path / "ledger.jsonl")


def results(run: Path) -> list[dict[str, Any]]:
    return _lines(RunFolder.open(run).generation().path / "results.jsonl")


def timeless(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what differs from one scan to the next."""
    hidden = ("attempts", "seconds", "retrieved")
    return [{name: row[name] for name in row if name not in hidden} for row in found]


def states(run: Path) -> dict[str, tuple[str, str | None]]:
    return {Path(row["uri"]).stem: (row["state"], row["reason"]) for row in rows(run)}


# ---------------------------------------------------------------------- scanning


def test_every_input_ends_in_its_one_state(tmp_path: Path) -> None:
    """Good, twice, thin and empty pages; and pages that kill, hang and eat their process."""
    pages = write(
        tmp_path / "pages",
        a="first",
        b="first",
        c="thin",
        d="thin",
        die="die",
        die_once="once",
        eat="eat",
        hang="hang",
        z="last",
    )
    (pages / "empty.md").touch()
    events: list[str] = []

    class Watcher(Silent):
        def listing(self, count: int) -> None:
            events.append(f"listed {count}")

        def started(self, counts: Any) -> None:
            events.append(f"started {counts.inputs}")

        def compiling(self) -> None:
            events.append("compiling")

        def finished(self, summary: Summary) -> None:
            events.append(f"finished {summary.articles}")

    run = tmp_path / "run"
    options = settings(page_seconds=2.0, page_memory_mb=256)
    summary = scan([str(pages)], run, settings=options, watcher=Watcher(), **HOW)
    assert states(run) == {
        "a": ("done", None),
        "b": ("skipped", "duplicate-content"),
        "c": ("failed", "thin"),
        "d": ("failed", "thin"),
        "die": ("failed", "internal"),
        "die-once": ("done", None),
        "eat": ("failed", "resource-limit"),
        "empty": ("failed", "no-article"),
        "hang": ("failed", "resource-limit"),
        "z": ("done", None),
    }
    by_name = {Path(row["uri"]).stem: row for row in rows(run)}
    assert by_name["die-once"]["attempts"] == 2
    assert by_name["die"]["attempts"] == 2
    assert "died twice" in by_name["die"]["message"]
    assert "--page-memory" in by_name["eat"]["message"]
    assert "--page-seconds" in by_name["hang"]["message"]
    assert by_name["d"]["message"].startswith(str(pages / "d.md"))
    assert (summary.inputs, summary.articles, summary.unread) == (10, 3, 6)
    assert summary.complete
    assert events == ["listed 10", "started 10", "compiling", "finished 3"]
    assert [one["source"]["uri"] for one in results(run)] == [
        row["uri"] for row in rows(run) if row["state"] != "skipped"
    ]
    manifest = RunFolder.open(run).generation().manifest
    assert manifest.complete
    assert manifest.settings["page_seconds"] == 2.0
    leftover = sorted(path.name for path in RunFolder.open(run).generation().path.iterdir())
    assert not [name for name in leftover if "-wal" in name or "-shm" in name]


def test_an_input_that_comes_late_changes_nothing(tmp_path: Path) -> None:
    pages = write(tmp_path / "pages", a="x", b="thin", c="y")
    for name in ("quick", "late"):
        listed = tmp_path / f"{name}.txt"
        first = write(tmp_path / name, **{"slow_0.0" if name == "quick" else "slow_0.7": "one"})
        names = [*first.glob("*.md"), *sorted(pages.glob("*.md"))]
        listed.write_text("".join(f"{one}\n" for one in names), encoding="utf-8")
        scan([str(listed)], tmp_path / f"run-{name}", settings=settings(workers=2), **HOW)
    quick, late = rows(tmp_path / "run-quick"), rows(tmp_path / "run-late")
    assert [row["state"] for row in quick] == [row["state"] for row in late]
    hidden = {"origin": "", "uri": ""}
    assert [row | hidden for row in timeless(quick)][1:] == [
        row | hidden for row in timeless(late)
    ][1:]


def test_a_folder_that_holds_a_run_is_refused(tmp_path: Path) -> None:
    pages = write(tmp_path / "pages", a="")
    scan([str(pages)], tmp_path / "run", settings=settings(), **HOW)
    with pytest.raises(UsageError, match=r"--resume .*--update"):
        scan([str(pages)], tmp_path / "run", settings=settings(), **HOW)


def test_inputs_that_cannot_be_listed_leave_the_place_free(tmp_path: Path) -> None:
    table = tmp_path / "pages.csv"
    table.write_text("address\nx.md\n", encoding="utf-8")
    run = tmp_path / "run"
    with pytest.raises(UsageError, match="link"):
        scan([str(table)], run, settings=settings(), listing=ListingOptions(column="link"), **HOW)
    listing = ListingOptions(column="address")
    summary = scan([str(table)], run, settings=settings(), listing=listing, **HOW)
    assert summary.failed == {"not-found": 1}


@pytest.mark.parametrize(
    ("options", "error"),
    [({"model": "no-such-model"}, ModelError), ({"select": ["no-such-issue"]}, CatalogueError)],
)
def test_what_cannot_be_used_is_said_before_anything_is_made(
    tmp_path: Path, options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        scan(["x.md"], tmp_path / "run", settings=settings(**options))
    assert not (tmp_path / "run").exists()


def test_standard_input_is_kept(tmp_path: Path) -> None:
    run = tmp_path / "run"
    stdin = BytesIO(b"gone.md\ngone-too.md\n")
    scan(["-"], run, settings=settings(), stdin=stdin, **HOW)
    assert (run / "stdin.txt").read_bytes() == b"gone.md\ngone-too.md\n"
    update(run, **HOW)
    assert [row["origin"] for row in rows(run)] == ["-", "-"]


def test_packed_results_stay_packed(tmp_path: Path) -> None:
    run = tmp_path / "run"
    scan(["gone.md"], run, settings=settings(), zstd=True, **HOW)
    update(run, **HOW)
    for generation in RunFolder.open(run).generations():
        assert (generation.path / "results.jsonl.zst").is_file()
        assert not (generation.path / "results.jsonl").exists()


def test_an_engine_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "claimcheck.scan.dask", None)
    with pytest.raises(UsageError, match="cluster"):
        scan(["gone.md"], tmp_path / "run", settings=settings(), engine="dask")


# ---------------------------------------------------------------------- stopping and going on


class Interrupting(Silent):
    """Presses Ctrl-C when so many inputs are done, ``times`` in all."""

    def __init__(self, at: int, times: int = 1) -> None:
        self.at = at
        self.times = times

    def progressed(self, progress: Progress) -> None:
        if progress.done >= self.at:
            for _ in range(self.times):
                os.kill(os.getpid(), signal.SIGINT)
            self.at = 1_000_000


def many(tmp_path: Path) -> Path:
    pages = {f"p{number:02}_slow_0.05": f"page {number % 17}" for number in range(24)}
    folder = write(tmp_path / "pages", **pages)
    for path in folder.glob("p*-slow-*"):
        path.rename(folder / f"slow-{path.stem.partition('-')[0]}-0.05.md")
    return folder


def undisturbed(tmp_path: Path, pages: Path) -> Path:
    run = tmp_path / "undisturbed"
    scan([str(pages)], run, settings=settings(), **HOW)
    return run


def same_results(run: Path, other: Path) -> None:
    assert timeless(rows(run)) == timeless(rows(other))
    assert results(run) == results(other)


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_one_signal_drains_and_resuming_does_the_rest(tmp_path: Path, number: str) -> None:
    pages = many(tmp_path)
    run = tmp_path / "run"
    before = signal.getsignal(signal.SIGINT)

    class Watcher(Interrupting):
        def progressed(self, progress: Progress) -> None:
            if progress.done >= self.at:
                os.kill(os.getpid(), getattr(signal, number))
                self.at = 1_000_000

    with pytest.raises(Drained, match="still to do"):
        scan([str(pages)], run, settings=settings(), watcher=Watcher(3), **HOW)
    assert signal.getsignal(signal.SIGINT) == before
    assert 0 < len(rows(run)) < 24
    manifest = RunFolder.open(run).generation().manifest
    assert not manifest.complete
    with pytest.raises(UsageError, match="--resume"):
        update(run, **HOW)
    summary = resume(run, **HOW)
    assert summary.complete
    same_results(run, undisturbed(tmp_path, pages))
    assert RunFolder.open(run).generation().manifest.sessions == 2
    assert resume(run, **HOW).inputs == 24, "a complete run can be asked for its files again"


def test_two_signals_stop_at_once_and_what_is_committed_stays(tmp_path: Path) -> None:
    pages = many(tmp_path)
    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        scan([str(pages)], run, settings=settings(), watcher=Interrupting(3, times=2), **HOW)
    with RunFolder.open(run).generation().ledger() as ledger:
        counts = ledger.counts()
    assert counts.inputs - counts.pending >= 3
    resume(run, **HOW)
    assert len(rows(run)) == 24


def test_a_listing_that_was_interrupted_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimcheck.scan.listing._LISTED_AT_ONCE", 5)
    pages = many(tmp_path)
    run = tmp_path / "run"

    class Watcher(Silent):
        def listing(self, count: int) -> None:
            if count == 10:
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Drained, match="listed"):
        scan([str(pages)], run, settings=settings(), watcher=Watcher(), **HOW)
    resume(run, **HOW)
    assert len(rows(run)) == 24


KILLED = """
import sys
from pathlib import Path
from claimcheck.scan import scan
from claimcheck.settings import make_settings

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[3])
    settings = make_settings({"workers": 1})
    scan([sys.argv[1]], Path(sys.argv[2]), settings=settings, page_hook="scan_children:fake")
"""


def test_a_killed_scan_loses_nothing_and_leaves_no_process(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    pages = many(tmp_path)
    run = tmp_path / "run"
    program = tmp_path / "program.py"
    program.write_text(KILLED, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(program), str(pages), str(run), str(CHILDREN)],
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while _committed(run) < 3 and time.monotonic() < end:
            time.sleep(0.05)
        with pytest.raises(UsageError, match=str(process.pid)):
            resume(run, **HOW)
        children = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.kill()
        process.wait()
    committed = _committed(run)
    assert 3 <= committed < 24
    assert psutil.wait_procs(children, timeout=20)[1] == []
    resume(run, **HOW)
    same_results(run, undisturbed(tmp_path, pages))


def _committed(run: Path) -> int:
    try:
        with RunFolder.open(run).generation().ledger() as ledger:
            counts = ledger.counts()
    except UsageError:
        return 0
    return counts.inputs - counts.pending


def test_resuming_keeps_to_what_decides_the_results(tmp_path: Path) -> None:
    run = tmp_path / "run"
    scan(["gone.md"], run, settings=settings(profile="careful", allow_private=True), **HOW)
    kept = settings_of(run)
    assert (kept.profile, kept.workers) == ("careful", 1)
    assert not kept.allow_private, "only the command line may open private addresses"
    with pytest.raises(UsageError, match="profile = 'careful'"):
        resume(run, settings=settings_of(run, {"profile": "sensitive"}), **HOW)
    assert resume(run, settings=settings_of(run, {"workers": 2}), **HOW).complete


def test_relative_inputs_are_listed_from_where_they_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "pages", a="")
    scan(["pages"], tmp_path / "run", settings=settings(), **HOW)
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    with pytest.raises(UsageError, match="is meant from"):
        update(tmp_path / "run", **HOW)
    assert len(RunFolder.open(tmp_path / "run").generations()) == 1


def test_there_must_be_a_run(tmp_path: Path) -> None:
    for call in (resume, update, settings_of):
        with pytest.raises(UsageError, match="no run folder"):
            call(tmp_path / "none")


# ---------------------------------------------------------------------- scanning anew


def test_an_update_is_a_generation_beside_the_earlier_ones(tmp_path: Path) -> None:
    pages = write(tmp_path / "pages", a="one", b="two", c="three")
    run = tmp_path / "run"
    scan([str(pages)], run, settings=settings(), **HOW)
    first = rows(run)
    write(pages, b="two, reworded", d="four")
    (pages / "c.md").unlink()
    summary = update(run, **HOW)
    old, new = RunFolder.open(run).generations()
    assert summary.articles == 3
    assert [Path(row["uri"]).stem for row in rows(run)] == ["a", "b", "d"]
    assert _lines(old.path / "ledger.jsonl") == first
    changes = _lines(new.path / "changes.jsonl")
    found = {Path(one["uri"]).stem: one["state"] for one in changes}
    assert found == {"a": "unchanged", "b": "changed", "c": "unlisted", "d": "new"}
    assert not (old.path / "changes.jsonl").exists()


def test_an_update_finishes_one_that_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = write(tmp_path / "pages", a="one", b="two")
    run = tmp_path / "run"
    scan([str(pages)], run, settings=settings(), **HOW)
    write(pages, b="two, reworded")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("claimcheck.scan.changes.write_changes", killed)
        with pytest.raises(KeyboardInterrupt):
            update(run, **HOW)
    update(run, **HOW)
    _, second = RunFolder.open(run).generations()
    states = [one["state"] for one in _lines(second.path / "changes.jsonl")]
    assert states == ["unchanged", "changed"], "what an interrupted update found is told"
    with RunFolder.open(run).lock() as folder:
        third = folder.new_generation()
    assert update(run, **HOW).complete
    assert [one.name for one in RunFolder.open(run).generations()][2:] == [third.name]
    update(run, **HOW)
    assert len(RunFolder.open(run).generations()) == 4


def test_an_update_needs_a_scan_to_compare_with(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", inputs=["a"]).lock() as folder:
        folder.new_generation()
    with pytest.raises(UsageError, match=r"first scan is not complete.*--resume"):
        update(tmp_path / "run", **HOW)


# ---------------------------------------------------------------------- small parts


def test_a_second_request_to_stop_is_an_interrupt() -> None:
    interrupts = Interrupts()
    woken: list[bool] = []
    interrupts.wake = lambda: woken.append(True)
    interrupts.request()
    assert interrupts.requested
    with pytest.raises(KeyboardInterrupt):
        interrupts.request()
    assert woken == [True]


def test_signals_are_left_alone_outside_the_main_thread() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def listen() -> None:
        with Interrupts().listening():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert seen == [before]


def test_the_pace_is_that_of_the_last_minute() -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0])
    assert pace.rate(0) == 0.0
    for second in range(200):
        now[0] = float(second)
        pace.mark(max(0, second - 30) * 2)  # half a minute goes by until the first is done
    assert pace.rate(169 * 2) == pytest.approx(2.0)
    now[0] = 400.0
    pace.mark(169 * 2)
    assert pace.rate(169 * 2) < 1.0


def test_the_package_is_lazy_and_its_names_are_explicit() -> None:
    assert package.__all__ == sorted(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="no attribute 'skan'"):
        package.skan  # type: ignore[attr-defined]  # noqa: B018
