"""House policy as of one day: the numbers of policy.toml, checked for presence and turned into whole numbers."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from engine.fields import REASONS_FOR_CONTACT
from engine.tables import MICRO

COMMITMENTS = (0, 12, 24)
ROLES_THAT_OFFER = ("agent", "supervisor", "manager")
WISH_BELOW_NOTHING = ("show", "approve", "hide")

NUMBERS = (
    *(f"floor_cents_{months}" for months in COMMITMENTS),
    "floor_share",
    *(f"depth_cents_{role}" for role in ROLES_THAT_OFFER),
    "handling_cents",
    "contact_cost_cents",
    "horizon_months",
    "yearly_discount_share",
    "monthly_leaving_in_commitment_share",
    "monthly_leaving_after_accepting_share",
    "monthly_leaving_after_refusing_share",
    "monthly_leaving_uncontacted_share",
    "months_of_discount_without_commitment",
    "window_months_when_unknown",
    "p_churn_when_unknown",
    "contact_log_odds",
    *(f"reason_log_odds_{reason}" for reason in REASONS_FOR_CONTACT),
    "hassle_log_odds",
    "euro_log_odds",
    "asked_for_log_odds",
    "commitment_worth_cents",
    "device_worth_share",
    "worth_months",
    "shadow_price",
    "near_margin_cents",
    "offer_valid_days",
    "wish_below_nothing",
)


@dataclass(frozen=True, eq=False)
class Policy:
    """The numbers in force on one day; `floors_cents` [25] holds the floor of each commitment in its months."""

    numbers: Mapping[str, Any]
    priors: tuple[str, ...]
    floors_cents: NDArray[np.int64]

    def __getitem__(self, name: str) -> Any:
        return self.numbers[name]

    def micro(self, name: str) -> int:
        """A share of policy.toml in 1e-6."""
        return round(self.numbers[name] * MICRO)


def in_force(dated: Mapping[str, Any], today: datetime.date) -> Mapping[str, Any] | None:
    """The line of a dated entry that holds on a day, or None: the last that has begun, unless it has ended."""
    begun = [line for line in dated["values"] if line["from"] <= today]
    last = max(begun, key=lambda line: line["from"], default=None)
    return None if last is None or last.get("to", today) < today else last


def policy_as_of(document: Mapping[str, Any], today: datetime.date) -> Policy:
    """The policy in force on a day. Raises Faults naming every number that has no value then."""
    lines = {name: in_force(document[name], today) for name in NUMBERS if name in document}
    missing = [name for name in NUMBERS if lines.get(name) is None]
    if missing:
        raise Faults(
            Fault("number-missing", "policy.toml", f"{name} has no value on {today}", "a dated value", "add one")
            for name in missing
        )
    priors = tuple(name for name in NUMBERS if document[name]["status"] == "prior")
    numbers = {name: line["value"] for name, line in lines.items() if line}
    floors = np.zeros(max(COMMITMENTS) + 1, dtype=np.int64)
    floors[list(COMMITMENTS)] = [numbers[f"floor_cents_{months}"] for months in COMMITMENTS]
    return Policy(MappingProxyType(numbers), priors, floors)
