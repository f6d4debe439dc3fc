"""The server as it runs in production, in processes of its own, with a service manager that starts it again."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.api.world import ROOT
from tests.faults.operators import Place

COMMAND = (sys.executable, "-c", "from commands.main import main; main()", "serve")
PATIENCE_SECONDS = 60.0


class Server:
    """`counteroffer serve` on one port; `database`: where it looks instead of at the database of the place."""

    def __init__(self, place: Place, workers: int = 2, database: str = "", releases: Path | str = "none") -> None:
        self.place = place
        self.port = 0
        self._command = [*COMMAND, "--workers", str(workers), "--port"]
        settings = {
            "COUNTEROFFER_DATABASE": database or place.database,
            "COUNTEROFFER_RELEASES": str(releases),
            "COUNTEROFFER_RULEBOOK": str(place.rulebook),
            "COUNTEROFFER_KEYS": str(place.folder / "keys"),
            "OMP_NUM_THREADS": "1",
        }
        self._environment = {**os.environ, **settings}
        self._process: subprocess.Popen[str] | None = None
        self._log = place.folder / "server.log"

    @contextlib.contextmanager
    def running(self) -> Iterator["Server"]:
        """This server, ready, until the block ends."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def start(self) -> None:
        """Start and wait until it is ready; a port that dying workers still hold is waited for."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not self._listens():
            assert time.monotonic() < give_up, self.log()
        self.wait_until_ready()

    def _listens(self) -> bool:
        self._process = subprocess.Popen(
            [*self._command, str(self.port)], cwd=ROOT, env=self._environment, stderr=subprocess.PIPE, text=True
        )
        errors = self._process.stderr
        assert errors is not None
        line = errors.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if found is None:
            line += errors.read()
            self._process.wait()
            assert "port-taken" in line, line
            time.sleep(0.1)
            return False
        self.port = int(found.group(1))
        threading.Thread(target=lambda: self._keep(errors), daemon=True).start()
        return True

    def _keep(self, errors: Iterator[str]) -> None:
        with self._log.open("a") as log:
            log.writelines(errors)

    def log(self) -> str:
        """The last of what the server has said."""
        return self._log.read_text()[-4_000:] if self._log.exists() else ""

    def wait_until_ready(self) -> None:
        """Wait until /ready is 200."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not self.is_ready():
            assert time.monotonic() < give_up, self.log()
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Whether it answers, and has its database."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def master(self) -> int:
        """The process that starts the workers."""
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """The processes that answer, at this moment."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return [int(pid) for pid in Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()]
        return []

    def restart_killed(self) -> None:
        """SIGKILL the master and start it again, as a service manager would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.start()

    def stop(self) -> None:
        """End it in good order."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE_SECONDS)


def kill(pid: int) -> bool:
    """SIGKILL a process; False when it had ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
