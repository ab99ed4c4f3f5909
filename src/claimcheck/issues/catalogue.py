"""The catalogue of the 22 issue types: data, read and checked."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, cast, get_args

from claimcheck.errors import CatalogueError
from claimcheck.records import Missing

__all__ = ["FAMILIES", "Catalogue", "Example", "IssueType", "load_catalogue"]

FAMILIES = (
    "certainty",
    "harm",
    "source",
    "inference",
    "numbers",
    "comparison",
    "language",
    "advice",
)
_KEYS = {
    "name", "code", "title", "family", "severity", "definition", "messages", "rewording",
    "missing", "standard", "references", "decisive", "flag", "quiet",
}  # fmt: skip
_MESSAGE_SLOTS = {"cue", "outcome", "agent", "source", "size", "design"}
_REWORDING_SLOTS = {"Agent", "agent", "verb", "outcome", "population", "comparator", "marker"}
_BRACES = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Example:
    """A catalogue sentence. ``article`` is set where the reason lies outside the sentence."""

    text: str
    why: str | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class IssueType:
    """One reason why wording may claim more than the article supports.

    ``decisive`` maps the message variants that count below the model's threshold to the
    precision that was measured for them on training data; it is empty for most issues.
    """

    name: str
    code: str
    title: str
    family: str
    severity: int
    definition: str
    messages: Mapping[str, str]
    rewording: tuple[str, ...]
    missing: Missing | None
    standard: str
    references: tuple[tuple[str, str | None], ...]
    decisive: Mapping[str, float]
    flag: tuple[Example, ...]
    quiet: tuple[Example, ...]


@dataclass(frozen=True)
class Catalogue:
    """The issue types in display order (the scheme's order of reasons)."""

    version: int
    issues: tuple[IssueType, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Public names in display order."""
        return tuple(issue.name for issue in self.issues)

    def get(self, name: str) -> IssueType:
        """The issue of a public name or a scheme code, in any case.

        :raises CatalogueError: there is none; the message names the nearest.
        """
        wanted = name.strip().lower().replace("_", "-")
        for issue in self.issues:
            if wanted in (issue.name, issue.code.lower()):
                return issue
        near = difflib.get_close_matches(wanted, self.names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise CatalogueError(
            f"unknown issue {name!r}{hint} (claimcheck issues lists all {len(self.issues)})"
        )

    def order(self, name: str) -> int:
        """The place of an issue in the display order."""
        return self.names.index(name)

    def resolve(self, names: Iterable[str]) -> frozenset[str]:
        """Public names for names or codes.

        :raises CatalogueError: one of them is unknown.
        """
        return frozenset(self.get(name).name for name in names)


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """The catalogue that ships with claimcheck."""
    source = files("claimcheck.issues") / "data" / "catalogue.toml"
    return parse_catalogue(source.read_text(encoding="utf-8"), where="catalogue.toml")


def parse_catalogue(text: str, *, where: str) -> Catalogue:
    """Read a catalogue.

    :raises CatalogueError: it is no TOML, or an entry lacks a field, has an unknown
        one, or a template names a slot that does not exist.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{where}: not TOML ({error})") from error
    issues = tuple(_issue(entry, where) for entry in data.get("issue", ()))
    names = [issue.name for issue in issues]
    if len(set(names)) != len(names) or not names:
        raise CatalogueError(f"{where}: issue names must be unique and there must be some")
    return Catalogue(int(data.get("version", 0)), issues)


def _issue(entry: Mapping[str, Any], where: str) -> IssueType:
    name = str(entry.get("name", "?"))
    unknown = sorted(set(entry) - _KEYS)
    lacking = sorted(_KEYS - {"missing"} - set(entry))
    if unknown or lacking:
        raise CatalogueError(f"{where}: {name}: unknown keys {unknown}, lacking keys {lacking}")
    if entry["family"] not in FAMILIES or entry["severity"] not in (1, 2, 3):
        raise CatalogueError(f"{where}: {name}: bad family or severity")
    missing = entry.get("missing")
    if missing is not None and missing not in get_args(Missing):
        raise CatalogueError(f"{where}: {name}: missing must be one of {get_args(Missing)}")
    messages = {str(key): str(value) for key, value in entry["messages"].items()}
    rewording = tuple(entry["rewording"])
    _check_templates(name, messages.values(), _MESSAGE_SLOTS, where)
    _check_templates(name, rewording, _REWORDING_SLOTS, where)
    if "default" not in messages or not rewording or _BRACES.search(rewording[-1]):
        raise CatalogueError(
            f"{where}: {name}: needs a default message and a last rewording without slots"
        )
    return IssueType(
        name=name,
        code=entry["code"],
        title=entry["title"],
        family=entry["family"],
        severity=entry["severity"],
        definition=entry["definition"],
        messages=messages,
        rewording=rewording,
        missing=cast("Missing | None", missing),
        standard=entry["standard"],
        references=tuple((ref["label"], ref.get("url")) for ref in entry["references"]),
        decisive=_decisive(name, entry["decisive"], messages, where),
        flag=_examples(entry["flag"]),
        quiet=_examples(entry["quiet"]),
    )


def _decisive(
    name: str, entry: object, messages: Mapping[str, str], where: str
) -> dict[str, float]:
    """Variants that stand below the model's threshold, each with its measured precision."""
    if not isinstance(entry, Mapping):
        raise CatalogueError(f"{where}: {name}: decisive must map message variants to a precision")
    for variant, precision in entry.items():
        if variant not in messages or not isinstance(precision, float) or not 0 < precision <= 1:
            raise CatalogueError(
                f"{where}: {name}: decisive names {variant!r} with {precision!r}; expected a "
                "message variant and the precision measured for it"
            )
    return dict(entry)


def _check_templates(name: str, templates: Iterable[str], allowed: set[str], where: str) -> None:
    for template in templates:
        unknown = set(_BRACES.findall(template)) - allowed
        if unknown:
            raise CatalogueError(f"{where}: {name}: unknown slot {sorted(unknown)} in {template!r}")


def _examples(entries: Sequence[str | Mapping[str, str]]) -> tuple[Example, ...]:
    return tuple(
        Example(entry)
        if isinstance(entry, str)
        else Example(entry["text"], entry.get("why"), entry.get("article"))
        for entry in entries
    )
