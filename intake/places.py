"""Where a customer lives: the time zone of a market and of a department, and what an operator's file may say of it."""

import functools
import re
import zoneinfo

ZONE_OF_MARKET = {"FR": "Europe/Paris", "BE": "Europe/Brussels"}

_OVERSEAS = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
"""The zone of each department and territory with a clock of its own; the Marquesas and Gambier need a zone by name."""

DEPARTMENT = re.compile(r"0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-8]|98[678]")
"""A French department or territory, as its number stands in an address."""


def zone_of(market: str, time_zone: str, department: str) -> str:
    """The time zone of a customer: the one on file, else that of the department, else that of the market."""
    return time_zone or _OVERSEAS.get(department) or ZONE_OF_MARKET[market]


@functools.cache
def is_zone(name: str) -> bool:
    """Whether there is such a time zone, by its name in the IANA database."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_department(name: str) -> bool:
    """Whether this is the number of a French department or territory."""
    return DEPARTMENT.fullmatch(name) is not None
