"""The command line with the real checker; only the model's scores are put in its place.

The judge here wants to see every sentence for which the rules propose a reason, so what
is tested does not move when a model is trained anew.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from claimcheck.cli import main
from claimcheck.records import Failure, Report, parse_outcome

Capture = pytest.CaptureFixture[str]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CLINIC = str(EXAMPLES / "01-clinic-infusion.html")
CLEAN = str(EXAMPLES / "12-tai-chi-falls.html")
OVERSTATED = "The peel has virtually no side effects."
PLAIN = "The clinic opens at nine on weekdays."


class FakeManifest:
    """A model's manifest, as far as the checker reads it."""

    name = "fake"
    sha256 = "0" * 64
    reason_cut = 0.0
    learnt_cut = 1.1

    def threshold(self, profile: str) -> float:
        return {"careful": 0.8, "balanced": 0.5, "sensitive": 0.2}[profile]


class FakeJudge:
    """Scores 0.9 where the rules have a reason, else 0.05."""

    manifest = FakeManifest()

    @classmethod
    def load(cls, name_or_folder: str | Path = "default") -> FakeJudge:
        return cls()

    def worth_reading(self, texts: Sequence[str]) -> tuple[bool, ...]:
        return (True,) * len(texts)

    def verdicts(self, cases: Sequence[Any]) -> tuple[object, ...]:
        from claimcheck.judge import Verdict

        return tuple(
            Verdict(0.9, 0.9, "efficacy") if case.issues else Verdict(0.05, 0.1, "efficacy")
            for case in cases
        )


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimcheck.judge.Judge", FakeJudge)


def outcomes(capsys: Capture) -> list[Report | Failure]:
    return [parse_outcome(json.loads(line)) for line in capsys.readouterr().out.splitlines()]


def test_findings_are_1_and_nothing_to_flag_is_0(
    judged: None, clean_place: Path, capsys: Capture
) -> None:
    (clean_place / "bad.txt").write_text(OVERSTATED)
    (clean_place / "good.txt").write_text(PLAIN)
    assert main(["check", "bad.txt"]) == 1
    shown = capsys.readouterr()
    assert "virtually no side effects" in shown.out
    assert "Minimised or denied harm" in shown.out
    assert shown.err == ""
    assert main(["check", "good.txt"]) == 0
    assert main(["check", "bad.txt", "--exit-zero"]) == 0


def test_filters_decide_what_is_reported_and_so_the_code(
    judged: None, clean_place: Path, capsys: Capture
) -> None:
    (clean_place / "bad.txt").write_text(OVERSTATED)
    for options, code in (
        (["--select", "minimised-harm"], 1),
        (["--select", "hype"], 0),
        (["--ignore", "minimised-harm,unquantified,HYPE"], 0),
        (["--select", "minimised-harm", "--min-severity", "3"], 1),
        (["--min-score", "0.95"], 0),
        (["--profile", "careful"], 1),
    ):
        assert main(["check", "bad.txt", "--format", "jsonl", *options]) == code, options
        (outcome,) = outcomes(capsys)
        assert isinstance(outcome, Report)
        assert bool(outcome.findings) == bool(code)
        assert all(claim.label == "ok" for claim in outcome.claims) == (not code)


def test_one_bad_input_among_several_leaves_the_others_reported(
    judged: None, clean_place: Path, capsys: Capture
) -> None:
    (clean_place / "bad.txt").write_text(OVERSTATED)
    (clean_place / "empty.html").write_text("")
    (clean_place / "noise.html").write_bytes(bytes(range(32)) * 40)
    (clean_place / "report.docx").write_bytes(b"PK\x03\x04")
    inputs = ["missing.html", "empty.html", "noise.html", "report.docx", "bad.txt"]
    assert main(["check", *inputs, "--format", "jsonl"]) == 3
    captured = capsys.readouterr()
    found = [parse_outcome(json.loads(line)) for line in captured.out.splitlines()]
    kinds = [one.error.kind if isinstance(one, Failure) else "report" for one in found]
    assert kinds == ["not-found", "no-article", "unsupported-type", "unsupported-type", "report"]
    assert [one.source.uri for one in found] == inputs
    assert [line.split(": ")[2] for line in captured.err.splitlines()] == inputs[:4]
    assert isinstance(found[-1], Report)
    assert found[-1].findings


def test_an_example_page_in_every_format(judged: None, clean_place: Path) -> None:
    for ending in ("json", "jsonl", "csv", "html", "txt"):
        assert main(["check", CLINIC, "-o", f"out.{ending}"]) == 1
        assert (clean_place / f"out.{ending}").stat().st_size > 1000
    report = parse_outcome(json.loads((clean_place / "out.json").read_text(encoding="utf-8")))
    line = parse_outcome(json.loads((clean_place / "out.jsonl").read_text(encoding="utf-8")))
    assert report == line
    assert main(["check", CLINIC, CLEAN, "-q", "-o", "again.json"]) == 1
    both = json.loads((clean_place / "again.json").read_text(encoding="utf-8"))
    assert parse_outcome(both[0]) == report


def test_two_runs_give_the_same_bytes(judged: None, clean_place: Path) -> None:
    main(["check", CLINIC, "-q", "-o", "one.json"])
    main(["check", CLINIC, "-q", "-o", "two.json"])
    assert (clean_place / "one.json").read_bytes() == (clean_place / "two.json").read_bytes()


def test_standard_input(judged: None, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(OVERSTATED.encode())))
    assert main(["check", "-", "--format", "jsonl"]) == 1
    (outcome,) = outcomes(capsys)
    assert (outcome.source.kind, outcome.source.uri) == ("text", "-")


def test_an_allow_list_of_the_user_is_named_in_the_report(
    judged: None, clean_place: Path, capsys: Capture
) -> None:
    (clean_place / "good.txt").write_text(PLAIN)
    (clean_place / "facts.toml").write_text("version = ")
    assert main(["check", "good.txt", "--allow-list", "facts.toml"]) == 2
    assert "facts.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--select", "hipe"], "did you mean 'hype'?"),
        (["--ignore", "cure,minimized-harm"], "did you mean 'minimised-harm'?"),
        (["--model", "no/such/model"], "no/such/model"),
    ],
)
def test_what_the_checker_refuses_is_2(
    clean_place: Path, capsys: Capture, arguments: list[str], words: str
) -> None:
    (clean_place / "good.txt").write_text(PLAIN)
    assert main(["check", "good.txt", *arguments, "--format", "json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("claimcheck: error: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err


def test_private_addresses_need_the_option(clean_place: Path, capsys: Capture) -> None:
    # Port 1 on this machine: refused before, and a refused connection after, it is allowed.
    assert main(["check", "http://127.0.0.1/", "--format", "jsonl"]) == 3
    (outcome,) = outcomes(capsys)
    assert isinstance(outcome, Failure)
    assert outcome.error.kind == "unsafe-address"
    assert main(["check", "http://127.0.0.1:1/", "--format", "jsonl", "--allow-private"]) == 3
    (outcome,) = outcomes(capsys)
    assert isinstance(outcome, Failure)
    assert outcome.error.kind == "connection"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are Unicode")
@pytest.mark.parametrize("form", ["terminal", "json", "jsonl", "csv", "html"])
def test_a_file_name_that_is_not_unicode(form: str, clean_place: Path) -> None:
    program = "from claimcheck.cli import main; raise SystemExit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "check", b"bad\xff.html", "--format", form],
        capture_output=True,
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    if form == "jsonl":
        outcome = parse_outcome(json.loads(done.stdout))
        assert os.fsencode(outcome.source.uri) == b"bad\xff.html"
