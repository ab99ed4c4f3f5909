"""How far a scan is, as its ledger counts it."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from claimcheck.scan.ledger import Ledger

__all__ = ["Standing"]

_RECOUNT_EVERY: Final = 10.0  # seconds
_RECOUNT_SHARE: Final = 100  # times as long as it took, at least


class Standing:
    """Inputs in all, final ones and failures by kind; counted by hand between two looks.

    Only the ledger knows of the copies that share an outcome, and asking it takes longer the
    more there is, so it is asked seldom where that is slow.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.total = self.done = 0
        self.failures: Counter[str] = Counter()
        self._due_at = 0.0
        self.recount()

    @property
    def left(self) -> int:
        """Inputs without a final state."""
        return self.total - self.done

    def recount(self) -> None:
        """Ask the ledger."""
        began = time.monotonic()
        counts = self._ledger.counts()
        self.total, self.done = counts.inputs, counts.inputs - counts.pending
        self.failures = Counter(counts.failed)
        ended = time.monotonic()
        self._due_at = ended + max(_RECOUNT_EVERY, _RECOUNT_SHARE * (ended - began))

    def recount_if_due(self) -> None:
        """Ask the ledger if the last time is long enough ago."""
        if time.monotonic() >= self._due_at:
            self.recount()
