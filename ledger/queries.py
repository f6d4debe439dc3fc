"""Reads of the store; nothing here writes."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, func, select

from ledger.tables import api_keys, bodies, contracts, decisions, rulebooks

PAGE = 500

_KEY = select(api_keys).where(api_keys.c.prefix == bindparam("prefix"))
_CONTRACT = select(contracts).where(contracts.c.contract_id == bindparam("contract_id"))
_RECORDED = select(decisions, bodies.c.content.label("record"), bodies.c.answer).join_from(
    decisions, bodies, decisions.c.sequence == bodies.c.sequence, isouter=True
)
_DECISION = _RECORDED.where(decisions.c.decision_id == bindparam("decision_id"))
_LATER = decisions.c.sequence > bindparam("after")
_DECISIONS = _RECORDED.where(_LATER).order_by(decisions.c.sequence).limit(PAGE)
_RULEBOOK = select(rulebooks.c.texts).where(rulebooks.c.digest == bindparam("digest"))
_KEYS = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.prefix)
_ANYTHING = select(rulebooks.c.digest).limit(1)


def find_key(connection: Connection, prefix: str) -> Row[Any] | None:
    """The API key with this public prefix, revoked or not."""
    return connection.execute(_KEY, {"prefix": prefix}).first()


def list_keys(connection: Connection) -> Sequence[Row[Any]]:
    """Every API key, oldest first."""
    return connection.execute(_KEYS).all()


def find_contract(connection: Connection, contract_id: str) -> Row[Any] | None:
    """The contract on file with this id."""
    return connection.execute(_CONTRACT, {"contract_id": contract_id}).first()


def first_contracts(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """Up to `most` contracts on file, in the order of their ids."""
    return connection.execute(select(contracts).order_by(contracts.c.contract_id).limit(most)).all()


def find_decision(connection: Connection, decision_id: str) -> Row[Any] | None:
    """The recorded decision with this id; its record and answer are None once they are erased."""
    return connection.execute(_DECISION, {"decision_id": decision_id}).first()


def pages_of_decisions(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    """Every recorded decision, oldest first, in pages of at most `PAGE`."""
    after = 0
    while page := connection.execute(_DECISIONS, {"after": after}).all():
        yield page
        after = page[-1].sequence


def count_decisions(connection: Connection) -> int:
    """How many decisions are on record."""
    return int(connection.execute(select(func.count()).select_from(decisions)).scalar_one())


def find_rulebook(connection: Connection, digest: str) -> dict[str, str] | None:
    """The texts of a rulebook that has decided before, by file name."""
    texts = connection.execute(_RULEBOOK, {"digest": digest}).scalar()
    return None if texts is None else orjson.loads(texts)


def answers(connection: Connection) -> bool:
    """True when the tables are there and can be read."""
    connection.execute(_ANYTHING).first()
    return True
