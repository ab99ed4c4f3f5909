"""What became of findings and pages between two scans."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import ClaimcheckError
from claimcheck.records import (
    Article,
    Block,
    Claim,
    Failure,
    FailureDetail,
    Finding,
    Report,
    Sentence,
    Source,
    Tool,
)
from claimcheck.scan import shelf
from claimcheck.scan.changes import (
    CHANGES_FILE,
    ChangeSummary,
    FindingChange,
    FindingState,
    PageChange,
    PageState,
    changes,
    compare,
    describe,
    only_new,
    read_changes,
    write_changes,
)
from claimcheck.scan.folder import Generation as RealGeneration
from claimcheck.scan.folder import RunFolder
from claimcheck.scan.rows import Brief, Committed
from claimcheck.sources import Entry, normalise_url

TOOL = Tool(version="0.2.0", model="default", model_sha256="4f2a" * 16)
RETRAINED = TOOL.model_copy(update={"model_sha256": "77aa" * 16, "threshold": 0.6})

INTRO = "The clinic opened in May."
CURE = "Zinc cures colds in most adults."
SAFE = "The peel has virtually no side effects."
CARE = "Ask a pharmacist before you take it."

Text = Sequence[str | tuple[str, ...]]
"""Sentences; one with findings is a tuple of its words and the issues."""


def report(text: Text, *, uri: str = "https://example.org/zinc", tool: Tool = TOOL) -> Report:
    """A report on one paragraph. An issue may name its evidence: ``hype=the words``."""
    words = [item if isinstance(item, str) else item[0] for item in text]
    body = " ".join(words)
    sentences, claims, findings = [], [], []
    start = 0
    for sentence, item in zip(words, text, strict=True):
        end = start + len(sentence)
        sentences.append(Sentence(start=start, end=end, block=0, score=0.9))
        for named in () if isinstance(item, str) else item[1:]:
            issue, _, cue = named.partition("=")
            begin = body.index(cue, start)
            number = len(findings) + 1
            claims.append(
                Claim(
                    id=f"c{number}",
                    start=start,
                    end=end,
                    quote=sentence,
                    sentence=(start, end),
                    kind="efficacy",
                    polarity="+",
                    strength="direct",
                    hedge="none",
                    stance="asserted",
                    label="flag",
                    score=0.9,
                )
            )
            findings.append(
                Finding(
                    id=f"f{number}",
                    claim=f"c{number}",
                    issue=issue,
                    severity=3 if issue == "minimised-harm" else 2,
                    score=0.9,
                    start=start,
                    end=end,
                    quote=sentence,
                    evidence=((begin, begin + len(cue or sentence)),),
                    message="Why.",
                    standard="A standard.",
                    fingerprint=hashlib.sha256((issue + sentence).encode()).hexdigest()[:24],
                )
            )
        start = end + 1
    return Report(
        tool=tool,
        source=Source(kind="url", uri=uri, sha256="ab" * 32),
        article=Article(
            title=words[0] if words else None,
            text=body,
            blocks=(Block(kind="paragraph", start=0, end=len(body)),) if body else (),
            sentences=tuple(sentences),
        ),
        claims=tuple(claims),
        findings=tuple(findings),
    )


def states(found: Sequence[FindingChange]) -> list[tuple[str, str]]:
    return [(change.state, change.issue) for change in found]


BEFORE = report([INTRO, (CURE, "cure"), (SAFE, "minimised-harm"), CARE])


# ---------------------------------------------------------------------- two reports


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            [INTRO, (CURE, "cure"), (SAFE, "minimised-harm"), CARE],
            [("unchanged", "cure"), ("unchanged", "minimised-harm")],
        ),
        (
            [INTRO, (SAFE, "minimised-harm"), (CURE, "cure"), CARE],
            [("unchanged", "minimised-harm"), ("unchanged", "cure")],
        ),
        (
            [INTRO, ("Zinc cures bad colds in most adults.", "cure"), (SAFE, "minimised-harm")],
            [("changed", "cure"), ("unchanged", "minimised-harm")],
        ),
        (
            [INTRO, "Zinc may ease colds in most adults.", (SAFE, "minimised-harm"), CARE],
            [("gone", "cure"), ("unchanged", "minimised-harm")],
        ),
        ([INTRO, (SAFE, "minimised-harm")], [("gone", "cure"), ("unchanged", "minimised-harm")]),
        (
            [INTRO, (CURE, "cure"), ("Rosehip melts fat.", "bare-assertion"), CARE],
            [("unchanged", "cure"), ("gone", "minimised-harm"), ("new", "bare-assertion")],
        ),
        (
            [INTRO, (CURE, "absolute"), SAFE, (CARE, "strong-advice")],
            [
                ("newly-raised", "absolute"),
                ("no-longer-raised", "cure"),
                ("no-longer-raised", "minimised-harm"),
                ("newly-raised", "strong-advice"),
            ],
        ),
        (
            [INTRO, ("Zinc beats colds in most adults.", "absolute"), CARE],
            [("new", "absolute"), ("gone", "cure"), ("gone", "minimised-harm")],
        ),
    ],
    ids=["same", "moved", "changed", "hedged", "removed", "added", "rejudged", "another-issue"],
)
def test_states(text: Text, expected: list[tuple[str, str]]) -> None:
    assert sorted(states(changes(BEFORE, report(text)))) == sorted(expected)


def test_a_lookalike_elsewhere_does_not_inherit() -> None:
    """The old finding is gone and the one about iron is new: nobody decided on it."""
    after = report([INTRO, CARE, ("Iron cures colds in most adults.", "cure")])
    assert states(changes(report([INTRO, (CURE, "cure"), CARE]), after)) == [
        ("gone", "cure"),
        ("new", "cure"),
    ]


def test_findings_of_one_issue_are_told_apart_by_their_words() -> None:
    sentence = "It cures colds and it heals wounds."
    old = report([(sentence, "cure=cures colds", "cure=heals wounds")])
    new = report([(sentence, "cure=heals wounds")])
    kept, lost = changes(old, new)
    assert (kept.state, lost.state) == ("unchanged", "no-longer-raised")
    assert kept.old is not None
    assert kept.old.id == "f2"
    assert lost.old is not None
    assert lost.old.id == "f1"


def test_another_model_is_named() -> None:
    new = report([INTRO, CURE, (SAFE, "minimised-harm"), CARE], tool=RETRAINED)
    gone, kept = changes(BEFORE, new)
    assert (gone.state, kept.state) == ("no-longer-raised", "unchanged")
    assert gone.tool_changed == kept.tool_changed == ("model", "threshold")


def test_a_page_that_was_or_is_not_read() -> None:
    assert {c.state for c in changes(BEFORE, None)} == {"unknown"}
    assert {c.state for c in changes(None, BEFORE)} == {"new"}
    assert changes(None, None) == ()
    lost = changes(BEFORE, None)[0]
    assert lost.new is None
    assert lost.sentence is None
    assert lost.severity == 2


def test_a_finding_outside_every_sentence_is_compared_too() -> None:
    def bare(text: Text) -> Report:
        full = report(text)
        return full.model_copy(
            update={"article": full.article.model_copy(update={"sentences": ()})}
        )

    found = changes(bare([INTRO, (CURE, "cure")]), bare([(CURE, "cure"), CARE]))
    assert states(found) == [("unchanged", "cure")]


def test_comparison_says_where_the_sentences_stand() -> None:
    found = compare(BEFORE, report([INTRO, (CURE, "cure"), CARE]))
    assert [pair.kind for pair in found.pairs] == ["same", "same", "removed", "same"]
    start, end = found.old_spans[2]
    assert BEFORE.article.text[start:end] == SAFE
    assert not found.same_text
    assert compare(BEFORE, BEFORE).same_text


sentences = st.lists(
    st.tuples(
        st.sampled_from([INTRO, CURE, SAFE, CARE, CURE.replace("Zinc", "Iron")]),
        st.lists(st.sampled_from(["cure", "absolute", "hype"]), max_size=3),
    ).map(lambda item: (item[0], *item[1])),
    min_size=1,
    max_size=6,
)


@given(sentences, sentences)
def test_every_finding_is_accounted_for_once(before: Text, after: Text) -> None:
    old, new = report(before), report(after)
    found = changes(old, new)
    assert sorted(c.old.id for c in found if c.old) == sorted(f.id for f in old.findings)
    assert sorted(c.new.id for c in found if c.new) == sorted(f.id for f in new.findings)
    for change in found:
        both = change.old is not None and change.new is not None
        assert both == (change.state in ("unchanged", "changed"))
        assert (change.new is None) == (change.state in ("gone", "no-longer-raised"))
        assert all(f.issue == change.issue for f in (change.old, change.new) if f is not None)
        if change.state == "unchanged":
            assert change.old is not None
            assert change.new is not None
            assert change.old.quote == change.new.quote


@given(sentences)
def test_nothing_changes_between_a_report_and_itself(text: Text) -> None:
    one = report(text)
    assert all(change.state == "unchanged" for change in changes(one, one))


# ---------------------------------------------------------------------- records


def samples() -> list[PageChange | FindingChange]:
    new = report([INTRO, ("Zinc surely cures colds in most adults.", "cure"), SAFE], tool=RETRAINED)
    page = PageChange(
        uri="https://example.org/zinc",
        state="changed",
        title="Zinc",
        compared_with="20261123T211500Z",
        tool_changed=("model",),
        sentences={"same": 2, "changed": 1, "removed": 1},
    )
    return [page, *changes(BEFORE, new), *changes(BEFORE, None), *changes(None, new)]


def test_json_there_and_back() -> None:
    for change in samples():
        data = json.loads(json.dumps(change.to_json_dict()))
        back = type(change).from_json_dict(data)
        assert back.to_json_dict() == data
        if isinstance(change, PageChange):
            assert back == change


@pytest.mark.parametrize("kind", [PageChange, FindingChange])
def test_a_record_with_other_keys_is_refused(kind: type[PageChange | FindingChange]) -> None:
    data = next(c for c in samples() if isinstance(c, kind)).to_json_dict()
    with pytest.raises(ValueError, match="schema"):
        kind.from_json_dict(data | {"schema": "claimcheck.report/1"})
    with pytest.raises(ValueError, match="colour"):
        kind.from_json_dict(data | {"colour": "red"})
    del data["state"]
    with pytest.raises(ValueError, match="state"):
        kind.from_json_dict(data)


def test_only_new_keeps_what_a_reader_has_not_seen() -> None:
    new = report([INTRO, (CURE, "absolute"), ("Rosehip melts fat.", "cure"), CARE])
    kept = list(only_new([samples()[0], *changes(BEFORE, new)]))
    assert states(kept) == [("newly-raised", "absolute"), ("new", "cure")]
    # What another model sees in the same words is no news about the page.
    rejudged = report([INTRO, (CURE, "absolute"), SAFE, CARE], tool=RETRAINED)
    assert list(only_new(changes(BEFORE, rejudged))) == []
    assert list(only_new(changes(BEFORE, None))) == []


def test_describe_speaks_plainly() -> None:
    page = samples()[0]
    new = report([INTRO, ("Zinc surely cures colds in most adults.", "cure"), SAFE, CARE])
    assert list(describe([page, *changes(BEFORE, new)])) == [
        "https://example.org/zinc",
        "  text changed; sentences: 1 changed and 1 removed",
        "  judged with another model than last time",
        f"  changed, moderate: cure: “{CURE}” is now “Zinc surely cures colds in most adults.”",
        f"  no longer raised, serious: minimised-harm: “{SAFE}” (the sentence is as it was; "
        "what stands around it, or a setting, changed)",
    ]
    silent = describe([*changes(BEFORE, BEFORE), *changes(BEFORE, None)])
    assert list(silent)[1:] == [
        "  2 findings unchanged",
        "  2 findings unknown: the page could not be compared",
    ]


@pytest.mark.parametrize("state", get_args(PageState))
def test_describe_knows_every_page_state(state: PageState) -> None:
    page = PageChange(uri="a.html", state=state, message="a.html: no such file", same_as="b.html")
    lines = list(describe([page]))
    assert lines[0] == "a.html"
    assert lines[-1] == "  has the same content as b.html"


def test_describe_prints_nothing_that_moves_the_cursor() -> None:
    hostile = "Zinc \x1b[2J cures\x07 \u202eall\n ills."
    page = PageChange(uri="x\x1b]0;owned\x07", state="unreadable", message=f"x\r{hostile}")
    lines = list(describe([page, *changes(None, report([(hostile * 20, "cure")]))]))
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) < 300


# ---------------------------------------------------------------------- two generations


@dataclass(frozen=True)
class Row:
    """What is read of a ledger's row."""

    seq: int
    uri: str
    state: str = "done"
    kind: str = "url"
    reason: str | None = None
    message: str | None = None
    of: int | None = None


