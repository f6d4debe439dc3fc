"""What a case remembers refuses exactly what it should, and a first contact is refused nothing by it."""

from typing import Any

import numpy as np
import pytest

from engine.answers import write_answer
from engine.fields import MEMORY, NOTHING_REFUSED_MICRO
from engine.rules import BIT, LIMITS
from tests.engine.questions import asked, shipped, verdict

RULEBOOK = shipped()
LEAVING = {
    "p_churn": 0.4,
    "price_cents": 2990,
    "reason_for_contact": "wants_to_leave",
    "channel": "phone_in",
    "customer_since": np.datetime64("2016-01-01"),
}
DUE = "loyalty-5-years"
PHONE = "phone.galaxy-a17.12m.top001990"


def answered(**memory: Any) -> dict[str, Any]:
    return write_answer(asked(RULEBOOK, {**LEAVING, **memory}), 0)


def refused(offer_id: str, **memory: Any) -> list[str]:
    return verdict(asked(RULEBOOK, {**LEAVING, **memory}), offer_id)


def ids(offers: list[dict[str, Any]]) -> list[str]:
    return [offer["offer_id"] for offer in offers]


def test_a_case_that_remembers_nothing_is_decided_as_a_first_contact() -> None:
    assert answered(**{field.name: field.default for field in MEMORY}) == answered()
    rules = ("LADDER-REFUSED", "LADDER-BETTER", "LADDER-OVER", "HOUSE-PROMISE-FIRST")
    found = asked(RULEBOOK, LEAVING).verdicts(0)[0]
    assert not (found & sum(1 << BIT[rule] for rule in rules)).any()


def test_a_refused_offer_does_not_come_back_and_another_takes_its_place() -> None:
    first = answered()["offers"][0]["offer_id"]
    again = answered(refused_offers=(first, "an-offer-of-last-year.12m"))
    assert first not in ids(again["offers"])
    assert again["offers"]
    assert "LADDER-REFUSED" in refused(first, refused_offers=(first,))


@pytest.mark.parametrize(
    ("named", "holds"),
    [
        ("wish.12m.-300x12", False),
        ("welcome.12m.-300x12", False),
        ("discount.12m.-300x12", False),
        ("wish.24m.-300x12", True),
        ("discount.12m.-300x6", True),
        ("12m.-300x12", True),
    ],
)
def test_refused_terms_do_not_come_back_under_another_name(named: str, holds: bool) -> None:
    assert ("LADDER-REFUSED" not in refused("discount.12m.-300x12", refused_offers=(named,))) is holds


def test_who_asks_in_so_many_words_for_what_was_refused_unasked_gets_it() -> None:
    wish = {"wants_device": "galaxy-a17", "wants_max_commitment_months": 12}
    first = answered(**wish)["wish"]["offer_id"]
    unasked = first.replace("wish.", "phone.")
    assert first in ids(answered(**wish, refused_offers=(unasked,))["offers"])


def test_a_refused_wish_does_not_come_back_at_the_same_terms() -> None:
    wish = {"wants_device": "galaxy-a17", "wants_max_commitment_months": 12}
    first = answered(**wish)["wish"]["offer_id"]
    assert first.startswith("wish.galaxy-a17.12m.top")
    assert first not in ids(answered(**wish, refused_offers=(first,))["offers"])


def test_a_device_nobody_wants_is_not_sold_again_whatever_the_offer() -> None:
    assert "LADDER-REFUSED" in refused(PHONE, unwanted_devices=("galaxy-a17", "nokia-3310"))
    assert "LADDER-REFUSED" not in refused(PHONE, unwanted_devices=("pixel-9a",))
    assert all(offer["device"] != "galaxy-a17" for offer in answered(unwanted_devices=("galaxy-a17",))["offers"])


@pytest.mark.parametrize(("above", "holds"), [(-1, True), (0, False), (1, False)])
def test_what_follows_a_refusal_is_worth_more_than_what_was_refused(above: int, holds: bool) -> None:
    decisions = asked(RULEBOOK, LEAVING)
    column = decisions.question.in_force.catalogue.column_of["discount.12m.-300x12"]
    page, at = decisions.at(0)
    worth = int(page.sheet.surplus_micro[at, column])
    assert ("LADDER-BETTER" not in refused("discount.12m.-300x12", least_worth_micro=worth + above)) == holds


