"""Settings: the table, the layers, and what each message says."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import SettingsError
from claimcheck.report import FORMATS
from claimcheck.settings import (
    SETTINGS,
    SETTINGS_BY_NAME,
    Setting,
    Settings,
    format_value,
    load_settings,
    make_settings,
    settings_files,
    settings_markdown,
)

NOWHERE: dict[str, str] = {}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A working directory two folders below the one where settings usually stand."""
    folder = tmp_path / "project" / "drafts" / "may"
    folder.mkdir(parents=True)
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# ---------------------------------------------------------------------- the table


def test_record_and_table_hold_the_same_settings() -> None:
    names = [item.name for item in fields(Settings) if item.name != "origin"]
    assert names == [setting.name for setting in SETTINGS]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_is_whole(setting: Setting) -> None:
    assert setting.help.endswith(".")
    assert setting.read(setting.default, where="default") == setting.default
    assert setting.variable == f"CLAIMCHECK_{setting.name.upper()}"
    assert setting.expects
    assert setting.only_here is None or setting.option is not None
    if setting.kind in ("integer", "number"):
        assert setting.minimum is not None
        assert setting.maximum is not None


def test_options_are_distinct() -> None:
    options = [setting.option for setting in SETTINGS if setting.option]
    assert len(options) == len(set(options))


def test_format_knows_every_format_that_exists() -> None:
    assert SETTINGS_BY_NAME["format"].choices == FORMATS


def test_defaults() -> None:
    settings = Settings()
    assert (settings.model, settings.profile, settings.fail_on) == ("default", "balanced", 1)
    assert settings.min_score is None
    assert settings.allow_private is False
    assert set(settings.origin.values()) == {"default"}


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().profile = "careful"  # type: ignore[misc]


def test_settings_survive_pickling(tmp_path: Path) -> None:
    settings = make_settings({"select": ["cure"], "lexicons": [tmp_path]})
    again = pickle.loads(pickle.dumps(settings))
    assert again == settings
    assert again.origin == settings.origin


def test_wrong_values_cannot_be_constructed() -> None:
    with pytest.raises(SettingsError, match="min_severity: 4 is not a whole number from 1 to 3"):
        Settings(min_severity=4)


# ---------------------------------------------------------------------- precedence


