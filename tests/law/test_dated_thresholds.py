"""Every number of the law, of offers, devices and tariffs at t - 1, t and t + 1; every dated line on its edges."""

import copy
import datetime
from typing import Any

import numpy as np
import pytest

from engine.catalogue import in_date
from engine.check import check
from engine.conditions import satisfied
from engine.dates import add_months, day, whole_months_since
from engine.decide import Decisions
from engine.exits import ALL_DUES, exits_of
from engine.leaving import leaving_now
from engine.policy import in_force
from engine.rulebook import Rulebook
from engine.tables import MICRO
from engine.tariffs import USAGES, costs_cents, tariffs_on_sale
from tests.engine.questions import TODAY, asked, customers, verdict
from tests.properties.rulebooks import LAW, as_rulebook, house_documents, with_numbers

STEPS = pytest.mark.parametrize("step", [-1, 0, 1])
ONE_DAY = datetime.timedelta(days=1)
Documents = dict[str, Any]


def documents_with(file: str, entry: str, **changed: Any) -> Documents:
    """The shipped rulebook with other numbers in an entry of the law, on all its days."""
    documents = copy.deepcopy(house_documents())
    lines = documents[file][entry]["values"]
    documents[file][entry]["values"] = [{**line, **changed} for line in lines]
    return documents


DATED = [
    (file, name, place)
    for file in (*LAW, "policy.toml")
    for name, entry in house_documents()[file].items()
    for place in range(len(entry["values"]))
]


@STEPS
@pytest.mark.parametrize(("file", "name", "place"), DATED, ids=str)
def test_a_dated_line_holds_from_its_first_day_to_its_last(file: str, name: str, place: int, step: int) -> None:
    entry = house_documents()[file][name]
    line = entry["values"][place]
    assert (in_force(entry, line["from"] + step * ONE_DAY) == line) == (step >= 0)
    if "to" in line:
        assert (in_force(entry, line["to"] + step * ONE_DAY) == line) == (step <= 0)


@STEPS
@pytest.mark.parametrize(
    ("rule", "subsidised", "concluded"),
    [("FR-EXIT-A", 0, "2026-11-23"), ("FR-EXIT-B", 1, "2026-11-23"), ("FR-EXIT-C", 0, "2015-01-01")],
)
def test_a_french_fee_is_a_share_from_the_month_that_the_law_names(
    rule: str, subsidised: int, concluded: str, step: int
) -> None:
    documents = documents_with("law-fr.toml", rule, free_after_months=15, share=0.33)
    exits = exits_of("FR", documents["law-fr.toml"], datetime.date.fromisoformat(concluded))
    at = (subsidised, 24, 15 + step)
    assert exits.shares_micro[at] == (330_000 if step >= 0 else ALL_DUES)
    assert exits.rules[at] == (rule if step >= 0 else "FR-EXIT-D")


@STEPS
def test_the_statute_speaks_of_what_lasts_longer_than_twelve_months(step: int) -> None:
    documents = documents_with("law-fr.toml", "FR-EXIT-A", free_after_months=6)
    exits = exits_of("FR", documents["law-fr.toml"], TODAY)
    assert exits.rules[0, 12 + step, 6] == ("FR-EXIT-A" if step > 0 else "FR-EXIT-D")


@STEPS
def test_a_belgian_fee_ends_with_the_month_that_the_law_names(step: int) -> None:
    documents = documents_with("law-be.toml", "BE-6M", free_after_months=8)
    exits = exits_of("BE", documents["law-be.toml"], TODAY)
    assert exits.until.tolist() == [min(months, 8) for months in range(25)]
    assert exits.shares_micro[0, 24, 8 + step] == (0 if step >= 0 else MICRO)
    assert exits.rules[1, 24, 8 + step] == ("BE-6M" if step >= 0 else "BE-6M-B")


@STEPS
def test_changed_terms_free_the_customer_for_the_months_that_the_law_names(step: int) -> None:
    rulebook = as_rulebook(documents_with("law-fr.toml", "FR-UNI", months=7))
    changed = add_months(day(TODAY), -7) - np.timedelta64(step, "D")
    contract = {"contract_concluded_on": np.datetime64("2026-01-01"), "contract_months": 24}
    told = leaving_now(asked(rulebook, {**contract, "terms_changed_on": changed}).question, 0)
    assert told is not None
    assert (told["rules"] == ["FR-UNI"]) == (step < 0)


