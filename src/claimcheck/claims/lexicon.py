"""Cue lexicons: reading, checking and matching them.

The entries are data files (``data/lexicons/*.jsonl``, one a cue class); their format
and pattern language are described in ``data/lexicons/README.md``. Matching is done
here, on plain tokens, from an index by first word: a sentence costs tens of
microseconds, whatever the number of entries.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from claimcheck.claims.gazetteer import Mention, default_gazetteer
from claimcheck.claims.tokens import Token, lemma_forms
from claimcheck.errors import LexiconError

__all__ = [
    "CUE_CLASSES",
    "Lexicon",
    "LexiconEntry",
    "Match",
    "Pattern",
    "check_entries",
    "compile_pattern",
    "default_lexicon",
    "lexicon_files",
    "load_lexicon",
    "marks_of",
]

NumberKind = Literal["any", "small", "year"]

CUE_CLASSES = frozenset(
    {
        "ability",
        "advice",
        "anecdote",
        "authority",
        "booster-absolute",
        "booster-degree",
        "boosted-hedge",
        "causal",
        "caveat",
        "comparison",
        "correlational",
        "cure",
        "debunk",
        "denied-harm",
        "design",
        "disease-mongering",
        "evidential-named",
        "evidential-vague",
        "harm-term",
        "hedge-adjective",
        "hedge-adverb",
        "hedge-limitation",
        "hedge-modal",
        "hedge-verb",
        "hype-hyperbolic",
        "hype-mild",
        "magnitude-vague",
        "minimiser",
        "natural-appeal",
        "net-benefit",
        "no-relation",
        "pseudo-hedge",
        "quantity-vague",
        "relative-risk",
        "single-study",
        "surrogate",
        "weight-loss-impossible",
    }
)
"""The classes that the scope rules and the catalogue know."""

_LEVELLED = {
    "ability": (0, 6),
    "causal": (0, 6),
    "cure": (0, 6),
    "correlational": (0, 6),
    "no-relation": (0, 6),
    "hedge-modal": (0, 6),
    "hedge-verb": (0, 6),
    "hedge-adverb": (0, 6),
    "hedge-adjective": (0, 6),
    "hedge-limitation": (0, 6),
    "pseudo-hedge": (0, 6),
    "boosted-hedge": (0, 6),
    "design": (1, 9),
}
_FIELDS = {"id", "pattern", "level", "unless", "fires", "quiet", "note"}
_POS = {
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON",
    "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
}  # fmt: skip
_BOUNDARY = frozenset(";:.!?")
_GAP = re.compile(r"\{(\d+)\}\Z")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL_WORDS = frozenset(
    {
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen", "dozen", *_TENS,
    }
)  # fmt: skip
_NUMBERS: Mapping[str, NumberKind] = {"#": "any", "##": "small", "####": "year"}
_NUMBER_WORDS = frozenset({"half", "third", "quarter", "dozen"})
_MARKS = frozenset({"<condition>", "<intervention>", "<outcome>", "<population>"})

Marks = Mapping[int, frozenset[str]]
"""Gazetteer kinds by token index, for the terms ``<condition>`` and the like."""


@dataclass(frozen=True, slots=True)
class _Alternative:
    word: str
    lemma: bool
    pos: str | None

    def accepts(self, token: Token, marks: Marks) -> bool:
        if self.word in _MARKS:
            return self.word[1:-1] in marks.get(token.i, ())
        if self.pos is not None and token.pos != self.pos and not self._mistagged(token):
            return False
        if self.lemma:
            return self.word in lemma_forms(token.lower, token.lemma)
        return token.lower == self.word

    def _mistagged(self, token: Token) -> bool:
        # "Alcohol damages the liver": a plural noun at the root of a sentence is a
        # verb that the tagger has missed.
        return (
            self.pos == "VERB"
            and token.pos in ("NOUN", "PROPN")
            and token.dep == "ROOT"
            and token.lower.endswith("s")
            and self.lemma
        )


@dataclass(frozen=True, slots=True)
class _Term:
    alternatives: tuple[_Alternative, ...] = ()
    number: NumberKind | None = None
    gap: int = 0
    optional: bool = False

    def accepts(self, token: Token, marks: Marks) -> bool:
        if self.number == "year":
            return _YEAR.match(token.lower) is not None
        if self.number == "small":
            return _is_small(token.lower)
        if self.number == "any":
            return _is_number(token)
        if not self.alternatives:
            return True
        return any(alternative.accepts(token, marks) for alternative in self.alternatives)


def _is_number(token: Token) -> bool:
    return token.number or token.lower in _NUMBER_WORDS or token.lower[:1].isdigit()


def _is_small(word: str) -> bool:
    if word.isdecimal():
        return 2 <= int(word) <= 99
    return word in _SMALL_WORDS


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. :meth:`match_at` gives the end token, or ``None``."""

    source: str
    terms: tuple[_Term, ...]

    def match_at(
        self, tokens: Sequence[Token], start: int, marks: Marks | None = None
    ) -> int | None:
        """The index after the match that begins at ``start``: gaps are kept as short as can be."""
        return _match(self.terms, tokens, marks or {}, 0, start)

    def first_words(self) -> tuple[frozenset[str], bool]:
        """Words that a match can begin with, and whether a number can begin it."""
        words: set[str] = set()
        for term in self.terms:
            words.update(alternative.word for alternative in term.alternatives)
            if term.number is not None:
                return frozenset(words), True
            if not term.optional:
                break
        return frozenset(words), False


