"""Write the JSON Schema files and the tables of docs/wire-schema.md from the records.

The records say it once: names and types in their annotations, meanings in the
docstrings below the fields. ``--check`` writes nothing and exits with 1 if a file is
out of date.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from claimcheck import records

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "src" / "claimcheck" / "schemas"
PAGE = ROOT / "docs" / "wire-schema.md"

TOP_LEVEL: Mapping[str, type[BaseModel]] = {
    "report": records.Report,
    "failure": records.Failure,
}
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
_ORDER = (
    "Report", "Tool", "Supplement", "Source", "Article", "Block", "Sentence", "Link", "Claim",
    "Slots", "Cue", "Finding", "ChecklistItem", "Summary", "Failure", "FailureDetail",
)  # fmt: skip


def field_docs() -> dict[str, dict[str, str]]:
    """Record → field as on the wire → the docstring that stands below the field."""
    docs: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(records)).body:
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        docs[node.name] = {}
        for field, below in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
            ):
                text = " ".join(str(below.value.value).split())
                docs[node.name][field.target.id.removesuffix("_")] = text
    return docs


class _Generator(GenerateJsonSchema):
    """pydantic's generator with a meaning for every field in place of a title."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def generate(self, schema: Any, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        made = super().generate(schema, mode)
        docs = field_docs()
        for name, record in [(made["title"], made), *made.get("$defs", {}).items()]:
            record["description"] = _plain(
                " ".join(record["description"].split(":raises")[0].split())
            )
            # A later version may add keys; a reader that validates must not trip over them.
            record.pop("additionalProperties", None)
            for field, value in record["properties"].items():
                value.pop("default", None)  # everything is written
                value["description"] = _plain(docs[name][field])
        return made


def _plain(text: str) -> str:
    return text.replace("``", "`")


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a record as claimcheck writes it."""
    made = TOP_LEVEL[name].model_json_schema(
        by_alias=True, mode="serialization", schema_generator=_Generator
    )
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        # A name, not an address: nothing has to be fetched to check a report.
        "$id": f"urn:claimcheck:{name}:1",
        "title": made.pop("title"),
        "description": made.pop("description"),
        **{key: value for key, value in made.items() if key != "$defs"},
        **({"$defs": made["$defs"]} if "$defs" in made else {}),
    }


def tables() -> str:
    """One table a record: field, type, meaning."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in TOP_LEVEL:
        made = schema_of(name)
        found |= {made["title"]: made} | made["$defs"]
    if missing := sorted(set(found) ^ set(_ORDER)):
        raise SystemExit(f"generate_schemas: records without a place in the page: {missing}")
    lines: list[str] = []
    for name in _ORDER:
        record = found[name]
        lines += ["", f"### {name}", "", record["description"], ""]
        lines += ["| field | type | meaning |", "|---|---|---|"]
        lines += [
            f"| `{field}` | {_type(value)} | {value['description']} |"
            for field, value in record["properties"].items()
        ]
    return "\n".join([*lines[1:], ""])


def _type(value: Mapping[str, Any]) -> str:
    """A JSON Schema type in a few words."""
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_type(one) for one in value["anyOf"])
    if "const" in value:
        return f"`{json.dumps(value['const'], ensure_ascii=False)}`"
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if "prefixItems" in value:
        return "span"
    if value.get("type") == "array":
        return f"array of {_type(value['items'])}"
    if value.get("type") == "object":
        keys = ", ".join(f"`{key}`" for key in value["propertyNames"]["enum"])
        return f"object: {keys} → {_type(value['additionalProperties'])}"
    limits = f" {value['minimum']:g}–{value['maximum']:g}" if "maximum" in value else ""
    return f"{value['type']}{limits}"


def pages() -> Iterator[tuple[Path, str]]:
    """Every file that is made from the records, with what it should hold."""
    for name in TOP_LEVEL:
        text = json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"
        yield SCHEMAS / f"{name}.schema.json", text
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(f"(?<={BEGIN}\n).*(?={END})", re.DOTALL)
    if not pattern.search(page):
        raise SystemExit(f"generate_schemas: {PAGE} has no {BEGIN} … {END}")
    yield PAGE, pattern.sub(lambda _: "\n" + tables() + "\n", page)


def out_of_date() -> list[Path]:
    """The files that do not say what the records say."""
    return [
        path
        for path, text in pages()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Write the files, or with ``--check`` compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if out of date")
    check = parser.parse_args().check
    stale = out_of_date()
    for path, text in pages():
        if path not in stale:
            continue
        if check:
            print(f"{path}: is out of date; run scripts/generate_schemas.py", file=sys.stderr)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {path}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
