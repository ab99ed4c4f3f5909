"""How often sentence alignment is right, on real articles with edits whose truth is known.

usage: python scripts/measure_alignment.py [--pages DIR] [--rounds N] [--seed N] [--edits SHARE]

Every article of ``examples/``, and with ``--pages`` every saved page under DIR that holds
one, is edited ``--rounds`` times at random: sentences are deleted, inserted (from other
articles), replaced in place by a sentence of another article, reworded (hedged, cut,
another number, another word), swapped with another sentence, and look-alikes (the same
sentence with another word or number) are inserted elsewhere. The alignment of the two
versions is compared with what was done.

Prints, for all pairs and for each kind of edit, precision (of the pairs found, those that are
true) and recall (of the true pairs, those found), each with its n; beside it the same for a
greedy search that takes the most similar sentence anywhere, with the same cut. The same
seed gives the same figures. One process; nothing is fetched.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from claimcheck.article import extract
from claimcheck.claims.sentences import units_of
from claimcheck.errors import SourceError
from claimcheck.scan.alignment import CHANGED_CUT, align, normalised, similarity
from claimcheck.sources import open_source

ROOT = Path(__file__).resolve().parent.parent
FEWEST = 8  # sentences of an article that is worth editing
KINDS = {
    # weight of each edit among those made
    "delete": 3,
    "insert": 3,
    "replace": 2,
    "reword": 6,
    "swap": 1,
    "look-alike": 2,
}
HEDGES = ("may", "might", "perhaps", "reportedly", "in some people", "according to one study")
SWAPPED_WORDS = ("zinc", "women", "placebo", "daily", "Kensington", "vitamin", "nurses", "winter")

Pairs = set[tuple[int, int]]


@dataclass
class Line:
    """A sentence of the new version: where it comes from, and what was done to it."""

    text: str
    origin: int | None
    edit: str = "none"


@dataclass
class Score:
    """Pairs found and true, by the kind of edit of the sentences concerned."""

    true: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def add(self, found: Pairs, lines: Sequence[Line]) -> None:
        """Count one article's pairs."""
        for line in lines:
            if line.origin is not None:
                self.true[line.edit] += 1
        for old, new in found:
            kind = lines[new].edit
            self.found[kind] += 1
            self.right[kind] += lines[new].origin == old


def main() -> int:
    """Edit, align, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=Path, help="folder of saved HTML pages")
    parser.add_argument("--rounds", type=int, default=5, help="edited versions of each article")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--edits", type=float, default=0.25, help="edits for each sentence")
    options = parser.parse_args()
    if options.pages is not None and not options.pages.is_dir():
        print(f"{options.pages}: no such folder; name the folder that holds the saved pages")
        return 2
    articles = list(read([ROOT / "examples", *([options.pages] if options.pages else [])]))
    chance = random.Random(options.seed)  # noqa: S311 - repeatable, not secret
    everything = [(one, normalised(one)) for article in articles for one in article]
    ours, greedy = Score(), Score()
    edits: Counter[str] = Counter()
    seconds = 0.0
    for article in articles:
        own = {normalised(sentence) for sentence in article}
        pool = [sentence for sentence, name in everything if name not in own]
        for _ in range(options.rounds):
            lines = edited(article, pool, chance, options.edits, edits)
            new = [line.text for line in lines]
            began = time.process_time()
            found = {
                (pair.old, pair.new)
                for pair in align(article, new)
                if pair.old is not None and pair.new is not None
            }
            seconds += time.process_time() - began
            ours.add(found, lines)
            greedy.add(most_similar(article, new), lines)
    versions = len(articles) * options.rounds
    print(
        f"{len(articles)} articles, {len(everything):,} sentences, {versions} edited versions "
        f"(seed {options.seed}), {1000 * seconds / max(1, versions):.1f} CPU ms a version"
    )
    print("edits made: " + ", ".join(f"{kind} {edits[kind]}" for kind in KINDS))
    for name, score in (("alignment", ours), ("most similar anywhere", greedy)):
        table(name, score)
    return 0


def read(folders: Sequence[Path]) -> Iterator[list[str]]:
    """The sentences of each article, as the checker splits them."""
    for path in (path for folder in folders for path in sorted(folder.rglob("*.html"))):
        try:
            article = extract(open_source(str(path)))
        except SourceError:
            continue  # no article on this page
        sentences = [article.text[unit.start : unit.end] for unit in units_of(article)]
        if len(sentences) >= FEWEST:
            yield sentences


# ---------------------------------------------------------------------- edits


def edited(
    article: Sequence[str],
    pool: Sequence[str],
    chance: random.Random,
    share: float,
    made: Counter[str],
) -> list[Line]:
    """A new version: about ``share`` edits for each sentence, at most one on any of them.

    :param pool: sentences that do not stand in the article.
    """
    lines = [Line(sentence, place) for place, sentence in enumerate(article)]
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=round(share * len(article)))
    for kind in kinds:
        untouched = [i for i, line in enumerate(lines) if line.edit == "none"]
        if len(untouched) < 2:
            break
        EDITS[kind](lines, chance.sample(untouched, 2), pool, chance)
        made[kind] += 1
    return lines


def delete(
    lines: list[Line], places: Sequence[int], pool: Sequence[str], chance: random.Random
) -> None:
    """Take a sentence out."""
    del pool, chance
    del lines[places[0]]


def insert(
    lines: list[Line], places: Sequence[int], pool: Sequence[str], chance: random.Random
) -> None:
    """Put in a sentence of another article."""
    lines.insert(places[0], Line(chance.choice(pool), None, "insert"))


def replace(
    lines: list[Line], places: Sequence[int], pool: Sequence[str], chance: random.Random
) -> None:
    """Put a sentence of another article in the place of one."""
    lines[places[0]] = Line(chance.choice(pool), None, "replace")


def reword(
    lines: list[Line], places: Sequence[int], pool: Sequence[str], chance: random.Random
) -> None:
    """Edit a sentence where it stands."""
    del pool
    line = lines[places[0]]
    lines[places[0]] = Line(reworded(line.text, chance), line.origin, "reword")


def swap(
    lines: list[Line], places: Sequence[int], pool: Sequence[str], chance: random.Random
) -> None:
    """Let two sentences change places."""
    del pool, chance
    one, other = places
    lines[one], lines[other] = lines[other], lines[one]
    lines[one].edit = lines[other].edit = "swap"


def look_alike(
    lines: list[Line], places: Sequence[int], pool: Sequence[str], chance: random.Random
) -> None:
    """Put a sentence's look-alike elsewhere; the sentence itself stays or, half the time, goes."""
    del pool
    one, other = places
    copy = Line(another(lines[one].text, chance), None, "look-alike")
    if chance.random() < 0.5:
        lines[one : one + 1] = []
        other -= other > one
    lines.insert(other, copy)


