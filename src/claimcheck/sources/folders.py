"""Folders of saved pages: every file in them, in sorted order, with the reason where none.

Pages (HTML, plain text, Markdown) and web archives are taken, and files of other names that
begin like one, such as ``article.php?id=3`` from a mirror. Everything else is skipped with
the reason. Lists in a folder are skipped too: a folder of pages should not start to fetch.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from claimcheck.errors import SourceError
from claimcheck.sources.archives import is_archive
from claimcheck.sources.documents import MEDIA_BY_SUFFIX, looks_like_html
from claimcheck.sources.entries import Entry, failed, passed_over, printable_path
from claimcheck.sources.lists import LocalLister, looks_like_list

__all__ = ["ARCHIVE_SUFFIXES", "folder_entries", "glob_paths", "is_glob"]

ARCHIVE_SUFFIXES: Final = (".warc", ".warc.gz", ".arc", ".arc.gz")

_LEFTOVER_ENDS: Final = (
    "~", ".bak", ".orig", ".swp", ".swo", ".tmp", ".part", ".crdownload", ".download"
)  # fmt: skip
_LEFTOVER_NAMES: Final = ("thumbs.db", "desktop.ini")
_HEAD: Final = 4_096  # bytes


def is_glob(text: str) -> bool:
    """Whether it holds a wild card."""
    return any(mark in text for mark in "*?[")


def glob_paths(pattern: str) -> list[str]:
    """The paths that a pattern stands for, sorted; ``**`` goes into folders."""
    path = Path(pattern)
    try:
        found = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
        return sorted(str(match) for match in found)
    except (OSError, ValueError, NotImplementedError):
        return []


def folder_entries(folder: str, *, origin: str, local: LocalLister) -> Iterator[Entry]:
    """One entry for every file below a folder (for an archive, one for each of its records).

    Links to folders are followed, each folder is entered once, and a folder that is skipped
    is one entry.
    """
    entered: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            status = Path(path).stat()
            if not stat.S_ISDIR(status.st_mode):
                yield from _file(path, status.st_mode, origin=origin, local=local)
                continue
            if (status.st_dev, status.st_ino) in entered:
                yield _skip("link to a folder that is listed already", path, origin)
                continue
            entered.add((status.st_dev, status.st_ino))
            names = sorted(entry.name for entry in os.scandir(path))
        except OSError as error:
            yield _unreadable(path, error, origin)
            continue
        chosen, skipped = _sorted_out(names)
        for name, reason in skipped:
            yield _skip(reason, str(Path(path) / name), origin)
        waiting.extend(str(Path(path) / name) for name in reversed(chosen))


def _sorted_out(names: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Names to look into, and names to skip with the reason."""
    stems = {name.rpartition(".")[0] for name in names if Path(name).suffix in (".html", ".htm")}
    chosen: list[str] = []
    skipped: list[tuple[str, str]] = []
    for name in names:
        low = name.lower()
        if name.startswith("."):
            skipped.append((name, "hidden"))
        elif low.endswith(_LEFTOVER_ENDS) or low in _LEFTOVER_NAMES or name.startswith(("~$", "#")):
            skipped.append((name, "leftover of another program"))
        elif name.endswith("_files") and name.removesuffix("_files") in stems:
            # Browsers put a saved page's pictures and frames there.
            skipped.append((name, "parts of a saved page"))
        else:
            chosen.append(name)
    return chosen, skipped


def _file(path: str, mode: int, *, origin: str, local: LocalLister) -> Iterator[Entry]:
    if not stat.S_ISREG(mode):
        yield _skip("no regular file", path, origin)
        return
    low = Path(path).name.lower()
    suffix = Path(low).suffix
    if low.endswith(ARCHIVE_SUFFIXES):
        yield from local(path, origin)
        return
    if suffix in MEDIA_BY_SUFFIX and MEDIA_BY_SUFFIX[suffix] != "text/plain":
        yield from local(path, origin)
        return
    with Path(path).open("rb") as file:
        head = file.read(_HEAD)
    if suffix in MEDIA_BY_SUFFIX:
        if looks_like_list(head, base=Path(path).parent) and head.strip():
            yield _skip("list of addresses; name it as an input itself", path, origin)
        else:
            yield from local(path, origin)
    elif looks_like_html(head, certain=True) or is_archive(Path(path)):
        yield from local(path, origin)
    else:
        yield _skip(f"file-type: {suffix or 'none'}", path, origin)


def _skip(reason: str, path: str, origin: str) -> Entry:
    return passed_over(reason, uri=printable_path(path), kind="file", origin=origin)


def _unreadable(path: str, error: OSError, origin: str) -> Entry:
    name = printable_path(path)
    return failed(
        SourceError(f"{name}: cannot be read ({error.strerror or error})", kind="not-found"),
        uri=name,
        kind="file",
        origin=origin,
    )
