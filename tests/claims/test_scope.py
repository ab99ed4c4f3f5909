"""Which words govern which predicate (H1–H3, H6, H10, H11, H13–H15)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimcheck.claims import Analysis, of_class
from claimcheck.claims.scope import (
    chain_of,
    governs,
    in_quotes,
    is_conditional,
    is_question,
    negation_of,
)
from claimcheck.claims.tokens import Token, Tokens

Analyse = Callable[[str], Analysis]
Parse = Callable[[str], Tokens]
Word = Callable[[Tokens, str], Token]


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("Valerian may calm the nerves.", "calm"),
        ("Valerian may help to calm the nerves.", "calm"),
        ("Valerian possibly calms the nerves.", "calms"),
        ("It is unclear whether valerian calms the nerves.", "calms"),
        ("Valerian may settle the stomach and calm the nerves.", "calm"),
        ("Valerian might work by calming the nerves.", "calming"),
        ("There is a chance that valerian calms the nerves.", "calms"),
        ("Possibly, valerian calms the nerves.", "calms"),
    ],
)
def test_a_hedge_that_governs(analyse_one: Analyse, word: Word, text: str, predicate: str) -> None:
    analysis = analyse_one(text)
    place = word(analysis.tokens, predicate).i  # type: ignore[arg-type]
    hedges = of_class(analysis.cues, "hedge-modal", "hedge-adverb", "hedge-adjective", "hedge-verb")
    assert any(governs(analysis.tokens, hedge, place) for hedge in hedges)


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("Valerian calms the nerves, though it may taste bitter.", "calms"),
        ("Valerian, which may taste bitter, calms the nerves.", "calms"),
        ("Valerian may taste bitter but calms the nerves.", "calms"),
        ("Valerian may taste bitter and calms the nerves.", "calms"),
        ("The possible uses of valerian include calming the nerves.", "calming"),
        ("Anyone who may feel tense should know that valerian calms the nerves.", "calms"),
    ],
)
def test_a_hedge_that_does_not(analyse_one: Analyse, word: Word, text: str, predicate: str) -> None:
    analysis = analyse_one(text)
    place = word(analysis.tokens, predicate).i  # type: ignore[arg-type]
    hedges = of_class(analysis.cues, "hedge-modal", "hedge-adverb", "hedge-adjective")
    assert not any(governs(analysis.tokens, hedge, place) for hedge in hedges)


@pytest.mark.parametrize(
    ("text", "predicate", "negation"),
    [
        ("The balm does not heal burns.", "heal", "not"),
        ("The balm never healed anyone's burns.", "healed", "never"),
        ("The balm hardly heals burns.", "heals", "hardly"),
        ("No balm heals burns.", "heals", "No"),
        ("Nothing in the jar heals burns.", "heals", "Nothing"),
        ("The balm fails to heal burns.", "heal", "fails"),
        ("The balm had no effect on burns.", "had", "no"),
        ("The balm can't heal burns.", "heal", "n't"),
    ],
)
def test_negation(parse: Parse, word: Word, text: str, predicate: str, negation: str) -> None:
    tokens = parse(text)
    found = negation_of(tokens, word(tokens, predicate).i)
    assert found is not None
    assert found.text == negation


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("The balm heals burns.", "heals"),
        ("The balm not only soothes but heals burns.", "heals"),
        ("The balm heals burns that did not close.", "heals"),
        ("No doubt the balm heals burns.", "heals"),
        ("It does not cure acne but heals burns.", "heals"),
    ],
)
def test_no_negation(parse: Parse, word: Word, text: str, predicate: str) -> None:
    tokens = parse(text)
    assert negation_of(tokens, word(tokens, predicate).i) is None


@pytest.mark.parametrize(
    "text",
    [
        "Does honey heal burns?",
        "“Does honey heal burns?”",
        "How much honey should I use?",
        "How does honey work?",
        "Honey heals burns?",
    ],
)
def test_questions(parse: Parse, text: str) -> None:
    assert is_question(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "Why does honey heal burns so fast?",
        "How does honey heal burns so fast?",
        "Did you know that honey heals burns?",
        "What makes honey so healing?",
        "Honey heals burns.",
    ],
)
def test_presupposing_questions_assert(parse: Parse, text: str) -> None:
    assert not is_question(parse(text))


@pytest.mark.parametrize(
    ("text", "predicate", "expected"),
    [
        ("“Honey heals burns overnight,” she said.", "heals", True),
        ('"Honey heals burns overnight," she said.', "heals", True),
        ("‘Honey heals burns overnight,’ she said.", "heals", True),
        ("Honey heals burns overnight,” she said.", "heals", True),
        ('Honey heals burns overnight," she said.', "heals", True),
        ("She said: “Honey heals burns", "heals", True),
        ("The “miracle” honey heals burns.", "heals", False),
        ("The patients’ honey heals burns.", "heals", False),
        ("“Ask first,” she said, and honey heals burns.", "heals", False),
    ],
)
def test_quotations(parse: Parse, word: Word, text: str, predicate: str, expected: bool) -> None:
    tokens = parse(text)
    assert in_quotes(tokens, word(tokens, predicate).i) is expected


@pytest.mark.parametrize(
    ("text", "predicate", "expected"),
    [
        ("If you take it daily, honey lowers stress.", "lowers", False),
        ("If the result is confirmed, honey could lower stress.", "lower", True),
        ("We do not know whether honey lowers stress.", "lowers", True),
    ],
)
def test_conditions(parse: Parse, word: Word, text: str, predicate: str, expected: bool) -> None:
    tokens = parse(text)
    assert is_conditional(tokens, word(tokens, predicate).i) is expected


def test_a_boosted_hedge_counts_for_nothing(analyse_one: Analyse) -> None:
    (claim,) = analyse_one("The tea may dramatically reduce pain.").claims
    assert claim.scope.boosted
    assert (claim.hedge, claim.level) == ("none", 5)


def test_a_quote_block_is_quoted() -> None:
    from claimcheck.claims import analyse
    from claimcheck.records import Article, Block

    text = "The tea cured my migraine."
    article = Article(text=text, blocks=(Block(kind="quote", start=0, end=len(text)),))
    (analysis,) = analyse(article)
    assert analysis.claims[0].scope.stance == "quoted"


def test_the_chain_begins_with_the_predicate_and_ends(parse: Parse) -> None:
    tokens = parse("There is no evidence that the tea has been shown to help to cure gout.")
    for token in tokens:
        chain = chain_of(tokens, token.i)
        assert chain[0] == token.i
        assert len(chain) == len(set(chain))
        assert chain_of(tuple(tokens), token.i) == chain
