"""Pictures: the same bytes twice, nothing in them but the picture, a clear refusal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from claimcheck.cli import main
from claimcheck.errors import UsageError
from claimcheck.training.evaluate import Trial, measure
from claimcheck.training.plots import need_matplotlib, pictures

MakeTrial = Callable[..., Trial]


def test_pictures_are_repeatable_whatever_the_users_style(trial: Trial) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    found = measure(trial)
    first = pictures(trial, found)
    assert set(first) == {
        "reliability.png",
        "precision_recall.png",
        "confusion_label.png",
        "confusion_kind.png",
        "confusion_issue.png",
    }
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True}):
        assert pictures(trial, found) == first
    for content in first.values():
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert b"tEXt" not in content, "no time and no version of a library"


def test_a_set_without_flags_can_be_drawn(make_trial: MakeTrial) -> None:
    pytest.importorskip("matplotlib")
    trial = make_trial([{"doc": "a", "text": "Good morning.", "label": "NONE", "score": 0.0}])
    assert len(pictures(trial, measure(trial))) == 5


def test_without_matplotlib_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(UsageError, match=r"claimcheck-health\[plots\]"):
        need_matplotlib()
    corpus = Path(__file__).resolve().parents[2] / "corpora" / "wellness"
    folder = tmp_path / "results"
    assert main(["evaluate", "--data", str(corpus), "-o", str(folder)]) == 2
    assert "claimcheck-health[plots]" in capsys.readouterr().err
    assert not folder.exists(), "refused before any work"
