"""What a corpus of our own promises, and whether it keeps it.

The promises are those of its dataset card: labels that hold together, enough variety, no
templates, splits that share nothing, and labels that cannot be guessed from single words.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from claimcheck.corpus import ISSUE_CODES, LabelledSentence, load_corpus
from claimcheck.errors import CorpusError
from claimcheck.training.leakage import disjoint_faults, near_duplicates, normalised

__all__ = ["PROMISES", "Checked", "Promises", "bag_of_words_f1", "check_own_corpus", "load_splits"]

_SPLIT_FILES: Final = ("train.jsonl", "dev.jsonl", "test.jsonl")
_RUN: Final = 5  # words
_RUN_SHARE: Final = 0.01  # of the sentences that may hold one run of five words
_SHOWN: Final = 3  # faults of one kind that are told one by one
_STRONGEST: Final = 6


@dataclass(frozen=True, slots=True)
class Promises:
    """Least numbers, and bounds. Zero promises nothing.

    ``tones`` names the tones of which each holds about a third of the passages;
    ``bag_of_words`` is the flag F1 that single words must not exceed on the test split.
    """

    sentences: int = 0
    passages: int = 0
    genres: int = 0
    topics: int = 0
    tones: tuple[str, ...] = ()
    bag_of_words: float = 0.0


PROMISES: Final[Mapping[str, Promises]] = {
    "wellness": Promises(
        sentences=2500,
        passages=200,
        genres=12,
        topics=100,
        tones=("overstated", "mixed", "careful"),
        bag_of_words=0.80,
    ),
}
"""By the name of the corpus' folder. What is not listed is checked for labels, splits,
repeats and templates only."""


@dataclass(slots=True)
class Checked:
    """The outcome: ``figures`` to print, and ``faults``, empty where all is kept."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def least(self, what: str, found: int, *, promised: int) -> None:
        """Note a count, and a fault where it is below what was promised."""
        self.figures[what] = found
        if found < promised:
            self.faults.append(f"{what}: {found}, promised are {promised}")

    def add(self, what: str, faults: Sequence[str]) -> None:
        """Note how many faults of one kind there are, and tell the first of them."""
        self.figures[what] = len(faults)
        self.faults += faults[:_SHOWN]
        if len(faults) > _SHOWN:
            self.faults.append(f"{what}: {len(faults) - _SHOWN} more like these")


def check_own_corpus(path: Path, *, promises: Promises | None = None) -> Checked:
    """Check a folder of ``<split>.jsonl`` files.

    :param promises: null takes :data:`PROMISES` by the folder's name.
    :raises CorpusError: the corpus cannot be read, or a label is none of the scheme's.
    """
    name = path.resolve().name
    promises = promises or PROMISES.get(name, Promises())
    sentences = load_splits(path)
    rows = list(_raw_rows(path))
    checked = Checked(name)
    checked.least("sentences", len(sentences), promised=promises.sentences)
    checked.least("passages", len({s.passage for s in sentences}), promised=promises.passages)
    for what, promised in (("genres", promises.genres), ("topics", promises.topics)):
        found = len({row[what[:-1]] for row in rows if row.get(what[:-1])})
        checked.least(what, found, promised=promised)
    checked.add("labels that contradict each other", _label_faults(rows))
    checked.add("places that are not in order", _place_faults(sentences))
    checked.add("tones out of balance", _tone_faults(rows, promises.tones))
    splits = _by_split(sentences)
    checked.add("shared between splits", disjoint_faults(splits))
    checked.add("repeats across documents", _repeat_faults(sentences))
    checked.add("runs of five words", _run_faults(sentences))
    if {"train", "test"} <= set(splits):
        _check_bag_of_words(checked, splits, bound=promises.bag_of_words)
    return checked


def load_splits(path: Path) -> tuple[LabelledSentence, ...]:
    """All sentences of a folder's split files; a second labelling beside them is not one.

    :raises CorpusError: there is none, or one cannot be read.
    """
    files = _split_files(path)
    if not files:
        raise CorpusError(
            f"{path}: holds none of {', '.join(_SPLIT_FILES)}; give the corpus' folder"
        )
    return tuple(sentence for file in files for sentence in load_corpus(file))


def _split_files(path: Path) -> list[Path]:
    return [path / name for name in _SPLIT_FILES if (path / name).is_file()]


