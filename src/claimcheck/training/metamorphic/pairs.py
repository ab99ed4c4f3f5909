"""Metamorphic pairs: built evenly from a corpus, scored in context, counted.

A pair is a sentence and its edit by one of
:data:`~claimcheck.training.metamorphic.TRANSFORMATIONS`. Both are judged by the checker
between the sentence before and the sentence after, which stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from claimcheck.checker import Checker
from claimcheck.claims import Analyser, Analysis
from claimcheck.corpus import LabelledSentence, passages_of
from claimcheck.errors import CorpusError
from claimcheck.judge.features import Case
from claimcheck.training.examples import laid_out
from claimcheck.training.metamorphic.clauses import alone
from claimcheck.training.metamorphic.rewrite import rank_of
from claimcheck.training.metamorphic.table import TRANSFORMATIONS, Transformation

__all__ = [
    "MOVE",
    "SAME",
    "Outcome",
    "Pair",
    "Place",
    "Row",
    "build_pairs",
    "measure",
    "measure_batches",
    "places_of",
    "rows_of",
]

MOVE = 0.05
"""What counts as a move of the score."""
SAME = 0.02
"""How much a score may change after an edit that means nothing."""
_NOISE = 1e-6
_ROOM = 0.10
_CORRELATIONAL, _DIRECT = 2, 5
_BENEFITS = ("efficacy", "mechanism", "comparison", "risk")
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Place:
    """A labelled sentence, analysed, between its neighbours."""

    gold: LabelledSentence
    before: Analysis | None
    analysis: Analysis
    after: Analysis | None

    def context(self, edited: Analysis | None = None) -> tuple[tuple[Analysis, ...], int]:
        """Up to three analyses, and which of them is the sentence, or its edit in its place."""
        shown = self.analysis
        if edited is not None:
            shown = replace(edited, block=shown.block, kind=shown.kind, level=shown.level)
        found = tuple(one for one in (self.before, shown, self.after) if one is not None)
        return found, int(self.before is not None)


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its edit. ``alone``: one verb carries all that the sentence claims.

    ``text`` is empty where nothing is edited and only the batch differs.
    """

    transformation: Transformation
    place: Place
    text: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The scores of a pair, 0 to 1: of the sentence (``before``) and of its edit (``after``)."""

    pair: Pair
    before: float
    after: float

    @property
    def violates(self) -> bool:
        """Whether the score went the wrong way, or moved where nothing was said."""
        change, direction = self.after - self.before, self.pair.transformation.direction
        if direction == "same":
            return abs(change) > SAME + _NOISE
        return change > _NOISE if direction == "not-up" else change < -_NOISE

    @property
    def moved(self) -> bool:
        """Whether the score moved the right way by :data:`MOVE` or more."""
        change = self.after - self.before
        return (-change if self._lowers else change) >= MOVE - _NOISE

    @property
    def room(self) -> bool:
        """Whether the score could move: the bolder member is seen as a claim at all, and a
        sentence that is made bolder is not at the top already.
        """
        if self._lowers:
            return self.before >= _ROOM
        bolder = self.after if self.pair.transformation.name.startswith("drop") else self.before
        return bolder >= _ROOM and self.before <= 1 - _ROOM

    @property
    def _lowers(self) -> bool:
        return self.pair.transformation.direction == "not-up"


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of one transformation, or of all.

    ``moved`` of ``applicable``: pairs with room whose sentence makes one claim (see
    :func:`~claimcheck.training.metamorphic.clauses.alone`); ``moved_with_room`` of ``with_room``
    drops that second condition; ``moved_all`` of ``moving`` counts every hedge and proof pair.
    """

    name: str
    n: int
    sentences: int
    violations: int
    applicable: int
    moved: int
    with_room: int
    moved_with_room: int
    moved_all: int
    moving: int

    @property
    def moves(self) -> bool:
        """Whether any of the edits should move the score."""
        return self.moving > 0


def places_of(
    sentences: Iterable[LabelledSentence], *, analyser: Analyser | None = None
) -> tuple[Place, ...]:
    """Analyse labelled sentences; of sentences with the same text only the first is kept."""
    passages = passages_of(sentences)
    analysed = (analyser or Analyser()).sentences(s.text for passage in passages for s in passage)
    found: dict[str, Place] = {}
    for passage in passages:
        analyses = laid_out([next(analysed) for _ in passage])
        for index, gold in enumerate(passage):
            before = analyses[index - 1] if index else None
            after = analyses[index + 1] if index + 1 < len(analyses) else None
            found.setdefault(gold.text, Place(gold, before, analyses[index], after))
    return tuple(found.values())


def _fits(place: Place, transformation: Transformation) -> bool:
    """Whether the labels confirm what the direction presupposes."""
    gold = place.gold
    if transformation.about == "anything":
        return True
    if transformation.about == "denied-harm":
        return gold.kind == "safety" and "minimised-harm" in gold.issues
    if transformation.about == "stated-harm":
        return gold.kind == "safety" and gold.label == "OK"
    if gold.label == "NONE" or gold.kind not in _BENEFITS:
        return False
    if gold.kind == "risk" and not _lowers_risk(place.analysis):
        return False
    if transformation.direction == "not-down" and not transformation.name.startswith("drop"):
        return gold.strength >= _DIRECT
    return gold.strength >= _CORRELATIONAL


