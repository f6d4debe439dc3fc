"""Every rule of the house refuses on one side of its limit and holds on the other."""

from typing import Any

import numpy as np
import pytest

from engine.answers import write_answer
from engine.rules import BIT, LIMITS, RULES, refusing_rules
from tests.engine.questions import asked, shipped, verdict

RULEBOOK = shipped()
LEAVING = {"p_churn": 0.4, "price_cents": 2990, "reason_for_contact": "wants_to_leave"}
NEWCOMER = "as-a-newcomer"
LONG_AGO = np.datetime64("2016-01-01")


def refused(offer_id: str, **facts: Any) -> list[str]:
    return verdict(asked(RULEBOOK, {**LEAVING, **facts}), offer_id)


def test_every_rule_is_named_once_and_every_verdict_can_be_read_back() -> None:
    assert len(BIT) == len(RULES)
    everything = refusing_rules((1 << len(RULES)) - 1)
    assert everything == [rule.id for rule in RULES]
    assert refusing_rules(0) == []


def test_conditions_are_read_from_the_facts_and_the_unknown_never_meets_them() -> None:
    offer = "discount-extras.12m.data_5gb.-100x12"
    assert "HOUSE-ELIGIBLE" in refused(offer)
    assert "HOUSE-ELIGIBLE" in refused(offer, customer_since=np.datetime64("2026-05-24"))
    assert "HOUSE-ELIGIBLE" not in refused(offer, customer_since=np.datetime64("2026-05-23"))


@pytest.mark.parametrize(
    ("conditions", "meets", "misses"),
    [
        ('[{ fact = "sms_per_month", at_most = 10 }]', {"sms_per_month": 10}, {"sms_per_month": 11}),
        ('[{ fact = "sms_per_month", at_most = 10 }]', {"sms_per_month": 0}, {"sms_per_month": -1}),
        ('[{ fact = "language", one_of = ["nl", "en"] }]', {"language": "nl"}, {"language": "fr"}),
        ('[{ fact = "current_device", equals = "pixel-9a" }]', {"current_device": "pixel-9a"}, {}),
        (
            '[{ fact = "refusals_on_file", at_least = 1, at_most = 2 }]',
            {"refusals_on_file": 2},
            {"refusals_on_file": 3},
        ),
        (
            '[{ any_of = [{ fact = "language", equals = "en" }, { fact = "data_mb_per_month", at_least = 5000 }] }]',
            {"data_mb_per_month": 5000},
            {"data_mb_per_month": 4999},
        ),
        (
            '[{ fact = "commitment_end", at_most = 2026-12-31 }]',
            {"commitment_end": np.datetime64("2026-12-31")},
            {"commitment_end": np.datetime64("2027-01-01")},
        ),
    ],
)
def test_each_kind_of_condition(conditions: str, meets: dict[str, Any], misses: dict[str, Any]) -> None:
    old = 'id = "credit"\nkind = "credit"'
    rulebook = shipped(offers=(old, f"{old}\nconditions = {conditions}"))
    offer = "credit.12m.credit1000"
    assert "HOUSE-ELIGIBLE" not in verdict(asked(rulebook, {**LEAVING, **meets}), offer)
    assert "HOUSE-ELIGIBLE" in verdict(asked(rulebook, {**LEAVING, **misses}), offer)


def test_only_the_device_in_use_is_traded_in() -> None:
    offer = "trade-in.pixel-9a.for-galaxy-a36.12m.top029990"
    assert "HOUSE-TRADE-IN" not in refused(offer, current_device="galaxy-a36")
    assert "HOUSE-TRADE-IN" in refused(offer, current_device="galaxy-a17")
    assert "HOUSE-TRADE-IN" in refused(offer)


