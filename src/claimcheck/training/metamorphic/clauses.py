"""What may be edited: the verb of a claim, and whether the sentence is fit for an edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from claimcheck.claims import Analysis, ClaimDraft, Token
from claimcheck.claims.repair import recased
from claimcheck.claims.tokens import children, subtree, word_set
from claimcheck.claims.tree import SUBJECTS, in_own_subject
from claimcheck.claims.verbs import CAUSE, EFFECT_VERBS, HARM, REPORTING, UP
from claimcheck.training.metamorphic.groups import (
    CARRYING,
    TENSED,
    Group,
    coordinated,
    group_at,
    group_of_claim,
)

__all__ = [
    "FEWEST_WORDS",
    "HEDGES",
    "PERSONAL",
    "Target",
    "alone",
    "benefit",
    "harm",
    "has_numbers",
    "hedged_benefits",
    "is_prose",
    "is_told",
    "one_clause",
    "stands_free",
    "unseen_harm",
]

_BENEFITS = frozenset({"efficacy", "mechanism", "comparison", "risk"})
PERSONAL = word_set("i my me mine myself he she him her his hers himself herself us we")
_TOLD = REPORTING | word_set(
    """unveil launch tell recall remember expect want love like hope offer sell cost remind call
    name ask include"""
)
_DENYING = word_set(
    "no not n't never nothing nobody none neither nor hardly without few little cannot worse poorer"
)
HEDGES = frozenset({"hedge-modal", "hedge-verb", "hedge-adverb", "hedge-adjective"})
_EFFECTS = (
    EFFECT_VERBS | word_set("work make keep shed lose outperform outdo outshine beat")
) - word_set("cause trigger provoke induce spark age")
_GOOD = word_set(
    """effective helpful useful beneficial good great ideal brilliant best excellent superior
    better efficacious remedy cure answer solution treatment cornerstone fix antidote powerful
    potent healing safer gentler"""
)
_LINKING = word_set("link associate tie connect")
_LESS_OR_BETTER = word_set(
    "lower lowered reduced reduction fewer less decreased better improved longer improvement"
)
_MOST_WORDS = 38
FEWEST_WORDS = 4
_LONGEST_HEADING = 14


class Target(NamedTuple):
    """The verb to edit, with its claim where the claims room found one."""

    group: Group
    claim: ClaimDraft | None = None


def is_prose(analysis: Analysis, *, stopped: bool = False) -> bool:
    """A whole sentence of running text, or a heading set like one.

    :param stopped: also ask for a full stop that nothing follows.
    """
    text = analysis.text
    words = text.split()
    if not FEWEST_WORDS <= len(words) <= _MOST_WORDS or text != text.strip():
        return False
    if any(mark in text for mark in ("\n", "\t", "?", "…", "..", "--", "http", "www", "|", "•")):
        return False
    if not (text[0].isupper() or text[0] in "“\"‘'") or recased(text) != text:
        return False
    if any(text.count(a) != text.count(b) for a, b in ("()", "[]", "“”")) or text.count('"') % 2:
        return False
    if stopped:
        return text.endswith(".") and text[-2].isalnum() and not text[-3:-1].isupper()
    heading = len(words) <= _LONGEST_HEADING and analysis.tokens[-1].pos in ("NOUN", "PROPN", "ADJ")
    return text[-1] in ".!" or heading


def benefit(analysis: Analysis) -> Target | None:
    """The verb of an unhedged claim that something does good, put forward by the author.

    Where the claims room finds no such claim, the verb of a sentence of one plain clause
    will do: claims without trigger words are the hard ones, and labels say whether it is
    one (see ``about``).
    """
    tokens = analysis.tokens
    if analysis.question:
        return None
    for claim in analysis.claims:
        if not _is_put_forward(claim) or claim.scope.hedges:
            continue
        group = group_of_claim(tokens, claim.predicate)
        if group is None or not stands_free(tokens, group.head) or is_told(tokens, group):
            continue
        if _promises(analysis, claim, group):
            return Target(group, claim)
    group = _plain_clause(analysis)
    return Target(group) if group else None


def _is_put_forward(claim: ClaimDraft) -> bool:
    scope = claim.scope
    return (
        claim.kind in _BENEFITS
        and claim.level >= 2
        and scope.stance in ("asserted", "attributed")
        and not scope.negated
        and not scope.debunks
    )


def is_told(tokens: Sequence[Token], group: Group) -> bool:
    """What happened to one person, or what somebody says: neither is open to "may"."""
    return group.head.lemma in _TOLD or any(
        token.lower in PERSONAL for token in subtree(tokens, group.head.i)
    )


def _plain_clause(analysis: Analysis) -> Group | None:
    """The verb of a sentence that is one clause in the present, with nothing around it."""
    tokens = analysis.tokens
    root = next((t for t in tokens if t.dep == "ROOT"), None)
    group = group_at(tokens, root.i) if root else None
    if group is None or group.finite.tag == "VBD" or group.kind == "do":
        return None
    words = {token.lower for token in tokens}
    if words & _DENYING or ";" in words or ":" in words or is_told(tokens, group):
        return None
    if any(claim.kind == "safety" for claim in analysis.claims):
        return None
    framed = any(cue.cue_class in HEDGES or cue.cue_class == "debunk" for cue in analysis.cues)
    harmful = any(cue.cue_class == "harm-term" for cue in analysis.cues)
    lemma = group.head.lemma
    if framed or harmful or lemma in HARM | CAUSE or group.subject.lower in ("you", "there"):
        return None
    if coordinated(tokens, group.head) or _reasons_follow(tokens, group):
        return None
    return group if one_clause(tokens, group) else None


def _reasons_follow(tokens: Sequence[Token], group: Group) -> bool:
    """A clause after the verb may hold the claim ("sit outside, for it is harmless")."""
    return any(
        token.dep in SUBJECTS and tokens[token.head].dep == "advcl"
        for token in tokens[group.head.i + 1 :]
    )


def _promises(analysis: Analysis, claim: ClaimDraft, group: Group) -> bool:
    """A verb of effect, praise after "is", or a link with less of something.

    Narrower than the claims room, which aims at recall: a direction is only known where
    the benefit is plain.
    """
    tokens = analysis.tokens
    verbs = {tokens[claim.predicate].lemma, group.head.lemma}
    treated = any(m.kind == "intervention" for m in analysis.mentions)
    harmful = any(cue.cue_class == "harm-term" for cue, _ in claim.cues)
    if verbs & HARM or (harmful and verbs & (UP | CAUSE)):
        return False
    if claim.kind == "risk" and not (treated and claim.polarity == "+"):
        return False
    if verbs & _LINKING:
        return treated and any(token.lower in _LESS_OR_BETTER for token in tokens)
    praised = any(
        child.dep in ("acomp", "attr") and child.lemma in _GOOD
        for child in children(tokens, group.head.i)
    )
    return praised or (bool(verbs & _EFFECTS) and claim.polarity != "0")


def stands_free(tokens: Sequence[Token], head: Token) -> bool:
    """The main clause, one beside it with a subject of its own, or what a source reports."""
    if head.dep == "ROOT":
        return True
    above = tokens[head.head]
    if head.dep == "conj":
        return above.dep == "ROOT" and in_own_subject(tokens, head.i)
    marks = {child.lower for child in children(tokens, head.i) if child.dep == "mark"}
    return (
        head.dep == "ccomp"
        and above.lemma in REPORTING
        and above.i < head.i
        and marks <= {"that"}
        and not any(c.dep == "neg" for c in children(tokens, above.i))
    )


def alone(analysis: Analysis) -> bool:
    """Whether one verb carries all that the sentence claims.

    Where another claim stands beside the edited one, or a booster cancels hedges (H6),
    the scheme gives no reason why the score should move.
    """
    live = [
        claim
        for claim in analysis.claims
        if claim.scope.stance in ("asserted", "attributed", "quoted") and claim.level >= 2
    ]
    tokens = analysis.tokens
    heads = {group.head.i for c in live if (group := group_of_claim(tokens, c.predicate))}
    boosted = any(
        bears and cue.cue_class.startswith("boost") for c in live for cue, bears in c.cues
    )
    return len(heads) <= 1 and not boosted and not any(c.scope.boosted for c in live)


def one_clause(tokens: Sequence[Token], group: Group) -> bool:
    """Nothing stands beside the claim's clause, not even "…, she said"."""
    if any(token.lemma in _TOLD and token.tag in TENSED for token in tokens[-4:]):
        return False
    joined = [
        tokens[i].i
        for i in range(1, len(tokens))
        if tokens[i].lower in ("and", "but", "so", "yet", "or") and tokens[i - 1].lower == ","
    ]
    if joined and any(token.dep in SUBJECTS for token in tokens[joined[0] :]):
        return False
    for token in tokens[group.head.i + 1 :]:
        if token.dep in SUBJECTS and tokens[token.head].dep not in ("relcl", "acl", "advcl"):
            return False
    for token in subtree(tokens, group.head.i):
        if token.dep == "ccomp" and tokens[token.head].pos != "VERB":
            return False  # "is clear that …"
    for child in children(tokens, group.head.i):
        beside = child.dep == "conj" and in_own_subject(tokens, child.i)
        taken = child.dep == "ccomp" and group.head.lemma not in CARRYING
        if beside or taken or child.dep == "parataxis":
            return False
    return True


