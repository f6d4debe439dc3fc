"""The vectors of French law, as titled cases."""

import datetime
import tomllib
from typing import Any

import numpy as np
import pytest

from engine.answers import write_answer
from engine.dates import add_months, day
from engine.exits import exits_of
from engine.law import LAW_FILES, law_as_of
from engine.leaving import Commitment, costs_by_month
from tests.engine.questions import ROOT, TODAY, asked, shipped, verdict

CASES = tomllib.loads((ROOT / "tests/cases/law-fr.toml").read_text())
LAW = {name: tomllib.loads((ROOT / "rulebook" / name).read_text()) for name in LAW_FILES}


@pytest.mark.parametrize("case", CASES["exit_fee"], ids=lambda case: case["title"])
def test_what_leaving_costs(case: dict[str, Any]) -> None:
    market = case["rule"][:2]
    exits = exits_of(market, LAW[f"law-{market.lower()}.toml"], case["concluded"])
    dues = (case["monthly_cents"],) * case["commitment_months"]
    agreed = Commitment(dues, case["subsidised"], case.get("device_value_cents", -1))
    cost = costs_by_month(exits, agreed)[case["months_done"]]
    assert cost.at_most_cents == case["fee_cents"]
    assert case["rule"] in cost.rules or not case["fee_cents"]


@pytest.mark.parametrize("case", CASES["max24"], ids=lambda case: case["title"])
def test_the_longest_commitment(case: dict[str, Any]) -> None:
    template = 'id = "discount"\nkind = "discount"'
    starts = f'id = "discount"\ncommitment_starts = "{case["commitment_starts"]}"\nkind = "discount"'
    end = add_months(day(TODAY), case["months_left"]) + np.timedelta64(case.get("days_more", 0), "D")
    decisions = asked(shipped(offers=(template, starts)), {"commitment_end": end, "p_churn": 0.4})
    months = case["commitment_months"]
    refused = verdict(decisions, f"discount.{months}m.-100x{months}")
    assert ("FR-MAX24" not in refused) == case["allowed"]


def test_an_offer_of_24_months_carries_its_twin_of_12_in_the_answer() -> None:
    customer = {"p_churn": 0.4, "customer_since": np.datetime64("2016-01-01"), "reason_for_contact": "wants_to_leave"}
    answer = write_answer(asked(shipped(), customer), 0)
    long = [offer for offer in answer["offers"] if offer["commitment_months"] == 24]
    assert long
    for offer in long:
        twin = offer["twin"]
        assert twin["commitment_months"] == 12
        for service in ("template", "device", "extras", "discount_cents", "credit_cents", "trade_in"):
            assert twin[service] == offer[service]
        assert twin["offer_id"] not in [other["offer_id"] for other in answer["offers"]]
        assert "12" in offer["sentences"]["customer"]["fr"]


def test_an_offer_of_24_months_is_refused_where_its_twin_misses_the_floor() -> None:
    customer = {"p_churn": 0.4, "price_cents": 2990, "reason_for_contact": "wants_to_leave", "role": "manager"}
    assert verdict(asked(shipped(), customer), "discount.24m.-1000x24") == []
    dearer = shipped(policy=("value = 2_404", "value = 24_040"))
    assert "HOUSE-FLOOR-CENTS" in verdict(asked(dearer, customer), "discount.12m.-1000x12")
    assert verdict(asked(dearer, customer), "discount.24m.-1000x24") == ["FR-TWIN12"]


def test_a_template_without_12_months_has_no_twin_and_is_refused() -> None:
    levers = 'en = "15 texts against a renewal" }\ncommitment_months = [12, 24]'
    rulebook = shipped(offers=(levers, levers.replace("[12, 24]", "[24]")))
    assert "FR-TWIN12" in verdict(asked(rulebook, {"p_churn": 0.4}), "sms-renewal.24m.sms_15")


def test_unverified_rules_are_named_in_every_answer() -> None:
    unverified = law_as_of(LAW, "FR", TODAY).unverified
    offers, duties = (
        {"FR-TWIN12", "FR-EXIT-D", "FR-EXIT-E", "FR-TWINGAP"},
        {"EU-CONSUMER", "GDPR-22", "FR-BIND", "FR-BEST"},
    )
    assert offers | duties <= set(unverified)
    came, called = asked(shipped(), {"p_churn": 0.4, "channel": "phone_in"}), asked(shipped(), {"p_churn": 0.4})
    assert write_answer(came, 0)["unverified_rules"] == list(unverified)
    assert write_answer(called, 0)["unverified_rules"] == [*unverified, "FR-CALL-OPTIN", "FR-PORT"]
    assert "AIA-DATE" not in unverified  # it holds from 2027-12-02


def test_before_2008_the_law_was_silent_on_leaving() -> None:
    exits = exits_of("FR", LAW["law-fr.toml"], datetime.date(2008, 5, 31))
    costs = costs_by_month(exits, Commitment((3000,) * 24, subsidised=False, value_cents=-1))
    assert [cost.at_most_cents for cost in costs] == [3000 * left for left in range(24, -1, -1)]
