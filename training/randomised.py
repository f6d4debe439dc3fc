"""Whether a history of contacts shows what a draw by chance would, and the refusal of one that does not.

Several groups, varied terms, chances that hold, and facts that are alike in all groups and under all terms.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from intake.contact_columns import EXPLORED, GROUPS
from intake.contacts import CALLED, CONTROL, OFFERED, Contacts
from training.balance import Difference, facts_of, group_differences, term_differences

MOST_Z = 5.0
LEAST_P = 1e-6
MOST_SHOWN = 10
LEAST_EXPECTED = 1.0
TINY = 1e-9
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Draw:
    """What the look at a draw found: rows by group, how many differences were looked at, and the largest of them."""

    rows: dict[str, int]
    terms: int
    looked_at: int
    largest: Difference


def check_randomised(contacts: Contacts) -> Draw:
    """Looks whether a history can have been drawn by chance. Raises Faults (`not-randomised`), every reason at once."""
    cells = _cells(contacts)
    terms = len(np.unique(cells[1][contacts.group == OFFERED]))
    if faults := _too_little(contacts, terms):
        raise Faults(faults)
    differences = _differences(contacts)
    largest = max(differences, key=lambda difference: abs(difference.z))
    if faults := [*_chances(contacts, *cells), *_imbalance(contacts, differences)]:
        raise Faults(faults)
    rows = {name: int((contacts.group == index).sum()) for index, name in enumerate(GROUPS)}
    return Draw(rows, terms, len(differences), largest)


def _fault(contacts: Contacts, what: str, expected: str, fix: str) -> Fault:
    return Fault("not-randomised", f"{contacts.name}:1", what, expected, fix)


def _too_little(contacts: Contacts, terms: int) -> list[Fault]:
    groups = [name for index, name in enumerate(GROUPS) if (contacts.group == index).any()]
    if "offered" not in groups or len(groups) < 2:
        what = f"all {len(contacts)} rows are of the group {groups[0]}"
        return [_fault(contacts, what, "rows with an offer and rows without", "nothing tells what an offer changes")]
    if terms < 2:
        what = "everybody was offered the same terms"
        return [_fault(contacts, what, "terms that vary by chance", "nothing tells what a term is worth")]
    return []


def _cells(contacts: Contacts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The day of each row and the terms of each row, as numbers."""
    days = np.zeros(len(contacts), dtype=np.int64) if contacts.dates is None else contacts.dates.astype(np.int64)
    devices = np.unique(contacts.devices.astype(str), return_inverse=True)[1]
    columns = np.stack(
        [*(column[0] for column in vars(contacts.terms).values()), devices, contacts.device_price_cents[0]]
    )
    return np.unique(days, return_inverse=True)[1], np.unique(columns, axis=1, return_inverse=True)[1].reshape(-1)


def _chances(contacts: Contacts, day: NDArray[np.int64], terms: NDArray[np.int64]) -> list[Fault]:
    """Groups, and with chance alone also terms, that come more or less often than the logged chances say."""
    found = []
    for index in (CONTROL, CALLED):
        inverse = 1.0 / contacts.probability[contacts.group == index]
        if not len(inverse):
            continue
        z = (inverse.sum() - len(contacts)) / sqrt(max(float(((inverse - 1.0) * inverse).sum()), TINY))
        if abs(z) > MOST_Z:
            share, stated = len(inverse) / len(contacts), len(inverse) / inverse.sum()
            what = f"{GROUPS[index]} is {share:.1%} of the rows, and by its logged chances {stated:.1%} (z {z:.1f})"
            found.append(_fault(contacts, what, *_TRUE_CHANCES))
    often, uneven = _terms_z(contacts, day, terms)
    by_chance = contacts.design != EXPLORED
    if often > MOST_Z or (by_chance and max(-often, uneven) > MOST_Z):
        what = f"terms do not come as often as their logged chances say (z {often:.1f}, by terms {uneven:.1f})"
        found.append(_fault(contacts, what, *_TRUE_CHANCES))
    return found