LONG = "phone.fairphone-6.24m.data_20gb.top000100"
MANAGER = {"p_churn": 0.4, "price_cents": 2_990, "role": "manager", "channel": "phone_in"}


@STEPS
def test_an_offer_longer_than_the_months_of_the_law_wants_its_twin(step: int) -> None:
    documents = documents_with("law-fr.toml", "FR-TWIN12", months=24 + step)
    no_twin_passes = as_rulebook(with_numbers(documents, {"floor_cents_12": 1_000_000}))
    assert ("FR-TWIN12" in verdict(asked(no_twin_passes, MANAGER), LONG)) == (step < 0)


def call(rulebook: Rulebook, **facts: Any) -> list[str]:
    """The rules that refuse a call of ours that begins at eleven on Monday 23 November 2026."""
    monday = {"call_on": np.datetime64(TODAY), "call_minute": 660, "best_tariff_notice_on": np.datetime64("2026-01-05")}
    [found] = called(asked(rulebook, {"p_churn": 0.4, "channel": "phone_out", **monday, **facts}))
    return found


def called(decisions: Decisions) -> list[list[str]]:
    return [list(told.rules) for told in decisions.calls if told is not None]


@STEPS
def test_calls_are_counted_up_to_the_number_that_the_law_names(step: int) -> None:
    rulebook = as_rulebook(documents_with("law-fr.toml", "FR-CALL-N", calls=3))
    assert call(rulebook, calls_made=("2026-11-20",) * (3 + step)) == (["FR-CALL-N"] if step >= 0 else [])


@STEPS
def test_calls_are_counted_over_the_days_that_the_law_names(step: int) -> None:
    rulebook = as_rulebook(documents_with("law-fr.toml", "FR-CALL-N", calls=1, days=10))
    made = (TODAY - (10 + step) * ONE_DAY).isoformat()
    assert call(rulebook, calls_made=(made,)) == (["FR-CALL-N"] if step < 0 else [])


@STEPS
def test_silence_lasts_the_days_that_the_law_names(step: int) -> None:
    rulebook = as_rulebook(documents_with("law-fr.toml", "FR-CALL-60", days=20))
    refused = np.datetime64(TODAY - (20 + step) * ONE_DAY)
    assert call(rulebook, call_refused_on=refused) == (["FR-CALL-60"] if step <= 0 else [])


@STEPS
@pytest.mark.parametrize(("edge", "inside"), [(9 * 60 + 30, True), (11 * 60, False), (16 * 60, True), (17 * 60, False)])
def test_each_window_opens_and_closes_at_its_minute(edge: int, inside: bool, step: int) -> None:
    rulebook = as_rulebook(documents_with("law-fr.toml", "FR-CALL-H", windows=["09:30-11:00", "16:00-17:00"]))
    open_now = inside == (step >= 0)
    assert call(rulebook, call_minute=edge + step) == ([] if open_now else ["FR-CALL-H"])


@pytest.mark.parametrize("weekday", range(1, 8))
def test_the_weekdays_are_those_that_the_law_names(weekday: int) -> None:
    rulebook = as_rulebook(documents_with("law-fr.toml", "FR-CALL-H", weekdays=[2, 7]))
    on = np.datetime64(TODAY + (weekday - 1) * ONE_DAY)  # TODAY is a Monday
    found = call(rulebook, call_on=on)
    assert found == ([] if weekday in (2, 7) else ["FR-CALL-H"])


CONDITIONS = [
    (offer["id"], condition)
    for offer in (*house_documents()["offers.toml"]["offer"], house_documents()["offers.toml"]["wish"])
    for condition in offer.get("conditions", [])
]


@STEPS
@pytest.mark.parametrize(("offer", "condition"), CONDITIONS, ids=str)
def test_a_condition_on_tenure_holds_from_its_month(offer: str, condition: dict[str, Any], step: int) -> None:
    assert set(condition) == {"fact", "at_least"}
    assert condition["fact"] == "tenure_months"
    since = add_months(day(TODAY), -(condition["at_least"] + step))
    tenure = whole_months_since(np.array([since]), day(TODAY))
    assert satisfied([condition], {"tenure_months": tenure}, 1).tolist() == [step >= 0]
    decisions = asked(as_rulebook(house_documents()), {**MANAGER, "customer_since": since})
    columns = [each for each in decisions.question.in_force.catalogue.offer_ids if each.startswith(f"{offer}.")]
    assert ("HOUSE-ELIGIBLE" in verdict(decisions, columns[0])) == (step < 0)


