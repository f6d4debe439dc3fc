"""What the months of some terms bring in, for each customer: the margin that is certain, its floor, the value."""

from dataclasses import dataclass

import numpy as np

from engine.margin import (
    Leaving,
    Tariff,
    lowest_monthly_margin,
    lowest_monthly_margin_without_fee,
    month_without_commitment_lacks,
    share_floor_cents,
)
from engine.rulebook import InForce
from engine.terms import Monthly, Truth, Whole
from engine.value import Outlooks, accepted_cents


@dataclass(frozen=True)
class Months:
    """Columns (n, Q) in cents: lowest monthly margin, floor as a share, what a free month lacks, value if accepted."""

    lowest_cents: Whole
    share_floor_cents: Whole
    lacks_cents: Whole
    accepted_cents: Whole

    def of(self, candidates: Whole) -> "Months":
        """The same (n, C) for candidates [C] that share monthly terms: the column of each."""
        return Months(*(column.take(candidates, axis=1) for column in vars(self).values()))

    def beside(self, others: "Months") -> "Months":
        """These candidates and, behind them, others of the same customers."""
        pairs = zip(vars(self).values(), vars(others).values(), strict=True)
        return Months(*(np.concatenate(pair, axis=1) for pair in pairs))


@dataclass(frozen=True)
class Payers:
    """n customers as their months see them under one rulebook: tariffs, outlooks, who leaves free, columns (n, 1)."""

    in_force: InForce
    tariffs: Tariff
    outlooks: Outlooks
    leaves_free: Truth

    def months(self, monthly: Monthly, leaving: Leaving) -> Months:
        """What monthly terms (1, Q) or (n, Q) bring in from each customer."""
        policy, law = self.in_force.policy, self.in_force.law
        lowest = lowest_monthly_margin(self.tariffs, leaving, law.vat_micro)
        if self.leaves_free.any():
            lowest = np.where(self.leaves_free, lowest_monthly_margin_without_fee(self.tariffs, monthly), lowest)
        return Months(
            lowest_cents=lowest,
            share_floor_cents=share_floor_cents(self.tariffs, monthly, policy.micro("floor_share")),
            lacks_cents=month_without_commitment_lacks(self.tariffs, monthly),
            accepted_cents=accepted_cents(self.tariffs, monthly, self.outlooks),
        )
