"""Documents of the public sources, as their collections are downloaded: pages and articles.

Nothing is judged or left out: labelled sentences may stand in a menu, a comment or a
list, so every block of a page counts, not only what extraction would call the article.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claimcheck.corpus.labelled import lines_of
from claimcheck.errors import CorpusError
from claimcheck.sources import decode, html_document, text_document

__all__ = ["Document", "TextBlock", "documents_in", "names_of"]

_PAGES = (".html", ".htm")
_READ = (*_PAGES, ".txt", ".json", ".jsonl")
_BLANK_LINE = re.compile(r"\n\s*\n")
# The folder that holds the pages of one collection and is in none of its document names.
_UNNAMED_FOLDERS = frozenset({"cachedpages"})
_DEPTH = 24  # folders of a path that may belong to a document's name


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph, heading or list item with single spaces."""

    text: str
    is_item: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One page or article.

    ``id`` is the name it was asked for by, else its most telling one. ``glued`` is the
    text of a page with nothing put between its elements, white space made single; for
    other documents it is empty.
    """

    id: str
    title: str
    blocks: tuple[TextBlock, ...]
    glued: str = ""


def names_of(path: Path) -> tuple[str, ...]:
    """The names a file may be known by, in lower case, longest first.

    ``Health-Rel/datasets/Schwarz/CachedPages/a.org/b.html`` and the flat
    ``schwarz__a.org__b.html`` are both ``schwarz/a.org/b.html``;
    ``content/HealthStory/story_reviews_00001.json`` is also ``story_reviews_00001``.
    """
    parts = [part.casefold() for part in path.parts[-_DEPTH:]]
    parts = [part for part in parts if part not in _UNNAMED_FOLDERS and part != path.anchor]
    last = parts.pop()
    if last.endswith(".txt") and last.removesuffix(".txt").endswith(_PAGES):
        last = last.removesuffix(".txt")
    parts += last.split("__")
    names = ["/".join(parts[index:]) for index in range(len(parts))]
    stem, dot, suffix = parts[-1].rpartition(".")
    return (*names, stem) if dot and f".{suffix}" in _READ else tuple(names)


def documents_in(
    paths: Iterable[Path],
    *,
    wanted: Collection[str] | None = None,
    faults: list[str] | None = None,
) -> Iterator[Document]:
    """Documents of files and folders, in order of their names.

    Read are pages (``.html``, ``.htm``, or any file that is asked for by its name),
    plain text, FakeHealth's ``.json`` articles, and ``.jsonl`` with ``id``, ``title``
    and ``text``. A folder of pages, or the one above it, may hold an ``index.json``: a
    list of objects with ``file`` and ``doc``, for names that the file system cut short.

    :param wanted: names of documents, in lower case; other files are not opened. Null
        takes every file of a known kind.
    :param faults: collects a line for every file in a folder that cannot be read. Null
        raises instead, as for a file that was named itself.
    :raises CorpusError: a path does not exist, or a file cannot be read.
    """
    for given in paths:
        if given.is_dir():
            folder = given.resolve()
            index = _index_of(folder)
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                try:
                    yield from _documents_of(path, wanted, names=index.get(path, ()))
                except CorpusError as error:
                    if faults is None:
                        raise
                    faults.append(str(error))
        elif given.is_file():
            yield from _documents_of(given.resolve(), wanted)
        else:
            raise CorpusError(
                f"{given}: no such file or folder; give the downloaded pages, articles or a "
                ".jsonl file of articles (see docs/corpora.md)"
            )


def _index_of(folder: Path) -> Mapping[Path, tuple[str, ...]]:
    """Names that an ``index.json`` gives to files; empty where there is none."""
    for home in (folder, folder.parent):
        try:
            rows = json.loads((home / "index.json").read_bytes())
            return {home / row["file"]: (str(row["doc"]).casefold(),) for row in rows}
        except (OSError, ValueError, TypeError, KeyError):
            continue  # none, or one of another kind
    return {}


def _documents_of(
    path: Path, wanted: Collection[str] | None, *, names: tuple[str, ...] = ()
) -> Iterator[Document]:
    if path.suffix == ".jsonl":
        yield from _articles_of(path, wanted)
        return
    names = (*names, *names_of(path))
    if wanted is None:
        known = _plain_name(path, names) if path.suffix in _READ else None
    else:
        known = next((name for name in names if name in wanted), None)
    if known is None:
        return
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error
    if path.suffix == ".json":
        yield _article(_json(data, where=str(path)), id=known, where=str(path))
    elif path.suffix == ".txt":
        yield Document(known, "", _paragraphs(decode(text_document(_utf8(data)))))
    else:
        yield _page(data, id=known)


def _plain_name(path: Path, names: tuple[str, ...]) -> str | None:
    """What to call a file that nobody asked for by name; null for an index."""
    if path.name == "index.json":
        return None
    if names[0] != names_of(path)[0]:
        return names[0]
    return path.name.replace("__", "/") if path.suffix in _PAGES else path.stem


def _articles_of(path: Path, wanted: Collection[str] | None) -> Iterator[Document]:
    for where, line in lines_of(path):
        row = _json(line, where=where)
        if "id" not in row:
            raise CorpusError(f"{where}: lacks id; every line needs id and text, title is optional")
        name = str(row["id"])
        if wanted is None or name.casefold() in wanted:
            yield _article(row, id=name, where=where)


def _article(row: Mapping[str, Any], *, id: str, where: str) -> Document:  # noqa: A002
    text = row.get("text")
    if not isinstance(text, str):
        raise CorpusError(f"{where}: lacks text; an article needs its words in the field text")
    title = row.get("title")
    return Document(id, _shown(title) if isinstance(title, str) else "", _paragraphs(text))


def _page(data: bytes, *, id: str) -> Document:  # noqa: A002
    from claimcheck.article.segment import segments_of
    from claimcheck.article.tree import parse_html

    tree = parse_html(decode(html_document(data)))
    if tree is None:
        return Document(id, "", ())
    for element in list(tree.iter("script", "style", "template")):
        if element.getparent() is not None:
            element.drop_tree()
    blocks = tuple(
        TextBlock(_shown(segment.text), segment.kind == "list-item")
        for segment in segments_of(tree, base_url=None)
    )
    # The labelled sentences have no title where they come from pages, so neither has this.
    return Document(id, "", blocks, glued=_shown(str(tree.text_content())))


def _paragraphs(text: str) -> tuple[TextBlock, ...]:
    return tuple(TextBlock(_shown(part)) for part in _BLANK_LINE.split(text) if part.strip())


def _shown(text: str) -> str:
    return " ".join(text.split())


def _utf8(data: bytes) -> str:
    return data.decode("utf-8-sig", errors="replace")


def _json(text: str | bytes, *, where: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{where}: not JSON ({error})") from error
    if not isinstance(found, dict):
        raise CorpusError(f"{where}: is not a JSON object; an article is one object with text")
    return found
