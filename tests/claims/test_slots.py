"""The spans of agent, relation, outcome and the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimcheck.claims import Analysis

Analyse = Callable[[str], Analysis]

ROWS: list[tuple[str, dict[str, str | None]]] = [
    (
        "A low-sodium, plant-based diet reduces the risk of kidney stones in adults over 40.",
        {"agent": "A low-sodium, plant-based diet", "outcome": "the risk of kidney stones"},
    ),
    ("Sore throats are soothed by sage tea.", {"agent": "sage tea", "outcome": "Sore throats"}),
    (
        "Holding a warm compress on the eye relieves a stye.",
        {"agent": "Holding a warm compress on the eye", "outcome": "a stye"},
    ),
    (
        "The oil, which divers have long used, protects against ear infections.",
        {"agent": "The oil", "relation": "protects against", "outcome": "ear infections"},
    ),
    (
        "Pumpkin seeds have been shown to ease bladder pain.",
        {"agent": "Pumpkin seeds", "relation": "have been shown to ease"},
    ),
    (
        "Dandelion root cleanses the liver and reduces bloating.",
        {"agent": "Dandelion root"},
    ),
    ("Soothes a dry, itchy scalp", {"agent": None, "outcome": "a dry, itchy scalp"}),
    (
        "The spray cuts sneezing as well as antihistamines do.",
        {"comparator": "antihistamines"},
    ),
    ("Unlike statins, oats lower cholesterol.", {"comparator": "statins", "agent": "oats"}),
    (
        "Compared with a dummy pill, the capsules reduced pain.",
        {"comparator": "a dummy pill", "agent": "the capsules"},
    ),
    (
        "The balm eases joint pain in people with lupus.",
        {"population": "people with lupus", "outcome": "joint pain"},
    ),
    ("You can ease back pain with this belt.", {"population": None, "outcome": "back pain"}),
    ("Try camomile to relieve colic.", {"agent": "camomile", "outcome": "colic"}),
    ("It is a natural way to relieve colic.", {"agent": "It", "outcome": "colic"}),
]


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[row[0][:40] for row in ROWS])
def test_slots(analyse_one: Analyse, text: str, expected: dict[str, str | None]) -> None:
    analysis = analyse_one(text)
    assert analysis.claims, "no claim found"
    slots = analysis.claims[0].slots
    found = {}
    for name in expected:
        span = getattr(slots, name)
        found[name] = None if span is None else text[span[0] : span[1]]
    assert found == expected


def test_offsets_are_the_articles(analyse_one: Analyse) -> None:
    from claimcheck.claims import analyse
    from claimcheck.records import Article, Block

    text = "Teas\n\nSage tea soothes a sore throat."
    blocks = (Block(kind="title", start=0, end=4), Block(kind="paragraph", start=6, end=len(text)))
    claim = analyse(Article(text=text, blocks=blocks))[1].claims[0]
    agent, outcome = claim.slots.agent, claim.slots.outcome
    assert agent is not None
    assert outcome is not None
    assert text[agent[0] : agent[1]] == "Sage tea"
    assert text[outcome[0] : outcome[1]] == "a sore throat"
