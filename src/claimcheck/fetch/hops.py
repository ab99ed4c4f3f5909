"""One request, and the redirects that it leads to."""

from __future__ import annotations

import email.utils
import importlib.metadata
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from claimcheck.errors import FailureKind, SourceError
from claimcheck.fetch.addresses import check_url
from claimcheck.fetch.body import gunzip, read_body
from claimcheck.fetch.network import READ_TIMEOUT, Connections, Deadline
from claimcheck.fetch.records import Accept, BusyError, Fetched, FetchOptions, Resolver
from claimcheck.fetch.transport import Transport

__all__ = [
    "Attempt",
    "Limits",
    "Reply",
    "Validators",
    "Visit",
    "attempting",
    "fetch",
    "follow",
    "limits_of",
    "user_agent",
]

HTML_TYPES = ("text/html", "application/xhtml+xml")
TEXT_TYPES = ("text/plain", "text/markdown", "text/x-markdown")
# Feeds and sitemaps are served as almost anything.
XML_TYPES = (
    "application/xml",
    "text/xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
    *HTML_TYPES,
    "text/plain",
)
_LARGEST_SITEMAP = 52_428_800  # bytes unpacked, by the sitemap protocol
_DRAINED = 65_536  # bytes of an unwanted body that are read to keep the connection

Visit = Callable[[httpx.URL], AbstractContextManager[None]]
"""Entered around each request; may wait, or raise a :class:`SourceError` instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an answer may be.

    ``media_types`` null takes any; ``truncate`` cuts at ``max_bytes`` without complaint;
    ``gzip_file`` also unpacks a body that is a gzip file by itself.
    """

    accept: str
    media_types: tuple[str, ...] | None
    max_bytes: int
    truncate: bool = False
    gzip_file: bool = False


@dataclass(frozen=True, slots=True)
class Validators:
    """What a cached page was called when it came from ``url``."""

    url: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a chain of redirects. ``page`` null: not modified (304).

    ``retrieved`` is ISO 8601 UTC; ``directives`` are those of ``Cache-Control``, lower case.
    """

    page: Fetched | None
    retrieved: str
    etag: str | None
    last_modified: str | None
    directives: frozenset[str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to retrieve a page: its cookies, its deadline, its options."""

    client: httpx.Client
    deadline: Deadline
    options: FetchOptions


def user_agent(contact: str | None = None) -> str:
    """How claimcheck introduces itself to a server.

    :param contact: an address or URL that a site owner can write to.
    """
    try:
        version = importlib.metadata.version("claimcheck-health")
    except importlib.metadata.PackageNotFoundError:  # run from a checkout
        version = "0"
    about = "wording checker for health articles"
    if contact:
        # Header values hold visible ASCII only; a line break would begin a new header.
        visible = "".join(c for c in contact if " " <= c <= "~" and c not in "()")
        about = f"{about}; contact: {visible}"
    return f"claimcheck/{version} ({about})"


def fetch(
    url: str,
    *,
    allow_private: bool = False,
    timeout: float = 30.0,
    max_bytes: int = 20_000_000,
    max_redirects: int = 5,
    contact: str | None = None,
    resolver: Resolver | None = None,
) -> Fetched:
    """Retrieve the one page that somebody named, within one total deadline.

    ``robots.txt`` is not asked: it is for programs that choose pages by themselves.

    :param allow_private: also connect to private, loopback and link-local addresses
        and to any port.
    :param timeout: seconds for everything together, redirects included.
    :param max_bytes: most bytes of *unpacked* body.
    :param max_redirects: most redirects followed.
    :param contact: named in the user agent.
    :param resolver: replaces the system's name look-up.
    :raises SourceError: ``not-found``, ``blocked``, ``server-error``, ``timeout``,
        ``redirect``, ``too-large``, ``unsafe-address``, ``unsupported-type``,
        ``corrupt`` or ``connection``.
    """
    options = FetchOptions(
        allow_private=allow_private,
        timeout=timeout,
        max_bytes=max_bytes,
        max_redirects=max_redirects,
        contact=contact,
    )
    connections = Connections(allow_private=allow_private, resolver=resolver)
    try:
        with attempting(connections, options) as attempt:
            reply = follow(attempt, url, limits=limits_of("page", max_bytes=max_bytes))
    finally:
        connections.close()
    assert reply.page is not None  # noqa: S101 - no validators were sent
    return reply.page


@contextmanager
def attempting(connections: Connections, options: FetchOptions) -> Iterator[Attempt]:
    """A new attempt; cookies last as long as it does."""
    deadline = Deadline(options.timeout)
    with httpx.Client(
        transport=Transport(connections, deadline),
        headers={"User-Agent": user_agent(options.contact)},
        trust_env=False,
    ) as client:
        yield Attempt(client, deadline, options)


def limits_of(accept: Accept, *, max_bytes: int) -> Limits:
    """What an answer may be for each thing that can be asked for."""
    if accept == "page":
        return Limits(
            accept="text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8,text/markdown;q=0.8",
            media_types=HTML_TYPES + TEXT_TYPES,
            max_bytes=max_bytes,
        )
    return Limits(
        accept="application/rss+xml,application/atom+xml,application/xml,text/xml,*/*;q=0.5",
        media_types=XML_TYPES,
        max_bytes=max(max_bytes, _LARGEST_SITEMAP),
        gzip_file=True,
    )


