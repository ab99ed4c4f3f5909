"""Metrics against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from claimcheck.training.metrics import bootstrap, calibration_error, flag_metrics, rates_of

GOLD = np.array([True, True, False, False, True])
FLAGGED = np.array([True, False, True, False, True])


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


def test_flag_metrics_holds_n() -> None:
    found = flag_metrics(GOLD, FLAGGED.astype(float), flagged=FLAGGED)
    assert (found["n"], found["positive"], found["flagged"]) == (5, 3, 3)


def test_bootstrap_is_seeded_and_holds_the_estimate() -> None:
    rng = np.random.default_rng(1)
    gold = rng.random(400) < 0.3
    scores = np.clip(gold * 0.4 + rng.random(400) * 0.6, 0, 1)
    documents = [f"d{index // 10}" for index in range(400)]
    flagged = scores > 0.5
    first = bootstrap(gold, scores, flagged=flagged, documents=documents, rounds=200)
    assert first == bootstrap(gold, scores, flagged=flagged, documents=documents, rounds=200)
    low, high = first["f1"]
    assert low <= rates_of(gold, flagged).f1 <= high
