"""The checker: who decides, what is written, and what each bad input becomes.

Where the decision is what is tested, the judge and the rules are stood in for, so that
no test here moves when a model is trained or a rule is tuned.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck import checker as checker_module
from claimcheck.checker import MOST_FINDINGS, Checker, Judged, check
from claimcheck.claims import Analyser, Analysis
from claimcheck.errors import LexiconError, ModelError, SettingsError, SourceError, UsageError
from claimcheck.issues import Candidate, Catalogue, Context
from claimcheck.judge import Verdict
from claimcheck.judge.canonical import canonical
from claimcheck.judge.features import Case
from claimcheck.records import Failure, Report, Source, parse_outcome
from claimcheck.settings import make_settings

ROOT = Path(__file__).resolve().parent.parent
CLAIM = "Magnesium relieves restless legs."
DENIED = "The peel has virtually no side effects."
PLAIN = "The clinic opens at nine on weekdays."


class StubJudge:
    """Scores sentences from a table; the rest get 0.1 and are no claims."""

    def __init__(
        self,
        scores: Mapping[str, float] | None = None,
        *,
        default: float = 0.1,
        claim: float = 0.9,
        kind: str = "efficacy",
    ) -> None:
        self.scores = dict(scores or {})
        self.default = default
        self.claim = claim
        self.kind = kind
        self.manifest = SimpleNamespace(
            name="stub",
            sha256="0" * 64,
            threshold=self.threshold,
            reason_cut=0.0,
            learnt_cut=1.1,
        )

    @staticmethod
    def threshold(profile: str) -> float:
        return {"careful": 0.8, "balanced": 0.5, "sensitive": 0.2}[profile]

    def worth_reading(self, texts: Sequence[str]) -> tuple[bool, ...]:
        return (True,) * len(texts)

    def verdicts(self, cases: Sequence[Case | None]) -> tuple[Verdict, ...]:
        # Scores are given for sentences as they stand, and the judge reads canonical ones.
        known = {
            canonical(one).text: self.scores[one.text] for one in Analyser().sentences(self.scores)
        }
        return tuple(
            Verdict(known.get(case.sentence.text, self.default), self.claim, self.kind)
            for case in cases
            if case is not None
        )


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser()


def checker_with(judge: StubJudge, **options: object) -> Checker:
    checker = Checker(make_settings(options))
    checker.__dict__["judge"] = judge  # where cached_property keeps it
    return checker


@pytest.fixture
def proposing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts candidates in the place of the rules: issue names by sentence."""

    def put(table: Mapping[str, Sequence[str]], *, claim: int | None = 0) -> None:
        def propose(context: Context) -> tuple[Candidate, ...]:
            sentence = context.sentence
            span = (sentence.start, sentence.start + 3)
            index = claim if claim is None or claim < len(sentence.claims) else None
            return tuple(Candidate(name, index, (span,)) for name in table.get(sentence.text, ()))

        monkeypatch.setattr(checker_module, "propose", propose)

    return put


def raised(judged: Judged) -> list[str]:
    return [candidate.issue for candidate in judged.raised]


# ---------------------------------------------------------------------- who decides


@pytest.mark.parametrize(
    ("profile", "score", "expected"),
    [
        ("balanced", 0.5, ["hype"]),
        ("balanced", 0.4999, []),
        ("careful", 0.7999, []),
        ("careful", 0.8, ["hype"]),
        ("sensitive", 0.2, ["hype"]),
        ("balanced", 0.0, []),
        ("balanced", 1.0, ["hype"]),
    ],
)
def test_candidates_become_findings_from_the_threshold_on(
    proposing: Any, analyser: Analyser, profile: str, score: float, expected: list[str]
) -> None:
    proposing({CLAIM: ["hype"]})
    checker = checker_with(StubJudge({CLAIM: score}), profile=profile)
    (judged,) = checker.judged(tuple(analyser.sentences([CLAIM])))
    assert raised(judged) == expected
    assert [candidate.issue for candidate in judged.candidates] == ["hype"]
    assert not judged.unexplained