PERIODS = [
    (name, entry)
    for name, entry in (
        *house_documents()["tariffs.toml"].items(),
        *((offer["id"], offer) for offer in house_documents()["offers.toml"]["offer"]),
    )
    if "valid_from" in entry or "valid_to" in entry
]


@STEPS
@pytest.mark.parametrize(("name", "entry"), PERIODS, ids=str)
def test_what_is_on_sale_is_so_from_its_first_day_to_its_last(name: str, entry: Any, step: int) -> None:
    if "valid_from" in entry:
        assert in_date(entry, entry["valid_from"] + step * ONE_DAY) == (step >= 0)
    if "valid_to" in entry:
        assert in_date(entry, entry["valid_to"] + step * ONE_DAY) == (step <= 0)


DEVICES = house_documents()["devices.toml"]


@pytest.mark.parametrize("stock", [0, 1, 2])
@pytest.mark.parametrize("name", DEVICES)
def test_a_device_is_offered_to_the_last_one_on_the_shelf(name: str, stock: int) -> None:
    documents = copy.deepcopy(house_documents())
    documents["devices.toml"][name]["stock"] = stock
    assert ("HOUSE-STOCK" in given(name, 100, documents)) == (stock == 0)


@STEPS
@pytest.mark.parametrize("name", DEVICES)
def test_a_top_up_is_no_higher_than_the_price_in_the_shop(name: str, step: int) -> None:
    assert ("HOUSE-SHOP-PRICE" in given(name, DEVICES[name]["price_cents"] + step, house_documents())) == (step > 0)


@STEPS
@pytest.mark.parametrize("name", DEVICES)
def test_a_handset_is_subsidised_up_to_the_cent_that_pays_its_cost(name: str, step: int) -> None:
    documents = copy.deepcopy(house_documents())
    device = {**DEVICES[name], "cost_cents": 10_000, "price_cents": 20_000}
    documents["devices.toml"][name] = {key: value for key, value in device.items() if key != "agreed_value_cents"}
    assert ("FR-PERF" in given(name, 12_000 + 2 * step, documents)) == (step < 0)  # 120.00 incl. 20 % is 100.00 net


@STEPS
@pytest.mark.parametrize("name", DEVICES)
def test_a_value_is_agreed_from_nothing_on(name: str, step: int) -> None:
    documents = copy.deepcopy(house_documents())
    documents["devices.toml"][name]["agreed_value_cents"] = step
    assert ("FR-PERF" in given(name, 100, documents)) == (step < 0)


def given(device: str, top_up_cents: int, documents: Documents) -> list[str]:
    """The rules that refuse a device at a top-up for twelve months."""
    terms = {"device": device, "commitment_months": 12, "top_up_cents": top_up_cents}
    rulebook = as_rulebook(documents)
    return check(customers(MANAGER), asked(rulebook, MANAGER).scores, rulebook, TODAY, [terms]).rules(0)


METERED = [
    (name, usage)
    for name, tariff in house_documents()["tariffs.toml"].items()
    for usage in USAGES
    if tariff[usage]["included"] != "unlimited"
]


@STEPS
@pytest.mark.parametrize(("name", "usage"), METERED)
def test_a_tariff_charges_every_started_step_beyond_what_it_includes(name: str, usage: str, step: int) -> None:
    tariff = house_documents()["tariffs.toml"][name]
    says = tariff[usage]
    on_sale = tariffs_on_sale({name: {**tariff, "valid_to": TODAY}}, TODAY)
    for steps in (0, 1):
        used = np.zeros((1, len(USAGES)), dtype=np.int64)
        used[0, USAGES.index(usage)] = max(says["included"] + steps * says["step"] + step, 0)
        begun = steps + (1 if step > 0 else 0) - (1 if step < 0 and says["step"] == 1 and steps else 0)
        assert costs_cents(on_sale, used)[0, 0] == tariff["monthly_cents"] + begun * says["step_cents"]
