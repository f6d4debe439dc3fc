"""What no answer may hold, read from the texts of the law and of the house: the kernel's own numbers are not asked.

Every figure here is worked out again from the terms that the answer itself states.
"""

import calendar
import datetime
import itertools
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from random import Random
from typing import Any

import pytest

from engine.answers import write_answer
from engine.decide import decide
from tests.properties.customers import Asker, cases_of, random_askers, scores_of
from tests.properties.kinder_worlds import kinder_world
from tests.properties.rulebooks import World, as_rulebook, house_documents, random_world, with_numbers

Offer = dict[str, Any]
WORLDS, ROWS, PARTS = 25, 16, 3
LONG_ROWS, LONG_PARTS, JUDGED_AT_LEAST = 60, 4, 20_000


@pytest.mark.parametrize("part", range(PARTS))
def test_no_answer_breaks_a_limit(part: int) -> None:
    seeds = range(50_000 + part * WORLDS, 50_000 + (part + 1) * WORLDS)
    print(f"seeds {seeds.start} to {seeds.stop - 1}, {ROWS} customers each")
    for seed in seeds:
        random = Random(seed)
        world = random_world(random)
        judge_answers(world, random_askers(random, world, ROWS), seed)


@pytest.mark.long
@pytest.mark.parametrize("part", range(LONG_PARTS))
def test_offers_stay_within_authority_and_the_longest_commitment_twenty_thousand_times_each(part: int) -> None:
    judged, first = Counter[str](authority=0, commitment=0), 100_000 * (part + 1)
    for seed in itertools.count(first):
        judged += judge_answers(*kinder_world(Random(seed), LONG_ROWS), seed)
        if min(judged["authority"], judged["commitment"]) * LONG_PARTS >= JUDGED_AT_LEAST:
            break
    print(f"seeds {first} to {seed}, {LONG_ROWS} customers each: {judged}")


def judge_answers(world: World, askers: list[Asker], seed: int) -> Counter[str]:
    """Looks for breaches in every answer; returns how many offers each of two limits was asked of."""
    judged = Counter[str]()
    decisions = decide(cases_of(askers), scores_of(askers), world.rulebook, world.today)
    for row, asker in enumerate(askers):
        answer = write_answer(decisions, row)
        assert not sorted(set(breaches(world, asker, answer))), f"seed {seed}, row {row}"
        judged["authority"] += len(answer["offers"])
        judged["commitment"] += sum(offer["commitment_months"] > 0 for offer in answer["offers"])
    return judged


def test_answers_given_under_looser_numbers_are_caught() -> None:
    loose = {"floor_share": 0.0, "depth_cents_agent": 1_000_000, "depth_cents_supervisor": 1_000_000}
    loose |= {f"floor_cents_{months}": -100_000 for months in (0, 12, 24)}
    caught: set[str] = set()
    for seed in range(60_000, 60_020):
        random = Random(seed)
        world = random_world(random)
        askers = random_askers(random, world, ROWS)
        documents = with_numbers(world.documents, loose)
        plenty = {name: {**device, "stock": 1} for name, device in documents["devices.toml"].items()}
        law = {name: rule for name, rule in documents["law-fr.toml"].items() if name != "FR-TWIN12"}
        rulebook = as_rulebook({**documents, "devices.toml": plenty, "law-fr.toml": law})
        decisions = decide(cases_of(askers), scores_of(askers), rulebook, world.today)
        for row, asker in enumerate(askers):
            caught |= set(breaches(world, asker, write_answer(decisions, row)))
    limits = {"below the floor in cents", "below the floor as a share", "above the authority of the role"}
    assert limits | {"a device that is not there", "a long offer without its twin"} <= caught


