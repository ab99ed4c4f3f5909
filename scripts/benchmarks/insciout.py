"""Over-statement and causal strength of expert-coded statements (InSciOut).

``python scripts/benchmarks/insciout.py --data insciout_before_after.jsonl -o work/insciout``

A statement is over-stated if it is coded 5 or 6 (can cause, causes) and the study was
correlational. Only statements of correlational studies that make a relation (code 2 or
more) have that label. Text alone is read: neither the design nor the paper's own wording.

Zero-shot: the strongest claim that the rules find has strength 5 or 6. Then a logistic
model on words and dense features, five-fold, all statements of one press release family
(paper, release, news) in one fold; the threshold is chosen inside the training part. By
document too: a document (one family's outlet) is over-stated if one of its statements is,
and scores as its highest statement. Strength in four classes, by the rules and fitted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from results import (
    Results,
    digest_of,
    f1_of,
    guarded,
    interval,
    macro_f1,
    read_jsonl,
    shown,
    strength_class,
)
from sentences import WordVectors, read_sentences
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold

FOLDS = 5
SEED = 13
CLASSES = 4
REMEDY = "download the InSciOut data and give the path (docs/benchmarks.md)"


@dataclass(frozen=True)
class Statements:
    """Statements with a label each; ``families`` and ``documents`` are names."""

    texts: tuple[str, ...]
    dense: np.ndarray
    gold: np.ndarray
    families: np.ndarray
    documents: np.ndarray


def folds_of(data: Statements, *, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test rows of each fold, families kept together."""
    parts = StratifiedGroupKFold(count, shuffle=True, random_state=SEED)
    return list(parts.split(np.zeros(len(data.gold)), data.gold, data.families))


def _model() -> LogisticRegression:
    return LogisticRegression(C=2, class_weight="balanced", max_iter=1000)


def fold(data: Statements, *, number: int) -> dict[str, Any]:
    """Train on four parts; probabilities of the classes for the fifth."""
    train, test = folds_of(data, count=FOLDS)[number]
    vectors = WordVectors()
    fitted = vectors.fit([data.texts[i] for i in train], data.dense[train])
    held = vectors.transform([data.texts[i] for i in test], data.dense[test])
    scores = _model().fit(fitted, data.gold[train]).predict_proba(held)
    return {
        "rows": test.tolist(),
        "scores": [[round(float(value), 5) for value in row] for row in scores],
        "threshold": _threshold(data, train, fitted) if scores.shape[1] == 2 else None,
    }


def _threshold(data: Statements, train: np.ndarray, matrix: Any) -> float:
    """The best threshold of training rows, each scored by a model without its family."""
    gold = data.gold[train]
    scores = np.zeros(len(train))
    parts = StratifiedGroupKFold(3, shuffle=True, random_state=SEED)
    for fit, rest in parts.split(scores, gold, data.families[train]):
        scores[rest] = _model().fit(matrix[fit], gold[fit]).predict_proba(matrix[rest])[:, 1]
    grid = np.quantile(scores, np.linspace(0.02, 0.98, 97))
    return float(max(grid, key=lambda at: f1_of(gold == 1, scores >= at)))


