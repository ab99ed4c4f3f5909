"""The polite fetcher as a whole: retries, pauses, kept connections, hostile servers."""

from __future__ import annotations

import contextlib
import email.utils
import gzip
import pickle
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import hpack
import pytest
from hyperframe.frame import DataFrame, GoAwayFrame, HeadersFrame, SettingsFrame

from claimcheck import fetch as room
from claimcheck.errors import SourceError, UsageError
from claimcheck.fetch import Fetcher, FetchOptions, network
from claimcheck.fetch.gates import LONGEST_PAUSE
from claimcheck.fetch.network import environment_proxies
from claimcheck.settings import make_settings


def test_the_exported_names() -> None:
    assert sorted(room.__all__) == sorted(
        "Accept FetchOptions Fetched Fetcher HostStats Resolver fetch host_of user_agent".split()
    )
    assert all(hasattr(room, name) for name in room.__all__)


def test_options_come_from_the_settings(tmp_path: Path) -> None:
    settings = make_settings(
        {"delay_seconds": 3, "retries": 1, "cache_hours": 2, "timeout_seconds": 9, "contact": "a@b"}
    )
    options = FetchOptions.of(settings, cache_dir=tmp_path)
    assert options == FetchOptions(
        delay=3, retries=1, cache_seconds=7200, timeout=9, contact="a@b", cache_dir=tmp_path
    )
    assert FetchOptions.of(make_settings()) == FetchOptions()


# ---------------------------------------------------------------------- retries


def test_backoff_doubles_with_full_jitter_and_gives_up() -> None:
    error = SourceError("x", kind="timeout", retryable=True)
    with Fetcher(FetchOptions(delay=1.0, retries=9)) as fetcher:
        for tries, most in [(1, 2), (2, 4), (3, 8), (7, 120), (9, 120)]:
            waits = [fetcher.backoff(tries, error) or 0 for _ in range(300)]
            assert most * 0.7 < max(waits) <= most
            assert min(waits) < most * 0.3
        assert fetcher.backoff(10, error) is None
        assert fetcher.backoff(1, SourceError("x", kind="blocked")) is None
    with Fetcher(FetchOptions(retries=0)) as fetcher:
        assert fetcher.backoff(1, error) is None


