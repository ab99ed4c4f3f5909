"""Sentence alignment: what must hold for any two versions, and never a look-alike."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.scan import alignment
from claimcheck.scan.alignment import (
    CHANGED_CUT,
    CLEAR_MARGIN,
    Pair,
    align,
    normalised,
    similarity,
)

ARTICLE = (
    "Magnesium and sleep: what is known",
    "Many people take magnesium tablets before they go to bed.",
    "A trial at the Harrow clinic gave 46 adults either tablets or a dummy pill for eight weeks.",
    "Those on magnesium fell asleep 17 minutes sooner.",
    "The tablets caused loose stools in nine people.",
    "Nobody has followed such sleepers for longer than a year.",
    "Ask a pharmacist before you combine it with antibiotics.",
)
TEMPLATES = [
    f"Take {number} mg of {drug} every {time}."
    for number in (5, 10, 50)
    for drug in ("zinc", "iron")
    for time in ("morning", "night")
]

few_words = st.lists(
    st.sampled_from("zinc iron may cures colds in adults 5 50".split()), max_size=5
)
any_sentences = st.lists(
    few_words.map(" ".join) | st.sampled_from(TEMPLATES) | st.text(max_size=12), max_size=12
)
lookalikes = st.lists(st.sampled_from(TEMPLATES), max_size=10)


def kinds(pairs: Sequence[Pair]) -> list[tuple[str, int | None, int | None]]:
    return [(pair.kind, pair.old, pair.new) for pair in pairs]


def partners(pairs: Sequence[Pair]) -> dict[int, int]:
    return {p.old: p.new for p in pairs if p.old is not None and p.new is not None}


def distinct(size: int, seed: int = 0) -> list[str]:
    """Sentences that share few words with each other."""
    chance = random.Random(seed)
    return [" ".join(f"w{chance.randrange(50 * size + 50)}" for _ in range(9)) for _ in range(size)]


def longest_common(old: Sequence[str], new: Sequence[str]) -> int:
    """Length of the longest common subsequence, by the textbook's table."""
    row = [0] * (len(new) + 1)
    for one in old:
        before = row[:]
        for j, other in enumerate(new, 1):
            row[j] = before[j - 1] + 1 if one == other else max(before[j], row[j - 1])
    return row[-1]


# ---------------------------------------------------------------------- any two versions


@given(any_sentences, any_sentences)
def test_every_sentence_has_exactly_one_pair(old: list[str], new: list[str]) -> None:
    pairs = align(old, new)
    assert sorted(p.old for p in pairs if p.old is not None) == list(range(len(old)))
    assert sorted(p.new for p in pairs if p.new is not None) == list(range(len(new)))


@given(any_sentences, any_sentences)
def test_kinds_mean_what_they_say(old: list[str], new: list[str]) -> None:
    for pair in align(old, new):
        assert (pair.old is None) == (pair.kind == "added")
        assert (pair.new is None) == (pair.kind == "removed")
        if pair.old is None or pair.new is None:
            assert pair.similarity == 0
            continue
        one, other = old[pair.old], new[pair.new]
        if pair.kind == "changed":
            assert normalised(one) != normalised(other)
            assert pair.similarity == similarity(one, other) >= CHANGED_CUT
        else:
            assert normalised(one) == normalised(other)
            assert pair.similarity == 1
        if pair.kind == "moved":
            assert [normalised(s) for s in old].count(normalised(one)) == 1
            assert [normalised(s) for s in new].count(normalised(one)) == 1


@given(any_sentences | lookalikes, any_sentences | lookalikes)
def test_pairs_in_place_never_cross(old: list[str], new: list[str]) -> None:
    placed = [(p.old, p.new) for p in align(old, new) if p.kind in ("same", "changed")]
    assert placed == sorted(placed)
    assert [new for _, new in placed] == sorted(new for _, new in placed)


@given(any_sentences | lookalikes, any_sentences | lookalikes)
def test_as_many_are_the_same_as_can_be(old: list[str], new: list[str]) -> None:
    same = sum(pair.kind == "same" for pair in align(old, new))
    assert same == longest_common([normalised(s) for s in old], [normalised(s) for s in new])


