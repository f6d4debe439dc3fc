"""Terms given as plain values, recorded or composed by an agent, read as candidates with their twins at 12 months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import WISH, Candidates, Catalogue, Marks
from engine.months import Months
from engine.policy import COMMITMENTS
from engine.rulebook import InForce
from engine.solve import Solver, smallest_top_ups, with_levers
from engine.terms import NONE, Terms, Whole
from engine.twins import NO_TWIN

Plain = Mapping[str, Any]
"""Terms named as in an answer; what is left out is none of it: template (a wish), device, commitment_months,
top_up_cents, discount_cents, discount_months, extras, extras_months, credit_cents, trade_in, twin."""

TWIN_MONTHS = 12
LONGEST_MONTHS = max(COMMITMENTS)
SERVICES = ("template", "device", "extras", "discount_cents", "credit_cents", "trade_in")
CENTS = ("top_up_cents", "discount_cents", "credit_cents")


@dataclass(frozen=True)
class Composed:
    """The terms of n customers and the twin that came with each, (n, 1); `known`: the rulebook of the day has them."""

    terms: Terms
    known: NDArray[np.bool_]
    twin: Terms
    twin_known: NDArray[np.bool_]


def read_composed(rows: Sequence[Plain], in_force: InForce) -> Composed:
    """The terms of n customers. Raises ValueError for an amount below 0, nothing for a name that nobody knows."""
    terms, known = _read(rows, in_force)
    twin, twin_known = _read([row.get("twin") or {} for row in rows], in_force)
    came = np.array([bool(row.get("twin")) for row in rows])[:, None]
    return Composed(terms, known, twin, twin_known & came)


def unknown_parts(plain: Plain, catalogue: Catalogue) -> list[str]:
    """What some terms name that the rulebook of the day does not have."""
    templates = {template.id for template in catalogue.templates}
    parts = [
        (plain.get("template", WISH), templates),
        (plain.get("device") or "", {"", *catalogue.device_index}),
        (plain.get("trade_in") or "", {"", *catalogue.taken_back}),
        *((extra, catalogue.extra_bit) for extra in plain.get("extras", ())),
    ]
    commitment, lasts = plain.get("commitment_months", 0), _months_of_gifts(plain)
    months = [commitment] if commitment not in COMMITMENTS else [lasts] if lasts > LONGEST_MONTHS else []
    return [name for name, known in parts if name not in known] + [f"{count}m" for count in months]


def _months_of_gifts(plain: Plain) -> int:
    """The months stated for the discount, or for extras that come without one; 0 where none is."""
    return int(plain.get("discount_months" if plain.get("discount_cents") else "extras_months") or 0)


def _read(rows: Sequence[Plain], in_force: InForce) -> tuple[Terms, NDArray[np.bool_]]:
    known = [not unknown_parts(row, in_force.catalogue) for row in rows]
    values = [_values(row if is_known else {}, in_force) for row, is_known in zip(rows, known, strict=True)]
    columns = {name: np.array([[one[name]] for one in values], dtype=np.int64) for name in values[0]}
    return Terms(**columns), np.array(known)[:, None]


def _values(plain: Plain, in_force: InForce) -> dict[str, int]:
    catalogue, months = in_force.catalogue, plain.get("commitment_months", 0)
    cents = {name: plain.get(name, 0) for name in CENTS}
    if min(cents.values()) < 0:
        raise ValueError(f"terms hold an amount below 0: {cents}")
    lasts = _months_of_gifts(plain) or months or in_force.policy["months_of_discount_without_commitment"]
    templates = [template.id for template in catalogue.templates]
    return {
        "template": templates.index(plain.get("template", WISH)),
        "device": catalogue.device_index.get(plain.get("device") or "", NONE),
        "commitment_months": months,
        "discount_months": min(lasts, months) if months and cents["discount_cents"] else months or lasts,
        "extras": sum(1 << catalogue.extra_bit[name] for name in set(plain.get("extras", ()))),
        "trade_in": catalogue.device_index.get(plain.get("trade_in") or "", NONE),
        **cents,
    }


def with_twins(composed: Composed, solver: Solver) -> tuple[Candidates, Months]:
    """Candidates (n, 2K) and their months: K terms and, where the law wants one, the twin of each at 12 months.

    A twin that did not come with the terms is composed: the same services, and with a device the smallest top-up, no
    lower than that of the terms, that keeps margin, authority and account.
    """
    terms, needed = composed.terms, needs_twin(composed.terms, solver.in_force)
    made = twin_terms(terms, solver)
    chosen = {
        name: np.where(composed.twin_known, column, getattr(made, name)) for name, column in vars(composed.twin).items()
    }
    both = {name: np.concatenate([column, chosen[name]], axis=1) for name, column in vars(terms).items()}
    every = Terms(**both)
    exists = np.concatenate([composed.known, needed & composed.known], axis=1)
    priced, months = solver.price(every)
    return Candidates(priced, marks_of(every, solver.in_force.catalogue), twins_among(every), exists, listed=0), months


def needs_twin(terms: Terms, in_force: InForce) -> NDArray[np.bool_]:
    """Which terms the law wants at 12 months too, same shape."""
    months = in_force.law.months("FR-TWIN12")
    return terms.commitment_months > (LONGEST_MONTHS if months is None else months)


def twin_terms(terms: Terms, solver: Solver) -> Terms:
    """The same services at 12 months, same shape."""
    twin = replace(
        terms,
        commitment_months=np.full_like(terms.commitment_months, TWIN_MONTHS),
        discount_months=np.minimum(terms.discount_months, TWIN_MONTHS),
    )
    _, smallest = smallest_top_ups(with_levers(twin, np.zeros_like(terms.top_up_cents), terms.discount_cents), solver)
    return replace(twin, top_up_cents=np.maximum(smallest, terms.top_up_cents))


@dataclass(frozen=True)
class ComposedTwins:
    """Which candidates are twins at 12 months of each, [n, C, C], and what is paid for the device, (n, C)."""

    same: NDArray[np.bool_]
    top_up_cents: Whole

    def cheapest_cents(self, passes: NDArray[np.bool_]) -> Whole:
        """The lowest top-up of a twin that passes, for each candidate (n, C), from who passes (n, C)."""
        passing = self.same & passes[:, None, :]
        lowest: Whole = np.where(passing, self.top_up_cents[:, None, :], NO_TWIN).min(axis=-1)
        return lowest

    def of(self, row: int, candidate: int) -> Whole:
        """The twins of one candidate, the cheapest top-up first."""
        twins = np.flatnonzero(self.same[row, candidate])
        return twins[np.argsort(self.top_up_cents[row, twins], kind="stable")]


def twins_among(terms: Terms) -> ComposedTwins:
    """Which of some terms (n, C) are the same services at 12 months."""
    columns = [getattr(terms, name) for name in SERVICES]
    same = np.logical_and.reduce([column[:, :, None] == column[:, None, :] for column in columns])
    return ComposedTwins(same & (terms.commitment_months == TWIN_MONTHS)[:, None, :], terms.top_up_cents)


def marks_of(terms: Terms, catalogue: Catalogue) -> Marks:
    """The marks of the templates; what only standard offers and dues may do is for terms listed as they are."""
    marks = catalogue.marks.of(terms.template)
    listed = np.zeros(terms.template.shape, dtype=bool)
    for row, column in np.argwhere(marks.standard | marks.entitlement):
        listed[row, column] = _is_listed(terms.at(row, column), catalogue)
    return replace(marks, standard=marks.standard & listed, entitlement=marks.entitlement & listed)


def _is_listed(terms: dict[str, int], catalogue: Catalogue) -> bool:
    column = catalogue.column_of.get(catalogue.id_of(terms), NONE)
    if column == NONE:
        return False
    lasting = terms["discount_cents"] > 0 or terms["extras"] > 0
    return not lasting or catalogue.listed.priced.terms.at(0, column) == terms