def decisive(checker: Checker, *names: str) -> None:
    """Mark issues of the checker's catalogue as decisive, and no others."""
    marked = tuple(
        replace(one, decisive={"default": 0.9} if one.name in names else {})
        for one in checker.catalogue.issues
    )
    checker.catalogue = Catalogue(checker.catalogue.version, marked)


def test_below_the_threshold_only_decisive_issues_count(proposing: Any, analyser: Analyser) -> None:
    proposing({CLAIM: ["hype", "cure", "absolute"]})
    checker = checker_with(StubJudge({CLAIM: 0.01}))
    analyses = tuple(analyser.sentences([CLAIM]))
    decisive(checker)
    assert raised(checker.judged(analyses)[0]) == []
    decisive(checker, "cure", "minimised-harm")
    assert raised(checker.judged(analyses)[0]) == ["cure"]


def test_a_decisive_issue_still_obeys_the_filters(proposing: Any, analyser: Analyser) -> None:
    proposing({CLAIM: ["cure"]})
    for options in ({"ignore": ["cure"]}, {"select": ["hype"]}, {"min_score": 0.2}):
        checker = checker_with(StubJudge({CLAIM: 0.01}), **options)
        decisive(checker, "cure")
        assert raised(checker.judged(tuple(analyser.sentences([CLAIM])))[0]) == [], options


def changed(analysis: Analysis, **changes: Any) -> Analysis:
    """The analysis with its one claim changed; ``stance`` and ``relation`` lie deeper."""
    (claim,) = analysis.claims
    if "stance" in changes:
        changes["scope"] = replace(claim.scope, stance=changes.pop("stance"))
    if "relation" in changes:
        relation = changes.pop("relation")
        changes["slots"] = claim.slots.model_copy(update={"relation": relation})
    return replace(analysis, claims=(replace(claim, **changes),))


@pytest.mark.parametrize(
    ("changes", "explained"),
    [
        ({}, True),
        ({"stance": "attributed"}, True),
        ({"stance": "quoted"}, True),
        ({"kind": "comparison"}, True),
        ({"kind": "risk"}, True),
        ({"kind": "mechanism"}, True),
        ({"kind": "safety", "polarity": "0"}, True),
        ({"level": 5}, True),
        # What the scheme does not call a bare assertion.
        ({"kind": "safety", "polarity": "-"}, False),
        ({"kind": "safety", "polarity": "+"}, False),
        ({"kind": "advice"}, False),
        ({"kind": "status"}, False),
        ({"kind": "condition"}, False),
        ({"level": 4}, False),
        ({"level": 2}, False),
        ({"hedge": "adequate"}, False),
        ({"hedge": "partial"}, False),
        ({"stance": "questioned"}, False),
        ({"stance": "conditional"}, False),
        ({"stance": "debunked"}, False),
        ({"relation": None}, False),
    ],
)
def test_a_flag_without_a_reason_is_a_bare_assertion_or_unexplained(
    proposing: Any, analyser: Analyser, changes: dict[str, Any], explained: bool
) -> None:
    proposing({})
    (analysis,) = analyser.sentences([CLAIM])
    analysis = changed(analysis, **changes)
    (judged,) = checker_with(StubJudge(default=0.9)).judged([analysis])
    if not explained:
        assert judged.raised == ()
        assert judged.unexplained
        return
    (candidate,) = judged.raised
    assert candidate.issue == "bare-assertion"
    assert candidate.evidence == (analysis.claims[0].slots.relation,)
    assert candidate.missing == "source"
    assert not judged.unexplained


def test_a_flag_without_a_reason_or_claim_is_unexplained(
    proposing: Any, analyser: Analyser
) -> None:
    proposing({})
    (judged,) = checker_with(StubJudge(default=0.9)).judged(tuple(analyser.sentences([PLAIN])))
    assert (judged.raised, judged.unexplained) == ((), True)