def test_a_device_out_of_stock_is_not_promised_not_even_when_wished() -> None:
    sold_out = shipped(devices=("stock = 420", "stock = 0"))
    decisions = asked(sold_out, {**LEAVING, "wants_device": "galaxy-a17"})
    assert "HOUSE-STOCK" in verdict(decisions, "phone.galaxy-a17.12m.top001990")
    answer = write_answer(decisions, 0)
    assert answer["wish"] == {"met": False, "offer_id": None, "missing": {}, "below_nothing": None, "unknown": []}
    assert all(offer["device"] != "galaxy-a17" for offer in answer["offers"])
    assert answer["why_not"][0]["rules"][0] == "HOUSE-STOCK"


def test_a_discount_is_no_larger_than_the_price() -> None:
    assert "HOUSE-PRICE" not in refused("discount.0m.-1000x6", price_cents=1000)
    assert "HOUSE-PRICE" in refused("discount.0m.-1000x6", price_cents=999)


def test_a_new_commitment_does_not_end_before_the_current_one() -> None:
    runs_on = {"commitment_end": np.datetime64("2027-11-24")}
    assert "HOUSE-SHORTENS" in refused("discount.12m.-300x12", **runs_on)
    assert "HOUSE-SHORTENS" not in refused("discount.24m.-300x24", **runs_on)
    assert "HOUSE-SHORTENS" not in refused("discount.0m.-300x6", **runs_on)
    assert "HOUSE-SHORTENS" not in refused("discount.12m.-300x12", commitment_end=np.datetime64("2027-11-23"))


@pytest.mark.parametrize(("share", "holds"), [("0.701", True), ("0.702", False)])
def test_the_floor_is_also_a_share_of_net_revenue(share: str, holds: bool) -> None:
    number = "value = 0.10 }]\n\n[depth_cents_agent]"
    stricter = shipped(policy=(number, number.replace("0.10", share)))
    customer = {**LEAVING, "cost_to_serve_cents": 627}
    assert 12 * (2492 - 250 - 627) - 500 == 18_880  # of 12 x (2492 - 250) = 26 904: a share of 0.7018
    assert ("HOUSE-FLOOR-SHARE" not in verdict(asked(stricter, customer), "discount.12m.-300x12")) == holds


@pytest.mark.parametrize(("limit", "holds"), [("3_000", True), ("2_999", False)])
def test_the_depth_of_a_concession_is_bounded_by_the_role(limit: str, holds: bool) -> None:
    stricter = shipped(policy=("value = 15_000", f"value = {limit}"))
    offer = "discount.12m.-300x12"  # 2.50 net over 12 months: 30.00
    assert ("HOUSE-AUTHORITY" not in verdict(asked(stricter, {**LEAVING, "role": "agent"}), offer)) == holds
    assert "HOUSE-AUTHORITY" not in verdict(asked(stricter, {**LEAVING, "role": "supervisor"}), offer)


def test_an_auditor_may_grant_nothing() -> None:
    assert "HOUSE-AUTHORITY" in refused("discount.12m.-300x12", role="auditor")


def test_what_an_agent_may_not_grant_says_who_may() -> None:
    stricter = shipped(policy=("value = 15_000", "value = 0"))
    answer = write_answer(asked(stricter, {**LEAVING, "role": "agent"}), 0)
    told = [refusal for refusal in answer["why_not"] if refusal["rules"] == ["HOUSE-AUTHORITY"]]
    assert told
    assert told[0]["may_approve"] == ["supervisor", "manager"]
    assert "superviseur et responsable" in told[0]["sentences"]["fr"]


def test_loyalty_has_its_due_by_tenure_whatever_it_is_worth() -> None:
    def dues(since: str) -> list[str]:
        answer = write_answer(asked(RULEBOOK, {"p_churn": 0.01, "customer_since": np.datetime64(since)}), 0)
        return [offer["template"] for offer in answer["entitlements"]]

    assert dues("2026-01-01") == [NEWCOMER]
    assert dues("2024-11-23") == [NEWCOMER, "loyalty-2-years"]
    assert dues("2021-11-23") == [NEWCOMER, "loyalty-2-years", "loyalty-5-years"]


