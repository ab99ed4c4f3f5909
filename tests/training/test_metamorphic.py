"""The metamorphic check: edits that are English, pairs that are fair, and the shipped model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from claimcheck.checker import Checker
from claimcheck.claims import Analyser, Analysis
from claimcheck.claims.gazetteer import default_gazetteer
from claimcheck.claims.pipeline import load_pipeline, parse_sentence
from claimcheck.corpus import load_corpus
from claimcheck.errors import CorpusError
from claimcheck.settings import make_settings
from claimcheck.training.metamorphic import TRANSFORMATIONS, alone
from claimcheck.training.metamorphic.indifferent import SWAPS
from claimcheck.training.metamorphic.inflect import participle, past, present, third_person
from claimcheck.training.metamorphic.pairs import (
    Outcome,
    Pair,
    Place,
    build_pairs,
    measure,
    measure_batches,
    places_of,
    rows_of,
)

WELLNESS = Path(__file__).resolve().parents[2] / "corpora" / "wellness"
BY_NAME = {transformation.name: transformation for transformation in TRANSFORMATIONS}
PAIRS = 200

EDITS = [
    ("Turmeric reduces joint pain.", "hedge-may", "Turmeric may reduce joint pain."),
    ("Turmeric reduces joint pain.", "hedge-appears", "Turmeric appears to reduce joint pain."),
    ("Turmeric reduces joint pain.", "hedge-adverb", "Turmeric possibly reduces joint pain."),
    ("Turmeric reduces joint pain.", "asked", "Does turmeric reduce joint pain?"),
    ("Turmeric reduces joint pain.", "negated", "Turmeric does not reduce joint pain."),
    ("Turmeric reduces joint pain.", "proven-to", "Turmeric is proven to reduce joint pain."),
    (
        "Turmeric reduces joint pain.",
        "clinically-proven-to",
        "Turmeric has been clinically proven to reduce joint pain.",
    ),
    (
        "Turmeric reduces joint pain.",
        "hedge-matrix",
        "It is possible that turmeric reduces joint pain.",
    ),
    (
        "Turmeric reduces joint pain.",
        "limitation-clause",
        "Turmeric reduces joint pain, though the findings have not been replicated.",
    ),
    (
        "Turmeric reduces joint pain.",
        "count-in-brackets",
        "Turmeric reduces joint pain (41 of 60 adults against 27 of 60 given a placebo).",
    ),
    (
        "Turmeric reduces joint pain.",
        "count-as-adjunct",
        "Turmeric reduces joint pain in 41 of 60 adults against 27 of 60 given a placebo.",
    ),
    (
        "The cream soothed eczema within a week.",
        "hedge-may",
        "The cream may have soothed eczema within a week.",
    ),
    (
        "The cream soothed eczema within a week.",
        "hedge-appears",
        "The cream appeared to soothe eczema within a week.",
    ),
    (
        "The cream soothed eczema within a week.",
        "asked",
        "Did the cream soothe eczema within a week?",
    ),
    (
        "The cream soothed eczema within a week.",
        "count-as-adjunct",
        "In 41 of 60 adults, against 27 of 60 given a placebo, the cream soothed eczema within "
        "a week.",
    ),
    ("Magnesium also relieves migraine.", "hedge-may", "Magnesium may also relieve migraine."),
    (
        "Magnesium also relieves migraine.",
        "hedge-appears",
        "Magnesium also seems to relieve migraine.",
    ),
    (
        "Vitamin D supplements prevent colds.",
        "guaranteed-to",
        "Vitamin D supplements are guaranteed to prevent colds.",
    ),
    (
        "Vitamin D supplements prevent colds.",
        "myth",
        "It is a common misconception that vitamin D supplements prevent colds.",
    ),
    (
        "CBD oil eases anxiety.",
        "no-evidence",
        "There is no good evidence that CBD oil eases anxiety.",
    ),
    (
        "Ginger is effective against nausea.",
        "hedge-may",
        "Ginger may be effective against nausea.",
    ),
    (
        "Ginger is effective against nausea.",
        "negated",
        "Ginger is not effective against nausea.",
    ),
    ("Ginger is effective against nausea.", "asked", "Is ginger effective against nausea?"),
    (
        "Ginger is also useful against nausea.",
        "hedge-may",
        "Ginger may also be useful against nausea.",
    ),
    (
        "It's a powerful remedy for insomnia.",
        "hedge-may",
        "It may be a powerful remedy for insomnia.",
    ),
    (
        "It's a powerful remedy for insomnia.",
        "proven-to",
        "It is proven to be a powerful remedy for insomnia.",
    ),
    (
        "The extract soothes heartburn and settles the stomach.",
        "hedge-may",
        "The extract may soothe heartburn and settle the stomach.",
    ),
    (
        "Compression socks can ease swollen legs.",
        "hedge-may",
        "Compression socks may ease swollen legs.",
    ),
    (
        "Compression socks can ease swollen legs.",
        "negated",
        "Compression socks cannot ease swollen legs.",
    ),
    (
        "Studies suggest that beetroot juice lowers blood pressure.",
        "hedge-may",
        "Studies suggest that beetroot juice may lower blood pressure.",
    ),
    ("The mask will clear acne in days!", "hedge-may", "The mask may clear acne in days!"),
    (
        "Walking keeps the blood pressure down.",
        "hedge-may",
        "Walking may keep the blood pressure down.",
    ),
    ("Honey may calm a cough at night.", "drop-modal", "Honey calms a cough at night."),
    (
        "Probiotics might be helpful for bloating.",
        "drop-modal",
        "Probiotics are helpful for bloating.",
    ),
    (
        "The two herbs could help to ease hot flushes.",
        "drop-modal",
        "The two herbs help to ease hot flushes.",
    ),
    (
        "Taking creatine may strengthen and protect ageing muscles.",
        "drop-modal",
        "Taking creatine strengthens and protects ageing muscles.",
    ),
    (
        "Green tea appears to lower cholesterol.",
        "drop-verb-or-adverb",
        "Green tea lowers cholesterol.",
    ),
    (
        "The drops seem to be effective against hay fever.",
        "drop-verb-or-adverb",
        "The drops are effective against hay fever.",
    ),
    ("Yoga is thought to ease back pain.", "drop-verb-or-adverb", "Yoga eases back pain."),
    ("Perhaps zinc shortens colds.", "drop-verb-or-adverb", "Zinc shortens colds."),
    (
        "The capsules have no side effects.",
        "harm-denied-hedged",
        "The capsules might have no side effects.",
    ),
    (
        "The tablets cause nausea in some people.",
        "harm-stated-hedged",
        "The tablets may cause nausea in some people.",
    ),
    ("An ashwagandha tea calms the nerves.", "names-swapped", "A valerian tea calms the nerves."),
    (
        "The clinic’s “vitamin bomb” eases anxiety.",
        "quotes-restyled",
        'The clinic\'s "vitamin bomb" eases anxiety.',
    ),
    ("Zinc shortens a long cold.", "spaces-doubled", "Zinc  shortens  a  long  cold."),
]

QUIET = [
    # What is denied, asked or hedged already cannot be hedged once more.
    ("Turmeric does not reduce joint pain.", "hedge-may"),
    ("Does turmeric reduce joint pain?", "hedge-may"),
    ("There is no evidence that turmeric reduces joint pain.", "hedge-may"),
    ("It is a myth that turmeric reduces joint pain.", "proven-to"),
    ("Honey may calm a cough at night.", "hedge-appears"),
    ("Honey may calm a cough at night.", "proven-to"),
    # One person's story, somebody's words, a figure that was counted.
    ("My rash healed within a week.", "hedge-may"),
    ("In the trial, the drops cut attacks from nine to four a month.", "hedge-may"),
    ("The patch is completely safe.", "hedge-may"),
    ("The tablets cause nausea in some people.", "harm-denied-hedged"),
    # "May" the month, ability in the past, permission.
    ("The clinic opens in May and relieves the waiting list.", "drop-modal"),
    # The subject's number cannot be told.
    ("A handful of almonds may lower cholesterol.", "drop-modal"),
    # Already called proven; coordinates that "does" would have to take apart.
    ("The gel is proven to ease sciatica.", "guaranteed-to"),
    ("The extract soothes heartburn and settles the stomach.", "asked"),
    ("Both remedies work better than sleeping pills.", "negated"),
    # No name of a row, and a name that is half of a longer one.
    ("The balm relieves itching.", "names-swapped"),
    ("A zinc-oxide cream relieves itching.", "names-swapped"),
]


@lru_cache(maxsize=1)
def _analyser() -> Analyser:
    return Analyser()


def _analysis(text: str) -> Analysis:
    return next(_analyser().sentences([text]))


@pytest.mark.parametrize(("text", "name", "expected"), EDITS)
def test_edits_are_right(text: str, name: str, expected: str) -> None:
    assert BY_NAME[name].edit(_analysis(text)) == expected


@pytest.mark.parametrize(("text", "name"), QUIET)
def test_edits_keep_out(text: str, name: str) -> None:
    assert BY_NAME[name].edit(_analysis(text)) is None


def test_there_are_enough_transformations() -> None:
    names = [transformation.name for transformation in TRANSFORMATIONS]
    assert len(names) == len(set(names))
    assert sum(t.direction != "same" for t in TRANSFORMATIONS) >= 12
    assert {t.direction for t in TRANSFORMATIONS} == {"not-up", "not-down", "same"}


def test_an_edit_moves_only_where_one_verb_claims() -> None:
    assert alone(_analysis("Turmeric reduces joint pain."))
    assert alone(_analysis("The extract soothes heartburn and settles the stomach."))
    assert not alone(_analysis("Turmeric eases pain, and ginger relieves nausea."))
    assert not alone(_analysis("The serum definitely reduces wrinkles."))


def test_swapped_names_are_in_the_gazetteer() -> None:
    nlp = load_pipeline()
    for name in (name for row in SWAPS for name in row):
        tokens = parse_sentence(nlp, f"The {name} works.")
        kinds = {m.kind for m in default_gazetteer().match(tokens) if m.first == 1}
        assert "intervention" in kinds, name


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("reduce", ("reduces", "reduced", "reduced")),
        ("carry", ("carries", "carried", "carried")),
        ("stop", ("stops", "stopped", "stopped")),
        ("take", ("takes", "took", "taken")),
        ("have", ("has", "had", "had")),
        ("do", ("does", "did", "done")),
        ("wash", ("washes", "washed", "washed")),
        ("prefer", ("prefers", "preferred", "preferred")),
        ("be", ("is", "was", "been")),
    ],
)
def test_verb_forms(base: str, forms: tuple[str, str, str]) -> None:
    assert (third_person(base), past(base), participle(base)) == forms
    assert present("be", "plural") == "are"


@pytest.fixture(scope="module")
def places() -> tuple[Place, ...]:
    """Dev and test sentences of our own corpus with their neighbours."""
    rows = [row for split in ("dev", "test") for row in load_corpus(WELLNESS / f"{split}.jsonl")]
    return places_of(rows, analyser=_analyser())


@pytest.fixture(scope="module")
def pairs(places: tuple[Place, ...]) -> tuple[Pair, ...]:
    """A sample of the pairs that ``scripts/check_metamorphic.py`` draws."""
    return build_pairs(places, wanted=PAIRS)


def test_pairs_are_even_and_repeatable(places: tuple[Place, ...], pairs: tuple[Pair, ...]) -> None:
    counts = Counter(pair.transformation.name for pair in pairs)
    assert sum(counts.values()) == PAIRS
    assert max(counts.values()) <= PAIRS // 10
    assert len(counts) >= 20
    again = build_pairs(places, wanted=PAIRS)
    assert [pair.text for pair in again] == [pair.text for pair in pairs]


def test_edited_sentences_look_like_sentences(pairs: tuple[Pair, ...]) -> None:
    for pair in pairs:
        text, original = pair.text, pair.place.analysis.text
        assert text != original
        if pair.transformation.direction == "same":
            continue
        assert text[0].isupper() or not original[0].isupper()
        assert not any(slip in text for slip in ("  ", " .", " ,", "..", ",,"))
        assert text[-1] == ("?" if pair.transformation.name == "asked" else original[-1])


def test_a_corpus_too_small_says_so(places: tuple[Place, ...]) -> None:
    with pytest.raises(CorpusError, match="3000 are wanted"):
        build_pairs(places[:50], wanted=3000)


@pytest.fixture
def outcome(pairs: tuple[Pair, ...]) -> Callable[[str, float, float], Outcome]:
    """An outcome of a transformation with made-up scores."""

    def made(name: str, before: float, after: float) -> Outcome:
        return Outcome(replace(pairs[0], transformation=BY_NAME[name]), before, after)

    return made


def test_violations_room_and_moves(outcome: Callable[[str, float, float], Outcome]) -> None:
    assert outcome("hedge-may", 0.50, 0.51).violates
    assert not outcome("hedge-may", 0.50, 0.50).violates
    assert outcome("proven-to", 0.50, 0.49).violates
    assert not outcome("names-swapped", 0.50, 0.52).violates
    assert outcome("names-swapped", 0.50, 0.53).violates
    assert outcome("hedge-may", 0.50, 0.45).moved
    assert not outcome("hedge-may", 0.50, 0.46).moved
    assert not outcome("hedge-may", 0.09, 0.01).room
    assert not outcome("proven-to", 0.95, 0.99).room
    assert outcome("drop-modal", 0.02, 0.30).room
    rows = rows_of([outcome("hedge-may", 0.5, 0.4), outcome("proven-to", 0.5, 0.4)])
    assert [(row.name, row.n, row.violations) for row in rows] == [
        ("hedge-may", 1, 0),
        ("proven-to", 1, 1),
        ("all", 2, 1),
    ]


def test_the_shipped_model_never_goes_the_wrong_way(
    pairs: tuple[Pair, ...], places: tuple[Place, ...]
) -> None:
    checker = Checker(make_settings())
    outcomes = [*measure(checker, pairs), *measure_batches(checker, places[:32])]
    wrong = [
        f"{one.pair.transformation.name}: {one.before:.3f} -> {one.after:.3f} {one.pair.text}"
        for one in outcomes
        # Harm that is denied without a word for it cannot be told from a benefit for sure;
        # the script reports it in a row of its own (docs/limits.md).
        if one.violates and one.pair.transformation.name != "harm-unseen-hedged"
    ]
    assert not wrong, "\n".join(wrong)
