"""Labelled sentences → analysed examples, as the checker sees a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from claimcheck.cases import cases_of
from claimcheck.claims import Analyser, Analysis
from claimcheck.corpus import LabelledSentence, passages_of
from claimcheck.issues import Candidate, Context, propose
from claimcheck.judge.features import Case

__all__ = ["Example", "analysed_passages", "examples_of", "laid_out"]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled sentence as rules and judge see it.

    ``candidates`` are proposed for the sentence as it stands, ``case`` is the judge's
    view of it.
    """

    gold: LabelledSentence
    analysis: Analysis
    case: Case
    candidates: tuple[Candidate, ...]
    weight: float = 1.0

    @property
    def issues(self) -> tuple[str, ...]:
        """Names of the proposed issues."""
        return tuple(candidate.issue for candidate in self.candidates)


def analysed_passages(
    sentences: Iterable[LabelledSentence], analyser: Analyser
) -> Iterable[tuple[tuple[LabelledSentence, ...], tuple[Analysis, ...]]]:
    """Passages with their analyses, laid out as an article's blocks would be."""
    passages = [tuple(passage) for passage in passages_of(sentences)]
    analysed = analyser.sentences([s.text for passage in passages for s in passage])
    for passage in passages:
        yield passage, laid_out([next(analysed) for _ in passage])


def examples_of(
    sentences: Iterable[LabelledSentence], *, weight: float = 1.0, analyser: Analyser | None = None
) -> tuple[Example, ...]:
    """Analyse labelled sentences passage by passage, as the checker analyses an article.

    :param weight: training weight of every sentence.
    """
    analyser = analyser or Analyser()
    found: list[Example] = []
    for passage, analyses in analysed_passages(sentences, analyser):
        proposed = [propose(Context(analyses, index)) for index in range(len(analyses))]
        cases = cases_of(analyses, analyser=analyser, proposed=proposed)
        found.extend(
            Example(gold, analysis, case, candidates, weight)
            for gold, analysis, case, candidates in zip(
                passage, analyses, cases, proposed, strict=True
            )
        )
    return tuple(found)


def laid_out(analyses: Sequence[Analysis]) -> tuple[Analysis, ...]:
    """Mark units without a final stop as headings, as an article's blocks would.

    Labelled corpora hold sentences without their blocks. A short unit without end
    punctuation that begins with a capital was a heading or a list item.
    """
    out: list[Analysis] = []
    for analysis in analyses:
        text = analysis.text.strip()
        bare = text[-1:] not in ".!?:;,…”\"')" and len(text.split()) <= 14 and text[:1].isupper()
        out.append(
            replace(
                analysis,
                block=len(out) if bare else 0,
                kind="heading" if bare else "paragraph",
                level=2 if bare else None,
            )
        )
    return tuple(out)
