"""A proxy for one hop of TCP that can let an answer vanish: after the request went through, before anybody hears."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

BYTES_AT_ONCE = 65_536
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""A COMMIT as the wire of PostgreSQL has it."""


class Proxy:
    """Listens on a free port and passes on what it hears; `drop_next()` loses one answer and both connections."""

    def __init__(self, connect: Callable[[], socket.socket], is_it: Callable[[bytes], bool]) -> None:
        self._connect, self._is_it = connect, is_it
        self._armed = threading.Event()
        self.dropped = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._listener.close()

    def drop_next(self) -> None:
        """Let the answer to the next request that it is about vanish."""
        self._armed.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, self._connect() as server:
            lost = threading.Event()
            back = threading.Thread(target=self._pass_back, args=(server, client, lost), daemon=True)
            back.start()
            while said := client.recv(BYTES_AT_ONCE):
                if self._armed.is_set() and self._is_it(said):
                    self._armed.clear()
                    lost.set()
                server.sendall(said)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_WR)
            back.join()

    def _pass_back(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while heard := server.recv(BYTES_AT_ONCE):
                if lost.is_set():
                    self.dropped += 1
                    break
                client.sendall(heard)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def to_unix(path: str) -> Callable[[], socket.socket]:
    """Connects to a socket in the file system."""

    def connect() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        return connection

    return connect


def to_port(port: int) -> Callable[[], socket.socket]:
    """Connects to a port of this machine."""
    return lambda: socket.create_connection(("127.0.0.1", port))
