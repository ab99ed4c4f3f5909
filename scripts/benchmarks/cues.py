"""Speculation cues, their scope, and weasel sentences: the project's lexicons as they are.

``python scripts/benchmarks/cues.py --bioscope bioscope_fragment.xml -o work/cues``
``python scripts/benchmarks/cues.py --wikiweasel wikiweasel_train.csv -o work/cues``

**BioScope.** The project's hedge cues against the annotated speculation cues: is the
sentence speculative; is a cue found with exactly its words, or with words that overlap.
The project has no scope spans: it asks whether a hedge governs a verb. So scope is
measured on pairs of a found cue and a verb of its sentence: governed, against inside
the annotated scope. Nothing is trained.

**WikiWeasel.** Sentences marked as uncertain, by lexicon cues as they are, and by a
logistic model on words and the project's features, five-fold, stratified, seed 13; its
threshold is chosen inside the training part. The model is thrown away.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree
from results import Results, digest_of, f1_of, guarded, interval, read_csv, shown
from sentences import HEDGES, WordVectors, read_sentences
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from claimcheck.claims import Analyser, Analysis, of_class
from claimcheck.claims.scope import governs
from claimcheck.errors import CorpusError, UsageError

FOLDS = 5
SEED = 13
REMEDY = "download the corpus and give its path (docs/benchmarks.md)"

Span = tuple[int, int]


@dataclass(frozen=True)
class Speculative:
    """One sentence: its speculation cues, each with the span it governs (null: none)."""

    document: str
    text: str
    cues: tuple[tuple[Span, Span | None], ...]


def read_bioscope(path: Path) -> list[Speculative]:
    """Read BioScope XML; brackets and slashes are put back as printed.

    :raises CorpusError: the file is missing or not such XML.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; {REMEDY}")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError as error:
        raise CorpusError(f"{path}: not XML ({error}); {REMEDY}") from error
    found = [
        _sentence(sentence, str(document.findtext("DocID")))
        for document in root.iter("Document")
        for sentence in document.iter("sentence")
    ]
    if not found:
        raise CorpusError(f"{path}: no sentences of BioScope's form; {REMEDY}")
    return found


def _sentence(node: Any, document: str) -> Speculative:
    pieces: list[str] = []
    cues: list[tuple[str, Span]] = []
    scopes: dict[str, Span] = {}

    def walk(part: Any) -> None:
        begin = sum(map(len, pieces))
        pieces.append(_printed(part.text))
        for child in part:
            walk(child)
            pieces.append(_printed(child.tail))
        end = sum(map(len, pieces))
        if part.tag == "xcope":
            scopes[part.get("id")] = (begin, end)
        if part.tag == "cue" and part.get("type") == "speculation":
            cues.append((part.get("ref"), (begin, end)))

    walk(node)
    text = "".join(pieces)
    return Speculative(
        document, text, tuple((_trimmed(text, span), scopes.get(ref)) for ref, span in cues)
    )


def _printed(text: str | None) -> str:
    return (text or "").replace("-LRB-", "(").replace("-RRB-", ")").replace("\\/", "/")


def _trimmed(text: str, span: Span) -> Span:
    inner = text[span[0] : span[1]]
    begin = span[0] + len(inner) - len(inner.lstrip())
    return begin, begin + len(inner.strip())


def found_cues(analysis: Analysis) -> list[Span]:
    """Spans of the project's hedge cues, nested ones once."""
    spans = sorted({(cue.start, cue.end) for cue in of_class(analysis.cues, *HEDGES)})
    return [s for s in spans if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans)]


def overlap(one: Span, other: Span) -> bool:
    """Whether two half-open spans share a character."""
    return one[0] < other[1] and other[0] < one[1]


