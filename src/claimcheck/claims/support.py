"""The support that a sentence itself gives: numbers, named sources, designs, limits.

Rule H8: n of N, or an absolute change, with a comparator or baseline and an
identifiable source is adequate even with a plain past-tense verb.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.tokens import Token

__all__ = ["Support", "join_support", "number_shape", "support_of"]

_PEOPLE = (
    r"(?:people|persons?|patients?|adults?|women|men|participants?|volunteers?|children|kids|"
    r"boys|girls|babies|infants|toddlers|teens|teenagers|adolescents|users|subjects|students|"
    r"nurses|doctors|individuals|respondents|smokers|athletes|runners|cyclists|couples|mothers|"
    r"pensioners|veterans|residents|households|workers|americans|britons|survivors|cases|studies|"
    r"trials|mice|rats|dieters|drinkers|sufferers|swimmers|drivers|teachers|employees|families)"
)
_UNIT = (
    r"(?:minutes?|hours?|days?|weeks?|months?|years?|points?|kg|kilos?|kilograms?|pounds?|lbs?|"
    r"stone|mm ?hg|mmhg|cm|mm|mg|litres?|liters?|deaths?|cases?|attacks?|falls?|events?|visits?)"
)
_MORE = r"(?:sooner|later|less|more|fewer|lower|higher|longer|shorter|faster|earlier)"
_GAINED = r"(?:by|lost|gained|shed|added|saved|dropped|put on)"
_ROUGHLY = r"(?:an? average of |about |around |up to |roughly |almost |nearly )?"
_AGAINST = r"(?:versus|vs\.?|compared (?:with|to)|against|rather than)"

# Patterns over a sentence in which every number is "#" (see number_shape).
_OF = re.compile(
    r"# (?:out )?(?:of|in) (?:every |the |about |all |each )?#"
    r"|(?:^|[,;(] )of (?:the |all |these |about )?# (?:\S+ ){1,6}?, (?:just |only |about |some )?#"
    r"|n / n|# / #"
)
_FROM_TO = re.compile(
    r"from (?:\S+ ){0,4}?#(?: \S+){0,4}? to (?:\S+ ){0,3}?#"
    rf"|# (?:\S+ ){{0,3}}?{_AGAINST} (?:\S+ ){{0,4}}?#"
)
_DIFFERENCE = re.compile(
    rf"# (?:\S+ )?{_UNIT} {_MORE}"
    rf"|{_GAINED} {_ROUGHLY}# (?:\S+ )?{_UNIT}"
    r"|# (?:fewer|more|extra) \S+ (?:\S+ )?(?:per|in every|for every|in) #"
)
_PERCENT = re.compile(r"# ?(?:%|per cent|percent)")
_PARTICIPANTS = re.compile(rf"# (?:\S+ ){{0,3}}?{_PEOPLE}\b|n = #|sample of #|million {_PEOPLE}\b")
_COMPARATOR = re.compile(
    r"\b(?:placebo|sham|controls?|control (?:group|arm)|compared (?:with|to)|"
    r"in comparison (?:with|to)|versus|vs|waiting list|usual care|standard care|"
    r"than (?:those|people|patients|women|men|the (?:placebo|control|other|comparison)|among|in)|"
    r"comparison (?:group|arm)|head - to - head|baseline)\b"
)
_INTERVAL = re.compile(
    r"\bp (?:<|=|>)|confidence interval|\bci\b|hazard ratio|odds ratio|relative risk of #"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_FIGURE = re.compile(r"[\d.,]*\d[\d.,]*")
_COUNTED = re.compile(_PEOPLE)


@dataclass(frozen=True, slots=True)
class Support:
    """What a sentence, or a sentence with its neighbours, gives as support.

    ``design`` and ``weakest`` are ranks of study design, 1 (systematic review) to 9
    (testimony), best and worst mentioned, or null.
    """

    n_of_n: bool = False
    change: bool = False
    percent: bool = False
    participants: bool = False
    comparator: bool = False
    interval: bool = False
    named: bool = False
    year: bool = False
    design: int | None = None
    weakest: int | None = None
    limitation: bool = False

    @property
    def absolute(self) -> bool:
        """A figure with its own denominator or baseline."""
        return self.n_of_n or self.change

    @property
    def any_number(self) -> bool:
        return self.absolute or self.percent or self.participants or self.interval

    @property
    def identifiable(self) -> bool:
        """A reader could find the study: a name, or a design with its year or size."""
        return self.named or (
            self.design is not None and self.design <= 7 and (self.participants or self.year)
        )

    @property
    def adequate(self) -> bool:
        """Rule H8."""
        return (
            self.absolute
            and (self.comparator or self.change)
            and (self.identifiable or self.participants or self.design is not None)
        )


def number_shape(tokens: Sequence[Token]) -> str:
    """The sentence with every number as ``#`` and every year as ``YEAR``.

    "2000 adults" is a number of people, not a year.
    """
    words = []
    for token in tokens:
        following = tokens[token.i + 1].lower if token.i + 1 < len(tokens) else ""
        if _YEAR.fullmatch(token.lower) and not _COUNTED.fullmatch(following):
            words.append("YEAR")
        elif token.number or _FIGURE.fullmatch(token.lower):
            words.append("#")
        else:
            words.append(token.lower)
    return " ".join(words)


def support_of(tokens: Sequence[Token], cues: Sequence[CueHit]) -> Support:
    """Read the support that one sentence states. Pure."""
    shape = number_shape(tokens)
    ranks = [cue.level for cue in of_class(cues, "design") if cue.level is not None]
    return Support(
        n_of_n=bool(_OF.search(shape)),
        change=bool(_FROM_TO.search(shape) or _DIFFERENCE.search(shape)),
        percent=bool(_PERCENT.search(shape)),
        participants=bool(_PARTICIPANTS.search(shape)),
        comparator=bool(_COMPARATOR.search(shape)),
        interval=bool(_INTERVAL.search(shape)),
        named=bool(of_class(cues, "evidential-named")),
        year="YEAR" in shape,
        design=min(ranks) if ranks else None,
        weakest=max(ranks) if ranks else None,
        limitation=bool(of_class(cues, "hedge-limitation", "caveat")),
    )


def join_support(*parts: Support | None) -> Support:
    """What several sentences give together; absent neighbours count for nothing."""
    present = [part for part in parts if part is not None]
    designs = [part.design for part in present if part.design is not None]
    weakest = [part.weakest for part in present if part.weakest is not None]
    return Support(
        n_of_n=any(part.n_of_n for part in present),
        change=any(part.change for part in present),
        percent=any(part.percent for part in present),
        participants=any(part.participants for part in present),
        comparator=any(part.comparator for part in present),
        interval=any(part.interval for part in present),
        named=any(part.named for part in present),
        year=any(part.year for part in present),
        design=min(designs) if designs else None,
        weakest=max(weakest) if weakest else None,
        limitation=any(part.limitation for part in present),
    )
