"""Labelled sentences → analysed examples with their neighbours and candidate issues."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from claimcheck.claims import Analyser, Analysis
from claimcheck.corpus import LabelledSentence, passages_of
from claimcheck.issues import Candidate, Context, propose

__all__ = ["Example", "examples_of", "laid_out"]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled sentence as the judge sees it."""

    gold: LabelledSentence
    analysis: Analysis
    before: Analysis | None
    after: Analysis | None
    candidates: tuple[Candidate, ...]
    weight: float = 1.0

    @property
    def issues(self) -> tuple[str, ...]:
        """Names of the proposed issues."""
        return tuple(candidate.issue for candidate in self.candidates)


def examples_of(
    sentences: Iterable[LabelledSentence], *, weight: float = 1.0, analyser: Analyser | None = None
) -> tuple[Example, ...]:
    """Analyse labelled sentences passage by passage, as the checker analyses an article.

    :param weight: training weight of every sentence.
    """
    analyser = analyser or Analyser()
    passages = passages_of(sentences)
    texts = [sentence.text for passage in passages for sentence in passage]
    analysed = analyser.sentences(texts)
    found: list[Example] = []
    for passage in passages:
        analyses = laid_out([next(analysed) for _ in passage])
        found.extend(_passage_examples(passage, analyses, weight))
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


def _passage_examples(
    passage: Sequence[LabelledSentence], analyses: tuple[Analysis, ...], weight: float
) -> Iterable[Example]:
    for index, gold in enumerate(passage):
        context = Context(analyses, index)
        yield Example(
            gold=gold,
            analysis=analyses[index],
            before=context.at(-1),
            after=context.at(1),
            candidates=propose(context),
            weight=weight,
        )
