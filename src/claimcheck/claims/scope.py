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
from claimcheck.claims.tokens import Token, children, subtree
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

_COMPLEMENTS = frozenset({"xcomp", "ccomp", "csubj", "csubjpass", "pcomp", "acomp", "oprd"})
_MODIFIERS = frozenset(
    {"aux", "auxpass", "advmod", "neg", "acomp", "attr", "oprd", "prt", "npadvmod", "mark", "det"}
)
_REPORTING = frozenset(
    [
        "say",
        "tell",
        "report",
        "find",
        "show",
        "suggest",
        "indicate",
        "conclude",
        "note",
        "add",
        "explain",
        "warn",
        "claim",
        "believe",
        "think",
        "argue",
        "state",
        "announce",
        "demonstrate",
        "reveal",
        "confirm",
        "prove",
        "write",
        "estimate",
        "discover",
        "observe",
    ]
)
_HEDGES = ("hedge-modal", "hedge-verb", "hedge-adverb", "hedge-adjective")
_PRESUPPOSING = frozenset({"why", "how"})
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


def chain_of(tokens: Sequence[Token], predicate: int) -> tuple[int, ...]:
    """The predicate and every word that takes it, directly or not, as complement.

    A bare coordinate shares its head's auxiliaries ("may help and soothe"); one with
    its own tense does not ("may help and boosts", H2).
    """
    chain = [predicate]
    current = tokens[predicate]
    while current.head != current.i and len(chain) < 12:
        head = tokens[current.head]
        if current.dep in _COMPLEMENTS or _shares_frame(tokens, current, head):
            chain.append(head.i)
            current = head
        elif current.dep in ("acl", "relcl") and current.dep == "acl" and head.pos == "NOUN":
            # "no evidence that X cures", "the ability to heal": the noun takes a clause.
            chain.append(head.i)
            current = head
            if head.dep in ("attr", "dobj", "nsubj", "nsubjpass", "pobj") and head.head != head.i:
                chain.append(head.head)
                current = tokens[head.head]
        elif current.pos in ("NOUN", "PROPN", "PRON") and current.dep in (
            "dobj", "nsubj", "nsubjpass", "attr", "pobj", "prep", "dative",
        ):  # fmt: skip
            # A nominal predicate ("a marked drop in anxiety") is framed by its verb.
            chain.append(head.i)
            current = head
        elif current.dep in ("prep", "agent") and head.i not in chain:
            chain.append(head.i)
            current = head
        else:
            break
    return tuple(dict.fromkeys(chain))


def _shares_frame(tokens: Sequence[Token], current: Token, head: Token) -> bool:
    if current.dep != "conj" or current.pos not in _VERBAL or head.pos not in _VERBAL:
        return False
    own = any(
        child.dep in ("aux", "nsubj", "nsubjpass", "expl") for child in children(tokens, current.i)
    )
    return not own and current.tag in ("VB", "VBG", "VBN")


def governs(tokens: Sequence[Token], cue: CueHit, predicate: int) -> bool:
    """Whether a cue bears on the predicate (rule H1)."""
    chain = chain_of(tokens, predicate)
    members = set(chain)
    if any(
        index in members and not _is_argument(tokens, index, predicate)
        for index in range(cue.first, cue.last)
    ):
        return True
    anchor = tokens[cue.anchor]
    if anchor.head in members and anchor.dep in _MODIFIERS:
        # "limited" in "limited mobility" modifies a noun of the claim, not the claim.
        return anchor.dep != "det" or anchor.head == predicate
    return anchor.dep == "prep" and anchor.head in members and anchor.head != anchor.i


def _is_argument(tokens: Sequence[Token], index: int, predicate: int) -> bool:
    token = tokens[index]
    return index != predicate and token.pos in ("ADJ",) and token.dep == "amod"


def negation_of(tokens: Sequence[Token], predicate: int) -> Token | None:
    """The word that negates the predicate: "not", "never", "no X helps"."""
    for index in chain_of(tokens, predicate):
        for child in children(tokens, index):
            if child.dep == "neg" or child.lower in ("never", "not", "n't", "cannot"):
                return child
            if child.dep in ("nsubj", "nsubjpass"):
                for word in (child, *children(tokens, child.i)):
                    if word.lower in ("no", "none", "neither", "nothing", "nobody") and (
                        word.dep in ("det", "nsubj", "nsubjpass", "neg")
                    ):
                        return word
    return None


def in_quotes(tokens: Sequence[Token], index: int) -> bool:
    """Whether a token stands between quotation marks; an open quote runs to the end."""
    inside = False
    for token in tokens[:index]:
        if token.text in '“”"«»':
            inside = token.text in "“«" or (token.text == '"' and not inside)
    return inside


