"""The served model: exact sums, one row as good as a batch, reasons that add up."""

import math
from dataclasses import replace

import numpy as np
import pytest

from models.churn import UNIT, Churn, WrongSchema, from_arrays, to_arrays
from models.features import Categorical, Encoding, Numeric, take_rows
from tests.models.learned import random_churn, random_customers

SMALL = Churn(
    Encoding((Numeric("age", np.array([12.0])), Categorical("net", ("dsl", "fibre")))),
    intercept=round(-1.0 / UNIT),
    first=np.array([0, 1, 0]),
    second=np.array([0, 1, 1]),
    stride=np.array([0, 0, 3]),
    offset=np.array([0, 3, 6]),
    table=np.array([round(x / UNIT) for x in (0.5, -0.5, 0, 0.25, -0.25, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)]),
)


def test_the_log_odds_are_the_sum_of_the_tables_worked_by_hand() -> None:
    customers = {"age": np.array([6.0, 24.0, np.nan]), "net": np.array(["fibre", "dsl", ""], dtype=object)}
    assert SMALL.logit(customers).tolist() == [-1 + 0.5 - 0.25 + 2, -1 - 0.5 + 0.25 + 4, -1 + 0 + 0 + 9]
    assert SMALL.probability(customers)[0] == pytest.approx(1 / (1 + math.exp(-1.25)), abs=1e-15)


def test_a_pair_counts_half_to_each_of_its_features() -> None:
    customer = {"age": np.array([6.0]), "net": np.array(["fibre"], dtype=object)}
    assert SMALL.contributions(customer).tolist() == [[0.5 + 1.0, -0.25 + 1.0]]


def test_the_strongest_reasons_come_first_and_nothing_that_adds_nothing() -> None:
    customer = {"age": np.array([6.0]), "net": np.array(["fibre"], dtype=object)}
    assert [(reason.feature, reason.log_odds) for reason in SMALL.reasons(customer)[0]] == [("age", 1.5), ("net", 0.75)]
    silent = replace(SMALL, table=np.zeros_like(SMALL.table))
    assert silent.reasons(customer) == [()]


@pytest.mark.parametrize("seed", range(3))
def test_one_row_is_the_batch_bit_for_bit(seed: int) -> None:
    churn = random_churn(seed)
    customers = random_customers(churn, 9_000, seed + 100)
    batch, chances = churn.logit(customers), churn.probability(customers)
    for row in range(0, 9_000, 7):
        one = take_rows(customers, slice(row, row + 1))
        assert churn.logit(one)[0] == batch[row]
        assert churn.probability(one)[0] == chances[row]
    for size in (2, 3, 1000, 4097):
        parts = [churn.probability(take_rows(customers, slice(i, i + size))) for i in range(0, 9_000, size)]
        assert np.concatenate(parts).tobytes() == chances.tobytes()


def test_reasons_and_intercept_add_up_to_the_log_odds() -> None:
    churn = random_churn(5)
    customers = random_customers(churn, 500, 6)
    total = churn.contributions(customers).sum(axis=1) + churn.intercept * UNIT
    assert total == pytest.approx(churn.logit(customers), abs=1e-12)


def test_the_model_survives_being_written_down() -> None:
    churn = random_churn(7)
    customers = random_customers(churn, 300, 8)
    assert from_arrays(to_arrays(churn)).logit(customers).tobytes() == churn.logit(customers).tobytes()


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"features": [{"name": "x"}]},
        {"features": [{"name": "x", "kind": "numeric", "edges": ["a"]}]},
        {"table": [1, 2, 3]},
        {"table": np.zeros(15)},
        {"table": np.zeros(14, dtype=np.int64)},
        {"first": np.array([0, 1, 2])},
        {"first": np.array([0, 1, -1])},
        {"offset": np.array([0, 3])},
        {"intercept": "much"},
    ],
    ids=str,
)
def test_what_is_not_such_a_model_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(WrongSchema):
        from_arrays({**to_arrays(SMALL), **change})


@pytest.mark.parametrize("thing", [None, [], {}, "model"])
def test_what_is_no_table_at_all_is_refused(thing: object) -> None:
    with pytest.raises(WrongSchema):
        from_arrays(thing)