@dataclass
class Ledger:
    found: list[tuple[Row, Report | None]]

    def rows(self) -> Iterator[Row]:
        return (row for row, _ in self.found)

    def outcomes(self) -> Iterator[tuple[Row, bytes]]:
        return ((row, body) for row, body in self.rows_and_outcomes() if body is not None)

    def rows_and_outcomes(self) -> Iterator[tuple[Row, bytes | None]]:
        for row, one in self.found:
            if row.state == "skipped":
                yield row, None
                continue
            outcome = one or Failure(
                source=Source(kind="url", uri=row.uri),
                error=FailureDetail(kind="timeout", message="too slow"),
            )
            yield row, json.dumps(outcome.to_json_dict()).encode()


@dataclass
class Run:
    made: list[Generation] = field(default_factory=list)

    def generations(self) -> list[Generation]:
        return self.made


@dataclass
class Generation:
    name: str
    path: Path
    found: list[tuple[Row, Report | None]]
    run: Run = field(default_factory=Run)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        yield Ledger(self.found)


def address(name: str) -> str:
    return f"https://example.org/{name}"


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """A generation of pages: a text, or the fields of a row that is no report."""

    run = Run()

    def made(name: str, pages: Mapping[str, Text | Mapping[str, Any]]) -> Generation:
        folder = tmp_path / name
        folder.mkdir()
        found: list[tuple[Row, Report | None]] = []
        for seq, (page, text) in enumerate(pages.items()):
            uri = page if ":" in page else address(page)
            if isinstance(text, Mapping):
                found.append((Row(seq, uri, **text), None))
            else:
                found.append((Row(seq, uri), report(text, uri=uri)))
        run.made.append(Generation(name, folder, found, run))
        return run.made[-1]

    return made


