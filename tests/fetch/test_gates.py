"""Whose turn it is, and when."""

from __future__ import annotations

import itertools
import threading
import time

import pytest

from claimcheck.errors import SourceError
from claimcheck.fetch.gates import LONGEST_DELAY, LONGEST_PAUSE, Gates
from claimcheck.fetch.records import BusyError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ask(gates: Gates, host: str, error: Exception | None = None) -> float:
    try:
        with gates.turn(host) as waited:
            if error is not None:
                raise error
    except BusyError:
        return 0.0
    return waited


def busy(after: float | None = None) -> BusyError:
    return BusyError("busy", kind="server-error", retryable=True, retry_after=after)


def test_the_delay_counts_from_start_to_start_and_for_each_host_alone() -> None:
    clock = Clock()
    gates = Gates(delay=2.0, clock=clock)
    assert gates.ready_in("a") == 0.0
    with gates.turn("a") as waited:
        assert waited == 0.0
        clock.now += 0.5
        assert gates.ready_in("a") == pytest.approx(1.5)
        clock.now += 4
        assert 0 < gates.ready_in("a") < 0.1  # under way: not now, but soon
    assert gates.ready_in("a") == 0.0
    ask(gates, "a")
    assert gates.ready_in("a") == pytest.approx(2.0)
    assert gates.ready_in("b") == 0.0


def test_a_crawl_delay_slows_down_never_speeds_up_and_is_capped() -> None:
    clock = Clock()
    gates = Gates(delay=2.0, clock=clock)
    ask(gates, "a")
    gates.slow_down("a", 0.5)
    assert gates.ready_in("a") == pytest.approx(2.0)
    gates.slow_down("a", 10)
    assert gates.ready_in("a") == pytest.approx(10.0)
    gates.slow_down("a", 86_400)
    assert gates.ready_in("a") == pytest.approx(LONGEST_DELAY)
    assert gates.stats()["a"].delay == LONGEST_DELAY


def test_a_busy_host_is_paused_for_as_long_as_it_says() -> None:
    clock = Clock()
    gates = Gates(delay=1.0, clock=clock)
    ask(gates, "a", busy(after=30))
    assert gates.ready_in("a") == pytest.approx(30)
    assert gates.ready_in("b") == 0.0
    clock.now += 30
    ask(gates, "a", busy(after=10_000_000))
    assert gates.ready_in("a") == pytest.approx(LONGEST_PAUSE)
    with pytest.raises(SourceError, match="pause") as caught, gates.turn("a"):
        pass
    assert (caught.value.kind, caught.value.retryable) == ("server-error", True)
    assert caught.value.retry_after == pytest.approx(LONGEST_PAUSE)
    assert gates.stats()["a"].requests == 2


def test_pauses_double_until_the_host_answers_again() -> None:
    clock = Clock()
    gates = Gates(delay=1.0, clock=clock)
    pauses = []
    for _ in range(8):
        ask(gates, "a", busy())
        pauses.append(round(gates.ready_in("a"), 6))
        clock.now += pauses[-1]
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    ask(gates, "a")
    clock.now += 1
    ask(gates, "a", busy())
    assert gates.ready_in("a") == pytest.approx(2)


def test_other_errors_leave_the_gate_open() -> None:
    gates = Gates(delay=0.0)
    with pytest.raises(SourceError), gates.turn("a"):
        raise SourceError("gone", kind="not-found")
    assert gates.ready_in("a") == 0.0
    assert ask(gates, "a") < 0.1


def test_one_at_a_time_with_a_delay() -> None:
    gates = Gates(delay=0.03)
    inside = most = 0
    starts: list[float] = []
    lock = threading.Lock()

    def one() -> None:
        nonlocal inside, most
        with gates.turn("a"):
            starts.append(gates.stats()["a"].last or 0.0)
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert len(starts) == 8
    assert min(b - a for a, b in itertools.pairwise(starts)) >= 0.03


def test_a_slow_request_is_never_joined_by_another() -> None:
    """The delay is long over, and still it is one request at a time."""
    gates = Gates(delay=0.0)
    order: list[str] = []
    second = threading.Thread(target=lambda: (ask(gates, "a"), order.append("second")))
    with gates.turn("a"), gates.turn("b"):  # other hosts do not wait
        second.start()
        time.sleep(0.1)
        order.append("first")
    second.join(5)
    assert order == ["first", "second"]


def test_stats_count_and_time() -> None:
    clock = Clock()
    gates = Gates(delay=1.0, clock=clock)
    assert gates.stats() == {}
    for _ in range(3):
        ask(gates, "a")
        clock.now += 5
    stats = gates.stats()["a"]
    assert (stats.requests, stats.first, stats.last) == (3, 1000.0, 1010.0)


def test_closing_sends_waiters_away() -> None:
    gates = Gates(delay=30.0)
    ask(gates, "a")
    failed: list[str] = []

    def wait() -> None:
        try:
            ask(gates, "a")
        except SourceError as error:
            failed.append(error.kind)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.05)
    gates.close()
    thread.join(5)
    assert failed == ["connection"]
