"""Canonical text: what is taken out of a sentence, and that what is left is one text."""

from __future__ import annotations

import pytest

from claimcheck.claims import Analyser
from claimcheck.judge.canonical import canonical, exemplars, words_behind


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser()


SAME = [
    # Whatever stands in one row has one canonical text.
    (
        "The wrap eases back pain.",
        "The wrap may ease back pain.",
        "The wrap might ease back pain.",
        "The wrap appears to ease back pain.",
        "The wrap possibly eases back pain.",
        "Perhaps the wrap eases back pain.",
        "It is possible that the wrap eases back pain.",
        "The wrap is proven to ease back pain.",
        "The wrap has been proven to ease back pain.",
        "The wrap is clinically proven to ease back pain.",
        "The wrap is guaranteed to ease back pain.",
        "The wrap eases back pain, although larger trials are needed.",
        "The wrap eases back pain, but the evidence so far is limited.",
        "The wrap eases back pain (19 of 40 wearers against 8 of 40 with a plain belt).",
        "The wrap eases back pain in 19 of 40 people against 8 of 40 with a plain belt.",
        "There is no evidence that the wrap eases back pain.",
        "It is a myth that the wrap eases back pain.",
        "The  wrap\u00a0eases back\npain.",
    ),
    (
        "The belt is already a fixture.",
        "The belt may already be a fixture.",
        "The belt already seems to be a fixture.",
    ),
    ("Rowing can lift the mood.", "Rowing lifts the mood.", "Rowing will lift the mood."),
    ("It's good for sleep.", "It is good for sleep.", "It may be good for sleep."),
    ("They improved within weeks.", "They appeared to improve within weeks."),
    (
        "These drops are effective against hay fever.",
        "These drops may be effective against hay fever.",
        "These drops seem to be effective against hay fever.",
    ),
    (
        "Rowing strengthens bones and lifts the mood.",
        "Rowing could strengthen bones and lift the mood.",
    ),
    ("Ginger settles the stomach.", "Turmeric settles the stomach."),
    ("She called it “a wonder”.", 'She called it "a wonder".'),
]


@pytest.mark.parametrize("row", SAME, ids=lambda row: row[0])
def test_one_canonical_text(analyser: Analyser, row: tuple[str, ...]) -> None:
    found = {canonical(one).text for one in analyser.sentences(row)}
    assert len(found) == 1, found


def test_a_question_with_do_becomes_its_statement(analyser: Analyser) -> None:
    (asked, said) = analyser.sentences(
        ["Does the wrap ease back pain?", "The wrap eases back pain."]
    )
    assert canonical(asked).text == canonical(said).text
    assert "asked" in canonical(asked).modifiers


@pytest.mark.parametrize(
    ("text", "modifier"),
    [
        ("The wrap may ease back pain.", "hedged"),
        ("The wrap eases back pain, although larger trials are needed.", "limitation"),
        ("The wrap eases back pain (19 of 40 people against 8 of 40 on placebo).", "numbers"),
        ("There is no evidence that the wrap eases back pain.", "denied"),
        ("The wrap is proven to ease back pain.", "proven"),
    ],
)
def test_what_was_taken_out_is_told(analyser: Analyser, text: str, modifier: str) -> None:
    (one,) = analyser.sentences([text])
    assert modifier in canonical(one).modifiers


@pytest.mark.parametrize(
    "text",
    [
        "The clinic opens in May.",
        "The trial was small.",
    ],
)
def test_what_is_no_hedge_of_a_claim_stays(analyser: Analyser, text: str) -> None:
    (one,) = analyser.sentences([text])
    assert canonical(one).text == text


def test_a_name_gives_way_to_the_exemplar_of_its_section() -> None:
    known = exemplars()
    assert known["turmeric"] == known["ginger"]
    assert known["ibuprofen"] != known["turmeric"]
    assert "treatment" not in known


def test_words_behind_a_span_are_found_in_the_sentence() -> None:
    original = "Turmeric may ease “stubborn” joint pain."
    text = 'Ginseng eases "stubborn" joint pain.'
    begin, end = words_behind((text.index("joint"), text.index(" pain")), text, original)
    assert original[begin:end] == "joint"
    begin, end = words_behind((0, 7), text, original)
    assert original[begin:end].startswith("Turmeric")
    assert words_behind((0, 1), "", "") == (0, 0)
