"""From a parsed sentence to its claims: kind, polarity, strength, scope and slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claimcheck.claims.cues import CueHit
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.kinds import (
    hedge_of,
    is_imperative,
    kind_of,
    level_of,
    parts_of,
    polarity_of,
)
from claimcheck.claims.scope import Scope, governs, scope_of
from claimcheck.claims.seats import Seat, claim_ranges, seats_of
from claimcheck.claims.slots import slots_of
from claimcheck.claims.support import Support
from claimcheck.claims.tokens import Token, Tokens
from claimcheck.records import ClaimKind, Hedge, Polarity, Slots, Strength

__all__ = ["ClaimDraft", "claims_of", "is_imperative", "strength_name"]


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """A claim before it has been judged.

    ``predicate`` is the token that carries the relation, ``level`` the strength 0–6
    of the InSciOut scale that its wording has (4 when hedged in scope).
    """

    start: int
    end: int
    predicate: int
    kind: ClaimKind
    polarity: Polarity
    level: int
    hedge: Hedge
    scope: Scope
    slots: Slots
    cues: tuple[tuple[CueHit, bool], ...]

    @property
    def strength(self) -> Strength:
        """The four-class collapse of ``level``."""
        return strength_name(self.level)


def strength_name(level: int) -> Strength:
    """{0, 1} none, {2, 3} correlational, {4} conditional, {5, 6} direct (Yu 2019)."""
    if level <= 1:
        return "none"
    if level <= 3:
        return "correlational"
    return "conditional" if level == 4 else "direct"


def claims_of(
    tokens: Sequence[Token],
    *,
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    support: Support,
    quoted: bool = False,
    scopes: Mapping[int, Scope] | None = None,
) -> tuple[ClaimDraft, ...]:
    """The claims of one sentence in text order, one a clause. Pure.

    A clause makes a claim when a relation, safety or judging cue meets a health
    matter in it: an intervention, condition, outcome, harm or body process.

    :param quoted: the sentence is all quotation, as in a quote block.
    :param scopes: frames by predicate that are already known.
    """
    if not tokens:
        return ()
    tokens = tokens if isinstance(tokens, Tokens) else Tokens(tokens)
    seats = seats_of(tokens, cues, mentions, support)
    if not seats:
        return ()
    known = scopes or {}
    ranges = claim_ranges(tokens, [seat.clause for seat in seats])
    drafts = [
        _draft(
            tokens,
            seat,
            span,
            cues=cues,
            mentions=mentions,
            support=support,
            scope=known.get(seat.predicate)
            or scope_of(tokens, cues, seat.predicate, quoted=quoted),
        )
        for seat, span in zip(seats, ranges, strict=True)
    ]
    return tuple(sorted(drafts, key=lambda draft: (draft.start, draft.predicate)))


def _draft(
    tokens: Tokens,
    seat: Seat,
    span: tuple[int, int],
    *,
    cues: Sequence[CueHit],
    mentions: Sequence[Mention],
    support: Support,
    scope: Scope,
) -> ClaimDraft:
    first, last = span
    inside = tuple(cue for cue in cues if cue.first < last and first < cue.last)
    here = tuple(m for m in mentions if m.first < last and first < m.last)
    parts = parts_of(tokens, seat, cues=inside, mentions=mentions, here=here)
    level = level_of(tokens, parts, scope)
    kind = kind_of(tokens, parts, level)
    return ClaimDraft(
        start=tokens[first].start,
        end=tokens[last - 1].end,
        predicate=seat.predicate,
        kind=kind,
        polarity=polarity_of(tokens, parts, scope, kind=kind, level=level),
        level=level,
        hedge=hedge_of(kind, level, scope, support),
        scope=scope,
        slots=slots_of(tokens, seat.predicate, cues=inside, mentions=here),
        cues=tuple((cue, _bears(tokens, cue, seat.predicate)) for cue in inside),
    )


def _bears(tokens: Tokens, cue: CueHit, predicate: int) -> bool:
    if cue.cue_class.startswith(("hedge", "booster")):
        return governs(tokens, cue, predicate)
    return True
