"""Slots: who does what to what, in whom, against what, how much, says who."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.tokens import Token, children, subtree
from claimcheck.records import Slots, Span

__all__ = ["agent_of", "noun_phrase", "outcome_of", "slots_of"]

_SUBJECTS = ("nsubj", "nsubjpass", "csubj")
_CLAUSES = frozenset(
    {"relcl", "acl", "advcl", "ccomp", "parataxis", "appos", "conj", "cc", "punct"}
)
_BRIDGES = frozenset({"for", "of", "in", "on", "against", "with", "to", "from", "into", "at"})
_INSIDE = frozenset(
    {"of", "for", "in", "with", "to", "on", "against", "from", "during", "at", "after"}
)
_COMPARED = frozenset({"than", "unlike", "versus", "vs", "vs."})


def noun_phrase(tokens: Sequence[Token], index: int) -> tuple[int, int]:
    """Token range ``[first, last)`` of the phrase headed by a token, without its clauses."""
    wanted = {index}
    frontier = [index]
    while frontier:
        here = frontier.pop()
        for child in children(tokens, here):
            if child.dep in _CLAUSES and child.dep not in ("conj", "cc"):
                continue
            if child.dep in ("conj", "cc") and tokens[here].pos not in ("NOUN", "PROPN", "ADJ"):
                continue
            if child.dep == "conj" and child.pos in ("VERB", "AUX"):
                continue
            if child.dep == "prep" and child.lower not in _INSIDE:
                continue
            wanted.add(child.i)
            frontier.append(child.i)
    first = last = index
    while first - 1 in wanted:
        first -= 1
    while last + 1 in wanted:
        last += 1
    return first, last + 1


def agent_of(tokens: Sequence[Token], predicate: int) -> int | None:
    """The head word of the agent: the subject, or the "by" phrase of a passive.

    A complement borrows the subject of the verb that takes it; a relative pronoun
    stands for the noun that it follows; a gerund ("Chewing fennel seeds settles") is
    an agent too.
    """
    token = tokens[predicate]
    for _ in range(8):
        passive = any(child.dep == "auxpass" for child in children(tokens, token.i))
        if passive:
            for child in children(tokens, token.i):
                if child.dep == "agent":
                    objects = [g for g in children(tokens, child.i) if g.dep == "pobj"]
                    if objects:
                        return objects[0].i
        for child in children(tokens, token.i):
            if (
                child.dep in _SUBJECTS and child.lower not in ("it", "there")
            ) or child.dep == "csubj":
                return _antecedent(tokens, child, token)
        subject = next((c for c in children(tokens, token.i) if c.dep == "nsubj"), None)
        if subject is not None and subject.lower == "it":
            return subject.i
        if token.dep in ("relcl", "acl") and token.head != token.i:
            return token.head
        if token.pos == "VERB" and token.tag in ("VBZ", "VBP", "VBD"):
            # "Adrenaline treats": a subject that the parser hung on its verb as modifier.
            left = [
                child
                for child in children(tokens, token.i)
                if child.i < token.i
                and child.pos in ("NOUN", "PROPN")
                and child.dep in ("amod", "compound", "npadvmod", "nmod", "dep")
            ]
            if left:
                return left[-1].i
        if token.dep == "pobj" or (token.dep == "pcomp" and token.head != token.i):
            token = tokens[token.head]
            continue
        if token.head == token.i:
            return None
        token = tokens[token.head]
    return None


def _antecedent(tokens: Sequence[Token], subject: Token, verb: Token) -> int:
    if subject.lower in ("which", "that", "who") and verb.dep == "relcl":
        return verb.head
    return subject.i


def outcome_of(tokens: Sequence[Token], predicate: int) -> int | None:
    """The head word of the outcome: object, object of the preposition, or complement."""
    passive = any(child.dep == "auxpass" for child in children(tokens, predicate))
    if passive:
        for child in children(tokens, predicate):
            if child.dep == "nsubjpass":
                return child.i
    for wanted in ("dobj", "attr", "oprd"):
        for child in children(tokens, predicate):
            if child.dep == wanted and child.i > predicate:
                return child.i
    for child in children(tokens, predicate):
        if child.dep in ("prep", "prt", "acomp") and child.i > predicate:
            inner = [c for c in children(tokens, child.i) if c.dep in ("pobj", "pcomp")]
            if inner and child.lower in _BRIDGES:
                return inner[0].i
            deeper = outcome_of(tokens, child.i) if child.dep == "acomp" else None
            if deeper is not None:
                return deeper
    for child in children(tokens, predicate):
        if child.dep in ("xcomp", "ccomp") and child.i > predicate:
            deeper = outcome_of(tokens, child.i)
            return deeper if deeper is not None else child.i
    return None


def slots_of(
    tokens: Sequence[Token],
    predicate: int,
    *,
    relation: tuple[int, int],
    cues: Sequence[CueHit],
    mentions: Iterable[Mention],
) -> Slots:
    """Fill the slots of one claim.

    :param relation: token range of the relation words.
    :returns: spans into the article's text; null where the clause names no such part.
    """
    mentions = tuple(mentions)
    agent = agent_of(tokens, predicate)
    outcome = outcome_of(tokens, predicate)
    if outcome is not None and outcome == agent:
        outcome = None
    if outcome is None:
        outcome = _nearest(mentions, predicate, ("condition", "outcome"), agent)
    return Slots(
        agent=_phrase_span(tokens, agent),
        relation=_range_span(tokens, *relation),
        outcome=_phrase_span(tokens, outcome),
        population=_population(tokens, mentions),
        comparator=_comparator(tokens),
        magnitude=_cue_span(cues, "relative-risk", "magnitude-vague", "quantity-vague"),
        source=_cue_span(cues, "evidential-named", "evidential-vague", "single-study"),
        design=_cue_span(cues, "design"),
    )


def _nearest(
    mentions: tuple[Mention, ...], predicate: int, kinds: tuple[str, ...], agent: int | None
) -> int | None:
    later = [m for m in mentions if m.kind in kinds and m.first > predicate and m.first != agent]
    return later[0].last - 1 if later else None


def _phrase_span(tokens: Sequence[Token], index: int | None) -> Span | None:
    if index is None:
        return None
    token = tokens[index]
    if token.pos in ("VERB", "AUX"):
        words = [t for t in subtree(tokens, index) if t.dep not in ("punct",)]
        return words[0].start, words[-1].end
    return _range_span(tokens, *noun_phrase(tokens, index))


def _range_span(tokens: Sequence[Token], first: int, last: int) -> Span | None:
    words = [token for token in tokens[first:last] if token.pos not in ("PUNCT", "SPACE")]
    return (words[0].start, words[-1].end) if words else None


def _cue_span(cues: Sequence[CueHit], *classes: str) -> Span | None:
    for wanted in classes:
        for cue in of_class(cues, wanted):
            return cue.start, cue.end
    return None


def _population(tokens: Sequence[Token], mentions: tuple[Mention, ...]) -> Span | None:
    for mention in mentions:
        if mention.kind != "population":
            continue
        head = next(
            (
                t
                for t in tokens[mention.first : mention.last]
                if not mention.first <= t.head < mention.last
            ),
            tokens[mention.first],
        )
        if head.dep in ("nsubj", "nsubjpass") and head.lower in ("you", "we", "i"):
            continue
        first, last = noun_phrase(tokens, head.i)
        return _range_span(tokens, min(first, mention.first), max(last, mention.last))
    return None


def _comparator(tokens: Sequence[Token]) -> Span | None:
    for token in tokens:
        if token.lower == "as" and any(
            other.lower in ("as", "equally", "just") and other.i < token.i for other in tokens
        ):
            for child in children(tokens, token.i):
                if child.dep in ("pobj", "pcomp"):
                    return _phrase_span(tokens, child.i)
        if token.lower in _COMPARED and token.dep in ("prep", "mark", "advmod", "cc"):
            for child in children(tokens, token.i):
                if child.dep in ("pobj", "pcomp"):
                    return _phrase_span(tokens, child.i)
            if token.lower == "than" and token.i + 1 < len(tokens):
                after = tokens[token.i + 1]
                if after.pos in ("NOUN", "PROPN", "DET", "ADJ", "PRON"):
                    head = after if after.pos in ("NOUN", "PROPN", "PRON") else tokens[after.head]
                    return _phrase_span(tokens, head.i)
        if token.lower in (
            "compared",
            "comparable",
            "similar",
            "equivalent",
            "superior",
            "inferior",
        ):
            for child in children(tokens, token.i):
                if child.lower in ("with", "to"):
                    for noun in children(tokens, child.i):
                        if noun.dep == "pobj":
                            return _phrase_span(tokens, noun.i)
    return None
