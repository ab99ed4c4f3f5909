"""Fillers: the claim's own words, made fit for a rewording template.

A template is only as good as what fills it. An agent must be a thing that people take or
do, an outcome must name what is hoped for without its size, and a verb must be one of
effect; whatever is not so is left out, and a template without it is used instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claimcheck.claims import Analysis, ClaimDraft, of_class
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.tokens import Token, children, lemma_forms
from claimcheck.claims.verbs import EFFECT_VERBS, HARM, REPORTING
from claimcheck.issues.candidates import Context
from claimcheck.issues.phrases import (
    COUNTING,
    PEOPLE,
    POINTERS,
    head_of,
    joined,
    noun_words,
    shown,
    within,
)
from claimcheck.issues.wording import hits
from claimcheck.records import Span

__all__ = ["Fillers", "fillers_of"]

_FRAMES = frozenset(
    """study trial research evidence result finding analysis review report survey data science
    experience benefit effect result use thing way fact reason level number change improvement
    reduction difference success hope promise work answer news journal article test risk
    likelihood chance symptom side outcome role story approach sign source body system amount
    dose kind type part percentage rate term example day week month year case addition image
    photo picture review rating side-effect group half time step problem issue ability
    potential key today class form series range list loss lack truth development absence
    deficiency event impact influence importance conclusion idea belief theory debate picture
    tissue cell process university organization organisation study outcome option goal
    increase decrease rise strategy measure mechanism century hair size connectivity
    property method age stage presence body brain liver heart kidney gut muscle skin bone
    friend family member community industry government world life love money""".split()
)
_GENERIC = frozenset(
    """treatment therapy drug medicine medication supplement remedy pill tablet capsule product
    procedure intervention dose device surgery diet food exercise test vaccine injection powder
    cream oil tea session""".split()
)
_HOLLOW = frozenset(
    """cure order life protocol program programme technology system method technique approach
    remedy remedies solution formula ingredient birth nature screening care combination lifestyle
    plan regimen option home natural""".split()
)
_CHANGES = {
    "improvement": "improve", "reduction": "reduce", "decrease": "reduce", "drop": "reduce",
    "fall": "reduce", "relief": "relieve", "increase": "increase", "rise": "increase",
    "boost": "increase", "decline": "reduce", "cut": "reduce",
}  # fmt: skip
_BRINGING = frozenset(
    """deliver give provide produce bring offer show cause have achieve yield lead result ensure
    generate promise see experience report get""".split()
)
_PARTICLES = frozenset(
    "up off down away out against with from on over back to toward towards".split()
)


@dataclass(frozen=True, slots=True)
class Fillers:
    """What a claim offers a template; ``None`` where its words are not fit.

    ``plural`` is the number of the agent. ``condition`` says that the outcome names a
    disease, ``disease`` is the only one that the sentence names,
    ``marker`` is the text of a surrogate cue.
    """

    agent: str | None = None
    plural: bool = False
    verb: str | None = None
    outcome: str | None = None
    condition: bool = False
    disease: str | None = None
    population: str | None = None
    comparator: str | None = None
    marker: str | None = None


def fillers_of(sentence: Analysis, claim: ClaimDraft, *, context: Context | None = None) -> Fillers:
    """The fillers of one claim.

    :param context: where the agent is looked for when the claim names none.
    """
    agent, plural, own = _agent(sentence, claim, context)
    head = _outcome_head(sentence, claim)
    verb = _verb(sentence, claim) if own else None
    predicate = sentence.tokens[claim.predicate]
    changing = head is not None and head.lemma in _CHANGES
    if not (_of_effect(sentence, predicate) or (changing and predicate.lemma in _BRINGING)):
        head = None
    outcome, changed = _outcome(sentence, head)
    if changed is not None:
        verb = changed if own and _brings(sentence, claim) else None
    if own and (verb is None or outcome is None) and not _listed(sentence, claim):
        # What no list knows is worth naming only beside what it is said to do.
        agent = None
    if outcome is not None and agent is not None and outcome.lower() in agent.lower():
        outcome = verb = None
    return Fillers(
        agent=agent,
        plural=plural,
        verb=verb if outcome is not None else None,
        outcome=outcome,
        condition=outcome is not None and _names_condition(sentence, outcome),
        disease=_disease(sentence),
        population=_plain(sentence, claim.slots.population, "population"),
        comparator=_plain(sentence, claim.slots.comparator, "comparator"),
        marker=_marker(sentence),
    )


def _agent(
    sentence: Analysis, claim: ClaimDraft, context: Context | None
) -> tuple[str | None, bool, bool]:
    """Text, whether it is plural, and whether it is the claim's own subject."""
    words = within(sentence.tokens, claim.slots.agent)
    head = head_of(words)
    pointer = head is not None and (
        head.lower in ("it", "they", "this", "that", "these") or words[0].lower in POINTERS
    )
    if head is not None and _takeable(sentence, claim, words, head):
        text = shown(sentence, words, "agent")
        if text is not None:
            many = head.tag in ("NNS", "NNPS") or any(t.lower == "and" for t in words)
            return text, many, True
    if head is not None and not _stands_aside(sentence, head, words, pointer):
        # "a low dose of thyroid hormone": what is taken stands inside the phrase, or nowhere.
        inside = _only_one(sentence, inside=claim.slots.agent)
        return (inside[0], inside[1], False) if inside is not None else (None, False, False)
    named = _only_one(sentence, outside=claim.slots.comparator)
    if named is None and context is not None and head is not None:
        named = _from_context(context, pointer=pointer)
    if named is None:
        return None, False, False
    return named[0], named[1], False


