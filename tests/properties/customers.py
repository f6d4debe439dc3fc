"""Random customers, wishes and scores, ordinary and absurd, for a random rulebook."""

import datetime
import math
import sys
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np

from engine.fields import CHANNELS, FIELD_BY_NAME, LANGUAGES, REASONS_FOR_CONTACT, ROLES
from engine.tables import STATED, TASTES, Cases, Response, Scores, quantise_scores
from tests.properties.responses import random_response, reaction_of
from tests.properties.rulebooks import World
from tests.slow_reference.book import open_book
from tests.slow_reference.calls import UNTOLD
from tests.slow_reference.customer import NOTHING_REFUSED, REMEMBERS_NOTHING, Customer, quantise

CHANCES = (math.nan, math.inf, -math.inf, 1e308, -1e308, -0.0, 0.0, 1.0, math.nextafter(1, 2), -1e-300, 0.5, 5e-7)
MULTIPLIERS = (math.nan, math.inf, -math.inf, 1e308, -0.0, 0.0, 1.0, 20.0, 20.0000005, sys.float_info.min / 4)
WINDOWS = (-1, 0, 1, 2, 6, 12, 24, 120, 1_000_000)
DEEPEST_SCAN_CENTS = 1_000


@dataclass(frozen=True)
class Asker:
    """One random customer: facts by name as plain values, and scores as a model would give them."""

    facts: dict[str, Any]
    p_churn: float
    window_months: int
    tastes: tuple[float, ...]
    response: Response = STATED

    def for_reference(self) -> Customer:
        """The customer as the slow reference takes it."""
        tastes = dict(zip(TASTES, self.tastes, strict=True))
        return Customer(self.facts, quantise(self.p_churn, self.window_months, tastes, reaction_of(self.response)))


def cases_of(askers: list[Asker]) -> Cases:
    """The customers as the kernel takes them."""
    columns = {}
    for name in askers[0].facts:
        column = np.empty(len(askers), dtype=_dtype(name))
        for row, asker in enumerate(askers):
            fact = asker.facts[name]
            column[row] = np.datetime64("NaT") if fact is None else fact
        columns[name] = column
    return Cases(columns)


def _dtype(name: str) -> str:
    kind = FIELD_BY_NAME[name].kind
    return {"whole": "int64", "date": "datetime64[D]", "flag": "bool", "probability": "float64"}.get(kind, "object")


def scores_of(askers: list[Asker]) -> Scores:
    """The scores of the customers, quantised as at the seam."""
    return quantise_scores(
        np.array([asker.p_churn for asker in askers]),
        np.array([asker.window_months for asker in askers]),
        np.array([asker.tastes for asker in askers]),
        np.zeros(len(askers), dtype=bool),
        [asker.response for asker in askers],
    )


def random_askers(random: Random, world: World, rows: int) -> list[Asker]:
    """Customers of one world."""
    offer_ids = [candidate.offer_id for candidate in open_book(world.documents, world.today).listed]
    askers = [_remembering(random, world, offer_ids, _asker(random, world, row)) for row in range(rows)]
    apart = Random(repr(random.getstate()))
    return [replace(asker, response=random_response(apart, world)) for asker in askers]


def _asker(random: Random, world: World, row: int) -> Asker:
    wild = random.random() < world.wildness
    tame = random.uniform(0, 0.6)
    return Asker(
        facts={"contract_id": f"c{row}", **_facts(random, world, wild)},
        p_churn=random.choice((*CHANCES, random.uniform(-0.1, 1.1))) if wild or random.random() < 0.1 else tame,
        window_months=random.choice((*WINDOWS, random.randint(1, 130))),
        tastes=tuple(random.choice(MULTIPLIERS) if wild else random.lognormvariate(0, 0.8) for _ in TASTES),
    )


def _facts(random: Random, world: World, wild: bool) -> dict[str, Any]:
    price = (
        random.choice((0, 1, 999_999, 1_000_000, random.randint(0, 1_000_000))) if wild else random.randint(300, 7_000)
    )
    cost = random.choice((0, price, 1_000_000, random.randint(0, 1_000_000))) if wild else random.randint(0, 1_500)
    devices = ["", "", "nokia-3310", *world.documents["devices.toml"]]
    facts = {
        "customer_id": f"p{random.randrange(1_000)}",
        "price_cents": price,
        "cost_to_serve_cents": cost,
        "customer_since": _day(random, world.today),
        "commitment_end": _day(random, world.today),
        "current_device": random.choice(devices),
        "device_age_months": random.choice((-1, 0, 12, 30)),
        "sms_per_month": random.choice((-1, 0, 10, 3_000)),
        "data_mb_per_month": random.choice((-1, 0, 700, 100_000_000)),
        "voice_minutes_per_month": random.choice((-1, 0, 1, 500)),
        "international_minutes_per_month": random.choice((-1, 0, 90)),
        "open_fault": random.choice(("",) * 15 + ("no network at home",)),
        "objects_to_profiling": random.random() < 0.08,
        "over_indebted": random.random() < 0.05,
        "protected_adult": random.random() < 0.03,
        "refusals_on_file": random.choice((0, 0, 1, 2, 1_000)),
        "public_complaints_on_file": random.choice((0, 0, 1)),
        "language": random.choice(LANGUAGES),
        "p_churn": random.choice((math.nan, 0.25, 0.4)),
        "p_churn_window_months": random.choice((-1, 6, 12)),
        "channel": random.choice(CHANNELS),
        "reason_for_contact": random.choice(REASONS_FOR_CONTACT),
        "role": random.choice((*ROLES, *ROLES[:3])),
    }
    return {**facts, **_calls(random, world.today), **_wish(random, world, price, devices)}


