"""Feeds and sitemaps as inputs, sitemap indexes with all that they list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

from claimcheck.errors import SourceError
from claimcheck.sources.addresses import normalise_url
from claimcheck.sources.entries import Entry, failed, passed_over, url_entry
from claimcheck.sources.syndication import (
    Listed,
    XmlKind,
    feed_links,
    sitemap_links,
    unpacked_xml,
    xml_kind,
)

if TYPE_CHECKING:
    from claimcheck.fetch import Fetched

__all__ = ["XML_LIMIT", "Retrieved", "Retriever", "expand", "retrieved", "suggests_xml"]

XML_LIMIT: Final = 52_428_800
"""Bytes of an unpacked sitemap: what the sitemap protocol allows."""

_DEEPEST: Final = 3  # the protocol knows one level of indexes; some sites nest two
_ENDINGS: Final = (".xml", ".xml.gz", ".rss", ".atom", ".rdf")
_LAST_WORDS: Final = ("feed", "feeds", "rss", "atom", "rdf", "sitemap", "sitemaps", "sitemap_index")


class Retriever(Protocol):
    """The part of ``claimcheck.fetch.Fetcher`` that listing needs."""

    def fetch(
        self, url: str, *, accept: Literal["page", "xml"] = "page", refresh: bool = False
    ) -> Fetched:
        """Fetch one address, politely; raises SourceError."""
        ...


def suggests_xml(path: str) -> bool:
    """Whether the path of an address makes a feed or sitemap likely enough to ask once.

    It does if it ends in ``.xml``, ``.xml.gz``, ``.rss``, ``.atom`` or ``.rdf``, or if its
    last part is ``feed``, ``rss``, ``atom``, ``sitemap`` or the like.
    """
    low = path.lower().rstrip("/")
    return low.endswith(_ENDINGS) or low.rpartition("/")[2] in _LAST_WORDS


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A feed or sitemap as it was fetched; ``base`` is the address that answered."""

    data: bytes
    kind: XmlKind
    base: str


def retrieved(url: str, fetcher: Retriever, *, limit: int = XML_LIMIT) -> Retrieved:
    """Fetch a feed or sitemap.

    :raises SourceError: what fetching raises, ``corrupt``, ``too-large``, and
        ``unsupported-type`` for what is neither.
    """
    page = fetcher.fetch(url, accept="xml")
    data = unpacked_xml(page.data, name=url, limit=limit)
    kind = xml_kind(data)
    if kind is None:
        raise SourceError(f"{url}: is neither a feed nor a sitemap", kind="unsupported-type")
    return Retrieved(data, kind, page.url_final)


@dataclass(slots=True)
class _Expansion:
    """One input, with all that it leads to."""

    fetcher: Retriever | None
    left: int
    limit: int
    seen: set[str] = field(default_factory=set)


def expand(
    data: bytes,
    *,
    kind: XmlKind,
    name: str,
    base: str | None,
    fetcher: Retriever | None,
    follow: int,
    limit: int = XML_LIMIT,
) -> Iterator[Entry]:
    """One entry for each address of a feed or sitemap, one for each part that gives none.

    :param base: its own address; null for a file.
    :param follow: most addresses taken; one failure says that there are more.
    """
    expansion = _Expansion(fetcher, follow, limit)
    if base is not None:
        expansion.seen.add(_key(base))
    count = 0
    for entry in _listed(data, expansion, kind=kind, name=name, base=base, depth=0):
        count += 1
        yield entry
    if not count:
        uri_kind: Literal["url", "file"] = "file" if base is None else "url"
        yield passed_over("empty feed or sitemap", uri=name, kind=uri_kind, origin=name)


def _listed(
    data: bytes,
    expansion: _Expansion,
    *,
    kind: XmlKind,
    name: str,
    base: str | None,
    depth: int,
) -> Iterator[Entry]:
    try:
        read = feed_links if kind == "feed" else sitemap_links
        for item in read(data, name=name, base=base):
            if expansion.left <= 0:
                yield _too_many(name)
                return
            if item.url is None:
                yield _without_address(item, name)
            elif kind == "index":
                yield from _part(item.url, expansion, origin=name, depth=depth + 1)
            else:
                expansion.left -= 1
                yield url_entry(item.url, origin=name)
    except SourceError as error:
        yield failed(error, uri=name, kind="file" if base is None else "url", origin=name)


def _part(url: str, expansion: _Expansion, *, origin: str, depth: int) -> Iterator[Entry]:
    """What a sitemap that an index lists gives."""
    key = _key(url)
    if key in expansion.seen:
        yield passed_over("sitemap listed already", uri=url, kind="url", origin=origin)
        return
    expansion.seen.add(key)
    try:
        found = _retrieved_part(url, expansion, origin=origin, depth=depth)
    except SourceError as error:
        yield failed(error, uri=url, kind="url", origin=origin)
        return
    yield from _listed(
        found.data, expansion, kind=found.kind, name=url, base=found.base, depth=depth
    )


def _retrieved_part(url: str, expansion: _Expansion, *, origin: str, depth: int) -> Retrieved:
    if depth > _DEEPEST:
        raise SourceError(
            f"{url}: lies more than {_DEEPEST} sitemap indexes deep; give it as an input",
            kind="too-large",
        )
    if expansion.fetcher is None:
        raise SourceError(
            f"{url}: is listed by {origin} and would have to be fetched; give it as an input",
            kind="not-found",
        )
    return retrieved(url, expansion.fetcher, limit=expansion.limit)


def _key(url: str) -> str:
    try:
        return normalise_url(url)
    except SourceError:
        return url


def _without_address(item: Listed, name: str) -> Entry:
    return failed(
        SourceError(f"{name}: item {item.number:,} has no address", kind="not-found"),
        uri=f"{name}#{item.number}",
        kind="url",
        origin=name,
    )


def _too_many(name: str) -> Entry:
    return failed(
        SourceError(
            f"{name}: lists more addresses than are taken from one feed or sitemap; give its "
            "parts as inputs",
            kind="too-large",
        ),
        uri=f"{name}#more",
        kind="url",
        origin=name,
    )
