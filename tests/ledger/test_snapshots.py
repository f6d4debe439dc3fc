"""What goes into the store comes out of it: facts, wishes and features, the unknown included."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields import CASE_FIELDS, Field
from engine.tables import Cases, objects
from ledger.snapshots import read_features, read_snapshots, write_features, write_snapshots

DAYS = st.none() | st.dates().map(lambda day: day.isoformat())
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def values(field: Field) -> st.SearchStrategy[Any]:
    return {
        "whole": st.integers(field.low, field.high),
        "date": DAYS,
        "flag": st.booleans(),
        "probability": st.just(float("nan")) | st.floats(0, 1),
        "choice": st.sampled_from(field.choices or ("",)),
        "names": st.lists(TEXTS, max_size=3).map(tuple),
    }.get(field.kind, TEXTS)


ROWS = st.lists(st.tuples(*(values(field) for field in CASE_FIELDS)), min_size=1, max_size=4)


def column(field: Field, cells: list[Any]) -> Any:
    if field.kind == "date":
        return np.array(cells, dtype="datetime64[D]")
    return np.array(cells) if field.kind in ("whole", "flag", "probability") else objects(cells)


@given(rows=ROWS)
def test_a_snapshot_reads_back_as_it_was(rows: list[tuple[Any, ...]]) -> None:
    columns = zip(*rows, strict=True)
    cases = Cases({field.name: column(field, list(cells)) for field, cells in zip(CASE_FIELDS, columns, strict=True)})
    again = read_snapshots(json.loads(json.dumps(write_snapshots(cases))))
    for field in CASE_FIELDS:
        assert again[field.name].dtype == cases[field.name].dtype
        np.testing.assert_array_equal(again[field.name], cases[field.name])


def test_a_fact_unknown_to_an_old_snapshot_is_not_on_file() -> None:
    old = {"contract_id": "C-1", "price_cents": 1, "cost_to_serve_cents": 2}
    cases = read_snapshots([old])
    assert (cases["open_fault"][0], cases["wants_needs"][0], np.isnan(cases["p_churn"][0])) == ("", (), True)


def test_features_read_back_as_they_were() -> None:
    features = {"tenure": np.array([1.0, np.nan]), "plan": objects(["fibre", ""])}
    again = read_features(json.loads(json.dumps(write_features(features, 2))))
    assert (again["tenure"].dtype, again["plan"].dtype) == (np.float64, object)
    np.testing.assert_array_equal(again["tenure"], features["tenure"])
    assert again["plan"].tolist() == ["fibre", ""]


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_without_features_every_row_is_empty(rows: int) -> None:
    assert write_features({}, rows) == [{}] * rows


def test_snapshots_of_before_and_after_a_new_fact_are_read_together() -> None:
    old = {"contract_id": "C-1", "price_cents": 1, "cost_to_serve_cents": 2}
    new = {**old, "open_fault": "no signal", "customer_since": "2020-02-29", "p_churn": 0.5, "wants_needs": ["sms_15"]}
    for order in ([old, new], [new, old]):
        cases = read_snapshots(order)
        for row, snapshot in enumerate(order):
            alone = read_snapshots([snapshot])
            for field in CASE_FIELDS:
                np.testing.assert_array_equal(cases[field.name][row], alone[field.name][0])
        at = order.index(new)
        assert (cases["open_fault"][at], cases["wants_needs"][at]) == ("no signal", ("sms_15",))
        assert (cases["open_fault"][1 - at], cases["wants_needs"][1 - at]) == ("", ())
        assert np.isnat(cases["customer_since"][1 - at])


def test_a_snapshot_without_a_fact_that_must_be_there_is_not_read() -> None:
    whole = {"contract_id": "C-1", "price_cents": 1, "cost_to_serve_cents": 2}
    with pytest.raises(KeyError, match="price_cents"):
        read_snapshots([whole, {name: value for name, value in whole.items() if name != "price_cents"}])
