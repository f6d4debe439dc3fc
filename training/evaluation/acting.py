"""What a rulebook and a release would have done with the customers of logged contacts."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.decide import Decisions, decide
from engine.fields import WANTS
from engine.rulebook import InForce, Rulebook
from engine.tables import Cases
from engine.terms import NONE, Whole
from intake.contacts import CONTROL, OFFERED, Contacts
from models.features import take_rows
from models.scorer import score_or_degrade
from models.store import Release
from training.evaluation.intervals import Numbers
from training.evaluation.rewards import Done, Truth
from training.value.undrawn import without_draw

ROWS_A_SLICE = 64
CALLED_BY_US = "phone_out"


@dataclass(frozen=True)
class Acting:
    """What is done with n customers, whether the log holds the very same [n], and what was promised of it.

    `promised_cents` [n]: the value of the offer over not calling, by the scores it was chosen with; 0 where nothing is.
    `degraded`: of how many customers the release gave no chance of leaving.
    """

    done: Done
    same: Truth
    promised_cents: Numbers
    degraded: int = 0


def as_contacted(contacts: Contacts, today: datetime.date) -> Cases:
    """The customers as they were on the day of their contact, moved to `today`, called by us, asking for nothing.

    What a customer asks for is no draw of chance, so wishes on file are left out.
    """
    cases = contacts.cases
    columns = {name: column for name, column in cases.items() if name not in {want.name for want in WANTS}}
    if contacts.dates is not None:
        passed = np.datetime64(today, "D") - contacts.dates
        dated = [name for name, column in columns.items() if column.dtype.kind == "M"]
        columns |= {name: columns[name] + passed for name in dated}
    columns["channel"] = np.full(cases.rows, CALLED_BY_US, dtype=object)
    return Cases(columns)


def act(contacts: Contacts, rulebook: Rulebook, release: Release | None, today: datetime.date) -> Acting:
    """What the kernel offers each customer of a history, or nothing, under a rulebook and the scores of a release.

    Nobody is drawn to a control group and nothing is explored: the policy is judged, not its draws.
    """
    rulebook = without_draw(rulebook)
    cases, in_force = as_contacted(contacts, today), rulebook.as_of(today)
    columns, promised, degraded = [], [], 0
    for rows in slices(len(contacts)):
        some = cases.take(rows)
        scored = score_or_degrade(release, some, take_rows(contacts.features, rows), today)
        decisions = decide(some, scored.scores, rulebook, today)
        column = _main_offers(decisions)
        columns.append(column)
        promised.append(_values(decisions, column))
        degraded += sum(bool(why) for why in scored.degraded)
    found = offering(np.concatenate(columns), contacts, in_force)
    return replace(found, promised_cents=np.concatenate(promised), degraded=degraded)


def offering(column: Whole, contacts: Contacts, in_force: InForce) -> Acting:
    """Offering each customer of a history one listed candidate [n]; -1: nobody is called, and nothing promised."""
    done = _done(column, in_force)
    return Acting(done, _same(done, contacts), np.zeros(len(contacts)))


def leave_alone(contacts: Contacts, in_force: InForce) -> Acting:
    """Nobody is contacted: what any policy must beat."""
    return offering(np.full(len(contacts), NONE), contacts, in_force)


def slices(rows: int) -> Iterator[Whole]:
    """Rows 0 to n - 1, as many at a time as the kernel decides at once."""
    for start in range(0, rows, ROWS_A_SLICE):
        yield np.arange(start, min(start + ROWS_A_SLICE, rows))


def _main_offers(decisions: Decisions) -> Whole:
    """The listed candidate of each row, -1: none. Nobody asks for anything, so there is one page."""
    (page,) = decisions.pages
    return page.table.offers[:, 0]


def _values(decisions: Decisions, column: Whole) -> Numbers:
    (page,) = decisions.pages
    values = page.sheet.value_cents[np.arange(len(column)), np.maximum(column, 0)]
    return np.where(column == NONE, 0, values).astype(np.float64)


def _done(column: Whole, in_force: InForce) -> Done:
    """The terms of listed candidates [n]; -1: nobody is called."""
    listed, goods = in_force.catalogue.listed.priced.terms, in_force.catalogue.goods
    offered, terms = column != NONE, listed.picked(column)
    return Done(offered, offered, terms, goods.device_price_cents[terms.device[:, 0]])


def _same(done: Done, contacts: Contacts) -> Truth:
    """In which contacts just this was done: nobody called, or the very same terms offered."""
    logged = {name: column[0] for name, column in vars(contacts.terms).items()}
    chosen = {name: column[:, 0] for name, column in vars(done.terms).items()}
    compared = [name for name in chosen if name not in ("template", "discount_months")]
    alike = np.logical_and.reduce([logged[name] == chosen[name] for name in compared])
    lasting = (chosen["discount_cents"] == 0) | (logged["discount_months"] == chosen["discount_months"])
    known = (contacts.devices == "") | (logged["device"] != NONE)
    offered = done.offered & (contacts.group == OFFERED) & alike & lasting & known
    return np.where(done.offered, offered, contacts.group == CONTROL)
