"""The frozen records that stages exchange, and their JSON form (wire schema 1).

All offsets are half-open **Unicode code point** offsets into ``article.text``, and
``article.text[start:end]`` is always exactly the quoted words. The records check
that themselves where they hold both the text and the span.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        # What claimcheck writes holds every key; the JSON Schema files say so.
        json_schema_serialization_defaults_required=True,
    )


class Supplement(_Record):
    """A user file merged with the lexicons or the allow-list, as the report names it."""

    kind: Literal["lexicon", "allow-list"]
    """What the file is."""
    name: str
    """File name, without its folder."""
    sha256: str
    """SHA-256 of the file, in hexadecimal."""
    entries: Annotated[int, Field(ge=0)]
    """How many entries it added."""


class Tool(_Record):
    """What made the report."""

    name: Literal["claimcheck"] = "claimcheck"
    """Always ``claimcheck``."""
    version: str
    """Version of the package."""
    model: str
    """Name of the model."""
    model_sha256: str
    """SHA-256 of the model's ``model.json``, which names the hashes of its other files."""
    profile: str = "balanced"
    """Profile whose threshold was used: ``careful``, ``balanced`` or ``sensitive``."""
    threshold: Probability = 0.5
    """Score from which a sentence is flagged."""
    supplements: tuple[Supplement, ...] = ()
    """The user's own lexicons and allow-lists that were merged with ours, in order."""


class Source(_Record):
    """Where the bytes came from. ``sha256`` is of the raw bytes; ``retrieved`` is ISO 8601 UTC."""

    kind: SourceKind
    """How the bytes came; ``text`` is standard input or text in memory."""
    uri: str
    """The input as it was given: a path, an address, or ``-``."""
    sha256: str | None = None
    """SHA-256 of the raw bytes, in hexadecimal; null if none could be read."""
    retrieved: str | None = None
    """When a web page was retrieved, ISO 8601 in UTC; null for anything else."""


class Block(_Record):
    """One block of the article. ``level`` is 1–6 for a heading, else null."""

    kind: BlockKind
    """What the block is on the page."""
    level: Annotated[int, Field(ge=1, le=6)] | None = None
    """Level of a heading, 1 to 6; null for other blocks."""
    start: Annotated[int, Field(ge=0)]
    """Where the block begins."""
    end: Annotated[int, Field(ge=0)]
    """Where it ends."""


class Sentence(_Record):
    """A unit that was judged. ``block`` indexes ``article.blocks``.

    ``score`` is the calibrated probability that a careful health editor would want
    to see the sentence, or null where the cheap stage dismissed it.
    """

    start: Annotated[int, Field(ge=0)]
    """Where the unit begins."""
    end: Annotated[int, Field(ge=0)]
    """Where it ends."""
    block: Annotated[int, Field(ge=0)]
    """Index into ``article.blocks``, from 0."""
    score: Probability | None = None
    """Calibrated probability that a careful health editor would want to see the sentence; null
    where the cheap stage dismissed it.
    """


class Link(_Record):
    """A hyperlink in the article's text."""

    start: Annotated[int, Field(ge=0)]
    """Where the linked words begin."""
    end: Annotated[int, Field(ge=0)]
    """Where they end."""
    href: str
    """The address, absolute."""


class Article(_Record):
    """An extracted article. Blocks are in text order and do not overlap.

    :raises ValueError: a block, sentence or link lies outside the text or out of order.
    """

    title: str | None = None
    """Title, as it stands in ``text``; null if there is none."""
    byline: str | None = None
    """Author or authors as printed."""
    published: str | None = None
    """Date of publication, ``YYYY-MM-DD``."""
    site: str | None = None
    """Name of the site."""
    url: str | None = None
    """Canonical address of the page."""
    language: str | None = None
    """Language code; ``en``, or null for a text too short to tell."""
    text: str
    """The whole text. Every offset in the report counts its code points."""
    blocks: tuple[Block, ...] = ()
    """Blocks in text order; they do not overlap."""
    sentences: tuple[Sentence, ...] = ()
    """The units that were judged, in text order; they do not overlap."""
    links: tuple[Link, ...] = ()
    """Hyperlinks in the text."""

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
    """What is said to act: the treatment, food, exposure or condition."""
    relation: Span | None = None
    """The words that carry the relation."""
    outcome: Span | None = None
    """What it is said to act on."""
    population: Span | None = None
    """In whom."""
    comparator: Span | None = None
    """Compared with what."""
    magnitude: Span | None = None
    """By how much."""
    source: Span | None = None
    """Who is said to say so."""
    design: Span | None = None
    """In what kind of study."""


class Cue(_Record):
    """Words that count as evidence. ``kind`` is the lexicon class.

    ``in_scope`` says whether the cue bears on the claim (for a hedge: governs its
    main predicate, rule H1).
    """

    kind: str
    """Class of the lexicon entry, such as ``minimiser`` or ``hedge-modal``."""
    start: Annotated[int, Field(ge=0)]
    """Where the cue begins."""
    end: Annotated[int, Field(ge=0)]
    """Where it ends."""
    in_scope: bool
    """Whether the cue bears on the claim; for a hedge, whether it governs the main predicate."""


