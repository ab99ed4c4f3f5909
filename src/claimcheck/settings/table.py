"""The one table of settings, the record of their values, and what a value may be."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from claimcheck.errors import SettingsError

__all__ = [
    "ENVIRONMENT_PREFIX",
    "PROJECT_FILE",
    "PYPROJECT_TABLE",
    "SETTINGS",
    "SETTINGS_BY_NAME",
    "Setting",
    "Settings",
    "known_setting",
    "make_settings",
    "nearest",
    "split_names",
]

Kind = Literal["text", "model", "choice", "integer", "number", "flag", "names", "paths"]

ENVIRONMENT_PREFIX: Final = "CLAIMCHECK_"
PROJECT_FILE: Final = "claimcheck.toml"
PYPROJECT_TABLE: Final = "tool.claimcheck"
_LONGEST_TEXT: Final = 200  # characters; a model name or a contact needs no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: what it may be, what it is when nobody says, and how to say it.

    ``option`` is its command-line option, or null where only files and the environment
    set it. ``minimum`` and ``maximum`` are inclusive. ``only_here`` says why the command
    line alone may set it; null where every layer may.
    """

    name: str
    kind: Kind
    default: object
    help: str
    option: str | None = None
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    only_here: str | None = None

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def expects(self) -> str:
        """What a value must be, as the end of "… is not"."""
        match self.kind:
            case "choice":
                return f"one of {', '.join(self.choices)}"
            case "integer":
                return f"a whole number from {self.minimum:,.0f} to {self.maximum:,.0f}"
            case "number":
                return f"a number from {self.minimum:g} to {self.maximum:g}"
            case "flag":
                return "true or false"
            case "names":
                return "a list of names"
            case "paths":
                return "a list of file names"
            case "model":
                return "a model's name or folder"
            case _:
                return f"one line of at most {_LONGEST_TEXT} plain ASCII characters"

    def read(self, value: object, *, where: str) -> object:
        """Check a value and give it its final type; a checked value passes unchanged.

        :param where: begins the message, such as ``claimcheck.toml: min_score``.
        :raises SettingsError: the setting cannot have this value.
        """
        if value is None and self.default is None:
            return None
        result = _READERS[self.kind](self, value)
        if result is None:
            shown = value if isinstance(value, str) else _toml_like(value)
            raise SettingsError(f"{where}: {shown!r} is not {self.expects}")
        return result

    def parse(self, text: str, *, where: str) -> object:
        """Read a value from text, as an environment variable holds it.

        Names are separated by commas; file names by the separator that the system uses
        in ``PATH``, because a file name may hold a comma.

        :raises SettingsError: the setting cannot have this value.
        """
        value: object = text
        try:
            match self.kind:
                case "integer":
                    value = int(text)
                case "number":
                    value = float(text)
                case "names":
                    value = split_names([text])
                case "paths":
                    value = [part for part in text.split(os.pathsep) if part]
                case _:
                    pass
        except ValueError:
            value = text  # read() then says what it should have been
        return self.read(value, where=where)


