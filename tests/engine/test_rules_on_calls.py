"""Edges of the rules on calls that no case of the law table stands on."""

from typing import Any

import numpy as np
import pytest

from engine.rulebook import Rulebook
from engine.rules.contact import CALLS
from tests.call_cases import RULEBOOKS
from tests.engine.questions import asked, shipped

FRANCE, BELGIUM = RULEBOOKS["FR"], RULEBOOKS["BE"]
MONDAY = np.datetime64("2026-11-23")
ELEVEN = {"channel": "phone_out", "p_churn": 0.4, "call_on": MONDAY, "call_minute": 660}
NOTICED = {"best_tariff_notice_on": np.datetime64("2026-01-05")}


def refused_by(rulebook: Rulebook = FRANCE, **facts: Any) -> tuple[str, ...]:
    [told] = asked(rulebook, {**ELEVEN, **NOTICED, **facts}).calls
    assert told is not None
    return told.rules


def test_the_rules_on_calls_are_told_the_most_lasting_first() -> None:
    assert list(CALLS) == [
        "HOUSE-DND",
        "BE-DNCM",
        "FR-PORT",
        "FR-CALL-OPTIN",
        "EU-BEST",
        "FR-CALL-60",
        "FR-CALL-N",
        "FR-CALL-H",
    ]


def test_nobody_is_called_at_midnight() -> None:
    assert refused_by(call_minute=0) == ("FR-CALL-H",)
    assert refused_by(call_minute=-1) == ()


def test_who_was_never_called_may_be_called_once_where_one_call_is_lawful() -> None:
    once = shipped(law_fr=("calls = 4, days = 30", "calls = 1, days = 30"))
    assert refused_by(once) == ()
    assert refused_by(once, calls_made=("2026-11-20",)) == ("FR-CALL-N",)


def test_while_the_number_is_being_taken_elsewhere_nobody_calls() -> None:
    assert refused_by(reason_for_contact="port_requested") == ("FR-PORT",)


@pytest.mark.parametrize(("day", "expected"), [("2026-11-23", ()), ("2026-11-24", ("EU-BEST",))])
def test_the_notice_comes_no_later_than_the_day_of_the_call(day: str, expected: tuple[str, ...]) -> None:
    assert refused_by(best_tariff_notice_on=np.datetime64(day)) == expected


def test_without_a_contract_no_notice_is_waited_for() -> None:
    ended = {"contract_ended_on": np.datetime64("2026-11-22"), "calls_consented_on": np.datetime64("2026-11-01")}
    assert refused_by(**ended, best_tariff_notice_on=np.datetime64("2026-12-01")) == ()


def test_the_belgian_list_binds_in_belgium_alone() -> None:
    listed = {"on_do_not_call_list": True}
    assert refused_by(FRANCE, **listed) == ()
    assert refused_by(BELGIUM, **listed) == ("BE-DNCM",)


@pytest.mark.parametrize(("day", "expected"), [("2026-11-23", ()), ("2026-11-22", ("FR-CALL-OPTIN",))])
def test_a_contract_runs_through_its_last_day(day: str, expected: tuple[str, ...]) -> None:
    assert refused_by(contract_ended_on=np.datetime64(day)) == expected


@pytest.mark.parametrize(("day", "expected"), [("2026-11-23", ()), ("2026-11-24", ("FR-CALL-OPTIN",))])
def test_consent_counts_from_its_day_on(day: str, expected: tuple[str, ...]) -> None:
    ended = {"contract_ended_on": np.datetime64("2026-11-01")}
    assert refused_by(**ended, calls_consented_on=np.datetime64(day)) == expected


def test_consent_opens_the_hours_and_nothing_else() -> None:
    consented = {"calls_consented_on": np.datetime64("2026-11-01")}
    assert refused_by(**consented, call_minute=1_300) == ()
    assert refused_by(**consented, call_minute=1_300, do_not_call=True) == ("HOUSE-DND",)


def test_a_public_holiday_is_no_weekday() -> None:
    assert refused_by(public_holidays=("2026-11-23",)) == ("FR-CALL-H",)
    assert refused_by(public_holidays=("2026-11-24",)) == ()


def test_a_call_without_a_day_is_one_of_the_day_of_the_question() -> None:
    made = {"call_on": np.datetime64("NaT"), "call_minute": 660}
    assert refused_by(**made) == ()
    assert refused_by(**made, public_holidays=("2026-11-23",)) == ("FR-CALL-H",)


@pytest.mark.parametrize("fact", ["call_refused_on", "calls_made"])
def test_who_asked_to_be_called_is_called_whatever_was_before(fact: str) -> None:
    before: dict[str, Any] = {
        "call_refused_on": np.datetime64("2026-11-20"),
        "calls_made": ("2026-11-20",) * 4,
    }
    assert refused_by(**{fact: before[fact]}) != ()
    assert refused_by(**{fact: before[fact]}, call_asked_for=True) == ()


def test_one_who_is_called_and_one_who_calls_are_judged_apart() -> None:
    rows = [{**ELEVEN, **NOTICED, "do_not_call": True, "channel": channel} for channel in ("phone_out", "phone_in")]
    decisions = asked(FRANCE, *rows)
    first, second = decisions.calls
    assert first is not None
    assert first.rules == ("HOUSE-DND",)
    assert second is None
    assert [decisions.stance(row) for row in (0, 1)] == ["leave_alone", "offer"]


@pytest.mark.parametrize(("minute", "unchecked"), [(-1, ("FR-CALL-H",)), (0, ()), (660, ())])
def test_the_hours_are_unchecked_only_where_no_minute_is_told(minute: int, unchecked: tuple[str, ...]) -> None:
    [told] = asked(FRANCE, {**ELEVEN, **NOTICED, "call_minute": minute}).calls
    assert told is not None
    assert told.unchecked == unchecked


def test_waiting_mends_all_that_time_mends_at_once_and_nothing_else() -> None:
    busy = {
        "call_minute": 540,
        "calls_made": ("2026-11-20",) * 4,
        "call_refused_on": np.datetime64("2026-11-20"),
        "best_tariff_notice_on": np.datetime64("2026-11-24"),
    }
    [told] = asked(FRANCE, {**ELEVEN, **busy}).calls
    assert told is not None
    assert told.rules == ("EU-BEST", "FR-CALL-60", "FR-CALL-N", "FR-CALL-H")
    assert str(told.not_before) == "2027-01-20 10:00:00"
    [told] = asked(FRANCE, {**ELEVEN, **busy, "do_not_call": True}).calls
    assert told is not None
    assert told.not_before is None


def test_without_a_minute_the_whole_day_is_lawful_to_who_consented() -> None:
    consented = {"calls_consented_on": np.datetime64("2026-11-01"), "call_minute": -1}
    [told] = asked(FRANCE, {**ELEVEN, **NOTICED, **consented}).calls
    assert told is not None
    assert str(told.not_before) == "2026-11-23 00:00:00"


def test_who_has_no_contract_waits_for_no_notice() -> None:
    ended = {"contract_ended_on": np.datetime64("2026-11-22"), "calls_consented_on": np.datetime64("2026-11-01")}
    [told] = asked(FRANCE, {**ELEVEN, **ended, "best_tariff_notice_on": np.datetime64("2026-12-01")}).calls
    assert told is not None
    assert (told.rules, str(told.not_before)) == ((), "2026-11-23 11:00:00")
