"""Hash samples of the listed data sets: ``python scripts/sample_sources.py FOLDER ...``.

FOLDER holds the sets under the names that ``sources.toml`` gives. Writes
``src/claimcheck/training/source_samples.json``, by which training recognises a set that
was renamed, cut or reshaped. The file holds hashes and no words. Sentences that a set
shares with one that may ship are left out, so that no set is taken for another.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from claimcheck.errors import ClaimcheckError, CorpusError
from claimcheck.training.licences import Source, sample_of, sources
from claimcheck.training.rawtexts import raw_texts

OUT = Path(__file__).resolve().parent.parent / "src/claimcheck/training/source_samples.json"
# Our own corpora change and are known by their names; others' sets are published once.
OWN = ("wellness", "contrast", "catalogue", "claims-real")


def main() -> int:
    """Sample every listed set; 2 where a file is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--labelled", type=Path, required=True, help="claims_real.jsonl")
    options = parser.parse_args()
    try:
        may_ship = set(sample_of(raw_texts(options.labelled)))
        samples: dict[str, frozenset[str]] = {}
        for source in sources():
            if source.name not in OWN:
                samples[source.name] = sample(source, options.folders)
                may_ship |= samples[source.name] if source.use == "ship" else frozenset()
    except ClaimcheckError as error:
        print(f"sample_sources: error: {error}", file=sys.stderr)
        return 2
    use = {source.name: source.use for source in sources()}
    kept = {
        name: sorted(hashes if use[name] == "ship" else hashes - may_ship)
        for name, hashes in samples.items()
    }
    lines = {name: " ".join(hashes) for name, hashes in kept.items()}
    OUT.write_text(json.dumps(lines, indent=0) + "\n", encoding="utf-8")
    for name, hashes in kept.items():
        print(f"{name}: {len(hashes)}")
    return 0


def sample(source: Source, folders: list[Path]) -> frozenset[str]:
    """The sample of all files of a set."""
    found: set[str] = set()
    for name in source.files:
        path = next((f / name for f in folders if (f / name).exists()), None)
        if path is None:
            raise CorpusError(f"{name}: in none of the folders; {source.name} needs it")
        found |= sample_of(raw_texts(path))
    return frozenset(found)


if __name__ == "__main__":
    sys.exit(main())
