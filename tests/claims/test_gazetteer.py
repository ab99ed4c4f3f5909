"""Matching names of interventions, conditions, outcomes and populations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimcheck.claims.gazetteer import Gazetteer, default_gazetteer, read_phrases
from claimcheck.claims.tokens import Tokens
from claimcheck.errors import LexiconError

Parse = Callable[[str], Tokens]


def _found(tokens: Tokens, gazetteer: Gazetteer) -> list[tuple[str, str]]:
    return [(mention.kind, mention.phrase) for mention in gazetteer.match(tokens)]


def test_the_longest_phrase_wins(parse: Parse) -> None:
    gazetteer = Gazetteer.of([("pain", "condition", False), ("back pain", "condition", False)])
    assert _found(parse("Back pain eased."), gazetteer) == [("condition", "back pain")]


def test_plurals_hyphens_and_possessives_match(parse: Parse) -> None:
    gazetteer = Gazetteer.of(
        [("gluten-free diet", "intervention", False), ("crohn's disease", "condition", False)]
    )
    tokens = parse("Gluten-free diets do not cure Crohn's disease.")
    assert [kind for kind, _ in _found(tokens, gazetteer)] == ["intervention", "condition"]


def test_noun_only_phrases_need_a_noun(parse: Parse) -> None:
    gazetteer = Gazetteer.of([("cold", "condition", True)])
    assert _found(parse("Zinc shortens a cold."), gazetteer) == [("condition", "cold")]
    assert _found(parse("They sat in a cold room."), gazetteer) == []


def test_two_kinds_may_name_one_place(parse: Parse) -> None:
    gazetteer = Gazetteer.of([("sleep", "outcome", False), ("poor sleep", "condition", False)])
    found = _found(parse("Screens cause poor sleep."), gazetteer)
    assert sorted(found) == [("condition", "poor sleep"), ("outcome", "sleep")]


def test_sections_below_a_comment_count_only_as_nouns() -> None:
    text = "migraine\n# everyday words, as nouns only\ncold\n"
    assert read_phrases(text, where="x") == (("migraine", False), ("cold", True))


@pytest.mark.parametrize("text", ["Migraine\n", "gout\ngout\n"])
def test_faults_name_file_and_line(text: str) -> None:
    with pytest.raises(LexiconError, match=r"list\.txt:\d"):
        read_phrases(text, where="list.txt")


def test_the_shipped_lists_load() -> None:
    assert len(default_gazetteer().by_word) > 500
