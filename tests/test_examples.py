"""The catalogue's examples through the whole checker, and the held-out paraphrases.

A must-flag sentence has to be flagged with its own issue, a hard negative not at all.
What the shipped model still misses is listed, so that the list cannot grow unseen. The
paraphrases were written before the rules and are never tuned on; only their floors
stand here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from claimcheck import Checker, make_settings
from claimcheck.training.evaluate import evaluate_catalogue

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "check_examples.py"

KNOWN_MISSES = {
    "Coffee protects the liver, a cohort study of 20,000 office workers has found.",
    "Magnesium glycinate relieves restless legs and gives you deeper sleep.",
    "Feeling tired after lunch could mean you have adrenal fatigue.",
    "Evening primrose oil calms breast pain before a period.",
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_examples", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker(make_settings({}))


def test_catalogue_examples(script: ModuleType, checker: Checker) -> None:
    found: dict[str, Any] = evaluate_catalogue(checker, script.catalogue_items())
    assert set(found["wrong"]) <= KNOWN_MISSES
    assert found["quiet"] == found["must_stay_quiet"]


def test_paraphrases_do_not_fall(script: ModuleType, checker: Checker) -> None:
    items = script.paraphrase_items()
    assert len(items) >= 200
    found = evaluate_catalogue(checker, items)
    assert found["flagged"] / found["must_flag"] >= 0.45
    assert found["quiet"] / found["must_stay_quiet"] >= 0.93
