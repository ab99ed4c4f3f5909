"""Connections: resolved, vetted, pinned, bounded in time, and kept for the next request."""

from __future__ import annotations

import functools
import queue
import socket
import ssl
import threading
import time
import urllib.request
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from claimcheck.errors import SourceError, UsageError
from claimcheck.fetch.addresses import is_literal, is_public
from claimcheck.fetch.records import Resolver

__all__ = ["READ_TIMEOUT", "Connections", "Deadline", "Lent", "environment_proxies"]

READ_TIMEOUT = 15.0  # seconds without a byte before a server counts as hung
_TRIED = 4  # addresses of one name that are tried
_OPEN_HOSTS = 64  # hosts to which connections are kept at once
_KEPT_SECONDS = 60.0  # without a request, then a kept connection is closed


class Deadline:
    """The end of everything of one attempt, on the clock of :func:`time.monotonic`.

    ``sent_at`` is when the first byte of the request under way was sent; null before.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.sent_at: float | None = None

    def new_request(self) -> None:
        """Another request begins, and nothing of it has been sent."""
        self.sent_at = None

    def note_sent(self) -> None:
        """Called with every write; only the first one of a request counts."""
        if self.sent_at is None:
            self.sent_at = time.monotonic()

    def extend(self, seconds: float) -> None:
        """Leave out of account what was spent waiting for a host's turn."""
        self._end += seconds

    @property
    def passed(self) -> bool:
        return time.monotonic() > self._end

    def remaining(self, timeout: float | None = None) -> float:
        """Seconds left, at most ``timeout``.

        :raises httpcore.ReadTimeout: none are left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("total time is up")
        return left if timeout is None else min(left, timeout)


@dataclass(slots=True)
class Lent:
    """The pool of one scheme and host, and the deadline of whoever uses it now."""

    key: tuple[str, str]
    deadline: Deadline
    pool: httpcore.ConnectionPool = field(init=False)
    used_before: bool = False
    idle_since: float = 0.0


class Connections:
    """Connections kept open between requests, one pool a scheme and host.

    A pool is lent to one request at a time, so that its deadline is one request's. It is
    keyed by the name it was opened for, and a connection in it goes to an address that
    was vetted when it was made: a name that resolves elsewhere meanwhile changes nothing
    about it, and a new connection is vetted anew.

    :param proxies: by scheme; a proxy's own address is not vetted.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        resolver: Resolver | None = None,
        proxies: Mapping[str, httpcore.Proxy] | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._resolver = resolver or _system_resolver
        self._proxies = dict(proxies or {})
        self._idle: OrderedDict[tuple[str, str], Lent] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False

    def lend(self, scheme: str, host: str, *, deadline: Deadline) -> Lent:
        """The pool for a host, new or kept; to be given back or closed."""
        with self._lock:
            kept = self._idle.pop((scheme, host), None)
        if kept is None:
            return self._open((scheme, host), deadline)
        kept.deadline = deadline
        if time.monotonic() - kept.idle_since > _KEPT_SECONDS:
            kept.pool.close()  # it opens anew by itself
            kept.used_before = False
        return kept

    def give_back(self, connection: Lent) -> None:
        """Keep it for the next request, and close what has been kept too long."""
        connection.used_before = True
        connection.idle_since = time.monotonic()
        with self._lock:
            surplus = [connection] if self._closed else self._keep(connection)
        for each in surplus:
            each.pool.close()

    def _keep(self, connection: Lent) -> list[Lent]:
        """Keep one more; those that must make room for it."""
        surplus = []
        if (double := self._idle.pop(connection.key, None)) is not None:
            surplus.append(double)
        self._idle[connection.key] = connection
        stale = connection.idle_since - _KEPT_SECONDS
        while self._idle and (
            len(self._idle) > _OPEN_HOSTS or next(iter(self._idle.values())).idle_since < stale
        ):
            surplus.append(self._idle.popitem(last=False)[1])
        return surplus

    def close(self) -> None:
        """Close what is kept; what is lent is closed when it comes back."""
        with self._lock:
            self._closed = True
            kept = list(self._idle.values())
            self._idle.clear()
        for each in kept:
            each.pool.close()

    def _open(self, key: tuple[str, str], deadline: Deadline) -> Lent:
        scheme, host = key
        proxy = self._proxies.get(scheme)
        if proxy is not None and urllib.request.proxy_bypass(host):
            proxy = None
        opened = Lent(key, deadline)
        opened.pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(),
            proxy=proxy,
            network_backend=_PinnedBackend(
                opened,
                resolver=self._resolver if proxy is None else _system_resolver,
                allow_private=self._allow_private or proxy is not None,
            ),
            max_connections=2,
            keepalive_expiry=_KEPT_SECONDS,
            http2=True,
        )
        return opened


