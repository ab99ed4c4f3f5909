"""Messages and suggestions: what fills them, and what never does."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from claimcheck.issues import (
    Context,
    load_catalogue,
    message_for,
    propose,
    suggestion_for,
)
from claimcheck.issues.fillers import Fillers, fillers_of

Written = Callable[..., str]


@pytest.fixture(scope="session")
def suggestion(context_of: Callable[..., Context]) -> Written:
    """The suggestion for one issue of one sentence."""

    def write(issue: str, text: str, index: int = 0) -> str:
        context = context_of(text, index)
        candidate = next(c for c in propose(context) if c.issue == issue)
        kind = load_catalogue().get(issue)
        return suggestion_for(candidate, kind, context.sentence, context=context)

    return write


@pytest.fixture(scope="session")
def message(context_of: Callable[..., Context]) -> Written:
    """The message for one issue of one sentence."""

    def write(issue: str, text: str, index: int = 0) -> str:
        context = context_of(text, index)
        candidate = next(c for c in propose(context) if c.issue == issue)
        return message_for(candidate, load_catalogue().get(issue), context.sentence)

    return write


@pytest.fixture(scope="session")
def fillers(context_of: Callable[..., Context]) -> Callable[..., Fillers]:
    """The fillers of the first claim of a sentence."""

    def fill(text: str, index: int = 0) -> Fillers:
        context = context_of(text, index)
        return fillers_of(context.sentence, context.sentence.claims[0], context=context)

    return fill


@pytest.mark.parametrize(
    ("issue", "text", "wanted"),
    [
        (
            "bare-assertion",
            "Magnesium relieves restless legs.",
            "Magnesium may relieve restless legs in [people studied] ([source]).",
        ),
        (
            "bare-assertion",
            "A keto diet can reduce seizures.",
            "A keto diet may reduce seizures in [people studied] ([source]).",
        ),
        (
            "minimised-harm",
            "Ketamine has virtually no side effects.",
            "Side effects of ketamine include [list]; in [study], [number] of [number] people "
            "had [effect], against [number] of [number] with [comparator].",
        ),
    ],
)
def test_a_suggestion_says_the_claim_back_with_may(
    suggestion: Written, issue: str, text: str, wanted: str
) -> None:
    assert suggestion(issue, text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Most patients improve on it.",
        "It relieves restless legs.",
        "The most common side effect of ketamine is nausea.",
        "Her symptoms improved within a week.",
        "Researchers say that this works.",
    ],
)
def test_people_harms_pronouns_and_results_are_no_agents(
    fillers: Callable[..., Fillers], text: str
) -> None:
    agent = fillers(text).agent
    assert agent is None or agent.lower() in ("ketamine",)


def test_the_one_remedy_that_people_took_is_the_agent(fillers: Callable[..., Fillers]) -> None:
    filled = fillers("Patients who took magnesium had a marked reduction in cramps.")
    assert filled.agent == "magnesium"
    assert filled.verb is None


def test_a_pronoun_finds_its_remedy_in_the_sentence_before(
    fillers: Callable[..., Fillers],
) -> None:
    assert fillers("Magnesium is sold as tablets. It relieves cramps.", 1).agent == "magnesium"
    assert fillers("The shop is in Leeds. It relieves cramps.", 1).agent is None


def test_people_find_their_remedy_in_the_title(fillers: Callable[..., Fillers]) -> None:
    text = "What ketamine does\n\nThe clinic is new.\n\nMost patients improve within a week."
    assert fillers(text, 2).agent == "ketamine"


@pytest.mark.parametrize(
    ("text", "outcome", "verb"),
    [
        (
            "Ketamine brings a marked improvement in their depressive symptoms.",
            "depressive symptoms",
            "improve",
        ),
        ("Magnesium significantly reduces your muscle cramps.", "muscle cramps", "reduce"),
        ("Magnesium delivers a significant reduction in cramps.", "cramps", "reduce"),
    ],
)
def test_an_outcome_has_neither_size_nor_owner(
    fillers: Callable[..., Fillers], text: str, outcome: str, verb: str
) -> None:
    filled = fillers(text)
    assert (filled.outcome, filled.verb) == (outcome, verb)


def test_a_verb_that_is_none_of_effect_is_left_out(fillers: Callable[..., Fillers]) -> None:
    assert fillers("Magnesium is widely considered the best remedy for cramps.").verb is None


def test_the_number_of_the_agent_rules_its_verbs(suggestion: Written) -> None:
    one = suggestion("anecdote", "After two weeks of magnesium my cramps disappeared.")
    assert "that magnesium works;" in one
    many = suggestion("natural-fallacy", "Onions are a natural remedy for bronchitis.")
    assert many.startswith("Onions come from")
    assert "they are safe or work" in many


def test_an_article_follows_the_word_that_is_left(fillers: Callable[..., Fillers]) -> None:
    assert fillers("A revolutionary oat bath soothes eczema.").agent == "an oat bath"


@pytest.mark.parametrize(
    ("issue", "text", "cue"),
    [
        ("minimised-harm", "The peel has virtually no side effects.", "virtually no side effects"),
        ("cure", "Birch tea cures gout.", "cures gout"),
        ("hype", "It is a revolutionary gel for sore knees.", "revolutionary"),
    ],
)
def test_a_message_quotes_the_cue_as_it_is_shown(
    message: Written, issue: str, text: str, cue: str
) -> None:
    assert f"'{cue}'" in message(issue, text)


def test_a_message_does_not_explain_a_cue_by_itself(message: Written) -> None:
    told = message("surrogate", "By lowering cholesterol, oats lower cholesterol for life.")
    assert "from it to cholesterol" not in told


def test_a_long_cue_is_cut_at_a_word(message: Written) -> None:
    listed = "gout, asthma, eczema, psoriasis, migraine, insomnia, arthritis, hay fever"
    told = message(
        "extrapolation", f"Birch tea relieves {listed}, bronchitis, colds and sinusitis."
    )
    quoted = re.search(r"'([^']*)'", told)
    assert quoted is not None
    assert len(quoted.group(1)) <= 90


def test_whatever_the_catalogue_flags_reads_as_one_sentence(
    context_of: Callable[..., Context],
) -> None:
    for issue in load_catalogue().issues:
        for example in issue.flag:
            context = context_of(example.text)
            for candidate in propose(context):
                kind = load_catalogue().get(candidate.issue)
                told = message_for(candidate, kind, context.sentence)
                meant = suggestion_for(candidate, kind, context.sentence, context=context)
                assert told.endswith(".")
                assert "{" not in told + meant
                assert "probably" not in meant.lower()
                assert not re.search(r"\b(may|the|a|of|in) \1\b", meant, re.I)
                assert len(meant) <= 260
                assert meant[0].isupper() or meant[0] == "["
