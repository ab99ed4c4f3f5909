"""Canonical text: a sentence without its hedges, limits, boosters and names.

The judge's guarantees rest on this module. Encoder and features read the canonical
text; what was taken out of it comes back only as a short list of *modifiers*, whose
weights may have one sign each (:data:`MODIFIERS`). So a hedge put on a claim, a
limitation or "n of N" with a comparator added, or the claim asked or denied instead
of asserted, can never raise a score; "proven" or "guaranteed" can never lower it; and
a name in place of another of its section, other white space or other quotation marks
change nothing.

What is taken out: may, might, could before a verb; "appears to", "is thought to";
hedging adverbs; "it is possible that"; an opening or closing clause or a parenthesis
that states a limit of the evidence; "n of N" with a comparator in a parenthesis, at the
beginning or at the end; "proven to", "guaranteed to", "definitely"; "there is no
evidence that" and its kin; the "not" of a claim of benefit; the form of a yes-or-no
question. A hedge is taken out wherever it stands, in scope or not: whether it bears on
the claim only decides the modifier (H1, H2). "Can" and "will" go too, since "may" takes
their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files

from claimcheck.claims import Analysis
from claimcheck.claims.tokens import Token, children, subtree

__all__ = ["MODIFIERS", "Canonical", "canonical", "plainly_written", "words_behind"]

MODIFIERS: dict[str, int] = {
    "hedged": -1,
    "partly-hedged": -1,
    "limitation": -1,
    "numbers": -1,
    "denied": -1,
    "asked": -1,
    "proven": 1,
}
"""Modifier → the only sign that its weight may have."""

_MODALS = frozenset({"may", "might", "could"})
_THOUGHT = frozenset({"thought", "believed", "suspected", "expected", "likely", "presumed"})
_SEEMING = frozenset({"appear", "appears", "appeared", "seem", "seems", "seemed", "tend", "tends"})
_CERTAIN = frozenset({"proven", "proved", "guaranteed", "certain", "sure", "bound"})
_SURELY = frozenset({"definitely", "undoubtedly", "certainly", "unquestionably"})
_HOW_PROVEN = frozenset({"clinically", "scientifically", "medically", "now", "fully"})
_TURNS = frozenset({"although", "though", "but", "while", "yet", "albeit", "however"})
_BREAKS = frozenset({",", ";", "—", "–", "-", ":"})
_ENDS = frozenset(".!?…")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "\u00a0": " "})
_MOST_CLAUSE = 26
_FEWEST_LEFT = 3

_LIMIT_WORDS = re.compile(
    r"\b(?:evidence|stud(?:y|ies)|research\w*|trials?|data|findings?|results?|samples?)\b"
)
_LIMITING = re.compile(
    r"\b(?:limited|needed|required|small|lacking|weak|mixed|early|preliminary|unclear|scarce|"
    r"sparse|thin|uncertain|conflicting|inconclusive|confirm\w*|warranted|short|modest|low|"
    r"replicated|tested|yet|lack|lacks|no|not|few|poor|only)\b"
)
_TRIAL_ARMS = re.compile(
    r"\b\d[\d,.]* (?:out )?of (?:the )?\d[\d,.]*\b.*?"
    r"\b(?:against|versus|vs\.?|compared (?:with|to)|and)\b.*?"
    r"\b\d[\d,.]* (?:(?:out )?of|in) (?:the )?\d[\d,.]*"
)
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
_IRREGULAR = {"be": "is", "have": "has", "do": "does", "go": "goes"}


@dataclass(frozen=True, slots=True)
class Canonical:
    """A sentence's canonical text and what was taken out of it.

    ``modifiers`` holds names of :data:`MODIFIERS` that hold of the sentence, whether
    or not its claims are of benefit; see
    :func:`claimcheck.judge.features.modifier_vector`.
    """

    text: str
    modifiers: frozenset[str]


def canonical(analysis: Analysis) -> Canonical:
    """The canonical text of an analysed sentence. Pure."""
    draft = _Draft(analysis)
    for step in _STEPS:
        step(draft)
    return Canonical(draft.text(), draft.modifiers())


def plainly_written(analysis: Analysis) -> str:
    """The sentence with single spaces, straight quotation marks, and names masked.

    It is parsed again before :func:`canonical` looks at it, so that none of the three can
    change how it is parsed.
    """
    draft = _Draft(analysis)
    _names(draft)
    return draft.text() or analysis.text


def words_behind(span: tuple[int, int], text: str, original: str) -> tuple[int, int]:
    """Where the words of a span of canonical text stand in the sentence that it is of.

    Words are aligned in order; where none of the span's words stand in the sentence (a
    name was put in another's place), the words between their neighbours are taken.

    :returns: a span of ``original``, never empty for a sentence that has a word.
    """
    ours = [match.span() for match in _WORD.finditer(text)]
    theirs = [match.span() for match in _WORD.finditer(original)]
    if not theirs:
        return 0, len(original)
    matcher = SequenceMatcher(
        None,
        [text[a:b].lower() for a, b in ours],
        [original[a:b].lower() for a, b in theirs],
        autojunk=False,
    )
    hit: list[int] = []
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        for index in range(i1, i2):
            if ours[index][0] < span[1] and span[0] < ours[index][1] and j2 > j1:
                same = i2 - i1 == j2 - j1
                hit.extend((j1 + index - i1,) if same else (j1, j2 - 1))
    if not hit:
        return theirs[0][0], theirs[-1][1]
    return theirs[min(hit)][0], theirs[max(hit)][1]


_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


class _Draft:
    """The sentence while it is edited: one string a token, empty where it is gone."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.tokens: Sequence[Token] = analysis.tokens
        self.words = [token.text.translate(_QUOTES) for token in self.tokens]
        self.removed: set[str] = set()

    def hedged(self, verb: int) -> None:
        """Note that a hedge was taken from a verb; one that a booster cancels is none (H6)."""
        claims = [c for c in self.analysis.claims if c.predicate == verb]
        if any(claim.scope.boosted for claim in claims):
            return
        if self.tokens[verb].head == verb or claims:
            self.removed.add("hedged")

    def drop(self, first: int, last: int) -> None:
        for index in range(first, last):
            self.words[index] = ""

    def lower(self, index: int) -> str:
        return self.tokens[index].lower if 0 <= index < len(self.tokens) else ""

    def tag(self, index: int) -> str:
        return self.tokens[index].tag if 0 <= index < len(self.tokens) else ""

    @property
    def last(self) -> int:
        """One past the last token before the closing punctuation."""
        end = len(self.tokens)
        while end and (
            self.tokens[end - 1].text[:1] in _ENDS or self.tokens[end - 1].text in "\"')”’"
        ):
            end -= 1
        return end

    def text(self) -> str:
        parts: list[str] = []
        for token, word in zip(self.tokens, self.words, strict=True):
            if not word or word.isspace():
                continue
            glued = token.i > 0 and self.tokens[token.i - 1].end == token.start
            if parts and not (glued and self.words[token.i - 1].strip()) and word not in _CLOSERS:
                parts.append(" ")
            parts.append(word)
        text = _tidied("".join(parts))
        return text[:1].upper() + text[1:] if self.words and not self.words[0] else text

    def modifiers(self) -> frozenset[str]:
        found = set(self.removed)
        live = [c for c in self.analysis.claims if c.scope.stance not in ("questioned", "debunked")]
        adequate = [c.hedge == "adequate" for c in live]
        if any(adequate):
            found.add("hedged")
        if any(c.hedge == "partial" for c in live):
            found.add("partly-hedged")
        support = self.analysis.support
        if support.limitation:
            found.add("limitation")
        if support.n_of_n and support.comparator:
            found.add("numbers")
        if any(
            c.scope.stance == "debunked" or (c.scope.negated and c.level <= 1)
            for c in self.analysis.claims
        ):
            found.add("denied")
        if self.analysis.question:
            found.add("asked")
        if found & {"asked", "denied"}:
            # What is not put forward is no bolder than what is put forward with a hedge.
            found.add("hedged")
        return frozenset(found & MODIFIERS.keys())


