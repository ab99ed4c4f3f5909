"""Feeds and sitemaps: XML that lists addresses. Bytes come in, nothing is fetched here."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urljoin

from claimcheck.errors import SourceError
from claimcheck.sources.documents import wide_charset
from claimcheck.sources.packing import GZIP, gunzip

__all__ = ["Listed", "XmlKind", "feed_links", "sitemap_links", "unpacked_xml", "xml_kind"]

XmlKind = Literal["feed", "sitemap", "index"]

_ROOTS: Final[dict[str, XmlKind]] = {
    "rss": "feed",
    "feed": "feed",
    "rdf": "feed",
    "urlset": "sitemap",
    "sitemapindex": "index",
}
_SNIFFED: Final = 65_536
_PROLOGUE: Final = (("<?", "?>"), ("<!--", "-->"), ("<!", ">"))
_ROOT: Final = re.compile(r"<(?:[\w.-]{1,100}:)?([\w.-]{1,100})[\s/>]")


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of a feed or sitemap. ``url`` is null where it names no address."""

    number: int
    """Its place, from 1."""
    url: str | None


def unpacked_xml(data: bytes, *, name: str, limit: int) -> bytes:
    """The bytes of a feed or sitemap, unpacked where they are gzip.

    :raises SourceError: ``corrupt``, or ``too-large`` for more than ``limit`` bytes.
    """
    return gunzip(data, name=name, limit=limit) if data.startswith(GZIP) else data


def xml_kind(data: bytes) -> XmlKind | None:
    """What the root element makes of a file; null for everything else, pages among it."""
    start = data[:_SNIFFED]
    wide = wide_charset(start)
    text = (start.decode(wide, "replace") if wide else start.decode("latin-1")).lstrip(
        "\ufeff\xef\xbb\xbf \t\r\n"
    )
    while True:
        for opening, closing in _PROLOGUE:
            if text.startswith(opening):
                text = text.partition(closing)[2].lstrip()
                break
        else:
            break
    # An internal subset of the document type may leave "]>" behind.
    match = _ROOT.match(text.removeprefix("]>").lstrip())
    return _ROOTS.get(match[1].lower()) if match else None


def feed_links(data: bytes, *, name: str, base: str | None) -> Iterator[Listed]:
    """The items of an RSS or Atom feed, in its order.

    :param base: address that relative links are relative to.
    :raises SourceError: ``corrupt``: it is no feed that can be read.
    """
    import feedparser

    # Only ever a stream: feedparser fetches, or opens, what looks like a name.
    parsed = feedparser.parse(
        io.BytesIO(data),
        response_headers={"content-location": base} if base else None,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.entries and (parsed.get("bozo") or not parsed.get("version")):
        why = " ".join(str(parsed.get("bozo_exception") or "no feed that is known").split())
        raise SourceError(
            f"{name}: cannot be read as a feed ({why[:200]}); give the addresses as a list",
            kind="corrupt",
        )
    for number, item in enumerate(parsed.entries, 1):
        link = item.get("link") or item.get("id")
        yield Listed(number, _absolute(link, base))


def sitemap_links(data: bytes, *, name: str, base: str | None) -> Iterator[Listed]:
    """The addresses of a sitemap, or of the sitemaps that an index lists, in its order.

    Entities are not expanded and nothing is loaded, whatever the file asks for.

    :raises SourceError: ``corrupt``: it is no XML, or breaks off before the first address.
    """
    from lxml import etree

    events = etree.iterparse(
        io.BytesIO(data),
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    )
    number = 0
    try:
        for _, element in events:
            number += 1
            # Pictures and films of a page have a "loc" too, but further down.
            found = element.find("{*}loc")
            yield Listed(number, _absolute(found.text if found is not None else None, base))
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        why = " ".join(str(error).split())[:200]
        raise SourceError(
            f"{name}: breaks off or is no XML after {number:,} addresses ({why}); "
            "give the addresses as a list",
            kind="corrupt",
        ) from error


def _absolute(link: object, base: str | None) -> str | None:
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        found = urljoin(base, link.strip()) if base else link.strip()
    except ValueError:
        return link.strip()
    return found if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", found) else None
