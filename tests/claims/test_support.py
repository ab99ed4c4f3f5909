"""What a sentence gives as support (rule H8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimcheck.claims import Analysis, Support, join_support
from claimcheck.claims.support import number_shape
from claimcheck.claims.tokens import Tokens

Analyse = Callable[[str], Analysis]


@pytest.mark.parametrize(
    "text",
    [
        "Nausea affected 3 of 112 people on the peel.",
        "About 1 in 20 people stop because of nausea.",
        "Two out of every five users slept through.",
        "Of 58 users, 33 felt calmer.",
        "Of the 40 women in the group, only 9 relapsed.",
    ],
)
def test_n_of_n(analyse_one: Analyse, text: str) -> None:
    assert analyse_one(text).support.n_of_n


@pytest.mark.parametrize(
    "text",
    [
        "Migraine days fell from 8 to 5 a month.",
        "They slept 17 minutes longer than the placebo group.",
        "People on the plan lost an average of 2.1 kg.",
        "Pain scores were 31 with the cream versus 40 without it.",
        "There were 3 fewer heart attacks per 1,000 people.",
    ],
)
def test_absolute_change(analyse_one: Analyse, text: str) -> None:
    support = analyse_one(text).support
    assert support.change
    assert support.absolute


@pytest.mark.parametrize(
    "text",
    ["Nuts cut the risk by 30 per cent.", "It works for most people.", "It opened in 2019."],
)
def test_no_absolute_figure(analyse_one: Analyse, text: str) -> None:
    assert not analyse_one(text).support.absolute


def test_a_year_is_no_number_of_people_and_2000_adults_is(parse: Callable[[str], Tokens]) -> None:
    assert "YEAR" in number_shape(parse("The trial began in 2019."))
    assert "# adults" in number_shape(parse("They followed 2000 adults."))


def test_adequate_needs_a_comparator_and_a_source(analyse_one: Analyse) -> None:
    whole = "In a 2021 trial of 84 adults, 30 of 42 slept better, against 19 of 42 on placebo."
    assert analyse_one(whole).support.adequate
    assert not analyse_one("Some 30 of 42 slept better.").support.adequate


def test_join_takes_the_best_and_the_worst() -> None:
    joined = join_support(
        Support(n_of_n=True, design=2, weakest=2), None, Support(named=True, design=6, weakest=8)
    )
    assert joined.n_of_n
    assert joined.named
    assert (joined.design, joined.weakest) == (2, 8)
    assert join_support() == Support()
