"""Take out of the tree what no reader would call the article.

Names of classes and ids are habits, not promises: every rule here is held back by a
guard on how much of the page's text would go with it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from lxml import etree, html

__all__ = ["prune"]

_NEVER_TEXT: Final = frozenset((
    "script", "style", "noscript", "template", "svg", "math", "canvas", "iframe", "frame",
    "frameset", "object", "embed", "applet", "audio", "video", "map", "button", "select",
    "textarea", "input", "option", "datalist", "dialog", "menu", "nav", "link", "meta", "base",
    "progress", "meter",
))  # fmt: skip

_REFUSED_ROLES: Final = frozenset((
    "navigation", "complementary", "contentinfo", "search", "dialog", "alertdialog", "alert",
    "menu", "menubar", "toolbar", "tablist",
))  # fmt: skip

# Whole class names and ids (after lower-casing and joining with "-"). Comments go
# whatever their share: on a popular blog they outweigh the article ten to one.
_COMMENTS: Final = re.compile(
    r"(?:(?:user|reader|article|post|blog|entry|view|story|facebook|fb)-)?(?:comment|reply"
    r"|replie|response)s?"
    r"(?:-?(?:list|section|area|wrap|wrapper|box|block|thread|threads|form|body|content"
    r"|container|"
    r"inner|holder|template|feed|module|main|respond|count|link|link-alt|title|head|header|meta|"
    r"author|text|policy|new|post|page))*(?:-\d+)?"
    r"|commentlist|commentform|commentarea|commentblock|disqus.*|dsq.*|respond|livefyre.*"
    r"|add-comment|leave-comment"
    r"|trackbacks?|pingbacks?|pings|discussion|guestbook"
)
_SMALL: Final = re.compile(
    r"(?:.*-)?(?:bread-?crumbs?|crumbs?|newsletters?(?:-.*)?|news-?letter-?(?:box|form"
    r"|signup)|subscrib(?:e|ers?|tion)"
    r"(?:-(?:box|form|widget|banner|cta))?|sign-?up(?:-.*)?|opt-?in(?:-.*)?|nl-(?:box|form)"
    r"|cookies?(?:-.*)?|gdpr.*|consent(?:-.*)?|privacy-(?:bar|banner|notice)"
    r"|shar(?:e|ing)(?:-.*)?|share(?:bar|tools|box|this)|addthis.*|a2a-.*|social(?:-.*)?"
    r"|sociable|social(?:bar|icons|links|media)"
    r"|follow-us|bookmarks?|tell-a-friend|email-(?:this|friend)|print-(?:this|page)"
    r"|tool-?(?:bar|box)s?|article-?tools|story-?tools"
    r"|related(?:-.*)?|recommend(?:ed|ation|ations)(?:-.*)?|recirc(?:-.*)?|recirculation"
    r"|read-?(?:next|more|also)"
    r"|you-(?:may|might)-.*|more-(?:from|on|stories|articles|like|posts|links).*|also-(?:read"
    r"|like)|see-also|next-up|up-next"
    r"|popular(?:-.*)?|most-(?:popular|read|viewed|shared|emailed|recent|commented)(?:-.*)?"
    r"|trending(?:-.*)?"
    r"|recent-?(?:posts|articles|comments|stories)|latest-?(?:news|posts|articles)"
    r"|top-?stories|headlines-list|teasers?"
    r"|side-?bars?(?:-.*)?|side-?(?:col|column|rail)|right-?(?:col|column|rail|bar|side)"
    r"|left-?(?:col|column|rail|bar|nav)|rail"
    r"|foot|footers?(?:-.*)?|site-foot|page-foot|bottom-?(?:bar|nav|links)|copyrights?"
    r"|colophon|legal(?:-.*)?"
    r"|nav(?:-.*)?|navs|navi|navbars?|navigation(?:-.*)?|menus?(?:-.*)?|sub-?(?:nav|menu)"
    r"|mega-?menu|top-?(?:bar|nav|links|menu)|topbar-.*"
    r"|mast-?head|skip-?(?:link|links|nav|to-content)|site-?(?:header|head|nav|map)"
    r"|utility-?(?:bar|nav|links)|global-.*"
    r"|ads?|ad-?(?:box|slot|unit|wrap|wrapper|block|container|label|banner|space|zone|holder"
    r"|text|choices|vert|sense|module|links)s?(?:-.*)?"
    r"|adverts?|advertis(?:e|ement|ements|ing|er)(?:-.*)?|google-?ads?|dfp(?:-.*)?"
    r"|adsbygoogle|sponsor(?:s|ed|ship)?(?:-.*)?|promos?(?:-.*)?|promotion|promoted"
    r"|outbrain.*|taboola.*|zergnet|commercial|affiliate-(?:box|links)"
    r"|pop-?up(?:-.*)?|modal(?:-.*)?|overlay(?:-.*)?|lightbox|toast|sticky-(?:cta|bar|footer"
    r"|header|ad)|cta(?:-.*)?|call-to-action"
    r"|author-?(?:bio|box|card|info|profile|about|block|description|panel)(?:-.*)?"
    r"|about-(?:the-)?author|bio|bio-?box|contributor-?(?:bio|box)"
    r"|by-?line(?:-.*)?|post-?meta(?:data)?|entry-?meta|article-?meta|meta|meta-?(?:data|info"
    r"|line|bar)|date-?line|post-?info|time-?stamp|posted-on|entry-?date|read(?:ing)?-time"
    r"|tags?|tag-?(?:list|cloud|links|s-links)|post-?tags|entry-?tags|categor(?:y"
    r"|ies)-?(?:list|links)|post-?categories|topics-list|keywords|labels"
    r"|pagination|page-?numbers?|pager|paging|page-?nav|post-?nav(?:igation)?|prev-next"
    r"|next-prev|jump-?(?:links?|to)|toc|table-of-contents"
    r"|login(?:-.*)?|log-in|register|registration|search(?:-?(?:box|form|bar|results?))?"
    r"|widgets?|widget-area|survey|poll|rating|ratings|rate-this"
    r"|captions?|wp-caption-text|credit|photo-?credit|image-?(?:credit|caption)|figcaption"
    r"|screen-reader-text|visually-?hidden|sr-only|print-only|no-?display|noprint|hidden|hide"
    r"|d-none"
    r"|back-to-top|top-of-page|scroll-top|banner(?:-.*)?|disqus-.*)"
)

_RUN = 80  # characters in one piece: running text, not a label
_RUNNING_TEXT = 400

_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINERS: Final = re.compile(r"[\s_:./]+|-{2,}")
_KEEPERS: Final = frozenset(("html", "body", "main", "head", "title"))
_INLINE_KEPT: Final = frozenset(
    ("em", "strong", "b", "i", "q", "cite", "abbr", "font", "tr", "tbody")
)


def prune(tree: html.HtmlElement) -> None:
    """Remove navigation, boxes, forms, comments and the like, in place."""
    for element in list(tree.iter(*_NEVER_TEXT)):
        _drop(element)
    comments_go = 0.0 if _comments_are_all(tree) else 1.0
    weights = _text_lengths(tree)
    total = max(1, weights.get(tree, 0))
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.tag in _KEEPERS:
            continue
        if element.getparent() is None:
            continue
        limit = _share_that_may_go(element, comments_go)
        if limit and weights.get(element, 0) <= limit * total:
            _drop(element)


def _comments_are_all(tree: html.HtmlElement) -> bool:
    """Whether hardly any running text stands outside elements named after comments.

    Some sites print the article itself in a "comment body".
    """
    outside = 0
    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        if event == "start":
            named = any(_kind_of_name(name) == "comments" for name in _names(element))
            if named and element.tag not in _KEEPERS:
                walker.skip_subtree()
            elif element.text and element.tag != "a" and len(element.text) >= _RUN:
                outside += len(element.text.strip())
        elif element.tail and len(element.tail) >= _RUN:
            outside += len(element.tail.strip())
        if outside > _RUNNING_TEXT:
            return False
    return True


def _share_that_may_go(element: html.HtmlElement, comments_go: float) -> float:
    """The largest share of the page's text that may go with this element; 0 keeps it."""
    tag = element.tag
    attributes = element.attrib
    if tag == "form":
        return 0.3
    if tag in ("aside", "figcaption"):
        return 0.4
    if tag in ("footer", "header") and not _inside(element, ("blockquote", "article", "main")):
        return 0.3 if tag == "footer" or element.find(".//h1") is None else 0.0
    if tag == "footer" and element.getparent().tag in ("article", "main"):
        return 0.2
    if not attributes:
        return 0.0
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return 0.3
    if attributes.get("role", "").lower() in _REFUSED_ROLES:
        return 0.4
    style = attributes.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return 0.4
    if tag in _INLINE_KEPT:
        return 0.0
    return _share_by_name(element, comments_go)


