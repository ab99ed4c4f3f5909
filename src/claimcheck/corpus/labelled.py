"""Reading labelled sentences: ``claims_real.jsonl`` and the project's own corpora."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, cast

from claimcheck.errors import CorpusError
from claimcheck.records import ClaimKind

__all__ = ["ISSUE_CODES", "KIND_CODES", "LabelledSentence", "load_corpus", "passages_of"]

KIND_CODES: Mapping[str, ClaimKind | None] = {
    "EFF": "efficacy",
    "SAF": "safety",
    "RISK": "risk",
    "MECH": "mechanism",
    "COMP": "comparison",
    "ADV": "advice",
    "STATUS": "status",
    "COND": "condition",
    "NONE": None,
}
"""The scheme's kind codes and the names of the wire schema."""

ISSUE_CODES: Mapping[str, str] = {
    "GUT": "impossible-weight-loss",
    "CURE": "cure",
    "HARM-MIN": "minimised-harm",
    "ADV": "strong-advice",
    "NETBEN": "net-benefit",
    "ABS": "absolute",
    "PRECLIN": "preclinical",
    "CAUS": "causal-overreach",
    "COMP-MIS": "misleading-comparison",
    "ANEC": "anecdote",
    "NAT": "natural-fallacy",
    "VAGUE": "vague-evidence",
    "SINGLE": "single-study",
    "SURR": "surrogate",
    "EXTRAP": "extrapolation",
    "REL": "relative-risk",
    "UNQ": "unquantified",
    "UNHEDGED": "bare-assertion",
    "MONG": "disease-mongering",
    "CAVEAT": "missing-caveat",
    "AUTH": "popularity",
    "HYPE": "hype",
}
"""The scheme's issue codes and the public names, in display order."""

_LABELS = ("NONE", "OK", "FLAG")
_NEEDED = ("doc", "passage", "n", "text", "label", "split")


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """One labelled sentence. ``passage`` and ``n`` give its place; neighbours are context."""

    source: str
    doc: str
    passage: str
    n: int
    title: str
    text: str
    label: Literal["NONE", "OK", "FLAG"]
    kind: ClaimKind | None
    strength: int
    issues: tuple[str, ...]
    severity: int
    cue: str
    hedge: str
    borderline: bool
    split: str
    genre: str = ""


def load_corpus(path: Path, *, splits: Iterable[str] | None = None) -> tuple[LabelledSentence, ...]:
    """Read a corpus: a JSON Lines file, a folder of ``<split>.jsonl`` files, or a data
    set that ``datasets`` saved to disk.

    :param splits: keep only these; null keeps all.
    :raises CorpusError: names the file, the line and the fault.
    """
    wanted = frozenset(splits) if splits is not None else None
    found: list[LabelledSentence] = []
    for file in _files(path):
        rows = _read(file) if file.suffix == ".jsonl" else _read_dataset(file)
        found.extend(row for row in rows if wanted is None or row.split in wanted)
    if not found:
        raise CorpusError(f"{path}: no sentence in the splits {sorted(wanted or ())}")
    return tuple(found)


def _files(path: Path) -> list[Path]:
    """The files of a corpus; a data set that ``datasets`` saved is one entry, its folder."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise CorpusError(
            f"{path}: no such corpus; give a .jsonl file, a folder of <split>.jsonl files or a "
            "folder that datasets saved (claims_real.jsonl is not part of this project: see "
            "docs/training.md)"
        )
    files = sorted(path.glob("*.jsonl"))
    if files:
        return files
    if any((path / name).is_file() for name in ("dataset_dict.json", "dataset_info.json")):
        return [path]
    raise CorpusError(f"{path}: the folder holds neither .jsonl files nor a saved data set")


def _read_dataset(path: Path) -> Iterator[LabelledSentence]:
    """Rows of a folder written by ``datasets``' ``save_to_disk``."""
    import datasets

    try:
        loaded = datasets.load_from_disk(str(path))
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path}: datasets cannot load it ({error})") from error
    parts = loaded if isinstance(loaded, dict) else {"train": loaded}
    for split, rows in parts.items():
        for number, row in enumerate(rows):
            yield _sentence(row, where=f"{path}:{split}:{number}", default_split=split)


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a JSON Lines file that hold something, each with where it stands.

    :raises CorpusError: the file cannot be read as UTF-8.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield f"{path}:{number}", line


def _read(path: Path) -> Iterator[LabelledSentence]:
    for where, line in lines_of(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(f"{where}: not JSON ({error.msg})") from error
        yield _sentence(row, where=where, default_split=path.stem)


def _sentence(row: Mapping[str, Any], *, where: str, default_split: str) -> LabelledSentence:
    lacking = [name for name in _NEEDED if name not in row and name != "split"]
    if lacking:
        raise CorpusError(f"{where}: lacks {', '.join(lacking)}")
    if row["label"] not in _LABELS:
        raise CorpusError(f"{where}: label {row['label']!r} is none of {', '.join(_LABELS)}")
    kind = row.get("kind", "NONE")
    if kind not in KIND_CODES:
        raise CorpusError(f"{where}: kind {kind!r} is none of {', '.join(KIND_CODES)}")
    issues = tuple(row.get("issues") or ())
    unknown = [issue for issue in issues if issue not in ISSUE_CODES]
    if unknown:
        raise CorpusError(f"{where}: issue {unknown[0]!r} is none of {', '.join(ISSUE_CODES)}")
    return LabelledSentence(
        source=str(row.get("source", "")),
        doc=str(row["doc"]),
        passage=str(row["passage"]),
        n=int(row["n"]),
        title=str(row.get("title") or ""),
        text=str(row["text"]),
        label=cast("Literal['NONE', 'OK', 'FLAG']", row["label"]),
        kind=KIND_CODES[kind],
        strength=int(row.get("strength", 0)),
        issues=tuple(ISSUE_CODES[issue] for issue in issues),
        severity=int(row.get("severity", 0)),
        cue=str(row.get("cue") or ""),
        hedge=str(row.get("hedge") or ""),
        borderline=bool(row.get("borderline", False)),
        split=str(row.get("split", default_split)),
        genre=str(row.get("genre") or ""),
    )


def passages_of(
    sentences: Iterable[LabelledSentence],
) -> tuple[tuple[LabelledSentence, ...], ...]:
    """Sentences grouped into passages, each in text order.

    A gap in ``n`` ends a passage, because what stands beside it is then unknown.
    """
    ordered = sorted(sentences, key=lambda s: (s.doc, s.passage, s.n))
    found: list[tuple[LabelledSentence, ...]] = []
    for _, group in groupby(ordered, key=lambda s: (s.doc, s.passage)):
        run: list[LabelledSentence] = []
        for sentence in group:
            if run and sentence.n != run[-1].n + 1:
                found.append(tuple(run))
                run = []
            run.append(sentence)
        found.append(tuple(run))
    return tuple(found)
