"""What a page says about itself: title, byline, date, site, address, language."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from lxml import html

from claimcheck.article.segment import key_of

__all__ = ["PageFacts", "choose_title", "page_facts"]

_META_TITLES: Final = ("og:title", "twitter:title", "dc.title", "sailthru.title", "parsely-title")
_META_AUTHORS: Final = (
    "author", "article:author", "dc.creator", "dcterms.creator", "sailthru.author",
    "parsely-author", "byl", "twitter:data1.author", "citation_author",
)  # fmt: skip
_META_DATES: Final = (
    "article:published_time", "og:published_time", "datepublished", "date", "pubdate",
    "publishdate", "publish-date", "publication_date", "dc.date.issued", "dc.date",
    "dcterms.created", "dcterms.issued", "dc.date.created", "sailthru.date", "parsely-pub-date",
    "citation_publication_date", "originalpublicationdate", "rnews:datepublished",
)  # fmt: skip
_ARTICLE_TYPES: Final = re.compile(
    r"article|posting|report|webpage|review|recipe|howto|faq|question|medical|creativework", re.I
)
_LONGEST_TITLE = 600  # characters; what is longer is a mistake or a trap
_DATE_FORMATS: Final = (
    "%Y%m%d", "%Y/%m/%d", "%B %d, %Y", "%b %d, %Y", "%b. %d, %Y", "%d %B %Y", "%d %b %Y",
    "%A, %B %d, %Y", "%A, %d %B %Y", "%a, %d %b %Y", "%B %d %Y", "%d. %B %Y",
)  # fmt: skip
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_SEPARATORS: Final = re.compile(r"\s+(?:[|»«·•¦~]|::|-{1,2}|–|—|:)\s+|\s*(?:\||»|::)\s*|:\s+")
_HARD_SEPARATOR: Final = re.compile(r"[|»«¦]|::")
_DOMAIN: Final = re.compile(
    r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info|co\.uk|gov|edu|tv|ca|au)", re.I
)
_MADE_BY: Final = re.compile(
    r"\bweb\s*(?:design|easy|site|master)|\bdesigns?\b|\bsolutions\b|\bsoftware\b|\bhosting\b|"
    r"\bcommunications, inc|frontpage|dreamweaver|^(?:admin|administrator|user|author|guest"
    r"|editor|owner)$",
    re.I,
)
_BY: Final = re.compile(
    r"^(?:written\s+by|reported\s+by|posted\s+by|words\s+by|story\s+by|author|by)\s*:?\s+", re.I
)
_NOT_A_NAME: Final = re.compile(r"https?:|www\.|@|\.com\b|[<>{}|]|\d{3}", re.I)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the head of a page states. ``titles`` are as written, best first."""

    titles: tuple[str, ...]
    headings: tuple[str, ...]
    byline: str | None
    published: str | None
    site: str | None
    url: str | None
    language: str | None
    is_free: bool


def page_facts(tree: html.HtmlElement, *, base_url: str | None) -> PageFacts:
    """Read meta elements, JSON-LD and the usual marks in the page, before it is pruned."""
    metas = _metas(tree)
    things = list(_json_ld(tree))
    articles = [thing for thing in things if _is_article(thing)]
    site = _first(metas, ("og:site_name", "application-name", "sailthru.site")) or _publisher(
        articles
    )
    url = _canonical(tree, metas, base_url)
    titles = [_first(metas, (name,)) for name in _META_TITLES]
    titles += [_text_of(thing.get("headline")) for thing in articles]
    titles += [_shown(element) for element in tree.iterfind(".//head/title")]
    if len(titles) == len(_META_TITLES):  # <title> outside the head on broken pages
        titles += [_shown(element) for element in tree.iterfind(".//title")][:1]
    return PageFacts(
        titles=tuple(dict.fromkeys(t for t in titles if t and len(t) <= _LONGEST_TITLE)),
        headings=tuple(dict.fromkeys(filter(None, map(_shown, tree.iter("h1"))))),
        byline=_byline(tree, metas, articles, site),
        published=_published(tree, metas, articles),
        site=site or _site_from_title(titles, url or base_url),
        url=url,
        language=_language(tree, metas),
        is_free=not any(_is_locked(thing) for thing in things),
    )


def choose_title(facts: PageFacts, *, near: tuple[str, ...] = ()) -> str | None:
    """The article's title, without the site's name.

    A heading that a stated title contains wins, for it is what readers see: first one
    ``near`` the text (the site's own name is often an h1 too), then any h1. Else the
    only h1, if it is near; else the stated title itself.
    """
    stated = [_without_site(title, facts) for title in facts.titles]
    bare = [key_of(title) for title in stated]
    whole = [key_of(title) for title in facts.titles]
    site = key_of(facts.site or "")
    headings = [(key_of(h), h) for h in (*near, *facts.headings)]
    headings = [(key, h) for key, h in headings if len(key) > 3 and key != site]
    strictest_first: tuple[Callable[[str], bool], ...] = (
        lambda key: key in bare,
        lambda key: len(key) > 5 and any(_names_same(key, k) for k in bare),
        lambda key: len(key) > 5 and any(_names_same(key, k) for k in whole),
    )
    for names_it in strictest_first:
        for key, heading in headings:
            if names_it(key):
                return heading
    visible = [h for h in facts.headings if key_of(h) not in ("", site)]
    if len(visible) == 1 and visible[0] in near:
        return visible[0]
    if stated:
        return stated[0]
    return visible[0] if visible else None


