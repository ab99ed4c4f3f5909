"""Pages of the test site: articles, walls and stubs, composed from a small grammar.

Every page is a function of a seed and a number, so two processes that know both hold the
same bytes. The sentences were written for this project; remedies and people are made up,
and what is said of real foods and habits is there to be overstated.
"""

from __future__ import annotations

import html
import random
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["ACCENTED", "article", "consent_wall", "foreign", "paywall", "thin"]

ACCENTED: Final = "the Café Médical in Besançon"
"""Words of every page about charsets: they come out right only if its encoding was found."""

_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "remedy": (
        "turmeric tea",
        "cold plunges",
        "magnesium spray",
        "beetroot juice",
        "a spoon of raw honey",
        "fermented cabbage",
        "red light panels",
        "sea buckthorn oil",
        "a weekly sauna",
        "nettle extract",
        "evening walks",
        "mushroom coffee",
        "rosehip powder",
        "a copper bracelet",
        "fasting until noon",
        "oat bran",
    ),
    "condition": (
        "joint pain",
        "poor sleep",
        "high blood pressure",
        "migraine",
        "back pain",
        "hot flushes",
        "low mood",
        "winter colds",
        "eczema",
        "tinnitus",
        "reflux",
        "hay fever",
    ),
    "measure": (
        "hours of sleep",
        "the number of painful days",
        "morning blood pressure",
        "scores on a fatigue scale",
        "the use of painkillers",
        "days off work",
        "steps walked in a day",
        "waist size",
    ),
    "people": (
        "older adults",
        "night-shift workers",
        "new mothers",
        "office workers",
        "amateur runners",
        "retired teachers",
        "people over sixty",
        "bus drivers",
        "nurses",
        "teenagers",
    ),
    "place": (
        "Aberford",
        "a market town in the north",
        "the valley clinic",
        "Saltmere",
        "a surgery by the harbour",
        "Little Harrow",
        "the university at Wenlow",
        "three villages near the border",
    ),
    "person": (
        "Dr Imke Salander",
        "Tom Arrowby",
        "Professor Edith Lorne",
        "Joyce Pellam",
        "Dr Ravi Menzies",
        "Hanne Okoro",
        "Sister Maud Tilling",
        "Callum Dray",
    ),
    "role": (
        "a family doctor",
        "a dietitian",
        "who leads the trial",
        "a physiotherapist",
        "who keeps the shop",
        "a pharmacist",
        "a sports scientist",
    ),
    "season": ("spring", "summer", "autumn", "winter"),
    "thing": ("habit", "routine", "remedy", "idea", "craze", "custom"),
}

_TITLES: Final = (
    "Why {people} swear by {remedy}",
    "The truth about {remedy} and {condition}",
    "Can {remedy} help with {condition}?",
    "{Remedy}: what we know, and what we only hope",
    "How {place} fell in love with {remedy}",
    "A {season} with {remedy}",
    "{Condition} and the promise of {remedy}",
    "What {people} should know about {remedy}",
    "{Remedy} put to the test at last",
)

