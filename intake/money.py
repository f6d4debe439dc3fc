"""Amounts of any declared unit as integer cents, rounded once, half up."""

from decimal import Decimal

import polars as pl

from intake.source_checks import NET_FACTS

MICRO = 1_000_000
MOST_MICRO = 10**12
BASIS = 10_000


def to_cents(micro: pl.Series, unit: str, fact: str, vat_percent: Decimal | None) -> pl.Series:
    """Millionths of `unit` as the cents of `fact` (net for a cost, else incl. VAT); null above 10^6 units or missing.

    One rounding, half up: n / d is (2 n + d) // 2 d, exact in 64 bits.
    """
    bounded = micro.set((micro.abs() > MOST_MICRO).fill_null(False), None)
    factor = 100 if unit.startswith("EUR") else 1
    above, below = _vat_ratio("net" in unit, fact in NET_FACTS, vat_percent)
    return (2 * (bounded * factor * above) + MICRO * below) // (2 * MICRO * below)


def _vat_ratio(is_net: bool, wants_net: bool, vat_percent: Decimal | None) -> tuple[int, int]:
    if is_net == wants_net or vat_percent is None:
        return 1, 1
    with_vat = BASIS + int(vat_percent * 100)
    return (with_vat, BASIS) if is_net else (BASIS, with_vat)
