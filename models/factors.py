"""What each feature of one customer adds to the log-odds of leaving: exact, by the model's own tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.churn import UNIT, Churn
from models.features import columns_of_records


@dataclass(frozen=True)
class Factor:
    """One feature: its value on file, what the model reads of it in words, and the log-odds it adds or takes."""

    feature: str
    value: Any
    reads: str
    log_odds: float


@dataclass(frozen=True)
class Factors:
    """The average customer's log-odds, what each feature adds to them, the strongest first, and the customer's.

    `base_log_odds` and the log-odds of all factors add up to `log_odds` without any remainder: log-odds are whole
    numbers of 2**-48. What two features add together counts half to each.
    """

    base_log_odds: float
    factors: tuple[Factor, ...]
    log_odds: float


def factors_of(churn: Churn, features: Mapping[str, float | str | None]) -> Factors:
    """The factors of one customer, from features as they are recorded; raises IncompatibleFeatures, KeyError."""
    columns = columns_of_records([features], churn.encoding)
    codes, added = churn.encoding.codes(columns)[:, 0].tolist(), churn.contributions(columns)[0].tolist()
    found = [
        Factor(feature.name, features[feature.name], feature.label(code), log_odds)
        for feature, code, log_odds in zip(churn.encoding.features, codes, added, strict=True)
    ]
    strongest = tuple(sorted(found, key=lambda factor: -abs(factor.log_odds)))
    return Factors(churn.intercept * UNIT, strongest, float(churn.logit(columns)[0]))
