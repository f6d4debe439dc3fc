"""Rules of French telecom law; their dated numbers and sources lie in law-fr.toml."""

import numpy as np
from numpy.typing import NDArray

from engine.question import Sheet


def ends_within_the_longest_commitment(sheet: Sheet) -> NDArray[np.bool_]:
    """FR-MAX24: the commitment, counted from the renewal, is no longer than the law allows."""
    longest: NDArray[np.bool_] = sheet.counted_months <= sheet.question.in_force.law.longest_commitment_months
    return longest


def comes_with_its_twin(sheet: Sheet) -> NDArray[np.bool_]:
    """FR-TWIN12: an offer over 12 months has a 12-month twin of the same services that passes every hard limit."""
    months = sheet.question.in_force.law.twin_months
    if months is None:
        return np.ones((1, 1), dtype=bool)
    return (sheet.priced.terms.commitment_months <= months) | sheet.candidates.twins.any_passes(sheet.passes)
