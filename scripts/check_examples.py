"""How the shipped model does on sentences written for the project.

``python scripts/check_examples.py [--model NAME|DIR] [--profile NAME] [-v]`` prints, for
the catalogue's examples and for the paraphrases that the rules were never tuned on, how
many must-flag sentences are flagged, how many with the right reason, and how many hard
negatives stay quiet. A missing-caveat sentence is checked within its short article.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from claimcheck import Checker, make_settings
from claimcheck.errors import ClaimcheckError
from claimcheck.issues import load_catalogue
from claimcheck.training.evaluate import evaluate_catalogue

PARAPHRASES = Path(__file__).resolve().parents[1] / "tests" / "data" / "paraphrases.jsonl"


def catalogue_items() -> list[dict[str, Any]]:
    """The catalogue's examples, in the form that the evaluation reads."""
    return [
        {"issue": issue.name, "flag": flag, "text": one.text, "article": one.article}
        for issue in load_catalogue().issues
        for flag, examples in ((True, issue.flag), (False, issue.quiet))
        for one in examples
    ]


def paraphrase_items(path: Path = PARAPHRASES) -> list[dict[str, Any]]:
    """The held-out paraphrases."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def show(name: str, items: Sequence[Mapping[str, Any]], *, checker: Checker, verbose: bool) -> None:
    """Print one set's counts, and with ``verbose`` what went wrong."""
    found = evaluate_catalogue(checker, items)
    print(
        f"{name}: {found['flagged']} of {found['must_flag']} must-flag sentences flagged, "
        f"{found['flagged_with_the_right_issue']} with the right reason; "
        f"{found['quiet']} of {found['must_stay_quiet']} hard negatives quiet"
    )
    if verbose:
        print("\n".join(f"  {wrong}" for wrong in found["wrong"]))


def main() -> int:
    """Check both sets and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default")
    parser.add_argument("--profile", default="balanced")
    parser.add_argument("-v", "--verbose", action="store_true", help="list what went wrong")
    options = parser.parse_args()
    try:
        checker = Checker(make_settings({"model": options.model, "profile": options.profile}))
        show("catalogue", catalogue_items(), checker=checker, verbose=options.verbose)
        # Never lists the paraphrases themselves: whoever tunes the rules must not read them.
        show("paraphrases", paraphrase_items(), checker=checker, verbose=False)
    except ClaimcheckError as error:
        print(f"check_examples: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
