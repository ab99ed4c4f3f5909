"""A web site on loopback with every page that makes a scan stumble.

Forty hosts on one port (the ``Host`` header decides) serve articles, walls, errors,
redirects, duplicates and traps; :class:`TestSite` says what a scan must make of each and
logs every request, so that a test can see whether the scan was polite::

    with TestSite(200) as site:
        scan(site.urls, …, resolver=site.resolver)

``python -m tests.scan.site --pages 2000`` serves it from a process of its own, which is
what ``TestSite(…, own_process=True)`` starts where memory or time are measured.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import hashlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final

from tests.scan import site_text
from tests.scan.site_plan import (
    CLOSED,
    CRAWL_DELAY,
    HOSTS,
    INVITED,
    MEMBERS,
    NO_ROBOTS,
    Expected,
    Page,
    Plan,
    Route,
    make_plan,
)

__all__ = ["Seen", "TestSite", "impolite", "resolve", "slowest_host"]

ROOT: Final = Path(__file__).resolve().parent.parent.parent
CONTROL: Final = "control.test"  # answers for the site's own process: its log, and a fresh start
BOMB_MEMBERS: Final = 400  # of a mebibyte each
_HTML: Final = "text/html; charset=utf-8"
_DRIP: Final = 0.1  # seconds between two bytes of what drips


def resolve(host: str, port: int) -> Sequence[str]:
    """``*.test`` is this machine; there are no other names.

    :raises OSError: any other name.
    """
    if not host.endswith(".test"):
        raise OSError(f"{host}: only *.test can be found here")
    return ["127.0.0.1"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request: when it had arrived and when its answer was sent or given up.

    Times are seconds of the monotonic clock, which all processes of a machine share.
    ``status`` is 0 where the connection was cut before an answer.
    """

    host: str
    path: str
    began: float
    ended: float
    status: int


# ---------------------------------------------------------------------- what is asked of it


def impolite(
    requests: Iterable[Seen], delays: Mapping[str, float], *, tolerance: float = 0.0
) -> list[str]:
    """Where a scan asked one host twice at once, or sooner than its delay allows.

    A request on which the server hung up before it answered may be sent once more at once,
    for a kept connection may be closed just when it is used again (RFC 9110, 9.2.2).

    :param delays: seconds from one request's arrival to the next one's, by host.
    :param tolerance: seconds by which the network may have shortened a gap.
    """
    by_host: defaultdict[str, list[Seen]] = defaultdict(list)
    for request in sorted(requests, key=lambda one: one.began):
        seen = by_host[request.host]
        if not (seen and _is_repeat(seen[-1], request)):
            seen.append(request)
    found = []
    for host, seen in by_host.items():
        least = delays[host]
        for before, after in pairwise(seen):
            gap = after.began - before.began
            if after.began < before.ended - tolerance:
                found.append(f"{host}: {after.path} asked while {before.path} was answered")
            if gap < least - tolerance:
                found.append(f"{host}: {after.path} {gap:.3f} s after {before.path}")
        # What one gap loses to a late arrival the one before has gained: no sum is shorter.
        span = seen[-1].began - seen[0].began
        if span < (len(seen) - 1) * least - tolerance:
            found.append(f"{host}: {len(seen)} requests in {span:.3f} s")
    return found


def _is_repeat(before: Seen, after: Seen) -> bool:
    return before.status == 0 and before.path == after.path and after.began >= before.ended


def slowest_host(requests: Iterable[Seen], delays: Mapping[str, float]) -> tuple[str, int, float]:
    """The host whose requests take longest at its delay: name, requests, seconds."""
    counts = Counter(request.host for request in requests)
    host = max(counts, key=lambda name: counts[name] * delays[name])
    return host, counts[host], counts[host] * delays[host]


