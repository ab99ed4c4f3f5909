"""What is asked of this room, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from claimcheck.errors import SourceError

if TYPE_CHECKING:
    from claimcheck.settings import Settings

__all__ = ["Accept", "BusyError", "FetchOptions", "Fetched", "HostStats", "Resolver"]

Resolver = Callable[[str, int], Sequence[str]]
"""``(host, port) -> addresses``: IPv4 or IPv6 literals, in the order to try them."""

Accept = Literal["page", "xml"]
"""``page``: HTML, plain text and Markdown. ``xml``: feeds and sitemaps, also gzipped."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page as it arrived.

    ``data`` is unpacked but not decoded; ``media_type`` is lower case without
    parameters, or null where the server named none; ``charset`` is the server's word,
    or null; ``retrieved`` is ISO 8601 UTC: when the bytes arrived or the server last
    said that they had not changed. ``etag`` and ``last_modified`` are the server's own
    words. ``from_cache`` says that the bytes come from the cache, whether or not the
    server was asked about them.
    """

    url_final: str
    data: bytes
    media_type: str | None
    charset: str | None
    status: int
    retrieved: str
    etag: str | None = None
    last_modified: str | None = None
    from_cache: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """How a :class:`~claimcheck.fetch.Fetcher` goes about it.

    ``timeout`` is in seconds, for everything of one attempt but waiting for the host's
    turn; ``max_bytes`` counts the unpacked body; ``delay`` is in seconds from the start
    of one request to a host to the start of the next; ``retries`` come after the first
    try; a page in ``cache_dir`` stands for the live one for ``cache_seconds``. With
    ``environment_proxy`` the proxy looks names up, so only addresses that are written
    out in a URL can be vetted.
    """

    allow_private: bool = False
    timeout: float = 30.0
    max_bytes: int = 20_000_000
    max_redirects: int = 5
    contact: str | None = None
    delay: float = 1.0
    retries: int = 3
    environment_proxy: bool = False
    cache_dir: Path | None = None
    cache_seconds: float = 86_400.0

    @classmethod
    def of(cls, settings: Settings, *, cache_dir: Path | None = None) -> FetchOptions:
        """The options that the settings in force say."""
        return cls(
            allow_private=settings.allow_private,
            timeout=settings.timeout_seconds,
            max_bytes=settings.max_bytes,
            contact=settings.contact,
            delay=settings.delay_seconds,
            retries=settings.retries,
            environment_proxy=settings.environment_proxy,
            cache_dir=cache_dir,
            cache_seconds=settings.cache_hours * 3600,
        )


@dataclass(frozen=True, slots=True)
class HostStats:
    """What was asked of one host.

    ``requests`` counts every request sent, redirects and ``robots.txt`` included;
    ``delay`` is the one in force, in seconds; ``first`` and ``last`` are when the first
    and the last request began, on the clock of :func:`time.monotonic`.
    """

    requests: int
    delay: float
    first: float | None
    last: float | None


class BusyError(SourceError):
    """HTTP 429 or 503: the whole host asks for a pause, not this page alone."""
