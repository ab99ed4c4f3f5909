"""Records of what became of findings and pages, their JSON form, and how people read them.

What the states mean stands in :mod:`claimcheck.scan.changes`, which makes these records.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal

from claimcheck.errors import ClaimcheckError
from claimcheck.records import Finding
from claimcheck.report.inert import terminal_text
from claimcheck.report.view import SEVERITY_WORD, count, listed
from claimcheck.scan.alignment import PairKind

__all__ = [
    "CHANGES_FILE",
    "FINDING_CHANGE_SCHEMA",
    "PAGE_CHANGE_SCHEMA",
    "ChangeSummary",
    "FindingChange",
    "FindingState",
    "PageChange",
    "PageState",
    "describe",
    "is_fresh",
    "only_new",
    "read_changes",
]

CHANGES_FILE: Final = "changes.jsonl"
PAGE_CHANGE_SCHEMA: Final = "claimcheck.page-change/1"
FINDING_CHANGE_SCHEMA: Final = "claimcheck.finding-change/1"

FindingState = Literal[
    "new", "unchanged", "changed", "gone", "newly-raised", "no-longer-raised", "unknown"
]
PageState = Literal["new", "unchanged", "changed", "gone", "unreadable", "unlisted"]

_LONGEST_QUOTE = 160  # characters of a sentence in a line for people


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """What became of one finding.

    As JSON, one line of ``changes.jsonl``::

        {"schema": "claimcheck.finding-change/1", "uri": "https://example.org/tea",
         "state": "changed", "issue": "absolute", "sentence": "changed",
         "similarity": 0.8571, "tool_changed": [], "old": {…}, "new": {…}}

    ``old`` and ``new`` are findings as in a report, or null; spans count code points of
    the report that the finding comes from.
    """

    uri: str
    """The page, as its input was given."""
    state: FindingState
    """What became of it; see the table of the module."""
    issue: str
    """Public name of the issue type."""
    sentence: PairKind | None = None
    """What became of its sentence; null if there was nothing to compare with."""
    similarity: float | None = None
    """Share of words that both versions of the sentence have in common, 0–1; null where there
    is one version."""
    tool_changed: tuple[str, ...] = ()
    """What judged differently in the two scans: of ``version``, ``model``, ``profile``,
    ``threshold`` and ``supplements``."""
    old: Finding | None = None
    """The finding in the old report."""
    new: Finding | None = None
    """The finding in the new report."""

    @property
    def severity(self) -> int:
        """That of the new finding, or of the old one where there is no new one; 1 to 3."""
        finding = self.new or self.old
        return finding.severity if finding is not None else 1

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types, keys in the order above."""
        return {
            "schema": FINDING_CHANGE_SCHEMA,
            "uri": self.uri,
            "state": self.state,
            "issue": self.issue,
            "sentence": self.sentence,
            "similarity": None if self.similarity is None else round(self.similarity, 4),
            "tool_changed": list(self.tool_changed),
            "old": _finding_json(self.old),
            "new": _finding_json(self.new),
        }

    @classmethod
    def from_json_dict(cls, data: Mapping[str, Any]) -> FindingChange:
        """Read the JSON form back.

        :raises ValueError: a key is missing or too much, or a finding breaks its schema.
        """
        values = _values(data, FINDING_CHANGE_SCHEMA)
        values["tool_changed"] = tuple(values.get("tool_changed") or ())
        for name in ("old", "new"):
            if values.get(name) is not None:
                values[name] = Finding.model_validate(values[name])
        _check_keys(values, cls.__slots__)
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChange:
    """What became of one page. Its findings follow, each on a line of its own.

    As JSON, one line of ``changes.jsonl``::

        {"schema": "claimcheck.page-change/1", "uri": "https://example.org/tea",
         "state": "changed", "title": "Tea", "compared_with": "20261124T211500Z",
         "same_as": null, "reason": null, "message": null, "tool_changed": [],
         "sentences": {"same": 40, "moved": 0, "changed": 1, "added": 2, "removed": 0}}
    """

    uri: str
    """The page, as its input was given."""
    state: PageState
    """What became of it; see the table of the module."""
    title: str | None = None
    """Title of the article, of the new version if it was read."""
    compared_with: str | None = None
    """Generation in which the page was last read before this one; null if in none."""
    same_as: str | None = None
    """The input whose content this page repeats byte for byte, so that it was judged there."""
    reason: str | None = None
    """Kind of the failure, where the page could not be read."""
    message: str | None = None
    """Its message."""
    tool_changed: tuple[str, ...] = ()
    """As in :class:`FindingChange`."""
    sentences: Mapping[str, int] = field(default_factory=dict)
    """How many sentences are same, moved, changed, added and removed; empty where two versions
    were not compared."""

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types, keys in the order above."""
        return {
            "schema": PAGE_CHANGE_SCHEMA,
            "uri": self.uri,
            "state": self.state,
            "title": self.title,
            "compared_with": self.compared_with,
            "same_as": self.same_as,
            "reason": self.reason,
            "message": self.message,
            "tool_changed": list(self.tool_changed),
            "sentences": dict(self.sentences),
        }

    @classmethod
    def from_json_dict(cls, data: Mapping[str, Any]) -> PageChange:
        """Read the JSON form back.

        :raises ValueError: a key is missing or too much.
        """
        values = _values(data, PAGE_CHANGE_SCHEMA)
        values["tool_changed"] = tuple(values.get("tool_changed") or ())
        _check_keys(values, cls.__slots__)
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSummary:
    """Counts over all pages of an update.

    As JSON: ``{"old": "20261123T211500Z", "new": "20261124T211500Z", "pages": {"unchanged": 9,
    …}, "findings": {"new": 2, …}, "fresh": {"3": 1, "2": 1, "1": 0}, "tool_changed":
    ["model"]}``; ``pages`` and ``findings`` hold the states that occur.
    """

    old: str
    """Name of the generation that was compared with."""
    new: str
    """Name of the generation that was compared."""
    pages: Mapping[PageState, int]
    """Pages by state."""
    findings: Mapping[FindingState, int]
    """Findings by state."""
    fresh: Mapping[int, int]
    """Findings that :func:`only_new` keeps, by severity."""
    tool_changed: tuple[str, ...] = ()
    """What judged differently on at least one page."""

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types, keys in the order above."""
        return {
            "old": self.old,
            "new": self.new,
            "pages": dict(self.pages),
            "findings": dict(self.findings),
            "fresh": {str(severity): number for severity, number in self.fresh.items()},
            "tool_changed": list(self.tool_changed),
        }


