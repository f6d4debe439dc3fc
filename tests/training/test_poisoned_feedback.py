"""Whoever fakes what customers said steers nothing: what an agent wrote who is not believed changes no number."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.markets import make_market
from benchmarks.markets.files import as_history
from engine.rulebook import InForce
from engine.tables import Response
from intake.contacts import ACCEPTED, DECLINED, OFFERED, Contacts
from training.agents import believable
from training.response import learn_response

FAKER = "agent 7"


@pytest.fixture(scope="module")
def market() -> tuple[Contacts, InForce]:
    """Contacts of a market whose truth is known, called by fifty agents."""
    rng = np.random.default_rng(5)
    simulated = make_market("smooth", 1)
    history = as_history(simulated.draw_contacts(2_000, rng), simulated.shelf)
    names = np.array([f"agent {number}" for number in range(50)], dtype=object)
    return replace(
        history, agents=np.where(history.group == OFFERED, rng.choice(names, 2_000), "")
    ), simulated.shelf.in_force


def faked(contacts: Contacts, share: float, left: bool) -> Contacts:
    """The same contacts, where one agent says of a share of her customers that they accepted, and of the rest not."""
    assert contacts.agents is not None
    hers = np.flatnonzero(contacts.agents == FAKER)
    reaction, gone = contacts.reaction.copy(), contacts.left.copy()
    reaction[hers] = DECLINED
    reaction[hers[: int(len(hers) * share)]] = ACCEPTED
    gone[hers] = left
    return replace(contacts, reaction=reaction, left=gone)


def learned(contacts: Contacts, in_force: InForce) -> list[Response]:
    """How the first two hundred customers react, as learned from these contacts."""
    response = learn_response(believable(contacts), in_force).response
    return response.responses({name: column[:200] for name, column in contacts.features.items()})


def test_it_makes_no_difference_what_the_faker_wrote(market: tuple[Contacts, InForce]) -> None:
    contacts, in_force = market
    one, other = faked(contacts, 1.0, left=False), faked(contacts, 0.9, left=True)
    assert learned(one, in_force) == learned(other, in_force)


def test_without_the_agents_the_fakes_are_learned(market: tuple[Contacts, InForce]) -> None:
    contacts, in_force = market
    untold = replace(faked(contacts, 1.0, left=False), agents=None)
    assert learned(untold, in_force) != learned(replace(contacts, agents=None), in_force)