def _names_same(heading: str, title: str) -> bool:
    return heading in title or (title in heading and len(title) > 0.6 * len(heading))


def parse_date(text: str | None) -> str | None:
    """A date as YYYY-MM-DD, or null where ``text`` does not plainly state one."""
    if not text:
        return None
    text = " ".join(text.split())
    layouts: tuple[str, ...] = ("%Y-%m-%d",)
    if match := _ISO_DATE.match(text):
        candidate = match[0]
    else:
        layouts = _DATE_FORMATS
        candidate = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text[:80])
        candidate = re.sub(r"\bSept\b", "Sep", candidate)
        if candidate[:8].isdigit() and len(candidate) in (8, 14):
            candidate = candidate[:8]
        elif with_time := re.match(r"(.*?\b\d{4})\b[\sT,]+(?:at\s+)?\d{1,2}[:.]\d", candidate):
            candidate = with_time[1]
    for layout in layouts:
        try:
            found = datetime.strptime(candidate, layout)
        except ValueError:
            continue
        return found.strftime("%Y-%m-%d") if 1990 <= found.year <= 2100 else None
    return None


# ---------------------------------------------------------------------- parts


def _metas(tree: html.HtmlElement) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = " ".join((element.get("content") or "").split())
        if name and content:
            metas.setdefault(name.strip().lower(), []).append(content)
        elif content and (element.get("http-equiv") or "").lower() == "content-language":
            metas.setdefault("content-language", []).append(content)
    return metas


