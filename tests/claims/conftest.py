"""One pipeline for all tests of the claims room."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimcheck.claims import Analyser, Analysis, Token
from claimcheck.claims.pipeline import load_pipeline, parse_sentence
from claimcheck.claims.tokens import Tokens


@pytest.fixture(scope="session")
def parse() -> Callable[[str], Tokens]:
    """Parse one sentence."""
    nlp = load_pipeline()
    return lambda text: parse_sentence(nlp, text)


@pytest.fixture(scope="session")
def analyse_one() -> Callable[[str], Analysis]:
    """Analyse one loose sentence."""
    analyser = Analyser()
    return lambda text: next(analyser.sentences([text]))


@pytest.fixture
def word() -> Callable[[Tokens, str], Token]:
    """The first token with a text."""
    return lambda tokens, text: next(token for token in tokens if token.text == text)
