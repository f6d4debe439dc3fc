"""Each rule alone, on a sheet written by hand: what holds a step before its edge, at it and a step behind."""

from typing import Any

import pytest

from engine.rules import house, ladder, law, service
from engine.rules.law import EVERYWHERE
from engine.twins import NO_TWIN
from tests.engine.sheets import NO, YES, F, T, said, sheet, space, texts


def test_a_rule_that_concerns_nobody_holds_everywhere() -> None:
    assert EVERYWHERE.tolist() == [[True]]


def test_what_the_rulebook_does_not_have_is_refused() -> None:
    assert said(house.stands_in_the_rulebook(sheet())) == [[T, T, F]]


def test_the_floors_are_reached_at_the_cent() -> None:
    amounts = {"secured_cents": [[99, 100, 101]], "priced": {"floor_cents": [[100, 100, 100]]}}
    assert said(house.keeps_the_margin(sheet(**amounts))) == [[F, T, T]]
    share = {"secured_cents": [[99, 100, 101]], "months": {"share_floor_cents": [[100, 100, 100]]}}
    assert said(house.keeps_the_share(sheet(**share))) == [[F, T, T]]


def test_the_authority_ends_at_the_cent_and_a_due_needs_none() -> None:
    depth = {"priced": {"depth_cents": [[99, 100, 101]]}, "question": {"depth_limit_cents": [[100]]}}
    assert said(house.stays_within_authority(sheet(**depth))) == [[T, T, F]]
    assert said(house.stays_within_authority(sheet(marks={"entitlement": [[F, F, T]]}, **depth))) == [[T, T, T]]


def test_what_is_sold_out_today_is_gone_for_whoever_is_told_so() -> None:
    there = {"priced": {"in_stock": [[T, T, F]]}, "terms": {"device": [[0, 1, -1]]}}
    assert said(house.is_in_stock(sheet({"sold_out": texts((), ())}, **there))) == [[T, T, F]]
    told = sheet({"sold_out": texts(("b", "unheard-of"), ())}, **there)
    assert said(house.is_in_stock(told)) == [[T, F, F], [T, T, F]]


def test_prices_and_discounts_may_meet() -> None:
    assert said(house.costs_no_more_than_in_the_shop(sheet(priced={"within_shop_price": [[T, F, T]]}))) == [[T, F, T]]
    price = {
        "terms": {"discount_cents": [[999, 1000, 1001]]},
        "question": {"tariffs": space({"price_cents": [[1000]]})},
    }
    assert said(house.discounts_no_more_than_the_price(sheet(**price))) == [[T, T, F]]


def test_a_free_month_lacks_at_most_nothing_and_a_due_is_a_due() -> None:
    lacks = {"months": {"lacks_cents": [[-1, 0, 1]]}}
    assert said(house.pays_for_its_months(sheet(**lacks))) == [[T, T, F]]
    assert said(house.pays_for_its_months(sheet(marks={"entitlement": [[F, F, T]]}, **lacks))) == [[T, T, T]]


def test_a_new_commitment_ends_no_sooner_than_the_current_one_and_none_at_all_may() -> None:
    terms = {"terms": {"commitment_months": [[0, 1, 12]]}, "counted_months": [[0, 1, 12]]}
    assert said(house.keeps_the_current_commitment(sheet({"remaining_months": [12]}, **terms))) == [[T, F, T]]
    assert said(house.keeps_the_current_commitment(sheet({"remaining_months": [13]}, **terms))) == [[T, F, F]]
    assert said(house.keeps_the_current_commitment(sheet({"remaining_months": [1]}, **terms))) == [[T, T, T]]


def test_only_the_device_in_use_is_taken_back() -> None:
    trade_in = {"terms": {"trade_in": [[-1, 0, 1]]}, "question": {"device_in_use": [[1]]}}
    assert said(house.returns_the_device_in_use(sheet(**trade_in))) == [[T, F, T]]


