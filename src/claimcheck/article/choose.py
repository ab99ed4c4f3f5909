"""Which blocks of a page are the article.

trafilatura's extraction is a vote, not the text: it says which passages belong, and the
page's own blocks supply the words, so that nothing is glued, lost or repeated. Around
the vote, gaps are closed and the edges cleaned.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lxml import html

from claimcheck.article.chrome import (
    closes_article,
    is_furniture,
    looks_like_heading,
    opens_references,
    opens_tail,
)
from claimcheck.article.segment import Segment, key_of

__all__ = ["choose_segments"]

_MOST_ELEMENTS = 40_000  # beyond this trafilatura takes more than seconds; see docs of choose
_ENOUGH_WORDS = 120  # a smaller harvest is worth a second, more generous try
_PROSE_WORDS = 12
_REACH = 400_000  # characters searched for a block, so that huge pages stay linear
_LINKED = 0.5
_SEPARATORS: Final = re.compile(r"[|•·»]")
_SENTENCE_END: Final = re.compile(r"[.!?…:;][\"'”’)\]]*$")


def choose_segments(
    tree: html.HtmlElement, segments: list[Segment], *, titles: Iterable[str | None]
) -> list[Segment]:
    """The article's blocks among ``segments``, in reading order.

    :param tree: the pruned tree that ``segments`` was read from.
    :param titles: what the page is called; text before their place on it is left out.
    """
    if not segments:
        return []
    if sum(1 for _ in tree.iter()) > _MOST_ELEMENTS:
        chosen = [_is_prose(s) for s in segments]
    else:
        chosen = _chosen_with_help(tree, segments)
    _close_gaps(segments, chosen)
    _drop_before_title(segments, chosen, titles)
    kept = [s for s, c in zip(segments, chosen, strict=True) if c]
    kept = _without_repeats(_without_furniture(_without_tail(_without_teasers(kept))))
    return _with_plain_kinds(_without_ragged_edges(kept))


def _chosen_with_help(tree: html.HtmlElement, segments: list[Segment]) -> list[bool]:
    """trafilatura's vote; where it finds too little, its generous mode, then all prose."""
    chosen = _voted(segments, _extracted_key(tree, generous=False))
    there = _prose_words(segments)
    if _words(segments, chosen) < min(_ENOUGH_WORDS, 0.5 * there):
        second = _voted(segments, _extracted_key(tree, generous=True))
        if _words(segments, second) > 1.5 * _words(segments, chosen):
            chosen = second
    if _words(segments, chosen) < min(_ENOUGH_WORDS, 0.3 * there):
        chosen = [c or _is_prose(s) for s, c in zip(segments, chosen, strict=True)]
    return chosen


