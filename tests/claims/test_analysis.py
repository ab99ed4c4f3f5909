"""Properties of the analysis of arbitrary text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimcheck.claims import Analyser, Analysis, analyse
from claimcheck.records import Article, Block

ANALYSER = Analyser()
PIECES = st.sampled_from(
    [
        "Turmeric", "may", "cures", "does not", "cancer", "“", "”", '"', "’", "?", ".", ",",
        "no evidence that", "Myth:", "studies show", "which", "and", "but", "if", "whether",
        "side effects", "no", "in mice", "3 of 40", "than", "as good as", "to", "help", "–", "\n",
        "of", "people", "dramatically", "é", "😀", "Lose 5 kg a week", "can", "it", "is", "(", ")",
    ]
)  # fmt: skip
WORDY = st.lists(PIECES, max_size=14).map(" ".join)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _check(analysis: Analysis, text: str) -> None:
    for claim in analysis.claims:
        assert 0 <= claim.start < claim.end <= len(text)
        assert 0 <= claim.level <= 6
        assert 0 <= claim.predicate < len(analysis.tokens)
        for _, span in claim.slots:
            assert span is None or 0 <= span[0] < span[1] <= len(text)
        for cue, _ in claim.cues:
            assert cue in analysis.cues
    starts = [(claim.start, claim.end) for claim in analysis.claims]
    assert starts == sorted(starts)
    for cue in analysis.cues:
        assert analysis.text[cue.start : cue.end].strip()
        assert cue.first <= cue.anchor < cue.last


@SLOW
@given(st.one_of(WORDY, st.text(max_size=160)))
def test_any_text_is_analysed(text: str) -> None:
    (analysis,) = ANALYSER.sentences([text])
    assert analysis.text == text
    _check(analysis, text)


@SLOW
@given(WORDY, WORDY)
def test_a_neighbour_changes_nothing(text: str, other: str) -> None:
    alone = next(ANALYSER.sentences([text]))
    _, among, _ = ANALYSER.sentences([other, text, other])
    assert among == alone


def test_an_article_is_analysed_in_text_order() -> None:
    text = "Honey heals\n\nHoney may ease coughs. Does it? No."
    blocks = (
        Block(kind="heading", level=2, start=0, end=11),
        Block(kind="paragraph", start=13, end=len(text)),
    )
    found = analyse(Article(text=text, blocks=blocks))
    assert [text[one.start : one.end] for one in found] == [
        "Honey heals", "Honey may ease coughs.", "Does it?", "No.",
    ]  # fmt: skip
    assert found[0].heading
    assert not found[1].heading
    assert found[2].question
    assert found == analyse(Article(text=text, blocks=blocks))


def test_words_gives_the_text_of_tokens() -> None:
    (analysis,) = ANALYSER.sentences(["Honey may ease coughs."])
    assert analysis.words(1, 3) == "may ease"
