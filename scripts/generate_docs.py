"""Write docs/cli.md and docs/settings.md from the code that they describe.

``--check`` writes nothing and exits with 1 if one of them is out of date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from claimcheck.cli.root import EXIT_CODES, LazyGroup, root
from claimcheck.settings import settings_markdown

DOCS = Path(__file__).resolve().parent.parent / "docs"


def cli_markdown() -> str:
    """The reference of every command, from the command objects themselves."""
    lines = [
        "# Command line",
        "",
        "<!-- Written by scripts/generate_docs.py from src/claimcheck/cli/. -->",
        "",
    ]
    for context in _contexts():
        lines += _command(context)
    lines += ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    lines += [
        "",
        "3 wins over 1. Results go to standard output, everything else to standard error. "
        "`NO_COLOR` is respected.",
        "",
    ]
    return "\n".join(lines)


def _contexts(context: click.Context | None = None) -> Iterator[click.Context]:
    context = context or click.Context(root, info_name="claimcheck")
    yield context
    command = context.command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (child := command.get_command(context, name)) is not None:
                yield from _contexts(click.Context(child, info_name=name, parent=context))


def _command(context: click.Context) -> list[str]:
    command = context.command
    usage = command.get_usage(context).removeprefix("Usage: ")
    lines = [f"## `{context.command_path}`", "", "```text", " ".join(usage.split()), "```", ""]
    paragraphs = (command.help or "").split("\n\n")
    lines += [line for text in paragraphs for line in (" ".join(text.split()), "")]
    if isinstance(command, click.Group):
        lines += [*_subcommands(command, context), ""]
    lines += ["| option | meaning |", "|---|---|"]
    lines += [_option(item, context) for item in command.params if isinstance(item, click.Option)]
    return [*lines, ""]


def _subcommands(group: click.Group, context: click.Context) -> list[str]:
    anchor = context.command_path.replace(" ", "-")
    lines = []
    for name in group.list_commands(context):
        child = group.get_command(context, name)
        summary = child.get_short_help_str(limit=100) if child is not None else ""
        if isinstance(group, LazyGroup) and name in group.lazy:
            summary = group.lazy[name].help
        lines.append(f"- [`{name}`](#{anchor}-{name}): {summary}")
    return lines


def _option(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    if isinstance(option.type, click.Choice):
        choices = ", ".join(f"`{choice}`" for choice in option.type.choices)
        names += f" {choices}"
    elif not option.is_flag and not option.count:
        names += f" `{option.make_metavar(ctx=context)}`"
    text = " ".join((option.help or "").split())
    return f"| {names} | {text} |".replace("NAME|DIR", "NAME or DIR")


PAGES = {"cli.md": cli_markdown, "settings.md": settings_markdown}


def out_of_date() -> list[Path]:
    """The pages that do not say what the code says."""
    return [
        DOCS / name
        for name, write in PAGES.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != write()
    ]


def main() -> int:
    """Write the pages, or with ``--check`` compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if out of date")
    stale = out_of_date()
    if parser.parse_args().check:
        for page in stale:
            print(f"{page}: is out of date; run scripts/generate_docs.py", file=sys.stderr)
        return 1 if stale else 0
    for page in stale:
        page.write_text(PAGES[page.name](), encoding="utf-8", newline="\n")
        print(f"wrote {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
