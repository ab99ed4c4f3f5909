"""``claimcheck settings``: what is in force, and where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claimcheck.cli import main
from claimcheck.settings import SETTINGS

Capture = pytest.CaptureFixture[str]


def test_each_setting_with_its_origin(
    capsys: Capture, clean_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = clean_place / "claimcheck.toml"
    own.write_text('ignore = ["hype"]')
    monkeypatch.setenv("CLAIMCHECK_PROFILE", "careful")
    assert main(["settings"]) == 0
    captured = capsys.readouterr()
    rows = {line.split()[0]: line for line in captured.out.splitlines() if line.strip()}
    assert all(setting.name in rows for setting in SETTINGS)
    assert "careful" in rows["profile"]
    assert "CLAIMCHECK_PROFILE" in rows["profile"]
    assert "hype" in rows["ignore"]
    assert rows["ignore"].endswith(str(own))
    assert rows["model"].endswith("default")
    assert f"project file  {own}" in captured.out
    assert captured.err == ""


def test_no_file(capsys: Capture) -> None:
    main(["settings"])
    assert capsys.readouterr().out.endswith("Files read, the strongest first:\n  none\n")


def test_explained(capsys: Capture) -> None:
    main(["settings", "-v"])
    out = capsys.readouterr().out
    for setting in SETTINGS:
        assert setting.help in out
        assert setting.expects in out


def test_json(capsys: Capture, clean_place: Path) -> None:
    given = clean_place / "ci.toml"
    given.write_text("min_score = 0.4")
    assert main(["settings", "--format", "json", "--config", "ci.toml"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["settings"]["min_score"] == {"value": 0.4, "origin": "ci.toml"}
    assert data["settings"]["select"] == {"value": [], "origin": "default"}
    assert data["files"] == [{"kind": "given", "path": "ci.toml"}]


def test_a_broken_file_is_2(capsys: Capture, clean_place: Path) -> None:
    (clean_place / "claimcheck.toml").write_text("profil = 1")
    assert main(["settings"]) == 2
    assert "did you mean 'profile'?" in capsys.readouterr().err
