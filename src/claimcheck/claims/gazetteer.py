"""Gazetteers: names of interventions, conditions, outcomes and populations.

They sharpen kinds and slots; every rule also works without them, because no list
holds next year's supplement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple, get_args

from claimcheck.claims.tokens import Token, lemma_forms
from claimcheck.errors import LexiconError

__all__ = ["Gazetteer", "Mention", "MentionKind", "default_gazetteer", "read_phrases"]

MentionKind = Literal["intervention", "condition", "outcome", "population"]


class Mention(NamedTuple):
    """A gazetteer phrase in a sentence: tokens ``[first, last)``."""

    kind: MentionKind
    phrase: str
    first: int
    last: int


@dataclass(frozen=True)
class Gazetteer:
    """Phrases by first word. ``match`` prefers the longest phrase at a place."""

    by_word: Mapping[str, tuple[tuple[tuple[str, ...], MentionKind, bool], ...]]

    @classmethod
    def of(cls, phrases: Iterable[tuple[str, MentionKind, bool]]) -> Gazetteer:
        """Index ``(phrase, kind, noun only)``."""
        index: defaultdict[str, list[tuple[tuple[str, ...], MentionKind, bool]]] = defaultdict(list)
        for phrase, kind, noun in phrases:
            words = tuple(phrase.replace("-", " - ").replace("'s", " 's").split())
            index[words[0]].append((words, kind, noun))
        return cls(
            {word: tuple(sorted(found, key=lambda f: -len(f[0]))) for word, found in index.items()}
        )

    def match(self, tokens: Sequence[Token]) -> tuple[Mention, ...]:
        """Mentions in text order; two kinds may name one place, one kind never twice."""
        found: list[Mention] = []
        taken: dict[MentionKind, int] = {}
        for token in tokens:
            for form in sorted(lemma_forms(token.lower, token.lemma)):
                for words, kind, noun in self.by_word.get(form, ()):
                    last = token.i + len(words)
                    if taken.get(kind, 0) > token.i or not _fits(tokens, token.i, words):
                        continue
                    if noun and tokens[last - 1].pos not in ("NOUN", "PROPN"):
                        continue
                    taken[kind] = last
                    found.append(Mention(kind, " ".join(words), token.i, last))
        return tuple(found)


def _fits(tokens: Sequence[Token], first: int, words: tuple[str, ...]) -> bool:
    if first + len(words) > len(tokens):
        return False
    return all(
        word in lemma_forms(token.lower, token.lemma)
        for word, token in zip(words, tokens[first : first + len(words)], strict=True)
    )


_NOUNS_ONLY = "as nouns only"


def read_phrases(text: str, *, where: str) -> tuple[tuple[str, bool], ...]:
    """One lower-case phrase a line, ``#`` begins a comment line.

    Below a comment that says "as nouns only" a phrase counts only where it is tagged
    as a noun: "a cold", but not "a cold room".

    :returns: ``(phrase, noun only)`` in file order.
    :raises LexiconError: a phrase stands twice or is not in lower case.
    """
    phrases: dict[str, int] = {}
    nouns: set[str] = set()
    noun_section = False
    for number, line in enumerate(text.splitlines(), start=1):
        phrase = line.strip()
        if phrase.startswith("#"):
            noun_section = _NOUNS_ONLY in phrase
            continue
        if not phrase:
            continue
        if phrase != phrase.lower():
            raise LexiconError(f"{where}:{number}: {phrase!r} must be in lower case")
        if phrase in phrases:
            raise LexiconError(
                f"{where}:{number}: {phrase!r} also stands in line {phrases[phrase]}"
            )
        phrases[phrase] = number
        if noun_section:
            nouns.add(phrase)
    return tuple((phrase, phrase in nouns) for phrase in phrases)


@lru_cache(maxsize=1)
def default_gazetteer() -> Gazetteer:
    """The gazetteer that ships with claimcheck."""
    folder = files("claimcheck.claims") / "data" / "gazetteer"
    found: list[tuple[str, MentionKind, bool]] = []
    for kind in get_args(MentionKind):
        name = f"{kind}s.txt"
        text = (folder / name).read_text(encoding="utf-8")
        found.extend((phrase, kind, noun) for phrase, noun in read_phrases(text, where=name))
    return Gazetteer.of(found)