def test_an_entitlement_still_passes_the_floor() -> None:
    stricter = shipped(policy=("value = -1_000", "value = -900"))
    answer = write_answer(asked(stricter, {"p_churn": 0.01, "customer_since": LONG_AGO}), 0)
    assert [offer["template"] for offer in answer["entitlements"]] == [NEWCOMER, "loyalty-2-years"]


def test_after_an_objection_nothing_is_scored_and_standard_offers_stand_in_their_order() -> None:
    calling = {**LEAVING, "objects_to_profiling": True, "channel": "phone_in"}
    answer = write_answer(asked(RULEBOOK, calling), 0)
    assert answer["stance"] == "standard_only"
    assert answer["p_churn"] is None
    templates = [offer["template"] for offer in answer["offers"]]
    assert templates[0] == "standard-discount"
    assert set(templates) <= {"standard-discount", "standard-data", "standard-phone"}
    assert all(offer["p_accept"] is None for offer in answer["offers"])


def test_who_objects_is_offered_nothing_by_a_call_of_ours_but_what_is_due() -> None:
    called = {**LEAVING, "objects_to_profiling": True, "channel": "phone_out", "customer_since": LONG_AGO}
    answer = write_answer(asked(RULEBOOK, called), 0)
    assert (answer["stance"], answer["offers"]) == ("standard_only", [])
    assert [offer["template"] for offer in answer["entitlements"]] == [NEWCOMER, "loyalty-2-years", "loyalty-5-years"]


def test_nothing_on_the_table_is_longer_or_dearer_than_the_customer_said() -> None:
    said = {**LEAVING, "customer_since": LONG_AGO, "channel": "phone_in", "wants_device": "galaxy-a17"}
    limits = {"wants_max_commitment_months": 12, "wants_max_upfront_cents": 5_000}
    offers = write_answer(asked(RULEBOOK, {**said, **limits}), 0)["offers"]
    assert len(offers) > 1
    for offer in offers:
        assert offer["commitment_months"] <= 12
        assert offer["top_up_cents"] <= 5_000
    assert "BEYOND-LIMIT" in verdict(asked(RULEBOOK, {**said, **limits}), "discount.24m.-1000x24")


def test_an_unmet_wish_says_what_is_missing_even_where_nothing_near_is_offered() -> None:
    wish = {"wants_device": "pixel-9a", "wants_max_commitment_months": 12, "wants_max_upfront_cents": 15_000}
    customer = {"p_churn": 0.2, "price_cents": 2999, "channel": "phone_in"}
    told = write_answer(asked(RULEBOOK, {**customer, **wish}), 0)["wish"]
    assert (told["met"], told["offer_id"]) == (False, None)
    assert told["missing"]["upfront_cents"] > 0


def test_a_wish_for_what_the_catalogue_does_not_know_is_not_met_and_says_so() -> None:
    wish = {"wants_device": "Galaxy A17", "wants_needs": ("sms_15", "netflix"), "channel": "phone_in"}
    answer = write_answer(asked(RULEBOOK, {**LEAVING, **wish}), 0)
    assert answer["wish"]["met"] is False
    assert answer["wish"]["unknown"] == ["Galaxy A17", "netflix"]
    assert all(offer["why"] != "asked_for" for offer in answer["offers"])


def test_months_that_are_free_to_leave_are_not_given_away() -> None:
    free = {**LEAVING, "channel": "phone_in", "wants_max_monthly_cents": 0}
    decisions = asked(RULEBOOK, free)
    offer = write_answer(decisions, 0)["offers"][0]
    assert offer["missing"]["monthly_cents"] > 0
    _, personal = decisions.verdicts(0)
    assert "HOUSE-MONTH" in refusing_rules(int(personal[0]))
    deepest = {**LEAVING, "price_cents": 1400}
    assert 1000 * 10 // 12 + 400 > 1400 * 10 // 12 - 1
    assert "HOUSE-MONTH" in verdict(asked(RULEBOOK, deepest), "discount.0m.-1000x6")
    assert "HOUSE-MONTH" not in verdict(asked(RULEBOOK, {**LEAVING, "price_cents": 1480}), "discount.0m.-1000x6")


