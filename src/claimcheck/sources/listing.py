"""The inputs of a scan → entries, one for every page that they name or hold.

What an INPUT is, is decided by ``--input-type`` if it is given, else by what it is called,
else by what it holds:

==========================  =====================================================================
``-``                       a list on standard input
a web address               a page; if its path suggests XML (see :func:`~.remote.suggests_xml`)
                            it is asked once whether it is a feed or sitemap
a folder, a glob pattern    what is in it, in sorted order
``.html`` ``.md`` and such  a page
``.warc`` ``.arc``          a web archive, also with ``.gz``
``.csv`` ``.tsv``           a list with a column of addresses
``.jsonl`` ``.parquet``     a table of pages; JSON Lines also with ``.gz`` or ``.zst``
``.xml`` ``.rss`` ``.atom`` a feed or sitemap, also with ``.gz``; a page if it is neither
``.txt`` and all the rest   an archive, table, feed or sitemap if it begins like one; a list if
                            most of its lines are addresses or paths; else a page
==========================  =====================================================================
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, Literal
from urllib.parse import urlsplit

from claimcheck.errors import SourceError, UsageError
from claimcheck.sources.addresses import is_address
from claimcheck.sources.archives import archive_entries, is_archive
from claimcheck.sources.documents import MEDIA_BY_SUFFIX
from claimcheck.sources.entries import Entry, failed, passed_over, printable_path, url_entry
from claimcheck.sources.folders import (
    ARCHIVE_SUFFIXES,
    folder_entries,
    glob_paths,
    is_glob,
)
from claimcheck.sources.lists import SNIFFED, list_lines, looks_like_list
from claimcheck.sources.packing import DAMAGE, GZIP, ZSTD, open_unpacked
from claimcheck.sources.remote import XML_LIMIT, Retriever, expand, retrieved, suggests_xml
from claimcheck.sources.syndication import unpacked_xml, xml_kind
from claimcheck.sources.tables import jsonl_entries, parquet_entries

__all__ = ["InputType", "ListingOptions", "list_entries"]

InputType = Literal["auto", "list", "feed", "sitemap", "archive", "table", "page"]

_Kind = Literal["list", "csv", "xml", "archive", "jsonl", "parquet", "page"]
_KIND_BY_SUFFIX: Final[dict[str, _Kind]] = {
    **{suffix: "page" for suffix, media in MEDIA_BY_SUFFIX.items() if media != "text/plain"},
    **dict.fromkeys(ARCHIVE_SUFFIXES, "archive"),
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".xml", ".rss", ".atom", ".rdf", ".xml.gz"), "xml"),
    **{
        f"{suffix}{packing}": "jsonl"
        for suffix in (".jsonl", ".ndjson")
        for packing in ("", ".gz", ".zst")
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingOptions:
    """How inputs are read."""

    column: str | None = None
    """Name of the column of addresses in CSV lists and tables."""
    input_type: InputType = "auto"
    """What the inputs are, where it is not to be found out."""
    max_bytes: int = 20_000_000
    """Most bytes of one page."""
    follow: int = 1_000_000
    """Most addresses that one feed, or one sitemap with its parts, may give."""


def list_entries(
    inputs: Iterable[str],
    *,
    options: ListingOptions | None = None,
    fetcher: Retriever | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Entry]:
    """Every page that the inputs name or hold, in their order; memory does not grow with them.

    What cannot be read is an entry too, and so is an input that gives nothing.

    :param fetcher: asks for feeds and sitemaps; null lists no address but as a page.
    :param stdin: read for ``-`` in place of the process's own standard input.
    :raises UsageError: an input is empty, ``-`` is given twice or as something else than a
        list, or a list has not the column that was asked for.
    """
    names = tuple(inputs)
    options = options or ListingOptions()
    _refuse_impossible(names, options)
    listing = _Listing(options, fetcher)
    for name in names:
        if name == "-":
            yield from listing.standard_input(stdin or sys.stdin.buffer)
        elif is_address(name):
            yield from listing.address(name)
        else:
            yield from listing.path(name)


def _refuse_impossible(names: tuple[str, ...], options: ListingOptions) -> None:
    if not all(name.strip() for name in names):
        raise UsageError("an INPUT is empty; give a file, a folder, a web address or -")
    if names.count("-") > 1:
        raise UsageError("- stands for standard input, which can be read only once")
    if "-" in names and options.input_type not in ("auto", "list"):
        raise UsageError(
            f"- is read as a list of addresses and paths, not as {options.input_type!r}; "
            "save what comes in and give the file"
        )


@dataclass(frozen=True, slots=True)
class _Listing:
    options: ListingOptions
    fetcher: Retriever | None

    def standard_input(self, stdin: BinaryIO) -> Iterator[Entry]:
        entries = list_lines(stdin, origin="-", local=self._listed_path, column=self.options.column)
        yield from _or_empty(entries, "-")

    # ------------------------------------------------------------------ addresses

    def address(self, url: str) -> Iterator[Entry]:
        kind = self.options.input_type
        entry = url_entry(url, origin=url)
        if entry.failure is not None or kind == "page":
            yield entry
        elif kind in ("list", "archive", "table"):
            error = SourceError(
                f"{url}: is read as {kind!r}, which is not fetched; save it and give the file",
                kind="unsupported-type",
            )
            yield failed(error, uri=url, kind="url", origin=url)
        elif kind == "auto" and (self.fetcher is None or not suggests_xml(urlsplit(url).path)):
            yield entry
        elif self.fetcher is None:
            raise UsageError(f"{url}: a {kind} is fetched, and fetching is off")
        else:
            yield from self._asked(entry, self.fetcher)

    def _asked(self, entry: Entry, fetcher: Retriever) -> Iterator[Entry]:
        """A feed or sitemap, if it is one."""
        certain = self.options.input_type != "auto"
        try:
            found = retrieved(entry.uri, fetcher)
        except SourceError as error:
            if error.kind == "unsupported-type" and not certain:
                yield entry
            else:
                yield failed(error, uri=entry.uri, kind="url", origin=entry.origin)
            return
        yield from expand(
            found.data,
            kind=found.kind,
            name=entry.uri,
            base=found.base,
            fetcher=fetcher,
            follow=self.options.follow,
        )

    # ------------------------------------------------------------------ paths

    def path(self, name: str) -> Iterator[Entry]:
        path = Path(name)
        try:
            exists, is_folder = path.exists(), path.is_dir()
        except (OSError, ValueError):
            exists = is_folder = False
        if not exists and is_glob(name) and (matches := glob_paths(name)):
            for match in matches:
                yield from self.path(match)
        elif not exists:
            yield failed(_missing(name), uri=name, kind="file", origin=name)
        elif is_folder:
            entries = folder_entries(name, origin=name, local=self._page_or_archive)
            yield from _or_empty(entries, name)
        else:
            yield from _or_empty(self._file(name, origin=name), name)

    def _listed_path(self, name: str, origin: str) -> Iterator[Entry]:
        """A path in a list: as an input, but lists in lists are pages."""
        if Path(name).is_dir():
            yield from folder_entries(name, origin=origin, local=self._page_or_archive)
        else:
            yield from self._file(name, origin=origin, nested=True)

    def _page_or_archive(self, name: str, origin: str) -> Iterator[Entry]:
        """A file in a folder."""
        yield from self._file(name, origin=origin, nested=True)

    def _file(self, name: str, *, origin: str, nested: bool = False) -> Iterator[Entry]:
        if name != printable_path(name):
            yield _bad_name(name, origin)
            return
        try:
            kind = _named_kind(name, self.options.input_type, nested=nested)
            kind = kind or _found_kind(Path(name), nested=nested)
            yield from self._entries(name, kind, origin=origin)
        except OSError as error:
            yield failed(_unreadable(name, error), uri=name, kind="file", origin=origin)
        except SourceError as error:
            yield failed(error, uri=name, kind="file", origin=origin)

    def _entries(self, name: str, kind: _Kind, *, origin: str) -> Iterator[Entry]:
        most, column = self.options.max_bytes, self.options.column
        if kind == "page":
            yield _page(name, origin=origin, max_bytes=most)
        elif kind == "archive":
            yield from archive_entries(name, origin=origin, max_bytes=most)
        elif kind == "jsonl":
            yield from jsonl_entries(name, origin=origin, max_bytes=most, column=column)
        elif kind == "parquet":
            yield from parquet_entries(name, origin=origin, max_bytes=most, column=column)
        elif kind == "xml":
            yield from self._xml(name, origin=origin)
        else:
            listed = partial(
                list_lines, origin=name, local=self._listed_path, column=column,
                table=kind == "csv", base=Path(name).parent,
            )  # fmt: skip
            with Path(name).open("rb") as stream:
                yield from listed(stream)

    def _xml(self, name: str, *, origin: str) -> Iterator[Entry]:
        with Path(name).open("rb") as stream:
            data = stream.read(XML_LIMIT + 1)
        if len(data) > XML_LIMIT:
            raise SourceError(
                f"{name}: larger than the {XML_LIMIT:,} bytes that a sitemap may have; "
                "give the addresses as a list",
                kind="too-large",
            )
        data = unpacked_xml(data, name=name, limit=XML_LIMIT)
        kind = xml_kind(data)
        if kind is None and self.options.input_type in ("feed", "sitemap"):
            raise SourceError(f"{name}: is neither a feed nor a sitemap", kind="unsupported-type")
        if kind is None:
            yield _page(name, origin=origin, max_bytes=self.options.max_bytes)
            return
        yield from expand(
            data,
            kind=kind,
            name=name,
            base=None,
            fetcher=self.fetcher,
            follow=self.options.follow,
        )


# ---------------------------------------------------------------------- what a file is


def _named_kind(name: str, given: InputType, *, nested: bool) -> _Kind | None:
    """By the type that was asked for, or by the file's name."""
    low = Path(name).name.lower()
    suffixes = ("".join(Path(low).suffixes[-2:]), Path(low).suffix)
    by_name = next((_KIND_BY_SUFFIX[end] for end in suffixes if end in _KIND_BY_SUFFIX), None)
    if given == "auto" or (nested and given == "list"):
        return by_name
    if given == "list":
        return "csv" if by_name == "csv" else "list"
    if given == "table":
        return by_name if by_name in ("jsonl", "parquet") else None
    if given in ("feed", "sitemap"):
        return "xml"
    return "archive" if given == "archive" else "page"


