"""Phrases: words of a sentence as a template shows them.

Without owner, praise or size, in running case, and short; or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from claimcheck.claims import Analysis
from claimcheck.claims.tokens import Token, children
from claimcheck.issues.wording import hits
from claimcheck.records import Span

__all__ = [
    "COUNTING",
    "OWNERS",
    "PEOPLE",
    "POINTERS",
    "head_of",
    "joined",
    "noun_words",
    "shown",
    "within",
]

_UNFIT = (*';:?!\n"“”()[]{}…±•*', " - ", "--", " – ", " — ")
_LONGEST = {"agent": 48, "outcome": 56, "population": 44, "comparator": 44}
OWNERS = frozenset({"my", "your", "his", "her", "its", "our", "their", "whose"})
POINTERS = frozenset({"this", "that", "these", "those", "such", "another", "other", "same"})
COUNTING = frozenset(
    """many most some several few all every each any both no half more less countless numerous
    various much majority number handful lot lots plenty none one two three""".split()
)
PEOPLE = frozenset(
    """people person patient adult woman man child participant volunteer kid boy girl baby infant
    teenager adolescent user student nurse individual smoker athlete runner sufferer group
    survivor veteran resident worker customer client reader mother father parent doctor expert
    researcher scientist author team company clinic hospital everyone everybody anyone someone
    mouse rat animal folk consumer dieter reviewer owner celebrity you women men guy lady therapist
    nurse surgeon scientist hundred thousand million dozen couple kid sister brother""".split()
)
_CHANGED = frozenset(
    "reduced improved increased decreased enhanced impaired higher lowered raised".split()
)
_EPONYMS = frozenset({"alzheimer", "parkinson", "crohn", "lyme", "hodgkin", "raynaud", "graves",
                      "tourette", "huntington", "down", "asperger"})  # fmt: skip
_MARKED = (
    "magnitude-vague", "quantity-vague", "relative-risk", "hype-hyperbolic", "hype-mild",
    "praise", "novelty", "booster-absolute", "booster-degree", "natural-appeal", "promise",
)  # fmt: skip
_SIZE_WORDS = frozenset(
    """marked significant substantial dramatic huge major massive remarkable noticeable great
    rapid fast quick instant immediate complete total incredible amazing profound considerable
    significantly dramatically greatly very extremely highly miraculous powerful revolutionary
    new novel innovative incredible humble magical gentle natural effective proven simple
    surprisingly lasting permanent deeper better certain overall excellent impressive successful
    breakthrough important unique special genuine true real safe secret""".split()
)


def noun_words(tokens: Sequence[Token], head: Token) -> list[Token]:
    """The words of a noun phrase: its left side and its "of" and "in" phrases, no clauses."""
    wanted = {head.i}
    frontier = [head]
    while frontier:
        here = frontier.pop()
        for child in children(tokens, here.i):
            left = child.i < here.i and child.dep in (
                "compound", "amod", "nmod", "poss", "case", "det", "npadvmod", "punct",
            ) and child.lower not in (",", "(")  # fmt: skip
            joined = (
                child.dep in ("cc", "conj")
                and here.pos in ("NOUN", "PROPN")
                and (child.dep == "cc" or child.pos in ("NOUN", "PROPN"))
            )
            ties = (
                child.dep == "prep"
                and child.lower in ("of", "in", "for")
                and here.i == head.i
                and not any(c.lemma in PEOPLE for c in children(tokens, child.i))
            )
            noun = child.dep == "pobj" and here.dep == "prep" and not child.number
            if left or joined or ties or noun or child.dep == "case":
                wanted.add(child.i)
                frontier.append(child)
    first, last = head.i, head.i
    while first - 1 in wanted:
        first -= 1
    while last + 1 in wanted:
        last += 1
    if first and tokens[first].text == "-":
        first += 1
    return list(tokens[first : last + 1])


def shown(sentence: Analysis, words: Sequence[Token], name: str) -> str | None:
    """Words as a template shows them: no owner, no praise, no size, in running case."""
    kept = list(_trimmed(sentence, words))
    if words and kept and words[0].i > 1 and sentence.tokens[words[0].i - 1].text == "-":
        words = [*sentence.tokens[words[0].i - 2 : words[0].i], *words]
        kept = [*words[:2], *kept]  # "L-arginine"
    if not kept or kept[-1].pos in ("DET", "ADP", "CCONJ", "ADJ", "ADV", "PUNCT", "PART"):
        return None
    if any(t.pos == "PRON" and t.lower not in OWNERS for t in kept):
        return None
    if name == "agent" and any(
        m.kind == "condition" and m.first <= t.i < m.last for m in sentence.mentions for t in kept
    ):
        return None
    if name == "outcome" and sum(t.text[:1].isupper() for t in kept) > 2:
        return None
    if any(t.tag in ("VBZ", "VBD", "VBP", "MD", "WDT", "WP") for t in kept):
        return None
    if any(t.number or t.lower in ("percent", "%", "cent") or t.lower in COUNTING for t in kept):
        return None
    before = sentence.tokens[kept[0].i - 2 : kept[0].i] if kept[0].i > 1 else ()
    if len(before) == 2 and before[1].text == "-" and before[0].number:
        return None  # "five-year mortality rates" without its number
    text = joined(kept)
    if len(text) > _LONGEST[name] or any(mark in text for mark in _UNFIT):
        return None
    if kept[0].i == 0 and _only_sentence_case(sentence, kept):
        text = text[:1].lower() + text[1:]
    text = _decapitalised(sentence, text, kept)
    if name == "agent" and words[0].lower in OWNERS | POINTERS and kept[0].pos != "DET":
        text = f"the {text}"
    return _articled(text)


def _decapitalised(sentence: Analysis, text: str, words: Sequence[Token]) -> str:
    """ "The patch", "Diabetes": capitals of a quotation's start or of emphasis."""
    if words[0].lower in ("the", "a", "an"):
        return text[:1].lower() + text[1:]
    known = any(m.kind == "condition" and m.first <= words[0].i < m.last for m in sentence.mentions)
    plain = text[1:].islower() and not set(text.lower().split()) & _EPONYMS
    return text.lower() if known and plain and words[0].lower not in _EPONYMS else text


