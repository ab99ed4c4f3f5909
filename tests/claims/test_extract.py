"""Seats, clauses, strength and support of claims."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from claimcheck.claims import Analysis, strength_name
from claimcheck.claims.extract import claims_of, is_imperative
from claimcheck.claims.support import Support
from claimcheck.claims.tokens import Tokens

Analyse = Callable[[str], Analysis]
Parse = Callable[[str], Tokens]


def test_strength_names() -> None:
    assert [strength_name(level) for level in range(7)] == [
        "none", "none", "correlational", "correlational", "conditional", "direct", "direct",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Take two capsules a day.", True),
        ("Do not take it with milk.", True),
        ("You take two capsules a day.", False),
        ("Two capsules help.", False),
        ("", False),
    ],
)
def test_imperatives(parse: Parse, text: str, expected: bool) -> None:
    assert is_imperative(parse(text)) is expected


def test_nothing_comes_of_nothing() -> None:
    assert claims_of((), cues=(), mentions=(), support=Support()) == ()


def test_each_clause_is_a_claim_with_its_own_span(analyse_one: Analyse) -> None:
    text = "Garlic may ease colds, but it causes heartburn."
    analysis = analyse_one(text)
    first, second = analysis.claims
    assert text[first.start : first.end] == "Garlic may ease colds"
    assert text[second.start : second.end] == "it causes heartburn"
    assert (first.hedge, second.hedge) == ("adequate", "none")
    assert (first.kind, second.kind) == ("efficacy", "safety")


def test_one_claim_takes_the_whole_sentence(analyse_one: Analyse) -> None:
    text = "According to the label, the paste whitens teeth in a week."
    (claim,) = analyse_one(text).claims
    assert (claim.start, claim.end) == (0, len(text) - 1)


@pytest.mark.parametrize(
    "text",
    [
        "Benefits of magnesium",
        "The clinic opens at nine.",
        "Our story began in a small kitchen in Leeds.",
        "Click here to read more about sleep.",
    ],
)
def test_no_claim(analyse_one: Analyse, text: str) -> None:
    assert analyse_one(text).claims == ()


def test_numbers_hedge_and_a_named_study_half_does(analyse_one: Analyse) -> None:
    counted = "In a 2021 trial of 84 adults, the gel cut pain scores from 40 to 22."
    named = "A 2021 trial of 84 adults found that the gel relieves pain."
    assert analyse_one(counted).claims[0].hedge == "adequate"
    assert analyse_one(named).claims[0].hedge == "partial"


def test_a_frame_gives_way_to_its_claim(analyse_one: Analyse) -> None:
    (claim,) = analyse_one("Experts agree that the gel relieves pain.").claims
    assert claim.kind == "efficacy"
    assert claim.scope.stance == "asserted"


def test_claims_do_not_overlap(analyse_one: Analyse) -> None:
    text = "The tea, which relieves colic, cures hiccups and may calm babies who have reflux."
    claims = analyse_one(text).claims
    assert len(claims) >= 2
    for one, other in pairwise(claims):
        assert one.end <= other.start
