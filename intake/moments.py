"""The moment a call of ours begins, where the customer lives: day, minute and the public holidays ahead."""

import datetime
import functools
import zoneinfo
from dataclasses import dataclass

from holidays import country_holidays

from engine.contact import SEARCHED_DAYS
from intake.places import zone_of

_SUBDIVISION = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "975": "PM",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
    **{department: department for department in ("971", "972", "973", "974", "976")},
}
"""The departments with public holidays of their own, as the library names them."""


@dataclass(frozen=True)
class Place:
    """Where a customer is called: the market of the rulebook, and zone and department as they are on file."""

    market: str
    time_zone: str = ""
    department: str = ""

    @property
    def zone(self) -> str:
        """The name of the time zone whose clock counts."""
        return zone_of(self.market, self.time_zone, self.department)


@dataclass(frozen=True)
class Moment:
    """When a call begins by the customer's clock: its day and minute (-1: no minute is told), and holidays ahead."""

    on: datetime.date
    minute: int
    zone: str
    public_holidays: tuple[str, ...]


UNTOLD = -1


@functools.lru_cache(maxsize=4_096)
def moment_of_call(place: Place, begins: datetime.datetime | datetime.date) -> Moment:
    """The moment of a call that begins at a time with its zone, or on a day; holidays as ISO texts, in order."""
    on, minute = begins, UNTOLD
    if isinstance(begins, datetime.datetime):
        local = begins.astimezone(zoneinfo.ZoneInfo(place.zone))
        on, minute = local.date(), local.hour * 60 + local.minute
    return Moment(on, minute, place.zone, public_holidays(place.market, place.department, on))


@functools.lru_cache(maxsize=4_096)
def public_holidays(market: str, department: str, first: datetime.date) -> tuple[str, ...]:
    """The public holidays of a place in the `SEARCHED_DAYS` days from a first one on, as ISO texts in their order."""
    last = first + datetime.timedelta(SEARCHED_DAYS)
    known = _holidays_of_years(market, department, first.year, last.year)
    return tuple(sorted(each.isoformat() for each in known if first <= each < last))


@functools.lru_cache(maxsize=256)
def _holidays_of_years(market: str, department: str, first: int, last: int) -> frozenset[datetime.date]:
    years = range(first, last + 1)
    return frozenset(country_holidays(market, subdiv=_SUBDIVISION.get(department), years=years))
