"""The slow reference against figures worked out by hand, and its quicker searches against trying every cent."""

import datetime
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.slow_reference.answer import answer
from tests.slow_reference.book import Book, Candidate, open_book
from tests.slow_reference.calls import UNTOLD, against_the_call
from tests.slow_reference.customer import REMEMBERS_NOTHING, Customer, Score, remaining_months, tenure_months
from tests.slow_reference.margin import exit_share_micro, keeps_floors, secured_margin
from tests.slow_reference.money import down, net
from tests.slow_reference.wish import (
    first_unsubsidised,
    largest_discount,
    scan_discount,
    scan_top_up,
    smallest_top_up,
)

RULEBOOK = Path(__file__).parents[2] / "rulebook"
TODAY = datetime.date(2026, 11, 21)
AVERAGE = dict.fromkeys(("device", "commitment", "data", "sms", "international", "service"), 1_000_000)
FACTS: dict[str, Any] = {
    "contract_id": "C-1",
    "customer_id": "",
    "price_cents": 1_790,
    "cost_to_serve_cents": 400,
    "customer_since": datetime.date(2016, 3, 1),
    "commitment_end": None,
    "current_device": "",
    "open_fault": "",
    "objects_to_profiling": False,
    "over_indebted": False,
    "protected_adult": False,
    "channel": "phone_out",
    "reason_for_contact": "information",
    "role": "agent",
    "wants_device": "galaxy-a17",
    "wants_max_commitment_months": 12,
    "wants_max_monthly_cents": -1,
    "wants_max_upfront_cents": -1,
    "wants_needs": (),
    **REMEMBERS_NOTHING,
    **UNTOLD,
}
PHONE = Candidate(template="wish", kind="device", commitment_months=12, discount_months=12, device="galaxy-a17")


def house(today: datetime.date = TODAY) -> Book:
    return open_book({path.name: tomllib.loads(path.read_text("utf-8")) for path in RULEBOOK.glob("*.toml")}, today)


def customer(**facts: Any) -> Customer:
    return Customer({**FACTS, **facts}, Score(400_000, 6, AVERAGE))


def test_a_price_is_converted_half_up() -> None:
    assert [net(gross, 200_000) for gross in (1_790, 2_040, 2_039, 3, 0)] == [1_492, 1_700, 1_699, 3, 0]


def test_the_wanted_phone_comes_first_at_the_top_up_that_keeps_the_floor_to_the_cent() -> None:
    found = answer(house(), customer())
    assert found.offers[0] == found.wish == "wish.galaxy-a17.12m.top002040"
    assert found.wish_met
    assert secured_margin(house(), replace(PHONE, top_up_cents=2_040), customer()) == 2_404
    assert secured_margin(house(), replace(PHONE, top_up_cents=2_039), customer()) == 2_403


def test_fifteen_messages_for_two_years_are_worth_less_than_nothing() -> None:
    found = {one.candidate.offer_id: one.refused_by for one in answer(house(), customer()).listed}
    assert "WORTH-NOTHING" in found["sms-renewal.24m.sms_15"]


@pytest.mark.parametrize(
    ("today", "device", "month", "share_micro"),
    [
        (datetime.date(2026, 1, 1), "", 15, 0),
        (datetime.date(2023, 1, 1), "", 12, 0),
        (datetime.date(2023, 1, 1), "galaxy-a17", 15, 200_000),
        (datetime.date(2022, 12, 31), "", 15, 250_000),
        (datetime.date(2022, 12, 31), "galaxy-a17", 15, 250_000),
        (datetime.date(2026, 1, 1), "", 11, None),
    ],
)
def test_leaving_costs_at_most_the_share_of_its_day(
    today: datetime.date, device: str, month: int, share_micro: int | None
) -> None:
    candidate = Candidate("renewal", "discount", commitment_months=24, discount_months=24, device=device)
    assert exit_share_micro(house(today), candidate, month) == share_micro


def test_a_fifth_and_a_quarter_of_what_is_due_are_those_of_the_law() -> None:
    assert (down(200_000 * 27_000, 1_000_000), down(250_000 * 27_000, 1_000_000)) == (5_400, 6_750)


