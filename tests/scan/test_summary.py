"""What a generation adds up to, counted row by row."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from claimcheck.scan.rows import Brief, FinalRow
from claimcheck.scan.summary import MOST_FLAGGED, Summary, Tally


def done(seq: int, flagged: int = 0, severities: tuple[int, int, int] = (0, 0, 0)) -> FinalRow:
    issues = {"cure": severities[0], "hype": severities[2]}
    brief = Brief(
        title=f"Page {seq}",
        words=100,
        sentences=5,
        claims=4,
        flagged=flagged,
        severities=severities,
        issues={name: number for name, number in issues.items() if number},
    )
    return FinalRow(seq=seq, uri=f"u{seq}", origin="o", kind="url", state="done", brief=brief)


def other(seq: int, state: str, reason: str) -> FinalRow:
    return FinalRow(seq=seq, uri=f"u{seq}", origin="o", kind="url", state=state, reason=reason)  # type: ignore[arg-type]


def summarise(rows: Iterable[FinalRow], **rest: Any) -> Summary:
    tally = Tally()
    for row in rows:
        tally.add(row)
    return tally.summary(**rest)


def test_everything_is_counted() -> None:
    summary = summarise(
        [
            done(0, 2, (1, 0, 1)),
            done(1),
            done(2, 1, (0, 0, 3)),
            other(3, "failed", "timeout"),
            other(4, "failed", "blocked"),
            other(5, "failed", "timeout"),
            other(6, "skipped", "duplicate-address"),
        ],
        pending=3,
        wall_seconds=1.5,
        cpu_seconds=2.5,
    )
    assert (summary.inputs, summary.pending, summary.articles) == (10, 3, 3)
    assert list(summary.failed.items()) == [("timeout", 2), ("blocked", 1)]
    assert summary.skipped == {"duplicate-address": 1}
    assert (summary.words, summary.sentences, summary.claims, summary.flagged) == (300, 15, 12, 3)
    assert summary.flagged_articles == 2
    assert summary.severities == (1, 0, 4)
    assert list(summary.issues.items()) == [("hype", 4), ("cure", 1)]
    assert [page.seq for page in summary.most_flagged] == [0, 2]
    assert (summary.wall_seconds, summary.cpu_seconds) == (1.5, 2.5)
    assert (summary.unread, summary.findings, summary.worst) == (3, 5, 3)
    assert not summary.complete


def test_the_most_flagged_pages() -> None:
    rows = [done(seq, seq // 2, (seq % 2, 0, 0)) for seq in range(40)]
    summary = summarise(rows)
    assert len(summary.most_flagged) == MOST_FLAGGED
    assert [page.seq for page in summary.most_flagged] == list(range(39, 29, -1))
    # Where all else is equal, the first one listed.
    assert [page.seq for page in summarise([done(seq, 1) for seq in range(20)]).most_flagged] == (
        list(range(10))
    )


def test_nothing() -> None:
    assert summarise([]) == Summary()
    assert Summary().complete
    assert Summary().worst == 0
    assert Summary(severities=(0, 2, 0)).worst == 2


def test_the_json_form_is_plain() -> None:
    data = summarise([done(0, 2, (1, 0, 1)), other(1, "failed", "thin")]).to_json_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["findings"] == {"serious": 1, "moderate": 0, "minor": 1}
    assert data["most_flagged"] == [
        {"seq": 0, "uri": "u0", "title": "Page 0", "flagged": 2, "severities": [1, 0, 1]}
    ]


_row = st.one_of(
    st.builds(
        lambda flagged, severities: ("done", flagged, severities),
        st.integers(0, 9),
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
    ),
    st.tuples(st.just("failed"), st.sampled_from(["thin", "timeout"])),
    st.tuples(st.just("skipped"), st.sampled_from(["duplicate-content", "record-type"])),
)


@given(kinds=st.lists(_row, max_size=40), seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(kinds: list[tuple[object, ...]], seed: int) -> None:
    rows = [
        done(seq, *kind[1:]) if kind[0] == "done" else other(seq, *kind)  # type: ignore[arg-type]
        for seq, kind in enumerate(kinds)
    ]
    summary = summarise(random.Random(seed).sample(rows, len(rows)))
    assert summary.to_json_dict() == summarise(rows).to_json_dict()
    assert summary.inputs == len(rows)
    assert summary.articles + summary.unread + sum(summary.skipped.values()) == len(rows)
