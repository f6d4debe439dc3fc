"""What the operator sells beside devices: tariffs and extras. Prices incl. VAT."""

from dataclasses import dataclass


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

EXTRAS = (
    "sms_15",
    "sms_unlimited",
    "data_5gb",
    "data_20gb",
    "data_50gb",
    "international_60min",
    "roaming_plus",
    "tv_option",
)
