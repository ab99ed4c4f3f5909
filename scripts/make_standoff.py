"""Take the words out of ``claims_real.jsonl``: ``python scripts/make_standoff.py FILE -o DIR``.

Writes ``train.jsonl`` and ``dev.jsonl`` with place, hash and labels of every sentence and
no word of it. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from claimcheck.corpus.standoff import standoff_of, write_rows
from claimcheck.errors import ClaimcheckError, CorpusError

SPLITS = ("train", "dev")


def main() -> int:
    """Read, write, say how much; 2 where the file is missing or does not hold together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="claims_real.jsonl (not part of the project)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write")
    options = parser.parse_args()
    try:
        if not options.labelled.is_file():
            raise CorpusError(
                f"{options.labelled}: no such file; claims_real.jsonl is not part of the project, "
                "and its labels stand in corpora/standoff (see docs/corpora.md)"
            )
        rows = standoff_of(options.labelled)
        counts = Counter(row["split"] for row in rows)
        if set(counts) != set(SPLITS):
            raise CorpusError(f"{options.labelled}: has the splits {sorted(counts)}, not {SPLITS}")
        options.output.mkdir(parents=True, exist_ok=True)
        for split in SPLITS:
            write_rows(
                options.output / f"{split}.jsonl", [row for row in rows if row["split"] == split]
            )
            print(f"{options.output / split}.jsonl: {counts[split]} sentences")
    except ClaimcheckError as error:
        print(f"make_standoff: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
