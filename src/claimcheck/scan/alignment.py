"""Which sentence of a new version is which sentence of the old one.

Searching the new text for something like an old sentence lands on look-alikes: health
pages repeat one sentence with another drug, number or group of people. So the sentences
of both versions are aligned as two sequences, in three steps:

1. **same**: identical sentences in the same order, as many as can be (a longest common
   subsequence, so sentences that occur several times are told apart by their position);
2. **moved**: identical words elsewhere, if they occur once in each version;
3. **changed**: what is left between the same two neighbours in both versions, if the
   two sentences share enough words (:data:`CHANGED_CUT`), clearly more than either
   shares with any rival between those neighbours (:data:`CLEAR_MARGIN`), in the same
   order, and no sentence left over elsewhere is more alike.

Everything else was **added** or **removed**. A pair that is missed costs a second look;
a wrong pair would carry a decision over to a sentence that nobody decided on.

*Identical* means equal as :func:`normalised`: white space, the shape of quotation marks
and invisible characters do not count; a capital, a comma and a digit do.

The work grows as *n* log *n* with the sentences of an article, but for gaps in which
everything was rewritten; those are bounded by :data:`LARGEST_GAP` and
:data:`MOST_COMPARISONS`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

__all__ = [
    "CHANGED_CUT",
    "CLEAR_MARGIN",
    "LARGEST_GAP",
    "MOST_COMPARISONS",
    "MOST_MATCHES",
    "Pair",
    "PairKind",
    "align",
    "normalised",
    "similarity",
]

PairKind = Literal["same", "moved", "changed", "added", "removed"]

CHANGED_CUT: Final = 0.5
"""Least similarity of a changed pair. Measured by ``scripts/measure_alignment.py``."""

CLEAR_MARGIN: Final = 0.15
"""By how much a changed pair must be more alike than each of its two sentences is with any
other sentence of the same gap.
"""

LARGEST_GAP: Final = 250_000
"""Most comparisons in one gap, old sentences times new ones (500 by 500). In a larger gap, a
page that was rewritten from end to end, no sentence counts as changed.
"""

MOST_COMPARISONS: Final = 1_000_000
"""Most comparisons, over the whole article, with sentences left over elsewhere. When they are
used up, what has not been compared yet does not count as changed.
"""

MOST_MATCHES: Final = 1_000_000
"""Most pairs of equal sentences that the search for the longest subsequence considers. Above
it (a thousand times "Read more." on each side) the first occurrence can only be the first, the
second only the second.
"""

_SHAPES = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ‛", "'"),
        **dict.fromkeys("“”„‟", '"'),
        **dict.fromkeys("\u2010\u2011", "-"),
        # Soft hyphens, zero-width spaces and joiners, and byte-order marks come and go
        # with a site's software and are seen by nobody.
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
_WORD = re.compile(r"\w+(?:[.,:/'\-]\w+)*")

_Words = frozenset[tuple[str, int]]
"""The words of a sentence as a multiset: each with the number of its occurrence."""

_Match = tuple[int, int]
"""Index of a sentence in the old version, index of its partner in the new one."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence of the old version, of the new one, or of both.

    ``old`` and ``new`` are indices, from 0; ``old`` is null exactly if the kind is
    ``added``, ``new`` exactly if it is ``removed``. ``similarity`` is the share of
    words in common (:func:`similarity`): 1 for ``same`` and ``moved``, 0 where a side
    is missing.

    As JSON: ``{"kind": "changed", "old": 3, "new": 4, "similarity": 0.8333}``, the
    similarity rounded to four places.
    """

    kind: PairKind
    old: int | None
    new: int | None
    similarity: float = 0.0

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types, keys in the order above."""
        return {
            "kind": self.kind,
            "old": self.old,
            "new": self.new,
            "similarity": round(self.similarity, 4),
        }


def align(old: Sequence[str], new: Sequence[str]) -> tuple[Pair, ...]:
    """Align the sentences of two versions of a text.

    :param old: the sentences of the old version, in reading order.
    :param new: those of the new version.
    :returns: pairs in which every index of either side occurs exactly once; in reading
        order of the new version, with removed sentences where they stood. Pairs of the
        kinds ``same`` and ``changed`` never cross each other. The same input always
        gives the same pairs.
    """
    names: dict[str, int] = {}
    olds = [names.setdefault(normalised(sentence), len(names)) for sentence in old]
    news = [names.setdefault(normalised(sentence), len(names)) for sentence in new]
    same = _in_order(olds, news)
    moved = _moved(olds, news, same)
    changed = _changed(old, new, same=same, moved=moved)
    found = [Pair("same", i, j, 1.0) for i, j in same]
    found += [Pair("moved", i, j, 1.0) for i, j in moved]
    found += [Pair("changed", i, j, alike) for (i, j), alike in changed.items()]
    return tuple(_script(found, sizes=(len(old), len(new))))


