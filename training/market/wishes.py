"""What people ask for when they call in: a device, a limit, a need; it stays on file for three months."""

import numpy as np
from numpy.typing import NDArray

from training.market.devices import DEVICE_PRICES_EUR, NO_DEVICE, newest
from training.market.people import Table
from training.market.world import ALLOWANCE_MB, Flags, Numbers, World, bill_eur, device_need

Texts = NDArray[np.object_]
CHANNELS = ("phone_in", "shop", "web", "social")
KEPT_MONTHS = 3


def ask(lines: Table, world: World, awake: Flags, gain: Numbers) -> None:
    """Some of those who woke up and stayed get in touch and say what they want; written on the lines in place."""
    rng, n = world.rng, len(awake)
    asks = (awake & (rng.random(n) < 0.75)) | (rng.random(n) < 0.012 + 0.05 * device_need(lines, world))
    lines["contacts"][:, 0] += asks
    for name, column in draw_wishes(lines, world, gain).items():
        lines[name] = np.where(asks, column, lines[name])


def draw_wishes(lines: Table, world: World, gain: Numbers) -> Table:
    """What each line [n] would say it wants if it got in touch now, by the columns in which that is kept."""
    rng, n = world.rng, len(lines["town"])
    wants_device = rng.random(n) < 0.30 + 0.65 * device_need(lines, world)
    wish: Table = {
        "wish_age": np.zeros(n, dtype=np.int64),
        "wish_device": np.where(wants_device, _wanted_device(lines, world), NO_DEVICE),
        "wish_months": _longest_commitment(lines, wants_device),
        "wish_monthly_eur": _monthly_limit(lines, world),
        "wish_needs": _needs(lines, world),
        "wish_reason": _reason(lines, world, gain),
        "wish_channel": rng.choice(np.array(CHANNELS, dtype=object), n, p=[0.62, 0.18, 0.15, 0.05]),
    }
    wish["wish_upfront_eur"] = _upfront_limit(wish["wish_device"], rng)
    return wish


def _wanted_device(lines: Table, world: World) -> NDArray[np.int64]:
    rng, n = world.rng, len(lines["town"])
    other = rng.integers(0, 10, n)
    family = np.where(rng.random(n) < 0.8, lines["family"], other)
    return newest(family, np.full(n, world.month))


def _longest_commitment(lines: Table, wants_device: Flags) -> NDArray[np.int64]:
    bond = lines["bond_eur"]
    return np.where(bond < 1.5, -1, np.where(bond < 5.0, 12, np.where(wants_device, 12, 0)))


def _monthly_limit(lines: Table, world: World) -> Numbers:
    rng, n = world.rng, len(lines["town"])
    states = rng.random(n) < np.array([0.55, 0.08, 0.12, 0.15])[lines["kind"]]
    less = rng.choice([0.0, 1.0, 2.0, 3.0, 5.0], n, p=[0.35, 0.15, 0.25, 0.15, 0.10])
    return np.where(states, np.maximum(bill_eur(lines, world.today) - less, 4.99), np.nan)


def _upfront_limit(device: NDArray[np.int64], rng: np.random.Generator) -> Numbers:
    states = (device != NO_DEVICE) & (rng.random(len(device)) < 0.35)
    share = rng.uniform(0.45, 0.95, len(device))
    return np.where(states, np.round(DEVICE_PRICES_EUR[device] * share / 10.0) * 10.0, np.nan)


def _needs(lines: Table, world: World) -> Texts:
    n = len(lines["town"])
    short = lines["data_mb"] / ALLOWANCE_MB[lines["tariff"]]
    needs = np.full(n, "", dtype=object)
    for name, wanted in (
        ("data_50gb", short > 1.6),
        ("data_20gb", (short > 0.8) & (short <= 1.6)),
        ("international_60min", lines["abroad_minutes"] > 20.0),
        ("tv_option", world.rng.random(n) < 0.04),
    ):
        stated = wanted & (world.rng.random(n) < 0.6)
        needs = np.where(stated, np.where(needs == "", name, needs + ";" + name), needs)
    return needs


def _reason(lines: Table, world: World, gain: Numbers) -> Texts:
    chance = world.rng.random(len(gain))
    near = gain > -0.6 * lines["hassle_eur"] - 30.0
    calm = np.where(chance < 0.7, "asks_for_offer", "information")
    leaving = np.where(chance < 0.06, "port_requested", "wants_to_leave")
    reason = np.where(lines["anger"] > 1.0, "complaint", np.where(near, leaving, calm))
    return reason.astype(object)
