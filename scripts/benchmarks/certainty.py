"""Certainty of findings (1–6) against what the project reads in the sentence.

``python scripts/benchmarks/certainty.py --data certainty_sentence.jsonl -o work/certainty``

Zero-shot, nothing fitted: hedge cues, limitations and preliminary-sounding praise lower a
sentence's rule certainty by one each, boosters raise it by one; and, for sentences that
put a claim forward, the strength 0–6 of their strongest claim. Then ridge regression on
the dense features, on words, and on both: trained on the set's own training part and
measured on its validation part, and five-fold over all rows (seed 13). The penalty is
chosen by cross-validation inside the training part. Pearson and Spearman correlations.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from results import Results, correlations, digest_of, guarded, interval, read_jsonl, shown
from scipy import sparse
from sentences import Read, WordVectors, read_sentences
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

FOLDS = 5
SEED = 13
REMEDY = "download the set of Pei and Jurgens (2021) and give its path (docs/benchmarks.md)"
VIEWS = ("dense", "words", "dense and words")
PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


def rule_certainty(read: Read) -> np.ndarray:
    """Boosters less hedges, limitations and pseudo-hedges, as counts. Nothing is fitted."""
    lowering = read.rule("hedges") + read.rule("limitations") + read.rule("pseudo-hedges")
    return np.asarray(read.rule("boosters") - lowering, dtype=float)


def predicted(
    view: str,
    texts: Sequence[str],
    dense: np.ndarray,
    *,
    gold: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
) -> np.ndarray:
    """Ridge predictions of the test rows of one view."""
    if view == "dense":
        fitted, held = sparse.csr_matrix(dense[train]), sparse.csr_matrix(dense[test])
    else:
        beside = dense if view == "dense and words" else np.zeros((len(texts), 1))
        vectors = WordVectors()
        fitted = vectors.fit([texts[i] for i in train], beside[train])
        held = vectors.transform([texts[i] for i in test], beside[test])
    model = Ridge(alpha=_penalty(fitted, gold[train]), solver="sparse_cg")
    return np.asarray(model.fit(fitted, gold[train]).predict(held))


def _penalty(matrix: Any, gold: np.ndarray) -> float:
    def error(penalty: float) -> float:
        total = 0.0
        for train, rest in KFold(5, shuffle=True, random_state=SEED).split(gold):
            model = Ridge(alpha=penalty, solver="sparse_cg").fit(matrix[train], gold[train])
            total += float(((model.predict(matrix[rest]) - gold[rest]) ** 2).sum())
        return total

    return min(PENALTIES, key=error)


def _part(view: str, texts: Sequence[str], dense: np.ndarray, **rows: np.ndarray) -> dict[str, Any]:
    values = predicted(view, texts, dense, **rows)
    return {"rows": rows["test"].tolist(), "predicted": [round(float(v), 4) for v in values]}


def _measure(gold: np.ndarray, scores: np.ndarray, name: str) -> Callable[[np.ndarray], float]:
    return lambda rows: correlations(gold[rows], scores[rows])[name]


def _lines(name: str, gold: np.ndarray, scores: np.ndarray) -> list[str]:
    figures = correlations(gold, scores)
    return [
        shown(
            f"{name}, {measure}, n {len(gold)}",
            value,
            interval(_measure(gold, scores, measure), range(len(gold))),
        )
        for measure, value in figures.items()
    ]


def run(options: argparse.Namespace) -> None:
    """Compute what is not there, print everything."""
    fields = ("finding", "sentence-level-certainty", "split")
    rows = read_jsonl(options.data, fields, remedy=REMEDY)
    texts = [row["finding"] for row in rows]
    gold = np.array([float(row["sentence-level-certainty"]) for row in rows])
    held = np.array([row["split"] != "train" for row in rows])
    results = Results(
        options.out / "certainty.jsonl", made_from={"set": digest_of(texts, gold.tolist())}
    )
    read = read_sentences(texts, keep=options.out / "certainty.npz")
    rules, claims = rule_certainty(read), read.rule("level") > 0
    lines = _lines("rules, zero-shot, all", gold, rules)
    lines += _lines("rules, zero-shot, validation", gold[held], rules[held])
    level = read.rule("level").astype(float)
    lines += _lines("claim strength, zero-shot, claims", gold[claims], level[claims])
    for view in VIEWS:
        compute = partial(_part, view, texts, read.dense, gold=gold)
        train, test = np.flatnonzero(~held), np.flatnonzero(held)
        if len(test):
            line = results.part(f"{view}: validation", partial(compute, train=train, test=test))
            lines += _lines(f"ridge, {view}, validation", gold[test], np.array(line["predicted"]))
        scores = np.zeros(len(gold))
        folds = KFold(FOLDS, shuffle=True, random_state=SEED).split(gold)
        for number, (train, test) in enumerate(folds):
            line = results.part(f"{view}: fold-{number}", partial(compute, train=train, test=test))
            scores[test] = line["predicted"]
            value = correlations(gold[test], scores[test])["pearson"]
            lines.append(shown(f"ridge, {view}, fold {number}, pearson", value))
        lines += _lines(f"ridge, {view}, five-fold", gold, scores)
    print("\n".join(lines))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, compute, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="certainty_sentence.jsonl")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for results")
    options = parser.parse_args(arguments)
    return guarded("certainty", lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
