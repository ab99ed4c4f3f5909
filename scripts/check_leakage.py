"""Prove that no text of a measured document enters training.

usage: python scripts/check_leakage.py --labelled claims_real.jsonl --training FILE ...

Measured are the dev and test splits of the labelled file and of every corpus among the
training files; trained on are the train splits of both, the example sentences of the
catalogue, and everything in raw sets (articles, pages, tables, lists). A text leaks if it
is of a measured document, by its id, or nearly repeats one of its sentences (characters,
Jaccard index above 0.6). Where a raw set holds a measured document whole, its unlabelled
sentences count as well. Repeats under six words are listed apart and are no leak.

``--exclude-list`` writes what must be left out; ``--excluded`` reads such a list, checks
what then remains, and so proves that the list is enough. Exit 1 on leakage, 2 where a
file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from claimcheck.corpus import LabelledSentence, load_corpus
from claimcheck.corpus.standoff import write_rows
from claimcheck.errors import ClaimcheckError, CorpusError
from claimcheck.training.leakage import (
    Exclusions,
    Measured,
    Repeat,
    disjoint_faults,
    leaks_between,
    raw_leaks,
)
from claimcheck.training.promises import load_splits
from claimcheck.training.rawtexts import RawText, raw_texts, sentences_of
from claimcheck.training.written import written_sentences

SHOWN = 12
MEASURED = ("dev", "test", "validation")


@dataclass
class Outcome:
    """What one set repeats of the measured texts. ``kept_back`` counts excluded texts."""

    name: str
    texts: int
    kept_back: int
    repeats: list[Repeat] = field(default_factory=list)

    @property
    def leaks(self) -> list[Repeat]:
        """Repeats that are more than boilerplate."""
        return [repeat for repeat in self.repeats if not repeat.boilerplate]


def main() -> int:
    """Check every set, print a line for each and the leaks, write the list."""
    options = arguments()
    try:
        outcomes, exclusions, faults = check(options)
        if options.exclude_list:
            # One JSON object on one line, so that the writer of rows can write it.
            write_rows(options.exclude_list, [exclusions.to_json_dict()])
    except ClaimcheckError as error:
        print(f"check_leakage: error: {error}", file=sys.stderr)
        return 2
    show(outcomes, shown=None if options.all else SHOWN)
    for fault in faults:
        print(f"FAULT {fault}")
    leaking = sum(len(outcome.leaks) for outcome in outcomes)
    if options.exclude_list:
        print(f"{options.exclude_list}: what training must leave out")
    print(
        "no leakage" if not (leaking or faults) else f"{leaking} texts leak, {len(faults)} faults"
    )
    return int(bool(leaking or faults))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labelled", type=Path, required=True, help="claims_real.jsonl")
    parser.add_argument(
        "--training", type=Path, action="append", default=[], help="a corpus or raw set; repeatable"
    )
    parser.add_argument("--excluded", type=Path, help="a list that training obeys")
    parser.add_argument("--exclude-list", type=Path, help="the list to write (JSON)")
    parser.add_argument("--all", action="store_true", help="show every leak and repeat")
    return parser.parse_args()


def check(options: argparse.Namespace) -> tuple[list[Outcome], Exclusions, list[str]]:
    """Everything that is printed: one outcome a set, what to exclude, what splits share."""
    known = Exclusions.read(options.excluded) if options.excluded else Exclusions()
    corpora = {options.labelled: load(options.labelled)}
    raw: dict[Path, list[RawText]] = {}
    for path in options.training:
        if path in corpora:
            continue
        if is_corpus(path):
            corpora[path] = load(path)
        else:
            raw[path] = list(sentences_of(raw_texts(path)))
    rows = [row for sentences in corpora.values() for row in sentences]
    measured = Measured.of(row for row in rows if row.split in MEASURED)
    measured = measured.with_whole_documents(text for texts in raw.values() for text in texts)
    found = Exclusions.read(options.excluded) if options.excluded else Exclusions()
    outcomes = [
        of_corpus(path.name, sentences, measured, known=known, found=found)
        for path, sentences in corpora.items()
    ]
    outcomes.append(of_corpus("catalogue", written_sentences(), measured, known=known, found=found))
    outcomes += [
        of_raw(path.name, texts, measured, known=known, found=found) for path, texts in raw.items()
    ]
    own = [sentences for path, sentences in corpora.items() if path != options.labelled]
    return outcomes, found, [fault for sentences in own for fault in shared(sentences)]


def load(path: Path) -> tuple[LabelledSentence, ...]:
    """All splits of a corpus."""
    if (path / "train.jsonl").is_file():
        return load_splits(path)
    if path.exists() or path.suffix != ".jsonl":
        return load_corpus(path)
    raise CorpusError(
        f"{path}: no such file; claims_real.jsonl is not part of the project: rebuild it with "
        "scripts/rebuild_standoff.py (see docs/corpora.md)"
    )


def is_corpus(path: Path) -> bool:
    """Whether a path holds labelled sentences, and not a set in a form of its own."""
    if path.is_dir():
        if any((path / name).is_file() for name in ("dataset_dict.json", "dataset_info.json")):
            return True
        files = sorted(path.glob("*.jsonl"))
        return bool(files) and is_corpus(files[0])
    if path.suffix != ".jsonl" or not path.is_file():
        return False
    with path.open(encoding="utf-8") as stream:
        try:
            row = json.loads(stream.readline())
        except json.JSONDecodeError:
            return False
    return isinstance(row, dict) and {"passage", "n", "text", "label"} <= set(row)


def of_corpus(
    name: str,
    sentences: Sequence[LabelledSentence],
    measured: Measured,
    *,
    known: Exclusions,
    found: Exclusions,
) -> Outcome:
    """What the training part of a corpus repeats; adds it to ``found``."""
    training = [row for row in sentences if row.split not in MEASURED]
    kept = [row for row in training if known.keeps(row, name=name)]
    outcome = Outcome(name, len(training), len(training) - len(kept))
    for row, repeat in leaks_between(kept, measured):
        outcome.repeats.append(repeat)
        if not repeat.boilerplate:
            found.sentences[name].add((row.doc, row.passage, row.n))
    return outcome


def of_raw(
    name: str, texts: Sequence[RawText], measured: Measured, *, known: Exclusions, found: Exclusions
) -> Outcome:
    """What a raw set repeats; adds the whole article, page or row to ``found``."""
    kept = [text for text in texts if known.keeps_raw(text, name=name)]
    outcome = Outcome(name, len(texts), len(texts) - len(kept))
    outcome.repeats += raw_leaks(kept, measured)
    found.documents[name].update(repeat.id for repeat in outcome.leaks)
    return outcome


def shared(sentences: Iterable[LabelledSentence]) -> Iterator[str]:
    """What the splits of one of our own corpora share: it must be nothing."""
    splits: dict[str, list[LabelledSentence]] = defaultdict(list)
    for row in sentences:
        splits[row.split].append(row)
    yield from disjoint_faults(splits)


def show(outcomes: Iterable[Outcome], *, shown: int | None) -> None:
    """A table, then the leaks and the boilerplate of each set."""
    print(
        f"{'set':34} {'texts':>7} {'excluded':>8} {'by id':>6} {'repeats':>7} {'boilerplate':>11}"
    )
    for one in outcomes:
        by_id = sum(repeat.by == "document" for repeat in one.leaks)
        print(
            f"{one.name[:34]:34} {one.texts:7} {one.kept_back:8} {by_id:6} "
            f"{len(one.leaks) - by_id:7} {len(one.repeats) - len(one.leaks):11}"
        )
    for one in outcomes:
        whole = sorted({repeat.id for repeat in one.leaks if repeat.by == "document"})
        near = [repeat for repeat in one.leaks if repeat.by == "sentence"]
        short = [repeat for repeat in one.repeats if repeat.boilerplate]
        print_some(f"{one.name}: measured documents", whole, shown)
        print_some(f"{one.name}: repeats", [said(repeat) for repeat in near], shown)
        print_some(f"{one.name}: boilerplate, no leak", [said(repeat) for repeat in short], shown)


def said(repeat: Repeat) -> str:
    """One repeat in words."""
    return f"{repeat.id}  repeats  {repeat.of}  ({repeat.similarity:.2f})"


def print_some(title: str, lines: Sequence[str], shown: int | None) -> None:
    """A titled list, cut where it is long; nothing where it is empty."""
    if lines:
        print(f"{title}: {len(lines)}")
        for line in lines[:shown]:
            print(f"  {line}")
        if len(lines[:shown]) < len(lines):
            print("  ... (--all shows them)")


if __name__ == "__main__":
    sys.exit(main())
