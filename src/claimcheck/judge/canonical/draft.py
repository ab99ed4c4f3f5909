"""The sentence while it is edited."""

from __future__ import annotations

import re
from collections.abc import Sequence

from claimcheck.claims import Analysis
from claimcheck.claims.tokens import Token

__all__ = ["MODIFIERS", "Draft"]

MODIFIERS: dict[str, int] = {
    "hedged": -1,
    "partly-hedged": -1,
    "limitation": -1,
    "numbers": -1,
    "denied": -1,
    "asked": -1,
    "proven": 1,
}
"""Modifier → the only sign that its weight may have."""

_ENDS = frozenset(".!?…")

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "\u00a0": " "})

_CLOSERS = frozenset({",", ".", ";", ":", "!", "?", ")", "…", "%"})


class Draft:
    """The sentence while it is edited: one string a token, empty where it is gone."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.tokens: Sequence[Token] = analysis.tokens
        self.words = [token.text.translate(_QUOTES) for token in self.tokens]
        self.removed: set[str] = set()

    def hedged(self, verb: int) -> None:
        """Note that a hedge was taken from a verb; one that a booster cancels is none (H6)."""
        claims = [c for c in self.analysis.claims if c.predicate == verb]
        if any(claim.scope.boosted for claim in claims):
            return
        if self.tokens[verb].head == verb or claims:
            self.removed.add("hedged")

    def drop(self, first: int, last: int) -> None:
        for index in range(first, last):
            self.words[index] = ""

    def lower(self, index: int) -> str:
        return self.tokens[index].lower if 0 <= index < len(self.tokens) else ""

    def tag(self, index: int) -> str:
        return self.tokens[index].tag if 0 <= index < len(self.tokens) else ""

    @property
    def last(self) -> int:
        """One past the last token before the closing punctuation."""
        end = len(self.tokens)
        while end and (
            self.tokens[end - 1].text[:1] in _ENDS or self.tokens[end - 1].text in "\"')”’"
        ):
            end -= 1
        return end

    def text(self) -> str:
        parts: list[str] = []
        for token, word in zip(self.tokens, self.words, strict=True):
            if not word or word.isspace():
                continue
            glued = token.i > 0 and self.tokens[token.i - 1].end == token.start
            if parts and not (glued and self.words[token.i - 1].strip()) and word not in _CLOSERS:
                parts.append(" ")
            parts.append(word)
        text = _tidied("".join(parts))
        return text[:1].upper() + text[1:] if self.words and not self.words[0] else text

    def modifiers(self) -> frozenset[str]:
        found = set(self.removed)
        live = [c for c in self.analysis.claims if c.scope.stance not in ("questioned", "debunked")]
        adequate = [c.hedge == "adequate" for c in live]
        if any(adequate):
            found.add("hedged")
        if any(c.hedge == "partial" for c in live):
            found.add("partly-hedged")
        support = self.analysis.support
        if support.limitation:
            found.add("limitation")
        if support.n_of_n and support.comparator:
            found.add("numbers")
        if self.analysis.question:
            found.add("asked")
        return frozenset(found & MODIFIERS.keys())


def _tidied(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"^[,;:–—]\s*", "", text)
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    text = re.sub(r"([,;])(?:\s*[,;])+", r"\1", text)
    return _ADVERB_FIRST.sub(r"\2 \1", text)


_ADVERB_FIRST = re.compile(
    r"\b(already|also|always|now|still|often|even|never|\w+ly) (is|are|was|were|has|have)\b"
)
"""One order of adverb and auxiliary, since "may also be" becomes "also is"."""
