"""Established facts that need no hedge (rule H18): a short, versioned, visible list.

A claim is covered if its agent holds one of the fact's subjects, its predicate is one
of the relations, its outcome holds one of the outcomes, and it adds nothing: no
booster, no vague size, no comparison, no advice, no "cure" where the fact says less.
A covered claim is never a ``bare-assertion``; every other issue still applies.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from claimcheck.claims import Analysis, ClaimDraft, of_class
from claimcheck.claims.tokens import Token, lemma_forms, subtree
from claimcheck.errors import LexiconError
from claimcheck.records import Span

__all__ = ["Established", "Fact", "default_established", "load_established"]

_FIELDS = {
    "id",
    "statement",
    "subjects",
    "relations",
    "outcomes",
    "note",
    "source",
    "fires",
    "quiet",
}
_ADDING = (
    "booster-absolute",
    "booster-degree",
    "magnitude-vague",
    "comparison",
    "advice",
    "hype-hyperbolic",
    "net-benefit",
)
_ADDING_WORDS = frozenset({"all", "every", "ever", "always", "never", "forever", "everyone"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; phrases are lower-case words."""

    id: str
    statement: str
    subjects: tuple[tuple[str, ...], ...]
    relations: frozenset[str]
    outcomes: tuple[tuple[str, ...], ...]
    source: str
    fires: tuple[str, ...]
    quiet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Established:
    """The allow-list in force."""

    version: int
    facts: tuple[Fact, ...]
    sha256: str

    def covering(self, sentence: Analysis, claim: ClaimDraft) -> Fact | None:
        """The fact that covers a claim, if any. The longer phrase wins."""
        if claim.scope.negated or claim.scope.stance in ("debunked", "questioned"):
            return None
        if of_class((cue for cue, _ in claim.cues), *_ADDING):
            return None
        agent, outcome = _roles(sentence, claim)
        if any(token.lower in _ADDING_WORDS for token in (*agent, *outcome)):
            return None
        lemma_set = lemma_forms(
            sentence.tokens[claim.predicate].lower, sentence.tokens[claim.predicate].lemma
        )
        best: tuple[int, Fact] | None = None
        for fact in self.facts:
            if not fact.relations & lemma_set:
                continue
            subject = max((len(p) for p in fact.subjects if _holds(agent, p)), default=0)
            wanted = max((len(p) for p in fact.outcomes if _holds(outcome, p)), default=0)
            if subject and wanted and (best is None or subject + wanted > best[0]):
                best = (subject + wanted, fact)
        return best[1] if best is not None else None

    def merged(self, other: Established) -> Established:
        """This list with another's facts added.

        :raises LexiconError: both hold a fact of one id.
        """
        known = {fact.id for fact in self.facts}
        twice = [fact.id for fact in other.facts if fact.id in known]
        if twice:
            raise LexiconError(f"established fact {twice[0]!r} stands in two lists; rename one")
        digest = hashlib.sha256((self.sha256 + other.sha256).encode()).hexdigest()
        return Established(self.version, (*self.facts, *other.facts), digest)


def _roles(sentence: Analysis, claim: ClaimDraft) -> tuple[list[Token], list[Token]]:
    """The tokens that name the agent and, after the predicate, the outcome."""
    agent = _within(sentence.tokens, claim.slots.agent)
    taken = {token.i for token in agent}
    outcome = _within(sentence.tokens, claim.slots.outcome)
    below = [token for token in subtree(sentence.tokens, claim.predicate) if token.i not in taken]
    after = [token for token in below if token.i > claim.predicate]
    # "protects children against measles": the outcome slot holds the object, the
    # disease stands behind the preposition.
    return agent, sorted({*outcome, *after})


def _within(tokens: Sequence[Token], span: Span | None) -> list[Token]:
    if span is None:
        return []
    return [token for token in tokens if span[0] <= token.start < span[1]]


def _holds(tokens: Sequence[Token], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(
        all(
            word in lemma_forms(token.lower, token.lemma) or word == token.lower.rstrip(".")
            for word, token in zip(phrase, tokens[first : first + size], strict=True)
        )
        for first in range(len(tokens) - size + 1)
    )


def load_established(path: Path) -> Established:
    """Read an allow-list file.

    :raises LexiconError: names the file and the fault.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return parse_established(text, where=str(path))


@lru_cache(maxsize=1)
def default_established() -> Established:
    """The allow-list that ships with claimcheck."""
    source = files("claimcheck.issues") / "data" / "established.toml"
    return parse_established(source.read_text(encoding="utf-8"), where="established.toml")


def parse_established(text: str, *, where: str) -> Established:
    """Read an allow-list.

    :raises LexiconError: it is no TOML, or a fact lacks a field or has an unknown one.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{where}: not TOML ({error})") from error
    unknown = sorted(set(data) - {"version", "fact"})
    if unknown or not isinstance(data.get("fact"), list):
        raise LexiconError(f"{where}: expected `version` and [[fact]] tables; found {sorted(data)}")
    facts = tuple(_fact(entry, where) for entry in data["fact"])
    ids = [fact.id for fact in facts]
    if len(set(ids)) != len(ids):
        raise LexiconError(f"{where}: fact ids must be unique")
    return Established(
        int(data.get("version", 1)), facts, hashlib.sha256(text.encode()).hexdigest()
    )


def _fact(entry: Mapping[str, Any], where: str) -> Fact:
    identity = str(entry.get("id", "?"))
    unknown = sorted(set(entry) - _FIELDS)
    lacking = sorted(
        {"id", "statement", "subjects", "relations", "outcomes", "source"} - set(entry)
    )
    if unknown or lacking:
        raise LexiconError(f"{where}: fact {identity}: unknown {unknown}, lacking {lacking}")
    return Fact(
        id=identity,
        statement=str(entry["statement"]),
        subjects=_phrases(entry["subjects"]),
        relations=frozenset(entry["relations"]),
        outcomes=_phrases(entry["outcomes"]),
        source=str(entry["source"]),
        fires=tuple(entry.get("fires", ())),
        quiet=tuple(
            item if isinstance(item, str) else item["text"] for item in entry.get("quiet", ())
        ),
    )


def _phrases(items: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(item.lower().replace("-", " - ").split()) for item in items)