def normalised(sentence: str) -> str:
    """The sentence as it is compared for identity.

    White space is single and absent at the ends, quotation marks, apostrophes and
    hyphens have their plain shape, invisible characters are left out, and accents are
    composed (NFC). Case and punctuation stay: "Is it safe?" is not "Is it safe."
    """
    return " ".join(unicodedata.normalize("NFC", sentence).translate(_SHAPES).split())


def similarity(one: str, other: str) -> float:
    """The share of words that two sentences have in common, 0 to 1, whatever their order.

    Twice the words in common over the words of both (the Dice coefficient of the two
    multisets of words). Case does not count; a number with its decimals is one word. 0 if
    either has no words.
    """
    return _dice(_words(one), _words(other))


def _words(sentence: str) -> _Words:
    counts = Counter(_WORD.findall(normalised(sentence).casefold()))
    return frozenset((word, n) for word, count in counts.items() for n in range(count))


def _dice(one: _Words, other: _Words) -> float:
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


# ---------------------------------------------------------------------- same


def _in_order(old: Sequence[int], new: Sequence[int]) -> list[_Match]:
    """A longest common subsequence. What is equal at both ends is taken off first."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner = _longest_chain(old[head : len(old) - tail], new[head : len(new) - tail])
    return [
        *((i, i) for i in range(head)),
        *((head + i, head + j) for i, j in inner),
        *((len(old) - k, len(new) - k) for k in range(tail, 0, -1)),
    ]


@dataclass(frozen=True, slots=True)
class _Link:
    """The last match of a chain, and the chain before it."""

    match: _Match
    before: _Link | None


def _longest_chain(old: Sequence[int], new: Sequence[int]) -> list[_Match]:
    """A longest common subsequence, by Hunt and Szymanski's method.

    ``ends[k]`` is the lowest position in ``new`` at which a chain of k + 1 matches can
    end. Each pair of equal sentences costs one binary search, and almost all sentences
    of an article occur once.
    """
    counts = Counter(new)
    if sum(counts[name] for name in old) > MOST_MATCHES:
        old, new = _numbered(old, new)
    places: defaultdict[int, list[int]] = defaultdict(list)
    for position, name in enumerate(new):
        places[name].append(position)
    ends: list[int] = []
    links: list[_Link] = []
    for i, name in enumerate(old):
        # From the back, so that a sentence is never chained to itself.
        for j in reversed(places.get(name, ())):
            k = bisect_left(ends, j)
            if k < len(ends) and ends[k] == j:
                continue  # the chain that is there came to this place with an earlier sentence
            link = _Link((i, j), links[k - 1] if k else None)
            ends[k : k + 1] = [j]
            links[k : k + 1] = [link]
    chain: list[_Match] = []
    last = links[-1] if links else None
    while last is not None:
        chain.append(last.match)
        last = last.before
    return chain[::-1]


def _numbered(*versions: Sequence[int]) -> list[list[int]]:
    """The versions with every occurrence of a sentence under a name of its own."""
    names: dict[tuple[int, int], int] = {}
    made = []
    for version in versions:
        seen: Counter[int] = Counter()
        row = []
        for name in version:
            row.append(names.setdefault((name, seen[name]), len(names)))
            seen[name] += 1
        made.append(row)
    return made


# ---------------------------------------------------------------------- moved


def _moved(old: Sequence[int], new: Sequence[int], same: Iterable[_Match]) -> list[_Match]:
    """Sentences that stand once in each version, with the same words, in another order."""
    settled = {i for i, _ in same}
    in_old, in_new = Counter(old), Counter(new)
    place = {name: j for j, name in enumerate(new) if in_new[name] == 1}
    return [
        (i, place[name])
        for i, name in enumerate(old)
        if i not in settled and in_old[name] == 1 and name in place
    ]


# ---------------------------------------------------------------------- changed


def _changed(
    old: Sequence[str], new: Sequence[str], *, same: Sequence[_Match], moved: Sequence[_Match]
) -> dict[_Match, float]:
    """Changed pairs with their similarity, among what is left over, in reading order."""
    settled = [*same, *moved]
    old_words = _left_over(old, {i for i, _ in settled})
    new_words = _left_over(new, {j for _, j in settled})
    old_gaps = _gaps(old_words, [i for i, _ in same])
    new_gaps = _gaps(new_words, [j for _, j in same])
    found: dict[_Match, float] = {}
    for gap, inside in old_gaps.items():
        if gap in new_gaps:
            found.update(_in_gap(inside, new_gaps[gap], old_words, new_words))
    old_crowd, new_crowd = _Crowd(old_words), _Crowd(new_words)
    return {
        (i, j): alike
        for (i, j), alike in found.items()
        if not new_crowd.has_closer(old_words[i], than=alike)
        and not old_crowd.has_closer(new_words[j], than=alike)
    }


def _left_over(sentences: Sequence[str], settled: Collection[int]) -> dict[int, _Words]:
    return {i: _words(one) for i, one in enumerate(sentences) if i not in settled}


def _gaps(left: Iterable[int], anchors: Sequence[int]) -> dict[int, list[int]]:
    """What is left over, by the number of sentences before it that stand in both versions."""
    gaps: defaultdict[int, list[int]] = defaultdict(list)
    for position in left:
        gaps[bisect_right(anchors, position)].append(position)
    return dict(gaps)


def _in_gap(
    olds: Sequence[int],
    news: Sequence[int],
    old_words: Mapping[int, _Words],
    new_words: Mapping[int, _Words],
) -> dict[_Match, float]:
    """Pairs of one gap that are alike enough, by a clear margin, and do not cross."""
    if len(olds) * len(news) > LARGEST_GAP:
        return {}
    table = [[_dice(old_words[i], new_words[j]) for j in news] for i in olds]
    columns = [_two_best(column) for column in zip(*table, strict=True)]
    clear: list[tuple[float, _Match]] = []
    for i, row in zip(olds, table, strict=True):
        best, second = _two_best(row)
        column_best, column_second = columns[row.index(best)]
        if best < CHANGED_CUT or best < column_best:
            continue
        if best - max(second, column_second) >= CLEAR_MARGIN:
            clear.append((best, (i, news[row.index(best)])))
    clear.sort(key=lambda item: (-item[0], item[1]))
    kept: list[_Match] = []
    found: dict[_Match, float] = {}
    for alike, match in clear:
        if not _crosses(match, kept):
            insort(kept, match)
            found[match] = alike
    return {match: found[match] for match in kept}


def _two_best(values: Sequence[float]) -> tuple[float, float]:
    best = second = 0.0
    for value in values:
        if value > best:
            best, second = value, best
        elif value > second:
            second = value
    return best, second


def _crosses(match: _Match, kept: Sequence[_Match]) -> bool:
    """Whether a match runs across one of ``kept``, which is in order on both sides."""
    place = bisect_left(kept, match)
    before = place > 0 and kept[place - 1][1] > match[1]
    after = place < len(kept) and kept[place][1] < match[1]
    return before or after


class _Crowd:
    """The sentences of one version that nothing identical was found for."""

    def __init__(self, words: Mapping[int, _Words]) -> None:
        self._words = words
        self._holders: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for position, found in words.items():
            for word in found:
                self._holders[word].append(position)
        self._budget = MOST_COMPARISONS

    def has_closer(self, words: _Words, *, than: float) -> bool:
        """Whether a sentence of the crowd is more like ``words`` than the partner found.

        To be more alike, a sentence must share more than ``than`` · n / (2 − ``than``)
        of the n words, so it holds one of the rarest others: only the holders of
        those are compared. True as well when the comparisons are used up.
        """
        needed = int(than * len(words) / (2 - than)) + 1
        rarest = sorted(words, key=lambda word: (len(self._holders.get(word, ())), word))
        seen: set[int] = set()
        for word in rarest[: max(0, len(words) - needed + 1)]:
            for position in self._holders.get(word, ()):
                if position in seen:
                    continue
                seen.add(position)
                self._budget -= 1
                if self._budget < 0 or _dice(words, self._words[position]) > than:
                    return True
        return False


# ---------------------------------------------------------------------- the whole


def _script(found: Sequence[Pair], *, sizes: tuple[int, int]) -> Iterator[Pair]:
    """The pairs in reading order, with what was added and removed."""
    paired_old = {pair.old for pair in found}
    paired_new = {pair.new for pair in found}
    removed = [i for i in range(sizes[0]) if i not in paired_old]
    placed = [(pair.new, 1, 0, pair) for pair in found if pair.new is not None]
    placed += [(j, 1, 0, Pair("added", None, j)) for j in range(sizes[1]) if j not in paired_new]
    # A removed sentence stood before the next one, in the old order, that is still in place.
    fixed = sorted(
        (pair.old, pair.new)
        for pair in found
        if pair.kind != "moved" and pair.old is not None and pair.new is not None
    )
    for i in removed:
        after = bisect_left(fixed, (i, -1))
        before = fixed[after][1] if after < len(fixed) else sizes[1]
        placed.append((before, 0, i, Pair("removed", i, None)))
    placed.sort(key=lambda item: item[:3])
    return (pair for *_, pair in placed)