_CLOSERS = frozenset({",", ".", ";", ":", "!", "?", ")", "…", "%"})


def _tidied(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"^[,;:–—]\s*", "", text)
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    text = re.sub(r"([,;])(?:\s*[,;])+", r"\1", text)
    return _ADVERB_FIRST.sub(r"\2 \1", text)


_ADVERB_FIRST = re.compile(
    r"\b(already|also|always|now|still|often|even|never|\w+ly) (is|are|was|were|has|have)\b"
)
"""One order of adverb and auxiliary, since "may also be" becomes "also is"."""


def _limits(draft: _Draft) -> None:
    """Closing clauses and parentheses that state a limit, or both arms of a trial."""
    for first, last in _parentheses(draft):
        kind = _what_limits(draft, first, last)
        if kind:
            draft.drop(first, last)
            draft.removed.add(kind)
    for first in range(_FEWEST_LEFT, draft.last):
        if not _opens_clause(draft, first) or draft.last - first > _MOST_CLAUSE:
            continue
        if _what_limits(draft, first, draft.last) == "limitation":
            draft.drop(first, draft.last)
            draft.removed.add("limitation")
            break
    _opening_limit(draft)
    _closing_arms(draft)
    _opening_arms(draft)


def _opening_limit(draft: _Draft) -> None:
    """ "Although the evidence is limited, X" → "X"."""
    first = 1 if draft.lower(0) == "even" else 0
    if draft.lower(first) not in ("although", "though", "while", "whilst"):
        return
    comma = next((t.i for t in draft.tokens[:_MOST_CLAUSE] if t.text == ","), None)
    if comma is None or draft.last - comma <= _FEWEST_LEFT:
        return
    if _what_limits(draft, 0, comma) == "limitation":
        draft.drop(0, comma + 1)
        draft.removed.add("limitation")


