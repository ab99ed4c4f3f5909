"""Where the records of a WARC or ARC file begin and end, also where its lengths are wrong.

In a segment (``segments.py``) one record follows another. ``warcio`` parses the headers;
finding the records is done here, because its reader stops at the first one that is malformed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from claimcheck.sources.segments import (
    PEEKED,
    RECORD_LINE,
    WINDOW,
    ArchiveFormat,
    Segment,
    format_of,
)

__all__ = ["Content", "Header", "read_content", "read_header"]

_BLOCK: Final = 65_536
_MOST_HEADER: Final = 1 << 20  # bytes of one header; the largest in use hold a few thousand
_NEXT: Final = {name: re.compile(rb"\n" + line.pattern) for name, line in RECORD_LINE.items()}


@dataclass(frozen=True, slots=True)
class Header:
    """A record's header. ``within`` is where it begins in its segment, in unpacked bytes."""

    within: int
    format: ArchiveFormat
    type: str
    uri: str | None
    date: str | None
    content_type: str | None
    length: int | None
    """Bytes of the content as the header says; null if it does not say."""
    identified_type: str | None = None
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A record's content, or its beginning."""

    data: bytes
    whole: bool
    """Whether ``data`` is all of it, and not the beginning of what is too large to keep."""
    problem: str | None = None
    """What is wrong with it: it may be incomplete, or hold more than it should."""
    damaged: bool = False
    """Whether it ends because the file is damaged there."""


def read_header(segment: Segment) -> Header | str | None:
    """The next record's header, null at the end, or what is wrong where there is none.

    Where something else lies before the next record it is skipped.
    """
    while (ahead := segment.peek(PEEKED)) and ahead[:1] in b"\r\n":
        segment.read(len(ahead) - len(ahead.lstrip(b"\r\n")))
    if not ahead:
        return None
    within = segment.position
    format_ = format_of(segment.peek(WINDOW))
    if format_ is None:
        segment.skip(_distance(segment, ("warc", "arc")))
        return "bytes that are no record"
    try:
        return _parsed(segment, format_, within)
    except ValueError as error:
        segment.skip(_distance(segment, (format_,)))
        return f"the record's header cannot be read ({error})"


class _Lines:
    """Lines of a header for ``warcio``, which puts no bound on them itself."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._left = _MOST_HEADER

    def readline(self) -> bytes:
        line = self._segment.readline(_BLOCK)
        self._left -= len(line)
        if self._left < 0:
            raise ValueError(f"longer than {_MOST_HEADER:,} bytes")
        return line


def _parsed(segment: Segment, format_: ArchiveFormat, within: int) -> Header:
    """:raises ValueError: the header is malformed."""
    from warcio.recordloader import ARCHeadersParser
    from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

    parser = StatusAndHeadersParser(["WARC/"]) if format_ == "warc" else ARCHeadersParser()
    try:
        found = parser.parse(_Lines(segment))
    except (StatusAndHeadersParserException, EOFError) as error:
        raise ValueError(str(error)[:200] or "it breaks off") from error
    get = found.get_header
    if format_ == "arc":
        uri, length = get("uri"), _length(get("length"))
        is_head = uri.startswith("filedesc://")
        if is_head and length is not None:
            length = max(0, length - found.total_len)  # its two further lines are counted in
        return Header(
            within, "arc", "arc_header" if is_head else "response", uri,
            get("archive-date"), get("content-type"), 0 if is_head and length is None else length,
        )  # fmt: skip
    return Header(
        within,
        "warc",
        (get("WARC-Type") or "none").strip().lower(),
        _target(get("WARC-Target-URI")),
        get("WARC-Date"),
        get("Content-Type"),
        _length(get("Content-Length")),
        get("WARC-Identified-Payload-Type"),
        get("WARC-Truncated"),
    )


def _length(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _target(uri: str | None) -> str | None:
    """The target's address, without the angle brackets that wget put around it."""
    uri = (uri or "").strip()
    if uri.startswith("<") and uri.endswith(">"):
        uri = uri[1:-1].strip()
    return uri or None


def read_content(segment: Segment, header: Header, *, keep: int) -> Content:
    """The content after a header. Reads on to the next record.

    What the header says about its length is believed if a record, or the end, follows. Else
    the content goes on to where the next record begins.

    :param keep: most bytes kept; of more content only the beginning is.
    """
    if header.length is None:
        return _up_to_next(segment, header, keep=keep, problem="it does not say how long it is")
    mark = segment.mark()
    data, size = _take(segment, header.length, keep=keep)
    if segment.damage is not None:
        return Content(data, size == len(data), segment.damage, damaged=True)
    if size == header.length and _record_follows(segment, header.format):
        return Content(data, size == len(data))
    segment.reset(mark)
    return _up_to_next(segment, header, keep=keep, problem="it is not as long as it says")


def _up_to_next(segment: Segment, header: Header, *, keep: int, problem: str) -> Content:
    at_once = RECORD_LINE[header.format].match(segment.peek(WINDOW)) is not None
    distance = 0 if at_once else _distance(segment, (header.format,))
    data, size = _take(segment, distance, keep=keep)
    if segment.damage is not None:
        return Content(data, size == len(data), segment.damage, damaged=True)
    if size > len(data):
        return Content(data, False, problem)
    return Content(data.removesuffix(b"\n").removesuffix(b"\r\n\r"), True, problem)


def _take(segment: Segment, count: int, *, keep: int) -> tuple[bytes, int]:
    """The bytes, or the first of them where they are too many, and how many there were."""
    wanted = count if count <= keep else min(count, _BLOCK)
    data = segment.read(wanted)
    while len(data) < wanted and segment.extend():
        data += segment.read(wanted - len(data))
    size = len(data) + segment.skip(count - len(data))
    while size < count and segment.extend():
        size += segment.skip(count - size)
    return data, size


def _record_follows(segment: Segment, format_: ArchiveFormat) -> bool:
    """Whether a record ends here: at the end, before another one, or as WARC records end."""
    ahead = segment.peek(WINDOW)
    rest = ahead.lstrip(b"\r\n")
    if not rest or (format_ == "warc" and ahead.startswith(b"\r\n\r\n")):
        return True  # what follows then may be junk, but it is none of this record
    # A record must not begin in the middle of a line.
    return (rest != ahead or segment.last == b"\n") and RECORD_LINE[format_].match(rest) is not None


def _distance(segment: Segment, formats: tuple[ArchiveFormat, ...]) -> int:
    """Bytes to the line where the next record begins, or to the end. Stays where it is."""
    mark = segment.mark()
    done = 0
    tail = b""
    distance = None
    while distance is None and (block := segment.read(_BLOCK)):
        data = tail + block
        starts = [match.start() + 1 for name in formats if (match := _NEXT[name].search(data))]
        if starts:
            distance = done - len(tail) + min(starts)
        done += len(block)
        tail = data[-WINDOW:]
    segment.reset(mark)
    return done if distance is None else distance
