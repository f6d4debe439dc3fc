"""The rulebook of one day, read the slow way: its numbers, its law, its goods and every listed candidate."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from tests.slow_reference.money import MICRO

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Candidate:
    """One thing that could be offered. Prices include VAT; `device` and `trade_in` are "" where there is none."""

    template: str
    kind: str
    commitment_months: int
    discount_months: int
    device: str = ""
    trade_in: str = ""
    discount_cents: int = 0
    credit_cents: int = 0
    top_up_cents: int = 0
    extras: tuple[str, ...] = ()
    place: int = 0
    standard: bool = False
    entitlement: bool = False
    after_current: bool = False
    conditions: tuple[Document, ...] = ()
    exact: bool = True
    words: str = ""

    @property
    def is_wish(self) -> bool:
        return self.template == "wish"

    @property
    def extras_months(self) -> int:
        return self.commitment_months or self.discount_months

    @property
    def offer_id(self) -> str:
        parts = [self.template]
        if self.device:
            parts.append(self.device)
        if self.trade_in:
            parts.append(f"for-{self.trade_in}")
        parts.append(f"{self.commitment_months}m")
        parts += sorted(self.extras)
        if self.discount_cents:
            parts.append(f"-{self.discount_cents}x{self.discount_months}")
        if self.credit_cents:
            parts.append(f"credit{self.credit_cents}")
        if self.device:
            parts.append(f"top{self.top_up_cents:06d}")
        return ".".join(parts)


@dataclass(frozen=True)
class Book:
    """What the rulebook says on one day. Shares are micro, log-odds are floats, everything else is whole."""

    today: datetime.date
    numbers: Mapping[str, Any]
    law: Mapping[str, Document]
    devices: Mapping[str, Document]
    extras: Mapping[str, Document]
    wish_commitments: tuple[int, ...]
    wish_conditions: tuple[Document, ...]
    listed: tuple[Candidate, ...] = field(default=())

    @cached_property
    def market(self) -> str:
        return str(self.numbers["market"])

    @cached_property
    def vat_micro(self) -> int:
        return round(self.law[f"{self.market}-VAT"]["share"] * MICRO)


def open_book(documents: Mapping[str, Document], today: datetime.date) -> Book:
    """The book of one day from the parsed files of a rulebook."""
    offers = documents["offers.toml"]
    numbers = {name: _number(entry, today) for name, entry in documents["policy.toml"].items()}
    rules = {**documents["law-eu.toml"], **documents[f"law-{numbers['market'].lower()}.toml"]}
    law = {name: line for name, entry in rules.items() if (line := _in_force(entry, today))}
    listed = []
    for place, template in enumerate(offers["offer"]):
        if template.get("valid_from", today) <= today <= template.get("valid_to", today):
            listed += _candidates(template, place, documents["devices.toml"], numbers)
    return Book(
        today=today,
        numbers=numbers,
        law=law,
        devices=documents["devices.toml"],
        extras=offers["extras"],
        wish_commitments=tuple(offers["wish"]["commitment_months"]),
        wish_conditions=tuple(offers["wish"].get("conditions", ())),
        listed=tuple(sorted(listed, key=lambda candidate: candidate.offer_id)),
    )


def _in_force(entry: Document, today: datetime.date) -> Document | None:
    found = None
    for line in sorted(entry["values"], key=lambda one: one["from"]):
        if line["from"] <= today <= line.get("to", today):
            found = line
    return found


def _number(entry: Document, today: datetime.date) -> Any:
    line = _in_force(entry, today)
    assert line is not None
    return round(line["value"] * MICRO) if entry["unit"] == "share" else line["value"]


def months_of_discount(commitment_months: int, stated: int | None, numbers: Mapping[str, Any]) -> int:
    """How long a discount lasts: as stated, else the commitment, never longer than a commitment."""
    if stated is None:
        return commitment_months or numbers["months_of_discount_without_commitment"]
    return min(stated, commitment_months) if commitment_months else stated


def _candidates(template: Document, place: int, devices: Document, numbers: Document) -> list[Candidate]:
    levers = product(
        template.get("devices", [""]),
        template.get("trade_in", [""]),
        template.get("commitment_months", [0]),
        template.get("discount_cents", [0]),
        template.get("credit_cents", [0]),
        template.get("top_up_cents", [0]),
        template.get("extras", [[]]),
    )
    found = []
    for device, trade_in, months, discount, credit, top_up, extras in levers:
        if top_up > (devices[device]["price_cents"] if device else 0):
            continue
        if trade_in and trade_in == device:
            continue
        found.append(
            Candidate(
                template=template["id"],
                kind=template["kind"],
                commitment_months=months,
                discount_months=months_of_discount(months, template.get("discount_months"), numbers),
                device=device,
                trade_in=trade_in,
                discount_cents=discount,
                credit_cents=credit,
                top_up_cents=top_up,
                extras=tuple(sorted(extras)),
                place=place,
                standard=template.get("standard", False),
                entitlement=template.get("entitlement", False),
                words=" / ".join(template["says"].values()),
                after_current=template.get("commitment_starts") == "after_current",
                conditions=tuple(template.get("conditions", ())),
            )
        )
    return found
