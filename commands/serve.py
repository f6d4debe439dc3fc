"""`counteroffer serve`: answers /offer over HTTP."""

import errno
import os
import socket
import struct

import click
from flask import Flask

from api.anchoring import installation_seal, keep_anchoring
from api.app import create_app
from api.releases import Releases
from api.rulebooks import Rulebooks
from api.service import Service
from api.settings import Settings, read_settings
from api.worker import THREADS, Server, server_options
from commands.deliver import end_courier, start_courier
from commands.in_force import begin_with
from engine.errors import Fault, Faults
from ledger.store import migrate, open_store

SILENCE_SECONDS = 2
SHOWN_DIGEST = 12


@click.command(epilog="Example: counteroffer serve --port 8000 --workers 2")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0: any free one.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
def serve(host: str, port: int, workers: int) -> None:
    """Answer /offer over HTTP until Ctrl-C; settings are COUNTEROFFER_... variables, see docs/api.md."""
    run_server(read_settings(os.environ), host, port, workers)


def run_server(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve in the foreground; ends the process. Raises Faults for a rulebook, store or port that cannot be used."""
    note = _prepare_store(settings)
    installation_seal(settings.keys)
    listener = listen(host, port)
    click.echo(f"Counteroffer listens on http://{host}:{listener.getsockname()[1]} (API described at /docs)", err=True)
    click.echo(note, err=True)
    options = server_options(listener, workers)
    if settings.orders is not None:
        courier = start_courier(settings)
        options["on_exit"] = lambda _: end_courier(courier)
    Server(lambda: make_app(settings), options).run()


def make_app(settings: Settings) -> Flask:
    """The application of one process; call it after a fork, for it opens the store and loads the release."""
    store = open_store(settings.database, connections=THREADS)
    releases = Releases(settings.releases, settings.keys)
    releases.current()
    keep_anchoring(settings)
    return create_app(Service(store, Rulebooks(), releases, settings.zone), settings.hosts)


def _prepare_store(settings: Settings) -> str:
    """What to tell of the rulebook in force."""
    store = open_store(settings.database)
    migrate(store)
    rulebook, note = begin_with(store, settings)
    store.dispose()
    return f"rulebook {rulebook.digest[:SHOWN_DIGEST]} is in force" + (f"; {note}" if note else "")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on host and port (0: any free one). Raises Faults where another process does."""
    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        fault = Fault(
            "port-taken", f"{host}:{port}", "another process listens here", "a free port", "choose another --port"
        )
        raise Faults([fault]) from None
    # Connections inherit it: who falls silent inside a request is not waited for, or a thread would be lost.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENCE_SECONDS, 0))
    return listener