def test_backoff_waits_as_long_as_the_server_says_within_reason() -> None:
    with Fetcher(FetchOptions(delay=1.0)) as fetcher:
        for asked, least in [(0.0, 0.0), (30.0, 30.0), (1e8, LONGEST_PAUSE)]:
            error = SourceError("x", kind="server-error", retryable=True, retry_after=asked)
            assert least <= (fetcher.backoff(1, error) or 0) <= least + 2


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_retries_end_in_the_page(status: int, site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on("a.test", "/", *[tools.answer(status, b"")] * 2, tools.answer())
    assert make_fetcher(delay=0.01).fetch(url).data == tools.PAGE
    assert len(site.of("/")) == 3


def test_retries_end(site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on("a.test", "/", tools.answer(503, b""))
    assert tools.kind_of(lambda: make_fetcher(delay=0.01, retries=2).fetch(url)) == "server-error"
    assert len(site.of("/")) == 3


def test_what_will_not_change_is_asked_once(site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on("a.test", "/", tools.answer(403, b""))
    assert tools.kind_of(lambda: make_fetcher().fetch(url)) == "blocked"
    assert len(site.of("/")) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("-5", None),
        ("1.5", None),
        ("9" * 30, None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 99 Jan 1970 00:00:00 GMT", None),
    ],
)
def test_retry_after(
    value: str, seconds: float | None, site: Any, make_fetcher: Any, tools: Any
) -> None:
    url = site.on("a.test", "/", tools.answer(503, b"", retry_after=value))
    fetcher = make_fetcher()
    error = tools.error_of(lambda: fetcher.attempt(url))
    assert error.retry_after == seconds
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is SourceError
    assert (again.kind, again.retryable, again.retry_after) == ("server-error", True, seconds)


def test_retry_after_as_a_date_pauses_the_host(site: Any, make_fetcher: Any, tools: Any) -> None:
    later = email.utils.formatdate(time.time() + 300, usegmt=True)
    busy = site.on("a.test", "/busy", tools.answer(429, b"", retry_after=later))
    other = site.on("a.test", "/other", tools.answer())
    elsewhere = site.on("b.test", "/", tools.answer())
    fetcher = make_fetcher()
    error = tools.error_of(lambda: fetcher.attempt(busy))
    assert error.retry_after == pytest.approx(300, abs=5)
    assert fetcher.ready_in("a.test") == pytest.approx(300, abs=5)
    paused = tools.error_of(lambda: fetcher.attempt(other))
    assert (paused.kind, paused.retryable) == ("server-error", True)
    assert paused.retry_after == pytest.approx(300, abs=5)
    assert site.paths("a.test") == ["/robots.txt", "/busy"]
    assert fetcher.attempt(elsewhere).data == tools.PAGE


def test_a_short_pause_is_waited_for(site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on("a.test", "/", tools.answer(503, b"", retry_after="2"), tools.answer())
    fetcher = make_fetcher(timeout=1.5)  # the wait is no part of the total time
    assert tools.kind_of(lambda: fetcher.attempt(url)) == "server-error"
    begun = time.monotonic()
    assert fetcher.attempt(url).data == tools.PAGE
    assert 1.5 < time.monotonic() - begun < 8


def test_closing_ends_a_retry(site: Any, make_fetcher: Any, tools: Any) -> None:
    fetcher = make_fetcher()
    url = site.on("a.test", "/", tools.answer(500, b"", retry_after="500"))
    threading.Timer(0.2, fetcher.close).start()
    begun = time.monotonic()
    assert tools.kind_of(lambda: fetcher.fetch(url)) in ("server-error", "connection")
    assert time.monotonic() - begun < 20
    assert tools.kind_of(lambda: fetcher.attempt(url)) == "connection"


# ---------------------------------------------------------------------- many at once


def test_hosts_at_once_and_one_request_at_a_time_to_each(
    site: Any, make_fetcher: Any, tools: Any
) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.03)
        tools.answer()(handler)

    hosts = [f"h{number}.test" for number in range(4)]
    urls = [site.on(host, f"/{page}", slow) for page in range(4) for host in hosts]
    fetcher = make_fetcher(delay=0.05)
    with ThreadPoolExecutor(8) as threads:
        pages = list(threads.map(fetcher.fetch, urls))
    assert all(page.data == tools.PAGE for page in pages)
    assert set(site.most_active.values()) == {1}
    assert site.most_at_once > 1
    for host in hosts:
        assert site.paths(host).count("/robots.txt") == 1
        stats = fetcher.stats()[host]
        assert stats.requests == 5
        assert stats.delay == 0.05
        assert stats.last - stats.first >= 4 * 0.05 - 0.001


def test_redirects_between_hosts_do_not_lock_each_other_out(
    site: Any, make_fetcher: Any, tools: Any
) -> None:
    """Two chains in opposite directions, many times at once."""
    site.on("a.test", "/end", tools.answer())
    site.on("b.test", "/end", tools.answer())
    there = site.on("a.test", "/", tools.answer(302, b"", location=site.url("b.test", "/end")))
    back = site.on("b.test", "/", tools.answer(302, b"", location=site.url("a.test", "/end")))
    fetcher = make_fetcher(delay=0.002)
    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(fetcher.fetch, [there, back] * 20))) == 40
    assert set(site.most_active.values()) == {1}


def test_a_connection_is_kept_for_the_next_request(
    site: Any, make_fetcher: Any, tools: Any
) -> None:
    urls = [site.on("a.test", f"/{n}", tools.answer(200 if n % 2 else 404)) for n in range(6)]
    fetcher = make_fetcher()
    for url in urls:
        with contextlib.suppress(SourceError):
            fetcher.attempt(url)
    assert len({each.peer for each in site.seen}) == 1


