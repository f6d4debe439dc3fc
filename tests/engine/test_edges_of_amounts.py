"""Margins and what leaving costs by themselves, on figures small enough to work out by hand."""

import datetime
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.exits import ALL_DUES, exits_of
from engine.margin import (
    MONTHS,
    NO_FLOOR,
    leaving,
    lowest_monthly_margin,
    lowest_monthly_margin_without_fee,
    month_without_commitment_lacks,
    share_floor_cents,
    tariff,
)
from engine.money import half_up, net_of_vat, share_of, smallest_gross
from engine.terms import Monthly
from tests.properties.rulebooks import house_documents

VAT = 200_000
TODAY = datetime.date(2026, 11, 23)
FRANCE = exits_of("FR", house_documents()["law-fr.toml"], TODAY)
BELGIUM = exits_of("BE", house_documents()["law-be.toml"], TODAY)


def monthly(months: int, **more: Any) -> Monthly:
    """One kind of month: nothing is given and no handset subsidised unless `more` says so."""
    named = ("discount_cents", "discount_net_cents", "discount_months", "extras_cost_cents", "extras_months")
    given = {**dict.fromkeys((*named, "kept_value_cents", "subsidised"), 0), "commitment_months": months, **more}
    columns = {name: np.array([[value]]) for name, value in given.items()}
    return Monthly(**{**columns, "subsidised": columns["subsidised"].astype(bool)})


def payer(price_cents: int, cost_cents: int = 0) -> Any:
    return tariff(np.array([price_cents]), np.array([cost_cents]), VAT)


def test_a_price_without_vat_is_rounded_half_up() -> None:
    assert net_of_vat(np.array([0, 1, 2, 3, 120, 1790]), VAT).tolist() == [0, 1, 2, 3, 100, 1492]
    assert net_of_vat(np.array([3]), 500_000).tolist() == [2]
    assert net_of_vat(np.array([1]), 1_000_000).tolist() == [1]  # half a cent


def test_the_smallest_price_with_vat_is_found_from_the_one_without() -> None:
    assert smallest_gross(np.array([-5, 0, 1, 2, 100]), VAT).tolist() == [0, 0, 1, 2, 120]
    assert smallest_gross(np.array([1700]), VAT).tolist() == [2040]
    for net in range(1, 200):
        gross = int(smallest_gross(np.array(net), VAT))
        assert net_of_vat(gross, VAT) >= net > net_of_vat(gross - 1, VAT)


def test_a_cap_is_rounded_down_and_a_sum_half_up() -> None:
    assert share_of(np.array([99, 100, 101]), 10_000).tolist() == [0, 1, 1]
    assert half_up(np.array([-3, -2, -1, 0, 1, 2, 3]), 2).tolist() == [-1, -1, 0, 0, 1, 1, 2]
    assert half_up(np.array([4, 5]), 10).tolist() == [0, 1]


def test_a_tariff_is_told_with_and_without_vat() -> None:
    found = payer(1_200, 300)
    assert [column.tolist() for column in vars(found).values()] == [[[1_200]], [[1_000]], [[300]]]


@pytest.mark.parametrize(("cost", "expected"), [(900, 0), (1_000, 0), (1_001, -12)])
def test_who_leaves_free_leaves_at_the_worst_moment(cost: int, expected: int) -> None:
    """10.00 net a month for twelve months: nothing at once, or the loss of all of them."""
    assert lowest_monthly_margin_without_fee(payer(1_200, cost), monthly(12)).tolist() == [[expected]]


def test_who_leaves_free_may_leave_with_the_last_discount() -> None:
    """Three months at 4.00 less: 3 x (10.00 - 9.00 - 4.00) is the worst; a fourth month already earns again."""
    given = monthly(12, discount_cents=480, discount_net_cents=400, discount_months=3)
    assert lowest_monthly_margin_without_fee(payer(1_200, 900), given).tolist() == [[-900]]
    small = monthly(12, discount_cents=1, discount_net_cents=1, discount_months=3)
    assert lowest_monthly_margin_without_fee(payer(1_200, 900), small).tolist() == [[0]]
    extras = monthly(12, extras_cost_cents=150, extras_months=12)
    assert lowest_monthly_margin_without_fee(payer(1_200, 900), extras).tolist() == [[-600]]
    beyond = monthly(2, discount_cents=480, discount_net_cents=400, discount_months=3)
    assert lowest_monthly_margin_without_fee(payer(1_200, 900), beyond).tolist() == [[-600]]


