"""Retrieve one web page over HTTP without being led astray.

:func:`fetch` is the only door through which claimcheck retrieves articles. A page may
name any address, redirect anywhere, never stop sending, or unpack to a thousand times
its size, so every hop is resolved, vetted and *pinned* here: the address that was
vetted is the address that is connected to, and no second look-up can swap it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx

from claimcheck.errors import FailureKind, SourceError

__all__ = ["Fetched", "Resolver", "fetch", "user_agent"]

Resolver = Callable[[str, int], Sequence[str]]
"""``(host, port) -> addresses``: IPv4 or IPv6 literals, in the order to try them."""

HTML_TYPES = ("text/html", "application/xhtml+xml")
TEXT_TYPES = ("text/plain", "text/markdown", "text/x-markdown")

_READ_TIMEOUT = 15.0  # seconds without a byte before a server counts as hung
_CHUNK = 65_536  # bytes unpacked at a time, so that a bomb is noticed early
_ORDINARY_PORTS = (80, 443)
# httpx escapes what no host name holds instead of refusing it.
_HOST = re.compile(r"[\w.-]+|[0-9a-fA-F:.]+(?:%\w+)?")

# Networks that ``ipaddress`` calls global, or that carry an IPv4 address inside an
# IPv6 one: a vetted outer address must not reach a private inner one.
_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, also Alibaba's metadata service
        "168.63.129.16/32",  # Azure's metadata and DNS service
        "169.254.0.0/16",  # link-local, the usual metadata service
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # IPv4-compatible
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local
    )
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page as it arrived.

    ``data`` is unpacked but not decoded; ``media_type`` is lower case without
    parameters, or null where the server named none; ``charset`` is the server's word,
    or null; ``retrieved`` is ISO 8601 UTC.
    """

    url_final: str
    data: bytes
    media_type: str | None
    charset: str | None
    status: int
    retrieved: str


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
    """Retrieve ``url``, following redirects by hand, within one total deadline.

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
    deadline = time.monotonic() + timeout
    backend = _PinnedBackend(
        resolver=resolver or _system_resolver, allow_private=allow_private, deadline=deadline
    )
    headers = {"User-Agent": user_agent(contact)}
    with httpx.Client(transport=_Transport(backend), headers=headers, trust_env=False) as client:
        current = url
        for _ in range(max_redirects + 1):
            _check_url(current, allow_private=allow_private)
            reply = _one_hop(client, current, max_bytes=max_bytes, deadline=deadline)
            if isinstance(reply, Fetched):
                return reply
            current = reply
    raise SourceError(
        f"{url}: more than {max_redirects} redirects, the last one to {current}; "
        "open the page in a browser and use the address it ends at",
        kind="redirect",
    )


def _check_url(url: str, *, allow_private: bool) -> None:
    """Refuse what no article's address has.

    :raises SourceError: not http(s), no host, credentials in it, or an odd port.
    """
    try:
        parsed = httpx.URL(url)
        host, port = parsed.host, parsed.port
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise SourceError(f"{url}: not a valid web address ({error})", kind="not-found") from error
    if parsed.scheme not in ("http", "https"):
        raise SourceError(
            f"{url}: only http and https addresses are fetched", kind="unsafe-address"
        )
    if not _HOST.fullmatch(host):
        raise SourceError(f"{url}: {host or 'nothing'!r} is no host name", kind="not-found")
    if parsed.userinfo:
        raise SourceError(
            f"{url}: the address carries a user name or password; remove it",
            kind="unsafe-address",
        )
    if not allow_private and port is not None and port not in _ORDINARY_PORTS:
        raise SourceError(
            f"{url}: port {port} is not an ordinary web port; "
            "--allow-private permits other ports and private addresses",
            kind="unsafe-address",
        )


def _one_hop(client: httpx.Client, url: str, *, max_bytes: int, deadline: float) -> Fetched | str:
    """One request: the page, or the address that it redirects to."""
    headers = {
        "Accept": "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8,text/markdown;q=0.8",
        "Accept-Language": "en",
        "Accept-Encoding": "gzip, deflate",
    }
    try:
        with client.stream(
            "GET", url, headers=headers, follow_redirects=False, timeout=_READ_TIMEOUT
        ) as response:
            if response.is_redirect:
                return _redirect_target(response)
            if response.status_code >= 300:
                raise _status_error(url, response.status_code)
            media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
            _check_media_type(url, media_type)
            data = _read_body(response, max_bytes=max_bytes, deadline=deadline)
            return Fetched(
                url_final=str(response.url),
                data=data,
                media_type=media_type or None,
                charset=response.charset_encoding,
                status=response.status_code,
                retrieved=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
    except httpx.TimeoutException as error:
        raise SourceError(
            f"{url}: the server did not answer in time; try again later",
            kind="timeout",
            retryable=True,
        ) from error
    except httpx.HTTPError as error:
        untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
        raise SourceError(
            f"{url}: the connection failed ({error or type(error).__name__})",
            kind="connection",
            retryable=not untrusted,
        ) from error


def _redirect_target(response: httpx.Response) -> str:
    location = response.headers.get("location", "").strip()
    try:
        target = response.url.join(location) if location else None
    except (httpx.InvalidURL, ValueError, UnicodeError):
        target = None
    if target is None or (target.scheme in ("http", "https") and not _HOST.fullmatch(target.host)):
        raise SourceError(
            f"{response.url}: redirects to {location!r}, which is not an address",
            kind="redirect",
        )
    return str(target)


def _status_error(url: str, status: int) -> SourceError:
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
    return SourceError(f"{url}: HTTP {status}, {why}", kind=kind, retryable=retryable)


def _check_media_type(url: str, media_type: str) -> None:
    if media_type and media_type not in HTML_TYPES + TEXT_TYPES:
        raise SourceError(
            f"{url}: {media_type} cannot be read; save the article as HTML or text",
            kind="unsupported-type",
        )


def _read_body(response: httpx.Response, *, max_bytes: int, deadline: float) -> bytes:
    """The unpacked body, counted while it streams.

    :raises SourceError: ``too-large``, ``timeout`` or ``corrupt``.
    """
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise _too_large(str(response.url), max_bytes)
    encodings = [
        name
        for name in response.headers.get("content-encoding", "").lower().replace(" ", "").split(",")
        if name and name != "identity"
    ]
    if len(encodings) > 1 or any(n not in ("gzip", "x-gzip", "deflate") for n in encodings):
        raise SourceError(
            f"{response.url}: packed as {', '.join(encodings)}, which was not asked for",
            kind="corrupt",
        )
    chunks: Iterable[bytes] = response.iter_raw()
    if encodings:
        chunks = _unpacked(chunks, url=str(response.url))
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(str(response.url), max_bytes)
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("total time is up")
    return bytes(body)


def _unpacked(chunks: Iterable[bytes], *, url: str) -> Iterator[bytes]:
    """Unpack gzip, zlib or raw deflate, never more than ``_CHUNK`` bytes at a time."""
    unpacker: Any = None
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if unpacker is None or unpacker.eof:
                    if unpacker is not None and not rest.strip(b"\0"):
                        return  # padding after the last gzip member
                    unpacker = _unpacker_for(rest)
                yield unpacker.decompress(rest, _CHUNK)
                rest = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error as error:
        raise SourceError(f"{url}: the packed body is damaged ({error})", kind="corrupt") from error
    if unpacker is not None and not unpacker.eof:
        yield unpacker.flush(_CHUNK)
        if not unpacker.eof:
            raise SourceError(f"{url}: the packed body breaks off", kind="corrupt", retryable=True)


def _unpacker_for(start: bytes) -> Any:
    if start[:1] == b"\x1f":
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    # "deflate" means zlib by the standard and a raw stream by some servers' habit.
    is_zlib = start[0] & 0x0F == 8 and (len(start) < 2 or int.from_bytes(start[:2]) % 31 == 0)
    return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


def _too_large(url: str, max_bytes: int) -> SourceError:
    return SourceError(
        f"{url}: larger than {max_bytes:,} bytes; save the article's text alone and check that",
        kind="too-large",
    )


# ---------------------------------------------------------------------- the network


def _system_resolver(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _address_is_safe(address: str) -> bool:
    """Whether an address lies on the public internet, whatever form it is written in."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        return False
    if any(ip in network for network in _REFUSED_NETWORKS if network.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class _PinnedBackend(httpcore.NetworkBackend):
    """Resolves, vets, and connects to the very address that was vetted."""

    def __init__(self, *, resolver: Resolver, allow_private: bool, deadline: float) -> None:
        self._resolver = resolver
        self._allow_private = allow_private
        self._deadline = deadline
        self._inner = _socket_backend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._resolve(host, port)
        unsafe = [a for a in addresses if not _address_is_safe(a)]
        if unsafe and not self._allow_private:
            # One unsafe address among safe ones is how a rebinding attack looks.
            raise SourceError(
                f"{host}: resolves to {unsafe[0]}, which is not on the public internet; "
                "--allow-private permits it",
                kind="unsafe-address",
            )
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:4]:
            try:
                stream = self._inner.connect_tcp(
                    address,
                    port,
                    timeout=_remaining(self._deadline, timeout),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream, self._deadline)
        raise failure

    def _resolve(self, host: str, port: int) -> Sequence[str]:
        """Look the name up in a thread: the system's look-up knows no deadline."""
        answers: queue.Queue[Sequence[str] | Exception] = queue.Queue()

        def look_up() -> None:
            try:
                answers.put(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=look_up, daemon=True).start()
        try:
            answer = answers.get(timeout=_remaining(self._deadline, _READ_TIMEOUT))
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"looking up {host} took too long") from None
        if isinstance(answer, Exception):
            raise SourceError(
                f"{host}: the name cannot be found ({answer})",
                kind="connection",
                retryable=getattr(answer, "errno", None) == socket.EAI_AGAIN,
            ) from answer
        return answer


