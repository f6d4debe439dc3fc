"""Every limit of the desk, a step before it, at it and a step after: moments to the second, days, hours and cents.

The numbers are never those that ship, so that no limit stands in the code instead of the rulebook.
"""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from ledger.tables import offers
from tests.api.calls import Call, later, problem
from tests.api.orders import accepted, confirm, rows_of, withdraw
from tests.api.policies import with_policy
from tests.api.world import NOON, Operator

VALUE = 3
AWAY = 300
"""More than anything here waits for, so that one number at a time is met."""
MIDNIGHT = datetime.datetime(2026, 11, 23, 23, 0, tzinfo=datetime.UTC)
"""The end of the day in Paris on which everything begins."""
SECOND = datetime.timedelta(seconds=1)
STEPS = pytest.mark.parametrize("step", [-1, 0, 1])


def days_after(days: int) -> datetime.datetime:
    return MIDNIGHT + datetime.timedelta(days=days)


def at(operator: Operator, moment: datetime.datetime) -> Operator:
    """The operator at a moment, the agent in contact."""
    then = operator.with_service(clock=lambda: moment)
    Call(then, channel="web").signal("contact", channel="web")
    return then


def shown_in_time(operator: Operator, step: int) -> bool:
    answer = Call(operator).ask()
    assert answer["expires_on"] == "2026-11-26"
    return Call(at(operator, days_after(VALUE) + step * SECOND)).show(answer).status_code == 200


def confirmed_in_time(operator: Operator, step: int) -> bool:
    acceptance = accepted(operator, "phone_out")
    return confirm(at(operator, days_after(VALUE) + step * SECOND), acceptance).status_code == 200


def withdrawn_in_time(operator: Operator, step: int) -> bool:
    acceptance = accepted(operator)
    return withdraw(at(operator, days_after(VALUE) + step * SECOND), acceptance, "customer").status_code == 200


def in_contact(operator: Operator, step: int) -> bool:
    Call(operator).signal("contact", channel="shop")
    then = operator.with_service(clock=lambda: NOON + datetime.timedelta(minutes=VALUE) + step * SECOND)
    return Call(then).get("/case/C-1").status_code == 200


def answered_in_time(operator: Operator, step: int) -> bool:
    """A contested decision is overdue once its last moment is over, not at it."""
    call = Call(operator)
    call.post(f"/decision/{call.ask()['decision_id']}/contest", {"reason": "why"})
    then = operator.with_service(clock=lambda: days_after(VALUE) + step * SECOND)
    return Call(then, "auditor").get("/contests").get_json()["counts"]["overdue"] == 0


MOMENTS: dict[str, tuple[Callable[[Operator, int], bool], tuple[bool, bool, bool]]] = {
    "offer_valid_days": (shown_in_time, (True, False, False)),
    "confirm_days": (confirmed_in_time, (True, False, False)),
    "withdraw_days": (withdrawn_in_time, (True, False, False)),
    "interaction_minutes": (in_contact, (True, False, False)),
    "contest_answer_days": (answered_in_time, (True, True, False)),
}
"""What holds until a last moment, and whether it holds a second before it, at it and a second after."""


@STEPS
@pytest.mark.parametrize("number", MOMENTS)
def test_what_lasts_until_a_moment_is_over_at_that_moment(operator: Operator, number: str, step: int) -> None:
    holds, expected = MOMENTS[number]
    assert holds(operator.under(with_policy(**{number: VALUE})), step) == expected[step + 1]


def accepted_in_time(operator: Operator, step: int) -> bool:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    return Call(at(operator, days_after(VALUE) + step * SECOND)).accept(answer).status_code == 201


def taken_back_in_time(operator: Operator, step: int) -> bool:
    answer = Call(operator).ask()
    return withdraw(at(operator, days_after(VALUE) + step * SECOND), answer, "operator").status_code == 200


def dropped_in_time(operator: Operator, step: int) -> bool:
    acceptance = accepted(operator, "phone_out")
    return withdraw(at(operator, days_after(VALUE) + step * SECOND), acceptance, "operator").status_code == 200


def withdrawn_in_time_after_the_confirmation(operator: Operator, step: int) -> bool:
    """The days to withdraw count from the day on which it was confirmed, not from that of the call."""
    acceptance = accepted(operator, "phone_out")
    assert confirm(at(operator, NOON + datetime.timedelta(days=2)), acceptance).status_code == 200
    then = at(operator, days_after(2 + VALUE) + step * SECOND)
    return withdraw(then, acceptance, "customer").status_code == 200


def accepted_in_contact(operator: Operator, step: int) -> bool:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    then = operator.with_service(clock=lambda: NOON + datetime.timedelta(minutes=VALUE) + step * SECOND)
    return Call(then).accept(answer).status_code == 201


def confirmed_in_contact(operator: Operator, step: int) -> bool:
    acceptance = accepted(operator, "phone_out")
    then = operator.with_service(clock=lambda: NOON + datetime.timedelta(minutes=VALUE) + step * SECOND)
    return confirm(then, acceptance).status_code == 200


