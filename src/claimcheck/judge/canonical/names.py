"""Names of interventions give way to one of their section."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from claimcheck.judge.canonical.draft import Draft

__all__ = ["exemplars", "names"]

_EXEMPLARS = {
    "pain, fever": ("ibuprofen", "painkillers"),
    "heart, blood": ("warfarin", "statins"),
    "mind and sleep": ("sertraline", "antidepressants"),
    "infection, allergy": ("penicillin", "antibiotics"),
    "hormones, contraception": ("tamoxifen", "hormones"),
    "vaccines and tests": ("vaccination", "vaccines"),
    "vitamins, minerals": ("magnesium", "supplements"),
    "other supplements": ("magnesium", "supplements"),
    "herbs, roots": ("magnesium", "supplements"),
    "foods and drinks": ("garlic", "garlic"),
    "diets and eating": ("fasting", "diets"),
    "exercise and movement": ("meditation", "therapies"),
    "talking and mind-body": ("meditation", "therapies"),
    "psychedelics and cannabis": ("cannabis", "psychedelics"),
    "manual, energy": ("meditation", "therapies"),
    "heat, cold, light": ("sauna", "saunas"),
    "operations and clinic": ("surgery", "operations"),
    "skin, hair, mouth": ("sunscreen", "creams"),
}
"""Section of ``interventions.txt`` → what stands for a name of it, singular and plural.

Sections between which an editor would not tell by wording share one: what is swallowed
for health, and what is practised.
"""


@lru_cache(maxsize=1)
def exemplars() -> dict[str, tuple[str, str]]:
    """Intervention phrase → the exemplar of its section; generic and everyday words have none."""
    folder = files("claimcheck.claims") / "data" / "gazetteer"
    found: dict[str, tuple[str, str]] = {}
    current: tuple[str, str] | None = None
    for line in (folder / "interventions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# ---"):
            heading = line.strip("# -")
            current = next(
                (pair for name, pair in _EXEMPLARS.items() if heading.startswith(name)), None
            )
        elif line.strip() and not line.startswith("#") and current is not None:
            words = line.strip().replace("-", " - ").replace("'s", " 's").split()
            found[" ".join(words)] = current
    return found


def names(draft: Draft) -> None:
    known = exemplars()
    for mention in draft.analysis.mentions:
        pair = known.get(mention.phrase) if mention.kind == "intervention" else None
        if pair is None or not all(draft.words[mention.first : mention.last]):
            continue
        last = draft.tokens[mention.last - 1].lower
        name = pair[last != mention.phrase.split()[-1] and last.endswith("s")]
        if draft.tokens[mention.first].text[:1].isupper() and mention.first == 0:
            name = name.capitalize()
        draft.drop(mention.first, mention.last)
        draft.words[mention.first] = name
        if mention.first and draft.lower(mention.first - 1) in ("a", "an"):
            article = "an" if name[0].lower() in "aeiou" else "a"
            before = draft.words[mention.first - 1]
            draft.words[mention.first - 1] = (
                article.capitalize() if before[:1].isupper() else article
            )