class _DeadlineStream(httpcore.NetworkStream):
    """Cuts every timeout to what is left in total, so that a trickle cannot last."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _remaining(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(
            ssl_context, server_hostname, _remaining(self._deadline, timeout)
        )
        return _DeadlineStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _socket_backend() -> httpcore.NetworkBackend:
    return httpcore.SyncBackend()


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """One for all: loading the certificates takes longer than many a page."""
    return httpcore.default_ssl_context()


def _remaining(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("total time is up")
    return left if timeout is None else min(left, timeout)


class _Transport(httpx.BaseTransport):
    """httpx over an httpcore pool with our backend (httpx's own takes none)."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(), network_backend=backend, max_connections=4
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with _as_httpx_errors():
            reply = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=b"",
                    extensions=request.extensions,
                )
            )
        assert isinstance(reply.stream, Iterable)  # noqa: S101 - the sync pool's promise
        return httpx.Response(
            status_code=reply.status,
            headers=reply.headers,
            stream=_Body(reply.stream),
            extensions=reply.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


class _as_httpx_errors:  # noqa: N801 - used as a statement
    """Turn httpcore's exceptions into httpx's two families."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpcore.TimeoutException):
            raise httpx.ReadTimeout(str(error)) from error
        if isinstance(error, httpcore.NetworkError | httpcore.ProtocolError):
            raise httpx.ReadError(str(error)) from error
        if isinstance(error, httpcore.UnsupportedProtocol):
            raise httpx.UnsupportedProtocol(str(error)) from error