def bioscope_counts(gold: Speculative, analysis: Analysis) -> dict[str, int]:
    """What one sentence adds to each measure: hits, found, annotated."""
    spans = found_cues(analysis)
    theirs = [span for span, _ in gold.cues]
    counts = {
        "sentence_hit": int(bool(spans) and bool(theirs)),
        "sentence_found": int(bool(spans)),
        "sentence_gold": int(bool(theirs)),
        "exact_hit": len(set(spans) & set(theirs)),
        "exact_found": len(spans),
        "exact_gold": len(theirs),
        # Each side is counted on its own, for one cue of ours may span two of theirs.
        "overlap_hit_found": sum(any(overlap(s, t) for t in theirs) for s in spans),
        "overlap_hit_gold": sum(any(overlap(s, t) for s in spans) for t in theirs),
        "scope_hit": 0,
        "scope_found": 0,
        "scope_gold": 0,
        "scope_cues": 0,
    }
    for span, scope in gold.cues:
        cue = next(
            (c for c in of_class(analysis.cues, *HEDGES) if overlap((c.start, c.end), span)), None
        )
        if cue is None or scope is None:
            continue
        counts["scope_cues"] += 1
        for token in analysis.tokens:
            if token.pos != "VERB" or cue.first <= token.i < cue.last:
                continue
            ours = governs(analysis.tokens, cue, token.i)
            inside = scope[0] <= token.start and token.end <= scope[1]
            counts["scope_hit"] += ours and inside
            counts["scope_found"] += ours
            counts["scope_gold"] += inside
    return {name: int(value) for name, value in counts.items()}


def _bioscope(sentences: Sequence[Speculative]) -> dict[str, Any]:
    analysed = Analyser().sentences([sentence.text for sentence in sentences])
    rows = [
        bioscope_counts(gold, analysis) for gold, analysis in zip(sentences, analysed, strict=True)
    ]
    return {"columns": list(rows[0]), "counts": [list(row.values()) for row in rows]}


MEASURES = {
    "speculative sentences": ("sentence_hit", "sentence_found", "sentence_hit", "sentence_gold"),
    "cues, exact span": ("exact_hit", "exact_found", "exact_hit", "exact_gold"),
    "cues, overlapping": ("overlap_hit_found", "exact_found", "overlap_hit_gold", "exact_gold"),
    "scope, verbs of found cues": ("scope_hit", "scope_found", "scope_hit", "scope_gold"),
}
"""Numerator and denominator of precision, then of recall."""


def rates(totals: dict[str, int], columns: tuple[str, str, str, str]) -> tuple[float, float, float]:
    """Precision, recall and F1 of summed counts."""
    precision = totals[columns[0]] / max(1, totals[columns[1]])
    recall = totals[columns[2]] / max(1, totals[columns[3]])
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def bioscope(path: Path, out: Path) -> list[str]:
    """Measure on BioScope; the lines to print."""
    sentences = read_bioscope(path)
    made_from = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()[:16]}
    results = Results(out / "cues_bioscope.jsonl", made_from=made_from)
    line = results.part("lexicon", partial(_bioscope, sentences))
    table = np.array(line["counts"])
    names: list[str] = line["columns"]
    documents = [sentence.document for sentence in sentences]

    def at(rows: np.ndarray) -> dict[str, int]:
        return dict(zip(names, table[rows].sum(0).tolist(), strict=True))

    everything = at(np.arange(len(table)))
    cues = everything["exact_gold"]
    lines = [f"BioScope: {len(table)} sentences, {len(set(documents))} documents, {cues} cues"]
    for name, columns in MEASURES.items():
        precision, recall, f1 = rates(everything, columns)
        bounds = interval(lambda rows, columns=columns: rates(at(rows), columns)[2], documents)  # type: ignore[misc]
        lines.append(f"{shown(name, f1, bounds)}  precision {precision:.3f}, recall {recall:.3f}")
    lines.append(f"cues whose scope was measured: {everything['scope_cues']}")
    return lines


