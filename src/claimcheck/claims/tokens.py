"""Plain tokens: what the rules read of a spaCy parse.

The rules of ``claims``, ``judge`` and ``issues`` work on these tuples and not on
spaCy objects, so that they can be tested without a pipeline and pickled to a worker.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.tokens import Span

__all__ = ["Token", "children", "lemma_forms", "normalise", "subtree", "tokens_of"]

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


@lru_cache(maxsize=32768)
def lemma_forms(lower: str, lemma: str) -> frozenset[str]:
    """Every lemma that a word form may stand for.

    The tagger reads many verbs in headings and list items as nouns, and its lemma is
    then the form itself ("Relieves"). So regular suffixes are undone as well; a
    pattern names the lemma that it wants, which keeps the guesses harmless.
    """
    forms = {lower, lemma}
    if len(lower) > 3:
        if lower.endswith("ies") or lower.endswith("ied"):
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


def tokens_of(span: Span, *, offset: int = 0, text: str | None = None) -> tuple[Token, ...]:
    """The tokens of one parsed sentence.

    :param span: a spaCy span that covers the sentence.
    :param offset: code points to add, where the span's document starts in the article.
    :param text: the sentence as the article has it, when the document was given a
        re-cased copy of the same length; token texts then come from here.
    """
    first, base = span.start, span.start_char
    found = []
    for token in span:
        begin = token.idx - base
        shown = token.text if text is None else text[begin : begin + len(token.text)]
        lower = normalise(token.text)
        head = token.head.i - first
        found.append(
            Token(
                i=token.i - first,
                start=offset + token.idx,
                end=offset + token.idx + len(token.text),
                text=shown,
                lower=lower,
                lemma=normalise(token.lemma_) or lower,
                pos=token.pos_,
                tag=token.tag_,
                dep=token.dep_,
                head=head if 0 <= head < len(span) else token.i - first,
                number=bool(token.like_num),
            )
        )
    return tuple(found)


def children(tokens: Sequence[Token], index: int) -> Iterator[Token]:
    """The direct dependants of a token, in text order."""
    return (token for token in tokens if token.head == index and token.i != index)


def subtree(tokens: Sequence[Token], index: int) -> tuple[Token, ...]:
    """A token with everything that hangs from it, in text order."""
    wanted = {index}
    grew = True
    while grew:
        grew = False
        for token in tokens:
            if token.i not in wanted and token.head in wanted:
                wanted.add(token.i)
                grew = True
    return tuple(token for token in tokens if token.i in wanted)
