"""The checker: one source in, one report or failure out.

Composes article, claims, issues and judge. Who decides (section 3 of the design): the
judge scores a sentence, the rules propose reasons, and this module makes findings of
them. At or above the threshold the candidates become findings; without a candidate,
one ``bare-assertion`` where the scheme allows it; below it, only issues that the
catalogue marks ``decisive``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import claimcheck
from claimcheck.article import extract
from claimcheck.cases import chosen_cases
from claimcheck.checklist import checklist_of
from claimcheck.claims import Analyser, Analysis, ClaimDraft, default_lexicon, load_lexicon
from claimcheck.claims.lexicon import Lexicon
from claimcheck.errors import ClaimcheckError, SourceError
from claimcheck.issues import (
    Candidate,
    Catalogue,
    Context,
    Established,
    default_established,
    load_catalogue,
    load_established,
    message_for,
    propose,
    severity_of,
    suggestion_for,
)
from claimcheck.issues.candidates import claim_at
from claimcheck.judge.canonical import words_behind
from claimcheck.records import (
    Article,
    Claim,
    Cue,
    Failure,
    FailureDetail,
    Finding,
    Report,
    Sentence,
    Slots,
    Source,
    Span,
    Summary,
    Supplement,
    Tool,
)
from claimcheck.settings import Settings, load_settings, make_settings
from claimcheck.sources import RawDocument, html_document, open_source, text_document

if TYPE_CHECKING:
    from claimcheck.judge import Judge, Verdict
    from claimcheck.judge.features import Case
    from claimcheck.records import Missing

__all__ = ["MOST_FINDINGS", "Checker", "Judged", "check"]

MOST_FINDINGS = 3
"""Most findings a sentence (section 2.4 of the scheme)."""

LEARNT = "learnt"
"""The variant of a reason that no rule proposed; its message is the issue's default."""

