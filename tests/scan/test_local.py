"""Child processes that die, hang, exit and break: each costs its own page and no other."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from claimcheck.errors import ClaimcheckError, UsageError
from claimcheck.scan.local import EXHAUSTED, Answer, Judged, Workers
from claimcheck.scan.pages import PageTask
from claimcheck.sources import Entry

HERE = Path(__file__).resolve().parent / "children"
NAME = "scan_children"


@pytest.fixture(scope="module")
def children() -> Iterator[ModuleType]:
    """The children's module, under a name that they can import too."""
    sys.path.insert(0, str(HERE))
    try:
        spec = importlib.util.find_spec(NAME)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[NAME] = module
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(HERE))
        sys.modules.pop(NAME, None)


class Pool:
    """Workers with their answers at hand."""

    def __init__(self, children: ModuleType, count: int = 1, **options: Any) -> None:
        self.answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.workers = Workers(
            count,
            report=self.answers.put,
            judge=children.judge,
            **({"seconds": 20.0, "memory_mb": 512} | options),
        )

    def judge(self, seq: int, what: str) -> None:
        uri = what
        self.workers.submit(PageTask(seq=seq, entry=Entry(uri=uri, kind="file", origin="x")))

    def next(self) -> Judged:
        """What ended next, within a minute."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                judged = self.workers.settle(self.answers.get(timeout=0.2))
            except queue.Empty:
                judged = next(iter(self.workers.watch()), None)
            if judged is not None:
                return judged
        raise AssertionError("nothing ended")

    def of(self, what: str) -> Judged:
        self.judge(0, what)
        return self.next()


def failure_of(judged: Judged) -> dict[str, str]:
    assert judged.result.state == "failure"
    data = json.loads(judged.result.outcome)
    assert data["schema"] == "claimcheck.failure/1"
    assert data["error"]["kind"] == judged.result.failure
    found: dict[str, str] = data["error"]
    return found


@pytest.fixture
def pool(children: ModuleType) -> Iterator[Pool]:
    pool = Pool(children)
    with pool.workers:
        yield pool


def test_bad_pages_cost_themselves_and_no_other(pool: Pool, tmp_path: Path) -> None:
    """One worker through every way of dying, and well afterwards."""
    good = pool.of("good")
    assert (good.result.state, good.tries) == ("report", 1)

    dead = pool.of("die")
    error = failure_of(dead)
    assert error["kind"] == "internal"
    assert error["message"].startswith("die: the process that judged this page died twice")
    assert "signal 9" in error["message"]
    assert dead.tries == 2

    once = pool.of(f"die-once {tmp_path / 'died'}")
    assert (once.result.state, once.tries) == ("report", 2)

    fault = failure_of(pool.of("fault"))
    assert fault["kind"] == "internal"
    assert "ZeroDivisionError: boom" in fault["message"]

    with pytest.raises(UsageError, match="no such model"):
        pool.of("broken")


def test_a_process_that_ran_out_of_memory_twice_is_a_resource_limit(pool: Pool) -> None:
    error = failure_of(judged := pool.of(f"exit {EXHAUSTED}"))
    assert error["kind"] == "resource-limit"
    assert "512 MB" in error["message"]
    assert judged.tries == 2


def test_two_workers_one_hangs_the_other_goes_on(children: ModuleType) -> None:
    pool = Pool(children, 2, seconds=1.0)
    with pool.workers:
        pool.judge(1, "hang")
        pool.judge(2, "good")
        assert pool.workers.free == 0
        with pytest.raises(ValueError, match="no worker is free"):
            pool.judge(3, "good")
        first, second = pool.next(), pool.next()
        assert [first.task.seq, second.task.seq] == [2, 1]
        error = failure_of(second)
        assert error["kind"] == "resource-limit"
        assert "more than 1 seconds" in error["message"]
        assert second.tries == 1
        assert pool.workers.free == 2
        assert pool.of("good").result.state == "report"


def test_a_process_killed_while_it_had_nothing_to_do_is_replaced(pool: Pool) -> None:
    process = int(pool.of("good").result.outcome)
    os.kill(process, signal.SIGKILL)
    time.sleep(0.5)
    again = pool.of("good")
    assert again.result.state == "report"
    assert int(again.result.outcome) != process


def test_processes_that_cannot_start_end_the_scan(children: ModuleType) -> None:
    pool = Pool(children, prepare=children.prepare_badly)
    with pool.workers, pytest.raises(ClaimcheckError, match="die while they start"):
        pool.of("good")


def test_an_answer_to_an_earlier_question_is_ignored(pool: Pool) -> None:
    pool.judge(0, "good")
    answer = pool.answers.get(timeout=60)
    assert pool.workers.settle(answer) is not None
    assert pool.workers.settle(answer) is None