def _match(
    terms: tuple[_Term, ...], tokens: Sequence[Token], marks: Marks, at: int, index: int
) -> int | None:
    if at == len(terms):
        return index
    term = terms[at]
    if term.gap:
        for skipped in range(term.gap + 1):
            if index + skipped > len(tokens):
                return None
            found = _match(terms, tokens, marks, at + 1, index + skipped)
            if found is not None:
                return found
            if index + skipped < len(tokens) and tokens[index + skipped].lower in _BOUNDARY:
                return None
        return None
    if index < len(tokens) and term.accepts(tokens[index], marks):
        found = _match(terms, tokens, marks, at + 1, index + 1)
        if found is not None:
            return found
    return _match(terms, tokens, marks, at + 1, index) if term.optional else None


@lru_cache(maxsize=8192)
def compile_pattern(source: str) -> Pattern:
    """Compile a pattern of the lexicon language.

    :raises LexiconError: the pattern is empty, begins or ends with a gap or a term that
        may be missing, holds a gap, number or optional word inside an alternation, or
        names an unknown part of speech or gazetteer kind.
    """
    terms = []
    for part in source.split():
        optional = len(part) > 1 and part.endswith("?")
        body = part[:-1] if optional else part
        gap = _GAP.match(body)
        if gap:
            terms.append(_Term(gap=int(gap.group(1)), optional=True))
        elif body in _NUMBERS:
            terms.append(_Term(number=_NUMBERS[body], optional=optional))
        elif body == "*":
            terms.append(_Term(optional=optional))
        else:
            terms.append(_Term(_alternatives(body, source), optional=optional))
    if not any(term.alternatives and not term.optional for term in terms):
        raise LexiconError(f"pattern {source!r} names no word; give it at least one")
    for edge in (terms[0], terms[-1]):
        if edge.optional or (not edge.alternatives and edge.number is None):
            raise LexiconError(
                f"pattern {source!r} begins or ends with a gap or an optional term; drop it"
            )
    return Pattern(source, tuple(terms))


def _alternatives(body: str, source: str) -> tuple[_Alternative, ...]:
    found = []
    choices = body.split("|") if body != "|" else [body]
    for choice in choices:
        if len(choices) > 1 and (_is_wild(choice) or (len(choice) > 1 and choice.endswith("?"))):
            raise LexiconError(
                f"pattern {source!r}: {choice!r} cannot stand inside an alternation; "
                "make it a term of its own"
            )
        word, _, pos = choice.partition(":") if choice != ":" else (choice, "", "")
        lemma = word.endswith("~") and len(word) > 1
        word = word[:-1] if lemma else word
        if word.startswith("<") and word.endswith(">") and word not in _MARKS:
            raise LexiconError(f"pattern {source!r}: {word!r} is none of {sorted(_MARKS)}")
        if pos and pos not in _POS:
            raise LexiconError(f"pattern {source!r}: unknown part of speech {pos!r}")
        if not word or word != word.lower():
            raise LexiconError(f"pattern {source!r}: {choice!r} must be a lower-case word")
        found.append(_Alternative(word, lemma, pos or None))
    return tuple(found)


