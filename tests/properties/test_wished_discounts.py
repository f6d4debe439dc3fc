"""Where floors are steep shares of revenue, a cent more of discount may keep what a cent less does not."""

import dataclasses
import datetime
from random import Random

import pytest

from tests.properties.against_reference import parted
from tests.properties.customers import Asker, random_askers
from tests.properties.rulebooks import World, house_documents, with_numbers


def steep_world(share: float) -> World:
    """The house before 2023 with a steep floor, no fixed one, and a wish of 24 months only."""
    numbers = {"floor_share": share, "floor_cents_24": -100_000, "handling_cents": 20}
    documents = with_numbers(house_documents(), numbers)
    offers = documents["offers.toml"]
    few = [offer for offer in offers["offer"] if offer["id"] == "sms-renewal"]
    documents["offers.toml"] = {**offers, "offer": few, "wish": {"commitment_months": [24]}}
    return World(documents, datetime.date(2020, 11, 21), wildness=0)


def wants_a_lower_price(random: Random, asker: Asker) -> Asker:
    """The same customer with a small price, hardly any cost, and a wish for a much lower price."""
    price = random.randint(100, 1_000)
    terms = {"price_cents": price, "cost_to_serve_cents": random.randint(0, 5), "role": "manager", "open_fault": ""}
    wish = {"wants_device": "", "wants_needs": (), "wants_max_monthly_cents": random.randint(0, price // 4)}
    return dataclasses.replace(asker, facts={**asker.facts, **terms, **wish})


@pytest.mark.parametrize("share", [0.55, 0.6, 0.61, 0.615])
def test_the_wished_discount_within_authority_is_the_largest_cent_by_cent(share: float) -> None:
    random, world = Random(7), steep_world(share)
    askers = [wants_a_lower_price(random, asker) for asker in random_askers(random, world, 60)]
    assert not list(parted(world, askers))
