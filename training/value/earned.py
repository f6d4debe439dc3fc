"""What was earned against the control group: saved margin, cost and net of one group of contracts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.tables import MICRO
from ledger.promised import wilson_interval
from training.interval import Interval
from training.value.comparing import Numbers, Sides, difference, mean, too_little
from training.value.contract import LEFT, RUNNING, UNTOLD, Followed
from training.value.groups import FEWEST_PEOPLE, Group

NAMES = ("treated", "control")
NO_CONTROL = "no account could be drawn to a control group: control_share of policy.toml is 0"
BEYOND_CHANCE = 3.29
"""Standard deviations that chance passes once in a thousand times."""
FEWER = f"fewer than {FEWEST_PEOPLE}"
KEPT, DUE = ("kept",), ("kept", "kept_late", "broken", "late")

Told = dict[str, Any]
Became = Mapping[str, Sequence[tuple[str, str]]]
"""Of each contract, by its pseudonym: the promises that fell due on it, and what became of them."""


def against_control(group: Group, became: Became) -> Told:
    """What a group earned, JSON-ready.

    Cents net of VAT. Saved margin, cost and net are per treated customer and, times their number, of all of them.
    """
    known = [one for one in group.members if one.known and one.drawn]
    left, sides = np.array([one.ending == LEFT for one in known], dtype=bool), sides_of(known)
    refused = too_little(left, sides, NAMES) if any(one.drawn for one in group.members) else NO_CONTROL
    told: Told = {
        "name": group.name,
        "contracts": len(group.members),
        "not_drawn": sum(not one.drawn for one in group.members),
        "not_over": sum(one.ending == RUNNING for one in group.members),
        "not_told": sum(one.ending == UNTOLD for one in group.members),
        "treated": _sample(known, sides, True),
        "control": _sample(known, sides, False),
        "refused": refused,
        "per_customer": None,
        "all_treated": None,
        "leaving_share": None,
        "kept_promises": kept_promises(group.members, became),
    }
    share = difference(left.astype(np.float64), sides) if refused is None else None
    if share is not None:
        amounts = {name: difference(column, sides) for name, column in columns_of(known).items()}
        found = {name: one for name, one in amounts.items() if one is not None}
        treated = int(sides.first.sum())
        told["per_customer"] = {name: in_cents(one) for name, one in found.items()}
        told["all_treated"] = {name: in_cents(one.times(treated)) for name, one in found.items()}
        told["leaving_share"] = as_share(share)
    return told


def cautions(members: Sequence[Followed]) -> list[str]:
    """What speaks against reading the figures as those of a draw, in words."""
    drawn = [one for one in members if one.drawn]
    return [said for said in (_lopsided(drawn), _told_unequally(drawn)) if said is not None]


def _lopsided(drawn: Sequence[Followed]) -> str | None:
    """More or fewer accounts in control than the draw would leave there, beyond what chance does in a thousand."""
    accounts = list({one.account: one for one in reversed(drawn)}.values())
    shares = [one.control_share_micro / MICRO for one in accounts]
    expected, variance = sum(shares), sum(share * (1 - share) for share in shares)
    seen = sum(one.control for one in accounts)
    if abs(seen - expected) <= BEYOND_CHANCE * math.sqrt(variance):
        return None
    return f"{seen} of {len(accounts)} accounts are in control where the draw would leave {expected:.0f}"


def _told_unequally(drawn: Sequence[Followed]) -> str | None:
    over = [one for one in drawn if one.ending != RUNNING]
    told = difference(np.array([one.known for one in over], dtype=np.float64), sides_of(over))
    if told is None or told.low <= 0 <= told.high:
        return None
    return "it is not told equally often of treated and of control how they ended: those untold may differ"


def columns_of(known: Sequence[Followed]) -> dict[str, Numbers]:
    """The amounts of contracts whose end is known, in cents [n], by what the report calls them."""
    read = {
        "saved_margin": [one.margin_cents for one in known],
        "concessions": [one.concession_cents for one in known],
        "handling": [one.handling_cents for one in known],
        "contacts": [one.contact_cents for one in known],
        "cost": [one.cost_cents for one in known],
        "net": [one.net_cents for one in known],
    }
    return {name: np.array(cents, dtype=np.float64) for name, cents in read.items()}


def sides_of(known: Sequence[Followed]) -> Sides:
    """Treated and control: alike by the draw wherever it gave them the same chance, so compared share by share."""
    treated = np.array([not one.control for one in known], dtype=bool)
    return Sides(treated, accounts_of(known), np.array([one.control_share_micro for one in known], dtype=np.int64))


def accounts_of(some: Sequence[Followed]) -> NDArray[Any]:
    """Whose contracts they are [n]."""
    return np.array([one.account for one in some], dtype=np.str_)


def by_offer_made(group: Group) -> Told:
    """What became of those who were offered one thing first: no draw chose them, so nothing is compared."""
    known = [one for one in group.members if one.known and not one.control]
    accounts = len({one.account for one in known})
    told: Told = {"name": group.name, "contracts": len(group.members), "known": len(known), "refused": None}
    if accounts < FEWEST_PEOPLE:
        return {**told, "known": FEWER, "refused": f"outcomes of {FEWER} customers are known"}
    account = accounts_of(known)
    shares = {
        "accepted_share": [bool(one.accepted) for one in known],
        "left_share": [one.ending == LEFT for one in known],
    }
    columns = columns_of(known)
    return {
        **told,
        **{name: share_of_accounts(column, accounts) for name, column in shares.items()},
        **{name: in_cents(mean(columns[name], account)) for name in ("cost", "net")},
    }


def share_of_accounts(said: Sequence[bool], accounts: int) -> dict[str, float]:
    """A share of contracts with Wilson's interval, as wide as if each account had one."""
    share = sum(said) / len(said)
    low, high = wilson_interval(share * accounts, accounts) or (0.0, 1.0)
    return as_share(Interval(share, low, high))


def kept_promises(members: Sequence[Followed], became: Became) -> Told | None:
    """How often promises to some customers were kept by their day, with its interval; None where few had any."""
    promised = [one for one in members if became.get(one.subject_id)]
    if len({one.account for one in promised}) < FEWEST_PEOPLE:
        return None
    return share_kept([what for one in promised for _, what in became[one.subject_id]])


def share_kept(became: Sequence[str]) -> Told | None:
    """Promises kept by their day, of all that fell due, with Wilson's interval; None where none did."""
    of, kept = sum(what in DUE for what in became), sum(what in KEPT for what in became)
    found = wilson_interval(kept, of)
    if found is None:
        return None
    return {"kept": kept, "of": of, "share": kept / of, "low": found[0], "high": found[1]}


def _sample(known: Sequence[Followed], sides: Sides, first: bool) -> Told:
    """How many of a side have a known end; a small number is not told."""
    mine = [one for one, is_first in zip(known, sides.first.tolist(), strict=True) if is_first == first]
    accounts = sides.accounts(first)
    if accounts < FEWEST_PEOPLE:
        return {"contracts": FEWER, "accounts": FEWER, "left": FEWER}
    return {"contracts": len(mine), "accounts": accounts, "left": sum(one.ending == LEFT for one in mine)}


def in_cents(estimate: Interval) -> dict[str, int]:
    """An amount in whole cents."""
    return {name: round(value) for name, value in asdict(estimate).items()}


def as_share(estimate: Interval) -> dict[str, float]:
    """A share to the sixth place."""
    return {name: round(value, 6) for name, value in asdict(estimate).items()}
