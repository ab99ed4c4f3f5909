"""Whether texts for training repeat what a model is measured on.

A sentence repeats another if both are the same once case, punctuation and white space
are set aside, or if their character 5-grams overlap by a Jaccard index above 0.6. The
search is exact and quick: two sets that overlap that much must share one of the rarest
grams of either (prefix filtering; Chaudhuri et al. 2006, Bayardo et al. 2007), and indeed
several of somewhat longer prefixes (Wang et al. 2012).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, Literal

from claimcheck.corpus import LabelledSentence
from claimcheck.errors import CorpusError
from claimcheck.training.rawtexts import RawText

__all__ = [
    "BOILERPLATE_WORDS",
    "Exclusions",
    "Measured",
    "Repeat",
    "disjoint_faults",
    "leaks_between",
    "near_duplicates",
    "normalised",
    "raw_leaks",
    "trainable",
]

BOILERPLATE_WORDS: Final = 6
"""A repeat with fewer words ("Side effects", "Get email updates") says nothing of where
it came from; such repeats are listed apart and are no leak."""

_SIZE: Final = 5
_SHARED: Final = 4  # rare grams that candidates share; more sift better and take longer lists
_NOT_WORD: Final = re.compile(r"[\W_]+")
_SCHEMA: Final = "claimcheck.exclusions/1"


def normalised(text: str) -> str:
    """Letters and digits in one case, runs of anything else made one space."""
    return _NOT_WORD.sub(" ", text.casefold()).strip()


def near_duplicates(
    left: Sequence[str], right: Sequence[str], threshold: float = 0.6
) -> tuple[tuple[int, int, float], ...]:
    """Pairs of texts that say the same in almost the same characters.

    Texts are compared as :func:`normalised`, by the Jaccard index of their sets of
    character 5-grams; a shorter text is its own only gram. Texts without a letter or
    digit repeat nothing.

    :param threshold: pairs above it are returned, 0–1 (exclusive; equal texts have 1).
    :returns: ``(index in left, index in right, Jaccard index)``, in that order.
    """
    if not 0 < threshold < 1:
        raise ValueError(f"threshold {threshold} is not between 0 and 1")
    import numpy as np

    grams_left, grams_right = _ranked(left, right)
    postings = _postings(grams_right, threshold)
    sets = [frozenset(grams) for grams in grams_right]
    found: list[tuple[int, int, float]] = []
    for index, grams in enumerate(grams_left):
        lists = [postings[gram] for gram in _prefix(grams, threshold) if gram in postings]
        if not lists:
            continue
        shared_rare = np.bincount(np.concatenate(lists), minlength=1)
        least = min(_SHARED, math.ceil(threshold * len(grams)))
        own = frozenset(grams)
        for other in np.flatnonzero(shared_rare >= least).tolist():
            similarity = _jaccard(own, sets[other], least=threshold)
            if similarity > threshold:
                found.append((index, other, similarity))
    return tuple(found)


def _jaccard(one: frozenset[int], other: frozenset[int], *, least: float) -> float:
    """Share of common grams, 0–1; 0 at once where the sizes alone rule out ``least``."""
    if not least * len(one) < len(other) < len(one) / least:
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def _grams(text: str) -> set[str]:
    text = normalised(text)
    if len(text) <= _SIZE:
        return {text} if text else set()
    return {text[start : start + _SIZE] for start in range(len(text) - _SIZE + 1)}


def _ranked(left: Sequence[str], right: Sequence[str]) -> tuple[list[list[int]], list[list[int]]]:
    """Each text's grams as numbers, rarest first; ties in the order of the alphabet."""
    sides = [[_grams(text) for text in side] for side in (left, right)]
    counts = Counter(gram for side in sides for grams in side for gram in grams)
    order = sorted(counts, key=lambda gram: (counts[gram], gram))
    rank = {gram: number for number, gram in enumerate(order)}
    ranked = [[sorted(rank[gram] for gram in grams) for grams in side] for side in sides]
    return ranked[0], ranked[1]


