"""The rules in the order of their bits, with the file of their numbers, as docs and records know them."""

from engine.rules import BIT, BITS, LIMITS, RULES, refusing_rules

POLICY, OFFERS, DEVICES = "policy.toml", "offers.toml", "devices.toml"
EU, FR, BE = "law-eu.toml", "law-fr.toml", "law-be.toml"
LIMITS_IN_ORDER = [
    ("HOUSE-REPAIR-FIRST", POLICY),
    ("HOUSE-PROMISE-FIRST", POLICY),
    ("GDPR-21", EU),
    ("HOUSE-DND", POLICY),
    ("BE-DNCM", BE),
    ("FR-PORT", FR),
    ("FR-CALL-OPTIN", FR),
    ("EU-BEST", EU),
    ("FR-CALL-60", FR),
    ("FR-CALL-N", FR),
    ("FR-CALL-H", FR),
    ("AIA-5", EU),
    ("HOUSE-CATALOGUE", OFFERS),
    ("HOUSE-ELIGIBLE", OFFERS),
    ("HOUSE-TRADE-IN", DEVICES),
    ("HOUSE-STOCK", DEVICES),
    ("HOUSE-SHOP-PRICE", DEVICES),
    ("HOUSE-PRICE", OFFERS),
    ("HOUSE-MONTH", POLICY),
    ("HOUSE-SHORTENS", POLICY),
    ("FR-MAX24", FR),
    ("BE-24", BE),
    ("EU-24", EU),
    ("BE-VOID", BE),
    ("FR-PERF", FR),
    ("HOUSE-FLOOR-CENTS", POLICY),
    ("HOUSE-FLOOR-SHARE", POLICY),
    ("HOUSE-AUTHORITY", POLICY),
    ("HOUSE-ACCOUNT", POLICY),
    ("FR-TWIN12", FR),
    ("FR-TWINGAP", FR),
]
OTHERS_IN_ORDER = [
    ("LADDER-OVER", POLICY),
    ("LADDER-REFUSED", POLICY),
    ("LADDER-BETTER", POLICY),
    ("WORTH-NOTHING", POLICY),
    ("BEYOND-LIMIT", POLICY),
    ("BELOW-NOTHING", POLICY),
]


def test_each_rule_has_its_place_and_the_file_of_its_numbers() -> None:
    assert [(rule.id, rule.source) for rule in RULES] == LIMITS_IN_ORDER + OTHERS_IN_ORDER


def test_each_place_is_a_bit_of_a_verdict() -> None:
    names = [name for name, _ in LIMITS_IN_ORDER + OTHERS_IN_ORDER]
    assert BITS.tolist() == [2**place for place in range(37)]
    assert {name: place for place, name in enumerate(names)} == BIT
    assert refusing_rules(0) == []
    assert refusing_rules(2**0 + 2**5 + 2**36) == ["HOUSE-REPAIR-FIRST", "FR-PORT", "BELOW-NOTHING"]


def test_the_hard_limits_are_those_before_the_end_of_the_ladder() -> None:
    assert LIMITS == 2**31 - 1
    assert refusing_rules(LIMITS) == [name for name, _ in LIMITS_IN_ORDER]
