"""Hedges and boosters on a verb: "may", "appears to", "possibly", "proven to"."""

from __future__ import annotations

from claimcheck.claims.tokens import children
from claimcheck.judge.canonical.draft import Draft
from claimcheck.judge.canonical.grammar import inflect, past, third, third_person

__all__ = ["adverbs", "boosters", "hedges"]

_MODALS = frozenset({"may", "might", "could"})

_THOUGHT = frozenset({"thought", "believed", "suspected", "expected", "likely", "presumed"})

_SEEMING = frozenset({"appear", "appears", "appeared", "seem", "seems", "seemed", "tend", "tends"})

_CERTAIN = frozenset({"proven", "proved", "guaranteed", "certain", "sure", "bound"})

_SURELY = frozenset({"definitely", "undoubtedly", "certainly", "unquestionably"})

_HOW_PROVEN = frozenset({"clinically", "scientifically", "medically", "now", "fully"})


def boosters(draft: Draft) -> None:
    """ "is proven to lower", "has been proven to lower", "is proven effective" → "lowers"."""
    for token in draft.tokens:
        index = token.i
        if token.lower in _SURELY and token.pos == "ADV" and draft.last > index + 1:
            draft.drop(index, index + 1)
            draft.removed.add("proven")
        if token.lower not in _CERTAIN or index == 0:
            continue
        first = index - 1 if draft.lower(index - 1) in _HOW_PROVEN else index
        before = draft.lower(first - 1)
        if draft.lower(index + 1) == "to" and draft.tag(index + 2) == "VB":
            begin = _copula(draft, first)
            if begin is None:
                continue
            singular = _singular(draft, begin, draft.lower(begin))
            draft.drop(begin, index + 2)
            inflect(draft, index + 2, singular)
            draft.removed.add("proven")
        elif before in ("is", "are", "be") and draft.tag(index + 1) == "JJ":
            draft.drop(first, index + 1)
            draft.removed.add("proven")


def _copula(draft: Draft, first: int) -> int | None:
    """Where "is", "are", "has been" before a participle begins."""
    word = draft.lower(first - 1)
    if word in ("is", "are", "'s", "'re"):
        return first - 1
    if word == "been" and draft.lower(first - 2) in ("has", "have"):
        return first - 2
    return None


def _singular(draft: Draft, index: int, form: str) -> bool:
    if form in ("is", "has", "'s", "does"):
        return True
    if form in ("are", "have", "'re", "do"):
        return False
    return third_person(draft, index)


def hedges(draft: Draft) -> None:
    """May, might, could; appears to, seems to, tends to; is thought to, is likely to."""
    for token in draft.tokens:
        index = token.i
        if not draft.words[index]:
            continue
        if token.lower in _THOUGHT and draft.lower(index + 1) == "to":
            _unthink(draft, index)
        if token.lower in _SEEMING and draft.lower(index + 1) == "to":
            _unseem(draft, index)
        elif token.lower in _MODALS and token.tag in ("MD", "VB", "VBP", "NNP", "NN"):
            _unmodal(draft, index)
        elif token.lower in ("can", "ca", "will", "'ll") and token.tag == "MD":
            _unmodal(draft, index, hedge=False)
        elif token.tag in ("VB", "VBP") and token.dep == "conj":
            _rejoin(draft, index)


def _rejoin(draft: Draft, index: int) -> None:
    """ "varies and take" → "varies and takes": what a lost auxiliary left bare."""
    head = draft.tokens[index].head
    own = any(c.dep in ("aux", "nsubj") for c in children(draft.tokens, index))
    if (
        draft.tokens[head].tag == "VBZ"
        and not own
        and draft.words[index] == draft.tokens[index].text
    ):
        draft.words[index] = third(draft.words[index])


def _unseem(draft: Draft, index: int) -> None:
    token = draft.tokens[index]
    verb = index + 2
    if draft.tag(verb) == "RB" and draft.tag(verb + 1) == "VB":
        verb += 1
    if draft.tag(verb) != "VB" or token.tag not in ("VBZ", "VBP", "VB", "VBD"):
        return
    # "may appear to": the modal goes with it.
    bare = token.tag == "VB" and draft.lower(index - 1) in _MODALS
    singular = token.tag == "VBZ" or (token.tag in ("VB", "VBD") and third_person(draft, index))
    if token.tag == "VBD":
        form = past(draft.words[verb], singular)
        if form is None:
            return
        draft.words[verb] = form
    draft.hedged(index)
    draft.hedged(verb)
    if bare:
        draft.drop(index - 1, index)
    draft.drop(index, index + 2)
    if token.tag != "VBD":
        inflect(draft, verb, singular)


def _unthink(draft: Draft, index: int) -> None:
    """ "is thought to ease" → "eases"."""
    verb = index + 2
    before = draft.lower(index - 1)
    if draft.tag(verb) != "VB" or before not in ("is", "are", "'s", "'re"):
        return
    draft.drop(index - 1, verb)
    draft.hedged(index)
    inflect(draft, verb, before in ("is", "'s"))


def _unmodal(draft: Draft, index: int, *, hedge: bool = True) -> None:
    """Can and will are no hedges (H3); they go because "may" takes their place."""
    verb = index + 1
    while draft.tag(verb) in ("RB", "RBR") and verb < index + 4:
        if draft.words[verb] and draft.lower(verb) in ("not", "n't", "never", "only"):
            return
        verb += 1
    if draft.tag(verb) not in ("VB", "VBP") or draft.lower(verb) in ("or", "as"):
        return
    if draft.lower(verb) in _SEEMING and draft.lower(verb + 1) == "to":
        return
    singular = third_person(draft, verb, modal=index)
    draft.drop(index, index + 1)
    if hedge:
        draft.hedged(verb)
        if draft.tokens[verb].dep in ("aux", "auxpass"):
            draft.hedged(draft.tokens[verb].head)
    perfect = draft.lower(verb) == "have" and draft.tag(verb + 1) == "VBN"
    if perfect and draft.lower(verb + 1).endswith("ed"):
        draft.drop(verb, verb + 1)
        return
    inflect(draft, verb, singular)


def adverbs(draft: Draft) -> None:
    """Possibly, perhaps, in theory, and the comma or commas that set them off."""
    root = next((token.i for token in draft.tokens if token.head == token.i), 0)
    if draft.lower(0) in ("perhaps", "possibly", "maybe") and draft.lower(1) not in (
        ",", "not", "because",
    ):  # fmt: skip
        draft.drop(0, 1)
        draft.hedged(root)
    for cue in draft.analysis.cues:
        if cue.cue_class != "hedge-adverb" or draft.tokens[cue.first].lower in ("not", "n't"):
            continue
        if any(
            draft.lower(index) in ("will", "would", "can", "has", "have", "do", "does")
            for index in range(cue.first, cue.last)
        ):
            continue
        draft.drop(cue.first, cue.last)
        if draft.tokens[cue.anchor].head == root:
            draft.hedged(root)
        if draft.lower(cue.last) == "," and (cue.first == 0 or draft.lower(cue.first - 1) == ","):
            draft.drop(cue.last, cue.last + 1)
            if cue.first:
                draft.drop(cue.first - 1, cue.first)