def breaches(world: World, asker: Asker, answer: dict[str, Any]) -> Iterator[str]:
    """Everything in an answer that must not be there."""
    offers, dues = answer["offers"], answer["entitlements"]
    if asker.facts["open_fault"] and (offers or dues or answer["stance"] != "repair_first"):
        yield "something for sale while a fault is open"
    if len(offers) > 3 or len({offer["kind"] for offer in offers}) < len(offers):
        yield "more than three offers, or two of a kind"
    templates = {template["id"]: template for template in world.documents["offers.toml"]["offer"]}
    for offer in (*offers, *dues):
        template = templates.get(offer["template"], {})
        vulnerable = dated(world, "law-eu.toml", "AIA-5") and (
            asker.facts["over_indebted"] or asker.facts["protected_adult"]
        )
        if (asker.facts["objects_to_profiling"] or vulnerable) and not (
            template.get("standard") or template.get("entitlement")
        ):
            yield "a personal offer to one who may not be profiled"
        yield from _breaches_of_terms(world, asker, offer)
        yield from _breaches_of_margin(world, asker, offer)
        yield from _breaches_of_twin(world, asker, offer)
    for offer in offers:
        yield from _breaches_of_authority(world, asker, offer)


def _breaches_of_terms(world: World, asker: Asker, offer: Offer) -> Iterator[str]:
    months, today = offer["commitment_months"], world.today
    ends, current = datetime.date.fromisoformat(offer["commitment_ends_on"]), asker.facts["commitment_end"]
    if months and any(ends > _months_later(today, longest) for longest in longest_commitments(world)):
        yield "committed for longer than the law of the day allows"
    if months and current is not None and current > today and ends < current and months < 24:
        yield "ends before the current commitment"
    if offer["monthly_cents"] < 0 or offer["monthly_cents_after_discount"] != asker.facts["price_cents"]:
        yield "a price below nothing, or not the customer's"
    if offer["device"]:
        device = world.documents["devices.toml"][offer["device"]]
        if device["stock"] < 1:
            yield "a device that is not there"
        if not 0 <= offer["top_up_cents"] <= device["price_cents"]:
            yield "a top-up above the shop price"
    elif offer["top_up_cents"]:
        yield "a top-up for nothing"
    if offer["trade_in"] and offer["trade_in"] != asker.facts["current_device"]:
        yield "a trade-in of a device not in use"


def _breaches_of_margin(world: World, asker: Asker, offer: Offer) -> Iterator[str]:
    months = offer["commitment_months"]
    worst = worst_margin(world, asker, offer)
    if worst < number(world, f"floor_cents_{months}"):
        yield "below the floor in cents"
    revenue = sum(monthly_net(world, offer, month) for month in range(1, months + 1))
    if months and worst < ceil(Fraction(str(number(world, "floor_share"))) * revenue):
        yield "below the floor as a share"


def _breaches_of_twin(world: World, asker: Asker, offer: Offer) -> Iterator[str]:
    law, twin = dated(world, "law-fr.toml", "FR-TWIN12"), offer["twin"]
    if number(world, "market") != "FR" or law is None or offer["commitment_months"] <= law["months"]:
        return
    if twin is None or twin["commitment_months"] > 12:
        yield "a long offer without its twin"
        return
    services = ("template", "device", "extras", "discount_cents", "credit_cents", "trade_in")
    if any(twin[name] != offer[name] for name in services):
        yield "a twin of other services"
    yield from _breaches_of_terms(world, asker, twin)
    yield from _breaches_of_margin(world, asker, twin)
    entitlement = [one for one in world.documents["offers.toml"]["offer"] if one["id"] == twin["template"]]
    if not (entitlement and entitlement[0].get("entitlement")):
        yield from _breaches_of_authority(world, asker, twin)


def _breaches_of_authority(world: World, asker: Asker, offer: Offer) -> Iterator[str]:
    role = asker.facts["role"]
    limit = 0 if role == "auditor" else number(world, f"depth_cents_{role}")
    lasting = (
        net(world, offer["discount_cents"]) * offer["discount_months"]
        + extras_cost(world, offer) * offer["extras_months"]
    )
    if lasting - paid_once(world, offer) > limit:
        yield "above the authority of the role"


