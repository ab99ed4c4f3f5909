"""Reports built by hand: three articles written for these tests, and a failure."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest

from claimcheck.records import (
    Article,
    Block,
    BlockKind,
    Claim,
    Failure,
    FailureDetail,
    Finding,
    Link,
    Report,
    Sentence,
    Slots,
    Source,
    Span,
    Summary,
    Supplement,
    Tool,
)

TOOL = Tool(version="0.1.0", model="default", model_sha256="4f2a" * 16, profile="balanced")

STANDARDS = {
    "minimised-harm": (
        "HealthNewsReview.org, criterion 3: does the story explain and quantify harms?"
    ),
    "absolute": "UK CAP Code 12.9: proof before 'guaranteed' or 'absolutely safe'",
    "hype": "HealthNewsReview.org, words to avoid in medical news",
}
DEFAULT_STANDARD = (
    "HealthNewsReview.org, criterion 4: does the story grasp the quality of evidence?"
)

TITLES = {
    "minimised-harm": "Minimised or denied harm",
    "absolute": "Absolute or certain wording",
    "hype": "Hype or novelty wording",
    "bare-assertion": "Bare assertion",
    "vague-evidence": "Evidence that cannot be traced",
    "popularity": "Authority or popularity as support",
    "net-benefit": "Unsupported benefit-harm verdict",
    "misleading-comparison": "Misleading or unsupported comparison",
    "surrogate": "Marker or mechanism sold as an outcome",
    "unquantified": "Size or frequency without a number",
    "anecdote": "Anecdote or testimonial as evidence",
}


@dataclass(frozen=True)
class Flag:
    """One finding to be: the claim's words, the cue within them, and what is said of it."""

    quote: str
    cue: str
    issue: str
    severity: int
    message: str
    suggestion: str | None = None
    score: float = 0.93
    slots: dict[str, str] = field(default_factory=dict)


def span_of(text: str, words: str, start: int = 0) -> Span:
    """Where the words first stand in the text; an error if they do not."""
    place = text.index(words, start)
    return place, place + len(words)


def make_article(
    blocks: Sequence[tuple[BlockKind | str, str]],
    *,
    links: Sequence[tuple[str, str]] = (),
    **fields: Any,
) -> Article:
    """An article of blocks joined by a blank line; a block's kind may be ``heading:3``."""
    text, made, sentences = "", [], []
    for kind, words in blocks:
        name, _, level = kind.partition(":")
        text += "\n\n" if text else ""
        start = len(text)
        text += words
        made.append(
            Block.model_validate(
                {
                    "kind": name,
                    "level": int(level or 2) if name == "heading" else None,
                    "start": start,
                    "end": len(text),
                }
            )
        )
        for sentence in split(words):
            first, last = span_of(text, sentence, sentences[-1].end if sentences else start)
            sentences.append(Sentence(start=first, end=last, block=len(made) - 1, score=0.1))
    found = []
    for words, href in links:
        first, last = span_of(text, words)
        found.append(Link(start=first, end=last, href=href))
    title = next((words for kind, words in blocks if kind == "title"), None)
    values: dict[str, Any] = {"language": "en", "title": title, **fields}
    return Article(
        text=text, blocks=tuple(made), sentences=tuple(sentences), links=tuple(found), **values
    )


def split(words: str) -> list[str]:
    """Sentences, well enough for texts of our own: a stop, then a blank and a capital."""
    parts: list[str] = []
    if "\n" in words:
        return [part for row in words.split("\n") for part in split(row)]
    rest = words
    while True:
        for place in range(len(rest) - 2):
            if rest[place] in ".?!" and rest[place + 1] == " " and rest[place + 2].isupper():
                parts.append(rest[: place + 1])
                rest = rest[place + 2 :]
                break
        else:
            parts.append(rest)
            return parts


