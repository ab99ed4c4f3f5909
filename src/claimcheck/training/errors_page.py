"""The worst errors of a trial in their context, as one HTML page to read.

False alarms and misses, the most confident first, and flags whose reasons are all
wrong. The page quotes the corpus: it may be published only where the corpus may.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from claimcheck.claims import strength_name
from claimcheck.records import Span
from claimcheck.report.inert import page_text
from claimcheck.training.evaluate import Trial
from claimcheck.training.pages import marked, page
from claimcheck.training.reasons import annotated_spans, evidence_of

__all__ = ["entries", "errors_page", "worst_errors"]

_GROUPS: Mapping[str, tuple[str, str]] = {
    "false alarm": (
        "False alarms",
        "Flagged, and the annotators saw nothing to flag; highest score first.",
    ),
    "miss": ("Misses", "The annotators flagged it and the tool did not; lowest score first."),
    "wrong reason": (
        "Wrong reasons",
        "Rightly flagged, and no reason given is one of the annotators'; highest score first.",
    ),
}


def worst_errors(trial: Trial, *, most: int = 30) -> dict[str, tuple[int, ...]]:
    """Places in ``trial.rows`` by kind of error, the worst first; equals in text order."""
    gold, flagged, scores = trial.gold, trial.flagged, trial.scores
    reasons = [
        {c.issue for c in one.raised} & set(row.issues)
        for row, one in zip(trial.rows, trial.judged, strict=True)
    ]
    places = range(len(trial.rows))
    found = {
        "false alarm": [i for i in places if flagged[i] and not gold[i]],
        "miss": [i for i in places if gold[i] and not flagged[i]],
        "wrong reason": [i for i in places if gold[i] and flagged[i] and not reasons[i]],
    }
    return {
        kind: tuple(sorted(some, key=lambda i: scores[i] if kind == "miss" else -scores[i])[:most])
        for kind, some in found.items()
    }


def errors_page(trial: Trial, *, most: int = 30) -> str:
    """The page. At most ``most`` errors of each kind."""
    worst = worst_errors(trial, most=most)
    about = (
        f'<p class="soft">Model {page_text(trial.model)} on {page_text(trial.data)} '
        f"{page_text(trial.split)}, profile {page_text(trial.profile)}, threshold "
        f"{trial.threshold:.3f}; {len(trial.rows):,} sentences. This page quotes the corpus; "
        "share it only where the corpus may be shared.</p>",
        "<p>In each sentence <mark>the annotators’ cue</mark> is shaded and "
        "<u>the tool’s evidence</u> underlined; the same words stand below it.</p>",
    )
    contents = "".join(
        f'<li><a href="#{_key(kind)}">{_GROUPS[kind][0]}</a>: {_count(trial, kind, places)}</li>'
        for kind, places in worst.items()
    )
    nav = f'<nav aria-label="Kinds of error"><ul>{contents}</ul></nav>'
    return page(
        f"Worst errors: {trial.model} on {trial.data} {trial.split}",
        about=about,
        content=(nav, *_sections(trial, worst)),
    )


def _key(kind: str) -> str:
    return kind.replace(" ", "-")


def _count(trial: Trial, kind: str, shown: Sequence[int]) -> str:
    whole = len(worst_errors(trial, most=len(trial.rows))[kind])
    return f"{whole:,}" if whole == len(shown) else f"{whole:,}, of which {len(shown)} are here"


def _sections(trial: Trial, worst: Mapping[str, Sequence[int]]) -> Iterator[str]:
    for kind, places in worst.items():
        title, meaning = _GROUPS[kind]
        key = _key(kind)
        yield (
            f'<section aria-labelledby="{key}"><h2 id="{key}">{title}</h2>'
            f'<p class="soft">{meaning}</p>{entries(trial, places, name=kind)}</section>'
        )


def entries(trial: Trial, places: Sequence[int], *, name: str, other: Trial | None = None) -> str:
    """Sentences in context as an ordered list.

    :param name: what each is, for its heading.
    :param other: a second model's trial on the same sentences, whose verdict is added.
    """
    if not places:
        return "<p>None.</p>"
    items = "".join(
        f"<li><article>{_entry(trial, place, f'{name} {number}', other)}</article></li>"
        for number, place in enumerate(places, start=1)
    )
    return f'<ol class="entries">{items}</ol>'


def _entry(trial: Trial, place: int, name: str, other: Trial | None) -> str:
    row, one = trial.rows[place], trial.judged[place]
    cue = annotated_spans(row.text, row.cue)
    evidence = evidence_of(one.raised, one)
    facts = "".join(
        f"<dt>{term}</dt><dd>{page_text(text)}</dd>"
        for term, text in _facts(trial, place, evidence, other)
        if text
    )
    heading = page_text(name[:1].upper() + name[1:])
    return (
        f"<h3>{heading}: score {trial.scores[place]:.3f}</h3>"
        f"{_near(trial, place, -1)}"
        f'<p class="sentence">{marked(row.text, cue=cue, evidence=evidence)}</p>'
        f"{_near(trial, place, 1)}<dl>{facts}</dl>"
    )


def _near(trial: Trial, place: int, step: int) -> str:
    """The sentence before or after, if it is in the same run of a passage."""
    row, there = trial.rows[place], place + step
    if not 0 <= there < len(trial.rows):
        return ""
    near = trial.rows[there]
    if (near.doc, near.passage, near.n) != (row.doc, row.passage, row.n + step):
        return ""
    return f'<p class="near">{page_text(near.text)}</p>'


def _facts(
    trial: Trial, place: int, evidence: Sequence[Span], other: Trial | None
) -> Iterator[tuple[str, str]]:
    row, one = trial.rows[place], trial.judged[place]
    gold = f"{row.label}, {row.kind or 'no kind'}"
    if row.label != "NONE":
        gold += f", strength {strength_name(row.strength)}"
    if row.label == "FLAG":
        gold += f", severity {row.severity}: {', '.join(row.issues) or 'no type given'}"
    yield "gold", gold + (" (borderline)" if row.borderline else "")
    yield "tool", _said(trial, place)
    if other is not None:
        yield other.model, _said(other, place)
    quiet = [c.issue for c in one.candidates if c.issue not in {r.issue for r in one.raised}]
    yield "proposed, not raised", ", ".join(dict.fromkeys(quiet))
    yield "annotators’ cue", row.cue
    yield "annotators’ hedge", row.hedge
    yield "tool’s evidence", "; ".join(row.text[start:end] for start, end in evidence)
    where = (row.title, row.genre or row.source, row.doc, f"passage {row.passage}", f"n {row.n}")
    yield "where", " · ".join(dict.fromkeys(part for part in where if part))


def _said(trial: Trial, place: int) -> str:
    one = trial.judged[place]
    raised = ", ".join(candidate.issue for candidate in one.raised)
    verdict = f"flagged: {raised}" if raised else "not flagged"
    if one.unexplained:
        verdict += " (the score asked for a flag and no rule explained it)"
    if one.verdict.score is None:
        verdict += ", dismissed unread"
    return (
        f"{verdict}; score {trial.scores[place]:.3f}, threshold {trial.threshold:.3f}, "
        f"{one.verdict.kind or 'no kind'}"
    )
