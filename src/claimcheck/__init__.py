"""claimcheck: a wording checker for health and wellness articles.

It answers one question for an editor: which sentences claim more about benefit or
safety than the article itself supports? It judges wording, never medical truth.

>>> import claimcheck
>>> report = claimcheck.check("article.html")  # doctest: +SKIP
>>> for finding in report.findings:  # doctest: +SKIP
...     print(finding.issue, finding.message)

Everything heavy is imported on first use: ``import claimcheck`` is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claimcheck.checker import Checker, check
    from claimcheck.errors import (
        CatalogueError,
        ClaimcheckError,
        CorpusError,
        LexiconError,
        ModelError,
        SettingsError,
        SourceError,
        UsageError,
    )
    from claimcheck.records import (
        Article,
        Block,
        Claim,
        Cue,
        Failure,
        Finding,
        Report,
        Sentence,
        Slots,
        Source,
        Summary,
        parse_outcome,
    )
    from claimcheck.settings import Settings, load_settings, make_settings

_HOMES = {
    "claimcheck.checker": ("Checker", "check"),
    "claimcheck.errors": (
        "CatalogueError", "ClaimcheckError", "CorpusError", "LexiconError", "ModelError",
        "SettingsError", "SourceError", "UsageError",
    ),
    "claimcheck.records": (
        "Article", "Block", "Claim", "Cue", "Failure", "Finding", "Report", "Sentence", "Slots",
        "Source", "Summary", "parse_outcome",
    ),
    "claimcheck.settings": ("Settings", "load_settings", "make_settings"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Article",
    "Block",
    "CatalogueError",
    "Checker",
    "Claim",
    "ClaimcheckError",
    "CorpusError",
    "Cue",
    "Failure",
    "Finding",
    "LexiconError",
    "ModelError",
    "Report",
    "Sentence",
    "Settings",
    "SettingsError",
    "Slots",
    "Source",
    "SourceError",
    "Summary",
    "UsageError",
    "__version__",
    "check",
    "load_settings",
    "make_settings",
    "parse_outcome",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("claimcheck-health")
        except PackageNotFoundError:
            return "0+unknown"
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'claimcheck' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
