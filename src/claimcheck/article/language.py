"""Which language a text is in, by its function words.

Only one decision hangs on it (English or not), so a list of the commonest words of
each language does; a trained detector would weigh more than the rest of the room.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["LANGUAGE_WORDS", "language_of", "name_of_language"]

LANGUAGE_WORDS: Final = 40
"""Words from which on a text is long enough to judge."""

_SAMPLE_WORDS = 3000
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_FUNCTION_WORDS: Final[dict[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in a is that for it with as was on be by this are or from at an not "
        "have has which you your we they their but can may if more than who will when what how "
        "our been were there these also about it's don't do i he she his her them its all other "
        "into out up so no some most people one",
        "fr": "le la les des de du et en un une est que qui dans pour sur pas plus par au aux avec "
        "ce cette il elle sont ou vous nous je se sa son ses ne mais comme être leur c'est d'un",
        "de": "der die das und ist in den von zu mit sich des auf für nicht ein eine als auch es "
        "an "
        "werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum war "
        "oder kann wenn ich wir",
        "es": "el la los las de del que y en un una es por con no para su se al lo como más pero "
        "sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay son",
        "it": "il la di che e è un una per in non con del della dei delle le i gli lo si da al "
        "sono "
        "come più ma anche o se nel alla questo ha dal nella",
        "pt": "o a os as de do da que e em um uma é para com não por se na no dos das ao como mais "
        "mas foi são ou seu sua também pela pelo você",
        "nl": "de het een van en in is dat op te zijn met voor niet die aan er om ook als bij door "
        "naar uit maar of nog kan meer deze wordt ze je hebben",
        "sv": "och i att det som en på är av för med den till inte har de ett om var men så kan vi "
        "från eller när också",
        "da": "og i at det som en på er af for med den til ikke har de et om var men så kan vi fra "
        "eller når også der",
        "no": "og i at det som en på er av for med den til ikke har de et om var men så kan vi fra "
        "eller når også der ved",
        "fi": "ja on ei että se oli ovat ole kun hän mutta myös tai kuin joka niin voi sen ne "
        "mukaan",
        "pl": "i w na z do się nie to że jest o jak po co ale od za przez dla są lub może które "
        "tym",
        "cs": "a v na se je to že s z do o i jako ale pro po jsou nebo která který také při být",
        "tr": "ve bir bu için ile da de çok olarak daha gibi en olan ne kadar ya veya sonra değil",
        "ro": "și de la în a cu pe nu că este un o din pentru mai care sau sunt se ca fi prin",
        "hu": "a az és hogy nem is egy van ez de meg azt csak mint vagy ki már ha",
        "id": "yang dan di dari untuk dengan pada ini dalam tidak adalah atau juga akan dapat itu",
        "vi": "và của là có cho không các trong được một với những người này để khi",
        "ru": "и в не на что с по как это а к но из у за от для о или так же быть при",
        "uk": "і в не на що з як це а до але та за від для або бути при які",
        "el": "και το να του η της με για που από τα στην είναι οι δεν ένα",
    }.items()
}
_SCRIPTS: Final = (
    ("zh", "\u4e00", "\u9fff"),
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7af"),
    ("ar", "\u0600", "\u06ff"),
    ("he", "\u0590", "\u05ff"),
    ("hi", "\u0900", "\u097f"),
    ("th", "\u0e00", "\u0e7f"),
    ("ru", "\u0400", "\u04ff"),
    ("el", "\u0370", "\u03ff"),
)
_NAMES: Final = {
    "fr": "French", "de": "German", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish",
    "pl": "Polish", "cs": "Czech", "tr": "Turkish", "ro": "Romanian", "hu": "Hungarian",
    "id": "Indonesian", "vi": "Vietnamese", "ru": "Russian", "uk": "Ukrainian", "el": "Greek",
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "he": "Hebrew",
    "hi": "Hindi", "th": "Thai",
}  # fmt: skip


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the text's language; null where nothing can be said.

    Null for fewer than :data:`LANGUAGE_WORDS` words in a script with spaces, and for
    text without sentences in any language known here (a list of names, say).
    """
    sample = text[: _SAMPLE_WORDS * 8]
    words = [word.replace("’", "'") for word in _WORD.findall(sample.lower())]
    letters = sum(map(len, words))
    foreign = [c for c in sample if "\u0370" <= c <= "\u1fff" or "\u3040" <= c <= "\ud7af"]
    if len(foreign) > 20 and len(foreign) > letters / 2:
        return _by_script(foreign, words)
    if len(words) < LANGUAGE_WORDS:
        return None
    return _by_words(words, tuple(_FUNCTION_WORDS), 0.12)


def name_of_language(code: str) -> str:
    """The English name of a language, or its code."""
    return _NAMES.get(code, code)


def _by_script(foreign: list[str], words: list[str]) -> str | None:
    """The language whose script most of the letters are in; kana tells Japanese."""
    counts = {
        code: sum(1 for character in foreign if first <= character <= last)
        for code, first, last in _SCRIPTS
    }
    if counts["ja"] > len(foreign) / 20:
        return "ja"
    code = max(counts, key=lambda script: counts[script])
    if code == "ru":
        return _by_words(words, ("ru", "uk"), 0.02) or code
    return code if counts[code] else None


def _by_words(words: list[str], codes: tuple[str, ...], floor: float) -> str | None:
    shares = {
        code: sum(1 for word in words if word in _FUNCTION_WORDS[code]) / max(1, len(words))
        for code in codes
    }
    best = max(shares, key=lambda code: shares[code])
    # English borrows letters and articles from none: a tie with it is English.
    if shares.get("en", 0.0) >= max(floor, 0.9 * shares[best]):
        return "en"
    return best if shares[best] >= floor else None
