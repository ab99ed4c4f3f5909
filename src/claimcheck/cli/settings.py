"""``claimcheck settings``: what is in force, and where each value comes from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from claimcheck.cli.options import config_option, printable, verbosity_of, verbosity_options
from claimcheck.settings import (
    SETTINGS,
    Settings,
    SettingsFile,
    format_value,
    load_settings,
    settings_files,
)

__all__ = ["settings", "settings_json", "settings_text"]


@click.command(short_help="Show the settings in force.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    help="What to print.  [default: terminal]",
)
@config_option
@verbosity_options
@click.pass_context
def settings(ctx: click.Context, *, form: str, config: Path | None) -> None:
    """Show every setting's value and where it comes from; -v also what each one means.

    The command line comes first, then the environment, the project file, the user file,
    and the default.
    """
    values = load_settings(config=config)
    files = settings_files(config=config)
    if form == "json":
        click.echo(settings_json(values, files))
    else:
        click.echo(settings_text(values, files, explain=verbosity_of(ctx).verbose))


def settings_text(
    values: Settings, files: tuple[SettingsFile, ...], *, explain: bool = False
) -> str:
    """The settings as aligned lines: name, value, origin."""
    rows = [
        (setting, printable(format_value(getattr(values, setting.name)))) for setting in SETTINGS
    ]
    first = max(len(setting.name) for setting, _ in rows)
    second = min(40, max(len(value) for _, value in rows))
    lines = []
    for setting, value in rows:
        origin = printable(values.origin[setting.name])
        lines.append(f"{setting.name:<{first}}  {value:<{second}}  {origin}".rstrip())
        if explain:
            places = [] if setting.only_here else [setting.variable]
            places = [setting.option, *places] if setting.option else places
            lines += [f"    {setting.help}", f"    {' or '.join(places)}: {setting.expects}", ""]
    read = [f"  {file.kind} file  {printable(str(file.path))}" for file in reversed(files)]
    return "\n".join([*lines, "", "Files read, the strongest first:", *(read or ["  none"])])


def settings_json(values: Settings, files: tuple[SettingsFile, ...]) -> str:
    """The settings as a JSON object: per setting its value and origin, and the files read."""
    data = {
        "settings": {
            setting.name: {
                "value": _plain(getattr(values, setting.name)),
                "origin": values.origin[setting.name],
            }
            for setting in SETTINGS
        },
        "files": [{"kind": file.kind, "path": str(file.path)} for file in reversed(files)],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _plain(value: object) -> object:
    return [str(item) for item in value] if isinstance(value, tuple) else value
