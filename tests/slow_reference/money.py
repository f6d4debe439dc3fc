"""Money in the slow reference: whole cents, and the roundings that docs/arithmetic.md names."""

MICRO = 1_000_000


def half_up(numerator: int, denominator: int) -> int:
    """A quotient rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def down(numerator: int, denominator: int) -> int:
    """A quotient rounded down."""
    return numerator // denominator


def up(numerator: int, denominator: int) -> int:
    """A quotient rounded up."""
    return -(-numerator // denominator)


def net(gross_cents: int, vat_micro: int) -> int:
    """A price without its VAT."""
    return half_up(gross_cents * MICRO, MICRO + vat_micro)