def _first(metas: dict[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((metas[name][0] for name in names if name in metas), None)


def _json_ld(tree: html.HtmlElement) -> Iterator[dict[str, Any]]:
    """Every object in the page's JSON-LD, nested graphs opened; broken scripts skipped."""
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        try:
            pending = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(200):
            if not pending:
                break
            thing = pending.pop(0)
            if isinstance(thing, list):
                pending += thing
            elif isinstance(thing, dict):
                yield thing
                pending += [thing[name] for name in ("@graph", "mainEntity") if name in thing]


def _is_article(thing: dict[str, Any]) -> bool:
    kinds = thing.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLE_TYPES.search(kind)
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _is_locked(thing: dict[str, Any]) -> bool:
    return str(thing.get("isAccessibleForFree")).strip().lower() == "false"


def _publisher(articles: list[dict[str, Any]]) -> str | None:
    return next((name for thing in articles if (name := _name_of(thing.get("publisher")))), None)


def _name_of(value: Any) -> str | None:
    if isinstance(value, list):
        names = [name for item in value if (name := _name_of(item))]
        return ", ".join(dict.fromkeys(names)) or None
    if isinstance(value, dict):
        value = value.get("name")
    return _text_of(value)


def _text_of(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    shown: str = value
    if "<" in shown or "&" in shown:
        fragment = html.fragment_fromstring(re.sub(r"[\x00-\x1f]", " ", shown), create_parent="p")
        shown = str(fragment.text_content())
    return " ".join(shown.split()) or None


def _shown(element: html.HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _canonical(
    tree: html.HtmlElement, metas: dict[str, list[str]], base_url: str | None
) -> str | None:
    links = [
        link.get("href", "")
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    for address in (*links, *metas.get("og:url", [])):
        try:
            full: str = urljoin(base_url or "", address.strip())
            parts = urlsplit(full)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.netloc:
            return full
    return base_url


def _language(tree: html.HtmlElement, metas: dict[str, list[str]]) -> str | None:
    root = tree.getroottree().getroot()
    stated = (
        root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or root.get("xml:lang") or _first(metas, ("content-language", "og:locale", "language"))
    )  # fmt: skip
    match = re.match(r"[a-z]{2,3}(?![a-z])", (stated or "").strip().lower())
    return match[0] if match else None


def _byline(
    tree: html.HtmlElement,
    metas: dict[str, list[str]],
    articles: list[dict[str, Any]],
    site: str | None,
) -> str | None:
    for thing in articles:
        if name := _person(_name_of(thing.get("author"))):
            return name
    for meta in _META_AUTHORS:
        names = [name for value in metas.get(meta, []) if (name := _person(value))]
        if names:
            return ", ".join(dict.fromkeys(names))
    return _byline_in_page(tree, site)


def _byline_in_page(tree: html.HtmlElement, site: str | None) -> str | None:
    """A name marked as the author's, outside comments."""
    for element in tree.iter(
        "a", "span", "p", "div", "address", "cite", "li", "strong", "h3", "h4"
    ):
        marks = " ".join(filter(None, map(element.get, ("rel", "itemprop", "class", "id")))).lower()
        if not marks or not re.search(r"\bauthor\b|\bby-?line\b|author-?name|\bbyl\b", marks):
            continue
        if re.search(r"comment|bio|avatar|box|image|about", marks) or _in_comments(element):
            continue
        text = _shown(element)
        name = _person(text)
        has_by = bool(_BY.match(text))
        if name and key_of(name) != key_of(site or "") and (has_by or len(name.split()) >= 2):
            return name
    return None


def _in_comments(element: html.HtmlElement) -> bool:
    return any(
        "comment" in ((up.get("class") or "") + (up.get("id") or "")).lower()
        for up in element.iterancestors("div", "section", "li", "ol", "ul")
    )


def _person(text: str | None) -> str | None:
    """``text`` as a byline, or null where it is an address or a sentence."""
    if not text:
        return None
    text = " ".join(text.split())
    text = _BY.sub("", text)
    text = re.split(
        r"\s+(?:[|•·–—]|-)\s+|\s*\|\s*|,?\s+(?:on|updated|published|posted)\b:?\s", text
    )[0]
    text = text.strip(" ,;:-–—")
    if (
        not 2 < len(text) <= 120
        or _NOT_A_NAME.search(text)
        or _MADE_BY.search(text)
        or not text[0].isalpha()
    ):
        return None
    return text if len(text.split()) <= 16 else None


def _published(
    tree: html.HtmlElement, metas: dict[str, list[str]], articles: list[dict[str, Any]]
) -> str | None:
    for thing in articles:
        if date := parse_date(_text_of(thing.get("datePublished"))):
            return date
    for name in _META_DATES:
        for value in metas.get(name, []):
            if date := parse_date(value):
                return date
    for element in tree.iter("time", "abbr", "span", "p", "div"):
        marks = f"{element.get('itemprop') or ''} {element.get('class') or ''}".lower()
        is_time = element.tag == "time" and not re.search(r"modif|update", marks)
        if not (
            is_time
            or re.search(
                r"datepublished|\bpublished\b|pubdate|\bdateline\b|post-?date|entry-?date", marks
            )
        ):
            continue
        if _in_comments(element):
            continue
        stated = element.get("datetime") or element.get("content") or element.get("title")
        shown = re.sub(
            r"^(?:published|posted|updated|on|date)\b[\s:]*(?:on\s+)?",
            "",
            _shown(element),
            flags=re.I,
        )
        if date := parse_date(stated) or parse_date(shown[:60]):
            return date
    return None


def _without_site(title: str, facts: PageFacts) -> str:
    """``title`` without " | Site Name" behind or before it."""
    parts = _SEPARATORS.split(title)
    marks = [m.group() for m in _SEPARATORS.finditer(title)]
    if len(parts) < 2:
        return title
    names = {key_of(facts.site)} if facts.site else set()
    names |= _host_names(facts.url)

    def is_site(part: str) -> bool:
        key = key_of(part)
        return bool(key) and any(
            key == n or (len(key) > 3 and (key in n or n in key)) for n in names if len(n) > 2
        )

    while len(parts) > 1 and (
        is_site(parts[-1])
        or (_HARD_SEPARATOR.search(marks[-1]) and len(parts[-1].split()) <= 6)
        or not parts[-1].strip()
    ):
        parts.pop()
        marks.pop()
    while len(parts) > 1 and (is_site(parts[0]) or not parts[0].strip()):
        parts.pop(0)
        marks.pop(0)
    return "".join(p + m for p, m in zip(parts, [*marks, ""], strict=True)).strip() or title


def _site_from_title(titles: list[str | None], url: str | None) -> str | None:
    """The part of a title that stands behind ``|`` or repeats the host's name."""
    hosts = _host_names(url)
    counts: Counter[str] = Counter()
    for title in titles:
        if title is None or len(title) > _LONGEST_TITLE:
            continue
        parts = _SEPARATORS.split(title)
        marks = [m.group() for m in _SEPARATORS.finditer(title)]
        if len(parts) < 2:
            continue
        last = parts[-1].strip()
        hard = "|" in marks[-1] and len(last.split()) <= 5
        if last and (hard or key_of(last) in hosts):
            counts[last] += 1
    return counts.most_common(1)[0][0] if counts else None


def _host_names(url: str | None) -> set[str]:
    host = urlsplit(url or "").hostname or ""
    labels = host.split(".")
    names = {
        label for label in labels[:-1] if label not in ("www", "co", "com", "org", "ac", "gov")
    }
    return {key_of(name) for name in names} | (
        {key_of(host.removeprefix("www."))} if host else set()
    )