@pytest.mark.parametrize("rows", [1, 2])
def test_the_conditions_are_those_of_each_candidates_template(rows: int) -> None:
    eligible = {"question": {"eligible": [[T, F]] * rows}, "terms": {"template": [[1, 0, 0]] * rows}}
    assert said(house.meets_the_conditions(sheet(**eligible))) == [[F, T, T]] * rows


def test_the_conditions_of_several_customers_are_met_by_each_alone() -> None:
    shared = {"question": {"eligible": [[T, F], [F, T]]}, "terms": {"template": [[1, 0, 0]]}}
    assert said(house.meets_the_conditions(sheet(**shared))) == [[F, T, T], [T, F, F]]
    own = {"question": {"eligible": [[T, F], [F, T]]}, "terms": {"template": [[1, 0, 0], [1, 1, 0]]}}
    assert said(house.meets_the_conditions(sheet(**own))) == [[F, T, T], [T, T, F]]


def test_what_is_out_of_order_or_promised_comes_first() -> None:
    told = sheet({"open_fault": texts("", "no signal"), "unkept_promise": texts("callback", "")})
    assert said(service.nothing_is_out_of_order(told)) == [YES, NO]
    assert said(ladder.no_promise_is_broken(told)) == [NO, YES]


@pytest.mark.parametrize(("granted", "expected"), [(49, [T, T, T]), (50, [T, T, T]), (51, [T, T, F]), (101, [F, F, F])])
def test_an_account_holds_what_it_was_granted_and_what_is_granted_now(granted: int, expected: list[bool]) -> None:
    account = {"policy": {"account_depth_cents": 100}, "priced": {"depth_cents": [[-20, 0, 50]]}}
    facts = {"account_granted_cents": [granted]}
    assert said(ladder.stays_within_the_account(sheet(facts, **account))) == [expected]
    due = sheet(facts, marks={"entitlement": [[T, T, T]]}, **account)
    assert said(ladder.stays_within_the_account(due)) == [[T, T, T]]


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (law.ends_within_24_months_in_france, "FR-MAX24"),
        (law.ends_within_24_months_in_belgium, "BE-24"),
        (law.ends_within_24_months_in_the_union, "EU-24"),
    ],
)
def test_a_commitment_ends_with_the_last_month_of_the_law(rule: Any, name: str) -> None:
    months = {"counted_months": [[23, 24, 25]]}
    assert said(rule(sheet(lines={name: {"months": 24}}, **months))) == [[T, T, F]]
    assert said(rule(sheet(lines={"another": {"months": 24}}, **months))) == "everywhere"


def test_a_long_offer_has_its_twin_and_has_it_near() -> None:
    twins = {"needs_no_twin": [[F, F, T]], "twin_cents": [[500, NO_TWIN, NO_TWIN]]}
    assert said(law.comes_with_its_twin(sheet(**twins))) == [[T, F, T]]
    assert said(law.comes_with_its_twin(sheet(needs_no_twin=None))) == "everywhere"
    prices = {"terms": {"top_up_cents": [[400, 0, 0]]}, "lines": {"FR-TWINGAP": {}}}
    for gap, near in ((99, F), (100, T), (101, T)):
        found = sheet(**twins, **prices, policy={"twin_gap_cents": gap})
        assert said(law.has_its_twin_near(found)) == [[near, T, T]]
    assert said(law.has_its_twin_near(sheet(needs_no_twin=None, **prices))) == "everywhere"
    assert said(law.has_its_twin_near(sheet(**twins, lines={}))) == "everywhere"
    short = sheet(needs_no_twin=[[T, T, T]], twin_cents=[[500, 500, 500]], policy={"twin_gap_cents": 0}, **prices)
    assert said(law.has_its_twin_near(short)) == [[T, T, T]]


def test_a_handset_has_a_stated_value_and_no_words_are_void_where_the_law_says_so() -> None:
    found = {"priced": {"value_is_stated": [[T, F, T]]}, "marks": {"void": [[F, T, F]]}}
    assert said(law.states_the_value_of_the_handset(sheet(**found))) == "everywhere"
    assert said(law.states_the_value_of_the_handset(sheet(**found, lines={"FR-PERF": {}}))) == [[T, F, T]]
    assert said(law.says_nothing_that_is_void(sheet(**found))) == "everywhere"
    assert said(law.says_nothing_that_is_void(sheet(**found, lines={"BE-VOID": {}}))) == [[T, F, T]]