def split_names(values: Iterable[str]) -> tuple[str, ...]:
    """The names in ``values``, each of which may hold several separated by commas."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


# ---------------------------------------------------------------------- reading one value
# Each returns null for a value that the setting cannot have.


def _read_text(_: Setting, value: object) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    # The contact goes into a request header, where a line break would start another.
    good = text.isascii() and text.isprintable() and 0 < len(text) <= _LONGEST_TEXT
    return text if good else None


def _read_model(_: Setting, value: object) -> str | None:
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    text = value.strip() if isinstance(value, str) else ""
    return text if text and text.isprintable() else None


def _read_choice(setting: Setting, value: object) -> str | None:
    return value if isinstance(value, str) and value in setting.choices else None


def _read_number(setting: Setting, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if setting.minimum is not None and value < setting.minimum:
        return None
    return None if setting.maximum is not None and value > setting.maximum else float(value)


def _read_integer(setting: Setting, value: object) -> int | None:
    if not isinstance(value, int) or _read_number(setting, value) is None:
        return None
    return int(value)


def _read_flag(_: Setting, value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _read_names(_: Setting, value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    names = [item.strip() for item in value if isinstance(item, str)]
    return tuple(dict.fromkeys(names)) if all(names) and len(names) == len(value) else None


def _read_paths(_: Setting, value: object) -> tuple[Path, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    paths = [
        Path(item)
        for item in value
        if isinstance(item, Path) or (isinstance(item, str) and item and "\0" not in item)
    ]
    return tuple(dict.fromkeys(paths)) if len(paths) == len(value) else None


_READERS: Final[Mapping[Kind, Any]] = {
    "text": _read_text,
    "model": _read_model,
    "choice": _read_choice,
    "integer": _read_integer,
    "number": _read_number,
    "flag": _read_flag,
    "names": _read_names,
    "paths": _read_paths,
}


def _toml_like(value: object) -> object:
    """A rejected value as the message shows it: paths as text, the rest as it is."""
    if isinstance(value, list | tuple):
        return [_toml_like(item) for item in value]
    return str(value) if isinstance(value, Path) else value


# ---------------------------------------------------------------------- the table

SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        name="model",
        kind="model",
        default="default",
        option="--model",
        metavar="NAME|DIR",
        help="The model that scores sentences: the name of one that came with claimcheck, or "
        "a model folder.",
    ),
    Setting(
        name="profile",
        kind="choice",
        default="balanced",
        choices=("careful", "balanced", "sensitive"),
        option="--profile",
        help="How sure to be before a sentence is flagged: careful shows fewer and surer "
        "findings, sensitive more of them and more false alarms.",
    ),
    Setting(
        name="select",
        kind="names",
        default=(),
        option="--select",
        metavar="ISSUE",
        help="Report these issues and no others; `claimcheck issues` lists them.",
    ),
    Setting(
        name="ignore",
        kind="names",
        default=(),
        option="--ignore",
        metavar="ISSUE",
        help="Leave these issues out, also where they were selected.",
    ),
    Setting(
        name="min_severity",
        kind="integer",
        default=1,
        minimum=1,
        maximum=3,
        option="--min-severity",
        metavar="N",
        help="Leave out findings that are less severe: 1 minor, 2 moderate, 3 serious.",
    ),
    Setting(
        name="min_score",
        kind="number",
        default=None,
        minimum=0,
        maximum=1,
        option="--min-score",
        metavar="P",
        help="Leave out findings whose sentence scores lower: the probability that a careful "
        "health editor would want to see it.",
    ),
    Setting(
        name="fail_on",
        kind="integer",
        default=1,
        minimum=1,
        maximum=3,
        option="--fail-on",
        metavar="N",
        help="The least severity of a finding that makes the exit code 1.",
    ),
    Setting(
        name="lexicons",
        kind="paths",
        default=(),
        option="--lexicon",
        metavar="FILE",
        help="A cue lexicon (.jsonl) of your own, merged with the ones that came with claimcheck.",
    ),
    Setting(
        name="allow_lists",
        kind="paths",
        default=(),
        option="--allow-list",
        metavar="FILE",
        help="A list (.toml) of established facts that need no hedge, merged with the one that "
        "came with claimcheck.",
    ),
    Setting(
        name="allow_private",
        kind="flag",
        default=False,
        option="--allow-private",
        help="Let a web address lead to a private address or an unusual port, such as a site on "
        "your own network.",
        only_here="a settings file or variable may come with a folder that someone else made, "
        "and must not be able to open the addresses inside your network",
    ),
    Setting(
        name="max_bytes",
        kind="integer",
        default=20_000_000,
        minimum=1,
        maximum=1_000_000_000,
        help="The most bytes that are read of one input, after unpacking.",
    ),
    Setting(
        name="timeout_seconds",
        kind="number",
        default=30.0,
        minimum=0.1,
        maximum=600,
        help="The most seconds that retrieving one web page may take, redirects included.",
    ),
    Setting(
        name="workers",
        kind="integer",
        default=None,
        minimum=1,
        maximum=256,
        option="--workers",
        metavar="N",
        help="How many processes of a scan extract and judge pages; as many as there are "
        "processor cores where nobody says.",
    ),
    Setting(
        name="connections",
        kind="integer",
        default=16,
        minimum=1,
        maximum=256,
        option="--connections",
        metavar="N",
        help="How many pages a scan retrieves at once, each from another host.",
    ),
    Setting(
        name="delay_seconds",
        kind="number",
        default=1.0,
        minimum=0,
        maximum=3600,
        option="--delay",
        metavar="SECONDS",
        help="The least seconds of a scan between two requests to one host; a site's own "
        "crawl-delay counts where it is longer.",
    ),
    Setting(
        name="retries",
        kind="integer",
        default=3,
        minimum=0,
        maximum=10,
        option="--retries",
        metavar="N",
        help="How often a scan asks again for a page where the server was busy or did not "
        "answer, each time after a longer wait.",
    ),
    Setting(
        name="cache_hours",
        kind="number",
        default=24.0,
        minimum=0,
        maximum=8760,
        option="--cache-hours",
        metavar="HOURS",
        help="How long a page in the cache of a run stands for the live page before the server "
        "is asked whether it has changed.",
    ),
    Setting(
        name="environment_proxy",
        kind="flag",
        default=False,
        option="--environment-proxy",
        help="Retrieve pages through the proxy that the environment names (HTTPS_PROXY and the "
        "like). The proxy then looks names up, so addresses cannot be vetted.",
        only_here="a proxy sees every address that is retrieved, and takes the place of the "
        "check for private addresses",
    ),
    Setting(
        name="page_seconds",
        kind="number",
        default=60.0,
        minimum=1,
        maximum=3600,
        option="--page-seconds",
        metavar="SECONDS",
        help="The most seconds of a scan that extracting and judging one page may take.",
    ),
    Setting(
        name="page_memory_mb",
        kind="integer",
        default=2048,
        minimum=256,
        maximum=1_048_576,
        option="--page-memory",
        metavar="MB",
        help="The most memory, in megabytes, that one process of a scan may take, the model "
        "included.",
    ),
    Setting(
        name="contact",
        kind="text",
        default=None,
        help="An e-mail or web address that is added to the user agent, so that a site's owner "
        "can reach you.",
    ),
    Setting(
        name="format",
        kind="choice",
        default="terminal",
        choices=("terminal", "json", "jsonl", "csv", "html"),
        option="--format",
        help="What to write: text for a person, one JSON object (an array for several inputs), "
        "JSON Lines, one CSV row a finding, or an HTML page.",
    ),
)

SETTINGS_BY_NAME: Final[Mapping[str, Setting]] = {setting.name: setting for setting in SETTINGS}


def _default(name: str) -> Any:
    return SETTINGS_BY_NAME[name].default


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values in force; ``Settings()`` holds the defaults.

    Names that end in ``_seconds``, ``_hours`` and ``_mb`` say their unit; ``min_score`` is
    a probability 0–1, ``max_bytes`` in bytes; ``workers`` null means one a core.
    ``origin`` says for each setting where its value comes from, for people.

    :raises SettingsError: a value is one that the setting cannot have.
    """

    model: str = _default("model")
    profile: Literal["careful", "balanced", "sensitive"] = _default("profile")
    select: tuple[str, ...] = _default("select")
    ignore: tuple[str, ...] = _default("ignore")
    min_severity: int = _default("min_severity")
    min_score: float | None = _default("min_score")
    fail_on: int = _default("fail_on")
    lexicons: tuple[Path, ...] = _default("lexicons")
    allow_lists: tuple[Path, ...] = _default("allow_lists")
    allow_private: bool = _default("allow_private")
    max_bytes: int = _default("max_bytes")
    timeout_seconds: float = _default("timeout_seconds")
    workers: int | None = _default("workers")
    connections: int = _default("connections")
    delay_seconds: float = _default("delay_seconds")
    retries: int = _default("retries")
    cache_hours: float = _default("cache_hours")
    environment_proxy: bool = _default("environment_proxy")
    page_seconds: float = _default("page_seconds")
    page_memory_mb: int = _default("page_memory_mb")
    contact: str | None = _default("contact")
    format: str = _default("format")
    origin: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for setting in SETTINGS:
            value = setting.read(getattr(self, setting.name), where=setting.name)
            object.__setattr__(self, setting.name, value)
        origin = {setting.name: self.origin.get(setting.name, "default") for setting in SETTINGS}
        object.__setattr__(self, "origin", origin)


def make_settings(options: Mapping[str, object] | None = None) -> Settings:
    """Settings from options given in Python; no file and no variable is looked at.

    :raises SettingsError: an option is unknown or has a value it cannot have.
    """
    given = dict(options or {})
    for name in given:
        known_setting(name, where="claimcheck")
    origin = dict.fromkeys(given, "argument")
    return Settings(**given, origin=origin)  # type: ignore[arg-type]


def known_setting(name: str, *, where: str) -> Setting:
    """:raises SettingsError: there is no such setting; names the nearest."""
    if name in SETTINGS_BY_NAME:
        return SETTINGS_BY_NAME[name]
    if name == "tool":
        hint = f"; in {PROJECT_FILE} settings stand at the top, without [{PYPROJECT_TABLE}]"
    else:
        hint = nearest(name, SETTINGS_BY_NAME) or "; `claimcheck settings` lists them all"
    raise SettingsError(f"{where}: there is no setting {name!r}{hint}")


def nearest(name: str, known: Iterable[str]) -> str:
    candidates = list(known)
    close = difflib.get_close_matches(name.replace("-", "_"), candidates, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""
