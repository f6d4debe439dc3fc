"""What customers are believed to value before any reaction is logged: stated priors on facts, no learning yet.

A taste is a multiplier on the stated worth of one kind of term: exp(slope * (fact - centre) / scale), so its sign
cannot turn; 1.0 is the average customer, and a fact that is not on file says nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.fields import UNKNOWN_COUNT
from engine.tables import TASTES

SMALLEST, LARGEST = 0.25, 4.0
LOG_SMALLEST, LOG_LARGEST = float(np.log(SMALLEST)), float(np.log(LARGEST))


@dataclass(frozen=True)
class Prior:
    """One belief: how a taste grows with a fact. `centre` and `scale` have its unit; `slope` is per scale."""

    taste: str
    fact: str
    slope: float
    centre: float
    scale: float
    status: str
    source: str


PRIORS = (
    Prior(
        "device", "device_age_months", 0.5, 24.0, 12.0, "prior", "assumed: an older phone is nearer to its replacement"
    ),
    Prior("data", "data_mb_per_month", 0.4, 10_000.0, 10_000.0, "prior", "assumed: who uses more values more"),
    Prior("sms", "sms_per_month", 0.4, 100.0, 100.0, "prior", "assumed: who uses more values more"),
    Prior(
        "international",
        "international_minutes_per_month",
        0.5,
        20.0,
        20.0,
        "prior",
        "assumed: who uses more values more",
    ),
)
"""Tastes without a line here (commitment, service) are those of the average customer for everyone."""


_COLUMNS = np.array([TASTES.index(prior.taste) for prior in PRIORS])
_SLOPES, _CENTRES, _SCALES = np.array([(prior.slope, prior.centre, prior.scale) for prior in PRIORS]).T


def tastes(facts: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Multipliers [n x len(TASTES)], between 0.25 and 4, of the fact columns [n] that the priors name."""
    known = np.array([facts[prior.fact] for prior in PRIORS]).T
    exponent = _SLOPES * (known - _CENTRES) / _SCALES
    grown = np.exp(np.minimum(np.maximum(exponent, LOG_SMALLEST), LOG_LARGEST))
    multipliers = np.ones((len(known), len(TASTES)))
    multipliers[:, _COLUMNS] = np.where(known == UNKNOWN_COUNT, 1.0, grown)
    return multipliers
