"""`counteroffer deliver`: takes orders, and what becomes of them, to the order system."""

import dataclasses
import datetime
import json
import logging
import os
import signal
import subprocess
import sys
import threading

import click

from api.courier.rounds import Courier, Tally
from api.settings import NONE, PREFIX, Settings, read_settings
from commands.interrupts import interrupts_held
from engine.errors import Fault, Faults
from ledger.store import StoreUnavailable, migrate, open_store

REST_SECONDS = 1.0
SECONDS_TO_END = 5.0
_log = logging.getLogger(__name__)


@click.command(epilog="Example: counteroffer deliver --once")
@click.option("--once", is_flag=True, help="Try what is due now, and end; exit 75 when something still waits.")
@click.option("--parent", type=click.IntRange(1), metavar="PID", help="End when this process, the parent, has ended.")
@click.option("--json", "as_json", is_flag=True, help="With --once: say what was done as one JSON object.")
def deliver(once: bool, parent: int | None, as_json: bool) -> None:
    """Take what waits in the outbox to COUNTEROFFER_ORDERS_URL, signed, until it is confirmed; Ctrl-C ends it.

    Several may run at once. What fails is logged on stderr and tried again later.
    """
    settings = read_settings(os.environ)
    if settings.orders is None:
        where, fix = f"{PREFIX}ORDERS_URL", "see docs/api.md"
        raise Faults([Fault("bad-setting", where, NONE, "the address of the order system", fix)])
    store = open_store(settings.database)
    migrate(store)
    courier = Courier(store, settings.orders, lambda: datetime.datetime.now(settings.zone))
    if once:
        _tell(courier.walk(), as_json)
    else:
        _walk_until_told(courier, parent)


def start_courier(settings: Settings) -> subprocess.Popen[bytes]:
    """A courier for a server, in a process of its own that ends with it."""
    command = [sys.executable, "-c", "from commands.main import main; main()", "deliver", "--parent", str(os.getpid())]
    environment = {**os.environ, f"{PREFIX}DATABASE": settings.database}
    with interrupts_held():
        return subprocess.Popen(command, env=environment)  # noqa: S603 our own verb


def end_courier(courier: subprocess.Popen[bytes]) -> None:
    """End a courier: it finishes what it is about, or is killed; what it had claimed is tried again later."""
    courier.terminate()
    try:
        courier.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        courier.kill()


def _walk_until_told(courier: Courier, parent: int | None) -> None:
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())

    def stopped() -> bool:
        return told.is_set() or (parent is not None and os.getppid() != parent)

    while not stopped():
        try:
            courier.walk(stopped)
        except StoreUnavailable as error:
            _log.error(json.dumps({"event": "store-unavailable", "why": str(error)}))
        told.wait(REST_SECONDS)


def _tell(tally: Tally, as_json: bool) -> None:
    said = dataclasses.asdict(tally)
    click.echo(json.dumps(said) if as_json else ", ".join(f"{count} {what}" for what, count in said.items()))
    if tally.waiting:
        fix = "read what was logged; it is tried again"
        raise Faults([Fault("not-delivered", "outbox", f"{tally.waiting} messages still wait", "a 2xx answer", fix)])
