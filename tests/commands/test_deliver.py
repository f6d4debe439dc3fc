"""`counteroffer deliver`, alone and beside a server: orders leave, and what is asked for ends."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.store import writing
from ledger.writer import create_key
from tests.api.courier.outbox import fill
from tests.api.world import ROOT, make_store
from tests.order_system import SECRET, OrderSystem, running

COMMAND = [sys.executable, "-c", "from commands.main import main; main()"]
PATIENCE_SECONDS = 30.0


@pytest.fixture
def system() -> Iterator[OrderSystem]:
    with running(OrderSystem()) as listening:
        yield listening


def environment(folder: Path, system: OrderSystem | None, **more: str) -> dict[str, str]:
    settings = {"COUNTEROFFER_DATABASE": f"sqlite:///{folder}/store.db", "COUNTEROFFER_RELEASES": "none"}
    settings["COUNTEROFFER_KEYS"] = str(folder / "keys")
    if system is not None:
        settings |= {"COUNTEROFFER_ORDERS_URL": system.url, "COUNTEROFFER_WEBHOOK_SECRET": SECRET}
    return {**os.environ, **settings, "OMP_NUM_THREADS": "1", **more}


def deliver(given: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "deliver", *options]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=60, check=False)


def wait_until(met: Callable[[], object], what: str) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not met():
        assert time.monotonic() < give_up, what
        time.sleep(0.05)


def test_once_takes_everything_and_says_so(tmp_path: Path, system: OrderSystem) -> None:
    store = make_store(tmp_path)
    posted = fill(store, count=2, messages=2)
    store.dispose()
    done = deliver(environment(tmp_path, system), "--once")
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 delivered, 0 failed, 0 waiting\n", "")
    assert set(system.ids) == {each for ids in posted.values() for each in ids}
    again = deliver(environment(tmp_path, system), "--once", "--json")
    assert json.loads(again.stdout) == {"delivered": 0, "failed": 0, "waiting": 0}


def test_what_was_not_confirmed_is_logged_and_the_exit_says_so(tmp_path: Path, system: OrderSystem) -> None:
    store = make_store(tmp_path)
    [[message_id]] = fill(store, count=1, messages=1).values()
    store.dispose()
    system.choose = lambda _: "refuse"
    done = deliver(environment(tmp_path, system), "--once", "--json")
    assert done.returncode == os.EX_TEMPFAIL
    assert json.loads(done.stdout) == {"delivered": 0, "failed": 1, "waiting": 1}
    logged, fault = (json.loads(line) for line in done.stderr.splitlines())
    assert (logged["event"], logged["message_id"], logged["why"]) == ("delivery-failed", message_id, "status 500")
    assert (fault["code"], fault["what"]) == ("not-delivered", "1 messages still wait")
    assert "C-0" not in done.stdout + done.stderr


def test_without_an_address_nothing_is_taken_anywhere(tmp_path: Path) -> None:
    done = deliver(environment(tmp_path, None), "--once")
    assert (done.returncode, done.stdout) == (os.EX_CONFIG, "")
    assert done.stderr.startswith("error[bad-setting] COUNTEROFFER_ORDERS_URL: ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_courier_walks_until_it_is_told_to_end(tmp_path: Path, system: OrderSystem, number: signal.Signals) -> None:
    store = make_store(tmp_path)
    process = subprocess.Popen([*COMMAND, "deliver"], cwd=ROOT, env=environment(tmp_path, system))
    fill(store, count=3, messages=1)
    wait_until(lambda: len(system.ids) == 3, "the messages did not arrive")
    store.dispose()
    process.send_signal(number)
    assert process.wait(timeout=PATIENCE_SECONDS) == 0


def children_of(pid: int) -> list[int]:
    folder = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in folder.read_text().split()] if folder.exists() else []


def courier_of(server: subprocess.Popen[str]) -> int | None:
    with contextlib.suppress(FileNotFoundError):
        for child in children_of(server.pid):
            if b"\0--parent\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    return None


def has_ended(pid: int | None) -> bool:
    """Whether a process is gone, or a shell of itself that nobody has asked after."""
    try:
        return not Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return True


def serve(given: dict[str, str]) -> tuple[subprocess.Popen[str], int]:
    command = [*COMMAND, "serve", "--port", "0", "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env=given, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stderr.readline())
    assert found
    threading.Thread(target=process.stderr.read, daemon=True).start()
    wait_until(lambda: is_ready(int(found.group(1))), "the server was never ready")
    return process, int(found.group(1))


def is_ready(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False


def post(port: int, key: str, door: str, body: object) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": "key-1"}
    connection.request("POST", door, json.dumps(body), headers)
    answer = connection.getresponse()
    read = json.loads(answer.read())
    assert answer.status < 300, read
    return dict(read)


def test_an_order_recorded_wrongly_is_caught(tmp_path: Path, system: OrderSystem) -> None:
    """The story to its end: accepted over HTTP, taken away by the server's own courier, recorded wrongly, caught."""
    store = make_store(tmp_path)
    with writing(store) as connection:
        agent, orders = create_key(connection, "agent-1", "agent"), create_key(connection, "erp", "order_system")
    store.dispose()
    process, port = serve(environment(tmp_path, system))
    wish = {"contract_id": "C-1", "channel": "phone_in", "wants": {"device": "galaxy-a17", "max_commitment_months": 12}}
    answer = post(port, agent, "/offer", wish)
    offer = answer["offers"][0]
    named = {"proposal_id": answer["proposal_id"], "offer_id": offer["offer_id"], "digest": answer["digest"]}
    post(port, agent, "/shown", {**named, "read_back": True})
    accepted = post(port, agent, "/accept", named)
    wait_until(lambda: system.ids, "the order did not leave")
    [message] = system.messages
    assert (message["type"], message["data"]["order_id"]) == ("order.accepted", accepted["acceptance_id"])
    recorded = {**message["data"]["terms"], "commitment_months": 24}
    echoed = post(port, orders, "/order-echo", {"order_id": message["data"]["order_id"], "terms": recorded})
    assert echoed["match"] is False
    told = {"field": "commitment_months", "accepted": 12, "recorded": 24, "echoed": True}
    assert echoed["differences"] == [told]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE_SECONDS) == 0


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_courier_of_a_server_ends_with_it(tmp_path: Path, system: OrderSystem, number: signal.Signals) -> None:
    make_store(tmp_path).dispose()
    process, _ = serve(environment(tmp_path, system))
    wait_until(lambda: courier_of(process), "no courier was started")
    courier = courier_of(process)
    process.send_signal(number)
    process.wait(timeout=PATIENCE_SECONDS)
    wait_until(lambda: has_ended(courier), "the courier outlived its server")


def test_a_server_that_knows_no_order_system_starts_no_courier(tmp_path: Path) -> None:
    make_store(tmp_path).dispose()
    process, _ = serve(environment(tmp_path, None))
    assert courier_of(process) is None
    process.terminate()
    assert process.wait(timeout=PATIENCE_SECONDS) == 0


def test_messages_sent_while_nobody_walks_wait(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    fill(store, count=1, messages=2)
    store.dispose()
    with running(OrderSystem()) as gone:
        away = environment(tmp_path, gone)
    assert deliver(away, "--once").returncode == os.EX_TEMPFAIL
    with running(OrderSystem(port=gone.port)) as back:
        process = subprocess.Popen([*COMMAND, "deliver"], cwd=ROOT, env=away)
        wait_until(lambda: len(back.ids) == 2, "the messages did not arrive")
        process.terminate()
        assert process.wait(timeout=PATIENCE_SECONDS) == 0
