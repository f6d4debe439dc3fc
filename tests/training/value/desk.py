"""A desk some hundred customers came to, through the real doors: decided on, offered, accepted; some left."""

import datetime
import re
import zoneinfo
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select

from api.app import create_app
from api.releases import Releases
from api.rulebooks import Rulebooks
from api.service import Service
from engine.rulebook import Rulebook, parse_rulebook
from engine.tables import Cases, objects
from ledger import writer
from ledger.records import time_text
from ledger.store import reading, writing
from ledger.tables import decisions
from tests.api.calls import Call, later
from tests.api.world import HOSTS, ROOT, Operator, put_in_force, read_texts
from tests.databases import open_migrated

MORNING = datetime.datetime(2024, 3, 4, 10, 0, tzinfo=datetime.UTC)
WINDOW_MONTHS = 6


@dataclass(frozen=True)
class Way:
    """What a customer will do on one side of the draw; `ended_on`: the day of which it is told, "" for never."""

    accepts: bool = False
    ending: str = "stayed"
    ended_on: str = "2024-12-01"


STAYS, LEAVES = Way(), Way(ending="left", ended_on="2024-05-20")


@dataclass(frozen=True)
class Customer:
    """One customer to be: what is on file, who serves them, and what they will do on either side of the draw."""

    name: str
    price_cents: int = 2490
    since: str = "2019-02-01"
    p_churn: float = 0.3
    account: str = ""
    fault: str = ""
    agent: str = "agent-1"
    channel: str = "phone_in"
    treated: Way = STAYS
    control: Way = STAYS


@dataclass
class Desk:
    """The store and its doors on one morning, and long after; `asked`: the decision on each customer, by name."""

    operator: Operator
    later: Operator
    url: str
    asked: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)

    def call(self, customer: Customer) -> Call:
        """The contact of a customer with who serves them."""
        return Call(self.operator, role=customer.agent, contract_id=customer.name, channel=customer.channel)

    def ask(self, customer: Customer) -> dict[str, Any]:
        """What is answered in it."""
        return self.call(customer).ask()

    def serve(self, customer: Customer) -> None:
        """One customer's contact, and how it ended."""
        call, answer = self.call(customer), self.ask(customer)
        self.asked[customer.name] = answer["decision_id"]
        self.drawn[customer.name] = self.arm_of(answer["decision_id"])
        way = customer.control if self.drawn[customer.name] == "control" else customer.treated
        if way.accepts and answer["offers"]:
            assert call.show(answer).status_code == 200
            taken = call.accept(answer)
            assert taken.status_code == 201, taken.data
        if way.ended_on:
            self.tell(customer.name, way)

    def arm_of(self, decision_id: str) -> str:
        """What the draw made of a decision."""
        with reading(self.operator.service.store) as connection:
            arm = select(decisions.c.arm).where(decisions.c.decision_id == decision_id)
            return str(connection.execute(arm).scalar_one())

    def tell(self, name: str, way: Way) -> None:
        """How it ended, told by the manager long after."""
        told = {"contract_id": name, "kind": way.ending, "happened_on": way.ended_on}
        sent = self.later.client.post("/outcome", json=told, headers=self.operator.headers("manager"))
        assert sent.status_code == 201, sent.data


def on_file(customers: Sequence[Customer]) -> Cases:
    """The contracts of some customers."""
    return Cases(
        {
            "contract_id": objects([one.name for one in customers]),
            "customer_id": objects([one.account for one in customers]),
            "price_cents": np.array([one.price_cents for one in customers]),
            "cost_to_serve_cents": np.full(len(customers), 500),
            "customer_since": np.array([one.since for one in customers], dtype="datetime64[D]"),
            "open_fault": objects([one.fault for one in customers]),
            "p_churn": np.array([one.p_churn for one in customers]),
            "p_churn_window_months": np.full(len(customers), WINDOW_MONTHS),
        }
    )


def with_control(share: str, explore: str = "0.0") -> Rulebook:
    """The rulebook of the house with a control group of some share, and a share that explores."""
    texts = read_texts(ROOT / "rulebook")
    for name, value in (("control_share", share), ("explore_share", explore)):
        off = rf"(\[{name}\]\n.*?value = )0\.0"
        texts["policy.toml"], times = re.subn(off, rf"\g<1>{value}", texts["policy.toml"], count=1, flags=re.DOTALL)
        assert times == 1
    return parse_rulebook(texts)


@contextmanager
def open_desk(url: str, rulebook: Rulebook, customers: Sequence[Customer], teams: dict[str, str]) -> Iterator[Desk]:
    """A desk whom these customers are on file with; `teams`: of each agent who has one."""
    store = open_migrated(url)
    put_in_force(store, rulebook)
    with writing(store) as connection:
        source = writer.Source("m" * 64, MORNING.date(), (), time_text(MORNING - datetime.timedelta(days=1)))
        writer.save_contracts(connection, on_file(customers), {"tenure": np.ones(len(customers))}, source)
        keys = {"manager": writer.create_key(connection, "manager-1", "manager")}
        for agent in {one.agent for one in customers}:
            keys[agent] = writer.create_key(connection, agent, "agent", teams.get(agent))
    zone = zoneinfo.ZoneInfo("Europe/Paris")
    service = Service(store, Rulebooks(), Releases(None, ROOT), zone, clock=lambda: MORNING)
    operator = Operator(service, create_app(service, HOSTS).test_client(), keys)
    yield Desk(operator, later(operator, days=600), url)
    store.dispose()
