"""Sentences of one text → what the judge reads of each.

The one place where a sentence is brought to its canonical form, analysed again and put
beside its neighbours; checking and training both call it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claimcheck.claims import Analyser, Analysis
from claimcheck.issues import Candidate, Context, propose
from claimcheck.judge.canonical import canonical, plainly_written, settled
from claimcheck.judge.features import Case

__all__ = ["cases_of", "chosen_cases"]


def cases_of(
    analyses: Sequence[Analysis],
    *,
    analyser: Analyser,
    proposed: Sequence[Sequence[Candidate]],
) -> tuple[Case, ...]:
    """The judge's view of every sentence of one text, in order.

    :param analyser: analyses the canonical texts; the one that made ``analyses``.
    :param proposed: what the rules propose for each sentence as it stands; it serves where
        the canonical text is the sentence itself.
    """
    everything = (True,) * len(analyses)
    found = chosen_cases(
        analyses, analyser=analyser, proposed=proposed, choose=lambda _: everything
    )
    return tuple(case for case in found if case is not None)


def chosen_cases(
    analyses: Sequence[Analysis],
    *,
    analyser: Analyser,
    proposed: Sequence[Sequence[Candidate]],
    choose: Callable[[Sequence[str]], Sequence[bool]],
) -> tuple[Case | None, ...]:
    """Like :func:`cases_of`, for the sentences that the front stage passes on.

    :param choose: canonical texts → which of them to read; the others give null.
    """
    analyses = tuple(analyses)
    plain = _plain(analyses, analyser)
    drafts = [canonical(one) for one in plain]
    # A sentence of nothing but what is taken out stays as it is.
    texts = [draft.text or one.text for draft, one in zip(drafts, plain, strict=True)]
    wanted = choose(texts)
    rewritten = analyser.rewritten(
        (one, text)
        for one, text, reads in zip(plain, texts, wanted, strict=True)
        if reads and text != one.text
    )
    cases: list[Case | None] = []
    for index, one in enumerate(plain):
        if not wanted[index]:
            cases.append(None)
            continue
        view = one if texts[index] == one.text else next(rewritten)
        context = Context((*analyses[:index], view, *analyses[index + 1 :]), index)
        found = proposed[index] if view is analyses[index] else propose(context)
        cases.append(
            Case(
                sentence=view,
                before=context.at(-1),
                after=context.at(1),
                issues=tuple(candidate.issue for candidate in found),
                modifiers=settled(drafts[index].modifiers, view),
            )
        )
    return tuple(cases)


def _plain(analyses: Sequence[Analysis], analyser: Analyser) -> Sequence[Analysis]:
    """The sentences without what spaces, quotation marks and names do to a parse."""
    single = [" ".join(analysis.text.split()) for analysis in analyses]
    analyses = _reread(analyses, single, analyser)
    return _reread(analyses, [plainly_written(analysis) for analysis in analyses], analyser)


def _reread(
    analyses: Sequence[Analysis], texts: Sequence[str], analyser: Analyser
) -> list[Analysis]:
    again = analyser.rewritten(
        (analysis, text)
        for analysis, text in zip(analyses, texts, strict=True)
        if text and text != analysis.text
    )
    return [
        next(again) if text and text != analysis.text else analysis
        for analysis, text in zip(analyses, texts, strict=True)
    ]
