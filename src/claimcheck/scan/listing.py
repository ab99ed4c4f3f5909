"""The inputs of a run, from its folder into the ledger of a generation."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from claimcheck.errors import UsageError
from claimcheck.replacing import replacing
from claimcheck.scan.watching import Drained
from claimcheck.sources import ListingOptions, list_entries

if TYPE_CHECKING:
    from claimcheck.fetch import Accept, Fetched, Fetcher
    from claimcheck.scan.folder import Generation, RunFolder
    from claimcheck.scan.watching import Interrupts, Watcher

__all__ = ["keep_standard_input", "list_inputs"]

_LISTED_AT_ONCE: Final = 500  # entries a transaction
_COPIED_AT_ONCE: Final = 1 << 20  # bytes


def list_inputs(
    generation: Generation,
    *,
    fetcher: Fetcher,
    refresh: bool,
    interrupts: Interrupts,
    watcher: Watcher,
) -> None:
    """Write every input into the ledger; does nothing where that has been done.

    :param refresh: ask for feeds and sitemaps anew, though the cache holds them.
    :raises UsageError: the inputs cannot be listed.
    :raises Drained: it was interrupted; the listing will start anew.
    """
    folder = generation.run
    with generation.ledger() as ledger:
        if ledger.listed:
            return
        _refuse_elsewhere(folder)
        with _standard_input(folder) as stdin:
            entries = list_entries(
                folder.info.inputs,
                options=_listing_options(folder),
                fetcher=_Refreshing(fetcher) if refresh else fetcher,
                stdin=stdin,
            )
            count = 0
            while some := list(islice(entries, _LISTED_AT_ONCE)):
                count += ledger.add(some)
                watcher.listing(count)
                if interrupts.requested:
                    raise Drained(f"{folder.path}: interrupted while the inputs were listed")
        ledger.finish_listing()


@dataclass(frozen=True, slots=True)
class _Refreshing:
    """Asks for feeds and sitemaps anew, for that is where new pages are named."""

    fetcher: Fetcher

    def fetch(self, url: str, *, accept: Accept = "page", refresh: bool = True) -> Fetched:
        return self.fetcher.fetch(url, accept=accept, refresh=refresh)


def _listing_options(folder: RunFolder) -> ListingOptions:
    known = {name: value for name, value in folder.info.listing.items() if name != "directory"}
    try:
        return ListingOptions(**known)
    except TypeError as error:
        raise UsageError(
            f"{folder.path}: run.json says of the listing what this version does not know "
            f"({error}); scan the inputs anew"
        ) from error


def _refuse_elsewhere(folder: RunFolder) -> None:
    """:raises UsageError: the inputs are relative to a folder that is not this one."""
    from claimcheck.sources.addresses import is_address

    directory = folder.info.listing.get("directory")
    relative = [
        name
        for name in folder.info.inputs
        if name != "-" and not is_address(name) and not Path(name).is_absolute()
    ]
    if relative and directory is not None and directory != str(Path.cwd()):
        raise UsageError(
            f"{folder.path}: its input {relative[0]!r} is meant from {directory}; "
            "change to that folder first"
        )


def keep_standard_input(folder: RunFolder, stdin: BinaryIO | None) -> None:
    """Keep what comes in, for it comes once and may have to be read again."""
    source = stdin or sys.stdin.buffer
    with replacing(folder.stdin) as stream:
        shutil.copyfileobj(source, stream, _COPIED_AT_ONCE)


@contextmanager
def _standard_input(folder: RunFolder) -> Iterator[BinaryIO | None]:
    if "-" not in folder.info.inputs:
        yield None
        return
    if not folder.stdin.is_file():
        raise UsageError(
            f"{folder.path}: was interrupted before standard input was read; remove the folder "
            "and start again"
        )
    with folder.stdin.open("rb") as stream:
        yield stream
