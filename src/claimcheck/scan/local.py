"""Judging in child processes of this machine, any of which may die, hang or grow.

Each worker is a pebble pool with a single process. In one shared pool the processes take
turns at one pipe under one lock, and a process that the system kills while it holds the
lock leaves the others waiting; alone, it takes nothing down but itself. pebble starts
the process, hands it a page, ends it when the page's time is up and says when it died.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from claimcheck.errors import ClaimcheckError, FailureKind, UsageError
from claimcheck.scan.pages import PageResult, PageTask, check_page, failed_page, start_worker

if TYPE_CHECKING:
    from claimcheck.settings import Settings

__all__ = ["EXHAUSTED", "Answer", "Judged", "Workers", "judge_page", "page_workers"]

EXHAUSTED: Final = 86
"""Exit code of a process that ran out of memory on a page and wants to be replaced."""

_PAGES_A_PROCESS: Final = 2_000  # then a new one, so that what libraries leak stays small
_TRIES: Final = 2  # of a page whose process died
_STARTS: Final = 3  # of a process that dies before it takes a page
_START_SECONDS: Final = 600.0  # longest that loading the model may take
_GRACE_SECONDS: Final = 20.0  # after a page's time, before pebble is taken to have lost it


@dataclass(frozen=True, slots=True)
class Answer:
    """A message from a worker that :meth:`Workers.settle` understands."""

    worker: int
    ticket: int
    future: Future[PageResult]


@dataclass(frozen=True, slots=True)
class Judged:
    """A page's result and how many processes have had it."""

    task: PageTask
    result: PageResult
    tries: int


@dataclass(slots=True)
class _Worker:
    """One process and what it has in hand. ``ticket`` tells this hand-over from earlier ones."""

    pool: Any
    task: PageTask | None = None
    ticket: int = 0
    future: Future[PageResult] | None = None
    tries: int = 0
    starts: int = 0
    exhausted: bool = False
    submitted: float = 0.0
    began: float | None = None


def judge_page(task: PageTask) -> PageResult:
    """Judge a page in a child process; the process ends here if its memory is used up.

    What a process holds after that is anyone's guess, and the next page must not suffer.
    """
    result = check_page(task)
    if result.exhausted:
        os._exit(EXHAUSTED)
    return result


