"""What is told of terms that an agent composes, and the guard before an acceptance: figures worked out by hand."""

from typing import Any

import numpy as np

from engine.answers import write_answer
from engine.check import Checked, check, write_check
from engine.rulebook import Rulebook
from tests.engine.questions import TODAY, asked, customers, shipped

RULEBOOK = shipped()
CALLING = {"p_churn": 0.4, "channel": "phone_in", "reason_for_contact": "wants_to_leave"}
PHONE = {"device": "galaxy-a17", "commitment_months": 12, "top_up_cents": 2_040}


def given(terms: dict[str, Any], rulebook: Rulebook = RULEBOOK, **facts: Any) -> Checked:
    row = {**CALLING, **facts}
    return check(customers(row), asked(rulebook, row).scores, rulebook, TODAY, [terms])


def told(terms: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return write_check(given(terms, **facts), 0)


def test_terms_that_keep_everything_are_allowed_and_told_like_an_offer() -> None:
    answer = told(PHONE, wants_device="galaxy-a17")
    assert (answer["allowed"], answer["rules"], answer["why_not"], answer["nearest"]) == (True, [], None, None)
    assert answer["offer"]["offer_id"] == "wish.galaxy-a17.12m.top002040"
    assert answer["offer"]["why"] == answer["offer"]["place"] == "composed"
    assert "20,40" in answer["offer"]["sentences"]["customer"]["fr"]
    assert answer["may_approve"] == ["agent", "supervisor", "manager"]


def test_a_cent_less_lacks_a_cent_of_margin_and_the_nearest_terms_give_it_back() -> None:
    answer = told({**PHONE, "top_up_cents": 2_039})
    assert (answer["allowed"], answer["limits"], answer["missing_cents"]) == (False, ["HOUSE-FLOOR-CENTS"], 1)
    assert answer["nearest"]["offer_id"] == "wish.galaxy-a17.12m.top002040"
    assert answer["may_approve"] == []
    assert answer["why_not"]["en"].endswith("€0.01 of margin is missing.")


def test_terms_beyond_the_authority_say_who_may_approve_them() -> None:
    answer = told({"commitment_months": 12, "credit_cents": 18_001}, price_cents=4_990)  # 150.01 net
    assert (answer["rules"], answer["may_approve"]) == (["HOUSE-AUTHORITY"], ["supervisor", "manager"])
    assert answer["nearest"]["offer_id"] == "wish.12m.credit18000"


def test_a_long_discount_that_only_its_twin_cannot_bear_is_refused_by_the_twin() -> None:
    answer = told({"commitment_months": 24, "discount_cents": 700}, cost_to_serve_cents=500, role="manager")
    # 24 months: 12 x (1492 - 583 - 500) - 500 = 4 408 is secured, 3 600 asked; 12 months as much, 2 404 asked
    assert answer["allowed"]
    assert answer["offer"]["twin"]["offer_id"] == "wish.12m.-700x12"
    answer = told({"commitment_months": 24, "discount_cents": 900}, cost_to_serve_cents=500, role="manager")
    # 12 x (1492 - 750 - 500) - 500 = 2 404: the twin bears it, the 24 months lack 3 600 - 2 404
    assert (answer["missing_cents"], answer["limits"]) == (1_196, ["HOUSE-FLOOR-CENTS"])
    assert answer["nearest"]["offer_id"] == "wish.24m.-780x24"  # 12 x (1492 - 650 - 500) - 500 = 3 604


def test_terms_refused_for_another_reason_than_money_have_no_nearest() -> None:
    answer = told(PHONE, open_fault="no signal")
    assert (answer["rules"], answer["nearest"]) == (["HOUSE-REPAIR-FIRST"], None)


def test_what_the_case_remembers_speaks_against_composed_terms_but_is_no_limit() -> None:
    answer = told(PHONE, wants_device="galaxy-a17", refused_offers=("wish.galaxy-a17.12m.top002040",))
    assert (answer["rules"], answer["limits"]) == (["LADDER-REFUSED"], [])


def test_a_name_that_the_catalogue_does_not_have_is_told_by_name() -> None:
    answer = told({**PHONE, "device": "nokia-3310", "extras": ["sms_15", "netflix"]})
    assert (answer["rules"], answer["limits"]) == (["HOUSE-CATALOGUE"], ["HOUSE-CATALOGUE"])
    assert (answer["unknown"], answer["offer"]) == (["nokia-3310", "netflix"], None)
    assert answer["why_not"]["fr"] == "nokia-3310 et netflix : ne figure pas au catalogue."


def test_an_offer_of_an_answer_is_refused_by_the_guard_once_the_house_changed_its_mind() -> None:
    long_ago = {"price_cents": 2990, "customer_since": np.datetime64("2016-01-01")}
    answer = write_answer(asked(RULEBOOK, {**CALLING, **long_ago}), 0)
    stricter = shipped(policy=("value = 3_600", "value = 99_000"))
    for offer in answer["offers"]:
        assert given(offer, **long_ago).limits(0) == []
        expected = ["HOUSE-FLOOR-CENTS"] if offer["commitment_months"] == 24 else []
        assert given(offer, stricter, **long_ago).limits(0) == expected
    assert {offer["commitment_months"] for offer in answer["offers"]} == {24}


def test_a_recorded_twin_that_no_longer_passes_takes_its_long_offer_with_it() -> None:
    long_ago = {"price_cents": 2990, "customer_since": np.datetime64("2016-01-01")}
    offer = write_answer(asked(RULEBOOK, {**CALLING, **long_ago}), 0)["offers"][0]
    stricter = shipped(policy=("value = 2_404", "value = 99_000"))
    assert given(offer, stricter, **long_ago).limits(0) == ["FR-TWIN12"]


def test_the_rights_of_a_due_are_not_lent_to_other_terms() -> None:
    loyal = {"price_cents": 2990, "customer_since": np.datetime64("2016-01-01"), "role": "auditor"}
    [due] = [
        one
        for one in write_answer(asked(RULEBOOK, {**CALLING, **loyal}), 0)["entitlements"]
        if one["template"] == "loyalty-5-years"
    ]
    assert given(due, **loyal).limits(0) == []
    assert "HOUSE-AUTHORITY" in given({**due, "credit_cents": 100}, **loyal).limits(0)
