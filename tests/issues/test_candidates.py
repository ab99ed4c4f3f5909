"""Contexts and candidates: neighbours, support, evidence, the rules for several issues."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.claims import Analyser, Analysis
from claimcheck.issues import Candidate, Context, load_catalogue, propose
from claimcheck.issues.candidates import asserted, bearing, live, span_of

Found = Callable[..., dict[str, Candidate]]


def test_a_neighbour_is_not_sought_across_a_heading(
    article_of: Callable[[str], tuple[Analysis, ...]],
) -> None:
    analyses = article_of("# Sleep\n\nHops ease sleep.\n\n## Skin\n\nOats soothe skin.")
    last = Context(analyses, len(analyses) - 1)
    assert last.sentence.text == "Oats soothe skin."
    assert last.at(-2) is None
    assert last.at(1) is None


def test_support_is_joined_within_the_window(context_of: Callable[..., Context]) -> None:
    text = (
        "Hops ease sleep. Of 40 sleepers, 22 slept better, against 12 of 40 on placebo. "
        "The tea is cheap."
    )
    assert not context_of(text).support(0, 0).absolute
    assert context_of(text).support(0, 1).absolute
    assert context_of(text, 2).support(1, 0).absolute


def test_what_is_asked_or_denied_is_not_asserted(analyser: Analyser) -> None:
    plain, asked, denied = analyser.sentences(
        ["Sage reduces sweating.", "Does sage reduce sweating?", "Sage does not reduce sweating."]
    )
    assert any(asserted(claim) for claim in plain.claims)
    assert not any(asserted(claim) for claim in (*asked.claims, *denied.claims))
    assert not live(asked, None)


def test_bearing_names_the_claim_of_a_cue(analyser: Analyser) -> None:
    text = "Sage reduces sweating, but mint dramatically reduces pain."
    analysis = next(analyser.sentences([text]))
    places = [index for index, _ in bearing(analysis, "magnitude-vague")]
    assert places
    assert set(places) <= {None, *range(len(analysis.claims))}


def test_evidence_inside_other_evidence_is_left_out(analyser: Analyser) -> None:
    analysis = next(analyser.sentences(["It is a revolutionary breakthrough for gout."]))
    spans = span_of(analysis.cues)
    for first in spans:
        assert not any(o != first and o[0] <= first[0] and first[1] <= o[1] for o in spans)


def test_candidates_stand_in_display_order_and_once_each(found: Found) -> None:
    text = (
        "This miracle tea cures gout, has no side effects and works better than any pill, "
        "experts say."
    )
    names = list(found(text))
    order = [load_catalogue().order(name) for name in names]
    assert order == sorted(order)
    assert len(set(names)) == len(names)


def test_a_cure_swallows_the_absolute_beside_it(found: Found) -> None:
    names = found("The drops are guaranteed to cure gout.")
    assert "cure" in names
    assert "absolute" not in names


def test_nature_swallows_harm_played_down_but_not_harm_denied(found: Found) -> None:
    assert "minimised-harm" not in found("Because it is herbal, the tonic is gentle on you.")
    denied = found("Because it is herbal, the tonic has no side effects.")
    assert {"natural-fallacy", "minimised-harm"} <= set(denied)


def test_a_bare_assertion_is_the_last_resort(found: Found) -> None:
    assert set(found("Sage reduces sweating.")) == {"bare-assertion"}
    assert "bare-assertion" not in found("Sage has no side effects.")


def test_the_weaker_ground_is_asked_only_when_nothing_else_is_found(found: Found) -> None:
    assert set(found("Sage plays a role in healthy sleep.")) == {"bare-assertion"}
    assert found("Sage seems to reduce sweating.") == {}
    assert found("Sage may reduce sweating.") == {}
    assert found("Sage is a shrub with grey leaves.") == {}


@pytest.mark.parametrize(
    "text",
    [
        "Is sage safe?",
        "Sage has not been shown to reduce sweating.",
        "It is a myth that sage cures gout.",
        "The clinic opens at nine.",
        "",
    ],
)
def test_nothing_is_proposed_where_nothing_is_claimed(analyser: Analyser, text: str) -> None:
    analyses = tuple(analyser.sentences([text] if text else ["."]))
    assert propose(Context(analyses, 0)) == ()


@settings(max_examples=40)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_evidence_always_lies_in_the_sentence(analyser: Analyser, text: str) -> None:
    sentence = f"Sage {text} cures gout and has no side effects."
    for analysis in analyser.sentences([sentence]):
        for candidate in propose(Context((analysis,), 0)):
            assert candidate.evidence
            for start, end in candidate.evidence:
                assert analysis.start <= start < end <= analysis.end
