"""Features: their order, their masks, and what a hedge may touch."""

from __future__ import annotations

import numpy as np

from claimcheck.claims import Analyser
from claimcheck.claims.lexicon import CUE_CLASSES
from claimcheck.issues import load_catalogue
from claimcheck.judge import FEATURE_NAMES, ISSUE_NAMES, dense_vector, word_view
from claimcheck.judge.encoder import FAMILY_OF, HEAD_SIZES
from claimcheck.judge.features import MODIFIER_NAMES, MODIFIER_SIGNS, Case, modifier_vector


def dense(text: str, issues: tuple[str, ...] = ()) -> dict[str, float]:
    (one,) = Analyser().sentences([text])
    vector = dense_vector(Case(one, None, None, issues, frozenset()))
    assert vector.shape == (len(FEATURE_NAMES),)
    assert vector.dtype == np.float32
    return dict(zip(FEATURE_NAMES, vector.tolist(), strict=True))


def test_names_are_unique_and_cover_the_cue_classes() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)
    assert {f"cue:{name}" for name in CUE_CLASSES} <= set(FEATURE_NAMES)


def test_issue_names_and_families_are_those_of_the_catalogue() -> None:
    issues = load_catalogue().issues
    assert tuple(issue.name for issue in issues) == ISSUE_NAMES
    assert {issue.name: issue.family for issue in issues} == dict(FAMILY_OF)


def test_head_sizes_fit_the_label_maps() -> None:
    assert dict(HEAD_SIZES) == {
        "label": 3,
        "kind": 9,
        "strength": 4,
        "family": 8,
        "issue": 22,
    }


def test_a_governing_hedge_is_a_dense_feature_and_no_word() -> None:
    (one,) = Analyser().sentences(["Magnesium may ease restless legs."])
    assert "may" not in word_view(one).split()
    values = dense("Magnesium may ease restless legs.")
    assert values["hedge:adequate"] == 1.0
    assert values["level:4"] == 1.0


def test_modifiers_weigh_on_benefit_and_not_on_harm() -> None:
    (benefit, harm) = Analyser().sentences(
        ["Magnesium eases restless legs.", "Magnesium causes kidney damage."]
    )
    taken_out = frozenset({"hedged", "limitation", "asked", "denied"})
    for one, names in ((benefit, taken_out), (harm, {"asked", "harm-denied"})):
        vector = modifier_vector(Case(one, None, None, (), taken_out))
        found = {name for name, value in zip(MODIFIER_NAMES, vector, strict=True) if value}
        assert found == names
    assert len(MODIFIER_NAMES) == len(MODIFIER_SIGNS)


def test_names_and_numbers_are_masked() -> None:
    (one, other) = Analyser().sentences(
        ["Turmeric cut pain in 30 people.", "Ginger cut pain in 412 people."]
    )
    assert word_view(one) == word_view(other)


def test_proposed_issues_are_features() -> None:
    values = dense("The peel has no side effects.", ("minimised-harm",))
    assert values["issue:minimised-harm"] == 1.0
    assert values["issue:hype"] == 0.0


def test_values_are_bounded() -> None:
    text = "Everyone knows that this miracle tea always cures cancer, diabetes and gout! " * 4
    assert all(0.0 <= value <= 1.0 for value in dense(text).values())