def test_below_the_threshold_nothing_is_unexplained(proposing: Any, analyser: Analyser) -> None:
    proposing({})
    (judged,) = checker_with(StubJudge(default=0.4)).judged(tuple(analyser.sentences([CLAIM])))
    assert (judged.raised, judged.unexplained) == ((), False)


def test_at_most_three_in_the_order_of_the_catalogue(proposing: Any, analyser: Analyser) -> None:
    names = Checker(make_settings()).catalogue.names
    backwards = [names[20], names[11], names[7], names[5], names[2]]
    proposing({CLAIM: backwards})
    analyses = tuple(analyser.sentences([CLAIM]))
    checker = checker_with(StubJudge(default=0.9))
    (judged,) = checker.judged(analyses)
    assert raised(judged) == [names[2], names[5], names[7]]
    assert len(judged.raised) == MOST_FINDINGS
    # Filters come first, so that they make room.
    checker = checker_with(StubJudge(default=0.9), ignore=[names[2], names[7]])
    assert raised(checker.judged(analyses)[0]) == [names[5], names[11], names[20]]
    checker = checker_with(StubJudge(default=0.9), select=[names[20], names[11]])
    assert raised(checker.judged(analyses)[0]) == [names[11], names[20]]


def test_filters_remove_findings_and_labels_and_counts_follow(proposing: Any) -> None:
    proposing({DENIED: ["minimised-harm"], CLAIM: ["hype"]})
    text = f"{DENIED} {CLAIM} {PLAIN}"
    judge = StubJudge({DENIED: 0.9, CLAIM: 0.6})
    for options, issues in (
        ({}, ["minimised-harm", "hype"]),
        ({"select": ["HARM-MIN"]}, ["minimised-harm"]),
        ({"ignore": ["minimised-harm"]}, ["hype"]),
        ({"min_severity": 3}, ["minimised-harm"]),
        ({"min_score": 0.7}, ["minimised-harm"]),
        ({"min_score": 0.95}, []),
        ({"select": ["hype"], "ignore": ["hype"]}, []),
    ):
        report = checker_with(judge, **options).check_text(text)
        assert isinstance(report, Report)
        assert [finding.issue for finding in report.findings] == issues, options
        flagged = [claim for claim in report.claims if claim.label == "flag"]
        assert report.summary.flagged == len(flagged) == len(issues)
        assert sum(report.summary.by_severity.values()) == len(issues)
        assert report.summary.claims == len(report.claims)
        assert report.summary.sentences == len(report.article.sentences) == 3
        assert [sentence.score for sentence in report.article.sentences] == [0.9, 0.6, 0.1]


def test_unknown_issue_names_are_refused_at_once() -> None:
    for option in ("select", "ignore"):
        with pytest.raises(UsageError, match="did you mean 'minimised-harm'"):
            Checker(make_settings({option: ["minimized-harm"]}))


# ---------------------------------------------------------------------- what is written


def test_only_the_claim_that_a_finding_names_is_flagged(proposing: Any) -> None:
    sentence = "Magnesium relieves restless legs, and zinc prevents colds."
    proposing({sentence: ["hype"]}, claim=1)
    report = checker_with(StubJudge(default=0.9)).check_text(sentence)
    assert isinstance(report, Report)
    assert [claim.label for claim in report.claims] == ["ok", "flag"]
    assert [finding.claim for finding in report.findings] == [report.claims[1].id]
    assert [claim.id for claim in report.claims] == ["c1", "c2"]
    assert {claim.score for claim in report.claims} == {0.9}


def test_a_reason_without_a_clause_makes_the_sentence_the_claim(proposing: Any) -> None:
    proposing({PLAIN: ["hype"]}, claim=None)
    report = checker_with(StubJudge(default=0.9, claim=0.0)).check_text(PLAIN)
    assert isinstance(report, Report)
    (claim,) = report.claims
    assert (claim.quote, claim.label, claim.hedge) == (PLAIN, "flag", "not-applicable")
    assert report.findings[0].claim == claim.id


