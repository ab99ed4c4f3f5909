"""JSON: one object for one outcome, an array for none or several.

Keys stand in the order of the schema, text is written as it is (UTF-8, not escaped),
and nothing depends on the clock or on hashing, so two runs give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any, TextIO

from claimcheck.records import Failure, Report

__all__ = ["write", "write_array"]


def write(outcomes: Iterable[Report | Failure], stream: TextIO) -> None:
    """Write all outcomes as one JSON value, indented, with a final newline."""
    items = (outcome.to_json_dict() for outcome in outcomes)
    first = list(islice(items, 2))
    if len(first) == 1:
        stream.write(_text(first[0]) + "\n")
    else:
        write_array(chain(first, items), stream)


def write_array(items: Iterable[dict[str, Any]], stream: TextIO) -> None:
    """Write wire forms as one JSON array, each as it comes, with a final newline.

    A reader of a run that may hold any number of outcomes need not expect a lone object.
    """
    empty = True
    for item in items:
        # JSON escapes line ends within strings, so every newline here is one of the layout.
        indented = _text(item).replace("\n", "\n  ")
        stream.write(("[\n  " if empty else ",\n  ") + indented)
        empty = False
    stream.write("[]\n" if empty else "\n]\n")


def _text(item: dict[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, indent=2, allow_nan=False)