def _is_wild(choice: str) -> bool:
    return choice == "*" or choice in _NUMBERS or _GAP.match(choice) is not None


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """One cue: its class is the part of ``id`` before the first dot."""

    id: str
    cue_class: str
    pattern: Pattern
    level: int | None
    unless: tuple[Pattern, ...]
    fires: tuple[str, ...]
    quiet: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry found in a sentence: tokens ``[first, last)``, text ``[start, end)``."""

    entry: LexiconEntry
    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True)
class Lexicon:
    """A set of entries with an index by first word."""

    entries: tuple[LexiconEntry, ...]
    sha256: str
    _by_word: Mapping[str, tuple[LexiconEntry, ...]] = field(repr=False, default_factory=dict)
    _by_number: tuple[LexiconEntry, ...] = field(repr=False, default=())

    @classmethod
    def of(cls, entries: Iterable[LexiconEntry]) -> Lexicon:
        """Index entries.

        :raises LexiconError: two entries share an id.
        """
        entries = tuple(entries)
        seen: set[str] = set()
        by_word: defaultdict[str, list[LexiconEntry]] = defaultdict(list)
        by_number = []
        digest = hashlib.sha256()
        for entry in entries:
            if entry.id in seen:
                raise LexiconError(f"lexicon entry {entry.id!r} stands twice; ids are unique")
            seen.add(entry.id)
            digest.update(f"{entry.id}\t{entry.pattern.source}\t{entry.level}\n".encode())
            words, number = entry.pattern.first_words()
            for word in words:
                by_word[word].append(entry)
            if number:
                by_number.append(entry)
        index = {word: tuple(found) for word, found in by_word.items()}
        return cls(entries, digest.hexdigest(), index, tuple(by_number))

    def match(self, tokens: Sequence[Token], marks: Marks | None = None) -> tuple[Match, ...]:
        """Every entry found, in text order; within one class the longest match wins.

        Pure: the tokens are not changed.

        :param marks: gazetteer kinds by token index, from :func:`marks_of`.
        """
        marks = marks or {}
        found: list[Match] = []
        for index, token in enumerate(tokens):
            for entry in self._candidates(token, marks):
                last = entry.pattern.match_at(tokens, index, marks)
                if last is None or last <= index:
                    continue
                if self._excepted(entry, tokens, marks, index, last):
                    continue
                found.append(Match(entry, index, last, token.start, tokens[last - 1].end))
        return _longest(found)

    def _candidates(self, token: Token, marks: Marks) -> Iterator[LexiconEntry]:
        seen: set[str] = set()
        kinds = (f"<{kind}>" for kind in marks.get(token.i, ()))
        for form in (*lemma_forms(token.lower, token.lemma), *kinds):
            for entry in self._by_word.get(form, ()):
                if entry.id not in seen:
                    seen.add(entry.id)
                    yield entry
        if _is_number(token):
            for entry in self._by_number:
                if entry.id not in seen:
                    yield entry

    @staticmethod
    def _excepted(
        entry: LexiconEntry, tokens: Sequence[Token], marks: Marks, first: int, last: int
    ) -> bool:
        for pattern in entry.unless:
            for start in range(max(0, first - 8), last):
                end = pattern.match_at(tokens, start, marks)
                if end is not None and start < last and end > first:
                    return True
        return False


def _longest(found: list[Match]) -> tuple[Match, ...]:
    by_class: defaultdict[str, list[Match]] = defaultdict(list)
    for match in sorted(found, key=lambda m: (m.first - m.last, m.first, m.entry.id)):
        kept = by_class[match.entry.cue_class]
        if not any(match.first < other.last and other.first < match.last for other in kept):
            kept.append(match)
    chosen = [match for kept in by_class.values() for match in kept]
    return tuple(sorted(chosen, key=lambda m: (m.first, m.last, m.entry.cue_class, m.entry.id)))


def parse_entry(data: Mapping[str, Any], *, where: str) -> LexiconEntry:
    """Read one entry.

    :param where: file and line, for the message.
    :raises LexiconError: a field is missing, unknown or of the wrong form.
    """
    unknown = sorted(set(data) - _FIELDS)
    if unknown:
        raise LexiconError(f"{where}: unknown field {unknown[0]!r}; known: {sorted(_FIELDS)}")
    try:
        identity, source = str(data["id"]), str(data["pattern"])
        fires, quiet = tuple(data["fires"]), tuple(data["quiet"])
    except (KeyError, TypeError) as error:
        raise LexiconError(f"{where}: an entry needs id, pattern, fires and quiet") from error
    cue_class, _, slug = identity.partition(".")
    if cue_class not in CUE_CLASSES or not slug:
        raise LexiconError(
            f"{where}: id {identity!r} must be '<class>.<slug>' with a known class: "
            f"{', '.join(sorted(CUE_CLASSES))}"
        )
    level = data.get("level")
    if cue_class in _LEVELLED:
        low, high = _LEVELLED[cue_class]
        if not isinstance(level, int) or not low <= level <= high:
            raise LexiconError(f"{where}: {identity} needs a level from {low} to {high}")
    elif level is not None:
        raise LexiconError(f"{where}: {identity} takes no level; write null")
    if not fires or not quiet:
        raise LexiconError(f"{where}: {identity} needs a sentence that fires and one that is quiet")
    try:
        pattern = compile_pattern(source)
        unless = tuple(compile_pattern(other) for other in data.get("unless") or ())
    except LexiconError as error:
        raise LexiconError(f"{where}: {error}") from error
    return LexiconEntry(
        identity, cue_class, pattern, level, unless, fires, quiet, str(data.get("note", ""))
    )


def load_lexicon(path: Path) -> tuple[LexiconEntry, ...]:
    """Read one JSON Lines file of entries.

    :raises LexiconError: names the file, the line and the fault.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    entries = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            raise LexiconError(f"{where}: not JSON ({error.msg}); one object a line") from error
        if not isinstance(data, dict):
            raise LexiconError(f"{where}: expected a JSON object")
        entries.append(parse_entry(data, where=where))
    return tuple(entries)


