"""Settings for people: values on one line, and ``docs/settings.md``."""

from __future__ import annotations

from claimcheck.settings.table import (
    ENVIRONMENT_PREFIX,
    PROJECT_FILE,
    PYPROJECT_TABLE,
    SETTINGS,
    Setting,
)

__all__ = ["format_value", "settings_markdown"]


def format_value(value: object) -> str:
    """A setting's value on one line, as ``claimcheck settings`` and the docs show it."""
    if value is None or value == ():
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def settings_markdown() -> str:
    """``docs/settings.md``, written from the table."""
    reserved = [setting for setting in SETTINGS if setting.only_here]
    lines = [
        "# Settings",
        "",
        "<!-- Written by scripts/generate_docs.py from src/claimcheck/settings/table.py. -->",
        "",
        "A value is looked for in this order, and the first that is found holds:",
        "",
        "1. the command line;",
        "2. the environment;",
        f"3. the project file: the nearest `{PROJECT_FILE}`, or `pyproject.toml` with a "
        f"`[{PYPROJECT_TABLE}]` table, going up from the working directory (`{PROJECT_FILE}` "
        "wins where a folder has both);",
        "4. the user file, `claimcheck/config.toml` in `$XDG_CONFIG_HOME` or `~/.config`;",
        "5. the default.",
        "",
        "`--config FILE` reads that file and neither of the other two. A list replaces the list "
        "of a weaker place; the two are not joined. A setting that does not exist, in a file or "
        f"as a `{ENVIRONMENT_PREFIX}…` variable, is an error, and so is a value that a setting "
        "cannot have. Relative paths in a file are relative to that file. "
        "`claimcheck settings` shows what is in force and where each value comes from.",
        "",
        "```toml",
        f"# {PROJECT_FILE}",
        'profile = "careful"',
        'ignore = ["hype", "popularity"]',
        "min_severity = 2",
        'allow_lists = ["house/established-facts.toml"]',
        "```",
        "",
        "In the environment, names are separated by commas and paths as in `PATH`; an empty "
        "variable counts as not set.",
        "",
        "| setting | value | default | option | variable |",
        "|---|---|---|---|---|",
        *(_markdown_row(setting) for setting in SETTINGS),
        "",
    ]
    for setting in SETTINGS:
        lines += [f"**`{setting.name}`** {setting.help}", ""]
    for setting in reserved:
        lines += [
            f"`{setting.name}` can only be set with `{setting.option}`: {setting.only_here}.",
            "",
        ]
    return "\n".join(lines)


def _markdown_row(setting: Setting) -> str:
    default = format_value(setting.default)
    option = f"`{setting.option}`" if setting.option else "none"
    variable = "none" if setting.only_here else f"`{setting.variable}`"
    shown = default if default == "not set" else f"`{default}`"
    return f"| `{setting.name}` | {setting.expects} | {shown} | {option} | {variable} |"
