"""``Article`` → analysed sentences: what the judge and the issue rules read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from claimcheck.claims.cues import CueHit, cues_of
from claimcheck.claims.extract import ClaimDraft, claims_of, is_imperative
from claimcheck.claims.gazetteer import Gazetteer, Mention, default_gazetteer
from claimcheck.claims.lexicon import Lexicon, default_lexicon
from claimcheck.claims.pipeline import load_pipeline, parse_sentences
from claimcheck.claims.scope import is_question
from claimcheck.claims.sentences import Unit, units_of
from claimcheck.claims.support import Support, support_of
from claimcheck.claims.tokens import Token, Tokens
from claimcheck.records import Article, BlockKind

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Analyser", "Analysis", "analyse", "analyse_tokens"]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One sentence, analysed. Offsets are into ``article.text``.

    Nothing here depends on the sentences around it; neighbours are joined where a
    rule asks for them.
    """

    start: int
    end: int
    text: str
    block: int = 0
    kind: BlockKind = "paragraph"
    level: int | None = None
    tokens: tuple[Token, ...] = ()
    cues: tuple[CueHit, ...] = ()
    mentions: tuple[Mention, ...] = ()
    support: Support = field(default_factory=Support)
    claims: tuple[ClaimDraft, ...] = ()
    question: bool = False
    imperative: bool = False

    @property
    def heading(self) -> bool:
        """Whether the unit is the title or a heading."""
        return self.kind in ("title", "heading")

    def words(self, first: int, last: int) -> str:
        """The text of tokens ``[first, last)``."""
        begin, end = self.tokens[first].start, self.tokens[last - 1].end
        return self.text[begin - self.start : end - self.start]


def analyse_tokens(
    unit: Unit,
    *,
    text: str,
    tokens: Sequence[Token],
    lexicon: Lexicon | None = None,
    gazetteer: Gazetteer | None = None,
) -> Analysis:
    """Analyse one parsed sentence. Pure.

    :param text: the sentence as the article has it.
    """
    tokens = tokens if isinstance(tokens, Tokens) else Tokens(tokens)
    mentions = (gazetteer or default_gazetteer()).match(tokens)
    cues = cues_of(tokens, lexicon or default_lexicon(), mentions=mentions)
    support = support_of(tokens, cues)
    return Analysis(
        start=unit.start,
        end=unit.end,
        text=text,
        block=unit.block,
        kind=unit.kind,
        level=unit.level,
        tokens=tokens,
        cues=cues,
        mentions=mentions,
        support=support,
        claims=claims_of(
            tokens,
            cues=cues,
            mentions=mentions,
            support=support,
            quoted=unit.kind == "quote",
        ),
        question=is_question(tokens),
        imperative=is_imperative(tokens),
    )


class Analyser:
    """Parses and analyses sentences with one pipeline and one set of lexicons."""

    def __init__(
        self,
        *,
        nlp: Language | None = None,
        lexicon: Lexicon | None = None,
        gazetteer: Gazetteer | None = None,
    ) -> None:
        self._nlp = nlp
        self._lexicon = lexicon
        self._gazetteer = gazetteer

    def article(self, article: Article) -> tuple[Analysis, ...]:
        """Every unit of the article in text order."""
        units = tuple(units_of(article))
        return tuple(self.units(units, article.text))

    def units(self, units: Iterable[Unit], text: str) -> Iterator[Analysis]:
        """Analyse units of one text, in order."""
        units = tuple(units)
        shown = [text[unit.start : unit.end] for unit in units]
        for unit, words, tokens in zip(units, shown, self._parse(units, shown), strict=True):
            yield analyse_tokens(
                unit, text=words, tokens=tokens, lexicon=self._lexicon, gazetteer=self._gazetteer
            )

    def sentences(self, texts: Iterable[str]) -> Iterator[Analysis]:
        """Analyse loose sentences, each with offsets from 0."""
        texts = tuple(texts)
        units = tuple(Unit(0, len(text), 0, "paragraph", None) for text in texts)
        for unit, text, tokens in zip(units, texts, self._parse(units, texts), strict=True):
            yield analyse_tokens(
                unit, text=text, tokens=tokens, lexicon=self._lexicon, gazetteer=self._gazetteer
            )

    def rewritten(self, pairs: Iterable[tuple[Analysis, str]]) -> Iterator[Analysis]:
        """Analyse other wordings of analysed sentences, each in its sentence's place.

        :param pairs: a sentence, and the text to put in its place. Offsets of the
            result are into that text.
        """
        pairs = tuple(pairs)
        units = tuple(Unit(0, len(text), old.block, old.kind, old.level) for old, text in pairs)
        texts = tuple(text for _, text in pairs)
        for unit, text, tokens in zip(units, texts, self._parse(units, texts), strict=True):
            yield analyse_tokens(
                unit, text=text, tokens=tokens, lexicon=self._lexicon, gazetteer=self._gazetteer
            )

    def _parse(self, units: Sequence[Unit], texts: Sequence[str]) -> Iterator[tuple[Token, ...]]:
        nlp = self._nlp or load_pipeline()
        starts = (unit.start for unit in units)
        return parse_sentences(nlp, zip(texts, starts, strict=True))


def analyse(article: Article) -> tuple[Analysis, ...]:
    """Analyse an article with the default pipeline and lexicons."""
    return Analyser().article(article)
