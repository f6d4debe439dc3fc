"""How an offer is weighed by the customer, in euros: what is given against what hurts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.devices import DEVICE_PRICES_EUR, FAMILY_OF_DEVICE, IS_IOS, NO_DEVICE
from training.market.people import Table
from training.market.world import ALLOWANCE_MB, Numbers, World, device_need

REASONS = ("reste_a_payer", "engagement", "panne_non_resolue", "mefiance", "pas_interesse", "autre_modele")
"""What may hurt in an offer, in the order in which `weigh` tells how much it does."""


@dataclass(frozen=True)
class Offered:
    """One offer a row [n]: device (-1 none) and its top-up, commitment; discount, extras [n, 8] and their months."""

    device: NDArray[np.int64]
    top_up_eur: Numbers
    months: NDArray[np.int64]
    discount_eur: Numbers
    discount_months: NDArray[np.int64]
    extras: NDArray[np.bool_]
    extras_months: NDArray[np.int64]
    credit_eur: Numbers


def weigh(lines: Table, offered: Offered, world: World) -> tuple[Numbers, Numbers]:
    """What each offer gives its customer [n] and what hurts in it [reasons, n], in euros, whatever their mood."""
    truth = world.truth
    device_eur = _device_worth_eur(lines, offered, world)
    hurts = np.stack(
        [
            offered.top_up_eur,
            lines["bond_eur"] * offered.months**truth.bond_power / 2.0,
            truth.fault_eur * lines["anger"],
            np.where(lines["wary"], truth.wary_hassle_eur, 0.0),
            np.full(len(device_eur), truth.phone_hassle_eur),
            np.where((offered.device != NO_DEVICE) & (device_eur < 60.0), 60.0, 0.0),
        ]
    )
    gifts = device_eur + (offered.discount_eur * offered.discount_months) ** truth.discount_power
    return gifts + _extras_worth_eur(lines, offered) + offered.credit_eur, hurts


def mood_eur(n: int, world: World) -> Numbers:
    """What the hour adds to an offer [n], in euros, with heavy tails."""
    return 0.7 * world.truth.mood_eur * world.rng.standard_t(world.truth.mood_degrees, n)


def _device_worth_eur(lines: Table, offered: Offered, world: World) -> Numbers:
    price = DEVICE_PRICES_EUR[offered.device]
    same_brand = IS_IOS[FAMILY_OF_DEVICE[offered.device]] == lines["ios"]
    liking = np.where(same_brand, 1.0, world.truth.other_brand_share)
    worth = lines["device_eur"] * (0.35 + device_need(lines, world)) * liking * (price / 450.0) ** 0.6
    return np.where(offered.device == NO_DEVICE, 0.0, np.minimum(worth, price))


def _extras_worth_eur(lines: Table, offered: Offered) -> Numbers:
    short = np.clip(lines["data_mb"] / ALLOWANCE_MB[lines["tariff"]] - 0.6, 0.0, 1.0)
    abroad = np.minimum(lines["abroad_minutes"], 60.0)
    watches = np.array([0.5, 2.0, 1.0, 4.0])[lines["kind"]]
    monthly = np.stack(
        [0.002 * lines["sms"], 0.008 * np.minimum(lines["sms"], 300.0), 2.0 * short, 4.5 * short, 7.0 * short,
         0.10 * abroad, 0.06 * abroad + 0.2, watches]
    )  # fmt: skip
    worth: Numbers = np.where(offered.extras.T, monthly, 0.0).sum(axis=0) * offered.extras_months
    return worth
