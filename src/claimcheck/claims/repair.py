"""Repairs of what a small tagger gets wrong in headings and short claims.

"Green Tea Melts Belly Fat" is a row of names to it, "poor sleep worsens migraine" one
noun phrase. Title Case is taken back before the parse; after it, a word that can only
be the verb of its clause is swapped for an unmistakable verb of the same form and the
sentence parsed once more. Text and offsets never change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from claimcheck.claims.tokens import Token, Tokens, children, lemma_forms, tokens_of, word_set
from claimcheck.claims.verbs import EFFECT_VERBS, REPORTING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["missed_verb", "parsable", "recased", "reparsed"]

_MINOR = word_set(
    """a an the and or but nor of in on at to for from with by as is are was be vs via per"""
)
_PARTICLES = frozenset({"up", "out", "off", "away", "down", "against"})
_NO_VERBS_PLACE = frozenset({"amod", "compound", "nmod", "npadvmod", "nsubj", "nsubjpass"})
_NOMINAL = frozenset({"NOUN", "PROPN"})
_STANDINS = (
    ("prevents", "prevent", "prevented"),
    ("relieves", "relieve", "relieved"),
    ("improves", "improve", "improved"),
)


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
        if token.pos == "AUX" or token.text.isupper():
            continue
        if token.pos == "VERB" and token.dep not in _NO_VERBS_PLACE:
            continue
        if lemma_forms(token.lower, token.lemma) & EFFECT_VERBS and _stands_as_verb(tokens, token):
            return token.i
    return None


def _stands_as_verb(tokens: Tokens, token: Token) -> bool:
    """Whether the neighbours leave only a verb: a noun before, an object after."""
    after = tokens[token.i + 1]
    if after.lower in _PARTICLES:
        after = tokens[min(token.i + 2, len(tokens) - 1)]
        if after.pos in ("DET", "PRON", "ADV"):
            return False
    if after.pos in ("PUNCT", "AUX", "ADP", "CCONJ", "PART", "SCONJ", "SPACE"):
        return False
    if after.pos == "VERB" and not _no_real_verb(tokens, after):
        return False
    if token.i == 0:
        # A list item without a subject: "Boosts energy, focus and stamina".
        return _is_third(token) and not _has_finite(tokens)
    before = tokens[token.i - 1]
    if _is_third(token):
        return before.pos in ("NOUN", "PROPN", "ADV", "CCONJ", "PRON", "NUM") or (
            before.i == 0 or after.pos == "VERB"
            if before.pos == "ADJ"
            else before.tag in ("VB", "VBG")
        )
    if _is_past(token):
        # "the app reduced insomnia", "… but relaxed tight shoulders": a participle that
        # left its clause without a verb.
        headless = tokens[token.head].dep in ("ccomp", "ROOT", "advcl")
        return before.lower == "but" or (before.pos in _NOMINAL and headless)
    if token.lower not in EFFECT_VERBS:
        return False
    joined = any(word.lower == "and" for word in tokens[max(0, token.i - 3) : token.i])
    plural = before.pos in _NOMINAL and (before.lower.endswith("s") or joined)
    awaited = any(
        word.dep == "aux" and word.tag != "TO" and tokens[word.head].pos in _NOMINAL
        for word in tokens[: token.i]
    )
    return plural or before.lower == "to" or (awaited and before.pos in _NOMINAL)


def _is_third(token: Token) -> bool:
    return (
        token.lower.endswith("s")
        and not token.lower.endswith("ss")
        and token.lower not in EFFECT_VERBS
    )


def _is_past(token: Token) -> bool:
    return token.tag in ("VBN", "VBD") or (token.tag == "JJ" and token.lower.endswith("ed"))


def _no_real_verb(tokens: Tokens, token: Token) -> bool:
    """ "cures diabetes": a noun that was made the verb because the verb was made its subject."""
    if lemma_forms(token.lower, token.lemma) & (EFFECT_VERBS | REPORTING):
        return False
    if token.tag == "VBG":
        return True
    following = tokens[token.i + 1] if token.i + 1 < len(tokens) else None
    return following is None or following.pos in ("PUNCT", "NOUN", "ADJ", "CCONJ")


def _has_finite(tokens: Tokens) -> bool:
    return any(
        token.pos in ("VERB", "AUX") and token.tag not in ("VBN", "VBG", "VB") for token in tokens
    )


def reparsed(nlp: Language, doc: Doc, tokens: Tokens, verb: int) -> Tokens:
    """Parse again with an unmistakable verb in that place, if the clause is then whole."""
    from spacy.tokens import Doc as Document

    words = [token.text for token in doc]
    spaces = [bool(token.whitespace_) for token in doc]
    form = 0 if _is_third(tokens[verb]) else (2 if _is_past(tokens[verb]) else 1)
    for standin in _STANDINS:
        words[verb] = standin[form] if verb else standin[form].capitalize()
        parsed = tokens_of(nlp(Document(nlp.vocab, words=words, spaces=spaces))[:])
        if parsed[verb].pos == "VERB" and _whole(parsed, tokens, verb):
            return Tokens(
                _relabelled(old, new, verb) for old, new in zip(tokens, parsed, strict=True)
            )
    return tokens


def _whole(parsed: Tokens, before: Tokens, verb: int) -> bool:
    """The new verb has a subject and an object, and no other verb was lost for it."""
    around = {child.dep for child in children(parsed, verb)}
    placed = (
        verb == 0
        or parsed[verb].dep in ("conj", "xcomp")
        or bool(around & {"nsubj", "csubj", "aux"})
    )
    if not placed or not around & {"dobj", "prep", "ccomp", "xcomp", "prt"}:
        return False
    return all(
        new.pos in ("VERB", "AUX") or verb < old.i <= verb + 2
        for old, new in zip(before, parsed, strict=True)
        if old.pos == "VERB" and old.tag in ("VBZ", "VBD", "VBP") and old.dep != "compound"
    )


def _relabelled(old: Token, new: Token, verb: int) -> Token:
    lemma = new.lemma
    if new.i == verb:
        lemma = min(lemma_forms(old.lower, old.lemma) & EFFECT_VERBS, default=old.lemma)
    return new._replace(start=old.start, end=old.end, text=old.text, lower=old.lower, lemma=lemma)
