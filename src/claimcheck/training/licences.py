"""Which data sets may train weights that ship, and how each is told from its file.

The sets are data (``sources.toml``). A set is recognised by the SHA-256 of its file, by
its sentences, by its columns or by its name, in this order, so that renaming or
reshaping a file does not change what may be done with it. For the second there is a
sample of hashes (``source_samples.json``): of every sixteenth sentence or so, chosen by
the hash itself, so that an excerpt meets the sample too. It holds no words.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, cast

from claimcheck.errors import CorpusError
from claimcheck.training.leakage import normalised
from claimcheck.training.rawtexts import RawText, raw_texts, sentences_of

__all__ = [
    "Purpose",
    "Source",
    "check_licences",
    "parse_sources",
    "sample_of",
    "source_of",
    "sources",
]

Purpose = Literal["ship", "study"]

_KEYS: Final = {
    "name", "what", "origin", "licence", "use", "files", "sha256", "columns", "citation",
}  # fmt: skip
_SAMPLED_END: Final = "0"  # the last digit of sampled hashes: one in sixteen
_DIGITS: Final = 10  # of a sampled hash in hexadecimal: 40 bits
_LEAST_WORDS: Final = 6  # stock sentences are short
_LEAST_HITS: Final = 3  # distinct sampled sentences; one may be a coincidence
_LONGEST_SAMPLED: Final = 2_000  # characters; what is longer is sampled by its sentences
_TEXT_FILES: Final = frozenset((".jsonl", ".csv", ".tsv", ".xml", ".txt", ".html", ".htm", ".json"))


@dataclass(frozen=True, slots=True)
class Source:
    """A data set: what it is, and what may be done with it.

    ``use`` is ``ship`` where weights that ship may be trained on it, ``benchmark`` where
    it serves measurements with models that are thrown away. ``sample`` holds hashes of
    some of its sentences.
    """

    name: str
    what: str
    origin: str
    licence: str
    use: Literal["ship", "benchmark"]
    files: tuple[str, ...]
    sha256: tuple[str, ...]
    columns: frozenset[str]
    citation: str
    sample: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every set that ``sources.toml`` lists, in its order."""
    home = files("claimcheck.training")
    samples = json.loads((home / "source_samples.json").read_text(encoding="utf-8"))
    return parse_sources(
        (home / "sources.toml").read_text(encoding="utf-8"), samples=samples, where="sources.toml"
    )


