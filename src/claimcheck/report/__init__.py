"""What a check found, in the form that its reader needs: one module a format.

``terminal`` and ``html`` are for people, ``json``, ``jsonl`` and ``csv`` for programs.
``site`` is ``html`` for a run of any size: a folder with an index and a page an article.
A format reads finished records and changes nothing in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from claimcheck.errors import UsageError
from claimcheck.records import Failure, Report
from claimcheck.report.view import View

__all__ = ["FORMATS", "View", "write_outcomes"]

FORMATS: tuple[str, ...] = ("terminal", "json", "jsonl", "csv", "html")
"""The names of the formats, the one for a person at a terminal first."""


def write_outcomes(
    outcomes: Iterable[Report | Failure],
    *,
    format: str,  # noqa: A002 - the word that users know from --format
    stream: TextIO,
    view: View | None = None,
) -> None:
    """Write reports and failures to a text stream, in the order given.

    ``terminal``, ``jsonl`` and ``csv`` write each outcome as it comes; ``json`` and
    ``html`` need to see all of them first. A file for ``csv`` should be opened with
    ``newline=""``, and every file with ``encoding="utf-8"``.

    :param format: one of :data:`FORMATS`.
    :param view: how the formats for people show things; the others ignore it.
    :raises UsageError: the format does not exist.
    """
    shown = view if view is not None else View()
    # Each format is imported only when it is asked for, so that a run that prints JSON
    # does not pay for rich.
    if format == "terminal":
        from claimcheck.report import terminal

        terminal.write(outcomes, stream, view=shown)
    elif format == "json":
        from claimcheck.report import json

        json.write(outcomes, stream)
    elif format == "jsonl":
        from claimcheck.report import jsonl

        jsonl.write(outcomes, stream)
    elif format == "csv":
        from claimcheck.report import csv

        csv.write(outcomes, stream)
    elif format == "html":
        from claimcheck.report import html

        html.write(outcomes, stream, view=shown)
    else:
        raise UsageError(f"unknown format {format!r}; choose one of {', '.join(FORMATS)}")