class TestSite:
    """The site while it is served.

    :param pages: how many inputs, at least 100.
    :param crawl_delay: seconds that one of the hosts asks for in its robots.txt.
    :param slow_seconds: how long a slow page takes to begin.
    :param own_process: serve from another process, which ends with this one.
    """

    __test__ = False  # for pytest: the name begins like a test's

    def __init__(
        self,
        pages: int = 200,
        *,
        seed: int = 4,
        crawl_delay: float = 0.3,
        slow_seconds: float = 0.3,
        own_process: bool = False,
    ) -> None:
        self.crawl_delay = crawl_delay
        self._arguments = (pages, seed, crawl_delay, slow_seconds)
        self._own_process = own_process
        self._runner: _Thread | _Process | None = None
        self.port = 0
        self.plan = Plan((), {}, ())

    def __enter__(self) -> TestSite:
        pages, seed, crawl_delay, slow_seconds = self._arguments
        shape = _Shape(pages, seed, crawl_delay, slow_seconds)
        self._runner = _Process(shape) if self._own_process else _Thread(shape)
        self.port = self._runner.port
        self.plan = make_plan(pages, seed=seed, port=self.port)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            self._runner.close()
            self._runner = None

    @property
    def pages(self) -> tuple[Page, ...]:
        """The inputs in the order of the list."""
        return self.plan.pages

    @property
    def urls(self) -> list[str]:
        """The inputs' addresses in the order of the list."""
        return [page.url for page in self.plan.pages]

    @property
    def expected(self) -> dict[int, Expected]:
        """How each input must end, by its position in the list."""
        return dict(enumerate(self.plan.expected))

    @property
    def resolver(self) -> Callable[[str, int], Sequence[str]]:
        """Replaces the system's name look-up."""
        return resolve

    @property
    def requests(self) -> list[Seen]:
        """Every finished request since the start or :meth:`reset`, in order of arrival."""
        return sorted(self._running.requests(), key=lambda one: one.began)

    def reset(self) -> None:
        """Forget all requests: pages that refuse the first one do so again."""
        self._running.reset()

    def delays(self, delay: float) -> dict[str, float]:
        """The seconds between requests that each host may expect of a scan with ``delay``."""
        return {
            host: max(delay, self.crawl_delay) if host == CRAWL_DELAY else delay for host in HOSTS
        }

    @property
    def _running(self) -> _Thread | _Process:
        if self._runner is None:
            raise RuntimeError("the site is not being served; use it in a with statement")
        return self._runner


# ---------------------------------------------------------------------- where it runs


@dataclass(frozen=True, slots=True)
class _Shape:
    pages: int
    seed: int
    crawl_delay: float
    slow_seconds: float


