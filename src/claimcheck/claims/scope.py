"""Scope: which words govern which predicate.

The one question behind the scheme's rules H1–H15 is whether a cue bears on the
claim's main predicate. It is answered on the dependency parse: a cue governs a
predicate if it is an auxiliary, adverb or negation of it, or of a verb or adjective
that takes the predicate as its complement ("it is unclear whether X works"). Cues in
concessive and subordinate clauses, in other coordinates and inside noun phrases do
not (H2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claimcheck.claims.cues import CueHit, of_class
from claimcheck.claims.stance import in_quotes, is_conditional, is_question, stance_of
from claimcheck.claims.tokens import Token, children, subtree
from claimcheck.claims.tree import chain_of, in_own_subject, light_object
from claimcheck.records import Hedge, Stance

__all__ = [
    "Scope",
    "chain_of",
    "governs",
    "in_quotes",
    "is_conditional",
    "is_question",
    "negation_of",
    "scope_of",
]

_MODIFIERS = frozenset(
    {"aux", "auxpass", "advmod", "neg", "acomp", "attr", "oprd", "prt", "npadvmod", "mark", "det"}
)
_HEDGES = ("hedge-modal", "hedge-verb", "hedge-adverb", "hedge-adjective")
_BOOSTERS = ("boosted-hedge", "booster-degree", "booster-absolute")
_WEAK = frozenset({"appear", "seem", "look", "tend", "think", "believe", "expect", "assume", "say"})
_NOUGHT = frozenset({"no", "none", "neither", "nothing", "nobody", "nowhere", "nor"})
_HARDLY = frozenset({"hardly", "scarcely", "barely"})
_ONLY = frozenset({"only", "just", "merely", "simply", "solely", "necessarily", "doubt", "wonder"})
_FAILING = frozenset({"fail", "refuse", "lack"})
_VERBAL = frozenset({"VERB", "AUX"})


@dataclass(frozen=True, slots=True)
class Scope:
    """How a predicate is framed.

    ``hedges`` are the cues that govern it; ``boosted`` says that a booster cancels
    them (H6); ``negated`` covers "does not" and "no evidence that".
    """

    hedge: Hedge
    stance: Stance
    hedges: tuple[CueHit, ...] = ()
    boosted: bool = False
    negated: bool = False
    debunks: tuple[CueHit, ...] = ()


def governs(tokens: Sequence[Token], cue: CueHit, predicate: int) -> bool:
    """Whether a cue bears on the predicate (rule H1)."""
    members = set(chain_of(tokens, predicate))
    for index in range(cue.first, cue.last):
        if index in members and not _modifies_noun(tokens, index, predicate):
            return True
        if tokens[index].dep == "aux" and tokens[index].head in members:
            return True
    anchor = tokens[cue.anchor]
    if anchor.head in members and anchor.head != anchor.i:
        if anchor.dep in _MODIFIERS:
            # "limited" in "limited mobility" modifies a noun of the claim, not the claim.
            return anchor.dep != "det" or anchor.head == predicate
        return anchor.dep == "prep" or (anchor.dep == "cc" and cue.last - cue.first > 1)
    return False


def _modifies_noun(tokens: Sequence[Token], index: int, predicate: int) -> bool:
    return index != predicate and tokens[index].pos == "ADJ" and tokens[index].dep == "amod"


def negation_of(tokens: Sequence[Token], predicate: int) -> Token | None:
    """The word that negates the predicate: "not", "never", "no X helps", "fails to"."""
    chain = chain_of(tokens, predicate)
    for index in chain:
        head = tokens[index]
        if index != predicate and head.lemma in _FAILING and head.pos in _VERBAL:
            return head
        if index != predicate and head.lower in ("without", "unable"):
            return head
        for child in children(tokens, index):
            found = _negating(tokens, child, head)
            if found is not None:
                return found
    return None


def _negating(tokens: Sequence[Token], child: Token, head: Token) -> Token | None:
    """The word of a dependant that turns its head into its opposite."""
    after = tokens[child.i + 1].lower if child.i + 1 < len(tokens) else ""
    if child.dep == "neg" or child.lower in ("never", "not", "n't") or child.lower in _HARDLY:
        # "not only soothes", "does not just mask": what follows is asserted.
        negates = child.dep != "conj" and after not in _ONLY and child.lower != "no"
        return child if negates else None
    if child.dep in ("nsubj", "nsubjpass"):
        return _nought(tokens, child)
    if child.dep == "preconj" and child.lower == "neither":
        return child
    if child.dep in ("dobj", "attr") and light_object(tokens, head):
        return _nought(tokens, child)
    return None


def _nought(tokens: Sequence[Token], noun: Token) -> Token | None:
    """The word that makes a noun phrase name nothing: "no supplement", "nothing in the bottle"."""
    for word in (noun, *children(tokens, noun.i)):
        if word.lower not in _NOUGHT:
            continue
        if word.i == noun.i or word.dep in ("det", "neg", "preconj", "cc", "nummod", "amod"):
            following = tokens[word.i + 1].lower if word.i + 1 < len(tokens) else ""
            return None if following in _ONLY or following == "matter" else word
    return None


def scope_of(
    tokens: Sequence[Token],
    cues: Sequence[CueHit],
    predicate: int,
    *,
    quoted: bool = False,
) -> Scope:
    """Frame one predicate. The rule behind each line is named beside it.

    :param quoted: the whole sentence is a quotation, as in a quote block (H13).
    """
    governing = tuple(
        cue
        for cue in of_class(cues, *_HEDGES)
        if governs(tokens, cue, predicate) or _opens_sentence(tokens, cue, predicate)
    )  # H1, H2
    boosted = bool(governing) and any(
        _boosts(tokens, cue, predicate) for cue in of_class(cues, *_BOOSTERS)
    )  # H6
    debunks = tuple(
        cue for cue in of_class(cues, "debunk", "no-relation") if _debunks(tokens, cue, predicate)
    )  # H10, H15
    negation = negation_of(tokens, predicate)
    # "has no side effects" denies a harm; the claim itself is put forward (H10). In
    # "nobody knows whether" and "may or may not" the negation belongs to the hedge.
    denials = of_class(cues, "denied-harm", "minimiser")
    owners = (*denials, *(cue for cue in governing if (cue.level or 0) <= 1))
    negated = negation is not None and not any(cue.first <= negation.i < cue.last for cue in owners)
    refuted = _refuted(tokens, predicate)
    debunks = tuple(
        cue for cue in debunks if not any(_is_part_of(cue, denial) for denial in denials)
    )
    hedge: Hedge = "none"
    if governing and not boosted:
        hedge = "partial" if all(_is_weak(tokens, cue) for cue in governing) else "adequate"
    stance = stance_of(
        tokens, cues, predicate, debunked=bool(debunks) or refuted, quoted=quoted, negated=negated
    )
    return Scope(hedge, stance, governing, boosted, negated, debunks)


def _is_part_of(cue: CueHit, denial: CueHit) -> bool:
    """The cue is in a denial of harm ("no side effects are known"), not around one."""
    overlaps = cue.first < denial.last and denial.first < cue.last
    return overlaps and not (cue.first < denial.first and denial.last < cue.last)


def _opens_sentence(tokens: Sequence[Token], cue: CueHit, predicate: int) -> bool:
    """A sentence adverb before the subject covers every predicate of that subject."""
    if cue.cue_class != "hedge-adverb" or cue.first > 1:
        return False
    token = tokens[predicate]
    while token.dep == "conj" and token.pos in _VERBAL:
        if in_own_subject(tokens, token.i):
            return False
        token = tokens[token.head]
    return tokens[cue.anchor].head == token.i


def _boosts(tokens: Sequence[Token], cue: CueHit, predicate: int) -> bool:
    if cue.cue_class == "boosted-hedge":
        return governs(tokens, cue, predicate) or cue.first <= predicate < cue.last
    return governs(tokens, cue, predicate) and tokens[cue.anchor].pos == "ADV"


def _is_weak(tokens: Sequence[Token], cue: CueHit) -> bool:
    """Experts split on "appears" and "seems" (code 4 or 6), and "is thought to" names nobody."""
    return cue.cue_class == "hedge-verb" and any(
        token.lemma in _WEAK or token.lower in ("thought", "believed", "expected", "assumed")
        for token in tokens[cue.first : cue.last]
    )


def _debunks(tokens: Sequence[Token], cue: CueHit, predicate: int) -> bool:
    if ".warn" in cue.id and "against" not in cue.id:
        return False  # "doctors warn that it damages the liver" asserts the harm
    if cue.first <= predicate < cue.last or governs(tokens, cue, predicate):
        return True
    anchor = tokens[cue.anchor]
    head = tokens[anchor.head]
    if anchor.dep in ("amod", "det") and head.head != head.i and cue.last <= predicate:
        # "so-called detox pads relieve", "wrong claims that …": the noun that takes the word.
        if predicate in {token.i for token in subtree(tokens, head.i)}:
            return True
        return head.dep in ("nsubj", "nsubjpass") and head.head == predicate
    if anchor.pos not in ("ADV", "ADJ") and _complement_holds(tokens, cue.anchor, predicate):
        return True
    if _labels_line(tokens, cue):
        return predicate >= cue.last
    return _verdict_on(tokens, anchor, predicate) or _answered(tokens, cue, predicate)


def _complement_holds(tokens: Sequence[Token], anchor: int, predicate: int) -> bool:
    """The predicate lies below the cue: "no evidence that …", "claims that … are unfounded"."""
    if tokens[anchor].pos in _VERBAL and tokens[anchor].head == tokens[anchor].i:
        # Below the root lies everything; only its complements are what it denies.
        return any(
            predicate in {token.i for token in subtree(tokens, child.i)}
            for child in children(tokens, anchor)
            if child.dep
            in ("ccomp", "xcomp", "nsubj", "nsubjpass", "csubj", "attr", "acomp", "dobj")
        )
    return predicate in {token.i for token in subtree(tokens, anchor)}


def _labels_line(tokens: Sequence[Token], cue: CueHit) -> bool:
    """ "Myth: …", "Myth #3 – …", "False. …": a label before the claim."""
    if cue.cue_class != "debunk" or any(token.pos != "PUNCT" for token in tokens[: cue.first]):
        return False
    for token in tokens[cue.last : cue.last + 4]:
        if token.lower in (":", "–", "—", "-", "|"):
            return True
        if not (
            token.number or token.lower in ("#", "no", "no.", "number") or token.text.isdigit()
        ):
            return False
    return False


def _verdict_on(tokens: Sequence[Token], anchor: Token, predicate: int) -> bool:
    """ "The idea that X cures Y is a myth": the cue is predicated of the clause."""
    head = anchor if anchor.pos in _VERBAL else tokens[anchor.head]
    if anchor.dep not in ("attr", "acomp", "ROOT", "conj", "ccomp", "oprd", "advcl", "prep"):
        return False
    return any(
        predicate in {token.i for token in subtree(tokens, child.i)}
        for child in children(tokens, head.i)
        if child.dep in ("nsubj", "csubj", "nsubjpass")
    )


def _refuted(tokens: Sequence[Token], predicate: int) -> bool:
    """ "Many believe that X cures Y, but trials do not back this up": no cue, the same denial."""
    for index in chain_of(tokens, predicate)[1:]:
        if tokens[index].lemma not in _BELIEVING:
            continue
        for verb in children(tokens, index):
            if verb.dep == "conj" and verb.lemma in _BACKING and negation_of(tokens, verb.i):
                return any(c.lower in _POINTING for c in children(tokens, verb.i))
    return False


_BACKING = frozenset({"back", "support", "confirm", "show", "prove", "bear", "test", "find"})
_BELIEVING = frozenset(
    {"believe", "think", "claim", "say", "swear", "insist", "promise", "suggest", "assume", "hear"}
)
_POINTING = frozenset({"it", "this", "that", "these", "those", "such", "them", "either", "so"})


def _answered(tokens: Sequence[Token], cue: CueHit, predicate: int) -> bool:
    """ "Many believe that X causes Y, but there is no evidence for it"."""
    if cue.first <= predicate:
        return False
    believed = any(
        tokens[index].lemma in _BELIEVING and index != predicate
        for index in chain_of(tokens, predicate)
    )
    pointing = any(token.lower in _POINTING for token in tokens[cue.first : cue.last + 3])
    turned = any(
        token.lower in ("but", "yet", "however", "though", ";", "although")
        for token in tokens[predicate : cue.first]
    )
    return believed and pointing and turned
