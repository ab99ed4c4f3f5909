"""Many pages, each asked for as its host's owner would like to be asked."""

from __future__ import annotations

import dataclasses
import functools
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import httpx

from claimcheck.errors import SourceError
from claimcheck.fetch.addresses import check_url
from claimcheck.fetch.cache import Cached, PageCache
from claimcheck.fetch.gates import LONGEST_PAUSE, Gates, first_wait
from claimcheck.fetch.hops import (
    Attempt,
    Limits,
    Reply,
    Validators,
    attempting,
    follow,
    limits_of,
)
from claimcheck.fetch.network import Connections, environment_proxies
from claimcheck.fetch.records import Accept, Fetched, FetchOptions, HostStats, Resolver
from claimcheck.fetch.robots import (
    LONGEST_ROBOTS,
    RobotsMemory,
    Rules,
    read_rules,
    refused_rules,
)

__all__ = ["Fetcher"]

_LONGEST_BACKOFF = 120.0  # seconds, where the server names no time
_HELD_WAITS = 4  # first waits that a robots.txt which cannot be had closes a site for
_ROBOTS_REDIRECTS = 5  # by the standard
_ROBOTS_LIMITS = Limits(
    accept="text/plain,*/*;q=0.5", media_types=None, max_bytes=LONGEST_ROBOTS, truncate=True
)


