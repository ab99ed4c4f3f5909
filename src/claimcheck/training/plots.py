"""Pictures of an evaluation as PNG: reliability, precision and recall, confusion.

The same figures give the same bytes with one version of matplotlib: no time, no version
and no user's style goes in. Blue and vermilion of Okabe and Ito, and one hue from light
to dark, can be told apart with any colour vision; nothing is said by colour alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from claimcheck.errors import UsageError
from claimcheck.training.evaluate import Evaluation, Trial

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["need_matplotlib", "pictures"]

_BLUE, _VERMILION, _GREY = "#0072B2", "#D55E00", "#595959"
_DPI = 150


def need_matplotlib() -> None:
    """Make sure that pictures can be drawn, before any work is done.

    :raises UsageError: matplotlib is not installed; the message names the extra.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "evaluate -o: the pictures need matplotlib, which is not installed; "
            "pip install 'claimcheck-health[plots]'"
        ) from error


def pictures(trial: Trial, evaluation: Evaluation) -> dict[str, bytes]:
    """PNG files by name.

    :raises UsageError: matplotlib is not installed.
    """
    need_matplotlib()
    with _plain_style():
        found = {
            "reliability.png": _png(_reliability(evaluation)),
            "precision_recall.png": _png(_precision_recall(trial, evaluation)),
        }
        for name, what in (("label", "label"), ("kind", "kind"), ("issue", "issue type")):
            figure = _confusion(evaluation.confusion[name], what=what)
            figure.suptitle(f"{_caption(evaluation)}; shaded by share of the row", fontsize=10)
            found[f"confusion_{name}.png"] = _png(figure)
    return found


@contextmanager
def _plain_style() -> Iterator[None]:
    """matplotlib's own defaults, whatever a user's matplotlibrc says."""
    import matplotlib.style

    with matplotlib.style.context("default", after_reset=True):
        yield


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _png(figure: Figure) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=_DPI, metadata={"Software": None})
    return stream.getvalue()


def _caption(evaluation: Evaluation) -> str:
    return f"{evaluation.model} on {evaluation.data} {evaluation.split}, {evaluation.profile}"


def _reliability(evaluation: Evaluation) -> Figure:
    """Share of gold flags against the mean score of each bin; beneath, how many there are."""
    bins = evaluation.reliability
    figure = _figure(5.2, 5.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    scores = [one["mean_score"] for one in bins]
    shares = [one["share"] for one in bins]
    below = [one["share"] - one["share_low"] for one in bins]
    above = [one["share_high"] - one["share"] for one in bins]
    upper.plot((0, 1), (0, 1), color=_GREY, linestyle="--", label="perfect calibration")
    upper.errorbar(
        scores, shares, yerr=(below, above), color=_BLUE, marker="o", capsize=3, label="model"
    )
    upper.set(ylabel="share that should be flagged", xlim=(0, 1), ylim=(0, 1))
    upper.set_title(_caption(evaluation), fontsize=10)
    error = evaluation.slices["all"].get("calibration_error")
    upper.legend(loc="upper left", title=f"calibration error {_shown(error)}")
    lower.bar([one["low"] + 0.05 for one in bins], [one["n"] for one in bins], 0.09, color=_BLUE)
    lower.set(xlabel="score", ylabel="sentences", yscale="log")
    return figure


def _precision_recall(trial: Trial, evaluation: Evaluation) -> Figure:
    """The curve over all thresholds, and the point at which the profile works."""
    from sklearn.metrics import precision_recall_curve

    figure = _figure(5.2, 4.6)
    axes = figure.subplots()
    overall = evaluation.slices["all"]
    if trial.gold.any():
        precision, recall, _ = precision_recall_curve(trial.gold, trial.scores)
        axes.step(
            recall,
            precision,
            where="post",
            color=_BLUE,
            label=f"average precision {_shown(overall.get('average_precision'))}",
        )
    axes.axhline(
        overall["positive"] / max(1, overall["n"]),
        color=_GREY,
        linestyle="--",
        label="everything flagged",
    )
    if overall.get("precision") is not None and overall.get("recall") is not None:
        axes.plot(
            overall["recall"],
            overall["precision"],
            color=_VERMILION,
            marker="D",
            linestyle="none",
            label=f"{evaluation.profile}, threshold {evaluation.threshold:.2f}",
        )
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title(_caption(evaluation), fontsize=10)
    axes.legend(loc="lower left")
    return figure


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _confusion(matrix: Mapping[str, list[Any]], *, what: str) -> Figure:
    """Counts, shaded by their share of the row."""
    names, counts = matrix["names"], matrix["counts"]
    size = max(4.2, 0.62 * len(names) + 2.4)
    figure = _figure(size, size * 0.92)
    axes = figure.subplots()
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=45 if len(names) > 3 else 0, ha=_side(names))
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel=f"{what} given by the tool", ylabel=f"{what} in gold")
    _write_counts(axes, counts, shares)
    return figure


def _side(names: list[str]) -> str:
    return "right" if len(names) > 3 else "center"


def _write_counts(axes: Axes, counts: list[list[int]], shares: list[list[float]]) -> None:
    for row, values in enumerate(counts):
        for column, count in enumerate(values):
            if count:
                colour = "white" if shares[row][column] > 0.55 else "black"
                axes.text(
                    column, row, str(count), ha="center", va="center", color=colour, fontsize=8
                )
