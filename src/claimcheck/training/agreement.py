"""Agreement of two labellings of the same sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

__all__ = ["agreement_of", "krippendorff_alpha"]


def krippendorff_alpha(
    first: Sequence[Any],
    second: Sequence[Any],
    *,
    distance: Callable[[Any, Any], float] = lambda a, b: float(a != b),
) -> float:
    """Krippendorff's alpha of two complete labellings (Krippendorff 2011, two observers).

    :param distance: squared difference of two values; nominal unless given.
    :returns: 1 for perfect agreement, 0 for what chance gives; 1 where all values are one.
    """
    n = len(first) + len(second)
    if n < 2:
        return 1.0
    observed = sum(2 * distance(a, b) for a, b in zip(first, second, strict=True)) / n
    counts = Counter([*first, *second])
    expected = sum(counts[a] * counts[b] * distance(a, b) for a in counts for b in counts) / (
        n * (n - 1)
    )
    return 1.0 - observed / expected if expected else 1.0


def agreement_of(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    groups: Sequence[str],
    *,
    ordinal: bool = False,
    rounds: int = 1000,
    seed: int = 7,
) -> Mapping[str, Any]:
    """Raw agreement, Cohen's kappa and Krippendorff's alpha, with 95 % intervals.

    Groups (passages) are drawn with replacement, because sentences of one passage hang
    together.

    :param ordinal: values are integers, and alpha weighs by squared difference.
    """
    import numpy as np
    from sklearn.metrics import cohen_kappa_score

    squared = (lambda a, b: float((a - b) ** 2)) if ordinal else (lambda a, b: float(a != b))

    def measured(rows: Sequence[int]) -> tuple[float, float, float]:
        a, b = [first[i] for i in rows], [second[i] for i in rows]
        raw = sum(x == y for x, y in zip(a, b, strict=True)) / len(rows)
        kappa = cohen_kappa_score([str(x) for x in a], [str(x) for x in b])
        return raw, float(kappa), krippendorff_alpha(a, b, distance=squared)

    rng = np.random.default_rng(seed)
    names = sorted(set(groups))
    places = {name: [i for i, group in enumerate(groups) if group == name] for name in names}
    drawn = [
        measured(
            [i for pick in rng.integers(0, len(names), len(names)) for i in places[names[pick]]]
        )
        for _ in range(rounds)
    ]
    whole = measured(range(len(first)))
    return {
        "n": len(first),
        **{
            name: {
                "value": round(whole[column], 3),
                "interval": [
                    round(float(np.nanpercentile([row[column] for row in drawn], edge)), 3)
                    for edge in (2.5, 97.5)
                ],
            }
            for column, name in enumerate(("agreement", "kappa", "alpha"))
        },
    }