def test_a_wish_meets_the_conditions_that_the_manager_set_on_wishes() -> None:
    rulebook = shipped(offers=("[wish]\n", '[wish]\nconditions = [{ fact = "tenure_months", at_least = 3 }]\n'))
    wish = {**LEAVING, "channel": "phone_in", "wants_device": "galaxy-a17"}
    newcomer = asked(rulebook, {**wish, "customer_since": np.datetime64("2026-11-20")})
    assert write_answer(newcomer, 0)["wish"]["offer_id"] is None
    assert write_answer(newcomer, 0)["why_not"][0]["rules"][0] == "HOUSE-ELIGIBLE"
    assert write_answer(asked(rulebook, {**wish, "customer_since": LONG_AGO}), 0)["wish"]["met"]


def test_the_twin_of_a_wish_has_the_same_discount() -> None:
    wish = {**LEAVING, "channel": "phone_in", "wants_max_monthly_cents": 990, "role": "manager", "price_cents": 2990}
    decisions = asked(RULEBOOK, wish)
    page, at = decisions.at(0)
    sheet, terms = page.sheet, page.sheet.priced.terms
    longer = sheet.marks.wish[0] & sheet.candidates.exists[at] & (terms.commitment_months[0] == 24)
    assert longer.any()
    for column in np.flatnonzero(longer):
        twins = sheet.candidates.twins.of(at, int(column))
        assert (terms.discount_cents[at, twins] == terms.discount_cents[at, column]).all()
        passes = any(sheet.refused[at, twin] & LIMITS == 0 for twin in twins)
        assert passes or "FR-TWIN12" in refusing_rules(int(sheet.refused[at, column]))


def test_a_calm_customer_is_left_alone() -> None:
    answer = write_answer(asked(RULEBOOK, {"p_churn": 0.005, "channel": "phone_out"}), 0)
    assert answer["stance"] == "leave_alone"
    assert answer["offers"] == []
    assert {refusal["rules"][-1] for refusal in answer["why_not"]} >= {"BELOW-NOTHING"}


WISH_BELOW_NOTHING = {"p_churn": 0.001, "wants_device": "galaxy-a17", "channel": "phone_out"}


@pytest.mark.parametrize(
    ("policy", "may_approve"), [("show", ["agent", "supervisor", "manager"]), ("approve", ["supervisor", "manager"])]
)
def test_a_wish_below_nothing_is_shown_or_needs_approval_as_policy_says(policy: str, may_approve: list[str]) -> None:
    rulebook = shipped(policy=('value = "approve"', f'value = "{policy}"'))
    answer = write_answer(asked(rulebook, WISH_BELOW_NOTHING), 0)
    first = answer["offers"][0]
    assert (first["template"], first["commitment_months"], first["below_nothing"]) == ("wish", 12, True)
    wish = {"met": True, "offer_id": first["offer_id"], "missing": {}, "below_nothing": True, "unknown": []}
    assert answer["wish"] == wish
    assert first["may_approve"] == may_approve
    assert first["needs_approval"] == ("agent" not in may_approve)


def test_a_hidden_wish_below_nothing_gives_way_to_one_above_it() -> None:
    rulebook = shipped(policy=('value = "approve"', 'value = "hide"'))
    answer = write_answer(asked(rulebook, WISH_BELOW_NOTHING), 0)
    assert not answer["offers"][0]["below_nothing"]
    assert answer["offers"][0]["commitment_months"] == 0
    assert "BELOW-NOTHING" in answer["why_not"][0]["rules"]