def test_each_layer_is_stronger_than_the_next(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    user = write(home / ".config/claimcheck/config.toml", "fail_on = 2\nmin_severity = 2")
    own = write(project / "claimcheck.toml", 'profile = "careful"\nmin_severity = 3')
    environ = {"HOME": str(home), "CLAIMCHECK_PROFILE": "sensitive", "CLAIMCHECK_MIN_SCORE": "0.5"}
    settings = load_settings(cli={"min_score": 0.75}, cwd=project, environ=environ)
    assert settings.min_score == 0.75
    assert settings.profile == "sensitive"
    assert settings.min_severity == 3
    assert settings.fail_on == 2
    assert settings.model == "default"
    assert settings.origin["min_score"] == "command line"
    assert settings.origin["profile"] == "environment (CLAIMCHECK_PROFILE)"
    assert settings.origin["min_severity"] == str(own)
    assert settings.origin["fail_on"] == str(user)
    assert settings.origin["model"] == "default"
    assert [file.path for file in settings_files(cwd=project, environ=environ)] == [user, own]


def test_nearest_project_file_wins(project: Path) -> None:
    write(project.parents[1] / "claimcheck.toml", "fail_on = 3")
    write(project.parent / "pyproject.toml", "[tool.claimcheck]\nfail_on = 2")
    assert load_settings(cwd=project, environ=NOWHERE).fail_on == 2


def test_claimcheck_toml_wins_in_one_folder(project: Path) -> None:
    write(project / "claimcheck.toml", "fail_on = 3")
    write(project / "pyproject.toml", "[tool.claimcheck]\nfail_on = 2")
    assert load_settings(cwd=project, environ=NOWHERE).fail_on == 3


def test_pyproject_without_our_table_is_passed_over(project: Path) -> None:
    write(project / "pyproject.toml", '[project]\nname = "uses-claimcheck"')
    write(project.parent / "pyproject.toml", "[tool.claimcheck]\nfail_on = 2")
    assert load_settings(cwd=project, environ=NOWHERE).fail_on == 2


def test_xdg_config_home_comes_before_home(project: Path, tmp_path: Path) -> None:
    write(tmp_path / "home/.config/claimcheck/config.toml", "fail_on = 2")
    write(tmp_path / "xdg/claimcheck/config.toml", "fail_on = 3")
    environ = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert load_settings(cwd=project, environ=environ).fail_on == 3
    # A relative one means nothing, says the specification.
    assert load_settings(cwd=project, environ=environ | {"XDG_CONFIG_HOME": "xdg"}).fail_on == 2


def test_lists_replace_each_other(project: Path) -> None:
    write(project / "claimcheck.toml", 'ignore = ["hype", "popularity"]')
    environ = {"CLAIMCHECK_IGNORE": "cure, absolute,,cure"}
    assert load_settings(cwd=project, environ=environ).ignore == ("cure", "absolute")


def test_null_on_the_command_line_means_not_given(project: Path) -> None:
    write(project / "claimcheck.toml", "fail_on = 3")
    assert load_settings(cli={"fail_on": None}, cwd=project, environ=NOWHERE).fail_on == 3


def test_empty_variable_means_not_set(project: Path) -> None:
    assert load_settings(cwd=project, environ={"CLAIMCHECK_MIN_SCORE": " "}).min_score is None


def test_given_file_is_the_only_one(project: Path, tmp_path: Path) -> None:
    write(project / "claimcheck.toml", "fail_on = 3")
    write(tmp_path / "home/.config/claimcheck/config.toml", "min_severity = 3")
    given_file = write(tmp_path / "ci.toml", 'profile = "careful"')
    environ = {"HOME": str(tmp_path / "home")}
    settings = load_settings(cwd=project, environ=environ, config=given_file)
    assert (settings.profile, settings.fail_on, settings.min_severity) == ("careful", 1, 1)


def test_defaults_hold_where_the_working_directory_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert load_settings(environ=NOWHERE) == Settings()


def test_python_options_look_at_nothing_else(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project / "claimcheck.toml", "fail_on = 3")
    monkeypatch.chdir(project)
    monkeypatch.setenv("CLAIMCHECK_PROFILE", "careful")
    settings = make_settings({"select": ["cure"], "allow_private": True})
    assert settings == Settings(select=("cure",), allow_private=True)
    assert settings.origin["select"] == "argument"
    assert make_settings() == Settings()


# ---------------------------------------------------------------------- paths


def test_relative_paths_are_relative_to_their_file(project: Path) -> None:
    folder = project.parents[1]
    write(folder / "house/cues.jsonl", "")
    write(folder / "house/facts.toml", "")
    write(
        folder / "claimcheck.toml",
        'lexicons = ["house/cues.jsonl"]\nallow_lists = ["house/facts.toml"]\nmodel = "./ours"',
    )
    settings = load_settings(cwd=project, environ=NOWHERE)
    assert settings.lexicons == (folder / "house/cues.jsonl",)
    assert settings.allow_lists == (folder / "house/facts.toml",)
    assert Path(settings.model) == folder / "ours"


def test_a_plain_model_name_stays_a_name(project: Path) -> None:
    write(project / "claimcheck.toml", 'model = "default"')
    assert load_settings(cwd=project, environ=NOWHERE).model == "default"


def test_home_is_expanded(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "cues.jsonl", "")
    write(project / "claimcheck.toml", 'lexicons = ["~/cues.jsonl"]')
    assert load_settings(cwd=project, environ=NOWHERE).lexicons == (tmp_path / "cues.jsonl",)


def test_paths_in_a_variable_are_separated_as_in_path(project: Path) -> None:
    write(project / "one, two.jsonl", "")
    write(project / "three.jsonl", "")
    environ = {"CLAIMCHECK_LEXICONS": os.pathsep.join(["one, two.jsonl", "three.jsonl"])}
    settings = load_settings(cwd=project, environ=environ)
    assert settings.lexicons == (project / "one, two.jsonl", project / "three.jsonl")


def test_a_missing_file_is_named_with_the_place_that_names_it(project: Path) -> None:
    own = write(project / "claimcheck.toml", 'lexicons = ["cues.jsonl"]')
    with pytest.raises(SettingsError) as error:
        load_settings(cwd=project, environ=NOWHERE)
    assert str(own) in str(error.value)
    assert str(project / "cues.jsonl") in str(error.value)


# ---------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min_severty = 2", ["'min_severty'", "did you mean 'min_severity'?"]),
        ("min-severity = 2", ["'min-severity'", "did you mean 'min_severity'?"]),
        ("colour = true", ["'colour'", "claimcheck settings"]),
        ("[tool.claimcheck]\nfail_on = 2", ["'tool'", "without [tool.claimcheck]"]),
        ('profile = "strict"', ["profile: 'strict'", "careful, balanced, sensitive"]),
        ("profile = 3", ["profile: 3"]),
        ('min_severity = "2"', ["min_severity: '2'", "whole number from 1 to 3"]),
        ("min_severity = true", ["min_severity: True"]),
        ("min_severity = 2.0", ["min_severity: 2.0"]),
        ("fail_on = 0", ["fail_on: 0"]),
        ("min_score = 1.2", ["min_score: 1.2", "number from 0 to 1"]),
        ("min_score = nan", ["min_score: nan"]),
        ('select = "cure"', ["select: 'cure'", "list of names"]),
        ("select = [1]", ["select: [1]"]),
        ('ignore = ["hype", ""]', ["ignore:"]),
        ("lexicons = [false]", ["lexicons: [False]"]),
        ("max_bytes = 0", ["max_bytes: 0", "1,000,000,000"]),
        ("timeout_seconds = inf", ["timeout_seconds: inf"]),
        ('contact = "me\\nX-Header: 1"', ["contact:"]),
        ('model = ""', ["model: ''"]),
        ("allow_private = true", ["allow_private", "--allow-private", "your network"]),
        ("fail_on = 1\nfail_on = 2", ["line 2", "broken TOML"]),
        ("\n\nprofile = ", ["line 3", "broken TOML"]),
        ("fail_on = 1\nselect = [", ["line 2", "broken TOML"]),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(
    project: Path, text: str, words: list[str]
) -> None:
    own = write(project / "claimcheck.toml", text)
    with pytest.raises(SettingsError) as error:
        load_settings(cwd=project, environ=NOWHERE)
    assert str(error.value).startswith(str(own))
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("CLAIMCHECK_PROFIL", "careful", ["CLAIMCHECK_PROFIL;", "'CLAIMCHECK_PROFILE'"]),
        ("CLAIMCHECK_MIN_SEVERITY", "two", ["CLAIMCHECK_MIN_SEVERITY: 'two'", "whole number"]),
        ("CLAIMCHECK_MIN_SCORE", "nan", ["CLAIMCHECK_MIN_SCORE"]),
        ("CLAIMCHECK_ALLOW_PRIVATE", "1", ["CLAIMCHECK_ALLOW_PRIVATE", "--allow-private"]),
        ("CLAIMCHECK_FORMAT", "xml", ["CLAIMCHECK_FORMAT: 'xml'", "jsonl"]),
    ],
)
def test_a_wrong_variable_is_named(
    project: Path, variable: str, text: str, words: list[str]
) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(cwd=project, environ={variable: text})
    for word in words:
        assert word in str(error.value)


