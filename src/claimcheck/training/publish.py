"""Writing an evaluation to a folder: figures, tables, pictures and pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from claimcheck.errors import UsageError
from claimcheck.replacing import replacing
from claimcheck.training.compare import Comparison, compare_page
from claimcheck.training.errors_page import errors_page
from claimcheck.training.evaluate import Evaluation, Trial
from claimcheck.training.plots import need_matplotlib, pictures

__all__ = [
    "check_folder",
    "metrics_markdown",
    "publish",
    "publish_comparison",
    "to_json",
    "with_interval",
    "write_atomically",
]

_COLUMNS = (
    ("precision", "precision"),
    ("recall", "recall"),
    ("F1", "f1"),
    ("AP", "average_precision"),
    ("recall at P 0.8", "recall_at_precision_80"),
    ("precision at R 0.7", "precision_at_recall_70"),
    ("calibration error", "calibration_error"),
    ("Brier", "brier"),
)
_TYPE_COLUMNS = ("precision", "recall", "f1")


def check_folder(folder: Path) -> None:
    """Make sure, before any work is done, that a folder of results can be written.

    :raises UsageError: it is a file, cannot be made, or matplotlib is not installed.
    """
    need_matplotlib()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be made a folder for results ({error.strerror or error})"
        ) from error


def publish(trial: Trial, evaluation: Evaluation, *, folder: Path) -> tuple[Path, ...]:
    """Write ``metrics.json``, ``metrics.md``, the pictures and ``errors.html``.

    Files from an earlier run are replaced, one by one and each in one step.

    :raises UsageError: the folder cannot be written, or matplotlib is not installed.
    """
    check_folder(folder)
    files: dict[str, bytes] = {
        "metrics.json": to_json(evaluation.to_json_dict()).encode(),
        "metrics.md": metrics_markdown(evaluation).encode(),
        **pictures(trial, evaluation),
        "errors.html": errors_page(trial).encode("utf-8", "replace"),
    }
    return tuple(write_atomically(folder / name, content) for name, content in files.items())


def publish_comparison(
    comparison: Comparison, first: Trial, second: Trial, *, folder: Path, name: str = "compare"
) -> tuple[Path, ...]:
    """Write ``compare.json`` and ``compare.html`` (or another ``name``).

    :raises UsageError: the folder cannot be written.
    """
    content = compare_page(comparison, first, second).encode("utf-8", "replace")
    return (
        write_atomically(
            folder / f"{name}.json", to_json(comparison.to_json_dict()).encode("utf-8", "replace")
        ),
        write_atomically(folder / f"{name}.html", content),
    )


def to_json(content: object) -> str:
    """JSON text as it is printed and written."""
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_atomically(path: Path, content: bytes) -> Path:
    """Write a file that appears whole or not at all; an earlier one stays until then.

    :raises UsageError: it cannot be written.
    """
    try:
        with replacing(path) as stream:
            stream.write(content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror or error})") from error
    return path


def with_interval(row: Mapping[str, Any], name: str, *, digits: int = 2) -> str:
    """A figure with its interval in brackets: ``0.64 (0.55–0.71)``; a dash for none."""
    value = row.get(name)
    if value is None:
        return "–"
    between = row["intervals"].get(name)
    shown = f"{value:.{digits}f}"
    if between is None:
        return shown
    return f"{shown} ({between[0]:.{digits}f}–{between[1]:.{digits}f})"


def metrics_markdown(evaluation: Evaluation) -> str:
    """The figures as Markdown tables."""
    e = evaluation
    lines = [
        f"# {_cell(e.model)} on {_cell(e.data)} {_cell(e.split)}",
        "",
        f"Profile {e.profile}, threshold {e.threshold}; {e.sentences:,} sentences of "
        f"{e.documents:,} documents. In brackets: 95 % bootstrap intervals by document. "
        "“few” marks figures on fewer than 20 gold sentences.",
        "",
        f"Model `{e.model_sha256[:16]}…`, data `{e.data_sha256[:16]}…` (SHA-256). "
        f"{e.unexplained:,} sentences asked for a flag that no rule explained; "
        f"{e.dismissed:,} were dismissed by a front stage without a score.",
        "",
        "## Flags by slice",
        "",
        *_slice_lines(e),
        "",
        "## Other figures",
        "",
        "| figure | value | n |",
        "|---|---|---|",
        *(
            f"| {name.replace('_', ' ')} | {_figure(one)} | {one['n']:,} |"
            for name, one in e.figures.items()
        ),
        "",
        "## Issue types",
        "",
        "End to end, and given gold flags: what would be raised on the sentences that the",
        "annotators flagged.",
        "",
        *_type_lines(e),
        "",
        "## Pictures",
        "",
        "![Reliability diagram](reliability.png)",
        "![Precision–recall curve](precision_recall.png)",
        "![Confusion of labels](confusion_label.png)",
        "![Confusion of kinds](confusion_kind.png)",
        "![Confusion of issue types](confusion_issue.png)",
        "",
        "The worst errors in context: [errors.html](errors.html).",
        "",
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _figure(one: Mapping[str, Any]) -> str:
    return with_interval({"v": one["value"], "intervals": {"v": one["interval"]}}, "v")


def _slice_lines(evaluation: Evaluation) -> Iterator[str]:
    yield "| slice | n | gold flags | flagged | " + " | ".join(h for h, _ in _COLUMNS) + " |"
    yield "|---" * (4 + len(_COLUMNS)) + "|"
    for name, row in evaluation.slices.items():
        gold = f"{row['positive']:,}" + (" (few)" if row["few"] else "")
        cells = [_cell(name), f"{row['n']:,}", gold, f"{row['flagged']:,}"]
        cells += [with_interval(row, metric) for _, metric in _COLUMNS]
        yield "| " + " | ".join(cells) + " |"


def _type_lines(evaluation: Evaluation) -> Iterator[str]:
    heads = [f"{name}{more}" for more in ("", ", given flag") for name in _TYPE_COLUMNS]
    yield "| type | n | raised | " + " | ".join(heads).replace("f1", "F1") + " |"
    yield "|---" * (3 + len(heads)) + "|"
    for name, row in evaluation.issues.items():
        cells = [name, f"{row['n']:,}" + (" (few)" if row["few"] else ""), f"{row['raised']:,}"]
        for suffix in ("", "_given_flag"):
            cells += [with_interval(row, f"{metric}{suffix}") for metric in _TYPE_COLUMNS]
        yield "| " + " | ".join(cells) + " |"
