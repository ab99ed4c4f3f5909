"""spaCy pipes: the claims room in anybody's pipeline.

``nlp.add_pipe("claimcheck_claims")`` after a tagger and a parser is enough. The pipes
are registered by entry point, so spaCy imports this module whenever a pipeline is
made; the rules and lexicons load when a pipe is first used.

==================== ===================================== ==========================
pipe                 fills                                  span label
==================== ===================================== ==========================
``claimcheck_cues``  ``doc.spans["claimcheck_cues"]``       cue class; ``id_`` its entry
``claimcheck_scope`` ``doc.spans["claimcheck_scope"]``      stance, on each predicate
``claimcheck_claims`` ``doc.spans["claimcheck"]``           claim kind
==================== ===================================== ==========================

``span._.claimcheck`` of a claim and ``span._.claimcheck_scope`` of a predicate are plain
dictionaries; offsets in them are characters of ``doc.text``. Each later pipe takes what
an earlier one has written, and works it out itself where that did not run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Span

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from claimcheck.claims.cues import CueHit
    from claimcheck.claims.extract import ClaimDraft
    from claimcheck.claims.gazetteer import Mention
    from claimcheck.claims.lexicon import Lexicon
    from claimcheck.claims.scope import Scope
    from claimcheck.claims.tokens import Tokens

__all__ = [
    "ClaimsPipe",
    "CuesPipe",
    "ScopePipe",
    "make_claims",
    "make_cues",
    "make_scope",
]

CUES, SCOPE, CLAIMS = "claimcheck_cues", "claimcheck_scope", "claimcheck"
_STATE = "claimcheck.json"


class Parsed(NamedTuple):
    """One sentence of a document: plain tokens, its first token in the document, mentions."""

    first: int
    tokens: Tokens
    mentions: tuple[Mention, ...]


class _Pipe:
    """What the three pipes share: their lexicon, its storage, and reading a document."""

    def __init__(self, name: str, lexicons: Sequence[str] = ()) -> None:
        self.name = name
        self.lexicons = tuple(lexicons)
        self._texts: dict[str, str] = {}
        self._lexicon: Lexicon | None = None
        for path in self.lexicons:
            if Path(path).is_file():
                self._texts[path] = Path(path).read_text(encoding="utf-8")

    @property
    def lexicon(self) -> Lexicon:
        """The lexicon that ships with claimcheck with the configured files added.

        :raises LexiconError: a file is missing or an entry in it is wrong.
        """
        if self._lexicon is None:
            self._lexicon = _merged(self.lexicons, self._texts)
        return self._lexicon

    def sentences(self, doc: Doc) -> list[Parsed]:
        """The document's sentences as plain tokens.

        :raises UsageError: the document has no parse, with the remedy.
        """
        from claimcheck.claims.gazetteer import default_gazetteer
        from claimcheck.claims.tokens import tokens_of

        _require_parse(doc, self.name)
        gazetteer = default_gazetteer()
        found = []
        for sentence in doc.sents:
            tokens = tokens_of(sentence)
            found.append(Parsed(sentence.start, tokens, gazetteer.match(tokens)))
        return found

    def cues(self, doc: Doc, sentence: Parsed) -> tuple[CueHit, ...]:
        """The cues of a sentence: those that ``claimcheck_cues`` wrote, or found now."""
        from claimcheck.claims.cues import cues_of

        if CUES in doc.spans:
            return _cues_written(doc, sentence, self.lexicon)
        return cues_of(sentence.tokens, self.lexicon, mentions=sentence.mentions)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:  # noqa: ARG002 (spaCy passes it)
        """The configured lexicon files, so that a pipeline can move to another machine."""
        return json.dumps({"version": 1, "texts": self._texts}, sort_keys=True).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> _Pipe:  # noqa: ARG002
        """Take over the lexicon files of :meth:`to_bytes`."""
        self._texts = dict(json.loads(data)["texts"])
        self._lexicon = None
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write :meth:`to_bytes` into a folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _STATE).write_bytes(self.to_bytes(exclude=exclude))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> _Pipe:
        """Read what :meth:`to_disk` has written."""
        return self.from_bytes((Path(path) / _STATE).read_bytes(), exclude=exclude)


class CuesPipe(_Pipe):
    """Marks every cue of the lexicons."""

    def __call__(self, doc: Doc) -> Doc:
        """Annotate a document."""
        self.set_annotations(doc, self.match(doc))
        return doc

    def match(self, doc: Doc) -> list[Span]:
        """The cues as spans, in text order; the document is not changed."""
        from claimcheck.claims.cues import cues_of

        return [
            Span(
                doc,
                parsed.first + cue.first,
                parsed.first + cue.last,
                cue.cue_class,
                span_id=cue.id,
            )
            for parsed in self.sentences(doc)
            for cue in cues_of(parsed.tokens, self.lexicon, mentions=parsed.mentions)
        ]

    def set_annotations(self, doc: Doc, spans: Iterable[Span]) -> None:
        """Write spans to ``doc.spans["claimcheck_cues"]``."""
        doc.spans[CUES] = list(spans)


class ScopePipe(_Pipe):
    """Marks the predicates of claims with how they are framed."""

    def __call__(self, doc: Doc) -> Doc:
        """Annotate a document."""
        self.set_annotations(doc, self.match(doc))
        return doc

    def match(self, doc: Doc) -> list[tuple[Span, dict[str, Any]]]:
        """Each predicate with its frame; the document is not changed."""
        from claimcheck.claims.scope import scope_of
        from claimcheck.claims.seats import seats_of
        from claimcheck.claims.support import support_of

        found = []
        for parsed in self.sentences(doc):
            cues = self.cues(doc, parsed)
            support = support_of(parsed.tokens, cues)
            for seat in seats_of(parsed.tokens, cues, parsed.mentions, support):
                scope = scope_of(parsed.tokens, cues, seat.predicate)
                place = parsed.first + seat.predicate
                found.append((Span(doc, place, place + 1, scope.stance), _scope_data(scope)))
        return found

    def set_annotations(self, doc: Doc, found: Iterable[tuple[Span, dict[str, Any]]]) -> None:
        """Write to ``doc.spans["claimcheck_scope"]`` and ``span._.claimcheck_scope``."""
        _write(doc, SCOPE, found)


class ClaimsPipe(_Pipe):
    """Marks claims with kind, strength, hedge, stance, polarity and slots."""

    def __call__(self, doc: Doc) -> Doc:
        """Annotate a document."""
        if CUES not in doc.spans:
            cues = CuesPipe(self.name)
            cues._lexicon = self.lexicon
            cues(doc)
        self.set_annotations(doc, self.match(doc))
        return doc

    def match(self, doc: Doc) -> list[tuple[Span, dict[str, Any]]]:
        """Each claim with its data, in text order; the document is not changed."""
        from claimcheck.claims.extract import claims_of
        from claimcheck.claims.support import support_of

        found = []
        for parsed in self.sentences(doc):
            cues = self.cues(doc, parsed)
            for draft in claims_of(
                parsed.tokens,
                cues=cues,
                mentions=parsed.mentions,
                support=support_of(parsed.tokens, cues),
                scopes=_scopes_written(doc, parsed, cues),
            ):
                span = doc.char_span(draft.start, draft.end, label=draft.kind)
                found.append((span, _claim_data(draft)))
        return found

    def set_annotations(self, doc: Doc, found: Iterable[tuple[Span, dict[str, Any]]]) -> None:
        """Write to ``doc.spans["claimcheck"]`` and ``span._.claimcheck``."""
        _write(doc, CLAIMS, found)


def _write(doc: Doc, key: str, found: Iterable[tuple[Span, dict[str, Any]]]) -> None:
    found = tuple(found)
    doc.spans[key] = [span for span, _ in found]
    for span, data in found:
        setattr(span._, key, data)


def _merged(paths: Sequence[str], texts: Mapping[str, str]) -> Lexicon:
    from claimcheck.claims.lexicon import Lexicon, default_lexicon, parse_entry
    from claimcheck.errors import LexiconError

    if not paths and not texts:
        return default_lexicon()
    added = []
    for path in dict.fromkeys((*paths, *texts)):
        if path not in texts:
            raise LexiconError(f"{path}: no such lexicon file; correct `lexicons` of the pipe")
        for number, line in enumerate(texts[path].splitlines(), start=1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                data = json.loads(line)
            except json.JSONDecodeError as error:
                raise LexiconError(f"{where}: not JSON ({error.msg}); one object a line") from error
            added.append(parse_entry(data, where=where))
    return Lexicon.of([*default_lexicon().entries, *added])


def _require_parse(doc: Doc, name: str) -> None:
    from claimcheck.errors import UsageError

    lacking = [
        what
        for what, attribute in (("tags", "TAG"), ("parts of speech", "POS"), ("a parse", "DEP"))
        if len(doc) and not doc.has_annotation(attribute)
    ]
    if lacking:
        raise UsageError(
            f"the pipe {name!r} needs tags, parts of speech and a dependency parse, and the "
            f"document lacks {' and '.join(lacking)}; add it to a pipeline with a tagger, an "
            "attribute ruler and a parser before it, for instance "
            "spacy.load('en_core_web_sm').add_pipe('claimcheck_claims')"
        )


def _cues_written(doc: Doc, sentence: Parsed, lexicon: Lexicon) -> tuple[CueHit, ...]:
    from claimcheck.claims.cues import CueHit, anchor_of

    levels = {entry.id: entry.level for entry in lexicon.entries}
    tokens, begin = sentence.tokens, sentence.first
    found = []
    for span in doc.spans[CUES]:
        first, last = span.start - begin, span.end - begin
        if 0 <= first < last <= len(tokens):
            found.append(
                CueHit(
                    span.label_,
                    span.id_,
                    levels.get(span.id_),
                    first,
                    last,
                    tokens[first].start,
                    tokens[last - 1].end,
                    anchor_of(tokens, first, last),
                )
            )
    return tuple(found)


def _scope_data(scope: Scope) -> dict[str, Any]:
    return {
        "hedge": scope.hedge,
        "stance": scope.stance,
        "boosted": scope.boosted,
        "negated": scope.negated,
        "hedges": [[cue.start, cue.end, cue.id] for cue in scope.hedges],
        "debunks": [[cue.start, cue.end, cue.id] for cue in scope.debunks],
    }


def _scopes_written(doc: Doc, sentence: Parsed, cues: Sequence[CueHit]) -> dict[int, Scope] | None:
    from claimcheck.claims.scope import Scope

    if SCOPE not in doc.spans:
        return None
    known = {(cue.start, cue.end, cue.id): cue for cue in cues}
    found = {}
    for span in doc.spans[SCOPE]:
        data, place = span._.claimcheck_scope, span.start - sentence.first
        if data is None or not 0 <= place < len(sentence.tokens):
            continue
        hedges, debunks = (
            tuple(known[key] for key in map(tuple, data[name]) if key in known)
            for name in ("hedges", "debunks")
        )
        found[place] = Scope(
            data["hedge"], data["stance"], hedges, data["boosted"], data["negated"], debunks
        )
    return found


def _claim_data(draft: ClaimDraft) -> dict[str, Any]:
    return {
        "kind": draft.kind,
        "strength": draft.strength,
        "level": draft.level,
        "hedge": draft.hedge,
        "stance": draft.scope.stance,
        "polarity": draft.polarity,
        "negated": draft.scope.negated,
        "slots": {name: None if span is None else list(span) for name, span in draft.slots if name},
        "cues": [
            {"kind": cue.cue_class, "start": cue.start, "end": cue.end, "in_scope": bears}
            for cue, bears in draft.cues
        ],
    }


def make_cues(nlp: Language, name: str, lexicons: list[str]) -> CuesPipe:  # noqa: ARG001
    """The pipe ``claimcheck_cues``.

    :param lexicons: further lexicon files (JSON Lines) to add to the one that ships.
    """
    return CuesPipe(name, lexicons)


def make_scope(nlp: Language, name: str, lexicons: list[str]) -> ScopePipe:  # noqa: ARG001
    """The pipe ``claimcheck_scope``."""
    return ScopePipe(name, lexicons)


def make_claims(nlp: Language, name: str, lexicons: list[str]) -> ClaimsPipe:  # noqa: ARG001
    """The pipe ``claimcheck_claims``."""
    return ClaimsPipe(name, lexicons)


def _register() -> None:
    for name, factory, key in (
        ("claimcheck_cues", make_cues, CUES),
        ("claimcheck_scope", make_scope, SCOPE),
        ("claimcheck_claims", make_claims, CLAIMS),
    ):
        Language.factory(
            name,
            func=factory,
            default_config={"lexicons": []},
            assigns=["doc.spans"],
            requires=["token.tag", "token.pos", "token.dep"],
        )
        if key != CUES and not Span.has_extension(key):
            Span.set_extension(key, default=None)


_register()
