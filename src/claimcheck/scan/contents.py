"""Pages on their way to a worker, and which of them hold the same bytes."""

from __future__ import annotations

from dataclasses import dataclass

from claimcheck.scan.pages import PageTask

__all__ = ["Contents", "Page"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is to be judged. ``size`` is what it takes of the backlog."""

    task: PageTask
    sha256: str | None
    tries: int = 0
    retrieved: str | None = None
    size: int = 0


class Contents:
    """Which contents are being judged, so that the same bytes are judged once.

    A page waits while an input that stands *earlier* in the list is judged with the same
    content: then it is the same by definition, whichever came first in time.
    """

    def __init__(self) -> None:
        self._hash_of: dict[int, str] = {}
        self._seqs: dict[str, set[int]] = {}
        self._held: dict[str, list[Page]] = {}

    def held_back(self, page: Page, sha256: str) -> bool:
        """Whether the page has to wait; if not, it counts as being judged from now on."""
        seqs = self._seqs.setdefault(sha256, set())
        if any(seq < page.task.seq for seq in seqs):
            self._held.setdefault(sha256, []).append(page)
            return True
        seqs.add(page.task.seq)
        self._hash_of[page.task.seq] = sha256
        return False

    def committed(self, seq: int) -> list[Page]:
        """The input has its outcome; gives the pages that waited for it or its like."""
        sha256 = self._hash_of.pop(seq, None)
        if sha256 is None:
            return []
        self._seqs[sha256].discard(seq)
        if not self._seqs[sha256]:
            del self._seqs[sha256]
        return self._held.pop(sha256, [])
