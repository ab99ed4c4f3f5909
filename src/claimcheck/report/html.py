"""HTML: one file that needs nothing else, for one article or for many.

The style sheet, the script and the frame of the page are ``assets/``. The page forbids
itself everything by its content security policy except these two, named by their hashes.
It can be read without the script: all cards are open and stand below their paragraphs.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from string import Template
from typing import TextIO

from claimcheck.records import Failure, Report, Tool
from claimcheck.report.cards import notes
from claimcheck.report.inert import page_text
from claimcheck.report.links import live_url
from claimcheck.report.reading import Mark, Reading, marks_of
from claimcheck.report.view import (
    SEVERITIES,
    SEVERITY_MEANING,
    SEVERITY_WORD,
    View,
    count,
    display_title,
    listed,
    severity_counts,
)

__all__ = ["asset", "page", "policy", "tool_line", "write"]

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def write(outcomes: Iterable[Report | Failure], stream: TextIO, *, view: View) -> None:
    """Write all outcomes as one page."""
    stream.write(page(tuple(outcomes), view=view))


def page(outcomes: Sequence[Report | Failure], *, view: View, home: str | None = None) -> str:
    """The whole page.

    :param home: address of the index that the page belongs to; the page links back to it.
    """
    reports = [outcome for outcome in outcomes if isinstance(outcome, Report)]
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    many = len(outcomes) != 1
    style, script = asset("report.css"), asset("report.js")
    parts = []
    if many:
        parts.append(_index(outcomes))
    elif reports:
        parts.append(_toolbar(reports, view))
    top = 2 if many else 1
    number = 0
    for outcome in outcomes:
        if isinstance(outcome, Report):
            number += 1
            parts.append(_article(outcome, prefix=f"a{number}", top=top, view=view))
    if many and reports:
        parts.insert(1, _toolbar(reports, view))
    if failures:
        parts.append(_failures(failures, top=top))
    name = display_title(reports[0]) if reports and not many else _heading(outcomes)
    return Template(asset("page.html")).substitute(
        policy=policy(style=style, script=script),
        home=f'<p class="home"><a href="{page_text(home)}">All inputs</a></p>' if home else "",
        title=page_text(f"{' '.join(name.split())} · claimcheck"),
        style=style,
        script=script,
        about=_about(reports),
        content="\n".join(part for part in parts if part),
    )


@cache
def asset(name: str) -> str:
    """The text of a file in ``assets/``."""
    return (resources.files(__package__) / "assets" / name).read_text(encoding="utf-8").strip()


def policy(*, style: str, script: str) -> str:
    """The content security policy of a page with one style sheet and one script."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _about(reports: Sequence[Report]) -> str:
    if not reports:
        return ""
    tools = dict.fromkeys(tool_line(report.tool) for report in reports)
    parts = [f'<p class="facts">{tool}</p>' for tool in tools]
    supplements = dict.fromkeys(item for report in reports for item in report.tool.supplements)
    if supplements:
        named = (
            f"<li>{item.kind} <strong>{page_text(item.name)}</strong>, "
            f"{count(item.entries, 'entry', 'entries')} "
            f"<code>{page_text(item.sha256[:12])}</code></li>"
            for item in supplements
        )
        parts.append(f'<p class="facts">Merged with ours:</p><ul>{"".join(named)}</ul>')
    if any(report.findings for report in reports):
        meanings = "".join(
            f'<li><mark class="s{severity}">{SEVERITY_WORD[severity]}<sup>{severity}</sup></mark> '
            f"{SEVERITY_MEANING[severity]}</li>"
            for severity in SEVERITIES
        )
        parts.append(
            f'<ul class="legend" aria-label="What the marks mean">{meanings}'
            '<li><b class="cue">underlined bold</b> the words that caused the flag</li></ul>'
        )
    return "".join(parts)


def tool_line(tool: Tool) -> str:
    """What made a report, as HTML."""
    return (
        f"claimcheck {page_text(tool.version)} · model {page_text(tool.model)} "
        f"<code>{page_text(tool.model_sha256[:12])}</code> · profile {page_text(tool.profile)}, "
        f"threshold {tool.threshold:.2f}"
    )


def _heading(outcomes: Sequence[Report | Failure]) -> str:
    reports = sum(isinstance(outcome, Report) for outcome in outcomes)
    failed = len(outcomes) - reports
    words = [count(reports, "article")] if reports or not failed else []
    if failed:
        words.append(f"{failed:,} that could not be read" if reports else _unread(failed))
    return listed(words)


def _unread(number: int) -> str:
    return f"{count(number, 'input')} that could not be read"


def _index(outcomes: Sequence[Report | Failure]) -> str:
    items = []
    number = 0
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            items.append(
                f'<li><a href="#unread">{page_text(outcome.source.uri)}</a> '
                f'<span class="tally">could not be read: {outcome.error.kind}</span></li>'
            )
            continue
        number += 1
        items.append(
            f'<li><a href="#a{number}">{page_text(display_title(outcome))}</a> '
            f'<span class="tally">{_flags(outcome)}</span></li>'
        )
    return (
        f'<nav class="index" aria-labelledby="index-title"><h1 id="index-title">'
        f"{_heading(outcomes)}</h1><ol>{''.join(items)}</ol></nav>"
    )


