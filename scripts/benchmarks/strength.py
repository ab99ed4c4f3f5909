"""Causal strength of research sentences, five-fold, with a fine-tuned six-layer encoder.

``python scripts/benchmarks/strength.py --set eurekalert --data causal_strength_eureka.csv
--base MINILM_FOLDER -o work/strength [--other causal_strength_pubmed.csv] [--fold K]``

Classes: 0 not a claim, 1 correlational, 2 conditional causal, 3 direct causal. Folds are
stratified and drawn at random (seed 13), as in the published experiments. Per fold:

1. The encoder is trained on the fold's four training parts. It starts from the public
   weights or, with ``--other``, from weights trained on the other set (same classes),
   from which every near-duplicate of *any* sentence of this set has been taken out.
2. ``--inner`` more encoders are trained, each without a part of the training rows, and
   score that part. On these held-out logits and the project's dense linguistic features
   the logistic head is fitted; on training logits it would trust the encoder too much.
3. The head judges the first encoder's logits on the test part.

A fold is one line in ``DIR/strength_SET.jsonl``; a run goes on from the last epoch of the
fold it was in. Weights of a finished fold are deleted: they are throw-away models.
"""

from __future__ import annotations

import argparse
import html
import logging
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from results import (
    Results,
    digest_of,
    guarded,
    interval,
    macro_f1,
    read_csv,
    read_jsonl,
    shown,
    strength_class,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import StratifiedKFold

from claimcheck.errors import CorpusError
from claimcheck.training.classifier import (
    ClassifierSettings,
    fine_tune,
    fit_head,
    head_input,
    logits_of,
)

CLASSES = 4
FOLDS = 5
SEED = 13
REMEDY = "download the file from the authors of the set and give its path (docs/benchmarks.md)"


@dataclass(frozen=True)
class Labelled:
    """Texts with classes; ``groups`` are documents where the set names them, else rows."""

    texts: tuple[str, ...]
    labels: np.ndarray
    groups: tuple[str, ...]

    def some(self, chosen: Sequence[int]) -> Labelled:
        """Some rows, in the given order."""
        return Labelled(
            tuple(self.texts[i] for i in chosen),
            self.labels[list(chosen)],
            tuple(self.groups[i] for i in chosen),
        )


def read_strength(path: Path) -> Labelled:
    """Read a causal-strength file: columns ``sentence``, ``label`` and maybe ``sentId``."""
    rows = read_csv(path, ("sentence", "label"), remedy=REMEDY)
    if {row["label"] for row in rows} - set("0123"):
        raise CorpusError(f"{path}: labels must be 0, 1, 2 or 3; {REMEDY}")
    return Labelled(
        tuple(html.unescape(row["sentence"]) for row in rows),
        np.array([int(row["label"]) for row in rows]),
        # "PMID-…-4-sentence" and "PMID-…-0-title" are parts of one press release.
        tuple(row.get("sentId", str(at)).rsplit("-", 2)[0] for at, row in enumerate(rows)),
    )


def read_coded(path: Path) -> Labelled:
    """Read ``insciout_before_after.jsonl`` in the same four classes."""
    rows = read_jsonl(path, ("text", "code", "ref"), remedy=REMEDY)
    return Labelled(
        tuple(row["text"] for row in rows),
        np.array([strength_class(row["code"]) for row in rows]),
        tuple(row["ref"] for row in rows),
    )


def without_near_duplicates(rows: Labelled, held: Sequence[str]) -> Labelled:
    """Rows of which no held-out text is a near-duplicate.

    Character 5-grams: Jaccard above 0.6, or four fifths of the shorter text's.
    """
    grams = CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True, dtype=np.int32)
    theirs = grams.fit_transform(held)
    ours = grams.transform(rows.texts)
    lengths = np.array([len(set(grams.build_analyzer()(text))) for text in rows.texts])
    others = np.asarray(theirs.sum(1)).ravel()
    keep = []
    for begin in range(0, ours.shape[0], 256):
        shared = (ours[begin : begin + 256] @ theirs.T).toarray()
        mine = lengths[begin : begin + 256, None]
        jaccard = shared / np.maximum(mine + others[None] - shared, 1)
        contained = shared / np.maximum(np.minimum(mine, others[None]), 1)
        alike = (jaccard > 0.6) | (contained >= 0.8)
        keep.extend((begin + np.flatnonzero(~alike.any(1))).tolist())
    return rows.some(keep)


