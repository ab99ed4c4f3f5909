"""A web site on loopback whose hosts and paths answer as a test says; canned networks."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest

from claimcheck.errors import SourceError
from claimcheck.fetch import Fetcher, FetchOptions, network

PAGE = b"<html><body><p>Fish oil may help some people.</p></body></html>"
PUBLIC = "93.184.216.34"

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Seen:
    host: str
    path: str
    headers: dict[str, str]
    at: float
    peer: tuple[str, int]


class Site:
    """Any number of host names on one port of loopback; unknown paths are 404."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer | list[Answer]] = {}
        self.seen: list[Seen] = []
        self.active: Counter[str] = Counter()
        self.most_active: Counter[str] = Counter()
        self.most_at_once = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                outer.respond(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # clients that hang up are what many tests are about

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        host = handler.headers["Host"].rpartition(":")[0]
        with self._lock:
            self.seen.append(
                Seen(
                    host,
                    handler.path,
                    {name.lower(): value for name, value in handler.headers.items()},
                    time.monotonic(),
                    handler.client_address,
                )
            )
            self.active[host] += 1
            self.most_active[host] = max(self.most_active[host], self.active[host])
            self.most_at_once = max(self.most_at_once, self.active.total())
            found = self.answers.get((host, handler.path), answer(404, b""))
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
        try:
            found(handler)
        finally:
            with self._lock:
                self.active[host] -= 1

    def on(self, host: str, path: str, *answers: Answer) -> str:
        """Answer so, one after the other, the last one for good; the URL."""
        self.answers[host, path] = list(answers)
        return self.url(host, path)

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self, host: str) -> list[str]:
        return [each.path for each in self.seen if each.host == host]

    def of(self, path: str) -> list[Seen]:
        return [each for each in self.seen if each.path == path]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def answer(status: int = 200, body: bytes = PAGE, **headers: str) -> Answer:
    headers = {"content_type": "text/html; charset=utf-8", **headers}

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(body)

    return send


def loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@dataclass
class Network:
    """In place of sockets: what each address answers, and who was connected to."""

    replies: dict[str, list[bytes]] = field(default_factory=dict)
    connected: list[tuple[str, int]] = field(default_factory=list)
    http2: bool = False

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        outer = self

        class Backend(httpcore.MockBackend):
            def connect_tcp(self, host: str, port: int, **options: Any) -> httpcore.NetworkStream:
                outer.connected.append((host, port))
                self._buffer = outer.replies.get(host, [])
                self._http2 = outer.http2
                return super().connect_tcp(host, port)

        monkeypatch.setattr(network, "_socket_backend", lambda: Backend([]))


class Tools:
    """What tests of several modules share."""

    PAGE = PAGE
    PUBLIC = PUBLIC
    answer = staticmethod(answer)
    loopback = staticmethod(loopback)

    @staticmethod
    def kind_of(call: Callable[[], object]) -> str:
        with pytest.raises(SourceError) as caught:
            call()
        return caught.value.kind

    @staticmethod
    def error_of(call: Callable[[], object]) -> SourceError:
        with pytest.raises(SourceError) as caught:
            call()
        return caught.value


@pytest.fixture
def tools() -> type[Tools]:
    return Tools


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    yield running
    running.close()


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> Network:
    made = Network()
    made.install(monkeypatch)
    return made


@pytest.fixture
def make_fetcher(tmp_path: Path) -> Iterator[Callable[..., Fetcher]]:
    """Fetchers for the site on loopback, without delay unless one is given."""
    made: list[Fetcher] = []

    def make(*, cache: bool = False, **options: Any) -> Fetcher:
        options = {"delay": 0.0, "timeout": 5.0, "allow_private": True, **options}
        if cache:
            options["cache_dir"] = tmp_path / "cache"
        made.append(Fetcher(FetchOptions(**options), resolver=loopback))
        return made[-1]

    yield make
    for each in made:
        each.close()
