"""The frozen records that stages exchange, and their JSON form (wire schema 1).

All offsets are half-open **Unicode code point** offsets into ``article.text``, and
``article.text[start:end]`` is always exactly the quoted words. The records check
that themselves where they hold both the text and the span.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from claimcheck.errors import FailureKind

__all__ = [
    "ARTICLE_BLOCK_KINDS",
    "CHECKLIST_STATUSES",
    "FAILURE_SCHEMA",
    "REPORT_SCHEMA",
    "Article",
    "Block",
    "BlockKind",
    "ChecklistItem",
    "Claim",
    "ClaimKind",
    "Cue",
    "Failure",
    "FailureDetail",
    "Finding",
    "Hedge",
    "Label",
    "Link",
    "Missing",
    "Polarity",
    "Report",
    "Sentence",
    "Slots",
    "Source",
    "SourceKind",
    "Span",
    "Stance",
    "Strength",
    "Summary",
    "Supplement",
    "Tool",
    "parse_outcome",
]

REPORT_SCHEMA: Final = "claimcheck.report/1"
FAILURE_SCHEMA: Final = "claimcheck.failure/1"

Span = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
"""``[start, end)`` in code points of ``article.text``."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]

SourceKind = Literal["file", "url", "text", "warc"]
BlockKind = Literal["title", "heading", "paragraph", "list-item", "quote", "table"]
ClaimKind = Literal[
    "efficacy", "safety", "risk", "mechanism", "comparison", "advice", "status", "condition"
]
Polarity = Literal["+", "-", "0", "±"]
Strength = Literal["none", "correlational", "conditional", "direct"]
Hedge = Literal["adequate", "partial", "none", "not-applicable"]
Stance = Literal["asserted", "attributed", "quoted", "questioned", "conditional", "debunked"]
Label = Literal["ok", "flag"]
Missing = Literal["number", "source", "baseline", "caveat"]
ChecklistStatus = Literal["found", "not-found", "unclear", "not-applicable"]

ARTICLE_BLOCK_KINDS: tuple[BlockKind, ...] = (
    "title",
    "heading",
    "paragraph",
    "list-item",
    "quote",
    "table",
)
CHECKLIST_STATUSES: tuple[ChecklistStatus, ...] = (
    "found",
    "not-found",
    "unclear",
    "not-applicable",
)


class _Record(BaseModel):
    """Frozen, closed (an unknown key is an error), compared by value."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Supplement(_Record):
    """A user file merged with the lexicons or the allow-list, as the report names it."""

    kind: Literal["lexicon", "allow-list"]
    name: str
    sha256: str
    entries: Annotated[int, Field(ge=0)]


class Tool(_Record):
    """What made the report."""

    name: Literal["claimcheck"] = "claimcheck"
    version: str
    model: str
    model_sha256: str
    profile: str = "balanced"
    threshold: Probability = 0.5
    supplements: tuple[Supplement, ...] = ()


class Source(_Record):
    """Where the bytes came from. ``sha256`` is of the raw bytes; ``retrieved`` is ISO 8601 UTC."""

    kind: SourceKind
    uri: str
    sha256: str | None = None
    retrieved: str | None = None


class Block(_Record):
    """One block of the article. ``level`` is 1–6 for a heading, else null."""

    kind: BlockKind
    level: Annotated[int, Field(ge=1, le=6)] | None = None
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class Sentence(_Record):
    """A unit that was judged. ``block`` indexes ``article.blocks``.

    ``score`` is the calibrated probability that a careful health editor would want
    to see the sentence, or null where the cheap stage dismissed it.
    """

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    block: Annotated[int, Field(ge=0)]
    score: Probability | None = None


class Link(_Record):
    """A hyperlink in the article's text."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    href: str


