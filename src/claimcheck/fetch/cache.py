"""Pages on disk: one file a URL, each written whole or not at all.

A file is one line of JSON (what the server said of the page, when it was stored, size
and hash of the body) and the body, compressed. Whatever does not hold together is taken
for absent, and replaced at the next retrieval.
"""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from claimcheck.fetch.records import Accept, Fetched
from claimcheck.replacing import replacing

__all__ = ["Cached", "PageCache"]

_SCHEMA = "claimcheck.cache/1"
_LONGEST_HEADER = 200_000  # bytes of the first line; a URL has at most 65,536 characters
_TEXTS = ("url_final", "retrieved")
_TEXTS_OR_NULL = ("media_type", "charset", "etag", "last_modified")


@dataclass(frozen=True, slots=True)
class Cached:
    """A page from the cache; while ``fresh`` it stands for the live one."""

    page: Fetched
    fresh: bool


class PageCache:
    """The cache in one folder, which is made when the first page is stored.

    Safe to use from many threads and processes: the last writer of a file wins.

    :param seconds: for how long a page stands for the live one.
    :param clock: seconds since 1970.
    """

    def __init__(
        self, folder: Path, *, seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._seconds = seconds
        self._clock = clock

    def load(self, url: str, *, accept: Accept, max_bytes: int) -> Cached | None:
        """The page stored for a URL; null where there is none that holds together.

        :param max_bytes: a larger body is taken for absent.
        """
        try:
            with self.file(url, accept=accept).open("rb") as stream:
                header = json.loads(stream.readline(_LONGEST_HEADER))
                if not _is_header(header) or header["url"] != _key(url, accept):
                    return None
                size = header["size"]
                if size > max_bytes:
                    return None
                # Deflate makes nothing much larger than it was.
                packed = stream.read(size + size // 100 + 1000)
            data = _unpacked(packed, size=size)
        except (OSError, ValueError, RecursionError, zlib.error):
            return None
        if data is None or hashlib.sha256(data).hexdigest() != header["sha256"]:
            return None
        page = Fetched(
            url_final=header["url_final"],
            data=data,
            media_type=header["media_type"],
            charset=header["charset"],
            status=header["status"],
            retrieved=header["retrieved"],
            etag=header["etag"],
            last_modified=header["last_modified"],
            from_cache=True,
        )
        age = self._clock() - header["stored"]
        # A page from the future was stored before the clock was set back.
        return Cached(page, fresh=not header["ask_always"] and 0 <= age < self._seconds)

    def store(self, url: str, page: Fetched, *, accept: Accept, ask_always: bool = False) -> None:
        """Keep a page. A full disk is no reason to lose it: it is then not kept.

        :param ask_always: the server is asked each time whether it has changed.
        """
        header = {
            "schema": _SCHEMA,
            "url": _key(url, accept),
            "stored": self._clock(),
            "ask_always": ask_always,
            "size": len(page.data),
            "sha256": hashlib.sha256(page.data).hexdigest(),
            "status": page.status,
            **{name: getattr(page, name) for name in _TEXTS + _TEXTS_OR_NULL},
        }
        target = self.file(url, accept=accept)
        with suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as stream:
                stream.write(json.dumps(header).encode("ascii") + b"\n")
                stream.write(zlib.compress(page.data, 3))

    def forget(self, url: str, *, accept: Accept) -> None:
        """Keep nothing of a page that its server wants nobody to keep."""
        with suppress(OSError):
            self.file(url, accept=accept).unlink(missing_ok=True)

    def file(self, url: str, *, accept: Accept) -> Path:
        """Where a page is kept."""
        name = hashlib.sha256(_key(url, accept).encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name[:2] / f"{name}.page"


def _key(url: str, accept: Accept) -> str:
    return f"{accept} {url.partition('#')[0]}"


def _unpacked(packed: bytes, *, size: int) -> bytes | None:
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed, size + 1)
    return data if unpacker.eof and len(data) == size else None


def _is_header(header: object) -> bool:
    """Whether the first line of a file says what it must."""
    if not isinstance(header, Mapping) or header.get("schema") != _SCHEMA:
        return False
    stored = header.get("stored")
    return (
        all(isinstance(header.get(name), str) for name in ("url", "sha256", *_TEXTS))
        and all(isinstance(header.get(name, 0), str | None) for name in _TEXTS_OR_NULL)
        and all(type(header.get(name)) is int for name in ("size", "status"))
        and header["size"] >= 0
        and isinstance(header.get("ask_always"), bool)
        and isinstance(stored, float | int)
    )
