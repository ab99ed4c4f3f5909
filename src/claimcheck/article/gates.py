"""Pages that are no article: lists, walls, errors, stubs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from claimcheck.article.language import LANGUAGE_WORDS, language_of, name_of_language
from claimcheck.article.segment import Segment
from claimcheck.errors import SourceError

__all__ = ["THIN_WORDS", "check_language", "check_page"]

THIN_WORDS: Final = 60
"""Words of running text below which a web page is no article."""

_SHORT_WORDS: Final = 350  # a longer text is not a wall, whatever it says

_ERROR_TITLE: Final = re.compile(
    r"\b404\b|page (?:not found|cannot be found|doesn['’]t exist|does not exist|unavailable)|"
    r"not found|file not found|error \d{3}|access denied|forbidden|site (?:unavailable"
    r"|maintenance)|"
    r"page (?:has )?(?:moved|expired|gone)",
    re.IGNORECASE,
)
_ERROR_TEXT: Final = re.compile(
    r"(?:page|file|article|url|address|content) (?:you (?:requested|are looking for"
    r"|were looking for|'re looking for|’re looking for)|"
    r"(?:was|could|can|has|is|may have) (?:not|no longer|been))"
    r".{0,60}(?:not (?:be )?found|no longer|exist|removed|moved|available|deleted)|"
    r"(?:couldn['’]t|could not|can['’]t|cannot) find (?:that|the|this|what)\b.{0,30}(?:page"
    r"|looking)|"
    r"\b(?:enable|turn on) javascript\b|checking your browser|are you a (?:human|robot)|"
    r"verify (?:that )?you are (?:a )?human|unusual traffic"
    r"|access (?:to this page )?(?:has been |is )?denied",
    re.IGNORECASE,
)
_PAYWALL: Final = re.compile(
    r"(?:to (?:continue|keep|finish) reading|to read (?:the (?:full|rest|whole)"
    r"|this (?:article|story)|more)|"
    r"for (?:full|unlimited) access|to unlock|(?:full|rest of (?:the|this)) (?:article|story"
    r"|text) is (?:only )?(?:available|reserved))"
    r".{0,140}|(?:subscribe|become a (?:member|subscriber)|start your (?:free )?trial"
    r"|create a free account|"
    r"already a (?:subscriber|member))\b.{0,120}(?:read|access|continu|unlock|log in|sign in"
    r"|article)|"
    r"(?:this|the full) (?:article|content|story|page) is (?:for|only (?:for|available to)"
    r"|available (?:only )?to|exclusive to|reserved for|locked)|"
    r"(?:subscribers?|members?)[- ]only|(?:you(?:['’]ve| have)) (?:reached|read|used) (?:your"
    r"|all|\w+ of your).{0,40}(?:free|limit|articles)|"
    r"purchase (?:access|this article)|(?:subscribe|register|sign up|log in) to (?:read"
    r"|continue|view|access)",
    re.IGNORECASE,
)
_CONSENT: Final = re.compile(
    r"\bcookies?\b|\bconsent\b|\bpersonal data\b|\bprivacy (?:policy|settings|choices"
    r"|preferences)\b|"
    r"\blegitimate interests?\b|\bour partners\b|\bgdpr\b|\bdata protection\b",
    re.IGNORECASE,
)
_CONSENT_ACT: Final = re.compile(
    r"\b(?:accept|reject|agree|manage|allow|consent to)\b.{0,60}\b(?:cookies|all|settings"
    r"|preferences|partners|terms|choices)\b|"
    r"\bwe (?:and our partners )?(?:use|value|store|process)\b.{0,60}\b(?:cookies|privacy"
    r"|data|information)\b",
    re.IGNORECASE,
)
_TEASER_END: Final = re.compile(
    r"(?:\.{3}|…|\[…\]|\[\.\.\.\]|\b(?:read|see|view)?\s*(?:more|full (?:story|article"
    r"|post))\b|continue reading.*|»|›)\W*$",
    re.IGNORECASE,
)
_LEGAL: Final = re.compile(
    r"(?:legal\s+)?disclaimer\b|(?:the\s+)?(?:information|content|opinions?"
    r"|material)s?\b.{0,60}\b(?:on|in|of)\s+this\s+"
    r"(?:web\s?site|site|web\s?page)\b",
    re.IGNORECASE,
)
_DATED_LINE: Final = re.compile(
    r"(?:\w+day,?\s+)?(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov"
    r"|dec)[a-z]*\.?\s+\d{1,2},?\s+\d{4}|"
    r"\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+\d{4}"
    r"|\d{1,2}/\d{1,2}/\d{2,4})",
    re.IGNORECASE,
)
_PRICE: Final = re.compile(r"[$£€]\s?\d+(?:[.,]\d\d)?")
_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’)\]]*$")


def check_page(
    kept: Sequence[Segment],
    everything: Sequence[Segment],
    *,
    name: str,
    title: str | None,
    raw_text: str,
    is_free: bool,
) -> None:
    """Refuse a web page that is no article.

    :param kept: the article's blocks, without the title.
    :param everything: all blocks of the pruned page.
    :param raw_text: the visible text of the whole page, walls and notices included.
    :raises SourceError: ``no-article``, ``consent-wall``, ``paywall`` or ``thin``.
    """
    words = _running_words(kept)
    visible = raw_text[:20_000]
    page_words = len(visible.split())
    if words < _SHORT_WORDS and _is_error_page(title, kept, words):
        raise SourceError(
            f"{name}: the page says that there is no such page or that it will not be shown",
            kind="no-article",
        )
    if _is_consent_wall(kept, visible, words):
        raise SourceError(
            f"{name}: only a notice about cookies or consent was served; open the page in a "
            "browser, save it, and check the file",
            kind="consent-wall",
        )
    if words < _SHORT_WORDS and (not is_free or _PAYWALL.search(visible)):
        wall = _PAYWALL.search(visible)
        if not is_free or (wall and words < 200 and page_words < 900):
            raise SourceError(
                f"{name}: only the beginning is shown without a subscription; save the whole "
                "article and check the file",
                kind="paywall",
            )
    if words < THIN_WORDS:
        raise _too_little(name, everything, words)
    if _is_listing(kept, everything):
        raise SourceError(
            f"{name}: looks like a list of links or teasers, not an article; check the articles "
            "that it leads to",
            kind="no-article",
        )


def check_language(text: str, *, declared: str | None, name: str) -> str | None:
    """The language to report.

    :raises SourceError: ``unsupported-language`` where the text is plainly not English.
    """
    found = language_of(text)
    if found is None and declared and declared != "en" and len(text.split()) < LANGUAGE_WORDS:
        found = declared
    if found not in (None, "en"):
        raise SourceError(
            f"{name}: is written in {name_of_language(found)}; only English is checked",
            kind="unsupported-language",
        )
    return found or declared


def _running_words(kept: Sequence[Segment]) -> int:
    """Words outside headings, tables and the site's legal notices."""
    return sum(
        s.words
        for s in kept
        if s.kind not in ("heading", "table", "title") and not _LEGAL.match(s.text)
    )


