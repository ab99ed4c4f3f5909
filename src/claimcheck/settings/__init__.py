"""Every setting, declared once, and where its value comes from.

:data:`SETTINGS` is the one table: reading and checking values, the options of the
command line, ``claimcheck settings`` and ``docs/settings.md`` all come from it.

Strongest first: command line, environment, project file (the nearest
``claimcheck.toml``, or ``pyproject.toml`` with a ``[tool.claimcheck]`` table, going up
from the working directory), user file, default. A stronger value replaces a weaker
one; lists are not joined.
"""

from claimcheck.settings.layers import SettingsFile, load_settings, settings_files
from claimcheck.settings.reference import format_value, settings_markdown
from claimcheck.settings.table import (
    SETTINGS,
    SETTINGS_BY_NAME,
    Setting,
    Settings,
    make_settings,
    split_names,
)

__all__ = [
    "SETTINGS",
    "SETTINGS_BY_NAME",
    "Setting",
    "Settings",
    "SettingsFile",
    "format_value",
    "load_settings",
    "make_settings",
    "settings_files",
    "settings_markdown",
    "split_names",
]
