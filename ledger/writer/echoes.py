"""Writes what the order system says it recorded, and the alarm where that is not what was accepted."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from ledger.journal import Event, canonical
from ledger.orders import ECHOED, RECORDED_WRONGLY, last_echo, open_alarms
from ledger.writer.alarms import Alarm, close_alarm, raise_alarm
from ledger.writer.journal import Act, append


def keep_echo(
    connection: Connection,
    order: Row[Any],
    recorded: Mapping[str, Any],
    differences: Sequence[Mapping[str, Any]],
    act: Act,
) -> None:
    """Write an echo and close the alarm of the one before; raise one where it differs. The same echo again: nothing."""
    order_id, subject_id = order.acceptance_id, order.subject_id
    said = {"match": not differences, "echo_digest": hashlib.sha256(canonical(recorded)).hexdigest()}
    if last_echo(connection, order) == said:
        return
    append(connection, act.now, Event(ECHOED, act.by, order_id, subject_id, said))
    for alarm in open_alarms(connection, order):
        close_alarm(connection, alarm, act.by, act.now)
    if differences:
        wrongly = Alarm(RECORDED_WRONGLY, order_id, {"differences": list(differences)})
        raise_alarm(connection, subject_id, wrongly, act.by, act.now)
