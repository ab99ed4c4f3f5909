"""How often annotators flagged what each rule proposes, on train splits.

``python scripts/measure_rules.py CORPUS …`` prints, for every issue and message variant,
the number of proposals, the share whose sentence is a flag, and the share that is a
plain claim. A variant may be marked ``decisive`` in the catalogue from such figures only.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

from claimcheck.corpus import load_corpus
from claimcheck.errors import CorpusError
from claimcheck.training.examples import examples_of


def main() -> int:
    """Analyse the corpora, count, print."""
    if len(sys.argv) < 2:
        print("measure_rules: error: give at least one corpus", file=sys.stderr)
        return 2
    counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    try:
        rows = [row for path in sys.argv[1:] for row in load_corpus(Path(path), splits=["train"])]
    except CorpusError as error:
        print(f"measure_rules: error: {error}", file=sys.stderr)
        return 2
    for example in examples_of(rows):
        for candidate in example.candidates:
            counts[candidate.issue, candidate.variant][example.gold.label] += 1
    print(f"{'issue':24s} {'variant':20s} {'n':>5s}  FLAG    OK")
    for (issue, variant), seen in sorted(counts.items()):
        n = seen.total()
        print(f"{issue:24s} {variant:20s} {n:5d}  {seen['FLAG'] / n:4.2f}  {seen['OK'] / n:4.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
