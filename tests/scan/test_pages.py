"""What a child makes of one page: report, failure, and never an exception for a bad page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from claimcheck.errors import SourceError, UsageError
from claimcheck.records import Failure, FailureDetail, Source, parse_outcome
from claimcheck.scan import pages
from claimcheck.scan.pages import PageTask, check_page, failed_page, failure_line, start_worker
from claimcheck.settings import make_settings
from claimcheck.sources import Entry, RawDocument, html_document

SETTINGS = make_settings({"max_bytes": 1_000})


@pytest.fixture(autouse=True)
def clean_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test prepares its own process."""
    monkeypatch.setattr(pages, "_room", None)


@pytest.fixture
def checked() -> list[RawDocument]:
    """A checker without a model, which fails in the way that the page's text says."""
    seen: list[RawDocument] = []

    def check(document: RawDocument) -> Failure:
        seen.append(document)
        message = document.data.decode()
        kind: Any = "resource-limit" if "Error)" in message else "thin"
        detail = FailureDetail(kind=kind, message=message)
        return Failure(source=document.source, error=detail)

    start_worker(SETTINGS, "builtins:id")
    room = pages._room
    assert room is not None
    room.checker = SimpleNamespace(check=check)  # type: ignore[assignment]
    return seen


def file_entry(path: Path, **more: Any) -> Entry:
    return Entry(uri=str(path), kind="file", origin=str(path.parent), key=str(path), **more)


def url_task(text: str) -> PageTask:
    url = "https://news.test/tea"
    entry = Entry(uri=url, kind="url", origin="list.txt", key=url)
    return PageTask(seq=7, entry=entry, document=html_document(text, uri=url))


def test_a_fetched_page_is_judged_as_it_was_retrieved(checked: list[RawDocument]) -> None:
    task = url_task("too short\u2028")
    result = check_page(task)
    assert checked == [task.document]
    assert (result.seq, result.state, result.failure) == (7, "failure", "thin")
    assert task.document is not None
    assert result.sha256 == task.document.source.sha256
    assert result.brief is None
    assert not result.exhausted
    assert b"\n" not in result.outcome
    # One line also for readers that take LINE SEPARATOR for the end of one.
    assert len(result.outcome.decode().splitlines()) == 1
    assert parse_outcome(json.loads(result.outcome)).source.uri == "https://news.test/tea"


def test_a_file_is_read_in_the_child(checked: list[RawDocument], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>thin</p>", encoding="utf-8")
    result = check_page(PageTask(seq=0, entry=file_entry(page)))
    assert [document.data for document in checked] == [b"<p>thin</p>"]
    assert result.sha256 == checked[0].source.sha256


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("gone.html", None, "not-found"),
        ("long.html", "x" * 1_001, "too-large"),
        ("empty.html", "", "no-article"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_failure(
    checked: list[RawDocument], tmp_path: Path, name: str, content: str | None, kind: str
) -> None:
    page = tmp_path / name
    if content is not None:
        page.write_text(content, encoding="utf-8")
    result = check_page(PageTask(seq=3, entry=file_entry(page, sha256="a" * 64)))
    assert checked == []
    assert (result.state, result.failure) == ("failure", kind)
    outcome = parse_outcome(json.loads(result.outcome))
    assert isinstance(outcome, Failure)
    assert outcome.source == Source(kind="file", uri=str(page), sha256="a" * 64)
    assert str(page) in outcome.error.message


def test_a_fault_in_reading_names_the_input(
    checked: list[RawDocument], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_entry(entry: Entry, *, max_bytes: int) -> RawDocument:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("claimcheck.sources.read_entry", read_entry)
    result = check_page(PageTask(seq=0, entry=file_entry(tmp_path / "page.html")))
    assert result.failure == "internal"
    assert "ZeroDivisionError: boom" in result.outcome.decode()


def test_a_page_that_used_up_the_memory_says_that_the_process_should_go(
    checked: list[RawDocument],
) -> None:
    result = check_page(url_task("too large to read (MemoryError)"))
    assert (result.failure, result.exhausted) == ("resource-limit", True)
    assert "--page-memory" in result.outcome.decode()


def test_a_page_that_is_too_deep_leaves_the_process_as_it_was(checked: list[RawDocument]) -> None:
    result = check_page(url_task("too deep to read (RecursionError)"))
    assert (result.failure, result.exhausted) == ("resource-limit", False)


def test_memory_that_ends_anywhere_is_the_page_s(checked: list[RawDocument]) -> None:
    room = pages._room
    assert room is not None

    def eat(_: PageTask) -> None:
        raise MemoryError

    room.hook = eat
    assert check_page(url_task("x")).exhausted


def test_a_model_that_cannot_be_used_is_everybody_s_trouble() -> None:
    start_worker(make_settings({"model": "no-such-model"}))
    with pytest.raises(UsageError, match="no-such-model"):
        check_page(url_task("x"))


def test_a_process_that_was_not_prepared_says_so() -> None:
    with pytest.raises(RuntimeError, match="start_worker"):
        check_page(url_task("x"))


def test_a_failure_made_by_the_parent_has_the_content_s_hash() -> None:
    task = url_task("x")
    result = failed_page(task, kind="internal", message="news: died", seconds=2.0)
    assert task.document is not None
    assert result.sha256 == task.document.source.sha256
    assert (result.failure, result.seconds) == ("internal", 2.0)
    outcome = parse_outcome(json.loads(result.outcome))
    assert isinstance(outcome, Failure)
    assert outcome.source == task.document.source


@pytest.mark.parametrize(
    ("kind", "uri", "source"),
    [
        ("url", "https://a.test/", "url"),
        ("file", "page.html", "file"),
        ("record", "https://a.test/", "warc"),
        ("row", "https://a.test/", "url"),
        ("row", "pages.jsonl#4", "file"),
    ],
)
def test_a_failure_names_its_source(kind: Any, uri: str, source: str) -> None:
    entry = Entry(uri=uri, kind=kind, origin="x")
    line = failure_line(entry, SourceError(f"{uri}: gone", kind="not-found"))
    assert json.loads(line)["source"]["kind"] == source


def test_a_file_name_that_is_no_utf_8_can_be_written_down() -> None:
    entry = Entry(uri="bad\udcff.html", kind="file", origin="x")
    line = failure_line(entry, SourceError("bad\udcff.html: gone", kind="not-found"))
    assert json.loads(line)["source"]["uri"] == "bad\udcff.html"


CHILD = """
import multiprocessing, os, resource, signal, sys
from claimcheck.scan import pages
from claimcheck.settings import make_settings

def child(answers):
    pages.start_worker(make_settings({"page_memory_mb": 300}), "builtins:id")
    answers.put((
        resource.getrlimit(resource.RLIMIT_DATA)[0],
        signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
        os.environ["OMP_NUM_THREADS"],
    ))

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=child, args=(answers,))
    process.start()
    print(answers.get(timeout=60))
    process.join()
    # The parent is no child: it keeps its own signals and memory.
    before = signal.getsignal(signal.SIGINT)
    pages.start_worker(make_settings({}), "builtins:id")
    print(signal.getsignal(signal.SIGINT) == before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_child_has_limits_and_its_parent_has_not(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(CHILD, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines() == [f"({300 * 1024 * 1024}, True, True, '1')", "True"]
