"""httpx's requests over the kept connections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import h2.exceptions
import httpcore
import httpx

from claimcheck.fetch.network import Connections, Deadline, Lent

__all__ = ["Transport"]


class Transport(httpx.BaseTransport):
    """httpx over the kept connections (its own transport takes no network backend)."""

    def __init__(self, connections: Connections, deadline: Deadline) -> None:
        self._connections = connections
        self._deadline = deadline

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        scheme, host = request.url.scheme, request.url.raw_host.decode("ascii")
        lent = self._connections.lend(scheme, host, deadline=self._deadline)
        try:
            reply = _send(lent, request)
        except httpx.ReadError:
            if not lent.used_before:
                raise
            # The server closed a kept connection just when it was used again.
            lent = self._connections.lend(scheme, host, deadline=self._deadline)
            reply = _send(lent, request)
        assert isinstance(reply.stream, Iterable)  # noqa: S101 - the sync pool's promise
        return httpx.Response(
            status_code=reply.status,
            headers=reply.headers,
            stream=_Body(reply.stream, lent, self._connections),
            extensions=reply.extensions,
        )


def _send(lent: Lent, request: httpx.Request) -> httpcore.Response:
    """:raises httpx.ReadTimeout, httpx.ReadError: after closing what was lent."""
    try:
        with _as_httpx_errors():
            return lent.pool.handle_request(
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
    except BaseException:
        lent.pool.close()
        raise


class _Body(httpx.SyncByteStream):
    """A body that keeps its connection when it was read to its end, and else closes it.

    HTTP/2 would leave an abandoned answer running on the connection.
    """

    def __init__(self, stream: Iterable[bytes], lent: Lent, connections: Connections) -> None:
        self._stream = stream
        self._lent = lent
        self._connections = connections
        self._finished = False
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._stream
        self._finished = True

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            with _as_httpx_errors():
                if hasattr(self._stream, "close"):
                    self._stream.close()
        finally:
            if self._finished:
                self._connections.give_back(self._lent)
            else:
                self._lent.pool.close()


@contextmanager
def _as_httpx_errors() -> Iterator[None]:
    """Turn what httpcore and h2 raise into httpx's two families.

    h2's own errors reach us when a server breaks the protocol within a body, and a
    ``ValueError`` when its status is no number.
    """
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
        h2.exceptions.H2Error,
        ValueError,
    ) as error:
        raise httpx.ReadError(str(error)) from error