def _extracted_key(tree: html.HtmlElement, *, generous: bool) -> str:
    """What trafilatura takes for the main text, letters and digits only."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).addHandler(logging.NullHandler())  # it reports bad pages as errors
    found = trafilatura.bare_extraction(
        tree,
        fast=not generous,
        favor_recall=generous,
        include_comments=False,
        include_tables=True,
        include_links=True,
        output_format="python",
        with_metadata=False,
    )
    body = getattr(found, "body", None)
    return "" if body is None else key_of(" ".join(body.itertext()))


def _voted(segments: list[Segment], extracted: str) -> list[bool]:
    """Which segments occur in the extracted text; short ones only at their place in it."""
    chosen = []
    cursor = 0
    for segment in segments:
        key = key_of(segment.text)
        if len(key) >= 30:
            place = extracted.find(key, cursor, cursor + len(key) + _REACH)
            if place < 0:
                place = extracted.find(key, 0, _REACH)
            if place < 0 and len(key) >= 80:  # it may have lost an inline element
                place = max(
                    extracted.find(key[:40], 0, _REACH), extracted.find(key[-40:], 0, _REACH)
                )
        else:
            place = extracted.find(key, cursor, cursor + len(key) + 300)
        chosen.append(place >= 0)
        if place >= 0:
            cursor = place + len(key)
    return chosen


def _words(segments: list[Segment], chosen: list[bool]) -> int:
    return sum(
        s.words for s, c in zip(segments, chosen, strict=True) if c and s.link_share < _LINKED
    )


def _prose_words(segments: list[Segment]) -> int:
    return sum(s.words for s in segments if _is_prose(s))


def _is_prose(segment: Segment) -> bool:
    return (
        segment.words >= _PROSE_WORDS and segment.link_share < _LINKED and segment.kind != "heading"
    )


def _close_gaps(segments: list[Segment], chosen: list[bool]) -> None:
    """Also choose what stands among the chosen in the same part of the page."""
    inside = _main_part(segments, chosen)
    numbers = [n for n, c in enumerate(chosen) if c and inside[n]]
    if not numbers:
        return
    voted = list(chosen)
    first, last = numbers[0], numbers[-1]
    for n, segment in enumerate(segments):
        if not inside[n]:
            chosen[n] = False  # far from the bulk of the text: a sidebar or a footer
        elif first < n < last and not chosen[n]:
            chosen[n] = segment.link_share < _LINKED or _opens_box(segment)
    homes = {s.home.getparent() for s, c in zip(segments, chosen, strict=True) if c}
    edge = _Edge(segments, chosen, voted, inside, homes)
    edge.grow(range(last + 1, len(segments)), outwards=False)
    edge.grow(range(first - 1, -1, -1), outwards=True)


@dataclass(slots=True)
class _Edge:
    """Where the chosen text stops, and whether the text itself goes on beyond."""

    segments: list[Segment]
    chosen: list[bool]
    voted: list[bool]
    inside: list[bool]
    homes: set[html.HtmlElement | None]

    def grow(self, numbers: range, *, outwards: bool) -> None:
        """Choose on, passing over a few lines that are no prose.

        :param outwards: also leave the main part for prose that was voted for: openings
            often stand in a box of their own, whereas what follows outside is comments.
        """
        pending: list[int] = []
        for n in numbers:
            segment = self.segments[n]
            if is_furniture(segment.text):
                continue
            if opens_tail(segment.text) or closes_article(segment.text) or len(pending) > 5:
                return
            if not self.inside[n] and not self._may_leave(n, outwards=outwards):
                return
            if self._goes_on(n):
                for number in (*pending, n):
                    between = self.segments[number]
                    self.chosen[number] = between.link_share < _LINKED and not is_furniture(
                        between.text
                    )
                pending = []
            elif not outwards and self._continues_list(n):
                self.chosen[n] = True
            elif segment.kind != "list-item" or segment.link_share > _LINKED:
                pending.append(n)

    def _may_leave(self, n: int, *, outwards: bool) -> bool:
        return outwards and (self.voted[n] or self.segments[n].link_share <= _LINKED)

    def _continues_list(self, n: int) -> bool:
        """Whether an item follows a chosen item, or the colon that announces the list."""
        before = self.segments[n - 1]
        return (
            self.segments[n].kind == "list-item"
            and self.segments[n].link_share < 0.2
            and self.chosen[n - 1]
            and (before.text.endswith(":") or before.kind == "list-item")
        )

    def _goes_on(self, n: int) -> bool:
        segment = self.segments[n]
        if not _is_prose(segment):
            return False
        if not self.inside[n]:
            return self.voted[n]
        return segment.words >= 20 or segment.home.getparent() in self.homes


def _main_part(segments: list[Segment], chosen: list[bool]) -> list[bool]:
    """Which segments lie in the smallest element that holds most of the chosen words."""
    weights: dict[html.HtmlElement, int] = defaultdict(int)
    depths: dict[html.HtmlElement, int] = {}
    total = 0
    for segment, is_chosen in zip(segments, chosen, strict=True):
        if not is_chosen:
            continue
        total += segment.words
        lineage = [segment.home, *segment.home.iterancestors()]
        for number, element in enumerate(reversed(lineage)):
            weights[element] += segment.words
            depths[element] = number
    holders = [e for e, words in weights.items() if words >= 0.8 * total]
    if not holders:
        return [True] * len(segments)
    part = max(holders, key=lambda e: depths[e])
    members = {part, *part.iterdescendants()}
    return [s.home in members for s in segments]


# ---------------------------------------------------------------------- edges


def _without_furniture(kept: list[Segment]) -> list[Segment]:
    return [s for s in kept if not (is_furniture(s.text) or _is_link_line(s))]


def _is_link_line(segment: Segment) -> bool:
    """Whether a block is links and separators: ``Symptoms | Causes | Remedies``."""
    if segment.link_share > 0.8 and segment.words < 25:
        return segment.kind != "heading"
    return segment.link_share > 0.3 and len(_SEPARATORS.findall(segment.text)) >= 2


def _without_tail(kept: list[Segment]) -> list[Segment]:
    """Leave out comments, related links and source lists.

    What opens a box in the middle of an article ends where the article's own elements
    go on; comments and a list of sources end with the page.
    """
    result: list[Segment] = []
    seen = 0
    homes: set[html.HtmlElement | None] = set()
    skip_to = 0
    for n, segment in enumerate(kept):
        if n < skip_to:
            continue
        if seen >= 40 and segment.words <= 20:
            if closes_article(segment.text):
                break
            if opens_references(segment.text):
                skip_to = _end_of_references(kept, n + 1)
                if skip_to > n + 1:
                    continue
            if opens_tail(segment.text):
                skip_to = _where_it_goes_on(kept, n + 1, homes)
                continue
        if segment.kind == "paragraph" and segment.words >= _PROSE_WORDS:
            seen += segment.words
            homes.add(segment.home.getparent())
        elif segment.kind in ("list-item", "quote"):
            seen += segment.words
        result.append(segment)
    return result


def _opens_box(segment: Segment) -> bool:
    return segment.words <= 12 and (opens_tail(segment.text) or opens_references(segment.text))


def _without_teasers(kept: list[Segment]) -> list[Segment]:
    """Cut at a run of clipped beginnings ("Swollen feet can be a sign of...")."""
    run = seen = 0
    total = sum(s.words for s in kept)
    for n, segment in enumerate(kept):
        if segment.kind == "heading":
            continue
        clipped = segment.kind == "paragraph" and segment.words < 60
        run = run + 1 if clipped and segment.text.endswith(("...", "…")) else 0
        if run >= 4 and seen >= 0.3 * total:
            return kept[: n - 3]
        seen += segment.words
    return kept


def _where_it_goes_on(kept: list[Segment], start: int, homes: set[html.HtmlElement | None]) -> int:
    for n in range(start, len(kept)):
        segment = kept[n]
        if segment.home.getparent() not in homes or opens_tail(segment.text):
            continue
        is_heading = segment.kind == "heading" and segment.level is not None
        is_text = segment.words >= 20 and _is_prose(segment)
        if is_text or (is_heading and segment.link_share < _LINKED):
            return n
    return len(kept)


def _drop_before_title(
    segments: list[Segment], chosen: list[bool], titles: Iterable[str | None]
) -> None:
    """What stands before the printed title is the site's, if most text stands after it."""
    keys = [key for title in titles if title and len(key := key_of(title)) >= 6]
    total = _words(segments, chosen)
    places = []
    for n, segment in enumerate(segments):
        key = key_of(segment.text) if segment.words <= 40 else ""
        whole = key in keys
        part = segment.words >= 3 and len(key) >= 12 and any(key in k for k in keys)
        if key and (whole or part) and segment.link_share < _LINKED:
            places.append((segment.kind != "heading", not whole, n))
    for is_line, is_part, place in sorted(places):
        after = [c and n > place for n, c in enumerate(chosen)]
        if _words(segments, after) >= (0.9 if is_line or is_part else 0.6) * total:
            for n in range(place):
                chosen[n] = False
            return


