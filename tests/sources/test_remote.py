"""Feeds and sitemaps, local and fetched; nothing is fetched but through the fetcher."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path
from typing import Literal

import pytest

from claimcheck.errors import SourceError
from claimcheck.fetch import Fetched
from claimcheck.sources import Entry, InputType, ListingOptions, Retriever, list_entries
from claimcheck.sources.remote import expand, suggests_xml
from claimcheck.sources.syndication import xml_kind

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>t</title><link>https://site.example/</link>
<item><title>a</title><link>https://site.example/a?utm_source=rss</link></item>
<item><title>b</title><link>/b</link></item>
<item><title>c</title><guid isPermaLink="true">https://site.example/c</guid></item>
<item><title>d</title></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><!-- a --><?x y?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>
<entry><title>a</title><link rel="alternate" href="https://site.example/a"/></entry>
<entry><title>b</title><link href="https://site.example/b"/></entry></feed>"""
URLSET = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://site.example/a </loc><image:image><image:loc>https://site.example/a.jpg
</image:loc></image:image></url><url><loc>https://site.example/b?x=1&amp;y=2</loc></url>
<url><lastmod>2024-01-01</lastmod></url></urlset>"""


def index(*urls: str) -> str:
    parts = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>'
    )


class Web:
    """Pages by address; an exception is raised."""

    def __init__(self, **pages: bytes | str | SourceError) -> None:
        self.pages = {f"https://site.example/{name}": page for name, page in pages.items()}
        self.asked: list[tuple[str, str]] = []

    def put(self, url: str, page: bytes | str | SourceError) -> None:
        self.pages[url] = page

    def fetch(
        self, url: str, *, accept: Literal["page", "xml"] = "page", refresh: bool = False
    ) -> Fetched:
        self.asked.append((url, accept))
        page = self.pages.get(url, SourceError(f"{url}: not there", kind="not-found"))
        if isinstance(page, SourceError):
            raise page
        data = page.encode() if isinstance(page, str) else page
        return Fetched(url, data, "application/xml", None, 200, "2026-01-02T03:04:05Z")


def listed(
    url: str,
    web: Retriever | None,
    *,
    input_type: InputType = "auto",
    follow: int = 1_000_000,
) -> list[Entry]:
    options = ListingOptions(input_type=input_type, follow=follow)
    return list(list_entries([url], options=options, fetcher=web))


def brief(entries: list[Entry]) -> list[tuple[str, str]]:
    return [
        (entry.uri, entry.failure.kind if entry.failure else entry.skipped or entry.kind)
        for entry in entries
    ]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_a_feed_by_address() -> None:
    web = Web(feed=RSS)
    found = listed("https://site.example/feed", web)
    assert brief(found) == [
        ("https://site.example/a?utm_source=rss", "url"),
        ("https://site.example/b", "url"),
        ("https://site.example/c", "url"),
        ("https://site.example/feed#4", "not-found"),
    ]
    assert found[0].key == "https://site.example/a"
    assert {entry.origin for entry in found} == {"https://site.example/feed"}
    assert web.asked == [("https://site.example/feed", "xml")]


@pytest.mark.parametrize("suffix", [".xml", ".atom", ".txt", ""])
def test_a_feed_in_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"feed{suffix}"
    path.write_text(ATOM)
    assert brief(listed(str(path), None)) == [
        ("https://site.example/a", "url"),
        ("https://site.example/b", "url"),
    ]


def test_relative_links_need_an_address(tmp_path: Path) -> None:
    path = tmp_path / "feed.rss"
    path.write_text(RSS)
    assert [kind for _, kind in brief(listed(str(path), None))] == [
        "url", "not-found", "url", "not-found"
    ]  # fmt: skip


def test_a_feed_that_is_malformed_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS.replace("<title>b</title>", "<title>b & c</b>")[:420])
    assert brief(listed(str(path), None))[0] == ("https://site.example/a?utm_source=rss", "url")


@pytest.mark.parametrize("root", ["rss", "feed"])
def test_a_feed_that_cannot_be_read(tmp_path: Path, root: str) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(f"<{root} ")
    assert [kind for _, kind in brief(listed(str(path), None))] == ["corrupt"]


def test_an_empty_feed_is_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text('<rss version="2.0"><channel><title>t</title></channel></rss>')
    assert brief(listed(str(path), None)) == [(str(path), "empty feed or sitemap")]


@pytest.mark.parametrize("packed", [False, True])
def test_a_sitemap(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("sitemap.xml.gz" if packed else "sitemap.xml")
    path.write_bytes(gzip.compress(URLSET.encode()) if packed else URLSET.encode())
    assert brief(listed(str(path), None)) == [
        ("https://site.example/a", "url"),
        ("https://site.example/b?x=1&y=2", "url"),
        (f"{path}#3", "not-found"),
    ]


def test_an_index_with_all_that_can_be_wrong_in_it() -> None:
    site = "https://site.example"
    web = Web(
        s1=URLSET,
        s2=gzip.compress(URLSET.encode()),
        s3=SourceError("gone", kind="not-found"),
        page="<html><body>no sitemap",
        feed=RSS,
    )
    parts = [f"{site}/{name}" for name in ("s1", "sitemap.xml", "s1#again", "s2", "s3", "page")]
    web.put(f"{site}/sitemap.xml", index(*parts, f"{site}/feed", "ftp://a/b"))
    found = listed(f"{site}/sitemap.xml", web)
    by_origin = {entry.origin for entry in found}
    assert by_origin == {f"{site}/{name}" for name in ("s1", "s2", "feed", "sitemap.xml")}
    assert [pair for pair in brief(found) if pair[1] != "url"] == [
        (f"{site}/s1#3", "not-found"),
        (f"{site}/sitemap.xml", "sitemap listed already"),
        (f"{site}/s1#again", "sitemap listed already"),
        (f"{site}/s2#3", "not-found"),
        (f"{site}/s3", "not-found"),
        (f"{site}/page", "unsupported-type"),
        (f"{site}/feed#4", "not-found"),
        ("ftp://a/b", "not-found"),
    ]
    assert len(web.asked) == 7


def test_an_index_that_never_ends() -> None:
    class Endless(Web):
        def fetch(
            self, url: str, *, accept: Literal["page", "xml"] = "page", refresh: bool = False
        ) -> Fetched:
            self.put(url, index(f"{url}1"))
            return super().fetch(url, accept=accept)

    web = Endless()
    found = listed("https://site.example/sitemap.xml", web)
    assert [kind for _, kind in brief(found)] == ["too-large"]
    assert len(web.asked) == 4


def test_a_local_index_needs_the_fetcher(tmp_path: Path) -> None:
    path = tmp_path / "sitemap.xml"
    path.write_text(index("https://site.example/s1"))
    assert [kind for _, kind in brief(listed(str(path), None))] == ["not-found"]
    assert len(listed(str(path), Web(s1=URLSET))) == 3


def test_more_than_is_followed_is_one_failure() -> None:
    web = Web(s1=URLSET, s2=URLSET)
    web.put("https://a.example/sitemap.xml", index(*list(web.pages)))
    found = listed("https://a.example/sitemap.xml", web, follow=1)
    assert [kind for _, kind in brief(found)] == ["url", "too-large", "too-large"]


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://site.example/secret")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    path = tmp_path / "sitemap.xml"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY l0 "ha">{laughs}'
        f'<!ENTITY file SYSTEM "{secret.as_uri()}">'
        '<!ENTITY web SYSTEM "https://site.example/dtd">]>'
        "<urlset><url><loc>&file;</loc></url><url><loc>&web;</loc></url>"
        "<url><loc>https://site.example/&l9;</loc></url>"
        "<url><loc>https://site.example/z</loc></url></urlset>"
    )
    found = listed(str(path), None, input_type="sitemap")
    assert not any("secret" in entry.uri.removeprefix(str(path)) for entry in found)
    assert max(len(entry.uri) for entry in found) < 500
    feed = tmp_path / "feed.xml"
    feed.write_text(
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]><rss version="2.0">'
        "<channel><item><title>&l9;</title><link>https://site.example/a</link></item>"
        "</channel></rss>"
    )
    assert len(listed(str(feed), None, input_type="feed")) == 1


def test_a_packed_sitemap_that_swells_is_refused() -> None:
    web = Web()
    web.put("https://site.example/sitemap.xml", index("https://site.example/bomb"))
    bomb = gzip.compress(URLSET.encode() + b" " * 300_000)
    web.put("https://site.example/bomb", bomb)
    found = list(
        expand(
            index("https://site.example/bomb").encode(),
            kind="index",
            name="i",
            base=None,
            fetcher=web,
            follow=10,
            limit=200_000,
        )
    )
    assert [kind for _, kind in brief(found)] == ["too-large"]


@pytest.mark.parametrize("cut", [30, -12])
def test_a_damaged_packed_sitemap(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "sitemap.xml.gz"
    path.write_bytes(gzip.compress(URLSET.encode())[:cut])
    assert [kind for _, kind in brief(listed(str(path), None))] == ["corrupt"]


def test_a_sitemap_that_breaks_off_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "sitemap.xml"
    path.write_text(URLSET[: URLSET.index("<url><lastmod>")])
    kinds = [kind for _, kind in brief(listed(str(path), None))]
    assert kinds[:2] == ["url", "url"]
    assert set(kinds[2:]) <= {"corrupt"}


@pytest.mark.parametrize(
    ("path", "suggests"),
    [
        ("/sitemap.xml", True),
        ("/sitemap.xml.gz", True),
        ("/blog/feed/", True),
        ("/a.rss", True),
        ("/Atom", True),
        ("/", False),
        ("", False),
        ("/feeding-your-baby", False),
        ("/article.html", False),
        ("/feed/article", False),
    ],
)
def test_which_paths_suggest_xml(path: str, suggests: bool) -> None:
    assert suggests_xml(path) is suggests


def test_a_page_where_a_feed_seemed_likely() -> None:
    site = "https://site.example"
    web = Web(feed="<!doctype html><html><body>All our feeds")
    assert brief(listed(f"{site}/feed", web)) == [(f"{site}/feed", "url")]
    web.put(f"{site}/feed", SourceError("html", kind="unsupported-type"))
    assert brief(listed(f"{site}/feed", web)) == [(f"{site}/feed", "url")]
    web.put(f"{site}/feed", SourceError("down", kind="server-error", retryable=True))
    (entry,) = listed(f"{site}/feed", web)
    assert entry.failure is not None
    assert entry.failure.retryable
    assert brief(listed(f"{site}/feed", None)) == [(f"{site}/feed", "url")]


def test_the_type_that_was_asked_for() -> None:
    site = "https://site.example"
    web = Web(news=RSS, page="<html>")
    assert len(listed(f"{site}/news", web)) == 1
    assert len(listed(f"{site}/news", web, input_type="feed")) == 4
    assert brief(listed(f"{site}/page", web, input_type="sitemap")) == [
        (f"{site}/page", "unsupported-type")
    ]
    web.asked.clear()
    listed(f"{site}/feed", web, input_type="page")
    assert web.asked == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (RSS, "feed"),
        (ATOM, "feed"),
        ("<rdf:RDF xmlns:rdf='x'>", "feed"),
        (URLSET, "sitemap"),
        (index(), "index"),
        ("<!DOCTYPE urlset [<!ENTITY a 'b'>]><urlset>", "sitemap"),
        ("<sm:urlset xmlns:sm='x'>", "sitemap"),
        ("<html>", None),
        ("<!-- <rss> --><html>", None),
        ("<!-- " + "<!" * 5000, None),
        ("words", None),
        ("", None),
    ],
)
def test_what_a_root_element_says(text: str, kind: str | None) -> None:
    assert xml_kind(text.encode()) == kind
    assert xml_kind(b"\xef\xbb\xbf" + text.encode()) == kind
    assert xml_kind(text.encode("utf-16")) == kind
