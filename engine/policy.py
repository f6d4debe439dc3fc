"""House policy as of one day: the numbers of policy.toml, each present, of its unit and within the kernel's bounds."""

import datetime
import functools
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
MARKETS = ("FR", "BE")
ROLES_THAT_OFFER = ("agent", "supervisor", "manager")
WHOLE_UNITS = ("cents", "months", "days", "hours", "minutes", "count")


@dataclass(frozen=True)
class Bounds:
    """What a number may be: its unit with the lowest and highest value, or the words to choose from.

    Money, time and counts are whole numbers. A file may narrow these bounds and never widen them.
    """

    unit: str
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()

    def fault(self, name: str, value: Any, where: str) -> Fault | None:
        """What is wrong with a value of the number `name` that stands at `where`; None where nothing is."""
        if self.choices:
            expected = "one of " + ", ".join(self.choices)
            return None if value in self.choices else Fault("not-a-choice", where, f"{name} is {value!r:.64}", expected)
        whole = self.unit in WHOLE_UNITS
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            kind = "a whole number" if whole else "a number"
            return Fault("wrong-type", where, f"{name} is {value!r:.64}", f"{kind} of {self.unit}")
        if not self.low <= value <= self.high:
            return Fault("out-of-range", where, f"{name} is {value!r:.64}", f"{self.low} to {self.high}")
        return None

    def counted(self, value: Any) -> Any:
        """A value as decisions read it: shares are counted in 1e-6."""
        return round(value * MICRO) / MICRO if self.unit == "share" else value


_FLOOR = Bounds("cents", -100_000, 1_000_000)
_CENTS = Bounds("cents", 0, 1_000_000)
_COST = Bounds("cents", 0, 100_000)
_SHARE = Bounds("share", 0.0, 1.0)
_ADDS = Bounds("log-odds", -5.0, 5.0)
_WEIGHS = Bounds("log-odds", 0.0, 10.0)
_AHEAD = Bounds("months", 1, 120)
_DAYS = Bounds("days", 1, 365)
_HOURS = Bounds("hours", 1, 720)

_DESK: Mapping[str, Bounds] = {
    "account_months": _AHEAD,
    "interaction_minutes": Bounds("minutes", 1, 1_440),
    "round_days": _DAYS,
    "four_eyes_depth_cents": _CENTS,
    "confirm_days": _DAYS,
    "withdraw_days": _DAYS,
    "promise_delivery_days": _DAYS,
    "promise_activation_days": _DAYS,
    "promise_first_check_days": _DAYS,
    "promise_second_check_days": _DAYS,
    "promise_refund_days": _DAYS,
    "promise_repair_days": _DAYS,
    "promise_callback_days": _DAYS,
    "complaint_answer_hours": _HOURS,
    "complaint_wide_reach": Bounds("count", 1, 1_000_000_000),
    "complaint_wide_answer_hours": _HOURS,
    "contest_answer_days": _DAYS,
    "retention_decisions_months": _AHEAD,
    "retention_contacts_months": _AHEAD,
    "rulebook_impact_share": _SHARE,
}
"""What the desk goes by around a decision: how long things hold, when promises fall due. No rule reads them."""