def worst_margin(world: World, asker: Asker, offer: Offer) -> int:
    """The margin after the worst month to leave, at the leaving costs that the answer itself states."""
    months, cost = offer["commitment_months"], asker.facts["cost_to_serve_cents"] + extras_cost(world, offer)
    paid = [monthly_gross(offer, month) for month in range(1, months + 1)]
    brought = [monthly_net(world, offer, month) for month in range(1, months + 1)]
    kept = []
    for leaving in range(months + 1):
        stayed = sum(brought[:leaving]) - leaving * cost
        said = offer["leaving_cents"][leaving] if months else 0
        rules = [one for one in offer["leaving"] if one["after_months"] <= leaving and one["basis"] != "residual value"]
        if rules and rules[-1]["basis"] == "contract terms":
            beside_the_dues = said - sum(paid[leaving:])
            kept.append(stayed + sum(brought[leaving:]) + net(world, beside_the_dues))
        else:
            kept.append(stayed + net(world, said))
    return paid_once(world, offer) - number(world, "handling_cents") + min(kept)


def paid_once(world: World, offer: Offer) -> int:
    """What is received less what is given once, net, before handling."""
    devices = world.documents["devices.toml"]
    given = devices[offer["device"]]["cost_cents"] if offer["device"] else 0
    back = devices[offer["trade_in"]]["trade_in"]["resale_cents"] if offer["trade_in"] else 0
    credits = net(world, offer["credit_cents"] + (offer["trade_in_credit_cents"] if offer["trade_in"] else 0))
    return net(world, offer["top_up_cents"]) + back - given - credits


def monthly_gross(offer: Offer, month: int) -> int:
    """What the customer pays in one month."""
    return int(offer["monthly_cents" if month <= offer["discount_months"] else "monthly_cents_after_discount"])


def monthly_net(world: World, offer: Offer, month: int) -> int:
    """What one month brings, net: price and discount are converted each on its own."""
    discount = net(world, offer["discount_cents"]) if month <= offer["discount_months"] else 0
    return net(world, offer["monthly_cents_after_discount"]) - discount


def extras_cost(world: World, offer: Offer) -> int:
    """What the extras cost a month."""
    return sum(world.documents["offers.toml"]["extras"][name]["cost_cents"] for name in offer["extras"])


def net(world: World, gross_cents: int) -> int:
    """A price without VAT, half up."""
    market = number(world, "market")
    vat = dated(world, f"law-{market.lower()}.toml", f"{market}-VAT")
    assert vat is not None
    return floor(gross_cents / (1 + Fraction(str(vat["share"]))) + Fraction(1, 2))


def number(world: World, name: str) -> Any:
    """A number of the house on the day of the world."""
    line = dated(world, "policy.toml", name)
    assert line is not None
    return line["value"]


def dated(world: World, file: str, name: str) -> dict[str, Any] | None:
    """The line of a dated entry that holds on the day of the world."""
    lines = world.documents[file].get(name, {"values": []})["values"]
    holding = [line for line in lines if line["from"] <= world.today <= line.get("to", world.today)]
    return max(holding, key=lambda line: line["from"], default=None)


def longest_commitments(world: World) -> list[int]:
    """The months that each law of the market in force on the day of the world allows."""
    own = {"FR": ("law-fr.toml", "FR-MAX24"), "BE": ("law-be.toml", "BE-24")}[number(world, "market")]
    lines = [dated(world, *rule) for rule in (own, ("law-eu.toml", "EU-24"))]
    return [line["months"] for line in lines if line is not None]


def _months_later(day: datetime.date, months: int) -> datetime.date:
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return datetime.date(day.year + years, month + 1, min(day.day, last))


def test_the_law_that_these_limits_read_is_the_one_that_ships() -> None:
    law = house_documents()["law-fr.toml"]
    assert law["FR-MAX24"]["values"] == [{"from": datetime.date(2008, 6, 1), "months": 24}]
    assert law["FR-TWIN12"]["values"] == [{"from": datetime.date(2008, 6, 1), "months": 12}]
