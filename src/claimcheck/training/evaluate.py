"""Evaluating a model on labelled running text, as the checker would judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimcheck.checker import Checker, Judged
from claimcheck.claims import Analyser
from claimcheck.corpus import LabelledSentence, load_corpus, passages_of
from claimcheck.records import Failure
from claimcheck.settings import make_settings
from claimcheck.training.examples import laid_out
from claimcheck.training.metrics import Rates, bootstrap, flag_metrics, rates_of

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Evaluation", "evaluate", "evaluate_catalogue", "evaluate_sentences"]

_OPTIONAL = frozenset({"bare-assertion", "missing-caveat"})
"""Issue types that the scheme calls optional beside others: they count neither way."""


@dataclass(frozen=True)
class Evaluation:
    """Figures of one model on one corpus split.

    ``slices`` maps a slice ("all", "source=…", "kind=…", "severity=…") to its flag
    metrics; ``intervals`` are 95 % bootstrap intervals by document for "all".
    """

    model: str
    data: str
    split: str
    profile: str
    threshold: float
    slices: Mapping[str, Mapping[str, Any]]
    intervals: Mapping[str, tuple[float, float]]
    claim_detection: Mapping[str, float]
    kind_accuracy: float
    issues: Mapping[str, Mapping[str, Any]]
    issue_micro: Mapping[str, float]
    evidence_overlap: float
    unexplained: int

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def evaluate(
    data: Path, *, model: str = "default", split: str = "dev", profile: str = "balanced"
) -> Evaluation:
    """Evaluate a model on one split of a corpus.

    :raises CorpusError: the corpus or the split cannot be read.
    :raises ModelError: the model cannot be loaded.
    """
    checker = Checker(make_settings({"model": model, "profile": profile}))
    rows, judged = _judged(checker, load_corpus(data, splits=[split]))
    return evaluate_sentences(rows, judged, checker=checker, data=data.name, split=split)


def _judged(
    checker: Checker, sentences: Sequence[LabelledSentence]
) -> tuple[list[LabelledSentence], list[Judged]]:
    """Judge every passage as the checker judges an article's sentences."""
    passages = passages_of(sentences)
    analysed = Analyser().sentences([s.text for passage in passages for s in passage])
    rows: list[LabelledSentence] = []
    judged: list[Judged] = []
    for passage in passages:
        analyses = laid_out([next(analysed) for _ in passage])
        rows.extend(passage)
        judged.extend(checker.judged(analyses))
    return rows, judged


def evaluate_sentences(
    rows: Sequence[LabelledSentence],
    judged: Sequence[Judged],
    *,
    checker: Checker,
    data: str,
    split: str,
) -> Evaluation:
    """Figures from sentences that have been judged, in the same order."""
    import numpy as np

    gold = np.array([row.label == "FLAG" for row in rows])
    scores = np.array([one.verdict.score for one in judged])
    flagged = np.array([bool(one.raised) for one in judged])
    claimed = np.array([row.label != "NONE" for row in rows])
    found = np.array([bool(one.raised) or one.verdict.claim >= 0.5 for one in judged])
    claim_rates = rates_of(claimed, found)
    both = [(r, j) for r, j in zip(rows, judged, strict=True) if r.kind and r.label != "NONE"]
    right = sum(row.kind == one.verdict.kind for row, one in both)
    per_issue, micro = _issue_rates(rows, judged)
    return Evaluation(
        model=checker.judge.manifest.name,
        data=data,
        split=split,
        profile=checker.settings.profile,
        threshold=checker.judge.manifest.threshold(checker.settings.profile),
        slices=_slices(rows, gold, scores, flagged),
        intervals=bootstrap(gold, scores, flagged=flagged, documents=[row.doc for row in rows]),
        claim_detection={
            "precision": round(claim_rates.precision, 4),
            "recall": round(claim_rates.recall, 4),
            "f1": round(claim_rates.f1, 4),
        },
        kind_accuracy=round(right / len(both), 4) if both else 0.0,
        issues=per_issue,
        issue_micro=micro,
        evidence_overlap=_evidence_overlap(rows, judged),
        unexplained=sum(one.unexplained for one in judged),
    )