_OPENINGS: Final = (
    "It began in {place}, where {people} were talking about {remedy} before anybody else was.",
    "Few things divide {people} as quickly as {remedy} does, and this {season} was no exception.",
    "On a wet morning in {place} a queue had formed for {remedy}, and nobody minded the rain.",
    "{Person}, {role}, first heard of {remedy} from a neighbour who had lived with {condition} "
    "for {years} years.",
    "There is a {thing} going round among {people}, and it has to do with {remedy}.",
    "When {condition} keeps you awake, almost any {thing} begins to sound sensible.",
    "For {years} years {person} paid little heed to {remedy}, and then {season} came.",
)
_OVERSTATED: Final = (
    "{Remedy} cures {condition} in {weeks} weeks.",
    "{Remedy} is proven to end {condition} for good.",
    "It is completely safe and has no side effects whatsoever.",
    "Thousands of {people} have already thrown away their tablets.",
    "Because {remedy} is natural, it cannot do you any harm.",
    "Doctors agree that {remedy} works better than any drug.",
    "{Remedy} prevents {condition} and adds years to your life.",
    "Studies show that {remedy} doubles {measure}.",
    "A miracle like {remedy} comes along once in a generation.",
    "{Remedy} melts away the cause of {condition} without effort.",
    "Everybody who suffers from {condition} should start on {remedy} today.",
    "{Remedy} slashes the risk of {condition} by {percent} per cent.",
)
_HEDGED: Final = (
    "{Remedy} may ease {condition} a little in some people.",
    "In a small trial in {place}, {few} of {many} {people} who used {remedy} reported less "
    "{condition}, against {fewer} of {many} who did not.",
    "Whether {remedy} does anything for {condition} is not yet clear.",
    "The effect on {measure} was small and could be due to chance.",
    "A review of {years} trials found no reliable difference in {measure}.",
    "It might help, says {person}, {role}, but nobody has followed {people} for longer than "
    "{weeks} weeks.",
    "Among {many} {people} in {place}, {measure} changed by about {small} per cent, and the "
    "researchers could not rule out that better weather played a part.",
    "People who take blood thinners should speak to a pharmacist before they try {remedy}.",
)
_COLOUR: Final = (
    "The kitchen smells of ginger, and a radio is playing somewhere behind the door.",
    "{Person} laughs when asked about it and puts the kettle on again.",
    "A packet costs about as much as a good loaf of bread in {place}.",
    "Most {people} who came along that day had heard of it from a cousin or a colleague.",
    "The {thing} is older than it looks, for a cookery book of {place} mentions something like "
    "it {many} years ago.",
    "By the time {season} came round, the noticeboard of the library was full of cards.",
    "None of this surprises {person}, {role}, who has seen such fashions come and go.",
    "The group meets on Tuesdays, brings cake, and keeps a careful diary.",
    "Outside, the first leaves were coming down, and the car park was half empty.",
    "They weigh it out on a brass scale that belonged to a grandmother.",
)
_QUOTES: Final = (
    "“I had tried everything for {condition},” says {person}. “After {weeks} weeks of {remedy} "
    "I felt like a new woman.”",
    "“We would all like a simple answer,” says {person}, {role}. “{Condition} rarely has one.”",
    "“My advice is to sleep, to walk and to be patient,” says {person}, {role}.",
    "“You can feel it working from the first day,” {person} insists. “It never fails.”",
    "“What we measured was {measure},” {person} explains, “and that is not the same as health.”",
)
_ENDINGS: Final = (
    "Next {season} the group in {place} will count again, and then we shall know more.",
    "Until then {person} will go on as before, with a cup of tea and an open mind.",
    "For now the fairest thing to say about {remedy} is that it tastes better than it used to.",
    "If {condition} lasts longer than {weeks} weeks, a visit to the surgery is the better plan.",
    "One thing is certain: start with {remedy} tonight and {condition} will be gone by {season}.",
)

_MENU: Final = ("Home", "Food", "Sleep", "Movement", "Letters")


def article(seed: int, number: int, *, accented: bool = False) -> str:
    """An HTML page with an article of 180 to 450 English words under a title.

    :param accented: has a sentence with :data:`ACCENTED` in it, and no other letters that
        ISO 8859-1 lacks.
    """
    dice = random.Random(f"article {seed} {number}")
    words = _choice_of_words(dice)
    paragraphs = [_paragraph(dice, words, _OPENINGS, _COLOUR, _HEDGED)]
    paragraphs += [
        _paragraph(dice, words, _COLOUR, _HEDGED, _OVERSTATED, _QUOTES)
        for _ in range(dice.randint(1, 2))
    ]
    paragraphs.append(_paragraph(dice, words, _OVERSTATED, _HEDGED, _ENDINGS))
    if accented:
        paragraphs.insert(1, f"The talk was held at {ACCENTED}, and the room was full.")
        paragraphs = [one.replace("“", '"').replace("”", '"') for one in paragraphs]
    # Words are drawn anew for each sentence, but no draw promises that two pages differ.
    paragraphs.append(f"This was number {number + 1} in our series on everyday remedies.")
    title = _filled(dice.choice(_TITLES), words, dice)
    return _page(title, paragraphs, layout=dice.randrange(3))


def consent_wall(seed: int, number: int) -> str:
    """A page that holds nothing but a notice about cookies."""
    partners = 100 * seed + number + 40
    return _page(
        "Before you go on",
        [
            f"We and our {partners} partners use cookies and process personal data to measure "
            "how this site is used and to show advertising that suits you.",
            "Some partners rely on a legitimate interest. You can manage your privacy settings "
            "at any time. Read our privacy policy for how we treat consent.",
            "Accept all cookies or manage your choices.",
        ],
        layout=1,
    )


def paywall(seed: int, number: int) -> str:
    """The beginning of an article, and an invitation to pay for the rest."""
    dice = random.Random(f"paywall {seed} {number}")
    words = _choice_of_words(dice)
    return _page(
        _filled(dice.choice(_TITLES), words, dice),
        [
            _paragraph(dice, words, _OPENINGS, _COLOUR, _HEDGED),
            f"To continue reading this article, subscribe from {dice.randint(2, 9)} pounds a "
            "month. Already a subscriber? Log in.",
        ],
        layout=0,
    )


def thin(seed: int, number: int) -> str:
    """A title and two sentences: fewer words than make an article."""
    dice = random.Random(f"thin {seed} {number}")
    words = _choice_of_words(dice)
    return _page(
        _filled(dice.choice(_TITLES), words, dice),
        [
            f"A short note, number {number + 1}, from the notebook that lies on our kitchen "
            "table, about the things that people tell us while they wait.",
            _filled(dice.choice(_COLOUR), words, dice),
        ],
        layout=0,
    )


