"""Path, URL, standard input or text in memory → the bytes of one document.

Here it is decided *what* the bytes are (HTML, plain text or Markdown, and in which
encoding); what they say is the article room's business.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final, Literal
from urllib.parse import urlsplit

from claimcheck.errors import SourceError, UsageError
from claimcheck.records import Source, SourceKind

if TYPE_CHECKING:
    from claimcheck.fetch import Fetched

__all__ = [
    "MEDIA_BY_SUFFIX",
    "MEDIA_BY_TYPE",
    "MediaType",
    "RawDocument",
    "decode",
    "document_of",
    "html_document",
    "looks_like_html",
    "open_source",
    "read_path",
    "text_document",
    "url_document",
    "wide_charset",
]

MediaType = Literal["text/html", "text/plain", "text/markdown"]

_REMEDY = "save the article as HTML or text and check that"

MEDIA_BY_SUFFIX: Final[dict[str, MediaType]] = {
    **dict.fromkeys((".html", ".htm", ".xhtml", ".shtml", ".xht"), "text/html"),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), "text/markdown"),
    **dict.fromkeys((".txt", ".text"), "text/plain"),
}
MEDIA_BY_TYPE: Final[dict[str, MediaType]] = {
    "text/html": "text/html",
    "application/xhtml+xml": "text/html",
    "text/markdown": "text/markdown",
    "text/x-markdown": "text/markdown",
}
_REFUSED_SUFFIXES: Final = {
    ".doc": "a Word document",
    ".docx": "a Word document",
    ".odt": "an OpenDocument text",
    ".rtf": "a rich-text document",
    ".pdf": "a PDF",
    ".epub": "an e-book",
    ".mht": "a web archive file",
    ".mhtml": "a web archive file",
}
_MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a Word document, e-book or zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "a rich-text document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image, sound or film"),
    (b"\x7fELF", "a program"),
)

_SNIFFED = 65_536  # bytes looked at to tell what a document is
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?>.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAGS = re.compile(
    rb"<(?:html|head|title|meta|body|div|p|span|h[1-6]|article|section|table|ul|br)\b[^<>]*>",
    re.IGNORECASE,
)
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})"
    rb"|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})",
    re.IGNORECASE,
)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# Browsers read these as windows-1252, and pages that name them mean it.
_LATIN = ("ascii", "iso8859-1", "cp1252")


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One document's bytes, and what they are.

    ``charset`` is the Python codec that :func:`decode` uses, found from the evidence;
    null lets it look again. ``base_url`` is what relative links are relative to.
    """

    source: Source
    data: bytes
    media_type: MediaType
    charset: str | None
    base_url: str | None = None


def open_source(
    target: str,
    *,
    allow_private: bool = False,
    stdin: BinaryIO | None = None,
    max_bytes: int = 20_000_000,
    timeout: float = 30.0,
    contact: str | None = None,
) -> RawDocument:
    """Read one document from a path, an http(s) URL, or ``-`` for standard input.

    :param allow_private: lets a URL lead to a private address (see ``fetch``).
    :param stdin: read for ``-`` in place of the process's own standard input.
    :param max_bytes: most bytes read; nothing beyond is loaded.
    :param timeout: seconds for a URL, redirects included.
    :param contact: named in the user agent when a URL is fetched.
    :raises UsageError: ``target`` is a directory.
    :raises SourceError: ``not-found``, ``no-article`` (empty), ``too-large``,
        ``unsupported-type``, or what ``fetch`` raises.
    """
    if target == "-":
        data = _read_bounded(stdin or sys.stdin.buffer, name="standard input", limit=max_bytes)
        return document_of(data, source=_source("text", "-", data), name="standard input")
    if re.match(r"[a-z][a-z0-9+.-]*://", target, re.IGNORECASE):
        return _open_url(
            target,
            allow_private=allow_private,
            max_bytes=max_bytes,
            timeout=timeout,
            contact=contact,
        )
    return _open_path(target, max_bytes=max_bytes)


def text_document(text: str) -> RawDocument:
    """A document from plain text in memory. Lone surrogates become U+FFFD."""
    data = re.sub("[\ud800-\udfff]", "\ufffd", text).encode("utf-8")
    return RawDocument(_source("text", "-", data), data, "text/plain", "utf-8")


