"""What became of each finding and each page between two scans.

A finding belongs to a sentence and an issue type. Sentences are aligned
(:mod:`claimcheck.scan.alignment`); a finding of the old report and one of the new report
are the same if their sentences are a pair and their issue is equal. Its state is then

====================  ==========================================================
``unchanged``         raised before and now, on the same words (also if they moved)
``changed``           raised before and now, on a sentence that was reworded
``new``               raised on a sentence that was added or reworded
``gone``              its sentence was removed, or reworded so that it is not raised
``newly-raised``      not raised before on the very same words
``no-longer-raised``  raised before, not now, on the very same words
``unknown``           the page could not be read now, so nobody can tell
====================  ==========================================================

A finding is raised newly, or no longer, on unchanged words when another model, version or
setting judged them (``tool_changed`` says which), or when a number, source or caveat
beside the sentence came or went. A page is

==============  ================================================================
``new``         read now, and in no earlier scan that was compared
``unchanged``   read before and now, with the same text
``changed``     read before and now, with another text
``gone``        read before, and now not there (a failure of kind ``not-found``)
``unreadable``  not read now for any other reason, or never read at all
``unlisted``    not in the inputs this time; it was not asked for
==============  ================================================================

The findings of a page that is gone, unreadable or unlisted are ``unknown``, never ``gone``:
a server that is down has corrected nothing.

:func:`compare` and :func:`changes` know two reports and nothing else. Only
:func:`write_changes` reads the ledgers of a run.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from claimcheck.records import Finding, Report, Span, Tool, parse_outcome
from claimcheck.replacing import replacing
from claimcheck.report.view import SEVERITIES
from claimcheck.scan.alignment import Pair, PairKind, align, normalised
from claimcheck.scan.change_records import (
    CHANGES_FILE,
    FINDING_CHANGE_SCHEMA,
    PAGE_CHANGE_SCHEMA,
    ChangeSummary,
    FindingChange,
    FindingState,
    PageChange,
    PageState,
    describe,
    is_fresh,
    only_new,
    read_changes,
)
from claimcheck.scan.shelf import (
    Before,
    GenerationLike,
    RowLike,
    Shelf,
    is_copy,
    is_page,
    key_of,
)

__all__ = [
    "CHANGES_FILE",
    "FINDING_CHANGE_SCHEMA",
    "PAGE_CHANGE_SCHEMA",
    "ChangeSummary",
    "Comparison",
    "FindingChange",
    "FindingState",
    "PageChange",
    "PageState",
    "changes",
    "compare",
    "describe",
    "only_new",
    "read_changes",
    "write_changes",
]

# ---------------------------------------------------------------------- two reports


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reports on one page, side by side."""

    pairs: tuple[Pair, ...]
    """The sentences: indices into ``old_spans`` and ``new_spans``."""
    old_spans: tuple[Span, ...]
    """Where the sentences of the old version stand in its text."""
    new_spans: tuple[Span, ...]
    """Where those of the new version stand."""
    findings: tuple[FindingChange, ...]
    """What became of the findings, in reading order of the new version."""
    tool_changed: tuple[str, ...]
    """What judged differently."""
    same_text: bool
    """Whether the text is the same, but for white space and the shape of quotation marks."""


def changes(old: Report | None, new: Report | None) -> tuple[FindingChange, ...]:
    """What became of each finding of two reports on one page, in reading order.

    :param old: the earlier report; null if the page was not read before, so that every
        finding is ``new``.
    :param new: the later one; null if it could not be read, so that every finding of
        the old report is ``unknown``.
    """
    if old is not None and new is not None:
        return compare(old, new).findings
    if new is not None:
        return tuple(_alone("new", finding, new) for finding in new.findings)
    if old is not None:
        return tuple(_alone("unknown", finding, old) for finding in old.findings)
    return ()


def _alone(state: FindingState, finding: Finding, report: Report) -> FindingChange:
    old, new = (None, finding) if state == "new" else (finding, None)
    return FindingChange(uri=report.source.uri, state=state, issue=finding.issue, old=old, new=new)