EDITS: dict[str, Callable[[list[Line], Sequence[int], Sequence[str], random.Random], None]] = {
    "delete": delete,
    "insert": insert,
    "replace": replace,
    "reword": reword,
    "swap": swap,
    "look-alike": look_alike,
}


def reworded(sentence: str, chance: random.Random) -> str:
    """One to three small edits: a hedge, a cut, another order of clauses, another word."""
    words = sentence.split()
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(words) + 1)
        choice = chance.random()
        if choice < 0.35:
            words.insert(place, chance.choice(HEDGES))
        elif choice < 0.6 and len(words) > 4:
            size = chance.randint(1, max(1, len(words) // 5))
            del words[place : place + size]
        elif choice < 0.7 and len(words) > 6:
            words = words[place:] + words[:place]
        else:
            words = another(" ".join(words), chance).split()
    new = " ".join(words)
    return new if normalised(new) != normalised(sentence) else f"{new} (updated)"


def another(sentence: str, chance: random.Random) -> str:
    """The sentence with another number if it has one, else with another word."""
    numbers = list(re.finditer(r"\d+", sentence))
    if numbers:
        found = chance.choice(numbers)
        number = str(int(found[0]) + chance.randint(1, 90))
        return sentence[: found.start()] + number + sentence[found.end() :]
    words = sentence.split()
    words[chance.randrange(len(words))] = chance.choice(SWAPPED_WORDS)
    new = " ".join(words)
    return new if normalised(new) != normalised(sentence) else f"{new} too"


# ---------------------------------------------------------------------- comparison


def most_similar(old: Sequence[str], new: Sequence[str]) -> Pairs:
    """The greedy search: the most similar pair first, wherever it stands, one to one."""
    table = sorted(
        (
            (1.0 if normalised(one) == normalised(other) else similarity(one, other), -i, -j)
            for i, one in enumerate(old)
            for j, other in enumerate(new)
        ),
        reverse=True,
    )
    pairs: Pairs = set()
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for alike, i, j in table:
        if alike < CHANGED_CUT:
            break
        if i not in taken_old and j not in taken_new:
            pairs.add((-i, -j))
            taken_old.add(i)
            taken_new.add(j)
    return pairs


def table(name: str, score: Score) -> None:
    """Print a method's figures."""
    print(f"\n{name:24} {'precision':>22} {'recall':>22}")
    for kind in ("all", "none", *KINDS):
        counts = [
            sum(part.values()) if kind == "all" else part[kind]
            for part in (score.right, score.found, score.true)
        ]
        right, found, true = counts
        if found or true:
            words = "untouched" if kind == "none" else kind
            print(f"  {words:22} {share(right, found):>22} {share(right, true):>22}")


def share(part: int, whole: int) -> str:
    """``99.1 % of 1,204``."""
    return f"{100 * part / whole:.1f} % of {whole:,}" if whole else "–"


if __name__ == "__main__":
    sys.exit(main())
