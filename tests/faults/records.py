"""What the store says at the end, against what clients were told: nothing lost, nothing doubled, nothing wrong."""

import collections
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, func, select

from ledger.anchors import Trace
from ledger.audit import find_flaw, read_copy
from ledger.store import reading
from ledger.tables import acceptances, bodies, decisions, offers, outbox, proposals, replies, stock
from tests.faults.clients import Reply


@dataclass(frozen=True)
class Told:
    """One acceptance as a client knows it: its key, what it named, and the final answer."""

    key: str
    named: dict[str, Any]
    reply: Reply


def lost(store: Engine, told: Iterable[Told]) -> list[str]:
    """The acceptances that were acknowledged and are not in the store, by their key."""
    with reading(store) as connection:
        ids = set(connection.execute(select(acceptances.c.acceptance_id)).scalars())
    return [each.key for each in told if each.reply.status == 201 and each.reply.json["acceptance_id"] not in ids]


def doubled(store: Engine) -> list[str]:
    """Proposals accepted twice, orders sent twice or without an acceptance, and phones taken that nobody accepted."""
    with reading(store) as connection:
        rows = connection.execute(select(acceptances)).all()
        orders = select(outbox.c.payload).where(outbox.c.kind == "order.accepted")
        sent = [orjson.loads(payload)["data"]["order_id"] for payload in connection.execute(orders).scalars()]
        taken = connection.execute(select(func.sum(stock.c.taken))).scalar() or 0
        live = connection.execute(select(proposals.c.subject_id).where(proposals.c.state == "live")).scalars().all()
    standing = [row for row in rows if row.state in ("accepted", "to_confirm")]
    found = [f"proposal {name}" for name, times in _counted(row.proposal_id for row in rows) if times > 1]
    found += [f"order {name}" for name, times in _counted(sent) if times > 1]
    found += [f"order {name}" for name in set(sent) ^ {row.acceptance_id for row in rows if row.state != "to_confirm"}]
    found += [f"live on {name}" for name, times in _counted(live) if times > 1]
    if taken != sum(1 for row in standing if row.device):
        found.append(f"{taken} phones taken, {sum(1 for row in standing if row.device)} accepted")
    return found


def _counted(names: Iterable[str]) -> Iterable[tuple[str, int]]:
    return collections.Counter(names).items()


def wrong(store: Engine, told: Iterable[Told]) -> list[str]:
    """Keys whose acceptance is not what was offered and named, or whose kept answer is not the one that was sent."""
    found = []
    with reading(store) as connection:
        rows = {row.acceptance_id: row for row in connection.execute(select(acceptances))}
        kept = {row.key: row for row in connection.execute(select(replies))}
        terms = {(row.proposal_id, row.offer_id): row.terms for row in connection.execute(select(offers))}
    for each in told:
        if each.reply.status != 201:
            continue
        answer, named = each.reply.json, each.named
        row = rows.get(answer["acceptance_id"])
        same = row is not None and (row.proposal_id, row.offer_id, row.terms_digest) == tuple(named.values())
        offered = orjson.loads(terms[named["proposal_id"], named["offer_id"]])
        if not (same and answer["offer"] == offered and bytes(kept[each.key].body) == each.reply.body):
            found.append(each.key)
    return found


def unrecorded(store: Engine, answers: Iterable[bytes]) -> list[str]:
    """The decisions that were answered with other bytes than are on record, or of which there is no record."""
    with reading(store) as connection:
        joined = select(decisions.c.decision_id, bodies.c.answer).join(
            bodies, decisions.c.sequence == bodies.c.sequence
        )
        kept = {row.decision_id: bytes(row.answer) for row in connection.execute(joined)}
    ids = ((orjson.loads(answer)["decision_id"], answer) for answer in answers)
    return [decision_id for decision_id, answer in ids if kept.get(decision_id) != answer]


def count_acceptances(store: Engine) -> int:
    """How many acceptances are on record."""
    with reading(store) as connection:
        return int(connection.execute(select(func.count()).select_from(acceptances)).scalar_one())


def count_decisions(store: Engine) -> int:
    """How many decisions are on record."""
    with reading(store) as connection:
        return int(connection.execute(select(func.count()).select_from(decisions)).scalar_one())


def flaw_of_journal(store: Engine) -> object:
    """The first event that is not as it was written; None where the whole chain holds."""
    with reading(store) as connection:
        return find_flaw(read_copy(connection), Trace([]))


def integrity(store: Engine) -> str:
    """What SQLite says of its own file; `ok` on PostgreSQL, which checks its pages as it reads them."""
    if store.dialect.name != "sqlite":
        return "ok"
    with reading(store) as connection:
        return str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
