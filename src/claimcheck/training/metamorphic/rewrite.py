"""Rewriting a sentence by its tokens: capitals, contractions and agreement are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar
from zlib import crc32

from claimcheck.claims import Analysis, Token
from claimcheck.claims.tokens import children, subtree, word_set
from claimcheck.claims.tree import in_own_subject
from claimcheck.training.metamorphic.clauses import (
    PERSONAL,
    Target,
    is_prose,
    one_clause,
)
from claimcheck.training.metamorphic.groups import (
    VERBAL,
    Group,
)
from claimcheck.training.metamorphic.inflect import (
    base_of,
    number_of,
    participle,
    past,
    present,
    third_person,
)

__all__ = [
    "TURNS", "Change", "agreeing", "appearing", "capitalised", "changed", "ended", "inflected",
    "lowered", "opened", "place_in", "put", "put_after", "put_before", "rank_of",
    "subject_first", "turn", "under", "untensed", "with_adverb", "without",
]  # fmt: skip


class Change(NamedTuple):
    """Characters ``[start, end)`` of the sentence's own text and what takes their place."""

    start: int
    end: int
    text: str


_T = TypeVar("_T")
_MOVING = word_set("also already still now often usually generally always")
_NAME = re.compile(r"[A-Z](?!\d*$)")
_STAYING = word_set("also now still then thus therefore often usually generally")
TURNS = word_set("although though but however while whereas yet unless except ; ( — – :")
_NAMES = word_set(
    """mediterranean dash nordic kegel wim ozempic wegovy mounjaro ritalin adderall manuka brazil
    botox viagra epsom himalayan chinese swedish thai greek japanese korean st st. western indian
    african english british american european christmas google"""
)


def rank_of(text: str, salt: str = "") -> int:
    """A number that is drawn once for every text: rotates wordings and orders pairs."""
    return crc32(f"{salt}\x1f{text}".encode())


def turn(analysis: Analysis, salt: str, choices: Sequence[_T]) -> _T:
    return choices[rank_of(analysis.text, salt) % len(choices)]


def untensed(group: Group, *, perfect: bool = True) -> tuple[str, tuple[str, ...]] | None:
    """The finite word and its coordinates as they stand after "may" or "to".

    :param perfect: "reduced" becomes "have reduced"; otherwise "reduce", for a past tense
        that moves to the word before ("appeared to reduce").
    """
    if group.kind == "modal":
        known = group.finite.lower in ("can", "will", "'ll")
        return ("", ()) if known else None
    if group.kind == "do":
        return "", ()
    base = base_of(group.finite)
    bases = [base_of(token) for token in group.shared]
    if base is None or None in bases:
        return None
    if group.finite.tag != "VBD" or not perfect:
        return base, tuple(b for b in bases if b)
    if group.kind == "have":
        return "have", ()
    return f"have {participle(base)}", tuple(participle(b) for b in bases if b)


def under(
    analysis: Analysis, group: Group, words: str, *, perfect: bool = True, late: bool = False
) -> str | None:
    """The sentence with its verb under "may" or "appears to".

    :param late: the words go after the adverbs that stand before the verb.
    """
    forms = untensed(group, perfect=perfect)
    behind = analysis.tokens[group.finite.i + 1 : group.finite.i + 2]
    denied = bool(behind) and behind[0].dep == "neg" and group.kind not in ("do", "modal")
    if forms is None or (behind and behind[0].lower == "n't") or (denied and words.endswith(" to")):
        return None
    main, others = forms
    if denied:
        # "is not harmful" → "may not be harmful".
        swapped = [
            put(analysis, group.finite, f"{words} not {main}"),
            without(analysis, behind[0]),
        ]
        return changed(analysis, swapped)
    if behind and behind[0].lower in ("all", "both") and group.finite.lower in ("are", "were"):
        return None  # "may all have been", "may be all": it depends on what is meant
    if behind and behind[0].lower in _MOVING and main in ("be", "have been"):
        # "is also useful" → "may also be useful".
        adverb = behind[0].lower
        order = (adverb, words, main) if words.endswith(" to") else (words, adverb, main)
        moved = put(analysis, group.finite, " ".join(order))
        return changed(analysis, [moved, without(analysis, behind[0])])
    changes = [
        Change(*place_in(analysis, token), form)
        for token, form in zip(group.shared, others, strict=False)
    ]
    if late or group.start == group.finite.i:
        changes.append(put(analysis, group.finite, f"{words} {main}".strip()))
    else:
        changes.append(put_before(analysis, analysis.tokens[group.start], words))
        changes.append(
            put(analysis, group.finite, main) if main else without(analysis, group.finite)
        )
    return changed(analysis, changes)


def place_in(analysis: Analysis, token: Token) -> tuple[int, int]:
    return token.start - analysis.start, token.end - analysis.start


def put(analysis: Analysis, token: Token, words: str) -> Change:
    """Replace a token; a contraction ("it's") is taken apart."""
    start, end = place_in(analysis, token)
    joined = start > 0 and not analysis.text[start - 1].isspace() and token.text[0] in "'’"
    return Change(start, end, f" {words}" if joined else words)


def put_before(analysis: Analysis, token: Token, words: str) -> Change:
    start, _ = place_in(analysis, token)
    return Change(start, start, f"{words} ")


def put_after(analysis: Analysis, token: Token, words: str) -> Change:
    _, end = place_in(analysis, token)
    return Change(end, end, f" {words}")


