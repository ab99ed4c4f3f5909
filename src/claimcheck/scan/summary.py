"""What a generation of a run adds up to, counted row by row in bounded memory."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from claimcheck.scan.rows import FinalRow

__all__ = ["MOST_FLAGGED", "SUMMARY_SCHEMA", "FlaggedPage", "Summary", "Tally"]

SUMMARY_SCHEMA: Final = "claimcheck.summary/1"

MOST_FLAGGED: Final = 10
"""How many of the most flagged pages a summary names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedPage:
    """A page and its flagged claims; ``severities``: its serious, moderate and minor findings."""

    seq: int
    uri: str
    title: str
    flagged: int
    severities: tuple[int, int, int]

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self) | {"severities": list(self.severities)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a generation adds up to. Only articles that were judged count for words and claims.

    ``failed`` goes by kind of failure, ``skipped`` by reason, ``issues`` by name, each the
    most frequent first. ``severities`` counts the findings that are serious, moderate and
    minor. ``wall_seconds`` and ``cpu_seconds`` (those of the children) add up the sessions
    that came to an end by themselves.
    """

    inputs: int = 0
    pending: int = 0
    articles: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    words: int = 0
    sentences: int = 0
    claims: int = 0
    flagged: int = 0
    flagged_articles: int = 0
    severities: tuple[int, int, int] = (0, 0, 0)
    issues: Mapping[str, int] = field(default_factory=dict)
    most_flagged: tuple[FlaggedPage, ...] = ()
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every input has a final state."""
        return self.pending == 0

    @property
    def unread(self) -> int:
        """Inputs that failed."""
        return sum(self.failed.values())

    @property
    def findings(self) -> int:
        """Findings of any severity."""
        return sum(self.severities)

    @property
    def worst(self) -> int:
        """The highest severity of a finding, 3 to 1, or 0 where there is none."""
        return next((3 - at for at, number in enumerate(self.severities) if number), 0)

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        serious, moderate, minor = self.severities
        return {
            "schema": SUMMARY_SCHEMA,
            "complete": self.complete,
            "inputs": self.inputs,
            "pending": self.pending,
            "articles": self.articles,
            "failed": dict(self.failed),
            "skipped": dict(self.skipped),
            "words": self.words,
            "sentences": self.sentences,
            "claims": self.claims,
            "flagged": self.flagged,
            "flagged_articles": self.flagged_articles,
            "findings": {"serious": serious, "moderate": moderate, "minor": minor},
            "issues": dict(self.issues),
            "most_flagged": [page.to_json_dict() for page in self.most_flagged],
            "wall_seconds": round(self.wall_seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
        }


class Tally:
    """Counts final rows as they pass; in whatever order they come, the sum is the same."""

    def __init__(self) -> None:
        self._inputs = 0
        self._reasons: dict[Literal["failed", "skipped"], Counter[str]] = {
            "failed": Counter(),
            "skipped": Counter(),
        }
        self._sums: Counter[str] = Counter()
        self._severities = [0, 0, 0]
        self._issues: Counter[str] = Counter()
        self._most: list[tuple[tuple[int, ...], FlaggedPage]] = []  # a heap, the least first

    def add(self, row: FinalRow) -> None:
        """Count one row."""
        self._inputs += 1
        if row.state != "done":
            self._reasons[row.state][row.reason or "unknown"] += 1
            return
        self._sums["articles"] += 1
        if row.brief is None:
            return
        brief = row.brief
        self._sums["words"] += brief.words
        self._sums["sentences"] += brief.sentences
        self._sums["claims"] += brief.claims
        self._sums["flagged"] += brief.flagged
        self._severities = [
            one + more for one, more in zip(self._severities, brief.severities, strict=True)
        ]
        self._issues.update(brief.issues)
        if brief.flagged:
            self._sums["flagged_articles"] += 1
            self._rank(row.seq, row.uri, brief.title, brief.flagged, brief.severities)

    def _rank(
        self, seq: int, uri: str, title: str, flagged: int, severities: tuple[int, int, int]
    ) -> None:
        page = FlaggedPage(seq=seq, uri=uri, title=title, flagged=flagged, severities=severities)
        ranked = ((flagged, *severities, -seq), page)
        if len(self._most) < MOST_FLAGGED:
            heapq.heappush(self._most, ranked)
        else:
            heapq.heappushpop(self._most, ranked)

    def summary(
        self, *, pending: int = 0, wall_seconds: float = 0.0, cpu_seconds: float = 0.0
    ) -> Summary:
        """What the rows so far add up to.

        :param pending: inputs without a final state, which have no row.
        """
        serious, moderate, minor = self._severities
        return Summary(
            inputs=self._inputs + pending,
            pending=pending,
            articles=self._sums["articles"],
            failed=_most_frequent_first(self._reasons["failed"]),
            skipped=_most_frequent_first(self._reasons["skipped"]),
            words=self._sums["words"],
            sentences=self._sums["sentences"],
            claims=self._sums["claims"],
            flagged=self._sums["flagged"],
            flagged_articles=self._sums["flagged_articles"],
            severities=(serious, moderate, minor),
            issues=_most_frequent_first(self._issues),
            most_flagged=tuple(page for _, page in sorted(self._most, reverse=True, key=_rank_of)),
            wall_seconds=wall_seconds,
            cpu_seconds=cpu_seconds,
        )


def _rank_of(ranked: tuple[tuple[int, ...], FlaggedPage]) -> tuple[int, ...]:
    return ranked[0]


def _most_frequent_first(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))
