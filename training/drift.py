"""How far the customers of today are from those a model was fitted on, feature by feature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from models.features import Encoding, FeatureColumns

MOST_GROUPS = 10
SURE = 0.99
HALF_A_ROW = 0.5
"""Added to every group, so that an empty one has a logarithm."""

Counts = NDArray[np.int64]
Profile = Mapping[str, Sequence[int]]
"""For each feature, how many training rows had each of its codes."""


@dataclass(frozen=True)
class Drift:
    """One feature: its population stability index, what chance alone reaches once in a hundred times, and the value
    whose share grew the most."""

    feature: str
    psi: float
    by_chance: float
    grew: str

    def is_above(self, limit: float) -> bool:
        """Whether it has moved further than a limit, and further than chance does."""
        return self.psi > max(limit, self.by_chance)


def profile_of(encoding: Encoding, columns: FeatureColumns) -> dict[str, list[int]]:
    """The profile of feature columns [n], by the codes of an encoding."""
    codes = encoding.codes(columns)
    return {
        feature.name: np.bincount(code, minlength=feature.codes_count).tolist()
        for feature, code in zip(encoding.features, codes, strict=True)
    }


def drifts(encoding: Encoding, before: Profile, now: Profile) -> list[Drift]:
    """Every feature of an encoding between two profiles, the furthest first.

    Codes are put together into some ten groups of equal mass before; what is missing stays a group of its own.
    """
    found = []
    for feature in encoding.features:
        was, is_now = (np.array(profile[feature.name], dtype=np.int64) for profile in (before, now))
        share = is_now / max(is_now.sum(), 1) - was / max(was.sum(), 1)
        psi, by_chance = stability_index(was, is_now)
        found.append(Drift(feature.name, psi, by_chance, feature.label(int(np.argmax(share)))))
    return sorted(found, key=lambda drift: (-drift.psi, drift.feature))


def stability_index(was: Counts, is_now: Counts) -> tuple[float, float]:
    """The population stability index of two counts a code, and what chance alone reaches once in a hundred times."""
    group = _groups(was)
    before, after = (np.bincount(group, weights=counts) + HALF_A_ROW for counts in (was, is_now))
    p, q = before / before.sum(), after / after.sum()
    by_chance = chi2.ppf(SURE, max(len(p) - 1, 1)) * (1 / max(was.sum(), 1) + 1 / max(is_now.sum(), 1))
    return float(np.sum((q - p) * np.log(q / p))), float(by_chance)


def _groups(was: Counts) -> NDArray[np.int64]:
    """The group of each code; the last code, which means missing, is alone."""
    present = was[:-1]
    if len(present) <= MOST_GROUPS:
        return np.arange(len(was))
    middle = np.cumsum(present) - present / 2
    place = np.minimum(MOST_GROUPS * middle / max(present.sum(), 1), MOST_GROUPS - 1).astype(np.int64)
    return np.unique(np.append(place, MOST_GROUPS), return_inverse=True)[1]