def make_report(
    article: Article,
    flags: Sequence[Flag] = (),
    *,
    source: Source | None = None,
    tool: Tool = TOOL,
    quiet_claims: int = 3,
) -> Report:
    """A report with one claim for each distinct quote and one finding for each flag."""
    claims: dict[str, Claim] = {}
    findings: list[Finding] = []
    text = article.text
    for number, flag in enumerate(flags, 1):
        start, end = span_of(text, flag.quote)
        cue = span_of(text, flag.cue, start)
        holder = next(item for item in article.sentences if item.start <= start < item.end)
        if flag.quote not in claims:
            slots = {name: span_of(text, words, start) for name, words in flag.slots.items()}
            claims[flag.quote] = Claim(
                id=f"c{len(claims) + 1}",
                start=start,
                end=end,
                quote=flag.quote,
                sentence=(holder.start, holder.end),
                kind="efficacy",
                polarity="+",
                strength="direct",
                hedge="none",
                stance="asserted",
                label="flag",
                score=flag.score,
                slots=Slots(**slots),
            )
        findings.append(
            Finding(
                id=f"f{number}",
                claim=claims[flag.quote].id,
                issue=flag.issue,
                severity=flag.severity,
                score=flag.score,
                start=start,
                end=end,
                quote=flag.quote,
                evidence=(cue,),
                message=flag.message,
                suggestion=flag.suggestion,
                standard=STANDARDS.get(flag.issue, DEFAULT_STANDARD),
                fingerprint=hashlib.sha256((flag.issue + flag.quote).encode()).hexdigest()[:16],
            )
        )
    severities = [finding.severity for finding in findings]
    return Report(
        tool=tool,
        source=source or Source(kind="file", uri="article.html", sha256="ab" * 32),
        article=article,
        claims=tuple(claims.values()),
        findings=tuple(findings),
        summary=Summary(
            words=len(text.split()),
            sentences=len(article.sentences),
            claims=len(claims) + quiet_claims,
            flagged=len(claims),
            by_severity={
                "1": severities.count(1),
                "2": severities.count(2),
                "3": severities.count(3),
            },
        ),
    )


CLINIC_BLOCKS: list[tuple[str, str]] = [
    ("title", "The Lantern Drip: what it does and what to expect"),
    (
        "paragraph",
        "Our game-changing Lantern Drip carries vitamins and glutathione straight into the "
        "bloodstream, and most guests notice brighter skin within hours. A session lasts about "
        "45 minutes. A nurse checks your blood pressure and places a small cannula in your arm.",
    ),
    ("heading:2", "How it works"),
    (
        "paragraph",
        "The bag holds half a litre of saline with vitamin C, B vitamins and magnesium. Studies "
        "show that raising glutathione switches off the stress that ages skin. Because nothing "
        "is lost in digestion, a drip works far better than tablets. You can read the leaflet "
        "before you book.",
    ),
    ("heading:2", "An infusion recharges a tired body"),
    ("paragraph", "Guests come before a wedding, after a long flight or in a busy month:"),
    ("list-item", "It lifts brain fog and low mood after a single visit."),
    ("list-item", "It needs no preparation beyond a glass of water."),
    (
        "list-item",
        "It may ease a headache in some people, though nobody has tested this in a trial.",
    ),
    ("heading:2", "Is it safe?"),
    (
        "paragraph",
        "Infusions have virtually no side effects in healthy adults. You might feel a little warm "
        "or spaced out, but it passes in no time. A vein can become sore, and an infection at the "
        "site needs prompt treatment. With so little to lose, it is well worth a try.",
    ),
    ("heading:3", "What guests say"),
    (
        "quote",
        "“After my second drip the dark circles vanished, and I slept like a teenager.” "
        "Runners and film stars swear by it.",
    ),
    ("heading:2", "Prices"),
    (
        "table",
        "Course | Price | What you can expect\nOne drip | £165 | A day of energy\n"
        "Four drips | £560 | Guaranteed firmer skin by the last visit",
    ),
    (
        "paragraph",
        "Vitamin infusions are not licensed medicines for skin, energy or mood. If you think that "
        "you lack a vitamin, ask your doctor for a blood test first.",
    ),
]