def test_a_wrong_value_is_an_error_also_where_a_stronger_place_overrides_it(project: Path) -> None:
    write(project / "claimcheck.toml", "fail_on = 9")
    with pytest.raises(SettingsError, match="fail_on: 9"):
        load_settings(cli={"fail_on": 2}, cwd=project, environ=NOWHERE)


def test_the_command_line_may_open_private_addresses(project: Path) -> None:
    settings = load_settings(cli={"allow_private": True}, cwd=project, environ=NOWHERE)
    assert settings.allow_private
    assert settings.origin["allow_private"] == "command line"


def test_a_broken_pyproject_of_someone_else_is_no_concern_of_ours(project: Path) -> None:
    write(project / "pyproject.toml", "[project\n")
    assert load_settings(cwd=project, environ=NOWHERE) == Settings()


def test_a_broken_pyproject_that_names_us_is(project: Path) -> None:
    write(project / "pyproject.toml", "[tool.claimcheck]\nfail_on = \n")
    with pytest.raises(SettingsError, match=r"pyproject.toml: line 2: broken TOML"):
        load_settings(cwd=project, environ=NOWHERE)


def test_our_entry_in_pyproject_must_be_a_table(project: Path) -> None:
    write(project / "pyproject.toml", "[tool]\nclaimcheck = 1\n")
    with pytest.raises(SettingsError, match=r"no \[tool.claimcheck\] table"):
        load_settings(cwd=project, environ=NOWHERE)


