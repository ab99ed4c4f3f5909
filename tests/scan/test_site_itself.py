"""The test site: it serves what its plan says, and its log tells a rude client from a polite."""

from __future__ import annotations

import gzip
import http.client
import socket
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.scan.site import Seen, TestSite, impolite, slowest_host
from tests.scan.site_plan import CLOSED, CRAWL_DELAY, DRIPPING, HOSTS, KINDS, Page, make_plan
from tests.scan.site_text import ACCENTED

from claimcheck.article import extract
from claimcheck.errors import SourceError
from claimcheck.sources import decode, html_document


@pytest.fixture(scope="module")
def site() -> Iterator[TestSite]:
    with TestSite(200, slow_seconds=0.05) as running:
        yield running


@pytest.fixture(autouse=True)
def fresh(site: TestSite) -> None:
    site.reset()


def get(site: TestSite, url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request, on a connection of its own; the body unpacked."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request("GET", parts.path, headers={"Host": parts.netloc, **headers})
        reply = connection.getresponse()
        return reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
    finally:
        connection.close()


def first(site: TestSite, kind: str) -> Page:
    return next(page for page in site.pages if page.kind == kind)


def opened(site: TestSite, page: Page) -> socket.socket:
    """A connection on which the page has been asked for."""
    parts = urlsplit(page.url)
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=5)
    connection.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    return connection


def logged(site: TestSite, count: int) -> list[Seen]:
    """The log once it holds ``count`` requests: the last is written after its answer is sent."""
    for _ in range(200):
        if len(site.requests) >= count:
            return site.requests
        time.sleep(0.02)
    raise AssertionError(f"the site logged {len(site.requests)} of {count} requests")


# ---------------------------------------------------------------------- the plan


def test_the_plan_is_a_function_of_its_arguments() -> None:
    assert make_plan(200, seed=1, port=80) == make_plan(200, seed=1, port=80)
    assert make_plan(200, seed=1, port=80) != make_plan(200, seed=2, port=80)


@pytest.mark.parametrize("count", [100, 200, 2000])
def test_every_kind_and_every_host_has_its_pages(count: int) -> None:
    plan = make_plan(count, seed=4, port=80)
    assert len(plan.pages) == len(plan.expected) == count
    assert [page.position for page in plan.pages] == list(range(count))
    assert {page.kind for page in plan.pages} == set(KINDS)
    assert {host for host, _ in plan.routes} == set(HOSTS)


def test_no_host_has_much_more_to_do_than_the_others() -> None:
    plan = make_plan(2000, seed=4, port=80)
    counts = Counter(host for host, _ in plan.routes)
    ordinary = [counts[host] for host in HOSTS if host not in (CLOSED, CRAWL_DELAY)]
    assert max(ordinary) <= 2 * 2000 / len(HOSTS)
    drips = Counter(urlsplit(p.url).hostname for p in plan.pages if KINDS[p.kind].cost == DRIPPING)
    assert max(drips.values()) == 1


def test_of_pages_alike_the_first_is_the_original() -> None:
    plan = make_plan(400, seed=4, port=80)
    originals = [plan.expected[e.of] for e in plan.expected if e.reason == "duplicate-content"]
    assert len(originals) > 10
    assert {original.state for original in originals} == {"done"}
    assert all(e.of is None or e.of < position for position, e in enumerate(plan.expected))
    # Either may come first in the list: the twin, or the page that it was made from.
    assert {plan.pages[e.of].kind for e in plan.expected if e.of is not None} >= {
        "article",
        "content-duplicate",
    }


def test_too_few_pages_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 100"):
        make_plan(99, seed=4, port=80)


# ---------------------------------------------------------------------- the pages


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("article", "report"),
        ("consent-wall", "consent-wall"),
        ("paywall", "paywall"),
        ("thin", "thin"),
        ("foreign", "unsupported-language"),
    ],
)
def test_pages_are_what_they_are_called(site: TestSite, kind: str, outcome: str) -> None:
    bodies = set()
    for page in [page for page in site.pages if page.kind == kind][:12]:
        _, _, body = get(site, page.url)
        bodies.add(body)
        if outcome == "report":
            assert len(extract(html_document(body)).text.split()) >= 150
        else:
            with pytest.raises(SourceError) as caught:
                extract(html_document(body))
            assert caught.value.kind == outcome
    assert len(bodies) > 1


