"""Metrics against numbers worked out by hand, and against scikit-learn and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score

from claimcheck.training.metrics import (
    METRICS,
    Draws,
    calibration_error,
    confusion,
    draws_of,
    flag_metrics,
    flag_samples,
    interval,
    macro_f1,
    mcnemar,
    point,
    rate_samples,
    rates_of,
    reliability,
    two_sided,
)

GOLD = np.array([True, True, False, False, True])
FLAGGED = np.array([True, False, True, False, True])


@pytest.fixture(scope="module")
def some() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Four hundred sentences of forty documents; scores of two decimals, so that they tie."""
    rng = np.random.default_rng(1)
    gold = rng.random(400) < 0.3
    scores = np.round(np.clip(gold * 0.4 + rng.random(400) * 0.6, 0, 1), 2)
    return gold, scores, [f"d{index // 10}" for index in range(400)]


def test_rates() -> None:
    rates = rates_of(GOLD, FLAGGED)
    assert (rates.true_positive, rates.false_positive, rates.false_negative) == (2, 1, 1)
    assert rates.precision == rates.recall == rates.f1 == pytest.approx(2 / 3)


def test_rates_without_a_denominator_are_zero() -> None:
    nothing = rates_of(np.zeros(3, bool), np.zeros(3, bool))
    assert (nothing.precision, nothing.recall, nothing.f1) == (0.0, 0.0, 0.0)


def test_calibration_error_of_a_perfect_and_a_bad_model() -> None:
    assert calibration_error(np.array([True, False]), np.array([1.0, 0.0])) == 0.0
    assert calibration_error(np.array([False, False]), np.array([0.95, 0.95])) == pytest.approx(
        0.95
    )


def test_flag_metrics_holds_n_and_every_metric() -> None:
    found = flag_metrics(GOLD, FLAGGED.astype(float), flagged=FLAGGED)
    assert (found["n"], found["positive"], found["flagged"]) == (5, 3, 3)
    assert set(METRICS) < set(found)


def test_what_has_no_denominator_is_null() -> None:
    none = np.zeros(3, bool)
    found = flag_metrics(none, np.full(3, 0.1), flagged=none)
    assert found["precision"] is None
    assert found["recall"] is None
    assert found["average_precision"] is None
    assert found["brier"] == 0.01


