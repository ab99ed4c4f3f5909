"""Stand-off labels: labels without the sentences, and the way back to a corpus.

The sentences of ``claims_real.jsonl`` belong to their publishers. What is published
here of each is its place, the SHA-1 of its words and its labels; whoever has the public
sources can find the words again, because a hash tells when they are the right ones.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claimcheck.claims.sentences import split_text
from claimcheck.corpus.documents import Document, documents_in
from claimcheck.corpus.labelled import ISSUE_CODES, KIND_CODES
from claimcheck.errors import CorpusError
from claimcheck.replacing import replacing

__all__ = [
    "FIELDS",
    "Rebuilt",
    "read_standoff",
    "rebuild",
    "sentence_hash",
    "standoff_of",
    "write_rows",
]

FIELDS = (
    "source", "doc", "passage", "n", "split", "sha1", "characters", "label", "kind", "strength",
    "issues", "severity", "borderline", "cue", "hedge",
)  # fmt: skip
"""The fields of a stand-off row, in order. None of them holds words of a sentence."""

_COPIED = tuple(name for name in FIELDS if name not in ("characters", "cue", "hedge"))
_LONGEST_RUN = 4  # sentences of ours that one labelled sentence may span
_HEXADECIMAL = re.compile(r"[0-9a-f]{40}\Z")


def sentence_hash(text: str) -> str:
    """SHA-1, in hexadecimal, of a sentence's UTF-8 bytes with white space made single.

    White space is any run of what :meth:`str.split` splits at; none remains at the ends.
    Case, quotation marks and punctuation are kept.
    """
    return hashlib.sha1(" ".join(text.split()).encode(), usedforsecurity=False).hexdigest()


# ---------------------------------------------------------------------- taking the words out


def standoff_of(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The stand-off rows of a labelled file, in its order, without any words of it.

    ``cue`` and ``hedge`` become half-open ``[start, end]`` spans in characters of the
    sentence, null where there is none. A phrase that occurs more than once is taken
    where it stands as whole words first.

    :raises CorpusError: a row lacks a field, its hash is not that of its text, or a cue
        or hedge is not in the text.
    """
    rows = []
    for where, row in _lines(path):
        lacking = [name for name in (*_COPIED, "text", "cue", "hedge") if name not in row]
        if lacking:
            raise CorpusError(f"{where}: lacks {', '.join(lacking)}; a labelled row has them all")
        text = row["text"]
        if row["sha1"] != sentence_hash(text) or text != " ".join(text.split()):
            raise CorpusError(f"{where}: sha1 is not the hash of the text; the row was altered")
        made = {name: row[name] for name in _COPIED}
        made["characters"] = len(text)
        for name in ("cue", "hedge"):
            made[name] = _span(row[name], text, where=f"{where}: {name}")
        rows.append({name: made[name] for name in FIELDS})
    return tuple(rows)


def _span(phrase: str, text: str, *, where: str) -> list[int] | None:
    if not phrase:
        return None
    whole = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)
    start = whole.start() if whole else text.find(phrase)
    if start < 0:
        raise CorpusError(f"{where} is not in the sentence; mend the row")
    return [start, start + len(phrase)]


# ---------------------------------------------------------------------- reading and writing


def read_standoff(path: Path) -> tuple[Mapping[str, Any], ...]:
    """Stand-off rows of a file, or of every ``.jsonl`` file of a folder, in order.

    :raises CorpusError: names the file, the line and the fault.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise CorpusError(f"{path}: holds no .jsonl file; give the folder corpora/standoff")
    rows = []
    for file in files:
        for where, row in _lines(file):
            _check_row(row, where=where)
            rows.append(row)
    if not rows:
        raise CorpusError(f"{path}: holds no row; give the folder corpora/standoff")
    return tuple(rows)


def _check_row(row: Mapping[str, Any], *, where: str) -> None:
    if set(row) != set(FIELDS):
        odd = sorted(set(row) ^ set(FIELDS))
        raise CorpusError(f"{where}: {', '.join(odd)} lacks or is too much in a stand-off row")
    if not (isinstance(row["sha1"], str) and _HEXADECIMAL.match(row["sha1"])):
        raise CorpusError(f"{where}: sha1 {row['sha1']!r} is no SHA-1 in hexadecimal")
    if row["kind"] not in KIND_CODES or not set(row["issues"]) <= set(ISSUE_CODES):
        raise CorpusError(f"{where}: has a kind or an issue that the scheme does not know")
    for name in ("cue", "hedge"):
        span = row[name]
        if span is None:
            continue
        if not 0 <= span[0] < span[1] <= row["characters"]:
            raise CorpusError(f"{where}: {name} {span} lies outside the sentence")


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON Lines that appear whole or not at all; an earlier file stays otherwise.

    :raises CorpusError: the file cannot be written.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise CorpusError(f"{path}: give the name of a file in a folder that exists")
    try:
        with replacing(path, "x", encoding="utf-8", newline="") as stream:
            stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be written ({error.strerror or error})") from error


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of a JSON Lines file, each with its place."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(f"{path}:{number}: not JSON ({error.msg})") from error
        if not isinstance(row, dict):
            raise CorpusError(f"{path}:{number}: is not a JSON object")
        yield f"{path}:{number}", row


# ---------------------------------------------------------------------- putting them back


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What could be rebuilt.

    ``rows`` are those of a corpus as :func:`claimcheck.corpus.load_corpus` reads it, in
    the order of the labels. ``lacking`` gives the number of sentences that were not
    found in each document that was; ``absent`` are the documents that were not given.
    """

    rows: tuple[Mapping[str, Any], ...]
    labels: int
    lacking: Mapping[str, int]
    absent: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def share(self) -> float:
        """Sentences rebuilt, 0–1."""
        return len(self.rows) / self.labels


