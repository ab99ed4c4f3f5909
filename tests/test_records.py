"""The records: JSON there and back, and what they refuse."""

from __future__ import annotations

import json
import pickle
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from claimcheck import records
from claimcheck.errors import FAILURE_KINDS
from claimcheck.records import (
    Article,
    Block,
    Claim,
    Failure,
    FailureDetail,
    Finding,
    Report,
    Sentence,
    Slots,
    Source,
    Summary,
    Tool,
    parse_outcome,
)

# ---------------------------------------------------------------------- strategies

NAMES = st.text(min_size=1, max_size=12)
OPTIONAL = st.none() | NAMES
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
SCORES = st.floats(0, 1)
SOURCES = st.builds(
    Source,
    kind=st.sampled_from(get_args(records.SourceKind)),
    uri=st.text(max_size=20),
    sha256=st.none() | HASHES,
    retrieved=OPTIONAL,
)
SUPPLEMENTS = st.builds(
    records.Supplement,
    kind=st.sampled_from(["lexicon", "allow-list"]),
    name=NAMES,
    sha256=HASHES,
    entries=st.integers(0, 9999),
)
TOOLS = st.builds(
    Tool,
    version=NAMES,
    model=NAMES,
    model_sha256=HASHES,
    profile=NAMES,
    threshold=SCORES,
    supplements=st.lists(SUPPLEMENTS, max_size=2).map(tuple),
)


