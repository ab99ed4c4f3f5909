"""What ``import claimcheck`` offers, how little it costs, and that its examples run."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import claimcheck

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("spacy", "sklearn", "trafilatura", "datasets", "onnxruntime", "numpy", "lxml", "torch")
PAGES = [path for path in (ROOT / "docs" / "python-api.md", ROOT / "README.md") if path.is_file()]


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, where nothing has been imported yet."""
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env=os.environ | {"PYTHONUTF8": "1"},
    )


def test_all_is_explicit_and_importable() -> None:
    assert claimcheck.__all__ == sorted(claimcheck.__all__)
    assert len(set(claimcheck.__all__)) == len(claimcheck.__all__)
    for name in claimcheck.__all__:
        assert getattr(claimcheck, name) is not None
    star: dict[str, object] = {}
    exec("from claimcheck import *", star)
    assert set(claimcheck.__all__) <= set(star)
    assert set(claimcheck.__all__) <= set(dir(claimcheck))


def test_every_exported_class_is_the_one_of_its_home() -> None:
    for name in claimcheck.__all__:
        value = getattr(claimcheck, name)
        home = getattr(value, "__module__", None)
        if home is not None:
            assert getattr(importlib.import_module(home), name) is value
            assert value.__doc__, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        claimcheck.chekc  # type: ignore[attr-defined]  # noqa: B018


def test_version_is_the_distribution_s() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", claimcheck.__version__)


@pytest.mark.parametrize(
    "program",
    [
        "import claimcheck",
        "import claimcheck; dir(claimcheck); claimcheck.__version__",
        "import claimcheck; claimcheck.Report, claimcheck.Failure, claimcheck.UsageError",
        "import claimcheck.cli; claimcheck.cli.main(['--help'])",
        "import claimcheck.cli; claimcheck.cli.main(['--version'])",
        "import claimcheck.cli; claimcheck.cli.main(['check', '--help'])",
        "import claimcheck.cli; claimcheck.cli.main(['issues', 'cure'])",
        "import claimcheck.cli; claimcheck.cli.main(['settings'])",
    ],
)
def test_nothing_heavy_is_loaded(program: str, tmp_path: Path) -> None:
    done = run(
        "-c",
        "import sys\n"
        "try:\n"
        f"    exec({program!r})\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code, stop.code\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(loaded, file=sys.stderr)\n",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "[]"


def blocks(path: Path) -> list[str]:
    """The Python blocks of a page, in order."""
    return re.findall(r"^```python\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_examples_in_the_documents_run(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {"__name__": "__example__"}
    for number, block in enumerate(blocks(path), 1):
        exec(compile(block, f"{path.name}, example {number}", "exec"), names)
    assert len(blocks(path)) > 4 or path.name != "python-api.md"
    if path.name == "python-api.md":
        printed = capsys.readouterr().out
        for said in re.findall(r"print\(.*\)  # (.*)", path.read_text("utf-8")):
            assert said in printed


def test_the_example_program_runs(tmp_path: Path) -> None:
    (tmp_path / "draft.txt").write_text("The peel has virtually no side effects.", "utf-8")
    done = run(str(ROOT / "examples" / "api.py"), "draft.txt", "missing.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "severity 3  minimised-harm: 'virtually no side effects'" in done.stdout
    assert "missing.html: not-found" in done.stdout
    assert done.stderr == ""


def test_check_reads_no_settings_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "claimcheck.toml").write_text('select = ["hype"]\n')
    (tmp_path / "draft.txt").write_text("The peel has virtually no side effects.")
    monkeypatch.setenv("CLAIMCHECK_MIN_SCORE", "1.0")
    monkeypatch.chdir(tmp_path)
    first = claimcheck.check("draft.txt")
    again = claimcheck.Checker(claimcheck.make_settings()).check(Path("draft.txt"))
    assert isinstance(first, claimcheck.Report)
    assert first.findings
    assert json.dumps(first.to_json_dict()) == json.dumps(again.to_json_dict())