def _stands_aside(sentence: Analysis, head: Token, words: Sequence[Token], pointer: bool) -> bool:
    """A subject that is no agent: a pronoun, people, a quantity of them, their symptoms."""
    if pointer or head.pos == "PRON" or head.lemma in PEOPLE or words[0].lower in COUNTING:
        return True
    return any(
        m.kind in ("condition", "outcome") and m.first <= head.i < m.last for m in sentence.mentions
    )


def _listed(sentence: Analysis, claim: ClaimDraft) -> bool:
    head = head_of(within(sentence.tokens, claim.slots.agent))
    return head is not None and any(
        m.kind == "intervention" and m.first <= head.i < m.last for m in sentence.mentions
    )


def _takeable(sentence: Analysis, claim: ClaimDraft, words: Sequence[Token], head: Token) -> bool:
    """A thing that people take or do: no person, harm, result, pronoun or quantity."""
    if head.pos not in ("NOUN", "PROPN") and head.tag != "VBG":
        return False
    first = words[0]
    if first.lower in COUNTING or first.number or first.lower in ("which", "who", "what"):
        return False
    if head.lemma in PEOPLE or head.lemma in _FRAMES:
        return False
    kinds = {m.kind for m in sentence.mentions if m.first <= head.i < m.last}
    if "intervention" in kinds:
        return head.lemma not in _HOLLOW
    if kinds & {"population", "condition", "outcome"}:
        return False
    if any(c.first <= head.i < c.last for c in hits(sentence, "harm-term", "surrogate")):
        return False
    # A name that no list holds is taken for a product if it is said to do something.
    if head.pos == "PROPN" and _person(sentence, words, head):
        return False
    acts = claim.kind in ("efficacy", "risk", "mechanism") and claim.level >= 2
    return acts and _of_effect(sentence, sentence.tokens[claim.predicate])


def _person(sentence: Analysis, words: Sequence[Token], head: Token) -> bool:
    """A speaker or someone with a title: "Dr. Tomlinson", "Bunch said"."""
    titled = any(
        t.lower.rstrip(".") in ("dr", "prof", "professor", "mr", "mrs", "ms") for t in words
    )
    speaks = any(
        t.lemma in REPORTING and any(c.lower == head.lower for c in children(sentence.tokens, t.i))
        for t in sentence.tokens
    )
    return titled or speaks


def _only_one(
    sentence: Analysis, *, inside: Span | None = None, outside: Span | None = None
) -> tuple[str, bool] | None:
    """The one intervention that a sentence names, with the words that belong to it.

    :param inside, outside: where it must, and must not, stand.
    """
    known = [
        m
        for m in sentence.mentions
        if m.kind == "intervention"
        and _specific(m)
        and (inside is None or inside[0] <= sentence.tokens[m.first].start < inside[1])
        and not (outside is not None and outside[0] <= sentence.tokens[m.first].start < outside[1])
        and not (m.first and sentence.tokens[m.first - 1].lower in ("to", "than", "unlike", "like"))
    ]
    if len({m.phrase for m in known}) != 1:
        return None
    mention = known[0]
    head = sentence.tokens[mention.last - 1]
    if head.pos not in ("NOUN", "PROPN") or any(
        c.dep in ("compound", "nmod") and c.i >= mention.last
        for c in children(sentence.tokens, head.head)
    ):
        return None
    if head.dep == "compound":
        return None
    left = noun_words(sentence.tokens, head)
    words = [t for t in left if t.i <= head.i and (t.dep != "det" or t.lower in ("a", "an", "the"))]
    text = shown(sentence, words, "agent")
    return None if text is None else (text, head.tag in ("NNS", "NNPS"))


def _from_context(context: Context, *, pointer: bool) -> tuple[str, bool] | None:
    """What the sentence before names, if this one points to it; else what the title names."""
    before = context.at(-1)
    if pointer and before is not None and before.block == context.sentence.block:
        named = _only_one(before)
        if named is not None:
            return named
    for one in context.analyses[: context.index]:
        if one.kind == "title":
            named = _only_one(one)
            if named is not None and len(named[0].split()) <= 3:
                # A title's capitals go, an acronym's stay.
                words = named[0].split()
                plain = all(word[1:].islower() for word in words)
                return (named[0].lower() if plain else named[0]), named[1]
    return None


def _specific(mention: Mention) -> bool:
    words = mention.phrase.split()
    return mention.phrase not in _GENERIC and words[-1] not in _HOLLOW