_BARE_KINDS = ("efficacy", "comparison", "risk", "mechanism", "safety")


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence after the rules and the judge have seen it.

    ``raised`` are the candidates that become findings, in display order and at most
    three; ``unexplained`` says that the score asked for a flag and no rule gave a
    reason.
    """

    context: Context
    candidates: tuple[Candidate, ...]
    verdict: Verdict
    raised: tuple[Candidate, ...]
    unexplained: bool = False
    case: Case | None = None


_NEVER_LEARNT = frozenset({"bare-assertion", "missing-caveat"})
"""The residual reason, and the one that cannot be told from a sentence alone."""

_MISSING: Mapping[str, Missing] = {
    "unquantified": "number",
    "relative-risk": "baseline",
    "vague-evidence": "source",
}


def _learnt(name: str, one: Judged) -> Candidate | None:
    """A reason without a rule: its evidence are the words that the judge takes for the cue."""
    if one.case is None or one.verdict.cue is None:
        return None
    sentence = one.context.sentence
    begin, end = words_behind(one.verdict.cue, one.case.sentence.text, sentence.text)
    span = (sentence.start + begin, sentence.start + end)
    return Candidate(
        name,
        claim_at(sentence.claims, *span),
        (span,),
        variant=LEARNT,
        missing=_MISSING.get(name),
    )


class Checker:
    """Checks many articles with one set of settings; models load on first use.

    :raises UsageError: a setting, model, lexicon or issue name cannot be used.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings if settings is not None else load_settings(cli={})
        self.catalogue: Catalogue = load_catalogue()
        self._select = self.catalogue.resolve(self.settings.select)
        self._ignore = self.catalogue.resolve(self.settings.ignore)

    @cached_property
    def judge(self) -> Judge:
        """The model, loaded and checked."""
        from claimcheck.judge import Judge as Loaded

        return Loaded.load(self.settings.model)

    @cached_property
    def lexicon(self) -> Lexicon:
        """Our lexicons with the user's files merged in."""
        return self._merged[0]

    @cached_property
    def established(self) -> Established:
        """Our allow-list with the user's files merged in."""
        return self._merged[1]

    @cached_property
    def _merged(self) -> tuple[Lexicon, Established, tuple[Supplement, ...]]:
        entries = list(default_lexicon().entries)
        facts = default_established()
        named: list[Supplement] = []
        for path in self.settings.lexicons:
            found = load_lexicon(Path(path))
            entries.extend(found)
            named.append(_supplement("lexicon", Path(path), len(found)))
        for path in self.settings.allow_lists:
            more = load_established(Path(path))
            facts = facts.merged(more)
            named.append(_supplement("allow-list", Path(path), len(more.facts)))
        lexicon = Lexicon.of(entries) if self.settings.lexicons else default_lexicon()
        return lexicon, facts, tuple(named)

    @cached_property
    def analyser(self) -> Analyser:
        """The pipeline with the lexicons in force."""
        return Analyser(lexicon=self.lexicon)

    @cached_property
    def tool(self) -> Tool:
        """What the report says about what made it."""
        manifest = self.judge.manifest
        return Tool(
            version=claimcheck.__version__,
            model=manifest.name,
            model_sha256=manifest.sha256,
            profile=self.settings.profile,
            threshold=manifest.threshold(self.settings.profile),
            supplements=self._merged[2],
        )

    def check(
        self, target: str | Path | RawDocument, *, stdin: BinaryIO | None = None
    ) -> Report | Failure:
        """Check one input.

        :param target: a path, an http(s) URL, ``-``, or a document already in memory.
        :returns: a report, or a failure that says why the input could not be read.
        :raises UsageError: the request itself cannot be (a directory, a broken model).
        """
        source = Source(
            kind="file", uri=str(target) if not isinstance(target, RawDocument) else "-"
        )
        try:
            if isinstance(target, RawDocument):
                document = target
            else:
                document = open_source(
                    str(target),
                    allow_private=self.settings.allow_private,
                    stdin=stdin,
                    max_bytes=self.settings.max_bytes,
                    timeout=self.settings.timeout_seconds,
                    contact=self.settings.contact,
                )
            source = document.source
            return self._report(extract(document), source)
        except SourceError as error:
            return _failure(source if source.sha256 else _named(source), error)
        except ClaimcheckError:
            raise
        except (RecursionError, MemoryError) as error:
            return _failure(
                source,
                SourceError(
                    f"{source.uri}: too deep or too large to read ({type(error).__name__}); "
                    "save the article alone and try again",
                    kind="resource-limit",
                ),
            )
        except Exception as error:  # noqa: BLE001 - one bad input must not hide the others
            return _failure(
                source,
                SourceError(
                    f"{source.uri}: claimcheck failed on this input "
                    f"({type(error).__name__}: {error}); please report it with the file",
                    kind="internal",
                ),
            )

    def check_many(self, targets: Iterable[str | Path | RawDocument]) -> Iterator[Report | Failure]:
        """Check inputs one by one, in order; a bad one never hides the others.

        :raises UsageError: a model, lexicon or allow-list cannot be used, before the
            first input is read.
        """
        self.tool  # noqa: B018 - loads the model and the user's files, or raises
        for target in targets:
            yield self.check(target)

    def check_text(self, text: str) -> Report | Failure:
        """Check plain text in memory; a single sentence will do."""
        return self.check(text_document(text))

    def check_html(self, html: str | bytes, *, url: str | None = None) -> Report | Failure:
        """Check an HTML page in memory.

        :param url: where it came from, for links and the report.
        """
        return self.check(html_document(html, uri=url))

    def judged(self, analyses: Sequence[Analysis]) -> tuple[Judged, ...]:
        """Judge the sentences of one text, in order; the same path that reports use."""
        analyses = tuple(analyses)
        contexts = [Context(analyses, index) for index in range(len(analyses))]
        proposed = [propose(context) for context in contexts]
        decisive = [any(map(self._is_decisive, found)) for found in proposed]
        cases = chosen_cases(
            analyses,
            analyser=self.analyser,
            proposed=proposed,
            # What a rule settles alone is shown with a score, so it is never dismissed.
            choose=lambda texts: [
                worth or settled
                for worth, settled in zip(self.judge.worth_reading(texts), decisive, strict=True)
            ],
        )
        verdicts = self.judge.verdicts(cases)
        return tuple(
            self._decided(context, self._unsettled(context, found), verdict, case)
            for context, found, verdict, case in zip(
                contexts, proposed, verdicts, cases, strict=True
            )
        )

    def _is_decisive(self, candidate: Candidate) -> bool:
        return candidate.variant in self.catalogue.get(candidate.issue).decisive

    def _unsettled(
        self, context: Context, candidates: Sequence[Candidate]
    ) -> tuple[Candidate, ...]:
        """Candidates less the bare assertions of established facts (H18)."""
        return tuple(
            candidate
            for candidate in candidates
            if not (
                candidate.issue == "bare-assertion"
                and candidate.claim is not None
                and self.established.covering(
                    context.sentence, context.sentence.claims[candidate.claim]
                )
            )
        )

    def _decided(
        self,
        context: Context,
        candidates: tuple[Candidate, ...],
        verdict: Verdict,
        case: Case | None,
    ) -> Judged:
        one = Judged(context, candidates, verdict, (), case=case)
        threshold = self.judge.manifest.threshold(self.settings.profile)
        raised: tuple[Candidate, ...]
        if verdict.score is not None and verdict.score >= threshold:
            raised = self.reasons_given_flag(one)
            unexplained = not raised
        else:
            raised = tuple(c for c in candidates if self._is_decisive(c))
            unexplained = False
        kept = [candidate for candidate in raised if self._wanted(candidate, context, verdict)]
        kept.sort(key=lambda candidate: self.catalogue.order(candidate.issue))
        return replace(one, raised=tuple(kept[:MOST_FINDINGS]), unexplained=unexplained)

    def reasons_given_flag(self, one: Judged) -> tuple[Candidate, ...]:
        """The reasons that the tool gives for a sentence if it is flagged, before filters.

        The rules aim at recall, so a reason that they propose must be likely enough by
        the judge's reason heads; a reason that no rule proposes must be likelier, and
        shows the words that the judge takes for its cue. Where neither gives one, the
        likeliest reason stands. In display order.
        """
        manifest, verdict = self.judge.manifest, one.verdict
        likely = verdict.reasons
        kept = [c for c in one.candidates if likely.get(c.issue, 1.0) >= manifest.reason_cut]
        proposed = {candidate.issue for candidate in one.candidates}
        learnt = [
            name
            for name, chance in likely.items()
            if chance >= manifest.learnt_cut and name not in proposed | _NEVER_LEARNT
        ]
        kept.extend(found for name in learnt if (found := _learnt(name, one)) is not None)
        if not kept:
            kept.extend(self._likeliest(one))
        return tuple(sorted(kept, key=lambda candidate: self.catalogue.order(candidate.issue)))

    def _likeliest(self, one: Judged) -> tuple[Candidate, ...]:
        likely = one.verdict.reasons
        if one.candidates:
            return (max(one.candidates, key=lambda c: likely.get(c.issue, 1.0)),)
        bare = self._bare(one.context)
        if bare is not None:
            return (bare,)
        names = [name for name in likely if name not in _NEVER_LEARNT]
        best = max(names, key=lambda name: likely[name], default=None)
        found = _learnt(best, one) if best is not None else None
        return (found,) if found is not None else ()

    def _wanted(self, candidate: Candidate, context: Context, verdict: Verdict) -> bool:
        settings = self.settings
        if self._select and candidate.issue not in self._select:
            return False
        if candidate.issue in self._ignore:
            return False
        if settings.min_score is not None and (verdict.score or 0.0) < settings.min_score:
            return False
        issue = self.catalogue.get(candidate.issue)
        return severity_of(candidate, issue, context) >= settings.min_severity

    def _bare(self, context: Context) -> Candidate | None:
        """The residual reason for a sentence that the judge flags and no rule explains."""
        sentence = context.sentence
        for index, claim in enumerate(sentence.claims):
            if (
                claim.kind in _BARE_KINDS
                and claim.level >= 5
                and claim.hedge == "none"
                and claim.scope.stance in ("asserted", "attributed", "quoted")
                and not (claim.kind == "safety" and claim.polarity != "0")
                and claim.slots.relation is not None
                and not self.established.covering(sentence, claim)
            ):
                return Candidate("bare-assertion", index, (claim.slots.relation,), missing="source")
        return None

    def _report(self, article: Article, source: Source) -> Report:
        analyses = self.analyser.article(article)
        judged = self.judged(analyses)
        claims: list[Claim] = []
        findings: list[Finding] = []
        seen: dict[str, int] = {}
        for one in judged:
            self._write(one, claims, findings, seen)
        sentences = tuple(
            Sentence(start=a.start, end=a.end, block=a.block, score=one.verdict.score)
            for a, one in zip(analyses, judged, strict=True)
        )
        severities = [finding.severity for finding in findings]
        return Report(
            tool=self.tool,
            source=source,
            article=article.model_copy(update={"sentences": sentences}),
            claims=tuple(claims),
            findings=tuple(findings),
            checklist=checklist_of(article),
            summary=Summary(
                words=sum(len(article.text[b.start : b.end].split()) for b in article.blocks),
                sentences=len(sentences),
                claims=len(claims),
                flagged=sum(claim.label == "flag" for claim in claims),
                by_severity={
                    "1": severities.count(1),
                    "2": severities.count(2),
                    "3": severities.count(3),
                },
            ),
        )

    def _write(
        self,
        one: Judged,
        claims: list[Claim],
        findings: list[Finding],
        seen: dict[str, int],
    ) -> None:
        """Add a sentence's claims and findings to the report's lists."""
        sentence = one.context.sentence
        flagged = {candidate.claim for candidate in one.raised}
        drafts: list[tuple[int | None, ClaimDraft | None]] = []
        if one.raised or one.verdict.claim >= 0.5:
            drafts = list(enumerate(sentence.claims))
            if None in flagged or not drafts:
                drafts.append((None, None))
        names: dict[int | None, str] = {}
        for index, draft in drafts:
            names[index] = f"c{len(claims) + 1}"
            claims.append(self._claim(names[index], one, draft, flagged=index in flagged))
        for candidate in one.raised:
            findings.append(
                self._finding(f"f{len(findings) + 1}", names[candidate.claim], candidate, one, seen)
            )

    def _claim(
        self, identity: str, one: Judged, draft: ClaimDraft | None, *, flagged: bool
    ) -> Claim:
        sentence = one.context.sentence
        label = "flag" if flagged else "ok"
        common = {
            "id": identity,
            "sentence": (sentence.start, sentence.end),
            "label": label,
            "score": one.verdict.score,
        }
        if draft is None:
            return Claim.model_validate(
                common
                | {
                    "start": sentence.start,
                    "end": sentence.end,
                    "quote": sentence.text,
                    "kind": one.verdict.kind,
                    "polarity": "±",
                    "strength": "none",
                    "hedge": "not-applicable",
                    "stance": "questioned" if sentence.question else "asserted",
                    "cues": tuple(
                        Cue(kind=c.cue_class, start=c.start, end=c.end, in_scope=False)
                        for c in sentence.cues
                    ),
                }
            )
        established = self.established.covering(sentence, draft)
        return Claim.model_validate(
            common
            | {
                "start": draft.start,
                "end": draft.end,
                "quote": _words(sentence, (draft.start, draft.end)),
                "kind": one.verdict.kind if len(sentence.claims) == 1 else draft.kind,
                "polarity": draft.polarity,
                "strength": draft.strength,
                "hedge": draft.hedge,
                "stance": draft.scope.stance,
                "established": established.id if established is not None else None,
                "slots": Slots.model_validate(draft.slots.model_dump()),
                "cues": tuple(
                    Cue(kind=c.cue_class, start=c.start, end=c.end, in_scope=bears)
                    for c, bears in draft.cues
                ),
            }
        )

    def _finding(
        self, identity: str, claim: str, candidate: Candidate, one: Judged, seen: dict[str, int]
    ) -> Finding:
        sentence = one.context.sentence
        issue = self.catalogue.get(candidate.issue)
        return Finding(
            id=identity,
            claim=claim,
            issue=issue.name,
            severity=severity_of(candidate, issue, one.context),
            score=one.verdict.score or 0.0,
            start=sentence.start,
            end=sentence.end,
            quote=sentence.text,
            evidence=candidate.evidence,
            missing=candidate.missing,
            message=message_for(candidate, issue, sentence),
            suggestion=suggestion_for(candidate, issue, sentence, context=one.context),
            standard=issue.standard,
            fingerprint=_fingerprint(issue.name, sentence.text, seen),
        )