class Article(_Record):
    """An extracted article. Blocks are in text order and do not overlap.

    :raises ValueError: a block, sentence or link lies outside the text or out of order.
    """

    title: str | None = None
    byline: str | None = None
    published: str | None = None
    site: str | None = None
    url: str | None = None
    language: str | None = None
    text: str
    blocks: tuple[Block, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    links: tuple[Link, ...] = ()

    @model_validator(mode="after")
    def _spans_hold(self) -> Self:
        size = len(self.text)
        previous = 0
        for block in self.blocks:
            if not previous <= block.start < block.end <= size:
                raise ValueError(
                    f"block [{block.start}, {block.end}) is empty, out of order or outside "
                    f"the text of {size} characters"
                )
            previous = block.end
        previous = 0
        for sentence in self.sentences:
            if not previous <= sentence.start < sentence.end <= size:
                raise ValueError(
                    f"sentence [{sentence.start}, {sentence.end}) is empty, out of order or "
                    f"outside the text of {size} characters"
                )
            if sentence.block >= len(self.blocks):
                raise ValueError(f"sentence names block {sentence.block}, which does not exist")
            previous = sentence.end
        for link in self.links:
            if not link.start < link.end <= size:
                raise ValueError(f"link [{link.start}, {link.end}) lies outside the text")
        return self


class Slots(_Record):
    """The parts of a claim, each a span of the text or null."""

    agent: Span | None = None
    relation: Span | None = None
    outcome: Span | None = None
    population: Span | None = None
    comparator: Span | None = None
    magnitude: Span | None = None
    source: Span | None = None
    design: Span | None = None


class Cue(_Record):
    """Words that count as evidence. ``kind`` is the lexicon class.

    ``in_scope`` says whether the cue bears on the claim (for a hedge: governs its
    main predicate, rule H1).
    """

    kind: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    in_scope: bool


class Claim(_Record):
    """One efficacy or safety proposition in a sentence."""

    id: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    quote: str
    sentence: Span
    kind: ClaimKind
    polarity: Polarity
    strength: Strength
    hedge: Hedge
    stance: Stance
    label: Label
    score: Probability
    established: str | None = None
    slots: Slots = Slots()
    cues: tuple[Cue, ...] = ()


class Finding(_Record):
    """One reason why a claim's wording asks for more than the article supports."""

    id: str
    claim: str
    issue: str
    severity: Annotated[int, Field(ge=1, le=3)]
    score: Probability
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    quote: str
    evidence: Annotated[tuple[Span, ...], Field(min_length=1)]
    missing: Missing | None = None
    message: str
    suggestion: str | None = None
    standard: str
    fingerprint: str


class ChecklistItem(_Record):
    """One article-level review criterion with its evidence."""

    criterion: str
    status: ChecklistStatus
    evidence: tuple[Span, ...] = ()


def _no_findings() -> Mapping[Literal["1", "2", "3"], int]:
    return {"1": 0, "2": 0, "3": 0}


class Summary(_Record):
    """Counts over one report. ``flagged`` counts claims with the label ``flag``."""

    words: Annotated[int, Field(ge=0)] = 0
    sentences: Annotated[int, Field(ge=0)] = 0
    claims: Annotated[int, Field(ge=0)] = 0
    flagged: Annotated[int, Field(ge=0)] = 0
    by_severity: Mapping[Literal["1", "2", "3"], int] = Field(
        default_factory=_no_findings
    )


class Report(_Record):
    """What claimcheck says about one article.

    :raises ValueError: a quote differs from the text at its span, a finding names a
        claim that does not exist, or a claim's label disagrees with its findings.
    """

    schema_: Literal["claimcheck.report/1"] = Field(default=REPORT_SCHEMA, alias="schema")
    tool: Tool
    source: Source
    article: Article
    claims: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    summary: Summary = Summary()

    @model_validator(mode="after")
    def _quotes_hold(self) -> Self:
        text = self.article.text
        quoted = [(one.id, one.start, one.end, one.quote) for one in self.claims]
        quoted += [(one.id, one.start, one.end, one.quote) for one in self.findings]
        for identity, start, end, quote in quoted:
            if text[start:end] != quote or not quote:
                raise ValueError(f"{identity}: the quote is not what stands at its span")
        known = {claim.id for claim in self.claims}
        flagged = {finding.claim for finding in self.findings}
        if not flagged <= known:
            raise ValueError(f"findings name unknown claims: {sorted(flagged - known)}")
        for claim in self.claims:
            if (claim.label == "flag") != (claim.id in flagged):
                raise ValueError(f"{claim.id}: label {claim.label!r} disagrees with its findings")
        for finding in self.findings:
            for start, end in finding.evidence:
                if not start < end <= len(text):
                    raise ValueError(f"{finding.id}: evidence [{start}, {end}) is not in the text")
        return self

    def to_json_dict(self) -> dict[str, Any]:
        """The wire form: plain JSON types, keys in the order of the schema."""
        return self.model_dump(mode="json", by_alias=True)


class FailureDetail(_Record):
    """Why an input could not be read."""

    kind: FailureKind
    message: str
    retryable: bool = False


class Failure(_Record):
    """An input that could not be read. Never an empty report."""

    schema_: Literal["claimcheck.failure/1"] = Field(default=FAILURE_SCHEMA, alias="schema")
    source: Source
    error: FailureDetail

    def to_json_dict(self) -> dict[str, Any]:
        """The wire form: plain JSON types, keys in the order of the schema."""
        return self.model_dump(mode="json", by_alias=True)


def parse_outcome(data: Mapping[str, Any]) -> Report | Failure:
    """Read a report or a failure back from its JSON form.

    :param data: one decoded JSON object.
    :raises ValueError: neither schema, or the object breaks its schema.
    """
    schema = data.get("schema")
    if schema == REPORT_SCHEMA:
        return Report.model_validate(data)
    if schema == FAILURE_SCHEMA:
        return Failure.model_validate(data)
    raise ValueError(
        f"not a claimcheck record: schema is {schema!r}, expected {REPORT_SCHEMA!r} or "
        f"{FAILURE_SCHEMA!r}"
    )
