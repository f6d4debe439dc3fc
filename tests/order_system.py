"""A fake order system: a real HTTP server that verifies signatures, keeps what it got, and fails as it is told."""

import base64
import hashlib
import hmac
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOLERANCE_SECONDS = 300
HANG_SECONDS = 30.0

Way = str
"""How a request is treated: received, refuse (500), redirect, throttle (429), drop (close without a word), hang (say
nothing), drip (a head that never ends), cut (half a status line), lost (recorded, and then closed), nonsense."""
FAILURES = ("refuse", "redirect", "throttle", "drop", "cut", "lost", "nonsense")


@dataclass
class OrderSystem:
    """What arrived, in order; `choose` says how the next message is treated."""

    secret: str = SECRET
    choose: Callable[[dict[str, Any]], Way] = lambda _: "received"
    port: int = 0
    clock: Callable[[], float] = time.time
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    """Every message that was recorded, each time it came: its id and its bytes."""
    seen: list[tuple[str, Way]] = field(default_factory=list)
    unsigned: int = 0
    visitors: int = 0
    heads: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/orders"

    @property
    def ids(self) -> list[str]:
        """Of every message that was recorded, the id, in the order of their first arrival."""
        return list(dict.fromkeys(message_id for message_id, _ in self.arrived))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Every message once, as an order system that knows an id again would keep them."""
        first = dict(reversed(self.arrived))
        return [json.loads(first[message_id]) for message_id in self.ids]

    def verify(self, head: dict[str, str], body: bytes) -> bool:
        """Whether a request was signed with our secret, not long ago: after the specification, not after our code."""
        key = base64.b64decode(self.secret.split("_", 1)[1])
        signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        fresh = abs(self.clock() - int(head["webhook-timestamp"])) <= TOLERANCE_SECONDS
        given = [one.split(",", 1) for one in head["webhook-signature"].split(" ")]
        return fresh and any(version == "v1" and hmac.compare_digest(one, expected) for version, one in given)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    system: OrderSystem

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return self._drop()  # who sent it was cut off
        head = {name.lower(): value for name, value in self.headers.items()}
        with self.system.lock:
            self.system.visitors += 1
            self.system.heads.append(head)
            if not self.system.verify(head, body):
                self.system.unsigned += 1
                return self._answer(401)
            way = self.system.choose(json.loads(body))
            self.system.seen.append((head["webhook-id"], way))
            if way in ("received", "lost"):
                self.system.arrived.append((head["webhook-id"], body))
        getattr(self, f"_{way}")()

    def do_GET(self) -> None:
        with self.system.lock:
            self.system.visitors += 1
        self._answer(200)

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _received(self) -> None:
        self._answer(204)

    def _refuse(self) -> None:
        self._answer(500)

    def _redirect(self) -> None:
        self._answer(307, Location=f"{self.system.url}/elsewhere")

    def _throttle(self) -> None:
        self._answer(429, Retry_After="7")

    def _lost(self) -> None:
        self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _cut(self) -> None:
        self.wfile.write(b"HTTP/1.1 20")
        self._drop()

    def _nonsense(self) -> None:
        self.wfile.write(b"\x00\xff\r\n\r\n200 OK")
        self._drop()

    def _hang(self) -> None:
        self.system.closing.wait(HANG_SECONDS)

    def _drip(self) -> None:
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.system.closing.wait(0.05):
                self.wfile.write(b"X-More: 1\r\n")
        except OSError:
            self.close_connection = True


@contextmanager
def running(system: OrderSystem) -> Iterator[OrderSystem]:
    """The order system, listening on a free port of this machine until the block ends."""
    handler = type("Handler", (_Handler,), {"system": system})
    server = ThreadingHTTPServer(("127.0.0.1", system.port), handler)
    server.daemon_threads = True
    system.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield system
    finally:
        system.closing.set()
        server.shutdown()
        server.server_close()


def failing(seed: int, share: float) -> Callable[[dict[str, Any]], Way]:
    """A way of failing: this share of the requests, in every way, and the others received."""
    chance = random.Random(seed)
    return lambda _: chance.choice(FAILURES) if chance.random() < share else "received"


def repeated(system: OrderSystem) -> dict[str, int]:
    """How often each message was recorded beyond the first time."""
    return {message_id: times - 1 for message_id, times in Counter(each for each, _ in system.arrived).items()}
