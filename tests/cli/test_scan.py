"""``claimcheck scan`` with a scan that answers at once: options, codes, streams, words."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

import claimcheck.scan as package
from claimcheck.cli import main
from claimcheck.cli import scan_progress as shown
from claimcheck.cli.scan import _INPUT_TYPES
from claimcheck.cli.scan_progress import Bar, Lines, Quiet, duration, watching
from claimcheck.cli.scan_summary import print_summary
from claimcheck.scan import Drained
from claimcheck.scan.folder import RunFolder
from claimcheck.scan.rows import Counts
from claimcheck.scan.summary import FlaggedPage, Summary
from claimcheck.scan.watching import Progress

Capture = pytest.CaptureFixture[str]

SUMMARY = Summary(
    inputs=2_000,
    articles=1_800,
    failed={"timeout": 90, "robots": 10},
    skipped={"duplicate-content": 100},
    words=1_200_000,
    sentences=60_000,
    claims=9_000,
    flagged=2_500,
    flagged_articles=700,
    severities=(40, 2_000, 960),
    issues={"bare-assertion": 2_000, "cure": 1_000},
    most_flagged=(
        FlaggedPage(
            seq=4, uri="https://a.test/tea", title="Tea\x1b[2J", flagged=31, severities=(3, 20, 9)
        ),
    ),
    wall_seconds=5_400.0,
    cpu_seconds=700.0,
)


class Calls:
    """What the command asked of the package."""

    def __init__(self) -> None:
        self.made: list[tuple[str, Any, dict[str, Any]]] = []
        self.answer: Callable[[Any], Summary] = lambda _: SUMMARY

    def scan(self, inputs: Any, run: Path, **how: Any) -> Summary:
        return self._called("scan", (tuple(inputs), run), how)

    def resume(self, run: Path, **how: Any) -> Summary:
        return self._called("resume", run, how)

    def update(self, run: Path, **how: Any) -> Summary:
        return self._called("update", run, how)

    def _called(self, name: str, what: Any, how: dict[str, Any]) -> Summary:
        self.made.append((name, what, how))
        return self.answer(how["watcher"])


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    made = Calls()
    for name in ("scan", "resume", "update"):
        monkeypatch.setattr(package, name, getattr(made, name), raising=False)
    return made


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder with settings of its own."""
    path = tmp_path / "run"
    folder = RunFolder.create(
        path, inputs=["list.txt"], settings={"profile": "careful", "workers": 3}
    )
    with folder.lock():
        folder.new_generation()
    return path


# ---------------------------------------------------------------------- what is asked for


def test_inputs_and_options_reach_the_scan(calls: Calls) -> None:
    options = [
        *("--column", "url", "--input-type", "list", "--zstd", "--workers", "2"),
        *("--connections", "5", "--delay", "0.5", "--retries", "1", "--cache-hours", "2"),
        *("--page-seconds", "9", "--page-memory", "512", "--profile", "careful"),
        *("--select", "cure,hype", "--allow-private", "--environment-proxy"),
    ]
    assert main(["scan", "a.txt", "b", "-o", "RUN", *options]) == 0
    ((name, what, how),) = calls.made
    assert (name, what) == ("scan", (("a.txt", "b"), Path("RUN")))
    settings = how["settings"]
    assert (settings.workers, settings.connections, settings.delay_seconds) == (2, 5, 0.5)
    assert (settings.retries, settings.cache_hours, settings.page_seconds) == (1, 2.0, 9.0)
    assert (settings.page_memory_mb, settings.profile) == (512, "careful")
    assert settings.select == ("cure", "hype")
    assert settings.allow_private
    assert settings.environment_proxy
    assert (how["engine"], how["scheduler"], how["zstd"]) == ("local", None, True)
    assert (how["listing"].column, how["listing"].input_type) == ("url", "list")
    assert how["listing"].max_bytes == settings.max_bytes


def test_the_types_of_input_are_those_that_are_known() -> None:
    from claimcheck.sources import InputType

    assert get_args(InputType) == _INPUT_TYPES


def test_an_engine_and_its_scheduler(calls: Calls) -> None:
    assert main(["scan", "a", "-o", "R", "--engine", "dask", "--scheduler", "tcp://h:8786"]) == 0
    how = calls.made[0][2]
    assert (how["engine"], how["scheduler"]) == ("dask", "tcp://h:8786")