DOWN = {"state": "failed", "reason": "timeout", "message": "too slow; try later"}
MISSING = {"state": "failed", "reason": "not-found", "message": "404; check the address"}
CURED: Text = [INTRO, (CURE, "cure"), CARE]
WORSE: Text = [INTRO, (CURE, "cure"), (SAFE, "minimised-harm"), CARE]


def lines_of(generation: Generation) -> tuple[dict[str, PageChange], list[FindingChange]]:
    found = list(read_changes(generation.path / CHANGES_FILE))
    pages = {change.uri: change for change in found if isinstance(change, PageChange)}
    return pages, [change for change in found if isinstance(change, FindingChange)]


def test_page_states(make: Any) -> None:
    old = make(
        "20261123T211500Z",
        {
            "same": CURED,
            "worse": CURED,
            "missing": CURED,
            "down": CURED,
            "dropped": CURED,
            "never": DOWN,
            "again": DOWN,
        },
    )
    new = make(
        "20261124T211500Z",
        {
            "added": CURED,
            "again": CURED,
            "never": MISSING,
            "down": DOWN,
            "missing": MISSING,
            "worse": WORSE,
            "same": CURED,
        },
    )
    summary = write_changes(old, new)
    pages, findings = lines_of(new)
    assert {uri.rpartition("/")[2]: page.state for uri, page in pages.items()} == {
        "added": "new",
        "again": "new",
        "never": "unreadable",
        "down": "unreadable",
        "missing": "gone",
        "worse": "changed",
        "same": "unchanged",
        "dropped": "unlisted",
    }
    assert Counter((c.uri.rpartition("/")[2], c.state) for c in findings) == Counter(
        [
            ("added", "new"),
            ("again", "new"),
            ("down", "unknown"),
            ("missing", "unknown"),
            ("worse", "unchanged"),
            ("worse", "new"),
            ("same", "unchanged"),
            ("dropped", "unknown"),
        ]
    )
    assert summary == ChangeSummary(
        old=old.name,
        new=new.name,
        pages={"changed": 1, "gone": 1, "new": 2, "unchanged": 1, "unlisted": 1, "unreadable": 2},
        findings={"new": 3, "unchanged": 2, "unknown": 3},
        fresh={3: 1, 2: 2, 1: 0},
    )
    assert pages[address("missing")].reason == "not-found"
    assert pages[address("missing")].message == "404; check the address"
    assert pages[address("worse")].compared_with == old.name
    assert pages[address("worse")].sentences["added"] == 1
    assert pages[address("added")].compared_with is None
    assert json.loads(json.dumps(summary.to_json_dict()))["fresh"] == {"3": 1, "2": 2, "1": 0}


