"""What an issue rule reads, and what it returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from claimcheck.claims import Analysis, ClaimDraft, CueHit, Support, join_support
from claimcheck.issues.wording import hits
from claimcheck.records import Missing, Span

__all__ = ["Candidate", "Context", "asserted", "bearing", "claim_at", "live", "span_of"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reason that a rule proposes; the checker decides whether it becomes a finding.

    ``claim`` indexes ``analysis.claims``, or is ``None`` where the rule found no
    clause and the whole sentence is the claim. ``evidence`` are spans of the
    article's text, the first being the cue that the message quotes.
    """

    issue: str
    claim: int | None
    evidence: tuple[Span, ...]
    variant: str = "default"
    missing: Missing | None = None


@dataclass(frozen=True)
class Context:
    """A sentence among its neighbours. Neighbours are those of the same article."""

    analyses: tuple[Analysis, ...]
    index: int
    _near: dict[tuple[int, int], Support] = field(default_factory=dict, repr=False, compare=False)

    @property
    def sentence(self) -> Analysis:
        """The sentence itself."""
        return self.analyses[self.index]

    def at(self, offset: int) -> Analysis | None:
        """The neighbour ``offset`` sentences away, if there is one and no heading lies between."""
        place = self.index + offset
        if not 0 <= place < len(self.analyses):
            return None
        step = 1 if offset > 0 else -1
        for between in range(self.index + step, place + step, step):
            if self.analyses[between].heading:
                # Support does not cross a heading: what stands above it is about
                # something else.
                return None
        return self.analyses[place]

    def support(self, before: int, after: int) -> Support:
        """The support of the sentence with so many neighbours before and after it.

        The scheme's window is one sentence for a number or a source and two for a
        design or an absolute risk (section 2.1).
        """
        key = (before, after)
        if key not in self._near:
            near = [self.at(offset) for offset in range(-before, after + 1) if offset]
            self._near[key] = join_support(
                self.sentence.support, *(one.support for one in near if one is not None)
            )
        return self._near[key]


def asserted(claim: ClaimDraft) -> bool:
    """Whether the claim is put forward, in whatever voice: not asked, denied or left open."""
    return claim.scope.stance in ("asserted", "attributed", "quoted") and claim.level >= 2


def live(sentence: Analysis, index: int | None) -> bool:
    """Whether what a cue stands in is put forward; words outside any claim are the author's."""
    if index is not None:
        return asserted(sentence.claims[index])
    return not sentence.question and (
        not sentence.claims or any(asserted(claim) for claim in sentence.claims)
    )


def bearing(sentence: Analysis, *classes: str) -> tuple[tuple[int | None, CueHit], ...]:
    """Cues and frames of some classes, each with the index of the claim that it stands in."""
    return tuple(
        (claim_at(sentence.claims, cue.start, cue.end), cue) for cue in hits(sentence, *classes)
    )


def claim_at(claims: Sequence[ClaimDraft], start: int, end: int) -> int | None:
    """The index of the claim that holds a span, or the only claim there is."""
    for index, claim in enumerate(claims):
        if claim.start <= start and end <= claim.end:
            return index
    return 0 if len(claims) == 1 else None


def span_of(cues: Iterable[CueHit]) -> tuple[Span, ...]:
    """Cue spans as evidence, in the order given; one inside another is left out."""
    found: list[Span] = []
    for cue in cues:
        if any(start <= cue.start and cue.end <= end for start, end in found):
            continue
        found = [
            (start, end) for start, end in found if not (cue.start <= start and end <= cue.end)
        ]
        found.append((cue.start, cue.end))
    return tuple(found)
