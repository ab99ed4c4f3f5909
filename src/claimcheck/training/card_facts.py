"""What a model card says about how a model does: figures by slice, and known failures.

The result is plain JSON, goes into ``model.json`` under ``evaluation``, and is all that the
card is made from. Sentences are quoted from the project's own corpora only: a model folder
holds no text of others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claimcheck.issues import load_catalogue
from claimcheck.training.errors_page import worst_errors
from claimcheck.training.evaluate import Trial, measure
from claimcheck.training.heads import OWN_CORPORA
from claimcheck.training.metrics import flag_metrics
from claimcheck.training.slices import NEWS, PAGES

if TYPE_CHECKING:
    import numpy as np

__all__ = ["MOST_EXAMPLES", "card_evaluation", "catalogue_failures"]

MOST_EXAMPLES = 5
"""How many false alarms, and how many misses, a card quotes of a set."""

_SLICES = ("all", PAGES, NEWS)
_PREFIXES = ("kind=", "severity=")
_SLICE_FIGURES = ("precision", "recall", "f1", "average_precision", "calibration_error")
_TYPE_FIGURES = (
    "precision", "recall", "f1", "precision_given_flag", "recall_given_flag", "f1_given_flag",
)  # fmt: skip
_FIGURES = (
    "claim_f1", "kind_accuracy", "strength_macro_f1", "issue_f1", "issue_f1_given_flag",
    "evidence_overlap", "hedge_f1",
)  # fmt: skip


def card_evaluation(
    trials: Sequence[Trial],
    *,
    profiles: Mapping[str, Mapping[str, float]],
    catalogue: Mapping[str, Any],
) -> dict[str, Any]:
    """The value of ``evaluation`` in ``model.json``.

    :param trials: one model's judgement of each set, all with the same profile.
    :param profiles: the model's profiles, as its manifest has them.
    :param catalogue: see :func:`catalogue_failures`.
    """
    found = {
        "sets": [_set(trial, profiles=profiles) for trial in trials],
        "catalogue": catalogue,
    }
    # Lists where there were tuples, as a reader of ``model.json`` will see them.
    plain: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))
    return plain


def catalogue_failures(
    found: Mapping[str, Any], items: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Counts on the catalogue's examples, and what went wrong by issue type.

    :param found: what :func:`claimcheck.training.evaluate.evaluate_catalogue` gave.
    :param items: the examples it was given; they stand under their text, not an id.
    """
    counts = ("must_flag", "flagged", "flagged_with_the_right_issue", "must_stay_quiet", "quiet")
    wrong = set(found["wrong"])
    return {
        **{name: found[name] for name in counts},
        "wrong": [
            {"issue": item["issue"], "flag": item["flag"], "text": item["text"]}
            for item in items
            if item["text"] in wrong
        ],
    }


def _set(trial: Trial, *, profiles: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    measured = measure(trial)
    kept = {
        name: row
        for name, row in measured.slices.items()
        if name in _SLICES or name.startswith(_PREFIXES)
    }
    return {
        "data": trial.data,
        "split": trial.split,
        "data_sha256": trial.data_sha256,
        "profile": trial.profile,
        "threshold": trial.threshold,
        "sentences": measured.sentences,
        "documents": measured.documents,
        "dismissed": measured.dismissed,
        "profiles": {
            name: _at(trial, float(values["threshold"])) for name, values in profiles.items()
        },
        "slices": {name: _some(row, _SLICE_FIGURES) for name, row in kept.items()},
        "issues": {name: _some(row, _TYPE_FIGURES) for name, row in measured.issues.items()},
        "figures": {name: measured.figures[name] for name in _FIGURES if name in measured.figures},
        "failures": _failures(trial),
    }


def _some(row: Mapping[str, Any], figures: Sequence[str]) -> dict[str, Any]:
    """Counts and a few figures of a row, with their intervals."""
    names = [name for name in figures if name in row]
    counts = [name for name in ("n", "positive", "flagged", "raised", "few") if name in row]
    return {
        **{name: row[name] for name in (*counts, *names)},
        "intervals": {name: row["intervals"][name] for name in names},
    }


def _at(trial: Trial, threshold: float) -> dict[str, Any]:
    """Precision, recall and F1 at another profile's threshold.

    A sentence counts as flagged if its score is high enough or a rule settles it alone;
    that a score calls for a flag and no reason can be given is left out of account.
    """
    import numpy as np

    catalogue = load_catalogue()
    settled = np.array(
        [
            any(c.variant in catalogue.get(c.issue).decisive for c in one.candidates)
            for one in trial.judged
        ],
        dtype=bool,
    )
    flagged: np.ndarray = (trial.scores >= threshold) | settled
    found = flag_metrics(trial.gold, trial.scores, flagged=flagged)
    return {name: found[name] for name in ("flagged", "precision", "recall", "f1")}


def _failures(trial: Trial) -> dict[str, Any]:
    """How many errors there are and, where the sentences are ours, the worst of them."""
    found = worst_errors(trial, most=len(trial.rows))
    alarms, misses = found["false alarm"], found["miss"]
    ours = all(row.source in OWN_CORPORA for row in trial.rows)
    most = MOST_EXAMPLES if ours else 0
    return {
        "false_alarms": len(alarms),
        "misses": len(misses),
        "worst_false_alarms": [_example(trial, place) for place in alarms[:most]],
        "worst_misses": [_example(trial, place) for place in misses[:most]],
    }


def _example(trial: Trial, place: int) -> dict[str, Any]:
    row, one = trial.rows[place], trial.judged[place]
    return {
        "text": row.text,
        "kind": row.kind or "none",
        "score": round(float(trial.scores[place]), 3),
        "issues": list(row.issues),
        "raised": [candidate.issue for candidate in one.raised],
    }
