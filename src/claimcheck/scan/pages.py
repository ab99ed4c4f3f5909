"""What a child process does with one page: read it, judge it, write the outcome down.

The parent only moves bytes: an outcome travels as the line of JSON that the results will
hold. A child has a limit on its memory, uses one thread, ignores Ctrl-C (the parent
decides when to stop) and ends when its parent is gone.
"""

from __future__ import annotations

import importlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from claimcheck.errors import FailureKind, SourceError, UsageError
from claimcheck.scan.rows import Brief, brief_of, source_of

if TYPE_CHECKING:
    from claimcheck.checker import Checker
    from claimcheck.records import Failure, Report, Source
    from claimcheck.settings import Settings
    from claimcheck.sources import Entry, RawDocument

__all__ = ["PageResult", "PageTask", "check_page", "failed_page", "failure_line", "start_worker"]

_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTask:
    """One page to judge. ``document`` is there for a fetched page; others are read here."""

    seq: int
    entry: Entry
    document: RawDocument | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """What came of a page.

    ``outcome`` is one line of JSON in UTF-8 without its newline. ``seconds`` are by the
    clock, ``cpu_seconds`` those of the child. ``failure`` is the kind of failure it is, or
    null. ``exhausted`` says that memory ran out, so that the process had better be replaced.
    """

    seq: int
    state: Literal["report", "failure"]
    outcome: bytes
    sha256: str | None
    brief: Brief | None
    seconds: float
    cpu_seconds: float
    failure: FailureKind | None = None
    exhausted: bool = False


@dataclass(slots=True)
class _Room:
    """What a child keeps from page to page."""

    settings: Settings
    hook: Callable[[PageTask], object] | None = None
    checker: Checker | None = None
    broken: UsageError | None = None


_room: _Room | None = None  # one a process; set by start_worker


def start_worker(settings: Settings, page_hook: str | None = None) -> None:
    """Prepare this process for judging pages; nothing is raised before the first page.

    :param page_hook: ``module:function``, called with each task before it is judged; for
        tests of pages that die, hang or grow.
    """
    global _room
    _room = _Room(settings)
    if threading.current_thread() is threading.main_thread() and _is_child():
        _become_a_child(settings.page_memory_mb)
    try:
        _import_what_pages_need()
        if page_hook is not None:
            _room.hook = _named(page_hook)
        else:
            _load(_room)
    except UsageError as error:
        _room.broken = error
    except MemoryError:
        _room.broken = UsageError(
            f"page_memory_mb: the model does not fit in {settings.page_memory_mb:,} MB; allow "
            "more with --page-memory"
        )


def check_page(task: PageTask) -> PageResult:
    """Read and judge one page; a page that cannot be read gives a failure.

    :raises UsageError: the model or a file that all pages need cannot be used.
    """
    room = _room
    if room is None:
        raise RuntimeError("start_worker was not called in this process")
    if room.broken is not None:
        raise room.broken
    began = time.perf_counter()
    result = _tried(task, room)
    return result if result is not None else _exhausted(task, time.perf_counter() - began)


def failed_page(
    task: PageTask, *, kind: FailureKind, message: str, seconds: float = 0.0
) -> PageResult:
    """The result of a page whose process could not give one itself."""
    document = task.document
    sha256 = document.source.sha256 if document is not None else task.entry.sha256
    return PageResult(
        seq=task.seq,
        state="failure",
        outcome=failure_line(
            task.entry,
            SourceError(message, kind=kind),
            source=document.source if document is not None else None,
        ),
        sha256=sha256,
        brief=None,
        seconds=seconds,
        cpu_seconds=0.0,
        failure=kind,
    )


def failure_line(entry: Entry, error: SourceError, *, source: Source | None = None) -> bytes:
    """A failure as the results hold it: one line of JSON in UTF-8, without its newline."""
    return _line(_failure(error, source or _source_of(entry)))


def _tried(task: PageTask, room: _Room) -> PageResult | None:
    """The page's result; null if memory ran out.

    By the time this returns the exception is gone, and with it all that it kept alive.
    """
    began, cpu_began = time.perf_counter(), time.process_time()
    try:
        if room.hook is not None:
            room.hook(task)
        outcome = _outcome(task, room)
        failure = _kind(outcome)
        return PageResult(
            seq=task.seq,
            state="report" if failure is None else "failure",
            outcome=_line(outcome),
            sha256=outcome.source.sha256 or task.entry.sha256,
            brief=brief_of(outcome),
            seconds=time.perf_counter() - began,
            cpu_seconds=time.process_time() - cpu_began,
            failure=failure,
        )
    except MemoryError:
        return None