def follow(
    attempt: Attempt,
    url: str,
    *,
    limits: Limits,
    visit: Visit | None = None,
    validators: Validators | None = None,
    max_redirects: int | None = None,
) -> Reply:
    """Request ``url`` and follow redirects by hand; each hop is checked like the first.

    :param visit: entered around each request; nothing is held between two of them.
    :param validators: make the request for their URL a conditional one.
    :param max_redirects: in place of what the options say.
    :raises SourceError: see :func:`fetch`, and what ``visit`` raises.
    """
    most = attempt.options.max_redirects if max_redirects is None else max_redirects
    current = url
    for _ in range(most + 1):
        target = check_url(current, allow_private=attempt.options.allow_private)
        known = validators if validators and validators.url == str(target) else None
        with visit(target) if visit else nullcontext():
            answer = _one_hop(attempt, target, limits=limits, validators=known)
        if isinstance(answer, Reply):
            return answer
        current = answer
    raise SourceError(
        f"{url}: more than {most} redirects, the last one to {current}; "
        "open the page in a browser and use the address it ends at",
        kind="redirect",
    )


def _one_hop(
    attempt: Attempt, target: httpx.URL, *, limits: Limits, validators: Validators | None
) -> Reply | str:
    """One request: its end, or the address that it redirects to."""
    headers = {
        "Accept": limits.accept,
        "Accept-Language": "en",
        "Accept-Encoding": "gzip, deflate",
    }
    if validators and validators.etag:
        headers["If-None-Match"] = validators.etag
    if validators and validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    url = str(target)
    try:
        with attempt.client.stream(
            "GET", target, headers=headers, follow_redirects=False, timeout=READ_TIMEOUT
        ) as response:
            if not 200 <= response.status_code < 300:
                _drain(response)
                if response.has_redirect_location:
                    return _redirect_target(response)
                if response.status_code == 304 and validators:
                    return _reply(response, None)
                raise _status_error(url, response)
            return _reply(response, _page(response, limits, attempt.deadline))
    except httpx.TimeoutException as error:
        raise SourceError(
            f"{url}: the server did not answer in time; try again later",
            kind="timeout",
            retryable=True,
        ) from error
    except (httpx.RemoteProtocolError, httpx.InvalidURL, ValueError) as error:
        # Our transport raises none of these. The client does, when it prepares for a
        # redirect which nobody told it to follow.
        raise SourceError(
            f"{url}: redirects to what is not an address ({error})", kind="redirect"
        ) from error
    except httpx.HTTPError as error:
        untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
        raise SourceError(
            f"{url}: the connection failed ({error or type(error).__name__})",
            kind="connection",
            retryable=not untrusted,
        ) from error


def _page(response: httpx.Response, limits: Limits, deadline: Deadline) -> Fetched:
    """:raises SourceError: ``unsupported-type``, ``too-large`` or ``corrupt``."""
    url = str(response.url)
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type and limits.media_types is not None and media_type not in limits.media_types:
        raise SourceError(
            f"{url}: {media_type} cannot be read; save the article as HTML or text",
            kind="unsupported-type",
        )
    data = read_body(
        response, max_bytes=limits.max_bytes, deadline=deadline, truncate=limits.truncate
    )
    if limits.gzip_file:
        data = gunzip(data, url=url, max_bytes=limits.max_bytes, deadline=deadline)
    return Fetched(
        url_final=url,
        data=data,
        media_type=media_type or None,
        charset=response.charset_encoding,
        status=response.status_code,
        retrieved=_now(),
        etag=_sendable(response.headers.get("etag")),
        last_modified=_sendable(response.headers.get("last-modified")),
    )


def _reply(response: httpx.Response, page: Fetched | None) -> Reply:
    named = response.headers.get("cache-control", "").lower().split(",")
    return Reply(
        page=page,
        retrieved=page.retrieved if page is not None else _now(),
        etag=_sendable(response.headers.get("etag")),
        last_modified=_sendable(response.headers.get("last-modified")),
        directives=frozenset(name.partition("=")[0].strip() for name in named),
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sendable(value: str | None) -> str | None:
    """A header's value if it can be sent back as it is."""
    short = value is not None and re.fullmatch("[ -~]{1,500}", value.strip())
    return value.strip() if value is not None and short else None


def _drain(response: httpx.Response) -> None:
    """Read a short body that nobody wants, so that the connection can be kept."""
    left = _DRAINED
    with suppress(httpx.HTTPError):
        for chunk in response.iter_raw():
            left -= len(chunk)
            if left < 0:
                return


def _redirect_target(response: httpx.Response) -> str:
    location = response.headers.get("location", "").strip()
    try:
        target = str(response.url.join(location)) if location else None
    except (httpx.InvalidURL, ValueError, UnicodeError):
        target = None
    if target is not None:
        try:
            check_url(target, allow_private=True)
        except SourceError as error:
            target = None if error.kind == "not-found" else target
    if target is None:
        raise SourceError(
            f"{response.url}: redirects to {location[:200]!r}, which is not an address",
            kind="redirect",
        )
    return target


def _status_error(url: str, response: httpx.Response) -> SourceError:
    status = response.status_code
    kind: FailureKind
    retryable = False
    if status in (404, 410):
        kind, why = "not-found", "there is no such page"
    elif status == 408:
        kind, why, retryable = "timeout", "the server gave up waiting", True
    elif status == 429 or status >= 500:
        kind, why, retryable = "server-error", "the server could not answer; try again later", True
    elif status >= 400:
        kind, why = "blocked", "the server refuses; save the page and check the file"
    else:
        kind, why = "redirect", "the server redirects without naming an address"
    after = _retry_after(response.headers.get("retry-after", "")) if retryable else None
    error = BusyError if status in (429, 503) else SourceError
    return error(f"{url}: HTTP {status}, {why}", kind=kind, retryable=retryable, retry_after=after)


def _retry_after(value: str) -> float | None:
    """Seconds, from a number of them or from a date (RFC 9110, 10.2.3)."""
    value = value.strip()
    if re.fullmatch("[0-9]{1,9}", value):
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return max(0.0, when.timestamp() - time.time())
