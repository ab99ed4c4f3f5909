"""Fillers: the claim's own words, made fit for a rewording template.

A template is only as good as what fills it. An agent must be a thing that people take or
do, an outcome must name what is hoped for without its size, and a verb must be one of
effect; whatever is not so is left out, and a template without it is used instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claimcheck.claims import Analysis, ClaimDraft, of_class
from claimcheck.claims.gazetteer import Mention
from claimcheck.claims.tokens import Token, children, lemma_forms
from claimcheck.claims.verbs import EFFECT_VERBS, HARM
from claimcheck.issues.candidates import Context
from claimcheck.issues.wording import hits
from claimcheck.records import Span

__all__ = ["Fillers", "fillers_of"]

_LONGEST = {"agent": 48, "outcome": 56, "population": 44, "comparator": 44}
_OWNERS = frozenset({"my", "your", "his", "her", "its", "our", "their", "whose"})
_POINTERS = frozenset({"this", "that", "these", "those", "such", "another", "other", "same"})
_COUNTING = frozenset(
    """many most some several few all every each any both no half more less countless numerous
    various much majority number handful lot lots plenty none one two three""".split()
)
_PEOPLE = frozenset(
    """people person patient adult woman man child participant volunteer kid boy girl baby infant
    teenager adolescent user student nurse individual smoker athlete runner sufferer group
    survivor veteran resident worker customer client reader mother father parent doctor expert
    researcher scientist author team company clinic hospital everyone everybody anyone someone
    mouse rat animal folk consumer dieter reviewer owner celebrity you women men""".split()
)
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
_EPONYMS = frozenset({"alzheimer", "parkinson", "crohn", "lyme", "hodgkin", "raynaud", "graves",
                      "tourette", "huntington", "down", "asperger"})  # fmt: skip
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
_MARKED = (
    "magnitude-vague", "quantity-vague", "relative-risk", "hype-hyperbolic", "hype-mild", "praise", "novelty",
    "booster-absolute", "booster-degree", "natural-appeal", "promise",
)  # fmt: skip
_SIZE_WORDS = frozenset(
    """marked significant substantial dramatic huge major massive remarkable noticeable great
    rapid fast quick instant immediate complete total incredible amazing profound considerable
    significantly dramatically greatly very extremely highly miraculous powerful revolutionary
    new novel innovative incredible humble magical gentle natural effective proven simple
    surprisingly lasting permanent deeper better certain overall excellent impressive successful
    breakthrough important unique special genuine true real safe secret""".split()
)


@dataclass(frozen=True, slots=True)
class Fillers:
    """What a claim offers a template; ``None`` where its words are not fit.

    ``plural`` is the number of the agent. ``condition`` says that the outcome names a
    disease, ``marker`` is the text of a surrogate cue.
    """

    agent: str | None = None
    plural: bool = False
    verb: str | None = None
    outcome: str | None = None
    condition: bool = False
    population: str | None = None
    comparator: str | None = None
    marker: str | None = None


def fillers_of(
    sentence: Analysis, claim: ClaimDraft, *, context: Context | None = None
) -> Fillers:
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
    if outcome is not None and agent is not None and outcome.lower() in agent.lower():
        outcome = verb = None
    return Fillers(
        agent=agent,
        plural=plural,
        verb=verb if outcome is not None else None,
        outcome=outcome,
        condition=outcome is not None and _names_condition(sentence, outcome),
        population=_plain(sentence, claim.slots.population, "population"),
        comparator=_plain(sentence, claim.slots.comparator, "comparator"),
        marker=_marker(sentence),
    )


def _agent(
    sentence: Analysis, claim: ClaimDraft, context: Context | None
) -> tuple[str | None, bool, bool]:
    """Text, whether it is plural, and whether it is the claim's own subject."""
    words = _within(sentence.tokens, claim.slots.agent)
    head = _head_of(words)
    pointer = head is None or head.pos == "PRON" or words[0].lower in _POINTERS
    if head is not None and _takeable(sentence, claim, words, head):
        text = _shown(sentence, words, "agent")
        if text is not None:
            many = head.tag in ("NNS", "NNPS") or any(t.lower == "and" for t in words)
            return text, many, True
    named = _only_one(sentence)
    if named is None and context is not None:
        named = _from_context(context, pointer=pointer)
    if named is None:
        return None, False, False
    return named[0], named[1], False


