"""The table that ends a scan: what was read, what was not, and what was found."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from claimcheck.cli.options import printable
from claimcheck.cli.output import standard_output
from claimcheck.cli.scan_progress import duration

if TYPE_CHECKING:
    from claimcheck.scan import Summary

__all__ = ["print_summary", "totals"]

_MOST_REASONS = 20  # more kinds of failure than there are
_LONGEST_NAME = 70  # characters of a page's address


def print_summary(summary: Summary, run: Path, *, quiet: bool = False, aside: bool = False) -> None:
    """Print the table to standard output; ``quiet`` leaves one line of it.

    :param aside: print it to standard error, because something else is the result.
    """
    stream = sys.stderr if aside else standard_output(for_programs=False)
    if quiet:
        click.echo(totals(summary), file=stream)
        return
    _print_table(summary, stream)
    name = printable(str(run))
    quoted = printable(shlex.quote(str(run)))
    click.echo(
        f"\nresults in {name}; `claimcheck report {quoted}` makes pages of them", file=stream
    )


def totals(summary: Summary) -> str:
    """The scan on one line."""
    skipped = sum(summary.skipped.values())
    return (
        f"{summary.inputs:,} inputs: {summary.articles:,} read, {summary.unread:,} failed, "
        f"{skipped:,} skipped; {summary.claims:,} claims, {summary.findings:,} findings"
    )


def _print_table(summary: Summary, stream: TextIO) -> None:
    lines = list(_lines(summary))
    width = max(len(number) for number, _ in lines)
    for number, words in lines:
        click.echo(f"{number:>{width}}  {words}".rstrip(), file=stream)


def _lines(summary: Summary) -> Iterator[tuple[str, str]]:
    yield f"{summary.inputs:,}", "inputs"
    yield f"{summary.articles:,}", f"articles read, {summary.words:,} words{_pace(summary)}"
    yield from _reasons("failed", summary.failed)
    yield from _reasons("skipped", summary.skipped)
    if summary.pending:
        yield f"{summary.pending:,}", "still to do"
    yield "", ""
    yield f"{summary.claims:,}", f"claims, {summary.flagged:,} of them flagged"
    serious, moderate, minor = summary.severities
    yield (
        f"{summary.findings:,}",
        f"findings: {serious:,} serious, {moderate:,} moderate, {minor:,} minor; in "
        f"{summary.flagged_articles:,} of {summary.articles:,} articles",
    )
    for name, number in summary.issues.items():
        yield f"{number:,}", f"  {name}"
    if summary.most_flagged:
        yield "", ""
        yield "", "pages with the most flagged claims"
    for page in summary.most_flagged:
        title = printable(page.title)
        name = printable(page.uri)
        where = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        yield f"{page.flagged:,}", f"{title}  ({where})" if title and title != name else where


def _pace(summary: Summary) -> str:
    if summary.wall_seconds <= 0:
        return ""
    cpu = f", {duration(summary.cpu_seconds)} of processor" if summary.cpu_seconds else ""
    return f", in {duration(summary.wall_seconds)}{cpu}"


def _reasons(state: str, reasons: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    yield f"{sum(reasons.values()):,}", state
    for reason, number in list(reasons.items())[:_MOST_REASONS]:
        yield f"{number:,}", f"  {reason}"