def _flags(report: Report) -> str:
    counts = severity_counts(report.findings)
    shown = [
        f'<span class="badge s{severity}"><span class="digit">{counts[severity]}</span> '
        f"{SEVERITY_WORD[severity]}</span>"
        for severity in SEVERITIES
        if counts[severity]
    ]
    return " ".join(shown) or "nothing flagged"


def _toolbar(reports: Sequence[Report], view: View) -> str:
    findings = [finding for report in reports for finding in report.findings]
    if not findings:
        return ""
    counts = severity_counts(findings)
    severities = "".join(
        f'<label class="choice s{severity}"><input type="checkbox" name="severity"'
        f' value="{severity}" checked><span class="badge s{severity}">'
        f'<span class="digit">{severity}</span> {SEVERITY_WORD[severity]}</span>'
        f' <span class="number">{counts[severity]:,}</span></label>'
        for severity in SEVERITIES
        if counts[severity]
    )
    issues = Counter(finding.issue for finding in findings)
    choices = "".join(
        f'<label class="choice"><input type="checkbox" name="issue"'
        f' value="{page_text(issue)}" checked><span>{page_text(view.title(issue))}</span>'
        f' <span class="number">{number:,}</span></label>'
        for issue, number in sorted(
            issues.items(), key=lambda item: (-item[1], view.title(item[0]))
        )
    )
    return (
        '<section class="toolbar js-only" aria-label="Filter and move">'
        f'<fieldset><legend class="visually-hidden">Severity</legend>{severities}</fieldset>'
        f'<details class="issues"><summary>Issues <span class="number">{len(issues)}</span>'
        f'</summary><fieldset><legend class="visually-hidden">Issue</legend>{choices}</fieldset>'
        "</details>"
        '<button type="button" id="reset" hidden>Show all</button>'
        f'<p id="status" role="status">{count(len(findings), "finding")}</p>'
        '<button type="button" id="open-all" aria-pressed="false">Open every card</button>'
        '<span class="steps"><button type="button" id="previous" aria-label="Previous finding">'
        '<span aria-hidden="true">↑</span></button><button type="button" id="next"'
        ' aria-label="Next finding"><span aria-hidden="true">↓</span></button></span></section>'
    )


def _article(report: Report, *, prefix: str, top: int, view: View) -> str:
    marks = marks_of(report, prefix)

    def cards(some: Sequence[Mark]) -> str:
        return notes(report, some, view)

    reading = Reading(report, marks, notes=cards, view=view, top=top)
    key = f"{prefix}-t"
    title = reading.title(key) or (
        f'<h{top} id="{key}">{page_text(display_title(report))}</h{top}>'
    )
    language = report.article.language or "en"
    if not _LANGUAGE.fullmatch(language):
        language = "en"
    return (
        f'<article class="sheet" id="{prefix}" aria-labelledby="{key}" tabindex="-1">'
        f'<div class="head">{_dateline(report)}<div lang="{language}" dir="ltr">{title}</div>'
        f"{_tally(report, view)}</div>"
        f'<div class="body" lang="{language}" dir="ltr">{reading.body()}</div></article>'
    )


def _dateline(report: Report) -> str:
    article = report.article
    facts = [
        page_text(" ".join(fact.split()))
        for fact in (article.site, article.byline, article.published)
        if fact
    ]
    source, url = page_text(report.source.uri), live_url(report)
    if url and report.source.kind == "url":
        facts.append(f'<a href="{page_text(url)}" rel="noopener noreferrer">{source}</a>')
    else:
        if report.source.uri not in ("", "-", display_title(report)):
            facts.append(source)
        if url:
            facts.append(f'<a href="{page_text(url)}" rel="noopener noreferrer">live page</a>')
    return f'<p class="dateline"><bdi>{"</bdi> · <bdi>".join(facts)}</bdi></p>' if facts else ""


def _tally(report: Report, view: View) -> str:
    numbers = report.summary
    hidden = view.hidden.get(report.source.uri, 0)
    size = (
        f"{count(numbers.words, 'word')}, {count(numbers.sentences, 'sentence')}, "
        f"{count(numbers.claims, 'claim')}"
    )
    more = f" {hidden:,} more hidden by filters." if hidden else ""
    if report.findings:
        flags = count(len(report.findings), "flag")
        claims = count(len({finding.claim for finding in report.findings}), "claim")
        return (
            f'<p class="tally">{_flags(report)} <span>{flags} on {claims}; {size}.{more}</span></p>'
        )
    if hidden:
        lead = "Every flag here was removed by your filters."
    elif numbers.claims:
        lead = "Well worded: no claim here says more than the article supports."
    else:
        lead = "Nothing to flag: no claim about benefit or harm was found."
    return (
        f'<p class="clean"><strong>{lead}</strong> That is about the wording; whether it is true '
        f'is for you and your sources.</p><p class="tally"><span>{size}.{more}</span></p>'
    )


def _failures(failures: Sequence[Failure], *, top: int) -> str:
    items = "".join(
        f"<li><strong><bdi>{page_text(failure.source.uri)}</bdi></strong> "
        f"<code>{failure.error.kind}</code><br><bdi>{page_text(failure.error.message)}</bdi>"
        f"{' It may work later.' if failure.error.retryable else ''}</li>"
        for failure in failures
    )
    return (
        f'<section class="unread" id="unread" aria-labelledby="unread-title" tabindex="-1">'
        f'<h{top} id="unread-title">Could not be read</h{top}><ul>{items}</ul></section>'
    )
