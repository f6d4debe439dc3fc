"""Calls of ours: what the rules on them have read, and what would turn them; most often the hour, or who calls."""

import datetime
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.calls import judge_calls
from engine.contact import calls_within, limits_of
from engine.explanation.levers import Change, Lever, fact_lever
from engine.explanation.reading import AT_LEAST, AT_MOST, EQUALS, NONE_OF, ONE_OF, Read, Reading, fact, plain
from engine.explanation.supposing import AS_IT_IS, Matter, Supposition
from engine.question import Sheet
from engine.rules.contact import day_of


def flag(name: str) -> Read:
    """Of a flag that has to be down."""

    def read(sheet: Sheet) -> Iterator[Reading]:
        yield Reading(name, fact(sheet, name), EQUALS, False, "flag")

    return read


def port(sheet: Sheet) -> Iterator[Reading]:
    """The reason for the contact."""
    yield Reading("reason_for_contact", fact(sheet, "reason_for_contact"), NONE_OF, ["port_requested"], "choice")


def consent(sheet: Sheet) -> Iterator[Reading]:
    """The last day of the contract, and the consent to calls."""
    called_on = _call_day(sheet)
    yield Reading("contract_ended_on", fact(sheet, "contract_ended_on"), AT_LEAST, called_on, "day")
    yield Reading("calls_consented_on", fact(sheet, "calls_consented_on"), AT_MOST, called_on, "day")


def notice(sheet: Sheet) -> Iterator[Reading]:
    """The day of the notice with the best tariff."""
    noticed = fact(sheet, "best_tariff_notice_on")
    yield Reading("best_tariff_notice_on", noticed, AT_MOST, _call_day(sheet), "day", "EU-BEST")


def silence(sheet: Sheet) -> Iterator[Reading]:
    """The days since a refusal in a call."""
    since = day_of(sheet.question)[0] - sheet.question.facts["call_refused_on"][0]
    days = limits_of(sheet.question.in_force.law).silence_days
    needed = None if days is None else days + 1
    yield Reading("days_since_refusal", int(since.astype(np.int64)), AT_LEAST, needed, "days", "FR-CALL-60")


def attempts(sheet: Sheet) -> Iterator[Reading]:
    """The calls made in the rolling days."""
    limits = limits_of(sheet.question.in_force.law)
    most, days = limits.attempts or (0, 0)
    made = calls_within(sheet.question.facts["calls_made"][0], day_of(sheet.question)[0].item(), days)
    yield Reading("calls_made", made, AT_MOST, most - 1, "count", "FR-CALL-N")


def hours(sheet: Sheet) -> Iterator[Reading]:
    """The moment of the call by the customer's clock, and the windows of the day."""
    windows = [f"{_clock(begin)}-{_clock(end)}" for begin, end in limits_of(sheet.question.in_force.law).windows]
    yield Reading("call_at", _moment(sheet), ONE_OF, windows, "moment", "FR-CALL-H")


def _call_day(sheet: Sheet) -> str:
    return str(day_of(sheet.question)[0])


def _moment(sheet: Sheet) -> str:
    minute = int(sheet.question.facts["call_minute"][0])
    return _call_day(sheet) if minute < 0 else f"{_call_day(sheet)}T{_clock(minute)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Moment(Lever):
    """A moment of a call, by the customer's clock."""

    def changes(self, value: Any) -> list[Change]:
        """The moment to the minute."""
        return [Change(self.name, self.unit, self.found, value.isoformat(timespec="minutes"))]


def later_call(matter: Matter) -> Iterator[Lever]:
    """The first lawful minute to call, where waiting mends it."""
    sheet = matter.judge([AS_IT_IS])
    verdict = judge_calls(sheet.question)[0]
    if verdict is not None and verdict.not_before is not None:
        yield Moment("call_at", "moment", _moment(sheet), [verdict.not_before], _suppose_moment)


def _suppose_moment(moment: datetime.datetime) -> Supposition:
    on = np.datetime64(moment.date(), "D")
    return Supposition(facts={"call_on": on, "call_minute": moment.hour * 60 + moment.minute})


def may_be_called(matter: Matter) -> Iterator[Lever]:
    """Nothing on file against calls."""
    for name in ("do_not_call", "on_do_not_call_list"):
        if matter.fact(name):
            yield fact_lever(name, "flag", True, [False])


def consented(matter: Matter) -> Iterator[Lever]:
    """A consent to calls, on the day of the call at the latest."""
    called_on = day_of(matter.judge([AS_IT_IS]).question)[0]
    now = plain(matter.fact("calls_consented_on"))
    yield fact_lever("calls_consented_on", "day", now, [called_on])


def asked_to_be_called(matter: Matter) -> Iterator[Lever]:
    """The customer asked to be called back."""
    if not matter.fact("call_asked_for"):
        yield fact_lever("call_asked_for", "flag", False, [True])


def noticed(matter: Matter) -> Iterator[Lever]:
    """The notice with the best tariff gone out, on the day of the call at the latest."""
    called_on = day_of(matter.judge([AS_IT_IS]).question)[0]
    yield fact_lever("best_tariff_notice_on", "day", plain(matter.fact("best_tariff_notice_on")), [called_on])
