"""Single sentences that must or must not be flagged, through the whole checker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from claimcheck.checker import Checker
from claimcheck.records import Failure

__all__ = ["evaluate_catalogue"]


def evaluate_catalogue(checker: Checker, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Check single sentences that must or must not be flagged.

    :param items: mappings with ``text``, ``flag``, ``issue`` and optionally ``also``
        (issues that are as right) and ``article`` (a text that holds the sentence).
    :returns: counts, and the items that went wrong, by id or text.
    """
    flagged = right = quiet = 0
    wrong: list[str] = []
    for item in items:
        raised = _raised_on(checker, item)
        accepted = {item["issue"], *item.get("also", ())}
        if item["flag"]:
            flagged += bool(raised)
            right += bool(raised & accepted)
            if not raised & accepted:
                wrong.append(str(item.get("id", item["text"])))
        else:
            # Whether a caveat is missing says nothing about the claim's other faults.
            counted = raised & accepted if item["issue"] == "missing-caveat" else raised
            quiet += not counted
            if counted:
                wrong.append(str(item.get("id", item["text"])))
    must = sum(bool(item["flag"]) for item in items)
    return {
        "must_flag": must,
        "flagged": flagged,
        "flagged_with_the_right_issue": right,
        "must_stay_quiet": len(items) - must,
        "quiet": quiet,
        "wrong": wrong,
    }


def _raised_on(checker: Checker, item: Mapping[str, Any]) -> set[str]:
    outcome = checker.check_text(item.get("article") or item["text"])
    if isinstance(outcome, Failure):
        return set()
    text = outcome.article.text
    start = text.find(item["text"])
    end = start + len(item["text"])
    return {f.issue for f in outcome.findings if start < f.end and f.start < end}
