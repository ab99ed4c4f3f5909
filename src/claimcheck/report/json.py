"""JSON: one object for one outcome, an array for none or several.

Keys stand in the order of the schema, text is written as it is (UTF-8, not escaped),
and nothing depends on the clock or on hashing, so two runs give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from claimcheck.records import Failure, Report

__all__ = ["write"]


def write(outcomes: Iterable[Report | Failure], stream: TextIO) -> None:
    """Write all outcomes as one JSON value, indented, with a final newline."""
    data = [outcome.to_json_dict() for outcome in outcomes]
    value = data[0] if len(data) == 1 else data
    stream.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))
    stream.write("\n")
