"""A day, or a minute, given on the command line."""

from datetime import datetime
from typing import Any

import click

FIRST_YEAR, LAST_YEAR = 2000, 2199


class Day(click.DateTime):
    """A day as YYYY-MM-DD, in the years that contracts and rulebooks know."""

    forms = ("%Y-%m-%d",)

    def __init__(self) -> None:
        super().__init__(self.forms)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The day, or the usage error that says what was expected."""
        day: datetime = super().convert(value, param, ctx)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(f"{value} lies outside the years {FIRST_YEAR} to {LAST_YEAR}", param, ctx)
        return day


class Minute(Day):
    """A minute as YYYY-MM-DDTHH:MM, in the same years."""

    forms = ("%Y-%m-%dT%H:%M",)
