"""What the rules look at: the customers who ask, and a sheet of candidates weighed for each of them."""

import dataclasses
import datetime
from dataclasses import dataclass
from functools import cached_property

from engine.catalogue import Candidates, Marks
from engine.conditions import Facts
from engine.margin import Tariff
from engine.months import Months
from engine.rulebook import InForce
from engine.terms import Priced, Truth, Whole
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
    profiled: Truth
    leaves_free: Truth
    outbound: Truth
    device_in_use: Whole
    eligible: Truth

    @cached_property
    def calls_anybody(self) -> bool:
        """Whether any of the customers is called by us."""
        return bool(self.outbound.any())

    def take(self, rows: Whole) -> "Question":
        """The same question of some of the customers."""
        return dataclasses.replace(
            self,
            facts={name: column[rows] for name, column in self.facts.items()},
            tariffs=Tariff(*(column[rows] for column in vars(self.tariffs).values())),
            wish=Wish(*(column[rows] for column in vars(self.wish).values())),
            depth_limit_cents=self.depth_limit_cents[rows],
            profiled=self.profiled[rows],
            leaves_free=self.leaves_free[rows],
            outbound=self.outbound[rows],
            device_in_use=self.device_in_use[rows],
            eligible=self.eligible[rows],
        )


@dataclass(frozen=True)
class Sheet:
    """Candidates weighed for n customers, (n, C): those of the catalogue and, behind them, those of a wish.

    `gains_cents` (1 + tastes, r, C): what the terms give, as the customers feel it.
    `refused`: a bit for each rule of `engine.rules` that has refused, in their order.
    """

    question: Question
    candidates: Candidates
    months: Months
    asked_for: Truth
    secured_cents: Whole
    gains_cents: Whole
    surplus_micro: Whole
    p_accept_micro: Whole
    p_leave_micro: Whole
    value_cents: Whole
    counted_months: Whole
    refused: Whole

    @cached_property
    def priced(self) -> Priced:
        """Terms and prices of the candidates, (1, C) or (n, C)."""
        return self.candidates.priced

    @cached_property
    def marks(self) -> Marks:
        """What the templates of the candidates say of themselves, (1, C) or (n, C)."""
        return self.candidates.marks

    @property
    def passes(self) -> Truth:
        """Which candidates every rule that has spoken lets pass, (n, C)."""
        passes: Truth = self.refused == 0
        return passes

    @cached_property
    def needs_no_twin(self) -> Truth | None:
        """Which commitments are short enough for FR-TWIN12, (1, C) or (n, C); None where it is not in force."""
        months = self.question.in_force.law.months("FR-TWIN12")
        return None if months is None else self.priced.terms.commitment_months <= months

    @cached_property
    def twin_cents(self) -> Whole:
        """The lowest top-up of a twin that passes the rules before FR-TWIN12, which first asks for it, (n, C)."""
        return self.candidates.twins.cheapest_cents(self.passes)

    @cached_property
    def listed(self) -> int:
        """How many candidates, the first, are those of the catalogue; those of a wish stand behind them."""
        return self.candidates.listed