def has_numbers(analysis: Analysis) -> bool:
    support = analysis.support
    return (
        support.any_number
        or support.comparator
        or any(token.number or token.text[:1].isdigit() for token in analysis.tokens)
    )


def hedged_benefits(analysis: Analysis) -> Iterator[ClaimDraft]:
    """Benefit claims with exactly one hedge in scope: without it they are bare."""
    if not is_prose(analysis) or analysis.question:
        return
    for claim in analysis.claims:
        if _is_put_forward(claim) and claim.polarity == "+" and len(claim.scope.hedges) == 1:
            yield claim


def harm(analysis: Analysis, polarity: str) -> Target | None:
    """A statement about harm in the author's voice, unhedged and without figures.

    :param polarity: ``-`` for a harm that is stated, ``0`` for one denied or played down.
    """
    tokens = analysis.tokens
    if not _open_about_harm(analysis):
        return None
    for claim in analysis.claims:
        if claim.kind != "safety" or claim.polarity != polarity:
            continue
        if claim.scope.stance not in ("asserted", "attributed") or claim.scope.debunks:
            continue
        group = group_of_claim(tokens, claim.predicate)
        if group is not None and not is_told(tokens, group) and stands_free(tokens, group.head):
            return Target(group, claim)
    return None


def unseen_harm(analysis: Analysis) -> Target | None:
    """The verb of one plain clause in which the claims room finds neither harm nor benefit.

    What it plays down, it plays down without trigger words; labels say that it does.
    """
    tokens = analysis.tokens
    root = next((token for token in tokens if token.dep == "ROOT"), None)
    group = group_at(tokens, root.i) if root else None
    if group is None or not _open_about_harm(analysis) or is_told(tokens, group):
        return None
    known = any(claim.kind in _BENEFITS | {"safety"} for claim in analysis.claims)
    if known or _reasons_follow(tokens, group) or coordinated(tokens, group.head):
        return None
    return Target(group) if one_clause(tokens, group) else None


def _open_about_harm(analysis: Analysis) -> bool:
    framed = any(cue.cue_class in HEDGES or cue.cue_class == "debunk" for cue in analysis.cues)
    asked = analysis.question or framed
    return is_prose(analysis) and not asked and not has_numbers(analysis)
