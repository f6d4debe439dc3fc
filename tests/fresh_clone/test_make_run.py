"""`make run` as a newcomer meets it: in a fresh clone, then a second time, each ended by Ctrl-C."""

import json
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

FIRST_RUN_SECONDS = 1_200
SECOND_RUN_SECONDS = 15
GOODBYE_SECONDS = 20

pytestmark = pytest.mark.long


class Run:
    """One `make run`: how long it took to be ready, and all that it has printed."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path, port: int) -> None:
        self.process, self.output, self.port = process, output, port
        self.started = time.monotonic()

    def text(self) -> str:
        return self.output.read_text("utf-8")

    def wait_until_ready(self, limit_seconds: int) -> float:
        while time.monotonic() - self.started < limit_seconds:
            assert self.process.poll() is None, self.text()
            if is_ready(self.port):
                return time.monotonic() - self.started
            time.sleep(0.05)
        raise AssertionError(f"not ready after {limit_seconds} s:\n{self.text()}")

    def wait_until_it_says(self, words: str, limit_seconds: int) -> None:
        while words not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() - self.started < limit_seconds, self.text()
            time.sleep(0.05)

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(GOODBYE_SECONDS)


def is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@contextmanager
def make_run(clone: Path, environment: dict[str, str], port: int) -> Iterator[Run]:
    output = clone.parent / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Run(process, output, port)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def request_of(line: str) -> Request:
    """The request that the printed line makes."""
    words = shlex.split(line)
    options = [(word, words[at + 1]) for at, word in enumerate(words) if word in {"-X", "-H", "-d"}]
    headers = dict(value.split(": ", 1) for option, value in options if option == "-H")
    body = next(value for option, value in options if option == "-d")
    url = next(word for word in words if word.startswith("http://"))
    return Request(url, body.encode(), headers, method=dict(options)["-X"])


def test_a_run_stopped_half_way_goes_on_and_the_next_starts_in_seconds(
    clone: Path, environment: dict[str, str]
) -> None:
    port = free_port()
    with make_run(clone, environment, port) as run:
        run.wait_until_it_says("$ counteroffer train", FIRST_RUN_SECONDS)
        run.press_ctrl_c()
        assert "Traceback" not in run.text()
    lines = [ask_and_stop(clone, environment, port, seconds) for seconds in (FIRST_RUN_SECONDS, SECOND_RUN_SECONDS)]
    assert lines[0] == lines[1]
    assert (clone / "var" / "demo-keys.json").stat().st_mode & 0o777 == 0o600


def ask_and_stop(clone: Path, environment: dict[str, str], port: int, limit_seconds: int) -> str:
    """Run, carry out the printed line, press Ctrl-C; the line."""
    with make_run(clone, environment, port) as run:
        run.wait_until_ready(limit_seconds)
        [line] = [line for line in run.text().splitlines() if "curl" in line]
        assert line.startswith(f"curl -s -X POST http://127.0.0.1:{port}/offer -H 'Authorization: Bearer ")
        with urlopen(request_of(line), timeout=10) as answer:
            assert answer.status == 200
            assert json.load(answer)["offers"]
        run.press_ctrl_c()
        assert run.text().count("curl") == 1
        assert "Traceback" not in run.text()
        assert "***" not in run.text()
        assert not is_ready(port)
        return line
