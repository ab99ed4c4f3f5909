"""Slices of a labelled set: which sentences belong to which part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from claimcheck.claims import strength_name
from claimcheck.corpus import ISSUE_CODES, KIND_CODES, LabelledSentence

if TYPE_CHECKING:
    import numpy as np

__all__ = ["NEWS", "PAGES", "STRENGTHS", "is_page", "slices_of"]

PAGES = "wellness pages"
NEWS = "news"
_PAGES_PREFIX = "health-rel"
"""Sources that begin so are wellness pages; the rest of such a set is news and releases."""

STRENGTHS = ("none", "correlational", "conditional", "direct")
"""The four classes of strength (Yu 2019), weakest first."""


def is_page(row: LabelledSentence) -> bool:
    """Whether a sentence is of a wellness page, as against news and releases."""
    return row.source.startswith(_PAGES_PREFIX)


def slices_of(
    rows: Sequence[LabelledSentence], *, headings: Sequence[bool]
) -> dict[str, np.ndarray]:
    """Masks of shape ``(n,)`` by slice name, "all" first.

    A slice that holds no sentence is left out, and so is one that holds them all.

    :param headings: whether each sentence was laid out as a heading.
    """
    import numpy as np

    def mask(test: Callable[[LabelledSentence], bool]) -> np.ndarray:
        return np.array([test(row) for row in rows], dtype=bool)

    masks = {"all": np.ones(len(rows), bool)}
    pages = mask(is_page)
    if pages.any() and not pages.all():
        masks |= {PAGES: pages, NEWS: ~pages}
    for field in ("source", "genre"):
        for value in sorted({getattr(row, field) for row in rows} - {""}):
            masks[f"{field}={value}"] = mask(lambda row, f=field, v=value: getattr(row, f) == v)  # type: ignore[misc]
    above = np.array(headings, dtype=bool)
    masks |= {"place=heading": above, "place=body": ~above}
    for kind in KIND_CODES.values():
        masks[f"kind={kind or 'none'}"] = mask(lambda row, k=kind: row.kind == k)  # type: ignore[misc]
    if any(row.strength for row in rows):
        for name in STRENGTHS:
            masks[f"strength={name}"] = mask(lambda row, s=name: _strength(row) == s)  # type: ignore[misc]
    for level in (1, 2, 3):
        masks[f"severity={level}"] = mask(
            lambda row, s=level: row.label == "FLAG" and row.severity == s  # type: ignore[misc]
        )
    for issue in ISSUE_CODES.values():
        masks[f"issue={issue}"] = mask(
            lambda row, i=issue: row.label == "FLAG" and i in row.issues  # type: ignore[misc]
        )
    return {n: one for n, one in masks.items() if one.any() and (n == "all" or not one.all())}


def _strength(row: LabelledSentence) -> str | None:
    """The strength of a claim; what claims nothing has none."""
    return None if row.label == "NONE" else strength_name(row.strength)
