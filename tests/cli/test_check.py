"""``claimcheck check`` with a checker that answers from a list: codes, streams, files."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from claimcheck.cli import main
from claimcheck.errors import CatalogueError, ModelError
from claimcheck.records import parse_outcome

Capture = pytest.CaptureFixture[str]


def one_error_line(capsys: Capture) -> str:
    """What stderr says, if it is one line and stdout is empty."""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("claimcheck: error: ")
    assert captured.err.count("\n") == 1
    return captured.err


# ---------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("severities", "options", "code"),
    [
        ((), [], 0),
        ((1,), [], 1),
        ((3, 2), [], 1),
        ((1,), ["--fail-on", "2"], 0),
        ((1, 2), ["--fail-on", "2"], 1),
        ((2,), ["--fail-on", "3"], 0),
        ((3,), ["--exit-zero"], 0),
    ],
)
def test_exit_code_follows_the_findings(
    fake: Any, made: Any, severities: tuple[int, ...], options: list[str], code: int
) -> None:
    fake.answer = staticmethod(lambda target: made.report(target, *severities))
    assert main(["check", "a.html", *options]) == code


@pytest.mark.parametrize("options", [[], ["--exit-zero"], ["--fail-on", "3"]])
def test_an_unreadable_input_wins_and_the_others_are_reported(
    fake: Any, made: Any, capsys: Capture, options: list[str]
) -> None:
    table = {"a": made.report("a", 3), "b": made.failure("b"), "c": made.report("c")}
    fake.answer = staticmethod(made.answers(table))
    assert main(["check", "a", "b", "c", "--format", "jsonl", *options]) == 3
    captured = capsys.readouterr()
    lines = [parse_outcome(json.loads(line)) for line in captured.out.splitlines()]
    assert [line.source.uri for line in lines] == ["a", "b", "c"]
    assert captured.err == ("claimcheck: error: b: there is no such file; check the spelling\n")


def test_a_failure_in_the_terminal_report_is_not_said_twice(
    fake: Any, made: Any, capsys: Capture
) -> None:
    fake.answer = staticmethod(made.failure)
    assert main(["check", "b"]) == 3
    captured = capsys.readouterr()
    assert "there is no such file" in captured.out
    assert captured.err == ""


def test_a_message_that_does_not_name_its_input_gets_the_name(
    fake: Any, made: Any, capsys: Capture
) -> None:
    bare = made.failure("b").model_dump(by_alias=True)
    bare["error"]["message"] = "too large"
    fake.answer = staticmethod(lambda _: parse_outcome(bare))
    assert main(["check", "b", "--format", "json"]) == 3
    assert capsys.readouterr().err == "claimcheck: error: b: too large\n"


@pytest.mark.parametrize(
    "error",
    [
        CatalogueError("unknown issue 'hipe'; did you mean 'hype'?"),
        ModelError("models/x: model.json is missing; name a model folder"),
    ],
)
def test_a_usage_error_of_the_checker_is_one_line_and_2(
    fake: Any, made: Any, capsys: Capture, error: Exception
) -> None:
    fake.answer = staticmethod(made.answers({"a": error}))
    assert main(["check", "a", "--select", "hipe", "--format", "json"]) == 2
    assert str(error) in one_error_line(capsys)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Missing argument 'INPUT...'"),
        (["a", "--formt", "json"], "--format"),
        (["a", "--format", "xml"], "'jsonl'"),
        (["a", "--profile", "strict"], "'careful'"),
        (["a", "--min-severity", "4"], "1<=x<=3"),
        (["a", "--min-score", "2"], "0<=x<=1"),
        (["a", "--lexicon", "none.jsonl"], "there is no file none.jsonl"),
        (["a", "--config", "none.toml"], "none.toml: there is no such settings file"),
        (["-", "-"], "only once"),
        ([""], "INPUT is empty"),
        (["a", "-o", "none/out.json"], "there is no folder none"),
    ],
)
def test_usage_errors_are_one_line_and_2(
    fake: Any, capsys: Capture, arguments: list[str], words: str
) -> None:
    assert main(["check", *arguments]) == 2
    assert words in one_error_line(capsys)


def test_a_directory_is_a_usage_error(fake: Any, capsys: Capture, clean_place: Path) -> None:
    (clean_place / "pages").mkdir()
    assert main(["check", "a.html", "pages"]) == 2
    assert "pages: is a directory" in one_error_line(capsys)


def test_broken_settings_are_2(fake: Any, capsys: Capture, clean_place: Path) -> None:
    (clean_place / "claimcheck.toml").write_text("\nfail_on = ")
    assert main(["check", "a.html"]) == 2
    assert "claimcheck.toml: line 2" in one_error_line(capsys)


def test_ctrl_c_is_130_and_leaves_nothing_behind(
    fake: Any, made: Any, capsys: Capture, clean_place: Path
) -> None:
    fake.answer = staticmethod(made.answers({"a": made.report("a"), "b": KeyboardInterrupt()}))
    assert main(["check", "a", "b", "-o", "out.jsonl"]) == 130
    assert capsys.readouterr().err.strip() == "claimcheck: interrupted"
    assert list(clean_place.iterdir()) == []


def test_a_fault_is_70_and_never_looks_like_findings(fake: Any, made: Any, capsys: Capture) -> None:
    fake.answer = staticmethod(made.answers({"a": RuntimeError("boom")}))
    assert main(["check", "a"]) == 70
    assert "RuntimeError: boom" in one_error_line(capsys)
    assert main(["check", "a", "-v"]) == 70
    assert "Traceback" in capsys.readouterr().err


# ---------------------------------------------------------------------- settings


def test_options_reach_the_checker(fake: Any, clean_place: Path) -> None:
    for name in ("cues.jsonl", "facts.toml"):
        (clean_place / name).touch()
    options = (
        "--model other --profile careful --select cure,absolute --select hype --ignore absolute "
        "--min-severity 2 --min-score 0.6 --lexicon cues.jsonl --allow-list facts.toml "
        "--allow-private"
    )
    main(["check", "a", *options.split()])
    seen = fake.seen
    assert (seen.model, seen.profile) == ("other", "careful")
    assert (seen.select, seen.ignore) == (("cure", "absolute", "hype"), ("absolute",))
    assert (seen.min_severity, seen.min_score, seen.allow_private) == (2, 0.6, True)
    assert (seen.lexicons, seen.allow_lists) == ((Path("cues.jsonl"),), (Path("facts.toml"),))


def test_files_and_variables_hold_where_no_option_is_given(
    fake: Any, clean_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clean_place / "claimcheck.toml").write_text('profile = "careful"\nselect = ["cure"]')
    monkeypatch.setenv("CLAIMCHECK_MIN_SEVERITY", "3")
    main(["check", "a"])
    assert (fake.seen.profile, fake.seen.select, fake.seen.min_severity) == (
        "careful",
        ("cure",),
        3,
    )
    assert fake.seen.allow_private is False


def test_fail_on_may_come_from_a_file(fake: Any, made: Any, clean_place: Path) -> None:
    (clean_place / "claimcheck.toml").write_text("fail_on = 3")
    fake.answer = staticmethod(lambda target: made.report(target, 2))
    assert main(["check", "a"]) == 0


# ---------------------------------------------------------------------- streams


def test_json_is_an_object_for_one_and_an_array_for_several(
    fake: Any, made: Any, capsys: Capture
) -> None:
    main(["check", "a", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["source"]["uri"] == "a"
    main(["check", "a", "b", "--format", "json"])
    assert [item["source"]["uri"] for item in json.loads(capsys.readouterr().out)] == ["a", "b"]


@pytest.mark.parametrize("form", ["terminal", "json", "jsonl", "csv", "html"])
def test_every_format_writes_to_stdout_alone(
    fake: Any, made: Any, capsys: Capture, form: str
) -> None:
    fake.answer = staticmethod(lambda target: made.report(target, 3))
    assert main(["check", "a", "--format", form]) == 1
    captured = capsys.readouterr()
    assert "minimised-harm" in captured.out
    assert captured.err == ""


def test_the_terminal_report_uses_the_catalogue_s_titles(
    fake: Any, made: Any, capsys: Capture
) -> None:
    fake.answer = staticmethod(lambda target: made.report(target, 3))
    main(["check", "a"])
    assert "Minimised or denied harm" in capsys.readouterr().out


def test_verbose_says_which_settings_hold(fake: Any, capsys: Capture, clean_place: Path) -> None:
    (clean_place / "claimcheck.toml").write_text('profile = "careful"')
    main(["-v", "check", "a", "--format", "json"])
    err = capsys.readouterr().err
    assert "claimcheck.toml" in err
    assert "profile careful" in err


def test_foreign_names_cannot_steer_the_terminal(fake: Any, made: Any, capsys: Capture) -> None:
    fake.answer = staticmethod(made.failure)
    main(["check", "a\x1b]0;owned\x07.html", "--format", "csv"])
    assert "\x1b" not in capsys.readouterr().err


def test_reading_the_terminal_is_announced(
    fake: Any, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    main(["check", "-", "--format", "json"])
    assert "Ctrl-D" in capsys.readouterr().err
    main(["check", "-", "--format", "json", "-q"])
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------------- -o


def test_output_file_and_its_note(fake: Any, made: Any, capsys: Capture, clean_place: Path) -> None:
    table = {"a": made.report("a", 2, 1), "b": made.failure("b")}
    fake.answer = staticmethod(made.answers(table))
    assert main(["check", "a", "b", "-o", "out.json", "--format", "json"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "1 article, 2 findings, 1 could not be read; written to out.json" in captured.err
    assert len(json.loads((clean_place / "out.json").read_text(encoding="utf-8"))) == 2
    assert [path.name for path in clean_place.iterdir()] == ["out.json"]
    assert main(["check", "a", "-q", "-o", "out.json"]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "options", "start"),
    [
        ("out.jsonl", [], '{"schema":'),
        ("out.JSON", [], "{\n"),
        ("out.html", [], "<!"),
        ("out.html", ["--format", "json"], "{\n"),
        ("out.txt", [], "a\n"),
        ("-", ["--format", "json"], "{\n"),
    ],
)
def test_the_ending_chooses_the_format(
    fake: Any,
    made: Any,
    capsys: Capture,
    clean_place: Path,
    name: str,
    options: list[str],
    start: str,
) -> None:
    (clean_place / "claimcheck.toml").write_text('format = "terminal"')
    main(["check", "a", "-o", name, *options])
    out = capsys.readouterr().out
    text = out if name == "-" else (clean_place / name).read_text(encoding="utf-8")
    assert text.startswith(start)


def test_an_earlier_file_stays_until_the_new_one_is_whole(
    fake: Any, made: Any, clean_place: Path
) -> None:
    target = clean_place / "out.jsonl"
    target.write_text("earlier")
    target.chmod(0o640)
    fake.answer = staticmethod(made.answers({"a": made.report("a"), "b": RuntimeError("boom")}))
    assert main(["check", "a", "b", "-o", "out.jsonl"]) == 70
    assert target.read_text() == "earlier"
    assert [path.name for path in clean_place.iterdir()] == ["out.jsonl"]
    assert main(["check", "a", "-o", "out.jsonl"]) == 0
    assert target.read_text().startswith("{")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_symbolic_link_stays_one(fake: Any, clean_place: Path) -> None:
    (clean_place / "real.json").write_text("earlier")
    (clean_place / "link.json").symlink_to("real.json")
    main(["check", "a", "-o", "link.json"])
    assert (clean_place / "link.json").is_symlink()
    assert (clean_place / "real.json").read_text().startswith("{")


@pytest.mark.skipif(os.name == "nt", reason="no such device")
def test_a_device_is_written_to_and_not_replaced(fake: Any, clean_place: Path) -> None:
    before = Path(os.devnull).stat().st_mode
    assert main(["check", "a", "-o", os.devnull]) == 0
    assert Path(os.devnull).stat().st_mode == before
    assert stat.S_ISCHR(before)


def test_an_input_is_never_overwritten(fake: Any, capsys: Capture, clean_place: Path) -> None:
    (clean_place / "a.html").write_text("precious")
    assert main(["check", "a.html", "-o", "./a.html"]) == 2
    assert "would be overwritten" in one_error_line(capsys)
    assert (clean_place / "a.html").read_text() == "precious"


def test_output_cannot_be_a_directory(fake: Any, capsys: Capture, clean_place: Path) -> None:
    (clean_place / "out").mkdir()
    assert main(["check", "a", "-o", "out"]) == 2
    assert "out: is a directory" in one_error_line(capsys)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_full_disk_is_named(fake: Any, capsys: Capture) -> None:
    assert main(["check", "a", "-o", "/dev/full", "--format", "json"]) == 2
    assert "/dev/full: cannot be written" in one_error_line(capsys)
