"""What the documents show a newcomer is there and works as shown."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from claimcheck import Checker, Report, load_settings
from claimcheck.cli.root import EXIT_CODES, LazyGroup, root
from claimcheck.issues import load_catalogue
from claimcheck.report import FORMATS
from claimcheck.training.heads import PROFILE_PRECISION

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
FOLDERS = ("docs", "corpora", "examples", "models", "scripts", "src", "tests")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))]
)
SHELLS = ("bash", "console", "sh", "shell")

_LINK = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`(claimcheck [^`]+)`")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@lru_cache(maxsize=256)
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    """The page without its fenced blocks and code spans, which hold no links."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text_of(path)))


def anchors_of(path: Path) -> set[str]:
    """Where a page can be entered, by the rule that code hosts use for headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.*)$", _FENCE.sub("", text_of(path)), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = sum(
            one == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", one) is not None for one in found
        )
        found.add(f"{slug}-{number}" if number else slug)
    return found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in (one or other for one, other in _LINK.findall(prose_of(page))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        there = (page.parent / name).resolve() if name else page
        found = there.exists() and ROOT in there.parents
        if found and anchor and there.suffix == ".md":
            found = anchor in anchors_of(there)
        if not found:
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")], ids=named)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    pattern = (
        r"(?:^|[\s`'])((?:\.ci|corpora|docs|examples|scripts|src|tests)/[\w./-]*\w)(?=[\s`'):;,]|$)"
    )
    missing = {name for name in re.findall(pattern, text_of(page), re.M) if "<" not in name}
    assert {name for name in missing if not (ROOT / name).exists()} == set()


def shell_lines(page: Path) -> Iterator[str]:
    for language, block in _FENCE.findall(text_of(page)):
        if language in SHELLS:
            yield from (line.removeprefix("$ ") for line in block.splitlines())


def our_commands(page: Path) -> list[str]:
    """The command lines of a page that call claimcheck, without what the shell does with them."""
    lines = [line for line in shell_lines(page) if line.startswith("claimcheck ")]
    spans = _CODE_SPAN.findall(_FENCE.sub("", text_of(page))) if page == README else []
    # "…" stands for something that the reader chooses.
    return [re.split(r"\s[|>;&]", line)[0] for line in [*lines, *spans] if "…" not in line]


def parse(line: str) -> None:
    """Parse a command line without running it.

    :raises click.UsageError: there is no such command or option.
    """
    arguments = shlex.split(line)[1:]
    with click.Context(root, info_name="claimcheck") as context:
        assert isinstance(root, LazyGroup)
        if arguments[0].startswith("-"):
            root.make_context("claimcheck", [*arguments, "settings"], resilient_parsing=True)
            return
        name, command, rest = root.resolve_command(context, arguments)
        assert name is not None
        assert command is not None
        command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("page", [page for page in PAGES if our_commands(page)], ids=named)
def test_every_documented_command_line_parses(page: Path) -> None:
    for line in our_commands(page):
        try:
            parse(line)
        except click.exceptions.Exit:  # --help and --version end here
            continue
        except click.UsageError as error:
            pytest.fail(f"{line}: {error.format_message()}")


def test_a_wrong_command_line_would_be_noticed() -> None:
    with pytest.raises(click.UsageError):
        parse("claimcheck check --no-such-option page.html")
    with pytest.raises(click.UsageError):
        parse("claimcheck chekc page.html")


def example_checks() -> list[str]:
    return [line for line in our_commands(README) if "check" in line and " examples/" in line]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a reader's own, with the examples in it."""
    folder = tmp_path_factory.mktemp("reader")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    arguments: list[str] = []
    for argument in shlex.split(line)[1:]:
        matches = sorted(folder.glob(argument)) if "*" in argument else []
        arguments += [str(match.relative_to(folder)) for match in matches] or [argument]
    return subprocess.run(
        [sys.executable, "-m", "claimcheck", *arguments],
        cwd=folder,
        env=os.environ | {"COLUMNS": "88", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("line", example_checks())
def test_the_documented_checks_run(line: str, reader: Path) -> None:
    done = run(line, reader)
    # One of the examples is a teaser behind a paywall, which is a failure on purpose.
    expected = 3 if "*" in line else 1
    assert done.returncode == expected, done.stderr
    output = re.search(r"-o (\S+)", line)
    assert (reader / output.group(1)).stat().st_size if output else done.stdout


def test_the_excerpt_in_the_readme_is_what_is_printed() -> None:
    path = ROOT / "scripts" / "readme_excerpt.py"
    spec = importlib.util.spec_from_file_location("readme_excerpt", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    marked = f"<!-- excerpt:begin -->\n{script.excerpt()}<!-- excerpt:end -->"
    assert marked in text_of(README), "run: python scripts/readme_excerpt.py"


def test_the_readme_says_what_the_code_says() -> None:
    text = text_of(README)
    issues = load_catalogue().issues
    assert f"{len(issues)} [issue types]" in text
    assert "One kind of reason stands without the judge" in text
    assert {i.name: set(i.decisive) for i in issues if i.decisive} == {"minimised-harm": {"denied"}}
    formats = re.findall(r"^\| `(\w+)` \|", text.split("## Formats")[1].split("## ")[0], re.M)
    assert sorted(formats) == sorted(FORMATS)
    codes = re.findall(r"^\| (\d+) \|", text.split("## Exit codes")[1].split("## ")[0], re.M)
    assert {int(code) for code in codes} == {code for code in EXIT_CODES if code < 70}
    for name, precision in PROFILE_PRECISION.items():
        assert re.search(rf"^\| `{name}`[^|]*\| {precision * 10:.1f} ", text, re.M), name
    assert text.count("<!-- figures:begin -->") == text.count("<!-- figures:end -->") == 1


def test_the_lexicon_and_allow_list_in_the_documents_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = _FENCE.findall(text_of(ROOT / "docs" / "lexicons.md"))
    (lexicon,) = (block for language, block in blocks if language == "json")
    (facts,) = (block for language, block in blocks if "[[fact]]" in block)
    (settings,) = (block for _, block in blocks if "allow_lists = " in block)
    monkeypatch.chdir(tmp_path)
    Path("house.jsonl").write_text(lexicon, encoding="utf-8")
    Path("house-facts.toml").write_text(facts, encoding="utf-8")
    Path("claimcheck.toml").write_text(settings, encoding="utf-8")
    for language, block in blocks:
        if language == "python":
            exec(compile(block, "docs/lexicons.md", "exec"), {"__name__": "__example__"})
    assert capsys.readouterr().out.splitlines() == [
        "reading-glasses-near-vision <- Reading glasses improve near vision",
        "None <- Eye exercises improve near vision",
    ]
    report = Checker(load_settings(cli={})).check_text("Most people feel barely a tickle.")
    assert isinstance(report, Report)
    assert [item.name for item in report.tool.supplements] == ["house.jsonl", "house-facts.toml"]


def test_the_changelog_has_this_version() -> None:
    with (ROOT / "pyproject.toml").open("rb") as stream:
        version = tomllib.load(stream)["project"]["version"]
    heading = rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)$"
    assert re.search(heading, text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)


def test_every_page_of_the_documents_is_in_their_map() -> None:
    listed = set(re.findall(r"\]\(([^)#]+\.md)", text_of(ROOT / "docs" / "index.md")))
    there = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")} - {
        "index.md"
    }
    assert there <= listed


def test_pictures_are_there_and_small() -> None:
    names = set(re.findall(r"docs/images/[\w-]+\.png", text_of(README)))
    assert names
    for name in names:
        data = (ROOT / name).read_bytes()
        assert data.startswith(b"\x89PNG"), name
        assert len(data) < 400_000, name
