"""The figures of ``claimcheck evaluate`` as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claimcheck.cli.options import printable
from claimcheck.cli.output import standard_output
from claimcheck.report.view import count
from claimcheck.training.publish import with_interval

if TYPE_CHECKING:
    from rich.console import Console

    from claimcheck.training.compare import Comparison
    from claimcheck.training.evaluate import Evaluation
    from claimcheck.training.gate import Outcome
    from claimcheck.training.runs import Results

__all__ = ["print_results"]

_WIDTH = 140
"""Columns where the output is no terminal: tables are then for a file or a pager."""

_SHOWN_EXAMPLES = 5
_SLICE_HEADS = (
    "slice", "n", "gold", "flagged", "precision", "recall", "F1 (95 %)", "AP (95 %)", "calib.",
    "Brier",
)  # fmt: skip
_TYPE_HEADS = (
    "issue type", "n", "flagged (95 %)", "raised", "precision", "recall", "F1", "precision*",
    "recall*", "F1*",
)  # fmt: skip
_FIGURES = {
    "claims found": ("claim_precision", "claim_recall", "claim_f1"),
    "kind": ("kind_accuracy", "kind_macro_f1"),
    "strength": ("strength_macro_f1",),
    "issues end to end": ("issue_precision", "issue_recall", "issue_f1"),
    "issues given gold flags": (
        "issue_precision_given_flag",
        "issue_recall_given_flag",
        "issue_f1_given_flag",
    ),
    "evidence on the annotators' cue": ("evidence_overlap",),
    "governing hedge": ("hedge_precision", "hedge_recall", "hedge_f1", "hedge_overlap"),
}


def print_results(results: Results, *, brief: bool) -> None:
    """Print everything, or with ``brief`` the whole set's flags and the broken floors."""
    from rich.console import Console

    console = Console(file=standard_output(for_programs=False), highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(
            file=standard_output(for_programs=False), highlight=False, markup=False, width=_WIDTH
        )
    for evaluation in results.evaluations:
        _evaluation(console, evaluation, brief=brief)
    for comparison in results.comparisons:
        _comparison(console, comparison, brief=brief)
    _gate(console, results.outcomes, brief=brief)
    if results.files and not brief:
        folders = dict.fromkeys(str(path.parent) for path in results.files)
        console.print(
            f"wrote {count(len(results.files), 'file')} to {', '.join(map(printable, folders))}",
            soft_wrap=True,
        )


def _evaluation(console: Console, evaluation: Evaluation, *, brief: bool) -> None:
    e = evaluation
    console.print(
        f"model {printable(e.model)}, {printable(e.data)} {printable(e.split)}, profile "
        f"{e.profile}, threshold {e.threshold}: {count(e.sentences, 'sentence')} of "
        f"{count(e.documents, 'document')}",
        soft_wrap=True,
    )
    # Slices by issue type have their place in the types' table.
    rows = {name: row for name, row in e.slices.items() if not name.startswith("issue=")}
    rows = rows if not brief else {"all": e.slices["all"]}
    _table(console, _SLICE_HEADS, (_slice_row(name, row) for name, row in rows.items()))
    if brief:
        return
    overall = e.slices["all"]
    console.print(
        f"recall at precision 0.8: {with_interval(overall, 'recall_at_precision_80')}; "
        f"precision at recall 0.7: {with_interval(overall, 'precision_at_recall_70')}"
    )
    for title, names in _FIGURES.items():
        shown = [_figure(name, e.figures[name]) for name in names if name in e.figures]
        if shown:
            size = e.figures[names[0]]["n"]
            console.print(f"{title} (n {size:,}): {', '.join(shown)}", soft_wrap=True)
    _table(console, _TYPE_HEADS, (_type_row(name, e) for name in e.issues))
    console.print(
        "flagged: share of the type's sentences that were flagged for whatever reason. * given "
        "gold flags. Bare assertions and missing caveats are optional and count neither way in "
        "the sums above.",
        soft_wrap=True,
    )
    console.print(
        f"{count(e.unexplained, 'sentence')} asked for a flag that no rule explained; "
        f"{e.dismissed:,} dismissed without a score",
        soft_wrap=True,
    )


def _slice_row(name: str, row: Mapping[str, Any]) -> Sequence[str]:
    return (
        printable(name),
        f"{row['n']:,}",
        _gold(row["positive"], row),
        f"{row['flagged']:,}",
        _shown(row.get("precision")),
        _shown(row.get("recall")),
        with_interval(row, "f1", digits=3),
        with_interval(row, "average_precision", digits=3),
        _shown(row.get("calibration_error")),
        _shown(row.get("brier")),
    )


def _gold(number: int, row: Mapping[str, Any]) -> str:
    return f"{number:,}" + (" few" if row["few"] else "")


def _type_row(name: str, evaluation: Evaluation) -> Iterator[str]:
    row = evaluation.issues[name]
    flagged = evaluation.slices.get(f"issue={name}")
    yield from (name, _gold(row["n"], row))
    yield with_interval(flagged, "recall") if flagged else "–"
    yield f"{row['raised']:,}"
    for suffix in ("", "_given_flag"):
        for metric in ("precision", "recall", "f1"):
            yield _shown(row[f"{metric}{suffix}"])


def _figure(name: str, one: Mapping[str, Any]) -> str:
    metric = next(
        word
        for word in ("precision", "recall", "macro_f1", "f1", "accuracy", "overlap")
        if word in name
    )
    row = {"value": one["value"], "intervals": {"value": one["interval"]}}
    shown = metric.replace("_", " ").replace("f1", "F1")
    return f"{shown} {with_interval(row, 'value', digits=3)}"


def _shown(value: float | None, *, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.3f}"


def _comparison(console: Console, comparison: Comparison, *, brief: bool) -> None:
    c = comparison
    first, second = printable(c.first), printable(c.second)
    console.print(f"{second} less {first} on {printable(c.data)} {printable(c.split)}")
    rows = c.slices if not brief else {"all": c.slices["all"]}
    heads = ("slice", "n", "gold", "metric", first, second, "difference (95 %)", "p")
    _table(console, heads, (row for name, one in rows.items() for row in _differences(name, one)))
    exact = c.mcnemar
    console.print(
        f"right alone: {first} {exact['only_first_right']:,}, {second} "
        f"{exact['only_second_right']:,}, exact McNemar p {exact['p']:.3g}; "
        + ", ".join(f"{name} {number:,}" for name, number in c.changes.items()),
        soft_wrap=True,
    )
    if brief:
        return
    for outcome, examples in c.examples.items():
        for one in examples[:_SHOWN_EXAMPLES]:
            before, after = one["scores"]
            console.print(
                f"{outcome}, {one['change']} ({before:.2f} to {after:.2f}): "
                f"{printable(one['text'])}",
                soft_wrap=True,
            )


def _differences(name: str, one: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """All four metrics of the whole set, F1 or recall of the slices."""
    found = [
        metric for metric in ("f1", "precision", "recall", "average_precision") if metric in one
    ]
    for metric in found if name == "all" else found[:1]:
        row = one[metric]
        between = row["interval"]
        spread = "" if between is None else f" ({between[0]:+.3f} to {between[1]:+.3f})"
        yield (
            printable(name),
            f"{one['n']:,}",
            _gold(one["positive"], one),
            metric.replace("_", " ").replace("f1", "F1"),
            _shown(row["first"]),
            _shown(row["second"]),
            _shown(row["difference"], sign="+") + spread,
            _shown(row["p"]),
        )


def _gate(console: Console, outcomes: Sequence[Outcome], *, brief: bool) -> None:
    for outcome in outcomes:
        if brief and outcome.state != "broken":
            continue
        value = "" if outcome.value is None else f", is {outcome.value:.4f}"
        reason = f" ({printable(outcome.reason)})" if outcome.reason else ""
        console.print(f"{outcome.state}: {printable(outcome.floor)}{value}{reason}", soft_wrap=True)


def _table(console: Console, heads: Sequence[str], rows: Iterable[Iterable[str]]) -> None:
    from rich.table import Table

    table = Table(box=None)
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
