"""Small random worlds in which an offer is often possible and its limits lie a cent from what is offered.

The policy, the law, the levers and the customers stay those of `random_world`; goods are worth more than they cost, and
in most worlds floors and authority are moved to the very numbers of one candidate, one cent to this side or that.
"""

from dataclasses import replace
from math import prod
from random import Random
from typing import Any

from engine.catalogue import LEVERS
from engine.policy import NUMBERS, ROLES_THAT_OFFER
from tests.properties.customers import Asker, random_askers
from tests.properties.rulebooks import Documents, World, random_world, with_numbers
from tests.slow_reference.book import open_book
from tests.slow_reference.verdicts import Weighed, judge

MOST_CANDIDATES, MOST_DRAWS = 11, 4
MOVED = {"HOUSE-FLOOR-CENTS", "HOUSE-FLOOR-SHARE", "HOUSE-AUTHORITY", "FR-TWIN12", "FR-TWINGAP"}
CENTS_OFF = (0, 0, 0, 0, 0, -1, -1, -1, -100, 1)
MOST_CENTS = {"top_up_cents": 9_000, "discount_cents": 300, "credit_cents": 3_000}
EASY = {
    "hassle_log_odds": (-1.0, 1.0),
    "euro_log_odds": (0.1, 1.0),
    "monthly_leaving_after_accepting_share": (0.0, 0.015),
    "monthly_leaving_uncontacted_share": (0.01, 0.05),
    "monthly_leaving_after_refusing_share": (0.01, 0.03),
}
WISHED_LIMITS = ("wants_max_commitment_months", "wants_max_monthly_cents", "wants_max_upfront_cents")


def kinder_world(random: Random, customers: int) -> tuple[World, list[Asker]]:
    """A world and its customers: one, and the others, who are like the first but for some of their facts."""
    for _ in range(MOST_DRAWS):
        world = _drawn(random)
        first, *others = [_worth_keeping(random, world, asker) for asker in random_askers(random, world, customers)]
        within_reach = _within_reach(world, first)
        if within_reach:
            break
    if within_reach and random.random() < 0.95:
        world = replace(world, documents=with_numbers(world.documents, _at(random, within_reach)))
    return world, [first, *(_alike(random, first, other) for other in others)]


def _drawn(random: Random) -> World:
    world = random_world(random)
    documents = _small(random, _worthwhile(random, world.documents))
    if random.random() < 0.9:
        documents = with_numbers(documents, _easily_won(random))
    return replace(world, documents=documents)


def _within_reach(world: World, asker: Asker) -> list[Weighed]:
    """The candidates that nothing refuses but floors, authority and a missing twin."""
    book = open_book(world.documents, world.today)
    return [one.weighed for one in judge(book, book.listed, asker.for_reference()) if one.refused_by <= MOVED]


def _worthwhile(random: Random, documents: Documents) -> Documents:
    """The same goods, in stock more often, most of them worth more than they cost."""
    offers, devices = documents["offers.toml"], documents["devices.toml"]
    extras = {
        name: {**extra, "cost_cents": random.randint(0, 120), "worth_cents": random.randint(0, 1_500)}
        for name, extra in offers["extras"].items()
    }
    stocked = {name: {**device, "stock": random.choice((0, 1, 5, *[300] * 7))} for name, device in devices.items()}
    return {**documents, "offers.toml": {**offers, "extras": extras}, "devices.toml": stocked}


def _small(random: Random, documents: Documents) -> Documents:
    """The same catalogue, shortened to a few candidates and conditions; no lever loses its kind."""
    offers = documents["offers.toml"]
    kept: list[dict[str, Any]] = []
    total = 0
    for offer in offers["offer"]:
        short = {**offer, **{lever: offer[lever][:2] for lever in LEVERS if lever in offer and len(offer[lever]) > 2}}
        if random.random() < 0.7:
            short.pop("conditions", None)
        if short["commitment_months"] == [24]:
            short["commitment_months"] = random.choice(([24], [12, 24], [12, 24]))
        short["standard"] = random.random() < 0.4
        for lever, most in MOST_CENTS.items():
            if lever in short and random.random() < 0.8:
                short[lever] = list(dict.fromkeys(cents % most for cents in short[lever]))
        size = prod(len(short.get(lever, [0])) for lever in LEVERS)
        if total + size <= MOST_CANDIDATES or not kept:
            total += size
            kept.append(short)
    return {**documents, "offers.toml": {**offers, "offer": kept}}


def _easily_won(random: Random) -> dict[str, Any]:
    """Numbers of policy under which a customer who gains a little is likely to stay; shares of six decimals."""
    cents = {"commitment_worth_cents": 40, "handling_cents": 500, "contact_cost_cents": 200}
    drawn = {name: random.randint(0, most) for name, most in cents.items()}
    return drawn | {name: round(random.uniform(low, high), 6) for name, (low, high) in EASY.items()}


def _worth_keeping(random: Random, world: World, asker: Asker) -> Asker:
    """The same customer, who pays well, may leave and states fewer limits: nine times in ten."""
    if random.random() < 0.1:
        return asker
    price = random.randint(1_000, 7_000)
    facts = {**asker.facts, "price_cents": price, "cost_to_serve_cents": random.randint(0, price // 4)}
    facts["current_device"] = random.choice(["", *world.documents["devices.toml"]])
    facts["role"] = random.choice(ROLES_THAT_OFFER)
    facts["open_fault"] = random.choice(("", "", "", facts["open_fault"]))
    facts["steps_taken"] = random.choice((0, 0, facts["steps_taken"]))
    for name in WISHED_LIMITS:
        facts[name] = random.choice((-1, -1, facts[name])) if facts[name] <= price else -1
    return replace(asker, facts=facts, p_churn=random.choice((asker.p_churn, random.uniform(0.2, 0.9))))


def _alike(random: Random, first: Asker, other: Asker) -> Asker:
    """The first customer with some facts of another."""
    taken = {name: fact for name, fact in other.facts.items() if name == "contract_id" or random.random() < 0.15}
    return replace(random.choice((first, first, other)), facts={**first.facts, **taken})


def _at(random: Random, wanted: list[Weighed]) -> dict[str, Any]:
    """Limits that some candidates just keep and others just break."""
    floors = sorted(one.secured_cents for one in wanted)
    depths = sorted(max(0, one.depth_cents) for one in wanted)
    floor = floors[random.randrange(len(floors) // 3 + 1)] + random.choice(CENTS_OFF)
    depth = depths[-1 - random.randrange(len(depths) // 3 + 1)] - random.choice(CENTS_OFF)
    limits = {f"floor_cents_{months}": floor for months in (0, 12, 24)}
    limits |= {f"depth_cents_{role}": depth for role in ROLES_THAT_OFFER}
    limits["floor_share"] = random.choice((0.0, 0.0, 0.02, 0.1))
    return {name: min(max(value, NUMBERS[name].low), NUMBERS[name].high) for name, value in limits.items()}
