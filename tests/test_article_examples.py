"""Extraction of the example articles against what was decided from reading them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from claimcheck.article import extract
from claimcheck.errors import SourceError
from claimcheck.records import Article
from claimcheck.sources import open_source

ROOT = Path(__file__).parent.parent
GOLDEN = sorted((ROOT / "tests" / "data" / "golden").glob("*.json"))


def golden(path: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return expected


def article_of(expected: dict[str, Any]) -> Article:
    return extract(open_source(str(ROOT / "examples" / expected["article"])))


def test_there_are_golden_articles() -> None:
    assert len(GOLDEN) >= 12


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_example(path: Path) -> None:
    expected = golden(path)
    if expected["outcome"] != "report":
        with pytest.raises(SourceError) as caught:
            article_of(expected)
        assert caught.value.kind == expected["failure_kind"]
        return
    article = article_of(expected)
    for name in ("title", "byline", "published", "site", "url"):
        assert getattr(article, name) == expected[name], name
    for words in expected["must_contain"]:
        assert words in article.text
    for words in expected["must_not_contain"]:
        assert words not in article.text
    for flag in expected["flags"]:
        assert flag["quote"] in article.text
    kinds = Counter(block.kind for block in article.blocks)
    assert {kind: kinds[kind] for kind in expected["blocks"]} == expected["blocks"]
    assert kinds["title"] == 1
    assert article.text.count(expected["title"]) == 1
