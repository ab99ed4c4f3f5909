"""The errors: one root, a tree that is documented, and safe to send between processes."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from claimcheck import errors
from claimcheck.errors import FAILURE_KINDS, ClaimcheckError, SourceError

CLASSES = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, Exception)
]


def drawn_tree() -> dict[str, str]:
    """Class → parent, as the module's docstring draws it."""
    tree: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"( {4}(?:[│├└─ ]*))(\w+Error)\b", line)
        if match is None:
            continue
        depth = (len(match[1]) - 4) // 4
        path = [*path[:depth], match[2]]
        if depth:
            tree[match[2]] = path[depth - 1]
    return tree


def test_the_tree_is_the_one_that_is_drawn() -> None:
    actual = {
        value.__name__: value.__base__.__name__  # type: ignore[union-attr]
        for value in CLASSES
        if value is not ClaimcheckError
    }
    assert drawn_tree() == actual
    assert set(errors.__all__) >= {value.__name__ for value in CLASSES}


def made(kind: type[Exception]) -> Exception:
    if issubclass(kind, SourceError):
        return kind("page.html: timed out; try again", kind="timeout", retryable=True)
    return kind("x.toml: broken; mend it")


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_survives_pickling(kind: type[Exception], protocol: int) -> None:
    error = made(kind)
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is kind
    assert str(again) == str(error)
    assert again.args == error.args
    if isinstance(error, SourceError):
        assert isinstance(again, SourceError)
        assert (again.kind, again.retryable) == ("timeout", True)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_caught_by_the_root_and_says_what_it_is_for(kind: type[Exception]) -> None:
    assert issubclass(kind, ClaimcheckError)
    assert kind.__doc__


def test_only_a_usage_error_is_one() -> None:
    assert not issubclass(errors.CorpusError, errors.UsageError)
    assert not issubclass(SourceError, errors.UsageError)


def test_failure_kinds_are_words_for_programs() -> None:
    assert len(set(FAILURE_KINDS)) == len(FAILURE_KINDS) == 18
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", kind) for kind in FAILURE_KINDS)