def _takeable(
    sentence: Analysis, claim: ClaimDraft, words: Sequence[Token], head: Token
) -> bool:
    """A thing that people take or do: no person, harm, result, pronoun or quantity."""
    if head.pos not in ("NOUN", "PROPN") and head.tag != "VBG":
        return False
    first = words[0]
    if first.lower in _COUNTING or first.number or first.lower in ("which", "who", "what"):
        return False
    if head.lemma in _PEOPLE or head.lemma in _FRAMES:
        return False
    kinds = {m.kind for m in sentence.mentions if m.first <= head.i < m.last}
    if "intervention" in kinds:
        return head.lemma not in _HOLLOW
    if kinds & {"population", "condition", "outcome"}:
        return False
    if any(c.first <= head.i < c.last for c in hits(sentence, "harm-term", "surrogate")):
        return False
    # A name that no list holds is taken for a product if it is said to do something.
    acts = claim.kind in ("efficacy", "risk", "mechanism") and claim.level >= 2
    return acts and _of_effect(sentence, sentence.tokens[claim.predicate])


def _only_one(sentence: Analysis) -> tuple[str, bool] | None:
    """The one intervention that a sentence names, with the words that belong to it."""
    known = [m for m in sentence.mentions if m.kind == "intervention" and _specific(m)]
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
    left = _phrase(sentence.tokens, head)
    words = [t for t in left if t.i <= head.i]
    text = _shown(sentence, words, "agent")
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
                shouting = any(c.isupper() for c in named[0][1:].replace(" ", ""))
                return (named[0] if shouting else named[0].lower()), named[1]
    return None


def _specific(mention: Mention) -> bool:
    words = mention.phrase.split()
    return mention.phrase not in _GENERIC and words[-1] not in _HOLLOW


def _outcome_head(sentence: Analysis, claim: ClaimDraft) -> Token | None:
    return _head_of(_within(sentence.tokens, claim.slots.outcome))


def _outcome(sentence: Analysis, head: Token | None) -> tuple[str | None, str | None]:
    """The outcome without size and owner, and the verb that a noun of change stands for.

    "a marked improvement in their depressive symptoms" → "depressive symptoms", "improve".
    """
    if head is None or head.pos not in ("NOUN", "PROPN") and head.tag != "VBG":
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
            return _shown(sentence, left, "outcome"), changed
        head = inner
    if head.lemma in _PEOPLE or head.lemma in _FRAMES - {"risk", "rate", "symptom", "pain"}:
        return None, None
    if any(m.kind == "intervention" and m.first <= head.i < m.last for m in sentence.mentions):
        return None, None
    return _shown(sentence, _phrase(sentence.tokens, head), "outcome"), changed


def _phrase(tokens: Sequence[Token], head: Token) -> list[Token]:
    """The words of a noun phrase: its left side and its "of" and "in" phrases, no clauses."""
    wanted = {head.i}
    frontier = [head]
    while frontier:
        here = frontier.pop()
        for child in children(tokens, here.i):
            left = child.i < here.i and child.dep in (
                "compound", "amod", "nmod", "poss", "case", "det", "npadvmod", "punct",
            ) and child.lower not in (",", "(")  # fmt: skip
            joined = child.dep in ("cc", "conj") and here.pos in ("NOUN", "PROPN") and (
                child.dep == "cc" or child.pos in ("NOUN", "PROPN")
            )
            ties = child.dep == "prep" and child.lower in ("of", "in", "for") and here.i == head.i
            noun = child.dep == "pobj" and here.dep == "prep" and not child.number
            if left or joined or ties or noun or child.dep == "case":
                wanted.add(child.i)
                frontier.append(child)
    first, last = head.i, head.i
    while first - 1 in wanted:
        first -= 1
    while last + 1 in wanted:
        last += 1
    return list(tokens[first : last + 1])


def _verb(sentence: Analysis, claim: ClaimDraft) -> str | None:
    """The relation as a bare infinitive, if it is one of effect and reaches its outcome."""
    relation, outcome, agent = claim.slots.relation, claim.slots.outcome, claim.slots.agent
    verb = sentence.tokens[claim.predicate]
    if relation is None or outcome is None or agent is None or verb.pos != "VERB":
        return None
    if not _of_effect(sentence, verb) or agent[0] > relation[0] or relation[1] > outcome[0]:
        return None
    if verb.tag == "VBN" and any(
        c.dep == "auxpass" for c in children(sentence.tokens, verb.i)
    ):
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
        and _joined(sentence, sentence.tokens[m.first : m.last]).lower() == outcome.lower()
        for m in sentence.mentions
    )


def _marker(sentence: Analysis) -> str | None:
    for cue in of_class(sentence.cues, "surrogate"):
        words = sentence.tokens[cue.first : cue.last]
        if words[-1].pos in ("NOUN", "PROPN") and all(t.pos != "VERB" for t in words):
            return _shown(sentence, words, "outcome")
    return None


def _plain(sentence: Analysis, span: Span | None, name: str) -> str | None:
    """A population or comparator that can be said back as it is."""
    words = _within(sentence.tokens, span)
    head = _head_of(words)
    if head is None or head.pos not in ("NOUN", "PROPN"):
        return None
    if any(c.dep in ("acl", "relcl") for c in children(sentence.tokens, head.i)):
        return None
    if name == "comparator" and (head.lemma in _PEOPLE or head.lemma in _FRAMES):
        return None
    if name == "population" and words[0].lower in ("just", "only", "about", "more", "over"):
        return None
    if any(t.number for t in words) or any(t.lower in _COUNTING | _POINTERS for t in words):
        return None
    return _shown(sentence, words, name)


