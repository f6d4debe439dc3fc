"""The rulebook of one day in plain Python: numbers, devices, extras, and every candidate with what it costs."""

import functools
import itertools
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

MICRO = 1_000_000
WISH: dict[str, Any] = {"id": "wish", "kind": "device"}
LEVERS = ("devices", "trade_in", "commitment_months", "discount_cents", "credit_cents", "top_up_cents", "extras")


@dataclass(slots=True)
class Candidate:
    """One offer, and all that follows from it whoever the customer is; cents, net of VAT where it says so."""

    offer_id: str
    template: int
    kind: str
    standard: bool
    entitlement: bool
    after_current: bool
    device: str
    trade_in: str
    months: int
    top_up: int
    discount: int
    discount_net: int
    discount_months: int
    extras: tuple[str, ...]
    extras_cost: int
    extras_months: int
    subsidised: bool
    once: int
    depth: int
    received: int
    worth: tuple[tuple[str, int], ...]
    twin: tuple[Any, ...]


@dataclass(frozen=True)
class ExitRule:
    """What leaving costs from the end of a month on: at most a share (1e-6) of the dues."""

    after_months: int
    share: int


@dataclass(frozen=True)
class Outlook:
    """Discounted months to come in 1e-6, by reaction; those of accepters by commitment and by first months."""

    leaver: int
    refuser: int
    uncontacted: int
    accepter: dict[int, int]
    within: dict[tuple[int, int], int]


