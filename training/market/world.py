"""What all lines share, and what can be said of a line at a moment: its bill, its exit fee, its need of a device."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.catalogue import TARIFFS
from training.market.devices import NO_DEVICE
from training.market.people import Table
from training.market.rival import Rival
from training.market.truth import Truth

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
TIERS = np.array([tariff.tier for tariff in TARIFFS])
ALLOWANCE_MB = np.array([tariff.data_gb for tariff in TARIFFS]) * 1000.0


@dataclass
class World:
    """What all lines share: chance, the truth, the rival, the towns, and where in time we are."""

    rng: np.random.Generator
    truth: Truth
    months: NDArray[np.datetime64]
    rival: Rival
    quality: Numbers
    rumour: Numbers
    now: int = 0

    @property
    def month(self) -> np.datetime64:
        """The month that is being lived."""
        return self.months[self.now]

    @property
    def today(self) -> np.datetime64:
        """The first day of that month."""
        return self.month.astype("datetime64[D]")


def bill_eur(lines: Table, today: np.datetime64) -> Numbers:
    """What each line [n] pays a month, options and running discounts included: that of the tariff, and one granted."""
    running = np.where(lines["discount_end"] > today, lines["discount_eur"], 0.0)
    granted = np.where(lines["granted_end"] > today, lines["granted_eur"], 0.0)
    return np.maximum(np.maximum(lines["list_eur"] + lines["option_eur"] - running, 4.99) - granted, 0.0)


def months_to(dates: NDArray[np.datetime64], today: np.datetime64) -> Numbers:
    """Months from today to each date [n], negative for the past, NaN for no date."""
    days = (dates - today).astype("timedelta64[D]").astype(float)
    return np.where(np.isnat(dates), np.nan, days / 30.44)


def device_age_months(lines: Table, month: np.datetime64) -> NDArray[np.int64]:
    """Whole months since each device [n] was bought."""
    return (month - lines["bought"]).astype(np.int64)


def device_need(lines: Table, world: World) -> Numbers:
    """How badly a new device is wanted [n], 0 to 1: nothing before the owner's own cycle, all ten months after it."""
    late = np.clip((device_age_months(lines, world.month) - lines["cycle_months"] + 2.0) / 10.0, 0.0, 1.0)
    return np.where(lines["device"] == NO_DEVICE, 0.3 * late, late * late * (3.0 - 2.0 * late))


def dormant(lines: Table, world: World) -> Flags:
    """Lines [n] that sleep: free to go for some months, no fault and no contact in a year."""
    free = ~(months_to(lines["commitment_end"], world.today) > -3)
    return free & (lines["faults"].sum(axis=1) == 0) & (lines["contacts"].sum(axis=1) <= 1)


def exit_fee_eur(lines: Table, world: World) -> Numbers:
    """What leaving today costs each line [n]: more while the first year of a commitment runs, nothing after its end."""
    left = np.nan_to_num(np.maximum(months_to(lines["commitment_end"], world.today), 0.0))
    bill = bill_eur(lines, world.today)
    late = world.truth.exit_fee_share * np.minimum(left, 12.0) * bill
    return late + world.truth.early_exit_share * np.maximum(left - 12.0, 0.0) * bill


def give_device(lines: Table, who: Flags, device: NDArray[np.int64], world: World) -> None:
    """A new device for some lines [n], in place."""
    lines["device"] = np.where(who, device, lines["device"])
    lines["bought"] = np.where(who, world.month, lines["bought"])
