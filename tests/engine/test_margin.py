"""The secured margin against a month-by-month count by hand."""

import numpy as np
import pytest

from engine.margin import NO_FLOOR, leaving, lowest_monthly_margin, share_floor_cents, tariff
from engine.terms import Monthly
from tests.engine.questions import TODAY, shipped

LAW = shipped().as_of(TODAY).law
VAT_MICRO = 200_000


def monthly(commitment: int, discount: int = 0, lasts: int = 0, subsidised: bool = False, extras: int = 0) -> Monthly:
    def cell(value: int) -> np.ndarray:
        return np.array([[value]])

    net = (2 * 1_000_000 * discount + 1_200_000) // 2_400_000
    return Monthly(
        cell(commitment),
        cell(discount),
        cell(net),
        cell(lasts),
        cell(extras),
        cell(commitment),
        cell(0),
        cell(subsidised),
    )


def lowest(price: int, cost: int, terms: Monthly) -> int:
    tariffs = tariff(np.array([price]), np.array([cost]), VAT_MICRO)
    [[cents]] = lowest_monthly_margin(tariffs, leaving(terms, LAW.exits), VAT_MICRO)
    return int(cents)


def test_twelve_months_secure_twelve_margins() -> None:
    assert lowest(1790, 400, monthly(12)) == 12 * (1492 - 400)


def test_without_commitment_nothing_is_secured() -> None:
    assert lowest(1790, 400, monthly(0, discount=500, lasts=6)) == 0


def test_24_months_without_a_handset_secure_only_the_first_twelve() -> None:
    assert lowest(3000, 400, monthly(24)) == 12 * (2500 - 400)


def test_24_months_with_a_handset_secure_twelve_months_and_a_fifth_of_the_rest() -> None:
    a_fifth_of_the_rest = 12 * 3000 // 5
    net_fee = round(a_fifth_of_the_rest / 1.2)
    assert lowest(3000, 400, monthly(24, subsidised=True)) == 12 * (2500 - 400) + net_fee


def test_a_customer_who_costs_more_than_the_fee_saves_is_counted_to_the_last_month() -> None:
    assert lowest(3000, 2600, monthly(24, subsidised=True)) == 24 * (2500 - 2600)


def test_a_discount_that_ends_early_is_counted_while_it_lasts() -> None:
    assert lowest(1790, 400, monthly(12, discount=600, lasts=6)) == 12 * (1492 - 400) - 6 * 500


@pytest.mark.parametrize(("share_micro", "expected"), [(0, 0), (100_000, 1791), (1_000_000, 17_904)])
def test_the_share_floor_is_rounded_up(share_micro: int, expected: int) -> None:
    tariffs = tariff(np.array([1790]), np.array([400]), VAT_MICRO)
    assert share_floor_cents(tariffs, monthly(12), share_micro).tolist() == [[expected]]


def test_without_commitment_no_share_of_revenue_is_asked() -> None:
    tariffs = tariff(np.array([1790]), np.array([400]), VAT_MICRO)
    assert share_floor_cents(tariffs, monthly(0, discount=500, lasts=6), 1_000_000).tolist() == [[NO_FLOOR]]
