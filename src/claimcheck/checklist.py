"""The article-level review criteria. None is checked yet: a report's checklist is empty."""

from __future__ import annotations

from claimcheck.records import Article, ChecklistItem

__all__ = ["checklist_of"]


def checklist_of(article: Article) -> tuple[ChecklistItem, ...]:  # noqa: ARG001
    """The criteria of an article, each with its evidence; none for now."""
    return ()