class Claim(_Record):
    """One efficacy or safety proposition in a sentence."""

    id: str
    """Name within this report: ``c1``, ``c2``, …"""
    start: Annotated[int, Field(ge=0)]
    """Where the claim begins."""
    end: Annotated[int, Field(ge=0)]
    """Where it ends."""
    quote: str
    """Exactly ``article.text[start:end]``."""
    sentence: Span
    """The sentence that holds the claim; a span, not an index."""
    kind: ClaimKind
    """What sort of claim it is."""
    polarity: Polarity
    """``+`` favourable to the agent, ``-`` unfavourable, ``0`` no effect or harm, ``±`` mixed."""
    strength: Strength
    """How strong the stated relation is."""
    hedge: Hedge
    """Whether a hedge governs the claim's main predicate."""
    stance: Stance
    """In what voice it is put forward."""
    label: Label
    """``flag`` exactly if the claim has at least one finding."""
    score: Probability
    """The score of its sentence."""
    established: str | None = None
    """Id of the established fact that covers the claim, so that it needs no hedge; else null."""
    slots: Slots = Slots()
    """The parts of the claim."""
    cues: tuple[Cue, ...] = ()
    """Words in the claim that count as evidence."""


class Finding(_Record):
    """One reason why a claim's wording asks for more than the article supports."""

    id: str
    """Name within this report: ``f1``, ``f2``, …"""
    claim: str
    """Id of the claim."""
    issue: str
    """Public name of the issue type, as ``claimcheck issues`` lists them."""
    severity: Annotated[int, Field(ge=1, le=3)]
    """1 tone or completeness, 2 misleads about size, strength or evidence, 3 could do harm or
    denies harm.
    """
    score: Probability
    """The score of the sentence."""
    start: Annotated[int, Field(ge=0)]
    """Where the sentence begins."""
    end: Annotated[int, Field(ge=0)]
    """Where it ends."""
    quote: str
    """Exactly ``article.text[start:end]``."""
    evidence: Annotated[tuple[Span, ...], Field(min_length=1)]
    """The words that caused the finding, at least one span; the first is the one that the message
    quotes.
    """
    missing: Missing | None = None
    """What is absent, where absence is the fault; else null."""
    message: str
    """Why, in one sentence."""
    suggestion: str | None = None
    """A rewording that claims no more than the article supports, with square brackets for what
    only the author knows; or null.
    """
    standard: str
    """The expert standard behind the issue type."""
    fingerprint: str
    """Stable under edits elsewhere in the article: made of the issue and the normalised sentence,
    numbered from the second occurrence on.
    """


class ChecklistItem(_Record):
    """One article-level review criterion with its evidence."""

    criterion: str
    """Name of the criterion."""
    status: ChecklistStatus
    """Whether the article shows it."""
    evidence: tuple[Span, ...] = ()
    """The words that show it."""


def _no_findings() -> Mapping[Literal["1", "2", "3"], int]:
    return {"1": 0, "2": 0, "3": 0}


class Summary(_Record):
    """Counts over one report. ``flagged`` counts claims with the label ``flag``."""

    words: Annotated[int, Field(ge=0)] = 0
    """Words in the article's blocks."""
    sentences: Annotated[int, Field(ge=0)] = 0
    """Units that were judged."""
    claims: Annotated[int, Field(ge=0)] = 0
    """Claims in the report."""
    flagged: Annotated[int, Field(ge=0)] = 0
    """Claims with the label ``flag``."""
    by_severity: Mapping[Literal["1", "2", "3"], int] = Field(default_factory=_no_findings)
    """Findings of each severity."""


class Report(_Record):
    """What claimcheck says about one article.

    :raises ValueError: a quote differs from the text at its span, a span is empty or
        outside the text, a finding names a claim that does not exist, or a claim's label
        disagrees with its findings.
    """

    schema_: Literal["claimcheck.report/1"] = Field(default=REPORT_SCHEMA, alias="schema")
    """Names the record and its version."""
    tool: Tool
    """What made the report, with what."""
    source: Source
    """Where the bytes came from."""
    article: Article
    """What was read."""
    claims: tuple[Claim, ...] = ()
    """Claims in text order."""
    findings: tuple[Finding, ...] = ()
    """Findings in text order; within a sentence in the order of the catalogue, at most three."""
    checklist: tuple[ChecklistItem, ...] = ()
    """Article-level criteria; empty in this version."""
    summary: Summary = Summary()
    """Counts."""

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
        for where, (start, end) in self._spans():
            if not start < end <= len(text):
                raise ValueError(f"{where} [{start}, {end}) is not in the text")
        return self

    def _spans(self) -> Iterator[tuple[str, Span]]:
        """Every span that carries no quote of its own, with words that say where it stands."""
        for claim in self.claims:
            yield f"{claim.id}: sentence", claim.sentence
            for cue in claim.cues:
                yield f"{claim.id}: cue", (cue.start, cue.end)
            for name in Slots.model_fields:
                if (span := getattr(claim.slots, name)) is not None:
                    yield f"{claim.id}: slot {name}", span
        for finding in self.findings:
            yield from ((f"{finding.id}: evidence", span) for span in finding.evidence)
        for item in self.checklist:
            yield from ((f"{item.criterion}: evidence", span) for span in item.evidence)

    def to_json_dict(self) -> dict[str, Any]:
        """The wire form: plain JSON types, keys in the order of the schema."""
        return self.model_dump(mode="json", by_alias=True)


class FailureDetail(_Record):
    """Why an input could not be read."""

    kind: FailureKind
    """Why, as a word for programs."""
    message: str
    """Why, as a sentence for people: names the input, what was wrong and the remedy."""
    retryable: bool = False
    """Whether the same request may succeed later."""


class Failure(_Record):
    """An input that could not be read. Never an empty report."""

    schema_: Literal["claimcheck.failure/1"] = Field(default=FAILURE_SCHEMA, alias="schema")
    """Names the record and its version."""
    source: Source
    """The input that could not be read."""
    error: FailureDetail
    """Why."""

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