class Workers:
    """So many child processes, one page each at a time. Used by one thread.

    :param count: how many.
    :param report: is called, in another thread, with an :class:`Answer` for each page
        that came to an end; give it to :meth:`settle`.
    :param judge: what the child does with a page; picklable by name.
    :param prepare: called in each new child with ``arguments``.
    :param seconds: longest that one page may take.
    :param memory_mb: for the message about a page that takes more; ``prepare`` sets the limit.
    """

    def __init__(
        self,
        count: int,
        *,
        report: Callable[[Answer], None],
        judge: Callable[[PageTask], PageResult],
        prepare: Callable[..., None] | None = None,
        arguments: tuple[Any, ...] = (),
        seconds: float,
        memory_mb: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report = report
        self._judge = judge
        self._prepare = prepare
        self._arguments = arguments
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._clock = clock
        self._ever = False  # whether any page was ever judged
        self._workers = [_Worker(self._new_pool()) for _ in range(count)]

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def count(self) -> int:
        """How many workers there are."""
        return len(self._workers)

    @property
    def busy(self) -> int:
        """How many have a page in hand."""
        return sum(worker.task is not None for worker in self._workers)

    @property
    def free(self) -> int:
        """How many have none."""
        return self.count - self.busy

    def submit(self, task: PageTask) -> None:
        """Give a page to a free worker; does not wait.

        :raises ValueError: none is free.
        """
        for index, worker in enumerate(self._workers):
            if worker.task is None:
                worker.task, worker.tries, worker.starts = task, 0, 0
                worker.exhausted = False
                self._hand_over(index)
                return
        raise ValueError("no worker is free")

    def settle(self, answer: Answer) -> Judged | None:
        """What became of a page; null if it is being tried again, or the answer is stale.

        :raises UsageError: the model or another file that all pages need cannot be used.
        :raises ClaimcheckError: no process can be started.
        """
        worker = self._workers[answer.worker]
        if worker.task is None or worker.ticket != answer.ticket:
            return None
        from concurrent.futures.process import BrokenProcessPool

        from pebble import ProcessExpired

        error = answer.future.exception()
        match error:
            case None:
                return self._ended(worker, answer.future.result())
            case UsageError():
                raise error
            case ProcessExpired():
                return self._died(answer.worker, exit_code=error.exitcode)
            case BrokenProcessPool():
                return self._lost(answer.worker)
            case FutureTimeoutError():
                return self._ended(worker, self._over_time(worker.task))
            case _:
                return self._ended(worker, _fault(worker.task, error))

    def watch(self) -> Iterator[Judged]:
        """Look after pages of which pebble says nothing more; call it about once a second.

        :raises ClaimcheckError: no process can be started.
        """
        now = self._clock()
        for index, worker in enumerate(self._workers):
            future = worker.future
            if worker.task is None or future is None or future.done():
                continue
            if worker.began is None and future.running():
                worker.began = now
            if not worker.pool.active:
                judged = self._lost(index)
            elif worker.began is None:
                if now - worker.submitted <= _START_SECONDS:
                    continue
                judged = self._lost(index)
            elif now - worker.began > self._seconds + _GRACE_SECONDS:
                self._renew(index)
                judged = self._ended(worker, self._over_time(worker.task))
            else:
                continue
            if judged is not None:
                yield judged

    def close(self) -> None:
        """End all processes at once, whatever they are doing."""
        pools = [worker.pool for worker in self._workers]
        for pool in pools:
            pool.stop()
        for pool in pools:
            pool.join()

    def _new_pool(self) -> Any:
        from pebble import ProcessPool

        return ProcessPool(
            max_workers=1,
            max_tasks=_PAGES_A_PROCESS,
            initializer=self._prepare,
            initargs=self._arguments,
            # A forked child would inherit locks that other threads of ours hold.
            context=multiprocessing.get_context("spawn"),
        )

    def _renew(self, index: int) -> None:
        """Put a new pool in the place of one that is broken; the old one ends by itself."""
        worker = self._workers[index]
        threading.Thread(target=_discard, args=(worker.pool,), daemon=True).start()
        worker.pool = self._new_pool()

    def _hand_over(self, index: int) -> None:
        worker = self._workers[index]
        worker.ticket += 1
        ticket = worker.ticket
        worker.submitted, worker.began = self._clock(), None
        try:
            future = worker.pool.schedule(self._judge, args=(worker.task,), timeout=self._seconds)
        except RuntimeError:  # its process died while it had nothing to do
            self._renew(index)
            future = worker.pool.schedule(self._judge, args=(worker.task,), timeout=self._seconds)
        worker.future = future
        future.add_done_callback(lambda done: self._report(Answer(index, ticket, done)))

    def _ended(self, worker: _Worker, result: PageResult) -> Judged:
        task, tries = worker.task, worker.tries + 1
        assert task is not None  # noqa: S101 - only called for a worker that has one
        worker.task = worker.future = None
        self._ever = True
        return Judged(task, result, tries)

    def _died(self, index: int, *, exit_code: int | None) -> Judged | None:
        """A process died on a page: try it once more, then call it a failure."""
        worker = self._workers[index]
        worker.exhausted = exit_code == EXHAUSTED
        if worker.tries + 1 < _TRIES:
            worker.tries += 1
            self._hand_over(index)
            return None
        assert worker.task is not None  # noqa: S101
        if worker.exhausted:
            return self._ended(worker, self._over_memory(worker.task))
        return self._ended(worker, _dead(worker.task, exit_code))

    def _lost(self, index: int) -> Judged | None:
        """A pool broke before its process said that it had the page."""
        worker = self._workers[index]
        worker.starts += 1
        self._renew(index)
        if worker.starts < _STARTS:
            self._hand_over(index)
            return None
        if self._ever and worker.task is not None:
            return self._ended(worker, _dead(worker.task, None))
        raise ClaimcheckError(
            f"the processes that judge pages die while they start (tried {_STARTS} times); "
            "there may be too little memory: allow more with --page-memory, use fewer --workers, "
            "or close other programs"
        )

    def _over_time(self, task: PageTask) -> PageResult:
        return _failed(
            task,
            "resource-limit",
            f"took more than {self._seconds:g} seconds to extract and judge; allow more with "
            "--page-seconds, or save the article alone",
            seconds=self._seconds,
        )

    def _over_memory(self, task: PageTask) -> PageResult:
        return _failed(
            task,
            "resource-limit",
            f"needs more than {self._memory_mb:,} MB of memory to extract and judge; allow more "
            "with --page-memory, or save the article alone",
        )


def page_workers(
    settings: Settings,
    *,
    count: int,
    report: Callable[[Answer], None],
    page_hook: str | None = None,
) -> Workers:
    """The workers of a scan."""
    return Workers(
        count,
        report=report,
        judge=judge_page,
        prepare=start_worker,
        arguments=(settings, page_hook),
        seconds=settings.page_seconds,
        memory_mb=settings.page_memory_mb,
    )


def _discard(pool: Any) -> None:
    with suppress(Exception):  # it is broken; what can be freed is freed
        pool.stop()
        pool.join()


def _dead(task: PageTask, exit_code: int | None) -> PageResult:
    how = (
        f"signal {-exit_code}"
        if exit_code is not None and exit_code < 0
        else "before it could say why"
        if exit_code is None
        else f"exit code {exit_code}"
    )
    return _failed(
        task,
        "internal",
        f"the process that judged this page died twice ({how}); please report it with the page",
    )


def _fault(task: PageTask, error: BaseException) -> PageResult:
    return _failed(
        task,
        "internal",
        f"claimcheck failed on this page ({type(error).__name__}: {error}); please report it "
        "with the page",
    )


def _failed(task: PageTask, kind: FailureKind, message: str, *, seconds: float = 0.0) -> PageResult:
    return failed_page(task, kind=kind, message=f"{task.entry.uri}: {message}", seconds=seconds)