def test_each_page_stands_before_its_findings(make: Any) -> None:
    old, new = make("a", {"one": CURED, "two": CURED}), make("b", {"two": WORSE, "one": WORSE})
    write_changes(old, new)
    found = list(read_changes(new.path / CHANGES_FILE))
    assert [(type(change).__name__, change.uri) for change in found] == [
        (kind, address(page))
        for page in ("two", "one")
        for kind in ("PageChange", "FindingChange", "FindingChange")
    ]


def test_addresses_are_compared_normalised(make: Any) -> None:
    old = make("a", {"https://example.org/zinc": CURED})
    new = make("b", {"HTTPS://EXAMPLE.org:443/zinc?utm_source=mail#top": WORSE})
    assert write_changes(old, new).pages == {"changed": 1}
    _, findings = lines_of(new)
    assert {change.uri for change in findings} == {new.found[0][0].uri}


def test_what_is_no_address_keeps_its_name(make: Any) -> None:
    bad = {"state": "failed", "reason": "not-found", "message": "no address"}
    old, new = make("a", {"http://[": bad}), make("b", {"http://[": bad})
    assert write_changes(old, new).pages == {"unreadable": 1}


def test_records_of_one_name_are_matched_in_order(make: Any, tmp_path: Path) -> None:
    """A web archive may hold several captures of one address."""

    def captures(name: str, texts: Sequence[Text]) -> Generation:
        (tmp_path / name).mkdir()
        uri = address("zinc")
        rows = [(Row(i, uri, kind="record"), report(text)) for i, text in enumerate(texts)]
        return Generation(name, tmp_path / name, rows)

    other: Text = ["Rosehip is a shrub.", ("It melts fat.", "bare-assertion")]
    old, new = captures("a", [CURED, other]), captures("b", [WORSE, other, CURED])
    summary = write_changes(old, new)
    assert summary.pages == {"changed": 1, "unchanged": 1, "new": 1}
    assert summary.findings == {"unchanged": 2, "new": 2}


