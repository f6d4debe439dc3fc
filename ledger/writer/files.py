"""Writes what comes from outside: contracts of an operator's file, rulebooks, keys."""

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from engine.rulebook import devices_digest
from engine.tables import Cases
from ledger.journal import By, Event, draw_id
from ledger.keys import KEY_ROLES, digest_of, draw_key
from ledger.records import time_text
from ledger.snapshots import Features, write_features, write_snapshots
from ledger.tables import api_keys, contracts, rulebooks, stock
from ledger.writer.journal import append

_IDS_A_STATEMENT = 500
COMMANDS = By("commands")
"""Who does what is done on the command line."""


def _now() -> str:
    return time_text(datetime.datetime.now(datetime.UTC))


@dataclass(frozen=True)
class Source:
    """Where contracts come from: the mapping's digest, the day its facts speak of, and what it had to assume.

    `imported_at` is the moment from which on its facts win over what was heard before.
    """

    mapping_digest: str
    as_of: datetime.date
    assumptions: Sequence[Mapping[str, Any]] = ()
    imported_at: str = field(default_factory=_now)


def save_contracts(connection: Connection, cases: Cases, features: Features, source: Source) -> None:
    """Put contracts [n] on file, replacing those with the same id; call it once a chunk, in one transaction."""
    common = {
        "assumptions": orjson.dumps(list(source.assumptions)).decode(),
        "mapping_digest": source.mapping_digest,
        "as_of": source.as_of.isoformat(),
        "imported_at": source.imported_at,
    }
    rows = {
        facts["contract_id"]: {
            "contract_id": facts["contract_id"],
            "subject_id": draw_id(),
            "customer_id": facts["customer_id"],
            "facts": orjson.dumps(facts).decode(),
            "features": orjson.dumps(row).decode(),
            **common,
        }
        for facts, row in zip(write_snapshots(cases), write_features(features, cases.rows), strict=True)
    }
    ids = list(rows)
    for start in range(0, len(ids), _IDS_A_STATEMENT):
        some = contracts.c.contract_id.in_(ids[start : start + _IDS_A_STATEMENT])
        for known in connection.execute(select(contracts.c.contract_id, contracts.c.subject_id).where(some)):
            rows[known.contract_id]["subject_id"] = known.subject_id
        connection.execute(delete(contracts).where(some))
    if rows:
        connection.execute(insert(contracts), list(rows.values()))
        details = {"contracts": len(rows), "mapping_digest": source.mapping_digest, "as_of": common["as_of"]}
        append(connection, common["imported_at"], Event("imported", COMMANDS, details=details))


def save_rulebook(connection: Connection, digest: str, texts: Mapping[str, str]) -> None:
    """Keep the texts of a rulebook, once, so that what it decided can be decided again, and the stock it speaks of."""
    if connection.execute(select(rulebooks.c.digest).where(rulebooks.c.digest == digest)).first() is None:
        written = orjson.dumps(dict(texts), option=orjson.OPT_SORT_KEYS).decode()
        now = _now()
        connection.execute(insert(rulebooks).values(digest=digest, texts=written, first_used_at=now))
        append(connection, now, Event("rulebook_kept", COMMANDS, digest))
    _hold_stock(connection, texts)


def _hold_stock(connection: Connection, texts: Mapping[str, str]) -> None:
    """Keep how many of each device a devices.toml holds; once, so that what was taken stays taken."""
    digest = devices_digest(texts)
    if connection.execute(select(stock.c.device).where(stock.c.devices_digest == digest).limit(1)).first() is None:
        held = {name: device["stock"] for name, device in tomllib.loads(texts["devices.toml"]).items()}
        rows = [{"devices_digest": digest, "device": name, "taken": 0, "held": count} for name, count in held.items()]
        connection.execute(insert(stock), rows)


def create_key(connection: Connection, agent_id: str, role: str, team: str | None = None) -> str:
    """Make an API key for an agent and return it, the only time it is seen. Raises ValueError for an unknown role.

    `team`: what reports count the agent's decisions under from now on.
    """
    if role not in KEY_ROLES:
        raise ValueError(f"not a role: {role}")
    key, prefix = draw_key()
    now, held = _now(), {"agent_id": agent_id, "role": role, "team": team}
    connection.execute(insert(api_keys).values(prefix=prefix, digest=digest_of(key), created_at=now, **held))
    append(connection, now, Event("key_created", COMMANDS, prefix, details={"role": role, "team": team}))
    return key


def revoke_key(connection: Connection, prefix: str) -> bool:
    """End a key at once; False when no living key has this prefix."""
    living, now = (api_keys.c.prefix == prefix) & api_keys.c.revoked_at.is_(None), _now()
    if connection.execute(update(api_keys).where(living).values(revoked_at=now)).rowcount != 1:
        return False
    append(connection, now, Event("key_revoked", COMMANDS, prefix))
    return True