def test_a_kept_connection_that_the_server_closed_is_made_anew(canned: Any, tools: Any) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"
    canned.replies[tools.PUBLIC] = [page]  # and then nothing more on this connection
    with Fetcher(FetchOptions(delay=0), resolver=lambda host, port: [tools.PUBLIC]) as fetcher:
        for _ in range(3):
            assert fetcher.attempt("http://a.example/").data == b"hello"
    # One answer a connection: the robots.txt, then each page after one that was closed.
    assert len(canned.connected) == 4


def test_kept_connections_are_bounded(
    site: Any, make_fetcher: Any, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "_OPEN_HOSTS", 3)
    fetcher = make_fetcher()
    for number in range(6):
        fetcher.attempt(site.on(f"h{number}.test", "/", tools.answer()))
    assert [host for _, host in fetcher._connections._idle] == ["h3.test", "h4.test", "h5.test"]
    monkeypatch.setattr(network, "_KEPT_SECONDS", -1.0)
    fetcher.attempt(site.url("h5.test"))
    assert len(fetcher._connections._idle) <= 1
    fetcher.close()
    assert not fetcher._connections._idle


def test_the_deadline_is_each_requests_own_on_a_kept_connection(
    site: Any, make_fetcher: Any, tools: Any
) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.7)
        tools.answer()(handler)

    def stuck(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(4)
        tools.answer()(handler)

    url = site.on("a.test", "/", slow, slow, stuck)
    fetcher = make_fetcher(timeout=1.2)
    for _ in range(2):
        fetcher.attempt(url)
    begun = time.monotonic()
    assert tools.kind_of(lambda: fetcher.attempt(url)) == "timeout"
    assert time.monotonic() - begun < 3.5


def test_cookies_last_as_long_as_an_attempt(site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on(
        "a.test",
        "/",
        tools.answer(302, b"", location="/", set_cookie="seen=1"),
        tools.answer(),
    )
    fetcher = make_fetcher()
    for _ in range(2):
        fetcher.attempt(url)
    assert [each.headers.get("cookie") for each in site.of("/")] == [None, "seen=1", None]


# ---------------------------------------------------------------------- HTTP/2


def h2_reply(stream: int, status: bytes, body: bytes, **headers: str) -> list[bytes]:
    block = [(b":status", status)]
    block += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    encoded = hpack.Encoder().encode(block)
    return [
        HeadersFrame(stream_id=stream, data=encoded, flags=["END_HEADERS"]).serialize(),
        DataFrame(stream_id=stream, data=body, flags=["END_STREAM"]).serialize(),
    ]


def test_http_2_is_spoken_over_one_connection(canned: Any, tools: Any) -> None:
    canned.http2 = True
    canned.replies[tools.PUBLIC] = [
        SettingsFrame().serialize(),
        *h2_reply(1, b"404", b""),
        *h2_reply(3, b"200", b"hello", content_type="text/html"),
        *h2_reply(5, b"200", gzip.compress(b"again"), content_encoding="gzip"),
    ]
    with Fetcher(FetchOptions(delay=0), resolver=lambda host, port: [tools.PUBLIC]) as fetcher:
        assert fetcher.attempt("https://a.example/").data == b"hello"
        assert fetcher.attempt("https://a.example/").data == b"again"
    assert canned.connected == [(tools.PUBLIC, 443)]


@pytest.mark.parametrize(
    "frames",
    [
        [b"not a frame at all, but long enough to be read as one"],
        h2_reply(1, b"two hundred", b"hello", content_type="text/html"),
        [DataFrame(stream_id=1, data=b"x" * 100).serialize()],
        [GoAwayFrame(last_stream_id=0).serialize()],
        h2_reply(1, b"200", b"")[:1],
        [
            *h2_reply(1, b"200", b"", content_type="text/html")[:1],
            DataFrame(stream_id=9, data=b"x").serialize(),
        ],
        [HeadersFrame(stream_id=1, data=b"\xff" * 50, flags=["END_HEADERS"]).serialize()],
    ],
    ids=["garbage", "status", "data-first", "goaway", "cut", "other-stream", "hpack"],
)
def test_broken_http_2_is_a_connection_failure(
    frames: list[bytes], canned: Any, tools: Any
) -> None:
    canned.http2 = True
    canned.replies[tools.PUBLIC] = [SettingsFrame().serialize(), *frames]
    resolver = lambda host, port: [tools.PUBLIC]  # noqa: E731
    call = lambda: room.fetch("https://a.example/", resolver=resolver)  # noqa: E731
    assert tools.kind_of(call) == "connection"


# ---------------------------------------------------------------------- hostile servers


def raw(*parts: bytes, pause: float = 0.0, times: int = 1) -> Any:
    """Write exactly this, the last part again and again."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        for part in parts[:-1]:
            handler.wfile.write(part)
        for _ in range(times):
            handler.wfile.write(parts[-1])
            time.sleep(pause)

    return send


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CHUNK = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
_MANY_MEMBERS = gzip.compress(b"") * 3_000

HOSTILE = {
    "bomb": (
        raw(_HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"\0" * 40_000_000)),
        "too-large",
    ),
    "empty-members": (
        raw(_HEAD + b"Content-Encoding: gzip\r\n\r\n", _MANY_MEMBERS, times=400),
        "too-large or timeout",  # small members take long to unpack
    ),
    "endless": (raw(_HEAD + b"\r\n", b"a" * 65_536, times=10_000), "too-large"),
    "endless-chunks": (
        raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", _CHUNK, times=10_000),
        "too-large",
    ),
    "drip-body": (raw(_HEAD + b"\r\n", b"a", pause=0.02, times=200), "timeout"),
    "drip-header": (raw(b"HTTP/1.1 200 OK\r\nX: ", b"a", pause=0.02, times=200), "timeout"),
    "drip-early-hints": (
        raw(b"HTTP/1.1 103 Early Hints\r\n\r\n", pause=0.02, times=200),
        "timeout",
    ),
    "silent": (raw(b"", pause=3.0), "timeout"),
    "huge-header": (raw(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 65_536, times=100), "connection"),
    "many-headers": (raw(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n" * 5_000, times=50), "connection"),
    "huge-chunk-line": (
        raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" * 65_536, times=50),
        "connection",
    ),
    "no-http": (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "connection"),
    "nothing": (raw(b""), "connection"),
    "short": (raw(_HEAD + b"Content-Length: 100\r\n\r\nabc"), "connection"),
    "two-lengths": (
        raw(_HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        "connection",
    ),
    "long-length": (raw(_HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n"), "connection"),
    "switching": (raw(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), "connection"),
    "partial-location": (raw(b"HTTP/1.1 302 x\r\nLocation: http://[\r\n\r\n"), "redirect"),
    "long-location": (
        raw(b"HTTP/1.1 302 x\r\nLocation: /" + b"a" * 70_000 + b"\r\n\r\n"),
        "redirect",
    ),
    "loop": (
        raw(b"HTTP/1.1 302 x\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n"),
        "redirect",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_servers_end_in_a_failure(
    name: str, site: Any, make_fetcher: Any, tools: Any
) -> None:
    """In bounded time and memory; and the host's gate is open again afterwards."""
    answer, kind = HOSTILE[name]
    url = site.on("a.test", f"/{name}", answer)
    fine = site.on("a.test", "/fine", tools.answer())
    fetcher = make_fetcher(timeout=1.0, max_bytes=1_000_000)
    fetcher.attempt(fine)
    tracemalloc.start()
    begun = time.monotonic()
    try:
        assert tools.kind_of(lambda: fetcher.attempt(url)) in kind.split(" or ")
        assert time.monotonic() - begun < 8
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()
    assert fetcher.attempt(fine).data == tools.PAGE


# ---------------------------------------------------------------------- feeds and sitemaps

SITEMAP = b'<?xml version="1.0"?><urlset><url><loc>http://a.test/</loc></url></urlset>'


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (SITEMAP, {"content_type": "application/xml"}),
        (SITEMAP, {"content_type": "application/rss+xml; charset=utf-8"}),
        (SITEMAP, {"content_type": "text/html"}),
        (gzip.compress(SITEMAP), {"content_type": "application/x-gzip"}),
        (gzip.compress(SITEMAP), {"content_type": "application/xml", "content_encoding": "gzip"}),
        (
            gzip.compress(gzip.compress(SITEMAP)),
            {"content_type": "application/gzip", "content_encoding": "gzip"},
        ),
    ],
    ids=["xml", "rss", "html", "gz", "packed", "both"],
)
def test_xml_is_unpacked(
    body: bytes, headers: dict[str, str], site: Any, make_fetcher: Any, tools: Any
) -> None:
    url = site.on("a.test", "/s.xml", tools.answer(body=body, **headers))
    assert make_fetcher().attempt(url, accept="xml").data == SITEMAP
    assert "xml" in site.seen[-1].headers["accept"]