def parse_sources(text: str, *, samples: Mapping[str, str], where: str) -> tuple[Source, ...]:
    """Sets from TOML; ``samples`` gives hashes, separated by spaces, by the set's name.

    :raises CorpusError: a key is unknown or lacks, or a value cannot be.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{where}: not TOML ({error})") from error
    found = tuple(_source(entry, samples=samples, where=where) for entry in data["source"])
    repeated = [name for name, n in Counter(source.name for source in found).items() if n > 1]
    if repeated:
        raise CorpusError(f"{where}: {repeated[0]} is listed twice")
    return found


def _source(entry: Mapping[str, Any], *, samples: Mapping[str, str], where: str) -> Source:
    name = str(entry.get("name", "?"))
    odd = _KEYS ^ set(entry)
    if odd:
        raise CorpusError(f"{where}: {name}: {', '.join(sorted(odd))} lacks or is unknown")
    if entry["use"] not in ("ship", "benchmark"):
        raise CorpusError(f"{where}: {name}: use is {entry['use']!r}, not ship or benchmark")
    return Source(
        name=name,
        what=entry["what"],
        origin=entry["origin"],
        licence=entry["licence"],
        use=cast("Literal['ship', 'benchmark']", entry["use"]),
        files=tuple(entry["files"]),
        sha256=tuple(entry["sha256"]),
        columns=frozenset(entry["columns"]),
        citation=entry["citation"],
        sample=frozenset(samples.get(name, "").split()),
    )


# ---------------------------------------------------------------------- what may train what


def check_licences(
    paths: Iterable[Path], *, purpose: Purpose, known: Sequence[Source] | None = None
) -> tuple[Path, ...]:
    """Refuse sets whose licence does not allow what the weights are for.

    :param purpose: ``ship`` for weights that are given to others, ``study`` for models
        that are thrown away after a measurement.
    :param known: the sets to go by; null takes :func:`sources`.
    :returns: the paths that no listed set explains. They are allowed: the user answers
        for their own data, and the model card must say "not listed".
    :raises CorpusError: names the path, the set, its licence and the remedy.
    """
    unlisted = []
    for path in paths:
        source = source_of(path, known=known)
        if source is None:
            unlisted.append(path)
        elif purpose == "ship" and source.use == "benchmark":
            raise CorpusError(
                f"{path}: is {source.name} (licence as found: {source.licence}), which may not "
                "train weights that ship; leave it out, or train a model for a study that is "
                "thrown away afterwards (purpose 'study'; see docs/corpora.md)"
            )
    return tuple(unlisted)


def source_of(path: Path, *, known: Sequence[Source] | None = None) -> Source | None:
    """The listed set that a file comes from, or null.

    Of a folder every file is looked at, and a set that may not ship wins, so that one
    such file in a folder of others is noticed.

    :raises CorpusError: the path does not exist or cannot be read.
    """
    known = sources() if known is None else known
    found = [source for part in _parts(path) if (source := _source_of_part(part, known))]
    found.sort(key=lambda source: source.use != "benchmark")
    return found[0] if found else None


def _parts(path: Path) -> Iterator[Path]:
    """What is recognised by itself: files, and folders whose files make one set."""
    if not path.exists():
        raise CorpusError(f"{path}: no such file or folder; give the path of a data set")
    saved = any((path / name).is_file() for name in ("dataset_dict.json", "state.json"))
    if path.is_file() or saved:
        yield path
    else:
        pages = False
        for file in sorted(path.rglob("*")):
            if file.suffix in (".html", ".htm", ".json", ".txt") and not file.name.endswith(
                ".bio.txt"
            ):
                pages = True  # one page says little: the folder is sampled as a whole
            elif file.is_file():
                yield file
        if pages:
            yield path


def _source_of_part(path: Path, known: Sequence[Source]) -> Source | None:
    if path.is_file():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        for source in known:
            if digest in source.sha256:
                return source
    readable = path.is_dir() or path.suffix in _TEXT_FILES
    hashes: frozenset[str] = frozenset()
    if readable:
        with contextlib.suppress(CorpusError):  # whoever trains on it will hear why
            hashes = sample_of(raw_texts(path, faults=[]))
    hits = {source: len(source.sample & hashes) for source in known}
    likely = [source for source in known if hits[source] >= _LEAST_HITS]
    if likely:
        return min(likely, key=lambda source: (source.use != "benchmark", -hits[source]))
    columns = _columns(path)
    for source in known:
        if source.columns and source.columns <= columns:
            return source
    names = (path.name, "/".join(path.parts[-2:]))
    return next((source for source in known if set(names) & set(source.files)), None)


def _columns(path: Path) -> frozenset[str]:
    """Names of the columns or fields of a table; empty for anything else."""
    if not path.is_file() or path.suffix not in (".jsonl", ".csv", ".tsv"):
        return frozenset()
    with path.open(encoding="utf-8", errors="replace") as stream:
        first = stream.readline()
    if path.suffix == ".jsonl":
        try:
            row = json.loads(first)
        except json.JSONDecodeError:
            return frozenset()
        return frozenset(row) if isinstance(row, dict) else frozenset()
    header = next(csv.reader([first], delimiter="," if path.suffix == ".csv" else "\t"), [])
    return frozenset(name.strip() for name in header)


def sample_of(texts: Iterable[RawText]) -> frozenset[str]:
    """Hashes of about one in sixteen of the texts and their sentences.

    Which are sampled depends on the sentence alone: case, punctuation, white space,
    order, file format and what else is in the file do not matter.
    """
    found: set[str] = set()
    for raw in texts:
        if len(raw.text) <= _LONGEST_SAMPLED:
            found.update(_sampled(raw.text))
        for sentence in sentences_of(iter([raw])):
            found.update(_sampled(sentence.text))
    return frozenset(found)


def _sampled(text: str) -> Iterator[str]:
    words = normalised(text)
    if words.count(" ") + 1 >= _LEAST_WORDS:
        key = words.replace(" ", "").encode()
        digest = hashlib.sha1(key, usedforsecurity=False).hexdigest()
        if digest.endswith(_SAMPLED_END):
            yield digest[:_DIGITS]
