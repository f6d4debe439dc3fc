"""Asks over HTTP: one question after the other by turns, and many at once for a while."""

import itertools
import json
import threading
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from typing import Any

from benchmarks.servers import HOST, Server

Body = dict[str, Any]


class Client:
    """One connection to one server, kept open."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection(HOST, server.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}

    def ask(self, body: Body) -> bytes:
        """The answer to one request. Raises SystemExit for any status but 200."""
        self._connection.request("POST", "/offer", json.dumps(body).encode(), self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"status {answer.status}: {said[:500]!r}")
        return said

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def ask_by_turns(servers: Sequence[Server], bodies: Sequence[Body]) -> list[list[float]]:
    """Seconds that each server took for each request, [servers][requests]; the servers answer by turns."""
    clients = [Client(server) for server in servers]
    seconds: list[list[float]] = [[] for _ in servers]
    for body in bodies:
        for client, taken in zip(clients, seconds, strict=True):
            began = time.perf_counter()
            client.ask(body)
            taken.append(time.perf_counter() - began)
    for client in clients:
        client.close()
    return seconds


def requests_a_second(server: Server, bodies: Sequence[Body], clients: int, seconds: float) -> float:
    """How many requests a server answers a second when `clients` ask at once, each one after the other."""
    counts = [0] * clients
    began = time.perf_counter()

    def keep_asking(place: int) -> None:
        client = Client(server)
        for body in itertools.cycle(bodies[place:] or bodies):
            if time.perf_counter() - began > seconds:
                break
            client.ask(body)
            counts[place] += 1
        client.close()

    threads = [threading.Thread(target=keep_asking, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)