_FOREIGN: Final = {
    "de": (
        "Was hinter {thing} steckt",
        "Viele Menschen schwören auf {thing}, und auch in unserem Dorf ist das nicht anders.",
        "Ob es wirklich gegen {condition} hilft, ist bis heute nicht geklärt, sagt die Ärztin.",
        "In einer kleinen Studie mit {count} Personen ging es den meisten nach vier Wochen etwas "
        "besser, aber das kann auch an der Jahreszeit gelegen haben.",
        "Wer Medikamente nimmt, der sollte vorher mit der Apotheke sprechen und nichts absetzen.",
        "Am Ende bleibt die Hoffnung, dass sich mit der Zeit zeigt, was davon zu halten ist.",
        "Bis dahin ist ein Spaziergang an der frischen Luft für die meisten von uns das Beste.",
    ),
    "fr": (
        "Ce que l’on sait de {thing}",
        "Dans notre village, beaucoup de gens ne jurent plus que par {thing} depuis le printemps.",
        "On ne sait pas encore si cela soulage vraiment {condition}, dit la pharmacienne.",
        "Dans une petite étude avec {count} personnes, la plupart se sentaient un peu mieux après "
        "quatre semaines, mais le beau temps y est peut-être pour quelque chose.",
        "Il ne faut pas arrêter un traitement sans en parler avec son médecin, et c’est tout.",
        "Pour le moment, une promenade dans la forêt et une nuit de sommeil ne coûtent rien.",
        "Les habitants de la vallée sont d’accord avec elle, et ils attendent la suite.",
    ),
}
_FOREIGN_WORDS: Final = {
    "de": {
        "thing": ("Kurkuma", "kaltes Wasser", "Brennnesseltee", "Sauerkraut"),
        "condition": ("Rückenschmerzen", "Migräne", "Heuschnupfen", "Schlaflosigkeit"),
    },
    "fr": {
        "thing": ("le curcuma", "la tisane d’ortie", "le bain froid", "le chou fermenté"),
        "condition": ("le mal de dos", "la migraine", "le rhume des foins", "l’insomnie"),
    },
}


def foreign(seed: int, number: int) -> str:
    """An article in German or French."""
    dice = random.Random(f"foreign {seed} {number}")
    language = dice.choice(sorted(_FOREIGN))
    words = {name: dice.choice(choice) for name, choice in _FOREIGN_WORDS[language].items()}
    title, *sentences = (line.format(count=20 + number, **words) for line in _FOREIGN[language])
    return _page(
        title,
        [" ".join(sentences[:2]), " ".join(sentences[2:4]), " ".join(sentences[4:])],
        layout=0,
        language=language,
    )


def _choice_of_words(dice: random.Random) -> dict[str, str]:
    """What one article is about; the rest is drawn anew in every sentence."""
    return {name: dice.choice(_WORDS[name]) for name in ("remedy", "condition", "people")}


def _paragraph(dice: random.Random, words: Mapping[str, str], *kinds: Sequence[str]) -> str:
    """One to two sentences of each kind, in the order of the kinds."""
    chosen = [line for kind in kinds for line in dice.sample(kind, dice.randint(1, 2))]
    return " ".join(_filled(line, words, dice) for line in chosen)


def _filled(line: str, words: Mapping[str, str], dice: random.Random) -> str:
    many = dice.randint(40, 400)
    filled = {name: dice.choice(choice) for name, choice in _WORDS.items()} | dict(words)
    filled |= {name.capitalize(): _capital(word) for name, word in filled.items()}
    numbers = {
        "years": dice.randint(3, 19),
        "weeks": dice.randint(2, 11),
        "percent": dice.randint(20, 80),
        "small": dice.randint(2, 9),
        "many": many,
        "few": many // 2,
        "fewer": many // 3,
    }
    return _capital(line.format(**filled, **numbers))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _page(title: str, paragraphs: Sequence[str], *, layout: int, language: str = "en") -> str:
    """One of three page layouts, as weblogs, papers and shops have them."""
    body = "\n".join(f"<p>{html.escape(text, quote=False)}</p>" for text in paragraphs)
    head = html.escape(title, quote=False)
    menu = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in _MENU)
    wrap = (
        f"<main><article><h1>{head}</h1>\n{body}\n</article></main>",
        f'<div id="content"><h1>{head}</h1>\n{body}\n</div>',
        f'<section class="story"><header><h1>{head}</h1></header>\n{body}\n</section>',
    )[layout]
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><title>{head}</title></head>\n'
        f"<body><nav><ul>{menu}</ul></nav>\n{wrap}\n"
        "<footer><p>Written for a test.</p></footer></body></html>\n"
    )
