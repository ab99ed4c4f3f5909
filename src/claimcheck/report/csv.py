"""CSV (RFC 4180, UTF-8, CRLF): one row a finding, one row a failure.

An article without findings has no row. The columns are

=================  =====================================================================
``row``            ``finding`` or ``failure``
``source``         path, URL or other name of the input
``url``            the article's own address, if it gives one
``title``          the article's title
``published``      its date, as the page gives it
``finding``        id within the report (``f1``)
``claim``          id of the claim (``c1``)
``issue``          name of the issue type
``severity``       3, 2 or 1
``severity_word``  ``serious``, ``moderate`` or ``minor``
``score``          calibrated probability that an editor would want to see the sentence
``claim_kind``     ``efficacy``, ``safety``, …
``polarity``       of the claim: +, -, 0 or ±
``strength``       of the claim: ``none``, ``correlational``, ``conditional``, ``direct``
``hedge``          of the claim: ``adequate``, ``partial``, ``none``, ``not-applicable``
``stance``         of the claim: ``asserted``, ``attributed``, …
``block``          kind of the block that the finding stands in
``heading``        nearest heading before it
``start, end``     half-open code point offsets of the quote in the article's text
``quote``          the words at these offsets
``sentence``       the whole sentence
``evidence``       the words that caused the finding, joined by `` | ``
``missing``        ``number``, ``source``, ``baseline`` or ``caveat``, for an omission
``message``        why
``suggestion``     a wording that claims no more than the article supports
``standard``       the expert standard behind it
``fingerprint``    stable under edits elsewhere in the article
``error_kind``     of a failure
``error_message``  of a failure
``retryable``      of a failure: ``true`` or ``false``
``model``          name of the model
``model_sha256``   its hash
=================  =====================================================================

A cell that a spreadsheet would run as a formula (it begins with ``=``, ``+``, ``-``,
``@``, a tab or a line break) begins with an apostrophe instead. Control characters and
bidirectional controls are shown as U+FFFD.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import TextIO

from claimcheck.records import Failure, Finding, Report
from claimcheck.report.inert import cell
from claimcheck.report.view import (
    SEVERITY_WORD,
    Passage,
    block_at,
    display_title,
    heading_before,
    passages,
)

__all__ = ["COLUMNS", "write"]

COLUMNS: tuple[str, ...] = (
    "row",
    "source",
    "url",
    "title",
    "published",
    "finding",
    "claim",
    "issue",
    "severity",
    "severity_word",
    "score",
    "claim_kind",
    "polarity",
    "strength",
    "hedge",
    "stance",
    "block",
    "heading",
    "start",
    "end",
    "quote",
    "sentence",
    "evidence",
    "missing",
    "message",
    "suggestion",
    "standard",
    "fingerprint",
    "error_kind",
    "error_message",
    "retryable",
    "model",
    "model_sha256",
)


def write(outcomes: Iterable[Report | Failure], stream: TextIO) -> None:
    """Write the header and then the rows of each outcome as it comes."""
    writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            writer.writerow(_safe(_failure_row(outcome)))
        else:
            for passage in passages(outcome):
                for finding in passage.findings:
                    writer.writerow(_safe(_finding_row(outcome, passage, finding)))
        stream.flush()


def _safe(row: Mapping[str, object]) -> dict[str, str]:
    return {key: "" if value is None else cell(str(value)) for key, value in row.items()}


def _failure_row(failure: Failure) -> dict[str, object]:
    return {
        "row": "failure",
        "source": failure.source.uri,
        "error_kind": failure.error.kind,
        "error_message": failure.error.message,
        "retryable": "true" if failure.error.retryable else "false",
    }


def _finding_row(report: Report, passage: Passage, finding: Finding) -> dict[str, object]:
    article, text = report.article, report.article.text
    claim = passage.claims[finding.claim]
    index = block_at(article.blocks, finding.start)
    heading = heading_before(article, index) if index is not None else None
    return {
        "row": "finding",
        "source": report.source.uri,
        "url": article.url,
        "title": display_title(report),
        "published": article.published,
        "finding": finding.id,
        "claim": finding.claim,
        "issue": finding.issue,
        "severity": finding.severity,
        "severity_word": SEVERITY_WORD[finding.severity],
        "score": f"{finding.score:.4f}",
        "claim_kind": claim.kind,
        "polarity": claim.polarity,
        "strength": claim.strength,
        "hedge": claim.hedge,
        "stance": claim.stance,
        "block": article.blocks[index].kind if index is not None else None,
        "heading": text[heading.start : heading.end] if heading else None,
        "start": finding.start,
        "end": finding.end,
        "quote": finding.quote,
        "sentence": text[slice(*passage.sentence)],
        "evidence": " | ".join(text[start:end] for start, end in finding.evidence),
        "missing": finding.missing,
        "message": finding.message,
        "suggestion": finding.suggestion,
        "standard": finding.standard,
        "fingerprint": finding.fingerprint,
        "model": report.tool.model,
        "model_sha256": report.tool.model_sha256,
    }
