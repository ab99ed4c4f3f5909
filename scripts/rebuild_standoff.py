"""Put the words back to the stand-off labels.

usage: python scripts/rebuild_standoff.py SOURCE ... -o claims_real.jsonl

SOURCE is a file or folder of the public collections: the cached pages of Health-Rel
(``datasets/Sondhi``, ``datasets/Schwarz``) as HTML or text, FakeHealth's
``dataset/content`` as JSON, or a ``.jsonl`` file of articles with ``id``, ``title`` and
``text``. The result holds other people's sentences: keep it outside the checkout.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from claimcheck.corpus.standoff import Rebuilt, read_standoff, rebuild, write_rows
from claimcheck.errors import ClaimcheckError

LABELS = Path(__file__).resolve().parent.parent / "corpora" / "standoff"
SHOWN = 15


def main() -> int:
    """Rebuild what can be rebuilt; 2 where an input is missing or broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCE")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the corpus to write")
    parser.add_argument("--labels", type=Path, default=LABELS, help="default: corpora/standoff")
    parser.add_argument("--all", action="store_true", help="list every document that lacks")
    options = parser.parse_args()
    try:
        labels = read_standoff(options.labels)
        rebuilt = rebuild(labels, options.sources)
        write_rows(options.output, rebuilt.rows)
    except ClaimcheckError as error:
        print(f"rebuild_standoff: error: {error}", file=sys.stderr)
        return 2
    for fault in rebuilt.faults:
        print(f"rebuild_standoff: not read: {fault}", file=sys.stderr)
    _print_shares(rebuilt, Counter(row["split"] for row in labels))
    _print_lacking(rebuilt, shown=None if options.all else SHOWN)
    return 0


def _print_shares(rebuilt: Rebuilt, wanted: Counter[str]) -> None:
    print(f"rebuilt {len(rebuilt.rows)} of {rebuilt.labels} sentences ({rebuilt.share:.1%})")
    found = Counter(row["split"] for row in rebuilt.rows)
    for split, number in sorted(wanted.items()):
        print(f"  {split:<5} {found[split]} of {number} ({found[split] / number:.1%})")


def _print_lacking(rebuilt: Rebuilt, *, shown: int | None) -> None:
    for title, lines in (
        ("documents not among the sources", list(rebuilt.absent)),
        (
            "documents that lack sentences",
            [f"{doc} ({number})" for doc, number in rebuilt.lacking.items()],
        ),
    ):
        print(f"{title}: {len(lines)}")
        for line in lines[:shown]:
            print(f"  {line}")
        if len(lines[:shown]) < len(lines):
            print("  ... (--all lists them)")


if __name__ == "__main__":
    sys.exit(main())
