"""Which address is asked next: hosts rest, the longest goes first, nobody waits in a thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import SourceError
from claimcheck.scan.schedule import Backlog, FetchThreads, HostSchedule, Job, Retrieved
from claimcheck.sources import Entry, RawDocument, html_document


def entry(uri: str) -> Entry:
    return Entry(uri=uri, kind="url", origin="list.txt", key=uri)


@dataclass
class Pending:
    seq: int
    entry: Entry


class Urls:
    """A ledger of addresses, host by host; remembers how much was asked of it."""

    def __init__(self, hosts: str) -> None:
        """``hosts`` is one letter an address: ``aab`` is two of host a and one of b."""
        self.all = [(host, Pending(seq, entry(f"http://{host}/{seq}")))
                    for seq, host in enumerate(hosts)]  # fmt: skip
        self.asked = 0

    def pending_hosts(self) -> Iterator[tuple[str, int]]:
        names = [host for host, _ in self.all]
        return iter([(name, names.count(name)) for name in dict.fromkeys(names)])

    def pending_of_host(self, host: str, *, after: int = -1, limit: int = 20) -> list[Pending]:
        self.asked += 1
        return [one for name, one in self.all if name == host and one.seq > after][:limit]


class Web:
    """Hosts with a delay, and the time."""

    def __init__(self, delay: float = 1.0) -> None:
        self.now = 100.0
        self.delay = delay
        self.last: dict[str, float] = {}

    def ready_in(self, host: str) -> float:
        last = self.last.get(host)
        return 0.0 if last is None else max(0.0, last + self.delay - self.now)

    def ask(self, job: Job) -> None:
        assert self.ready_in(job.host) == 0.0, "asked too early"
        self.last[job.host] = self.now


def schedule(hosts: str, web: Web) -> HostSchedule:
    return HostSchedule(Urls(hosts), ready_in=web.ready_in, clock=lambda: web.now)


def test_one_at_a_time_of_a_host_and_several_hosts_at_once() -> None:
    web = Web()
    plan = schedule("aabb", web)
    first, second = plan.next(), plan.next()
    assert first is not None
    assert second is not None
    assert {first.host, second.host} == {"a", "b"}
    assert plan.next() is None
    assert plan.wait() is None, "only a finished job can tell"
    assert plan.in_flight == 2


def test_a_host_rests_between_two_pages() -> None:
    web = Web(delay=2.0)
    plan = schedule("aa", web)
    job = plan.next()
    assert job is not None
    web.ask(job)
    plan.finished(job)
    assert plan.next() is None
    assert plan.wait() == pytest.approx(2.0)
    web.now += 2.0
    again = plan.next()
    assert again is not None
    assert again.seq == 1
    plan.finished(again)
    assert plan.exhausted


def test_a_host_that_became_busy_elsewhere_waits_on() -> None:
    web = Web()
    plan = schedule("a", web)
    web.last["a"] = web.now  # another page was redirected there
    assert plan.next() is None
    assert plan.wait() == pytest.approx(1.0)
    web.now += 1.0
    assert plan.next() is not None


def test_the_host_with_the_most_left_goes_first() -> None:
    plan = schedule("abbbcc", Web())
    order = [plan.next(), plan.next(), plan.next()]
    assert [job.host for job in order if job is not None] == ["b", "c", "a"]


def test_a_retry_waits_while_others_of_the_host_go_on() -> None:
    web = Web(delay=1.0)
    plan = schedule("aa", web)
    first = plan.next()
    assert first is not None
    web.ask(first)
    plan.retry(first, after=5.0)
    web.now += 1.0
    second = plan.next()
    assert second is not None
    assert second.seq == 1
    web.ask(second)
    plan.finished(second)
    assert not plan.exhausted
    assert plan.next() is None
    assert plan.wait() == pytest.approx(4.0)
    web.now += 4.0
    again = plan.next()
    assert again is not None
    assert (again.seq, again.tries) == (0, 1)
    plan.finished(again)
    assert plan.exhausted


def test_a_retry_that_is_due_goes_before_new_addresses() -> None:
    web = Web(delay=0.0)
    plan = schedule("aaa", web)
    first = plan.next()
    assert first is not None
    plan.retry(first, after=0.0)
    again = plan.next()
    assert again is not None
    assert (again.seq, again.tries) == (0, 1)


def test_memory_holds_few_addresses_of_a_host() -> None:
    urls = Urls("a" * 45)
    plan = HostSchedule(urls, ready_in=lambda _: 0.0)
    seen = []
    while (job := plan.next()) is not None:
        seen.append(job.seq)
        plan.finished(job)
    assert seen == list(range(45))
    assert urls.asked == 3
    assert plan.longest() == 0


@given(
    hosts=st.text(alphabet="abcd", max_size=25),
    delay=st.sampled_from([0.0, 1.0, 2.5]),
    fails=st.sets(st.integers(0, 24)),
    most=st.integers(1, 5),
)
def test_every_address_comes_up_once_plus_retries(
    hosts: str, delay: float, fails: set[int], most: int
) -> None:
    web = Web(delay)
    plan = schedule(hosts, web)
    in_flight: list[Job] = []
    ended: list[int] = []
    for _ in range(1_000):
        job = plan.next() if len(in_flight) < most else None
        if job is not None:
            assert job.host not in {one.host for one in in_flight}
            web.ask(job)
            in_flight.append(job)
        elif in_flight:
            done = in_flight.pop(0)
            web.now += 0.3
            if done.seq in fails and done.tries == 0:
                plan.retry(done, after=1.7)
            else:
                ended.append(done.seq)
                plan.finished(done)
        elif (wait := plan.wait()) is not None:
            web.now += wait
        else:
            break
    assert sorted(ended) == list(range(len(hosts)))
    assert plan.exhausted


# ---------------------------------------------------------------------- threads


def test_threads_report_documents_and_failures() -> None:
    ended: queue.SimpleQueue[Retrieved] = queue.SimpleQueue()

    def get(job: Job) -> RawDocument:
        if job.seq == 1:
            raise SourceError(f"{job.entry.uri}: gone", kind="not-found")
        if job.seq == 2:
            raise ZeroDivisionError("boom")
        return html_document("<p>Good</p>", uri=job.entry.uri)

    threads = FetchThreads(2, get=get, done=ended.put)
    for seq in range(3):
        threads.start(Job(seq, entry(f"http://a/{seq}"), "a"), busy=seq)
    found = {one.job.seq: one for one in (ended.get(timeout=10) for _ in range(3))}
    threads.close()
    assert found[0].document is not None
    assert found[1].error is not None
    assert found[1].error.kind == "not-found"
    assert found[2].error is not None
    assert found[2].error.kind == "internal"
    assert "ZeroDivisionError: boom" in str(found[2].error)
    assert "http://a/2" in str(found[2].error)


def test_no_more_threads_than_wanted_and_none_before_they_are() -> None:
    ended: queue.SimpleQueue[Retrieved] = queue.SimpleQueue()
    names: set[str] = set()
    go = threading.Event()

    def get(job: Job) -> RawDocument:
        names.add(str(threading.get_ident()))
        go.wait(10)
        return html_document("<p>Good</p>", uri=job.entry.uri)

    before = threading.active_count()
    threads = FetchThreads(2, get=get, done=ended.put)
    assert threading.active_count() == before
    for seq in range(4):
        threads.start(Job(seq, entry(f"http://a/{seq}"), "a"), busy=seq)
    assert threading.active_count() <= before + 2
    go.set()
    for _ in range(4):
        ended.get(timeout=10)
    threads.close()
    assert len(names) <= 2


def test_the_backlog_is_bounded_by_count_and_by_bytes() -> None:
    backlog = Backlog(most=3, most_bytes=100)
    assert backlog.has_room(on_their_way=2)
    assert not backlog.has_room(on_their_way=3)
    backlog.arrived(99)
    assert backlog.has_room(on_their_way=1)
    backlog.arrived(1)
    assert not backlog.has_room(on_their_way=0)
    backlog.left(99)
    assert backlog.has_room(on_their_way=1)
    assert (backlog.count, backlog.bytes) == (1, 1)