def test_worth_is_not_asked_after_an_objection() -> None:
    objects = {"objects_to_profiling": True, "least_worth_micro": 10**12}
    assert "LADDER-BETTER" not in refused("standard-discount.12m.-600x12", **objects)
    assert NOTHING_REFUSED_MICRO < -(10**14)


def test_the_ladder_ends_after_its_steps_with_thanks_and_what_is_due() -> None:
    assert answered(steps_taken=2)["offers"]
    over = answered(steps_taken=3)
    assert (over["offers"], over["stance"]) == ([], "leave_alone")
    assert [offer["template"] for offer in over["entitlements"]] == ["as-a-newcomer", "loyalty-2-years", DUE]
    assert over["sentences"]["customer"]["en"].startswith("Thank you for listening.")
    assert {refusal["rules"][0] for refusal in over["why_not"]} >= {"LADDER-OVER"}


def test_a_promise_that_is_not_kept_comes_first_and_nothing_is_sold() -> None:
    answer = answered(unkept_promise="a call back on 20 November", open_fault="no signal")
    assert (answer["stance"], answer["offers"], answer["entitlements"], answer["why_not"]) == (
        "repair_first",
        [],
        [],
        [],
    )
    assert answer["repair"] == {"fault": "no signal", "promise": "a call back on 20 November"}
    said = answer["sentences"]["customer"]["en"]
    assert said == (
        "We first keep what we promised you: a call back on 20 November. We repair what does not work first: no signal."
    )
    assert answered(unkept_promise="a refund")["repair"] == {"fault": None, "promise": "a refund"}


@pytest.mark.parametrize(("granted", "holds"), [(57_000, True), (57_001, False)])
def test_all_lines_of_a_customer_together_are_granted_no_more_than_an_account_holds(granted: int, holds: bool) -> None:
    offer = "discount.12m.-300x12"  # 2.50 net over 12 months: 30.00 of 600.00
    assert ("HOUSE-ACCOUNT" not in refused(offer, account_granted_cents=granted)) == holds


def test_terms_that_cost_nothing_find_no_room_in_an_account_that_is_over_its_limit() -> None:
    assert "HOUSE-ACCOUNT" not in refused("phone.galaxy-a17.12m.top015990", account_granted_cents=60_000)
    assert "HOUSE-ACCOUNT" in refused("phone.galaxy-a17.12m.top015990", account_granted_cents=60_001)


def test_a_due_is_given_whatever_was_granted_refused_or_tried() -> None:
    memory = {
        "account_granted_cents": 60_000,
        "steps_taken": 9,
        "least_worth_micro": 10**12,
        "refused_offers": tuple(ids(answered()["entitlements"])),
    }
    assert [offer["template"] for offer in answered(**memory)["entitlements"]] == [
        "as-a-newcomer",
        "loyalty-2-years",
        DUE,
    ]


def test_the_nearest_terms_of_a_wish_lie_within_what_is_left_of_the_account() -> None:
    wish = {"wants_device": "pixel-9a", "wants_max_commitment_months": 12, "role": "manager"}
    freely = answered(**wish)["offers"][0]
    tightly = answered(**wish, account_granted_cents=55_000)["offers"][0]
    assert tightly["top_up_cents"] > freely["top_up_cents"]
    assert tightly["template"] == "wish"


def test_a_device_sold_out_today_is_not_promised_to_anybody() -> None:
    assert "HOUSE-STOCK" in refused(PHONE, sold_out=("galaxy-a17",))
    assert "HOUSE-STOCK" not in refused(PHONE, sold_out=("pixel-9a", "no-such-phone"))
    two = asked(RULEBOOK, {**LEAVING, "sold_out": ("galaxy-a17",)}, LEAVING)
    assert ["HOUSE-STOCK" in verdict(two, PHONE, row) for row in (0, 1)] == [True, False]
    wish = write_answer(asked(RULEBOOK, {**LEAVING, "wants_device": "galaxy-a17", "sold_out": ("galaxy-a17",)}), 0)
    assert wish["wish"]["met"] is False


def test_only_the_rules_about_when_and_to_whom_are_no_hard_limits() -> None:
    soft = {rule for rule, bit in BIT.items() if not LIMITS >> bit & 1}
    assert soft == {
        "LADDER-OVER",
        "LADDER-REFUSED",
        "LADDER-BETTER",
        "WORTH-NOTHING",
        "BEYOND-LIMIT",
        "BELOW-NOTHING",
    }
