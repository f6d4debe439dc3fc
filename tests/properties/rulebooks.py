"""Random rulebooks: the house's own numbers over their whole range, and small catalogues with every lever."""

import copy
import datetime
import json
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from math import prod
from pathlib import Path
from random import Random
from typing import Any

from engine.catalogue import LEVERS
from engine.fields import LANGUAGES
from engine.rulebook import Rulebook
from tests.properties.tariffs import random_tariffs

RULEBOOK = Path(__file__).parents[2] / "rulebook"
LAW = ("law-eu.toml", "law-fr.toml", "law-be.toml")
TEXTS = tuple(f"texts/{name}.toml" for name in LANGUAGES)
FILES = ("policy.toml", "offers.toml", "devices.toml", "tariffs.toml", *LAW, *TEXTS)
BEGINNING = datetime.date(2000, 1, 1)
KINDS = ("device", "trade_in", "discount", "extras", "credit", "service")
MOST_CANDIDATES = 60

CHANCES = ("control_share", "control_months", "explore_share", "near_value_cents", "chance_salt")

Documents = dict[str, dict[str, Any]]


@cache
def house_documents() -> Documents:
    """The rulebook that ships, parsed."""
    return {name: tomllib.loads((RULEBOOK / name).read_text("utf-8")) for name in FILES}