@pytest.mark.parametrize("option", ["--resume", "--update"])
def test_a_run_s_own_settings_and_what_is_given_now(calls: Calls, run: Path, option: str) -> None:
    assert main(["scan", option, str(run), "--workers", "1", "--allow-private"]) == 0
    ((name, what, how),) = calls.made
    assert (f"--{name}", what) == (option, run)
    settings = how["settings"]
    assert (settings.profile, settings.workers, settings.allow_private) == ("careful", 1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.txt"], "-o RUN"),
        ([], "-o RUN"),
        (["-o", "R"], "INPUT"),
        (["a", "-o", "R", "--resume", "R"], "give one of them"),
        (["a", "--resume", "R"], "inputs of the run"),
        (["a", "--update", "R"], "--update takes the inputs"),
        (["--resume", "R", "--column", "x"], "has its own"),
        (["--update", "R", "--config", "x.toml"], "belongs to a new run"),
        (["a", "-o", "R", "--only-new"], "--update RUN"),
        (["a", "-o", "R", "--scheduler", "tcp://x"], "--engine dask"),
        (["--resume", "nowhere"], "no run folder"),
        (["a", "-o", "R", "--workers", "0"], "--workers"),
        (["a", "-o", "R", "--fail-on", "4"], "--fail-on"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_code_2(
    calls: Calls, capsys: Capture, arguments: list[str], words: str
) -> None:
    assert main(["scan", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("claimcheck: error: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err
    assert calls.made == []


def test_a_folder_that_holds_a_run_names_the_ways_to_go_on(run: Path, capsys: Capture) -> None:
    assert main(["scan", "list.txt", "-o", str(run)]) == 2
    error = capsys.readouterr().err
    assert "--resume" in error
    assert "--update" in error


# ---------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--fail-on", "3"], 1),
        (["--fail-on", "1"], 1),
        (["--fail-on-unreadable"], 3),
        (["--fail-on-unreadable", "--fail-on", "1"], 3),
    ],
)
def test_exit_codes(calls: Calls, options: list[str], code: int) -> None:
    assert main(["scan", "a", "-o", "R", *options]) == code


def test_mild_findings_and_no_failures(calls: Calls) -> None:
    calls.answer = lambda _: Summary(inputs=1, articles=1, severities=(0, 0, 5))
    assert main(["scan", "a", "-o", "R", "--fail-on", "2", "--fail-on-unreadable"]) == 0
    assert main(["scan", "a", "-o", "R", "--fail-on", "1"]) == 1


@pytest.mark.parametrize("error", [Drained("still to do"), KeyboardInterrupt()])
def test_an_interruption_says_how_to_go_on(
    calls: Calls, capsys: Capture, error: BaseException
) -> None:
    def interrupted(_: Any) -> Summary:
        raise error

    calls.answer = interrupted
    assert main(["scan", "a", "-o", "my run", "--allow-private"]) == 130
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "claimcheck: interrupted; to go on: claimcheck scan --resume 'my run' --allow-private\n"
    )


def test_going_on_takes_the_options_that_a_run_does_not_keep(
    calls: Calls, run: Path, capsys: Capture
) -> None:
    def interrupted(_: Any) -> Summary:
        raise KeyboardInterrupt

    calls.answer = interrupted
    options = ["--engine", "dask", "--scheduler", "tcp://h:8786", "--only-new"]
    assert main(["scan", "--update", str(run), *options]) == 130
    command = capsys.readouterr().err.strip().partition("to go on: ")[2]
    assert command == f"claimcheck scan --resume {run} {' '.join(options)}"


# ---------------------------------------------------------------------- the summary


def test_the_summary_is_a_table_on_standard_output(calls: Calls, capsys: Capture) -> None:
    assert main(["scan", "a", "-o", "R"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0] == "2,000  inputs"
    assert "1,800  articles read, 1,200,000 words, in 1 h 30 min, 12 min of processor" in lines
    assert "  100  failed" in lines
    assert "   90    timeout" in lines
    assert "  100    duplicate-content" in lines
    assert "9,000  claims, 2,500 of them flagged" in lines
    assert (
        "3,000  findings: 40 serious, 2,000 moderate, 960 minor; in 700 of 1,800 articles" in lines
    )
    assert "1,000    cure" in lines
    assert "   31  Tea\\x1b[2J  (https://a.test/tea)" in lines
    assert all(line == line.rstrip() for line in lines)
    assert "results in R; `claimcheck report R` makes pages of them" in lines


def test_quiet_leaves_one_line(calls: Calls, capsys: Capture) -> None:
    assert main(["scan", "a", "-o", "R", "-q"]) == 0
    captured = capsys.readouterr()
    assert captured.out == (
        "2,000 inputs: 1,800 read, 100 failed, 100 skipped; 9,000 claims, 3,000 findings\n"
    )
    assert captured.err == ""
    assert isinstance(calls.made[0][2]["watcher"], Quiet)


def test_an_empty_summary_is_a_table_too(capsys: Capture) -> None:
    print_summary(Summary(), Path("R"))
    assert capsys.readouterr().out.startswith("0  inputs\n0  articles read, 0 words\n")


@pytest.mark.parametrize("only_new", [False, True])
def test_an_update_shows_what_changed(
    calls: Calls, run: Path, capsys: Capture, only_new: bool
) -> None:
    generation = RunFolder.open(run).generation()
    from claimcheck.scan.change_records import CHANGES_FILE, PageChange

    change = PageChange(uri="https://a.test/tea", state="new", title="Tea")
    (generation.path / CHANGES_FILE).write_text(json.dumps(change.to_json_dict()) + "\n")
    options = ["--only-new"] if only_new else []
    for how in ("--update", "--resume"):  # an update that was interrupted is resumed
        assert main(["scan", how, str(run), "-q", *options]) == 0
        assert ("https://a.test/tea" in capsys.readouterr().out) is not only_new


# ---------------------------------------------------------------------- progress


def progress(done: int = 50, **more: Any) -> Progress:
    values: dict[str, Any] = {
        "done": done,
        "total": 200,
        "rate": 2.5,
        "eta": 60.0,
        "hosts_in_flight": 3,
        "failures": {"robots": 2, "timeout": 11},
        "busy": 1,
        "workers": 2,
    }
    return Progress(**values | more)


def test_lines_come_at_intervals_that_grow() -> None:
    now = [0.0]
    said: list[str] = []
    lines = Lines(say=said.append, clock=lambda: now[0])
    with lines:
        lines.listing(500)
        now[0] = 11.0
        lines.listing(1_000)
        lines.started(Counts(inputs=200, pending=150))
        assert said == ["listing: 1,000 inputs so far", "200 inputs, 150 to read"]
        said.clear()
        for second in range(12, 12 + 3_600):
            now[0] = float(second)
            lines.progressed(progress())
        assert said[0] == (
            "50 of 200 (25 %), 2.5/s, 60 s to go; 3 hosts in flight; 1 of 2 workers busy; "
            "failed: 11 timeout, 2 robots"
        )
        assert 15 < len(said) < 40, "often at first, then every five minutes"
        said.clear()
        lines.progressed(progress(draining=True))
        lines.progressed(progress(draining=True))
        assert [one.partition(":")[0] for one in said] == ["stopping"]
        lines.compiling()
        lines.finished(SUMMARY)
        assert said[1:] == ["writing the results"]


def test_no_rate_before_there_is_one() -> None:
    said: list[str] = []
    now = [0.0]
    lines = Lines(say=said.append, clock=lambda: now[0])
    lines.started(Counts(inputs=1, pending=1))
    now[0] = 60.0
    lines.progressed(progress(0, total=1, rate=0.0, eta=None, hosts_in_flight=0, failures={}))
    assert said == ["1 input", "0 of 1 (0 %); 1 of 2 workers busy"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "0 s"),
        (89.4, "89 s"),
        (90, "2 min"),
        (3_599, "60 min"),
        (5_400, "1 h 30 min"),
        (7_200, "2 h"),
        (129_600, "1 d 12 h"),
        (172_800, "2 d"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_bar_shows_rate_hosts_and_failures_and_goes_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "140")
    with Bar() as bar:
        bar.listing(7)
        bar.started(Counts(inputs=200, pending=150))
        bar.progressed(progress())
        bar._live.refresh()
        drawn = terminal.getvalue()
        assert "Scanning" in drawn
        assert "50/200" in drawn
        assert "2.5/s, 60 s to go" in drawn
        assert "3 hosts in flight; 1 of 2 workers busy; failed: 11 timeout, 2 robots" in drawn
        bar.progressed(progress(draining=True))
        bar.compiling()
        bar._live.refresh()
        assert "stopping" in terminal.getvalue()
        assert "Writing" in terminal.getvalue()
        bar.finished(SUMMARY)
    assert terminal.getvalue().endswith("\x1b[2K") or "\x1b[1A" in terminal.getvalue()[-40:]


def test_the_watcher_suits_the_place() -> None:
    assert type(watching(quiet=True, terminal=True)) is Quiet
    assert type(watching(quiet=False, terminal=False)) is Lines
    assert type(watching(quiet=False, terminal=True)) is Bar
    assert shown.__all__ == sorted(shown.__all__, key=lambda name: (name.islower(), name))
