"""Established facts: each applies to its own sentences and to no look-alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimcheck.claims import Analyser, Analysis
from claimcheck.errors import LexiconError
from claimcheck.issues import Established, default_established, load_established
from claimcheck.issues.established import parse_established

FACT = """
[[fact]]
id = "thyme-cough"
statement = "Thyme eases coughs."
subjects = ["thyme"]
relations = ["ease"]
outcomes = ["cough"]
source = "An invented body"
"""


def covered(established: Established, sentence: Analysis) -> set[str]:
    facts = (established.covering(sentence, claim) for claim in sentence.claims)
    return {fact.id for fact in facts if fact is not None}


def test_facts_cover_their_sentences_and_no_look_alike(analyser: Analyser) -> None:
    established = default_established()
    cases = [
        (fact.id, text, wanted)
        for fact in established.facts
        for wanted in (True, False)
        for text in (fact.fires if wanted else fact.quiet)
    ]
    wrong = [
        (name, text)
        for (name, text, wanted), analysis in zip(
            cases, analyser.sentences([text for _, text, _ in cases]), strict=True
        )
        if bool(covered(established, analysis)) != wanted
    ]
    assert wrong == []


def test_every_fact_names_its_source_and_is_tested() -> None:
    for fact in default_established().facts:
        assert fact.source
        assert fact.fires
        assert fact.quiet


def test_a_word_that_widens_the_fact_uncovers_it(analyser: Analyser) -> None:
    plain, widened, denied = analyser.sentences(
        [
            "The measles vaccine prevents measles.",
            "The measles vaccine prevents all measles.",
            "The measles vaccine does not prevent measles.",
        ]
    )
    established = default_established()
    assert covered(established, plain)
    assert not covered(established, widened)
    assert not covered(established, denied)


def test_a_users_list_is_added_and_changes_the_hash(tmp_path: Path, analyser: Analyser) -> None:
    path = tmp_path / "own.toml"
    path.write_text("version = 1\n" + FACT, encoding="utf-8")
    own = load_established(path)
    merged = default_established().merged(own)
    assert merged.sha256 != default_established().sha256
    sentence = next(analyser.sentences(["Thyme eases a cough."]))
    assert covered(merged, sentence) == {"thyme-cough"}
    with pytest.raises(LexiconError, match="stands in two lists"):
        merged.merged(own)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[fact", "not TOML"),
        ("version = 1\nextra = 2", "expected"),
        (FACT + FACT, "unique"),
        (FACT.replace('source = "An invented body"', ""), "lacking"),
        (FACT + 'colour = "green"', "unknown"),
    ],
)
def test_a_broken_list_is_refused(text: str, message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        parse_established(text, where="here")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"none\.toml"):
        load_established(tmp_path / "none.toml")