@dataclass(frozen=True)
class World:
    """A random rulebook and the day it is asked on; `wildness` is the share of numbers taken from anywhere."""

    documents: Documents
    today: datetime.date
    wildness: float

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook as the kernel takes it."""
        return as_rulebook(self.documents)


def as_rulebook(documents: Documents) -> Rulebook:
    """Parsed files as a rulebook; their texts are JSON, which only the digest reads."""
    return Rulebook({name: json.dumps(document, default=str) for name, document in documents.items()}, documents)


def with_numbers(documents: Documents, numbers: dict[str, Any]) -> Documents:
    """The same rulebook with some numbers of policy set for all days."""
    policy = dict(documents["policy.toml"])
    for name, value in numbers.items():
        policy[name] = {**policy[name], "values": [{"from": BEGINNING, "value": value}]}
    return {**documents, "policy.toml": policy}


def without_chance(world: World) -> World:
    """The same world with nothing left to chance: no control group, no exploring."""
    return replace(world, documents=with_numbers(world.documents, {"control_share": 0.0, "explore_share": 0.0}))


def random_world(random: Random) -> World:
    """A rulebook and a day between 2010 and 2030."""
    wildness = random.choice((0.0, 0.05, 0.05, 0.2, 0.2, 0.6))
    today = datetime.date(2010, 1, 1) + datetime.timedelta(random.randrange(21 * 365))
    devices = _devices(random, wildness)
    texts = {name: house_documents()[name] for name in FILES if name.startswith("texts/")}
    documents = {
        "policy.toml": {
            **{name: _dated(random, entry, wildness) for name, entry in _policy().items() if name not in CHANCES},
            **_chances(Random(repr(random.getstate()))),
        },
        "offers.toml": _offers(random, wildness, devices, today),
        "devices.toml": devices,
        "tariffs.toml": random_tariffs(Random(repr(random.getstate())), today),
        **_law(random),
        **texts,
    }
    return World(documents, today, wildness)


def _policy() -> dict[str, Any]:
    return house_documents()["policy.toml"]


def _chances(random: Random) -> dict[str, Any]:
    """What is left to chance, from nothing to everything, by dice of its own: other numbers stay what they were."""
    switched_on = random.random() < 0.7
    numbers = {
        "control_share": random.choice((0.0, 0.05, 0.25, round(random.random() / 2, 6))) if switched_on else 0.0,
        "control_months": random.choice((1, 5, 6, 12, random.randint(1, 60))),
        "explore_share": random.choice((0.0, 0.000_003, 0.3, 0.5, round(random.random() / 2, 6)))
        if switched_on
        else 0.0,
        "near_value_cents": random.choice((0, 1, 500, 10_000, random.randint(0, 10_000))),
        "chance_salt": random.choice((0, random.randrange(10**15))),
    }
    return with_numbers({"policy.toml": {name: _policy()[name] for name in CHANCES}}, numbers)["policy.toml"]


def _dated(random: Random, entry: dict[str, Any], wildness: float) -> dict[str, Any]:
    first = {"from": BEGINNING, "value": _value(random, entry, wildness)}
    if random.random() > 0.1:
        return {**entry, "values": [first]}
    turning = datetime.date(random.randint(2009, 2031), random.randint(1, 12), random.randint(1, 28))
    return {**entry, "values": [first, {"from": turning, "value": _value(random, entry, wildness)}]}


def _value(random: Random, entry: dict[str, Any], wildness: float) -> Any:
    usual = entry["values"][0]["value"]
    if "choices" in entry:
        return random.choice(entry["choices"])
    low, high = entry["range"]
    if random.random() < wildness:
        anywhere = random.choice(
            (low, high, low + 1, high - 1, 0, random.uniform(low, high), random.uniform(low, high))
        )
    elif not usual and random.random() < 0.3:
        anywhere = random.uniform(0, high / 10)
    else:
        anywhere = usual * random.choice((1, 1, random.uniform(0.3, 2.0)))
    bounded = min(max(anywhere, low), high)
    return round(float(bounded), 6) if isinstance(usual, float) else round(bounded)


def _law(random: Random) -> dict[str, Any]:
    documents = copy.deepcopy({name: house_documents()[name] for name in LAW})
    belgium, union = documents["law-be.toml"], documents["law-eu.toml"]
    for rule in (belgium["BE-24"], union["EU-24"]):
        if random.random() < 0.1:
            rule["values"][0]["months"] = random.choice((0, 6, 12, 23, 24))
    if random.random() < 0.2:
        belgium["BE-6M"]["values"][0]["free_after_months"] = random.choice((0, 1, 12, 13, 24))
    for name in ("BE-6M", "BE-DEV", "BE-VOID"):
        if random.random() < 0.05:
            del belgium[name]
    return {**documents, "law-fr.toml": _french_law(random, documents["law-fr.toml"])}


def _french_law(random: Random, law: dict[str, Any]) -> dict[str, Any]:
    for name in ("FR-DEBT", "FR-PERF", "FR-TWINGAP"):
        if random.random() < 0.05:
            del law[name]
    law["FR-VAT"]["values"] = [{"from": BEGINNING, "share": random.choice((0.2, 0.2, 0.2, 0.196, 0.21, 0.055, 0.0))}]
    for name in ("FR-EXIT-A", "FR-EXIT-B", "FR-EXIT-C"):
        if random.random() < 0.15:
            law[name]["values"][0]["share"] = random.choice((0.0, 0.1, 0.333333, 1.0))
        if random.random() < 0.1:
            law[name]["values"][0]["free_after_months"] = random.choice((0, 6, 11, 13, 18, 24))
        if random.random() < 0.05:
            del law[name]
    for name in ("FR-MAX24", "FR-TWIN12"):
        if random.random() < 0.1:
            law[name]["values"][0]["months"] = random.choice((0, 6, 12, 23, 24))
    if random.random() < 0.05:
        law["FR-TWIN12"]["values"] = [
            {"from": datetime.date(2020, 1, 1), "to": datetime.date(2024, 1, 1), "months": 12}
        ]
    return law


def _cents(random: Random, usual: int, wildness: float) -> int:
    if random.random() < wildness:
        return random.choice((0, 1, 10 * usual, 1_000_000, random.randint(0, 1_000_000)))
    return random.randint(0, usual)


def _devices(random: Random, wildness: float) -> dict[str, Any]:
    devices = {}
    for number in range(random.randint(1, 4)):
        cost = _cents(random, 60_000, wildness)
        device = {
            "says": f"Phone {number}",
            "cost_cents": cost,
            "price_cents": random.choice((cost * 3 // 2, cost, _cents(random, 90_000, wildness))),
            "stock": random.choice((0, 1, 5, 300)),
        }
        if random.random() < 0.9:
            device["agreed_value_cents"] = random.choice(
                (cost, device["price_cents"], _cents(random, 90_000, wildness))
            )
        if random.random() < 0.5:
            device["trade_in"] = {
                "credit_cents": _cents(random, 20_000, wildness),
                "resale_cents": _cents(random, 20_000, wildness),
            }
        devices[f"phone-{number}"] = device
    return devices


def _offers(random: Random, wildness: float, devices: dict[str, Any], today: datetime.date) -> dict[str, Any]:
    extras = {}
    for number in range(random.randint(1, 5)):
        extras[f"extra_{number}"] = {
            "says": dict.fromkeys(LANGUAGES, f"extra {number}"),
            "cost_cents": _cents(random, 250, wildness),
            "worth_cents": _cents(random, 500, wildness),
            "taste": random.choice(("data", "sms", "international", "service")),
        }
    templates: list[dict[str, Any]] = []
    taken_back = [name for name in sorted(devices) if "trade_in" in devices[name]]
    total = 0
    for number in range(random.randint(2, 9)):
        template = _template(random, wildness, (sorted(devices), taken_back, sorted(extras)))
        size = prod(len(template.get(lever, [0])) for lever in LEVERS)
        if total + size <= MOST_CANDIDATES or not templates:
            total += size
            dates = {name: _near(random, today) for name in ("valid_from", "valid_to") if random.random() < 0.1}
            templates.append({"id": f"offer-{number}", **template, **dates})
    wish = random.choice(([0, 12, 24], [0, 12, 24], [12, 24], [24], [24, 0], [12]))
    conditions = random.choice(([], [], [], [{"fact": "tenure_months", "at_least": random.choice((1, 12, 60))}]))
    return {"extras": extras, "wish": {"commitment_months": wish, "conditions": conditions}, "offer": templates}


def _near(random: Random, today: datetime.date) -> datetime.date:
    return today + datetime.timedelta(random.choice((-400, -1, 0, 0, 1, 400)))


def _template(random: Random, wildness: float, goods: tuple[list[str], list[str], list[str]]) -> dict[str, Any]:
    devices, taken_back, extras = goods
    template: dict[str, Any] = {
        "kind": random.choice(KINDS),
        "says": dict.fromkeys(LANGUAGES, random.choice((*["an offer"] * 19, "it cannot be cancelled"))),
        "commitment_months": random.choice(([0], [12], [24], [12, 24], [12, 24], [24, 12], [0, 12, 24])),
    }
    if random.random() < 0.5:
        template["devices"] = random.sample(devices, random.randint(1, min(2, len(devices))))
        template["top_up_cents"] = _several(random, 60_000, wildness, 4)
    if taken_back and random.random() < 0.25:
        template["trade_in"] = random.sample(taken_back, 1)
    if random.random() < 0.4:
        template["discount_cents"] = _several(random, 1_000, wildness, 3)
        if random.random() < 0.3:
            template["discount_months"] = random.randint(1, 24)
    if random.random() < 0.2:
        template["credit_cents"] = _several(random, 5_000, wildness, 2)
    if random.random() < 0.5:
        template["extras"] = _sets(random, extras)
    for mark, share in (("standard", 0.2), ("entitlement", 0.12)):
        if random.random() < share:
            template[mark] = True
    if random.random() < 0.2:
        template["commitment_starts"] = random.choice(("today", "after_current", "after_current"))
    if random.random() < 0.4:
        template["conditions"] = [_condition(random) for _ in range(random.randint(1, 2))]
    return template


def _several(random: Random, usual: int, wildness: float, most: int) -> list[int]:
    return list(dict.fromkeys(_cents(random, usual, wildness) for _ in range(random.randint(1, most))))


def _sets(random: Random, extras: list[str]) -> list[list[str]]:
    drawn = [random.sample(extras, random.randint(0, min(3, len(extras)))) for _ in range(random.randint(1, 3))]
    return list({frozenset(one): one for one in drawn}.values())


def _condition(random: Random) -> dict[str, Any]:
    if random.random() < 0.2:
        return {"any_of": [_plain_condition(random) for _ in range(random.randint(1, 3))]}
    return _plain_condition(random)


def _plain_condition(random: Random) -> dict[str, Any]:
    day = datetime.date(random.randint(2005, 2030), random.randint(1, 12), random.randint(1, 28))
    months = random.choice((0, 1, 6, 12, 24, 60))
    count = random.choice((0, 1, 2, 10, 500))
    return random.choice(
        (
            {"fact": "tenure_months", "at_least": months},
            {"fact": "tenure_months", "at_most": months},
            {"fact": "remaining_months", "at_most": months},
            {"fact": "price_cents", "at_least": 1_000, "at_most": 5_000},
            {"fact": "device_age_months", "at_least": months},
            {"fact": "data_mb_per_month", "at_least": count},
            {"fact": "sms_per_month", "at_most": count},
            {"fact": "voice_minutes_per_month", "equals": count},
            {"fact": "refusals_on_file", "one_of": [0, 2, count]},
            {"fact": "public_complaints_on_file", "equals": 0},
            {"fact": "customer_since", "at_least": day},
            {"fact": "commitment_end", "at_most": day},
            {"fact": "current_device", "one_of": ["phone-0", "phone-1", ""]},
            {"fact": "current_device", "equals": "phone-0"},
            {"fact": "language", "equals": "nl"},
            {"fact": "objects_to_profiling", "equals": random.random() < 0.5},
            {"fact": "international_minutes_per_month", "at_most": count},
            {"fact": "language", "one_of": ["fr", "en"]},
            {"fact": "open_fault", "equals": ""},
        )
    )
