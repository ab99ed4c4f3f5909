"""Put what ``claimcheck check`` prints of an example into the README.

    python scripts/readme_excerpt.py

Replaces the text between the marks ``<!-- excerpt:begin -->`` and ``<!-- excerpt:end -->``.
A test compares the two, so run it when a rule, a message or the model has changed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
EXAMPLE = "examples/01-clinic-infusion.html"
SHOWN = "misleading-comparison"
"""The issue whose first finding is shown; the first of all if the article has none."""

_MARKED = re.compile(r"(?<=<!-- excerpt:begin -->\n).*?(?=<!-- excerpt:end -->)", re.DOTALL)


def printed() -> list[str]:
    """The lines that the command of the README prints, at the width of the README."""
    done = subprocess.run(
        (sys.executable, "-m", "claimcheck", "check", EXAMPLE),
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "88", "NO_COLOR": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 1:
        raise SystemExit(f"readme_excerpt: claimcheck found nothing to show:\n{done.stderr}")
    return done.stdout.splitlines()


def excerpt() -> str:
    """The head of the report and one finding with its sentence, as a fenced block."""
    lines = printed()
    findings = [number for number, line in enumerate(lines) if re.match(r" {4}\w", line)]
    chosen = next((n for n in findings if lines[n].endswith(f"  {SHOWN}")), findings[0])
    first = max(n for n in range(chosen) if not lines[n])
    if lines[first - 1].startswith("§"):
        first -= 2
    # Without the findings of the same sentence that come before; "^" marks its cues.
    sentence = [
        line for line in lines[first + 1 : chosen] if not re.match(r" {4}(\w| {2}[^ ^])", line)
    ]
    last = next(n for n in range(chosen + 1, len(lines)) if not lines[n].startswith("      "))
    shown = [*lines[:2], "…", *sentence, *lines[chosen:last], "…"]
    return "\n".join(["```text", *shown, "```", ""])


def main() -> int:
    """Write the excerpt."""
    text = README.read_text(encoding="utf-8")
    block = excerpt()
    changed = _MARKED.sub(lambda _: block, text)
    if changed != text:
        README.write_text(changed, encoding="utf-8", newline="\n")
        print(f"wrote {README}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
