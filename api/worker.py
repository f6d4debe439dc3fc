"""Gunicorn as we run it: threads, one open door, and problem documents even for what never becomes a request."""

import socket
import uuid
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.http import errors as http
from gunicorn.workers.gthread import ThreadWorker

from api.errors import PROBLEM_JSON, Problem, problem_document

LONGEST_REQUEST_LINE = 4_094
MOST_HEADERS = 100
LONGEST_HEADER = 8_190
THREADS = 4

_REFUSED = (
    (http.LimitRequestLine, "uri-too-long", f"expected at most {LONGEST_REQUEST_LINE} bytes in the request line"),
    (
        http.LimitRequestHeaders,
        "headers-too-large",
        f"expected at most {MOST_HEADERS} headers of {LONGEST_HEADER} bytes",
    ),
    (http.ExpectationFailed, "expectation-failed", "expected 100-continue or no Expect header"),
    (http.UnsupportedTransferCoding, "not-implemented", "expected chunked or no Transfer-Encoding"),
    (http.ParseException, "malformed-request", "expected HTTP/1.1"),
)
_REASONS = {400: "Bad Request", 414: "URI Too Long", 417: "Expectation Failed", 431: "Request Header Fields Too Large"}


class Worker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker that refuses what is not HTTP with a problem document instead of a page."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that could not be read, or whose answer failed; the connection is then closed."""
        refusal = next(((code, detail) for kind, code, detail in _REFUSED if isinstance(exc, kind)), None)
        if refusal is None:
            self.log.error("error handling a request", exc_info=exc)
        code, detail = refusal or ("internal", "a fault of ours")
        status, body = problem_document(Problem.of(code, detail), str(uuid.uuid4()))
        head = (
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\nContent-Type: {PROBLEM_JSON}\r\n"
            f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + body)
        except OSError:
            self.log.debug("the client left before it was refused")


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn over an application that is made in each worker, after the fork."""

    def __init__(self, make_app: Any, options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Our options, and nothing from files or the command line."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application of one worker."""
        return self._make_app()


def server_options(listener: socket.socket, workers: int) -> dict[str, Any]:
    """How gunicorn serves on a socket that is already bound."""
    return {
        "bind": f"fd://{listener.fileno()}",
        "worker_class": f"{Worker.__module__}.{Worker.__qualname__}",
        "workers": workers,
        "threads": THREADS,
        "timeout": 30,
        "graceful_timeout": 10,
        "keepalive": 5,
        "limit_request_line": LONGEST_REQUEST_LINE,
        "limit_request_fields": MOST_HEADERS,
        "limit_request_field_size": LONGEST_HEADER,
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "control_socket_disable": True,
        "loglevel": "warning",
    }