def environment_proxies() -> dict[str, httpcore.Proxy]:
    """The proxies that the environment names, by scheme.

    :raises UsageError: one is no http(s) address.
    """
    found = urllib.request.getproxies()
    proxies = {}
    for scheme in ("http", "https"):
        address = found.get(scheme) or found.get("all")
        if not address:
            continue
        try:
            url = httpx.URL(address if "://" in address else f"http://{address}")
            if url.scheme not in ("http", "https") or not url.host:
                raise ValueError("it must be http://HOST:PORT")  # noqa: TRY301
        except (httpx.InvalidURL, ValueError) as error:
            raise UsageError(
                f"the environment names the proxy {address!r} for {scheme}, which cannot be "
                f"used ({error}); correct {scheme.upper()}_PROXY or leave --environment-proxy out"
            ) from error
        auth = (url.username, url.password) if url.username else None
        proxies[scheme] = httpcore.Proxy(str(url.copy_with(userinfo=b"")), auth=auth)
    return proxies


# ---------------------------------------------------------------------- making a connection


def _system_resolver(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _socket_backend() -> httpcore.NetworkBackend:
    return httpcore.SyncBackend()


_CONTEXT_LOCK = threading.Lock()


def _ssl_context() -> ssl.SSLContext:
    """One for all, also where many threads ask first: loading the certificates takes long."""
    with _CONTEXT_LOCK:
        return _loaded_context()


@functools.cache
def _loaded_context() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


class _PinnedBackend(httpcore.NetworkBackend):
    """Resolves, vets, and connects to the very address that was vetted."""

    def __init__(self, owner: Lent, *, resolver: Resolver, allow_private: bool) -> None:
        self._owner = owner
        self._resolver = resolver
        self._allow_private = allow_private
        self._inner = _socket_backend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        deadline = self._owner.deadline
        addresses = [host] if is_literal(host) else self._resolve(host, port, deadline)
        unsafe = [address for address in addresses if not is_public(address)]
        if unsafe and not self._allow_private:
            # One unsafe address among safe ones is how a rebinding attack looks.
            raise SourceError(
                f"{host}: resolves to {unsafe[0]}, which is not on the public internet; "
                "--allow-private permits it",
                kind="unsafe-address",
            )
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:_TRIED]:
            try:
                stream = self._inner.connect_tcp(
                    address,
                    port,
                    timeout=deadline.remaining(timeout),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream, self._owner)
        raise failure

    def _resolve(self, host: str, port: int, deadline: Deadline) -> Sequence[str]:
        """Look the name up in a thread: the system's look-up knows no deadline."""
        answers: queue.Queue[Sequence[str] | Exception] = queue.Queue()

        def look_up() -> None:
            try:
                answers.put(self._resolver(host, port))
            except Exception as error:  # noqa: BLE001 - raised in the thread that waits
                answers.put(error)

        threading.Thread(target=look_up, daemon=True).start()
        try:
            answer = answers.get(timeout=deadline.remaining(READ_TIMEOUT))
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"looking up {host} took too long") from None
        if isinstance(answer, OSError | UnicodeError):
            raise SourceError(
                f"{host}: the name cannot be found ({answer})",
                kind="connection",
                retryable=getattr(answer, "errno", None) == socket.EAI_AGAIN,
            ) from answer
        if isinstance(answer, Exception):
            raise answer
        return answer


class _DeadlineStream(httpcore.NetworkStream):
    """Cuts every timeout to what is left in total, so that a trickle cannot last.

    The deadline is that of the request under way, for a kept connection serves many.
    """

    def __init__(self, inner: httpcore.NetworkStream, owner: Lent) -> None:
        self._inner = inner
        self._owner = owner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._owner.deadline.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._owner.deadline.remaining(timeout)
        self._owner.deadline.note_sent()
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            left = self._owner.deadline.remaining(timeout)
        except httpcore.ReadTimeout:
            self._inner.close()  # nobody else knows of it yet
            raise
        return _DeadlineStream(
            self._inner.start_tls(ssl_context, server_hostname, left), self._owner
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