def folds_of(labels: np.ndarray, *, count: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test row numbers of each fold."""
    parts = StratifiedKFold(count, shuffle=True, random_state=seed)
    return [(train, test) for train, test in parts.split(np.zeros(len(labels)), labels)]


@dataclass(frozen=True)
class Study:
    """One run: the set, its dense features, and how encoders are trained."""

    data: Labelled
    dense: np.ndarray
    base: Path
    out: Path
    inner: int
    settings: ClassifierSettings
    start: Path | None = None

    def encoder(self, rows: np.ndarray, held: np.ndarray, *, name: str) -> np.ndarray:
        """Train on some rows, score others: logits of shape ``(len(held), 4)``."""
        train, test = self.data.some(rows.tolist()), self.data.some(held.tolist())
        weights = fine_tune(
            train.texts,
            train.labels.tolist(),
            classes=CLASSES,
            base=self.base,
            out=self.out / name,
            start=self.start,
            settings=self.settings,
        )
        return logits_of(
            test.texts, weights=weights, classes=CLASSES, base=self.base, settings=self.settings
        )

    def fold(self, number: int) -> dict[str, Any]:
        """Train and judge one fold; gold and predictions of its test part."""
        began = time.monotonic()
        train, test = folds_of(self.data.labels, count=FOLDS, seed=SEED)[number]
        logits = self.encoder(train, test, name=f"fold-{number}")
        gold = self.data.labels[train]
        held = np.zeros((len(train), CLASSES), dtype=np.float32)
        for at, (rows, rest) in enumerate(folds_of(gold, count=self.inner, seed=SEED + 1)):
            name = f"fold-{number}-inner-{at}"
            held[rest] = self.encoder(train[rows], train[rest], name=name)
        head = fit_head(head_input(held, self.dense[train]), gold.tolist(), seed=SEED)
        predicted = head.predict(head_input(logits, self.dense[test]))
        for folder in self.out.glob(f"fold-{number}*"):
            shutil.rmtree(folder)
        return {
            "rows": test.tolist(),
            "gold": self.data.labels[test].tolist(),
            "encoder": logits.argmax(1).tolist(),
            "head": [int(label) for label in predicted],
            "logits": [[round(float(value), 3) for value in row] for row in logits],
            "head_options": {"C": head.C, "class_weight": head.class_weight},
            "inner_macro_f1": macro_f1(gold, held.argmax(1), classes=CLASSES),
            "seconds": round(time.monotonic() - began, 1),
        }


def auxiliary(
    sources: Sequence[Labelled], held: Sequence[str], *, study: Study, epochs: int
) -> tuple[Path, int]:
    """Weights trained on other sets, none of whose texts is like a held-out one; and n."""
    kept = [without_near_duplicates(source, held) for source in sources]
    texts = [text for source in kept for text in source.texts]
    labels = [int(label) for source in kept for label in source.labels]
    if not texts:
        raise CorpusError("--other, --coded: every row is a near-duplicate of the set's; leave out")
    weights = fine_tune(
        texts,
        labels,
        classes=CLASSES,
        base=study.base,
        out=study.out / "other",
        settings=replace(study.settings, epochs=epochs),
    )
    return weights, len(texts)


def _measure(gold: np.ndarray, predicted: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda at: macro_f1(gold[at], predicted[at], classes=CLASSES)


def summary(results: Results, data: Labelled) -> list[str]:
    """What is printed: each finished fold, and all of them together with intervals."""
    lines = results.found("fold-")
    out = []
    for name in ("encoder", "head"):
        values = [
            macro_f1(np.array(line["gold"]), np.array(line[name]), classes=CLASSES)
            for line in lines
        ]
        for line, value in zip(lines, values, strict=True):
            out.append(shown(f"{line['part']}, {name}, n {len(line['rows'])}", value))
        rows = [row for line in lines for row in line["rows"]]
        gold = np.concatenate([line["gold"] for line in lines])
        predicted = np.concatenate([line[name] for line in lines])
        bounds = interval(_measure(gold, predicted), [data.groups[row] for row in rows])
        out.append(shown(f"{name}: mean macro-F1 of {len(lines)} folds", float(np.mean(values))))
        pooled = macro_f1(gold, predicted, classes=CLASSES)
        out.append(shown(f"{name}: macro-F1 of their {len(rows)} rows", pooled, bounds))
        for label in range(CLASSES):
            hits = int(((gold == label) & (predicted == label)).sum())
            total = int((gold == label).sum() + (predicted == label).sum())
            out.append(shown(f"{name}: F1 of class {label}", 2 * hits / max(1, total)))
    return out


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", choices=("pubmed", "eurekalert"), required=True)
    parser.add_argument("--data", type=Path, required=True, help="the set's CSV file")
    parser.add_argument("--base", type=Path, required=True, help="folder of the public encoder")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for results")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), help="one fold only, 0 to 4")
    parser.add_argument("--other", type=Path, help="the other set's CSV file, trained on first")
    parser.add_argument("--coded", type=Path, help="InSciOut statements, trained on first too")
    parser.add_argument("--inner", type=int, default=3, help="encoders for the head (default 3)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--other-epochs", type=int, default=3)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--half", action="store_true", help="bfloat16 matrix products")
    parser.add_argument("--limit", type=int, help="so many rows a set only, to try it out")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> None:
    """Compute the folds that are asked for and not there; print what is there."""
    from sentences import read_sentences

    limit = slice(options.limit)
    data = read_strength(options.data)
    data = data.some(range(len(data.texts))[limit])
    sources = [read_strength(options.other)] if options.other else []
    sources += [read_coded(options.coded)] if options.coded else []
    sources = [source.some(range(len(source.texts))[limit]) for source in sources]
    settings = ClassifierSettings(
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        batch_size=options.batch_size,
        max_tokens=options.max_tokens,
        threads=options.threads,
        half=options.half,
        seed=SEED,
    )
    told = {key: value for key, value in asdict(settings).items() if key != "threads"}
    made_from = {
        "set": digest_of(data.texts, data.labels.tolist()),
        "others": [digest_of(source.texts, source.labels.tolist()) for source in sources],
        "other_epochs": options.other_epochs if sources else 0,
        "inner": options.inner,
        "settings": told,
    }
    results = Results(options.out / f"strength_{options.set}.jsonl", made_from=made_from)
    read = read_sentences(data.texts, keep=options.out / f"strength_{options.set}.npz")
    work = options.out / f"strength_{options.set}"
    study = Study(data, read.dense, options.base, work, options.inner, settings)
    numbers = range(FOLDS) if options.fold is None else [options.fold]
    missing = {f"fold-{n}" for n in numbers} - {line["part"] for line in results.found("fold-")}
    if sources and missing:
        weights, n = auxiliary(sources, data.texts, study=study, epochs=options.other_epochs)
        all_of_them = sum(len(source.texts) for source in sources)
        print(f"trained first on {n} rows of other sets; {all_of_them - n} near-duplicates out")
        study = replace(study, start=weights)
    for number in numbers:
        results.part(f"fold-{number}", partial(study.fold, number))
    start = "weights trained on other sets" if sources else "public weights"
    print(f"{options.set}: {len(data.texts)} rows; every fold starts from {start}")
    print("\n".join(summary(results, data)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, compute, print."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    return guarded("strength", lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
