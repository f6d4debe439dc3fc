"""What a refusal teaches, what it limits, and which way a belief may move."""

from typing import Any

import numpy as np
import pytest

from engine.answers import write_answer
from engine.beliefs import CAUSES
from engine.decide import decide
from engine.fields import NOTHING_REFUSED_MICRO, REASONS_FOR_REFUSAL
from engine.ladder import Heard, Remembered, limits_stated, remember
from engine.tables import MICRO, TASTES
from tests.engine.questions import TODAY, asked, customers, shipped

RULEBOOK = shipped()
LEAVING = {
    "p_churn": 0.4,
    "price_cents": 2990,
    "reason_for_contact": "wants_to_leave",
    "channel": "phone_in",
    "customer_since": np.datetime64("2016-01-01"),
}
NOTHING = {
    "offer_id": "none",
    "template": "wish",
    "device": None,
    "commitment_months": 0,
    "top_up_cents": 0,
    "discount_cents": 0,
    "extras": [],
}
PHONE = {**NOTHING, "offer_id": "a-phone", "device": "pixel-9a", "commitment_months": 24, "top_up_cents": 9_990}
DATA = {**NOTHING, "offer_id": "some-data", "extras": ["data_20gb"], "commitment_months": 12}


def after(*heard: Heard, **facts: Any) -> Remembered:
    row = {**LEAVING, **facts}
    return remember(customers(row), asked(RULEBOOK, row).scores, RULEBOOK, TODAY, heard)


def tastes(*heard: Heard, **facts: Any) -> dict[str, int]:
    return dict(zip(TASTES, after(*heard, **facts).scores.tastes_micro[0].tolist(), strict=True))


def test_nothing_heard_leaves_everything_as_it_was() -> None:
    left = after()
    assert left.scores.tastes_micro.tolist() == [[MICRO] * len(TASTES)]
    assert left.fields["refused_offers"] == left.fields["unwanted_devices"] == ()
    assert (left.fields["steps_taken"], left.fields["least_worth_micro"]) == (0, NOTHING_REFUSED_MICRO)


@pytest.mark.parametrize("reason", [one for one in REASONS_FOR_REFUSAL if one not in CAUSES])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_refusal_without_a_cause_makes_nothing_of_what_was_refused_more_attractive(reason: str, times: int) -> None:
    of_a_phone = tastes(*[Heard(PHONE, reason)] * times)
    assert of_a_phone["commitment"] > MICRO > of_a_phone["device"]
    assert {of_a_phone[taste] for taste in ("data", "sms", "international", "service")} == {MICRO}
    of_data = tastes(*[Heard(DATA, reason)] * times)
    assert of_data["commitment"] > MICRO > of_data["data"]
    assert of_data["device"] == MICRO


@pytest.mark.parametrize("months", [12, 24])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_cause_that_is_named_never_moves_its_own_taste_the_wrong_way(months: int, times: int) -> None:
    offer = {**PHONE, "commitment_months": months}
    assert tastes(*[Heard(offer, "commitment_too_long")] * times)["commitment"] > MICRO
    assert tastes(*[Heard(offer, "not_the_device_i_want")] * times)["device"] < MICRO


def test_the_cause_that_is_named_moves_more_than_when_another_is() -> None:
    too_long, wrong, other = (
        tastes(Heard(PHONE, reason)) for reason in ("commitment_too_long", "not_the_device_i_want", "other")
    )
    assert too_long["commitment"] > other["commitment"] > MICRO
    assert wrong["device"] < other["device"] < MICRO
    assert too_long["device"] > wrong["device"]


def test_the_same_cause_named_again_teaches_more() -> None:
    for cause, taste in (("commitment_too_long", "commitment"), ("not_the_device_i_want", "device")):
        once, twice = (abs(tastes(*[Heard(PHONE, cause)] * times)[taste] - MICRO) for times in (1, 2))
        assert twice > once > 0


def test_who_objects_to_profiling_is_remembered_and_not_learned_from() -> None:
    left = after(Heard(PHONE, "not_the_device_i_want"), objects_to_profiling=True)
    assert left.scores.tastes_micro.tolist() == [[MICRO] * len(TASTES)]
    assert left.fields["least_worth_micro"] == NOTHING_REFUSED_MICRO
    assert (left.fields["refused_offers"], left.fields["unwanted_devices"]) == (("a-phone",), ("pixel-9a",))


@pytest.mark.parametrize(
    ("offer", "reason", "limits"),
    [
        (PHONE, "commitment_too_long", {"wants_max_commitment_months": 12}),
        (DATA, "commitment_too_long", {"wants_max_commitment_months": 0}),
        (NOTHING, "commitment_too_long", {}),
        (PHONE, "top_up_too_high", {"wants_max_upfront_cents": 9_989}),
        (DATA, "top_up_too_high", {}),
        (PHONE, "too_expensive", {}),
        (PHONE, "rivals_offer", {}),
    ],
)
def test_a_reason_states_a_limit(offer: dict[str, Any], reason: str, limits: dict[str, int]) -> None:
    assert limits_stated(offer, reason) == limits


def test_a_limit_only_narrows_and_what_is_said_in_so_many_words_replaces_it() -> None:
    heard = Heard(PHONE, "top_up_too_high")
    assert after(heard, wants_max_upfront_cents=5_000).fields["wants_max_upfront_cents"] == 5_000
    assert after(heard, wants_max_upfront_cents=50_000).fields["wants_max_upfront_cents"] == 9_989
    said = Heard(PHONE, "commitment_too_long", {"wants_max_commitment_months": 24})
    assert after(said).fields["wants_max_commitment_months"] == 24


def test_a_device_asked_for_after_it_was_refused_is_wanted_again() -> None:
    wrong = Heard(PHONE, "not_the_device_i_want")
    assert after(wrong, wants_device="pixel-9a").fields["wants_device"] == ""
    left = after(wrong, Heard(DATA, "other", {"wants_device": "pixel-9a"}))
    assert (left.fields["unwanted_devices"], left.fields["wants_device"]) == ((), "pixel-9a")


def test_an_offer_of_a_rulebook_gone_by_is_remembered_by_its_id_alone() -> None:
    gone = {**PHONE, "template": "christmas-2025"}
    left = after(Heard(gone, "not_now"))
    assert (left.fields["refused_offers"], left.fields["steps_taken"]) == (("a-phone",), 1)
    assert left.fields["least_worth_micro"] == NOTHING_REFUSED_MICRO


def test_the_worth_of_an_unwanted_device_sets_no_bar_for_the_next_offer() -> None:
    wrong, other = (
        after(Heard(PHONE, reason)).fields["least_worth_micro"] for reason in ("not_the_device_i_want", "other")
    )
    assert wrong < other


def test_after_the_first_no_a_better_offer_follows_and_the_ladder_ends_with_thanks() -> None:
    heard: list[Heard] = []
    row: dict[str, Any] = {**LEAVING, "role": "manager"}
    answer = write_answer(asked(RULEBOOK, row), 0)
    steps = []
    while answer["offers"]:
        main = answer["offers"][0]
        steps.append(main["offer_id"])
        heard.append(Heard(main, "commitment_too_long"))
        left = after(*heard, role="manager")
        again = {**row, **left.fields}
        answer = write_answer(decide(customers(again), left.scores, RULEBOOK, TODAY), 0)
    assert 1 < len(steps) <= 3
    assert len(set(steps)) == len(steps)
    assert answer["sentences"]["customer"]["en"].startswith("Thank you for listening.")