class Book:
    """The rulebook folder as it stands on one day."""

    def __init__(self, folder: Path, today: date) -> None:
        policy, law, offers, self.devices = (
            tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
            for name in ("policy", "law-fr", "offers", "devices")
        )
        self.today = today
        self.number = {name: in_force(entry, today)["value"] for name, entry in policy.items()}
        self.vat = round(in_force(law["FR-VAT"], today)["share"] * MICRO)
        self.longest_months = in_force(law["FR-MAX24"], today)["months"]
        self.exits = [
            _exit_rule(law, names, today) for names in (("FR-EXIT-A", "FR-EXIT-C"), ("FR-EXIT-B", "FR-EXIT-C"))
        ]
        self.extras = offers["extras"]
        self.templates = [
            offer
            for offer in offers["offer"]
            if offer.get("valid_from", today) <= today <= offer.get("valid_to", today)
        ]
        self.wish_months = sorted(offers["wish"]["commitment_months"])
        self.wish_template = len(self.templates)
        self.candidates = sorted(self._listed(), key=lambda candidate: candidate.offer_id)

    def micro(self, name: str) -> int:
        """A share of policy.toml in 1e-6."""
        return round(self.number[name] * MICRO)

    def net(self, gross: int) -> int:
        """The price net of VAT, half up."""
        divisor = MICRO + self.vat
        return (2 * MICRO * gross + divisor) // (2 * divisor)

    def gross(self, net: int) -> int:
        """The smallest price including VAT, at least 0, whose net price reaches `net`."""
        divisor = MICRO + self.vat
        return max(-((-(2 * net - 1) * divisor) // (2 * MICRO)), 0)

    @functools.cache  # noqa: B019 one book lives as long as its process
    def outlook(self, window: int) -> Outlook:
        """The discounted months of each reaction, for one window of p_churn."""
        number, months = self.number, range(1, self.number["horizon_months"] + 1)
        present = [(1 + number["yearly_discount_share"]) ** (-month / 12) for month in months]

        def survived(commitment: int, free: float) -> list[float]:
            alive, found = 1.0, []
            for month, today in zip(months, present, strict=True):
                leaving = number["monthly_leaving_in_commitment_share"] if month <= commitment else free
                alive *= 1 - (leaving if month > window else 0.0)
                found.append(today * alive)
            return found

        after = number["monthly_leaving_after_accepting_share"]
        accepted = {commitment: survived(commitment, after) for commitment in range(25)}
        return Outlook(
            leaver=round(
                sum(p * max(0.0, 1 - (m - 0.5) / window) for m, p in zip(months, present, strict=True)) * MICRO
            ),
            refuser=round(sum(survived(0, number["monthly_leaving_after_refusing_share"])) * MICRO),
            uncontacted=round(sum(survived(0, number["monthly_leaving_uncontacted_share"])) * MICRO),
            accepter={n: round(sum(row) * MICRO) for n, row in accepted.items()},
            within={(n, first): round(sum(row[:first]) * MICRO) for n, row in accepted.items() for first in range(25)},
        )

    def candidate(self, index: int, device: str, trade_in: str, terms: tuple[Any, ...]) -> Candidate:
        """A candidate of one template; `terms`: months, discount, its months, credit, top-up and extras."""
        months, discount, discount_months, credit, top_up, extras = terms
        template: dict[str, Any] = self.templates[index] if index < self.wish_template else WISH
        sold, returned = self.devices.get(device), self.devices[trade_in]["trade_in"] if trade_in else None
        cost, worth_months = sold["cost_cents"] if sold else 0, self.number["worth_months"]
        subsidy = cost - self.net(top_up)
        credits = credit + (returned["credit_cents"] if returned else 0)
        given = subsidy + self.net(credits) - (returned["resale_cents"] if returned else 0)
        discount_net, extras_cost = self.net(discount), sum(self.extras[name]["cost_cents"] for name in extras)
        extras_months = months or discount_months
        worth = [
            (self.extras[name]["taste"], self.extras[name]["worth_cents"] * min(extras_months, worth_months))
            for name in extras
        ]
        if sold:
            worth.append(("device", sold["price_cents"] * self.micro("device_worth_share") // MICRO))
        if months:
            worth.append(("commitment", -self.number["commitment_worth_cents"] * months * worth_months))
        parts = [template["id"], device, f"for-{trade_in}" if trade_in else "", f"{months}m", *extras]
        parts += [f"-{discount}x{discount_months}" if discount else "", f"credit{credit}" if credit else ""]
        parts += [f"top{top_up:06d}" if device else ""]
        return Candidate(
            offer_id=".".join(part for part in parts if part),
            template=index,
            kind=template["kind"] if index < self.wish_template or device else "discount" if discount else "extras",
            standard=template.get("standard", False),
            entitlement=template.get("entitlement", False),
            after_current=template.get("commitment_starts", "today") == "after_current",
            device=device,
            trade_in=trade_in,
            months=months,
            top_up=top_up,
            discount=discount,
            discount_net=discount_net,
            discount_months=discount_months,
            extras=extras,
            extras_cost=extras_cost,
            extras_months=extras_months,
            subsidised=subsidy > 0,
            once=-given - self.number["handling_cents"],
            depth=given + discount_net * discount_months + extras_cost * extras_months,
            received=credits - top_up + discount * min(discount_months, worth_months),
            worth=tuple(worth),
            twin=(index, device, extras, discount, credit, trade_in),
        )

    def _listed(self) -> Any:
        free_months = self.number["months_of_discount_without_commitment"]
        defaults: dict[str, list[Any]] = {"devices": [""], "trade_in": [""], "extras": [[]]}
        for index, offer in enumerate(self.templates):
            levers = [offer.get(lever, defaults.get(lever, [0])) for lever in LEVERS]
            for device, trade_in, months, discount, credit, top_up, extras in itertools.product(*levers):
                if top_up > (self.devices[device]["price_cents"] if device else 0) or (trade_in and trade_in == device):
                    continue
                lasts = offer.get("discount_months", months or free_months)
                discount_months = min(lasts, months) if months else lasts
                yield self.candidate(
                    index, device, trade_in, (months, discount, discount_months, credit, top_up, tuple(sorted(extras)))
                )


def in_force(entry: Any, today: date) -> Any:
    """The line of a dated entry that holds on a day, or an empty one."""
    begun = [line for line in entry["values"] if line["from"] <= today]
    last: Any = max(begun, key=lambda line: line["from"], default={})
    return last if last.get("to", today) >= today else {}


def _exit_rule(law: Any, names: tuple[str, ...], today: date) -> ExitRule | None:
    for name in names:
        if line := in_force(law[name], today):
            return ExitRule(line["free_after_months"], round(line["share"] * MICRO))
    return None