def _lowers_risk(analysis: Analysis) -> bool:
    """The labels of an exposure do not say whether it is good or bad for people."""
    return any(claim.polarity == "+" for claim in analysis.claims) and any(
        mention.kind == "intervention" for mention in analysis.mentions
    )


def build_pairs(
    places: Sequence[Place],
    *,
    wanted: int,
    transformations: Sequence[Transformation] = TRANSFORMATIONS,
) -> tuple[Pair, ...]:
    """Pairs, evenly over the transformations, at most a tenth of them from one.

    The same corpus gives the same pairs. Within a transformation sentences are drawn by
    a hash of their text.

    :param wanted: how many pairs in all.
    :raises CorpusError: the corpus is too small for that many.
    """
    offers: list[list[Pair]] = []
    for transformation in transformations:
        found = []
        for place in places:
            if not _fits(place, transformation):
                continue
            text = transformation.edit(place.analysis)
            if text is not None:
                found.append(Pair(transformation, place, text, alone(place.analysis)))
        found.sort(key=lambda pair: rank_of(pair.place.analysis.text, pair.transformation.name))
        offers.append(found)
    sizes = _shares([len(offer) for offer in offers], wanted)
    if sum(sizes) < wanted:
        raise CorpusError(
            f"the corpora give {sum(sizes)} pairs, {wanted} are wanted; name more corpora or "
            "splits with --data and --split, or ask for fewer with --pairs"
        )
    return tuple(pair for offer, size in zip(offers, sizes, strict=True) for pair in offer[:size])


def _shares(available: Sequence[int], wanted: int) -> list[int]:
    """How many to take of each: as even as can be, none more than a tenth of ``wanted``."""
    most = wanted // 10
    sizes = [0] * len(available)
    while sum(sizes) < wanted:
        growing = [i for i, n in enumerate(available) if sizes[i] < min(n, most)]
        if not growing:
            break
        step = max(1, (wanted - sum(sizes)) // len(growing))
        for i in growing:
            step = min(step, wanted - sum(sizes))
            sizes[i] += min(step, min(available[i], most) - sizes[i])
    return sizes


def measure(checker: Checker, pairs: Sequence[Pair]) -> Iterator[Outcome]:
    """Score both members of every pair, in order.

    Each context is judged by itself, so that no score depends on what else is measured.
    """
    edited = checker.analyser.sentences([pair.text for pair in pairs])
    known: dict[str, float] = {}
    for pair, analysis in zip(pairs, edited, strict=True):
        text = pair.place.analysis.text
        if text not in known:
            known[text] = _score(checker, pair.place.context())
        yield Outcome(pair, known[text], _score(checker, pair.place.context(analysis)))


def _score(checker: Checker, context: tuple[tuple[Analysis, ...], int]) -> float:
    analyses, index = context
    return _number(checker.judged(analyses)[index].verdict.score)


def _number(score: float | None) -> float:
    """A sentence that the first stage sets aside has no score; nobody is shown it."""
    return 0.0 if score is None else float(score)


def measure_batches(checker: Checker, places: Sequence[Place]) -> Iterator[Outcome]:
    """Scores one by one against scores in batches, and in batches the other way round.

    A batch is of sentences in their own contexts. They are not laid out as one text:
    a limit that an article states anywhere bears on all its claims, so there the order of
    sections may rightly count.
    """
    for start in range(0, len(places), _BATCH):
        batch = places[start : start + _BATCH]
        cases = [_case(checker, place) for place in batch]
        single = [checker.judge.verdicts([case])[0].score for case in cases]
        together = [one.score for one in checker.judge.verdicts(cases)]
        backwards = [one.score for one in checker.judge.verdicts(cases[::-1])][::-1]
        for name, others in (("batch-size", together), ("batch-order", backwards)):
            kind = Transformation(name, "same", lambda _: None, about="anything")
            for place, before, after in zip(batch, single, others, strict=True):
                yield Outcome(Pair(kind, place, "", False), _number(before), _number(after))


def _case(checker: Checker, place: Place) -> Case | None:
    analyses, index = place.context()
    return checker.judged(analyses)[index].case


def rows_of(outcomes: Iterable[Outcome]) -> tuple[Row, ...]:
    """Counts by transformation, in the order in which they come, and over all at the end."""
    outcomes = tuple(outcomes)
    rows = [
        _row(name, tuple(group))
        for name, group in groupby(
            sorted(outcomes, key=lambda one: _order(one.pair.transformation.name)),
            key=lambda one: one.pair.transformation.name,
        )
    ]
    return (*rows, _row("all", outcomes))


def _order(name: str) -> tuple[int, str]:
    names = [transformation.name for transformation in TRANSFORMATIONS]
    return (names.index(name) if name in names else len(names), name)


def _row(name: str, outcomes: Sequence[Outcome]) -> Row:
    moving = [one for one in outcomes if one.pair.transformation.moves]
    roomy = [one for one in moving if one.room]
    fair = [one for one in roomy if one.pair.alone]
    return Row(
        name=name,
        n=len(outcomes),
        sentences=len({one.pair.place.analysis.text for one in outcomes}),
        violations=sum(one.violates for one in outcomes),
        applicable=len(fair),
        moved=sum(one.moved for one in fair),
        with_room=len(roomy),
        moved_with_room=sum(one.moved for one in roomy),
        moved_all=sum(one.moved for one in moving),
        moving=len(moving),
    )