def _raw_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Rows with the fields that :class:`LabelledSentence` does not hold."""
    for file in _split_files(path):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield {"split": file.stem, **json.loads(line)}


def _by_split(sentences: Sequence[LabelledSentence]) -> dict[str, list[LabelledSentence]]:
    splits: dict[str, list[LabelledSentence]] = defaultdict(list)
    for sentence in sentences:
        splits[sentence.split].append(sentence)
    return dict(splits)


def _label_faults(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Rows that break section 14 of the guidelines."""
    order = {code: number for number, code in enumerate(ISSUE_CODES)}
    faults = []
    for row in rows:
        where = f"{row['passage']} {row['n']}"
        issues = list(row.get("issues") or ())
        severity, strength = row.get("severity", 0), row.get("strength", 0)
        flagged = row["label"] == "FLAG"
        absent = [k for k in ("cue", "hedge") if (row.get(k) or "") not in row["text"]]
        rules = {
            "NONE as label and as kind go together": (row["label"] == "NONE")
            == (row.get("kind", "NONE") == "NONE"),
            "NONE has strength 0 and no hedge": row["label"] != "NONE"
            or not (strength or row.get("hedge")),
            "FLAG, and nothing else, has issues": flagged == bool(issues),
            "FLAG, and nothing else, has a cue": flagged == bool(row.get("cue")),
            "FLAG has severity 1 to 3, anything else 0": flagged == (severity in (1, 2, 3))
            and (flagged or severity == 0),
            "strength is 0 to 6": 0 <= strength <= _STRONGEST,
            "issues stand in display order, once each": issues
            == sorted(set(issues), key=lambda code: order[code]),
            f"{', '.join(absent)} stands in the text": not absent,
            "the text has no white space around it": row["text"] == row["text"].strip() != "",
        }
        faults += [f"{where}: broken: {rule}" for rule, holds in rules.items() if not holds]
    return faults


def _place_faults(sentences: Sequence[LabelledSentence]) -> list[str]:
    """Passages whose sentences are not numbered 0, 1, 2, … in the order of the file."""
    places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for sentence in sentences:
        places[(sentence.split, sentence.doc, sentence.passage)].append(sentence.n)
    return [
        f"{split}: {passage} is numbered {numbers[:6]}…"
        for (split, _, passage), numbers in places.items()
        if numbers != list(range(len(numbers)))
    ]


def _tone_faults(rows: Sequence[Mapping[str, Any]], tones: Sequence[str]) -> list[str]:
    """Tones that are more or less than about a third (28 to 39 %) of the passages."""
    if not tones:
        return []
    found = Counter({row["passage"]: row.get("tone") for row in rows}.values())
    total = sum(found.values())
    faults = [f"tone {tone!r} is none of {', '.join(tones)}" for tone in set(found) - set(tones)]
    return faults + [
        f"tone {tone}: {found[tone]} of {total} passages, promised is a third"
        for tone in tones
        if not 0.28 <= found[tone] / total <= 0.39
    ]


def _repeat_faults(sentences: Sequence[LabelledSentence]) -> list[str]:
    """Sentences that nearly repeat one of another document (Jaccard index above 0.6)."""
    texts = [sentence.text for sentence in sentences]
    return [
        f"{sentences[one].doc} {sentences[one].n} repeats {sentences[other].doc} "
        f"{sentences[other].n} ({similarity:.2f})"
        for one, other, similarity in near_duplicates(texts, texts)
        if one < other and sentences[one].doc != sentences[other].doc
    ]


def _run_faults(sentences: Sequence[LabelledSentence]) -> list[str]:
    """Runs of five words in more than 1 % of the sentences."""
    counts: Counter[tuple[str, ...]] = Counter()
    for sentence in sentences:
        words = normalised(sentence.text).split()
        counts.update({tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)})
    most = max(1.0, _RUN_SHARE * len(sentences))
    return [
        f"{' '.join(run)!r} stands in {n} sentences, at most {most:.0f} may share five words"
        for run, n in counts.most_common(10)
        if n > most
    ]


def _check_bag_of_words(
    checked: Checked, splits: Mapping[str, Sequence[LabelledSentence]], *, bound: float
) -> None:
    figures = bag_of_words_f1(splits["train"], splits["test"])
    for name, value in figures.items():
        checked.figures[f"bag of words, flag F1 on test, {name}"] = round(value, 3)
        if bound and value > bound:
            checked.faults.append(f"bag of words: flag F1 {value:.3f} ({name}), bound {bound}")


def bag_of_words_f1(
    train: Sequence[LabelledSentence], test: Sequence[LabelledSentence]
) -> Mapping[str, float]:
    """Flag F1 (0–1) on ``test`` of a logistic model of single words, fitted on ``train``.

    Given for even odds and for the threshold that is best on ``test`` in hindsight.

    :raises CorpusError: a split has no flag, or nothing else.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score, precision_recall_curve
    from sklearn.pipeline import make_pipeline

    gold = [[row.label == "FLAG" for row in rows] for rows in (train, test)]
    if any(len(set(values)) < 2 for values in gold):
        raise CorpusError("a split has no flag or nothing but flags; no model can be fitted")
    model = make_pipeline(
        TfidfVectorizer(sublinear_tf=True),
        LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000),
    )
    model.fit([row.text for row in train], gold[0])
    scores = model.predict_proba([row.text for row in test])[:, 1]
    precision, recall, _ = precision_recall_curve(gold[1], scores)
    best = (2 * precision * recall / (precision + recall).clip(1e-12)).max()
    return {
        "even odds": float(f1_score(gold[1], scores >= 0.5)),
        "best threshold in hindsight": float(best),
    }
