"""The simulated market: a French operator, its customers, a rival, and three years of months lived one by one.

Nothing here is shared with `engine` or `models`: what the product assumes must not be what the market does.
"""

from training.market.run import Market, simulate_market
from training.market.truth import Truth

__all__ = ["Market", "Truth", "simulate_market"]