@pytest.mark.parametrize(("claim", "written"), [(0.5, 1), (0.49, 0)])
def test_claims_without_findings_are_written_where_the_judge_sees_one(
    proposing: Any, claim: float, written: int
) -> None:
    proposing({})
    report = checker_with(StubJudge(claim=claim, kind="mechanism")).check_text(CLAIM)
    assert isinstance(report, Report)
    assert [one.label for one in report.claims] == ["ok"] * written
    assert all(one.kind == "mechanism" for one in report.claims)


def test_a_finding_says_which_words_why_and_what_instead(proposing: Any) -> None:
    proposing({DENIED: ["minimised-harm"]})
    report = checker_with(StubJudge(default=0.9)).check_text(DENIED)
    assert isinstance(report, Report)
    (finding,) = report.findings
    issue = Checker(make_settings()).catalogue.get("minimised-harm")
    assert finding.quote == DENIED
    assert finding.evidence == ((0, 3),)
    assert DENIED[:3] in finding.message
    assert finding.standard == issue.standard
    assert finding.suggestion
    assert len(finding.fingerprint) == 24


def test_findings_and_claims_are_in_text_order_and_numbered(proposing: Any) -> None:
    proposing({DENIED: ["hype", "minimised-harm"], CLAIM: ["hype"]})
    report = checker_with(StubJudge(default=0.9)).check_text(f"{CLAIM} {DENIED} {CLAIM}")
    assert isinstance(report, Report)
    assert [one.id for one in report.findings] == ["f1", "f2", "f3", "f4"]
    assert [one.issue for one in report.findings] == ["hype", "minimised-harm", "hype", "hype"]
    starts = [one.start for one in report.claims]
    assert starts == sorted(starts)


# ---------------------------------------------------------------------- established facts

FACT = "The measles vaccine prevents measles."
USER_FACT = """
version = 1

[[fact]]
id = "magnesium-legs"
statement = "Magnesium relieves restless legs."
subjects = ["magnesium"]
relations = ["relieve"]
outcomes = ["restless leg"]
source = "An invented body"
fires = []
quiet = []
"""


def test_an_established_fact_is_no_bare_assertion_and_says_so(proposing: Any) -> None:
    proposing({FACT: ["bare-assertion"]})
    report = checker_with(StubJudge(default=0.9)).check_text(FACT)
    assert isinstance(report, Report)
    assert report.findings == ()
    assert [claim.established for claim in report.claims] == ["mmr-vaccine"]


def test_an_established_fact_does_not_excuse_another_issue(proposing: Any) -> None:
    proposing({FACT: ["bare-assertion", "hype"]})
    report = checker_with(StubJudge(default=0.9)).check_text(FACT)
    assert isinstance(report, Report)
    assert [finding.issue for finding in report.findings] == ["hype"]


def test_facts_and_words_of_the_user_are_merged_and_named(proposing: Any, tmp_path: Path) -> None:
    proposing({})
    facts = tmp_path / "facts.toml"
    facts.write_text(USER_FACT, encoding="utf-8")
    without = checker_with(StubJudge(default=0.9)).check_text(CLAIM)
    report = checker_with(StubJudge(default=0.9), allow_lists=[facts]).check_text(CLAIM)
    assert isinstance(without, Report)
    assert isinstance(report, Report)
    assert [finding.issue for finding in without.findings] == ["bare-assertion"]
    assert report.findings == ()
    assert report.claims[0].established == "magnesium-legs"
    (named,) = report.tool.supplements
    assert (named.kind, named.name, named.entries) == ("allow-list", "facts.toml", 1)
    assert without.tool.supplements == ()


def test_a_broken_list_of_the_user_is_refused_before_the_first_input(tmp_path: Path) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text("fact = 3\n")
    checker = checker_with(StubJudge(), allow_lists=[facts])
    with pytest.raises(LexiconError, match=r"facts\.toml"):
        next(checker.check_many(["missing.html"]))


