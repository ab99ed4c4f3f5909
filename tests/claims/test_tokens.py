"""Plain tokens, their index and their offsets."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimcheck.claims.pipeline import load_pipeline, parse_sentences
from claimcheck.claims.tokens import (
    Token,
    Tokens,
    children,
    lemma_forms,
    normalise,
    root_of,
    subtree,
)

Parse = Callable[[str], Tokens]


def test_tokens_equal_the_plain_tuple_and_pickle(parse: Parse) -> None:
    tokens = parse("Oats lower cholesterol in most people.")
    assert tokens == tuple(tokens)
    again = pickle.loads(pickle.dumps(tokens))
    assert isinstance(again, Tokens)
    assert again == tokens
    assert again.dependants == tokens.dependants


def test_the_index_gives_what_a_scan_gives(parse: Parse) -> None:
    tokens = parse("The drops, which may sting, ease redness and calm the skin within days.")
    plain: tuple[Token, ...] = tuple(tokens)
    for token in tokens:
        assert list(children(tokens, token.i)) == list(children(plain, token.i))
        assert subtree(tokens, token.i) == subtree(plain, token.i)


def test_subtree_of_the_root_is_the_sentence(parse: Parse) -> None:
    tokens = parse("Sage tea soothes a sore throat.")
    root = root_of(tokens)
    assert root is not None
    assert subtree(tokens, root.i) == tuple(tokens)
    assert root_of(()) is None


@pytest.mark.parametrize(
    ("form", "lemma"),
    [("relieves", "relieve"), ("cures", "cure"), ("stopped", "stop"), ("calming", "calm"),
     ("remedies", "remedy"), ("tried", "try"), ("boxes", "box")],
)  # fmt: skip
def test_lemma_forms_undo_suffixes(form: str, lemma: str) -> None:
    assert lemma in lemma_forms(form, form)


def test_normalise_straightens_quotes() -> None:
    assert normalise("It’s “So‑Called”") == 'it\'s "so-called"'


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=4))
def test_token_texts_are_the_text_at_their_offsets(texts: list[str]) -> None:
    parsed = parse_sentences(load_pipeline(), [(text, 7) for text in texts])
    for text, tokens in zip(texts, parsed, strict=True):
        for token in tokens:
            assert text[token.start - 7 : token.end - 7] == token.text
            assert 0 <= token.head < len(tokens)
        assert [token.i for token in tokens] == list(range(len(tokens)))