def _found_kind(path: Path, *, nested: bool) -> _Kind:
    """By what the file holds.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    if start.startswith(b"PAR1"):
        return "parquet"
    if is_archive(path):
        return "archive"
    if start.startswith((GZIP, ZSTD)):
        try:
            with open_unpacked(path) as stream:
                start = stream.read(SNIFFED)
        except DAMAGE:
            return "page"  # which says that it cannot be read
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b'{"', b"{ ")) and b"}" in start:
        return "jsonl"
    if text.startswith(b"<") and xml_kind(start) is not None:
        return "xml"
    return "list" if not nested and looks_like_list(start, base=path.parent) else "page"


def _page(name: str, *, origin: str, max_bytes: int) -> Entry:
    """:raises OSError: the file cannot be read."""
    path = Path(name)
    digest = hashlib.sha256()
    size = 0
    key = str(path.resolve())
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            size += len(block)
            if size > max_bytes:
                error = SourceError(
                    f"{name}: larger than {max_bytes:,} bytes; save the article's text alone",
                    kind="too-large",
                )
                return failed(error, uri=name, kind="file", origin=origin, key=key)
            digest.update(block)
    return Entry(uri=name, kind="file", origin=origin, key=key, sha256=digest.hexdigest())


def _or_empty(entries: Iterator[Entry], name: str) -> Iterator[Entry]:
    """The entries, or the input itself as one with nothing in it."""
    count = 0
    for entry in entries:
        count += 1
        yield entry
    if not count:
        yield passed_over("nothing in it", uri=name, kind="file", origin=name)


def _missing(name: str) -> SourceError:
    what = "nothing matches" if is_glob(name) else "there is no such file"
    return SourceError(f"{name}: {what}; check the spelling", kind="not-found")


def _unreadable(name: str, error: OSError) -> SourceError:
    return SourceError(f"{name}: cannot be read ({error.strerror or error})", kind="not-found")


def _bad_name(name: str, origin: str) -> Entry:
    shown = printable_path(name)
    error = SourceError(
        f"{shown}: its name is not UTF-8, so that no report could name it; rename the file",
        kind="not-found",
    )
    return failed(error, uri=shown, kind="file", origin=origin)
