"""What a scan writes down about its inputs: outcomes as they come, and the final rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Self

if TYPE_CHECKING:
    from claimcheck.records import Failure, Report, Source, SourceKind
    from claimcheck.sources import Entry, EntryKind

__all__ = [
    "COLUMNS",
    "DUPLICATE_ADDRESS",
    "DUPLICATE_CONTENT",
    "Brief",
    "Committed",
    "Counts",
    "FinalRow",
    "OutcomeState",
    "Pending",
    "State",
    "brief_of",
    "source_of",
]

State = Literal["done", "failed", "skipped"]
"""How an input ended: it was judged, it could not be read, or there was nothing to judge."""

OutcomeState = Literal["report", "failure", "same"]
"""What was committed: a report, a failure, or that the content had been read before."""

DUPLICATE_ADDRESS: Final = "duplicate-address"
DUPLICATE_CONTENT: Final = "duplicate-content"

_SOURCE_KINDS: Final[dict[EntryKind, SourceKind]] = {
    "url": "url",
    "file": "file",
    "record": "warc",
    "row": "file",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What an index and a summary need to know of a report.

    ``severities`` counts the findings that are serious, moderate and minor (severity 3, 2
    and 1); ``issues`` how often each issue was found, by name. ``score`` is the highest
    score of a finding, a probability 0–1, or null where there is none.
    """

    title: str
    words: int = 0
    sentences: int = 0
    claims: int = 0
    flagged: int = 0
    severities: tuple[int, int, int] = (0, 0, 0)
    issues: Mapping[str, int] = field(default_factory=dict)
    score: float | None = None

    @classmethod
    def of(cls, report: Report) -> Self:
        """The brief of a report."""
        from claimcheck.report.view import display_title

        summary, found = report.summary, report.findings
        issues = Counter(finding.issue for finding in found)
        by_severity = summary.by_severity
        return cls(
            title=display_title(report),
            words=summary.words,
            sentences=summary.sentences,
            claims=summary.claims,
            flagged=summary.flagged,
            severities=(by_severity["3"], by_severity["2"], by_severity["1"]),
            issues=dict(sorted(issues.items())),
            score=max((finding.score for finding in found), default=None),
        )

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types, one key a column of the results."""
        serious, moderate, minor = self.severities
        return {
            "title": self.title,
            "words": self.words,
            "sentences": self.sentences,
            "claims": self.claims,
            "flagged": self.flagged,
            "serious": serious,
            "moderate": moderate,
            "minor": minor,
            "score": self.score,
            "issues": dict(self.issues),
        }

    @classmethod
    def from_json_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read one back.

        :raises KeyError, TypeError: a key is missing or unknown.
        """
        given = dict(data)
        severities = (given.pop("serious"), given.pop("moderate"), given.pop("minor"))
        return cls(severities=severities, **given)


def brief_of(outcome: Report | Failure) -> Brief | None:
    """The brief of an outcome; a failure has none."""
    # By its schema, so that the records need not be imported.
    return None if outcome.schema_ == "claimcheck.failure/1" else Brief.of(outcome)


def source_of(
    kind: EntryKind, uri: str, *, sha256: str | None = None, retrieved: str | None = None
) -> Source:
    """How a failure names the input that could not be read."""
    from claimcheck.records import Source

    named: SourceKind = "url" if kind == "row" and "://" in uri else _SOURCE_KINDS[kind]
    return Source(kind=named, uri=uri, sha256=sha256, retrieved=retrieved)


@dataclass(frozen=True, slots=True)
class Pending:
    """An input that still needs an outcome."""

    seq: int
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What came of one input; committed once and never changed.

    ``outcome`` is the report or failure as one line of JSON in UTF-8 without its newline;
    null for ``same``, which names in ``same_as`` an input with the same content and a lower
    number. ``sha256`` is of the content, null where none could be read. ``attempts`` counts
    tries, ``seconds`` is time by the clock in the child, ``retrieved`` ISO 8601 in UTC.
    """

    seq: int
    state: OutcomeState
    sha256: str | None
    same_as: int | None = None
    attempts: int = 1
    outcome: bytes | None = None
    seconds: float = 0.0
    retrieved: str | None = None
    brief: Brief | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many inputs are in which state. ``pending`` still need an outcome.

    ``failed`` goes by the kind of failure, ``skipped`` by reason, both in order of the name.
    """

    inputs: int = 0
    pending: int = 0
    done: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "inputs": self.inputs,
            "pending": self.pending,
            "done": self.done,
            "failed": dict(self.failed),
            "skipped": dict(self.skipped),
        }


COLUMNS: Final[tuple[str, ...]] = (
    "seq",
    "uri",
    "origin",
    "kind",
    "state",
    "reason",
    "message",
    "of",
    "sha256",
    "retrieved",
    "attempts",
    "seconds",
    "title",
    "words",
    "sentences",
    "claims",
    "flagged",
    "serious",
    "moderate",
    "minor",
    "score",
    "issues",
)
"""The columns of a final row, as ``ledger.jsonl`` and ``results.parquet`` name them."""

_NO_BRIEF: Final = dict.fromkeys(COLUMNS[COLUMNS.index("title") :])


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalRow:
    """One input and how it ended.

    ``reason`` is the kind of failure or why it was skipped, a word for programs, and
    ``message`` the same for people. ``of`` is the number of the input that this one repeats.
    ``sha256`` is of the content where it is known. ``attempts`` is 0 and ``seconds`` 0.0
    for an input that nobody had to read. ``brief`` is there for ``done`` alone.
    """

    seq: int
    uri: str
    origin: str
    kind: EntryKind
    state: State
    reason: str | None = None
    message: str | None = None
    of: int | None = None
    sha256: str | None = None
    retrieved: str | None = None
    attempts: int = 0
    seconds: float = 0.0
    brief: Brief | None = None

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types, keys in the order of :data:`COLUMNS`; what is not known is null."""
        return {
            "seq": self.seq,
            "uri": self.uri,
            "origin": self.origin,
            "kind": self.kind,
            "state": self.state,
            "reason": self.reason,
            "message": self.message,
            "of": self.of,
            "sha256": self.sha256,
            "retrieved": self.retrieved,
            "attempts": self.attempts,
            "seconds": self.seconds,
            **(_NO_BRIEF if self.brief is None else self.brief.to_json_dict()),
        }