_TRUE_CHANCES = ("the chance by which group and terms of the row were drawn", "see which column holds it")


def _terms_z(contacts: Contacts, day: NDArray[np.int64], terms: NDArray[np.int64]) -> tuple[float, float]:
    """How much more often all terms of all days come than their chances say, and how unevenly; both as z.

    Terms that were never drawn are not seen, so each count is that of a binomial of at least 1.
    """
    offered = contacts.group == OFFERED
    cell = np.unique(np.stack([day, terms])[:, offered], axis=1, return_inverse=True)[1].reshape(-1)
    inverse = 1.0 / contacts.probability[offered]
    count, total = np.bincount(cell).astype(np.float64), np.bincount(cell, weights=inverse)
    rows = np.bincount(cell, weights=np.bincount(day)[day[offered]]) / count
    chance = np.minimum(count / total, 1.0 - TINY)
    seen = -np.expm1(rows * np.log1p(-chance))
    mean = rows * chance / seen
    variance = mean * (1.0 - chance + rows * chance - mean)
    varied = (rows * count / total**2) ** 2 * np.bincount(cell, weights=(inverse - 1.0) * inverse)
    spread = np.maximum(np.maximum(variance, varied), TINY)
    often = float((count - mean).sum() / sqrt(spread.sum()))
    squares = ((count - mean) ** 2 / spread)[rows * chance >= LEAST_EXPECTED]
    uneven = (squares.sum() - len(squares)) / sqrt(2.0 * len(squares)) if len(squares) else 0.0
    return often, float(uneven)


def _differences(contacts: Contacts) -> list[Difference]:
    """Of every fact between groups; and where chance alone drew the terms, with every term too."""
    weight = 1.0 / contacts.probability
    facts = facts_of(contacts.cases, contacts.features)
    found = group_differences(facts, weight, contacts.group, GROUPS)
    if contacts.design == EXPLORED:
        return found
    offered = contacts.group == OFFERED
    months = np.zeros(len(contacts), dtype=np.int64)
    if contacts.dates is not None:
        months = np.unique(contacts.dates.astype("datetime64[M]"), return_inverse=True)[1]
    return found + term_differences(facts.take(offered), weight[offered], _levers(contacts, offered), months[offered])


def _levers(contacts: Contacts, offered: NDArray[np.bool_]) -> dict[str, Numbers]:
    """The terms of the rows that were offered something, as numbers; those that do not vary are left out."""
    terms = {name: column[0, offered] for name, column in vars(contacts.terms).items()}
    levers = {name: terms[name].astype(np.float64) for name in terms if name.endswith(("_cents", "_months"))}
    levers["device"] = (contacts.devices[offered] != "").astype(np.float64)
    levers["trade_in"] = (terms["trade_in"] >= 0).astype(np.float64)
    bits = int(terms["extras"].max()).bit_length()
    levers |= {f"extra {bit + 1}": (terms["extras"] >> bit & 1).astype(np.float64) for bit in range(bits)}
    return {name: values for name, values in levers.items() if np.ptp(values) > 0}


def _imbalance(contacts: Contacts, differences: list[Difference]) -> list[Fault]:
    """The facts that differ beyond chance, counted against how many were looked at; the largest first."""
    beyond = [one for one in differences if one.p_value * len(differences) < LEAST_P]
    expected = "facts of the day of the draw, alike in all groups and under all terms"
    fix = "if somebody chose, nothing of offers can be learned; if a fact was written after the contact, leave it out"
    return [
        _fault(
            contacts,
            f"{one.fact} differs {one.about} by {one.deviations:.2f} deviations (z {one.z:.1f})",
            expected,
            fix,
        )
        for one in sorted(beyond, key=lambda one: -abs(one.z))[:MOST_SHOWN]
    ]
