"""Every error that claimcheck raises on purpose.

::

    ClaimcheckError
    ├── UsageError            the caller asked for something that cannot be (exit code 2)
    │   ├── SettingsError     a setting, its value or its file
    │   ├── LexiconError      a cue lexicon, gazetteer or allow-list, ours or the user's
    │   ├── CatalogueError    the issue catalogue, or a name that is not in it
    │   └── ModelError        a model folder: missing, damaged, tampered with or too new
    ├── CorpusError           labelled data that cannot be read or does not hold together
    └── SourceError           one input could not be read (becomes a ``Failure``, exit code 3)

A message names the input, what was wrong with it and what to do about it.
"""

from __future__ import annotations

from typing import Literal, get_args

__all__ = [
    "FAILURE_KINDS",
    "CatalogueError",
    "ClaimcheckError",
    "CorpusError",
    "FailureKind",
    "LexiconError",
    "ModelError",
    "SettingsError",
    "SourceError",
    "UsageError",
]

FailureKind = Literal[
    "not-found",
    "connection",
    "blocked",
    "robots",
    "unsafe-address",
    "redirect",
    "timeout",
    "too-large",
    "unsupported-type",
    "unsupported-language",
    "no-article",
    "paywall",
    "consent-wall",
    "thin",
    "corrupt",
    "server-error",
    "resource-limit",
    "internal",
]
"""Why one input could not be read; the ``error.kind`` of a ``Failure``."""

FAILURE_KINDS: tuple[FailureKind, ...] = get_args(FailureKind)


class ClaimcheckError(Exception):
    """The root of every error that claimcheck raises on purpose."""


class UsageError(ClaimcheckError):
    """The caller asked for something that cannot be: exit code 2."""


class SettingsError(UsageError):
    """A setting is unknown, has a value it cannot have, or its file is broken."""


class LexiconError(UsageError):
    """A lexicon, gazetteer or allow-list file does not hold together."""


class CatalogueError(UsageError):
    """The issue catalogue is broken, or an issue was named that it does not hold."""


class ModelError(UsageError):
    """A model folder is missing, damaged, tampered with, or of a newer format."""


class CorpusError(ClaimcheckError):
    """Labelled data cannot be read or does not hold together."""


class SourceError(ClaimcheckError):
    """One input could not be read; the checker turns it into a ``Failure``.

    :param message: names the input, what was wrong and the remedy.
    :param kind: one of :data:`FAILURE_KINDS`.
    :param retryable: whether the same request may succeed later.
    :param retry_after: seconds after which the server, or the host's gate, wants to be
        asked again; null where nobody said.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: FailureKind,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.retryable = retryable
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[object, ...]:
        # A default reduce would call ``SourceError(message)`` and fail on the keyword,
        # so a failure raised in a worker process would arrive as a TypeError.
        return (_rebuild_source_error, (str(self), self.kind, self.retryable, self.retry_after))


def _rebuild_source_error(
    message: str, kind: FailureKind, retryable: bool, retry_after: float | None = None
) -> SourceError:
    return SourceError(message, kind=kind, retryable=retryable, retry_after=retry_after)