def _postings(texts: Sequence[Sequence[int]], threshold: float) -> dict[int, Any]:
    """For each gram of a prefix the numbers of the texts, as an array."""
    import numpy as np

    lists: dict[int, list[int]] = defaultdict(list)
    for index, grams in enumerate(texts):
        for gram in _prefix(grams, threshold):
            lists[gram].append(index)
    return {gram: np.array(indices, dtype=np.int64) for gram, indices in lists.items()}


def _prefix(grams: Sequence[int], threshold: float) -> Sequence[int]:
    """The rarest grams, of which two texts that overlap enough share ``_SHARED`` or more.

    Both must share ``least`` of the grams or more; of a set's rarest ``size - least + k``
    at least ``k`` are then among the other's. Small sets share fewer and are taken whole.
    """
    least = math.ceil(threshold * len(grams))
    return grams[: len(grams) - least + min(_SHARED, least)]


# ---------------------------------------------------------------------- what must not be seen


@dataclass(frozen=True, slots=True)
class Measured:
    """The documents and sentences that a model is measured on."""

    documents: frozenset[str]
    sentences: tuple[str, ...]
    places: tuple[str, ...]

    @classmethod
    def of(cls, sentences: Iterable[LabelledSentence]) -> Measured:
        """Everything in the given sentences; pass dev and test only."""
        rows = tuple(sentences)
        return cls(
            documents=frozenset(row.doc.casefold() for row in rows),
            sentences=tuple(row.text for row in rows),
            places=tuple(f"{row.doc} {row.passage} {row.n}" for row in rows),
        )

    def with_whole_documents(self, texts: Iterable[RawText]) -> Measured:
        """The same, with the unlabelled sentences of measured documents among ``texts``.

        Sentences under :data:`BOILERPLATE_WORDS` words are left out: a page has many
        (menus, captions), and they prove nothing.
        """
        known = {normalised(text) for text in self.sentences}
        sentences, places = list(self.sentences), list(self.places)
        for raw in texts:
            document = self.holds(raw)
            text = normalised(raw.text)
            if document is None or text in known or len(text.split()) < BOILERPLATE_WORDS:
                continue
            known.add(text)
            sentences.append(raw.text)
            places.append(f"{document} (unlabelled)")
        return Measured(self.documents, tuple(sentences), tuple(places))

    def holds(self, raw: RawText) -> str | None:
        """The measured document that a text is of, by any of its names; else null."""
        return next((name for name in raw.names if name.casefold() in self.documents), None)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A text for training that leaks.

    ``by`` is ``document`` where it comes from a measured document itself, ``sentence``
    where it repeats a measured sentence. ``boilerplate`` repeats are no leak.
    """

    id: str
    by: Literal["document", "sentence"]
    of: str
    similarity: float = 1.0
    boilerplate: bool = False


@dataclass(slots=True)
class Exclusions:
    """What training must leave out, by the name of the file it stands in.

    ``documents`` are ids of articles, pages or rows of a raw set; ``sentences`` are
    ``[doc, passage, n]`` of a corpus.
    """

    documents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sentences: dict[str, set[tuple[str, str, int]]] = field(
        default_factory=lambda: defaultdict(set)
    )

    @classmethod
    def read(cls, path: Path) -> Exclusions:
        """Read a list that :meth:`to_json_dict` gave.

        :raises CorpusError: it cannot be read, or is no such list.
        """
        try:
            data = json.loads(path.read_bytes())
            if data.get("schema") != _SCHEMA:
                raise CorpusError(f"{path}: its schema is not {_SCHEMA}; see docs/corpora.md")
            made = cls()
            for name, ids in data["documents"].items():
                made.documents[name].update(ids)
            for name, places in data["sentences"].items():
                made.sentences[name].update((doc, passage, int(n)) for doc, passage, n in places)
        except OSError as error:
            raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise CorpusError(f"{path}: is no list of exclusions; see docs/corpora.md") from error
        return made

    def to_json_dict(self) -> dict[str, Any]:
        """Plain JSON types, everything sorted."""
        return {
            "schema": _SCHEMA,
            "documents": {name: sorted(ids) for name, ids in sorted(self.documents.items()) if ids},
            "sentences": {
                name: [list(place) for place in sorted(places)]
                for name, places in sorted(self.sentences.items())
                if places
            },
        }

    def keeps(self, sentence: LabelledSentence, *, name: str) -> bool:
        """Whether a sentence of the corpus ``name`` may be trained on."""
        place = (sentence.doc, sentence.passage, sentence.n)
        return place not in self.sentences.get(name, ())

    def keeps_raw(self, raw: RawText, *, name: str) -> bool:
        """Whether a text of the raw set ``name`` may be trained on."""
        return raw.id not in self.documents.get(name, ())


def trainable(rows: Sequence[LabelledSentence]) -> tuple[LabelledSentence, ...]:
    """Sentences without those that repeat a text of a dev or test document.

    The list (``excluded.json``) was written by ``scripts/check_leakage.py``. It goes by
    document and place, so that another name of the file changes nothing.
    """
    with as_file(files("claimcheck.training") / "excluded.json") as path:
        lists = Exclusions.read(path).sentences.values()
    left_out = {place for places in lists for place in places}
    return tuple(row for row in rows if (row.doc, row.passage, row.n) not in left_out)


def leaks_between(
    training: Sequence[LabelledSentence], measured: Measured
) -> tuple[tuple[LabelledSentence, Repeat], ...]:
    """Training sentences of a measured document, or that repeat a measured sentence.

    One entry a training sentence, its closest repeat, in the order of ``training``.
    """
    raw = [RawText(f"{row.doc} {row.passage} {row.n}", row.text, (row.doc,)) for row in training]
    return tuple((training[index], repeat) for index, repeat in _repeats(raw, measured))


def raw_leaks(texts: Iterable[RawText], measured: Measured) -> tuple[Repeat, ...]:
    """What leaks from a raw set: one entry a text, in order. An id may occur in several."""
    return tuple(repeat for _, repeat in _repeats(tuple(texts), measured))


def _repeats(texts: Sequence[RawText], measured: Measured) -> Iterator[tuple[int, Repeat]]:
    best: dict[int, tuple[int, float]] = {}
    for index, other, similarity in near_duplicates(
        [raw.text for raw in texts], measured.sentences
    ):
        if similarity > best.get(index, (0, 0.0))[1]:
            best[index] = (other, similarity)
    for index, raw in enumerate(texts):
        document = measured.holds(raw)
        if document is not None:
            yield index, Repeat(raw.id, "document", document)
        elif index in best:
            other, similarity = best[index]
            words = min(len(raw.text.split()), len(measured.sentences[other].split()))
            yield (
                index,
                Repeat(
                    raw.id,
                    "sentence",
                    measured.places[other],
                    similarity,
                    boilerplate=words < BOILERPLATE_WORDS,
                ),
            )


def disjoint_faults(splits: Mapping[str, Sequence[LabelledSentence]]) -> tuple[str, ...]:
    """What two splits of one corpus share: documents, passages, near-duplicate sentences."""
    faults: list[str] = []
    names = list(splits)
    for number, first in enumerate(names):
        for second in names[number + 1 :]:
            for what in ("doc", "passage"):
                shared = {getattr(row, what) for row in splits[first]} & {
                    getattr(row, what) for row in splits[second]
                }
                faults += [f"{what} {one} stands in {first} and {second}" for one in sorted(shared)]
            faults += _sentences_shared(first, second, splits)
    return tuple(faults)


def _sentences_shared(
    first: str, second: str, splits: Mapping[str, Sequence[LabelledSentence]]
) -> Iterator[str]:
    left_texts, right_texts = ([row.text for row in splits[name]] for name in (first, second))
    for left, right, similarity in near_duplicates(left_texts, right_texts):
        one, other = splits[first][left], splits[second][right]
        if min(len(one.text.split()), len(other.text.split())) >= BOILERPLATE_WORDS:
            yield (
                f"{one.passage} {one.n} of {first} repeats {other.passage} {other.n} of {second} "
                f"({similarity:.2f})"
            )
