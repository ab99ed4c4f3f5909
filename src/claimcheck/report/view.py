"""What the formats for people share: options, words for numbers, and the order of reading."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType

from claimcheck.records import Article, Block, Claim, Finding, Report, Span

__all__ = [
    "SEVERITIES",
    "SEVERITY_MEANING",
    "SEVERITY_WORD",
    "Passage",
    "View",
    "block_at",
    "count",
    "display_title",
    "heading_before",
    "likelihood",
    "listed",
    "merged",
    "passages",
    "severity_counts",
]

SEVERITIES: tuple[int, ...] = (3, 2, 1)

SEVERITY_WORD: Mapping[int, str] = MappingProxyType({3: "serious", 2: "moderate", 1: "minor"})

# From the severity rule of the annotation scheme.
SEVERITY_MEANING: Mapping[int, str] = MappingProxyType(
    {
        3: "acting on it as written could do harm or displace care, or it denies harm",
        2: "misleads about size, strength or evidence",
        1: "tone or completeness",
    }
)

_LIKELIHOOD: tuple[tuple[float, str], ...] = (
    (0.9, "very likely"),
    (0.7, "likely"),
    (0.4, "as likely as not"),
    (0.0, "less likely than not"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the formats for people show things.

    ``titles`` maps an issue name to its title (without one, the name is spelt out).
    ``hidden`` maps a source's ``uri`` to the number of findings that the caller's filters
    removed; it is read when that outcome is written, so it may be filled on the way.
    ``quiet``, ``verbose``, ``colour`` and ``width`` concern the terminal; ``colour`` and
    ``width`` of ``None`` are found out from the stream and the environment.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, int] = field(default_factory=dict)
    quiet: bool = False
    verbose: bool = False
    colour: bool | None = None
    width: int | None = None

    def title(self, issue: str) -> str:
        """What a person calls the issue: ``minimised-harm`` → ``Minimised harm``."""
        words = issue.replace("-", " ")
        return self.titles.get(issue) or words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence with its findings, the most severe first."""

    sentence: Span
    findings: tuple[Finding, ...]
    claims: Mapping[str, Claim]

    @property
    def evidence(self) -> tuple[Span, ...]:
        """The evidence within the sentence, merged and in order."""
        start, end = self.sentence
        spans = sorted(
            (max(start, first), min(end, last))
            for finding in self.findings
            for first, last in finding.evidence
            if first < end and last > start
        )
        return merged(spans)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sorted spans with those that overlap joined into one."""
    result: list[Span] = []
    for start, end in spans:
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def passages(report: Report) -> tuple[Passage, ...]:
    """The sentences with findings, in the order of the text."""
    claims = {claim.id: claim for claim in report.claims}

    def place(finding: Finding) -> Span:
        # A filtered report may hold a finding whose claim spans several sentences; the
        # sentence of the claim is what an editor reads.
        return claims[finding.claim].sentence

    ordered = sorted(
        report.findings, key=lambda item: (place(item), -item.severity, item.start, item.id)
    )
    return tuple(
        Passage(sentence, tuple(group), claims) for sentence, group in groupby(ordered, key=place)
    )


def block_at(blocks: Sequence[Block], position: int) -> int | None:
    """The index of the block that holds the position, or ``None`` between blocks."""
    index = bisect_right(blocks, position, key=lambda block: block.start) - 1
    if index >= 0 and position < blocks[index].end:
        return index
    return None


def heading_before(article: Article, index: int) -> Block | None:
    """The nearest heading at or before a block; the title is not one."""
    for block in reversed(article.blocks[: index + 1]):
        if block.kind == "heading":
            return block
    return None


def display_title(report: Report) -> str:
    """The article's title, or the name of its source where it has none."""
    article = report.article
    for block in article.blocks:
        if block.kind == "title":
            return " ".join(article.text[block.start : block.end].split())
    return " ".join((article.title or "").split()) or report.source.uri


def severity_counts(findings: Iterable[Finding]) -> dict[int, int]:
    """How many findings there are of each severity, the most severe first."""
    counted = Counter(finding.severity for finding in findings)
    return {severity: counted[severity] for severity in SEVERITIES}


def likelihood(score: float) -> str:
    """A calibrated probability in words: how likely an editor would want to see it."""
    return next(word for floor, word in _LIKELIHOOD if score >= floor)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 claim``, ``1,204 words``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
