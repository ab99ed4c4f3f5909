"""Slots: who does what to what, in whom, against what, how much, says who."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.tokens import Token, children, subtree
from claimcheck.claims.tree import chain_of
from claimcheck.claims.verbs import TAKING
from claimcheck.records import Slots, Span

__all__ = ["agent_of", "noun_phrase", "outcome_of", "relation_range", "slots_of"]

_SUBJECTS = ("nsubj", "nsubjpass", "csubj", "csubjpass")
_NOUNS = frozenset({"NOUN", "PROPN", "PRON", "NUM", "ADJ", "X", "SYM"})
_VERBAL = frozenset({"VERB", "AUX"})
_LEFT = frozenset(
    {"det", "amod", "compound", "nmod", "nummod", "poss", "case", "quantmod", "predet", "npadvmod",
     "advmod", "nsubj", "punct", "neg"}
)  # fmt: skip
_TIES = frozenset({"of", "to", "from", "against", "between", "for"})
_LOOSE = frozenset({"in", "on", "with", "at", "into", "around", "without"})
_BRIDGES = frozenset(
    {"for", "of", "in", "on", "against", "with", "to", "from", "into", "at", "about", "off"}
)
_TIME = frozenset(
    """day week month year hour minute night morning evening afternoon time second decade summer
    winter spring autumn weekend bedtime century fortnight""".split()
)
_PEOPLE = frozenset(
    """people person patient adult woman man child participant volunteer kid boy girl baby infant
    teenager adolescent user student nurse individual smoker athlete runner sufferer mother mouse
    rat animal group survivor veteran resident worker trial study review survey case""".split()
)
_COMPARED = frozenset({"than", "unlike", "versus", "vs", "vs.", "over"})
_LIKENED = frozenset({"compared", "comparable", "similar", "equivalent", "superior", "inferior",
                      "identical", "equal", "opposed", "preferable", "rather", "instead"})  # fmt: skip
_COMPLEMENT_PRONOUNS = frozenset({"which", "that", "who"})


def noun_phrase(
    tokens: Sequence[Token], index: int, *, outside: Collection[int] = ()
) -> tuple[int, int]:
    """Token range ``[first, last)`` of the phrase headed by a token.

    Compounds, hyphens, coordinates and the prepositional phrases that name the thing
    ("the risk of heart disease", "pain in the knee") belong to it; clauses and asides,
    times and places, and phrases about people do not.

    :param outside: tokens that never belong to it, such as a population's.
    """
    wanted = {index}
    frontier = [index]
    while frontier:
        here = tokens[frontier.pop()]
        for child in children(tokens, here.i):
            if child.i not in outside and _belongs(tokens, child, here, outside):
                wanted.add(child.i)
                frontier.append(child.i)
    first = last = index
    while first - 1 in wanted or _joins(tokens, first - 1, wanted):
        first -= 1
    while last + 1 in wanted or _joins(tokens, last + 1, wanted):
        last += 1
    return first, last + 1


def _joins(tokens: Sequence[Token], index: int, wanted: Collection[int]) -> bool:
    """A hyphen, apostrophe or comma between two words of the phrase."""
    return (
        0 < index < len(tokens) - 1
        and tokens[index].lower in ("-", "–", "/", "'", ",", "%", "’")
        and index - 1 in wanted
        and index + 1 in wanted
    )


def _belongs(
    tokens: Sequence[Token], child: Token, head: Token, outside: Collection[int]
) -> bool:
    if child.dep == "punct":
        return child.lower in ("-", "–", "/", "%") or _between_coordinates(tokens, child, head)
    if child.i < head.i and child.dep in _LEFT:
        return child.dep != "advmod" or head.pos in ("ADJ", "VERB", "NUM", "ADV", "NOUN")
    if child.dep in ("cc", "conj", "preconj"):
        return head.pos in _NOUNS and (child.dep != "conj" or child.pos in _NOUNS)
    if child.dep in ("pobj", "nummod", "case", "quantmod", "compound", "nmod"):
        return True
    if child.dep == "pcomp":
        return head.lower == "of"
    if child.dep == "dobj" and head.tag == "VBG":
        return True
    return child.dep == "prep" and _names_thing(tokens, child, head)


def _between_coordinates(tokens: Sequence[Token], comma: Token, head: Token) -> bool:
    return comma.lower == "," and any(
        child.dep == "conj" and child.pos in _NOUNS and child.i > comma.i
        for child in children(tokens, head.i)
    )


def _names_thing(tokens: Sequence[Token], prep: Token, head: Token) -> bool:
    """Whether a prepositional phrase says which thing, not when, where or in whom."""
    if prep.i < head.i or head.pos in _VERBAL and head.tag != "VBG":
        return False
    objects = [child for child in children(tokens, prep.i) if child.dep in ("pobj", "pcomp")]
    if not objects:
        return False
    if prep.lower in _TIES:
        return objects[0].pos not in ("NUM",) and not (
            prep.lower in ("for", "from", "to")
            and (objects[0].lemma in _TIME or objects[0].pos == "VERB" or _numbered(tokens, objects[0]))
        )
    if prep.lower not in _LOOSE:
        return prep.lower in ("after", "before", "during") and head.pos in _VERBAL
    noun = objects[0]
    if noun.lemma in _PEOPLE:
        return False
    return not (noun.lemma in _TIME or noun.pos == "NUM" or _numbered(tokens, noun))


def _numbered(tokens: Sequence[Token], noun: Token) -> bool:
    return any(child.dep == "nummod" for child in children(tokens, noun.i))


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
    for _ in range(8):
        found = _subject(tokens, token)
        if found is not None:
            if token.i != predicate and _dative_of_help(tokens, token, found):
                return found
            return found
        if token.dep in ("relcl", "acl") and token.head != token.i:
            if token.dep == "acl" and token.tag == "VB":
                # "has the potential to ease": the owner of the noun is the agent.
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
        token = tokens[token.head]
    return None


def _by_phrase(tokens: Sequence[Token], predicate: int) -> int | None:
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


def _dative_of_help(tokens: Sequence[Token], verb: Token, subject: int) -> bool:
    return tokens[subject].head == verb.i


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
        if bridged is not None and tokens[predicate].lemma in ("link", "associate", "tie", "connect"):
            return bridged
        for child in children(tokens, predicate):
            if child.dep == "nsubjpass":
                return _antecedent(tokens, child, tokens[predicate])
    for wanted in ("dobj", "attr", "oprd"):
        for child in children(tokens, predicate):
            if child.dep == wanted and child.i > predicate:
                return child.i
    if bridged is not None:
        return bridged
    for child in children(tokens, predicate):
        if child.dep in ("xcomp", "ccomp") and child.i > predicate:
            if any(word.dep in _SUBJECTS for word in children(tokens, child.i)):
                return child.i
            deeper = outcome_of(tokens, child.i)
            return deeper if deeper is not None else child.i
    return None


def _antecedent(tokens: Sequence[Token], subject: Token, verb: Token) -> int:
    if subject.lower in _COMPLEMENT_PRONOUNS and verb.dep == "relcl":
        return verb.head
    return subject.i


def _bridged(tokens: Sequence[Token], predicate: int) -> int | None:
    """The object behind a preposition: "protects against shingles", "is good for bloating"."""
    for child in children(tokens, predicate):
        if child.dep in ("prep", "prt", "acomp", "advmod") and child.i > predicate:
            if child.lower in _BRIDGES:
                inner = [c for c in children(tokens, child.i) if c.dep in ("pobj", "pcomp")]
                if inner and not (inner[0].lemma in _TIME or inner[0].lemma in _PEOPLE):
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
    last = predicate + 1
    if outcome is not None and predicate < outcome:
        start = outcome if tokens[outcome].pos in _VERBAL else noun_phrase(tokens, outcome)[0]
        between = range(last, start)
        if 0 < len(between) <= 3 and all(
            tokens[i].pos in ("ADP", "PART", "ADJ", "ADV", "SCONJ") for i in between
        ):
            last = start
    while last < len(tokens) and tokens[last].dep == "prt" and tokens[last].head == predicate:
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
        agent=_phrase_span(tokens, agent, outside=()),
        relation=_range_span(tokens, first, last),
        outcome=_phrase_span(tokens, outcome, outside=outside),
        population=_population(tokens, people, agent),
        comparator=_comparator(tokens),
        magnitude=_cue_span(cues, "relative-risk", "magnitude-vague", "quantity-vague"),
        source=_cue_span(cues, "evidential-named", "evidential-vague", "single-study"),
        design=_cue_span(cues, "design"),
    )


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


def _phrase_span(
    tokens: Sequence[Token], index: int | None, *, outside: Collection[int]
) -> Span | None:
    if index is None:
        return None
    token = tokens[index]
    if token.pos in _VERBAL and not (token.dep in ("dobj", "pobj") and token.tag == "VBG"):
        words = [t for t in subtree(tokens, index) if t.dep != "punct"]
        kept = [t for t in words if t.i >= index or t.dep not in ("mark", "cc")]
        return (kept[0].start, kept[-1].end) if kept else (token.start, token.end)
    return _range_span(tokens, *noun_phrase(tokens, index, outside=outside))


def _range_span(tokens: Sequence[Token], first: int, last: int) -> Span | None:
    words = [token for token in tokens[first:last] if token.pos not in ("PUNCT", "SPACE")]
    return (words[0].start, words[-1].end) if words else None


def _cue_span(cues: Sequence[CueHit], *classes: str) -> Span | None:
    for wanted in classes:
        for cue in of_class(cues, wanted):
            return cue.start, cue.end
    return None


def _population(
    tokens: Sequence[Token], people: Sequence[Mention], agent: int | None
) -> Span | None:
    """In whom: the first phrase about people that is not itself the agent or a pronoun."""
    for mention in people:
        inner = range(mention.first, mention.last)
        head = next((tokens[i] for i in inner if tokens[i].head not in inner), tokens[mention.first])
        if head.pos == "PRON" or head.lower in ("you", "we", "i") or head.i == agent:
            continue
        if head.dep in ("compound", "poss", "amod") and tokens[head.head].pos in ("NOUN", "PROPN"):
            continue  # "women's magazine", "child psychology"
        first, last = _people_phrase(tokens, head)
        return _range_span(tokens, min(first, mention.first), max(last, mention.last))
    return None


def _people_phrase(tokens: Sequence[Token], head: Token) -> tuple[int, int]:
    """ "people with Lynch syndrome", "adults over 60": what narrows the group belongs to it."""
    first, last = noun_phrase(tokens, head.i)
    for child in children(tokens, head.i):
        if child.dep == "prep" and child.i == last and child.lower in (
            "with", "over", "under", "aged", "above", "below", "without", "on",
        ):  # fmt: skip
            objects = [c for c in children(tokens, child.i) if c.dep == "pobj"]
            if objects:
                last = noun_phrase(tokens, objects[0].i)[1]
    return first, last


def _comparator(tokens: Sequence[Token]) -> Span | None:
    for token in tokens:
        head: int | None = None
        if token.lower == "as" and _second_as(tokens, token.i):
            head = _object_of(tokens, token.i)
        elif token.lower in _COMPARED and token.dep in ("prep", "mark", "advmod", "cc", "quantmod"):
            if token.lower == "over" or (
                token.i + 1 < len(tokens) and (tokens[token.i + 1].number)
            ):
                continue
            head = _object_of(tokens, token.i)
        elif token.lower in _LIKENED:
            for child in children(tokens, token.i):
                if child.lower in ("with", "to", "than", "of"):
                    head = _object_of(tokens, child.i) if head is None else head
        if head is not None:
            return _compared_span(tokens, head)
    return None


def _second_as(tokens: Sequence[Token], index: int) -> bool:
    return any(token.lower in ("as", "equally") for token in tokens[max(0, index - 5) : index])


def _object_of(tokens: Sequence[Token], index: int) -> int | None:
    for child in children(tokens, index):
        if child.dep in ("pobj", "pcomp") and child.i > index:
            return child.i
    if tokens[index].lower not in ("than", "as") or index + 1 >= len(tokens):
        return None
    after = tokens[index + 1]
    if after.pos in ("NOUN", "PROPN", "PRON"):
        while after.dep == "compound" and tokens[after.head].i > after.i:
            after = tokens[after.head]
        return after.i
    return after.head if after.pos in ("DET", "ADJ") and after.head > after.i else None


def _compared_span(tokens: Sequence[Token], head: int) -> Span | None:
    """The comparator without the outcome that a preposition hangs on it ("… for blood sugar")."""
    outside = {
        child.i
        for child in children(tokens, head)
        if child.dep == "prep" and child.lower in ("for", "at", "in", "on")
    }
    if tokens[head].pos in _VERBAL:
        return _phrase_span(tokens, head, outside=())
    return _range_span(tokens, *noun_phrase(tokens, head, outside=outside))
