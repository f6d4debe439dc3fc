"""The calls of a run: when each begins where its customer lives, for the rows that we call."""

import datetime

import numpy as np
from numpy.typing import NDArray

from engine.fields import OUTBOUND_CHANNELS
from engine.tables import Cases, objects
from intake.moments import UNTOLD, Moment, Place, moment_of_call

_NO_DAY = np.datetime64("NaT", "D")
_NOBODY = Moment(datetime.date.min, UNTOLD, "", ())


def with_calls(cases: Cases, market: str, begins: datetime.datetime | datetime.date, channel: str | None) -> Cases:
    """The same rows [n], over `channel` where one is given; those that we call are called at one moment, or on one day.

    A day tells no minute: then the hours are not tested.
    """
    channels = cases["channel"] if channel is None else objects([channel] * cases.rows)
    called = np.array([each in OUTBOUND_CHANNELS for each in channels], dtype=bool)
    if channel is None and not called.any():
        return cases
    return Cases({**cases, "channel": channels, **_calls(cases, called, market, begins)})


def _calls(
    cases: Cases, called: NDArray[np.bool_], market: str, begins: datetime.datetime | datetime.date
) -> dict[str, NDArray[np.generic]]:
    places = zip(called, cases["time_zone"], cases["department"], strict=True)
    moments = [moment_of_call(Place(market, *place), begins) if yes else _NOBODY for yes, *place in places]
    return {
        "call_on": np.where(called, np.array([each.on for each in moments], dtype="datetime64[D]"), _NO_DAY),
        "call_minute": np.array([each.minute for each in moments], dtype=np.int64),
        "call_zone": objects(each.zone for each in moments),
        "public_holidays": objects(each.public_holidays for each in moments),
    }
