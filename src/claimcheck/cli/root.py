"""The ``claimcheck`` command itself: finds its subcommands, and turns errors into exit codes.

To add a command, write it in a module of this package and add a line to
:data:`COMMANDS`. A command returns its exit code (null for 0) and imports what is
heavy inside its function.
"""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from claimcheck.cli.options import Verbosity, printable, verbosity_options
from claimcheck.errors import ClaimcheckError, SourceError

__all__ = ["COMMANDS", "EXIT_CODES", "LazyCommand", "LazyGroup", "main", "root"]

EXIT_CODES: Final[Mapping[int, str]] = {
    0: "no finding at or above --fail-on",
    1: "there are findings (of scan and report only with --fail-on)",
    2: "usage or configuration error",
    3: "at least one input could not be read (the others are reported all the same); of scan "
    "and report only with --fail-on-unreadable, or for a run that is not finished",
    70: "a fault in claimcheck itself",
    130: "interrupted",
    141: "the reader of the output went away",
}
"""What each exit code means. The last three follow the habits of the shell."""

_USAGE, _UNREADABLE, _FAULT, _INTERRUPTED, _PIPE = 2, 3, 70, 130, 141


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a subcommand lives (``module:attribute``) and its line in ``--help``."""

    target: str
    help: str


COMMANDS: Final[Mapping[str, LazyCommand]] = {
    "check": LazyCommand("claimcheck.cli.check:check", "Check one or a few articles."),
    "scan": LazyCommand("claimcheck.cli.scan:scan", "Scan many pages into a run folder."),
    "report": LazyCommand("claimcheck.cli.report:report", "Turn a run into files."),
    "issues": LazyCommand("claimcheck.cli.issues:issues", "Explain the issue types."),
    "train": LazyCommand(
        "claimcheck.cli.training:train", "Train a model folder from labelled corpora."
    ),
    "evaluate": LazyCommand(
        "claimcheck.cli.training:evaluate", "Measure models on labelled corpora."
    ),
    "settings": LazyCommand(
        "claimcheck.cli.settings:settings",
        "Show the settings in force and where each comes from.",
    ),
}


class LazyGroup(click.Group):
    """A group that imports a subcommand only when it is called, not to list it."""

    lazy: Mapping[str, LazyCommand] = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.lazy.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is not a command")
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.lazy.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name.startswith("-") or name in self.list_commands(ctx):
            return super().resolve_command(ctx, args)
        near = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise click.UsageError(f"there is no command {name!r}{hint}", ctx)

    def invoke(self, ctx: click.Context) -> Any:
        # click's own handling of a closed pipe exits with 1, which here means findings.
        try:
            code = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
        except BrokenPipeError:
            _discard_output()
            return _PIPE
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            _discard_output()
            raise click.ClickException(f"the output cannot be written ({error.strerror})") from None
        return code


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: "
    + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items())
    + ".",
)
@click.version_option(package_name="claimcheck-health", message="claimcheck %(version)s")
@verbosity_options
def root() -> None:
    """Find the sentences of a health article that claim more than the article supports.

    claimcheck judges wording against the support that the article itself gives, never
    medical truth. Text never leaves this machine.
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code (:data:`EXIT_CODES`).

    :param args: in place of the process's own arguments.
    """
    arguments = list(sys.argv[1:] if args is None else args)
    verbosity = Verbosity()
    try:
        code = root.main(arguments, prog_name="claimcheck", standalone_mode=False, obj=verbosity)
    except click.exceptions.Abort:
        return _complain("interrupted", _INTERRUPTED)
    except click.ClickException as error:
        return _complain_of_usage(error)
    except SourceError as error:
        return _complain(f"error: {error}", _UNREADABLE)
    except ClaimcheckError as error:
        return _complain(f"error: {error}", _USAGE)
    except Exception as error:  # noqa: BLE001 - a traceback's exit code, 1, would mean findings
        return _complain_of_fault(error, debug=verbosity.verbose)
    return code if isinstance(code, int) else 0


def _complain(message: str, code: int) -> int:
    click.echo(f"claimcheck: {printable(message)}", err=True)
    return code


def _complain_of_usage(error: click.ClickException) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":  # click puts the help text in it
        error.show()
        return _USAGE
    context = getattr(error, "ctx", None)
    hint = f" (see `{context.command_path} --help`)" if context is not None else ""
    return _complain(f"error: {error.format_message().rstrip('.')}{hint}", _USAGE)


def _complain_of_fault(error: Exception, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    more = "" if debug else "; -v shows where"
    return _complain(
        f"error: a fault in claimcheck ({type(error).__name__}: {error}){more}", _FAULT
    )


def _discard_output() -> None:
    """Send what is still buffered nowhere, so that Python's exit does not complain again."""
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