def test_ranking_agrees_with_scikit_learn(some: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    gold, scores, _ = some
    found = flag_metrics(gold, scores, flagged=scores > 0.5)
    assert found["average_precision"] == pytest.approx(
        average_precision_score(gold, scores), abs=1e-4
    )
    assert found["brier"] == pytest.approx(brier_score_loss(gold, scores), abs=1e-4)


def test_a_round_is_the_figure_of_the_documents_that_it_drew(
    some: tuple[np.ndarray, np.ndarray, list[str]],
) -> None:
    gold, scores, documents = some
    draws = draws_of(documents, rounds=3)
    mask = np.arange(400) % 3 > 0
    drawn = flag_samples(gold, scores, flagged=scores > 0.5, draws=draws, mask=mask)
    for number, counts in enumerate(draws.counts):
        rows = np.concatenate(
            [
                np.repeat(np.flatnonzero((draws.index == document) & mask), int(count))
                for document, count in enumerate(counts)
            ]
        )
        alone = flag_samples(gold[rows], scores[rows], flagged=scores[rows] > 0.5)
        for name in METRICS:
            assert drawn[name][number] == pytest.approx(alone[name][0]), name


def test_recall_at_a_precision_and_precision_at_a_recall() -> None:
    gold = np.array([True, True, True, True, False, True, False, False])
    scores = np.linspace(0.9, 0.2, 8)
    found = flag_metrics(gold, scores, flagged=scores > 0.5)
    assert found["recall_at_precision_80"] == 1.0
    assert found["precision_at_recall_70"] == 1.0
    worse = flag_metrics(~gold, scores, flagged=scores > 0.5)
    assert worse["recall_at_precision_80"] == 0.0
    assert worse["precision_at_recall_70"] == pytest.approx(3 / 8)


def test_draws_are_seeded_and_the_interval_holds_the_estimate(
    some: tuple[np.ndarray, np.ndarray, list[str]],
) -> None:
    gold, scores, documents = some
    first, second = (draws_of(documents, rounds=200) for _ in range(2))
    assert (first.counts == second.counts).all()
    assert (first.counts.sum(axis=1) == 40).all()
    found = flag_samples(gold, scores, flagged=scores > 0.5, draws=first)
    between = interval(found["f1"])
    assert between is not None
    assert between[0] <= rates_of(gold, scores > 0.5).f1 <= between[1]


def test_an_interval_needs_figures_in_most_rounds() -> None:
    assert interval(np.array([0.5])) is None
    assert interval(np.array([np.nan, np.nan, 0.5])) is None
    assert interval(np.array([0.5, 0.5, np.nan])) == (0.5, 0.5)
    assert point(float("nan")) is None


def test_blocks_of_rounds_change_nothing(
    some: tuple[np.ndarray, np.ndarray, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    gold, scores, documents = some
    draws = draws_of(documents, rounds=50)
    whole = flag_samples(gold, scores, flagged=scores > 0.5, draws=draws)
    monkeypatch.setattr("claimcheck.training.metrics._BLOCK", 1500)
    parts = flag_samples(gold, scores, flagged=scores > 0.5, draws=draws)
    assert all((whole[name] == parts[name]).all() for name in METRICS)


def test_sums_respect_the_mask() -> None:
    draws = Draws(np.array([[2.0, 0.0]]), np.array([0, 0, 1]))
    values = np.array([[1.0], [10.0], [100.0]])
    assert draws.sums(values).tolist() == [[22.0]]
    assert draws.sums(values, np.array([True, False, True])).tolist() == [[2.0]]
    assert draws.documents(np.array([True, True, False])) == 1


def test_rates_of_counts() -> None:
    found = rate_samples(np.array([[2.0, 1.0, 1.0], [0.0, 0.0, 0.0]]))
    assert found["f1"][0] == pytest.approx(2 / 3)
    assert np.isnan(found["f1"][1])


def test_macro_f1_agrees_with_scikit_learn() -> None:
    gold, said = np.array([0, 1, 2, 2, 1, 0]), np.array([0, 2, 2, 2, 1, 1])
    counts = np.array(
        [
            [((gold == k) & (said == k)).sum(), ((gold != k) & (said == k)).sum(),
             ((gold == k) & (said != k)).sum()]
            for k in range(3)
        ]
    )  # fmt: skip
    assert macro_f1(counts[None])[0] == pytest.approx(f1_score(gold, said, average="macro"))


@pytest.mark.parametrize(("first", "second"), [(0, 0), (3, 3), (1, 9), (12, 2), (40, 61)])
def test_mcnemar_is_the_binomial_test(first: int, second: int) -> None:
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected)


def test_mcnemar_of_many_sentences_does_not_overflow() -> None:
    assert 0 < mcnemar(2400, 2600) < 0.01


def test_p_of_a_difference() -> None:
    assert two_sided(np.full(999, 0.1)) == pytest.approx(0.002)
    assert two_sided(np.zeros(999)) == 1.0
    assert two_sided(np.concatenate([np.full(500, 0.1), np.full(499, -0.1)])) == 1.0


def test_reliability_has_the_bins_that_hold_something() -> None:
    bins = reliability(np.array([False, False, True, True]), np.array([0.05, 0.08, 0.95, 1.0]))
    assert [one["low"] for one in bins] == [0.0, 0.9]
    assert [one["n"] for one in bins] == [2, 2]
    assert [one["share"] for one in bins] == [0.0, 1.0]
    assert bins[1]["share_low"] < 1.0


def test_confusion_counts_pairs_in_the_order_of_names() -> None:
    found = confusion([("a", "a"), ("a", "b"), ("a", "b")], names=("b", "a"))
    assert found == {"names": ["b", "a"], "counts": [[0, 0], [2, 1]]}
