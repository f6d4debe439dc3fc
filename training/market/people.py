"""The people: what they are like, of which the operator sees only traces."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.market.devices import FAMILY_SHARES, IS_DEAR, IS_IOS
from training.market.truth import Truth

Table = dict[str, NDArray[Any]]

REGIONS = ("Île-de-France", "Auvergne-Rhône-Alpes", "Nouvelle-Aquitaine", "Occitanie", "Hauts-de-France", "Grand Est",
           "Provence-Alpes-Côte d'Azur", "Pays de la Loire", "Bretagne", "Normandie", "Bourgogne-Franche-Comté",
           "Centre-Val de Loire", "Corse")  # fmt: skip
REGION_SHARES = np.array([0.19, 0.12, 0.09, 0.09, 0.09, 0.085, 0.08, 0.06, 0.053, 0.05, 0.042, 0.039, 0.011])
TOWNS_A_REGION = 16
TOWNS = TOWNS_A_REGION * len(REGIONS)
ZONES = ("urbain", "périurbain", "rural")


def heavy_tailed(rng: np.random.Generator, n: int, spread: float) -> NDArray[np.float64]:
    """Multipliers [n] around 1 whose logarithm has Student's tails, cut at a factor of forty."""
    return np.exp(np.clip(spread * rng.standard_t(4, n) / np.sqrt(2.0), -3.7, 3.7))


def draw_people(rng: np.random.Generator, n: int, truth: Truth) -> Table:
    """Customers [n]: hidden tastes first, then the traces (usage, town, payment) that only lean on them."""
    shares = np.array(truth.kind_shares)
    kind = rng.choice(len(shares), n, p=shares / shares.sum())
    town = rng.choice(len(REGIONS), n, p=REGION_SHARES / REGION_SHARES.sum()) * TOWNS_A_REGION
    town = town + np.minimum((rng.random(n) ** 2 * TOWNS_A_REGION).astype(np.int64), TOWNS_A_REGION - 1)
    people: Table = {"kind": kind, "town": town, **_tastes(rng, kind, truth), **_habits(rng, kind)}
    family = _family(rng, kind)
    people["family"] = family
    people["ios"] = IS_IOS[family]
    return people


def _tastes(rng: np.random.Generator, kind: NDArray[np.int64], truth: Truth) -> Table:
    n = len(kind)
    cycle = np.minimum(np.array([42.0, 25.0, 46.0, 36.0])[kind] * rng.gamma(9.0, 1 / 9.0, n), 62.0)
    minds_bonds = rng.random(n) < np.array([0.85, 0.55, 0.45, 0.65])[kind]
    return {
        "alertness": np.minimum(np.array(truth.alertness)[kind] * heavy_tailed(rng, n, truth.alertness_spread), 0.6),
        "hassle_eur": np.array(truth.hassle_eur)[kind] * heavy_tailed(rng, n, truth.hassle_spread),
        "bond_eur": np.where(minds_bonds, rng.gamma(1.6, 1.3, n), 0.0),
        "cycle_months": cycle,
        "device_eur": np.array(truth.device_eur)[kind] * heavy_tailed(rng, n, 0.5),
        "impatience": rng.gamma(1.5, 1 / 1.5, n),
        "outspoken": rng.random(n) < 0.18,
        "wary": rng.random(n) < truth.wary_share,
    }


def _family(rng: np.random.Generator, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    costly = IS_DEAR[None, :] * np.array([-1.2, 1.2, -0.2, 0.3])[kind][:, None]
    weight = np.cumsum(FAMILY_SHARES * np.exp(costly), axis=1)
    return (weight < rng.random((len(kind), 1)) * weight[:, -1:]).sum(axis=1)


def _habits(rng: np.random.Generator, kind: NDArray[np.int64]) -> Table:
    n = len(kind)
    abroad = rng.random(n) < 0.16
    return {
        "data_mb": np.minimum(np.array([11e3, 18e3, 3.5e3, 48e3])[kind] * rng.lognormal(0.0, 0.8, n), 300e3),
        "voice_minutes": np.array([130.0, 110.0, 150.0, 240.0])[kind] * rng.lognormal(0.0, 0.8, n),
        "sms": np.array([45.0, 35.0, 55.0, 60.0])[kind] * rng.lognormal(0.0, 1.1, n),
        "abroad_minutes": np.where(abroad, rng.lognormal(3.0, 1.0, n), 0.0),
        "language": rng.choice(np.array(["fr", "en", "nl"], dtype=object), n, p=[0.93, 0.05, 0.02]),
        "objects": rng.random(n) < 0.035,
        "direct_debit": rng.random(n) < np.array([0.80, 0.84, 0.90, 0.82])[kind],
    }


def town_quality(rng: np.random.Generator) -> NDArray[np.float64]:
    """How often the network fails in each town, 1 on average; the countryside (high numbers) fares worse."""
    place = np.arange(TOWNS) % TOWNS_A_REGION / TOWNS_A_REGION
    return rng.gamma(1.3, 1 / 1.3, TOWNS) * (0.7 + 0.7 * place)


def zone_of(town: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 urban, 1 periurban, 2 rural [n], from the town's number within its region."""
    return np.searchsorted([5, 11], town % TOWNS_A_REGION, side="right")
