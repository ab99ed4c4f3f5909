"""Sentences written for the project, as training rows: catalogue and allow-list.

A catalogue sentence says only whether it must be flagged and why; its other labels
are unknown. Rows with the source ``catalogue`` therefore teach the flag head alone.
"""

from __future__ import annotations

from claimcheck.corpus import LabelledSentence
from claimcheck.issues import default_established, load_catalogue

__all__ = ["CATALOGUE", "written_sentences"]

CATALOGUE = "catalogue"


def written_sentences() -> tuple[LabelledSentence, ...]:
    """Catalogue and allow-list examples, a document each, with the split ``written``."""
    rows: list[LabelledSentence] = []
    for issue in load_catalogue().issues:
        for index, example in enumerate((*issue.flag, *issue.quiet)):
            flagged = index < len(issue.flag)
            rows.append(
                _row(f"{issue.name}-{index}", example.text, flagged, (issue.name,), issue.severity)
            )
    for fact in default_established().facts:
        rows.extend(
            _row(f"{fact.id}-{index}", text, False, (), 0) for index, text in enumerate(fact.fires)
        )
    return tuple(rows)


def _row(
    identity: str, text: str, flagged: bool, issues: tuple[str, ...], severity: int
) -> LabelledSentence:
    return LabelledSentence(
        source=CATALOGUE,
        doc=f"{CATALOGUE}/{identity}",
        passage=identity,
        n=0,
        title="",
        text=text,
        label="FLAG" if flagged else "OK",
        kind=None,
        strength=0,
        issues=issues if flagged else (),
        severity=severity if flagged else 0,
        cue="",
        hedge="",
        borderline=False,
        split="written",
    )