def _share_by_name(element: html.HtmlElement, comments_go: float) -> float:
    share = 0.0
    for name in _names(element):
        kind = _kind_of_name(name)
        if kind == "comments":
            if element.tag != "article" and element.find(".//h1") is None:
                return comments_go
        elif kind == "small":
            share = 0.3
    if share and (element.tag == "article" or element.tag in ("h1", "h2") or _holds_title(element)):
        return 0.0
    return share


@lru_cache(maxsize=8192)
def _kind_of_name(name: str) -> str | None:
    if _COMMENTS.fullmatch(name):
        return "comments"
    return "small" if _SMALL.fullmatch(name) else None


def _holds_title(element: html.HtmlElement) -> bool:
    return element.find(".//h1") is not None and element.find(".//p") is not None


def _names(element: html.HtmlElement) -> tuple[str, ...]:
    """Ids and classes in one spelling: ``shareBar`` and ``share_bar`` → ``share-bar``."""
    classes, identity = element.get("class") or "", element.get("id") or ""
    return _spelled(classes[:400], identity[:100]) if classes or identity else ()


@lru_cache(maxsize=4096)
def _spelled(classes: str, identity: str) -> tuple[str, ...]:
    words = [*classes.split()[:12], *identity.split()[:1]]
    return tuple(_JOINERS.sub("-", _CAMEL.sub("-", word)).strip("-").lower() for word in words)


def _inside(element: html.HtmlElement, tags: tuple[str, ...]) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _drop(element: html.HtmlElement) -> None:
    """Remove the element; the text after it stays, apart from what stood before it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail:
        previous = element.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + " " + tail
        else:
            parent.text = (parent.text or "") + " " + tail
    element.tail = None
    parent.remove(element)


def _text_lengths(tree: html.HtmlElement) -> dict[html.HtmlElement, int]:
    """Characters of text inside each element, counted once from the leaves up."""
    lengths: dict[html.HtmlElement, int] = {}
    for element in reversed(list(tree.iter())):
        length = len((element.text or "").strip()) if element.tag != "head" else 0
        for child in element:
            length += lengths.get(child, 0) + len((child.tail or "").strip())
        lengths[element] = length
    return lengths
