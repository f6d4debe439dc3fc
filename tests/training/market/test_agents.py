"""What one agent can teach is bounded, and acceptances that nobody can have had teach nothing."""

from dataclasses import replace

import numpy as np
import pytest

from intake.contacts import ACCEPTED, CONTROL, DECLINED, NOT_REACHED, Contacts
from training.agents import agent_weights, believable

RNG = np.random.default_rng(5)
CALLERS = np.array([f"agent {number}" for number in range(30)], dtype=object)


@pytest.fixture
def called(drawn: Contacts) -> Contacts:
    """Thirty agents who called as chance gave them the customers; nobody called control."""
    return replace(drawn, agents=np.where(drawn.group == CONTROL, "", RNG.choice(CALLERS, len(drawn))))


def weight_of(contacts: Contacts, agent: str) -> float:
    """The share of all that agents teach that is one agent's."""
    assert contacts.agents is not None
    weight = agent_weights(contacts)
    return float(weight[contacts.agents == agent].sum() / weight[contacts.agents != ""].sum())


def test_a_file_that_tells_of_no_agents_is_learned_from_whole(drawn: Contacts) -> None:
    assert believable(drawn) is drawn
    assert agent_weights(drawn).min() == 1.0


def test_agents_who_work_alike_are_learned_from_whole(called: Contacts) -> None:
    assert believable(called) is called
    assert agent_weights(called).min() == 1.0


def test_an_agent_of_half_the_contacts_teaches_no_more_than_two_would(called: Contacts) -> None:
    assert called.agents is not None
    busy = np.where((called.agents != "") & (RNG.random(len(called)) < 0.5), "agent 0", called.agents)
    loud = replace(called, agents=busy)
    assert believable(loud) is loud
    assert weight_of(loud, "agent 0") == pytest.approx(2 / 30)
    assert set(agent_weights(loud)[busy != "agent 0"]) == {1.0}


@pytest.mark.parametrize("fake", [ACCEPTED, DECLINED])
def test_an_agent_who_fakes_what_customers_said_teaches_nothing(called: Contacts, fake: int) -> None:
    assert called.agents is not None
    answered = np.isin(called.reaction, (ACCEPTED, DECLINED)) | (called.reaction == NOT_REACHED)
    likely = 0.5 if fake == DECLINED else 0.2
    accepts = np.where(answered & (RNG.random(len(called)) < likely), ACCEPTED, called.reaction)
    poisoned = np.where((called.agents == "agent 7") & answered, fake, accepts)
    kept = believable(replace(called, reaction=poisoned))
    assert kept.customers.tolist() == called.customers[called.agents != "agent 7"].tolist()
    assert kept.notes[-1].startswith(f"{np.sum(called.agents == 'agent 7')} rows left out: customers of 1 agents")


def test_agents_who_sell_better_than_others_are_believed(called: Contacts) -> None:
    assert called.agents is not None
    skill = dict(zip(CALLERS, RNG.uniform(0.1, 0.3, len(CALLERS)), strict=True)) | {"": 0.0}
    rates = np.array([skill[name] for name in called.agents])
    said = np.where(RNG.random(len(called)) < rates, ACCEPTED, DECLINED)
    skilled = replace(called, reaction=np.where(called.agents == "", called.reaction, said))
    assert believable(skilled) is skilled


def test_two_agents_cannot_be_bounded_by_one_another(called: Contacts) -> None:
    assert called.agents is not None
    two = np.where(called.agents == "", "", np.where(RNG.random(len(called)) < 0.9, "one", "other"))
    assert agent_weights(replace(called, agents=two)).min() == 1.0
