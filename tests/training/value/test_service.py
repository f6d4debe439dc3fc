"""What counts as poor service and when, and what it is said to go with."""

import datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ledger.followed import Around
from ledger.promised import Period
from tests.training.value.made_up import DAY, complained, ended, followed, happened, promised
from training.value.acting import to_act_on
from training.value.cohort import Cohort
from training.value.contract import Followed
from training.value.page import report_files
from training.value.report import tell_report
from training.value.service import EXPOSURES, LANDMARK_DAYS, Served, at_their_landmark, cost_of

LANDMARK = DAY + datetime.timedelta(days=LANDMARK_DAYS)
BEFORE, ON_IT, AFTER = "2024-03-10", "2024-03-18", "2024-03-19"


def met_with(name: str, fault_on_file: bool = False, **around: Any) -> bool:
    one = followed(1, fault_on_file=fault_on_file, around=Around(**around))
    return EXPOSURES[name].did(Served(one, LANDMARK))


def test_the_landmark_is_a_fortnight_after_the_decision() -> None:
    assert LANDMARK.isoformat() == ON_IT


def test_a_fault_is_open_until_it_is_closed() -> None:
    opened, closed = happened("fault_opened", BEFORE), happened("fault_closed", "2024-03-12")
    assert met_with("open fault", fault_on_file=True)
    assert met_with("open fault", events=[opened])
    assert not met_with("open fault", events=[opened, closed])
    assert not met_with("open fault", fault_on_file=True, events=[closed])
    assert not met_with("open fault", events=[happened("fault_opened", AFTER)])


def test_repeated_contacts_are_those_of_the_customer() -> None:
    one, other = happened("contact_opened", "2024-02-10"), happened("contact_opened", "2024-03-04")
    assert met_with("repeated contacts", events=[one, other])
    assert not met_with("repeated contacts", events=[other])
    assert not met_with("repeated contacts", events=[happened("contact_opened", "2024-02-02"), other])
    assert not met_with("repeated contacts", events=[happened("contact_opened", "2024-02-10", "phone_out"), other])


def test_who_waited_had_a_promise_kept_late_or_a_complaint_unanswered() -> None:
    assert met_with("waiting", promises=[promised("2024-03-06", "kept", "2024-03-07")])
    assert not met_with("waiting", promises=[promised("2024-03-06", "kept", "2024-03-06")])
    assert not met_with("waiting", promises=[promised("2024-03-06", "kept", AFTER)])  # not kept yet: broken
    assert met_with("waiting", complaints=[complained(BEFORE, None)])
    assert met_with("waiting", complaints=[complained(BEFORE, "2024-03-11T12:00:00.000000Z")])
    assert not met_with("waiting", complaints=[complained(BEFORE, "2024-03-10T11:59:59.000000Z")])
    assert not met_with("waiting", complaints=[complained(AFTER, None)])


def test_a_promise_is_broken_while_its_day_has_passed_and_it_is_not_kept() -> None:
    assert met_with("broken promise", promises=[promised("2024-03-06", "open")])
    assert met_with("broken promise", promises=[promised("2024-03-06", "kept", AFTER)])
    assert met_with("broken promise", promises=[promised("2024-03-06", "broken", "2024-03-07")])
    assert not met_with("broken promise", promises=[promised("2024-03-06", "kept", "2024-03-08")])
    assert not met_with("broken promise", promises=[promised(ON_IT, "open")])
    assert not met_with("broken promise", promises=[promised("2023-12-04", "open")])


def test_who_left_before_the_landmark_says_nothing_of_what_happened_after() -> None:
    here = [
        followed(1),
        followed(2, ending="left", around=Around(outcomes=[ended("left", "2024-03-17")])),
        followed(3, ending="left", around=Around(outcomes=[ended("left", ON_IT)])),
        followed(4, ending="running"),
        followed(5, window_ends=datetime.date(2024, 3, 18)),
    ]
    assert [each.one.decision_id for each in at_their_landmark(here)] == ["d1", "d3"]


def world(seed: int, many: int, effect: float) -> list[Followed]:
    """Customers of four bands of risk; the riskier, the likelier to have a fault, which adds its effect to leaving."""
    chance, found = np.random.default_rng(seed), []
    for number in range(many):
        band = int(chance.integers(0, 4))
        fault = bool(chance.random() < 0.1 + 0.15 * band)
        left = bool(chance.random() < 0.05 + 0.1 * band + effect * fault)
        p_churn = (20_000, 70_000, 150_000, 300_000)[band]
        found.append(followed(number, p_churn_micro=p_churn, fault_on_file=fault, ending="left" if left else "stayed"))
    return found


