"""Where values come from: command line, environment, project file, user file, default."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from claimcheck.errors import SettingsError
from claimcheck.settings.table import (
    ENVIRONMENT_PREFIX,
    PROJECT_FILE,
    PYPROJECT_TABLE,
    SETTINGS,
    Setting,
    Settings,
    known_setting,
    nearest,
)

__all__ = ["SettingsFile", "load_settings", "settings_files"]


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A file that holds settings. ``table`` is the dotted table they are in, or empty."""

    path: Path
    kind: Literal["project", "user", "given"]
    table: str = ""


def load_settings(
    *,
    cli: Mapping[str, object] | None = None,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """The settings in force here.

    :param cli: settings by name as the command line gives them; null is "not given".
    :param cwd: in place of the working directory.
    :param environ: in place of the process's environment.
    :param config: the only file to read, in place of the project and the user file.
    :raises SettingsError: an unknown setting, a value it cannot have, or a broken file.
    """
    variables = os.environ if environ is None else environ
    values: dict[str, object] = {}
    origin: dict[str, str] = {}
    layers = [_file_layer(file) for file in settings_files(cwd=cwd, environ=environ, config=config)]
    for layer in (*layers, _environment_layer(variables, cwd), _cli_layer(cli or {}, cwd)):
        for name, (value, where) in layer.items():
            values[name], origin[name] = value, where
    settings = Settings(**values, origin=origin)  # type: ignore[arg-type]
    for name in ("lexicons", "allow_lists"):
        for path in getattr(settings, name):
            if not path.is_file():
                raise SettingsError(
                    f"{settings.origin[name]}: {name}: there is no file {path}; "
                    "correct the name or remove it"
                )
    return settings


def settings_files(
    *,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> tuple[SettingsFile, ...]:
    """The files that :func:`load_settings` reads, weakest first.

    :raises SettingsError: a ``pyproject.toml`` that may hold settings is broken, or
        ``config`` does not exist.
    """
    if config is not None:
        if not config.is_file():
            raise SettingsError(f"{config}: there is no such settings file; check the spelling")
        table = PYPROJECT_TABLE if config.name == "pyproject.toml" else ""
        return (SettingsFile(config, "given", table),)
    found = (_user_file(os.environ if environ is None else environ), _project_file(cwd))
    return tuple(file for file in found if file is not None)


def _user_file(environ: Mapping[str, str]) -> SettingsFile | None:
    base = Path(environ.get("XDG_CONFIG_HOME", ""))
    if not base.is_absolute():  # the XDG specification has relative ones ignored
        home = environ.get("HOME") or environ.get("USERPROFILE")
        if not home:
            return None
        base = Path(home) / ".config"
    path = base / "claimcheck" / "config.toml"
    return SettingsFile(path, "user") if _is_file(path) else None


def _project_file(cwd: Path | None) -> SettingsFile | None:
    try:
        start = Path.cwd() if cwd is None else cwd.absolute()
    except OSError:  # the working directory was deleted
        return None
    for folder in (start, *start.parents):
        if _is_file(own := folder / PROJECT_FILE):
            return SettingsFile(own, "project")
        if _is_file(shared := folder / "pyproject.toml") and _has_table(shared):
            return SettingsFile(shared, "project", PYPROJECT_TABLE)
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a parent that may not be entered
        return False


def _has_table(path: Path) -> bool:
    """Whether a ``pyproject.toml`` holds settings for claimcheck.

    A broken one that never names claimcheck is some other project's trouble.
    """
    try:
        if b"claimcheck" not in path.read_bytes():
            return False
    except OSError:
        return False
    tools = _parsed(path).get("tool", {})
    return isinstance(tools, dict) and "claimcheck" in tools


def _parsed(path: Path) -> dict[str, Any]:
    """:raises SettingsError: the file cannot be read, or is no TOML."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8; save it in that encoding") from error
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        match = re.search(r" \(at line (\d+), column \d+\)$", message)
        line = match[1] if match else len(text.splitlines())  # else "at end of document"
        what = message[: match.start()] if match else message
        raise SettingsError(f"{path}: line {line}: broken TOML: {what}") from error
    except RecursionError as error:
        raise SettingsError(f"{path}: broken TOML: nested too deeply") from error


_Layer = dict[str, tuple[object, str]]
"""Setting → (value, where it comes from)."""


def _file_layer(file: SettingsFile) -> _Layer:
    table: object = _parsed(file.path)
    for part in filter(None, file.table.split(".")):
        table = table.get(part) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        raise SettingsError(
            f"{file.path}: has no [{file.table}] table; settings for claimcheck stand in one there"
        )
    folder = file.path.absolute().parent
    layer: _Layer = {}
    for name, value in table.items():
        where = f"{file.path}: {name}"
        setting = known_setting(name, where=str(file.path))
        _refuse_if_reserved(setting, where=where)
        layer[name] = (_located(setting, setting.read(value, where=where), folder), str(file.path))
    return layer


def _environment_layer(environ: Mapping[str, str], cwd: Path | None) -> _Layer:
    layer: _Layer = {}
    known = {setting.variable: setting for setting in SETTINGS}
    for variable in sorted(environ):
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        setting = known.get(variable)
        if setting is None:
            raise SettingsError(
                f"environment: there is no setting for {variable}"
                f"{nearest(variable, known)}; unset it"
            )
        _refuse_if_reserved(setting, where=f"environment: {variable}")
        if text := environ[variable].strip():  # an empty variable counts as not set
            value = setting.parse(text, where=f"environment: {variable}")
            layer[setting.name] = (_located(setting, value, cwd), f"environment ({variable})")
    return layer


def _cli_layer(cli: Mapping[str, object], cwd: Path | None) -> _Layer:
    layer: _Layer = {}
    for name, value in cli.items():
        setting = known_setting(name, where="command line")
        if value is not None:
            checked = setting.read(value, where=f"command line: {setting.option or name}")
            layer[name] = (_located(setting, checked, cwd), "command line")
    return layer


def _refuse_if_reserved(setting: Setting, *, where: str) -> None:
    if setting.only_here:
        raise SettingsError(
            f"{where}: only the command line may set this ({setting.option}), because "
            f"{setting.only_here}; remove it"
        )


def _located(setting: Setting, value: object, folder: Path | None) -> object:
    """``value`` with ``~`` expanded and relative paths taken from ``folder``."""
    try:
        if setting.kind == "paths" and isinstance(value, tuple):
            return tuple(_joined(path, folder) for path in value)
        if setting.kind == "model" and isinstance(value, str) and _is_path(value):
            return str(_joined(Path(value), folder))
    except RuntimeError as error:  # "~nobody"
        raise SettingsError(f"{setting.name}: {value}: {error}") from error
    return value


def _joined(path: Path, folder: Path | None) -> Path:
    expanded = path.expanduser()
    return folder / expanded if folder is not None else expanded


def _is_path(model: str) -> bool:
    """Whether a model is meant as a folder: a plain name never holds a separator."""
    return "/" in model or os.sep in model or model.startswith((".", "~"))
