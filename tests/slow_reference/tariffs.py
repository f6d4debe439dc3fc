"""The best tariff for one customer, tariff by tariff and step by step, from the text of tariffs.toml."""

import datetime
from collections.abc import Mapping
from typing import Any

from tests.slow_reference.customer import Customer

Document = Mapping[str, Any]
USAGES = ("data_mb", "voice_minutes", "international_minutes", "sms")


def best_tariff(tariffs: Document, today: datetime.date, customer: Customer) -> Document:
    """The id, the cost and the saving of the cheapest tariff, or which usage would have to be known."""
    on_sale = {
        name: tariff
        for name, tariff in tariffs.items()
        if tariff["valid_from"] <= today <= tariff.get("valid_to", today)
    }
    unknown = [
        f"{usage}_per_month"
        for usage in USAGES
        if customer.facts[f"{usage}_per_month"] == -1 and any(_is_metered(one[usage]) for one in on_sale.values())
    ]
    if unknown or not on_sale:
        return {"tariff": None, "monthly_cents": None, "saves_cents": None, "unknown": unknown}
    costs = {name: _cost(tariff, customer) for name, tariff in on_sale.items()}
    cheapest = min(costs, key=lambda name: (costs[name], name))
    saves = customer.price_cents - costs[cheapest]
    return {"tariff": cheapest, "monthly_cents": costs[cheapest], "saves_cents": saves, "unknown": []}


def _is_metered(counted: Document) -> bool:
    return counted["included"] != "unlimited" and counted["step_cents"] > 0


def _cost(tariff: Document, customer: Customer) -> int:
    cost = int(tariff["monthly_cents"])
    for usage in USAGES:
        counted = tariff[usage]
        if counted["included"] == "unlimited":
            continue
        beyond = customer.facts[f"{usage}_per_month"] - counted["included"]
        if beyond > 0:
            whole, rest = divmod(beyond, counted["step"])
            cost += (whole + bool(rest)) * counted["step_cents"]
    return cost