CLINIC_FLAGS = [
    Flag(
        "Our game-changing Lantern Drip carries vitamins and glutathione straight into the "
        "bloodstream",
        "game-changing",
        "hype",
        2,
        "'game-changing' praises the product before the reader has seen a result that would "
        "bear it out.",
        "Delete 'game-changing', or say what changed, by how much and in whom ([source]).",
        0.71,
    ),
    Flag(
        "most guests notice brighter skin within hours",
        "most guests",
        "unquantified",
        2,
        "'most guests' gives a share without saying how many were asked, by whom, or how many "
        "there were in all.",
        "[Number] of [number] guests reported brighter skin within [hours] ([source]).",
        0.83,
        {"outcome": "brighter skin", "population": "guests"},
    ),
    Flag(
        "Studies show that raising glutathione switches off the stress that ages skin.",
        "Studies show",
        "vague-evidence",
        2,
        "'Studies show' names no study: not who, when, in how many people or against what.",
        "A [year] [design] of [number] [people] found [result] for glutathione ([source]).",
        0.96,
        {"agent": "glutathione", "outcome": "the stress that ages skin"},
    ),
    Flag(
        "Studies show that raising glutathione switches off the stress that ages skin.",
        "switches off",
        "surrogate",
        1,
        "'switches off' offers a process inside the body as if it were a change that a person "
        "would see.",
        "In [study], the drip changed [marker]; whether that improves [symptom] is not known.",
        0.96,
    ),
    Flag(
        "a drip works far better than tablets",
        "far better than",
        "misleading-comparison",
        2,
        "'far better than' compares two treatments without a trial that put them side by side.",
        "No trial in this article compared the drip with tablets.",
        0.91,
        {"agent": "a drip", "comparator": "tablets"},
    ),
    Flag(
        "An infusion recharges a tired body",
        "recharges",
        "bare-assertion",
        2,
        "'recharges' states an effect as fact; there is no hedge on the verb, no number and no "
        "named source in this sentence or beside it.",
        "An infusion may ease tiredness in [people studied] ([source]).",
        0.78,
        {"agent": "An infusion", "outcome": "a tired body"},
    ),
    Flag(
        "It lifts brain fog and low mood after a single visit.",
        "lifts",
        "bare-assertion",
        2,
        "'lifts' states an effect as fact; there is no hedge on the verb, no number and no named "
        "source in this sentence or beside it.",
        "It may ease [symptom] in [people studied] ([source]).",
        0.88,
    ),
    Flag(
        "Infusions have virtually no side effects in healthy adults.",
        "virtually no side effects",
        "minimised-harm",
        3,
        "'virtually no side effects' denies harm; no frequency or source is given in this "
        "sentence or beside it.",
        "Side effects of infusions include [list]; in [study], [number] of [number] people had "
        "[effect], against [number] of [number] with [comparator].",
        0.98,
        {"agent": "Infusions", "population": "healthy adults"},
    ),
    Flag(
        "You might feel a little warm or spaced out, but it passes in no time.",
        "passes in no time",
        "minimised-harm",
        2,
        "'passes in no time' plays a harm down without saying how often it occurs or how many "
        "people stop because of it.",
        "Side effects include [list] ([how often]); serious ones are [list]; not known: "
        "[long-term effects].",
        0.9,
    ),
    Flag(
        "With so little to lose, it is well worth a try.",
        "so little to lose",
        "net-benefit",
        3,
        "'so little to lose' weighs benefit against harm, and no body, population or figures are "
        "given for either side.",
        "For [people], [body] judged that benefits outweigh harms ([source]); for others this is "
        "uncertain.",
        0.94,
    ),
    Flag(
        "“After my second drip the dark circles vanished, and I slept like a teenager.”",
        "After my second drip the dark circles vanished",
        "anecdote",
        2,
        "'After my second drip the dark circles vanished' is one person's experience; it cannot "
        "show that the drip was the cause.",
        "One person's experience does not show that it works; in [trial], [number] of [number] "
        "improved, against [number] of [number] with [comparator].",
        0.86,
    ),
    Flag(
        "Runners and film stars swear by it.",
        "swear by it",
        "popularity",
        1,
        "'swear by it' offers who uses it as a reason to believe that it works.",
        None,
        0.62,
    ),
    Flag(
        "Guaranteed firmer skin by the last visit",
        "Guaranteed",
        "absolute",
        3,
        "'Guaranteed' promises the result to everyone; no figure from a trial is given.",
        "[Product] may [effect] in [people studied] ([source]).",
        0.97,
    ),
]

