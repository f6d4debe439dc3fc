"""Chance without a generator: a draw is a hash of who is meant and of a salt, the same for ever and everywhere."""

from engine.tables import MICRO

ARMS = ("control", "explore", "best")
"""What decided the main offer: the control group's own choice, a draw among near equals, or the best value."""

CERTAIN_MICRO = MICRO
"""A chance of one, in 1e-6."""