def test_a_night_off_line_makes_nothing_new(make: Any) -> None:
    make("a", {"zinc": CURED, "iron": CURED})
    second = make("b", {"zinc": DOWN, "iron": CURED})
    third = make("c", {"zinc": DOWN, "iron": CURED})
    fourth = make("d", {"zinc": WORSE, "iron": CURED})
    assert write_changes(third, fourth).fresh == {3: 1, 2: 0, 1: 0}
    pages, _ = lines_of(fourth)
    assert pages[address("zinc")].compared_with == "a"
    assert pages[address("iron")].compared_with == "c"
    # Still unreadable: what was last known of it stays unknown, and is not forgotten.
    assert write_changes(second, third).findings == {"unchanged": 1, "unknown": 1}


def test_a_feed_that_was_down_makes_nothing_new(make: Any) -> None:
    make("a", {"zinc": CURED, "iron": CURED})
    second = make("b", {"feed.xml": DOWN})
    third = make("c", {"feed.xml": DOWN})
    fourth = make("d", {"zinc": WORSE, "iron": CURED, "tea": CURED})
    summary = write_changes(third, fourth)
    assert summary.pages == {"changed": 1, "unchanged": 1, "new": 1, "unlisted": 1}
    assert summary.fresh == {3: 1, 2: 1, 1: 0}
    pages, _ = lines_of(fourth)
    assert pages[address("iron")].compared_with == "a"
    assert pages[address("tea")].compared_with is None
    # What only an older generation listed is not told of each night.
    assert write_changes(second, third).pages == {"unreadable": 1}