def _opening_arms(draft: _Draft) -> None:
    """ "In 34 of 50 volunteers, against 21 of 50 on placebo, X" → "X"."""
    if draft.lower(0) not in ("in", "among") or not draft.last > 1 or not draft.tokens[1].number:
        return
    commas = [t.i for t in draft.tokens[:_MOST_CLAUSE] if t.text == ","]
    for comma in commas:
        words = " ".join(token.lower for token in draft.tokens[:comma])
        if _TRIAL_ARMS.search(words) and draft.last - comma > _FEWEST_LEFT:
            draft.drop(0, comma + 1)
            draft.removed.add("numbers")
            return


def _parentheses(draft: _Draft) -> list[tuple[int, int]]:
    found, opened = [], -1
    for index, word in enumerate(draft.words):
        if word == "(":
            opened = index
        elif word == ")" and opened >= _FEWEST_LEFT:
            found.append((opened, index + 1))
            opened = -1
    return found


def _opens_clause(draft: _Draft, index: int) -> bool:
    """A break followed by a turning word, or a semicolon before a statement of limits."""
    word = draft.lower(index)
    if word in _BREAKS:
        following = draft.lower(index + 1)
        return following in _TURNS or word in (";", "—", "–")
    return word in _TURNS and draft.lower(index - 1) not in _BREAKS


def _what_limits(draft: _Draft, first: int, last: int) -> str | None:
    words = " ".join(token.lower for token in draft.tokens[first:last])
    if _TRIAL_ARMS.search(words):
        return "numbers"
    inside = any(
        first <= cue.first < last and cue.cue_class == "hedge-limitation"
        for cue in draft.analysis.cues
    )
    if inside or (_LIMIT_WORDS.search(words) and _LIMITING.search(words)):
        return "limitation"
    return None


