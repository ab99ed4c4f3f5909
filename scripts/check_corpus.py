"""Check what our own corpora promise: ``python scripts/check_corpus.py corpora/wellness ...``.

Labels hold together, cues and hedges stand in the text, counts and tones are as the card
says, no run of five words is frequent, no sentence nearly repeats one of another passage,
splits share nothing, and single words do not give the labels away. Exit 1 where a promise
is broken, 2 where a corpus cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from claimcheck.errors import ClaimcheckError
from claimcheck.training.promises import check_own_corpus


def main() -> int:
    """Check each corpus and print its figures and faults."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS")
    faults = 0
    for path in parser.parse_args().corpora:
        try:
            checked = check_own_corpus(path)
        except ClaimcheckError as error:
            print(f"check_corpus: error: {error}", file=sys.stderr)
            return 2
        print(checked.name)
        for what, value in checked.figures.items():
            print(f"  {what:<58} {value:>7g}")
        for fault in checked.faults:
            print(f"  FAULT {fault}")
        faults += len(checked.faults)
    print("every promise is kept" if not faults else f"{faults} faults")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
