"""What the rules look at: the customers who ask, and a sheet of candidates weighed for each of them."""

import dataclasses
import datetime
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import HasTwins, Marks
from engine.conditions import Facts
from engine.margin import Tariff
from engine.rulebook import InForce
from engine.terms import Priced, Whole
from engine.wish import Wish


@dataclass(frozen=True)
class Question:
    """n customers on one day: their facts [n] (tenure and remaining commitment included) and columns (n, 1).

    `device_in_use` is the device's index, -1 unknown; `eligible` [n, templates]: whose conditions the customer meets.
    """

    in_force: InForce
    today: datetime.date
    facts: Facts
    tariffs: Tariff
    wish: Wish
    depth_limit_cents: Whole
    profiled: NDArray[np.bool_]
    outbound: NDArray[np.bool_]
    device_in_use: Whole
    eligible: NDArray[np.bool_]

    def take(self, rows: Whole) -> "Question":
        """The same question of some of the customers."""
        return dataclasses.replace(
            self,
            facts={name: column[rows] for name, column in self.facts.items()},
            tariffs=Tariff(*(column[rows] for column in vars(self.tariffs).values())),
            wish=Wish(*(column[rows] for column in vars(self.wish).values())),
            depth_limit_cents=self.depth_limit_cents[rows],
            profiled=self.profiled[rows],
            outbound=self.outbound[rows],
            device_in_use=self.device_in_use[rows],
            eligible=self.eligible[rows],
        )


@dataclass(frozen=True)
class Sheet:
    """Candidates weighed for n customers, (n, C): of the catalogue (C = J) or personal ones (C = P).

    `refused` holds a bit for each rule, in the order of `engine.rules`, that refuses; `passes`: none has so far.
    """

    question: Question
    priced: Priced
    marks: Marks
    twins: HasTwins
    exists: NDArray[np.bool_]
    asked_for: NDArray[np.bool_]
    secured_cents: Whole
    share_floor_cents: Whole
    month_lacks_cents: Whole
    surplus_micro: Whole
    p_accept_micro: Whole
    p_leave_micro: Whole
    value_cents: Whole
    counted_months: Whole
    passes: NDArray[np.bool_]
    refused: Whole