def test_a_begun_month_of_commitment_counts_whole_and_tenure_counts_full_months() -> None:
    asked = customer(commitment_end=datetime.date(2027, 8, 22), customer_since=datetime.date(2025, 11, 22))
    assert (remaining_months(asked, TODAY), tenure_months(asked, TODAY)) == (10, 11)
    asked = customer(commitment_end=datetime.date(2027, 8, 21), customer_since=datetime.date(2025, 11, 21))
    assert (remaining_months(asked, TODAY), tenure_months(asked, TODAY)) == (9, 12)
    assert remaining_months(customer(commitment_end=TODAY), TODAY) == 0


@pytest.mark.parametrize("seed", range(60))
def test_the_quick_search_for_a_top_up_finds_what_trying_every_cent_finds(seed: int) -> None:
    random = Random(seed)
    book = house(random.choice((TODAY, datetime.date(2021, 5, 1))))
    months = random.choice((0, 12, 24))
    numbers = {
        **book.numbers,
        "floor_share": random.randint(0, 900_000),
        f"floor_cents_{months}": random.randint(-9_000, 9_000),
    }
    cheap = {"galaxy-a17": {"cost_cents": random.randint(0, 4_000), "price_cents": 9_000, "stock": 1}}
    book = replace(book, numbers=numbers, devices=cheap)
    asked = customer(price_cents=random.randint(0, 900), cost_to_serve_cents=random.randint(0, 400))
    wanted = replace(PHONE, commitment_months=months, discount_months=months)

    def holds(top_up: int) -> bool:
        return keeps_floors(book, replace(wanted, top_up_cents=top_up), asked)

    assert smallest_top_up(holds, first_unsubsidised(book, wanted)) == scan_top_up(holds)


def test_the_quick_search_for_a_discount_finds_what_trying_every_cent_finds() -> None:
    random, found, book = Random(1), Counter[str](), house(TODAY)
    for _ in range(80):
        months = random.choice((0, 12, 24))
        floor, most = random.randint(-20_000, 30_000), random.randint(0, 30_000)
        numbers = {**book.numbers, f"floor_cents_{months}": floor, "depth_cents_agent": most}
        asked = customer(price_cents=random.randint(500, 4_000), account_granted_cents=random.randint(0, 20_000))
        wanted = replace(PHONE, device="", commitment_months=months, discount_months=random.choice((months, 6)))
        wanted = replace(wanted, top_up_cents=0, discount_cents=random.randint(0, 1_500))
        stands = replace(book, numbers=numbers)
        largest = largest_discount(stands, wanted, asked)
        assert largest == scan_discount(stands, wanted, asked)
        found["all" if largest == wanted.discount_cents else "none" if largest == 0 else "some"] += 1
    assert min(found[each] for each in ("all", "none", "some")) >= 8, found


FRIDAY = datetime.date(2026, 9, 11)
CALLED = {"channel": "phone_out", "call_on": FRIDAY, "call_minute": 1_199, "call_zone": "Europe/Paris"}


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        ({}, set()),
        ({"call_minute": 1_200}, {"FR-CALL-H"}),
        ({"call_on": datetime.date(2026, 9, 12)}, {"FR-CALL-H"}),
        ({"call_minute": 1_200, "calls_consented_on": datetime.date(2026, 9, 11)}, set()),
        ({"calls_made": ("2026-08-13",) * 3}, set()),
        ({"calls_made": ("2026-08-13",) * 4}, {"FR-CALL-N"}),
        ({"calls_made": ("2026-08-12",) * 4}, set()),
        ({"call_refused_on": datetime.date(2026, 7, 13)}, {"FR-CALL-60"}),
        ({"call_refused_on": datetime.date(2026, 7, 12)}, set()),
        ({"contract_ended_on": datetime.date(2026, 9, 10)}, {"FR-CALL-OPTIN"}),
        ({"reason_for_contact": "port_requested"}, {"FR-PORT"}),
        ({"on_do_not_call_list": True}, set()),
        ({"do_not_call": True, "channel": "shop"}, set()),
    ],
)
def test_a_call_breaks_what_the_law_says(changed: dict[str, Any], broken: set[str]) -> None:
    assert against_the_call(house(FRIDAY), customer(**{**CALLED, **changed})) == broken
