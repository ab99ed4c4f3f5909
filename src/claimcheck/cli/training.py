"""``claimcheck train`` and ``claimcheck evaluate``."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from claimcheck.cli.options import verbosity_of, verbosity_options

if TYPE_CHECKING:
    from rich.console import Console

    from claimcheck.training.evaluate import Evaluation

__all__ = ["evaluate", "train"]

_RATES = (
    "n",
    "positive",
    "flagged",
    "precision",
    "recall",
    "f1",
    "average_precision",
    "calibration_error",
)


@click.command(short_help="Train a model folder from labelled corpora.")
@click.option(
    "--data",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    metavar="CORPUS",
    help="A corpus: a .jsonl file or a folder of <split>.jsonl files. Only its train split is "
    "read. Repeatable.",
)
@click.option(
    "--encoder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with encoder.onnx and tokenizer.json. Without it the heads read hashed words.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The model folder to write.",
)
@click.option("--name", default="default", show_default=True, help="The model's name.")
@verbosity_options
@click.pass_context
def train(
    ctx: click.Context, /, *, data: tuple[Path, ...], encoder: Path | None, output: Path, name: str
) -> int:
    """Fit the heads, choose thresholds by cross-validation, and write a model folder.

    Needs the labelled corpora; the shipped model was trained as docs/training.md says.
    """
    from claimcheck.training.train import TrainSettings
    from claimcheck.training.train import train as run

    _log_to_stderr(quiet=verbosity_of(ctx).quiet)
    manifest = run(data, out=output, encoder=encoder, settings=TrainSettings(name=name))
    for profile, values in manifest.profiles.items():
        click.echo(
            f"{profile}: threshold {values['threshold']}, precision {values['precision']}, "
            f"recall {values['recall']} (cross-validated on train)"
        )
    return 0


@click.command(short_help="Measure a model on a labelled corpus.")
@click.option(
    "--model", default="default", show_default=True, metavar="NAME|DIR", help="The model."
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    metavar="CORPUS",
    help="A corpus: a .jsonl file or a folder of <split>.jsonl files.",
)
@click.option("--split", default="dev", show_default=True, help="The split to measure on.")
@click.option(
    "--profile",
    type=click.Choice(["careful", "balanced", "sensitive"]),
    default="balanced",
    show_default=True,
    help="Whose threshold to use.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    help="What to print.  [default: terminal]",
)
@verbosity_options
def evaluate(*, model: str, data: Path, split: str, profile: str, form: str) -> int:
    """Print flag precision, recall, F1, average precision, calibration and more.

    Sentences are judged as the checker judges an article, with their neighbours.
    Intervals are 95 % bootstrap intervals by document.
    """
    from claimcheck.training.evaluate import evaluate as run

    result = run(data, model=model, split=split, profile=profile)
    if form == "json":
        click.echo(json.dumps(result.to_json_dict(), ensure_ascii=False, indent=1))
    else:
        _print(result)
    return 0


def _log_to_stderr(*, quiet: bool) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING if quiet else logging.INFO, format="%(message)s"
    )


def _print(result: Evaluation) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(
        f"model {result.model}, {result.data} {result.split}, profile {result.profile}, "
        f"threshold {result.threshold}"
    )
    _table(console, "slice", result.slices, _RATES)
    for name, (low, high) in result.intervals.items():
        console.print(f"{name.replace('_', ' ')}: 95 % interval {low:.3f} to {high:.3f}")
    detected = result.claim_detection
    console.print(
        f"claim detection: precision {detected['precision']}, recall {detected['recall']}, "
        f"F1 {detected['f1']}; kind accuracy {result.kind_accuracy}"
    )
    _table(console, "issue", result.issues, ("n", "precision", "recall", "f1"))
    micro = result.issue_micro
    console.print(
        f"issues end to end, micro: precision {micro['precision']}, recall {micro['recall']}, "
        f"F1 {micro['f1']}; evidence overlaps the annotators' cue in {result.evidence_overlap} of "
        f"correct flags; {result.unexplained} sentences asked for a flag that no rule explained"
    )


def _table(
    console: Console, heading: str, rows: Mapping[str, Mapping[str, Any]], columns: tuple[str, ...]
) -> None:
    from rich.table import Table

    table = Table(heading, *(name.replace("_", " ") for name in columns), box=None)
    for name, values in rows.items():
        table.add_row(name, *_cells(values, columns))
    console.print(table)


def _cells(values: Mapping[str, Any], columns: tuple[str, ...]) -> Iterator[str]:
    for name in columns:
        value = values.get(name, "")
        yield f"{value:.3f}" if isinstance(value, float) else str(value)