def test_the_share_of_revenue_counts_the_discounted_months_less() -> None:
    given = monthly(12, discount_cents=120, discount_net_cents=100, discount_months=5)
    assert share_floor_cents(payer(1_200), given, 100_000).tolist() == [[1_150]]  # a tenth of 12 x 10.00 - 5 x 1.00
    assert share_floor_cents(payer(1_200), given, 100_001).tolist() == [[1_151]]  # a cent begun is a cent
    assert share_floor_cents(payer(1_200), monthly(0), 100_000).tolist() == [[NO_FLOOR]]
    assert share_floor_cents(payer(1_200), monthly(1), 0).tolist() == [[0]]


@pytest.mark.parametrize(("discount", "extras", "expected"), [(0, 0, 0), (100, 0, -100), (150, 70, 20), (1, 0, -199)])
def test_a_month_without_commitment_pays_for_what_it_gives(discount: int, extras: int, expected: int) -> None:
    given = monthly(0, discount_net_cents=discount, extras_cost_cents=extras, discount_months=6, extras_months=6)
    assert month_without_commitment_lacks(payer(1_200, 800), given).tolist() == [[expected]]
    bound = monthly(1, discount_net_cents=discount, extras_cost_cents=extras, discount_months=1, extras_months=1)
    assert month_without_commitment_lacks(payer(1_200, 800), bound).tolist() == [[0]]


def lowest(exits: Any, months: Monthly, price: int = 1_200, cost: int = 0) -> int:
    [[found]] = lowest_monthly_margin(payer(price, cost), leaving(months, exits), VAT)
    return int(found)


