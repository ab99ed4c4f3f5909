"""The card beside a finding: what is wrong, why, how to say it, and who says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from claimcheck.records import Finding, Report
from claimcheck.report.inert import page_text
from claimcheck.report.links import live_url, text_fragment_url
from claimcheck.report.reading import Mark, Numbered
from claimcheck.report.view import SEVERITY_WORD, View, likelihood

__all__ = ["notes"]

_BLANK = re.compile(r"\[[^\[\]]*\]")


def notes(report: Report, marks: Sequence[Mark], view: View) -> str:
    """The cards of some marks, one stack a mark."""
    url = live_url(report)
    sentences = {claim.id: claim.sentence for claim in report.claims}
    stacks = []
    for mark in marks:
        cards = "".join(
            _card(item, view, _live(report, item.finding, sentences[item.finding.claim], url))
            for item in mark.findings
        )
        stacks.append(f'<div class="note" data-for="{mark.key}">{cards}</div>')
    return f'<div class="notes">{"".join(stacks)}</div>'


def _live(
    report: Report, finding: Finding, sentence: tuple[int, int], url: str | None
) -> str | None:
    if url is None:
        return None
    text = report.article.text
    start, end = sentence
    if "\n" in text[start:end] or " | " in text[start:end]:
        # A text fragment is looked for within one block of the page, and the cells of a
        # table are blocks there.
        start, end = finding.start, finding.end
        if "\n" in text[start:end] or " | " in text[start:end]:
            start, end = finding.evidence[0]
    return text_fragment_url(url, text[start:end])


def _card(item: Numbered, view: View, live: str | None) -> str:
    finding, key = item.finding, item.key
    word = SEVERITY_WORD[finding.severity]
    return (
        f'<div class="card s{finding.severity}" id="{key}" role="note" tabindex="-1"'
        f' aria-labelledby="{key}-t" data-severity="{finding.severity}"'
        f' data-issue="{page_text(finding.issue)}">'
        f'<p class="card-title" id="{key}-t"><span class="badge s{finding.severity}">'
        f'<span class="digit">{finding.severity}</span> {word}</span> '
        f"<span>{page_text(view.title(finding.issue))}</span></p>"
        f'<p class="why">{page_text(finding.message)}</p>'
        f'<div class="more" id="{key}-more">{_more(finding, live)}</div>'
        f'<button type="button" class="toggle js-only" aria-expanded="true"'
        f' aria-controls="{key}-more"><span class="closed">More</span>'
        f'<span class="opened">Less</span>'
        f'<span class="visually-hidden"> about {page_text(view.title(finding.issue))}</span>'
        "</button></div>"
    )


def _more(finding: Finding, live: str | None) -> str:
    parts = []
    if finding.suggestion:
        parts.append(
            f'<div class="try"><p class="label">Try</p>'
            f'<p class="wording">{_with_blanks(finding.suggestion)}</p></div>'
        )
    parts.append(
        f'<p class="standard"><span class="label">Standard</span> '
        f"{page_text(finding.standard)}</p>"
        f'<p class="band">An editor would want to see this: '
        f"<strong>{likelihood(finding.score)}</strong></p>"
    )
    actions = []
    if finding.suggestion:
        actions.append(
            '<button type="button" class="copy js-only">Copy rewording</button>'
            '<span class="copied" role="status"></span>'
        )
    if live:
        actions.append(
            f'<a class="live" href="{page_text(live)}" target="_blank"'
            ' rel="noopener noreferrer">Open the live page at this sentence</a>'
        )
    if actions:
        parts.append(f'<p class="actions">{"".join(actions)}</p>')
    return "".join(parts)


def _with_blanks(suggestion: str) -> str:
    """The rewording with what the author has to fill in shown as blanks."""
    parts, position = [], 0
    for match in _BLANK.finditer(suggestion):
        parts.append(page_text(suggestion[position : match.start()]))
        parts.append(f'<span class="blank">{page_text(match.group())}</span>')
        position = match.end()
    parts.append(page_text(suggestion[position:]))
    return "".join(parts)
