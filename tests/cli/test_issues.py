"""``claimcheck issues``: every type is listed and explained."""

from __future__ import annotations

import json

import pytest

from claimcheck.cli import main
from claimcheck.issues import load_catalogue

Capture = pytest.CaptureFixture[str]
NAMES = [issue.name for issue in load_catalogue().issues]


def test_all_are_listed_one_a_line(capsys: Capture) -> None:
    assert main(["issues"]) == 0
    captured = capsys.readouterr()
    assert [line.split()[0] for line in captured.out.splitlines()[1:23]] == NAMES
    assert captured.err == ""
    assert len(NAMES) == 22


@pytest.mark.parametrize("name", NAMES)
def test_each_is_explained(name: str, capsys: Capture) -> None:
    assert main(["issues", name]) == 0
    captured = capsys.readouterr()
    out = " ".join(captured.out.split())
    issue = load_catalogue().get(name)
    assert " ".join(issue.definition.split()) in out
    assert issue.standard in out
    for example in (*issue.flag, *issue.quiet):
        assert example.text in out
    assert all(example.why in out for example in issue.quiet if example.why)
    assert all(label in out for label, _ in issue.references)
    assert "How to say it instead" in out
    assert "{" not in out
    assert captured.err == ""


def test_json_of_all_and_of_one(capsys: Capture) -> None:
    assert main(["issues", "--format", "json"]) == 0
    everything = json.loads(capsys.readouterr().out)
    assert [item["name"] for item in everything] == NAMES
    assert main(["issues", "cure", "--format", "json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert one == everything[NAMES.index("cure")]
    assert one["severity"] == 3
    assert one["quiet"][0]["why"]
    assert set(one["references"][0]) == {"label", "url"}


def test_an_unknown_name_is_2_with_the_nearest(capsys: Capture) -> None:
    assert main(["issues", "minimized-harm"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("claimcheck: error: ")
    assert "minimised-harm" in captured.err


def test_no_colour_where_nobody_sees_it(capsys: Capture) -> None:
    main(["issues", "hype"])
    assert "\x1b" not in capsys.readouterr().out
