"""Customers whose truth is known: their log-odds of leaving are written here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.rows import Rows

NETS = np.array(["dsl", "fibre", "cable"], dtype=object)


def made_up_rows(rows: int, seed: int, base: float = -2.0) -> Rows:
    """Rows with a bent effect of age, an effect of net, and a trap that needs two features at once."""
    columns, log_odds = made_up_customers(rows, seed)
    rng = np.random.default_rng([*b"labels", seed])
    return Rows(columns, rng.random(rows) < 1 / (1 + np.exp(-(base + log_odds))))


def made_up_customers(rows: int, seed: int) -> tuple[dict[str, NDArray[Any]], NDArray[np.float64]]:
    """Feature columns, with some missing, and the true log-odds of leaving without the base."""
    rng = np.random.default_rng(seed)
    age, price = rng.integers(1, 60, rows).astype(float), np.round(rng.gamma(4, 8, rows), 2)
    net = rng.choice(NETS, rows)
    log_odds = 1.5 * np.exp(-age / 12) + 0.8 * (net == "fibre") + 1.2 * ((price > 35) & (net != "dsl"))
    price[rng.random(rows) < 0.05] = np.nan
    net[rng.random(rows) < 0.05] = ""
    return {"age": age, "price": price, "net": net, "noise": rng.normal(size=rows)}, log_odds