def _trimmed(sentence: Analysis, words: Sequence[Token]) -> Iterable[Token]:
    """Drop size words, praise and owners; an owner inside becomes no word at all."""
    praised = {
        index
        for cue in hits(sentence, *_MARKED)
        for index in range(cue.first, cue.last)
        if sentence.tokens[index].pos in ("ADJ", "ADV")
    }
    kept = [
        t
        for t in words
        if not (t.lower in OWNERS or t.tag == "PRP$" or (t.lower in POINTERS and t.i == words[0].i))
        and not (t.tag in ("JJS", "JJR") and t.i == words[0].i)
        and not (t.lower in _CHANGED and t.dep == "amod" and t.i != words[-1].i)
        and not (t.dep in ("poss", "case") and _of_people(sentence, t))
        and not (t.i in praised or (t.pos in ("ADJ", "ADV", "VERB") and t.lower in _SIZE_WORDS))
    ]
    while kept and (
        kept[0].pos in ("CCONJ", "PUNCT", "ADV", "SCONJ", "ADP") or kept[0].lower == "'s"
    ):
        kept = kept[1:]
    while kept and kept[-1].pos in ("PUNCT", "CCONJ", "ADP", "DET"):
        kept = kept[:-1]
    return kept


def _of_people(sentence: Analysis, token: Token) -> bool:
    """ "patients' quality of life": whose it is adds nothing."""
    owner = sentence.tokens[token.head] if token.dep == "case" else token
    return owner.dep == "poss" and owner.lemma in PEOPLE


def joined(words: Sequence[Token]) -> str:
    """The text of words with the spaces that they have between them."""
    parts: list[str] = []
    for place, token in enumerate(words):
        if place and (words[place - 1].i != token.i - 1 or words[place - 1].end < token.start):
            parts.append(" ")
        parts.append(token.text)
    return " ".join("".join(parts).split())


def _only_sentence_case(sentence: Analysis, words: Sequence[Token]) -> bool:
    first = words[0]
    if not first.text[:1].isupper() or any(c.isupper() for c in first.text[1:]):
        return False
    known = any(m.kind in ("intervention", "condition") and m.first == 0 for m in sentence.mentions)
    return first.pos != "PROPN" or (known and (len(words) < 2 or words[1].text.islower()))


def _articled(text: str) -> str:
    """ "a improvement" → "an improvement", after a word between has gone."""
    first, _, rest = text.partition(" ")
    if first in ("a", "an") and rest:
        vowel = rest[:1].lower() in "aeiou" and not rest.lower().startswith(("use", "uni", "one"))
        return f"{'an' if vowel else 'a'} {rest}"
    return text


def within(tokens: Sequence[Token], span: Span | None) -> list[Token]:
    if span is None:
        return []
    return [token for token in tokens if span[0] <= token.start < span[1]]


def head_of(words: Sequence[Token]) -> Token | None:
    inside = {token.i for token in words}
    return next((t for t in words if t.head not in inside or t.head == t.i), None)
