"""A clean place to run the command line in, and a checker that answers from a list."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import claimcheck
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
    Summary,
    Tool,
)
from claimcheck.settings import Settings

TEXT = "The peel has virtually no side effects."


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory without settings files or variables from outside."""
    for variable in list(os.environ):
        if variable.startswith("CLAIMCHECK_"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def report(uri: str, *severities: int) -> Report:
    """A report with one finding a severity, all on the same claim."""
    start, end = TEXT.index("virtually"), len(TEXT) - 1
    claim = Claim(
        id="c1",
        start=0,
        end=len(TEXT),
        quote=TEXT,
        sentence=(0, len(TEXT)),
        kind="safety",
        polarity="0",
        strength="direct",
        hedge="none",
        stance="asserted",
        label="flag" if severities else "ok",
        score=0.9,
    )
    findings = tuple(
        Finding(
            id=f"f{number}",
            claim="c1",
            issue="minimised-harm",
            severity=severity,
            score=0.9,
            start=start,
            end=end,
            quote=TEXT[start:end],
            evidence=((start, end),),
            message="'virtually no side effects' denies harm.",
            standard="A standard",
            fingerprint=f"{number:064x}",
        )
        for number, severity in enumerate(severities, 1)
    )
    counts = {str(level): severities.count(level) for level in (1, 2, 3)}
    return Report(
        schema="claimcheck.report/1",
        tool=Tool(version="0", model="default", model_sha256="0" * 64),
        source=Source(kind="file", uri=uri),
        article=Article(
            text=TEXT,
            blocks=(Block(kind="paragraph", start=0, end=len(TEXT)),),
            sentences=(Sentence(start=0, end=len(TEXT), block=0, score=0.9),),
        ),
        claims=(claim,),
        findings=findings,
        summary=Summary(
            words=6, sentences=1, claims=1, flagged=int(bool(severities)), by_severity=counts
        ),
    )


def failure(uri: str, message: str = "there is no such file; check the spelling") -> Failure:
    """A failure whose message names its input, as those of the source room do."""
    return Failure(
        schema="claimcheck.failure/1",
        source=Source(kind="file", uri=uri),
        error=FailureDetail(kind="not-found", message=f"{uri}: {message}"),
    )


Answer = Callable[[str], Report | Failure]


class FakeChecker:
    """Stands in for the checker: remembers its settings, answers from ``answer``."""

    answer: Answer = staticmethod(report)
    seen: Settings | None = None

    def __init__(self, settings: Settings | None = None) -> None:
        type(self).seen = settings

    def check_many(self, targets: Iterable[str]) -> Iterator[Report | Failure]:
        for target in targets:
            yield type(self).answer(target)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeChecker]:
    """Put the fake in the checker's place, without importing the real one."""

    class Fake(FakeChecker):
        pass

    module = ModuleType("claimcheck.checker")
    module.Checker = Fake  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "claimcheck.checker", module)
    monkeypatch.setattr(claimcheck, "checker", module, raising=False)
    return Fake


def answers(table: dict[str, Report | Failure | BaseException]) -> Answer:
    """An answer function that looks in a table; an exception there is raised."""

    def answer(target: str) -> Report | Failure:
        found = table[target]
        if isinstance(found, BaseException):
            raise found
        return found

    return answer


@pytest.fixture
def made() -> Records:
    """The functions that make records, for tests that cannot import this file."""
    return Records()


class Records:
    """Makers of records and answers."""

    report = staticmethod(report)
    failure = staticmethod(failure)
    answers = staticmethod(answers)
