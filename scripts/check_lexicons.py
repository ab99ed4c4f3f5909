"""Check the cue lexicons: every file compiles and every entry holds on its own sentences.

``python scripts/check_lexicons.py [CLASS ...]`` prints a fault a line and exits with 1 if
there is one.
"""

from __future__ import annotations

import sys

from claimcheck.claims.lexicon import (
    LexiconEntry,
    check_entries,
    lexicon_files,
    load_lexicon,
)
from claimcheck.errors import LexiconError


def main(names: list[str]) -> int:
    """Check the named classes, or all."""
    entries: list[LexiconEntry] = []
    faults: list[str] = []
    unknown = set(names) - {path.stem for path in lexicon_files()}
    if unknown:
        print(f"no such class: {', '.join(sorted(unknown))}")
        return 1
    for path in lexicon_files():
        if names and path.stem not in names:
            continue
        try:
            found = load_lexicon(path)
        except LexiconError as error:
            faults.append(str(error))
        else:
            print(f"{path.stem}: {len(found)} entries")
            entries.extend(found)
    faults += check_entries(entries)
    for fault in faults:
        print(fault)
    print(f"{len(entries)} entries, {len(faults)} faults")
    return int(bool(faults))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
