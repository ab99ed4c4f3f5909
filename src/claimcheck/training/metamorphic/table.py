"""All transformations, with the direction that the annotation scheme gives each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from claimcheck.claims import Analysis
from claimcheck.training.metamorphic import bolder, indifferent, softer

__all__ = ["TRANSFORMATIONS", "About", "Direction", "Transformation"]

Direction = Literal["not-up", "not-down", "same"]
About = Literal["benefit", "denied-harm", "stated-harm", "anything"]


@dataclass(frozen=True, slots=True)
class Transformation:
    """A kind of edit.

    ``edit`` gives the new text, or ``None`` where it does not apply or would not be good
    English. ``direction`` is what the score of the edited sentence must do against the
    original; ``about`` what that presupposes of the sentence, which labels can confirm;
    ``moves`` marks the edits after which the score should also move by 0.05 or more
    wherever there is room.
    """

    name: str
    direction: Direction
    edit: Callable[[Analysis], str | None]
    about: About = "benefit"
    moves: bool = False


def _listed() -> Iterator[Transformation]:
    # H1: a hedge on the predicate, or over it.
    yield Transformation("hedge-may", "not-up", softer.hedge_may, moves=True)
    yield Transformation("hedge-might-could", "not-up", softer.hedge_might_could, moves=True)
    yield Transformation("hedge-appears", "not-up", softer.hedge_appears, moves=True)
    yield Transformation("hedge-adverb", "not-up", softer.hedge_possibly, moves=True)
    yield Transformation("hedge-opening", "not-up", softer.hedge_opening, moves=True)
    yield Transformation("hedge-matrix", "not-up", softer.hedge_matrix, moves=True)
    # A limitation, wherever it stands, and H8: counts with a comparator.
    yield Transformation("limitation-clause", "not-up", softer.limit_clause)
    yield Transformation("limitation-aside", "not-up", softer.limit_aside)
    yield Transformation("limitation-opening", "not-up", softer.limit_opening)
    yield Transformation("count-in-brackets", "not-up", softer.count_in_brackets)
    yield Transformation("count-as-adjunct", "not-up", softer.count_as_adjunct)
    # H10, H11, H15.
    yield Transformation("no-evidence", "not-up", softer.no_evidence)
    yield Transformation("myth", "not-up", softer.myth)
    yield Transformation("asked", "not-up", softer.asked)
    yield Transformation("negated", "not-up", softer.negated)
    yield Transformation("drop-modal", "not-down", bolder.drop_modal, moves=True)
    yield Transformation("drop-verb-or-adverb", "not-down", bolder.drop_verb_or_adverb, moves=True)
    # ABS: proof verbs and guarantees over the claim.
    yield Transformation("proven-to", "not-down", bolder.proven, moves=True)
    yield Transformation("guaranteed-to", "not-down", bolder.guaranteed, moves=True)
    yield Transformation("clinically-proven-to", "not-down", bolder.clinically_proven, moves=True)
    yield Transformation("proven-matrix", "not-down", bolder.proven_matrix, moves=True)
    yield Transformation("certainty-adverb", "not-down", bolder.certainly)
    # H9: a hedge does not excuse a denied harm, and does not spoil a stated one.
    # The second is for harms that are played down without any word that names one.
    yield Transformation("harm-denied-hedged", "not-down", softer.harm_denied, about="denied-harm")
    yield Transformation("harm-unseen-hedged", "not-down", softer.harm_unseen, about="denied-harm")
    yield Transformation("harm-stated-hedged", "not-up", softer.harm_stated, about="stated-harm")
    yield Transformation("names-swapped", "same", indifferent.names_swapped, about="anything")
    yield Transformation("spaces-doubled", "same", indifferent.spaces_doubled, about="anything")
    yield Transformation("spaces-unbroken", "same", indifferent.spaces_unbroken, about="anything")
    yield Transformation("quotes-restyled", "same", indifferent.quotes_restyled, about="anything")


TRANSFORMATIONS: tuple[Transformation, ...] = tuple(_listed())
"""In the order of the report."""