def _words(sentence: Analysis, span: Span) -> str:
    return sentence.text[span[0] - sentence.start : span[1] - sentence.start]


def _fingerprint(issue: str, text: str, seen: dict[str, int]) -> str:
    """Stable under edits elsewhere: issue and normalised sentence, numbered if repeated."""
    normal = " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())
    digest = hashlib.sha256(f"{issue}\n{normal}".encode()).hexdigest()[:24]
    count = seen[digest] = seen.get(digest, 0) + 1
    return digest if count == 1 else f"{digest}-{count}"


def _supplement(kind: str, path: Path, entries: int) -> Supplement:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Supplement.model_validate(
        {"kind": kind, "name": path.name, "sha256": digest, "entries": entries}
    )


def _named(source: Source) -> Source:
    """The source of an input that could not be opened: only its name is known."""
    kind = "url" if "://" in source.uri else ("text" if source.uri == "-" else "file")
    return Source.model_validate({"kind": kind, "uri": source.uri})


def _failure(source: Source, error: SourceError) -> Failure:
    return Failure(
        source=source,
        error=FailureDetail(kind=error.kind, message=str(error), retryable=error.retryable),
    )


def check(target: str | Path | RawDocument, **options: object) -> Report | Failure:
    """Check one article.

    :param target: a path, an http(s) URL, ``-``, or a document in memory.
    :param options: settings by name, such as ``profile="careful"``; see
        ``claimcheck settings``. Files and environment are not read: the same call
        gives the same report everywhere.
    :raises UsageError: an option is unknown or cannot be used.
    """
    return Checker(make_settings(options)).check(target)