NUMBERS: Mapping[str, Bounds] = {
    "market": Bounds("choice", choices=MARKETS),
    **{f"floor_cents_{months}": _FLOOR for months in COMMITMENTS},
    "floor_share": _SHARE,
    **{f"depth_cents_{role}": _CENTS for role in ROLES_THAT_OFFER},
    "account_depth_cents": Bounds("cents", 0, 10_000_000),
    "ladder_steps": Bounds("count", 1, 1_000),
    "twin_gap_cents": _CENTS,
    "handling_cents": _COST,
    "contact_cost_cents": _COST,
    "horizon_months": _AHEAD,
    "yearly_discount_share": _SHARE,
    "monthly_leaving_in_commitment_share": _SHARE,
    "monthly_leaving_after_accepting_share": _SHARE,
    "monthly_leaving_after_refusing_share": _SHARE,
    "monthly_leaving_uncontacted_share": _SHARE,
    "months_of_discount_without_commitment": Bounds("months", 0, max(COMMITMENTS)),
    "window_months_when_unknown": _AHEAD,
    "p_churn_when_unknown": _SHARE,
    "contact_log_odds": _ADDS,
    **{f"reason_log_odds_{reason}": _ADDS for reason in REASONS_FOR_CONTACT},
    "hassle_log_odds": Bounds("log-odds", -10.0, 10.0),
    "euro_log_odds": _WEIGHS,
    "asked_for_log_odds": _WEIGHS,
    "commitment_worth_cents": Bounds("cents", 0, 1_000),
    "device_worth_share": Bounds("share", 0.0, 2.0),
    "worth_months": Bounds("months", 1, 60),
    **{f"belief_log_sd_{taste}": Bounds("log", 0.0, 2.0) for taste in ("device", "commitment", "extras")},
    "shadow_price": Bounds("share", 0.0, 10.0),
    "near_margin_cents": _CENTS,
    "control_share": _SHARE,
    "control_months": _AHEAD,
    "explore_share": _SHARE,
    "near_value_cents": _CENTS,
    "chance_salt": Bounds("count", 0, 10**15),
    "offer_valid_days": Bounds("days", 1, 90),
    "wish_below_nothing": Bounds("choice", choices=("show", "approve", "hide")),
    **_DESK,
}
"""Every number of policy.toml, and what it may be whatever the file says."""


@dataclass(frozen=True, eq=False)
class Policy:
    """The numbers in force on one day; `floors_cents` [25] holds the floor of each commitment in its months."""

    numbers: Mapping[str, Any]
    priors: tuple[str, ...]
    floors_cents: NDArray[np.int64]

    def __getitem__(self, name: str) -> Any:
        return self.numbers[name]

    @functools.cached_property
    def depth_cents(self) -> Mapping[str, int]:
        """The deepest concession that each role may grant alone."""
        return {role: self.numbers[f"depth_cents_{role}"] for role in ROLES_THAT_OFFER}

    @functools.cached_property
    def reason_log_odds(self) -> Mapping[str, float]:
        """What each reason for a contact adds to the log-odds of leaving."""
        return {reason: self.numbers[f"reason_log_odds_{reason}"] for reason in REASONS_FOR_CONTACT}

    def micro(self, name: str) -> int:
        """A share of policy.toml in 1e-6."""
        return round(self.numbers[name] * MICRO)


def in_force(dated: Mapping[str, Any], today: datetime.date) -> Mapping[str, Any] | None:
    """The line of a dated entry that holds on a day, or None: the last that has begun, unless it has ended."""
    begun = [line for line in dated["values"] if line["from"] <= today]
    last = max(begun, key=lambda line: line["from"], default=None)
    return None if last is None or last.get("to", today) < today else last


def policy_as_of(document: Mapping[str, Any], today: datetime.date) -> Policy:
    """The policy in force on a day. Raises Faults for every number that has no value then, or one out of bounds."""
    lines = {name: in_force(document[name], today) for name in NUMBERS if name in document}
    numbers = {name: line["value"] for name, line in lines.items() if line}
    faults = [
        Fault("number-missing", "policy.toml", f"{name} has no value on {today}", "a dated value", "add one")
        for name in NUMBERS
        if name not in numbers
    ]
    found = (NUMBERS[name].fault(name, value, "policy.toml") for name, value in numbers.items())
    faults += [fault for fault in found if fault]
    if faults:
        raise Faults(faults)
    numbers = {name: NUMBERS[name].counted(value) for name, value in numbers.items()}
    priors = tuple(name for name in NUMBERS if document[name]["status"] == "prior")
    floors = np.zeros(max(COMMITMENTS) + 1, dtype=np.int64)
    floors[list(COMMITMENTS)] = [numbers[f"floor_cents_{months}"] for months in COMMITMENTS]
    return Policy(MappingProxyType(numbers), priors, floors)
