"""A sample that holds more leavers than there are, corrected to the rate that is stated."""

import numpy as np
import pytest

from tests.training.made_up import made_up_customers, made_up_rows
from training.fit import fit
from training.protocol import figures, try_out
from training.rows import Rows

EVERYONE = made_up_rows(150_000, 21, base=-4.0)
TRUE_RATE = float(EVERYONE.left.mean())


def oversampled() -> Rows:
    """As many who stayed as left."""
    leavers = np.flatnonzero(EVERYONE.left)
    stayers = np.random.default_rng(0).choice(np.flatnonzero(~EVERYONE.left), len(leavers), replace=False)
    return EVERYONE.take(np.sort(np.concatenate([leavers, stayers])))


def test_corrected_chances_are_those_of_all_customers() -> None:
    columns, log_odds = made_up_customers(50_000, 22)
    truth = 1 / (1 + np.exp(4.0 - log_odds))
    corrected = fit(oversampled(), 0, TRUE_RATE).churn.probability(columns)
    assert corrected.mean() == pytest.approx(truth.mean(), rel=0.05)
    for part in np.array_split(np.argsort(corrected), 5):
        assert corrected[part].mean() == pytest.approx(truth[part].mean(), rel=0.15)


def test_without_the_correction_the_same_sample_is_far_off() -> None:
    columns, log_odds = made_up_customers(50_000, 22)
    truth = 1 / (1 + np.exp(4.0 - log_odds))
    assert fit(oversampled(), 0).churn.probability(columns).mean() > 5 * truth.mean()


def test_the_correction_moves_the_intercept_and_no_reason() -> None:
    sample = oversampled()
    plain, corrected = fit(sample, 0).churn, fit(sample, 0, TRUE_RATE).churn
    assert corrected.table.tolist() == plain.table.tolist()
    shift = np.log(TRUE_RATE / (1 - TRUE_RATE))  # the sample is half and half: its own log-odds are 0
    assert (corrected.intercept - plain.intercept) * 2.0**-48 == pytest.approx(shift, abs=1e-9)


@pytest.mark.long
def test_the_figures_are_those_of_all_customers() -> None:
    found = figures(try_out(oversampled(), 1, TRUE_RATE, lambda: None))
    assert found["ece"].value < 0.01
    everyone = figures(try_out(EVERYONE.take(np.arange(30_000)), 1, None, lambda: None))
    assert found["log_loss"].value == pytest.approx(everyone["log_loss"].value, abs=0.01)
    assert found["auc"].value == pytest.approx(everyone["auc"].value, abs=0.03)