def by_document(
    data: Statements, *, scores: np.ndarray, flagged: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Gold, highest score, flagged and family of each document."""
    rows: dict[str, list[int]] = {}
    for index, name in enumerate(data.documents):
        rows.setdefault(name, []).append(index)
    members = list(rows.values())
    return (
        np.array([bool(data.gold[at].any()) for at in members]),
        np.array([scores[at].max() for at in members]),
        np.array([bool(flagged[at].any()) for at in members]),
        [str(data.families[at[0]]) for at in members],
    )


def _f1(gold: np.ndarray, found: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda rows: f1_of(gold[rows], found[rows])


def _precision(gold: np.ndarray, scores: np.ndarray) -> Callable[[np.ndarray], float]:
    def measure(rows: np.ndarray) -> float:
        return float(average_precision_score(gold[rows], scores[rows])) if gold[rows].any() else 0.0

    return measure


def _macro(gold: np.ndarray, found: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda rows: macro_f1(gold[rows], found[rows], classes=CLASSES)


def _line(name: str, measure: Callable[[np.ndarray], float], families: Sequence[str]) -> str:
    everything = measure(np.arange(len(families)))
    return shown(name, everything, interval(measure, families, draws=500))


def _flag_lines(
    name: str,
    gold: np.ndarray,
    *,
    flagged: np.ndarray,
    scores: np.ndarray | None,
    families: Sequence[str],
) -> list[str]:
    hits = int((gold & flagged).sum())
    precision, recall = hits / max(1, int(flagged.sum())), hits / max(1, int(gold.sum()))
    line = _line(f"{name}: F1", _f1(gold, flagged), families)
    out = [f"{line}  precision {precision:.3f}, recall {recall:.3f}"]
    if scores is not None:
        out.append(_line(f"{name}: average precision", _precision(gold, scores), families))
    return out


def overstatement(data: Statements, levels: np.ndarray, results: Results) -> list[str]:
    """Zero-shot and fitted, by statement and by document."""
    gold = data.gold == 1
    families = data.families.tolist()
    total = f"{len(gold)} statements of {len(set(families))} families, {int(gold.sum())}"
    lines = [f"over-statement: {total} over-stated (every one flagged: F1 {_all(gold):.3f})"]
    scores, flagged = np.zeros(len(gold)), np.zeros(len(gold), dtype=bool)
    for number in range(FOLDS):
        line = results.part(f"overstated: fold-{number}", partial(fold, data, number=number))
        rows = line["rows"]
        scores[rows] = np.array(line["scores"])[:, 1]
        flagged[rows] = scores[rows] >= line["threshold"]
        lines.append(shown(f"fitted, fold {number}: F1", f1_of(gold[rows], flagged[rows])))
    for name, found, ranked in (
        ("rules, zero-shot", levels >= 5, None),
        ("fitted", flagged, scores),
    ):
        lines += _flag_lines(
            f"{name}, statements", gold, flagged=found, scores=ranked, families=families
        )
        theirs, highest, hit, owners = by_document(data, scores=scores, flagged=found)
        lines += _flag_lines(
            f"{name}, {len(theirs)} documents",
            theirs,
            flagged=hit,
            scores=None if ranked is None else highest,
            families=owners,
        )
    return lines


def _all(gold: np.ndarray) -> float:
    return f1_of(gold, np.ones(len(gold), dtype=bool))


def strength(data: Statements, levels: np.ndarray, results: Results) -> list[str]:
    """Four classes, zero-shot and fitted."""
    families = data.families.tolist()
    lines = [f"strength: {len(data.gold)} statements of {len(set(families))} families"]
    rules = np.array([strength_class(int(level)) for level in levels])
    found = np.zeros(len(data.gold), dtype=np.int64)
    for number in range(FOLDS):
        line = results.part(f"strength: fold-{number}", partial(fold, data, number=number))
        rows = np.array(line["rows"])
        found[rows] = np.array(line["scores"]).argmax(1)
        value = macro_f1(data.gold[rows], found[rows], classes=CLASSES)
        lines.append(shown(f"fitted, fold {number}: macro-F1", value))
    lines.append(_line("rules, zero-shot: macro-F1", _macro(data.gold, rules), families))
    lines.append(_line("fitted: macro-F1", _macro(data.gold, found), families))
    return lines


def run(options: argparse.Namespace) -> None:
    """Compute what is not there, print everything."""
    fields = ("ref", "source", "outlet", "text", "code", "overstated")
    rows = read_jsonl(options.data, fields, remedy=REMEDY)
    texts = [row["text"] for row in rows]
    made_from = {"set": digest_of(texts, [(row["code"], row["overstated"]) for row in rows])}
    results = Results(options.out / "insciout.jsonl", made_from=made_from)
    read = read_sentences(texts, keep=options.out / "insciout.npz")
    levels = read.rule("level")
    families = np.array([row["ref"] for row in rows])
    documents = np.array([f"{row['ref']} {row['source']} {row['outlet'].strip()}" for row in rows])
    known = np.array([i for i, row in enumerate(rows) if row["overstated"] is not None])
    labelled = Statements(
        tuple(texts[i] for i in known),
        read.dense[known],
        np.array([int(rows[i]["overstated"]) for i in known]),
        families[known],
        documents[known],
    )
    everything = Statements(
        tuple(texts),
        read.dense,
        np.array([strength_class(row["code"]) for row in rows]),
        families,
        documents,
    )
    print("\n".join(overstatement(labelled, levels[known], results)))
    print("\n".join(strength(everything, levels, results)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, compute, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="insciout_before_after.jsonl")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for results")
    options = parser.parse_args(arguments)
    return guarded("insciout", lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
