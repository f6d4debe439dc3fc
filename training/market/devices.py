"""The devices of the market: families, each with its generations, oldest first. Prices incl. VAT."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Device(NamedTuple):
    """One generation: its id, the month it came out, its shop price."""

    name: str
    launch: str
    price_eur: float


class Family(NamedTuple):
    """Devices that follow one another: their brand of system, how common they are, the generations."""

    system: str
    share: float
    generations: tuple[Device, ...]


FAMILIES = (
    Family(
        "android",
        0.17,
        (
            Device("galaxy-a10", "2019-03", 179.0),
            Device("galaxy-a12", "2020-12", 169.0),
            Device("galaxy-a13", "2022-03", 179.0),
            Device("galaxy-a14", "2023-03", 179.0),
            Device("galaxy-a15", "2024-01", 179.0),
            Device("galaxy-a16", "2024-11", 179.0),
            Device("galaxy-a17", "2025-09", 179.9),
        ),
    ),
    Family(
        "android",
        0.15,
        (
            Device("galaxy-a50", "2019-03", 349.0),
            Device("galaxy-a52", "2021-03", 349.0),
            Device("galaxy-a53", "2022-04", 369.0),
            Device("galaxy-a54", "2023-03", 379.0),
            Device("galaxy-a35", "2024-03", 349.0),
            Device("galaxy-a36", "2025-03", 329.9),
        ),
    ),
    Family(
        "android",
        0.1,
        (
            Device("galaxy-s10", "2019-03", 759.0),
            Device("galaxy-s21", "2021-01", 799.0),
            Device("galaxy-s22", "2022-02", 799.0),
            Device("galaxy-s23", "2023-02", 849.0),
            Device("galaxy-s24", "2024-01", 829.0),
            Device("galaxy-s25", "2025-02", 799.0),
        ),
    ),
    Family(
        "ios",
        0.14,
        (
            Device("iphone-se", "2016-03", 489.0),
            Device("iphone-se-2", "2020-04", 489.0),
            Device("iphone-se-3", "2022-03", 529.0),
            Device("iphone-16e", "2025-02", 679.0),
        ),
    ),
    Family(
        "ios",
        0.17,
        (
            Device("iphone-xr", "2018-10", 789.0),
            Device("iphone-12", "2020-10", 849.0),
            Device("iphone-13", "2021-09", 869.0),
            Device("iphone-14", "2022-09", 919.0),
            Device("iphone-15", "2023-09", 899.0),
            Device("iphone-16", "2024-09", 899.0),
            Device("iphone-17", "2025-09", 969.0),
        ),
    ),
    Family(
        "android",
        0.04,
        (
            Device("pixel-4a", "2020-08", 349.0),
            Device("pixel-6a", "2022-07", 459.0),
            Device("pixel-7a", "2023-05", 489.0),
            Device("pixel-8a", "2024-05", 499.0),
            Device("pixel-9a", "2025-04", 449.0),
        ),
    ),
    Family(
        "android",
        0.03,
        (
            Device("pixel-5", "2020-10", 629.0),
            Device("pixel-6", "2021-10", 649.0),
            Device("pixel-7", "2022-10", 649.0),
            Device("pixel-8", "2023-10", 769.0),
            Device("pixel-9", "2024-08", 829.0),
            Device("pixel-10", "2025-08", 849.0),
        ),
    ),
    Family(
        "android",
        0.14,
        (
            Device("redmi-note-8", "2019-10", 199.0),
            Device("redmi-note-10", "2021-03", 199.0),
            Device("redmi-note-11", "2022-02", 199.0),
            Device("redmi-note-12", "2023-03", 199.0),
            Device("redmi-note-13", "2024-01", 199.0),
            Device("redmi-note-14", "2025-01", 199.0),
            Device("redmi-note-15", "2026-01", 199.9),
        ),
    ),
    Family(
        "android",
        0.03,
        (
            Device("oneplus-nord", "2020-08", 399.0),
            Device("nothing-phone-1", "2022-07", 429.0),
            Device("nothing-phone-2a", "2024-03", 349.0),
            Device("nothing-phone-3a", "2025-03", 329.0),
        ),
    ),
    Family(
        "android",
        0.03,
        (
            Device("fairphone-3", "2019-09", 449.0),
            Device("fairphone-4", "2021-10", 579.0),
            Device("fairphone-5", "2023-09", 699.0),
            Device("fairphone-6", "2025-06", 599.0),
        ),
    ),
)

DEVICES = tuple(device for family in FAMILIES for device in family.generations)
DEVICE_IDS = np.array([device.name for device in DEVICES], dtype=object)
DEVICE_PRICES_EUR = np.array([device.price_eur for device in DEVICES])
LAUNCHES = np.array([device.launch for device in DEVICES], dtype="datetime64[M]")
FAMILY_OF_DEVICE = np.array([number for number, family in enumerate(FAMILIES) for _ in family.generations])
FAMILY_SHARES = np.array([family.share for family in FAMILIES])
IS_IOS = np.array([family.system == "ios" for family in FAMILIES])
IS_DEAR = np.array([family.generations[-1].price_eur > 600.0 for family in FAMILIES])
NO_DEVICE = -1


def newest(family: NDArray[np.int64], month: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """The device [n] of each family [n] that was the newest on sale in each month [n]; its first one before that."""
    device = np.searchsorted(FAMILY_OF_DEVICE, family)
    for number, (home, launch) in enumerate(zip(FAMILY_OF_DEVICE, LAUNCHES, strict=True)):
        device = np.where((family == home) & (month >= launch), number, device)
    return device
