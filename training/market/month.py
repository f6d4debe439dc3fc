"""One month of the market: faults and anger, rumours, people who wake up and compare, people who leave or ask."""

import numpy as np
from numpy.typing import NDArray

from training.market.devices import newest
from training.market.lines import a_day, months_later
from training.market.people import TOWNS, Table
from training.market.wishes import ask
from training.market.world import (
    TIERS,
    Flags,
    Numbers,
    World,
    bill_eur,
    device_need,
    dormant,
    exit_fee_eur,
    give_device,
    months_to,
)

MONTH_DAYS = 30
DAY_AFTER_CALLS = 8
QUIET_MONTHS = 4
RINGS = ("faults", "fault_days", "contacts", "calls_out", "refused", "complaints")


def live_month(lines: Table, world: World) -> tuple[Flags, NDArray[np.datetime64]]:
    """One month for every line [n], in place. Returns who leaves, and the day on which they do."""
    for ring in RINGS:
        lines[ring] = np.roll(lines[ring], 1, axis=1)
        lines[ring][:, 0] = 0
    _break_and_mend(lines, world)
    _complain(lines, world)
    _raise_prices(lines, world)
    awake = world.rng.random(len(lines["town"])) < _chance_to_wake(lines, world)
    lines["called"] = np.maximum(lines["called"] - 1, 0)
    gain = gain_of_leaving(lines, world)
    leaves = awake & (gain > 0)
    lines["rest_months"] = np.where(awake, 6, np.maximum(lines["rest_months"] - 1, 0))
    ask(lines, world, awake & ~leaves, gain)
    _replace_devices(lines, world)
    day = a_day(world.rng, np.full(len(gain), world.month), first=DAY_AFTER_CALLS)
    return leaves, day


def _break_and_mend(lines: Table, world: World) -> None:
    rng, n, truth = world.rng, len(lines["town"]), world.truth
    broken = rng.random(n) < truth.faults * world.quality[lines["town"]]
    lasts = np.where(broken, np.minimum(1 + rng.exponential(truth.fault_days, n).astype(np.int64), MONTH_DAYS), 0)
    to_month_end = rng.integers(1, MONTH_DAYS + 1, n)
    open_before = lines["fault_days_left"]
    days = np.minimum(open_before + np.minimum(lasts, to_month_end), MONTH_DAYS)
    lines["fault_days_left"] = np.maximum(lasts - to_month_end, 0)
    kind = np.where(broken, rng.choice([1, 2, 3, 4], n, p=[0.42, 0.30, 0.10, 0.18]), 0)
    lines["fault"] = np.where(lines["fault_days_left"] > 0, kind, 0)
    lines["faults"][:, 0] = broken
    lines["fault_days"][:, 0] = days
    pressing = 0.9 * broken + 0.5 * (open_before > 0) + 0.25 * np.minimum(lines["anger"], 2.0)
    lines["contacts"][:, 0] = rng.poisson(0.05 + pressing)
    lines["anger"] = truth.anger_kept * lines["anger"] + lines["impatience"] * np.minimum(days / 12.0, 2.0)


def _raise_prices(lines: Table, world: World) -> None:
    truth, rng, n = world.truth, world.rng, len(lines["town"])
    in_season = int(world.month.astype(int)) % 12 + 1 == truth.price_rise_month
    old_enough = world.today - lines["customer_since"] > np.timedelta64(18 * 30, "D")
    lines["price_rose"] = in_season & old_enough & (rng.random(n) < truth.price_rise_share)
    rise = rng.choice(np.array(truth.price_rises_eur), n)
    lines["list_eur"] = np.where(lines["price_rose"], np.round(lines["list_eur"] + rise, 2), lines["list_eur"])


def _complain(lines: Table, world: World) -> None:
    truth, rng = world.truth, world.rng
    furious = (lines["anger"] > truth.anger_to_complain) & lines["outspoken"]
    quiet = lines["complaints"][:, :QUIET_MONTHS].sum(axis=1) == 0
    speaks = furious & quiet & (rng.random(len(furious)) < truth.complaint)
    lines["complaints"][:, 0] += speaks
    people = np.bincount(lines["town"], minlength=TOWNS)
    heard = np.bincount(lines["town"][speaks], minlength=TOWNS) / np.maximum(people, 1) * 12.0
    world.rumour = truth.rumour_kept * world.rumour + np.minimum(heard, 1.0)


def _chance_to_wake(lines: Table, world: World) -> Numbers:
    truth, today = world.truth, world.today
    to_end = months_to(lines["commitment_end"], today)
    called = np.where(dormant(lines, world), truth.wake_by_call_when_dormant, truth.wake_by_call)
    causes = (
        lines["alertness"] * np.where(lines["rest_months"] > 0, truth.rest_after_comparing, 1.0),
        truth.wake_after_fault * lines["anger"] / (lines["anger"] + 1.2),
        truth.wake_near_commitment_end * ((to_end > -2.0) & (to_end < 1.0)),
        truth.wake_after_discount_ended * (_has_ended(lines, "discount", today) | _has_ended(lines, "granted", today)),
        truth.wake_by_rumour * world.rumour[lines["town"]],
        truth.wake_by_rival_promotion * world.rival.depth[world.now] * np.array([8.0, 4.0, 1.5, 4.0])[lines["kind"]],
        truth.wake_by_old_device * device_need(lines, world),
        truth.wake_after_price_rise * lines["price_rose"],
        called * np.array(truth.call_remembered)[lines["called"]],
    )
    asleep = np.ones(len(to_end))
    for chance in causes:
        asleep *= 1.0 - np.minimum(chance, 0.95)
    return 1.0 - asleep


def _has_ended(lines: Table, discount: str, today: np.datetime64) -> Flags:
    """Whose discount ended in the last two months."""
    since = -months_to(lines[f"{discount}_end"], today)
    ended: Flags = (since > -0.2) & (since < 2.0) & (lines[f"{discount}_eur"] > 0)
    return ended


def gain_of_leaving(lines: Table, world: World) -> Numbers:
    """What leaving for the rival now would bring each line [n], in euros, all bother and fees taken off."""
    truth, n = world.truth, len(lines["town"])
    saving = 12.0 * (bill_eur(lines, world.today) - world.rival.prices_eur[world.now][TIERS[lines["tariff"]]])
    seen = np.where(saving > 0, np.maximum(saving, 0.0) ** truth.seen_saving_power, saving)
    pull = truth.device_pull_share * lines["device_eur"] * device_need(lines, world)
    mood = truth.mood_eur * world.rng.standard_t(truth.mood_degrees, n)
    weight = seen + pull + truth.fault_eur * lines["anger"] + mood
    return weight - lines["hassle_eur"] - exit_fee_eur(lines, world)


def _replace_devices(lines: Table, world: World) -> None:
    rng, n = world.rng, len(lines["town"])
    wants = device_need(lines, world)
    free = ~(months_to(lines["commitment_end"], world.today) > 1)
    renews = free & (rng.random(n) < 0.12 * wants * np.where(lines["subsidised"], 1.0, 0.35))
    buys = ~renews & (rng.random(n) < 0.10 * wants)
    months = rng.choice([12, 24], n, p=[0.3, 0.7])
    signed = a_day(rng, np.full(n, world.month))
    lines["commitment_end"] = np.where(renews, months_later(signed, months), lines["commitment_end"])
    lines["subsidised"] = (lines["subsidised"] & ~buys) | renews
    give_device(lines, renews | buys, newest(lines["family"], np.full(n, world.month)), world)
    lines["wish_age"] = np.where(renews | buys, 99, lines["wish_age"] + 1)