def test_the_report_says_what_made_it(proposing: Any) -> None:
    proposing({})
    report = checker_with(StubJudge(), profile="careful").check_text(PLAIN)
    assert isinstance(report, Report)
    tool = report.tool
    assert (tool.name, tool.model, tool.model_sha256) == ("claimcheck", "stub", "0" * 64)
    assert (tool.profile, tool.threshold) == ("careful", 0.8)


# ---------------------------------------------------------------------- fingerprints


def fingerprints(text: str) -> list[str]:
    report = checker_with(StubJudge(default=0.9)).check_text(text)
    assert isinstance(report, Report)
    return [finding.fingerprint for finding in report.findings]


def test_fingerprints_survive_edits_elsewhere(proposing: Any) -> None:
    spaced = "The peel has virtually  no side effects."
    loud = "The peel has virtually no side effects!"
    proposing({one: ["minimised-harm", "hype"] for one in (DENIED, spaced, loud)})
    alone = fingerprints(DENIED)
    assert len(set(alone)) == 2
    assert fingerprints(f"{PLAIN}\n\n{DENIED}") == alone
    assert fingerprints(f"# A title\n\n{PLAIN} {DENIED} {PLAIN}") == alone
    assert fingerprints(spaced) == alone
    assert fingerprints(loud) == alone


def test_fingerprints_tell_issues_sentences_and_repetitions_apart(proposing: Any) -> None:
    proposing({DENIED: ["minimised-harm"], CLAIM: ["minimised-harm"]})
    found = fingerprints(f"{DENIED} {CLAIM} {DENIED}\n\n{PLAIN} {DENIED}")
    assert found[2:] == [f"{found[0]}-2", f"{found[0]}-3"]
    assert found[1] != found[0]
    assert len(set(found)) == 4


# ---------------------------------------------------------------------- bad input

ARTICLE = (
    "<html><head><title>Peels</title></head><body><article><h1>Peels</h1>"
    + "<p>The clinic stands on the corner of the market square, between the library and a small "
    "bakery. It opens at nine on weekdays, and the café next door serves tea until five.</p>"
    "<p>Anna Brandt took it over from her aunt in 2009. She kept the old sign, the green tiles in "
    "the hall and the long wooden bench by the window, where regulars still leave the newspaper "
    "for whoever comes next. A tram stops outside every twelve minutes.</p>"
    + "<p>The peel has virtually no side effects.</p></article></body></html>"
)
BAD: dict[str, tuple[bytes, str]] = {
    "empty.html": (b"", "no-article"),
    "blank.txt": (b" \n\t\r\n\0", "no-article"),
    "binary.html": (bytes(range(256)) * 20, "unsupported-type"),
    "binary.txt": (b"\x7fELF" + bytes(range(32)) * 9, "unsupported-type"),
    "image.html": (b"\x89PNG\r\n\x1a\n" + b"\0" * 90, "unsupported-type"),
    "article.docx": (b"PK\x03\x04 and so on", "unsupported-type"),
    "renamed.html": (b"PK\x03\x04 and so on", "unsupported-type"),
    "article.pdf": (b"%PDF-1.7 and so on", "unsupported-type"),
    "renamed.txt": (b"%PDF-1.7 and so on", "unsupported-type"),
    "nobody.html": (b"<html><head><title>Peels</title></head></html>", "no-article"),
    "bodyless.html": (b"<html><head></head><body></body></html>", "no-article"),
    "thin.html": (
        b"<html><head><title>Peels</title></head><body><article><h1>Peels</h1><p>The peel is safe, "
        b"says the clinic that sells it, and takes no more than an hour of your morning.</p>"
        b"</article></body></html>",
        "thin",
    ),
    "german.txt": (
        (
            "Der Arzt sagt, dass die meisten Menschen mit dieser Behandlung gut leben können. "
            "Viele von ihnen haben seit Jahren keine Beschwerden mehr, und das ist auch gut so. "
        ).encode()
        * 4,
        "unsupported-language",
    ),
}


@pytest.fixture(scope="module")
def real() -> Checker:
    return Checker(make_settings())


