"""Edits that mean nothing to a claim: another name, white space, the style of quotation marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from claimcheck.claims import Analysis, Token
from claimcheck.claims.tokens import word_set
from claimcheck.issues import default_established
from claimcheck.training.metamorphic.clauses import FEWEST_WORDS
from claimcheck.training.metamorphic.rewrite import Change, capitalised, changed, place_in, turn

__all__ = [
    "SWAPS",
    "names_swapped",
    "quotes_restyled",
    "spaces_doubled",
    "spaces_unbroken",
]

SWAPS = tuple(
    tuple(name.strip() for name in row.split(","))
    for row in (
        "magnesium, zinc, selenium, potassium, chromium",
        "turmeric, ginger, ashwagandha, ginseng, rhodiola, valerian, chamomile, echinacea",
        "curcumin, resveratrol, quercetin, berberine, lutein, astaxanthin",
        "collagen, creatine, spirulina, glucosamine, chondroitin",
        "yoga, pilates, qigong, meditation, breathwork, mindfulness",
        "acupuncture, acupressure, cupping, moxibustion, hypnotherapy",
        "kefir, kombucha, kimchi, sauerkraut",
        "garlic, broccoli, kale, spinach",
        "swimming, jogging, dancing",
        "probiotics, prebiotics, synbiotics",
        "massage, reflexology, reiki, osteopathy",
        "vitamin c, vitamin e, vitamin k",
        "semaglutide, liraglutide, tirzepatide",
        "ketamine, psilocybin, ayahuasca, ibogaine",
        "ibuprofen, naproxen, diclofenac, celecoxib",
        "sertraline, fluoxetine, citalopram, venlafaxine",
        "atorvastatin, simvastatin, rosuvastatin",
    )
)
"""Names of one kind that fit into each other's place: all mass nouns of the gazetteer."""
_FORMS = word_set(
    """tea capsule tablet pill powder extract supplement drink juice infusion drip dose treatment
    therapy class course session practice programme program teacher user"""
)
_SWAPPED = {name: row for row in SWAPS for name in row}
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)|(?<=s)'(?=\s)")
_STRAIGHT_PAIR = re.compile(r'"([^"]+)"')


def _claiming(analysis: Analysis) -> bool:
    return bool(analysis.claims) and len(analysis.text.split()) >= FEWEST_WORDS


def names_swapped(analysis: Analysis) -> str | None:
    """One name for another of its kind, wherever the sentence has it."""
    if not _claiming(analysis) or _is_established(analysis):
        return None
    tokens = analysis.tokens
    named = [(_lower_words(analysis, *span), span) for span in _named(analysis)]
    old = next((name for name, _ in named if name in _SWAPPED), None)
    if old is None:
        return None
    others = [name for name in _SWAPPED[old] if name not in analysis.text.lower()]
    places = [span for name, span in named if name == old]
    if not others or any(_joined(tokens, *span) for span in places):
        return None
    if len(places) != analysis.text.lower().count(old):
        return None
    new = turn(analysis, "name", others)
    changes = []
    for first, last in places:
        shown = new[:-1] + new[-1].upper() if " " in new else new
        start, end = place_in(analysis, tokens[first])[0], place_in(analysis, tokens[last - 1])[1]
        capital = tokens[first].text[0].isupper()
        changes.append(Change(start, end, capitalised(shown) if capital else shown))
        if first and tokens[first - 1].lower in ("a", "an"):
            article = tokens[first - 1]
            right = "an" if new[0] in "aeiou" else "a"
            shown = right.capitalize() if article.text[0].isupper() else right
            changes.append(Change(*place_in(analysis, article), shown))
    return changed(analysis, changes)


def _named(analysis: Analysis) -> list[tuple[int, int]]:
    """Where interventions are named, without the form they come in ("ginger" of "ginger tea")."""
    spans = []
    for mention in analysis.mentions:
        first, last = mention.first, mention.last
        if mention.kind != "intervention":
            continue
        while last - first > 1 and analysis.tokens[last - 1].lemma in _FORMS:
            last -= 1
        spans.append((first, last))
    return spans


def _lower_words(analysis: Analysis, first: int, last: int) -> str:
    return analysis.words(first, last).lower()


def _is_established(analysis: Analysis) -> bool:
    """What the allow-list knows of one substance it does not know of another (H18)."""
    facts = default_established()
    return any(facts.covering(analysis, claim) is not None for claim in analysis.claims)


def _joined(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Part of a longer name ("zinc oxide", "post-yoga"), which has no counterpart."""
    near = (*tokens[max(0, first - 1) : first], *tokens[last : last + 1])
    if first and last - first == 1 and tokens[first].text[0].isupper():
        return True  # "Aged Garlic Extract" is sold under that name
    form = last < len(tokens) and tokens[last].lemma in _FORMS
    inside = tokens[last - 1].dep == "compound" and not form
    return inside or any(t.lower in ("-", "/", "'s") for t in near)


def spaces_doubled(analysis: Analysis) -> str | None:
    """Every space twice, as after a careless paste."""
    return analysis.text.replace(" ", "  ") if _claiming(analysis) else None


def spaces_unbroken(analysis: Analysis) -> str | None:
    """One space as a no-break space or a line break, as pages and wrapped text have it."""
    if not _claiming(analysis) or "\n" in analysis.text:
        return None
    places = [match.start() for match in re.finditer(r"(?<=\S) (?=\S)", analysis.text)]
    if not places:
        return None
    place = turn(analysis, "space", places)
    mark = turn(analysis, "mark", ("\u00a0", "\n", "\u00a0", "\u2009"))
    return analysis.text[:place] + mark + analysis.text[place + 1 :]


def quotes_restyled(analysis: Analysis) -> str | None:
    """Straight quotation marks and apostrophes curled, or curly ones straightened."""
    text = analysis.text
    if not _claiming(analysis):
        return None
    if any(mark in text for mark in "“”‘’"):
        return text.translate(str.maketrans("“”‘’", "\"\"''"))
    if text.count('"') % 2:
        return None
    curled = _APOSTROPHE.sub("’", _STRAIGHT_PAIR.sub(r"“\1”", text))
    return curled if curled != text else None
