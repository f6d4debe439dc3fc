"""Whether a history of contacts shows what a draw by chance would, and the refusal of one that does not.

Several groups, varied terms, chances that hold, and facts that are alike in all groups and under all terms.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from intake.contact_columns import GROUPS
from intake.contacts import CALLED, CONTROL, OFFERED, Contacts
from training.balance import RARE, Difference, facts_of, group_difference, term_differences
from training.drawn_terms import MATERIAL, Cells

MOST_Z = 5.0
LEAST_P = 1e-6
LEAST_DEVIATIONS = 0.02
MOST_SHOWN = 10


@dataclass(frozen=True)
class Draw:
    """What the look at a draw found: rows by group, how many differences were looked at, and the largest.

    None is the largest where all customers are alike.
    """

    rows: dict[str, int]
    terms: int
    looked_at: int
    largest: Difference | None


def check_randomised(contacts: Contacts) -> Draw:
    """Looks whether a history can have been drawn by chance.

    Raises Faults (`not-randomised`), every reason at once, with the first of the rows that were left out beside them.
    """
    cells = Cells.of(contacts)
    terms = len(np.unique(cells.terms[cells.offered]))
    faults = _too_little(contacts, terms)
    differences: list[Difference] = []
    if not faults:
        alike = cells.drawn_alike()
        differences = _differences(contacts, by_terms=alike)
        often = cells.z_of_terms() if alike else (cells.excess_z(),)
        faults = [*_group_chances(contacts), *_terms_chances(contacts, often), *_imbalance(contacts, differences)]
    if faults:
        raise Faults([*faults, *_left_out(contacts)])
    rows = {name: int((contacts.group == index).sum()) for index, name in enumerate(GROUPS)}
    largest = max(differences, key=lambda difference: difference.size, default=None)
    return Draw(rows, terms, len(differences), largest)


def _fault(contacts: Contacts, what: str, expected: str, fix: str) -> Fault:
    return Fault("not-randomised", f"{contacts.name}:1", what, expected, fix)


def _left_out(contacts: Contacts) -> list[Fault]:
    return [
        Fault("bad-row", f"{contacts.name}:{row.line}", row.reason, "a row to learn from")
        for row in contacts.bad[:MOST_SHOWN]
    ]


def _too_little(contacts: Contacts, terms: int) -> list[Fault]:
    groups = [name for index, name in enumerate(GROUPS) if (contacts.group == index).any()]
    if "offered" not in groups or len(groups) < 2:
        what = f"all {len(contacts)} rows are of the group {groups[0]}"
        return [_fault(contacts, what, "rows with an offer and rows without", "nothing tells what an offer changes")]
    if terms < 2:
        what = "everybody was offered the same terms"
        return [_fault(contacts, what, "terms that vary by chance", "nothing tells what a term is worth")]
    return []


def _group_chances(contacts: Contacts) -> list[Fault]:
    """Control and bare calls that are more or fewer than their logged chances say."""
    found = []
    for index in (CONTROL, CALLED):
        inverse = 1.0 / contacts.probability[contacts.group == index]
        if not len(inverse):
            continue
        error = sqrt(float(((inverse - 1.0) * inverse).sum()) + max(float(inverse.max()), RARE) ** 2)
        off = inverse.sum() - len(contacts)
        z = off / error
        if abs(z) > MOST_Z and abs(off) > MATERIAL * len(contacts):
            share, stated = len(inverse) / len(contacts), len(inverse) / inverse.sum()
            what = f"{GROUPS[index]} is {share:.1%} of the rows, and by its logged chances {stated:.1%} (z {z:.1f})"
            found.append(_fault(contacts, what, *_TRUE_CHANCES))
    return found


def _terms_chances(contacts: Contacts, z: tuple[float, ...]) -> list[Fault]:
    if max(map(abs, z)) <= MOST_Z:
        return []
    what = f"terms do not come as often as their logged chances say (z {', '.join(f'{one:.1f}' for one in z)})"
    return [_fault(contacts, what, *_TRUE_CHANCES)]


_TRUE_CHANCES = ("the chance by which group and terms of the row were drawn", "see which column holds it")


def _differences(contacts: Contacts, by_terms: bool) -> list[Difference]:
    """Of every fact by group; and where all had the same chance of the same terms, with every term too."""
    facts, chance = facts_of(contacts.cases, contacts.features), contacts.probability
    groups = [index for index in (CONTROL, CALLED) if (contacts.group == index).any()]
    found = [one for index in groups for one in group_difference(facts, chance, contacts.group == index, GROUPS[index])]
    if not by_terms:
        return found
    offered = contacts.group == OFFERED
    months = np.zeros(len(contacts), dtype=np.int64)
    if contacts.dates is not None:
        months = np.unique(contacts.dates.astype("datetime64[M]"), return_inverse=True)[1]
    levers = _levers(contacts, offered)
    return found + term_differences(facts.take(offered), 1.0 / chance[offered], levers, months[offered])


def _levers(contacts: Contacts, offered: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
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
    beyond = [
        one
        for one in differences
        if one.p_value * len(differences) < LEAST_P and abs(one.deviations) > LEAST_DEVIATIONS
    ]
    expected = "facts of the day of the draw, alike in all groups and under all terms"
    fix = "if somebody chose, nothing of offers can be learned; if a fact was written after the contact, leave it out"
    return [
        _fault(
            contacts,
            f"{one.fact} differs {one.about} by {one.deviations:.2f} deviations (z {one.z:.1f})",
            expected,
            fix,
        )
        for one in sorted(beyond, key=lambda one: -one.size)[:MOST_SHOWN]
    ]
