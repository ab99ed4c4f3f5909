"""``claimcheck issues``: the catalogue of issue types, explained."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import click

from claimcheck.cli.options import verbosity_options

if TYPE_CHECKING:
    from rich.console import Console

    from claimcheck.issues import Catalogue, Example, IssueType

__all__ = ["issue_data", "issues"]

_SEVERITY: Final = {1: "minor", 2: "moderate", 3: "serious"}
_STYLE: Final = {1: "bold blue", 2: "bold yellow", 3: "bold red"}
_WIDEST, _PIPED = 100, 200
_WORDS_FOR_SLOTS: Final = str.maketrans({"{": "[", "}": "]"})


@click.command(short_help="Explain the issue types.")
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    help="What to print.  [default: terminal]",
)
@verbosity_options
def issues(*, name: str | None, form: str) -> None:
    """List the issue types, or explain the one called NAME.

    An explanation gives the definition, sentences that are flagged and sentences that
    look alike and are not, the standard behind it, and how to reword.
    """
    from claimcheck.issues import load_catalogue

    catalogue = load_catalogue()
    issue = catalogue.get(name) if name is not None else None
    if form == "json":
        data = issue_data(issue) if issue else [issue_data(item) for item in catalogue.issues]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif issue:
        _explain(_console(), issue)
    else:
        _list(_console(), catalogue)


def _decisive(variants: Mapping[str, float]) -> str:
    named = ", ".join(f"{name!r} ({share:.0%})" for name, share in variants.items())
    return (
        f"Reported whatever the model's score where the reason is of the form {named}: the share "
        "of such proposals that annotators flagged in training data."
    )


def issue_data(issue: IssueType) -> dict[str, object]:
    """An issue type as plain JSON types, in the order of the catalogue."""
    return {
        "name": issue.name,
        "code": issue.code,
        "title": issue.title,
        "family": issue.family,
        "severity": issue.severity,
        "definition": issue.definition,
        "messages": dict(issue.messages),
        "rewording": list(issue.rewording),
        "missing": issue.missing,
        "standard": issue.standard,
        "references": [{"label": label, "url": url} for label, url in issue.references],
        "decisive": dict(issue.decisive),
        "flag": [_example_data(example) for example in issue.flag],
        "quiet": [_example_data(example) for example in issue.quiet],
    }


def _example_data(example: Example) -> dict[str, object]:
    return {"text": example.text, "why": example.why, "article": example.article}


def _console() -> Console:
    """A console on stdout, wide where nobody's window limits it, so that lines stay whole."""
    from rich.console import Console

    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    width = min(_WIDEST, shutil.get_terminal_size().columns) if is_terminal else _PIPED
    return Console(width=width, markup=False, highlight=False, emoji=False)


def _list(console: Console, catalogue: Catalogue) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("issue", "severity", "family", "meaning"):
        table.add_column(heading, no_wrap=heading != "meaning")
    for issue in catalogue.issues:
        severity = Text(f"{issue.severity} {_SEVERITY[issue.severity]}", _STYLE[issue.severity])
        table.add_row(Text(issue.name), severity, Text(issue.family), Text(issue.title))
    console.print(table)
    console.print("\n`claimcheck issues NAME` explains one.")


def _explain(console: Console, issue: IssueType) -> None:
    from rich.text import Text

    severity = f"severity {issue.severity} ({_SEVERITY[issue.severity]})"
    console.print(Text(issue.title, "bold"))
    about = f"{issue.name} · {severity}, family {issue.family}, code {issue.code}"
    console.print(Text(about, "dim"))
    width = min(_WIDEST, console.width)
    for heading, lines in _sections(issue):
        console.print()
        console.print(Text(heading, "bold"))
        for mark, line in lines:
            wrapped = textwrap.wrap(
                f"{mark}{line}",
                width - 2,
                subsequent_indent=" " * len(mark),
                break_long_words=False,
                break_on_hyphens=False,
            )
            for part in wrapped:
                console.print(Text(f"  {part}", no_wrap=True, overflow="ignore"))


def _sections(issue: IssueType) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Headings with their lines; each line a mark and a text."""
    yield "What it is", [("", issue.definition)]
    if issue.decisive:
        yield "Certainty", [("", _decisive(issue.decisive))]
    yield "Flagged", [line for item in issue.flag for line in _example("- ", item)]
    yield "Not flagged", [line for item in issue.quiet for line in _example("- ", item)]
    yield (
        "How to say it instead",
        [("- ", template.translate(_WORDS_FOR_SLOTS)) for template in issue.rewording],
    )
    yield "Standard", [("", issue.standard)]
    yield (
        "References",
        [("- ", f"{label} <{url}>" if url else label) for label, url in issue.references],
    )


def _example(mark: str, example: Example) -> list[tuple[str, str]]:
    indent = " " * len(mark)
    lines = [(mark, example.text)]
    if example.why:
        lines.append((indent, f"({example.why})"))
    if example.article:
        lines.append((indent, f"In the article: {example.article}"))
    return lines
