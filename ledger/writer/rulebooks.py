"""Writes which rulebook is in force: proposed, approved, put in force, rolled back; each step with its event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, update

from ledger.journal import Event
from ledger.rulebooks import IN_FORCE, digest_in_force, rulebook_before
from ledger.tables import activations
from ledger.writer.files import save_rulebook
from ledger.writer.journal import Act, append, hold_journal


@dataclass(frozen=True)
class Change:
    """A rulebook that somebody wants in force, and why.

    `over` is the digest it was measured against, None for a first one; `asked` the recent decisions that were taken
    again under it, `changed` those whose answer would have been another.
    """

    digest: str
    texts: Mapping[str, str]
    note: str
    over: str | None
    asked: int = 0
    changed: int = 0


class Overtaken(Exception):
    """Another rulebook has been put in force or proposed meanwhile; nothing was written."""


def activate_rulebook(connection: Connection, change: Change, act: Act) -> None:
    """Put a rulebook in force, in place of the one it was measured against. Raises Overtaken."""
    _hold(connection, change.over)
    save_rulebook(connection, change.digest, change.texts)
    _move(connection, "in_force", "past")
    sequence = _append(connection, change, act, "rulebook_activated")
    _write(connection, change, act, sequence, state="in_force", put_in_force=sequence)


def propose_rulebook(connection: Connection, change: Change, act: Act) -> None:
    """Keep a rulebook until a second person approves it; one that was proposed before is dropped. Raises Overtaken."""
    _hold(connection, change.over)
    save_rulebook(connection, change.digest, change.texts)
    _move(connection, "proposed", "dropped")
    sequence = _append(connection, change, act, "rulebook_proposed")
    _write(connection, change, act, sequence, state="proposed")


def approve_rulebook(connection: Connection, proposed: Row[Any], act: Act, over: str | None) -> None:
    """Put a proposed rulebook in force, by a second person. Raises Overtaken where it is no longer proposed."""
    _hold(connection, over)
    _move(connection, "in_force", "past")
    [sequence] = append(connection, act.now, Event("rulebook_approved", act.by, proposed.digest))
    mine = (activations.c.sequence == proposed.sequence) & (activations.c.state == "proposed")
    approved = {"state": "in_force", "approved_by": act.by.actor, "put_in_force": sequence}
    if connection.execute(update(activations).where(mine).values(approved)).rowcount != 1:
        raise Overtaken


def roll_back_rulebook(connection: Connection, act: Act, note: str, over: str) -> None:
    """Take the rulebook in force, `over`, back and put the one before it in force again. Raises Overtaken."""
    _hold(connection, over)
    before = rulebook_before(connection)
    if before is None:
        raise Overtaken
    _move(connection, "in_force", "rolled_back")
    mine = activations.c.sequence == before.sequence
    connection.execute(update(activations).where(mine).values(state="in_force"))
    details = {"note": note, "taken_back": over}
    append(connection, act.now, Event("rulebook_rolled_back", act.by, before.digest, details=details))


def _hold(connection: Connection, over: str | None) -> None:
    """Lock the rulebook in force, then the journal, in the order in which an acceptance does. Raises Overtaken."""
    connection.execute(IN_FORCE.with_for_update()).first()
    hold_journal(connection)
    if digest_in_force(connection) != over:
        raise Overtaken


def _move(connection: Connection, state: str, to: str) -> None:
    connection.execute(update(activations).where(activations.c.state == state).values(state=to))


def _append(connection: Connection, change: Change, act: Act, kind: str) -> int:
    details = {"note": change.note, "asked": change.asked, "changed": change.changed}
    [sequence] = append(connection, act.now, Event(kind, act.by, change.digest, details=details))
    return sequence


def _write(connection: Connection, change: Change, act: Act, sequence: int, **state: Any) -> None:
    row = {
        "sequence": sequence,
        "digest": change.digest,
        "proposed_by": act.by.actor,
        "note": change.note,
        "proposed_at": act.now,
        "asked": change.asked,
        "changed": change.changed,
    }
    connection.execute(insert(activations).values(**row, **state))
