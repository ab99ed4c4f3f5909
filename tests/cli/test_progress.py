"""The progress bar: only for a person, only while waiting."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator

import pytest

from claimcheck.cli import progress
from claimcheck.cli.progress import progressing


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    # Not a fixture: pytest's capture puts its own stderr back before the test itself.
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


def slow(count: int) -> Iterator[int]:
    for number in range(count):
        time.sleep(0.15)
        yield number


def test_nothing_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(progressing(slow(2), total=2)) == [0, 1]
    assert stream.getvalue() == ""


def test_nothing_when_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)
    assert list(progressing(slow(2), total=2, quiet=True)) == [0, 1]
    assert terminal.getvalue() == ""


def test_several_inputs_get_a_bar_that_goes_away_at_each_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = at_a_terminal(monkeypatch)
    seen = []
    for item in progressing(slow(3), total=3):
        seen.append(item)
        shown = terminal.getvalue()
        assert "Checking" in shown
        # Nothing more is drawn while the result is being printed.
        time.sleep(0.2)
        assert terminal.getvalue() == shown
    assert seen == [0, 1, 2]
    assert "2/3" in terminal.getvalue()


def test_one_quick_input_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)
    assert list(progressing(slow(1), total=1)) == [0]
    assert "Checking" not in terminal.getvalue()


def test_one_slow_input_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)
    monkeypatch.setattr(progress, "DELAY", 0.05)
    assert list(progressing(slow(1), total=1)) == [0]
    assert "Checking" in terminal.getvalue()


def test_an_error_takes_the_bar_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)

    def failing() -> Iterator[int]:
        yield from slow(1)
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        list(progressing(failing(), total=2))
    size = len(terminal.getvalue())
    time.sleep(0.2)
    assert len(terminal.getvalue()) == size
