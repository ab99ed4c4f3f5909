"""The JSON Schema files and docs/wire-schema.md say what the records say."""

from __future__ import annotations

import importlib.util
import inspect
import json
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from claimcheck import Checker, Failure, Report, make_settings, records
from claimcheck.errors import FAILURE_KINDS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "wire-schema.md").read_text(encoding="utf-8")
EXAMPLES = ("01-clinic-infusion", "05-nap-study-news", "12-tai-chi-falls", "14-hair-loss-paywall")
RECORDS = [
    value
    for name, value in inspect.getmembers(records, inspect.isclass)
    if issubclass(value, BaseModel) and value.__module__ == records.__name__ and name[0] != "_"
]


def schema(name: str) -> dict[str, Any]:
    text = (files("claimcheck") / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = ROOT / "scripts" / "generate_schemas.py"
    spec = importlib.util.spec_from_file_location("generate_schemas", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def outcomes() -> list[Report | Failure]:
    """What claimcheck really writes: pages with and without findings, and what fails."""
    checker = Checker(make_settings({}))
    pages = [str(ROOT / "examples" / f"{name}.html") for name in EXAMPLES]
    found = list(checker.check_many([*pages, "no-such-file.html"]))
    return [*found, checker.check_text("Tea 🍵 cures colds."), checker.check_text("")]


def test_files_are_up_to_date(generator: ModuleType) -> None:
    stale = [path.name for path in generator.out_of_date()]
    assert stale == [], "run: python scripts/generate_schemas.py"


@pytest.mark.parametrize("name", ["report", "failure"])
def test_schemas_are_valid_and_named(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"urn:claimcheck:{name}:1"
    assert found["properties"]["schema"]["const"] == f"claimcheck.{name}/1"
    for record in (found, *found["$defs"].values()):
        assert record["title"]
        assert record["description"]
        assert set(record["required"]) == set(record["properties"])
        for field, value in record["properties"].items():
            assert value["description"], (record["title"], field)


def test_real_outcomes_are_valid(outcomes: list[Report | Failure]) -> None:
    assert {type(outcome) for outcome in outcomes} == {Report, Failure}
    assert any(isinstance(outcome, Report) and outcome.findings for outcome in outcomes)
    for outcome in outcomes:
        name = "report" if isinstance(outcome, Report) else "failure"
        other = "failure" if isinstance(outcome, Report) else "report"
        written = json.loads(json.dumps(outcome.to_json_dict()))
        Draft202012Validator(schema(name)).validate(written)
        assert not Draft202012Validator(schema(other)).is_valid(written)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("findings", 0, "evidence"), []),
        (("findings", 0, "severity"), 4),
        (("findings", 0, "evidence", 0), [1]),
        (("claims", 0, "kind"), "cure"),
        (("article", "sentences", 0, "score"), 2),
        (("tool", "name"), "other"),
        (("schema",), "claimcheck.report/2"),
    ],
)
def test_what_does_not_hold_is_invalid(
    outcomes: list[Report | Failure], path: tuple[str | int, ...], value: object
) -> None:
    report = next(one for one in outcomes if isinstance(one, Report) and one.findings)
    written = json.loads(json.dumps(report.to_json_dict()))
    validator = Draft202012Validator(schema("report"))
    assert validator.is_valid(written)
    place = written
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not validator.is_valid(written)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_record_and_field_is_documented(record: type[BaseModel]) -> None:
    heading = f"\n### {record.__name__}\n"
    assert heading in PAGE
    section = PAGE.split(heading)[1].split("\n### ")[0].split("<!-- tables: end -->")[0]
    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| `")]
    fields = [f"`{info.alias or name}`" for name, info in record.model_fields.items()]
    assert rows == fields


def test_every_value_of_a_closed_list_is_documented() -> None:
    for kind in FAILURE_KINDS:
        assert f"`{kind}`" in PAGE
    for addition in ("`tool.profile`", "`tool.threshold`", "`tool.supplements`"):
        assert addition in PAGE
    assert "`claims[].established`" in PAGE
