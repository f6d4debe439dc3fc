"""The rival: five prices that drift together, and promotions at the times of year when people buy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.truth import Truth


@dataclass(frozen=True)
class Rival:
    """`prices_eur` [months x tiers] as asked, promotions included; `depth` [months]: what share that is."""

    prices_eur: NDArray[np.float64]
    depth: NDArray[np.float64]


def draw_rival(rng: np.random.Generator, months: NDArray[np.datetime64], truth: Truth) -> Rival:
    """A rival over `months` [m]: log prices pulled back to their base, shaken each month, cut in promotion months."""
    shocks, eagerness = rng.standard_normal((len(months), 2)).T
    level = np.zeros(len(months))
    for month in range(1, len(months)):
        level[month] = truth.rival_pull * level[month - 1] + truth.rival_shock * shocks[month]
    in_promotion = np.isin(months.astype(int) % 12 + 1, truth.promotion_months)
    least, most = truth.promotion_depth
    depth = np.where(in_promotion, least + (most - least) / (1.0 + np.exp(-1.5 * eagerness)), 0.0)
    return Rival(np.outer(np.exp(level) * (1.0 - depth), truth.rival_prices_eur), depth)