def _without_ragged_edges(kept: list[Segment]) -> list[Segment]:
    """Cut fragments off both ends: labels, names, a heading that nothing follows."""
    first, last = 0, len(kept)
    while last and _is_fragment(kept[last - 1]):
        last -= 1
    while first < last and kept[first].kind == "paragraph" and _is_fragment(kept[first]):
        first += 1
    return kept[first:last]


def _is_fragment(segment: Segment) -> bool:
    if segment.kind == "heading":
        return True
    if segment.kind not in ("paragraph", "quote"):
        return False
    return segment.words < 12 and not _SENTENCE_END.search(segment.text)


def _with_plain_kinds(kept: list[Segment]) -> list[Segment]:
    """Undo markup that serves the looks alone.

    A short line without a stop before a paragraph is a heading, as in plain text; and
    where most of the text is a ``blockquote``, it only indents the page.
    """
    running = sum(s.words for s in kept if s.kind != "heading")
    quoted = sum(s.words for s in kept if s.kind == "quote")
    if quoted > 0.6 * running:
        for segment in kept:
            segment.kind = "paragraph" if segment.kind == "quote" else segment.kind
    for segment, following in pairwise(kept):
        if (
            segment.kind == "paragraph"
            and following.kind in ("paragraph", "list-item")
            and following.words >= _PROSE_WORDS
            and looks_like_heading(segment.text)
        ):
            segment.kind = "heading"
    return kept


def _end_of_references(kept: list[Segment], start: int) -> int:
    """Where a list of sources ends: at a heading or at a paragraph too long for one."""
    for n in range(start, len(kept)):
        if kept[n].kind == "heading" or kept[n].words > 60:
            return n
    return len(kept)


_REPEAT_WORDS: Final = 8


def _without_repeats(kept: list[Segment]) -> list[Segment]:
    """Drop a block that was printed before (pull quotes, pages that print all twice)."""
    seen: set[str] = set()
    result = []
    for segment in kept:
        key = key_of(segment.text)
        if key in seen and (segment.words >= _REPEAT_WORDS):
            continue
        seen.add(key)
        result.append(segment)
    return result