def _calls(random: Random, today: datetime.date) -> dict[str, Any]:
    """What is known of a call: nothing for some of them."""
    if random.random() < 0.3:
        return dict(UNTOLD)

    def near(days: int, chance: float) -> datetime.date | None:
        return today + datetime.timedelta(random.randint(-days, 3)) if random.random() < chance else None

    on = near(3, 0.9)
    around = on or today
    days = [around + datetime.timedelta(random.choice((-31, -30, -29, -1, 0, 1))) for _ in range(random.randint(0, 7))]
    refused = around - datetime.timedelta(random.choice((0, 59, 60, 61, 62)))
    return {
        **UNTOLD,
        "calls_made": tuple(day.isoformat() for day in days),
        "call_refused_on": refused if random.random() < 0.2 else None,
        "calls_consented_on": near(3, 0.2),
        "do_not_call": random.random() < 0.05,
        "on_do_not_call_list": random.random() < 0.1,
        "contract_ended_on": near(3, 0.5),
        "best_tariff_notice_on": near(3, 0.3),
        "call_on": on,
        "call_minute": random.choice((-1, 599, 600, 779, 780, 839, 840, 1_199, 1_200)) if on else -1,
        "call_zone": "Europe/Paris",
        "public_holidays": (around.isoformat(),) if random.random() < 0.1 else (),
        "call_asked_for": random.random() < 0.1,
    }


def _wish(random: Random, world: World, price: int, devices: list[str]) -> dict[str, Any]:
    known = list(world.documents["offers.toml"]["extras"])
    needs = random.sample([*known, "teleport"], random.choice((0, 0, 0, 1, 1, 2)))
    device = random.choice([""] * 6 + devices)
    is_known = device in world.documents["devices.toml"]
    near = random.randint(0, min(price, random.choice((20, 20, 300, DEEPEST_SCAN_CENTS))))
    anywhere = random.choice((-1, 0, price, price + 1, 1_000_000)) if is_known or price <= DEEPEST_SCAN_CENTS else -1
    return {
        "wants_device": device,
        "wants_max_commitment_months": random.choice((-1, -1, -1, 0, 1, 12, 18, 24)),
        "wants_max_monthly_cents": random.choice((-1, -1, -1, price - near, anywhere)),
        "wants_max_upfront_cents": random.choice((-1, -1, -1, 0, random.randint(0, 40_000), 10_000_000)),
        "wants_needs": tuple(needs),
    }


def _remembering(random: Random, world: World, offer_ids: list[str], asker: Asker) -> Asker:
    """The customer with what the case remembers: nothing for most."""
    remembers = random.random() < 0.25
    memory = _memory(random, [*world.documents["devices.toml"], "nokia-3310"], offer_ids) if remembers else {}
    return replace(asker, facts={**asker.facts, **REMEMBERS_NOTHING, **memory})


def _memory(random: Random, devices: list[str], offer_ids: list[str]) -> dict[str, Any]:
    wished = [f"wish.{device}.{months}m.top{cents:06d}" for device in devices for months in (0, 12) for cents in (0, 9)]
    sold_out = _some(random, devices, 2)
    if random.random() < 0.3:
        return {"sold_out": sold_out, "unkept_promise": random.choice(("", "", "", "a call back on 2026-11-20"))}
    return {
        "sold_out": sold_out,
        "refused_offers": _some(random, [*offer_ids, *wished, "gone.12m"], 6),
        "unwanted_devices": _some(random, devices, 1),
        "least_worth_micro": random.choice((NOTHING_REFUSED, NOTHING_REFUSED, 0, random.randint(-(10**9), 10**9))),
        "steps_taken": random.choice((0, 1, 1, 2, 2, 3, 1_000)),
        "account_granted_cents": random.choice((0, 0, random.randint(0, 60_000), random.randint(0, 60_000), 10**9)),
    }


def _some(random: Random, names: list[str], most: int) -> tuple[str, ...]:
    return tuple(random.sample(names, random.randint(0, min(most, len(names)))))


def _day(random: Random, today: datetime.date) -> datetime.date | None:
    absurd = (datetime.date.min, datetime.date.max, today, today - datetime.timedelta(1), today + datetime.timedelta(1))
    near = today + datetime.timedelta(random.randint(-4_000, 1_000))
    return random.choice((None, None, near, near, near, near, random.choice(absurd)))
