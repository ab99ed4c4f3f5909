"""Inputs: what is named on the command line → the bytes of documents.

``open_source`` reads one document for ``check``. A scan lists its inputs first, one
:class:`Entry` for each page (``list_entries``), and reads them one by one (``read_entry``,
or ``url_document`` for what was fetched).

Web archives are read with ``warcio``, feeds with ``feedparser``, sitemaps with ``lxml`` and
Parquet with ``pyarrow``; all of them are imported where they are used.
"""

from claimcheck.sources.addresses import TRACKING_PARAMETERS, normalise_url
from claimcheck.sources.documents import (
    MediaType,
    RawDocument,
    decode,
    html_document,
    open_source,
    text_document,
    url_document,
)
from claimcheck.sources.entries import Entry, EntryKind
from claimcheck.sources.listing import InputType, ListingOptions, list_entries
from claimcheck.sources.reading import read_entry, release_readers
from claimcheck.sources.remote import Retriever

__all__ = [
    "TRACKING_PARAMETERS",
    "Entry",
    "EntryKind",
    "InputType",
    "ListingOptions",
    "MediaType",
    "RawDocument",
    "Retriever",
    "decode",
    "html_document",
    "list_entries",
    "normalise_url",
    "open_source",
    "read_entry",
    "release_readers",
    "text_document",
    "url_document",
]
