"""``claimcheck report``: a run folder in every format, from a ledger that answers from a list."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace

import click
import pytest

from claimcheck.cli import report as command
from claimcheck.cli.report import Found, report_run
from claimcheck.cli.root import LazyCommand, LazyGroup, main
from claimcheck.errors import UsageError
from claimcheck.records import parse_outcome
from claimcheck.report import jsonl


@dataclass
class Row:
    """The columns of a final row that the command reads."""

    seq: int
    uri: str
    state: str
    reason: str | None = None
    message: str | None = None
    of: int | None = None


class FakeLedger:
    listed = True

    def __init__(self, entries, pending):
        self.entries, self.waiting = entries, pending

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def counts(self):
        return SimpleNamespace(inputs=len(self.entries) + self.waiting, pending=self.waiting)

    def rows_and_outcomes(self):
        for row, outcome in self.entries:
            yield row, None if outcome is None else jsonl.line(outcome).encode()

    def outcomes(self):
        return (pair for pair in self.rows_and_outcomes() if pair[1] is not None)


@pytest.fixture
def run(monkeypatch, made, clean_place):
    """Makes a run folder ``RUN`` that holds these entries."""
    place = clean_place / "RUN"
    (place / "20261124T211500Z").mkdir(parents=True)
    asked = []

    def make(*entries, pending=0):
        class RunFolder:
            @classmethod
            def open(cls, path):
                if not Path(path).is_dir():
                    raise UsageError(f"{path}: is not the folder of a run; name one")
                return cls()

            def generation(self, name=None):
                asked.append(name)
                return SimpleNamespace(
                    name="20261124T211500Z",
                    path=place / "20261124T211500Z",
                    ledger=lambda: FakeLedger(entries, pending),
                )

        module = ModuleType("claimcheck.scan.folder")
        module.RunFolder = RunFolder
        monkeypatch.setitem(sys.modules, "claimcheck.scan.folder", module)
        return asked

    return make


@pytest.fixture
def ordinary(run, made):
    """An article with a serious and a minor finding, a clean one, a failure, a duplicate."""
    return run(
        (Row(0, "a.html", "done"), made.report("a.html", 3, 1)),
        (
            Row(1, "b.html", "failed", "not-found", "b.html: there is no such file"),
            made.failure("b.html"),
        ),
        (Row(2, "c.html", "skipped", "duplicate-content", None, 0), None),
        (Row(3, "d.html", "done"), made.report("d.html")),
    )


def call(*arguments):
    """The command as the root calls it, whether or not the root knows it already."""

    class Group(LazyGroup):
        lazy = {"report": LazyCommand("claimcheck.cli.report:report", "Report.")}  # noqa: RUF012

    try:
        return click.Group.main(
            Group(name="claimcheck"), ["report", *map(str, arguments)], standalone_mode=False
        )
    except click.ClickException as error:
        return error


def test_html_goes_into_the_generation(ordinary, clean_place, capsys):
    assert call("RUN") == 0
    folder = clean_place / "RUN" / "20261124T211500Z" / "report"
    assert sorted(path.name for path in folder.iterdir()) == [
        "articles",
        "findings.csv",
        "index.html",
        "inputs.csv",
    ]
    assert sorted(path.name for path in (folder / "articles").iterdir()) == ["0.html", "3.html"]
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert "<h1><bdi>RUN</bdi></h1>" in text
    assert "Minimised or denied harm" in text  # the title of the catalogue
    out, err = capsys.readouterr()
    assert out == ""
    assert "2 articles, 2 findings, 1 could not be read; written to" in err
    assert str(folder / "index.html") in err


def test_csv_jsonl_and_json_go_to_standard_output(ordinary, capsys, made):
    assert call("RUN", "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["row"], row["source"]) for row in rows] == [
        ("finding", "a.html"),
        ("finding", "a.html"),
        ("failure", "b.html"),
    ]
    wanted = [made.report("a.html", 3, 1), made.failure("b.html"), made.report("d.html")]
    assert call("RUN", "--format", "jsonl") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [jsonl.line(outcome) for outcome in wanted]
    assert call("RUN", "--format", "json") == 0
    array = json.loads(capsys.readouterr().out)
    assert [parse_outcome(item) for item in array] == wanted


def test_json_is_an_array_also_for_one_outcome_and_for_none(run, made, capsys):
    run((Row(0, "a.html", "done"), made.report("a.html")))
    assert call("RUN", "--format", "json", "-o", "-") == 0
    assert len(json.loads(capsys.readouterr().out)) == 1
    run()
    assert call("RUN", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_ending_of_the_output_chooses_the_format(ordinary, clean_place):
    assert call("RUN", "-o", "all.csv") == 0
    assert (clean_place / "all.csv").read_text(encoding="utf-8").startswith("row,source")
    assert call("RUN", "-o", "all.txt", "--format", "jsonl") == 0
    assert len((clean_place / "all.txt").read_text(encoding="utf-8").splitlines()) == 3
    assert call("RUN", "-o", "site") == 0
    assert (clean_place / "site" / "index.html").is_file()
    assert call("RUN", "-o", "site") == 0  # an earlier report is replaced


def test_less_severe_findings_can_be_left_out_everywhere(ordinary, clean_place, capsys):
    assert call("RUN", "--format", "jsonl", "--min-severity", 2) == 0
    first = parse_outcome(json.loads(capsys.readouterr().out.splitlines()[0]))
    assert [finding.severity for finding in first.findings] == [3]
    assert first.summary.by_severity == {"1": 0, "2": 0, "3": 1}
    assert call("RUN", "--format", "csv", "--min-severity", 3) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert call("RUN", "-o", "site", "--min-severity", 2) == 0
    with (clean_place / "site" / "inputs.csv").open(encoding="utf-8", newline="") as stream:
        row = next(csv.DictReader(stream))
    assert (row["serious"], row["minor"], row["issues"]) == ("1", "0", "minimised-harm: 1")


@pytest.mark.parametrize("form", ["html", "csv", "jsonl", "json"])
def test_exit_codes(ordinary, run, made, form, clean_place):
    call_ = lambda *more: call("RUN", "--format", form, "-o", f"out.{form}", *more)  # noqa: E731
    assert call_() == 0
    assert call_("--fail-on", 3) == 1
    assert call_("--fail-on-unreadable") == 3
    assert call_("--fail-on", 1, "--fail-on-unreadable") == 3
    run((Row(0, "a.html", "done"), made.report("a.html", 2)))
    assert call_("--fail-on", 3) == 0
    assert call_("--fail-on", 2, "--fail-on-unreadable") == 1
    assert call_("--fail-on", 2, "--min-severity", 3) == 0


def test_a_run_that_has_not_finished_says_so(run, made, capsys):
    run((Row(0, "a.html", "done"), made.report("a.html", 2)), pending=1_999)
    assert call("RUN", "--format", "csv") == 3
    err = capsys.readouterr().err
    assert "RUN has not finished: 1,999 of 2,000 inputs are still to do" in err
    assert "claimcheck scan --resume RUN" in err


def test_a_run_that_was_not_listed_to_the_end_says_so(run, monkeypatch, capsys):
    run()
    monkeypatch.setattr(FakeLedger, "listed", False)
    assert call("RUN", "--format", "csv") == 3
    assert "its inputs have not all been listed" in capsys.readouterr().err


def test_a_generation_can_be_named(ordinary):
    call("RUN", "--generation", "20261124T211500Z", "--format", "csv")
    call("RUN", "--format", "csv")
    assert ordinary == ["20261124T211500Z", None]


def test_what_cannot_be_is_refused(ordinary, clean_place):
    for keywords, reason in (
        ({"form": "html", "output": Path("-")}, "standard output"),
        ({"form": "csv", "output": Path("RUN")}, "is a directory"),
        ({"form": "html", "output": Path("RUN")}, "not a report of claimcheck"),
        ({"form": "html", "output": Path("no/where")}, "there is no folder"),
    ):
        with pytest.raises(UsageError, match=reason):
            report_run(Path("RUN"), **keywords)
    with pytest.raises(UsageError, match="not the folder of a run"):
        report_run(Path("missing"))


def test_quiet_says_nothing(ordinary, capsys):
    assert call("RUN", "-q") == 0
    assert capsys.readouterr().err == ""


def test_the_command_is_documented(capsys):
    with pytest.raises(SystemExit):
        command.report.main(["--help"], prog_name="claimcheck report")
    out = capsys.readouterr().out
    for option in ("--generation", "--format", "--min-severity", "--fail-on-unreadable"):
        assert option in out
    assert Found().exit_code(fail_on=1, fail_on_unreadable=True) == 0
    assert main(["report"]) == 2


def test_a_real_run_is_read(made, clean_place, capsys):
    from claimcheck.scan.folder import RunFolder
    from claimcheck.scan.rows import Brief, Committed
    from claimcheck.sources import Entry

    names = ["a.html", "b.html", "c.html", "a.html"]
    one, two, three = made.report("a.html", 3, 2), made.failure("b.html"), made.report("c.html")
    run = RunFolder.create(clean_place / "scan", inputs=names)
    with run.lock():
        generation = run.new_generation()
        with generation.ledger() as ledger:
            ledger.add(Entry(uri=name, kind="file", origin=".", key=name) for name in names)
            ledger.finish_listing()
            ledger.commit(
                [
                    Committed(
                        seq=seq,
                        state="failure" if outcome is two else "report",
                        sha256=f"{seq:064x}",
                        outcome=jsonl.line(outcome).encode(),
                        brief=None if outcome is two else Brief.of(outcome),
                    )
                    for seq, outcome in enumerate((one, two, three))
                ]
            )
    assert call("scan", "--format", "jsonl") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [jsonl.line(outcome) for outcome in (one, two, three)]
    assert call("scan", "--generation", generation.name, "--fail-on-unreadable") == 3
    inputs = generation.path / "report" / "inputs.csv"
    with inputs.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["state"] for row in rows] == ["done", "failed", "done", "skipped"]
    assert rows[1]["reason"] == "not-found"
    assert rows[3]["same_as"] == "0"
    assert rows[3]["page"] == "articles/0.html"
    with pytest.raises(UsageError, match="there is no generation 'yesterday'"):
        report_run(clean_place / "scan", generation="yesterday", form="csv")