def lexicon_files() -> tuple[Path, ...]:
    """The files that ship with claimcheck, one a cue class, sorted by name."""
    folder = Path(str(files("claimcheck.claims"))) / "data" / "lexicons"
    return tuple(sorted(folder.glob("*.jsonl")))


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicons that ship with claimcheck."""
    entries: list[LexiconEntry] = []
    for path in lexicon_files():
        for entry in load_lexicon(path):
            if entry.cue_class != path.stem:
                raise LexiconError(f"{path}: {entry.id} does not belong in this file")
            entries.append(entry)
    return Lexicon.of(entries)


def marks_of(mentions: Iterable[Mention]) -> dict[int, frozenset[str]]:
    """Gazetteer kinds by token index."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for mention in mentions:
        for index in range(mention.first, mention.last):
            found[index].add(mention.kind)
    return {index: frozenset(kinds) for index, kinds in found.items()}


def check_entries(entries: Iterable[LexiconEntry]) -> list[str]:
    """Run every entry's own sentences; a fault a line, none when all hold.

    Give the entries of all files together: a sentence may stand only once in them all.
    """
    from claimcheck.claims.pipeline import load_pipeline, parse_sentences

    entries = tuple(entries)
    owners: dict[str, str] = {}
    faults = []
    for entry in entries:
        for text in (*entry.fires, *entry.quiet):
            if text in owners:
                faults.append(f"{entry.id}: sentence also used by {owners[text]}: {text}")
            owners[text] = entry.id
    parsed = dict(
        zip(owners, parse_sentences(load_pipeline(), [(text, 0) for text in owners]), strict=True)
    )
    gazetteer = default_gazetteer()
    for entry in entries:
        alone = Lexicon.of([entry])
        for text in (*entry.fires, *entry.quiet):
            tokens = parsed[text]
            found = bool(alone.match(tokens, marks_of(gazetteer.match(tokens))))
            if found is not (text in entry.fires):
                verb = "fires" if found else "does not fire"
                faults.append(f"{entry.id}: [{entry.pattern.source}] {verb} in: {text}")
    return faults
