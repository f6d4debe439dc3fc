"""The real server in a process of its own: gunicorn, sockets, signals, and bytes that never become a request."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger import queries
from ledger.store import open_store, reading, writing
from ledger.writer import create_key
from tests.api.world import ASKED, ROOT, make_store

COMMAND = [sys.executable, "-c", "from commands.main import main; main()"]
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    port: int
    database: str
    key: str
    environment: dict[str, str]

    def exchange(self, sent: bytes, close: bool = True) -> bytes:
        """Everything the server says to some bytes, until it closes the connection or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(sent)
            if close:
                connection.shutdown(socket.SHUT_WR)
            received = b""
            with contextlib.suppress(ConnectionResetError):
                while part := connection.recv(65_536):
                    received += part
            return received

    def post(self, body: object, **headers: str) -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        connection.request("POST", "/offer", json.dumps(body), sent)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def start(environment: dict[str, str], *options: str) -> subprocess.Popen[str]:
    command = [*COMMAND, "serve", "--port", "0", "--workers", "2", *options]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
    assert found, line
    threading.Thread(target=process.stderr.read, daemon=True).start()
    return int(found.group(1))


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + 3 * PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the server was never ready")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("server")
    store = make_store(folder)
    with writing(store) as connection:
        key = create_key(connection, "agent-1", "agent")
    store.dispose()
    database = f"sqlite:///{folder}/store.db"
    settings = {"COUNTEROFFER_DATABASE": database, "COUNTEROFFER_RELEASES": "none", "OMP_NUM_THREADS": "1"}
    settings["COUNTEROFFER_KEYS"] = str(folder / "keys")
    environment = {**os.environ, **settings}
    process = start(environment)
    port = port_of(process)
    wait_until_ready(port)
    yield Running(process, port, database, key, environment)
    process.terminate()
    assert process.wait(timeout=3 * PATIENCE_SECONDS) == 0


def request(head: str, body: bytes = b"") -> bytes:
    return head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body


def test_a_server_anchors_what_has_happened(server: Running) -> None:
    anchors = Path(server.database.removeprefix("sqlite:///")).with_name("anchors.jsonl")
    deadline = time.monotonic() + 3 * PATIENCE_SECONDS
    while not anchors.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    command, options = [*COMMAND, "audit", "verify"], {"capture_output": True, "text": True, "check": False}
    done = subprocess.run(command, env=server.environment, cwd=ROOT, **options)
    assert done.returncode == 0, done.stderr
    assert "every one as it was written; anchored to event" in done.stdout


LONG_PATH = "/" + "a" * 9_000
MANY_HEADERS = "\n".join(f"X-{n}: 1" for n in range(101))
GET = "GET /live HTTP/1.1\nHost: localhost"
POST = "POST /offer HTTP/1.1\nHost: localhost\nContent-Type: application/json\nAuthorization: Bearer {key}"

RAW = {
    "not HTTP": (request("GARBAGE"), 400, "malformed-request"),
    "a line of NUL": (b"\x00\x00\r\n\r\n", 400, "malformed-request"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed-request"),
    "HTTP/9": (request("GET /live HTTP/9.9\nHost: localhost"), 400, "malformed-request"),
    "a method in small letters": (request("get /live HTTP/1.1\nHost: localhost"), 400, "malformed-request"),
    "a path of 9 kB": (request(f"GET {LONG_PATH} HTTP/1.1\nHost: localhost"), 414, "uri-too-long"),
    "101 headers": (request(f"{GET}\n{MANY_HEADERS}"), 431, "headers-too-large"),
    "a header of 9 kB": (request(f"{GET}\nX-Long: {'a' * 9_000}"), 431, "headers-too-large"),
    "a header without a colon": (request(f"{GET}\nnonsense"), 400, "malformed-request"),
    "a header with a space": (request(f"{GET}\nBad Name: 1"), 400, "malformed-request"),
    "a folded header": (request(f"{GET}\nX-A: 1\n  2"), 400, "malformed-request"),
    "two lengths": (request(f"{POST}\nContent-Length: 2\nContent-Length: 3", b"{}"), 400, "malformed-request"),
    "a negative length": (request(f"{POST}\nContent-Length: -2", b"{}"), 400, "malformed-request"),
    "a length in words": (request(f"{POST}\nContent-Length: two", b"{}"), 400, "malformed-request"),
    "length and chunks": (
        request(f"{POST}\nContent-Length: 4\nTransfer-Encoding: chunked", b"0\r\n\r\nGET /live HTTP/1.1\r\n\r\n"),
        400,
        "malformed-request",
    ),
    "a coding we do not have": (request(f"{POST}\nTransfer-Encoding: zip", b"{}"), 501, "not-implemented"),
    "another expectation": (request(f"{POST}\nContent-Length: 2\nExpect: tea", b"{}"), 417, "expectation-failed"),
    "no host": (request("GET /live HTTP/1.1"), 400, "bad-host"),
    "two hosts": (request(f"{GET}\nHost: localhost"), 400, "malformed-request"),
    "a body cut short": (request(f"{POST}\nContent-Length: 100", b'{"contract_id": '), 400, "malformed-body"),
    "chunks cut short": (request(f"{POST}\nTransfer-Encoding: chunked", b'10\r\n{"contract'), 400, "malformed-body"),
    "chunks without end": (request(f"{POST}\nTransfer-Encoding: chunked", b"2\r\n{}\r\n"), 400, "malformed-body"),
    "a chunk size in words": (
        request(f"{POST}\nTransfer-Encoding: chunked", b"two\r\n{}\r\n0\r\n\r\n"),
        400,
        "malformed-",
    ),
    "chunks beyond the limit": (
        request(f"{POST}\nTransfer-Encoding: chunked", b"11170\r\n" + b" " * 70_000 + b"\r\n0\r\n\r\n"),
        413,
        "too-large",
    ),
    "two keys": (request(f"{POST}\nAuthorization: Bearer x\nContent-Length: 2", b"{}"), 401, "unauthenticated"),
}


@pytest.mark.parametrize("title", RAW)
def test_raw_bytes_get_their_problem(server: Running, title: str) -> None:
    sent, status, code = RAW[title]
    received = server.exchange(sent.replace(b"{key}", server.key.encode()))
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode()), received[:200]
    assert b"application/problem+json" in head
    assert json.loads(body)["type"].startswith(f"/problems/{code}")
    assert received.count(b"HTTP/1.1 ") == 1