WALNUT_BLOCKS: list[tuple[str, str]] = [
    ("title", "A handful of walnuts: what a year-long trial found"),
    (
        "paragraph",
        "People who ate walnuts daily for a year scored slightly higher on one of five memory "
        "tests, a trial at the Harrow Ageing Unit reports. On the other four tests the two "
        "groups did not differ.",
    ),
    ("heading:2", "Who took part"),
    (
        "paragraph",
        "The trial enrolled 314 adults aged 63 to 79; 157 ate 40 g of walnuts a day and 157 ate "
        "none. Twelve people in the walnut group stopped because of stomach pain, against three "
        "in the other. The result may not hold for younger people, the authors caution.",
    ),
]

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)"> & "quoted"'


@pytest.fixture
def titles() -> dict[str, str]:
    return dict(TITLES)


@pytest.fixture
def article() -> Callable[..., Article]:
    return make_article


@pytest.fixture
def report() -> Callable[..., Report]:
    return make_report


@pytest.fixture
def flag() -> type[Flag]:
    return Flag


@pytest.fixture
def clinic() -> Report:
    return clinic_report()


def clinic_report() -> Report:
    """A clinic page with thirteen findings in every kind of block."""
    made = make_article(
        CLINIC_BLOCKS,
        links=[
            ("the leaflet", "https://lantern.example/leaflet.pdf?a=1&b=2"),
            ("blood test", "javascript:alert(1)"),
        ],
        site="The Lantern Rooms",
        byline="Priya Halloran",
        published="2026-03-02",
        url="https://lantern.example/drip",
    )
    return make_report(made, CLINIC_FLAGS, source=Source(kind="file", uri="lantern.html"))


def walnut_report() -> Report:
    """A careful news story with nothing to flag, checked with a user's own lists."""
    tool = TOOL.model_copy(
        update={
            "supplements": (
                Supplement(kind="lexicon", name="house-hype.jsonl", sha256="9c" * 32, entries=14),
                Supplement(kind="allow-list", name="settled.toml", sha256="1d" * 32, entries=6),
            )
        }
    )
    made = make_article(WALNUT_BLOCKS, site="Harrow Gazette", url="https://gazette.example/walnuts")
    return make_report(
        made, source=Source(kind="url", uri="https://gazette.example/walnuts?ref=1"), tool=tool
    )


def hostile_report() -> Report:
    """An article that tries every trick on its reader's terminal, browser and spreadsheet."""
    made = make_article(
        [
            ("title", f"{HOSTILE} \x1b]0;owned\x07 \u202etxet"),
            (
                "paragraph",
                f"=HYPERLINK(1) {HOSTILE} cures \x1b[31mmigraine\x1b[0m [bold]for ever[/bold] "
                ":smile: \u202eesrever\u202c.",
            ),
        ],
        url='javascript:alert("x")',
        language='"><script>alert(3)</script>',
        site="[link=file:///etc/passwd]x[/link]",
    )
    quote = made.text[made.blocks[1].start : made.blocks[1].end]
    return make_report(
        made,
        [
            Flag(
                quote,
                "cures \x1b[31mmigraine",
                '"><script>alert(4)</script>',
                3,
                f"'{HOSTILE}' \x1b[2J says so.",
                f"={HOSTILE} may ease [<b>people</b>].",
            )
        ],
        source=Source(kind="url", uri="javascript:alert(5)//\x1b[31m"),
    )


def missing_failure() -> Failure:
    """A file that is not there."""
    return Failure(
        source=Source(kind="file", uri="absent.html"),
        error=FailureDetail(
            kind="not-found", message="absent.html: no such file; check the path", retryable=False
        ),
    )


@pytest.fixture
def walnut() -> Report:
    return walnut_report()


@pytest.fixture
def hostile() -> Report:
    return hostile_report()


@pytest.fixture
def failure() -> Failure:
    return missing_failure()


REMEDY = (
    "the browser tests need Chromium and Playwright: "
    "apt-get install -y --no-install-recommends chromium fonts-dejavu-core, "
    "pip install playwright axe-playwright-python"
)


def _absent(what: str) -> NoReturn:
    if "browser" in os.environ.get("CLAIMCHECK_REQUIRE", "").split(","):
        pytest.fail(f"{what} is missing; {REMEDY}")
    pytest.skip(f"{what} is missing; {REMEDY}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, or a skip that names the remedy; where it is required, a failure."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _absent("playwright")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        _absent("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def axe() -> Any:
    """The accessibility checker, under the same condition."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        _absent("axe-playwright-python")
    return Axe()