def test_each_thing_has_its_types(site: Any, make_fetcher: Any, tools: Any) -> None:
    feed = site.on("a.test", "/f", tools.answer(body=SITEMAP, content_type="application/atom+xml"))
    image = site.on("a.test", "/i", tools.answer(content_type="image/png"))
    fetcher = make_fetcher()
    assert tools.kind_of(lambda: fetcher.attempt(feed)) == "unsupported-type"
    assert tools.kind_of(lambda: fetcher.attempt(image, accept="xml")) == "unsupported-type"


def test_a_gzip_file_may_be_a_bomb_or_damaged(site: Any, make_fetcher: Any, tools: Any) -> None:
    fetcher = make_fetcher()
    for body, kind in [
        (gzip.compress(b"\0" * 60_000_000), "too-large"),
        (gzip.compress(SITEMAP)[:-12], "corrupt"),
        (b"\x1f\x8b" + b"x" * 100, "corrupt"),
    ]:
        url = site.on("a.test", "/s.gz", tools.answer(body=body, content_type="application/gzip"))
        call = lambda url=url: fetcher.attempt(url, accept="xml")  # noqa: E731
        assert tools.kind_of(call) == kind


# ---------------------------------------------------------------------- proxies


def test_the_environments_proxy_is_used_only_when_asked(
    site: Any, make_fetcher: Any, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{site.port}")
    monkeypatch.setenv("no_proxy", "direct.test")
    site.answers["a.test", "http://a.test:81/"] = tools.answer()
    fetcher = make_fetcher(environment_proxy=True)
    assert fetcher.attempt("http://a.test:81/").data == tools.PAGE
    assert site.seen[-1].headers["proxy-authorization"].startswith("Basic ")
    direct = site.on("direct.test", "/", tools.answer())
    assert fetcher.attempt(direct).data == tools.PAGE
    assert "proxy-authorization" not in site.seen[-1].headers
    assert tools.kind_of(lambda: make_fetcher().attempt("http://a.test:81/")) == "connection"


def test_literal_addresses_are_vetted_also_with_a_proxy(
    site: Any, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{site.port}")
    with Fetcher(FetchOptions(delay=0, environment_proxy=True)) as fetcher:
        for url in ("http://127.0.0.1/", "http://[::1]/", "http://2130706433/"):
            assert tools.kind_of(lambda url=url: fetcher.attempt(url)) == "unsafe-address"
    assert site.seen == []


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "http://", "http://[::1"])
def test_a_proxy_that_cannot_be_used(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(UsageError, match="HTTPS_PROXY"):
        environment_proxies()
    with pytest.raises(UsageError, match="proxy"):
        Fetcher(FetchOptions(environment_proxy=True))
