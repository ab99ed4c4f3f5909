"""HTML → article."""

from __future__ import annotations

from claimcheck.article.choose import choose_segments
from claimcheck.article.gates import check_language, check_page
from claimcheck.article.metadata import choose_title, page_facts
from claimcheck.article.prune import prune
from claimcheck.article.segment import Segment, absolute, key_of, segments_of
from claimcheck.article.tree import parse_html
from claimcheck.errors import SourceError
from claimcheck.records import Article, Block, Link

__all__ = ["article_from_html"]


def article_from_html(text: str, *, name: str, base_url: str | None = None) -> Article:
    """The article on a web page.

    :param text: the page's characters.
    :param name: names the page in messages.
    :param base_url: what relative links are relative to.
    :raises SourceError: see :func:`claimcheck.article.extract`.
    """
    tree = parse_html(text)
    if tree is None:
        raise SourceError(f"{name}: holds no HTML that can be read", kind="corrupt")
    if tree.find("body") is None and tree.find(".//frameset") is not None:
        raise SourceError(
            f"{name}: is a frame set; open the frame that holds the article and save that",
            kind="no-article",
        )
    facts = page_facts(tree, base_url=base_url)
    raw_text = _visible_text(tree)
    prune(tree)
    everything = segments_of(tree, base_url=base_url)
    kept = choose_segments(tree, everything, titles=(choose_title(facts), *facts.titles))
    title = choose_title(facts, near=_headings_near(everything, kept))
    kept = _without_byline(_without_title(kept, title), facts.byline)
    check_page(kept, everything, name=name, title=title, raw_text=raw_text, is_free=facts.is_free)
    language = check_language("\n".join(s.text for s in kept), declared=facts.language, name=name)
    body, blocks, links = _assembled(kept, title=title, base_url=facts.url or base_url)
    return Article(
        title=title,
        byline=facts.byline,
        published=facts.published,
        site=facts.site,
        url=facts.url,
        language=language,
        text=body,
        blocks=tuple(blocks),
        links=tuple(links),
    )


def _visible_text(tree: object) -> str:
    from lxml import html

    assert isinstance(tree, html.HtmlElement)  # noqa: S101
    skipped = {"script", "style", "head", "template", "noscript"}
    parts: list[str] = []
    size = 0
    for element in tree.iter():
        if element.tag not in skipped and element.text:
            parts.append(element.text)
        if element.tail:
            parts.append(element.tail)
        size += len(parts[-1]) if parts else 0
        if size > 60_000:
            break
    return " ".join(" ".join(parts).split())


def _headings_near(everything: list[Segment], kept: list[Segment]) -> tuple[str, ...]:
    """Headings before or at the start of the text, nearest first."""
    if not kept:
        return ()
    first = next(n for n, s in enumerate(everything) if s is kept[0])
    start = everything[max(0, first - 6) : first + 3]
    return tuple(
        s.text
        for s in sorted(start, key=lambda s: s.level or 7)
        if s.kind == "heading" or (s.words <= 20 and s.kind == "paragraph")
    )


def _without_title(kept: list[Segment], title: str | None) -> list[Segment]:
    """Drop the title where the body repeats it: as any heading, or at the top as a line."""
    if title is None:
        return kept
    key = key_of(title)
    return [
        s
        for n, s in enumerate(kept)
        if not (key_of(s.text) == key and (s.kind == "heading" or n < 6))
    ]


def _without_byline(kept: list[Segment], byline: str | None) -> list[Segment]:
    """Drop the line under the title that repeats the author's name."""
    name = key_of(byline or "")
    return [
        s
        for n, s in enumerate(kept)
        if not (
            name
            and n < 4
            and s.words <= 24
            and key_of(s.text).removeprefix("by").startswith(name)
            and not s.text.rstrip().endswith((".", "!", "?"))
        )
    ]


def _assembled(
    kept: list[Segment], *, title: str | None, base_url: str | None
) -> tuple[str, list[Block], list[Link]]:
    """Join the blocks by one blank line, the title first."""
    parts: list[str] = []
    blocks: list[Block] = []
    links: list[Link] = []
    size = 0
    if title:
        blocks.append(Block(kind="title", level=None, start=0, end=len(title)))
        parts.append(title)
        size = len(title) + 2
    previous_level = 1
    for segment in kept:
        level = None
        if segment.kind == "heading":
            level = segment.level or min(6, previous_level + 1)
            previous_level = segment.level or previous_level
        end = size + len(segment.text)
        blocks.append(Block(kind=segment.kind, level=level, start=size, end=end))
        for start, stop, href in segment.links:
            full = absolute(href, base_url)
            if full:
                links.append(Link(start=size + start, end=size + stop, href=full))
        parts.append(segment.text)
        size = end + 2
    return "\n\n".join(parts), blocks, links
