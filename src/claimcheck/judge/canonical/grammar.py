"""The forms of a verb that lost its auxiliary: number, person, the regular past.

The metamorphic check has grammar of its own, so that it does not share the mistakes of
what it tests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from claimcheck.claims.tokens import Token, children
from claimcheck.judge.canonical.draft import Draft

__all__ = ["inflect", "past", "third", "third_person"]

_IRREGULAR = {"be": "is", "have": "has", "do": "does", "go": "goes"}

_NOT_REGULAR = frozenset(
    """have do go make get take give keep come see find feel lose rise fall grow begin become
    bring build hold lead cut set put hit let run win show think know leave mean send spend
    tell say sleep eat drink break choose draw drive fight hide hurt lay lie pay read shrink
    shut sink speak stand steal stick strike swim teach tear wear write stop drop plan step
    occur prefer refer""".split()
)


def past(base: str, singular: bool) -> str | None:
    """The past of a regular verb; null for others."""
    lower = base.lower()
    if lower == "be":
        return "was" if singular else "were"
    if lower in _NOT_REGULAR:
        return None
    if lower.endswith("e"):
        return base + "d"
    return base[:-1] + "ied" if re.search(r"[^aeiou]y$", lower) else base + "ed"


_UNCHANGED = frozenset({"cost", "cut", "put", "set", "let", "hit", "hurt", "spread", "shed"})
"""Verbs whose base the tagger takes for a past form."""


def inflect(draft: Draft, verb: int, singular: bool) -> None:
    """Give a bare verb, and the bare verbs joined to it, the form of its subject."""
    if draft.words[verb].lower() == "be":
        draft.words[verb] = "is" if singular else "are"
    elif singular:
        draft.words[verb] = third(draft.words[verb])
    for child in children(draft.tokens, verb):
        same = child.tag == "VB" or child.lower in _UNCHANGED
        bare = child.dep == "conj" and same and child.i > verb
        if bare and not any(c.dep in ("aux", "nsubj") for c in children(draft.tokens, child.i)):
            inflect(draft, child.i, singular)


def third(word: str) -> str:
    """The third person singular of a base form."""
    lower = word.lower()
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    if re.search(r"(?:s|x|z|ch|sh|o)$", lower):
        return word + "es"
    if re.search(r"[^aeiou]y$", lower):
        return word[:-1] + "ies"
    return word + "s"


_PLURAL_TAGS = frozenset({"NNS", "NNPS"})

_PLURALS = frozenset(
    """people men women children mice teeth feet data bacteria fungi media criteria phenomena
    stimuli larvae lice geese oxen police cattle""".split()
)
"""Plurals without an s. Any other is a name that the tagger took for one."""

_PLURAL_WORDS = frozenset(
    "they we you i these those both many few all some most several others".split()
)


_SINGULAR_WORDS = frozenset({"it", "he", "she"})


def third_person(draft: Draft, verb: int, *, modal: int | None = None) -> bool:
    """Whether the verb's subject is a third person singular; so, if none is found.

    :param modal: the verb's modal; a pronoun before it is the subject, whatever the parse.
    """
    tokens = draft.tokens
    if modal is not None and draft.lower(modal - 1) in _SINGULAR_WORDS:
        return True
    seen: set[int] = set()
    while verb not in seen:
        seen.add(verb)
        for child in children(tokens, verb):
            if child.dep == "expl":
                return not any(
                    c.dep in ("attr", "dobj") and c.tag in _PLURAL_TAGS
                    for c in children(tokens, verb)
                )
            if child.dep in ("nsubj", "nsubjpass", "csubj"):
                return _is_singular(tokens, child, verb)
        verb = tokens[verb].head
        if tokens[verb].pos not in ("VERB", "AUX"):
            break
    return True


def _is_singular(tokens: Sequence[Token], subject: Token, verb: int) -> bool:
    if subject.lower in ("that", "which", "who") and tokens[verb].dep == "relcl":
        return _is_singular(tokens, tokens[tokens[verb].head], verb)
    plural = subject.tag in _PLURAL_TAGS and (
        subject.lower.endswith(("s", "ae")) or subject.lower in _PLURALS
    )
    if plural or subject.lower in _PLURAL_WORDS:
        return False
    member: Token | None = subject
    while member is not None:
        inner = children(tokens, member.i)
        if any(c.dep == "cc" and c.lower == "and" for c in inner):
            return False
        member = next((c for c in inner if c.dep == "conj"), None)
    return True
