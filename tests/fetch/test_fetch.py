"""``fetch``: what it refuses to reach, what it makes of answers. Loopback only."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpcore
import pytest

from claimcheck.errors import SourceError
from claimcheck.fetch import Fetched, fetch, user_agent
from claimcheck.fetch import network as room

PAGE = b"<html><body><p>Fish oil may help some people.</p></body></html>"
PUBLIC = "93.184.216.34"

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A web server on loopback whose paths answer as the test says."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append((self.path, dict(self.headers)))
                outer.answers[self.path](self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def answer(
    status: int = 200, body: bytes = PAGE, **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    headers = {"content_type": "text/html; charset=utf-8", **headers}

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        with contextlib.suppress(OSError):  # the client hangs up, as several tests want it to
            handler.wfile.write(body)

    return send


def kind_of(call: Callable[[], object]) -> tuple[str, bool]:
    with pytest.raises(SourceError) as caught:
        call()
    return caught.value.kind, caught.value.retryable


def test_a_page_arrives_with_what_the_server_says_of_it(server: Server) -> None:
    server.answers["/"] = answer(content_type="Text/HTML; charset=ISO-8859-1")
    page = fetch(server.url(), allow_private=True)
    assert isinstance(page, Fetched)
    assert (page.data, page.media_type, page.charset) == (PAGE, "text/html", "iso-8859-1")
    assert (page.status, page.url_final) == (200, server.url())
    assert page.retrieved.endswith("Z")
    agent = server.seen[0][1]["User-Agent"]
    assert agent == user_agent()
    assert agent.startswith("claimcheck/")


def test_the_environment_names_no_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.answers["/"] = answer()
    assert fetch(server.url(), allow_private=True).data == PAGE


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (404, "not-found", False),
        (410, "not-found", False),
        (401, "blocked", False),
        (403, "blocked", False),
        (451, "blocked", False),
        (429, "server-error", True),
        (500, "server-error", True),
        (503, "server-error", True),
        (408, "timeout", True),
    ],
)
def test_statuses(server: Server, status: int, kind: str, retryable: bool) -> None:
    server.answers["/"] = answer(status)
    assert kind_of(lambda: fetch(server.url(), allow_private=True)) == (kind, retryable)


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(PAGE), gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:])],
    ids=["one-member", "two-members"],
)
def test_gzip_is_unpacked(server: Server, packed: bytes) -> None:
    server.answers["/"] = answer(body=packed, content_encoding="gzip")
    assert fetch(server.url(), allow_private=True).data == PAGE


@pytest.mark.parametrize(
    "packed", [zlib.compress(PAGE), zlib.compress(PAGE, wbits=-15)], ids=["zlib", "raw"]
)
def test_both_meanings_of_deflate(server: Server, packed: bytes) -> None:
    server.answers["/"] = answer(body=packed, content_encoding="deflate")
    assert fetch(server.url(), allow_private=True).data == PAGE


def test_a_bomb_is_counted_unpacked(server: Server) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    assert len(bomb) < 50_000
    server.answers["/"] = answer(body=bomb, content_encoding="gzip")
    call = lambda: fetch(server.url(), allow_private=True, max_bytes=1_000_000)  # noqa: E731
    assert kind_of(call) == ("too-large", False)


def test_a_large_page_is_not_read_to_its_end(server: Server) -> None:
    server.answers["/long"] = answer(body=b"a" * 300_000)
    call = lambda: fetch(server.url("/long"), allow_private=True, max_bytes=200_000)  # noqa: E731
    assert kind_of(call) == ("too-large", False)


@pytest.mark.parametrize(
    "packed", [b"not gzip at all", gzip.compress(PAGE * 50)[:-20]], ids=["no-gzip", "cut-off"]
)
def test_damaged_packing_is_corrupt(server: Server, packed: bytes) -> None:
    server.answers["/"] = answer(body=packed, content_encoding="gzip")
    assert kind_of(lambda: fetch(server.url(), allow_private=True))[0] == "corrupt"


@pytest.mark.parametrize("media_type", ["application/pdf", "image/png", "application/json"])
def test_other_media_types_are_named(server: Server, media_type: str) -> None:
    server.answers["/"] = answer(content_type=media_type)
    with pytest.raises(SourceError, match=media_type) as caught:
        fetch(server.url(), allow_private=True)
    assert caught.value.kind == "unsupported-type"


def test_redirects_are_followed_and_limited(server: Server) -> None:
    server.answers["/a"] = answer(302, b"", location="b?x=1")
    server.answers["/b?x=1"] = answer()
    assert fetch(server.url("/a"), allow_private=True).url_final == server.url("/b?x=1")
    server.answers["/loop"] = answer(301, b"", location="/loop")
    assert kind_of(lambda: fetch(server.url("/loop"), allow_private=True)) == ("redirect", False)
    assert sum(path == "/loop" for path, _ in server.seen) == 6
    server.answers["/nowhere"] = answer(302, b"", location="http://[")
    assert kind_of(lambda: fetch(server.url("/nowhere"), allow_private=True))[0] == "redirect"


def test_a_redirect_to_another_scheme_is_refused(server: Server) -> None:
    server.answers["/"] = answer(302, b"", location="file:///etc/passwd")
    assert kind_of(lambda: fetch(server.url(), allow_private=True))[0] == "unsafe-address"


def test_a_trickle_ends_at_the_total_deadline(server: Server) -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        try:
            for _ in range(60):
                handler.wfile.write(b"a")
                handler.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass

    server.answers["/"] = trickle
    start = time.monotonic()
    assert kind_of(lambda: fetch(server.url(), allow_private=True, timeout=0.5)) == (
        "timeout",
        True,
    )
    assert time.monotonic() - start < 2


def test_a_slow_look_up_ends_at_the_total_deadline() -> None:
    def slow(host: str, port: int) -> Sequence[str]:
        time.sleep(1)
        return [PUBLIC]

    start = time.monotonic()
    kind = kind_of(lambda: fetch("http://slow.example/", timeout=0.2, resolver=slow))
    assert kind == ("timeout", True)
    assert time.monotonic() - start < 0.9


def test_a_closed_port_is_a_connection_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    call = lambda: fetch(f"http://127.0.0.1:{port}/", allow_private=True)  # noqa: E731
    assert kind_of(call) == ("connection", True)


def test_an_unknown_name_is_a_connection_failure() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    assert kind_of(lambda: fetch("http://no.example/", resolver=unknown))[0] == "connection"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "168.63.129.16", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "192.0.2.1", "192.88.99.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::5db8:d822", "2002:7f00:1::", "2001:0:1::1", "fec0::1",
        "ff02::1", "2001:db8::1", "not an address",
    ],
)  # fmt: skip
def test_unsafe_addresses_are_not_connected_to(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = _watch_connections(monkeypatch, b"")
    call = lambda: fetch("http://name.example/", resolver=lambda h, p: [PUBLIC, address])  # noqa: E731
    assert kind_of(call) == ("unsafe-address", False)
    assert connected == []


@pytest.mark.parametrize(
    "host", ["[::1]", "[::ffff:7f00:1]", "127.1", "2130706433", "0x7f.1", "localhost"]
)
def test_odd_spellings_of_loopback_are_resolved_and_refused(host: str) -> None:
    assert kind_of(lambda: fetch(f"http://{host}/"))[0] in ("unsafe-address", "connection")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("ftp://example.com/a", "unsafe-address"),
        ("http://user:secret@example.com/", "unsafe-address"),
        ("http://example.com:8080/", "unsafe-address"),
        ("http://example.com:22/", "unsafe-address"),
        ("http:///nohost", "not-found"),
        ("http://exa mple.com/", "not-found"),
        ("http://example.com:99999/", "unsafe-address"),
    ],
)
def test_addresses_no_article_has(url: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = _watch_connections(monkeypatch, b"")
    assert kind_of(lambda: fetch(url, resolver=lambda h, p: [PUBLIC]))[0] == kind
    assert connected == []


def test_the_vetted_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"
    connected = _watch_connections(monkeypatch, reply)
    looked_up: list[str] = []

    def once(host: str, port: int) -> Sequence[str]:
        looked_up.append(host)
        return [PUBLIC if len(looked_up) == 1 else "127.0.0.1"]

    assert fetch("http://name.example/", resolver=once).data == b"hello"
    assert connected == [(PUBLIC, 80)]
    assert looked_up == ["name.example"]


def test_every_hop_is_vetted(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = (
        b"HTTP/1.1 302 Found\r\nLocation: http://inside.example/\r\nContent-Length: 0\r\n"
        b"Connection: close\r\n\r\n"
    )
    connected = _watch_connections(monkeypatch, reply)
    table = {"outside.example": PUBLIC, "inside.example": "10.0.0.8"}
    call = lambda: fetch("http://outside.example/", resolver=lambda h, p: [table[h]])  # noqa: E731
    assert kind_of(call) == ("unsafe-address", False)
    assert connected == [(PUBLIC, 80)]


def _watch_connections(monkeypatch: pytest.MonkeyPatch, reply: bytes) -> list[tuple[str, int]]:
    """Replace sockets by a canned reply; returns the addresses connected to."""
    connected: list[tuple[str, int]] = []

    class Recorder(httpcore.MockBackend):
        def connect_tcp(self, host: str, port: int, **options: Any) -> httpcore.NetworkStream:
            connected.append((host, port))
            return super().connect_tcp(host, port)

    monkeypatch.setattr(room, "_socket_backend", lambda: Recorder([reply]))
    return connected
