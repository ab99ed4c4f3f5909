"""The words and figures of a site's index: one row an input, and their totals.

What stands here is HTML of the index without its frame: tiles, choices and table rows.
``assets/site.js`` draws the same rows from data; a browser test compares the two.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Final, Literal
from urllib.parse import urlsplit

from claimcheck.records import Report
from claimcheck.report.inert import page_text
from claimcheck.report.links import safe_url
from claimcheck.report.view import (
    SEVERITIES,
    SEVERITY_WORD,
    View,
    count,
    display_title,
    severity_counts,
)

__all__ = [
    "COLUMNS",
    "STATE_WORD",
    "IndexRow",
    "Totals",
    "choices",
    "described",
    "percent",
    "rows",
    "site_of",
    "tiles",
]

State = Literal["done", "failed", "skipped"]

STATE_WORD: Final[Mapping[str, str]] = {"done": "read", "failed": "unread", "skipped": "skipped"}

MOST_FLAGGED: Final = 10
MOST_ROWS_WITHOUT_SCRIPT: Final = 200
_MOST_SITES: Final = 500  # of a drop-down list; the search box finds the others
_MOST_ISSUES: Final = 10

COLUMNS: Final[tuple[tuple[str, str, str], ...]] = (
    ("seq", "#", "number"),
    ("title", "Article", "what"),
    ("site", "Site", "site"),
    ("state", "State", "state"),
    ("serious", "Serious", "number"),
    ("moderate", "Moderate", "number"),
    ("minor", "Minor", "number"),
    ("score", "Score", "number"),
    ("claims", "Claims", "number"),
    ("words", "Words", "number"),
)
"""Name, heading and class of each column; ``site.js`` sorts by the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One input of a run and its final state, as the index shows it.

    ``reason`` is the kind of failure or why the input was skipped, ``of`` the number of
    the input that a skipped duplicate repeats. What follows ``title`` is zero or empty
    where nothing was read; ``severities`` counts findings: serious, moderate, minor;
    ``score`` is the highest of a finding's (0 to 1).
    """

    seq: int
    uri: str
    state: State
    reason: str | None = None
    message: str | None = None
    of: int | None = None
    title: str = ""
    words: int = 0
    claims: int = 0
    severities: tuple[int, int, int] = (0, 0, 0)
    issues: Mapping[str, int] = field(default_factory=dict)
    score: float | None = None

    @property
    def findings(self) -> int:
        """How many findings the article has."""
        return sum(self.severities)

    @property
    def rank(self) -> tuple[bool, int, int, int, int]:
        """The worst first: more serious findings, then moderate, then minor; then as listed."""
        serious, moderate, minor = self.severities
        return (self.state != "done", -serious, -moderate, -minor, self.seq)


def described(row: IndexRow, report: Report) -> IndexRow:
    """The row with the title and the figures of its report."""
    counts = severity_counts(report.findings)
    return replace(
        row,
        title=display_title(report),
        words=report.summary.words,
        claims=report.summary.claims,
        severities=(counts[3], counts[2], counts[1]),
        issues=dict(Counter(finding.issue for finding in report.findings)),
        score=max((finding.score for finding in report.findings), default=None),
    )


def site_of(uri: str) -> str:
    """The host of an address, or the folder of a path."""
    try:
        parts = urlsplit(uri)
        if parts.scheme in ("http", "https"):
            return parts.hostname or uri
    except ValueError:
        return "(not an address)"
    return PurePath(uri).parent.as_posix()


@dataclass(slots=True)
class Totals:
    """What the rows add up to. Memory grows with sites and reasons, not with rows."""

    inputs: int = 0
    words: int = 0
    claims: int = 0
    states: Counter[str] = field(default_factory=Counter)
    severities: Counter[int] = field(default_factory=Counter)
    articles_with: Counter[int] = field(default_factory=Counter)
    issues: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    _worst: list[tuple[tuple[int, ...], IndexRow]] = field(default_factory=list)
    _flagged: list[tuple[tuple[int, ...], IndexRow]] = field(default_factory=list)

    def add(self, row: IndexRow) -> None:
        """Count one row."""
        self.inputs += 1
        self.words += row.words
        self.claims += row.claims
        self.states[row.state] += 1
        self.sites[site_of(row.uri)] += 1
        self.issues.update(row.issues)
        for severity, number in zip(SEVERITIES, row.severities, strict=True):
            self.severities[severity] += number
            self.articles_with[severity] += number > 0
        if row.state == "failed":
            self.failed[row.reason or "unknown"] += 1
        elif row.state == "skipped":
            self.skipped[row.reason or "unknown"] += 1
        _keep(self._worst, row.rank, row, most=MOST_ROWS_WITHOUT_SCRIPT)
        if row.findings:
            _keep(self._flagged, (-row.findings, *row.rank), row, most=MOST_FLAGGED)

    @property
    def worst(self) -> list[IndexRow]:
        """The first rows in the order in which the index opens."""
        return sorted((row for _, row in self._worst), key=lambda row: row.rank)

    @property
    def most_flagged(self) -> list[IndexRow]:
        """The articles with the most findings."""
        return sorted((row for _, row in self._flagged), key=lambda row: (-row.findings, *row.rank))


def _keep(
    heap: list[tuple[tuple[int, ...], IndexRow]],
    rank: tuple[int, ...],
    row: IndexRow,
    *,
    most: int,
) -> None:
    """Keep the rows of lowest rank; the worst kept is at the top of the heap."""
    # The rank ends with the row's number, so that two rows are never compared.
    item = (tuple(-int(part) for part in rank), row)
    if len(heap) < most:
        heapq.heappush(heap, item)
    else:
        heapq.heappushpop(heap, item)


# ---------------------------------------------------------------------- tiles


def tiles(totals: Totals, *, pending: int, pages: Mapping[int, int], view: View) -> str:
    """The summary at the top: figures that lead to their rows, issue types, worst pages."""
    done = totals.states["done"]
    parts = [
        _tile("Inputs", totals.inputs + pending, "all=1"),
        _tile(
            "Articles read",
            done,
            "state=done",
            f"{count(totals.words, 'word')}, {count(totals.claims, 'claim')}",
        ),
        _tile(
            "Could not be read", totals.states["failed"], "state=failed", _reasons(totals.failed)
        ),
        _tile("Skipped", totals.states["skipped"], "state=skipped", _reasons(totals.skipped)),
    ]
    if pending:
        parts.append(_tile("Still to do", pending, None, "the run has not finished"))
    parts.append(_flags_tile(totals))
    lists = [part for part in (_issues(totals, view), _most_flagged(totals, pages)) if part]
    below = f'<div class="leaders">{"".join(lists)}</div>' if lists else ""
    return f'<div class="tiles">{"".join(parts)}</div>{below}'


def _tile(name: str, number: int, query: str | None, more: str = "") -> str:
    figure = f"{number:,}"
    if query is not None and number:
        figure = f'<a class="filter" href="#{query}">{figure}</a>'
    more = f'<div class="more">{more}</div>' if more else ""
    return (
        f'<div class="tile"><h3 class="label">{name}</h3><p class="figure">{figure}</p>{more}</div>'
    )


def _reasons(counted: Counter[str]) -> str:
    items = "".join(
        f'<li><a class="filter" href="#reason={_query(reason)}">{page_text(reason)}</a>'
        f' <span class="number">{number:,}</span></li>'
        for reason, number in _by_number(counted)
    )
    return f"<ul>{items}</ul>" if items else ""


def _flags_tile(totals: Totals) -> str:
    items = "".join(
        f'<li><span class="badge s{severity}"><span class="digit">{severity}</span> '
        f"{SEVERITY_WORD[severity]}</span> <span>{totals.severities[severity]:,}</span>"
        f' <span class="number">in <a class="filter" href="#flags={severity}">'
        f"{count(totals.articles_with[severity], 'article')}</a></span></li>"
        for severity in SEVERITIES
    )
    return (
        '<div class="tile flags"><h3 class="label">Flags</h3>'
        f'<p class="figure">{sum(totals.severities.values()):,}</p>'
        f'<ul class="more">{items}</ul></div>'
    )


def _issues(totals: Totals, view: View) -> str:
    items = [
        f'<li><a class="filter" href="#issue={_query(issue)}">{page_text(view.title(issue))}</a>'
        f' <span class="number">{number:,}</span></li>'
        for issue, number in _by_number(totals.issues)
    ]
    if not items:
        return ""
    rest = ""
    if len(items) > _MOST_ISSUES:
        rest = (
            f"<details><summary>{len(items) - _MOST_ISSUES} more</summary>"
            f'<ol start="{_MOST_ISSUES + 1}">{"".join(items[_MOST_ISSUES:])}</ol></details>'
        )
    return (
        '<section aria-labelledby="issues-title"><h3 id="issues-title">Issue types</h3>'
        f"<ol>{''.join(items[:_MOST_ISSUES])}</ol>{rest}</section>"
    )


def _most_flagged(totals: Totals, pages: Mapping[int, int]) -> str:
    items = "".join(
        f"<li>{_name(row.title, pages.get(row.seq))}"
        f' <span class="number">{row.findings:,}</span></li>'
        for row in totals.most_flagged
    )
    if not items:
        return ""
    return (
        '<section aria-labelledby="most-title"><h3 id="most-title">Most flagged</h3>'
        f"<ol>{items}</ol></section>"
    )


def _by_number(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _query(value: str) -> str:
    from urllib.parse import quote

    return quote(value, safe="", errors="replace")


# ---------------------------------------------------------------------- choices


def choices(totals: Totals, view: View) -> Mapping[str, str]:
    """The options of each drop-down list that narrows the table, by its name."""
    states = [(state, word, totals.states[state]) for state, word in STATE_WORD.items()]
    issues = sorted(totals.issues.items(), key=lambda item: view.title(item[0]))
    sites = sorted(_by_number(totals.sites)[:_MOST_SITES])
    flags = [(str(severity), _at_least(severity), None) for severity in SEVERITIES]
    return {
        "state": _options("any", states),
        "flags": _options("any", [*flags, ("0", "none, and read", None)]),
        "issue": _options("any", [(name, view.title(name), number) for name, number in issues]),
        "site": _options("any", [(site, site, number) for site, number in sites]),
        "reason": _options("any", [])
        + _group("Could not be read", totals.failed)
        + _group("Skipped", totals.skipped),
    }


def _at_least(severity: int) -> str:
    return {3: "serious", 2: "moderate or worse", 1: "any flag"}[severity]


def _options(first: str, options: Sequence[tuple[str, str, int | None]]) -> str:
    return f'<option value="">{first}</option>' + "".join(
        f'<option value="{page_text(value)}">{page_text(words)}'
        f"{'' if number is None else f' ({number:,})'}</option>"
        for value, words, number in options
    )


def _group(label: str, counted: Counter[str]) -> str:
    if not counted:
        return ""
    options = "".join(
        f'<option value="{page_text(reason)}">{page_text(reason)} ({number:,})</option>'
        for reason, number in _by_number(counted)
    )
    return f'<optgroup label="{label}">{options}</optgroup>'


# ---------------------------------------------------------------------- rows


def rows(some: Sequence[IndexRow], *, pages: Mapping[int, int]) -> Iterator[str]:
    """Table rows, as ``fill`` in ``site.js`` makes them.

    :param pages: number of an input → number of the article page that shows it.
    """
    for index, row in enumerate(some, 2):  # 1 is the row of headings
        yield (
            f'<tr aria-rowindex="{index}"><td class="number">{row.seq}</td>'
            f'<th class="what" scope="row">{_what(row, pages)}</th>'
            f'<td class="site">{page_text(site_of(row.uri))}</td>'
            f'<td class="state {row.state}">{_state(row)}</td>{_figures(row)}</tr>'
        )


def _state(row: IndexRow) -> str:
    word = STATE_WORD[row.state]
    return f"{word}: {page_text(row.reason)}" if row.reason else word


def _what(row: IndexRow, pages: Mapping[int, int]) -> str:
    uri = f"<bdi>{page_text(row.uri)}</bdi>"
    live = safe_url(row.uri)
    if live:
        uri = f'<a href="{page_text(live)}" rel="noopener noreferrer">{uri}</a>'
    page = pages.get(row.seq)
    parts = []
    if row.title or page is not None:
        name = _name(row.title or f"Same as number {page}", page)
        parts.append(f'<span class="name">{name}</span>')
    if row.uri != row.title:
        parts.append(f'<span class="where">{uri}</span>')
    if row.message:
        parts.append(f'<span class="message"><bdi>{page_text(row.message)}</bdi></span>')
    return "".join(parts)


def percent(score: float) -> int:
    """A probability in hundredths, rounded once: Python and JavaScript round ties apart."""
    return round(score * 100)


def _name(title: str, page: int | None) -> str:
    name = f"<bdi>{page_text(title)}</bdi>"
    return name if page is None else f'<a href="articles/{page}.html">{name}</a>'


def _figures(row: IndexRow) -> str:
    if row.state != "done":
        return '<td class="number"></td>' * 6
    flags = "".join(
        f'<td class="number"><span class="badge s{severity}"><span class="digit">{number}</span>'
        "</span></td>"
        if number
        else '<td class="number none">0</td>'
        for severity, number in zip(SEVERITIES, row.severities, strict=True)
    )
    score = "" if row.score is None else f"{percent(row.score) / 100:.2f}"
    return (
        f'{flags}<td class="number">{score}</td><td class="number">{row.claims:,}</td>'
        f'<td class="number">{row.words:,}</td>'
    )