def _is_error_page(title: str | None, kept: Sequence[Segment], words: int) -> bool:
    text = " ".join(s.text for s in kept[:6])
    titled = bool(title and _ERROR_TITLE.search(title))
    said = bool(
        _ERROR_TEXT.search(text)
        or any(_ERROR_TITLE.search(s.text) for s in kept[:3] if s.words < 12)
    )
    return (titled and (said or words < 120)) or (said and words < 120)


def _is_consent_wall(kept: Sequence[Segment], visible: str, words: int) -> bool:
    text = " ".join(s.text for s in kept) or visible
    if len(text.split()) > 600:
        return False
    hits = len(_CONSENT.findall(text))
    if words >= THIN_WORDS:
        about = sum(s.words for s in kept if _CONSENT.search(s.text))
        return hits >= 4 and about > 0.6 * words and bool(_CONSENT_ACT.search(text))
    shown = len(visible.split())
    return (
        shown < 500 and len(_CONSENT.findall(visible)) >= 3 and bool(_CONSENT_ACT.search(visible))
    )


def _too_little(name: str, everything: Sequence[Segment], words: int) -> SourceError:
    linked = sum(1 for s in everything if s.link_share > 0.5)
    if words < 15 or (linked > 15 and linked > 0.5 * len(everything)):
        return SourceError(
            f"{name}: no running text was found; if the page builds itself with scripts, save it "
            "from a browser and check the file",
            kind="no-article",
        )
    return SourceError(
        f"{name}: only {words} words of running text; a page with fewer than {THIN_WORDS} is not "
        "checked (text in a .txt file is, however short)",
        kind="thin",
    )


def _is_listing(kept: Sequence[Segment], everything: Sequence[Segment]) -> bool:
    """Whether the text is teasers, goods or headlines that lead elsewhere."""
    paragraphs = [s for s in kept if s.kind in ("paragraph", "quote", "list-item")]
    words = sum(s.words for s in paragraphs)
    chosen = set(map(id, kept))  # the segments outlive this call, so their ids are theirs
    headed = [s for s, after in pairwise(everything) if id(after) in chosen and s.kind == "heading"]
    linked_headings = sum(1 for s in headed if s.link_share > 0.7)
    teased = sum(s.words for s in paragraphs if _TEASER_END.search(s.text[-80:]))
    teasers = sum(1 for s in paragraphs if _TEASER_END.search(s.text[-80:]))
    if linked_headings >= 4 and linked_headings >= 0.6 * len(headed):
        return words < 120 * linked_headings
    if teasers >= 4 and (teased >= 0.4 * words or words - teased < 150):
        return True
    if sum(s.words * s.link_share for s in kept) > 0.5 * sum(s.words for s in kept):
        return True
    if words < _SHORT_WORDS:
        dated = sum(
            1
            for s in everything
            if s.words <= 10 and s.link_share < 0.5 and _DATED_LINE.match(s.text)
        )
        priced = sum(1 for s in everything if s.words <= 10 and _PRICE.search(s.text))
        if dated >= 6 or (priced >= 3 and words < 70 * priced):
            return True
    long = [s for s in paragraphs if s.words >= 20]
    broken = sum(
        1 for s in long if not _SENTENCE_END.search(s.text) or _TEASER_END.search(s.text[-80:])
    )
    if len(long) >= 6 and broken >= 0.6 * len(long):
        return True
    sentences = sum(s.words for s in paragraphs if _SENTENCE_END.search(s.text) and s.words >= 8)
    linked_words = sum(s.words for s in everything if s.link_share > 0.7)
    link_lines = sum(1 for s in everything if s.link_share > 0.7)
    longest = max((s.words for s in paragraphs), default=0)
    if longest < 40 and words < 150 and (linked_words > words or link_lines > 20):
        return True
    return longest < 40 and sentences < 0.3 * max(1, words)
