"""Who chooses the main offer: the control group's order, a draw among offers of near-equal value, or the best score.

The chance that is told is that of this very main offer over all that could have been drawn, whatever was.
"""

from dataclasses import dataclass

import numpy as np

from engine.chance import BEST, CONTROL, EXPLORE, Shares, draw_control, draw_exploring
from engine.question import Sheet
from engine.tables import MICRO
from engine.terms import NONE, Truth, Whole

NEVER = -(2**62)


@dataclass(frozen=True)
class Chosen:
    """The main offers of n customers who ask for nothing, as columns of a sheet (-1: none), [n].

    `arm` is a place in `engine.chance.ARMS`, `probability_micro` the chance of this main offer, in 1e-6.
    """

    main: Whole
    arm: Whole
    probability_micro: Whole


def choose_main(sheet: Sheet, score: Whole) -> Chosen:
    """The main offer of each customer by the scores (n, C) of what may be ranked; NEVER: it may not."""
    best, shares = best_of(score), Shares.of(sheet.question.in_force.policy)
    if shares.best == MICRO:
        same = np.zeros(len(best), dtype=np.int64)
        return Chosen(best, same + BEST, same + MICRO)
    near = _Near(sheet, score, best)
    standard = _first_standard(sheet, score)
    control, drawn = draw_control(sheet.question, shares), draw_exploring(sheet.question, shares)
    explores = ~control & (drawn != NONE) & (near.many > 1)
    picked = near.at(drawn * near.many // max(shares.explore, 1))
    main = np.where(control, standard, np.where(explores, picked, best))
    by_draw = near.cells_of(main, shares.explore)
    cells = shares.control * (main == standard) + by_draw + shares.best * (main == best)
    return Chosen(main, np.where(control, CONTROL, np.where(explores, EXPLORE, BEST)), cells)


def best_of(score: Whole) -> Whole:
    """The first column of the highest score in each row, -1 where all is refused."""
    if not score.shape[1]:
        return np.full(len(score), NONE, dtype=np.int64)
    best = score.argmax(axis=1)
    return np.where(score[np.arange(len(score)), best] == NEVER, NONE, best)


def _first_standard(sheet: Sheet, score: Whole) -> Whole:
    """What the control group is offered: the first standard offer of the rulebook that may be; called, nobody is."""
    columns = sheet.question.in_force.catalogue.standard_in_order
    if not len(columns):
        return np.full(len(score), NONE, dtype=np.int64)
    may_be = (score[:, columns] != NEVER) & ~sheet.question.outbound[:, None]
    return np.where(may_be.any(axis=1), columns[may_be.argmax(axis=1)], NONE)


class _Near:
    """What is of nearly the best value, for n customers: columns in their order, and behind them nothing at all.

    Without a profile there is no value: then the best stands alone. `many` [n]: how many they are.
    """

    def __init__(self, sheet: Sheet, score: Whole, best: Whole) -> None:
        profiled, apart = sheet.question.profiled, sheet.question.in_force.policy["near_value_cents"]
        highest = score[np.arange(len(best)), best] if score.shape[1] else np.full(len(best), NEVER)
        near = score >= np.maximum(highest - apart, NEVER + 1)[:, None]
        if not profiled.all():
            near &= profiled[:, None] | (np.arange(score.shape[1]) == best[:, None])
        self.near: Truth = near
        self.counted: Whole = near.cumsum(axis=1)
        self.offers: Whole = self.counted[:, -1] if score.shape[1] else np.zeros_like(best)
        self.nothing: Truth = (best == NONE) | (profiled & (highest <= apart))
        self.many: Whole = self.offers + self.nothing

    def at(self, places: Whole) -> Whole:
        """The columns at some places [n]; -1 at that of nothing."""
        if not self.counted.shape[1]:
            return np.full(len(places), NONE, dtype=np.int64)
        return np.where(places < self.offers, (self.counted > places[:, None]).argmax(axis=1), NONE)

    def cells_of(self, main: Whole, explore: int) -> Whole:
        """How many exploring cells lead to some columns [n] (-1: nothing); all near equals have as many, within one."""
        place = self._place_of(main)
        first, last = -(-place * explore // self.many), -(-(place + 1) * explore // self.many)
        return np.where(place == NONE, 0, last - first)

    def _place_of(self, main: Whole) -> Whole:
        rows, of_nothing = np.arange(len(main)), np.where(self.nothing, self.offers, NONE)
        if not self.counted.shape[1]:
            return of_nothing
        of_offer = np.where(self.near[rows, main], self.counted[rows, main] - 1, NONE)
        return np.where(main == NONE, of_nothing, of_offer)
