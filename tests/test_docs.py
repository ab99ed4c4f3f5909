"""The reference pages say what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from claimcheck.cli.root import COMMANDS
from claimcheck.settings import SETTINGS

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = CHECKOUT / "scripts" / "generate_docs.py"
    spec = importlib.util.spec_from_file_location("generate_docs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_reference_pages_are_up_to_date(generator: ModuleType) -> None:
    stale = [path.name for path in generator.out_of_date()]
    assert stale == [], "run: python scripts/generate_docs.py"


def test_every_command_and_option_is_documented(generator: ModuleType) -> None:
    text = generator.cli_markdown()
    for name in COMMANDS:
        assert f"## `claimcheck {name}`" in text
    for setting in SETTINGS:
        assert setting.option is None or f"`{setting.option}`" in text
