"""Reads of the rulebooks on file: which is in force, which is proposed, and what was in force before."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, literal_column, select

from ledger.tables import activations, rulebooks

_HOLDS = activations.c.state == literal_column("'in_force'")  # a bound parameter would find no partial index
IN_FORCE = select(activations.c.digest).where(_HOLDS)
"""The digest of the rulebook in force: one row of a unique index."""

_IN_STATE = select(activations).where(activations.c.state == bindparam("state"))
_BEFORE = _IN_STATE.order_by(activations.c.put_in_force.desc()).limit(1)
_STANDS = (
    select(activations.c.digest).where(_HOLDS, activations.c.digest == bindparam("digest")).with_for_update(read=True)
)


def digest_in_force(connection: Connection) -> str | None:
    """The digest of the rulebook in force; None before the first."""
    return connection.execute(IN_FORCE).scalar()


def rulebook_stands(connection: Connection, digest: str) -> bool:
    """Whether a rulebook is still in force; until this transaction ends no other takes its place."""
    return connection.execute(_STANDS, {"digest": digest}).first() is not None


def rulebook_proposed(connection: Connection) -> Row[Any] | None:
    """The rulebook that waits for a second person."""
    return connection.execute(_IN_STATE, {"state": "proposed"}).first()


def rulebook_before(connection: Connection) -> Row[Any] | None:
    """The rulebook that was in force before the one that is; what was rolled back does not count."""
    return connection.execute(_BEFORE, {"state": "past"}).first()


def every_activation(connection: Connection) -> Sequence[Row[Any]]:
    """All that was ever proposed or put in force, the oldest first."""
    return connection.execute(select(activations).order_by(activations.c.sequence)).all()


def digests_beginning(connection: Connection, digits: str) -> list[str]:
    """The digests of rulebooks on file that begin with some digits."""
    alike = rulebooks.c.digest.startswith(digits, autoescape=True)
    return list(connection.execute(select(rulebooks.c.digest).where(alike).order_by(rulebooks.c.digest)).scalars())
