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
    # Not flagged, or flagged for another reason.
    "There is no evidence that long-term use does any harm.",
    "In lab tests oregano oil destroyed drug-resistant bacteria, so a few drops will see off "
    "your chest infection.",
    "Teens with more screen time reported worse sleep, so phones are destroying their rest.",
    "Questionnaires filled in by 900 mothers show that working late in pregnancy causes colic.",
    "Using medical records from 14 hospitals, the team found that heartburn tablets trigger "
    "dementia.",
    "Vaping is nothing compared with what a packet a day does to your lungs, so do not worry "
    "about the odd cartridge.",
    "Since the body makes melatonin itself, taking more of it cannot hurt.",
    "Experts agree that seed oils drive inflammation.",
    "Women who never breastfed were three times as likely to develop the tumour.",
    "Magnesium glycinate relieves restless legs and gives you deeper sleep.",
    "One in two women is living with undiagnosed hormone imbalance.",
    "Millions of us are walking around with leaky gut and do not even know it.",
    "Evening primrose oil calms breast pain before a period.",
    "Millions of people can't be wrong about apple cider vinegar.",
    # Flagged, and should not be.
    "Allow the cut to heal for ten days before swimming.",
    "Magnesium glycinate may ease restless legs in some people, although trials have been small.",
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
    assert found["must_stay_quiet"] - found["quiet"] <= 2


def test_paraphrases_do_not_fall(script: ModuleType, checker: Checker) -> None:
    items = script.paraphrase_items()
    assert len(items) >= 200
    found = evaluate_catalogue(checker, items)
    assert found["flagged"] / found["must_flag"] >= 0.6
    assert found["quiet"] / found["must_stay_quiet"] >= 0.9