def html_document(data: bytes | str, *, uri: str | None = None) -> RawDocument:
    """A document from HTML in memory.

    :param uri: where it came from; an http(s) address also resolves relative links.
    """
    charset = None
    if isinstance(data, str):
        data = re.sub("[\ud800-\udfff]", "\ufffd", data).encode("utf-8")
        charset = "utf-8"
    is_url = uri is not None and urlsplit(uri).scheme in ("http", "https")
    return RawDocument(
        _source("url" if is_url else "text", uri or "-", data),
        data,
        "text/html",
        charset or _charset(data, declared=None, html=True),
        uri if is_url else None,
    )


def url_document(page: Fetched, *, uri: str) -> RawDocument:
    """The document of a fetched page.

    :param uri: the address that was asked for, which the report names.
    :raises SourceError: ``no-article`` (empty) or ``unsupported-type`` (binary).
    """
    expected = MEDIA_BY_TYPE.get(page.media_type or "")
    if expected is None:  # text/plain is also what a server says that does not know
        suffix = PurePosixPath(urlsplit(page.url_final).path).suffix.lower()
        expected = MEDIA_BY_SUFFIX.get(suffix)
    source = Source(
        kind="url",
        uri=uri,
        sha256=hashlib.sha256(page.data).hexdigest(),
        retrieved=page.retrieved,
    )
    return document_of(
        page.data,
        source=source,
        name=uri,
        expected=expected,
        declared=page.charset,
        base_url=page.url_final,
    )


def decode(document: RawDocument) -> str:
    """The document's characters, without a byte-order mark; never fails.

    Bytes that are wrong in UTF-8 are read as windows-1252, one by one: pages that mix
    the two are common, and every curly quote then appears as its author saw it.
    """
    charset = document.charset or _charset(
        document.data, declared=None, html=document.media_type == "text/html"
    )
    errors = "claimcheck-windows-1252" if charset == "utf-8" else "replace"
    text = document.data.decode(charset, errors=errors)
    text = text[1:] if text.startswith("\ufeff") else text
    return re.sub("[\ud800-\udfff]", "\ufffd", text) if charset in _WIDE else text


# ---------------------------------------------------------------------- reading


def _open_path(target: str, *, max_bytes: int) -> RawDocument:
    with suppress(OSError, ValueError):  # which reading it will raise again
        if Path(target).is_dir():
            raise UsageError(
                f"{target}: is a directory; `claimcheck scan {target} -o RUN` checks many files"
            )
    return read_path(target, uri=target, max_bytes=max_bytes)


