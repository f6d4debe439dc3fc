"""Small histories of contacts whose draw is written here: by chance alone, by chance that leans, or by choice."""

import numpy as np
from numpy.typing import NDArray

from engine.tables import Cases
from engine.terms import Terms
from intake.contacts import ACCEPTED, CONTROL, DECLINED, NONE, OFFERED, Contacts

DISCOUNTS = np.arange(100, 1_100, 100)


def customers(n: int, rng: np.random.Generator) -> Cases:
    """Customers with prices of a long tail, a quarter of them without a known usage."""
    usage = np.where(rng.random(n) < 0.25, -1, rng.integers(0, 50_000, n))
    return Cases(
        {
            "contract_id": np.array([f"C{number}" for number in range(n)], dtype=object),
            "price_cents": np.exp(rng.normal(7.5, 0.5, n)).astype(np.int64),
            "cost_to_serve_cents": np.full(n, 300),
            "data_mb_per_month": usage,
            "customer_since": np.datetime64("2015-01-01") + rng.integers(0, 3_000, n),
            "objects_to_profiling": np.zeros(n, dtype=bool),
        }
    )


def contacts_of(
    cases: Cases, control_chance: NDArray[np.float64], fits: NDArray[np.bool_], rng: np.random.Generator
) -> Contacts:
    """Contacts drawn by these chances of control [n], else one of the discounts that fit the customer [n, 10]."""
    n = cases.rows
    control = rng.random(n) < control_chance
    order = rng.random((n, len(DISCOUNTS))) * fits
    discount = np.where(control, 0, DISCOUNTS[order.argmax(axis=1)])
    chance = np.where(control, control_chance, (1 - control_chance) / fits.sum(axis=1))
    return history(cases, discount, chance, rng)


def history(
    cases: Cases, discount_cents: NDArray[np.int64], chance: NDArray[np.float64], rng: np.random.Generator
) -> Contacts:
    """The contacts of these discounts (0: control) and logged chances, answered by the toss of a coin."""
    n, offered = cases.rows, discount_cents > 0
    nothing = {name: np.zeros((1, n), dtype=np.int64) for name in Terms.__dataclass_fields__}
    nothing |= {name: np.full((1, n), -1) for name in ("template", "device", "trade_in")}
    region = rng.choice(np.array(["nord", "sud", "est", "ouest", ""], dtype=object), n)
    return Contacts(
        name="drawn.csv",
        design="explored",
        window_months=6,
        cases=cases,
        features={"usage": rng.normal(size=n), "region": region},
        customers=cases["contract_id"],
        agents=None,
        dates=None,
        group=np.where(offered, OFFERED, CONTROL),
        probability=chance,
        reaction=np.where(offered, np.where(rng.random(n) < 0.3, ACCEPTED, DECLINED), NONE),
        left=rng.random(n) < 0.1,
        terms=Terms(**nothing | {"discount_cents": discount_cents[None]}),
        device_price_cents=np.zeros((1, n), dtype=np.int64),
        devices=np.full(n, "", dtype=object),
        bad=[],
        notes=[],
        digest="",
    )
