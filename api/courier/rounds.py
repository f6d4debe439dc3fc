"""The courier's rounds: what is due is claimed, tried, and written down; several couriers may walk at once."""

import datetime
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row

from api.courier.destination import Destination
from api.courier.posting import Message, Reply, post
from ledger import writer
from ledger.messages import count_waiting, due_messages
from ledger.records import time_text
from ledger.store import reading, writing

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How long a try may take, after how long a claim lapses, and the waits between tries, all in seconds."""

    patience: float = 15
    claim: float = 120
    first_wait: float = 2
    longest_wait: float = 600

    def wait(self, attempts: int, asked: int) -> float:
        """Seconds until the next try: twice as many each time up to a limit, between half and all of them at random.

        What the receiver asks for is granted, within the same limit.
        """
        doubled = min(self.longest_wait, self.first_wait * 2 ** min(attempts - 1, 30))
        return max(doubled * (0.5 + secrets.randbelow(500_001) / 1_000_000), min(asked, self.longest_wait))


@dataclass(frozen=True)
class Tally:
    """What one round came to: messages confirmed, tries that were not, and messages that still wait."""

    delivered: int
    failed: int
    waiting: int


@dataclass(frozen=True)
class Courier:
    """Walks between the outbox of one store and one destination."""

    store: Engine
    destination: Destination
    clock: Callable[[], datetime.datetime]
    """This moment, by the operator's calendar."""
    pace: Pace = Pace()

    def walk(self, stopped: Callable[[], bool] = lambda: False) -> Tally:
        """Expire what is over, then try every message that is due by now, once. Raises StoreUnavailable.

        Between two messages it asks whether it is to stop.
        """
        begun, results = self.clock(), [0, 0]
        self._sweep(begun)
        while not stopped() and (due := self._due(begun)):
            for message in due:
                if stopped():
                    break
                if (delivered := self._try(message)) is not None:
                    results[delivered] += 1
        with reading(self.store) as connection:
            return Tally(results[True], results[False], count_waiting(connection))

    def _sweep(self, now: datetime.datetime) -> None:
        expired = 1
        while expired:
            with writing(self.store) as connection:
                expired = writer.sweep(connection, now)

    def _due(self, now: datetime.datetime) -> list[Row[Any]]:
        with reading(self.store) as connection:
            return list(due_messages(connection, now))

    def _try(self, message: Row[Any]) -> bool | None:
        """Whether a message was confirmed; None where another courier has it."""
        now = self.clock()
        claimed = now + datetime.timedelta(seconds=self.pace.claim)
        with writing(self.store) as connection:
            if not writer.claim(connection, message, claimed):
                return None
        sent = Message(message.message_id, bytes(message.payload))
        reply = post(self.destination, sent, int(now.timestamp()), self.pace.patience)
        with writing(self.store) as connection:
            if reply.received:
                writer.mark_delivered(connection, message, self.clock())
                return True
            later = self.clock() + datetime.timedelta(
                seconds=self.pace.wait(message.attempts + 1, reply.retry_after_seconds)
            )
            writer.try_later(connection, message, claimed, later)
        _tell(message, reply, later)
        return False


def _tell(message: Row[Any], reply: Reply, later: datetime.datetime) -> None:
    said = {"event": "delivery-failed", "message_id": message.message_id, "kind": message.kind, "why": reply.why}
    _log.error(json.dumps({**said, "attempt": message.attempts + 1, "next_try_at": time_text(later)}))