def _closing_arms(draft: _Draft) -> None:
    """ "…, in 34 of 50 volunteers against 21 of 50 on placebo." """
    for first in range(draft.last - 1, _FEWEST_LEFT - 1, -1):
        if draft.lower(first) not in ("in", "among", "with", "by"):
            continue
        if not draft.tokens[first + 1 : first + 2] or not draft.tokens[first + 1].number:
            continue
        words = " ".join(token.lower for token in draft.tokens[first : draft.last])
        if _TRIAL_ARMS.search(words):
            start = first - 1 if draft.lower(first - 1) in _BREAKS else first
            draft.drop(start, draft.last)
            draft.removed.add("numbers")
            return


def _frames(draft: _Draft) -> None:
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


_FRAMES = ((_DENIALS, "denied"), ((_POSSIBLY,), "hedged"), ((_PROVEN,), "proven"))


def _questions(draft: _Draft) -> None:
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
            draft.words[verb] = _third(draft.words[verb])
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
            _inflect(draft, verb, _third_person(draft, verb))
        else:
            draft.words[end + 1] = f"{tokens[0].lower} {draft.words[end + 1]}"
    draft.words[-1] = "."
    draft.removed.add("asked")


_ASKING = frozenset({"does", "do", "is", "are", "was", "were", "has", "have", "can", "will"})
_FAULTLESS = ("denied-harm", "minimiser")


def _denials(draft: _Draft) -> None:
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
                draft.words[verb] = _third(draft.words[verb])
        elif before in ("is", "are", "was", "were", "has", "have", "had", "will"):
            draft.drop(word.i, word.i + 1)
        elif before in ("can", "ca"):
            draft.drop(word.i, word.i + 1)
            draft.words[word.i - 1] = "can"
        else:
            continue
        draft.removed.add("denied")
        return


def _helpers(draft: _Draft) -> None:
    """ "did not", "do not", "may not" before a verb → "does not"."""
    for token in draft.tokens:
        index = token.i
        if token.lower not in ("did", "do", "may", "might", "could") or not draft.words[index]:
            continue
        if draft.lower(index + 1) in ("not", "n't") and draft.tag(index + 2) == "VB":
            draft.words[index], draft.words[index + 1] = "does", " not"


def _contractions(draft: _Draft) -> None:
    """ "it's", "they're" → "it is", "they are"."""
    for token in draft.tokens:
        if token.tag not in ("VBZ", "VBP") or not draft.words[token.i]:
            continue
        if token.lower == "'s" and draft.lower(token.i + 1) not in ("been", "got"):
            draft.words[token.i] = " is"
        elif token.lower == "'re":
            draft.words[token.i] = " are"


def _boosters(draft: _Draft) -> None:
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
            _inflect(draft, index + 2, singular)
            draft.removed.add("proven")
        elif before in ("is", "are", "be") and draft.tag(index + 1) == "JJ":
            draft.drop(first, index + 1)
            draft.removed.add("proven")


def _copula(draft: _Draft, first: int) -> int | None:
    """Where "is", "are", "has been" before a participle begins."""
    word = draft.lower(first - 1)
    if word in ("is", "are", "'s", "'re"):
        return first - 1
    if word == "been" and draft.lower(first - 2) in ("has", "have"):
        return first - 2
    return None


def _singular(draft: _Draft, index: int, form: str) -> bool:
    if form in ("is", "has", "'s", "does"):
        return True
    if form in ("are", "have", "'re", "do"):
        return False
    return _third_person(draft, index)


def _hedges(draft: _Draft) -> None:
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


def _rejoin(draft: _Draft, index: int) -> None:
    """ "varies and take" → "varies and takes": what a lost auxiliary left bare."""
    head = draft.tokens[index].head
    own = any(c.dep in ("aux", "nsubj") for c in children(draft.tokens, index))
    if (
        draft.tokens[head].tag == "VBZ"
        and not own
        and draft.words[index] == draft.tokens[index].text
    ):
        draft.words[index] = _third(draft.words[index])


