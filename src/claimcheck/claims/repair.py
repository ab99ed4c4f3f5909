"""Repairs of what a small tagger gets wrong in headings and short claims.

"Green Tea Melts Belly Fat" is a row of names to it, "poor sleep worsens migraine" one
noun phrase. Title Case is taken back before the parse; after it, a word that can only
be the verb of its clause is swapped for an unmistakable verb of the same form and the
sentence parsed once more. Text and offsets never change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from claimcheck.claims.tokens import Token, Tokens, children, lemma_forms, tokens_of
from claimcheck.claims.verbs import EFFECT_VERBS

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["missed_verb", "parsable", "recased", "reparsed"]

_MINOR = frozenset(
    """a an the and or but nor of in on at to for from with by as is are was be vs via per""".split()
)
_PARTICLES = frozenset({"up", "out", "off", "away", "down", "against"})
_NOMINAL = frozenset({"NOUN", "PROPN"})
_STANDINS = (("prevents", "prevent"), ("relieves", "relieve"), ("improves", "improve"))


def parsable(text: str) -> str:
    """What is given to the parser: Title Case taken back, every white space a space.

    A line break in hard-wrapped text is a token of its own to spaCy and cuts phrases
    in two. The length stays.
    """
    return "".join(" " if char.isspace() else char for char in recased(text))


def recased(text: str) -> str:
    """The same text with Title Case taken back, when a heading is set in it.

    The tagger reads "Ketamine Is Fast-Acting" as a row of names. Length and offsets
    stay; a word that has capitals inside (DNA, iPhone) stays as it is.
    """
    words = text.split()
    major = [word for word in words[1:] if word.lower() not in _MINOR and word[:1].isalpha()]
    if len(words) < 3 or not major:
        return text
    if sum(word[:1].isupper() for word in major) < 0.75 * len(major):
        return text
    shouted = text.isupper()
    out = []
    begin = True
    for piece in _pieces(text):
        lowered = piece.lower()
        if (
            not begin
            and piece[:1].isalpha()
            and piece != "I"
            and len(lowered) == len(piece)
            and (shouted or piece[1:].islower() or len(piece) == 1)
        ):
            piece = lowered
        if piece.strip():
            begin = False
        out.append(piece)
    return "".join(out)


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or text[index].isalpha() != text[start].isalpha():
            yield text[start:index]
            start = index


def missed_verb(tokens: Tokens) -> int | None:
    """The word that must be a verb of effect though the tagger took it for something else."""
    for token in tokens[:-1]:
        if token.pos == "VERB" and token.dep not in ("amod", "compound", "nmod", "npadvmod"):
            continue
        if token.dep in ("nsubj", "nsubjpass") or token.pos == "AUX" or token.text.isupper():
            continue
        forms = lemma_forms(token.lower, token.lemma) & EFFECT_VERBS
        if forms and _stands_as_verb(tokens, token):
            return token.i
    return None


def _stands_as_verb(tokens: Tokens, token: Token) -> bool:
    """Whether the neighbours leave only a verb: a noun before, an object after."""
    after = tokens[token.i + 1]
    if after.lower in _PARTICLES:
        after = tokens[min(token.i + 2, len(tokens) - 1)]
        if after.pos in ("DET", "PRON", "ADV"):
            return False
    if after.pos in ("PUNCT", "AUX", "ADP", "CCONJ", "PART", "SCONJ") or after.tag in (
        "VBZ", "VBD", "VBP", "MD",
    ):  # fmt: skip
        return False
    third = token.lower.endswith("s") and not token.lower.endswith("ss")
    if token.i == 0:
        # A list item without a subject: "Boosts energy, focus and stamina".
        return third and token.lower not in EFFECT_VERBS and not _has_finite(tokens)
    before = tokens[token.i - 1]
    if third:
        return before.pos in ("NOUN", "PROPN", "ADV", "CCONJ", "PRON", "ADJ", "NUM") and (
            before.pos != "ADJ" or before.i == 0
        )
    return token.lower in EFFECT_VERBS and before.tag in ("NNS", "NNPS") and token.tag != "VBN"


def _has_finite(tokens: Tokens) -> bool:
    return any(
        token.pos in ("VERB", "AUX") and token.tag not in ("VBN", "VBG", "VB") for token in tokens
    )


def reparsed(nlp: Language, doc: Doc, tokens: Tokens, verb: int) -> Tokens:
    """Parse again with an unmistakable verb in that place, if the clause is then whole."""
    from spacy.tokens import Doc as Document

    words = [token.text for token in doc]
    spaces = [bool(token.whitespace_) for token in doc]
    third = tokens[verb].lower not in EFFECT_VERBS
    for singular, plural in _STANDINS:
        words[verb] = singular if third else plural
        if verb == 0:
            words[verb] = words[verb].capitalize()
        parsed = tokens_of(nlp(Document(nlp.vocab, words=words, spaces=spaces))[:])
        if parsed[verb].pos == "VERB" and _whole(parsed, tokens, verb):
            return Tokens(
                _relabelled(old, new, verb) for old, new in zip(tokens, parsed, strict=True)
            )
    return tokens


def _whole(parsed: Tokens, before: Tokens, verb: int) -> bool:
    """The new verb has a subject and an object, and no other verb was lost for it."""
    around = {child.dep for child in children(parsed, verb)}
    placed = verb == 0 or parsed[verb].dep == "conj" or bool(around & {"nsubj", "csubj"})
    if not placed or not around & {"dobj", "prep", "ccomp", "xcomp", "prt"}:
        return False
    return all(
        new.pos in ("VERB", "AUX") or old.i >= len(before) - 2
        for old, new in zip(before, parsed, strict=True)
        if old.pos == "VERB" and old.tag in ("VBZ", "VBD", "VBP") and old.dep != "compound"
    )


def _relabelled(old: Token, new: Token, verb: int) -> Token:
    lemma = new.lemma
    if new.i == verb:
        lemma = min(lemma_forms(old.lower, old.lemma) & EFFECT_VERBS, default=old.lemma)
    return new._replace(start=old.start, end=old.end, text=old.text, lower=old.lower, lemma=lemma)