def _slices(
    rows: Sequence[LabelledSentence], gold: np.ndarray, scores: np.ndarray, flagged: np.ndarray
) -> dict[str, dict[str, Any]]:
    import numpy as np

    slices: dict[str, dict[str, Any]] = {"all": flag_metrics(gold, scores, flagged=flagged)}
    for name in ("source", "genre"):
        for value in sorted({getattr(row, name) for row in rows} - {""}):
            mask = np.array([getattr(row, name) == value for row in rows])
            slices[f"{name}={value}"] = flag_metrics(
                gold[mask], scores[mask], flagged=flagged[mask]
            )
    web = np.array([row.source.startswith("health-rel") for row in rows])
    if web.any() and not web.all():
        slices["wellness pages"] = flag_metrics(gold[web], scores[web], flagged=flagged[web])
    for level in (1, 2, 3):
        mask = np.array([row.severity == level and row.label == "FLAG" for row in rows])
        if mask.any():
            slices[f"severity={level}"] = {
                "n": int(mask.sum()),
                "recall": round(float(flagged[mask].mean()), 4),
            }
    return slices


def _issue_rates(
    rows: Sequence[LabelledSentence], judged: Sequence[Judged]
) -> tuple[dict[str, dict[str, Any]], dict[str, float]]:
    """Per-type rates end to end, and micro rates where the optional types count neither way."""
    names = sorted(
        {i for r in rows for i in r.issues} | {c.issue for j in judged for c in j.raised}
    )
    table: dict[str, dict[str, Any]] = {}
    total = Rates(0, 0, 0)
    for name in names:
        hit = miss = extra = 0
        for row, one in zip(rows, judged, strict=True):
            wanted, given = name in row.issues, any(c.issue == name for c in one.raised)
            hit += wanted and given
            miss += wanted and not given
            extra += given and not wanted
        rates = Rates(hit, extra, miss)
        table[name] = {
            "n": hit + miss,
            "precision": round(rates.precision, 3),
            "recall": round(rates.recall, 3),
            "f1": round(rates.f1, 3),
        }
        if name not in _OPTIONAL:
            total = Rates(
                total.true_positive + hit, total.false_positive + extra, total.false_negative + miss
            )
    micro = {
        "precision": round(total.precision, 4),
        "recall": round(total.recall, 4),
        "f1": round(total.f1, 4),
    }
    return table, micro


def _evidence_overlap(rows: Sequence[LabelledSentence], judged: Sequence[Judged]) -> float:
    """Share of correct flags whose evidence overlaps the annotator's cue."""
    hits = total = 0
    for row, one in zip(rows, judged, strict=True):
        if row.label != "FLAG" or not one.raised or not row.cue:
            continue
        place = row.text.find(row.cue)
        if place < 0:
            continue
        start = one.context.sentence.start + place
        end = start + len(row.cue)
        total += 1
        hits += any(s < end and start < e for c in one.raised for s, e in c.evidence)
    return round(hits / total, 4) if total else 0.0


def evaluate_catalogue(checker: Checker, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Check single sentences that must or must not be flagged.

    :param items: mappings with ``text``, ``flag``, ``issue`` and optionally ``also``
        (issues that are as right) and ``article`` (a text that holds the sentence).
    :returns: counts, and the items that went wrong, by id or text.
    """
    flagged = right = quiet = 0
    wrong: list[str] = []
    for item in items:
        raised = _raised_on(checker, item)
        accepted = {item["issue"], *item.get("also", ())}
        if item["flag"]:
            flagged += bool(raised)
            right += bool(raised & accepted)
            if not raised & accepted:
                wrong.append(str(item.get("id", item["text"])))
        else:
            # Whether a caveat is missing says nothing about the claim's other faults.
            counted = raised & accepted if item["issue"] == "missing-caveat" else raised
            quiet += not counted
            if counted:
                wrong.append(str(item.get("id", item["text"])))
    must = sum(bool(item["flag"]) for item in items)
    return {
        "must_flag": must,
        "flagged": flagged,
        "flagged_with_the_right_issue": right,
        "must_stay_quiet": len(items) - must,
        "quiet": quiet,
        "wrong": wrong,
    }


def _raised_on(checker: Checker, item: Mapping[str, Any]) -> set[str]:
    outcome = checker.check_text(item.get("article") or item["text"])
    if isinstance(outcome, Failure):
        return set()
    text = outcome.article.text
    start = text.find(item["text"])
    end = start + len(item["text"])
    return {f.issue for f in outcome.findings if start < f.end and f.start < end}
