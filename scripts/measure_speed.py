"""Where the CPU time of a page goes: ``python scripts/measure_speed.py [PAGES…]``.

PAGES are HTML files or folders of them; without any, the project's ``examples/``. Prints,
in CPU milliseconds a page, what each stage takes, the share of sentences that the front
stage lets pass, and the encoder's share for several cuts of that stage. One process; set
``OMP_NUM_THREADS=1`` to measure one core.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from claimcheck.article import extract
from claimcheck.cases import chosen_cases
from claimcheck.checker import Checker
from claimcheck.errors import ClaimcheckError
from claimcheck.issues import Context, propose
from claimcheck.judge.canonical import canonical
from claimcheck.judge.front import front_scores
from claimcheck.records import Article
from claimcheck.settings import make_settings
from claimcheck.sources import open_source

ROOT = Path(__file__).resolve().parent.parent
_Found = TypeVar("_Found")


def main() -> int:
    """Measure, print."""
    paths = [Path(name) for name in sys.argv[1:]] or [ROOT / "examples"]
    pages = sorted(
        page for path in paths for page in (path.rglob("*.html") if path.is_dir() else [path])
    )
    if not pages:
        print(f"measure_speed: error: no HTML files in {paths}", file=sys.stderr)
        return 2
    checker = Checker(make_settings({}))
    checker.check_text("Magnesium cures cramps.")  # loads everything
    spent: defaultdict[str, float] = defaultdict(float)

    def timed(name: str, work: Callable[[], _Found]) -> _Found:
        began = time.process_time()
        found = work()
        spent[name] += time.process_time() - began
        return found

    texts: list[str] = []
    count = 0
    for article in _articles(pages, timed):
        count += 1
        texts.extend(_page(checker, article, timed))
    total = sum(spent.values())
    print(f"{count} articles, {len(texts)} sentences, {1000 * total / count:.0f} CPU ms a page")
    for name, seconds in spent.items():
        print(f"{name:28} {1000 * seconds / count:8.1f} ms  {100 * seconds / total:5.1f} %")
    _curve(checker, texts, spent)
    return 0


def _articles(
    pages: list[Path], timed: Callable[[str, Callable[[], Any]], Any]
) -> Iterator[Article]:
    for page in pages:
        document = open_source(str(page), allow_private=False, stdin=None)
        try:
            yield timed("extraction", partial(extract, document))
        except ClaimcheckError:
            continue  # no article on this page


def _page(
    checker: Checker, article: Article, timed: Callable[[str, Callable[[], Any]], Any]
) -> list[str]:
    analyses = timed("parse and claims", lambda: checker.analyser.article(article))
    proposed = timed("rules", lambda: [propose(Context(analyses, i)) for i in range(len(analyses))])
    texts = timed("canonical text", lambda: [canonical(one).text or one.text for one in analyses])
    worth = timed("front stage", lambda: checker.judge.worth_reading(texts))
    cases = timed(
        "second parse",
        lambda: chosen_cases(
            analyses, analyser=checker.analyser, proposed=proposed, choose=lambda _: worth
        ),
    )
    passed = [case for case in cases if case is not None]
    encoder = checker.judge.encoder
    if encoder is not None:
        timed("encoder", lambda: encoder.read([case.sentence.text for case in passed]))
    return list(texts)


def _curve(checker: Checker, texts: list[str], spent: defaultdict[str, float]) -> None:
    """What other cuts of the front stage would give, by the time a passed sentence takes."""
    heads = checker.judge.heads
    if "front_cut" not in heads:
        print("this model has no front stage")
        return
    scores = front_scores(heads, texts)
    cut = float(heads["front_cut"][0])
    passed = float((scores >= cut).mean())
    dear = spent["encoder"] + spent["second parse"]
    rest = sum(spent.values()) - dear
    print(f"front stage lets pass {100 * passed:.1f} % of the sentences")
    print("other cuts: passed, encoder's share of CPU, CPU against no front stage")
    whole = rest + dear / passed
    for shift in (-99.0, 0.0, 0.5, 1.0, 1.5, 2.0):
        share = float((scores >= cut + shift).mean())
        page = rest + dear * share / passed
        encoder = spent["encoder"] * share / passed / page
        name = "none" if shift < -9 else f"{shift:+.1f}"
        print(
            f"  {name:>5} {100 * share:5.1f} %  {100 * encoder:5.1f} %  {100 * page / whole:5.1f} %"
        )


if __name__ == "__main__":
    sys.exit(main())
