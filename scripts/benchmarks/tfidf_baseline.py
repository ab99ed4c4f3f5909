"""The floor that a model must beat: word and character TF-IDF with a linear model.

``python scripts/benchmarks/tfidf_baseline.py [CORPUS]`` trains on the train split and
prints flag F1 on dev at the best threshold in hindsight, overall and by source, and at
the threshold of each precision that ``claimcheck evaluate`` profiles aim at. The corpus
is ``claims_real.jsonl``, which is not part of the project.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve

from claimcheck.corpus import load_corpus
from claimcheck.errors import CorpusError

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "claims_real.jsonl"


def best_line(name: str, gold: np.ndarray, scores: np.ndarray) -> str:
    """Best F1 in hindsight with its precision and recall."""
    precision, recall, _ = precision_recall_curve(gold, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    at = int(f1.argmax())
    return (
        f"{name:16s} n {len(gold):5d}  flags {int(gold.sum()):4d}  best F1 {f1[at]:.3f} "
        f"(precision {precision[at]:.3f}, recall {recall[at]:.3f})  "
        f"average precision {average_precision_score(gold, scores):.3f}"
    )


def main() -> int:
    """Train, score, print."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    try:
        train = load_corpus(path, splits=["train"])
        dev = load_corpus(path, splits=["dev"])
    except CorpusError as error:
        print(f"tfidf_baseline: error: {error}", file=sys.stderr)
        return 2
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    characters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True
    )
    texts = [row.text for row in train]
    fitted = sparse.hstack([words.fit_transform(texts), characters.fit_transform(texts)]).tocsr()
    model = LogisticRegression(C=4, solver="liblinear", class_weight="balanced")
    model.fit(fitted, [row.label == "FLAG" for row in train])
    held = [row.text for row in dev]
    scores = model.decision_function(
        sparse.hstack([words.transform(held), characters.transform(held)]).tocsr()
    )
    gold = np.array([row.label == "FLAG" for row in dev])
    news = np.array([row.source == "fakehealth" for row in dev])
    print(best_line("all", gold, scores))
    print(best_line("news", gold[news], scores[news]))
    print(best_line("wellness pages", gold[~news], scores[~news]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
