"""Plain tokens: what the rules read of a spaCy parse.

The rules of ``claims``, ``judge`` and ``issues`` work on these tuples and not on
spaCy objects, so that they can be tested without a pipeline and pickled to a worker.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spacy.tokens import Span

__all__ = [
    "Token",
    "Tokens",
    "children",
    "lemma_forms",
    "normalise",
    "root_of",
    "subtree",
    "tokens_of",
    "word_set",
]

_STRAIGHTENED = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "‐": "-", "‑": "-"}
)


class Token(NamedTuple):
    """One token of a sentence.

    ``start`` and ``end`` are code point offsets into the article's text. ``head`` is
    the index of the syntactic head within the sentence; the root's head is itself.
    ``pos`` and ``tag`` are Universal and Penn tags, ``dep`` is a ClearNLP label.
    """

    i: int
    start: int
    end: int
    text: str
    lower: str
    lemma: str
    pos: str
    tag: str
    dep: str
    head: int
    number: bool


def normalise(text: str) -> str:
    """Lower-case, with curly quotes, apostrophes and odd hyphens straightened."""
    return text.lower().translate(_STRAIGHTENED)


class Tokens(tuple[Token, ...]):
    """The tokens of one sentence, with an index of dependants that is made once.

    Equal to the plain tuple, and pickled as one. ``memo`` holds what the rules have
    already worked out of these tokens; it depends on nothing else.
    """

    dependants: tuple[tuple[Token, ...], ...]
    memo: dict[Any, Any]

    def __new__(cls, tokens: Iterable[Token] = ()) -> Tokens:
        """Index the tokens."""
        self = super().__new__(cls, tokens)
        found: list[list[Token]] = [[] for _ in self]
        for token in self:
            if token.head != token.i:
                found[token.head].append(token)
        self.dependants = tuple(map(tuple, found))
        self.memo = {}
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Tokens, (tuple(self),))


@lru_cache(maxsize=32768)
def lemma_forms(lower: str, lemma: str) -> frozenset[str]:
    """Every lemma that a word form may stand for.

    The tagger reads many verbs in headings and list items as nouns, and its lemma is
    then the form itself ("Relieves"). So regular suffixes are undone as well; a
    pattern names the lemma that it wants, which keeps the guesses harmless.
    """
    forms = {lower, lemma}
    if len(lower) > 3:
        if lower.endswith(("ies", "ied")):
            forms.add(lower[:-3] + "y")
        if lower.endswith("s") and not lower.endswith("ss"):
            forms.add(lower[:-1])
            if lower.endswith("es"):
                forms.add(lower[:-2])
        for suffix in ("ed", "ing"):
            stem = lower.removesuffix(suffix)
            if stem != lower and len(stem) > 1:
                forms.update((stem, stem + "e"))
                if len(stem) > 2 and stem[-1] == stem[-2]:
                    forms.add(stem[:-1])
    return frozenset(forms)


def tokens_of(span: Span, *, offset: int = 0, text: str | None = None) -> Tokens:
    """The tokens of one parsed sentence.

    :param span: a spaCy span that covers the sentence.
    :param offset: code points to add, where the span's document starts in the article.
    :param text: the sentence as the article has it, when the document was given a
        re-cased copy of the same length; token texts then come from here.
    """
    first, base, size = span.start, span.start_char, len(span)
    found = []
    for i, token in enumerate(span):
        words, begin = token.text, token.idx
        end = begin + len(words)
        lower = normalise(words)
        head = token.head.i - first
        found.append(
            Token(
                i,
                offset + begin,
                offset + end,
                words if text is None else text[begin - base : end - base],
                lower,
                normalise(token.lemma_) or lower,
                token.pos_,
                token.tag_,
                token.dep_,
                head if 0 <= head < size else i,
                bool(token.like_num),
            )
        )
    return Tokens(found)


def children(tokens: Sequence[Token], index: int) -> Iterator[Token]:
    """The direct dependants of a token, in text order."""
    if isinstance(tokens, Tokens):
        return iter(tokens.dependants[index])
    return (token for token in tokens if token.head == index and token.i != index)


def subtree(tokens: Sequence[Token], index: int) -> tuple[Token, ...]:
    """A token with everything that hangs from it, in text order."""
    found = {index}
    frontier = [index]
    while frontier:
        for child in children(tokens, frontier.pop()):
            if child.i not in found:
                found.add(child.i)
                frontier.append(child.i)
    return tuple(tokens[place] for place in sorted(found))


def root_of(tokens: Sequence[Token]) -> Token | None:
    """The first root of a sentence, or ``None`` of an empty one."""
    return next((token for token in tokens if token.head == token.i), None)


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for the closed lists of the rules."""
    return frozenset(text.split())
