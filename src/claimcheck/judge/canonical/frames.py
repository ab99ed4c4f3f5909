"""What a claim stands in: "there is no evidence that", a question, "not"."""

from __future__ import annotations

import re

from claimcheck.claims.tokens import children, subtree
from claimcheck.judge.canonical.draft import Draft
from claimcheck.judge.canonical.grammar import inflect, third, third_person

__all__ = ["contractions", "denials", "frames", "helpers", "questions"]

_DENIALS = tuple(
    re.compile(pattern)
    for pattern in (
        r"there (?:is|was) (?:currently |still |so far )?(?:no|little|not enough|insufficient) "
        r"(?:good |convincing |reliable |scientific |clinical |solid |strong )?"
        r"(?:evidence|proof) (?:at all |yet )?that ",
        r"no (?:good |large |controlled |randomi[sz]ed |published )?"
        r"(?:evidence|study|trial|research) (?:has )?(?:ever )?"
        r"(?:shows|shown|showed|proves|proven|proved|suggests|found) that ",
        r"it is (?:simply |just )?(?:a (?:common |popular |persistent )?(?:myth|misconception|"
        r"fallacy)|false|untrue|not true|wrong to say) that ",
        r"it is not (?:known|clear|certain|proven|established) (?:whether|if|that) ",
        r"it has not been (?:shown|proven|proved|established|demonstrated) that ",
    )
)

_POSSIBLY = re.compile(
    r"(?:it (?:is|may be|might be|could be|remains) (?:also |just |quite )?"
    r"(?:possible|conceivable|plausible|probable) that |it (?:may|might|could) be that )"
)

_PROVEN = re.compile(
    r"it (?:is|has been) (?:now |well |clinically |scientifically )?"
    r"(?:proven|proved|certain|a (?:proven|known|scientific) fact) that "
)

_FRAMES = ((_DENIALS, "denied"), ((_POSSIBLY,), "hedged"), ((_PROVEN,), "proven"))

_ASKING = frozenset({"does", "do", "is", "are", "was", "were", "has", "have", "can", "will"})

_FAULTLESS = ("denied-harm", "minimiser")


def frames(draft: Draft) -> None:
    """ "There is no evidence that X", "It is a myth that X", "It is possible that X" → X."""
    spaced = ""
    ends = []
    for token in draft.tokens[:16]:
        spaced += token.lower.strip() + " "
        ends.append(len(spaced))
    for patterns, name in _FRAMES:
        for pattern in patterns:
            match = pattern.match(spaced)
            if match and match.end() in ends:
                draft.drop(0, ends.index(match.end()) + 1)
                draft.removed.add(name)
                return


def questions(draft: Draft) -> None:
    """ "Does X lower Y?" → "X lowers Y."; "Is X good for Y?" → "X is good for Y."."""
    tokens = draft.tokens
    if len(tokens) < 4 or tokens[-1].text != "?" or tokens[0].lower not in _ASKING:
        return
    verb = tokens[0].head
    if tokens[0].lower in ("does", "do"):
        if tokens[verb].tag != "VB" or tokens[0].dep != "aux":
            return
        draft.drop(0, 1)
        if tokens[0].lower == "does":
            draft.words[verb] = third(draft.words[verb])
    else:
        subject = next(
            (c for c in children(tokens, verb) if c.dep in ("nsubj", "nsubjpass", "csubj")), None
        )
        if subject is None or subject.i == 0:
            return
        end = max(token.i for token in subtree(tokens, subject.i))
        if end + 1 >= len(tokens) - 1:
            return
        draft.drop(0, 1)
        if tokens[0].lower in ("can", "will"):
            inflect(draft, verb, third_person(draft, verb))
        else:
            draft.words[end + 1] = f"{tokens[0].lower} {draft.words[end + 1]}"
    draft.words[-1] = "."
    draft.removed.add("asked")


def denials(draft: Draft) -> None:
    """ "does not lower" → "lowers", "is not effective" → "is effective", of a benefit."""
    tokens = draft.tokens
    if any(cue.cue_class in _FAULTLESS for cue in draft.analysis.cues):
        return
    if any(claim.kind == "safety" for claim in draft.analysis.claims):
        return
    verbs = [claim.predicate for claim in draft.analysis.claims if claim.scope.negated]
    for verb in (*verbs, *(token.i for token in tokens if token.head == token.i)):
        word = next(
            (c for c in children(tokens, verb) if c.dep == "neg" and c.lower in ("not", "n't")),
            None,
        )
        if word is None or not draft.words[word.i] or word.i == 0:
            continue
        before = draft.lower(word.i - 1)
        if before in ("does", "do") and tokens[verb].tag == "VB":
            draft.drop(word.i - 1, word.i + 1)
            if before == "does":
                draft.words[verb] = third(draft.words[verb])
        elif before in ("is", "are", "was", "were", "has", "have", "had", "will"):
            draft.drop(word.i, word.i + 1)
        elif before in ("can", "ca"):
            draft.drop(word.i, word.i + 1)
            draft.words[word.i - 1] = "can"
        else:
            continue
        draft.removed.add("denied")
        return
    _deny_being(draft)


def _deny_being(draft: Draft) -> None:
    """ "it is not all upside" → "it is all upside": a "not" that hangs on what it is."""
    for token in draft.tokens[1:]:
        be = draft.tokens[token.i - 1]
        if (
            token.lower in ("not", "n't")
            and draft.words[token.i]
            and be.lower in ("is", "'s", "are", "'re", "was", "were")
            and be.head == be.i
            and draft.lower(token.i + 1) not in ("only", "just", "merely")
        ):
            draft.drop(token.i, token.i + 1)
            draft.removed.add("denied")
            return


def helpers(draft: Draft) -> None:
    """ "did not", "do not", "may not" before a verb → "does not"."""
    for token in draft.tokens:
        index = token.i
        if token.lower not in ("did", "do", "may", "might", "could") or not draft.words[index]:
            continue
        if draft.lower(index + 1) in ("not", "n't") and draft.tag(index + 2) == "VB":
            draft.words[index], draft.words[index + 1] = "does", " not"


def contractions(draft: Draft) -> None:
    """ "it's", "they're" → "it is", "they are"."""
    for token in draft.tokens:
        if token.tag not in ("VBZ", "VBP") or not draft.words[token.i]:
            continue
        if token.lower == "'s" and draft.lower(token.i + 1) not in ("been", "got"):
            draft.words[token.i] = " is"
        elif token.lower == "'re":
            draft.words[token.i] = " are"
