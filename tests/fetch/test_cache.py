"""The cache: what is kept, for how long, and what is made of damaged files."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from claimcheck.fetch import Fetched
from claimcheck.fetch.cache import PageCache

URL = "https://a.example/page?x=1"
PAGE = Fetched(
    url_final="https://a.example/p",
    data="Täglich Fischöl.".encode() * 500,
    media_type="text/html",
    charset="utf-8",
    status=200,
    retrieved="2026-01-02T03:04:05Z",
    etag='W/"1"',
    last_modified=None,
)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def cache(tmp_path: Path) -> PageCache:
    cache = PageCache(tmp_path / "cache", seconds=100.0, clock=Clock())
    cache.store(URL, PAGE, accept="page")
    return cache


def load(cache: PageCache, url: str = URL, max_bytes: int = 20_000_000) -> Any:
    return cache.load(url, accept="page", max_bytes=max_bytes)


def test_what_is_stored_is_loaded(cache: PageCache) -> None:
    found = load(cache)
    assert found.fresh
    assert found.page.from_cache
    fields = Fetched.__dataclass_fields__.keys() - {"from_cache"}
    assert all(getattr(found.page, name) == getattr(PAGE, name) for name in fields)
    assert load(cache, URL + "#part").page == found.page
    assert load(cache, "https://a.example/other") is None
    assert cache.load(URL, accept="xml", max_bytes=20_000_000) is None
    assert load(cache, max_bytes=1000) is None
    file = cache.file(URL, accept="page")
    assert file.stat().st_size < len(PAGE.data)
    assert [path for path in file.parents[1].rglob("*") if path.is_file()] == [file]


def test_it_runs_out(cache: PageCache) -> None:
    cache._clock.now += 99
    assert load(cache).fresh
    cache._clock.now += 2
    assert not load(cache).fresh
    cache._clock.now -= 1000  # a clock that was set back
    assert not load(cache).fresh


def test_always_ask_and_forget(cache: PageCache) -> None:
    cache.store(URL, PAGE, accept="page", ask_always=True)
    assert not load(cache).fresh
    cache.forget(URL, accept="page")
    assert load(cache) is None
    cache.forget(URL, accept="page")


def header_and_body(cache: PageCache) -> tuple[dict[str, Any], bytes]:
    first, _, rest = cache.file(URL, accept="page").read_bytes().partition(b"\n")
    return json.loads(first), rest


DAMAGE = {
    "empty": lambda header, body: b"",
    "no-json": lambda header, body: b"{\n" + body,
    "not-an-object": lambda header, body: b"[1]\n" + body,
    "deep": lambda header, body: b"[" * 100_000 + b"\n" + body,
    "no-body": lambda header, body: packed(header, b""),
    "cut": lambda header, body: packed(header, body[:-5]),
    "flipped": lambda header, body: packed(header, body[:9] + bytes([body[9] ^ 255]) + body[10:]),
    "other-body": lambda header, body: packed(header, zlib.compress(b"x" * len(PAGE.data))),
    "bomb": lambda header, body: packed(header, zlib.compress(b"0" * 50_000_000)),
    "other-url": lambda header, body: packed({**header, "url": "page https://b.example/"}, body),
    "other-schema": lambda header, body: packed({**header, "schema": "x"}, body),
    "text-size": lambda header, body: packed({**header, "size": "9"}, body),
    "negative-size": lambda header, body: packed({**header, "size": -1}, body),
    "huge-size": lambda header, body: packed({**header, "size": 10**18}, body),
    "null-time": lambda header, body: packed({**header, "stored": None}, body),
    "number-etag": lambda header, body: packed({**header, "etag": 4}, body),
    "null-final": lambda header, body: packed({**header, "url_final": None}, body),
}


def packed(header: dict[str, Any], body: bytes) -> bytes:
    return json.dumps(header).encode() + b"\n" + body


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_absent_and_is_replaced(name: str, cache: PageCache) -> None:
    cache.file(URL, accept="page").write_bytes(DAMAGE[name](*header_and_body(cache)))
    assert load(cache) is None
    cache.store(URL, PAGE, accept="page")
    assert load(cache).page.data == PAGE.data


@pytest.mark.parametrize("field", ["size", "url", "etag", "sha256", "status", "charset"])
def test_a_header_without_a_field_is_damaged(field: str, cache: PageCache) -> None:
    header, body = header_and_body(cache)
    del header[field]
    cache.file(URL, accept="page").write_bytes(packed(header, body))
    assert load(cache) is None


def test_a_folder_that_cannot_be_written_loses_no_page(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    cache = PageCache(tmp_path / "cache", seconds=100.0)
    cache.store(URL, PAGE, accept="page")
    assert load(cache) is None
    cache.forget(URL, accept="page")


# ---------------------------------------------------------------------- through a Fetcher


def test_a_fresh_page_is_not_asked_for(site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on("a.test", "/", tools.answer(etag='"1"'))
    first = make_fetcher(cache=True).attempt(url)
    assert (first.from_cache, first.etag) == (False, '"1"')
    asked = len(site.seen)
    again = make_fetcher(cache=True).attempt(url + "#a")
    assert (again.data, again.from_cache) == (tools.PAGE, True)
    assert again.retrieved == first.retrieved
    assert len(site.seen) == asked


@pytest.mark.parametrize(
    ("header", "sent"),
    [({"etag": '"1"'}, "if-none-match"), ({"last_modified": "yesterday"}, "if-modified-since")],
    ids=["etag", "last-modified"],
)
@pytest.mark.parametrize("how", ["refresh", "expired"])
def test_an_old_page_is_asked_for_with_its_name(
    header: dict[str, str], sent: str, how: str, site: Any, make_fetcher: Any, tools: Any
) -> None:
    url = site.on("a.test", "/", tools.answer(**header), tools.answer(304, b""))
    fetcher = make_fetcher(cache=True, cache_seconds=0 if how == "expired" else 1000)
    fetcher.attempt(url)
    page = fetcher.attempt(url, refresh=how == "refresh")
    assert (page.data, page.status, page.from_cache) == (tools.PAGE, 200, True)
    assert site.seen[-1].headers[sent] == next(iter(header.values()))
    assert sent not in site.of("/")[0].headers
    # and it is fresh again, with its name
    assert make_fetcher(cache=True).attempt(url).from_cache
    assert len(site.of("/")) == 2
    assert (page.etag or page.last_modified) == next(iter(header.values()))


def test_a_changed_page_replaces_the_old_one(site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on("a.test", "/", tools.answer(etag='"1"'), tools.answer(body=b"<p>", etag='"2"'))
    fetcher = make_fetcher(cache=True)
    fetcher.attempt(url)
    page = fetcher.attempt(url, refresh=True)
    assert (page.data, page.from_cache, page.etag) == (b"<p>", False, '"2"')
    assert fetcher.attempt(url).data == b"<p>"


def test_only_the_url_that_the_page_came_from_is_asked_conditionally(
    site: Any, make_fetcher: Any, tools: Any
) -> None:
    final = site.on("b.test", "/", tools.answer(etag='"1"'), tools.answer(304, b""))
    url = site.on("a.test", "/", tools.answer(302, b"", location=final))
    fetcher = make_fetcher(cache=True)
    fetcher.attempt(url)
    assert fetcher.attempt(url, refresh=True).from_cache
    conditional = [each.host for each in site.of("/") if "if-none-match" in each.headers]
    assert conditional == ["b.test"]


def test_a_304_that_nobody_asked_for_is_a_failure(site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on("a.test", "/", tools.answer(304, b""))
    assert tools.kind_of(lambda: make_fetcher(cache=True).attempt(url)) == "redirect"


def test_no_store_and_no_cache(site: Any, make_fetcher: Any, tools: Any) -> None:
    fetcher = make_fetcher(cache=True)
    secret = site.on(
        "a.test", "/s", tools.answer(), tools.answer(cache_control="private, No-Store")
    )
    fetcher.attempt(secret)
    fetcher.attempt(secret, refresh=True)
    assert not fetcher.attempt(secret).from_cache
    always = site.on(
        "a.test", "/a", tools.answer(cache_control="no-cache", etag='"1"'), tools.answer(304, b"")
    )
    fetcher.attempt(always)
    assert fetcher.attempt(always).from_cache
    assert (len(site.of("/s")), len(site.of("/a"))) == (3, 2)


def test_failures_are_not_kept(site: Any, make_fetcher: Any, tools: Any) -> None:
    url = site.on("a.test", "/", tools.answer(404, b""), tools.answer())
    fetcher = make_fetcher(cache=True)
    assert tools.kind_of(lambda: fetcher.attempt(url)) == "not-found"
    assert fetcher.attempt(url).data == tools.PAGE


def test_a_name_that_would_break_a_header_is_not_sent_back(
    site: Any, make_fetcher: Any, tools: Any
) -> None:
    url = site.on("a.test", "/", tools.answer(etag="\xe9" * 3), tools.answer())
    fetcher = make_fetcher(cache=True)
    assert fetcher.attempt(url).etag is None
    assert not fetcher.attempt(url, refresh=True).from_cache