def test_in_france_twelve_months_are_paid_whole_and_what_is_longer_by_a_share() -> None:
    assert lowest(FRANCE, monthly(12)) == 12 * 1_000
    assert lowest(FRANCE, monthly(24)) == 12 * 1_000  # free after twelve
    assert lowest(FRANCE, monthly(24, subsidised=1)) == 12 * 1_000 + 12 * 200  # a fifth of the rest
    discounted = monthly(24, subsidised=1, discount_cents=120, discount_net_cents=100, discount_months=18)
    # after twelve months: 12 x 9.00, and a fifth of 6 x 10.80 + 6 x 12.00 incl. VAT
    assert lowest(FRANCE, discounted) == 12 * 900 + net_of_vat(136_80 // 5, VAT)
    extras = monthly(12, extras_cost_cents=50, extras_months=12)
    assert lowest(FRANCE, extras, cost=100) == 12 * (1_000 - 100 - 50)
    assert lowest(FRANCE, monthly(0)) == 0
    assert lowest(FRANCE, monthly(24), cost=1_100) == -24 * 100  # every month costs more than it brings


def test_what_leaving_means_is_worked_out_for_every_month_of_the_longest_commitment() -> None:
    assert MONTHS.tolist() == list(range(25))
    assert NO_FLOOR == -4_611_686_018_427_387_904
    given = monthly(24, discount_cents=120, discount_net_cents=100, discount_months=18, subsidised=1)
    french, belgian = (leaving(given, exits) for exits in (FRANCE, BELGIUM))
    assert french.done_months[0, 0].tolist() == list(range(25))
    assert french.due_months[0, 0].tolist() == list(range(24, -1, -1))
    assert french.due_discount_cents[0, 0, [0, 17, 18, 24]].tolist() == [2_160, 120, 0, 0]
    assert french.paid_months[0, 0, [0, 11, 12, 24]].tolist() == [24, 24, 12, 24]
    assert french.given_cents[0, 0, [0, 12, 18, 24]].tolist() == [1_800, 1_200, 1_800, 1_800]
    assert french.share_micro[0, 0, [0, 11, 12, 24]].tolist() == [0, 0, 200_000, 200_000]
    assert belgian.due_months[0, 0, [0, 5, 6, 7, 24]].tolist() == [6, 1, 0, 0, 0]
    assert belgian.due_discount_cents[0, 0, [0, 5, 6, 7]].tolist() == [720, 120, 0, 0]
    short = leaving(monthly(2, discount_cents=120, discount_months=9), FRANCE)
    assert short.done_months[0, 0, [0, 1, 2, 3, 24]].tolist() == [0, 1, 2, 2, 2]
    assert short.due_months[0, 0, [0, 1, 2, 3]].tolist() == [2, 1, 0, 0]


def test_in_belgium_six_months_bind_and_a_handset_falls_to_nothing_in_equal_steps() -> None:
    assert lowest(BELGIUM, monthly(24)) == 6 * 1_000  # at once or after six months
    handset = monthly(24, subsidised=1, kept_value_cents=24_000)
    found = leaving(handset, BELGIUM).handset
    assert found is not None
    assert found.residual_cents[0, 0, [0, 1, 12, 23, 24]].tolist() == [24_000, 23_000, 12_000, 1_000, 0]
    assert found.months[0, 0, [0, 24]].tolist() == [24, 0]
    bare = leaving(monthly(24, kept_value_cents=24_000), BELGIUM).handset
    nothing = leaving(monthly(0, subsidised=1, kept_value_cents=500), BELGIUM).handset
    assert bare is not None
    assert nothing is not None
    assert (bare.residual_cents.max(), nothing.residual_cents.max()) == (0, 0)
    one = leaving(monthly(1, subsidised=1, kept_value_cents=500), BELGIUM).handset
    assert one is not None
    assert one.residual_cents[0, 0, [0, 1]].tolist() == [500, 0]
    discounted = leaving(monthly(24, discount_cents=120, discount_months=18), BELGIUM).handset
    assert discounted is not None
    assert discounted.discount_cents[0, 0, [0, 17, 18, 19]].tolist() == [18 * 120, 120, 0, 0]
    assert leaving(handset, FRANCE).handset is None


def test_what_is_due_for_a_handset_is_no_more_than_the_rest_of_the_subscription() -> None:
    dear = monthly(12, subsidised=1, kept_value_cents=1_200_000)
    # after six months: 6 x 10.00 kept, and at most the 6 x 12.00 that are left; at once the fee comes to 6 x 12.00 too
    assert lowest(BELGIUM, dear) == 12 * 1_000
    # six months at 2.40 less, of which 2.00 net: then 6 x 10.00 are left and so asked, and no discount of months gone
    cheaper = monthly(12, subsidised=1, kept_value_cents=1_200_000, discount_cents=240, discount_net_cents=200)
    cheaper = replace(cheaper, discount_months=np.array([[12]]))
    assert lowest(BELGIUM, cheaper) == 12 * 800


def test_the_law_of_a_day_before_any_leaves_it_to_the_contract() -> None:
    silent = exits_of("BE", {}, TODAY)
    assert set(silent.shares_micro.ravel().tolist()) == {ALL_DUES}
    assert silent.until.tolist() == list(range(25))
    assert silent.device_rule is None
    assert silent.rules[0, 12, 11] == "FR-EXIT-D"
    assert silent.rules[0, 12, 12] == ""
    assert set(exits_of("FR", {}, TODAY).shares_micro.ravel().tolist()) == {ALL_DUES}


def test_where_two_lines_of_the_statute_hold_the_newer_counts() -> None:
    law = house_documents()["law-fr.toml"]
    [line] = law["FR-EXIT-C"]["values"]
    both = {**law, "FR-EXIT-C": {**law["FR-EXIT-C"], "values": [{**line, "to": datetime.date(2030, 1, 1)}]}}
    exits = exits_of("FR", both, TODAY)
    assert exits.rules[:, 24, 12].tolist() == ["FR-EXIT-A", "FR-EXIT-B"]
    assert exits.shares_micro[:, 24, 12].tolist() == [0, 200_000]


def test_the_value_of_a_handset_is_asked_under_the_rule_that_allows_it() -> None:
    law = house_documents()["law-be.toml"]
    assert exits_of("BE", law, TODAY).device_rule == "BE-DEV"
    assert exits_of("BE", {name: rule for name, rule in law.items() if name != "BE-DEV"}, TODAY).device_rule is None
    assert FRANCE.device_rule is None


def test_the_caps_stand_for_both_kinds_of_contract_and_every_month_of_every_commitment() -> None:
    assert FRANCE.shares_micro.shape == FRANCE.rules.shape == BELGIUM.shares_micro.shape == (2, 25, 25)
