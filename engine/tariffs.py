"""The legally honest best tariff: what each tariff on sale would cost a customer a month; no margin, no score in it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.catalogue import in_date
from engine.conditions import Facts
from engine.terms import NONE, Truth, Whole

USAGES = ("data_mb", "voice_minutes", "international_minutes", "sms")
"""What a tariff includes, as tariffs.toml names it; the facts add `_per_month`."""
USAGE_FACTS = tuple(f"{usage}_per_month" for usage in USAGES)
UNLIMITED = "unlimited"

_WITHOUT_END = {"included": 2**53, "step": 1, "step_cents": 0}


@dataclass(frozen=True, eq=False)
class OnSale:
    """The tariffs on sale on one day, in the order of their ids: columns [K], and [K, usages] for each usage.

    `offset`: usage less this, in whole steps, is how many started steps lie beyond what is included.
    `metered` [usages]: which usage some tariff charges for beyond what it includes.
    """

    ids: tuple[str, ...]
    says: tuple[Mapping[str, str], ...]
    monthly_cents: Whole
    offset: Whole
    step: Whole
    step_cents: Whole
    metered: Truth


@dataclass(frozen=True, eq=False)
class Cheapest:
    """The cheapest tariff of n customers at the usage on file: its index or NONE, what it would cost and save, [n].

    `saves_cents`: against today's price, below zero where nothing on sale is cheaper.
    `unknown` (n, usages): the usage that decides and is not on file; no tariff is advised where there is any.
    """

    on_sale: OnSale
    tariff: Whole
    monthly_cents: Whole
    saves_cents: Whole
    unknown: Truth


def tariffs_on_sale(document: Mapping[str, Any], today: datetime.date) -> OnSale:
    """What tariffs.toml, already checked, has on sale on a day."""
    listed = sorted((name, tariff) for name, tariff in document.items() if in_date(tariff, today))
    sold = [tariff for _, tariff in listed]
    included, step, step_cents = (_column(sold, key) for key in ("included", "step", "step_cents"))
    return OnSale(
        ids=tuple(name for name, _ in listed),
        says=tuple(tariff["says"] for tariff in sold),
        monthly_cents=np.array([tariff["monthly_cents"] for tariff in sold], dtype=np.int64),
        offset=included - step + 1,
        step=step,
        step_cents=step_cents,
        metered=np.logical_or.reduce(step_cents > 0, axis=0),
    )


def _column(sold: list[Mapping[str, Any]], key: str) -> Whole:
    cells = [[_counted(tariff[usage])[key] for usage in USAGES] for tariff in sold]
    return np.array(cells, dtype=np.int64).reshape(len(sold), len(USAGES))


def _counted(included: Mapping[str, Any]) -> Mapping[str, int]:
    return _WITHOUT_END if included["included"] == UNLIMITED else included


def cheapest_tariffs(on_sale: OnSale, facts: Facts) -> Cheapest:
    """The cheapest tariff for every row, by usage alone; of two that cost the same, the first by its id."""
    usage = np.array([facts[fact] for fact in USAGE_FACTS]).T
    unknown = (usage < 0) & on_sale.metered
    if not on_sale.ids:
        nothing = np.zeros(len(usage), dtype=np.int64)
        return Cheapest(on_sale, np.full(len(usage), NONE), nothing, nothing, unknown)
    cost = costs_cents(on_sale, usage)
    tariff = cost.argmin(axis=1)
    tariff[np.logical_or.reduce(unknown, axis=1)] = NONE
    monthly_cents = np.minimum.reduce(cost, axis=1)
    return Cheapest(on_sale, tariff, monthly_cents, facts["price_cents"] - monthly_cents, unknown)


def costs_cents(on_sale: OnSale, usage: Whole) -> Whole:
    """What every tariff costs a month at a usage (n, usages), (n, K): its price and every started step beyond it."""
    steps = np.maximum((usage[:, None, :] - on_sale.offset) // on_sale.step, 0)
    return np.add.reduce(steps * on_sale.step_cents, axis=2) + on_sale.monthly_cents