def _unseem(draft: _Draft, index: int) -> None:
    token = draft.tokens[index]
    verb = index + 2
    if draft.tag(verb) == "RB" and draft.tag(verb + 1) == "VB":
        verb += 1
    if draft.tag(verb) != "VB" or token.tag not in ("VBZ", "VBP", "VB", "VBD"):
        return
    # "may appear to": the modal goes with it.
    bare = token.tag == "VB" and draft.lower(index - 1) in _MODALS
    singular = token.tag == "VBZ" or (token.tag in ("VB", "VBD") and _third_person(draft, index))
    if token.tag == "VBD":
        past = _past(draft.words[verb], singular)
        if past is None:
            return
        draft.words[verb] = past
    draft.hedged(index)
    draft.hedged(verb)
    if bare:
        draft.drop(index - 1, index)
    draft.drop(index, index + 2)
    if token.tag != "VBD":
        _inflect(draft, verb, singular)


_NOT_REGULAR = frozenset(
    """have do go make get take give keep come see find feel lose rise fall grow begin become
    bring build hold lead cut set put hit let run win show think know leave mean send spend
    tell say sleep eat drink break choose draw drive fight hide hurt lay lie pay read shrink
    shut sink speak stand steal stick strike swim teach tear wear write stop drop plan step
    occur prefer refer""".split()
)


def _past(base: str, singular: bool) -> str | None:
    """The past of a regular verb; null for others."""
    lower = base.lower()
    if lower == "be":
        return "was" if singular else "were"
    if lower in _NOT_REGULAR:
        return None
    if lower.endswith("e"):
        return base + "d"
    return base[:-1] + "ied" if re.search(r"[^aeiou]y$", lower) else base + "ed"


def _unthink(draft: _Draft, index: int) -> None:
    """ "is thought to ease" → "eases"."""
    verb = index + 2
    before = draft.lower(index - 1)
    if draft.tag(verb) != "VB" or before not in ("is", "are", "'s", "'re"):
        return
    draft.drop(index - 1, verb)
    draft.hedged(index)
    _inflect(draft, verb, before in ("is", "'s"))


def _unmodal(draft: _Draft, index: int, *, hedge: bool = True) -> None:
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
    singular = _third_person(draft, verb)
    draft.drop(index, index + 1)
    if hedge:
        draft.hedged(verb)
        if draft.tokens[verb].dep in ("aux", "auxpass"):
            draft.hedged(draft.tokens[verb].head)
    perfect = draft.lower(verb) == "have" and draft.tag(verb + 1) == "VBN"
    if perfect and draft.lower(verb + 1).endswith("ed"):
        draft.drop(verb, verb + 1)
        return
    _inflect(draft, verb, singular)


_UNCHANGED = frozenset({"cost", "cut", "put", "set", "let", "hit", "hurt", "spread", "shed"})
"""Verbs whose base the tagger takes for a past form."""


def _inflect(draft: _Draft, verb: int, singular: bool) -> None:
    """Give a bare verb, and the bare verbs joined to it, the form of its subject."""
    if draft.words[verb].lower() == "be":
        draft.words[verb] = "is" if singular else "are"
    elif singular:
        draft.words[verb] = _third(draft.words[verb])
    for child in children(draft.tokens, verb):
        same = child.tag == "VB" or child.lower in _UNCHANGED
        bare = child.dep == "conj" and same and child.i > verb
        if bare and not any(c.dep in ("aux", "nsubj") for c in children(draft.tokens, child.i)):
            _inflect(draft, child.i, singular)


def _third(word: str) -> str:
    """The third person singular of a base form."""
    lower = word.lower()
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    if re.search(r"(?:s|x|z|ch|sh|o)$", lower):
        return word + "es"
    if re.search(r"[^aeiou]y$", lower):
        return word[:-1] + "ies"
    return word + "s"


_PLURAL_TAGS = frozenset({"NNS", "NNPS"})
_PLURAL_WORDS = frozenset(
    "they we you i these those both many few all some most several others".split()
)


def _third_person(draft: _Draft, verb: int) -> bool:
    """Whether the verb's subject is a third person singular; so, if none is found."""
    tokens = draft.tokens
    seen: set[int] = set()
    while verb not in seen:
        seen.add(verb)
        for child in children(tokens, verb):
            if child.dep == "expl":
                return not any(
                    c.dep in ("attr", "dobj") and c.tag in _PLURAL_TAGS
                    for c in children(tokens, verb)
                )
            if child.dep in ("nsubj", "nsubjpass", "csubj"):
                return _is_singular(tokens, child, verb)
        verb = tokens[verb].head
        if tokens[verb].pos not in ("VERB", "AUX"):
            break
    return True