def test_the_cost_of_a_fault_is_the_excess_within_bands_of_risk_times_what_leaving_costs() -> None:
    ones = world(1, 600, 0.2)
    told, met = cost_of(EXPOSURES["open fault"], at_their_landmark(ones))
    assert met == {one.decision_id: one.fault_on_file for one in ones}
    above, below = 0.0, 0.0
    for p_churn in {one.p_churn_micro for one in ones}:
        band = [one for one in ones if one.p_churn_micro == p_churn]
        with_it = [one.ending == "left" for one in band if one.fault_on_file]
        without = [one.ending == "left" for one in band if not one.fault_on_file]
        weight = len(with_it) * len(without) / len(band)
        above += weight * (sum(with_it) / len(with_it) - sum(without) / len(without))
        below += weight
    assert told["excess_leaving"]["value"] == pytest.approx(above / below, abs=1e-6)
    assert told["margin_at_risk"]["value"] == pytest.approx(40_000 * above / below, abs=0.5)
    assert told["margin_at_risk_of_all"]["value"] == pytest.approx(40_000 * sum(met.values()) * above / below, abs=0.5)
    assert told["excess_leaving"]["low"] <= 0.2 <= told["excess_leaving"]["high"]


def test_the_page_says_association_and_shows_it() -> None:
    cohort = Cohort(Period(DAY, DAY, datetime.date(2026, 1, 1)), followed=world(1, 600, 0.2))
    report = tell_report(cohort, {}, {})
    page = report_files(report)["report.html"].decode()
    [fault, *others] = report.told["service"]["exposures"]
    assert (fault["name"], fault["refused"]) == ("open fault", None)
    assert all(one["refused"] for one in others)
    assert "excess leaving, points of 100" in page
    assert page.count("Association, not proof") == 2


def test_few_who_met_with_it_are_not_counted_and_nothing_is_said() -> None:
    ones = [
        followed(number, fault_on_file=number < 9, ending="left" if number % 3 else "stayed") for number in range(90)
    ]
    told, _ = cost_of(EXPOSURES["open fault"], at_their_landmark(ones))
    assert told["with"] == {"contracts": "fewer than 10", "left": "fewer than 10"}
    assert told["refused"] == "with it: outcomes of 9 accounts are known, 30 are needed"
    assert told["excess_leaving"] is told["margin_at_risk"] is None


def test_who_was_promised_something_is_compared_with_who_was_promised_something() -> None:
    late, kept = promised(BEFORE, "open"), promised(BEFORE, "kept", BEFORE)
    ones = [
        followed(1, around=Around(promises=[late])),
        followed(2, around=Around(promises=[kept])),
        followed(3, around=Around(complaints=[complained(BEFORE, "2024-03-10T11:00:00.000000Z")])),
        followed(4, around=Around(promises=[promised(AFTER, "open")])),
        followed(5),
    ]
    met = {name: cost_of(exposure, at_their_landmark(ones))[1] for name, exposure in EXPOSURES.items()}
    assert met["broken promise"] == {"d1": True, "d2": False}
    assert met["waiting"] == {"d1": False, "d2": False, "d3": False}
    assert len(met["open fault"]) == len(met["repeated contacts"]) == 5


def on_file(fault: str = "", heard: str | None = None) -> Any:
    return SimpleNamespace(facts=f'{{"open_fault":"{fault}"}}', heard=heard, imported_at="2024-03-01T00:00:00.000000Z")


def test_to_act_on_are_open_faults_and_unkept_promises_of_who_is_still_there() -> None:
    repaired = '{"open_fault":{"at":"2024-03-02T00:00:00.000000Z","value":""}}'
    ones = [
        followed(1, around=Around(on_file=[on_file("no signal")])),
        followed(2, around=Around(on_file=[on_file("no signal", repaired)])),
        followed(3, p_churn_micro=300_000, around=Around(on_file=[on_file()], promises=[promised(BEFORE, "open")])),
        followed(4, around=Around(on_file=[on_file()], promises=[promised(BEFORE, "kept", BEFORE)])),
        followed(5, around=Around(promises=[promised(BEFORE, "broken", AFTER)])),  # erased
        followed(6, around=Around(on_file=[on_file("x")], outcomes=[ended("ported", AFTER)])),
    ]
    listed = to_act_on(ones, datetime.date(2024, 3, 20))
    told = [
        (one.decision_id, one.open_fault, one.unkept_promises, one.days_late, one.margin_at_risk_cents)
        for one in listed
    ]
    assert told == [("d3", False, 1, 10, 12_000), ("d1", True, 0, 0, 6_000)]
