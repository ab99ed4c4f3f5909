"""The room's front door, and the two JSON formats."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from claimcheck.errors import UsageError
from claimcheck.records import parse_outcome
from claimcheck.report import FORMATS, View, write_outcomes


def written(outcomes, name, **view):
    stream = io.StringIO()
    write_outcomes(outcomes, format=name, stream=stream, view=View(**view))
    return stream.getvalue()


def test_every_format_writes_something_for_every_outcome(clinic, walnut, failure):
    assert FORMATS == ("terminal", "json", "jsonl", "csv", "html")
    for name in FORMATS:
        for outcomes in ([], [clinic], [failure], [walnut, failure, clinic]):
            first = written(outcomes, name)
            assert first or not outcomes
            assert first == written(outcomes, name)
    assert "The Lantern Drip" in written([clinic], "terminal")


def test_an_unknown_format_names_the_known_ones(clinic):
    with pytest.raises(UsageError, match=r"'yaml'.*terminal, json, jsonl, csv, html"):
        write_outcomes([clinic], format="yaml", stream=io.StringIO())


def test_importing_the_room_does_not_import_rich():
    code = "import sys, claimcheck.report; print('rich' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_json_is_one_object_for_one_outcome_and_an_array_otherwise(clinic, failure):
    one = json.loads(written([clinic], "json"))
    assert parse_outcome(one) == clinic
    several = json.loads(written([clinic, failure], "json"))
    assert [parse_outcome(item) for item in several] == [clinic, failure]
    assert json.loads(written([], "json")) == []
    assert list(one) == [
        "schema",
        "tool",
        "source",
        "article",
        "claims",
        "findings",
        "checklist",
        "summary",
    ]


def test_json_text_is_not_escaped(clinic):
    for name in ("json", "jsonl"):
        assert "“After my second drip" in written([clinic], name)
        assert "£165" in written([clinic], name)


def test_jsonl_is_one_line_an_outcome_for_every_reader(article, report, clinic, failure):
    odd = report(article([("paragraph", "One\u2028two\u2029three\x85four\x0bfive\x1csix")]))
    lines = written([odd, clinic, failure], "jsonl").splitlines()
    assert [parse_outcome(json.loads(line)) for line in lines] == [odd, clinic, failure]


def test_jsonl_terminal_and_csv_do_not_wait_for_the_last_outcome(clinic):
    for name in ("jsonl", "terminal", "csv"):
        stream = io.StringIO()
        seen = []

        def outcomes(stream=stream, seen=seen):
            yield clinic
            seen.append(stream.getvalue())
            yield clinic

        write_outcomes(outcomes(), format=name, stream=stream)
        assert "game-changing" in seen[0]
