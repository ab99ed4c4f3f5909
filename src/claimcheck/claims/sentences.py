"""Splitting blocks into the units that are judged.

Rules, not a model: a heading or list item is a unit even without a final stop, a
block boundary always ends a sentence, and the same text always splits the same way,
whatever stands around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from claimcheck.claims.tokens import word_set
from claimcheck.records import Article, BlockKind

__all__ = ["Unit", "split_text", "units_of"]


class Unit(NamedTuple):
    """A sentence, heading or list item; offsets are into ``article.text``."""

    start: int
    end: int
    block: int
    kind: BlockKind
    level: int | None


# Abbreviations that a capital may follow without a new sentence beginning.
_TITLES = word_set(
    """dr mr mrs ms mx prof profs rev fr sr jr st hon gen col capt lt sgt gov sen rep pres
    messrs mme mlle drs asst assoc"""
)
# Abbreviations that a sentence does not end with, or hardly ever.
_INNER = word_set(
    """e.g i.e eg ie cf vs v viz fig figs no nos vol pp ed eds al ca approx dept est ext
    incl max min resp tel univ"""
)
# Abbreviations that may also end a sentence: only a lower-case word or a digit after
# them shows that it goes on.
_EITHER = word_set(
    """etc inc ltd co corp bros llc plc ph.d m.d b.a m.a b.sc m.sc d.o r.n m.p.h pharm.d a.m
    p.m jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri
    sat sun mg kg lb lbs oz ml cm mm ft in hr hrs min mins sec secs wk wks yr yrs u.s u.k
    u.n e.u d.c n.y l.a ave blvd rd"""
)
_END = re.compile(r"[.!?…。]+[\"'”’»)\]\*]*(?=\s|$)|[.!?…]+[\"'”’»)\]]+(?=[A-Z“\"])")
_LAST_WORD = re.compile(r"[\w.&’'-]+\Z")
_LETTERED = re.compile(
    r"\b(?:vitamins?|hepatitis|type|group|class|grade|factor|plan|protein|part)\s+[A-Z]\Z", re.I
)
# "the U.S. Food and Drug Administration": the capital belongs to the body's name.
_BODY = re.compile(
    r"(?:Food|Department|Centers?|National|Preventive|Army|Navy|News|Senate|Congress|Supreme|"
    r"House|Surgeon|Pharmacopeia|Dietary|Environmental|Federal|Public|Agency)\b"
)
_OPENERS = "\"'“‘([«*•–—- "


def units_of(article: Article) -> Iterator[Unit]:
    """The units of an article in text order. Tables are left out: a cell asserts nothing.

    Every unit is non-empty, begins and ends with a visible character and lies within
    one block.
    """
    for index, block in enumerate(article.blocks):
        if block.kind == "table":
            continue
        text = article.text[block.start : block.end]
        spans = (
            ((0, len(text)),)
            if block.kind in ("title", "heading") and len(text) < 200
            else split_text(text)
        )
        for start, end in spans:
            start, end = _stripped(text, start, end)
            if start < end:
                yield Unit(block.start + start, block.start + end, index, block.kind, block.level)


def split_text(text: str) -> Iterator[tuple[int, int]]:
    """Sentence spans of one block, in order; white space between them is in none.

    A single line break inside a block is white space (plain text is often
    hard-wrapped); a blank line ends a sentence.
    """
    begin = 0
    for found in _END.finditer(text):
        end = found.end()
        if end < len(text) and not _ends_sentence(text, begin, found.start(), end):
            continue
        if text[begin:end].strip():
            yield _stripped(text, begin, end)
        begin = end
    if text[begin:].strip():
        yield _stripped(text, begin, len(text))


def _ends_sentence(text: str, begin: int, stop: int, end: int) -> bool:
    after = text[end : end + 80].lstrip()
    if not after:
        return True
    opener = after.lstrip(_OPENERS)[:1]
    if opener.islower() or after[0] in ",;:)]":
        # "7 a.m. and", “Does it work?” he asked; but a product or gene that is spelt
        # with a small first letter (mRNA, iPhone) may begin a sentence.
        return bool(re.match(r"[a-z]+[A-Z]", after)) and text[stop] == "."
    if text[stop] in "!?…" or end - stop > 1:
        return True
    found = _LAST_WORD.search(text[max(begin, stop - 40) : stop])
    return _word_ends(found.group(0) if found else "", text[begin:stop], after)


def _word_ends(word: str, sentence: str, after: str) -> bool:
    """Whether a full stop after ``word`` ends ``sentence``, given the text ``after`` it."""
    lower = word.lower().strip("'’")
    if sentence.strip() == word and (word.isdigit() or len(word) == 1):
        return False  # "1. Take the tablets", "B. Side effects": a list number
    if lower == "no":
        return not after[0].isdigit()  # "No. 5", but "He said no. Then he left."
    if lower in _TITLES:
        return False
    if lower in _INNER:
        return lower in ("al", "max", "min") and after[0].isupper() and len(sentence) > 60
    if lower in _EITHER:
        return not after[0].isdigit() and not (lower.startswith("u.") and _BODY.match(after))
    if len(word) == 1 and word.isupper():
        return bool(_LETTERED.search(sentence))  # "John F. Kennedy", but "vitamin B. It"
    return True


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