def is_question(tokens: Sequence[Token]) -> bool:
    """Whether the sentence asks. A presupposing question ("Why does X heal?") asserts (H11)."""
    shown = [token for token in tokens if token.text not in "”\"’')]»"]
    if not shown or shown[-1].text != "?":
        return False
    first = next((token for token in shown if token.pos != "PUNCT"), shown[0])
    return not (first.lower in _PRESUPPOSING and not _asks_whether(shown))


def _asks_whether(tokens: Sequence[Token]) -> bool:
    # "How much should I take?", "How safe is it?" and "How do I ..." presuppose nothing
    # about an effect; "Why does it heal so fast?" does.
    second = tokens[1].lower if len(tokens) > 1 else ""
    return tokens[0].lower == "how" and (
        second in ("much", "many", "long", "often", "safe", "effective", "well", "common", "about")
        or any(token.lower in ("i", "we", "you") for token in tokens[:5])
    )


def is_conditional(tokens: Sequence[Token], predicate: int) -> bool:
    """Whether the claim itself is what a condition leaves open (H14).

    "If you take it daily, it lowers" restricts use and is no condition on the claim;
    "if confirmed, it could" and "whether it helps depends" are.
    """
    for index in chain_of(tokens, predicate):
        token = tokens[index]
        marks = {
            child.lower for child in children(tokens, index) if child.dep in ("mark", "advmod")
        }
        if "whether" in marks or ("if" in marks and token.dep in ("ccomp", "advcl", "csubj")):
            return True
        for child in children(tokens, index):
            if child.dep == "advcl" and any(
                word.lower == "if" and word.head == child.i for word in tokens
            ):
                condition = {word.lemma for word in subtree(tokens, child.i)}
                if condition & {
                    "confirm",
                    "replicate",
                    "prove",
                    "true",
                    "right",
                    "correct",
                    "hold",
                }:
                    return True
    return False


def _reported(tokens: Sequence[Token], predicate: int) -> bool:
    for index in chain_of(tokens, predicate):
        if index != predicate and tokens[index].lemma in _REPORTING:
            return True
    root = next((token for token in tokens if token.head == token.i), None)
    if root is not None and root.i != predicate and root.lemma in _REPORTING:
        return predicate in {token.i for token in subtree(tokens, root.i)}
    return any(
        child.lemma in _REPORTING and child.dep in ("parataxis", "ccomp", "advcl")
        for child in children(tokens, predicate)
    )


def scope_of(tokens: Sequence[Token], cues: Sequence[CueHit], predicate: int) -> Scope:
    """Frame one predicate. The rule behind each line is named beside it."""
    governing = tuple(cue for cue in of_class(cues, *_HEDGES) if governs(tokens, cue, predicate))
    boosted = bool(governing) and any(
        cue.cue_class == "boosted-hedge"
        or (
            cue.cue_class in ("booster-degree", "booster-absolute")
            and governs(tokens, cue, predicate)
            and tokens[cue.anchor].pos == "ADV"
        )
        for cue in of_class(cues, "boosted-hedge", "booster-degree", "booster-absolute")
    )  # H6
    debunks = tuple(
        cue for cue in of_class(cues, "debunk", "no-relation") if _debunks(tokens, cue, predicate)
    )  # H10, H15
    negated = negation_of(tokens, predicate) is not None
    hedge: Hedge = "none"
    if governing and not boosted:
        weak = all(_is_weak(cue) for cue in governing)
        hedge = "partial" if weak else "adequate"
    elif governing:
        hedge = "partial"
    return Scope(
        hedge, _stance(tokens, cues, predicate, bool(debunks)), governing, boosted, negated, debunks
    )


def _is_weak(cue: CueHit) -> bool:
    """Experts split on "appears" and "seems" (code 4 or 6): partial."""
    return cue.cue_class == "hedge-verb" and (cue.level is None or cue.level >= 4)


def _debunks(tokens: Sequence[Token], cue: CueHit, predicate: int) -> bool:
    if cue.first <= predicate < cue.last or governs(tokens, cue, predicate):
        return True
    below = {token.i for token in subtree(tokens, cue.anchor)}
    if predicate in below:
        return True
    # "The idea that X cures Y is a myth": the cue is predicated of the clause.
    head = tokens[cue.anchor].head
    return tokens[cue.anchor].dep in ("attr", "acomp", "ROOT") and predicate in {
        token.i
        for child in children(tokens, head)
        if child.dep in ("nsubj", "csubj", "nsubjpass")
        for token in subtree(tokens, child.i)
    }


def _stance(
    tokens: Sequence[Token], cues: Sequence[CueHit], predicate: int, debunked: bool
) -> Stance:
    if debunked:
        return "debunked"
    if is_question(tokens):
        return "questioned"
    if is_conditional(tokens, predicate):
        return "conditional"
    if in_quotes(tokens, predicate):
        return "quoted"
    if _reported(tokens, predicate) or of_class(cues, "evidential-named"):
        return "attributed"
    return "asserted"
