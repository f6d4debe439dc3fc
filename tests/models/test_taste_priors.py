"""What customers are believed to value before anyone has reacted."""

import math

import numpy as np
import pytest

from engine.fields import FIELD_BY_NAME
from engine.tables import TASTES
from models.priors import LARGEST, PRIORS, SMALLEST, tastes

UNKNOWN = {prior.fact: np.array([-1]) for prior in PRIORS} | {"contract_id": np.array(["c"])}


def test_who_is_unknown_has_the_tastes_of_the_average_customer() -> None:
    assert tastes(UNKNOWN).tolist() == [[1.0] * len(TASTES)]


def test_a_phone_of_three_years_makes_a_new_one_worth_more() -> None:
    multipliers = tastes({**UNKNOWN, "device_age_months": np.array([36])})
    assert multipliers[0, TASTES.index("device")] == pytest.approx(math.exp(0.5))
    assert np.delete(multipliers[0], TASTES.index("device")).tolist() == [1.0] * (len(TASTES) - 1)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.taste)
def test_a_taste_grows_with_its_fact_and_stays_within_bounds(prior: object) -> None:
    field = FIELD_BY_NAME[prior.fact]  # type: ignore[attr-defined]
    for value in np.unique(np.geomspace(1, field.high, 50).astype(int)):
        facts = {**UNKNOWN, field.name: np.array([value - 1, value])}
        facts = {name: np.resize(column, 2) for name, column in facts.items()}
        low, high = tastes(facts)[:, TASTES.index(prior.taste)]  # type: ignore[attr-defined]
        assert SMALLEST <= low <= high <= LARGEST


def test_every_prior_says_that_it_is_one_and_where_it_comes_from() -> None:
    assert {prior.status for prior in PRIORS} == {"prior"}
    assert all(prior.source for prior in PRIORS)
    assert {prior.taste for prior in PRIORS} <= set(TASTES)
