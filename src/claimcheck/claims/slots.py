"""Slots: who does what to what, in whom, against what, how much, says who."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.groups import comparator_of, population_of
from claimcheck.claims.phrases import PEOPLE, TIME, is_nominal, noun_phrase, phrase_span, range_span
from claimcheck.claims.tokens import Token, children
from claimcheck.claims.tree import chain_of, controlled_by_object, is_noun_complement
from claimcheck.claims.verbs import REPORTING, TAKING
from claimcheck.records import Slots, Span

__all__ = ["agent_of", "noun_phrase", "outcome_of", "relation_range", "slots_of"]

_SUBJECTS = ("nsubj", "nsubjpass", "csubj", "csubjpass")
_VERBAL = frozenset({"VERB", "AUX"})
_BRIDGES = frozenset(
    {"for", "of", "in", "on", "against", "with", "to", "from", "into", "at", "about", "off"}
)
_COMPLEMENT_PRONOUNS = frozenset({"which", "that", "who"})


def agent_of(tokens: Sequence[Token], predicate: int) -> int | None:
    """The head word of the agent: the subject, or the "by" phrase of a passive.

    A complement borrows the subject of the verb that takes it; a relative pronoun
    stands for the noun that it follows; a gerund ("Chewing fennel seeds settles") is
    an agent too, and so is what an instruction tells the reader to take.
    """
    by = _by_phrase(tokens, predicate)
    if by is not None:
        return by
    token = tokens[predicate]
    if controlled_by_object(tokens, token):
        return next(c.i for c in children(tokens, token.head) if c.dep == "dobj")
    for _ in range(8):
        found = _subject(tokens, token)
        if found is not None:
            return found
        if token.dep in ("relcl", "acl") and token.head != token.i:
            if token.tag == "VB" and is_noun_complement(tokens, token):
                # "has the potential to ease", "is a way to heal": the owner is the agent.
                owner = tokens[tokens[token.head].head]
                if owner.i != token.head and owner.pos in _VERBAL:
                    token = owner
                    continue
            return token.head
        taken = _taken(tokens, token)
        if taken is not None and (token.i != predicate or token.lemma in TAKING):
            return taken if taken != predicate else None
        stray = _stray_subject(tokens, token)
        if stray is not None:
            return stray
        if token.head == token.i:
            return None
        token = _above(tokens, token)
        if token.pos in ("NOUN", "PROPN") and token.head == token.i:
            return token.i  # "The best foods for lowering blood pressure"
    return None


def _above(tokens: Sequence[Token], token: Token) -> Token:
    """The next word up; a coordinate of "research shows" belongs to what it shows."""
    head = tokens[token.head]
    if token.dep == "conj" and head.lemma in REPORTING:
        shown = [c for c in children(tokens, head.i) if c.dep == "ccomp" and c.i < token.i]
        if shown:
            return shown[-1]
    return head


def _by_phrase(tokens: Sequence[Token], predicate: int) -> int | None:
    if tokens[predicate].lemma == "tolerate":
        return None  # "is well tolerated by most": what is tolerated is the agent
    for child in children(tokens, predicate):
        if child.dep == "agent" or (child.lower == "by" and tokens[predicate].tag == "VBN"):
            for noun in children(tokens, child.i):
                if noun.dep in ("pobj", "pcomp"):
                    return noun.i
    return None


def _subject(tokens: Sequence[Token], verb: Token) -> int | None:
    expletive: int | None = None
    for child in children(tokens, verb.i):
        if child.dep not in _SUBJECTS:
            continue
        if child.lower in _COMPLEMENT_PRONOUNS and verb.dep == "relcl":
            return verb.head
        if child.lower == "there":
            continue
        if child.lower == "it" and expletive is None:
            expletive = child.i
            continue
        return child.i
    return expletive


def _taken(tokens: Sequence[Token], verb: Token) -> int | None:
    """The object of an instruction: "Take magnesium to sleep better"."""
    if verb.lemma not in TAKING or verb.tag not in ("VB", "VBP") or verb.dep == "xcomp":
        return None
    if any(child.dep == "aux" and child.lower != "do" for child in children(tokens, verb.i)):
        return None
    return next((child.i for child in children(tokens, verb.i) if child.dep == "dobj"), None)


def _stray_subject(tokens: Sequence[Token], verb: Token) -> int | None:
    """ "Amlodipine treats": a subject that the parser hung on its verb as a modifier."""
    if verb.pos not in _VERBAL or verb.tag not in ("VBZ", "VBP", "VBD", "MD", "VB"):
        return None
    if verb.dep == "conj":
        return None
    left = [
        child
        for child in children(tokens, verb.i)
        if child.i < verb.i
        and child.pos in ("NOUN", "PROPN", "ADJ")
        and child.dep in ("amod", "compound", "npadvmod", "nmod", "dep", "advmod")
    ]
    return left[-1].i if left else None


def outcome_of(tokens: Sequence[Token], predicate: int) -> int | None:
    """The head word of the outcome: object, object of the preposition, or complement."""
    passive = any(child.dep == "auxpass" for child in children(tokens, predicate))
    bridged = _bridged(tokens, predicate)
    if passive:
        if bridged is not None and tokens[predicate].lemma in (
            "link",
            "associate",
            "tie",
            "connect",
        ):
            return bridged
        for child in children(tokens, predicate):
            if child.dep == "nsubjpass":
                return _antecedent(child, tokens[predicate])
    for wanted in ("dobj", "attr", "oprd"):
        for child in children(tokens, predicate):
            if child.dep == wanted and child.i > predicate:
                return child.i
    for child in children(tokens, predicate):
        if child.dep == "xcomp" and child.i > predicate and is_nominal(tokens, child):
            return child.i  # "eases breathing", which the parser takes for a complement
    if bridged is not None:
        return bridged
    for child in children(tokens, predicate):
        if child.dep in ("xcomp", "ccomp") and child.i > predicate:
            if any(word.dep in _SUBJECTS for word in children(tokens, child.i)):
                return child.i
            deeper = outcome_of(tokens, child.i)
            return deeper if deeper is not None else child.i
    return None


def _antecedent(subject: Token, verb: Token) -> int:
    if subject.lower in _COMPLEMENT_PRONOUNS and verb.dep == "relcl":
        return verb.head
    return subject.i


def _bridged(tokens: Sequence[Token], predicate: int) -> int | None:
    """The object behind a preposition: "protects against shingles", "is good for bloating"."""
    for child in children(tokens, predicate):
        if child.dep in ("prep", "prt", "acomp", "advmod") and child.i > predicate:
            if child.lower in _BRIDGES:
                inner = [c for c in children(tokens, child.i) if c.dep in ("pobj", "pcomp")]
                if inner and not (inner[0].lemma in TIME or inner[0].lemma in PEOPLE):
                    return inner[0].i
            if child.dep == "acomp":
                deeper = outcome_of(tokens, child.i)
                if deeper is not None:
                    return deeper
    return None


def relation_range(
    tokens: Sequence[Token], predicate: int, *, outcome: int | None = None
) -> tuple[int, int]:
    """The verb group: "has been shown to reduce", "protects against", "is good for".

    To the left it takes the auxiliaries and the verbs that carry the predicate; to the
    right, particles and the one preposition that leads to the outcome.
    """
    chain = {i for i in chain_of(tokens, predicate) if tokens[i].pos in _VERBAL}
    first = predicate
    while first > 0 and _carries(tokens, first - 1, chain):
        first -= 1
    while first < predicate and tokens[first].tag == "TO":
        first += 1
    last = predicate + 1
    if outcome is not None and predicate < outcome:
        start = outcome if tokens[outcome].pos in _VERBAL else noun_phrase(tokens, outcome)[0]
        between = range(last, start)
        if 0 < len(between) <= 3 and all(
            tokens[i].lower in _BRIDGES | {"up", "out", "away", "down", "to"}
            or (tokens[predicate].lemma == "be" and tokens[i].pos in ("ADJ", "ADV"))
            for i in between
        ):
            last = start
    while last < len(tokens) and tokens[last].dep == "prt" and tokens[last].lower in _BRIDGES | {
        "up", "out", "away", "down",
    }:  # fmt: skip
        last += 1
    return first, last


def _carries(tokens: Sequence[Token], index: int, chain: Collection[int]) -> bool:
    token = tokens[index]
    if index in chain:
        return True
    return token.head in chain and (
        token.dep in ("aux", "auxpass", "neg") or (token.dep == "advmod" and token.tag == "RB")
    )


def slots_of(
    tokens: Sequence[Token],
    predicate: int,
    *,
    relation: tuple[int, int] | None = None,
    cues: Sequence[CueHit],
    mentions: Iterable[Mention],
) -> Slots:
    """Fill the slots of one claim.

    :param relation: token range of the relation words, or null for the verb group.
    :returns: spans into the article's text; null where the clause names no such part.
    """
    mentions = tuple(mentions)
    people = [m for m in mentions if m.kind == "population"]
    agent = agent_of(tokens, predicate)
    outcome = outcome_of(tokens, predicate)
    if outcome is not None and outcome == agent:
        outcome = None
    if outcome is None:
        outcome = _nearest(mentions, predicate, ("condition", "outcome"), agent)
    first, last = relation or relation_range(tokens, predicate, outcome=outcome)
    outside = _outside(tokens, people)
    return Slots(
        agent=phrase_span(tokens, agent, outside=(), before=predicate),
        relation=range_span(tokens, first, last),
        outcome=_with_name(
            tokens, phrase_span(tokens, outcome, outside=outside), outcome, mentions
        ),
        population=population_of(tokens, people, agent),
        comparator=comparator_of(tokens),
        magnitude=_cue_span(cues, "relative-risk", "magnitude-vague", "quantity-vague"),
        source=_cue_span(cues, "evidential-named", "evidential-vague", "single-study"),
        design=_cue_span(cues, "design"),
    )


def _with_name(
    tokens: Sequence[Token], span: Span | None, head: int | None, mentions: Iterable[Mention]
) -> Span | None:
    """The span widened to the condition or outcome that its head is part of ("back pain")."""
    for mention in mentions:
        named = head is not None and mention.first <= head < mention.last
        if span and named and mention.kind in ("condition", "outcome"):
            span = (
                min(span[0], tokens[mention.first].start),
                max(span[1], tokens[mention.last - 1].end),
            )
    return span


def _outside(tokens: Sequence[Token], people: Sequence[Mention]) -> frozenset[int]:
    """Prepositions that lead to a population, so that the outcome stops before them."""
    found = set()
    for mention in people:
        for token in tokens[mention.first : mention.last]:
            head = tokens[token.head]
            if head.dep == "prep" and head.lower in ("in", "among", "for", "with", "amongst"):
                found.add(head.i)
    return frozenset(found)


def _nearest(
    mentions: tuple[Mention, ...], predicate: int, kinds: tuple[str, ...], agent: int | None
) -> int | None:
    later = [m for m in mentions if m.kind in kinds and m.first > predicate and m.first != agent]
    return later[0].last - 1 if later else None


def _cue_span(cues: Sequence[CueHit], *classes: str) -> Span | None:
    for wanted in classes:
        for cue in of_class(cues, wanted):
            return cue.start, cue.end
    return None
