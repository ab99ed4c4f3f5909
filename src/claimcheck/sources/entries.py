"""One line, record, row or file of the inputs of a scan: what it is and where it lies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from claimcheck.errors import SourceError
from claimcheck.records import FailureDetail
from claimcheck.sources.addresses import normalise_url

__all__ = [
    "Entry",
    "EntryKind",
    "failed",
    "passed_over",
    "printable_path",
    "url_entry",
    "well_formed",
]

EntryKind = Literal["url", "file", "record", "row"]

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a scan does once: fetch an address, or read a file, an archive's record, a table's row.

    An entry with ``skipped`` or ``failure`` is final already: there is nothing to judge.
    """

    uri: str
    """What the report names: the address, the path, a record's target address, or PATH#ROW."""
    kind: EntryKind
    """``url``: to be fetched; the others lie on this machine."""
    origin: str
    """The input, list, feed or sitemap that it came from."""
    container: str | None = None
    """Absolute path of the archive or table that holds it."""
    position: int | None = None
    """Where in it: the byte of the record (of its gzip member where packed) or of the line in
    the unpacked text, or the number of the Parquet row, from 0."""
    within: int = 0
    """Bytes to unpack and skip before the record, where one gzip member holds several."""
    key: str | None = None
    """Equal for equal addresses: the normalised URL, or the file's real path; null for the rest."""
    sha256: str | None = None
    """Of the bytes to be judged, in hexadecimal, where they lie on this machine."""
    skipped: str | None = None
    """Why there is nothing to judge, such as ``record-type: warcinfo``."""
    failure: FailureDetail | None = None
    """Why it cannot be read, where listing it has shown that."""

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types; only the fields that say something."""
        found: dict[str, Any] = {"uri": self.uri, "kind": self.kind, "origin": self.origin}
        optional = ("container", "position", "key", "sha256", "skipped")
        found.update(
            (name, value) for name in optional if (value := getattr(self, name)) is not None
        )
        if self.within:
            found["within"] = self.within
        if self.failure is not None:
            found["failure"] = self.failure.model_dump(mode="json")
        return found

    @classmethod
    def from_json_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read one back.

        :raises ValueError: a key is unknown, missing or holds what it cannot hold.
        """
        given = dict(data)
        failure = given.pop("failure", None)
        try:
            return cls(
                **given, failure=None if failure is None else FailureDetail.model_validate(failure)
            )
        except TypeError as error:
            raise ValueError(f"no entry: {error}") from error


def failed(error: SourceError, *, uri: str, kind: EntryKind, origin: str, **place: Any) -> Entry:
    """An entry that cannot be read. ``place``: container, position, within, key."""
    detail = FailureDetail(
        kind=error.kind, message=well_formed(str(error)), retryable=error.retryable
    )
    return Entry(
        uri=well_formed(uri), kind=kind, origin=well_formed(origin), failure=detail, **place
    )


def passed_over(reason: str, *, uri: str, kind: EntryKind, origin: str, **place: Any) -> Entry:
    """An entry with nothing to judge, and why. ``place`` as in :func:`failed`."""
    return Entry(
        uri=well_formed(uri),
        kind=kind,
        origin=well_formed(origin),
        skipped=well_formed(reason),
        **place,
    )


def url_entry(url: str, *, origin: str) -> Entry:
    """An address to be fetched; a failure where it cannot be one."""
    uri = well_formed(url.strip())
    try:
        key = normalise_url(uri)
    except SourceError as error:
        return failed(error, uri=uri, kind="url", origin=origin)
    return Entry(uri=uri, kind="url", origin=origin, key=key)


def well_formed(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which neither UTF-8 nor SQLite can hold."""
    return _SURROGATES.sub("\ufffd", text)


def printable_path(path: str) -> str:
    r"""A path as it can be written down: bytes that are no UTF-8 as ``\xff``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