def _outcome_head(sentence: Analysis, claim: ClaimDraft) -> Token | None:
    return head_of(within(sentence.tokens, claim.slots.outcome))


def _outcome(sentence: Analysis, head: Token | None) -> tuple[str | None, str | None]:
    """The outcome without size and owner, and the verb that a noun of change stands for.

    "a marked improvement in their depressive symptoms" → "depressive symptoms", "improve".
    """
    if head is None or (head.pos not in ("NOUN", "PROPN") and head.tag != "VBG"):
        return None, None
    changed = _CHANGES.get(head.lemma)
    if changed is not None:
        inner = next(
            (
                noun
                for prep in children(sentence.tokens, head.i)
                if prep.dep == "prep" and prep.lower in ("in", "of", "from", "for")
                for noun in children(sentence.tokens, prep.i)
                if noun.dep == "pobj"
            ),
            None,
        )
        if inner is None:
            left = [c for c in children(sentence.tokens, head.i) if c.dep == "compound"]
            if not left:
                return None, None
            return shown(sentence, left, "outcome"), changed
        head = inner
    if head.lemma in PEOPLE or head.lemma in _FRAMES - {"risk", "rate", "symptom", "pain"}:
        return None, None
    if any(m.kind == "intervention" and m.first <= head.i < m.last for m in sentence.mentions):
        return None, None
    return shown(sentence, noun_words(sentence.tokens, head), "outcome"), changed


def _verb(sentence: Analysis, claim: ClaimDraft) -> str | None:
    """The relation as a bare infinitive, if it is one of effect and reaches its outcome."""
    relation, outcome, agent = claim.slots.relation, claim.slots.outcome, claim.slots.agent
    verb = sentence.tokens[claim.predicate]
    if relation is None or outcome is None or agent is None or verb.pos != "VERB":
        return None
    if not _of_effect(sentence, verb) or agent[0] > relation[0] or relation[1] > outcome[0]:
        return None
    if verb.tag == "VBN" and any(c.dep == "auxpass" for c in children(sentence.tokens, verb.i)):
        return None
    between = sentence.text[relation[1] - sentence.start : outcome[0] - sentence.start]
    if between.strip():
        return None
    after = [t for t in sentence.tokens if relation[0] <= t.start < relation[1] and t.i > verb.i]
    if any(
        t.lower not in _PARTICLES and not (verb.lemma == "help" and t.tag in ("VB", "TO"))
        for t in after
    ):
        return None
    return " ".join([_infinitive(verb), *(t.lower for t in after)])


def _of_effect(sentence: Analysis, verb: Token) -> bool:
    if verb.lemma in EFFECT_VERBS or verb.lemma in HARM:
        return True
    return any(
        cue.first <= verb.i < cue.last and (cue.level or 0) >= 5
        for cue in of_class(sentence.cues, "causal", "cure")
    )


def _brings(sentence: Analysis, claim: ClaimDraft) -> bool:
    """ "delivers a reduction in": the verb only carries the noun of change."""
    verb = sentence.tokens[claim.predicate]
    return verb.lemma in _BRINGING and not any(
        c.dep == "auxpass" for c in children(sentence.tokens, verb.i)
    )


def _infinitive(verb: Token) -> str:
    # The tagger's lemma is wrong on some rare verbs ("suppresses" → "suppresse"); a
    # known suffix form without it is then closer.
    if verb.tag in ("VBZ", "NNS") and verb.lower.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return verb.lower[:-2]
    return verb.lemma if verb.lemma in lemma_forms(verb.lower, verb.lemma) else verb.lower


def _names_condition(sentence: Analysis, outcome: str) -> bool:
    return any(
        m.kind == "condition"
        and joined(sentence.tokens[m.first : m.last]).lower() == outcome.lower()
        for m in sentence.mentions
    )


def _disease(sentence: Analysis) -> str | None:
    found = {
        shown(sentence, sentence.tokens[m.first : m.last], "outcome")
        for m in sentence.mentions
        if m.kind == "condition"
    }
    return found.pop() if len(found) == 1 else None


def _marker(sentence: Analysis) -> str | None:
    for cue in of_class(sentence.cues, "surrogate"):
        words = sentence.tokens[cue.first : cue.last]
        if words[-1].pos in ("NOUN", "PROPN") and all(t.pos != "VERB" for t in words):
            return shown(sentence, words, "outcome")
    return None


def _plain(sentence: Analysis, span: Span | None, name: str) -> str | None:
    """A population or comparator that can be said back as it is."""
    words = within(sentence.tokens, span)
    head = head_of(words)
    if head is None or head.pos not in ("NOUN", "PROPN"):
        return None
    if any(c.dep in ("acl", "relcl") for c in children(sentence.tokens, head.i)):
        return None
    if name == "comparator" and (head.lemma in PEOPLE or head.lemma in _FRAMES):
        return None
    if name == "population" and words[0].lower in ("just", "only", "about", "more", "over"):
        return None
    if any(t.number for t in words) or any(t.lower in COUNTING | POINTERS for t in words):
        return None
    return shown(sentence, words, name)