def _finding_json(finding: Finding | None) -> dict[str, Any] | None:
    return None if finding is None else finding.model_dump(mode="json")


def _values(data: Mapping[str, Any], schema: str) -> dict[str, Any]:
    if data.get("schema") != schema:
        raise ValueError(f"schema is {data.get('schema')!r}, expected {schema!r}")
    return {name: value for name, value in data.items() if name != "schema"}


def _check_keys(values: Mapping[str, Any], names: Iterable[str]) -> None:
    if odd := sorted(set(values) ^ set(names)):
        raise ValueError(f"{', '.join(odd)} lacks or is too much in the record")


# ---------------------------------------------------------------------- showing them


def only_new(
    changes: Iterable[PageChange | FindingChange],
) -> Iterator[FindingChange]:
    """The findings that a person who knows the last scan has not seen yet.

    Those that are ``new`` or ``changed``, and those ``newly-raised`` by the same tool: the
    words are the old ones, but what supported them is not. What a new model sees in an old
    text is not news about the page; it is left out here and is in ``changes.jsonl``.
    """
    return (one for one in changes if isinstance(one, FindingChange) and is_fresh(one))


def is_fresh(change: FindingChange) -> bool:
    """Whether :func:`only_new` keeps it."""
    if change.state == "newly-raised":
        return not change.tool_changed
    return change.state in ("new", "changed")


def describe(changes: Iterable[PageChange | FindingChange]) -> Iterator[str]:
    """Lines for a terminal, in plain words, page by page; safe to print as they are.

    A page's name stands above its findings. Findings that are unchanged or unknown are
    counted, not shown. No line holds a line break, colour or control characters.
    """
    for uri, group in groupby(changes, key=lambda change: change.uri):
        yield terminal_text(uri)
        silent: Counter[FindingState] = Counter()
        for change in group:
            if isinstance(change, PageChange):
                yield from (f"  {terminal_text(line)}" for line in _page_lines(change))
            elif change.state in ("unchanged", "unknown"):
                silent[change.state] += 1
            else:
                yield f"  {terminal_text(_finding_line(change))}"
        for state, number in sorted(silent.items()):
            rest = "" if state == "unchanged" else ": the page could not be compared"
            yield f"  {count(number, 'finding')} {state}{rest}"


def _page_lines(page: PageChange) -> Iterator[str]:
    if page.state in ("gone", "unreadable"):
        yield f"{page.state}: {page.message or page.reason}"
    elif page.state == "unlisted":
        yield "not in the inputs this time, so it was not read"
    elif page.state == "new":
        yield "read for the first time"
    elif page.state == "unchanged":
        yield "text unchanged"
    else:
        kinds = ("changed", "added", "removed", "moved")
        numbers = [(kind, page.sentences.get(kind, 0)) for kind in kinds]
        parts = [f"{number} {kind}" for kind, number in numbers if number]
        yield f"text changed; sentences: {listed(parts)}" if parts else "text changed"
    if page.same_as is not None:
        yield f"has the same content as {page.same_as}"
    if page.tool_changed:
        yield f"judged with another {listed(page.tool_changed)} than last time"


def _finding_line(change: FindingChange) -> str:
    words = change.state.replace("-", " ")
    line = f"{words}, {SEVERITY_WORD[change.severity]}: {change.issue}: "
    if change.old is not None and change.new is not None:
        line += f"{_quoted(change.old)} is now {_quoted(change.new)}"
    elif (finding := change.new or change.old) is not None:
        line += _quoted(finding)
    if change.state == "gone" and change.sentence == "changed":
        line += " (the sentence was reworded)"
    elif change.state in ("newly-raised", "no-longer-raised"):
        cause = (
            f"judged with another {listed(change.tool_changed)}"
            if change.tool_changed
            else "what stands around it, or a setting, changed"
        )
        line += f" (the sentence is as it was; {cause})"
    return line


def _quoted(finding: Finding) -> str:
    words = " ".join(finding.quote.split())
    if len(words) > _LONGEST_QUOTE:
        words = words[: _LONGEST_QUOTE - 1].rstrip() + "…"
    return f"“{words}”"


def read_changes(path: Path) -> Iterator[PageChange | FindingChange]:
    """The records of a ``changes.jsonl``, in order: each page, then its findings.

    :raises ClaimcheckError: the file cannot be read, or a line is not a change; names
        the file and the line.
    """
    number = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007 - named in the message
                yield _parsed(json.loads(line))
    except OSError as error:
        raise ClaimcheckError(f"{path}: cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise ClaimcheckError(
            f"{path}:{number}: not a change ({error}); run the update again"
        ) from error


def _parsed(data: Any) -> PageChange | FindingChange:
    if not isinstance(data, dict):
        raise ValueError("the line is not a JSON object")  # noqa: TRY004 - see read_changes
    if data.get("schema") == PAGE_CHANGE_SCHEMA:
        return PageChange.from_json_dict(data)
    return FindingChange.from_json_dict(data)
