"""Where a chance of leaving comes from, and when there is none."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from engine.tables import TASTES, Cases
from models.scorer import main_reasons, score, score_or_degrade
from models.store import Release
from tests.models.learned import random_churn, random_customers

TODAY = datetime.date(2026, 11, 1)
CHURN = random_churn(1, numeric=4, categorical=3)
CUSTOMERS = random_customers(CHURN, 4, 2)
RELEASE = Release("test-1", 6, CHURN, {})


class Untouchable(Mapping[str, Any]):
    """Features that nobody may read."""

    def __getitem__(self, name: str) -> Any:
        raise AssertionError(f"{name} was read")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the features were listed")

    def __len__(self) -> int:
        raise AssertionError("the features were counted")


def cases(**columns: list[Any]) -> Cases:
    rows = len(next(iter(columns.values()))) if columns else 4
    needed = {"contract_id": [f"c{i}" for i in range(rows)], "price_cents": [1790] * rows}
    return Cases({name: np.array(c) for name, c in {**needed, "cost_to_serve_cents": [400] * rows, **columns}.items()})


def test_the_release_gives_the_chance_and_its_window() -> None:
    scores = score(RELEASE, cases(), CUSTOMERS, TODAY)
    assert scores.p_churn_micro.tolist() == np.rint(CHURN.probability(CUSTOMERS) * 1e6).tolist()
    assert scores.window_months.tolist() == [6] * 4
    assert not scores.stored.any()


def test_a_chance_stored_with_the_contract_wins() -> None:
    stored = cases(p_churn=[0.4, np.nan, 1.0, 0.0], p_churn_window_months=[12, -1, 3, -1])
    scores = score(RELEASE, stored, CUSTOMERS, TODAY)
    assert scores.p_churn_micro[[0, 2, 3]].tolist() == [400_000, 1_000_000, 0]
    assert scores.p_churn_micro[1] == round(float(CHURN.probability(CUSTOMERS)[1]) * 1e6)
    assert scores.window_months.tolist() == [12, 6, 3, -1]
    assert scores.stored.tolist() == [True, False, True, True]


def test_of_who_objects_nothing_is_computed_and_no_feature_read() -> None:
    objecting = cases(objects_to_profiling=[True, True], p_churn=[0.4, np.nan], sms_per_month=[900, 900])
    scores = score(RELEASE, objecting, Untouchable(), TODAY)
    assert scores.p_churn_micro.tolist() == [-1, -1]
    assert scores.window_months.tolist() == [-1, -1]
    assert scores.tastes_micro.tolist() == [[1_000_000] * len(TASTES)] * 2
    assert not scores.stored.any()


@pytest.mark.parametrize("lost", list(CHURN.encoding.names))
def test_with_other_features_than_fitted_the_chance_is_unknown(lost: str) -> None:
    fewer = {name: column for name, column in CUSTOMERS.items() if name != lost}
    assert score(RELEASE, cases(), fewer, TODAY).p_churn_micro.tolist() == [-1] * 4
    wrong = {**CUSTOMERS, lost: np.array([True] * 4)}
    assert score(RELEASE, cases(), wrong, TODAY).p_churn_micro.tolist() == [-1] * 4


def test_without_a_release_the_chance_is_unknown() -> None:
    scores = score(None, cases(), {}, TODAY)
    assert scores.p_churn_micro.tolist() == [-1] * 4
    assert scores.window_months.tolist() == [-1] * 4


def test_one_row_scores_as_in_the_batch() -> None:
    customers = random_customers(CHURN, 400, 11)
    everyone = cases(contract_id=[f"c{i}" for i in range(400)], device_age_months=list(range(-1, 399)))
    batch = score(RELEASE, everyone, customers, TODAY)
    for row in range(400):
        part = slice(row, row + 1)
        one = score(RELEASE, everyone.take(part), {name: column[part] for name, column in customers.items()}, TODAY)
        assert one.p_churn_micro[0] == batch.p_churn_micro[row]
        assert one.tastes_micro[0].tolist() == batch.tastes_micro[row].tolist()


def test_reasons_are_told_only_of_a_chance_the_release_computed() -> None:
    mixed = cases(p_churn=[0.4, np.nan, np.nan, np.nan], objects_to_profiling=[False, False, True, False])
    scores = score(RELEASE, mixed, CUSTOMERS, TODAY)
    reasons = main_reasons(RELEASE, CUSTOMERS, scores)
    assert [bool(reason) for reason in reasons] == [False, True, False, True]
    assert reasons[1] == CHURN.reasons(CUSTOMERS)[1]
    assert main_reasons(None, CUSTOMERS, scores) == [(), (), (), ()]


def test_of_who_objects_no_feature_is_read_for_a_reason_either() -> None:
    objecting = cases(objects_to_profiling=[True, True])
    assert main_reasons(RELEASE, Untouchable(), score(RELEASE, objecting, Untouchable(), TODAY)) == [(), ()]


class Failing:
    """A model that raises where a row has an odd first feature."""

    def probability(self, features: Mapping[str, Any]) -> Any:
        if np.isnan(features["n0"]).any():
            raise ZeroDivisionError
        return np.full(len(features["n0"]), 0.25)


def test_a_row_on_which_the_model_fails_is_degraded_and_the_rows_beside_it_are_not() -> None:
    features = {"n0": np.array([1.0, np.nan, np.nan, np.nan, 2.0])}
    objects = [False, False, True, False, False]
    five = cases(p_churn=[np.nan, np.nan, np.nan, 0.4, np.nan], objects_to_profiling=objects)
    failing = Release("failing", 6, Failing(), {})  # type: ignore[arg-type]
    scored = score_or_degrade(failing, five, features, TODAY)
    assert scored.scores.p_churn_micro.tolist() == [250_000, -1, -1, 400_000, 250_000]
    assert scored.degraded == [(), ("score-failed",), (), (), ()]
    for row in range(5):
        part = slice(row, row + 1)
        alone = score_or_degrade(failing, five.take(part), {"n0": features["n0"][part]}, TODAY)
        assert alone.degraded == scored.degraded[part]
        assert alone.scores.p_churn_micro.tolist() == scored.scores.p_churn_micro[part].tolist()


def test_why_there_is_no_chance_is_said_for_each_row_that_may_have_one() -> None:
    some = cases(p_churn=[0.4, np.nan, np.nan, np.nan], objects_to_profiling=[False, False, True, False])
    assert score_or_degrade(None, some, {}, TODAY).degraded == [(), ("no-release",), (), ("no-release",)]
    assert score_or_degrade(RELEASE, some, {}, TODAY).degraded == [(), ("score-unknown",), (), ("score-unknown",)]
    assert score_or_degrade(RELEASE, some, CUSTOMERS, TODAY).degraded == [()] * 4
