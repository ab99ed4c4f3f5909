"""What an archive's record holds: a page, nothing to judge (and why), or damage."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from claimcheck.errors import SourceError
from claimcheck.records import Source
from claimcheck.sources.documents import (
    MEDIA_BY_SUFFIX,
    MEDIA_BY_TYPE,
    RawDocument,
    document_of,
    looks_like_html,
)
from claimcheck.sources.framing import Content, Header
from claimcheck.sources.packing import PackingError, unpack

__all__ = ["HEADER_SLACK", "Payload", "dechunk", "examine", "payload_document"]

HEADER_SLACK: Final = 65_536  # bytes of HTTP header that a record may hold beside its page

_PAGE_RECORDS: Final = ("response", "resource", "conversion")
_UNKNOWN_TYPES: Final = (
    "", "application/octet-stream", "application/unknown", "unknown", "no-type", "unk",
    "binary/octet-stream", "application/http",
)  # fmt: skip
_PAGE_SCHEMES: Final = ("", "http", "https", "file", "ftp")  # crawlers keep logs under others
_XML_TYPES: Final = ("text/xml", "application/xml")
_CHUNK_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,512})?\r?\n")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_MOST_CODINGS: Final = 3


@dataclass(frozen=True, slots=True)
class Payload:
    """A page as it was archived, without HTTP header, chunks and packing."""

    data: bytes
    media_type: str
    """As declared or found, such as ``text/html``."""
    charset: str | None


@dataclass(frozen=True, slots=True)
class _Message:
    status: str | None
    """Null where the record holds no HTTP response but the page itself."""
    headers: Any
    body: bytes
    content_type: str


def examine(header: Header, content: Content, *, name: str, max_bytes: int) -> Payload | str:
    """The page in a record, or why it holds none.

    A page whose record is faulty counts where something shows that it is complete: the
    length that the server gave, or a closing ``</html>``. Half a page is never taken for a
    whole one. Digests are not checked: many crawlers computed them otherwise than intended,
    and the bytes are what is judged.

    :param name: how messages call the record.
    :param max_bytes: most bytes of a page.
    :raises SourceError: ``corrupt``, ``too-large`` or ``unsupported-type`` (a packing whose
        library is not installed).
    """
    if content.damaged:
        raise _corrupt(name, content.problem or "it breaks off")
    if header.type not in _PAGE_RECORDS:
        return f"record-type: {header.type[:40]}"
    if (scheme := _scheme(header.uri)) not in _PAGE_SCHEMES:
        return f"target: {scheme[:40]}"
    message = _message(header, content.data, name=name)
    if message.status is not None and message.status != "200":
        return f"http-status: {message.status}"
    media_type = _media_type(header, message)
    if isinstance(media_type, _Skip):
        return media_type.reason
    if urlsplit_path(header.uri) == "/robots.txt":
        return "robots.txt"
    if not content.whole:
        raise _too_large(name, max_bytes)
    return _payload(header, content, message, media_type=media_type, name=name, limit=max_bytes)


def payload_document(payload: Payload, *, source: Source, name: str) -> RawDocument:
    """The document of a page from an archive.

    :raises SourceError: ``no-article`` (empty) or ``unsupported-type`` (binary).
    """
    expected = MEDIA_BY_TYPE.get(payload.media_type)
    is_web = source.uri.lower().startswith(("http://", "https://"))
    if expected is None:
        expected = MEDIA_BY_SUFFIX.get(PurePosixPath(urlsplit_path(source.uri)).suffix.lower())
    return document_of(
        payload.data,
        source=source,
        name=name,
        expected=expected,
        declared=payload.charset,
        base_url=source.uri if is_web else None,
    )


def urlsplit_path(uri: str | None) -> str:
    """The path of an address; empty for what is none."""
    try:
        return urlsplit(uri or "").path
    except ValueError:
        return ""


def _scheme(uri: str | None) -> str:
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", uri or "")
    return match[1].lower() if match else ""


def dechunk(body: bytes) -> tuple[bytes, str | None]:
    """A body without HTTP's chunk marks, and what is wrong with them.

    Bodies that say they are chunked and are not are common in archives: they come back as
    they are. After a wrong mark the rest is kept as it is.
    """
    chunks: list[bytes] = []
    at = 0
    while match := _CHUNK_SIZE.match(body, at):
        size, at = int(match[1], 16), match.end()
        if size == 0:
            return b"".join(chunks), None
        chunks.append(body[at : at + size])
        at += size
        if at > len(body):
            return b"".join(chunks), "its last chunk breaks off"
        if body.startswith(b"\r\n", at):
            at += 2
        elif body.startswith(b"\n", at):
            at += 1
        else:
            break
    if not chunks:
        return body, None
    whole = at >= len(body)
    return b"".join(
        [*chunks, body[at:]]
    ), f"its chunk {'list breaks off' if whole else 'sizes are wrong'}"


def _corrupt(name: str, problem: str) -> SourceError:
    return SourceError(
        f"{name}: the record is malformed ({problem}) and nothing shows that its page is "
        "complete; check the page itself",
        kind="corrupt",
    )


def _too_large(name: str, max_bytes: int) -> SourceError:
    return SourceError(
        f"{name}: larger than {max_bytes:,} bytes; save the article's text alone and check that",
        kind="too-large",
    )


# ---------------------------------------------------------------------- HTTP


def _message(header: Header, data: bytes, *, name: str) -> _Message:
    declared = header.content_type or ""
    if header.type != "response" or not data.startswith(b"HTTP/"):
        if header.type == "response" and declared.lower().startswith("application/http"):
            raise _corrupt(name, "it holds no HTTP response")
        return _Message(None, None, data, declared)
    from warcio.statusandheaders import StatusAndHeadersParser

    stream = io.BytesIO(data)
    headers = StatusAndHeadersParser(["HTTP/"], verify=False).parse(stream)
    status = re.match(r"\d{3}\b", headers.get_statuscode() or "")
    return _Message(
        status[0] if status else "none",
        headers,
        data[stream.tell() :],
        headers.get_header("content-type") or "",
    )


@dataclass(frozen=True, slots=True)
class _Skip:
    reason: str


def _media_type(header: Header, message: _Message) -> str | _Skip:
    media_type = _bare(message.content_type)
    if media_type in _UNKNOWN_TYPES and header.identified_type:
        media_type = _bare(header.identified_type)
    if media_type in MEDIA_BY_TYPE or media_type == "text/plain":
        return media_type
    is_unknown = media_type in _UNKNOWN_TYPES
    if (is_unknown or media_type in _XML_TYPES) and looks_like_html(
        message.body[:HEADER_SLACK], certain=not is_unknown
    ):
        return "text/html"
    return _Skip(f"media-type: {media_type[:60] or 'none'}")


def _bare(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _payload(
    header: Header,
    content: Content,
    message: _Message,
    *,
    media_type: str,
    name: str,
    limit: int,
) -> Payload:
    data, problem = message.body, None
    if message.headers is not None:
        if "chunked" in (message.headers.get_header("transfer-encoding") or "").lower():
            data, problem = dechunk(data)
        data, later = _decoded(message, data, name=name, limit=limit)
        problem = problem or later
    if len(data) > limit:
        raise _too_large(name, limit)
    closed = b"</html>" in data[-4_096:].lower()
    if problem and not closed:
        raise _corrupt(name, problem)
    problem = content.problem or (header.truncated and f"the crawler cut it: {header.truncated}")
    if problem and not (closed or _has_its_length(message)):
        raise _corrupt(name, problem)
    charset = _CHARSET.search(message.content_type)
    return Payload(data, media_type, charset[1] if charset else None)


def _decoded(message: _Message, data: bytes, *, name: str, limit: int) -> tuple[bytes, str | None]:
    codings = (message.headers.get_header("content-encoding") or "").split(",")
    problem = None
    for coding in reversed(codings[:_MOST_CODINGS]):
        try:
            found = unpack(data, coding=coding, limit=limit)
        except LookupError as error:
            raise SourceError(
                f"{name}: is packed as {str(error).strip(chr(39))!r}, which cannot be unpacked "
                "here; check the page itself",
                kind="unsupported-type",
            ) from error
        except PackingError as error:
            raise _corrupt(name, f"its packed body {error}") from error
        if found.too_large:
            raise _too_large(name, limit)
        data = found.data
        problem = problem or (found.problem and f"its packed body {found.problem}")
    return data, problem


def _has_its_length(message: _Message) -> bool:
    if message.headers is None:
        return False
    length = (message.headers.get_header("content-length") or "").strip()
    return length.isascii() and length.isdigit() and 0 < int(length[:19]) == len(message.body)
