"""When one may call: the numbers of the law for calls of ours, and the first lawful minute from a moment on.

Source: FR-CALL-H, FR-CALL-N and FR-CALL-60 of law-fr.toml, and the order of EU-BEST.
"""

import datetime
import functools
from dataclasses import dataclass

from engine.law import Law

HOURS, ATTEMPTS, SILENCE = "FR-CALL-H", "FR-CALL-N", "FR-CALL-60"
SEARCHED_DAYS = 100
"""How far ahead the next lawful moment is looked for, and public holidays must be known."""

ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    """ISO weekdays and windows in minutes of the day; most calls within days; days of silence after a refusal.

    None, or no windows: there is no such rule in this market on this day.
    """

    weekdays: frozenset[int]
    windows: tuple[tuple[int, int], ...]
    attempts: tuple[int, int] | None
    silence_days: int | None


@functools.lru_cache(maxsize=64)
def limits_of(law: Law) -> Limits:
    """The numbers for calls in the law of one day."""
    hours, attempts, silence = (law.lines.get(name) for name in (HOURS, ATTEMPTS, SILENCE))
    return Limits(
        weekdays=frozenset(hours["weekdays"]) if hours else frozenset(),
        windows=tuple(_window(text) for text in hours["windows"]) if hours else (),
        attempts=(attempts["calls"], attempts["days"]) if attempts else None,
        silence_days=silence["days"] if silence else None,
    )


def _window(text: str) -> tuple[int, int]:
    """10:00-13:00 as the first minute of the day inside, and the first one after."""
    begin, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in text.split("-"))
    return begin, end


@dataclass(frozen=True)
class Call:
    """One call: the day and minute it begins where the customer lives, and what happened before; days as ISO texts.

    `holidays`: those of `SEARCHED_DAYS` days from that day on. `free`: the hours do not bind, by consent. `asked_for`:
    the customer wants to be called back. `noticed_on`: the day of a notice that has to come first.
    """

    began_on: datetime.date
    minute: int
    holidays: tuple[str, ...]
    calls: tuple[str, ...]
    refused_on: datetime.date | None
    noticed_on: datetime.date | None
    free: bool
    asked_for: bool


@functools.lru_cache(maxsize=4_096)
def next_lawful_call(call: Call, limits: Limits) -> datetime.datetime | None:
    """The first minute at which calling is lawful as far as time mends it, by the customer's clock; None: too far."""
    for ahead in range(SEARCHED_DAYS):
        on = call.began_on + ahead * ONE_DAY
        minute = _first_minute(call, limits, on, 0 if ahead else call.minute)
        if minute is not None:
            return datetime.datetime.combine(on, datetime.time(*divmod(minute, 60)))
    return None


def _first_minute(call: Call, limits: Limits, on: datetime.date, earliest: int) -> int | None:
    """The first lawful minute of a day, from `earliest` on; None where it has none."""
    if call.noticed_on is not None and on < call.noticed_on:
        return None
    if not call.asked_for and (_is_silent(call, limits, on) or _is_enough(call, limits, on)):
        return None
    if call.free or not limits.windows:
        return earliest
    if on.isoweekday() not in limits.weekdays or on.isoformat() in call.holidays:
        return None
    return next((max(begin, earliest) for begin, end in limits.windows if earliest < end), None)


def _is_silent(call: Call, limits: Limits, on: datetime.date) -> bool:
    if limits.silence_days is None or call.refused_on is None:
        return False
    return (on - call.refused_on).days <= limits.silence_days


def _is_enough(call: Call, limits: Limits, on: datetime.date) -> bool:
    if limits.attempts is None:
        return False
    most, days = limits.attempts
    return calls_within(call.calls, on, days) >= most


def calls_within(calls: tuple[str, ...], on: datetime.date, days: int) -> int:
    """How many of the calls fall into the rolling days that end with a day, that day included."""
    since = (on - days * ONE_DAY).isoformat()
    return sum(since < each <= on.isoformat() for each in calls)
