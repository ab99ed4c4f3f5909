"""Trials built by hand, and the shipped model's judgement of our own test split, made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from claimcheck.checker import Judged
from claimcheck.claims import Analysis
from claimcheck.corpus import LabelledSentence
from claimcheck.issues import Candidate, Context
from claimcheck.training.evaluate import Evaluation, Trial, judge_data, measure, read_data

WELLNESS = Path(__file__).resolve().parents[2] / "corpora" / "wellness"

MakeTrial = Callable[..., Trial]

SENTENCES: tuple[dict[str, Any], ...] = (
    # Six invented pages of two to four sentences: hits, false alarms, misses, wrong reasons.
    {"doc": "a", "text": "Moss tea cures gout.", "label": "FLAG", "issues": ("cure",),
     "severity": 3, "cue": "cures", "score": 0.95, "raised": [("cure", "cures gout")]},
    {"doc": "a", "text": "It tastes of hay.", "label": "NONE", "score": 0.02},
    {"doc": "a", "text": "Moss tea may ease stiffness.", "label": "OK", "strength": 4,
     "hedge": "may", "score": 0.2, "hedges": ["may"]},
    {"doc": "b", "text": "Always stretch.", "label": "OK", "kind": "advice", "score": 0.8,
     "said": "advice", "raised": [("absolute", "Always")], "strength": 0},
    {"doc": "b", "text": "Doctors hate this trick for sleep.", "label": "FLAG",
     "issues": ("hype", "popularity"), "severity": 1, "cue": "Doctors hate", "score": 0.7,
     "raised": [("vague-evidence", "Doctors")]},
    {"doc": "c", "text": "Rope pulling rebuilds bone.", "label": "FLAG", "severity": 2,
     "issues": ("bare-assertion",), "cue": "rebuilds", "score": 0.1},
    {"doc": "c", "text": "The gym opens at six.", "label": "NONE", "score": None, "claim": None},
    {"doc": "d", "text": "It is perfectly safe.", "label": "FLAG", "kind": "safety",
     "issues": ("minimised-harm", "absolute"), "severity": 3, "cue": "perfectly safe",
     "score": 0.9, "said": "safety",
     "raised": [("minimised-harm", "safe"), ("absolute", "perfectly")]},
    {"doc": "d", "text": "Headaches were seen in 4 of 90 people.", "label": "OK",
     "kind": "safety", "score": 0.05, "said": "condition"},
    {"doc": "e", "text": "Might zinc shorten colds?", "label": "OK", "score": 0.3,
     "hedge": "Might", "strength": 4},
    {"doc": "e", "text": "Zinc possibly shortens colds.", "label": "OK", "score": 0.4,
     "strength": 4, "hedges": ["possibly"]},
    {"doc": "f", "text": "Why kelp works", "label": "FLAG", "heading": True, "severity": 2,
     "issues": ("bare-assertion",), "score": 0.45, "candidates": ["bare-assertion"]},
)  # fmt: skip


def _judged(spec: dict[str, Any], analyses: tuple[Analysis, ...], index: int) -> Judged:
    text = spec["text"]

    def candidate(issue: str, phrase: str) -> Candidate:
        start = text.index(phrase)
        return Candidate(issue, None, ((start, start + len(phrase)),))

    raised = tuple(candidate(*one) for one in spec.get("raised", ()))
    more = tuple(Candidate(name, None, ((0, 1),)) for name in spec.get("candidates", ()))
    verdict = SimpleNamespace(
        score=spec["score"], claim=spec.get("claim", 0.9), kind=spec.get("said", "efficacy")
    )
    if "said_strength" in spec:
        verdict.strength = spec["said_strength"]
    context = Context(analyses, index)
    return Judged(context, (*raised, *more), verdict, raised)  # type: ignore[arg-type]


def _analysis(spec: dict[str, Any]) -> Analysis:
    text = spec["text"]
    cues = [(text.index(word), text.index(word) + len(word)) for word in spec.get("hedges", ())]
    hedges = tuple(SimpleNamespace(start=start, end=end) for start, end in cues)
    claim = SimpleNamespace(scope=SimpleNamespace(hedges=hedges), kind="status")
    return Analysis(
        0,
        len(text),
        text,
        kind="heading" if spec.get("heading") else "paragraph",
        claims=(claim,) if hedges else (),  # type: ignore[arg-type]
    )


def build_trial(specs: Sequence[dict[str, Any]], *, name: str = "one") -> Trial:
    """A trial of hand-made sentences; each document is one passage."""
    analyses = tuple(_analysis(spec) for spec in specs)
    rows, judged, places = [], [], dict.fromkeys((spec["doc"] for spec in specs), 0)
    for index, spec in enumerate(specs):
        rows.append(
            LabelledSentence(
                source=spec.get("source", "ours"),
                doc=spec["doc"],
                passage=spec["doc"],
                n=places[spec["doc"]],
                title="A page",
                text=spec["text"],
                label=spec["label"],
                kind=None if spec["label"] == "NONE" else spec.get("kind", "efficacy"),
                strength=spec.get("strength", 6 if spec["label"] == "FLAG" else 0),
                issues=spec.get("issues", ()),
                severity=spec.get("severity", 0),
                cue=spec.get("cue", ""),
                hedge=spec.get("hedge", ""),
                borderline=False,
                split="dev",
                genre=spec.get("genre", ""),
            )
        )
        places[spec["doc"]] += 1
        judged.append(_judged(spec, analyses, index))
    return Trial(
        model=name,
        model_sha256="0" * 64,
        data="pages",
        data_sha256="1" * 64,
        split="dev",
        profile="balanced",
        threshold=0.5,
        rows=tuple(rows),
        judged=tuple(judged),
        told=tuple(
            tuple(c.issue for c in one.candidates)[:3] if row.label == "FLAG" else ()
            for row, one in zip(rows, judged, strict=True)
        ),
    )


@pytest.fixture(scope="session")
def make_trial() -> MakeTrial:
    """Build a trial from sentence descriptions like those of ``sentences``."""
    return build_trial


@pytest.fixture
def sentences() -> list[dict[str, Any]]:
    """Descriptions of hand-made sentences, to change at will."""
    return [dict(one) for one in SENTENCES]


@pytest.fixture
def trial() -> Trial:
    """A model's trial on the hand-made sentences."""
    return build_trial(SENTENCES)


@pytest.fixture(scope="session")
def wellness_test() -> Evaluation:
    """The shipped model on the test split of our own corpus, balanced: judged once."""
    data = read_data(WELLNESS, split="test")
    return measure(judge_data(data, model="default", profile="balanced"))