def read_path(path: str, *, uri: str, max_bytes: int) -> RawDocument:
    """Read one document from a file.

    :param uri: how the report and messages name it.
    :raises SourceError: ``not-found``, ``no-article`` (empty), ``too-large`` or
        ``unsupported-type``.
    """
    suffix = PurePath(path).suffix.lower()
    try:
        if suffix in _REFUSED_SUFFIXES and Path(path).exists():
            raise _unsupported(uri, _REFUSED_SUFFIXES[suffix])
        with Path(path).open("rb") as stream:
            data = _read_bounded(stream, name=uri, limit=max_bytes)
    except FileNotFoundError as error:
        raise SourceError(
            f"{uri}: there is no such file; check the spelling", kind="not-found"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{uri}: cannot be read ({reason})", kind="not-found") from error
    media_type = MEDIA_BY_SUFFIX.get(suffix)
    return document_of(data, source=_source("file", uri, data), name=uri, expected=media_type)


def _open_url(
    target: str, *, allow_private: bool, max_bytes: int, timeout: float, contact: str | None
) -> RawDocument:
    from claimcheck.fetch import fetch  # httpx is not needed for files

    page = fetch(
        target,
        allow_private=allow_private,
        max_bytes=max_bytes,
        timeout=timeout,
        contact=contact,
    )
    return url_document(page, uri=target)


def _read_bounded(stream: BinaryIO, *, name: str, limit: int) -> bytes:
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise SourceError(
            f"{name}: larger than {limit:,} bytes; save the article's text alone and check that",
            kind="too-large",
        )
    return data


def _source(kind: SourceKind, uri: str, data: bytes) -> Source:
    return Source(kind=kind, uri=uri, sha256=hashlib.sha256(data).hexdigest(), retrieved=None)


# ---------------------------------------------------------------------- what it is


def document_of(
    data: bytes,
    *,
    source: Source,
    name: str,
    expected: MediaType | None = None,
    declared: str | None = None,
    base_url: str | None = None,
) -> RawDocument:
    """:raises SourceError: ``no-article`` when empty, ``unsupported-type`` when binary."""
    if not data.strip(b"\0 \t\r\n\f\v\xef\xbb\xbf"):
        raise SourceError(f"{name}: is empty", kind="no-article")
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise _unsupported(name, what)
    start = data[:_SNIFFED]
    if wide_charset(start) is None and _is_binary(start):
        raise _unsupported(name, "a binary file")
    media_type = expected or "text/plain"
    if looks_like_html(start, certain=expected is not None):
        media_type = "text/html"
    charset = _charset(data, declared=declared, html=media_type == "text/html")
    return RawDocument(source, data, media_type, charset, base_url)


def _unsupported(name: str, what: str) -> SourceError:
    return SourceError(
        f"{name}: is {what}, which cannot be read; {_REMEDY}", kind="unsupported-type"
    )


def _is_binary(start: bytes) -> bool:
    """Whether control bytes make up more than a twentieth; a stray null is no binary."""
    control = sum(start.count(byte) for byte in range(32) if byte not in b"\t\n\r\f\v\x1b")
    return control > len(start) / 20


def looks_like_html(start: bytes, *, certain: bool) -> bool:
    """Whether it is HTML; where a name or server says otherwise, only by its first tag."""
    wide = wide_charset(start)
    if wide:
        start = start[: len(start) // 4 * 4].decode(wide, "ignore").encode()
    start = start.removeprefix(codecs.BOM_UTF8)
    if _HTML_START.match(start):
        return True
    return not certain and start.lstrip()[:1] == b"<" and len(_HTML_TAGS.findall(start)) >= 2


# ---------------------------------------------------------------------- which encoding


def wide_charset(data: bytes) -> str | None:
    """UTF-16 or UTF-32, by byte-order mark or by where the null bytes are."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name if name in _WIDE else None
    sample = data[: min(len(data), 4096) // 4 * 4]
    if len(sample) < 16 or sample.count(0) < len(sample) * 0.3:
        return None
    quarter = len(sample) // 4
    nulls = [sample[offset::4].count(0) / quarter for offset in range(4)]
    high, low = 0.7, 0.2
    if nulls[0] < low and min(nulls[1:]) > high:
        return "utf-32-le"
    if nulls[3] < low and min(nulls[:3]) > high:
        return "utf-32-be"
    if max(nulls[0], nulls[2]) < low and min(nulls[1], nulls[3]) > high:
        return "utf-16-le"
    if max(nulls[1], nulls[3]) < low and min(nulls[0], nulls[2]) > high:
        return "utf-16-be"
    return None


def _charset(data: bytes, *, declared: str | None, html: bool) -> str:
    """The codec that the evidence speaks for.

    A byte-order mark decides; then valid UTF-8 (no other text of any length passes for
    it by chance); then the server's word, then the page's; a declaration that the bytes
    contradict is dropped.
    """
    wide = wide_charset(data[:_SNIFFED])
    if wide:
        return wide
    names = [declared]
    if html and (match := _META_CHARSET.search(data[:8192])):
        names.append((match[1] or match[2]).decode("ascii"))
    candidates = [codec for name in names if name and (codec := _known_codec(name))]
    if b"\x1b" not in data and _is_utf8(data):
        return "utf-8"
    for codec in candidates:
        if codec in _LATIN:
            return "mac-roman" if _is_mac_roman(data) else "cp1252"
        if codec != "utf-8" and _decodes(data, codec):
            return codec
    if not candidates and _is_mac_roman(data):
        return "mac-roman"
    return "utf-8"  # with windows-1252 for the bytes that are not


def _known_codec(name: str) -> str | None:
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # utf-7 hides markup, and the others in Python's registry are no text encodings.
    if not info._is_text_encoding or info.name in ("utf-7", "idna", "punycode", "unicode_escape"):
        return None
    return None if info.name.startswith(("utf-16", "utf-32", "raw_unicode")) else info.name


def _is_utf8(data: bytes) -> bool:
    return _decodes(data, "utf-8")


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except (UnicodeError, ValueError):
        return False
    return True


def _is_mac_roman(data: bytes) -> bool:
    """Whether the apostrophe of an English text is 0xD5 (Mac) and not 0x92 (Windows)."""
    mac = len(re.findall(rb"[a-z]\xd5[a-z]\b", data))
    return mac > 2 and mac > len(re.findall(rb"[a-z][\x91-\x94\xb4]", data))


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("claimcheck-windows-1252", _as_windows_1252)
