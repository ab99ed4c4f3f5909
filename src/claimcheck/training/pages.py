"""The frame of HTML pages about an evaluation: one file, no script, nothing loaded.

Sentences come from a corpus, so they go in escaped, and the page forbids itself
everything but its own style sheet.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from importlib import resources
from itertools import pairwise

from claimcheck.records import Span
from claimcheck.report.inert import page_text

__all__ = ["marked", "page", "table"]

_PAGE = """\
<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<h1>{title}</h1>
{about}
</header>
<main id="main" tabindex="-1">
{content}
</main>
</body>
</html>
"""


def page(title: str, *, about: Iterable[str], content: Iterable[str]) -> str:
    """A whole page.

    :param title: plain text.
    :param about: HTML paragraphs below the title; ``content``: HTML of the main part.
    """
    style = (resources.files(__package__) / "pages.css").read_text(encoding="utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return _PAGE.format(
        digest=digest,
        title=page_text(title),
        style=style,
        about="\n".join(about),
        content="\n".join(content),
    )


def marked(text: str, *, cue: Sequence[Span], evidence: Sequence[Span]) -> str:
    """A sentence as HTML: annotators' cue in ``mark``, the tool's evidence in ``u``.

    Spans may overlap; the text is cut at every edge, so that tags always nest.
    """
    edges = {0, len(text)}
    for start, end in (*cue, *evidence):
        edges |= {min(max(0, place), len(text)) for place in (start, end)}
    places = sorted(edges)
    out: list[str] = []
    for start, end in pairwise(places):
        piece = page_text(text[start:end])
        if any(s <= start and end <= e for s, e in evidence):
            piece = f"<u>{piece}</u>"
        if any(s <= start and end <= e for s, e in cue):
            piece = f"<mark>{piece}</mark>"
        out.append(piece)
    return "".join(out)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with row headers; cells are plain text."""
    top = "".join(f'<th scope="col">{page_text(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{page_text(row[0])}</th>'
        + "".join(f"<td>{page_text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{page_text(caption)}">'
        f"<table><caption>{page_text(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )
