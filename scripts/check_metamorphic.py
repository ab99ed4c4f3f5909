"""The metamorphic check: edits of a sentence after which its score may only go one way.

``python scripts/check_metamorphic.py --data corpora/wellness --data claims_real.jsonl
--split dev -o OUT`` draws 3,000 pairs, evenly over the transformations of
``claimcheck.training.metamorphic``, judges both members of each in context and prints a
table. Exit code 1 on any violation; ``OUT/violations.jsonl`` holds their texts and
``OUT/pairs.jsonl`` every pair (the texts of other people's corpora are in them: keep OUT
outside the repository). 3,000 pairs take about two minutes on one free core.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from claimcheck.checker import Checker
from claimcheck.corpus import load_corpus
from claimcheck.errors import ClaimcheckError
from claimcheck.settings import make_settings
from claimcheck.training.metamorphic.pairs import (
    Outcome,
    Row,
    build_pairs,
    measure,
    measure_batches,
    places_of,
    rows_of,
)

_BATCH_SENTENCES = 96
_FEWEST_SENTENCES = 600


@click.command(help=__doc__)
@click.option("--data", multiple=True, required=True, type=click.Path(path_type=Path))
@click.option(
    "--split",
    multiple=True,
    help="Only these splits of files outside corpora/. Repeatable; all splits by default.",
)
@click.option("--pairs", default=3000, show_default=True, help="How many pairs in all.")
@click.option("--model", default="default", show_default=True, metavar="NAME|DIR")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR")
@click.pass_context
def main(
    ctx: click.Context,
    *,
    data: tuple[Path, ...],
    split: tuple[str, ...],
    pairs: int,
    model: str,
    output: Path,
) -> None:
    """Draw the pairs, score them, print the table."""
    try:
        outcomes = run(data, splits=split, pairs=pairs, model=model)
    except ClaimcheckError as error:
        click.echo(f"check_metamorphic: error: {error}", err=True)
        ctx.exit(2)
    rows = rows_of(outcomes)
    write(outcomes, rows, output)
    show(rows)
    texts = {one.pair.place.analysis.text for one in outcomes if one.pair.text}
    if len(texts) < _FEWEST_SENTENCES:
        click.echo(f"fewer than {_FEWEST_SENTENCES} different sentences: a sample, not the check")
    ctx.exit(1 if rows[-1].violations else 0)


def run(
    data: Sequence[Path], *, splits: Sequence[str], pairs: int, model: str
) -> tuple[Outcome, ...]:
    """Every outcome: of the pairs, then of the batches."""
    sentences = [
        sentence
        for path in data
        # Our own corpus is read whole: no split of it is held back from this check.
        for sentence in load_corpus(path, splits=splits if splits and path.is_file() else None)
    ]
    checker = Checker(make_settings({"model": model}))
    places = places_of(sentences, analyser=checker.analyser)
    drawn = build_pairs(places, wanted=pairs)
    claiming = [place for place in places if place.analysis.claims]
    step = max(1, len(claiming) // min(_BATCH_SENTENCES, pairs // 10))
    outcomes = []
    for number, outcome in enumerate(measure(checker, drawn), start=1):
        outcomes.append(outcome)
        if number % 250 == 0:
            click.echo(f"{number} of {len(drawn)} pairs", err=True)
    outcomes.extend(measure_batches(checker, claiming[::step]))
    return tuple(outcomes)


def write(outcomes: Iterable[Outcome], rows: Sequence[Row], folder: Path) -> None:
    """``pairs.jsonl``, ``violations.jsonl`` and ``metamorphic.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    records = [
        (outcome.violates, json.dumps(_record(outcome), ensure_ascii=False)) for outcome in outcomes
    ]
    (folder / "pairs.jsonl").write_text(
        "".join(f"{line}\n" for _, line in records), encoding="utf-8"
    )
    (folder / "violations.jsonl").write_text(
        "".join(f"{line}\n" for wrong, line in records if wrong), encoding="utf-8"
    )
    (folder / "metamorphic.json").write_text(
        json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8"
    )


def _record(outcome: Outcome) -> dict[str, Any]:
    pair = outcome.pair
    return {
        "transformation": pair.transformation.name,
        "direction": pair.transformation.direction,
        "before": outcome.before,
        "after": outcome.after,
        "violates": outcome.violates,
        "room": outcome.room,
        "alone": pair.alone,
        "text": pair.place.analysis.text,
        "edited": pair.text,
        "document": pair.place.gold.doc,
        "label": pair.place.gold.label,
    }


def show(rows: Sequence[Row]) -> None:
    """Print the table. "moved": of applicable pairs, of all with room, of all."""
    click.echo(
        f"{'transformation':22s} {'pairs':>6s} {'sentences':>9s} {'wrong':>6s}"
        f"  {'moved/applicable':>18s}  {'moved/with room':>18s}  {'moved/all':>9s}"
    )
    for row in rows:
        line = f"{row.name:22s} {row.n:6d} {row.sentences:9d} {row.violations:6d}"
        if row.moves:
            line += (
                f"  {_share(row.moved, row.applicable):>18s}"
                f"  {_share(row.moved_with_room, row.with_room):>18s}"
                f"  {_share(row.moved_all, row.moving).split()[0]:>9s}"
            )
        click.echo(line)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "- (0/0)"


if __name__ == "__main__":
    main()
    sys.exit(0)