def _shown(sentence: Analysis, words: Sequence[Token], name: str) -> str | None:
    """Words as a template shows them: no owner, no praise, no size, in running case."""
    kept = list(_trimmed(sentence, words))
    if words and kept and words[0].i > 1 and sentence.tokens[words[0].i - 1].text == "-":
        words = [*sentence.tokens[words[0].i - 2 : words[0].i], *words]
        kept = [*words[:2], *kept]  # "L-arginine"
    if not kept or kept[-1].pos in ("DET", "ADP", "CCONJ", "ADJ", "ADV", "PUNCT", "PART"):
        return None
    if any(t.pos == "PRON" and t.lower not in _OWNERS for t in kept):
        return None
    if any(t.tag in ("VBZ", "VBD", "VBP", "MD", "WDT", "WP") for t in kept):
        return None
    if any(t.number or t.lower in ("percent", "%", "cent") or t.lower in _COUNTING for t in kept):
        return None
    text = _joined(sentence, kept)
    if len(text) > _LONGEST[name] or any(mark in text for mark in ";:?!\n\"“”()[]{}…"):
        return None
    if kept[0].i == 0 and _only_sentence_case(sentence, kept):
        text = text[:1].lower() + text[1:]
    text = _decapitalised(sentence, text, kept)
    if name == "agent" and words[0].lower in _OWNERS | _POINTERS and kept[0].pos != "DET":
        text = f"the {text}"
    return _articled(text)


def _decapitalised(sentence: Analysis, text: str, words: Sequence[Token]) -> str:
    """ "The patch", "Diabetes": capitals of a quotation's start or of emphasis."""
    if words[0].lower in ("the", "a", "an"):
        return text[:1].lower() + text[1:]
    known = any(
        m.kind == "condition" and m.first <= words[0].i < m.last for m in sentence.mentions
    )
    plain = text[1:].islower() and not set(text.lower().split()) & _EPONYMS
    return text.lower() if known and plain and words[0].lower not in _EPONYMS else text


def _trimmed(sentence: Analysis, words: Sequence[Token]) -> Iterable[Token]:
    """Drop size words, praise and owners; an owner inside becomes no word at all."""
    praised = {
        index
        for cue in hits(sentence, *_MARKED)
        for index in range(cue.first, cue.last)
        if sentence.tokens[index].pos in ("ADJ", "ADV")
    }
    kept = [
        t
        for t in words
        if not (t.lower in _OWNERS or t.tag == "PRP$" or (t.lower in _POINTERS and t.dep == "det"))
        and not (t.i in praised or (t.pos in ("ADJ", "ADV", "VERB") and t.lower in _SIZE_WORDS))
    ]
    while kept and (kept[0].pos in ("CCONJ", "PUNCT", "ADV", "SCONJ", "ADP") or kept[0].lower == "'s"):
        kept = kept[1:]
    while kept and kept[-1].pos in ("PUNCT", "CCONJ", "ADP", "DET"):
        kept = kept[:-1]
    return kept


def _joined(sentence: Analysis, words: Sequence[Token]) -> str:
    """The text of words with the spaces that they have between them."""
    parts: list[str] = []
    for place, token in enumerate(words):
        if place and (words[place - 1].i != token.i - 1 or words[place - 1].end < token.start):
            parts.append(" ")
        parts.append(token.text)
    return " ".join("".join(parts).split())


def _only_sentence_case(sentence: Analysis, words: Sequence[Token]) -> bool:
    first = words[0]
    if not first.text[:1].isupper() or any(c.isupper() for c in first.text[1:]):
        return False
    known = any(
        m.kind in ("intervention", "condition") and m.first == 0 for m in sentence.mentions
    )
    return first.pos != "PROPN" or (known and (len(words) < 2 or words[1].text.islower()))


def _articled(text: str) -> str:
    """ "a improvement" → "an improvement", after a word between has gone."""
    first, _, rest = text.partition(" ")
    if first in ("a", "an") and rest:
        vowel = rest[:1].lower() in "aeiou" and not rest.lower().startswith(("use", "uni", "one"))
        return f"{'an' if vowel else 'a'} {rest}"
    return text


def _within(tokens: Sequence[Token], span: Span | None) -> list[Token]:
    if span is None:
        return []
    return [token for token in tokens if span[0] <= token.start < span[1]]


def _head_of(words: Sequence[Token]) -> Token | None:
    inside = {token.i for token in words}
    return next((t for t in words if t.head not in inside or t.head == t.i), None)
