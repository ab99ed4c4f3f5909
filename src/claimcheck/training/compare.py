"""Two models on the same sentences: differences with paired intervals, wins and losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from claimcheck.errors import UsageError
from claimcheck.report.inert import page_text
from claimcheck.training.errors_page import entries
from claimcheck.training.evaluate import Trial
from claimcheck.training.metrics import FEW, flag_samples, interval, mcnemar, point, two_sided
from claimcheck.training.pages import page, table

if TYPE_CHECKING:
    import numpy as np

__all__ = ["COMPARED", "Comparison", "compare", "compare_page"]

COMPARED = ("f1", "precision", "recall", "average_precision")
"""The metrics whose differences are tested."""

_CHANGES = {
    "miss found": ("won", True),
    "false alarm gone": ("won", False),
    "new miss": ("lost", True),
    "new false alarm": ("lost", False),
}


@dataclass(frozen=True)
class Comparison:
    """A second model against a first, on one split.

    ``slices`` maps slice → metric → ``first``, ``second``, ``difference`` (second less
    first), ``interval`` (95 %, paired bootstrap by document) and ``p`` (two-sided). The
    ps of slices are not corrected for their number. ``mcnemar`` counts the sentences
    that one model alone decides rightly and tests them exactly; it takes sentences for
    independent, the bootstrap does not. ``changes`` counts what was won and lost, and
    ``examples`` shows the largest changes of score among them.
    """

    first: str
    second: str
    data: str
    split: str
    profile: str
    slices: Mapping[str, Mapping[str, Any]]
    mcnemar: Mapping[str, float | int]
    changes: Mapping[str, int]
    examples: Mapping[str, tuple[Mapping[str, Any], ...]]

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def compare(first: Trial, second: Trial, *, examples: int = 10) -> Comparison:
    """Compare two trials on the same sentences.

    :param examples: how many to show of what was won, and of what was lost.
    :raises UsageError: the trials are of different sentences.
    """
    if first.data_sha256 != second.data_sha256 or len(first.rows) != len(second.rows):
        raise UsageError(
            f"{first.model} was judged on {first.data} {first.split} and {second.model} on other "
            "sentences; compare models on one split"
        )
    right, now = first.flagged == first.gold, second.flagged == second.gold
    alone, other = int((right & ~now).sum()), int((~right & now).sum())
    changed = changes(first, second)
    return Comparison(
        first=first.model,
        second=second.model,
        data=first.data,
        split=first.split,
        profile=first.profile,
        slices={name: _slice(first, second, mask) for name, mask in first.slices.items()},
        mcnemar={
            "only_first_right": alone,
            "only_second_right": other,
            "p": float(f"{mcnemar(alone, other):.3g}"),
        },
        changes={name: len(places) for name, places in changed.items()},
        examples={
            outcome: tuple(_example(first, second, *one) for one in shown)
            for outcome, shown in _largest(changed, first, second, most=examples).items()
        },
    )


def changes(first: Trial, second: Trial) -> dict[str, tuple[int, ...]]:
    """Sentences that the second model decides otherwise, largest change of score first."""
    import numpy as np

    moved = np.abs(second.scores - first.scores)
    found: dict[str, tuple[int, ...]] = {}
    for name, (outcome, positive) in _CHANGES.items():
        better = second if outcome == "won" else first
        hit = (better.flagged == first.gold) & (first.flagged != second.flagged)
        places = np.flatnonzero(hit & (first.gold == positive))
        found[name] = tuple(int(i) for i in sorted(places, key=lambda i: -moved[i]))
    return found


def _largest(
    changed: Mapping[str, tuple[int, ...]], first: Trial, second: Trial, *, most: int
) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {"won": [], "lost": []}
    for name, places in changed.items():
        found[_CHANGES[name][0]] += [(name, place) for place in places]
    return {
        outcome: sorted(all_, key=lambda one: -abs(second.scores[one[1]] - first.scores[one[1]]))[
            :most
        ]
        for outcome, all_ in found.items()
    }


def _example(first: Trial, second: Trial, name: str, place: int) -> dict[str, Any]:
    row = first.rows[place]
    return {
        "change": name,
        "doc": row.doc,
        "passage": row.passage,
        "n": row.n,
        "text": row.text,
        "gold": row.label,
        "issues": list(row.issues),
        "scores": [round(float(t.scores[place]), 4) for t in (first, second)],
        "raised": [[c.issue for c in t.judged[place].raised] for t in (first, second)],
    }


def _slice(first: Trial, second: Trial, mask: np.ndarray) -> dict[str, Any]:
    gold = first.gold[mask]
    names = ("recall",) if gold.all() else COMPARED if gold.any() else ()
    found: dict[str, Any] = {
        "n": int(mask.sum()),
        "positive": int(gold.sum()),
        "few": bool(gold.sum() < FEW),
    }
    values, drawn = [], []
    for trial in (first, second):
        measured = partial(flag_samples, trial.gold, trial.scores, flagged=trial.flagged, mask=mask)
        values.append(measured())
        # The first model's draws for both: that is what pairs them.
        drawn.append(measured(draws=first.draws))
    lone = first.draws.documents(mask) < 2
    for name in names:
        spread = drawn[1][name] - drawn[0][name]
        between = None if lone else interval(spread)
        found[name] = {
            "first": point(values[0][name][0]),
            "second": point(values[1][name][0]),
            "difference": point(values[1][name][0] - values[0][name][0]),
            "interval": between,
            "p": None if between is None else round(two_sided(spread), 4),
        }
    return found


def compare_page(comparison: Comparison, first: Trial, second: Trial, *, most: int = 20) -> str:
    """The comparison as one HTML page, with what was won and lost in context."""
    c = comparison
    about = (
        f'<p class="soft">{page_text(c.data)} {page_text(c.split)}, profile '
        f"{page_text(c.profile)}; {len(first.rows):,} sentences. Differences are "
        f"{page_text(c.second)} less {page_text(c.first)}, with 95 % paired bootstrap intervals "
        "by document. Ps of slices are not corrected for their number. This page quotes the "
        "corpus; share it only where the corpus may be shared.</p>",
    )
    exact = c.mcnemar
    decided = (
        f"<p>{page_text(c.first)} alone is right on {exact['only_first_right']} sentences, "
        f"{page_text(c.second)} alone on {exact['only_second_right']} (exact McNemar "
        f"p = {exact['p']:.3g}).</p>"
    )
    tables = (
        table(
            f"Difference in {name.replace('_', ' ').replace('f1', 'F1')}",
            _heads(c),
            _table_rows(c, name),
        )
        for name in COMPARED
    )
    return page(
        f"{c.second} against {c.first} on {c.data} {c.split}",
        about=about,
        content=(
            '<section aria-labelledby="figures"><h2 id="figures">Figures</h2>',
            decided,
            *tables,
            "</section>",
            *_changed_sections(first, second, most=most),
        ),
    )


def _heads(comparison: Comparison) -> tuple[str, ...]:
    return (
        "slice", "n", "gold flags", comparison.first, comparison.second, "difference",
        "95 % interval", "p",
    )  # fmt: skip


def _table_rows(comparison: Comparison, name: str) -> Iterator[tuple[str, ...]]:
    for label, one in comparison.slices.items():
        if name in one:
            yield (label, f"{one['n']:,}", _gold(one), *_cells(one[name]))


def _gold(one: Mapping[str, Any]) -> str:
    return f"{one['positive']:,}" + (" (few)" if one["few"] else "")


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    between = one["interval"]
    return (
        _shown(one["first"]),
        _shown(one["second"]),
        _shown(one["difference"], sign="+"),
        "–" if between is None else f"{between[0]:+.3f} to {between[1]:+.3f}",
        "–" if one["p"] is None else f"{one['p']:.3f}",
    )


def _shown(value: float | None, *, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.3f}"


def _changed_sections(first: Trial, second: Trial, *, most: int) -> Iterator[str]:
    for name, places in changes(first, second).items():
        key = name.replace(" ", "-")
        title = f"{name[:1].upper()}{name[1:]} ({len(places):,})"
        yield (
            f'<section aria-labelledby="{key}"><h2 id="{key}">{title}</h2>'
            f"{entries(second, places[:most], name=name, other=first)}</section>"
        )
