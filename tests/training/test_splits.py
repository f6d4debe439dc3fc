"""Who is fitted on and who is judged."""

import numpy as np

from training.rows import Rows
from training.splits import splits

RNG = np.random.default_rng(0)


def rows_of(left: np.ndarray, **more: object) -> Rows:
    return Rows({"x": np.arange(len(left), dtype=float)}, left, **more)  # type: ignore[arg-type]


def snapshots(months: list[str], customers: int, window_months: int) -> Rows:
    dates = np.repeat(np.array(months, dtype="datetime64[D]"), customers)
    left = RNG.random(len(dates)) < 0.3
    return rows_of(left, customers=np.tile(np.arange(customers), len(months)), dates=dates, window_months=window_months)


def test_without_dates_everyone_is_judged_once_in_stratified_folds() -> None:
    rows = rows_of(np.arange(1_000) < 200)
    judged = [test for _, test in splits(rows, 5, 3)]
    assert sorted(np.concatenate(judged)) == list(range(1_000))
    assert [rows.left[test].sum() for test in judged] == [40] * 5


def test_a_customer_with_several_rows_is_never_on_both_sides() -> None:
    customers = RNG.integers(0, 100, 1_000)
    rows = rows_of(RNG.random(1_000) < 0.3, customers=customers)
    for fitted, judged in splits(rows, 5, 0):
        assert not set(customers[fitted]) & set(customers[judged])


def test_with_dates_the_past_of_some_foretells_the_last_month_of_others() -> None:
    rows = snapshots(["2019-09-01", "2019-10-01", "2019-11-01", "2019-12-01"], 400, 1)
    seen = []
    for fitted, judged in splits(rows, 5, 0):
        assert rows.dates is not None
        assert rows.customers is not None
        assert set(rows.dates[judged].astype(str)) == {"2019-12-01"}
        assert set(rows.dates[fitted].astype(str)) == {"2019-09-01", "2019-10-01", "2019-11-01"}
        assert not set(rows.customers[fitted]) & set(rows.customers[judged])
        seen.extend(judged)
    assert sorted(seen) == list(range(1_200, 1_600))


def test_what_became_of_a_row_is_not_known_before_its_window_has_passed() -> None:
    rows = snapshots(["2019-01-01", "2019-04-01", "2019-07-01", "2019-09-01"], 400, 3)
    for fitted, _ in splits(rows, 5, 0):
        assert rows.dates is not None
        assert set(rows.dates[fitted].astype(str)) == {"2019-01-01", "2019-04-01"}


def test_a_last_day_with_a_handful_of_rows_is_joined_by_the_days_before() -> None:
    days = np.datetime64("2019-01-01") + np.arange(1_000) // 5
    rows = rows_of(RNG.random(1_000) < 0.6, dates=days)
    judged = np.concatenate([test for _, test in splits(rows, 5, 0)])
    assert sorted(judged) == list(range(900, 1_000))


def test_one_date_alone_is_no_forward_split() -> None:
    rows = rows_of(np.arange(500) % 3 == 0, dates=np.full(500, np.datetime64("2019-01-01")))
    assert sorted(np.concatenate([test for _, test in splits(rows, 5, 0)])) == list(range(500))