class Fetcher:
    """Retrieves pages politely; thread-safe, and a context manager.

    Each request, redirects and ``robots.txt`` included, waits for its host's turn (see
    :class:`~claimcheck.fetch.gates.Gates`); different hosts are asked at once from as
    many threads as call. A page in the cache is neither asked for nor waited for while
    it stands for the live one. Connections are kept between requests, over HTTP/2 where
    the server speaks it. At every hop the address really connected to is vetted.

    :param resolver: replaces the system's name look-up.
    :raises UsageError: the environment's proxy is asked for and cannot be used.
    """

    def __init__(self, options: FetchOptions, *, resolver: Resolver | None = None) -> None:
        self._options = options
        self._connections = Connections(
            allow_private=options.allow_private,
            resolver=resolver,
            proxies=environment_proxies() if options.environment_proxy else None,
        )
        self._gates = Gates(delay=options.delay)
        self._robots = RobotsMemory()
        self._cache = (
            PageCache(options.cache_dir, seconds=options.cache_seconds)
            if options.cache_dir is not None
            else None
        )
        self._closed = threading.Event()
        self._random = random.SystemRandom()

    def attempt(self, url: str, *, accept: Accept = "page", refresh: bool = False) -> Fetched:
        """Try once: cache, ``robots.txt``, the host's turn, a conditional request, redirects.

        A page is cached under the URL that was asked for, and conditional is the request
        for the URL that it finally came from.

        :param accept: what to ask for, with the limits on type and size that go with it.
        :param refresh: ask the server though the cached page still stands for the live one.
        :raises SourceError: see :func:`claimcheck.fetch.fetch`, and ``robots``.
        """
        check_url(url, allow_private=self._options.allow_private)
        limits = limits_of(accept, max_bytes=self._options.max_bytes)
        cached = None
        if self._cache is not None:
            cached = self._cache.load(url, accept=accept, max_bytes=limits.max_bytes)
        if cached is not None and cached.fresh and not refresh:
            return cached.page
        with attempting(self._connections, self._options) as attempt:
            try:
                reply = follow(
                    attempt,
                    url,
                    limits=limits,
                    visit=functools.partial(self._visit, attempt),
                    validators=_validators(cached),
                )
            except SourceError as error:
                if url in str(error):
                    raise
                raise _named(error, url) from error
        page = _page(reply, cached)
        self._keep(url, page, reply, accept=accept)
        return page

    def fetch(self, url: str, *, accept: Accept = "page", refresh: bool = False) -> Fetched:
        """Try until it works or :meth:`backoff` says that it is enough; sleeps between.

        :raises SourceError: the last try's.
        """
        tries = 0
        while True:
            tries += 1
            try:
                return self.attempt(url, accept=accept, refresh=refresh)
            except SourceError as error:
                wait = self.backoff(tries, error)
                if wait is None or self._closed.wait(wait):
                    raise

    def backoff(self, tries: int, error: SourceError) -> float | None:
        """Seconds until the next try, or null: give up.

        Doubles from twice the delay with each try, up to two minutes, with full jitter
        (any time up to that). Where the server named a time, that one (at most
        :data:`~claimcheck.fetch.gates.LONGEST_PAUSE`) and a little jitter.

        :param tries: made so far, from 1.
        """
        if not error.retryable or tries > self._options.retries:
            return None
        first = first_wait(self._options.delay)
        if error.retry_after is not None:
            return min(error.retry_after, LONGEST_PAUSE) + self._random.uniform(0, first)
        return self._random.uniform(0, min(first * 2.0 ** (tries - 1), _LONGEST_BACKOFF))

    def ready_in(self, host: str) -> float:
        """Seconds until this host may be asked again; 0.0 means now.

        :param host: as :func:`~claimcheck.fetch.host_of` gives it.
        """
        return self._gates.ready_in(host)

    def stats(self) -> Mapping[str, HostStats]:
        """What was asked of each host so far."""
        return self._gates.stats()

    def close(self) -> None:
        """Close kept connections, and send away whoever waits for a turn."""
        self._closed.set()
        self._gates.close()
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ------------------------------------------------------------------ one hop

    @contextmanager
    def _visit(self, attempt: Attempt, target: httpx.URL) -> Iterator[None]:
        """The turn for a page, once ``robots.txt`` has been asked."""
        self._rules(attempt, target).check(str(target))
        with self._turn(attempt, target):
            yield

    @contextmanager
    def _turn(self, attempt: Attempt, target: httpx.URL) -> Iterator[None]:
        with self._gates.turn(_host(target)) as waited:
            attempt.deadline.extend(waited)
            attempt.deadline.new_request()
            try:
                yield
            finally:
                # Looking a name up and connecting takes time that the host knows nothing of.
                if attempt.deadline.sent_at is not None:
                    self._gates.sent(_host(target), attempt.deadline.sent_at)

    def _rules(self, attempt: Attempt, target: httpx.URL) -> Rules:
        """What the site asks of us; its delay is in force from then on."""
        begun = time.monotonic()
        asked = False

        def learn(earlier: Rules | None) -> Rules:
            nonlocal asked
            asked = True
            return self._ask_robots(attempt, target, earlier)

        site = f"{target.scheme}://{target.raw_host.decode('ascii')}:{target.port or ''}"
        rules = self._robots.rules(site, learn)
        if not asked:
            attempt.deadline.extend(time.monotonic() - begun)  # another thread was asking
        return rules

    def _ask_robots(self, attempt: Attempt, target: httpx.URL, earlier: Rules | None) -> Rules:
        try:
            reply = follow(
                attempt,
                str(target.copy_with(raw_path=b"/robots.txt", fragment=None)),
                limits=_ROBOTS_LIMITS,
                visit=functools.partial(self._turn, attempt),
                max_redirects=_ROBOTS_REDIRECTS,
            )
        except SourceError as error:
            if error.kind == "unsafe-address" or self._closed.is_set():
                raise
            return refused_rules(
                error, earlier=earlier, first_hold=_HELD_WAITS * first_wait(self._options.delay)
            )
        rules = read_rules(reply.page.data if reply.page else b"")
        if rules.delay is not None:
            self._gates.slow_down(_host(target), rules.delay)
        return rules

    # ------------------------------------------------------------------ the cache

    def _keep(self, url: str, page: Fetched, reply: Reply, *, accept: Accept) -> None:
        if self._cache is None:
            return
        if "no-store" in reply.directives:
            self._cache.forget(url, accept=accept)
        else:
            ask_always = "no-cache" in reply.directives
            self._cache.store(url, page, accept=accept, ask_always=ask_always)


def _named(error: SourceError, url: str) -> SourceError:
    """The error with the address that was asked for, where a redirect led elsewhere."""
    return SourceError(
        f"{url}: redirected: {error}",
        kind=error.kind,
        retryable=error.retryable,
        retry_after=error.retry_after,
    )


def _host(target: httpx.URL) -> str:
    return target.raw_host.decode("ascii")


def _validators(cached: Cached | None) -> Validators | None:
    if cached is None or not (cached.page.etag or cached.page.last_modified):
        return None
    page = cached.page
    return Validators(page.url_final, page.etag, page.last_modified)


def _page(reply: Reply, cached: Cached | None) -> Fetched:
    """The page that a reply stands for: its own, or the cached one that has not changed."""
    if reply.page is not None:
        return reply.page
    assert cached is not None  # noqa: S101 - only validators of a cached page bring a 304
    return dataclasses.replace(
        cached.page,
        etag=reply.etag or cached.page.etag,
        last_modified=reply.last_modified or cached.page.last_modified,
        retrieved=reply.retrieved,
    )
