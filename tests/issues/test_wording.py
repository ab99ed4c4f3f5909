"""Frames: their own sentences, and what makes a file of them wrong."""

from __future__ import annotations

import pytest

from claimcheck.claims import Analyser
from claimcheck.errors import LexiconError
from claimcheck.issues.wording import FRAME_CLASSES, default_frames, hits, parse_frames

GROUP = """
[[frame]]
class = "{name}"
patterns = ["{pattern}"]
unless = []
fires = ["A sentence."]
quiet = ["Another."]
"""


def test_frames_fire_and_keep_quiet_as_they_say(analyser: Analyser) -> None:
    cases = [
        (frame, text, wanted)
        for frame in default_frames()
        for wanted in (True, False)
        for text in (frame.fires if wanted else frame.quiet)
    ]
    wrong = [
        (frame.cue_class, text)
        for (frame, text, wanted), analysis in zip(
            cases, analyser.sentences([text for _, text, _ in cases]), strict=True
        )
        if wanted != any(".frame-" in cue.id for cue in hits(analysis, frame.cue_class))
    ]
    assert wrong == []


def test_every_class_of_this_room_has_frames() -> None:
    assert {frame.cue_class for frame in default_frames()} >= FRAME_CLASSES


def test_hits_joins_cues_and_frames_in_text_order(analyser: Analyser) -> None:
    text = "It is a miracle, the first of its kind, and it holds great promise for gout."
    analysis = next(analyser.sentences([text]))
    found = hits(analysis, "hype-hyperbolic", "novelty", "promise")
    assert [cue.start for cue in found] == sorted(cue.start for cue in found)
    assert {cue.cue_class for cue in found} >= {"hype-hyperbolic", "novelty", "promise"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[frame", "not TOML"),
        (GROUP.format(name="gossip", pattern="so they say"), "unknown frame class 'gossip'"),
        (GROUP.format(name="praise", pattern="{3} say"), "begins or ends"),
        (GROUP.format(name="praise", pattern="so") + "note = 1", "unknown"),
        ('[[frame]]\nclass = "praise"', "lacking"),
    ],
)
def test_a_broken_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        parse_frames(text, where="here")
