"""Reading and unpacking a body, counted while it streams."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from claimcheck.errors import SourceError
from claimcheck.fetch.network import Deadline

__all__ = ["gunzip", "read_body"]

_CHUNK = 65_536  # bytes unpacked at a time, so that a bomb is noticed early
_PACKINGS = ("gzip", "x-gzip", "deflate")
_GZIP_MAGIC = b"\x1f\x8b"


def read_body(
    response: httpx.Response, *, max_bytes: int, deadline: Deadline, truncate: bool = False
) -> bytes:
    """The unpacked body.

    :param truncate: stop at ``max_bytes`` without complaint.
    :raises SourceError: ``too-large`` or ``corrupt``.
    :raises httpx.ReadTimeout: the total time is up.
    """
    url = str(response.url)
    announced = response.headers.get("content-length", "")
    # A longer number than any length would take Python long to read.
    size = int(announced) if re.fullmatch("[0-9]{1,18}", announced) else 0
    if size > max_bytes and not truncate:
        raise _too_large(url, max_bytes)
    chunks: Iterable[bytes] = response.iter_raw()
    if _is_packed(response):
        # A packed body is never larger than what it unpacks to, but for a flood of
        # empty gzip members, which this counts.
        counted = _counted(chunks, limit=max_bytes + _CHUNK, url=url, max_bytes=max_bytes)
        chunks = _unpacked(counted, url=url)
    return _gathered(chunks, url=url, max_bytes=max_bytes, deadline=deadline, truncate=truncate)


def gunzip(data: bytes, *, url: str, max_bytes: int, deadline: Deadline) -> bytes:
    """Unpack what is a gzip file by itself (``sitemap.xml.gz``); the rest as it is.

    :raises SourceError: ``too-large`` or ``corrupt``.
    :raises httpx.ReadTimeout: the total time is up.
    """
    if not data.startswith(_GZIP_MAGIC):
        return data
    # In slices: what follows a member is copied each time, and there may be many members.
    slices = (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))
    return _gathered(_unpacked(slices, url=url), url=url, max_bytes=max_bytes, deadline=deadline)


def _gathered(
    chunks: Iterable[bytes],
    *,
    url: str,
    max_bytes: int,
    deadline: Deadline,
    truncate: bool = False,
) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            if truncate:
                break
            raise _too_large(url, max_bytes)
        if deadline.passed:
            raise httpx.ReadTimeout("total time is up")
    return bytes(body[:max_bytes])


def _is_packed(response: httpx.Response) -> bool:
    """:raises SourceError: ``corrupt``: packed as nobody asked for."""
    named = response.headers.get("content-encoding", "").lower().replace(" ", "").split(",")
    encodings = [name for name in named if name and name != "identity"]
    if len(encodings) > 1 or any(name not in _PACKINGS for name in encodings):
        raise SourceError(
            f"{response.url}: packed as {', '.join(encodings)}, which was not asked for",
            kind="corrupt",
        )
    return bool(encodings)


def _counted(chunks: Iterable[bytes], *, limit: int, url: str, max_bytes: int) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > limit:
            raise _too_large(url, max_bytes)
        yield chunk


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
