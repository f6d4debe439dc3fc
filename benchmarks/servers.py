"""The two servers, each as it is run: ours by `counteroffer serve`, the plain one by gunicorn with equal settings."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from api.worker import THREADS
from benchmarks.home import COUNTEROFFER, ROOT, RULEBOOK, Home, Stage

HOST, WORKERS, READY_SECONDS = "127.0.0.1", "2", 60
EQUAL_SETTINGS = ["--threads", str(THREADS), "--timeout", "30", "--keep-alive", "5", "--log-level", "warning"]
"""What `api.worker.server_options` sets for ours."""

ONE_THREAD_A_CALL = {"OMP_NUM_THREADS": "1"}
"""Without it the boosted trees of the plain version wait for one another; ours does not use OpenMP."""


@dataclass(frozen=True)
class Server:
    """A server on this machine: its name in the tables, its port, and a key it knows."""

    name: str
    port: int
    key: str


@contextmanager
def both_servers(home: Home, stage: Stage) -> Iterator[list[Server]]:
    """Ours and the plain one, ready to answer; both are stopped when the block ends."""
    ours, plain = Server("ours", free_port(), stage.key), Server("plain", free_port(), stage.plain_key)
    serve = [str(COUNTEROFFER), "serve", "--host", HOST, "--port", str(ours.port), "--workers", WORKERS]
    settings = {"DATABASE": stage.database, "RELEASES": home.releases, "KEYS": home.keys, "RULEBOOK": RULEBOOK}
    settings["ANCHORS"] = stage.folder / "anchors.jsonl"
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{plain.port}", "--no-control-socket"]
    gunicorn += [
        "--worker-class",
        "gthread",
        "--workers",
        WORKERS,
        *EQUAL_SETTINGS,
        "benchmarks.plain.app:create_app()",
    ]
    with ExitStack() as running:
        running.enter_context(_running(serve, {f"COUNTEROFFER_{name}": str(it) for name, it in settings.items()}))
        running.enter_context(_running(gunicorn, {"PLAIN_HOME": str(stage.folder), "PLAIN_RULEBOOK": str(RULEBOOK)}))
        _wait_until_ready(ours)
        _wait_until_ready(plain)
        yield [ours, plain]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        return int(unused.getsockname()[1])


@contextmanager
def _running(command: list[str], settings: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ONE_THREAD_A_CALL, **settings}) as process:
        try:
            yield
        finally:
            process.terminate()


def _wait_until_ready(server: Server) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            with urlopen(f"http://{HOST}:{server.port}/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"the server {server.name} was not ready after {READY_SECONDS} s")
