"""The texts of a data set in whatever form it is published, without its labels."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claimcheck.claims.sentences import split_text
from claimcheck.corpus.documents import documents_in
from claimcheck.errors import CorpusError

__all__ = ["RawText", "raw_texts", "sentences_of"]

_LEAST_LETTERS = 2
# Values that name or locate a row and say nothing: a SHA-1, an address, a date.
_NOT_TEXT = frozenset("id ref sha1 sha256 url doc passage split label publish_date source".split())


@dataclass(frozen=True, slots=True)
class RawText:
    """One text. ``id`` names its row or document in the set; ``names`` are all names that
    the document may be known by.
    """

    id: str
    text: str
    names: tuple[str, ...] = ()


def raw_texts(path: Path, *, faults: list[str] | None = None) -> Iterator[RawText]:
    """Texts of a file or folder, in order: blocks of pages, cells of tables, strings of rows.

    Read are folders of pages, texts and ``.json`` articles, folders that ``datasets``
    saved, ``.jsonl``, ``.csv``, ``.tsv``, ``.xml`` with ``sentence`` elements, and text
    with a token and its tags a line. The id of a row is its field ``doc`` or ``id``, else
    its number, counted from 0.

    :param faults: collects a line for every file in a folder that cannot be read; null
        raises instead.
    :raises CorpusError: it does not exist or cannot be read.
    """
    if path.is_dir() and any((path / n).is_file() for n in ("dataset_dict.json", "state.json")):
        yield from _saved(path)
    elif path.is_dir():
        yield from _pages(path, faults)
    elif not path.is_file():
        raise CorpusError(f"{path}: no such file or folder; give the data set's file")
    elif path.suffix == ".jsonl":
        yield from _json_lines(path)
    elif path.suffix in (".csv", ".tsv"):
        yield from _table(path, delimiter="," if path.suffix == ".csv" else "\t")
    elif path.suffix == ".xml":
        yield from _sentence_elements(path)
    elif path.suffix == ".txt" and "\t" in _read(path)[:200]:
        yield from _tagged_tokens(path)
    else:
        yield from _pages(path, faults)


def sentences_of(texts: Iterator[RawText]) -> Iterator[RawText]:
    """Each text's sentences, as the checker splits them, under the same id."""
    for raw in texts:
        for paragraph in raw.text.split("\n\n"):
            for start, end in split_text(paragraph):
                yield RawText(raw.id, paragraph[start:end], raw.names)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error


def _pages(path: Path, faults: list[str] | None) -> Iterator[RawText]:
    for document in documents_in([path], faults=faults):
        for block in document.blocks:
            yield RawText(document.id, block.text, (document.id,))


def _json_lines(path: Path) -> Iterator[RawText]:
    for number, line in enumerate(_read(path).splitlines()):
        if line.strip():
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise CorpusError(f"{path}:{number + 1}: not JSON ({error.msg})") from error
            yield from _row(row, number)


def _saved(path: Path) -> Iterator[RawText]:
    import datasets

    try:
        loaded = datasets.load_from_disk(str(path))
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path}: datasets cannot load it ({error})") from error
    for part in loaded.values() if isinstance(loaded, dict) else (loaded,):
        for number, row in enumerate(part):
            yield from _row(row, number)


def _row(row: Any, number: int) -> Iterator[RawText]:
    name = row.get("doc", row.get("id", number)) if isinstance(row, dict) else number
    for text in _strings(row):
        yield RawText(str(name), text, (str(name),))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if sum(map(str.isalpha, value)) >= _LEAST_LETTERS:
            yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            if name not in _NOT_TEXT:
                yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _table(path: Path, *, delimiter: str) -> Iterator[RawText]:
    lines = _read(path).splitlines(keepends=True)
    # Quotation marks open a field in .csv only; in .tsv they are characters.
    rows = csv.reader(lines) if delimiter == "," else (line.split("\t") for line in lines)
    for number, row in enumerate(rows):
        if number:  # the first row names the columns
            for cell in _strings(row):
                yield RawText(str(number - 1), cell)


def _sentence_elements(path: Path) -> Iterator[RawText]:
    from claimcheck.article.tree import parse_html

    tree = parse_html(_read(path))
    for number, element in enumerate(tree.iter("sentence") if tree is not None else ()):
        yield RawText(str(number), " ".join("".join(element.itertext()).split()))


def _tagged_tokens(path: Path) -> Iterator[RawText]:
    for number, part in enumerate(_read(path).strip().split("\n\n")):
        tokens = [line.split("\t", 1)[0] for line in part.splitlines() if line]
        yield RawText(str(number), " ".join(tokens))
