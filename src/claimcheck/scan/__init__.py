"""Many inputs → a run folder: listed, retrieved, judged and written down, one final state each.

:func:`scan` makes a run, :func:`resume` goes on with one, :func:`update` scans its inputs
anew. What they hand back is a :class:`Summary`; the pages themselves are in the folder.

Modules: ``run`` (the three calls), ``drive`` (the loop on one machine), ``schedule`` (which
address is asked next), ``local`` (child processes), ``pages`` (what a child does), ``ledger``,
``rows`` and ``tables`` (what was committed), ``folder``, ``results`` and ``summary`` (files),
``changes``, ``change_records``, ``alignment`` and ``shelf`` (two generations compared),
``watching`` (progress, interruption).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claimcheck.scan.folder import RunFolder
    from claimcheck.scan.run import resume, scan, settings_of, update
    from claimcheck.scan.summary import Summary
    from claimcheck.scan.watching import Drained, Progress, Watcher

_HOMES = {
    "claimcheck.scan.folder": ("RunFolder",),
    "claimcheck.scan.run": ("resume", "scan", "settings_of", "update"),
    "claimcheck.scan.summary": ("Summary",),
    "claimcheck.scan.watching": ("Drained", "Progress", "Watcher"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Drained",
    "Progress",
    "RunFolder",
    "Summary",
    "Watcher",
    "resume",
    "scan",
    "settings_of",
    "update",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'claimcheck.scan' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