def test_pages_about_charsets_hold_accents(site: TestSite) -> None:
    for page in [page for page in site.pages if page.has_accents]:
        status, headers, body = get(site, page.url)
        assert status == 200
        is_utf8 = page.kind.startswith("utf8")
        assert (ACCENTED.encode("utf-8" if is_utf8 else "latin-1")) in body
        assert ("charset" in headers["content-type"]) is ("undeclared" not in page.kind)
        assert ACCENTED in decode(html_document(body))


def test_twins_have_the_same_bytes(site: TestSite) -> None:
    twins = [page for page in site.pages if page.kind == "content-duplicate"]
    hosts = set()
    for twin in twins:
        partner = next(p for p in site.pages if p.content == twin.content and p.kind == "article")
        assert get(site, twin.url)[2] == get(site, partner.url)[2]
        hosts.add(urlsplit(twin.url).hostname == urlsplit(partner.url).hostname)
    assert False in hosts


def test_a_page_is_packed_for_those_who_ask_and_known_by_its_tag(site: TestSite) -> None:
    page = next(p for p in site.pages if p.kind == "article" and p.position % 2)
    _, _, plain = get(site, page.url)
    _, headers, packed = get(site, page.url, **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed) == plain
    status, _, body = get(site, page.url, **{"If-None-Match": headers["etag"]})
    assert (status, body) == (304, b"")


def test_upper_case_hosts_and_queries_lead_to_the_same_page(site: TestSite) -> None:
    for page in [page for page in site.pages if page.kind == "address-duplicate"]:
        assert get(site, page.url)[0] == 200


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("busy-once", [429, 200, 200]),
        ("unavailable-once", [503, 200, 200]),
        ("unavailable", [503, 503, 503]),
        ("missing", [404]),
        ("gone", [410]),
        ("forbidden", [403]),
        ("slow", [200]),
        ("pdf", [200]),
        ("binary", [200]),
        ("empty", [200]),
    ],
)
def test_statuses(site: TestSite, kind: str, statuses: list[int]) -> None:
    page = first(site, kind)
    assert [get(site, page.url)[0] for _ in statuses] == statuses
    assert [seen.status for seen in logged(site, len(statuses))] == statuses


def test_who_asks_too_often_is_told_when_to_come_again(site: TestSite) -> None:
    assert get(site, first(site, "busy-once").url)[1]["retry-after"] == "1"


def test_redirects_arrive(site: TestSite) -> None:
    lengths = set()
    for page in [page for page in site.pages if page.kind in ("redirect", "redirect-known")]:
        url, hops = page.url, 0
        while (reply := get(site, url))[0] != 200:
            url, hops = reply[1]["location"], hops + 1
        assert b"number" in reply[2]
        lengths.add(hops)
    assert {1, 4} <= lengths <= {1, 2, 3, 4}


def test_loops_never_do(site: TestSite) -> None:
    for page in [page for page in site.pages if page.kind == "redirect-loop"]:
        url = page.url
        for _ in range(8):
            status, headers, _ = get(site, url)
            assert 300 < status < 309
            url = headers["location"]


def test_what_robots_may_not_see(site: TestSite) -> None:
    rules = {host: get(site, f"http://{host}:{site.port}/robots.txt") for host in HOSTS}
    assert rules[CLOSED][2] == b"User-agent: *\nDisallow: /\n"
    assert b"Crawl-delay: 0.3" in rules[CRAWL_DELAY][2]
    assert {status for status, _, _ in rules.values()} == {200, 404}
    for page in [page for page in site.pages if page.kind == "robots"]:
        parts = urlsplit(page.url)
        assert parts.hostname == CLOSED or parts.path.startswith("/members/")
        assert rules[parts.hostname or ""][0] == 200


# ---------------------------------------------------------------------- the traps


def test_a_small_bomb_is_large_inside(site: TestSite) -> None:
    _, headers, body = get(site, first(site, "gzip-bomb").url)
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 2_000_000
    assert len(zlib.decompressobj(31).decompress(body)) == 1 << 20