def test_it_does_not_look_back_for_ever(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    generations = [make(name, {"zinc": CURED if name == "a" else DOWN}) for name in "abcd"]
    latest = make("e", {"zinc": CURED})
    assert write_changes(generations[-1], latest).pages == {"unchanged": 1}
    monkeypatch.setattr(shelf, "FURTHEST_BACK", 2)
    assert write_changes(generations[-1], latest).pages == {"new": 1}


def test_a_copy_is_compared_by_what_it_repeats(make: Any) -> None:
    copy = {"state": "skipped", "reason": "duplicate-content", "of": 0}
    twice = {"state": "skipped", "reason": "duplicate-address", "of": 0}
    header = {"state": "skipped", "reason": "record-type: warcinfo"}
    old = make("a", {"zinc": CURED, "copy": copy, "own": CURED, "urn:x": header})
    new = make("b", {"zinc": WORSE, "copy": copy, "own": copy, "zinc?utm_id=1": twice})
    summary = write_changes(old, new)
    assert summary.pages == {"changed": 3}
    assert summary.findings == {"unchanged": 3, "new": 3}
    pages, findings = lines_of(new)
    assert pages[address("zinc")].same_as is None
    assert pages[address("copy")].same_as == address("zinc")
    assert {change.uri for change in findings} == set(pages)


def test_another_model_is_counted_and_not_news(make: Any) -> None:
    old, new = make("a", {"zinc": CURED}), make("b", {"zinc": CURED})
    uri = address("zinc")
    new.found[0] = (
        new.found[0][0],
        report([(INTRO, "hype"), (CURE, "cure"), CARE], uri=uri, tool=RETRAINED),
    )
    summary = write_changes(old, new)
    assert summary.pages == {"unchanged": 1}
    assert summary.findings == {"newly-raised": 1, "unchanged": 1}
    assert summary.tool_changed == ("model", "threshold")
    assert sum(summary.fresh.values()) == 0


def test_a_file_name_that_is_no_unicode(make: Any) -> None:
    name = "file:caf\udce9.html"
    old, new = make("a", {name: DOWN}), make("b", {name: DOWN, "file:2": DOWN})
    assert write_changes(old, new).pages == {"unreadable": 2}
    pages, _ = lines_of(new)
    assert name in pages
    assert all(line.isprintable() for line in describe(pages.values()))


def test_the_file_appears_whole_or_not_at_all(make: Any) -> None:
    old, new = make("a", {"zinc": CURED}), make("b", {"zinc": CURED, "iron": CURED})
    write_changes(old, new)
    written = (new.path / CHANGES_FILE).read_bytes()
    write_changes(old, new)
    assert (new.path / CHANGES_FILE).read_bytes() == written

    class Broken(Ledger):
        def rows_and_outcomes(self) -> Iterator[tuple[Row, bytes | None]]:
            yield from super().rows_and_outcomes()
            raise OSError("the disk went away")

    @contextmanager
    def broken() -> Iterator[Ledger]:
        yield Broken(new.found)

    new.ledger = broken
    with pytest.raises(OSError, match="went away"):
        write_changes(old, new)
    assert (new.path / CHANGES_FILE).read_bytes() == written
    assert [path.name for path in new.path.iterdir()] == [CHANGES_FILE]


def test_the_run_folder_of_a_scan(tmp_path: Path) -> None:
    """The same with a real ledger."""
    run = RunFolder.create(tmp_path / "run", inputs=["pages.txt"])

    def scanned(*texts: Text | None) -> RealGeneration:
        made = run.new_generation()
        uris = [address(name) for name in ("zinc", "iron", "zinc#top")]
        with made.ledger() as ledger:
            ledger.add(
                Entry(uri=uri, kind="url", origin="pages.txt", key=normalise_url(uri))
                for uri in uris
            )
            ledger.finish_listing()
            ledger.commit([committed(i, uris[i], text) for i, text in enumerate(texts)])
        return made

    def committed(seq: int, uri: str, text: Text | None) -> Committed:
        outcome: Report | Failure
        if text is None:
            outcome = Failure(
                source=Source(kind="url", uri=uri),
                error=FailureDetail(kind="not-found", message="404; check the address"),
            )
        else:
            outcome = report(text, uri=uri)
        return Committed(
            seq=seq,
            state="failure" if text is None else "report",
            sha256=None if text is None else hashlib.sha256(repr((uri, text)).encode()).hexdigest(),
            outcome=json.dumps(outcome.to_json_dict()).encode(),
            brief=None if isinstance(outcome, Failure) else Brief.of(outcome),
        )

    with run.lock():
        old, new = scanned(CURED, CURED), scanned(WORSE, None)
        summary = write_changes(old, new)
    assert summary.pages == {"changed": 1, "gone": 1}
    assert summary.findings == {"new": 1, "unchanged": 1, "unknown": 1}
    pages = [one for one in read_changes(new.path / CHANGES_FILE) if isinstance(one, PageChange)]
    assert [(page.state, page.reason) for page in pages] == [
        ("changed", None),
        ("gone", "not-found"),
    ]


def test_a_file_that_is_not_one_of_ours(tmp_path: Path) -> None:
    path = tmp_path / CHANGES_FILE
    with pytest.raises(ClaimcheckError, match="cannot be read"):
        list(read_changes(path))
    good = json.dumps(samples()[0].to_json_dict())
    for bad in ("{", "[]", '{"schema": "claimcheck.report/1"}'):
        path.write_text(f"{good}\n{bad}\n", encoding="utf-8")
        with pytest.raises(ClaimcheckError, match=r"changes\.jsonl:2: not a change"):
            list(read_changes(path))


def test_the_states_are_those_of_the_documents() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "watching.md").read_text("utf-8")
    for state in (*get_args(FindingState), *get_args(PageState)):
        assert f"`{state}`" in text