@st.composite
def spans(draw: st.DrawFn, size: int) -> tuple[int, int]:
    start = draw(st.integers(0, size - 1))
    return start, draw(st.integers(start + 1, size))


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """Any text, cut into blocks with gaps, each holding at most one sentence."""
    text = draw(st.text(min_size=1, max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    kinds = st.sampled_from(records.ARTICLE_BLOCK_KINDS)
    blocks, sentences = [], []
    for start, end in pairs:
        level = draw(st.none() | st.integers(1, 6))
        blocks.append(Block(kind=draw(kinds), level=level, start=start, end=end))
        if draw(st.booleans()):
            inner, outer = sorted(draw(st.sets(st.integers(start, end), min_size=2, max_size=2)))
            score = draw(st.none() | SCORES)
            sentences.append(Sentence(start=inner, end=outer, block=len(blocks) - 1, score=score))
    links = [
        records.Link(start=start, end=end, href=draw(NAMES))
        for start, end in draw(st.lists(spans(len(text)), max_size=2))
    ]
    return Article(
        title=draw(OPTIONAL),
        byline=draw(OPTIONAL),
        published=draw(OPTIONAL),
        site=draw(OPTIONAL),
        url=draw(OPTIONAL),
        language=draw(OPTIONAL),
        text=text,
        blocks=tuple(blocks),
        sentences=tuple(sentences),
        links=tuple(links),
    )


@st.composite
def claims(draw: st.DrawFn, text: str, *, identity: str, flagged: bool) -> Claim:
    size = len(text)
    start, end = draw(spans(size))
    slot = st.none() | spans(size)
    cues = st.builds(
        lambda kind, span, inside: records.Cue(
            kind=kind, start=span[0], end=span[1], in_scope=inside
        ),
        NAMES,
        spans(size),
        st.booleans(),
    )
    return Claim(
        id=identity,
        start=start,
        end=end,
        quote=text[start:end],
        sentence=draw(spans(size)),
        kind=draw(st.sampled_from(get_args(records.ClaimKind))),
        polarity=draw(st.sampled_from(get_args(records.Polarity))),
        strength=draw(st.sampled_from(get_args(records.Strength))),
        hedge=draw(st.sampled_from(get_args(records.Hedge))),
        stance=draw(st.sampled_from(get_args(records.Stance))),
        label="flag" if flagged else "ok",
        score=draw(SCORES),
        established=draw(OPTIONAL),
        slots=Slots(**{name: draw(slot) for name in Slots.model_fields}),
        cues=tuple(draw(st.lists(cues, max_size=2))),
    )


@st.composite
def findings(draw: st.DrawFn, text: str, *, identity: str, claim: str) -> Finding:
    start, end = draw(spans(len(text)))
    return Finding(
        id=identity,
        claim=claim,
        issue=draw(NAMES),
        severity=draw(st.integers(1, 3)),
        score=draw(SCORES),
        start=start,
        end=end,
        quote=text[start:end],
        evidence=tuple(draw(st.lists(spans(len(text)), min_size=1, max_size=3))),
        missing=draw(st.none() | st.sampled_from(get_args(records.Missing))),
        message=draw(NAMES),
        suggestion=draw(OPTIONAL),
        standard=draw(NAMES),
        fingerprint=draw(NAMES),
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    article = draw(articles())
    flags = draw(st.lists(st.booleans(), max_size=3))
    made_claims, made_findings = [], []
    for number, flagged in enumerate(flags, 1):
        identity = f"c{number}"
        made_claims.append(draw(claims(article.text, identity=identity, flagged=flagged)))
        for _ in range(draw(st.integers(1, 3)) if flagged else 0):
            name = f"f{len(made_findings) + 1}"
            made_findings.append(draw(findings(article.text, identity=name, claim=identity)))
    count = st.integers(0, 10**6)
    item = st.builds(
        records.ChecklistItem,
        criterion=NAMES,
        status=st.sampled_from(records.CHECKLIST_STATUSES),
        evidence=st.lists(spans(len(article.text)), max_size=2).map(tuple),
    )
    return Report(
        tool=draw(TOOLS),
        source=draw(SOURCES),
        article=article,
        claims=tuple(made_claims),
        findings=tuple(made_findings),
        checklist=tuple(draw(st.lists(item, max_size=2))),
        summary=Summary(
            words=draw(count),
            sentences=draw(count),
            claims=draw(count),
            flagged=draw(count),
            by_severity={"1": draw(count), "2": draw(count), "3": draw(count)},
        ),
    )


FAILURES = st.builds(
    Failure,
    source=SOURCES,
    error=st.builds(
        FailureDetail,
        kind=st.sampled_from(FAILURE_KINDS),
        message=st.text(max_size=40),
        retryable=st.booleans(),
    ),
)


# ---------------------------------------------------------------------- there and back


@given(reports() | FAILURES)
def test_json_there_and_back(outcome: Report | Failure) -> None:
    written = outcome.to_json_dict()
    assert parse_outcome(written) == outcome
    line = json.dumps(written, ensure_ascii=False)
    assert parse_outcome(json.loads(line)) == outcome
    assert json.dumps(parse_outcome(json.loads(line)).to_json_dict(), ensure_ascii=False) == line
    assert json.loads(outcome.model_dump_json(by_alias=True)) == written


@given(reports())
@settings(max_examples=30)
def test_offsets_are_code_points_of_the_text_as_written(report: Report) -> None:
    written = json.loads(json.dumps(report.to_json_dict()))
    text = written["article"]["text"]
    for one in (*written["claims"], *written["findings"]):
        assert text[one["start"] : one["end"]] == one["quote"]


@given(reports() | FAILURES)
@settings(max_examples=20)
def test_records_travel_between_processes(outcome: Report | Failure) -> None:
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def test_an_older_report_without_the_later_keys_is_read() -> None:
    written = example().to_json_dict()
    for key in ("profile", "threshold", "supplements"):
        del written["tool"][key]
    for claim in written["claims"]:
        del claim["established"]
    report = parse_outcome(written)
    assert isinstance(report, Report)
    assert (report.tool.profile, report.tool.threshold) == ("balanced", 0.5)
    assert report.claims[0].established is None


# ---------------------------------------------------------------------- what is refused

TEXT = "Tea 🍵 cures colds. It tastes good."


def example() -> Report:
    """A report with one claim and one finding, and an offset that counts an emoji as one."""
    claim = Claim(
        id="c1",
        start=0,
        end=18,
        quote=TEXT[:18],
        sentence=(0, 18),
        kind="efficacy",
        polarity="+",
        strength="direct",
        hedge="none",
        stance="asserted",
        label="flag",
        score=0.75,
        slots=Slots(agent=(0, 3), relation=(6, 11), outcome=(12, 17)),
        cues=(records.Cue(kind="cure", start=6, end=11, in_scope=True),),
    )
    finding = Finding(
        id="f1",
        claim="c1",
        issue="cure",
        severity=3,
        score=0.75,
        start=0,
        end=18,
        quote=TEXT[:18],
        evidence=((6, 11),),
        message="'cures' promises a cure.",
        standard="A standard",
        fingerprint="0" * 24,
    )
    return Report(
        tool=Tool(version="0", model="default", model_sha256="0" * 64),
        source=Source(kind="text", uri="-"),
        article=Article(
            text=TEXT,
            blocks=(Block(kind="paragraph", start=0, end=len(TEXT)),),
            sentences=(
                Sentence(start=0, end=18, block=0, score=0.75),
                Sentence(start=19, end=34, block=0),
            ),
            links=(records.Link(start=0, end=3, href="https://example.org/tea"),),
        ),
        claims=(claim,),
        findings=(finding,),
        summary=Summary(words=7, sentences=2, claims=1, flagged=1),
    )


def changed(path: str, value: object) -> dict[str, Any]:
    """The example's JSON form with one value replaced; ``path`` is dotted."""
    data: dict[str, Any] = json.loads(json.dumps(example().to_json_dict()))
    place: Any = data
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        place = place[step]
    place[last] = value
    return data


def test_the_example_holds() -> None:
    assert parse_outcome(example().to_json_dict()) == example()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        # quotes
        ("claims.0.quote", "Tea cures colds.", "c1: the quote is not what stands"),
        ("claims.0.start", 1, "c1: the quote is not what stands"),
        ("findings.0.quote", "", "f1: the quote is not what stands"),
        ("findings.0.end", 17, "f1: the quote is not what stands"),
        ("article.text", TEXT.replace("🍵", "\\ud83c\\udf75"), "quote is not what stands"),
        # labels
        ("claims.0.label", "ok", "c1: label 'ok' disagrees"),
        ("findings", [], "c1: label 'flag' disagrees"),
        ("findings.0.claim", "c2", "unknown claims: ['c2']"),
        ("claims.0.label", "none", "label"),
        # spans
        ("findings.0.evidence", [], "evidence"),
        ("findings.0.evidence", [[6, 6]], "f1: evidence [6, 6) is not in the text"),
        ("findings.0.evidence", [[11, 6]], "f1: evidence [11, 6) is not in the text"),
        ("findings.0.evidence", [[6, 99]], "f1: evidence [6, 99) is not in the text"),
        ("findings.0.evidence", [[-1, 3]], "greater than or equal to 0"),
        ("article.blocks.0.end", 99, "block [0, 99) is empty, out of order or outside"),
        ("article.blocks.0.start", 34, "block [34, 34) is empty"),
        ("article.sentences.1.start", 17, "sentence [17, 34) is empty, out of order"),
        ("article.sentences.1.end", 19, "sentence [19, 19) is empty"),
        ("article.sentences.1.block", 1, "names block 1, which does not exist"),
        ("article.links.0.end", 0, "link [0, 0) lies outside the text"),
        ("claims.0.slots.agent", [0], "slots.agent"),
        ("claims.0.slots.agent", [3, 3], "c1: slot agent [3, 3) is not in the text"),
        ("claims.0.slots.outcome", [12, 999], "c1: slot outcome [12, 999) is not in the text"),
        ("claims.0.sentence", [0, 999], "c1: sentence [0, 999) is not in the text"),
        ("claims.0.cues.0.end", 6, "c1: cue [6, 6) is not in the text"),
        (
            "checklist",
            [{"criterion": "costs", "status": "found", "evidence": [[5, 2]]}],
            "costs: evidence [5, 2) is not in the text",
        ),
        # values
        ("claims.0.score", 1.01, "less than or equal to 1"),
        ("claims.0.score", "NaN", "claims.0.score"),
        ("findings.0.severity", 0, "greater than or equal to 1"),
        ("findings.0.severity", 4, "less than or equal to 3"),
        ("claims.0.kind", "cure", "claims.0.kind"),
        ("claims.0.stance", None, "claims.0.stance"),
        ("summary.by_severity", {"4": 1}, "by_severity"),
        ("article.blocks.0.level", 7, "less than or equal to 6"),
        ("source.kind", "ftp", "source.kind"),
        # keys
        ("tool.modle", "x", "tool.modle"),
        ("claims.0.lable", "ok", "claims.0.lable"),
    ],
)
def test_what_does_not_hold_is_refused(path: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_outcome(changed(path, value))
    assert words in str(caught.value)


def test_blocks_may_touch_and_may_not_overlap() -> None:
    first = Block(kind="paragraph", start=0, end=4)
    assert Article(text="one two", blocks=(first, Block(kind="table", start=4, end=7)))
    with pytest.raises(ValidationError, match="out of order"):
        Article(text="one two", blocks=(first, Block(kind="table", start=3, end=7)))


def test_records_are_frozen() -> None:
    report = example()
    with pytest.raises(ValidationError, match="frozen"):
        report.summary = Summary()  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        report.claims[0].label = "ok"  # type: ignore[misc]


@pytest.mark.parametrize("data", [{}, {"schema": "claimcheck.report/2"}, {"schema": None}])
def test_an_object_of_another_schema_is_no_outcome(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a claimcheck record"):
        parse_outcome(data)


def test_a_failure_needs_a_known_kind() -> None:
    written = Failure(
        source=Source(kind="file", uri="a.html"),
        error=FailureDetail(kind="thin", message="a.html: too little"),
    ).to_json_dict()
    assert list(written) == ["schema", "source", "error"]
    written["error"]["kind"] = "unlucky"
    with pytest.raises(ValidationError, match=r"error\.kind"):
        parse_outcome(written)