def _outcome(task: PageTask, room: _Room) -> Report | Failure:
    try:
        document = task.document or _read(task.entry, room.settings)
    except SourceError as error:
        return _failure(error, _source_of(task.entry))
    outcome = _load(room).check(document)
    if outcome.schema_ == "claimcheck.failure/1" and _is_out_of_memory(outcome):
        raise MemoryError
    return outcome


def _read(entry: Entry, settings: Settings) -> RawDocument:
    from claimcheck.sources import read_entry

    try:
        return read_entry(entry, max_bytes=settings.max_bytes)
    except (SourceError, MemoryError):
        raise
    except Exception as error:
        raise SourceError(
            f"{entry.uri}: claimcheck failed while it read this input "
            f"({type(error).__name__}: {error}); please report it with the file",
            kind="internal",
        ) from error


def _is_out_of_memory(failure: Failure) -> bool:
    # The checker makes one kind of failure of a page that is too deep, which leaves the
    # process as it was, and of one that is too large, which does not.
    error = failure.error
    return error.kind == "resource-limit" and "(MemoryError)" in error.message


def _exhausted(task: PageTask, seconds: float) -> PageResult:
    result = failed_page(
        task,
        kind="resource-limit",
        message=f"{task.entry.uri}: needs more memory than a page may have (--page-memory); "
        "allow more, or save the article alone",
        seconds=seconds,
    )
    return replace(result, exhausted=True)


def _failure(error: SourceError, source: Source) -> Failure:
    from claimcheck.records import Failure, FailureDetail

    detail = FailureDetail(kind=error.kind, message=str(error), retryable=error.retryable)
    return Failure(source=source, error=detail)


def _source_of(entry: Entry) -> Source:
    return source_of(entry.kind, entry.uri, sha256=entry.sha256)


def _line(outcome: Report | Failure) -> bytes:
    from claimcheck.report.jsonl import line

    # A lone surrogate cannot be written as UTF-8, whatever a page or a file name holds.
    return line(outcome).encode("utf-8", "backslashreplace")


def _kind(outcome: Report | Failure) -> FailureKind | None:
    # By its schema, so that the records need not be imported.
    return outcome.error.kind if outcome.schema_ == "claimcheck.failure/1" else None


# ---------------------------------------------------------------------- the process


def _load(room: _Room) -> Checker:
    """The checker with its model; loaded once a process, before the first page's time runs."""
    if room.checker is None:
        from claimcheck.checker import Checker

        checker = Checker(room.settings)
        checker.tool  # noqa: B018 - loads the model and the user's files, or raises
        checker.check_text("Warm up the parser, so that no page pays for loading it.")
        room.checker = checker
    return room.checker


def _import_what_pages_need() -> None:
    """So that the first page's time is its own."""
    for name in ("claimcheck.sources", "claimcheck.report.jsonl"):
        importlib.import_module(name)


def _named(page_hook: str) -> Callable[[PageTask], object]:
    module, _, name = page_hook.partition(":")
    hook: Callable[[PageTask], object] = getattr(importlib.import_module(module), name)
    return hook


def _is_child() -> bool:
    import multiprocessing

    return multiprocessing.parent_process() is not None


def _become_a_child(memory_mb: int) -> None:
    for variable in _ONE_THREAD:  # before NumPy is loaded, which starts its threads then
        os.environ[variable] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The pool ends a page whose time is up with SIGTERM; a Python handler would wait for
    # the regular expression or the parser that does not come to an end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, name="claimcheck-parent", daemon=True).start()
    _limit_memory(memory_mb)


def _end_with_parent() -> None:
    """Without this, a child of a killed scan would judge its page to the end, or for ever."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit still holds
        return
    size = megabytes * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        size = min(size, hard)
    # What a process may allocate, which is what an endless page makes grow. The limit on
    # all addresses would count the mapped files of every library too.
    resource.setrlimit(resource.RLIMIT_DATA, (size, hard))
