"""``robots.txt``: read as the standard says, asked for once, believed for a day."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from claimcheck.errors import SourceError
from claimcheck.fetch import robots
from claimcheck.fetch.robots import LONGEST_ROBOTS, RobotsMemory, Rules, read_rules, refused_rules


def allowed(data: str | bytes, path: str) -> bool:
    rules = read_rules(data.encode() if isinstance(data, str) else data)
    try:
        rules.check(f"https://site.example{path}")
    except SourceError as error:
        return (error.kind, error.retryable) != ("robots", False)
    return True


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /private", "/private/a", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow: /\nAllow: /open", "/open/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /a%20b", "/a%20b", False),
        ("USER-AGENT: *\r\nDISALLOW: /a # not this\r\n", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        # our own group, whatever else there is for everybody
        ("User-agent: *\nDisallow: /\n\nUser-agent: claimcheck\nDisallow: /x", "/a", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: ClaimCheck/2.0\nDisallow: /", "/a", False),
        ("User-agent: *\nUser-agent: other\nDisallow: /", "/a", False),
        ("User-agent: other\nUser-agent: claimcheck\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /\nUser-agent: claimcheck", "/a", True),
        # others' groups
        ("User-agent: claim\nDisallow: /", "/a", True),
        ("User-agent: claimcheckbot\nDisallow: /", "/a", True),
        ("User-agent: GPTBot\nDisallow: /\nUser-agent: *\nDisallow: /b", "/a", True),
        ("Sitemap: /s.xml\nUser-agent: *\nSitemap: /t.xml\nDisallow: /", "/a", False),
        # what is no robots.txt
        ("<!doctype html><p>Disallow: /</p>", "/a", True),
        ("Disallow: /", "/a", True),
        ("User-agent: *\nNonsense\n: :\nDisallow: /", "/a", False),
    ],
)
def test_rules(text: str, path: str, expected: bool) -> None:
    assert allowed(text, path) is expected


def test_what_is_not_utf_8_and_what_is_too_long() -> None:
    assert not allowed(b"\xff\xfe\nUser-agent: *\nDisallow: /\xe9\nDisallow: /a", "/a")
    padding = b"#" * (LONGEST_ROBOTS - 30) + b"\n"
    assert not allowed(b"User-agent: *\nDisallow: /a\n" + padding, "/a")
    assert allowed(padding + b"#" * 30 + b"\nUser-agent: *\nDisallow: /a\n", "/a")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -3", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("User-agent: *\nRequest-rate: 1/10", 10.0),
        ("User-agent: *\nCrawl-delay: 5\nUser-agent: claimcheck\nCrawl-delay: 1", 1.0),
        ("User-agent: bingbot\nCrawl-delay: 30", None),
    ],
)
def test_delays(text: str, delay: float | None) -> None:
    assert read_rules(text.encode()).delay == delay


@pytest.mark.parametrize(
    "text",
    [
        "user-agent:a\n" * 18_000 + "allow:/a*a\n" * 20_000,
        "user-agent:*\n" * 18_000 + "allow:/a*a\n" * 20_000,
        "user-agent:*\nallow:/" + "*a" * 250_000,
        "\n" * 500_000,
    ],
    ids=["names-of-others", "names-for-all", "stars", "lines"],
)
def test_a_hostile_file_is_read_in_bounded_time(text: str) -> None:
    begun = time.process_time()
    allowed(text, "/" + "a" * 5_000 + "b")
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("kind", "closed"),
    [
        ("not-found", None),
        ("blocked", None),
        ("redirect", None),
        ("server-error", "robots"),
        ("timeout", "robots"),
        ("corrupt", "robots"),
        ("connection", "connection"),
    ],
)
def test_what_holds_where_there_is_no_file(kind: Any, closed: str | None) -> None:
    error = SourceError("it failed", kind=kind, retryable=True)
    rules = refused_rules(error, earlier=None, first_hold=8)
    if closed is None:
        rules.check("http://a.example/")
        return
    with pytest.raises(SourceError, match="it failed") as caught:
        rules.check("http://a.example/")
    assert (caught.value.kind, caught.value.retryable) == (closed, True)
    assert 7 < (caught.value.retry_after or 0) <= 8
    again = refused_rules(error, earlier=rules, first_hold=8)
    assert again.hold == 16
    asked = SourceError("busy", kind="server-error", retryable=True, retry_after=100)
    assert refused_rules(asked, earlier=None, first_hold=8).hold == 100


def test_memory_is_bounded_by_sites_and_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "_REMEMBERED_SITES", 3)
    monkeypatch.setattr(robots, "_REMEMBERED_BYTES", 10_000)
    memory = RobotsMemory()
    learnt: list[str] = []

    def ask(site: str, size: int = 0) -> None:
        def learn(_: Rules | None) -> Rules:
            learnt.append(site)
            return Rules(size=size)

        memory.rules(site, learn)

    for site in ("a", "b", "c", "a", "d", "a", "b"):
        ask(site)
    assert learnt == ["a", "b", "c", "d", "b"]
    ask("large", 9_000)
    ask("a")
    assert learnt[-2:] == ["large", "a"]


def test_one_thread_learns_while_the_others_wait() -> None:
    memory = RobotsMemory()
    learnt: list[int] = []

    def learn(_: Rules | None) -> Rules:
        learnt.append(1)
        time.sleep(0.05)
        return Rules()

    threads = [threading.Thread(target=memory.rules, args=("a", learn)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(learnt) == 1


def test_rules_that_have_run_out_are_learnt_again() -> None:
    memory = RobotsMemory()
    first = Rules(hold=0.0)
    assert memory.rules("a", lambda earlier: first) is first
    seen: list[Rules | None] = []

    def again(earlier: Rules | None) -> Rules:
        seen.append(earlier)
        return Rules()

    memory.rules("a", again)
    assert seen == [first]


# ---------------------------------------------------------------------- through a Fetcher


def test_robots_are_obeyed_and_asked_for_once(site: Any, make_fetcher: Any, tools: Any) -> None:
    fetcher = make_fetcher()
    file = b"User-agent: *\nDisallow: /private"
    site.on("a.test", "/robots.txt", tools.answer(body=file, content_type="text/plain"))
    open_, closed = site.on("a.test", "/open", tools.answer()), site.on("a.test", "/private/a")
    assert fetcher.attempt(open_).data == tools.PAGE
    error = tools.error_of(lambda: fetcher.fetch(closed))
    assert (error.kind, error.retryable) == ("robots", False)
    assert fetcher.attempt(open_).data == tools.PAGE
    assert site.paths("a.test") == ["/robots.txt", "/open", "/open"]
    agent = site.seen[0].headers["user-agent"]
    assert agent == site.seen[1].headers["user-agent"]
    assert agent.startswith("claimcheck/")


@pytest.mark.parametrize("status", [401, 403, 404, 410, 418])
def test_a_file_that_is_refused_asks_nothing(
    status: int, site: Any, make_fetcher: Any, tools: Any
) -> None:
    site.on("a.test", "/robots.txt", tools.answer(status, b""))
    assert make_fetcher().attempt(site.on("a.test", "/", tools.answer())).data == tools.PAGE


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_file_that_cannot_be_had_closes_the_site_for_a_while(
    status: int, site: Any, make_fetcher: Any, tools: Any
) -> None:
    fetcher = make_fetcher(delay=0.2)
    site.on("a.test", "/robots.txt", tools.answer(status, b""), tools.answer(404, b""))
    url = site.on("a.test", "/", tools.answer())
    error = tools.error_of(lambda: fetcher.attempt(url))
    assert (error.kind, error.retryable) == ("robots", True)
    assert 0 < error.retry_after <= 1.6
    assert tools.kind_of(lambda: fetcher.attempt(url)) == "robots"
    assert site.paths("a.test") == ["/robots.txt"]
    assert fetcher.fetch(url).data == tools.PAGE
    assert site.paths("a.test") == ["/robots.txt", "/robots.txt", "/"]


def test_a_name_that_is_not_found_is_a_connection_failure(tools: Any) -> None:
    from claimcheck.fetch import Fetcher, FetchOptions

    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with Fetcher(FetchOptions(delay=0.0), resolver=unknown) as fetcher:
        error = tools.error_of(lambda: fetcher.fetch("http://gone.example/"))
    assert (error.kind, error.retryable) == ("connection", False)


def test_robots_may_redirect_and_are_asked_for_at_each_site_of_a_chain(
    site: Any, make_fetcher: Any, tools: Any
) -> None:
    elsewhere = site.on(
        "c.test", "/rules", tools.answer(body=b"User-agent: *\nDisallow: /x", content_type="text/x")
    )
    site.on("b.test", "/robots.txt", tools.answer(301, b"", location=elsewhere))
    closed = site.on("b.test", "/x", tools.answer())
    url = site.on("a.test", "/", tools.answer(302, b"", location=closed))
    assert tools.kind_of(lambda: make_fetcher().attempt(url)) == "robots"
    assert [each.host for each in site.seen] == ["a.test", "a.test", "b.test", "c.test"]


def test_robots_that_redirect_for_ever_ask_nothing(
    site: Any, make_fetcher: Any, tools: Any
) -> None:
    site.on("a.test", "/robots.txt", tools.answer(302, b"", location="/robots.txt"))
    assert make_fetcher().attempt(site.on("a.test", "/", tools.answer())).data == tools.PAGE
    assert site.paths("a.test") == ["/robots.txt"] * 6 + ["/"]


def test_an_endless_file_is_cut(site: Any, make_fetcher: Any, tools: Any) -> None:
    text = b"User-agent: *\nDisallow: /x\n" + b"#" * 3_000_000
    site.on("a.test", "/robots.txt", tools.answer(body=text))
    assert tools.kind_of(lambda: make_fetcher().attempt(site.url("a.test", "/x"))) == "robots"


def test_a_crawl_delay_is_kept(site: Any, make_fetcher: Any, tools: Any) -> None:
    text = b"User-agent: *\nCrawl-delay: 0.2"
    site.on("a.test", "/robots.txt", tools.answer(body=text))
    url = site.on("a.test", "/", tools.answer())
    fetcher = make_fetcher()
    for _ in range(2):
        fetcher.attempt(url)
    stats = fetcher.stats()["a.test"]
    assert (stats.requests, stats.delay) == (3, 0.2)
    assert stats.last - stats.first >= 0.4
    assert fetcher.ready_in("a.test") <= 0.2
