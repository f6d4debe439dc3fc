"""What is sold in the market: tariffs, devices by family and generation, options. Prices incl. VAT."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tariff:
    """One tariff: what it is called, its list price, its data allowance, the rival's tier it is compared with."""

    name: str
    price_eur: float
    data_gb: float
    tier: int
    share: float
    on_sale: bool


TARIFFS = (
    Tariff("Mini 1 Go", 6.99, 1, 0, 0.12, True),
    Tariff("Série 40 Go", 11.99, 40, 1, 0.22, True),
    Tariff("Confort 100 Go", 17.90, 100, 2, 0.24, True),
    Tariff("Liberté 200 Go", 23.99, 200, 3, 0.22, True),
    Tariff("Premium 300 Go", 33.99, 300, 4, 0.14, True),
    Tariff("Premium Monde", 47.99, 500, 4, 0.06, True),
    Tariff("Origine 2 h", 9.90, 0.2, 0, 0.16, False),
    Tariff("Classique 10 Go", 17.90, 10, 1, 0.36, False),
    Tariff("Zen 20 Go", 25.90, 20, 1, 0.28, False),
    Tariff("Intégral 60 Go", 37.90, 60, 2, 0.20, False),
)

Generation = tuple[str, str, float]
"""A device id, the month it came out, its shop price in EUR."""

FAMILIES: tuple[tuple[str, float, tuple[Generation, ...]], ...] = (
    ("android", 0.17, (("galaxy-a12", "2020-12", 169), ("galaxy-a13", "2022-03", 179), ("galaxy-a14", "2023-03", 179),
                       ("galaxy-a15", "2024-01", 179), ("galaxy-a16", "2024-11", 179), ("galaxy-a17", "2025-09", 179.90))),
    ("android", 0.15, (("galaxy-a52", "2021-03", 349), ("galaxy-a53", "2022-04", 369), ("galaxy-a54", "2023-03", 379),
                       ("galaxy-a35", "2024-03", 349), ("galaxy-a36", "2025-03", 329.90))),
    ("android", 0.10, (("galaxy-s21", "2021-01", 799), ("galaxy-s22", "2022-02", 799), ("galaxy-s23", "2023-02", 849),
                       ("galaxy-s24", "2024-01", 829), ("galaxy-s25", "2025-02", 799))),
    ("ios", 0.14, (("iphone-se-2", "2020-04", 489), ("iphone-se-3", "2022-03", 529), ("iphone-16e", "2025-02", 679))),
    ("ios", 0.17, (("iphone-12", "2020-10", 849), ("iphone-13", "2021-09", 869), ("iphone-14", "2022-09", 919),
                   ("iphone-15", "2023-09", 899), ("iphone-16", "2024-09", 899), ("iphone-17", "2025-09", 969))),
    ("android", 0.04, (("pixel-6a", "2022-07", 459), ("pixel-7a", "2023-05", 489), ("pixel-8a", "2024-05", 499),
                       ("pixel-9a", "2025-04", 449))),
    ("android", 0.03, (("pixel-6", "2021-10", 649), ("pixel-7", "2022-10", 649), ("pixel-8", "2023-10", 769),
                       ("pixel-9", "2024-08", 829), ("pixel-10", "2025-08", 849))),
    ("android", 0.14, (("redmi-note-10", "2021-03", 199), ("redmi-note-11", "2022-02", 199), ("redmi-note-12", "2023-03", 199),
                       ("redmi-note-13", "2024-01", 199), ("redmi-note-14", "2025-01", 199), ("redmi-note-15", "2026-01", 199.90))),
    ("android", 0.03, (("nothing-phone-1", "2022-07", 429), ("nothing-phone-2a", "2024-03", 349),
                       ("nothing-phone-3a", "2025-03", 329))),
    ("android", 0.03, (("fairphone-3", "2019-09", 449), ("fairphone-4", "2021-10", 579), ("fairphone-5", "2023-09", 699),
                       ("fairphone-6", "2025-06", 599))),
)  # fmt: skip

DEVICES: tuple[Generation, ...] = tuple(device for _, _, line in FAMILIES for device in line)
FAMILY_OF_DEVICE = np.array([family for family, (_, _, line) in enumerate(FAMILIES) for _ in line])
BRAND_OF_FAMILY = np.array([brand for brand, _, _ in FAMILIES])
FAMILY_SHARES = np.array([share for _, share, _ in FAMILIES])
LAUNCHES = np.array([month for _, month, _ in DEVICES], dtype="datetime64[M]")
DEVICE_IDS = np.array([name for name, _, _ in DEVICES], dtype=object)
DEVICE_PRICES_EUR = np.array([price for _, _, price in DEVICES])
NO_DEVICE = -1

EXTRAS = ("sms_15", "sms_unlimited", "data_5gb", "data_20gb", "data_50gb", "international_60min", "roaming_plus", "tv_option")


def newest(family: NDArray[np.int64], month: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """The device [n] of each family [n] that was the newest on sale in each month [n]; its first one before that."""
    device = np.array([np.flatnonzero(FAMILY_OF_DEVICE == number)[0] for number in range(len(FAMILIES))])[family]
    for number, (home, launch) in enumerate(zip(FAMILY_OF_DEVICE, LAUNCHES, strict=True)):
        device = np.where((family == home) & (month >= launch), number, device)
    return device
