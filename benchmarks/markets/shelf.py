"""What may be offered: the listed candidates of the shipped rulebook as plain columns, and the hard limits on them."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.markets.people import BRAND_OF, BRANDS, People
from engine.decide import decide
from engine.rulebook import InForce, Rulebook
from engine.rules import LIMITS
from engine.tables import TASTES, Cases, quantise_scores
from intake.rulebook import read_rulebook

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

ROOT = Path(__file__).parents[2]
TODAY = datetime.date(2026, 6, 15)
CHUNK = 1_000
NEW_TENURE_MONTHS = 12
"""No condition of the rulebook asks for more; tests hold the shelf to the kernel's verdict on each customer."""


@dataclass(frozen=True)
class Shelf:
    """C candidates as columns [C] in EUR (incl. VAT unless net) and months; `extras` [C, 8] by name, `brand` -1: none.

    `taken_back` is credited for the old device and `resale_net` is what it brings; `device_net` what the operator pays.
    """

    rulebook: Rulebook
    in_force: InForce
    commitment: Whole
    top_up: Floats
    discount: Floats
    discount_months: Whole
    credit: Floats
    taken_back: Floats
    brand: Whole
    device_price: Floats
    device_net: Floats
    resale_net: Floats
    extras: Floats
    extra_names: tuple[str, ...]
    extras_net: Floats

    def __len__(self) -> int:
        return len(self.commitment)

    @property
    def extras_months(self) -> Whole:
        """How long extras last: the commitment, without one as long as a discount."""
        return np.where(self.commitment > 0, self.commitment, self.discount_months)

    def allowed(self, people: People) -> NDArray[np.bool_]:
        """[n, C]: which candidates no hard limit refuses, calling out; customers alike for the limits asked once."""
        back = self.in_force.catalogue.taken_back
        device = np.array([name if name in back else "" for name in people.facts["current_device"]])
        price, cost = people.facts["price_cents"], people.facts["cost_to_serve_cents"]
        young = np.minimum(people.facts["tenure_months"], NEW_TENURE_MONTHS) // 6
        bound = -(-people.facts["remaining_months"] // 12)
        keys = np.stack([price, cost, young, bound, np.unique(device, return_inverse=True)[1]])
        _, first, of = np.unique(keys, axis=1, return_index=True, return_inverse=True)
        chunks = [self._judged(people.take(first[start : start + CHUNK])) for start in range(0, len(first), CHUNK)]
        return np.concatenate(chunks)[of.reshape(-1)]

    def _judged(self, people: People) -> NDArray[np.bool_]:
        cases = cases_of(people)
        n = cases.rows
        scores = quantise_scores(np.full(n, 0.1), np.full(n, 6), np.ones((n, len(TASTES))), np.zeros(n, dtype=bool))
        (page,) = decide(cases, scores, self.rulebook, TODAY).pages
        sheet = page.sheet
        return ((sheet.refused & LIMITS) == 0) & ~sheet.marks.entitlement


def cases_of(people: People) -> Cases:
    """The same customers as the kernel reads them, called out; days of the month are those of TODAY."""
    facts, n = people.facts, len(people)
    month = np.datetime64(TODAY, "M")
    first = (month - facts["tenure_months"].astype("timedelta64[M]")).astype("datetime64[D]")
    last = (month + facts["remaining_months"].astype("timedelta64[M]")).astype("datetime64[D]") + (TODAY.day - 1)
    ids = np.array([f"c{row}" for row in range(n)], dtype=object)
    dated: dict[str, Any] = {
        "contract_id": ids,
        "customer_id": ids,
        "customer_since": first,
        "commitment_end": np.where(facts["remaining_months"] > 0, last, np.datetime64("NaT", "D")),
        "channel": np.full(n, "phone_out", dtype=object),
    }
    plain = {name: column for name, column in facts.items() if name not in ("tenure_months", "remaining_months")}
    return Cases({**plain, **dated})


def read_shelf(rulebook: Path = ROOT / "rulebook") -> Shelf:
    """The shelf of a rulebook on TODAY."""
    book = read_rulebook(rulebook)
    in_force = book.as_of(TODAY)
    terms, goods = in_force.catalogue.listed.priced.terms, in_force.catalogue.goods
    one = {name: column[0] for name, column in vars(terms).items()}
    brand_of_device = np.array([*(BRANDS.index(BRAND_OF[name]) for name in goods.device_ids), -1])
    bits = np.arange(len(goods.extra_ids))
    return Shelf(
        rulebook=book,
        in_force=in_force,
        commitment=one["commitment_months"],
        top_up=one["top_up_cents"] / 100,
        discount=one["discount_cents"] / 100,
        discount_months=one["discount_months"],
        credit=one["credit_cents"] / 100,
        taken_back=goods.trade_in_credit_cents[one["trade_in"]] / 100,
        brand=brand_of_device[one["device"]],
        device_price=goods.device_price_cents[one["device"]] / 100,
        device_net=goods.device_cost_cents[one["device"]] / 100,
        resale_net=goods.trade_in_resale_cents[one["trade_in"]] / 100,
        extras=((one["extras"][:, None] >> bits) & 1).astype(np.float64),
        extra_names=goods.extra_ids,
        extras_net=goods.extras_cost_cents[one["extras"]] / 100,
    )
