"""Bytes → :class:`~claimcheck.records.Article`: title, blocks and links, nothing else.

``html`` reads web pages (``tree`` parses, ``prune`` clears, ``segment`` finds the
blocks, ``choose`` picks the article's with trafilatura's help, ``gates`` refuses what is
none), ``text`` reads plain text and Markdown. ``language``, ``metadata`` and ``chrome``
serve both.
"""

from __future__ import annotations

from claimcheck.errors import SourceError
from claimcheck.records import Article
from claimcheck.sources import RawDocument, decode

__all__ = ["extract"]


def extract(document: RawDocument) -> Article:
    """The article in a document, with ``sentences`` empty.

    ``article.text[block.start:block.end]`` is the text of a block as a reader sees it.
    For HTML the title comes first and blocks are joined by one blank line; plain text
    and Markdown are left as they are, with blocks lying between the markup.

    :raises SourceError: ``no-article`` (nothing to read, a list of links, an error
        page), ``thin``, ``paywall``, ``consent-wall`` (all three for web pages only),
        ``unsupported-language`` or ``corrupt``.
    """
    text = decode(document)
    name = document.source.uri
    if not text.strip("\0 \t\r\n\f\v"):
        raise SourceError(f"{name}: is empty", kind="no-article")
    if document.media_type == "text/html":
        from claimcheck.article.html import article_from_html

        return article_from_html(text, name=name, base_url=document.base_url)
    from claimcheck.article.text import article_from_text

    return article_from_text(text, name=name, is_markdown=document.media_type == "text/markdown")