def test_a_client_that_falls_silent_is_not_waited_for(server: Running) -> None:
    begun = time.monotonic()
    sent = request(f"{POST}\nContent-Length: 100", b"{").replace(b"{key}", server.key.encode())
    received = server.exchange(sent, close=False)
    assert b'"/problems/malformed-body"' in received
    assert time.monotonic() - begun < PATIENCE_SECONDS


def test_a_chunked_body_is_read(server: Running) -> None:
    body = json.dumps(ASKED).encode()
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    sent = request(f"{POST}\nTransfer-Encoding: chunked", chunks).replace(b"{key}", server.key.encode())
    assert server.exchange(sent).startswith(b"HTTP/1.1 200 ")


def test_an_answer_over_the_wire_is_on_record(server: Running) -> None:
    status, answer = server.post(ASKED)
    assert status == 200
    store = open_store(server.database)
    with reading(store) as connection:
        row = queries.find_decision(connection, str(answer["decision_id"]))
    store.dispose()
    assert row is not None
    assert json.loads(row.answer) == answer


def test_many_clients_at_once_are_all_answered_and_all_recorded(server: Running) -> None:
    answers: list[tuple[int, dict[str, object]]] = []
    clients = [threading.Thread(target=lambda: answers.extend(server.post(ASKED) for _ in range(5))) for _ in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert [status for status, _ in answers] == [200] * 40
    store = open_store(server.database)
    with reading(store) as connection:
        rows = [queries.find_decision(connection, str(answer["decision_id"])) for _, answer in answers]
    store.dispose()
    assert None not in rows


def test_a_proxy_that_is_not_trusted_cannot_rename_the_door(server: Running) -> None:
    for header in ("X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Script-Name", "Forwarded"):
        assert server.post(ASKED, **{header: "evil"})[0] == 200


def test_a_taken_port_is_refused_in_one_line(server: Running) -> None:
    command = [*COMMAND, "serve", "--port", str(server.port)]
    refused = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode == os.EX_UNAVAILABLE
    assert len(refused.stderr.splitlines()) == 1
    assert refused.stderr.startswith(f"error[port-taken] 127.0.0.1:{server.port}: ")


def test_every_bad_setting_is_named_at_once(server: Running) -> None:
    bad = {"COUNTEROFFER_TIME_ZONE": "Mars/Base", "COUNTEROFFER_COLOUR": "red", "COUNTEROFFER_RULEBOOK": "nowhere"}
    environment = {**server.environment, **bad}
    command = [*COMMAND, "serve", "--port", "0"]
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert {line.split()[1].rstrip(":") for line in refused.stderr.splitlines()} == set(bad)
    assert refused.returncode != 0


def broken_rulebook(folder: Path) -> str:
    rulebook = Path(shutil.copytree(ROOT / "rulebook", folder / "rulebook"))
    (rulebook / "devices.toml").write_text("= broken")
    (rulebook / "policy.toml").unlink()
    return str(rulebook)


def test_a_first_rulebook_that_cannot_be_read_is_refused_before_anything_listens(
    server: Running, tmp_path: Path
) -> None:
    empty = f"sqlite:///{tmp_path}/empty.db"
    given = {"COUNTEROFFER_RULEBOOK": broken_rulebook(tmp_path), "COUNTEROFFER_DATABASE": empty}
    command = [*COMMAND, "serve", "--port", "0"]
    environment = {**server.environment, **given}
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0
    assert all(line.startswith("error[") for line in refused.stderr.splitlines())
    assert "devices.toml" in refused.stderr
    assert "policy.toml" in refused.stderr


def test_a_broken_folder_beside_the_rulebook_in_force_is_told_of_and_the_server_starts(
    server: Running, tmp_path: Path
) -> None:
    process = start({**server.environment, "COUNTEROFFER_RULEBOOK": broken_rulebook(tmp_path)})
    assert process.stderr is not None
    listens, tells = process.stderr.readline(), process.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)", listens)
    assert found
    wait_until_ready(int(found.group(1)))
    assert "is not what is in force and does nothing until" in tells
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=3 * PATIENCE_SECONDS) == 0


def test_a_terminated_server_ends_cleanly(server: Running) -> None:
    process = start(server.environment)
    wait_until_ready(port_of(process))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=3 * PATIENCE_SECONDS) == 0


def test_the_database_is_kept_where_it_was_asked_for(server: Running) -> None:
    assert Path(server.database.removeprefix("sqlite:///")).is_file()
