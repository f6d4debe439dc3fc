"""Cents and months, against the decimal module and the calendar."""

import datetime
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dates import add_months, day, months_left, whole_months_since
from engine.money import half_up, net_of_vat, share_of, smallest_gross

VAT_MICRO = 200_000


@given(st.integers(0, 10_000_000), st.sampled_from([0, 55_000, 100_000, 200_000, 210_000]))
def test_a_price_without_vat_is_rounded_half_up_as_the_decimal_module_does(gross: int, vat_micro: int) -> None:
    expected = (Decimal(gross) / (1 + Decimal(vat_micro) / 1_000_000)).quantize(Decimal(1), ROUND_HALF_UP)
    assert net_of_vat(gross, vat_micro) == int(expected)


@given(st.integers(-100_000, 1_000_000))
def test_the_smallest_gross_price_is_found_to_the_cent(needed: int) -> None:
    gross = int(smallest_gross(needed, VAT_MICRO))
    assert net_of_vat(gross, VAT_MICRO) >= needed
    assert gross == 0 or net_of_vat(gross - 1, VAT_MICRO) < needed


def test_the_prices_of_the_story() -> None:
    assert net_of_vat(1790, VAT_MICRO) == 1492
    assert net_of_vat(2040, VAT_MICRO) == 1700
    assert net_of_vat(2039, VAT_MICRO) == 1699


def test_a_cap_is_rounded_down_and_a_mean_half_up() -> None:
    assert share_of(999, 200_000) == 199
    assert [int(half_up(np.array(a), 10)) for a in (4, 5, 14, 15, -4, -5, -6)] == [0, 1, 1, 2, 0, 0, -1]


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-11-23", 12, "2027-11-23"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-11-23", 0, "2026-11-23"),
    ],
)
def test_months_are_added_as_on_a_wall_calendar(start: str, months: int, expected: str) -> None:
    assert str(add_months(np.datetime64(start), months)) == expected


def test_tenure_counts_full_months_and_a_remainder_counts_begun_ones() -> None:
    today = day(datetime.date(2026, 11, 23))
    since = np.array(["2025-11-23", "2025-11-24", "NaT", "2027-01-01"], dtype="datetime64[D]")
    assert whole_months_since(since, today).tolist() == [12, 11, 0, 0]
    end = np.array(["2027-11-23", "2027-11-24", "NaT", "2026-11-22", "2026-11-24"], dtype="datetime64[D]")
    assert months_left(end, today).tolist() == [12, 13, 0, 0, 1]
