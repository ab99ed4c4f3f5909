"""Edits after which a claim says more: its hedge is gone, or it is called proven."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from claimcheck.claims import Analysis, Token
from claimcheck.claims.tokens import children, word_set
from claimcheck.claims.tree import SUBJECTS
from claimcheck.training.metamorphic.clauses import (
    HEDGES,
    PERSONAL,
    Target,
    benefit,
    hedged_benefits,
    is_prose,
    is_told,
    stands_free,
)
from claimcheck.training.metamorphic.groups import (
    TENSED,
    Group,
    group_of_claim,
)
from claimcheck.training.metamorphic.inflect import number_of, past, present
from claimcheck.training.metamorphic.rewrite import (
    agreeing,
    capitalised,
    changed,
    inflected,
    opened,
    turn,
    under,
    with_adverb,
    without,
)

__all__ = [
    "certainly",
    "clinically_proven",
    "drop_modal",
    "drop_verb_or_adverb",
    "guaranteed",
    "proven",
    "proven_matrix",
]


_MODALS = word_set("may might could")


def drop_modal(analysis: Analysis) -> str | None:
    """ "may reduce" → "reduces", "might be" → "is"."""
    for group in _modal_groups(analysis):
        modal = group.finite
        if modal.lower not in _MODALS or group.subject.lower in ("you", "there"):
            continue
        if modal.lower == "could" and any(token.tag == "VBD" for token in analysis.tokens):
            continue  # "those on it could press 5 kg more": they were able to
        number = number_of(analysis.tokens, group.subject)
        if number is not None and not is_told(analysis.tokens, group):
            form = partial(present, number=number)
            return inflected(analysis, without(analysis, modal), modal.i, form)
    return None


def _modal_groups(analysis: Analysis) -> Iterator[Group]:
    """Verbs whose one hedge is the modal before them."""
    tokens = analysis.tokens
    for claim in hedged_benefits(analysis):
        (cue,) = claim.scope.hedges
        group = group_of_claim(tokens, claim.predicate)
        if group is None or not stands_free(tokens, group.head):
            continue
        if cue.first <= group.finite.i < cue.last:
            yield group
    root = next((token for token in tokens if token.dep == "ROOT"), None)
    group = group_of_claim(tokens, root.i) if root else None
    hedges = [cue for cue in analysis.cues if cue.cue_class in HEDGES]
    hedged = group is not None and any(c.first <= group.finite.i < c.last for c in hedges)
    if group and hedged and len(hedges) == 1 and is_prose(analysis) and not analysis.question:
        yield group


_SOFT_ADVERBS = word_set("possibly perhaps maybe probably potentially apparently presumably")
_SOFT_VERBS = word_set("appear seem tend")
_SOFT_FRAMES = word_set("thought believed expected likely suspected")


def drop_verb_or_adverb(analysis: Analysis) -> str | None:
    """ "appears to reduce", "possibly reduces" → "reduces"."""
    for claim in hedged_benefits(analysis):
        (cue,) = claim.scope.hedges
        first = analysis.tokens[cue.first]
        if any(token.lower in PERSONAL for token in analysis.tokens):
            return None
        if cue.last - cue.first == 1 and first.lower in _SOFT_ADVERBS:
            return _adverb_dropped(analysis, first)
        return _verb_dropped(analysis, cue.first)
    return None


def _adverb_dropped(analysis: Analysis, adverb: Token) -> str | None:
    """ "is possibly effective" → "is effective"; "Perhaps, it …" → "It …"."""
    tokens = analysis.tokens
    behind = tokens[adverb.i + 1].lower if adverb.i + 1 < len(tokens) else "."
    ahead = tokens[adverb.i - 1].lower if adverb.i else ","
    if behind == "," and ahead == ",":
        text = changed(analysis, [without(analysis, adverb, tokens[adverb.i + 1])])
        return capitalised(text) if text and not adverb.i else None
    if behind in (",", ".", "not") or tokens[adverb.i + 1].pos in ("PUNCT", "CCONJ"):
        return None
    text = changed(analysis, [without(analysis, adverb)])
    return capitalised(text) if text else None


def _verb_dropped(analysis: Analysis, first: int) -> str | None:
    """ "appears to reduce", "is thought to reduce", "is likely to reduce" → "reduces"."""
    tokens = analysis.tokens
    to = next((t for t in tokens[first : first + 4] if t.lower == "to" and t.tag == "TO"), None)
    tensed = tokens[first]
    if to is None or tensed.tag not in TENSED or any(t.tag == "MD" for t in tokens[first : to.i]):
        return None
    if any(token.dep == "neg" for token in tokens[first : to.i]):
        return None
    words = {token.lower for token in tokens[first + 1 : to.i]}
    soft = tensed.lemma in _SOFT_VERBS or (tensed.lemma == "be" and words & _SOFT_FRAMES)
    if not soft or words - _SOFT_FRAMES:
        return None

    def form(base: str) -> str:
        if tensed.tag == "VBD":
            plural = tensed.lower == "were" or _is_plural(analysis, tensed)
            return past(base) if base != "be" else ("were" if plural else "was")
        return present(base, "singular" if tensed.tag == "VBZ" else "plural")

    return inflected(analysis, without(analysis, tensed, to), to.i, form)


def _is_plural(analysis: Analysis, verb: Token) -> bool:
    for child in children(analysis.tokens, verb.i):
        if child.dep in SUBJECTS:
            return number_of(analysis.tokens, child) == "plural"
    return False


def _open_to_boosters(analysis: Analysis) -> Target | None:
    """A plain claim of effect in the present tense that carries no proof yet."""
    if any(t.lemma in ("prove", "guarantee") or t.lower == "proven" for t in analysis.tokens):
        return None
    target = benefit(analysis) if is_prose(analysis) else None
    if target is None or target.group.finite.tag == "VBD":
        return None
    if target.claim and (target.claim.scope.stance != "asserted" or target.claim.level < 5):
        return None
    free = target.group.head.dep in ("ROOT", "conj")
    return target if free and target.group.start == target.group.finite.i else None


def _boosted(analysis: Analysis, participle_words: str, *, verb: str = "be") -> str | None:
    target = _open_to_boosters(analysis)
    if target is None or target.group.kind not in ("plain", "modal"):
        return None
    if target.group.subject.lower == "there":
        return None
    form = agreeing(analysis, target.group, verb)
    return under(analysis, target.group, f"{form} {participle_words} to") if form else None


def proven(analysis: Analysis) -> str | None:
    """ "reduces" → "is proven to reduce"."""
    return _boosted(analysis, "proven")


def guaranteed(analysis: Analysis) -> str | None:
    """ "reduces" → "is guaranteed to reduce"."""
    return _boosted(analysis, "guaranteed")


def clinically_proven(analysis: Analysis) -> str | None:
    """ "reduces" → "has been proven to reduce", "is clinically proven to reduce"."""
    words = turn(analysis, "proof", ("been proven", "been clinically proven", "clinically proven"))
    return _boosted(analysis, words, verb="have" if words.startswith("been") else "be")


def certainly(analysis: Analysis) -> str | None:
    """ "reduces" → "definitely reduces"."""
    target = _open_to_boosters(analysis)
    if target is None:
        return None
    adverbs = ("definitely", "undoubtedly", "certainly")
    return with_adverb(analysis, target.group, turn(analysis, "certain", adverbs))


def proven_matrix(analysis: Analysis) -> str | None:
    """ "It has been proven that turmeric reduces …" """
    frames = ("It has been proven that", "It is a proven fact that", "It has been proven that")
    return opened(analysis, _open_to_boosters(analysis), turn(analysis, "fact", frames))