def _threshold(matrix: Any, gold: np.ndarray) -> float:
    """The best threshold of training rows, each scored by a model without it."""
    scores = np.zeros(len(gold))
    for train, rest in StratifiedKFold(3, shuffle=True, random_state=SEED).split(scores, gold):
        model = LogisticRegression(C=4, solver="liblinear", class_weight="balanced")
        scores[rest] = model.fit(matrix[train], gold[train]).decision_function(matrix[rest])
    grid = np.quantile(scores, np.linspace(0.3, 0.98, 69))
    return float(max(grid, key=lambda at: f1_of(gold, scores >= at)))


def weasel_fold(
    texts: Sequence[str], gold: np.ndarray, dense: np.ndarray, *, number: int
) -> dict[str, Any]:
    """Train on four parts, predict the fifth."""
    parts = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    train, test = list(parts.split(np.zeros(len(gold)), gold))[number]
    vectors = WordVectors()
    fitted = vectors.fit([texts[i] for i in train], dense[train])
    model = LogisticRegression(C=4, solver="liblinear", class_weight="balanced")
    model.fit(fitted, gold[train])
    held = vectors.transform([texts[i] for i in test], dense[test])
    predicted = model.decision_function(held) >= _threshold(fitted, gold[train])
    return {"rows": test.tolist(), "predicted": predicted.astype(int).tolist()}


def wikiweasel(path: Path, out: Path) -> list[str]:
    """Measure on WikiWeasel; the lines to print."""
    rows = read_csv(path, ("text", "label"), remedy=REMEDY)
    texts = [" ".join(row["text"].split()) for row in rows]
    gold = np.array([row["label"] == "1" for row in rows])
    results = Results(
        out / "cues_wikiweasel.jsonl", made_from={"set": digest_of(texts, gold.tolist())}
    )
    read = read_sentences(texts, keep=out / "cues_wikiweasel.npz")
    hedges, weasels = read.rule("hedges") > 0, read.rule("weasels") > 0
    lines = [f"WikiWeasel: {len(gold)} sentences, {int(gold.sum())} uncertain"]
    for name, predicted in (
        ("hedge cues", hedges),
        ("vague source and quantity cues", weasels),
        ("either", hedges | weasels),
    ):
        lines.append(_line(f"lexicon, {name}", gold, predicted))
    predicted = np.zeros(len(gold), dtype=bool)
    for number in range(FOLDS):
        compute = partial(weasel_fold, texts, gold, read.dense, number=number)
        line = results.part(f"fold-{number}", compute)
        predicted[line["rows"]] = np.array(line["predicted"], dtype=bool)
        lines.append(
            shown(
                f"words and features, fold {number}",
                f1_of(gold[line["rows"]], predicted[line["rows"]]),
            )
        )
    lines.append(_line("words and features, five-fold", gold, predicted))
    return lines


def _line(name: str, gold: np.ndarray, predicted: np.ndarray) -> str:
    hits = int((gold & predicted).sum())
    precision, recall = hits / max(1, int(predicted.sum())), hits / max(1, int(gold.sum()))
    bounds = interval(_measure(gold, predicted), range(len(gold)))
    figure = shown(name, f1_of(gold, predicted), bounds)
    return f"{figure}  precision {precision:.3f}, recall {recall:.3f}"


def _measure(gold: np.ndarray, predicted: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda rows: f1_of(gold[rows], predicted[rows])


def run(options: argparse.Namespace) -> None:
    """Measure what is given."""
    if not (options.bioscope or options.wikiweasel):
        raise UsageError("give --bioscope FILE, --wikiweasel FILE or both")
    if options.bioscope:
        print("\n".join(bioscope(options.bioscope, options.out)))
    if options.wikiweasel:
        print("\n".join(wikiweasel(options.wikiweasel, options.out)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, compute, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bioscope", type=Path, metavar="FILE", help="BioScope XML")
    parser.add_argument("--wikiweasel", type=Path, metavar="FILE", help="CSV: text, label")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for results")
    options = parser.parse_args(arguments)
    return guarded("cues", lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