@pytest.mark.parametrize("name", BAD)
def test_a_bad_input_is_a_failure_that_names_it(name: str, real: Checker, tmp_path: Path) -> None:
    data, kind = BAD[name]
    path = tmp_path / name
    path.write_bytes(data)
    outcome = real.check(path)
    assert isinstance(outcome, Failure)
    assert outcome.error.kind == kind
    assert outcome.error.message.startswith(str(path))
    assert outcome.source.uri == str(path)
    assert not outcome.error.retryable
    assert "Traceback" not in outcome.error.message


def test_a_missing_file_is_not_found(real: Checker, tmp_path: Path) -> None:
    for target in (tmp_path / "missing.html", "no\0name.html", "x" * 5000):
        outcome = real.check(target)
        assert isinstance(outcome, Failure)
        assert (outcome.error.kind, outcome.source.kind) == ("not-found", "file")


def test_a_page_of_50_megabytes_is_too_large(real: Checker, tmp_path: Path) -> None:
    path = tmp_path / "huge.html"
    paragraph = b"<p>The clinic opens at nine on weekdays.</p>\n"
    with path.open("wb") as stream:
        stream.write(b"<html><body>")
        for _ in range(50):
            stream.write(paragraph * (1_000_000 // len(paragraph) + 1))
    assert path.stat().st_size > 50_000_000
    outcome = real.check(path)
    assert isinstance(outcome, Failure)
    assert outcome.error.kind == "too-large"
    assert "20,000,000" in outcome.error.message


def test_a_directory_is_a_usage_error(real: Checker, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a directory"):
        real.check(tmp_path)


def test_one_bad_input_among_several_leaves_the_others(real: Checker, tmp_path: Path) -> None:
    good = tmp_path / "good.html"
    good.write_text(ARTICLE, encoding="utf-8")
    targets: list[str | Path] = [good]
    for name, (data, _) in BAD.items():
        (tmp_path / name).write_bytes(data)
        targets += [tmp_path / name, good]
    outcomes = list(real.check_many(targets))
    assert len(outcomes) == len(targets)
    assert all(isinstance(one, Report) for one in outcomes[::2])
    assert all(one == outcomes[0] for one in outcomes[::2])
    kinds = [one.error.kind for one in outcomes[1::2] if isinstance(one, Failure)]
    assert kinds == [kind for _, kind in BAD.values()]


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("utf-8", "no-such-charset"),
        ("windows-1252", "utf-8"),
        ("windows-1252", "iso-8859-1"),
        ("windows-1252", "utf-16"),
        ("utf-16", "utf-8"),
    ],
)
def test_a_wrong_charset_is_seen_through(
    charset: str, declared: str, real: Checker, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    page = ARTICLE.replace("<head>", f'<head><meta charset="{declared}">')
    path.write_bytes(page.encode(charset))
    outcome = real.check(path)
    assert isinstance(outcome, Report)
    assert "café next door" in outcome.article.text
    assert "minimised-harm" in [finding.issue for finding in outcome.findings]


@pytest.mark.parametrize("name", ["page.html", "page.txt"])
def test_stray_null_bytes_do_no_harm(name: str, real: Checker, tmp_path: Path) -> None:
    path = tmp_path / name
    page = ARTICLE if name.endswith("html") else f"{PLAIN}\n\n{DENIED}\n"
    path.write_bytes(page.replace("clinic", "cli\0nic").encode())
    outcome = real.check(path)
    assert isinstance(outcome, Report)
    assert any(finding.issue == "minimised-harm" for finding in outcome.findings)
    assert parse_outcome(json.loads(json.dumps(outcome.to_json_dict()))) == outcome


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 60_000 + "<p>The peel has no side effects.</p>",
        "<html><body><p>" + "word " * 400_000,
        "<table>" * 3_000,
        "<!-- " * 50_000,
        "<html><body>" + "&amp;" * 100_000,
    ],
    ids=["deep", "one-paragraph", "tables", "comments", "entities"],
)
def test_hostile_markup_ends_in_an_outcome(
    page: str, real: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker_module.Analyser, "article", lambda self, article: ())
    outcome = real.check_html(page)
    assert isinstance(outcome, Report | Failure)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ZeroDivisionError("division by zero"), "internal"),
        (RecursionError("maximum recursion depth exceeded"), "resource-limit"),
        (MemoryError(), "resource-limit"),
        (SourceError("x: gone", kind="connection", retryable=True), "connection"),
    ],
)
def test_whatever_goes_wrong_on_one_input_is_its_failure(
    real: Checker, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str
) -> None:
    def fail(document: object) -> None:
        raise error

    monkeypatch.setattr(checker_module, "extract", fail)
    outcome = real.check_text(PLAIN)
    assert isinstance(outcome, Failure)
    assert outcome.error.kind == kind
    assert outcome.error.retryable == (kind == "connection")
    assert outcome.source.sha256  # what was read is still named