def test_a_file_in_another_encoding(project: Path) -> None:
    (project / "claimcheck.toml").write_bytes('contact = "café"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="is not UTF-8"):
        load_settings(cwd=project, environ=NOWHERE)


def test_a_byte_order_mark_does_no_harm(project: Path) -> None:
    (project / "claimcheck.toml").write_bytes(b"\xef\xbb\xbffail_on = 2")
    assert load_settings(cwd=project, environ=NOWHERE).fail_on == 2


def test_given_file_must_exist_and_hold_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such settings file"):
        load_settings(environ=NOWHERE, config=tmp_path / "none.toml")
    other = write(tmp_path / "pyproject.toml", "[project]")
    with pytest.raises(SettingsError, match=r"no \[tool.claimcheck\] table"):
        load_settings(environ=NOWHERE, config=other)


def test_unknown_python_option() -> None:
    with pytest.raises(SettingsError, match="did you mean 'profile'"):
        make_settings({"profil": "careful"})


# ---------------------------------------------------------------------- properties

_TOML_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(setting=st.sampled_from(SETTINGS), value=_TOML_LIKE)
def test_any_value_is_read_or_refused(setting: Setting, value: object) -> None:
    try:
        first = setting.read(value, where="somewhere")
    except SettingsError:
        return
    assert setting.read(first, where="again") == first
    hash(first)


@given(setting=st.sampled_from(SETTINGS), text=st.text())
def test_any_text_is_parsed_or_refused(setting: Setting, text: str) -> None:
    try:
        value = setting.parse(text, where="variable")
    except SettingsError:
        return
    assert setting.read(value, where="again") == value


# ---------------------------------------------------------------------- for people


def test_values_on_one_line() -> None:
    assert format_value(None) == format_value(()) == "not set"
    assert format_value(True) == "true"
    assert format_value(("cure", "hype")) == "cure, hype"
    assert format_value((Path("a.jsonl"),)) == "a.jsonl"
    assert format_value(30.0) == "30"


def test_reference_names_everything() -> None:
    text = settings_markdown()
    for setting in SETTINGS:
        assert f"| `{setting.name}` |" in text
        assert setting.help in text
        assert (setting.variable in text) == (setting.only_here is None)


def test_settings_are_light() -> None:
    program = (
        "import sys, claimcheck.settings;"
        "heavy = {'pydantic', 'click', 'rich', 'spacy', 'sklearn', 'numpy', 'httpx'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
