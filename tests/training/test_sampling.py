"""Fewer rows of a large file: whole customers, the same ones each time, and all where they fit."""

import numpy as np

from training.rows import Rows
from training.sampling import drawn_rows, evenly


def rows_of(customers: int, times: int) -> Rows:
    names = np.tile(np.array([f"K-{number}" for number in range(customers)], dtype=object), times)
    return Rows({}, np.zeros(len(names), dtype=np.bool_), customers=names)


def test_all_rows_are_kept_where_they_fit() -> None:
    assert drawn_rows(rows_of(10, 3), 30).tolist() == list(range(30))


def test_customers_are_drawn_whole_and_in_their_order() -> None:
    rows = rows_of(1_000, 3)
    drawn = drawn_rows(rows, 600)
    assert len(drawn) == 600
    assert (np.diff(drawn) > 0).all()
    assert rows.customers is not None
    _, counts = np.unique(rows.customers[drawn].astype(str), return_counts=True)
    assert set(counts.tolist()) == {3}


def test_the_same_customers_are_drawn_each_time() -> None:
    assert drawn_rows(rows_of(500, 2), 100).tolist() == drawn_rows(rows_of(500, 2), 100).tolist()


def test_rows_without_customers_are_customers_of_their_own() -> None:
    drawn = drawn_rows(Rows({}, np.zeros(1_000, dtype=np.bool_)), 300)
    assert (len(drawn), len(set(drawn.tolist()))) == (300, 300)


def test_even_rows_reach_from_the_first_to_the_last() -> None:
    assert evenly(5, 10).tolist() == [0, 1, 2, 3, 4]
    spread = evenly(1_000, 10)
    assert (spread[0], spread[-1], len(spread)) == (0, 999, 10)
