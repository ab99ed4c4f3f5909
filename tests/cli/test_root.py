"""The command itself: help, version, light imports, errors and closed pipes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from claimcheck.cli import main
from claimcheck.cli.options import printable
from claimcheck.cli.root import COMMANDS, EXIT_CODES, LazyCommand, LazyGroup, root
from claimcheck.errors import CorpusError, LexiconError, SourceError

Capture = pytest.CaptureFixture[str]
RUN = [sys.executable, "-c", "from claimcheck.cli import main; raise SystemExit(main())"]


def test_help_lists_what_exists(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert f"  {name} " in out
        assert entry.help in " ".join(out.split())
    for code in EXIT_CODES:
        assert str(code) in out


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_loads_and_helps(name: str, capsys: Capture) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert command.name == name
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: claimcheck {name}")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["check", "--help"], ["settings"]]
)
def test_what_needs_no_article_loads_no_heavy_library(
    arguments: list[str], clean_place: Path
) -> None:
    program = (
        "import sys; from claimcheck.cli import main; main(sys.argv[1:]);"
        "heavy = {'spacy', 'sklearn', 'trafilatura', 'datasets', 'pydantic', 'rich', 'numpy',"
        " 'httpx', 'lxml'};"
        "print('loaded', sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "loaded []"


def test_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("claimcheck ")


def test_without_arguments_the_help_is_shown_and_the_code_is_2(capsys: Capture) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Usage: claimcheck" in captured.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chek", "a"], "there is no command 'chek'; did you mean 'check'?"),
        (["frobnicate"], "there is no command 'frobnicate' (see"),
        (["--verison"], "--version"),
    ],
)
def test_a_slip_is_one_line_with_the_nearest_word(
    arguments: list[str], words: str, capsys: Capture
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("claimcheck: error: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err


def _raises(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (LexiconError("cues.jsonl: line 2: no class"), 2, "error: cues.jsonl: line 2: no class"),
        (CorpusError("dev.jsonl: no label"), 2, "error: dev.jsonl: no label"),
        (SourceError("a: gone", kind="not-found"), 3, "error: a: gone"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError("x"), 70, "a fault in claimcheck (ZeroDivisionError: x)"),
        (BrokenPipeError(), 141, ""),
        (OSError(28, "No space left on device"), 2, "No space left on device"),
    ],
)
def test_errors_become_exit_codes(
    error: BaseException,
    code: int,
    words: str,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = click.Command("fails", callback=_raises(error))
    monkeypatch.setattr(sys.modules[__name__], "fails", command, raising=False)
    monkeypatch.setattr(LazyGroup, "lazy", {"fails": LazyCommand(f"{__name__}:fails", "Fails.")})
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    assert main(["fails"]) == code
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err


def test_a_closed_pipe_is_quiet() -> None:
    with subprocess.Popen(
        [*RUN, "issues", "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=60) == 141
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve – “page”.html", "naïve – “page”.html"),
        ("two\nlines", "two lines"),
        ("\x1b[2J", "\\x1b[2J"),
        ("bad\udcff.html", "bad\\udcff.html"),
        ("\u202etxt", "\\u202etxt"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
