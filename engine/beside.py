"""The candidates of a wish, once solved, behind those of the catalogue: one table, weighed and judged at once."""

from typing import Any

import numpy as np

from engine.catalogue import KINDS, Candidates
from engine.rulebook import InForce
from engine.solve import Solved
from engine.tables import altered
from engine.terms import NONE, Priced, Terms, Whole
from engine.twins import TwinsOfBoth

SOLVED_TERMS = ("device", "top_up_cents", "discount_cents", "extras")
SOLVED_PRICES = ("once_cents", "depth_cents", "gains_cents", "in_stock", "within_shop_price", "value_is_stated")


def beside_the_listed(solved: Solved, in_force: InForce) -> Candidates:
    """The listed candidates (1, J) and, behind them, those of n wishes, (n, J + P)."""
    blank, priced = in_force.catalogue.open, solved.priced
    terms = priced.terms
    members = in_force.catalogue.twins_of_wish
    same = terms.discount_cents[:, :, None] == terms.discount_cents[:, None, members]
    return Candidates(
        priced=_in_their_places(blank.priced, priced),
        marks=altered(blank.marks, kind=_fill(blank.marks.kind, _kinds(terms))),
        twins=TwinsOfBoth(blank.twins, blank.listed, members, same, terms.top_up_cents[:, members]),
        exists=_fill(blank.exists, solved.exists),
        listed=blank.listed,
    )


def _in_their_places(blank: Priced, solved: Priced) -> Priced:
    """Every column that a wish can change, filled; the others are the same for everybody."""
    terms = {name: _fill(getattr(blank.terms, name), getattr(solved.terms, name)) for name in SOLVED_TERMS}
    priced = {name: _fill(getattr(blank, name), getattr(solved, name)) for name in SOLVED_PRICES}
    return altered(blank, terms=altered(blank.terms, **terms), **priced)


def _fill(blank: Any, solved: Any) -> Any:
    """Columns (..., 1, J + P), their last P replaced by those of n customers (..., n, P)."""
    column = np.empty((*solved.shape[:-1], blank.shape[-1]), dtype=blank.dtype)
    column[...] = blank
    column[..., -solved.shape[-1] :] = solved
    return column


def _kinds(terms: Terms) -> Whole:
    """What kind of offer each personal candidate is, (n, P): a device, a discount or extras."""
    kind = np.where(terms.discount_cents > 0, KINDS.index("discount"), KINDS.index("extras"))
    return np.where(terms.device != NONE, KINDS.index("device"), kind)