@given(any_sentences)
def test_a_text_is_the_same_as_itself(sentences: list[str]) -> None:
    assert kinds(align(sentences, sentences)) == [("same", i, i) for i in range(len(sentences))]


@given(any_sentences, any_sentences)
def test_pairs_are_in_reading_order_and_always_the_same(old: list[str], new: list[str]) -> None:
    pairs = align(old, new)
    present = [pair.new for pair in pairs if pair.new is not None]
    assert present == sorted(present)
    removed = [pair.old for pair in pairs if pair.kind == "removed"]
    assert removed == sorted(removed)
    assert align(old, new) == pairs


# ---------------------------------------------------------------------- edits whose truth is known


@given(st.integers(0, 12), st.sets(st.integers(0, 11)), st.integers(0, 99))
def test_deletion(size: int, gone: set[int], seed: int) -> None:
    old = distinct(size, seed)
    kept = [i for i in range(size) if i not in gone]
    pairs = align(old, [old[i] for i in kept])
    assert partners(pairs) == {i: n for n, i in enumerate(kept)}
    assert {p.kind for p in pairs} <= {"same", "removed"}


@given(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=5), st.integers(0, 99))
def test_insertion(size: int, places: list[int], seed: int) -> None:
    old = distinct(size, seed)
    new = list(old)
    for number, place in enumerate(places):
        new.insert(place, f"inserted sentence number n{number} in {place}")
    pairs = align(old, new)
    assert partners(pairs) == {i: new.index(one) for i, one in enumerate(old)}
    assert Counter(p.kind for p in pairs) == Counter({"same": size, "added": len(places)})


@given(st.integers(1, 12), st.sets(st.integers(0, 11)), st.integers(0, 99))
def test_rewording_in_place(size: int, edited: set[int], seed: int) -> None:
    old = distinct(size, seed)
    new = [
        one.replace(one.split()[2], "may perhaps") if i in edited else one
        for i, one in enumerate(old)
    ]
    pairs = align(old, new)
    assert partners(pairs) == {i: i for i in range(size)}
    assert all(pair.kind == ("changed" if pair.old in edited else "same") for pair in pairs)


@given(st.integers(2, 12), st.data(), st.integers(0, 99))
def test_swap(size: int, data: st.DataObject, seed: int) -> None:
    old = distinct(size, seed)
    one, other = data.draw(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)))
    new = list(old)
    new[one], new[other] = new[other], new[one]
    pairs = align(old, new)
    assert partners(pairs) == {i: new.index(sentence) for i, sentence in enumerate(old)}
    assert {p.kind for p in pairs} <= {"same", "moved"}


def test_all_kinds_at_once() -> None:
    new = list(ARTICLE)
    new[3] = "Those on magnesium may have fallen asleep 17 minutes sooner."
    new.insert(2, "Doctors seldom advise against it.")
    new.append(new.pop(1))
    del new[new.index(ARTICLE[5])]
    assert kinds(align(ARTICLE, new)) == [
        ("same", 0, 0),
        ("added", None, 1),
        ("same", 2, 2),
        ("changed", 3, 3),
        ("same", 4, 4),
        ("removed", 5, None),
        ("same", 6, 5),
        ("moved", 1, 6),
    ]


# ---------------------------------------------------------------------- duplicates


def test_duplicates_are_told_apart_by_position() -> None:
    old = ["Zinc.", "Read more.", "Iron.", "Read more.", "Copper.", "Read more."]
    new = ["Zinc.", "Read more.", "Copper.", "Read more."]
    assert partners(align(old, new)) == {0: 0, 1: 1, 4: 2, 5: 3}


def test_what_occurs_twice_has_not_moved() -> None:
    old = ["It cures colds.", "Zinc.", "It cures colds.", "Iron and steel.", "Copper pans."]
    new = ["Zinc.", "It cures colds.", "Iron and steel.", "Copper pans.", "It cures colds."]
    assert kinds(align(old, new)) == [
        ("removed", 0, None),
        ("same", 1, 0),
        ("same", 2, 1),
        ("same", 3, 2),
        ("same", 4, 3),
        ("added", None, 4),
    ]


@given(st.integers(0, 9), st.integers(0, 9))
def test_copies_are_never_paired_two_to_one(before: int, after: int) -> None:
    pairs = align(["Book now."] * before, ["Book now."] * after)
    found = Counter(pair.kind for pair in pairs)
    assert found["same"] == min(before, after)
    assert found["removed"] == max(0, before - after)
    assert found["added"] == max(0, after - before)
    assert found["changed"] == found["moved"] == 0


def test_too_many_copies_are_matched_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    old = ["Book now.", *(f"Offer {n}." for n in range(3)), "Book now.", "End."]
    new = ["Top.", "Book now.", "Offer 1.", "Book now.", "End.", "Foot."]
    wanted = {0: 1, 2: 2, 4: 3, 5: 4}
    assert partners(align(old, new)) == wanted
    monkeypatch.setattr(alignment, "MOST_MATCHES", 3)
    assert partners(align(old, new)) == wanted


# ---------------------------------------------------------------------- look-alikes

NEIGHBOURS = ("The clinic opened in May.", "Nurses answer the telephone until noon.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Take 5 mg of zinc every night.", "Take 50 mg of zinc every night."),
        ("Zinc cures colds in most adults.", "Iron cures colds in most adults."),
        ("In women it eased the pain.", "In children it eased the pain."),
    ],
    ids=["number", "drug", "people"],
)
class TestLookalike:
    """The same sentence with another number, drug or group of people."""

    def test_in_place_it_is_changed(self, one: str, other: str) -> None:
        pairs = align([NEIGHBOURS[0], one, NEIGHBOURS[1]], [NEIGHBOURS[0], other, NEIGHBOURS[1]])
        assert kinds(pairs)[1] == ("changed", 1, 1)

    def test_across_another_sentence_it_is_not(self, one: str, other: str) -> None:
        for old, new in (
            ([one, *NEIGHBOURS], [*NEIGHBOURS, other]),
            ([NEIGHBOURS[0], one, NEIGHBOURS[1]], [other, *NEIGHBOURS]),
        ):
            pairs = align(old, new)
            assert Counter(p.kind for p in pairs) == {"same": 2, "removed": 1, "added": 1}

    def test_beside_the_sentence_itself_it_is_added(self, one: str, other: str) -> None:
        for new in ([other, one], [one, other]):
            assert partners(align([one], new)) == {0: new.index(one)}

    def test_two_candidates_without_a_clear_margin(self, one: str, other: str) -> None:
        third = other.replace("eased", "dulled").replace("cures", "stops").replace("every", "each")
        assert partners(align([NEIGHBOURS[0], one], [NEIGHBOURS[0], other, third])) in (
            {0: 0},  # either is as like
            {0: 0, 1: 1},  # the first is clearly more alike
        )
        assert partners(align([one], [other, other])) == {}


def test_the_true_partner_in_the_gap_beats_a_lookalike() -> None:
    old = ["Zinc cures colds in most adults who take it early.", "End of page."]
    new = [
        "Iron helps athletes in most clubs who take it early.",
        "Zinc may ease colds in most adults who take it early.",
        "End of page.",
    ]
    assert partners(align(old, new)) == {0: 1, 1: 2}


def test_what_is_more_alike_elsewhere_is_not_changed_in_place() -> None:
    """The old sentence went down the page; what stands in its place is another one."""
    zinc = "Zinc cures colds in most healthy adults within days."
    old = [zinc, "The clinic opened in May.", "End of page."]
    new = [
        "Iron cures anaemia in most healthy adults within weeks.",
        "The clinic opened in May.",
        "Zinc cures colds in most healthy adults within a week.",
        "End of page.",
    ]
    assert similarity(zinc, new[0]) >= CHANGED_CUT
    assert partners(align(old, new)) == {1: 1, 2: 3}


def test_two_list_items_edited_in_place() -> None:
    """As alike elsewhere as here: the place decides."""
    old = ["Take 5 mg of zinc.", "The clinic opened in May.", "Take 10 mg of zinc."]
    new = ["Take 6 mg of zinc.", "The clinic opened in May.", "Take 12 mg of zinc."]
    assert kinds(align(old, new)) == [("changed", 0, 0), ("same", 1, 1), ("changed", 2, 2)]


@given(lookalikes, lookalikes)
def test_lookalikes_change_in_place_only(old: list[str], new: list[str]) -> None:
    pairs = align(old, new)
    same = [(p.old, p.new) for p in pairs if p.kind == "same"]
    for pair in pairs:
        if pair.kind != "changed":
            continue
        assert pair.old is not None
        assert pair.new is not None
        before = [(i, j) for i, j in same if i < pair.old]
        assert before == [(i, j) for i, j in same if j < pair.new]
        # Nothing else between the two neighbours comes near.
        left = {p.new for p in pairs if p.kind in ("added", "changed")}
        for j in left - {pair.new}:
            if sum(n < j for _, n in same) == len(before):
                rival = similarity(old[pair.old], new[j])
                assert pair.similarity - rival >= CLEAR_MARGIN - 1e-9


# ---------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It isn’t  “safe”.", 'It isn\'t\n"safe".'),
        ("hypo\u00adglycaemia\u200b", "hypoglycaemia"),
        ("caffe\u0300", "caff\u00e8"),
        ("\u00a0low\u2011fat ", "low-fat"),
    ],
    ids=["quotes", "invisible", "accents", "blanks"],
)
def test_shape_does_not_count(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is it safe?", "Is it safe."),
        ("It took 1.5 g.", "It took 15 g."),
        ("It took 10² units.", "It took 102 units."),
        ("p < 0.05", "p > 0.05"),
        ("an AIDS clinic", "an aids clinic"),
    ],
    ids=["question", "point", "power", "sign", "case"],
)
def test_meaning_counts(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_similarity_is_a_share_of_words() -> None:
    assert similarity("Zinc cures colds.", "Iron cures colds!") == pytest.approx(2 / 3)
    assert similarity("zinc zinc zinc", "Zinc") == pytest.approx(0.5)
    assert similarity("1.5 mg", "15 mg") == pytest.approx(0.5)
    assert similarity("…", "…") == 0


def test_pair_as_json() -> None:
    pair = Pair("changed", 3, 4, 5 / 6)
    assert json.loads(json.dumps(pair.to_json_dict())) == {
        "kind": "changed",
        "old": 3,
        "new": 4,
        "similarity": 0.8333,
    }


# ---------------------------------------------------------------------- long articles

LONG = 5000


def cases() -> dict[str, tuple[list[str], list[str]]]:
    text = distinct(LONG)
    return {
        "reversed": (text, text[::-1]),
        "rewritten": (text, distinct(LONG, seed=1)),
        "one word in two": (text, [s if i % 2 else f"{s} now" for i, s in enumerate(text)]),
        "copies": (["Book now."] * LONG, ["Top."] + ["Book now."] * (LONG - 1) + ["Foot."]),
        "template": (
            [f"Take {n} mg of zinc." if n % 2 else s for n, s in enumerate(text)],
            [f"Take {n + LONG} mg of zinc." if n % 2 else s for n, s in enumerate(text)],
        ),
    }


@pytest.mark.parametrize("name", list(cases()))
def test_five_thousand_sentences_take_seconds_at_most(name: str) -> None:
    old, new = cases()[name]
    began = time.process_time()
    pairs = align(old, new)
    # Measured 0.05 to 1.1 s; the naive way takes minutes.
    assert time.process_time() - began < 15
    assert len(pairs) + len(partners(pairs)) == len(old) + len(new)


def test_a_gap_that_is_too_large_pairs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    old = distinct(4)
    new = [f"{one} now" for one in old]
    assert partners(align(old, new)) == {0: 0, 1: 1, 2: 2, 3: 3}
    monkeypatch.setattr(alignment, "LARGEST_GAP", 15)
    assert partners(align(old, new)) == {}


def test_when_the_comparisons_are_used_up_nothing_is_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = ["Take 5 mg of zinc.", "The clinic opened in May.", "Take 10 mg of zinc."]
    new = ["Take 6 mg of zinc.", "The clinic opened in May.", "Take 12 mg of zinc."]
    monkeypatch.setattr(alignment, "MOST_COMPARISONS", 1)
    assert partners(align(old, new)) == {1: 1}