def compare(old: Report, new: Report) -> Comparison:
    """Align the sentences of two reports on one page, and their findings with them."""
    old_spans, new_spans = _spans(old), _spans(new)
    pairs = align(
        [old.article.text[start:end] for start, end in old_spans],
        [new.article.text[start:end] for start, end in new_spans],
    )
    old_findings, new_findings = _by_sentence(old, old_spans), _by_sentence(new, new_spans)
    tool_changed = _differing(old.tool, new.tool)
    found: list[FindingChange] = []
    for pair in pairs:
        before = old_findings.get(pair.old, []) if pair.old is not None else []
        after = new_findings.get(pair.new, []) if pair.new is not None else []
        found.extend(
            FindingChange(
                uri=new.source.uri,
                state=_state(pair.kind, one, other),
                issue=issue,
                sentence=pair.kind,
                similarity=pair.similarity if None not in (pair.old, pair.new) else None,
                tool_changed=tool_changed,
                old=one,
                new=other,
            )
            for issue, one, other in _matched(before, after, old=old, new=new)
        )
    return Comparison(
        pairs=pairs,
        old_spans=old_spans,
        new_spans=new_spans,
        findings=tuple(found),
        tool_changed=tool_changed,
        same_text=normalised(old.article.text) == normalised(new.article.text),
    )


def _spans(report: Report) -> tuple[Span, ...]:
    """The sentences, and any finding that stands in none, in reading order."""
    spans = [(one.start, one.end) for one in report.article.sentences]
    starts = [start for start, _ in spans]
    stray = set()
    for finding in report.findings:
        place = bisect_right(starts, finding.start) - 1
        if place < 0 or spans[place][1] <= finding.start:
            stray.add((finding.start, finding.end))
    return tuple(sorted([*spans, *stray]))


def _by_sentence(report: Report, spans: Sequence[Span]) -> dict[int, list[Finding]]:
    starts = [start for start, _ in spans]
    found: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[bisect_right(starts, finding.start) - 1].append(finding)
    return found


def _differing(old: Tool, new: Tool) -> tuple[str, ...]:
    """What of the tool is not the same. A retrained model may keep its name, not its hash."""
    sides = {
        "version": (old.version, new.version),
        "model": ((old.model, old.model_sha256), (new.model, new.model_sha256)),
        "profile": (old.profile, new.profile),
        "threshold": (old.threshold, new.threshold),
        "supplements": (old.supplements, new.supplements),
    }
    return tuple(name for name, (one, other) in sides.items() if one != other)


def _state(kind: PairKind, old: Finding | None, new: Finding | None) -> FindingState:
    same_words = kind in ("same", "moved")
    if old is not None and new is not None:
        return "unchanged" if same_words else "changed"
    if old is not None:
        return "no-longer-raised" if same_words else "gone"
    return "newly-raised" if same_words else "new"


def _matched(
    olds: Sequence[Finding], news: Sequence[Finding], *, old: Report, new: Report
) -> Iterator[tuple[str, Finding | None, Finding | None]]:
    """Findings of one pair of sentences, matched by issue; those of the new version first.

    Where a sentence has several findings of one issue, those that show the same words
    belong together, and the rest in order.
    """
    left = list(olds)
    partner: dict[int, Finding] = {}
    for same_words in (True, False):
        for place, finding in enumerate(news):
            if place in partner:
                continue
            for other in left:
                if other.issue == finding.issue and (
                    not same_words or _evidence(other, old) == _evidence(finding, new)
                ):
                    partner[place] = other
                    left.remove(other)
                    break
    for place, finding in enumerate(news):
        yield finding.issue, partner.get(place), finding
    for finding in left:
        yield finding.issue, finding, None


def _evidence(finding: Finding, report: Report) -> list[str]:
    return [normalised(report.article.text[start:end]) for start, end in finding.evidence]


# ---------------------------------------------------------------------- two generations