def test_damaged_bodies(site: TestSite) -> None:
    with pytest.raises(zlib.error):
        gzip.decompress(get(site, first(site, "corrupt-gzip").url)[2])
    with pytest.raises(EOFError):
        gzip.decompress(get(site, first(site, "cut-gzip").url)[2])
    with pytest.raises(http.client.IncompleteRead):
        get(site, first(site, "broken").url)
    with pytest.raises(http.client.RemoteDisconnected):
        get(site, first(site, "hung-up").url)


@pytest.mark.parametrize("kind", ["endless", "slow-header", "slow-body"])
def test_what_never_ends_goes_on_until_the_client_leaves(site: TestSite, kind: str) -> None:
    with opened(site, first(site, kind)) as connection:
        total = 0
        while total < (3_000_000 if kind == "endless" else 100):
            chunk = connection.recv(65_536)
            assert chunk
            total += len(chunk) if kind == "endless" else 30
        left = time.monotonic()
    assert logged(site, 1)[0].ended - left < 1.0


# ---------------------------------------------------------------------- the log


def test_a_connection_may_be_used_again(site: TestSite) -> None:
    parts = urlsplit(first(site, "article").url)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    for _ in range(3):
        connection.request("GET", parts.path, headers={"Host": parts.netloc})
        connection.getresponse().read()
    connection.close()
    assert [seen.host for seen in logged(site, 3)] == [parts.hostname] * 3


def test_two_at_once_are_seen_to_be_rude(site: TestSite) -> None:
    page = first(site, "slow")
    threads = [threading.Thread(target=get, args=(site, page.url)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    complaints = impolite(logged(site, 2), site.delays(0.0))
    assert any("while" in complaint for complaint in complaints)


def test_haste_is_rude_and_patience_is_not() -> None:
    host, other = HOSTS[5], HOSTS[6]
    hasty = [Seen(host, "/a", 0.0, 0.1, 200), Seen(host, "/b", 0.5, 0.6, 200)]
    patient = [Seen(host, "/a", 0.0, 0.1, 200), Seen(host, "/b", 1.0, 1.1, 200)]
    elsewhere = [Seen(host, "/a", 0.0, 0.9, 200), Seen(other, "/b", 0.1, 0.6, 200)]
    delays = dict.fromkeys(HOSTS, 1.0)
    assert impolite(hasty, delays) == [
        f"{host}: /b 0.500 s after /a",
        f"{host}: 2 requests in 0.500 s",
    ]
    assert impolite(patient, delays) == []
    assert impolite(elsewhere, delays) == []
    assert impolite(hasty, delays, tolerance=0.6) == []
    drift = [Seen(host, "/", 0.9 * n, 0.9 * n + 0.1, 200) for n in range(5)]
    assert impolite(drift, delays, tolerance=0.3) == [f"{host}: 5 requests in 3.600 s"]


def test_what_the_server_hung_up_on_may_be_asked_again_at_once() -> None:
    host, delays = HOSTS[5], dict.fromkeys(HOSTS, 1.0)
    cut = Seen(host, "/a", 0.0, 0.1, 0)
    assert impolite([cut, Seen(host, "/a", 0.2, 0.3, 200)], delays) == []
    assert impolite([cut, Seen(host, "/b", 0.2, 0.3, 200)], delays) != []
    assert impolite([cut, Seen(host, "/a", 0.05, 0.3, 200)], delays) != []


def test_the_slowest_host_is_the_one_that_needs_most_time(site: TestSite) -> None:
    seen = [Seen(HOSTS[5], "/", 0, 0, 200)] * 3 + [Seen(CRAWL_DELAY, "/", 0, 0, 200)] * 2
    assert slowest_host(seen, site.delays(0.1)) == (CRAWL_DELAY, 2, 0.6)
    assert slowest_host(seen, site.delays(1.0)) == (HOSTS[5], 3, 3.0)


def test_the_site_runs_in_a_process_of_its_own_too() -> None:
    with TestSite(100, own_process=True, crawl_delay=2.0) as running:
        page = first(running, "busy-once")
        assert get(running, page.url)[0] == 429
        assert [(s.path, s.status) for s in logged(running, 1)] == [(urlsplit(page.url).path, 429)]
        running.reset()
        assert running.requests == []
        assert get(running, page.url)[0] == 429
        _, _, rules = get(running, f"http://{CRAWL_DELAY}:{running.port}/robots.txt")
        assert b"Crawl-delay: 2.0" in rules
