"""Agreement of the two labellings of a corpus: ``python scripts/agreement.py corpora/wellness``.

Reads the corpus and its ``second/labels.jsonl`` (labels by ``doc`` and ``n``, without text), and
prints n, raw agreement, Cohen's kappa and Krippendorff's alpha with 95 % intervals by
passage: label, flag or not, claim or not, kind, strength (four classes and ordinal),
severity, main issue; and how often the cues of sentences that both flagged overlap.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from claimcheck.claims.extract import strength_name
from claimcheck.training.agreement import agreement_of

_VIEWS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "label": lambda row: row["label"],
    "flag or not": lambda row: row["label"] == "FLAG",
    "claim or not": lambda row: row["label"] != "NONE",
    "kind": lambda row: row["kind"],
    "strength, four classes": lambda row: strength_name(row["strength"]),
}


def main() -> int:
    """Print the table."""
    if len(sys.argv) != 2:
        print("usage: agreement.py CORPUS", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    second_path = folder / "second" / "labels.jsonl"
    if not second_path.is_file():
        print(f"agreement: error: {second_path} is missing: no second labelling", file=sys.stderr)
        return 2
    known = {
        (row["doc"], row["n"]): row
        for name in ("train", "dev", "test")
        for row in _rows(folder / f"{name}.jsonl")
    }
    second = _rows(second_path)
    pairs = [(known[row["doc"], row["n"]], row) for row in second]
    for name, view in _VIEWS.items():
        _line(name, [(view(a), view(b)) for a, b in pairs], [a["doc"] for a, _ in pairs])
    claims = [(a, b) for a, b in pairs if "NONE" not in (a["label"], b["label"])]
    groups = [a["doc"] for a, _ in claims]
    _line("kind, both see a claim", [(a["kind"], b["kind"]) for a, b in claims], groups)
    _line(
        "strength 0 to 6, both see a claim",
        [(a["strength"], b["strength"]) for a, b in claims], groups, ordinal=True,
    )  # fmt: skip
    flags = [(a, b) for a, b in pairs if a["label"] == b["label"] == "FLAG"]
    groups = [a["doc"] for a, _ in flags]
    _line(
        "severity, both flag",
        [(a["severity"], b["severity"]) for a, b in flags], groups, ordinal=True,
    )  # fmt: skip
    _line("main issue, both flag", [(a["issues"][0], b["issues"][0]) for a, b in flags], groups)
    shared = sum(bool(set(a["issues"]) & set(b["issues"])) for a, b in flags)
    cued = [(a, b) for a, b in flags if a["cue"] and b["cue"]]
    touching = sum(_overlap(a["text"], a["cue"], b["cue"]) for a, b in cued)
    print(f"{'an issue in common, both flag':36} n {len(flags):4}  {shared / len(flags):.3f}")
    print(f"{'cues overlap, both flag':36} n {len(cued):4}  {touching / len(cued):.3f}")
    return 0


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _line(
    name: str, pairs: list[tuple[Any, Any]], groups: list[str], *, ordinal: bool = False
) -> None:
    found = agreement_of([a for a, _ in pairs], [b for _, b in pairs], groups, ordinal=ordinal)
    shown = "  ".join(
        f"{key} {found[key]['value']:.3f} "
        f"[{found[key]['interval'][0]:.3f}, {found[key]['interval'][1]:.3f}]"
        for key in ("agreement", "kappa", "alpha")
    )
    print(f"{name:36} n {found['n']:4}  {shown}")


def _overlap(text: str, one: str, other: str) -> bool:
    a, b = text.find(one), text.find(other)
    return a < b + len(other) and b < a + len(one)


if __name__ == "__main__":
    sys.exit(main())