def _is_singular(tokens: Sequence[Token], subject: Token, verb: int) -> bool:
    if subject.lower in ("that", "which", "who") and tokens[verb].dep == "relcl":
        return _is_singular(tokens, tokens[tokens[verb].head], verb)
    if subject.tag in _PLURAL_TAGS or subject.lower in _PLURAL_WORDS:
        return False
    member: Token | None = subject
    while member is not None:
        inner = children(tokens, member.i)
        if any(c.dep == "cc" and c.lower == "and" for c in inner):
            return False
        member = next((c for c in inner if c.dep == "conj"), None)
    return True


def _adverbs(draft: _Draft) -> None:
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


_EXEMPLARS = {
    "pain, fever": ("ibuprofen", "painkillers"),
    "heart, blood": ("warfarin", "statins"),
    "mind and sleep": ("sertraline", "antidepressants"),
    "infection, allergy": ("penicillin", "antibiotics"),
    "hormones, contraception": ("tamoxifen", "hormones"),
    "vaccines and tests": ("vaccination", "vaccines"),
    "vitamins, minerals": ("magnesium", "supplements"),
    "other supplements": ("magnesium", "supplements"),
    "herbs, roots": ("magnesium", "supplements"),
    "foods and drinks": ("garlic", "garlic"),
    "diets and eating": ("fasting", "diets"),
    "exercise and movement": ("meditation", "therapies"),
    "talking and mind-body": ("meditation", "therapies"),
    "psychedelics and cannabis": ("cannabis", "psychedelics"),
    "manual, energy": ("meditation", "therapies"),
    "heat, cold, light": ("sauna", "saunas"),
    "operations and clinic": ("surgery", "operations"),
    "skin, hair, mouth": ("sunscreen", "creams"),
}
"""Section of ``interventions.txt`` → what stands for a name of it, singular and plural.

Sections between which an editor would not tell by wording share one: what is swallowed
for health, and what is practised.
"""


@lru_cache(maxsize=1)
def exemplars() -> dict[str, tuple[str, str]]:
    """Intervention phrase → the exemplar of its section; generic and everyday words have none."""
    folder = files("claimcheck.claims") / "data" / "gazetteer"
    found: dict[str, tuple[str, str]] = {}
    current: tuple[str, str] | None = None
    for line in (folder / "interventions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# ---"):
            heading = line.strip("# -")
            current = next(
                (pair for name, pair in _EXEMPLARS.items() if heading.startswith(name)), None
            )
        elif line.strip() and not line.startswith("#") and current is not None:
            words = line.strip().replace("-", " - ").replace("'s", " 's").split()
            found[" ".join(words)] = current
    return found


def _names(draft: _Draft) -> None:
    known = exemplars()
    for mention in draft.analysis.mentions:
        pair = known.get(mention.phrase) if mention.kind == "intervention" else None
        if pair is None or not all(draft.words[mention.first : mention.last]):
            continue
        last = draft.tokens[mention.last - 1].lower
        name = pair[last != mention.phrase.split()[-1] and last.endswith("s")]
        if draft.tokens[mention.first].text[:1].isupper() and mention.first == 0:
            name = name.capitalize()
        draft.drop(mention.first, mention.last)
        draft.words[mention.first] = name
        if mention.first and draft.lower(mention.first - 1) in ("a", "an"):
            article = "an" if name[0].lower() in "aeiou" else "a"
            before = draft.words[mention.first - 1]
            draft.words[mention.first - 1] = (
                article.capitalize() if before[:1].isupper() else article
            )


_STEPS: tuple[Callable[[_Draft], None], ...] = (
    _limits, _frames, _questions, _denials, _helpers, _contractions, _boosters, _hedges,
    _adverbs, _names,
)  # fmt: skip
