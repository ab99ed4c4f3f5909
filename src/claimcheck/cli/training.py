"""``claimcheck train`` and ``claimcheck evaluate``."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from claimcheck.cli.options import verbosity_of, verbosity_options
from claimcheck.cli.output import standard_output

__all__ = ["evaluate", "train"]


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


@click.command(short_help="Measure models on labelled corpora.")
@click.option(
    "--model",
    "models",
    multiple=True,
    default=("default",),
    metavar="NAME|DIR",
    help="The model. Repeat to compare others with the first.  [default: default]",
)
@click.option(
    "--data",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    metavar="CORPUS",
    help="A corpus: a .jsonl file or a folder of <split>.jsonl files. Repeatable.",
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
    "--gate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Check the floors in FILE, which names splits and profiles; 1 if one is broken.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    help="What to print.  [default: terminal]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write figures, pictures and a page of the worst errors into DIR.",
)
@verbosity_options
@click.pass_context
def evaluate(
    ctx: click.Context,
    /,
    *,
    models: tuple[str, ...],
    data: tuple[Path, ...],
    split: str,
    profile: str,
    gate: Path | None,
    form: str,
    output: Path | None,
) -> int:
    """Print flag precision, recall, F1, average precision, calibration and more.

    Sentences are judged as the checker judges an article, with their neighbours.
    Intervals are 95 % bootstrap intervals by document. With several models, the
    differences from the first follow, on the same sentences. docs/evaluation.md says
    what each figure means.

    Exits with 0, with 1 if the gate is broken, and with 2 if something cannot be read.
    """
    from claimcheck.training.gate import broken
    from claimcheck.training.publish import to_json
    from claimcheck.training.runs import run_evaluation

    if gate is not None:
        _no_choice_beside_gate(ctx)
    results = run_evaluation(
        data, models=models, split=split, profile=profile, gate=gate, output=output
    )
    if form == "json":
        standard_output(for_programs=True).write(to_json(results.to_json_dict()))
    else:
        from claimcheck.cli.figures import print_results

        print_results(results, brief=verbosity_of(ctx).quiet)
    return 1 if broken(results.outcomes) else 0


def _no_choice_beside_gate(ctx: click.Context) -> None:
    for name in ("split", "profile"):
        if ctx.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name}: the gate file names it; leave it out", ctx)


def _log_to_stderr(*, quiet: bool) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING if quiet else logging.INFO, format="%(message)s"
    )
