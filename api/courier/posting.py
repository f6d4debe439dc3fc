"""One try to hand a message over: one POST, no redirect, and an end to it whatever the other side does."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.courier.destination import Destination, is_loopback
from api.courier.signature import headers
from engine import VERSION

RECEIVED = range(200, 300)
LONGEST_REASON = 120


@dataclass(frozen=True)
class Message:
    """What is to be handed over: the id it keeps for ever, and its bytes."""

    message_id: str
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What came of one try: the status, or why there was none; and how long the receiver wants us to wait."""

    status: int | None
    why: str = ""
    retry_after_seconds: int = 0

    @property
    def received(self) -> bool:
        """Whether the receiver has confirmed the message: any 2xx, and nothing else."""
        return self.status in RECEIVED


def post(destination: Destination, message: Message, seconds: int, patience_seconds: float) -> Reply:
    """Hand a message over at `seconds` since 1970. What goes wrong on the way is a Reply too, without a status."""
    sent = {
        **headers(destination.secrets, message.message_id, seconds, message.body),
        "Content-Type": "application/json",
        "User-Agent": f"counteroffer/{VERSION}",
        "Connection": "close",
    }
    try:
        with _connected(destination, patience_seconds) as connection:
            connection.request("POST", destination.path, message.body, sent)
            answer = connection.getresponse()
            wait = answer.headers.get("Retry-After", "")
            asked = int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else 0
        return Reply(answer.status, f"status {answer.status}", asked)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reply(None, f"{type(error).__name__}: {error}"[:LONGEST_REASON])


@contextmanager
def _connected(destination: Destination, patience_seconds: float) -> Iterator[http.client.HTTPConnection]:
    """A connection that is cut when its time is over, however slowly and steadily the other side talks."""
    connection = _open(destination, patience_seconds)
    try:
        connection.connect()
        opened: socket.socket = connection.sock
        if not destination.secure and not is_loopback(opened.getpeername()[0]):
            raise ConnectionRefusedError("plain HTTP only to this machine")
        over = threading.Event()
        cut = threading.Timer(patience_seconds, _cut, [opened, over])
        cut.daemon = True
        cut.start()
        try:
            yield connection
        finally:
            cut.cancel()
        if over.is_set():
            raise TimeoutError("the answer had no end")
    finally:
        connection.close()


def _open(destination: Destination, patience_seconds: float) -> http.client.HTTPConnection:
    if destination.secure:
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            destination.host, destination.port, timeout=patience_seconds, context=context
        )
    return http.client.HTTPConnection(destination.host, destination.port, timeout=patience_seconds)


def _cut(opened: socket.socket, over: threading.Event) -> None:
    over.set()
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself
