"""A journal as tests tamper with it: the rows of a store in memory, and the anchors that were made of it."""

import copy
import zoneinfo
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from engine.rulebook import Rulebook
from ledger.anchors import Seal, Trace, add_anchors, read_anchors
from ledger.audit import Copy, Flaw, find_flaw, read_copy
from ledger.gone import Gone
from ledger.journal import By, Event
from ledger.store import reading, writing
from ledger.tables import outcomes, reactions
from ledger.writer import append
from tests.api.calls import Call
from tests.api.world import make_operator

SEAL = Seal("tests", Ed25519PrivateKey.from_private_bytes(bytes(32)))
KEYS = {SEAL.key_id: SEAL.key.public_key()}
NOW = "2026-11-23T12:00:00.000000Z"
TABLES = ("events", "bodies", "decisions", "reactions", "outcomes")
Row = dict[str, Any]


@dataclass
class Rows:
    """Every row that an audit looks at, to be changed at will."""

    head: Row | None
    rulebooks: dict[str, str]
    tables: dict[str, list[Row]]

    @classmethod
    def of(cls, store: Engine) -> "Rows":
        with reading(store) as connection:
            found = read_copy(connection)
            head = None if found.head is None else dict(found.head)
            return cls(head, dict(found.rulebooks), {name: list(map(dict, getattr(found, name))) for name in TABLES})

    @property
    def events(self) -> list[Row]:
        return self.tables["events"]

    def again(self) -> "Rows":
        return copy.deepcopy(self)

    def audit(self, trace: Trace) -> Flaw | None:
        """What the audit says of the rows, in the order in which a database would give them."""
        gone = Gone(row for row in self.events if row["kind"] in ("erased", "purged"))
        in_order = {name: sorted(rows, key=_place) for name, rows in self.tables.items()}
        return find_flaw(Copy(self.head, gone, self.rulebooks, **in_order), trace)


def _place(row: Row) -> tuple[bool, Any]:
    at = row["sequence"]
    return not isinstance(at, int | float), at if isinstance(at, int | float) else str(at)


def live_a_little(store: Engine, rulebook: Rulebook, rounds: int) -> None:
    """Offers asked for, repeated, shown and accepted, a refusal, an outcome and an erasure: every kind of row."""
    operator = make_operator(store, rulebook)
    for number in range(rounds):
        for contract_id in ("C-1", "C-wish", "C-fault", "C-objects"):
            call = Call(operator, contract_id=contract_id)
            answer = call.ask(wants={"max_monthly_cents": 2_000 + number})
            call.ask()
            if answer["offers"]:
                call.show(answer)
    answer = Call(operator).ask(wants={"device": "galaxy-a17"})
    Call(operator).show(answer)
    assert Call(operator).accept(answer).status_code == 201
    with writing(store) as connection:
        refuse_and_end(connection, answer["proposal_id"])


def refuse_and_end(connection: Any, proposal_id: str) -> None:
    """A refusal of two offers and an outcome, as their writers write them."""
    by, subject = By("agent-1", "agent"), "s" * 32
    details = {"offer_id": "a", "reason": "too_expensive", "day": "2026-11-23", "declined": ["a", "b"]}
    refused = Event("declined", by, proposal_id, subject, details)
    ended = Event("outcome", by, "", subject, {"outcome": "stayed", "happened_on": "2026-11-23"})
    first, second = append(connection, NOW, refused, ended)
    common = {"sequence": first, "subject_id": subject, "proposal_id": proposal_id, "wants": "{}"}
    for offer_id, reason in (("a", "too_expensive"), ("b", "other")):
        row = {**common, "offer_id": offer_id, "reason": reason, "reacted_on": "2026-11-23"}
        connection.execute(reactions.insert().values(**row))
    row = {"sequence": second, "subject_id": subject, "kind": "stayed", "happened_on": "2026-11-23"}
    connection.execute(outcomes.insert().values(**row))


def anchored(store: Engine, path: Path) -> Trace:
    """The journal as it is now, anchored."""
    with reading(store) as connection:
        add_anchors(connection, path, SEAL, NOW)
    return Trace(list(read_anchors(path, KEYS)))


def details_of(event: Row) -> Row:
    found: Row = orjson.loads(event["details"])
    return found


PARIS = zoneinfo.ZoneInfo("Europe/Paris")