def withdrawn_in_contact(operator: Operator, step: int) -> bool:
    acceptance = accepted(operator)
    then = operator.with_service(clock=lambda: NOON + datetime.timedelta(minutes=VALUE) + step * SECOND)
    return withdraw(then, acceptance, "customer").status_code == 200


DOORS: tuple[tuple[str, Callable[[Operator, int], bool]], ...] = (
    ("offer_valid_days", accepted_in_time),
    ("offer_valid_days", taken_back_in_time),
    ("confirm_days", dropped_in_time),
    ("withdraw_days", withdrawn_in_time_after_the_confirmation),
    ("interaction_minutes", accepted_in_contact),
    ("interaction_minutes", confirmed_in_contact),
    ("interaction_minutes", withdrawn_in_contact),
)
"""The same numbers at the other doors that they guard."""


@STEPS
@pytest.mark.parametrize(("number", "holds"), DOORS)
def test_a_moment_is_the_same_at_every_door(
    operator: Operator, number: str, holds: Callable[[Operator, int], bool], step: int
) -> None:
    assert holds(operator.under(with_policy(**{number: VALUE})), step) == (step < 0)


def accept(operator: Operator) -> None:
    accepted(operator)


def accept_and_withdraw(operator: Operator) -> None:
    withdraw(operator, accepted(operator), "customer")


def report_a_fault(operator: Operator) -> None:
    Call(operator).signal("fault_opened", text="no signal")


def ask_for_a_call(operator: Operator) -> None:
    Call(operator).signal("callback")


PROMISES: dict[str, Callable[[Operator], None]] = {
    "delivery": accept,
    "activation": accept,
    "first_check": accept,
    "second_check": accept,
    "refund": accept_and_withdraw,
    "repair": report_a_fault,
    "callback": ask_for_a_call,
}
"""Each kind of promise, and what makes it."""


@pytest.mark.parametrize("kind", PROMISES)
def test_a_promise_is_unkept_from_the_day_after_the_day_it_is_due(operator: Operator, kind: str) -> None:
    numbers = {f"promise_{each}_days": VALUE if each == kind else AWAY for each in PROMISES}
    promising = operator.under(with_policy(**numbers))
    PROMISES[kind](promising)
    late = [Call(later(promising, days=VALUE + step)).ask()["repair"] for step in (-1, 0, 1)]
    assert [bool(repair) and repair["promise"] for repair in late] == [None if kind == "repair" else False] * 2 + [kind]


@STEPS
def test_a_refusal_is_remembered_through_the_last_day_of_its_round(operator: Operator, step: int) -> None:
    forgetful = operator.under(with_policy(round_days=VALUE))
    call = Call(forgetful)
    answer = call.ask()
    call.show(answer)
    assert call.decline(answer, "too_expensive").status_code == 200
    again = Call(later(forgetful, days=VALUE + step)).ask()
    assert (answer["offers"][0]["offer_id"] not in {one["offer_id"] for one in again["offers"]}) == (step <= 0)


def depth_of(operator: Operator, answer: dict[str, Any]) -> int:
    found = {row.offer_id: row.depth_cents for row in rows_of(operator.service.store, offers)}
    return int(found[answer["offers"][0]["offer_id"]])


@STEPS
def test_two_people_stand_behind_a_concession_deeper_than_four_eyes(operator: Operator, step: int) -> None:
    call = Call(operator, "manager")
    depth = depth_of(operator, call.ask())
    assert depth > 0
    answer = Call(operator.under(with_policy(four_eyes_depth_cents=depth + step)), "manager").ask()
    call.show(answer)
    reply = call.accept(answer)
    assert (reply.status_code == 201) == (step >= 0)
    if step < 0:
        assert problem(reply) == (403, "needs-approval")


@STEPS
def test_what_an_account_was_granted_counts_through_its_last_day(operator: Operator, step: int) -> None:
    promises = {f"promise_{each}_days": 365 for each in PROMISES}
    numbers = {**promises, "account_months": 1, "round_days": 1}
    call = Call(operator.under(with_policy(**numbers)))
    answer = call.ask()
    depth = depth_of(operator, answer)
    assert depth > 0
    call.show(answer)
    assert call.accept(answer).status_code == 201
    full = operator.under(with_policy(**numbers, account_depth_cents=depth))
    again = Call(later(full, days=30 + step)).ask()
    assert (again["stance"] == "offer") == (step > 0)


@STEPS
def test_a_complaint_that_reaches_many_goes_to_a_manager_in_its_own_hours(operator: Operator, step: int) -> None:
    hours = {"complaint_answer_hours": 7, "complaint_wide_answer_hours": 5}
    call = Call(operator.under(with_policy(complaint_wide_reach=VALUE, **hours)))
    alarm = call.signal("public_complaint", where="forum", reach=VALUE + step)["alarm"]
    wide = step >= 0
    assert alarm["route"] == ("manager" if wide else "supervisor")
    assert alarm["answer_by"] == ("2026-11-23T16:00:00.000000Z" if wide else "2026-11-23T18:00:00.000000Z")