def test_the_vulnerable_get_standard_offers_and_their_due() -> None:
    marks, lines = {"standard": [[T, F, F]], "entitlement": [[F, T, F]]}, {"AIA-5": {}}
    facts = {"over_indebted": [T, F, F], "protected_adult": [F, T, F]}
    expected = [[T, T, F], [T, T, F], [T, T, T]]
    assert said(law.exploits_no_vulnerability(sheet(facts, marks=marks, lines=lines))) == expected
    assert said(law.exploits_no_vulnerability(sheet(facts, marks=marks))) == "everywhere"
    nobody = {"over_indebted": [F], "protected_adult": [F]}
    assert said(law.exploits_no_vulnerability(sheet(nobody, marks=marks, lines=lines))) == "everywhere"


def test_an_objection_leaves_standard_offers_to_who_comes_to_us_and_what_is_due() -> None:
    marks = {"standard": [[T, F, F]], "entitlement": [[F, T, F]]}
    facts, outbound = {"objects_to_profiling": [T, T, F]}, {"question": {"outbound": [F, T, F]}}
    found = service.respects_the_objection(sheet(facts, marks=marks, **outbound))
    assert said(found) == [[T, T, F], [F, T, F], [T, T, T]]
    nobody = sheet({"objects_to_profiling": [F, F, F]}, marks=marks, **outbound)
    assert said(service.respects_the_objection(nobody)) == "everywhere"


def test_what_was_said_bounds_months_and_top_up_but_for_wishes_and_dues() -> None:
    wish = space({"max_commitment_months": [[12]], "max_upfront_cents": [[5_000]]})
    months = {"question": {"wish": wish}, "terms": {"commitment_months": [[11, 12, 13]], "top_up_cents": [[0, 0, 0]]}}
    assert said(service.stays_within_what_was_said(sheet(**months))) == [[T, T, F]]
    cents = {"commitment_months": [[0, 0, 0]], "top_up_cents": [[4_999, 5_000, 5_001]]}
    assert said(service.stays_within_what_was_said(sheet(question={"wish": wish}, terms=cents))) == [[T, T, F]]
    assert said(service.stays_within_what_was_said(sheet(marks={"wish": [[F, F, T]]}, **months))) == [[T, T, T]]
    assert said(service.stays_within_what_was_said(sheet(marks={"entitlement": [[F, F, T]]}, **months))) == [[T, T, T]]


def test_terms_are_worth_at_least_nothing_or_asked_for_or_due() -> None:
    worth = {"surplus_micro": [[-1, 0, 1]]}
    assert said(service.is_worth_something_to_the_customer(sheet(**worth))) == [[F, T, T]]
    asked = sheet(**worth, asked_for=[[T, F, F]])
    assert said(service.is_worth_something_to_the_customer(asked)) == [[T, T, T]]
    due = sheet(**worth, marks={"entitlement": [[T, F, F]]})
    assert said(service.is_worth_something_to_the_customer(due)) == [[T, T, T]]


@pytest.mark.parametrize("policy", ["show", "approve", "hide"])
def test_the_value_is_above_that_of_no_offer_or_is_not_asked(policy: str) -> None:
    value = {"value_cents": [[0, 1, -1]], "policy": {"wish_below_nothing": policy}}
    assert said(service.beats_offering_nothing(sheet(**value))) == [[F, T, F]]
    assert said(service.beats_offering_nothing(sheet(**value, marks={"entitlement": [[T, F, F]]}))) == [[T, T, F]]
    wished = sheet(**value, marks={"wish": [[F, F, T]]})
    assert said(service.beats_offering_nothing(wished)) == [[F, T, policy != "hide"]]
    assert said(service.beats_offering_nothing(sheet(**value, question={"profiled": [F]}))) == [[T, T, T]]
