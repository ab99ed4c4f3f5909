"""Verb forms and agreement: what an edit of a sentence needs in order to stay English.

Regular rules, one table of irregular verbs and the parse. Every form that is taken off
a token is checked by putting it back on: a plural noun that the tagger reads as a verb
("supplements") or a lemma that it guessed then gives ``None``, and the edit is not made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from claimcheck.claims.tokens import Token, children, word_set

__all__ = ["Number", "base_of", "number_of", "participle", "past", "present", "third_person"]

Number = Literal["singular", "plural"]

_IRREGULAR = {
    base: (past_form, participle_form)
    for base, past_form, participle_form in (
        row.split()
        for row in """
        be was been|beat beat beaten|become became become|begin began begun|bend bent bent
        bind bound bound|bleed bled bled|break broke broken|bring brought brought
        build built built|burst burst burst|buy bought bought|catch caught caught
        choose chose chosen|come came come|cost cost cost|cut cut cut|deal dealt dealt
        dig dug dug|do did done|draw drew drawn|drink drank drunk|drive drove driven
        eat ate eaten|fall fell fallen|feed fed fed|feel felt felt|fight fought fought
        find found found|fly flew flown|forget forgot forgotten|freeze froze frozen
        get got got|give gave given|go went gone|grow grew grown|have had had|hear heard heard
        hit hit hit|hold held held|hurt hurt hurt|keep kept kept|know knew known|lead led led
        leave left left|let let let|light lit lit|lose lost lost|make made made
        mean meant meant|meet met met|offset offset offset|outdo outdid outdone
        outgrow outgrew outgrown|overcome overcame overcome|pay paid paid|put put put
        quit quit quit|read read read|rebuild rebuilt rebuilt|reset reset reset|rid rid rid
        ring rang rung|rise rose risen|run ran run|say said said|see saw seen
        seek sought sought|sell sold sold|send sent sent|set set set|shake shook shaken
        shed shed shed|shine shone shone|show showed shown|shrink shrank shrunk|shut shut shut
        sink sank sunk|sit sat sat|sleep slept slept|slide slid slid|speak spoke spoken
        speed sped sped|spend spent spent|spin spun spun|split split split
        spread spread spread|stand stood stood|stick stuck stuck|strike struck struck
        sweep swept swept|swell swelled swollen|swing swung swung|take took taken
        teach taught taught|tear tore torn|tell told told|think thought thought
        throw threw thrown|undergo underwent undergone|understand understood understood
        undo undid undone|upset upset upset|wake woke woken|wear wore worn|weep wept wept
        win won won|withstand withstood withstood|write wrote written
        """.replace("\n", "|").split("|")
        if row.strip()
    )
}
_DOUBLING = word_set(
    """admit beg chat chop clog commit compel control curl drag drip drop expel fit flag flip
    grab grip hop hug knit map mop nag occur permit plan plug pop prefer propel quiz rob rub
    scan ship sip skip slam slap slip snap squat stem step stir stop strip submit swap tan tap
    tip transfer trap trim unclog unplug wrap zap"""
) - {"curl"}
_SINGULAR = word_set(
    """it he she this that each one everyone everybody anyone anything everything something
    nothing someone somebody nobody either neither another much"""
)
_PLURAL = word_set("they we you i these those both many few several some most all others")
_COUNTING = word_set(
    """number variety handful couple range majority lot half rest host series group minority
    percentage proportion share part mix combination pair dozen bunch plenty array set percent
    quarter third per cent % none any"""
)
_EITHER_NUMBER = word_set("media data headquarters means series species news")
_CONTRACTED = {"'s": "be", "'re": "be", "'m": "be", "'ll": "will", "'ve": "have"}


def third_person(base: str) -> str:
    """ "reduce" → "reduces", "be" → "is"."""
    if base in ("be", "have", "do", "go"):
        return {"be": "is", "have": "has", "do": "does", "go": "goes"}[base]
    if base.endswith(("s", "x", "z", "ch", "sh")):
        return base + "es"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def present(base: str, number: Number) -> str:
    """The present tense of the third person."""
    if number == "singular":
        return third_person(base)
    return "are" if base == "be" else base


def past(base: str) -> str:
    """The past tense; "was" stands for "be"."""
    return _IRREGULAR[base][0] if base in _IRREGULAR else _with_ed(base)


def participle(base: str) -> str:
    """The past participle: "take" → "taken"."""
    return _IRREGULAR[base][1] if base in _IRREGULAR else _with_ed(base)


def _with_ed(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ied"
    return base + (base[-1] if base in _DOUBLING else "") + "ed"


def base_of(token: Token) -> str | None:
    """The infinitive of a verb, or ``None`` where its form and its tag do not agree.

    Past tenses with two regular spellings ("fuelled", "fueled") are accepted by their
    ending, because nothing is spelled from them but the infinitive.
    """
    word, base = token.lower, _CONTRACTED.get(token.lower, token.lemma)
    if base == "be":
        known = ("is", "are", "was", "were", "be", "been", "'s", "'re")
        return base if word in known else None
    if not base.isalpha():
        return None
    if token.tag == "VBZ":
        return base if third_person(base) == word else None
    if token.tag in ("VBP", "VB"):
        return base if base == word else None
    if token.tag in ("VBD", "VBN"):
        forms = {past(base), participle(base)}
        regular = base not in _IRREGULAR and word.endswith("ed") and word.startswith(base[:-1])
        return base if word in forms or regular else None
    return None


def _joined_by(tokens: Sequence[Token], noun: Token) -> set[str]:
    """The conjunctions of a row of nouns, each of which hangs from the one before."""
    words: set[str] = set()
    for child in children(tokens, noun.i):
        if child.dep == "cc":
            words.add(child.lower)
        elif child.dep == "conj":
            words |= _joined_by(tokens, child) or {","}
    return words - {","} or words


def number_of(tokens: Sequence[Token], subject: Token) -> Number | None:
    """Whether a subject takes "reduces" or "reduce"; ``None`` where the parse cannot say.

    "A handful of trials" and "half the dose" go either way with what they count, and a
    noun that the tagger reads as a name may hide a plural.
    """
    word = subject.lower
    joined_by = _joined_by(tokens, subject)
    if joined_by:
        # "salt and vinegar" is plural; "salt or vinegar" agrees with its last part.
        return "plural" if joined_by == {"and"} else None
    if word in _SINGULAR or subject.tag == "VBG" or subject.dep in ("csubj", "csubjpass"):
        return "singular"
    if word in _PLURAL:
        return "plural"
    if word in _COUNTING or subject.lemma in _COUNTING or word in _EITHER_NUMBER:
        return None
    if subject.tag in ("NNS", "NNPS"):
        return "plural"
    if subject.tag in ("NN", "NNP"):
        # "the peptides" in capitals comes back as a name.
        doubtful = word.endswith("s") and not word.endswith(("ss", "us", "is"))
        return None if doubtful or subject.number else "singular"
    return None
