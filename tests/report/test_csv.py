from __future__ import annotations

import csv
import io
import re

import pytest

from claimcheck.records import Failure, FailureDetail, Source
from claimcheck.report import csv as format_csv


def written(*outcomes):
    stream = io.StringIO(newline="")
    format_csv.write(outcomes, stream)
    return stream.getvalue()


def rows(*outcomes):
    return list(csv.DictReader(io.StringIO(written(*outcomes), newline="")))


def test_one_row_a_finding_and_one_a_failure(clinic, walnut, failure):
    table = rows(clinic, walnut, failure)
    assert [row["row"] for row in table] == ["finding"] * len(clinic.findings) + ["failure"]
    first = table[0]
    assert first["title"] == "The Lantern Drip: what it does and what to expect"
    assert first["evidence"] == "game-changing"
    assert first["severity_word"] == "moderate"
    assert first["sentence"].endswith("within hours.")
    assert clinic.article.text[int(first["start"]) : int(first["end"])] == first["quote"]
    last = table[-1]
    assert (last["source"], last["error_kind"], last["retryable"]) == (
        "absent.html",
        "not-found",
        "false",
    )


def test_rows_follow_the_text_and_name_their_heading(clinic):
    table = rows(clinic)
    assert [int(row["start"]) for row in table] == sorted(int(row["start"]) for row in table)
    by_issue = {row["issue"]: row for row in table}
    assert by_issue["net-benefit"]["heading"] == "Is it safe?"
    assert by_issue["hype"]["heading"] == ""
    assert by_issue["absolute"]["block"] == "table"


def test_lines_end_as_the_standard_says_and_columns_are_documented(clinic):
    text = written(clinic)
    assert text.count("\r\n") == len(clinic.findings) + 1
    assert text.splitlines()[0].split(",") == list(format_csv.COLUMNS)
    documented = re.findall(r"``([a-z_0-9, ]+)``  ", format_csv.__doc__)
    named = [name for names in documented for name in names.split(", ")]
    assert named == list(format_csv.COLUMNS)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(start):
    evil = start + 'HYPERLINK("https://evil.example","x")'
    (row,) = rows(
        Failure(
            source=Source(kind="file", uri=evil),
            error=FailureDetail(kind="not-found", message=evil),
        )
    )
    for value in (row["source"], row["error_message"]):
        assert value.startswith("'")
        assert value.endswith(evil[1:])


def test_a_hidden_character_before_the_sign_does_not_help(hostile):
    for row in rows(hostile):
        for value in row.values():
            assert not re.match(r"[\s\x00-\x1f\u200b\ufeff]*[=+@]", value), value
            assert "\x1b" not in value
            assert "\u202e" not in value


def test_newlines_quotes_and_commas_come_back(article, report, flag):
    words = 'It "cures"\neverything, always.'
    made = article([("paragraph", "x")], title="a, b")
    made = made.model_copy(
        update={
            "text": words,
            "blocks": (made.blocks[0].model_copy(update={"end": len(words)}),),
            "sentences": (made.sentences[0].model_copy(update={"end": len(words)}),),
        }
    )
    (row,) = rows(report(made, [flag(words, "cures", "cure", 3, 'says "cures", really')]))
    assert row["quote"] == words
    assert row["message"] == 'says "cures", really'
    assert row["title"] == "a, b"
