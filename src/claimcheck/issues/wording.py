"""Frames: constructions that only the issue rules read, beside the cue lexicons.

The entries are data (``data/frames.toml``) in the pattern language of the lexicons, each
group with sentences that must and must not fire. A hit is a :class:`CueHit` like any
other, so a rule reads lexicon cues and frames of one class together.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from claimcheck.claims import Analysis, CueHit, Lexicon, LexiconEntry, of_class
from claimcheck.claims.cues import cues_of
from claimcheck.claims.lexicon import CUE_CLASSES, compile_pattern
from claimcheck.claims.tokens import Tokens
from claimcheck.errors import LexiconError

__all__ = ["FRAME_CLASSES", "Frame", "default_frames", "hits", "parse_frames"]

FRAME_CLASSES = frozenset(
    {"novelty", "promise", "praise", "reach", "finding", "animal", "observed"}
)
"""The classes of this room's own; every other frame joins a lexicon class."""

_FIELDS = {"class", "patterns", "unless", "fires", "quiet"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One group of patterns with the sentences that test it."""

    cue_class: str
    entries: tuple[LexiconEntry, ...]
    fires: tuple[str, ...]
    quiet: tuple[str, ...]


def hits(sentence: Analysis, *classes: str) -> tuple[CueHit, ...]:
    """Lexicon cues and frames of some classes, in text order."""
    found = [*of_class(sentence.cues, *classes), *of_class(_framed(sentence), *classes)]
    return tuple(sorted(found, key=lambda cue: (cue.start, -cue.end)))


def _framed(sentence: Analysis) -> tuple[CueHit, ...]:
    tokens = sentence.tokens
    if not isinstance(tokens, Tokens):
        return cues_of(tokens, _lexicon(), mentions=sentence.mentions)
    known: tuple[CueHit, ...] | None = tokens.memo.get("frames")
    if known is None:
        known = cues_of(tokens, _lexicon(), mentions=sentence.mentions)
        tokens.memo["frames"] = known
    return known


@lru_cache(maxsize=1)
def default_frames() -> tuple[Frame, ...]:
    """The frames that ship with claimcheck."""
    source = files("claimcheck.issues") / "data" / "frames.toml"
    return parse_frames(source.read_text(encoding="utf-8"), where="frames.toml")


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon.of(entry for frame in default_frames() for entry in frame.entries)


def parse_frames(text: str, *, where: str) -> tuple[Frame, ...]:
    """Read frames.

    :raises LexiconError: it is no TOML, a group lacks a field or has an unknown one, its
        class is unknown, or a pattern does not compile.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{where}: not TOML ({error})") from error
    return tuple(_frame(entry, where) for entry in data.get("frame", ()))


def _frame(entry: Mapping[str, Any], where: str) -> Frame:
    name = str(entry.get("class", "?"))
    unknown, lacking = sorted(set(entry) - _FIELDS), sorted(_FIELDS - set(entry))
    if unknown or lacking:
        raise LexiconError(f"{where}: frame {name}: unknown {unknown}, lacking {lacking}")
    if name not in CUE_CLASSES | FRAME_CLASSES:
        raise LexiconError(f"{where}: unknown frame class {name!r}")
    unless = tuple(compile_pattern(pattern) for pattern in entry["unless"])
    entries = tuple(
        LexiconEntry(
            f"{name}.frame-{number}",
            name,
            compile_pattern(pattern),
            None,
            unless,
            (),
            (),
        )
        for number, pattern in enumerate(entry["patterns"], start=1)
    )
    return Frame(name, entries, tuple(entry["fires"]), tuple(entry["quiet"]))
