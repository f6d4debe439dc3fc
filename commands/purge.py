"""`counteroffer purge`: deletes what was kept for as long as policy says."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import click
import numpy as np
from sqlalchemy import Engine

from api.settings import Settings, read_settings
from commands.days import Day
from commands.in_force import rulebook_in_force
from engine.dates import add_months
from ledger import queries
from ledger.gone import CONTACTS, DECISIONS
from ledger.records import time_text
from ledger.store import migrate, open_store, reading, scrub, writing
from ledger.writer import purging
from ledger.writer.purging import Range

EVENTS_A_TIME = 5_000


@dataclass(frozen=True)
class Periods:
    """The moments before which decisions, and what was said in contacts, are over."""

    decisions: str
    contacts: str

    def ranges(self, events: int) -> Iterator[Range]:
        """The journal in stretches, for each of the two."""
        for keeping, before in ((DECISIONS, self.decisions), (CONTACTS, self.contacts)):
            for first in range(1, events + 1, EVENTS_A_TIME):
                yield Range(keeping, first, first + EVENTS_A_TIME - 1, before)


@click.command(epilog="Example: counteroffer purge --dry-run --as-of 2027-01-01")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@click.option("--as-of", type=Day(), help="Count periods back from this day; else from today by the setting's zone.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def purge(dry_run: bool, as_of: datetime | None, as_json: bool) -> None:
    """Delete bodies of old events, wishes of silent cases, old replies and messages; the journal says so, and holds."""
    settings = read_settings(os.environ)
    today = datetime.now(settings.zone).date()
    day = as_of.date() if as_of else today
    if day > today and not dry_run:
        raise click.UsageError(f"{day} is not here yet: only --dry-run may look ahead")
    periods = _periods(settings, day)
    store = open_store(settings.database)
    migrate(store)
    if dry_run:
        counts = _count(store, periods)
    else:
        counts = _purge(store, periods)
        scrub(store)
    store.dispose()
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(json.dumps({**counts, "dry_run": dry_run}) if as_json else f"{'over' if dry_run else 'deleted'}: {said}")


def _periods(settings: Settings, day: date) -> Periods:
    policy = rulebook_in_force(settings).as_of(day).policy

    def before(months: int) -> str:
        first: date = add_months(np.datetime64(day, "D"), -months).item()
        return time_text(datetime.combine(first, time(), tzinfo=settings.zone))

    return Periods(before(policy["retention_decisions_months"]), before(policy["retention_contacts_months"]))


def _count(store: Engine, periods: Periods) -> dict[str, int]:
    counts = {DECISIONS: 0, CONTACTS: 0}
    with reading(store) as connection:
        for part in periods.ranges(queries.count_events(connection)):
            counts[part.keeping] += len(purging.bodies_over(connection, part))
        cases, after = 0, ""
        while some := purging.silent_cases(connection, periods.contacts, after):
            cases, after = cases + len(some), some[-1].subject_id
        return {**counts, "cases": cases, **purging.count_said(connection, periods.contacts)}


def _purge(store: Engine, periods: Periods) -> dict[str, int]:
    now, counts = time_text(datetime.now(UTC)), {DECISIONS: 0, CONTACTS: 0}
    with reading(store) as connection:
        events = queries.count_events(connection)
    for part in periods.ranges(events):
        with writing(store) as connection:
            counts[part.keeping] += purging.purge_bodies(connection, part, now)
    cases, after = 0, ""
    while True:
        with writing(store) as connection:
            some = purging.silent_cases(connection, periods.contacts, after)
            purging.forget_cases(connection, some, periods.contacts, now)
        if not some:
            break
        cases, after = cases + len(some), some[-1].subject_id
    with writing(store) as connection:
        forgotten = purging.forget_replies(connection, periods.contacts, now)
    return {**counts, "cases": cases, **forgotten}
