"""Whom the law wants told on a day: the end of a commitment with the best tariff, and that tariff at least yearly."""

import datetime
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from engine.answers import writers_of
from engine.best_tariff import write_best_tariff
from engine.dates import add_months, day
from engine.rulebook import InForce
from engine.tables import Cases
from engine.tariffs import cheapest_tariffs
from engine.texts import Writer
from ledger.notices import BEST_TARIFF, END_OF_COMMITMENT, Notice
from ledger.snapshots import read_snapshots

COLUMNS = (
    "contract_id",
    "customer_id",
    "language",
    "kind",
    "ends_on",
    "tariff",
    "monthly_cents",
    "saves_cents",
    "text",
)
YEAR = 12


@dataclass(frozen=True)
class Round:
    """One day's notices: whose commitment ends until when, what was told before, and who has left."""

    in_force: InForce
    today: datetime.date
    until: datetime.date
    told: Mapping[str, Sequence[Notice]]
    left: Set[str]

    @property
    def year_ago(self) -> datetime.date:
        """The last day on which a notice is too old for today."""
        return add_months(day(self.today), -YEAR).astype(datetime.date)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the law in force on the day wants told."""
        law, market = self.in_force.law.lines, self.in_force.law.market
        yearly = "EU-BEST" in law or f"{market}-BEST" in law
        return (END_OF_COMMITMENT,) * ("EU-BEST" in law) + (BEST_TARIFF,) * yearly


def notices(on_file: Sequence[Row[Any]], of_today: Round) -> Iterator[tuple[str, Notice, dict[str, Any]]]:
    """(pseudonym, notice, the row of the file) for every contract that is due, of some contracts on file."""
    snapshots = [orjson.loads(row.facts) for row in on_file]
    cases = read_snapshots(snapshots)
    cheapest, writers = cheapest_tariffs(of_today.in_force.on_sale, cases), writers_of(of_today.in_force)
    by_language = {writer.language: writer for writer in writers}
    for row, contract in enumerate(on_file):
        if notice := _due(cases, row, of_today, contract.subject_id):
            mine = by_language[str(cases["language"][row])]
            advice = write_best_tariff(cheapest, row, [mine])
            yield contract.subject_id, notice, _line(cases, row, notice, advice, mine)


def _due(cases: Cases, row: int, of_today: Round, subject_id: str) -> Notice | None:
    ends, closed = cases["commitment_end"][row].item(), cases["contract_ended_on"][row].item()
    if subject_id in of_today.left or (closed is not None and closed < of_today.today):
        return None
    told, elsewhere = of_today.told.get(subject_id, ()), cases["best_tariff_notice_on"][row].item()
    if ends is not None and of_today.today <= ends <= of_today.until and END_OF_COMMITMENT in of_today.kinds:
        here = any(one.ends_on == ends.isoformat() for one in told)
        if not here and not (elsewhere and elsewhere > add_months(day(ends), -YEAR).astype(datetime.date)):
            return Notice(END_OF_COMMITMENT, of_today.today, ends.isoformat())
    last = max([one.on for one in told] + [elsewhere] * (elsewhere is not None), default=None)
    if BEST_TARIFF in of_today.kinds and (last is None or last <= of_today.year_ago):
        return Notice(BEST_TARIFF, of_today.today, "")
    return None


def _line(cases: Cases, row: int, notice: Notice, advice: Mapping[str, Any], mine: Writer) -> dict[str, Any]:
    say, best = mine.phrases["notice"], advice["sentences"]["customer"][mine.language]
    about = {"best_tariff": best, "contract": cases["contract_id"][row]}
    about["date"] = mine.date(notice.ends_on) if notice.ends_on else ""
    return {
        "contract_id": str(cases["contract_id"][row]),
        "customer_id": str(cases["customer_id"][row]),
        "language": mine.language,
        "kind": notice.kind,
        "ends_on": notice.ends_on,
        **{name: advice[name] for name in ("tariff", "monthly_cents", "saves_cents")},
        "text": say[notice.kind].format(**about),
    }
