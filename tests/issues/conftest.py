"""One pipeline for all tests of the issues room."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimcheck.article import extract
from claimcheck.claims import Analyser, Analysis
from claimcheck.issues import Candidate, Context, propose
from claimcheck.sources import text_document


@pytest.fixture(scope="session")
def analyser() -> Analyser:
    """The pipeline with the lexicons that ship."""
    return Analyser()


@pytest.fixture(scope="session")
def article_of(analyser: Analyser) -> Callable[[str], tuple[Analysis, ...]]:
    """Analyse a plain-text article."""
    return lambda text: analyser.article(extract(text_document(text)))


@pytest.fixture(scope="session")
def context_of(article_of: Callable[[str], tuple[Analysis, ...]]) -> Callable[..., Context]:
    """The context of one sentence of an article, by default the first."""

    def make(text: str, index: int = 0) -> Context:
        return Context(article_of(text), index)

    return make


@pytest.fixture(scope="session")
def found(context_of: Callable[..., Context]) -> Callable[..., dict[str, Candidate]]:
    """The candidates of one sentence by issue."""
    return lambda text, index=0: {c.issue: c for c in propose(context_of(text, index))}


@pytest.fixture(scope="session")
def issues_of(found: Callable[..., dict[str, Candidate]]) -> Callable[..., set[str]]:
    """The names of the issues that are proposed for one sentence."""
    return lambda text, index=0: set(found(text, index))