def rebuild(labels: Sequence[Mapping[str, Any]], paths: Iterable[Path]) -> Rebuilt:
    """Put the words back to stand-off labels, from the public sources.

    :param labels: rows of :func:`read_standoff`.
    :param paths: files and folders, see :func:`claimcheck.corpus.documents.documents_in`.
    :raises CorpusError: a path does not exist or cannot be read, or holds none of the
        labelled documents.
    """
    by_name: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(labels):
        by_name[str(row["doc"]).casefold()].append(index)
    faults: list[str] = []
    texts: dict[int, tuple[str, str]] = {}
    seen: set[str] = set()
    for document in documents_in(paths, wanted=by_name, faults=faults):
        name = document.id.casefold()
        seen.add(name)
        wanted = [index for index in by_name[name] if index not in texts]
        for index, text in _found(document, {index: labels[index] for index in wanted}).items():
            texts[index] = (text, document.title)
    if not seen:
        raise CorpusError(
            f"{', '.join(map(str, paths))}: holds none of the {len(by_name)} labelled documents; "
            "names must be as in the collections, such as Sondhi/reliable/8.html or "
            f"story_reviews_00100.json{_said(faults)}"
        )
    missing = Counter(str(row["doc"]) for index, row in enumerate(labels) if index not in texts)
    return Rebuilt(
        rows=tuple(_filled(labels[index], *texts[index]) for index in sorted(texts)),
        labels=len(labels),
        lacking={doc: n for doc, n in sorted(missing.items()) if doc.casefold() in seen},
        absent=tuple(sorted(doc for doc in missing if doc.casefold() not in seen)),
        faults=tuple(faults),
    )


def _said(faults: Sequence[str]) -> str:
    return f"; not read: {faults[0]}" if faults else ""


def _filled(row: Mapping[str, Any], text: str, title: str) -> dict[str, Any]:
    filled: dict[str, Any] = {
        "source": row["source"], "doc": row["doc"], "passage": row["passage"], "n": row["n"],
        "title": title, "text": text, "sha1": row["sha1"],
    }  # fmt: skip
    filled |= {
        name: row[name]
        for name in ("label", "kind", "strength", "issues", "severity", "borderline")
    }
    for name in ("cue", "hedge"):
        span = row[name]
        filled[name] = text[span[0] : span[1]] if span is not None else ""
    return filled | {"split": row["split"]}


def _found(document: Document, rows: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    """The words of ``rows`` in a document: by our own sentences first, else by search."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for index, row in rows.items():
        wanted[row["sha1"]].append(index)
    found: dict[int, str] = {}

    def take(candidate: str) -> None:
        hits = wanted.pop(hashlib.sha1(candidate.encode(), usedforsecurity=False).hexdigest(), ())
        found.update((index, candidate) for index in hits)

    for candidate in _candidates(document):
        take(candidate)
        if not wanted:
            return found
    for view in _views(document):
        lengths = {rows[index]["characters"] for indices in wanted.values() for index in indices}
        for length in sorted(lengths):
            for candidate in _slices(view, length):
                take(candidate)
    return found


def _candidates(document: Document) -> Iterator[str]:
    """Blocks, their sentences, and runs of consecutive sentences."""
    for block in document.blocks:
        yield block.text
        spans = list(split_text(block.text))
        for first in range(len(spans)):
            for last in range(first, min(first + _LONGEST_RUN, len(spans))):
                candidate = block.text[spans[first][0] : spans[last][1]]
                yield candidate
                if block.is_item and first == 0:
                    yield f"- {candidate}"


def _views(document: Document) -> Iterator[str]:
    """The document's text as one line, in the forms in which it was labelled.

    List items were marked with a dash; where elements of a page touch, so did words.
    """
    marked = " ".join(f"- {b.text}" if b.is_item else b.text for b in document.blocks)
    plain = " ".join(block.text for block in document.blocks)
    yield plain
    if marked != plain:
        yield marked
    if document.glued:
        yield document.glued


def _slices(view: str, length: int) -> Iterator[str]:
    """Every slice of a length that begins and ends with a visible character."""
    for start in range(len(view) - length + 1):
        if view[start] != " " and view[start + length - 1] != " ":
            yield view[start : start + length]