def test_a_fault_of_the_request_is_not_a_failure_of_the_input(
    real: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(document: object) -> None:
        raise ModelError("models/x: damaged")

    monkeypatch.setattr(checker_module, "extract", fail)
    with pytest.raises(ModelError):
        real.check_text(PLAIN)


def test_options_of_check_are_settings() -> None:
    with pytest.raises(SettingsError, match="did you mean 'min_severity'"):
        check("x.html", min_severty=2)
    with pytest.raises(ModelError, match="no model 'no-such-model'"):
        list(Checker(make_settings({"model": "no-such-model"})).check_many([]))


def test_text_and_html_in_memory(real: Checker) -> None:
    page = real.check_html(ARTICLE, url="https://example.org/peels")
    same = real.check_html(ARTICLE.encode(), url="https://example.org/peels")
    assert page == same
    assert isinstance(page, Report)
    assert page.source == Source(
        kind="url", uri="https://example.org/peels", sha256=page.source.sha256
    )
    text = real.check_text(page.article.text)
    assert isinstance(text, Report)
    assert [one.issue for one in text.findings] == [one.issue for one in page.findings]
    nothing = real.check_text("")
    assert isinstance(nothing, Failure)
    assert nothing.source.uri == "-"


# ---------------------------------------------------------------------- the whole


WORDS = st.sampled_from(
    [
        "Magnesium", "cures", "may", "cure", "always", "cancer", "in mice", "(n = 12)", "'proven'",
        "no side effects", ".", "?", "\n\n", "# ", "- ", "🍵", "’", "\u00ad", "\u00a0", "é",
        "e\u0301", "studies show", "not", "20%", "\r\n", "Dr. No", "…", "\u202e",
        "\0",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=80))


@given(TEXTS)
@settings(max_examples=60)
def test_any_text_has_an_outcome_that_holds(text: str) -> None:
    """The records check spans, quotes and labels; here also order, evidence and the limit."""
    outcome = REAL.check_text(text)
    assert parse_outcome(json.loads(json.dumps(outcome.to_json_dict()))) == outcome
    if isinstance(outcome, Failure):
        assert outcome.error.kind in ("no-article", "unsupported-language")
        return
    assert outcome.article.text == text.removeprefix("\ufeff")
    places = [(one.start, one.end) for one in outcome.findings]
    assert places == sorted(places)
    assert all(places.count(place) <= MOST_FINDINGS for place in places)
    spans = {(one.start, one.end) for one in outcome.article.sentences}
    for finding in outcome.findings:
        assert (finding.start, finding.end) in spans
        for start, end in finding.evidence:
            assert outcome.article.text[start:end].strip()


REAL = Checker(make_settings({"profile": "sensitive"}))


def test_two_processes_write_the_same_bytes() -> None:
    """With different hash seeds, so that no order of a set shows through."""
    pages = ["examples/01-clinic-infusion.html", "examples/08-slimming-capsules-product.html"]
    written = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "claimcheck", "check", "--format", "json",
             "--profile", "sensitive", *pages],
            capture_output=True,
            check=False,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        written.append(done.stdout)
    assert written[0] == written[1]
    assert len(json.loads(written[0])) == 2
