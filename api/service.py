"""What every door shares: the store, the rulebook of the day, the release, the clock; and one case at a time."""

import datetime
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine

from api.errors import Problem
from api.identity import unauthenticated
from api.releases import Releases
from api.rulebooks import Rulebooks
from engine.catalogue import Catalogue
from engine.rulebook import InForce, Rulebook
from ledger import queries, writer
from ledger.cases import Asker, Case, find_on_file, last_offer, open_case
from ledger.journal import By
from ledger.keys import KeyHolder
from ledger.records import time_text
from ledger.store import StoreBusy, reading, writing
from models.scorer import Score, score

NOT_ON_FILE = "no contract with this id is on file, or none that you may see"
"""Said of a contract that is not there and of one that is not for who asks: nobody learns which."""

QUEUE_SECONDS = 1.0
"""How long a case that others hold is asked for again; a wait in the database is shorter, an answer may take two."""

PROMISED_WITH_AN_ORDER = ("delivery", "activation", "first_check", "second_check")


def utc_now() -> datetime.datetime:
    """This moment, with its zone."""
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Service:
    """All that an answer needs; what can fail or change by itself (model, rulebook, clock) is handed in."""

    store: Engine
    rulebooks: Rulebooks
    releases: Releases
    zone: zoneinfo.ZoneInfo
    score: Score = score
    clock: Callable[[], datetime.datetime] = utc_now

    def now(self) -> datetime.datetime:
        """This moment, by the operator's calendar."""
        return self.clock().astimezone(self.zone)

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook in force, by a look at the store. Raises Faults where there is none, StoreUnavailable."""
        with reading(self.store) as connection:
            return self.rulebooks.in_force(connection)

    def catalogue(self) -> Catalogue:
        """What is offered today, by a look at the store."""
        return self.in_force().catalogue

    def in_force(self) -> InForce:
        """That rulebook as it stands today, by the operator's calendar. Raises Faults where a number has no value."""
        return self.rulebook.as_of(self.now().date())


@dataclass(frozen=True)
class Desk:
    """One case, locked, under the hands of whoever asks, at one moment; all its writes are one transaction.

    The rulebook is the one in force at that moment; nothing at this desk is decided under another.
    """

    service: Service
    connection: Connection
    holder: KeyHolder
    moment: datetime.datetime
    rulebook: Rulebook
    case: Case

    @cached_property
    def in_force(self) -> InForce:
        """The rulebook as it stands on the day."""
        return self.rulebook.as_of(self.today)

    @property
    def by(self) -> By:
        """Who asks, as the journal writes it."""
        return By(self.holder.agent_id, self.holder.role)

    @property
    def now(self) -> str:
        """The moment as the store writes it."""
        return time_text(self.moment)

    @property
    def today(self) -> datetime.date:
        """The day by the operator's calendar."""
        return self.moment.date()

    @property
    def act(self) -> writer.Act:
        """Who asks, at this moment."""
        return writer.Act(self.by, self.moment)

    def follow_up(self, to_confirm: bool) -> writer.Terms:
        """The days that follow an acceptance by policy, and the shelf its device is taken from."""
        policy = self.in_force.policy
        due = {kind: policy[f"promise_{kind}_days"] for kind in PROMISED_WITH_AN_ORDER}
        days = policy["confirm_days"], policy["withdraw_days"]
        return writer.Terms(to_confirm, *days, due, self.rulebook.devices_digest)

    @cached_property
    def previous(self) -> dict[str, Any] | None:
        """The main offer of the last proposal on this contract, as it was answered; None before a first one."""
        return last_offer(self.connection, self.case.subject_id) if self.case.begun else None

    def ladder_is_over(self) -> bool:
        """Whether this round has ended: with an exit or an acceptance, not longer ago than refusals are remembered."""
        ended_on = self.case.contract.exit_on
        since = self.today - datetime.timedelta(days=self.in_force.policy["round_days"])
        return ended_on is not None and ended_on >= since.isoformat()

    def reopened(self) -> "Desk":
        """The same desk with the case as it has become, under the same rulebook."""
        found = find_on_file(self.connection, self.case.contract.contract_id)
        assert found is not None
        asker = Asker(self.holder.agent_id, self.today, self.in_force.policy["round_days"])
        return replace(self, case=open_case(self.connection, found, asker))

    def in_contact(self) -> bool:
        """Whether whoever asks has an open interaction on this contract."""
        running = self.case.interaction
        return running is not None and running.closed_at is None and running.closes_at > self.now

    def was_in_contact(self) -> bool:
        """Whether they have one, or had one that has just ended with an acceptance or an exit."""
        return self.case.interaction is not None and self.case.interaction.closes_at > self.now


@contextmanager
def at_desk(service: Service, holder: KeyHolder, contract_id: str) -> Iterator[Desk]:
    """The desk with the case of one contract on it, as soon as it is free; what has passed its last moment is gone.

    Raises Problem 404, and 401 for a key that was revoked since it was read: until the desk is left, nobody revokes it.
    Raises StoreBusy when others hold the contract for too long.
    """
    give_up = time.monotonic() + QUEUE_SECONDS
    with ExitStack() as stack:
        while True:
            try:
                desk = stack.enter_context(_desk(service, holder, contract_id))
                break
            except StoreBusy:
                if time.monotonic() > give_up:
                    raise
        yield desk


@contextmanager
def _desk(service: Service, holder: KeyHolder, contract_id: str) -> Iterator[Desk]:
    with writing(service.store) as connection:
        if not queries.key_stands(connection, holder.prefix):
            raise unauthenticated()
        desk = _open(service, holder, connection, contract_id, lock=True)
        case = desk.case
        if case.begun and writer.lapse(connection, case.subject_id, case.live, desk.moment):
            desk = _open(service, holder, connection, contract_id, lock=True)
        yield desk


@contextmanager
def looking_at(service: Service, holder: KeyHolder, contract_id: str) -> Iterator[Desk]:
    """The case of one contract to look at and not to touch: nothing can be written. Raises Problem 404."""
    with reading(service.store) as connection:
        yield _open(service, holder, connection, contract_id, lock=False)


def _open(service: Service, holder: KeyHolder, connection: Connection, contract_id: str, lock: bool) -> Desk:
    moment, found = service.now(), find_on_file(connection, contract_id, lock)
    if found is None:
        raise Problem.of("not-found", NOT_ON_FILE)
    rulebook = service.rulebooks.of(connection, found.rulebook_digest)
    asker = Asker(holder.agent_id, moment.date(), rulebook.as_of(moment.date()).policy["round_days"])
    return Desk(service, connection, holder, moment, rulebook, open_case(connection, found, asker))