def write_changes(old: GenerationLike, new: GenerationLike) -> ChangeSummary:
    """Write ``changes.jsonl`` into a complete generation, and count what is in it.

    Pages are matched by their address (normalised; a path or the name of a record for other
    inputs), the second page of the same name with the second. They stand in the order of the
    new generation, then those that are no longer listed. Memory does not grow with the number
    of pages: the old reports wait in a temporary database on disk.

    A page that ``old`` could not read or did not list is compared with the last generation
    that read it (:data:`~claimcheck.scan.shelf.FURTHEST_BACK`), so that a server or a feed
    which was down for a night does not make every finding new.

    :raises OSError: the file cannot be written; an earlier one stays as it was.
    """
    pages: Counter[PageState] = Counter()
    findings: Counter[FindingState] = Counter()
    fresh: Counter[int] = Counter()
    tools: set[str] = set()
    with (
        closing(Shelf()) as shelf,
        replacing(new.path / CHANGES_FILE) as stream,
    ):
        with new.ledger() as ledger:
            shelf.fill(old, wanted=ledger.rows())
        for page, found in _compared(shelf, new):
            pages[page.state] += 1
            tools.update(page.tool_changed)
            _write_line(stream.write, page)
            for change in found:
                findings[change.state] += 1
                fresh[change.severity] += is_fresh(change)
                _write_line(stream.write, change)
    return ChangeSummary(
        old=old.name,
        new=new.name,
        pages=dict(sorted(pages.items())),
        findings=dict(sorted(findings.items())),
        fresh={severity: fresh[severity] for severity in SEVERITIES},
        tool_changed=tuple(sorted(tools)),
    )


def _write_line(write: Callable[[bytes], object], change: PageChange | FindingChange) -> None:
    data = change.to_json_dict()
    try:
        line = json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a file whose name is not valid Unicode
        line = json.dumps(data).encode()
    write(line + b"\n")


_Compared = tuple[PageChange, tuple[FindingChange, ...]]


def _compared(shelf: Shelf, new: GenerationLike) -> Iterator[_Compared]:
    """Each page of the new generation, then those that only the old one listed."""
    with new.ledger() as ledger:
        originals = {row.of for row in ledger.rows() if is_copy(row)}
        for row, body in ledger.rows_and_outcomes():
            if not is_page(row):
                continue
            if row.seq in originals and body is not None:
                shelf.keep(new.name, row.seq, body)
            if is_copy(row):
                body = shelf.body(new.name, row.of)
            before = shelf.meet(key_of(row))
            yield _page(row, before, None if row.state == "failed" else _report(body))
    for uri, before in shelf.unmet():
        report = _report(before.body)
        page = PageChange(
            uri=uri, state="unlisted", title=_title(report), compared_with=before.generation
        )
        yield page, _named(changes(report, None), uri)


def _page(row: RowLike, before: Before, new: Report | None) -> _Compared:
    old = _report(before.body)
    common: dict[str, Any] = {
        "uri": row.uri,
        "title": _title(new or old),
        "compared_with": before.generation,
    }
    if new is None:
        # A page that nobody ever saw cannot be gone.
        gone = row.reason == "not-found" and old is not None
        state: PageState = "gone" if gone else "unreadable"
        page = PageChange(state=state, reason=row.reason, message=row.message, **common)
        return page, _named(changes(old, None), row.uri)
    common["same_as"] = new.source.uri if is_copy(row) else None
    if old is None:
        return PageChange(state="new", **common), _named(changes(None, new), row.uri)
    found = compare(old, new)
    counts = Counter(pair.kind for pair in found.pairs)
    kinds: tuple[PairKind, ...] = ("same", "moved", "changed", "added", "removed")
    page = PageChange(
        state="unchanged" if found.same_text else "changed",
        tool_changed=found.tool_changed,
        sentences={kind: counts[kind] for kind in kinds},
        **common,
    )
    return page, _named(found.findings, row.uri)


def _title(report: Report | None) -> str | None:
    return report.article.title if report is not None else None


def _named(found: Iterable[FindingChange], uri: str) -> tuple[FindingChange, ...]:
    return tuple(replace(change, uri=uri) for change in found)


def _report(body: bytes | None) -> Report | None:
    outcome = parse_outcome(json.loads(body)) if body is not None else None
    return outcome if isinstance(outcome, Report) else None
