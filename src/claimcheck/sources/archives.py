"""Web archives (WARC 0.17 to 1.1 and ARC, plain or gzipped): one entry for each record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from claimcheck.errors import SourceError
from claimcheck.records import Source
from claimcheck.sources.documents import RawDocument
from claimcheck.sources.entries import Entry, failed, passed_over, well_formed
from claimcheck.sources.framing import Content, Header, read_content, read_header
from claimcheck.sources.payload import HEADER_SLACK, Payload, examine, payload_document
from claimcheck.sources.segments import WINDOW, Segment, format_of, segments

__all__ = ["archive_entries", "is_archive", "read_record"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a record lies, and how messages and reports call it."""

    path: str
    container: str
    origin: str
    position: int
    within: int

    @property
    def label(self) -> str:
        """For a record without an address, and for bytes that are none."""
        return f"{self.path}#{self.position}" + (f"+{self.within}" if self.within else "")

    def name(self, uri: str) -> str:
        """For messages."""
        inside = f" and {self.within:,} of the unpacked" if self.within else ""
        where = f"byte {self.position:,}{inside} of {self.path}"
        return where if uri == self.label else f"{uri} ({where})"


def is_archive(path: Path) -> bool:
    """Whether a file begins with a WARC or ARC record, packed with gzip or not.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return format_of(Segment(file, 0).peek(WINDOW).lstrip(b"\r\n")) is not None


def archive_entries(path: str, *, origin: str, max_bytes: int) -> Iterator[Entry]:
    """One entry for each record of an archive, in its order.

    Pages carry the hash of their bytes. Records that hold no page are skipped with the
    reason; a malformed one is a failure unless its page is complete all the same, and
    reading goes on with the next record that can be found. What lies between is one failure.

    :raises OSError: the file cannot be read.
    """
    container = str(Path(path).absolute())
    count = 0
    with Path(path).open("rb") as file:
        for segment in segments(file):
            if isinstance(segment, tuple):
                offset, problem = segment
                found: Iterator[Entry] = iter(
                    [_broken(_Place(path, container, origin, offset, 0), problem)]
                )
            else:
                found = _records(
                    segment, path=path, container=container, origin=origin, max_bytes=max_bytes
                )
            for entry in found:
                count += 1
                yield entry
    if not count:
        yield passed_over("archive without records", uri=path, kind="file", origin=origin)


def read_record(segment: Segment, entry: Entry, *, max_bytes: int) -> RawDocument:
    """The page in the record at which a segment stands.

    :param max_bytes: the same as when it was listed.
    :raises SourceError: it is not the record that was listed, or cannot be read.
    """
    path = entry.container or entry.uri
    place = _Place(path, path, entry.origin, entry.position or 0, entry.within)
    name = place.name(entry.uri)
    header = read_header(segment)
    found: Payload | str = "no record"
    if isinstance(header, Header):
        content = read_content(segment, header, keep=max_bytes + HEADER_SLACK)
        found = examine(header, content, name=name, max_bytes=max_bytes)
    if isinstance(found, str) or header is None or isinstance(header, str):
        raise SourceError(
            f"{name}: the archive has changed since it was listed; start a new scan",
            kind="corrupt",
        )
    source = Source(
        kind="warc", uri=entry.uri, sha256=_sha256(found.data), retrieved=_moment(header.date)
    )
    return payload_document(found, source=source, name=name)


def _records(
    segment: Segment, *, path: str, container: str, origin: str, max_bytes: int
) -> Iterator[Entry]:
    told = False
    while True:
        begin = segment.position
        header = read_header(segment)
        if header is not None and not isinstance(header, str):
            begin = header.within
        packed = segment.packed
        place = _Place(
            path,
            container,
            origin,
            segment.start + (0 if packed else begin),
            begin if packed else 0,
        )
        if header is None:
            if segment.damage is not None and not told:
                yield _broken(place, segment.damage)
            return
        if isinstance(header, str):
            told = segment.damage is not None
            yield _broken(place, segment.damage or header)
            continue
        content = read_content(segment, header, keep=max_bytes + HEADER_SLACK)
        told = content.damaged
        yield _entry(place, header, content, max_bytes=max_bytes)


def _entry(place: _Place, header: Header, content: Content, *, max_bytes: int) -> Entry:
    uri = well_formed((header.uri or "").replace(" ", "%20")) or place.label
    try:
        found = examine(header, content, name=place.name(uri), max_bytes=max_bytes)
    except SourceError as error:
        return failed(
            error,
            uri=uri,
            kind="record",
            origin=place.origin,
            container=place.container,
            position=place.position,
            within=place.within,
        )
    if isinstance(found, str):
        return passed_over(
            found,
            uri=uri,
            kind="record",
            origin=place.origin,
            container=place.container,
            position=place.position,
            within=place.within,
        )
    return Entry(
        uri=uri,
        kind="record",
        origin=place.origin,
        container=place.container,
        position=place.position,
        within=place.within,
        sha256=_sha256(found.data),
    )


def _broken(place: _Place, problem: str) -> Entry:
    message = f"{place.name(place.label)}: no record can be read ({problem}); get the archive again"
    return failed(
        SourceError(message, kind="corrupt"),
        uri=place.label,
        kind="record",
        origin=place.origin,
        container=place.container,
        position=place.position,
        within=place.within,
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _moment(date: str | None) -> str | None:
    """When the page was archived: ISO 8601 in UTC, to the second; null if that is not told."""
    date = (date or "").strip()
    if match := re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z", date):
        return f"{match[1]}Z"
    if match := re.match(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", date):
        year, month, day, hour, minute, second = match.groups()
        return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"
    return None
