"""An Idempotency-Key means one answer: for ever, for one agent, at one door, for one body, whatever runs at once."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.faults.clients import Desk, Line, Reply
from tests.faults.conftest import Figure
from tests.faults.crowds import Crowd
from tests.faults.houses import House
from tests.faults.operators import Place
from tests.faults.records import count_acceptances, doubled, flaw_of_journal
from tests.faults.servers import Server

AT_ONCE = 6
WAIT = ("in-progress", "dependency-unavailable")
"""Told to come again: nothing was done."""

MOST_TRIES = 20


@dataclass(frozen=True)
class Ask:
    """One request of a plan: which agent, with which key or none, names which of the bodies."""

    agent: int
    key: str
    body: int


PLANS = st.lists(
    st.builds(Ask, st.integers(0, 1), st.sampled_from(["a", "a", "b", ""]), st.integers(0, 2)),
    min_size=AT_ONCE,
    max_size=AT_ONCE,
)


class Round:
    """A plan carried out at once, then once more in its order; what it may answer."""

    def __init__(self, plan: Sequence[Ask], bodies: Sequence[dict[str, Any]], number: int) -> None:
        self.plan, self.bodies, self.number = plan, bodies, number
        self.waits: Counter[str] = Counter()

    def send(self, line: Line, ask: Ask) -> Reply:
        """One request of the plan; who is told to come again does."""
        key = f"{ask.key}-{self.number}" if ask.key else ""
        for _ in range(MOST_TRIES):
            reply = line.post("/accept", self.bodies[ask.body], key)
            if reply.problem not in WAIT:
                return reply
            self.waits[reply.problem] += 1
        raise AssertionError("no final answer to /accept")

    def check(self, first: Sequence[Reply], again: Sequence[Reply]) -> None:
        """Hold both series of answers against what a key means."""
        for ask, reply in zip((*self.plan, *self.plan), (*first, *again), strict=True):
            if not ask.key:
                assert (reply.status, reply.problem) == (400, "key-missing")
        for name in {(ask.agent, ask.key) for ask in self.plan if ask.key}:
            mine = [place for place, ask in enumerate(self.plan) if (ask.agent, ask.key) == name]
            self._check_key([(self.plan[place].body, first[place], again[place]) for place in mine])

    def _check_key(self, asked: Sequence[tuple[int, Reply, Reply]]) -> None:
        owners = {body for body, _, again in asked if again.problem != "idempotency-mismatch"}
        assert len(owners) == 1, asked
        answers = {(again.status, again.body) for body, _, again in asked if body in owners}
        assert len(answers) == 1, asked
        for body, first, again in asked:
            assert again.replayed is (body in owners)
            assert first.status < 500
            assert ((first.status, first.body) in answers) is (body in owners), asked
            assert body in owners or (first.status, first.problem) == (422, "idempotency-mismatch")


@pytest.mark.shows("B7")
def test_a_key_means_one_answer_whatever_runs_at_once(
    place: Place, server: Server, seed: int, soak: bool, figure: Figure
) -> None:
    plans = 10_000 if soak else 100
    place.add_contracts([f"C-{number}" for number in range(3 * plans)])
    lines = [[Line(server.port, place.keys[agent]) for _ in range(AT_ONCE)] for agent in (0, 1)]
    desks = [Desk(Line(server.port, place.keys[agent])) for agent in (0, 1)]
    crowd, numbers, waits = Crowd(AT_ONCE), count(), Counter[str]()

    def offer(contract_id: str) -> dict[str, Any]:
        named = desks[0].offer_shown(contract_id)
        desks[1].ask("/offer", {"contract_id": contract_id, "channel": "phone_in"})
        return named

    @hypothesis.seed(seed)
    @settings(
        max_examples=plans,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(PLANS)
    def hold(plan: list[Ask]) -> None:
        number = next(numbers)
        one = offer(f"C-{2 * number}")
        other = offer(f"C-{2 * number + 1}")
        now = Round(plan, [one, other, {**one, "offer_id": "another.offer"}], number)
        asked = [partial(now.send, lines[ask.agent][place], ask) for place, ask in enumerate(plan)]
        first = crowd.at_once(asked)
        now.check(first, [act() for act in asked])
        waits.update(now.waits)

    hold()
    crowd.go()
    store = place.open()
    assert doubled(store) == []
    assert flaw_of_journal(store) is None
    store.dispose()
    told = f"told to come again: {dict(waits) or 0}"
    figure(f"{next(numbers)} random plans of {AT_ONCE} at once, each sent again: {told}, 0 breaches")


@pytest.mark.shows("B8")
def test_a_key_and_an_acceptance_outlive_two_days(place: Place, house: House, soak: bool, figure: Figure) -> None:
    ids, key = [f"C-{number}" for number in range(1_000 if soak else 50)], place.keys[0]
    place.add_contracts(ids)
    named = {contract_id: house.offer_shown(contract_id, key) for contract_id in ids}
    told = {contract_id: house.accept(named[contract_id], key, contract_id).data for contract_id in ids}
    house.moment[0] += datetime.timedelta(hours=48)
    for contract_id in ids:
        again = house.accept(named[contract_id], key, contract_id)
        assert (again.status_code, again.data) == (201, told[contract_id])
        assert again.headers["Idempotency-Replayed"] == "true"
        assert house.accept(named[contract_id], key, f"stale-{contract_id}").status_code == 404
        house.post("/offer", {"contract_id": contract_id, "channel": "phone_in"}, key)
        another = house.accept(named[contract_id], key, f"another-{contract_id}")
        assert (another.status_code, another.get_json(force=True)["type"]) == (409, "/problems/already-accepted")
    assert count_acceptances(house.service.store) == len(ids)
    assert doubled(house.service.store) == []
    figure(f"{len(ids)} acceptances asked again 48 h later: by their key to the byte, by a new one 409; 0 doubled")
