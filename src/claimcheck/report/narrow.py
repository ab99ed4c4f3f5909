"""A report with some of its findings left out, and everything that follows from that."""

from __future__ import annotations

from claimcheck.records import Report
from claimcheck.report.view import severity_counts

__all__ = ["at_least"]


def at_least(report: Report, severity: int) -> Report:
    """The report without findings below a severity; labels and counts follow.

    Findings and claims keep their names, so that they can be found in the full report.
    """
    if severity <= 1:
        return report
    findings = tuple(finding for finding in report.findings if finding.severity >= severity)
    flagged = {finding.claim for finding in findings}
    claims = tuple(
        claim.model_copy(update={"label": "flag" if claim.id in flagged else "ok"})
        for claim in report.claims
    )
    counts = severity_counts(findings)
    summary = report.summary.model_copy(
        update={
            "flagged": len(flagged),
            "by_severity": {"1": counts[1], "2": counts[2], "3": counts[3]},
        }
    )
    return report.model_copy(update={"findings": findings, "claims": claims, "summary": summary})
