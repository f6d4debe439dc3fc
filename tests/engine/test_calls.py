"""When and whom one may call, case by case, through the kernel."""

import datetime
from typing import Any

import numpy as np
import pytest

from batch.calls import with_calls
from engine.answers import write_answer
from engine.contact import SEARCHED_DAYS
from engine.decide import Decisions, decide
from engine.rules import refusing_rules
from engine.tables import TASTES, quantise_scores
from tests.call_cases import CASES, RULEBOOKS, expected, facts_of, market_of, moment_of, title
from tests.engine.questions import asked, customers, shipped


def decided(facts: dict[str, Any], market: str, begins: datetime.datetime | datetime.date) -> Decisions:
    cases = with_calls(customers(facts), market, begins, None)
    tastes, stored = np.ones((1, len(TASTES))), np.ones(1, dtype=bool)
    scores = quantise_scores(cases["p_churn"], cases["p_churn_window_months"], tastes, stored)
    today = begins.date() if isinstance(begins, datetime.datetime) else begins
    return decide(cases, scores, RULEBOOKS[market], today)


@pytest.mark.parametrize("case", CASES, ids=title)
def test_when_and_whom_one_may_call(case: dict[str, Any]) -> None:
    decisions = decided(facts_of(case, 0), market_of(case), moment_of(case))
    answer = write_answer(decisions, 0)
    zone = answer["call"].pop("time_zone")
    assert answer["call"] == expected(case)
    assert zone
    listed, _ = decisions.verdicts(0)
    assert all(set(case["rules"]) <= set(refusing_rules(int(bits))) for bits in listed)
    if case["rules"]:
        assert (answer["stance"], answer["offers"], answer["entitlements"]) == ("leave_alone", [], [])
        later = case["not_before"] != "never"
        assert ("avant le" in answer["sentences"]["agent"]["fr"]) == later
        assert answer["sentences"]["agent"]["fr"].startswith("N'appelez pas")
    else:
        assert answer["offers"]


def test_who_comes_to_us_is_never_refused_by_the_rules_on_calls() -> None:
    everything = {"do_not_call": True, "contract_ended_on": "2026-01-01", "on_do_not_call_list": True}
    for channel in ("phone_in", "shop", "web", "social"):
        answer = write_answer(asked(shipped(), {**everything, "p_churn": 0.4, "channel": channel}), 0)
        assert (answer["stance"], answer["call"]) == ("offer", None)


def test_without_a_minute_the_hours_are_not_tested_and_the_answer_says_from_when_one_may_call() -> None:
    answer = write_answer(decided({"p_churn": 0.4}, "FR", datetime.date(2026, 7, 12)), 0)
    assert answer["call"] == {
        "allowed": True,
        "rules": [],
        "unchecked": ["EU-BEST", "FR-CALL-H"],
        "not_before": "2026-07-13T10:00",
        "time_zone": "Europe/Paris",
    }


def test_who_asked_to_be_called_back_is_called_back_in_the_hours() -> None:
    friday = {"call_on": "2026-07-10", "call_minute": 660, "call_zone": "Europe/Paris", "call_asked_for": True}
    refused = {"call_refused_on": "2026-07-09", "calls_made": ("2026-07-09",) * 4, "contract_ended_on": "2026-07-01"}
    answer = write_answer(asked(shipped(), {**friday, **refused, "p_churn": 0.4}), 0)
    assert answer["call"]["rules"] == []
    late = write_answer(asked(shipped(), {**friday, **refused, "call_minute": 1200, "p_churn": 0.4}), 0)
    assert (late["call"]["rules"], late["call"]["not_before"]) == (["FR-CALL-H"], "2026-07-13T10:00")


def test_a_fault_comes_before_what_may_not_be_said_on_the_phone() -> None:
    answer = write_answer(asked(shipped(), {"do_not_call": True, "open_fault": "no signal"}), 0)
    assert (answer["stance"], answer["call"]["rules"], answer["offers"]) == ("repair_first", ["HOUSE-DND"], [])


def test_the_next_lawful_moment_is_found_within_the_days_that_are_searched() -> None:
    called = {"call_on": "2026-07-10", "call_minute": 1200, "call_refused_on": "2026-07-10"}
    answer = write_answer(asked(shipped(), called), 0)
    found = datetime.date.fromisoformat(answer["call"]["not_before"][:10])
    assert (found - datetime.date(2026, 7, 10)).days == 61 < SEARCHED_DAYS
