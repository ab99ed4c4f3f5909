"""Check articles from Python: one, then many, then text in memory.

Run it from a checkout with ``python examples/api.py``, or give it files of your own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from claimcheck import Checker, Failure, Report, make_settings

HERE = Path(__file__).resolve().parent
PAGES = [HERE / "01-clinic-infusion.html", HERE / "14-hair-loss-paywall.html"]


def describe(outcome: Report | Failure) -> str:
    """A few lines for a person: why it could not be read, or what was found where."""
    if isinstance(outcome, Failure):
        return f"{outcome.source.uri}: {outcome.error.kind}"
    lines = [f"{outcome.article.title}: {len(outcome.findings)} findings"]
    for finding in outcome.findings:
        start, end = finding.evidence[0]
        words = outcome.article.text[start:end]
        lines.append(f"  severity {finding.severity}  {finding.issue}: {words!r}")
        lines.append(f"      {finding.message}")
    return "\n".join(lines)


def main(pages: list[Path]) -> None:
    """Check pages with one checker, so that the model is loaded once."""
    checker = Checker(make_settings({"profile": "balanced", "min_severity": 2}))
    for outcome in checker.check_many(pages):
        print(describe(outcome))

    # One sentence will do; so will a draft that is not a file yet.
    draft = checker.check_text("The peel has virtually no side effects.")
    print(describe(draft))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or PAGES)
