"""Customers of a simulated market: facts that lean on each other, features beside them, noise among both."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TARIFFS = ("2go", "20go", "80go", "250go", "monde")
LIST_CENTS = np.array([799, 1_299, 1_699, 2_499, 2_999])
REGIONS = ("nord", "est", "ouest", "sud", "centre", "capitale", "alpes", "outre-mer")
REGION_SHARES = (0.16, 0.12, 0.14, 0.15, 0.1, 0.2, 0.1, 0.03)
PAYMENTS = ("debit", "card", "transfer")
BRANDS = ("samsung", "apple", "google", "xiaomi", "other")
ON_SALE = {
    "samsung": ("galaxy-a17", "galaxy-a36", "galaxy-s25"),
    "apple": ("iphone-16e", "iphone-17"),
    "google": ("pixel-9a", "pixel-10"),
    "xiaomi": ("redmi-note-15",),
    "other": ("fairphone-6", "nothing-phone-3a"),
}
FORMER = {
    "samsung": ("galaxy-a12", "galaxy-s21"),
    "apple": ("iphone-12", "iphone-se"),
    "google": ("pixel-6",),
    "xiaomi": ("redmi-10",),
    "other": ("moto-g9", "huawei-p30"),
}
BRAND_OF = {model: brand for models in (ON_SALE, FORMER) for brand, names in models.items() for model in names}
NEW_MONTHS = 15
"""Below this age a device in use is one of those on sale."""


@dataclass(frozen=True)
class People:
    """n customers: `facts` by the names of engine.fields (with tenure and remaining months), `features` beside them."""

    facts: dict[str, NDArray[Any]]
    features: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.facts["price_cents"])

    def take(self, rows: Any) -> "People":
        """The same columns over some of the customers."""
        return People(*({name: column[rows] for name, column in part.items()} for part in (self.facts, self.features)))

    def fact(self, name: str) -> Floats:
        """A fact or a numeric feature as floats, [n]."""
        return np.asarray(self.facts.get(name, self.features.get(name)), dtype=np.float64)

    def code(self, name: str, names: tuple[str, ...]) -> NDArray[np.int64]:
        """Which of `names` a feature holds, [n]."""
        return np.argmax(self.features[name][:, None] == np.array(names, dtype=object), axis=1)

    def brand(self) -> NDArray[np.int64]:
        """The brand of the device in use, as an index of BRANDS, [n]."""
        return np.array([BRANDS.index(BRAND_OF[model]) for model in self.facts["current_device"]])


def draw_people(n: int, rng: np.random.Generator) -> People:
    """n customers drawn at random."""
    use, thrift, settled = rng.standard_normal((3, n))
    tenure = np.clip(np.exp(3.4 + 0.85 * settled + 0.2 * rng.standard_normal(n)), 1, 240).astype(np.int64)
    data = np.exp(9.0 + 0.9 * use)
    tariff = np.searchsorted([-1.0, -0.1, 0.7, 1.5], 0.7 * use - 0.4 * thrift + 0.5 * rng.standard_normal(n))
    dearer = 200 * (tenure > 30) + 300 * (rng.random(n) < 0.2) - 200 * (rng.random(n) < 0.15)
    price = LIST_CENTS[tariff] + dearer
    cost = 50 * np.rint((140 + 0.1 * price + 0.006 * data + 60 * np.abs(rng.standard_normal(n))) / 50)
    device_age = np.clip(rng.gamma(2.0, 12.0 * np.exp(0.2 * thrift + 0.1 * settled)), 0, 84).astype(np.int64)
    remaining = np.where(rng.random(n) < 0.55, 0, rng.integers(1, 10, n)) * (tenure > 2)
    abroad = rng.random(n) < 0.2 + 0.4 * (tariff == 4)
    facts = {
        "tenure_months": tenure,
        "remaining_months": remaining,
        "price_cents": price.astype(np.int64),
        "cost_to_serve_cents": np.clip(cost, 200, 900).astype(np.int64),
        "current_device": _devices(device_age, thrift, rng),
        "device_age_months": device_age,
        "sms_per_month": np.exp(3.6 - 0.3 * use + 0.9 * rng.standard_normal(n)).astype(np.int64),
        "data_mb_per_month": data.astype(np.int64),
        "voice_minutes_per_month": np.exp(4.8 + 0.2 * settled + 0.6 * rng.standard_normal(n)).astype(np.int64),
        "international_minutes_per_month": (abroad * np.exp(3.2 + 0.8 * rng.standard_normal(n))).astype(np.int64),
    }
    return People(facts, _features(facts, tariff, (use, thrift, settled), rng))


def _devices(age: NDArray[np.int64], thrift: Floats, rng: np.random.Generator) -> NDArray[np.object_]:
    """The device in use, by its id, [n]: the thrifty hold fewer dear ones."""
    liking = np.log([0.36, 0.28, 0.08, 0.14, 0.14]) + np.outer(thrift, [0.0, -0.6, -0.1, 0.5, 0.2])
    brand = np.argmax(liking + rng.gumbel(size=liking.shape), axis=1)
    which = rng.random(len(age))
    models = np.empty(len(age), dtype=object)
    for stock, there in ((ON_SALE, age < NEW_MONTHS), (FORMER, age >= NEW_MONTHS)):
        for index, name in enumerate(BRANDS):
            rows = there & (brand == index)
            choice = np.array(stock[name], dtype=object)
            models[rows] = choice[(which[rows] * len(choice)).astype(np.int64)]
    return models


def _features(
    facts: dict[str, NDArray[Any]], tariff: NDArray[np.int64], leanings: Any, rng: np.random.Generator
) -> dict[str, NDArray[Any]]:
    use, thrift, settled = leanings
    n = len(tariff)
    never = rng.random(n) < np.exp(-facts["tenure_months"] / 25)
    text = np.array
    return {
        "tariff": text(TARIFFS, dtype=object)[tariff],
        "region": text(REGIONS, dtype=object)[rng.choice(len(REGIONS), n, p=REGION_SHARES)],
        "payment": text(PAYMENTS, dtype=object)[np.searchsorted([0.4, 1.2], thrift + 0.8 * rng.standard_normal(n))],
        "last_contact_months": np.where(never, np.nan, np.ceil(rng.exponential(9.0, n))),
        "late_bills": rng.poisson(np.exp(-1.3 + 0.4 * thrift)).astype(np.float64),
        "complaints": rng.poisson(np.exp(-1.4 - 0.2 * settled)).astype(np.float64),
        "app_logins": rng.poisson(np.exp(1.2 + 0.4 * use)).astype(np.float64),
        "lines": 1.0 + rng.poisson(np.exp(-0.7 + 0.3 * settled)),
        "store_km": np.round(np.exp(1.5 + rng.standard_normal(n)), 1),
        "newsletter": (rng.random(n) < 0.3).astype(np.float64),
        "sim_batch": text([f"b{number}" for number in range(6)], dtype=object)[rng.integers(0, 6, n)],
    }
