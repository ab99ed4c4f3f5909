"""JSON Lines: one outcome a line, written as it comes.

Text is written as it is, except for three characters that are legal in JSON but that
many readers take for the end of a line (Python's ``str.splitlines`` among them): NEXT
LINE, LINE SEPARATOR and PARAGRAPH SEPARATOR are escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from claimcheck.records import Failure, Report

__all__ = ["line", "write"]

_LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def line(outcome: Report | Failure) -> str:
    """One outcome as one line of JSON, without the newline."""
    data = outcome.to_json_dict()
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_LINE_ENDS)


def write(outcomes: Iterable[Report | Failure], stream: TextIO) -> None:
    """Write each outcome on a line of its own and flush it, so that a reader can follow."""
    for outcome in outcomes:
        stream.write(line(outcome) + "\n")
        stream.flush()
