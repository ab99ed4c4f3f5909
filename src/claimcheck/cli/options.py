"""Options that several commands share, made from the table of settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from claimcheck.settings import SETTINGS_BY_NAME, Setting, format_value, split_names

__all__ = [
    "Verbosity",
    "config_option",
    "given_settings",
    "printable",
    "setting_options",
    "verbosity_of",
    "verbosity_options",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_LEVELS: Final = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO, 2: logging.DEBUG}


@dataclass(slots=True)
class Verbosity:
    """How much is said on stderr: -1 errors only, 0 ordinary, 1 more, 2 everything.

    One object a run, in ``ctx.obj``: ``claimcheck -v check`` and ``claimcheck check -v``
    mean the same.
    """

    level: int = 0

    @property
    def quiet(self) -> bool:
        """Whether only errors are wanted."""
        return self.level < 0

    @property
    def verbose(self) -> bool:
        """Whether more than the ordinary is wanted."""
        return self.level > 0

    def apply(self) -> None:
        """Let log records through to stderr: ours by level, others' only with ``-vv``.

        Without a handler of ours, Python prints other libraries' warnings as they are.
        """
        level = _LEVELS[max(-1, min(self.level, 2))]
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("claimcheck: %(levelname)s: %(message)s"))
        handler.addFilter(lambda record: level <= logging.DEBUG or _is_ours(record))
        logging.basicConfig(level=level, handlers=[handler], force=True)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name == "claimcheck" or record.name.startswith("claimcheck.")


def verbosity_of(ctx: click.Context) -> Verbosity:
    """The run's one verbosity."""
    return ctx.ensure_object(Verbosity)


def verbosity_options(command: _Command) -> _Command:
    """Add ``-q`` and ``-v``."""

    def change(ctx: click.Context, option: click.Parameter, count: int) -> None:
        verbosity_of(ctx).level += -count if option.name == "quiet" else count

    for name, flag, text in (
        ("verbose", "-v", "Say more; twice for everything."),
        ("quiet", "-q", "Say only what is wrong; the terminal report shrinks to its totals."),
    ):
        click.option(flag, f"--{name}", count=True, expose_value=False, callback=change, help=text)(
            command
        )
    return command


def config_option(command: _Command) -> _Command:
    """Add ``--config FILE``."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Read settings from this file and from no other.",
    )(command)


def setting_options(*names: str) -> Callable[[_Command], _Command]:
    """Add the options of these settings, in this order."""

    def decorate(command: _Command) -> _Command:
        for name in reversed(names):
            _option(SETTINGS_BY_NAME[name])(command)
        return command

    return decorate


def given_settings(parameters: Mapping[str, object]) -> dict[str, object]:
    """The settings among a command's parameters that the command line gave."""
    return {
        name: value
        for name, value in parameters.items()
        if name in SETTINGS_BY_NAME and value is not None and value != ()
    }


def _option(setting: Setting) -> Callable[[_Command], _Command]:
    if setting.option is None:
        raise ValueError(f"{setting.name} has no command-line option")
    arguments: dict[str, Any] = {"default": None, "help": _help(setting)}
    if setting.metavar:
        arguments["metavar"] = setting.metavar
    match setting.kind:
        case "choice":
            arguments["type"] = click.Choice(setting.choices)
        case "integer":
            arguments["type"] = click.IntRange(_whole(setting.minimum), _whole(setting.maximum))
        case "number":
            arguments["type"] = click.FloatRange(setting.minimum, setting.maximum)
        case "flag":
            arguments |= {"is_flag": True, "type": bool}
        case "names":
            arguments |= {"multiple": True, "callback": _split, "default": ()}
        case "paths":
            arguments |= {
                "multiple": True,
                "type": click.Path(path_type=Path),
                "default": (),
            }
        case _:
            arguments["type"] = str
    return click.option(setting.option, setting.name, **arguments)


def _whole(limit: float | None) -> int | None:
    return None if limit is None else int(limit)


def _split(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return split_names(values)


def _help(setting: Setting) -> str:
    text = setting.help
    if setting.kind in ("names", "paths"):
        also = ", or separate with commas" if setting.kind == "names" else ""
        return f"{text} Repeat for several{also}."
    if setting.default is None or setting.kind == "flag":
        return text
    return f"{text}  [default: {format_value(setting.default)}]"


def printable(text: str) -> str:
    """``text`` on one line, with what a terminal would obey or cannot show escaped.

    File names and addresses come from elsewhere, and may hold escape sequences.
    """
    return "".join(
        character
        if character.isprintable()
        else " "
        if character in "\n\t"
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )
