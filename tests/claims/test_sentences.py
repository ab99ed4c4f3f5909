"""Splitting text into the units that are judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.claims.sentences import split_text, units_of
from claimcheck.records import Article, Block

SPLITS = [
    ("One sentence without a stop", ["One sentence without a stop"]),
    ("It works. It is cheap.", ["It works.", "It is cheap."]),
    ("Dr. Osei runs the clinic. He is kind.", ["Dr. Osei runs the clinic.", "He is kind."]),
    ("The dose was 2.5 mg. Nobody fell ill.", ["The dose was 2.5 mg.", "Nobody fell ill."]),
    ("Scores fell by 3.4 points.", ["Scores fell by 3.4 points."]),
    ("Foods such as nuts, seeds, etc. are fine.", ["Foods such as nuts, seeds, etc. are fine."]),
    ("See fig. 3 and vol. 2 for more.", ["See fig. 3 and vol. 2 for more."]),
    ("It helps, e.g. Parkinson's patients.", ["It helps, e.g. Parkinson's patients."]),
    ("J. R. Alvarez led it. She is proud.", ["J. R. Alvarez led it.", "She is proud."]),
    ("She takes vitamin B. It helps her.", ["She takes vitamin B.", "It helps her."]),
    ("Open from 9 a.m. to 5 p.m. daily.", ["Open from 9 a.m. to 5 p.m. daily."]),
    (
        "The U.S. Food and Drug Administration said no.",
        ["The U.S. Food and Drug Administration said no."],
    ),
    ("He lives in the U.S. She does not.", ["He lives in the U.S.", "She does not."]),
    ("Does it work? Yes! Try it.", ["Does it work?", "Yes!", "Try it."]),
    ("“Does it work?” he asked.", ["“Does it work?” he asked."]),
    ("“It works.” She smiled.", ["“It works.”", "She smiled."]),
    ('"It works." She smiled.', ['"It works."', "She smiled."]),
    ("(It may not.) Ask first.", ["(It may not.)", "Ask first."]),
    ("It helps… or so they say.", ["It helps… or so they say."]),
    ("It helps... Perhaps not.", ["It helps...", "Perhaps not."]),
    ("Sales rose. mRNA vaccines help.", ["Sales rose.", "mRNA vaccines help."]),
    ("Take No. 5 twice a day.", ["Take No. 5 twice a day."]),
    ("He said no. Then he left.", ["He said no.", "Then he left."]),
    ("1. Take the tablets with food.", ["1. Take the tablets with food."]),
    ("The oil\neases pain. It is\ncheap.", ["The oil\neases pain.", "It is\ncheap."]),
    ("Smith et al. found a link.", ["Smith et al. found a link."]),
    ("Made by Herbex Ltd. in Leeds.", ["Made by Herbex Ltd. in Leeds."]),
    ("", []),
    ("   \n ", []),
]


@pytest.mark.parametrize(("text", "expected"), SPLITS)
def test_splits(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_text(text)] == expected


def _article(*blocks: tuple[str, str]) -> Article:
    text, records, place = "", [], 0
    for kind, words in blocks:
        if text:
            text += "\n\n"
        place = len(text)
        text += words
        level = 2 if kind == "heading" else None
        records.append(Block.model_validate(
            {"kind": kind, "level": level, "start": place, "end": place + len(words)}
        ))  # fmt: skip
    return Article(text=text, blocks=tuple(records))


def test_headings_and_list_items_are_units_and_tables_are_not() -> None:
    article = _article(
        ("title", "Oats. The truth"),
        ("heading", "Oats lower cholesterol"),
        ("list-item", "Calms the gut"),
        ("table", "Oats | 3 mg"),
        ("paragraph", "It is true. Is it?"),
    )
    units = list(units_of(article))
    assert [article.text[unit.start : unit.end] for unit in units] == [
        "Oats. The truth", "Oats lower cholesterol", "Calms the gut", "It is true.", "Is it?",
    ]  # fmt: skip
    assert [unit.block for unit in units] == [0, 1, 2, 4, 4]
    assert units[1].level == 2


@given(st.text(max_size=300))
def test_spans_cover_all_visible_text_in_order(text: str) -> None:
    spans = list(split_text(text))
    place = 0
    for start, end in spans:
        assert place <= start < end <= len(text)
        assert not text[place:start].strip()
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        place = end
    assert not text[place:].strip()


@given(st.lists(st.sampled_from(["It works.", "Dr. Ho agrees.", "Does it?", "No"]), max_size=5))
def test_splitting_is_deterministic(parts: list[str]) -> None:
    text = " ".join(parts)
    assert list(split_text(text)) == list(split_text(text))
