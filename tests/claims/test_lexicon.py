"""The pattern language, the reading of files, and every entry on its own sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from claimcheck.claims import Analyser
from claimcheck.claims.gazetteer import default_gazetteer
from claimcheck.claims.lexicon import (
    CUE_CLASSES,
    Lexicon,
    LexiconEntry,
    check_entries,
    compile_pattern,
    default_lexicon,
    lexicon_files,
    load_lexicon,
    marks_of,
)
from claimcheck.claims.pipeline import load_pipeline, parse_sentence
from claimcheck.errors import LexiconError

FILES = lexicon_files()


def entry(
    pattern: str, *, name: str = "minimiser.test", unless: tuple[str, ...] = ()
) -> LexiconEntry:
    return LexiconEntry(
        name,
        name.partition(".")[0],
        compile_pattern(pattern),
        None,
        tuple(compile_pattern(other) for other in unless),
        ("yes",),
        ("no",),
    )


def found(text: str, *entries: LexiconEntry) -> list[str]:
    """The words that the entries match in a sentence."""
    tokens = parse_sentence(load_pipeline(), text)
    matches = Lexicon.of(entries).match(tokens, marks_of(default_gazetteer().match(tokens)))
    return [text[match.start : match.end] for match in matches]


def row(**changes: Any) -> dict[str, Any]:
    data = {
        "id": "minimiser.test",
        "pattern": "barely a tickle",
        "level": None,
        "unless": [],
        "fires": ["It is barely a tickle."],
        "quiet": ["It is a tickle."],
    }
    return {key: value for key, value in (data | changes).items() if value != "left out"}


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "house.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- our files


def test_every_class_has_a_file_and_every_file_a_class() -> None:
    assert {path.stem for path in FILES} == CUE_CLASSES


def test_the_lexicon_is_small_enough_to_review() -> None:
    assert 900 <= len(default_lexicon().entries) <= 1300


def test_no_sentence_stands_in_two_entries() -> None:
    sentences = [text for one in default_lexicon().entries for text in (*one.fires, *one.quiet)]
    assert sorted({text for text in sentences if sentences.count(text) > 1}) == []


def test_no_entry_has_a_pattern_of_another_in_its_class() -> None:
    keys = [(one.cue_class, one.pattern.source) for one in default_lexicon().entries]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_entries_hold_on_their_own_sentences(path: Path) -> None:
    entries = load_lexicon(path)
    assert {one.cue_class for one in entries} == {path.stem}
    assert check_entries(entries) == []


def test_check_entries_reports_each_kind_of_fault() -> None:
    wrong = LexiconEntry(
        "minimiser.wrong", "minimiser", compile_pattern("tickle~"), None, (),
        ("It stings.",), ("It tickles.",),
    )  # fmt: skip
    again = LexiconEntry(
        "minimiser.again", "minimiser", compile_pattern("sting~"), None, (),
        ("It stings.",), ("It itches.",),
    )  # fmt: skip
    faults = check_entries([wrong, again])
    assert len(faults) == 3
    assert any("minimiser.again: sentence also used by minimiser.wrong" in one for one in faults)
    assert any("does not fire in: It stings." in one for one in faults)
    assert any("fires in: It tickles." in one for one in faults)


# --- terms


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("mild", "Any soreness is Mild at most.", ["Mild"]),
        ("mild", "Any soreness is milder.", []),
        ("show~", "Two audits showed a rise and one shows none.", ["showed", "shows"]),
        ("drug|pill~ works", "The pill works.", ["pill works"]),
        ("drug|pill~ works", "The drugs works.", []),
        ("may:AUX", "It may help in May.", ["may"]),
        (
            "lose # pounds",
            "You lose ten pounds, or lose 12 pounds.",
            ["lose ten pounds", "lose 12 pounds"],
        ),
        ("lose # pounds", "You lose a few pounds.", []),
        (
            "## volunteers",
            "It had 11 volunteers and then twelve volunteers.",
            ["11 volunteers", "twelve volunteers"],
        ),
        ("## volunteers", "It had 412 volunteers.", []),
        ("in ####", "It was published in 2019 in full.", ["in 2019"]),
        ("in ####", "It was found in 412 people.", []),
        ("treat~ <condition>", "The lamp treats psoriasis.", ["treats psoriasis"]),
        ("treat~ <condition>", "The lamp treats visitors.", []),
        ("no known? risk", "There is no risk, and no known risk.", ["no risk", "no known risk"]),
        ("no * risk", "There is no real risk.", ["no real risk"]),
        ("no * risk", "There is no risk.", []),
        (
            "no {2} risk",
            "There is no risk and no very great risk.",
            ["no risk", "no very great risk"],
        ),
        ("no {2} risk", "There is no very great lasting risk.", []),
        ("do n't worry", "Don’t worry about it.", ["Don’t worry"]),
    ],
)
def test_terms(pattern: str, text: str, expected: list[str]) -> None:
    assert found(text, entry(pattern)) == expected


@pytest.mark.parametrize("mark", [";", ":", ".", "!", "?"])
def test_a_gap_stops_at_a_clause_boundary(mark: str) -> None:
    assert found("There is no charge, only risk.", entry("no {5} risk"))
    assert not found(f"There is no charge {mark} only risk.", entry("no {5} risk"))


def test_the_longest_match_of_a_class_wins() -> None:
    short, long = entry("side effects"), entry("no side effects", name="minimiser.long")
    other = entry("effects", name="harm-term.other")
    assert found("It has no side effects.", short, long) == ["no side effects"]
    assert found("It has no side effects.", short, long, other) == ["no side effects", "effects"]


def test_unless_cancels_an_overlapping_match_only() -> None:
    safe = entry("safe", unless=("not {2} safe",))
    assert found("It is safe.", safe) == ["safe"]
    assert found("It is not very safe.", safe) == []
    assert found("It is not free, but it is perfectly and always safe.", safe) == ["safe"]


# --- errors


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "names no word"),
        ("{2}", "names no word"),
        ("* effects", "begins or ends"),
        ("effects {2}", "begins or ends"),
        ("known? effects", "begins or ends"),
        ("effects known?", "begins or ends"),
        ("effects|# known", "inside an alternation"),
        ("effects|* known", "inside an alternation"),
        ("effects|{2} known", "inside an alternation"),
        ("effects|harms?|risks known", "inside an alternation"),
        ("effects|## known", "inside an alternation"),
        ("may:MODAL", "part of speech"),
        ("<disease>", "is none of"),
        ("Effects", "lower-case"),
        ("effects||harms", "lower-case"),
    ],
)
def test_patterns_that_are_refused(pattern: str, message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pattern": "known? effects"}, "begins or ends"),
        ({"unless": ["# {2}"]}, "names no word"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"fires": []}, "a sentence that fires and one that is quiet"),
        ({"quiet": []}, "a sentence that fires and one that is quiet"),
        ({"quiet": "left out"}, "needs id, pattern, fires and quiet"),
        ({"id": "minimizer.test"}, "known class: ability, advice"),
        ({"id": "minimiser"}, "'<class>.<slug>'"),
        ({"level": 3}, "takes no level"),
        ({"id": "hedge-modal.test"}, "needs a level from 0 to 6"),
        ({"id": "design.test", "level": 0}, "needs a level from 1 to 9"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, changes: Any, message: str) -> None:
    path = written(tmp_path, row(id="minimiser.first"), "", row(**changes))
    with pytest.raises(LexiconError) as caught:
        load_lexicon(path)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(("line", "message"), [("{", "not JSON"), ("[1]", "a JSON object")])
def test_lines_that_are_no_entries(tmp_path: Path, line: str, message: str) -> None:
    path = written(tmp_path, line)
    with pytest.raises(LexiconError, match=message) as caught:
        load_lexicon(path)
    assert str(caught.value).startswith(f"{path}:1: ")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="cannot be read"):
        load_lexicon(tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "caf\xe9"}\n')
    with pytest.raises(LexiconError, match="cannot be read"):
        load_lexicon(tmp_path / "latin.jsonl")


# --- a user's lexicon


def test_a_user_lexicon_adds_cues(tmp_path: Path) -> None:
    ours = default_lexicon()
    (extra,) = load_lexicon(written(tmp_path, row(pattern="barely a tickle~")))
    merged = Lexicon.of([*ours.entries, extra])
    text = "Most people feel barely a tickle."
    analysis = next(iter(Analyser(lexicon=merged).sentences([text])))
    assert "minimiser.test" in {cue.id for cue in analysis.cues}
    assert merged.sha256 != ours.sha256


def test_a_user_lexicon_may_not_repeat_our_ids(tmp_path: Path) -> None:
    taken = next(one for one in default_lexicon().entries if one.cue_class == "minimiser")
    found = load_lexicon(written(tmp_path, row(id=taken.id)))
    with pytest.raises(LexiconError, match="stands twice"):
        Lexicon.of([*default_lexicon().entries, *found])
