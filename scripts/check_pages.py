"""Compare what extraction makes of saved pages with what a reader found on them.

usage: python scripts/check_pages.py [PAGES_FOLDER]

``scripts/pages.jsonl`` says of each page whether an article is expected and how its text
begins and ends (see ``scripts/pages.md``). The pages themselves are not part of the
repository: the folder defaults to ``../shared/pages/html`` beside the checkout.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claimcheck.article import extract
from claimcheck.errors import SourceError
from claimcheck.records import Article
from claimcheck.sources import open_source

ROOT = Path(__file__).resolve().parent.parent
WORD_FACTOR = 1.6  # an article counts as whole between 1/1.6 and 1.6 times the words


@dataclass(frozen=True)
class Outcome:
    """What became of one page. ``seconds`` is CPU time."""

    kind: str
    article: Article | None
    seconds: float


def main(arguments: list[str]) -> int:
    """Print the table; exit 1 when fewer than 95 % of the outcomes agree."""
    folder = Path(arguments[0]) if arguments else ROOT.parent / "shared" / "pages" / "html"
    if not folder.is_dir():
        print(f"{folder}: no such folder; name the folder that holds the saved pages")
        return 2
    expected = [json.loads(line) for line in (ROOT / "scripts/pages.jsonl").open(encoding="utf-8")]
    kinds: Counter[str] = Counter()
    agreed = whole = articles = 0
    seconds = []
    for page in expected:
        outcome = read(folder / page["file"])
        kinds[outcome.kind] += 1
        seconds.append(outcome.seconds)
        complaint = disagreement(page, outcome)
        agreed += complaint is None
        flaws = flaws_of(page, outcome)
        if page["expect"] == "report" and outcome.article is not None:
            articles += 1
            whole += not flaws
        if complaint or flaws:
            print(f"{page['file'][:70]:70}  {'; '.join(filter(None, [complaint, *flaws]))}")
    total = len(expected)
    print(f"\noutcomes   {', '.join(f'{kind} {count}' for kind, count in kinds.most_common())}")
    print(f"agreement  {agreed} of {total} ({agreed / total:.1%})")
    print(f"text       {whole} of {articles} articles with begin, end and length as read")
    seconds.sort()
    print(
        f"CPU        median {statistics.median(seconds) * 1000:.0f} ms, "
        f"90th percentile {seconds[int(total * 0.9)] * 1000:.0f} ms, "
        f"most {seconds[-1] * 1000:.0f} ms"
    )
    return 0 if agreed >= 0.95 * total else 1


def read(path: Path) -> Outcome:
    """Extract one page."""
    start = time.process_time()
    try:
        article = extract(open_source(str(path)))
    except SourceError as error:
        return Outcome(error.kind, None, time.process_time() - start)
    return Outcome("report", article, time.process_time() - start)


def disagreement(page: dict[str, Any], outcome: Outcome) -> str | None:
    """Why the outcome is not the expected one, or null."""
    if page["expect"] == "report" and outcome.kind != "report":
        return f"expected a report, got {outcome.kind}"
    if page["expect"] == "failure" and outcome.kind not in page["failure_kinds"]:
        return f"expected {' or '.join(page['failure_kinds'])}, got {outcome.kind}"
    if page["expect"] == "either" and outcome.kind not in ("report", *page["failure_kinds"]):
        return f"expected a report or {' or '.join(page['failure_kinds'])}, got {outcome.kind}"
    return None


def flaws_of(page: dict[str, Any], outcome: Outcome) -> list[str]:
    """What is missing or too much in the text of an expected article."""
    if page["expect"] != "report" or outcome.article is None:
        return []
    text = " ".join(outcome.article.text.split())
    flaws = [
        f"{place} words missing"
        for place in ("first", "last")
        if page[place] and " ".join(page[place].split()) not in text
    ]
    ratio = len(text.split()) / max(1, page["words"])
    if not 1 / WORD_FACTOR <= ratio <= WORD_FACTOR:
        flaws.append(f"{len(text.split())} words for {page['words']}")
    return flaws


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