def without(analysis: Analysis, token: Token, last: Token | None = None) -> Change:
    """Take out a token, or all up to ``last``, with the space that follows."""
    start, _ = place_in(analysis, token)
    _, end = place_in(analysis, last or token)
    while end < len(analysis.text) and analysis.text[end].isspace():
        end += 1
    return Change(start, end, "")


def changed(analysis: Analysis, changes: Sequence[Change]) -> str | None:
    text = analysis.text
    for change in sorted(changes, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text if text != analysis.text else None


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def lowered(analysis: Analysis) -> str | None:
    """The text as it goes on after other words; ``None`` where it may begin with a name."""
    first, text = analysis.tokens[0], analysis.text
    following = analysis.tokens[1:2]
    if not text[0].isupper() or first.lower in PERSONAL or first.tag in ("VBN", "VBD", "FW"):
        return None
    if following and _NAME.match(following[0].text) and first.pos not in ("DET", "ADP"):
        return None  # "Stress Free Formula", but not "Vitamin D"
    if first.text[1:] != first.text[1:].lower() or (len(first.text) == 1 and first.lower != "a"):
        return text  # CBD, DNA, B12
    if first.lower in _NAMES:
        return text
    if first.pos == "PROPN":
        named = any(m.first == 0 and m.kind == "intervention" for m in analysis.mentions)
        if not named:
            return None
    return text[0].lower() + text[1:]


def opened(analysis: Analysis, target: Target | None, words: str) -> str | None:
    """The sentence after words that take all of it."""
    if target is None or not subject_first(analysis, target.group):
        return None
    rest = lowered(analysis)
    if rest is None or (words.endswith("that") and rest.startswith("that")):
        return None
    return f"{words} {rest}"


def subject_first(analysis: Analysis, group: Group) -> bool:
    """The sentence is one clause that begins with its subject."""
    if group.head.dep != "ROOT" or not is_prose(analysis, stopped=True):
        return False
    if any(token.lower in (";", ":", "—", "–", "not", "n't") for token in analysis.tokens):
        return False
    tokens = analysis.tokens
    subject = {token.i for token in subtree(tokens, group.subject.i)}
    return all(index in subject for index in range(group.start)) and one_clause(tokens, group)


def ended(analysis: Analysis, target: Target | None, words: str) -> str | None:
    """The sentence with words before its full stop."""
    if target is None or target.group.head.dep != "ROOT":
        return None
    if not is_prose(analysis, stopped=True) or not one_clause(analysis.tokens, target.group):
        return None
    if any(token.lower in TURNS for token in analysis.tokens):
        return None
    return f"{analysis.text[:-1]}{words}."


def appearing(analysis: Analysis, group: Group) -> str | None:
    verb = turn(analysis, "appears", ("appear", "seem"))
    adverbs = analysis.tokens[group.start : group.finite.i]
    late = bool(adverbs) and all(token.lower in _STAYING for token in adverbs)
    if group.kind == "do" or any(token.dep == "neg" for token in adverbs):
        return None
    if group.finite.tag == "VBD":
        return under(analysis, group, f"{past(verb)} to", perfect=False, late=late)
    form = agreeing(analysis, group, verb)
    return under(analysis, group, f"{form} to", late=late) if form else None


def agreeing(analysis: Analysis, group: Group, verb: str) -> str | None:
    """A present tense that agrees as the finite word does, or with the subject of a modal."""
    if group.finite.tag == "VBZ":
        return third_person(verb)
    if group.finite.tag == "VBP":
        return present(verb, "plural")
    if group.finite.tag == "MD" and group.finite.lower in ("can", "will"):
        number = number_of(analysis.tokens, group.subject)
        return present(verb, number) if number else None
    return None


def with_adverb(analysis: Analysis, group: Group, adverb: str) -> str | None:
    """An adverb in the middle: "possibly reduces", "is possibly effective"."""
    if group.start != group.finite.i or group.kind == "do":
        return None
    behind = analysis.tokens[group.finite.i + 1 : group.finite.i + 2]
    if group.kind == "plain" and base_of(group.finite) != "be":
        return changed(analysis, [put_before(analysis, group.finite, adverb)])
    if any(token.pos in ("ADV", "PART", "PUNCT") for token in behind):
        return None
    return changed(analysis, [put_after(analysis, group.finite, adverb)])


def inflected(
    analysis: Analysis, removal: Change, before: int, form: Callable[[str], str]
) -> str | None:
    """Take words out and give a tense to the infinitive that they governed.

    :param before: the last token that is taken out.
    """
    tokens = analysis.tokens
    place = before + 1
    while place < len(tokens) and tokens[place].pos == "ADV":
        place += 1
    if place >= len(tokens) or tokens[place].tag not in ("VB", "VBP") or not base_of(tokens[place]):
        return None
    verb = tokens[place]
    bare = [verb]
    if verb.dep not in ("aux", "auxpass"):
        frontier = [verb.i]
        while frontier:
            for child in children(tokens, frontier.pop()):
                if child.dep != "conj" or child.pos not in VERBAL:
                    continue
                if in_own_subject(tokens, child.i) or any(
                    c.dep == "aux" for c in children(tokens, child.i)
                ):
                    continue
                if child.tag not in ("VB", "VBP") or not base_of(child):
                    return None
                bare.append(child)
                frontier.append(child.i)
    changes = [Change(*place_in(analysis, token), form(token.lemma)) for token in bare]
    text = changed(analysis, [removal, *changes])
    return capitalised(text) if text else None
