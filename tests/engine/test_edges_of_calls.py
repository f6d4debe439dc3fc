"""The next lawful call by itself, to the minute and the day."""

import datetime
from typing import Any

import pytest

from engine.contact import Call, Limits, next_lawful_call

WEEK = Limits(frozenset({1, 2, 3, 4, 5}), ((600, 780), (840, 1_200)), (2, 30), 60)
MONDAY = datetime.date(2026, 11, 23)


def next_call(limits: Limits = WEEK, **more: Any) -> str | None:
    """The next lawful minute of a call that would begin on Monday at nine, told as 23 10:00."""
    nothing: dict[str, Any] = {
        "began_on": MONDAY,
        "minute": 540,
        "holidays": (),
        "calls": (),
        "refused_on": None,
        "noticed_on": None,
        "free": False,
        "asked_for": False,
    }
    found = next_lawful_call(Call(**{**nothing, **more}), limits)
    return None if found is None else found.strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("minute", "expected"),
    [(599, "11-23 10:00"), (600, "11-23 10:00"), (601, "11-23 10:01"), (779, "11-23 12:59"), (780, "11-23 14:00")],
)
def test_the_next_call_waits_for_a_window_to_the_minute(minute: int, expected: str) -> None:
    assert next_call(minute=minute) == expected


def test_after_the_last_window_the_next_day_begins_with_its_first() -> None:
    assert next_call(minute=1_199) == "11-23 19:59"
    assert next_call(minute=1_200) == "11-24 10:00"
    assert next_call(began_on=datetime.date(2026, 11, 27), minute=1_200) == "11-30 10:00"
    assert next_call(holidays=("2026-11-23", "2026-11-24")) == "11-25 10:00"


def test_consent_opens_every_hour_and_asking_for_it_ends_silence_and_counting() -> None:
    assert next_call(free=True) == "11-23 09:00"
    busy = {"calls": ("2026-11-22", "2026-11-23"), "refused_on": datetime.date(2026, 11, 20)}
    assert next_call(**busy, asked_for=True) == "11-23 10:00"
    assert next_call(Limits(frozenset(), (), None, None), **busy) == "11-23 09:00"


def test_silence_lasts_through_its_last_day() -> None:
    assert next_call(refused_on=datetime.date(2026, 9, 24)) == "11-24 10:00"  # 60 days before the 23rd
    assert next_call(refused_on=datetime.date(2026, 9, 23)) == "11-23 10:00"


def test_calls_leave_the_rolling_days_one_by_one() -> None:
    assert next_call(calls=("2026-10-25", "2026-11-20")) == "11-24 10:00"  # 25 October is 29 days before
    assert next_call(calls=("2026-10-24", "2026-11-20")) == "11-23 10:00"
    assert next_call(calls=("2026-11-20",)) == "11-23 10:00"


def test_the_notice_is_waited_for_to_its_day() -> None:
    assert next_call(noticed_on=MONDAY) == "11-23 10:00"
    assert next_call(noticed_on=datetime.date(2026, 11, 24)) == "11-24 10:00"


def test_what_lies_too_far_ahead_is_not_told() -> None:
    far = MONDAY + datetime.timedelta(days=99)
    assert next_call(noticed_on=far) == "03-02 10:00"
    assert next_call(noticed_on=far + datetime.timedelta(days=1)) is None