class _Thread:
    """The site in a thread of this process."""

    def __init__(self, shape: _Shape) -> None:
        self._server = _Server(shape)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self._run(self._server.start())

    def _run(self, work: Awaitable[int]) -> int:
        async def awaited() -> int:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(timeout=30)

    def requests(self) -> list[Seen]:
        return list(self._server.log)

    def reset(self) -> None:
        self._server.reset()

    def close(self) -> None:
        self._run(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Process:
    """The site in a process of its own, which ends when its standard input does."""

    def __init__(self, shape: _Shape) -> None:
        options = [f"--{name.replace('_', '-')}={value}" for name, value in asdict(shape).items()]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.scan.site", *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.strip().isdigit():
            self.close()
            raise RuntimeError("the test site did not start; see its message above")
        self.port = int(line)

    def requests(self) -> list[Seen]:
        return [Seen(**entry) for entry in json.loads(self._ask("/log"))]

    def reset(self) -> None:
        self._ask("/reset")

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def _ask(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Host": CONTROL})
            return connection.getresponse().read()
        finally:
            connection.close()


# ---------------------------------------------------------------------- the server


@dataclass
class _Exchange:
    """One request and the way back to whoever sent it."""

    host: str
    path: str
    headers: dict[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    began: float = field(default_factory=time.monotonic)
    status: int = 0
    keep_open: bool = True

    async def pause(self, seconds: float) -> None:
        """Wait, and notice at once when the other side hangs up.

        :raises ConnectionResetError: it has.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.reader.read(1), timeout=seconds)
            raise ConnectionResetError("the client hung up")

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer. Header names are given with underscores."""
        length = {"Content_Length": str(len(body))} if status != 304 else {}
        await self.send(self.head(status, **length, **headers) + body)

    def head(self, status: int, **headers: str) -> bytes:
        self.status = status
        lines = [f"HTTP/1.1 {status} {http.client.responses[status]}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


class _Server:
    """Serves the plan on a free port of the loopback address."""

    def __init__(self, shape: _Shape) -> None:
        self._shape = shape
        self._routes: dict[tuple[str, str], Route] = {}
        self._asked: Counter[tuple[str, str]] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None
        self._since = 0.0
        self._bomb = _bomb()
        self.log: list[Seen] = []

    async def start(self) -> int:
        """Begin to listen; the port."""
        self._listening = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=512)
        port = int(self._listening.sockets[0].getsockname()[1])
        self._routes = make_plan(self._shape.pages, seed=self._shape.seed, port=port).routes
        return port

    async def stop(self) -> int:
        """Hang up on everybody and listen no more."""
        assert self._listening is not None
        self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._listening.wait_closed()
        return 0

    def reset(self) -> None:
        # Answers that are still on their way belong to what is to be forgotten.
        self._since = time.monotonic()
        self._asked.clear()
        self.log.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # A client that hangs up is what half of the pages are for; stop() cancels.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._one_request(reader, writer):
                    pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _one_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; whether another may follow on the connection."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = lines[0].split(" ")[1]
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        exchange = _Exchange(host.lower(), path, headers, reader, writer)
        if host == CONTROL:
            await self._control(exchange)
            return False
        try:
            await self._serve(exchange)
        finally:
            if exchange.began >= self._since:
                ended = time.monotonic()
                self.log.append(Seen(exchange.host, path, exchange.began, ended, exchange.status))
        return exchange.keep_open

    async def _control(self, exchange: _Exchange) -> None:
        if exchange.path == "/reset":
            self.reset()
        log = json.dumps([asdict(seen) for seen in self.log]).encode()
        await exchange.answer(200, log, Content_Type="application/json")

    async def _serve(self, exchange: _Exchange) -> None:
        path = exchange.path.partition("?")[0]
        if path == "/robots.txt":
            await self._robots(exchange)
            return
        route = self._routes.get((exchange.host, path))
        if route is None:
            await exchange.answer(404, b"<p>There is no such page.</p>", Content_Type=_HTML)
            return
        key = (exchange.host, path)
        self._asked[key] += 1
        answer = _ANSWERS.get(route.kind, _page)
        await answer(self, exchange, route, self._asked[key])

    async def _robots(self, exchange: _Exchange) -> None:
        rules = f"User-agent: *\nDisallow: {MEMBERS}\n"
        if exchange.host in NO_ROBOTS:
            await exchange.answer(404)
            return
        if exchange.host == CLOSED:
            rules = "User-agent: *\nDisallow: /\n"
        elif exchange.host == INVITED:
            rules = f"User-agent: claimcheck\nDisallow: {MEMBERS}\n\nUser-agent: *\nDisallow: /\n"
        elif exchange.host == CRAWL_DELAY:
            rules += f"Crawl-delay: {self._shape.crawl_delay}\n"
        await exchange.answer(200, rules.encode(), Content_Type="text/plain")

    @property
    def slow_seconds(self) -> float:
        return self._shape.slow_seconds

    @property
    def bomb(self) -> bytes:
        return self._bomb

    def body(self, route: Route) -> tuple[bytes, str]:
        """The bytes of a page and the content type that its server declares."""
        assert route.content is not None
        kind, number = route.content
        seed = self._shape.seed
        if kind in _WALLS:
            return _WALLS[kind](seed, number).encode(), _HTML
        if kind in _CHARSETS:
            encoding, content_type = _CHARSETS[kind]
            return site_text.article(seed, number, accented=True).encode(encoding), content_type
        return site_text.article(seed, number).encode(), _HTML


_WALLS: Final[dict[str, Callable[[int, int], str]]] = {
    "consent-wall": site_text.consent_wall,
    "paywall": site_text.paywall,
    "thin": site_text.thin,
    "foreign": site_text.foreign,
}
_CHARSETS: Final = {
    "latin-as-utf8": ("iso-8859-1", _HTML),
    "utf8-as-latin": ("utf-8", "text/html; charset=iso-8859-1"),
    "latin-undeclared": ("iso-8859-1", "text/html"),
    "utf8-undeclared": ("utf-8", "text/html"),
}


# ---------------------------------------------------------------------- the answers


async def _page(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    body, content_type = server.body(route)
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if exchange.headers.get("if-none-match") == tag:
        await exchange.answer(304, ETag=tag)
        return
    headers = {"Content_Type": content_type, "ETag": tag}
    assert route.content is not None
    if route.content[1] % 2 and "gzip" in exchange.headers.get("accept-encoding", ""):
        body = gzip.compress(body, mtime=0)
        headers["Content_Encoding"] = "gzip"
    await exchange.answer(200, body, **headers)


async def _slow(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    await exchange.pause(server.slow_seconds)
    await _page(server, exchange, route, asked)


async def _busy_once(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    if asked == 1:
        await exchange.answer(429, b"Slow down.", Retry_After="1", Content_Type=_HTML)
    else:
        await _page(server, exchange, route, asked)


async def _unavailable_once(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    if asked == 1:
        await exchange.answer(503, b"Back soon.", Content_Type=_HTML)
    else:
        await _page(server, exchange, route, asked)


async def _redirect(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    assert route.location is not None
    status = (301, 302, 307, 308)[len(exchange.path) % 4]
    await exchange.answer(status, Location=route.location)


async def _bomb_page(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    await exchange.answer(200, server.bomb, Content_Type=_HTML, Content_Encoding="gzip")


async def _endless(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    exchange.keep_open = False
    await exchange.send(exchange.head(200, Content_Type=_HTML, Connection="close"))
    paragraph = b"<p>And it goes on, for the story of this remedy has no end.</p>\n" * 500
    while True:
        await exchange.send(paragraph)
        await asyncio.sleep(0)  # the others want to be served too


async def _slow_header(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    exchange.keep_open = False
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Patience: ")
    while True:
        await exchange.send(b"a")
        await exchange.pause(_DRIP)


async def _slow_body(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    exchange.keep_open = False
    await exchange.send(exchange.head(200, Content_Type=_HTML, Connection="close"))
    while True:
        await exchange.send(b"<p>")
        await exchange.pause(_DRIP)


async def _corrupt_gzip(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    assert route.content is not None
    packed = bytearray(gzip.compress(site_text.article(0, route.content[1]).encode(), mtime=0))
    packed[20:60] = bytes(40)
    await exchange.answer(200, bytes(packed), Content_Type=_HTML, Content_Encoding="gzip")


async def _cut_gzip(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    assert route.content is not None
    packed = gzip.compress(site_text.article(0, route.content[1]).encode(), mtime=0)
    half = packed[: len(packed) // 2]
    await exchange.answer(200, half, Content_Type=_HTML, Content_Encoding="gzip")


async def _broken(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    exchange.keep_open = False
    await exchange.send(exchange.head(200, Content_Type=_HTML, Content_Length="5000"))
    await exchange.send(b"<html><body><p>This was to be a long story, but")


async def _hung_up(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
    exchange.keep_open = False


def _fixed(
    status: int, body: bytes, content_type: str = _HTML
) -> Callable[[_Server, _Exchange, Route, int], Awaitable[None]]:
    async def answer(server: _Server, exchange: _Exchange, route: Route, asked: int) -> None:
        await exchange.answer(status, body, Content_Type=content_type)

    return answer


_ANSWERS: Final[dict[str, Callable[[_Server, _Exchange, Route, int], Awaitable[None]]]] = {
    "slow": _slow,
    "busy-once": _busy_once,
    "unavailable-once": _unavailable_once,
    "unavailable": _fixed(503, b"Closed for repairs."),
    "redirect": _redirect,
    "missing": _fixed(404, b"<p>There is no such page.</p>"),
    "gone": _fixed(410, b"<p>This page has been taken away.</p>"),
    "forbidden": _fixed(403, b"<p>Not for you.</p>"),
    "pdf": _fixed(200, b"%PDF-1.4\n%%EOF\n", "application/pdf"),
    "binary": _fixed(200, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4),
    "empty": _fixed(200, b""),
    "gzip-bomb": _bomb_page,
    "endless": _endless,
    "slow-header": _slow_header,
    "slow-body": _slow_body,
    "corrupt-gzip": _corrupt_gzip,
    "cut-gzip": _cut_gzip,
    "broken": _broken,
    "hung-up": _hung_up,
}


def _bomb() -> bytes:
    """A small body that unpacks to 400 MiB: many gzip members, each of the same mebibyte."""
    return gzip.compress(b"<p>Boom.</p>    " * 65_536, mtime=0) * BOMB_MEMBERS


# ---------------------------------------------------------------------- its own process


def _main() -> int:
    parser = argparse.ArgumentParser(description="Serve the test site until standard input ends.")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--crawl-delay", type=float, default=0.3)
    parser.add_argument("--slow-seconds", type=float, default=0.3)
    given = parser.parse_args()
    site = _Thread(_Shape(given.pages, given.seed, given.crawl_delay, given.slow_seconds))
    print(site.port, flush=True)
    sys.stdin.buffer.read()
    site.close()
    return 0


if __name__ == "__main__":
    sys.exit(_main())
