"""`counteroffer demo`: from nothing to a server that answers, on a simulated market."""

import dataclasses
import datetime
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import orjson
from sqlalchemy import Connection, Engine

from api.settings import Settings, read_settings
from commands.in_force import rulebook_in_force
from commands.interrupts import interrupts_held
from commands.serve import listen, run_server
from engine.decide import decide
from engine.errors import Fault, Faults
from engine.fields import ROLES
from ledger import queries, writer
from ledger.keys import authenticate
from ledger.snapshots import read_features, read_snapshots
from ledger.store import migrate, open_store, reading, writing
from models.registry import load_serving, read_registry
from models.scorer import score

HOST, WORKERS = "127.0.0.1", 2
MAPPING = "mappings/simulated.toml"
CONTACT = {"channel": "phone_in", "reason_for_contact": "asks_for_offer"}
CONTRACTS_TRIED = 200
OWNER_ONLY = 0o600


@click.command(epilog="Example: counteroffer demo --port 8001")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--home", default="var", show_default=True, type=click.Path(path_type=Path), help="Folder to fill.")
def demo(port: int, home: Path) -> None:
    """Prepare a simulated market, a model and keys, print a request to try, and serve until Ctrl-C.

    What is prepared stays: the next start takes seconds. Nothing that is already there is replaced.
    """
    listen(HOST, port).close()
    settings = _settings(home)
    _prepare_market(home, settings)
    _prepare_release(home, settings)
    store = open_store(settings.database)
    migrate(store)
    _prepare_contracts(home, settings, store)
    keys = _prepare_keys(home / "demo-keys.json", store)
    contract_id = _contract_with_an_offer(settings, store)
    store.dispose()
    _tell(keys, contract_id, port)
    run_server(settings, HOST, port, WORKERS)


def _settings(home: Path) -> Settings:
    home.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{home / 'counteroffer.db'}"
    releases, keys, anchors = home / "releases", home / "keys", home / "anchors.jsonl"
    settings = read_settings(os.environ)
    return dataclasses.replace(settings, database=database, releases=releases, keys=keys, anchors=anchors)


def _prepare_market(home: Path, settings: Settings) -> None:
    if (home / "market").is_dir():
        return
    building = home / "market-building"
    _run("simulate", "--out", str(building), "--as-of", datetime.datetime.now(settings.zone).date().isoformat())
    building.rename(home / "market")


def _prepare_release(home: Path, settings: Settings) -> None:
    releases = home / "releases"
    if read_registry(releases, settings.keys).serving is not None:
        return
    history, keys = str(home / "market" / "history.csv"), str(settings.keys)
    quick = ("--shuffles", "1")  # the figures of a card for show need no five
    places = ("--mapping", MAPPING, "--out", str(releases), "--keys", keys)
    _run("train", "--data", history, *places, "--current", *quick)


def _prepare_contracts(home: Path, settings: Settings, store: Engine) -> None:
    imported = home / "market" / "imported"
    with reading(store) as connection:
        if imported.exists() and queries.first_contracts(connection, 1):
            return
    contracts = str(home / "market" / "contracts.csv")
    _run("import", "--contracts", contracts, "--mapping", MAPPING, "--database", settings.database)
    imported.touch()


def _prepare_keys(path: Path, store: Engine) -> dict[str, str]:
    """One key a role; the plain keys lie in `path`, readable by its owner only, for the next start."""
    with writing(store) as connection:
        kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if set(kept) == set(ROLES) and _all_live(connection, kept):
            return {role: str(kept[role]) for role in ROLES}
        keys = {role: writer.create_key(connection, f"demo-{role}", role) for role in ROLES}
        _write_secretly(path, json.dumps(keys, indent=1) + "\n")
    return keys


def _all_live(connection: Connection, keys: dict[str, str]) -> bool:
    return all(authenticate(connection, key) for key in keys.values())


def _write_secretly(path: Path, text: str) -> None:
    building = path.with_suffix(".building")
    building.unlink(missing_ok=True)
    handle = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    building.replace(path)


def _contract_with_an_offer(settings: Settings, store: Engine) -> str:
    """A contract that gets an offer today when an agent asks as CONTACT does; raises Faults where none does."""
    assert settings.releases is not None
    release = load_serving(settings.releases, settings.keys)
    rulebook, today = rulebook_in_force(settings), datetime.datetime.now(settings.zone).date()
    with reading(store) as connection:
        on_file = queries.first_contracts(connection, CONTRACTS_TRIED)
    for row in on_file:
        cases = read_snapshots([{**orjson.loads(row.facts), **CONTACT, "role": ROLES[0]}])
        scores = score(release, cases, read_features([orjson.loads(row.features)]), today)
        if decide(cases, scores, rulebook, today).stance(0) == "offer":
            return str(row.contract_id)
    what = f"none of {len(on_file)} contracts gets an offer under the rulebook {rulebook.digest[:12]}"
    raise Faults([Fault("no-offer", settings.database, what, fix="loosen the rulebook, or import other contracts")])


def _tell(keys: dict[str, str], contract_id: str, port: int) -> None:
    click.echo("\nDemo keys, one a role:")
    for role, key in keys.items():
        click.echo(f"  {role:<10} {key}")
    body = json.dumps({"contract_id": contract_id, **CONTACT})
    click.echo("\nAsk for an offer from another terminal; Ctrl-C ends the server:\n")
    click.echo(
        f"curl -s -X POST http://{HOST}:{port}/offer -H 'Authorization: Bearer {keys[ROLES[0]]}' "
        f"-H 'Content-Type: application/json' -d '{body}'\n"
    )
    sys.stdout.flush()


def _run(*arguments: str) -> dict[str, Any]:
    """Carry out another verb in a process of its own, so that no thread of its libraries is there when we fork."""
    click.echo(f"$ counteroffer {shlex.join(arguments)}")
    sys.stdout.flush()
    command = [sys.executable, sys.argv[0], *arguments, "--json"]
    with interrupts_held():
        verb = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 our own verbs
    with verb:
        said, _ = verb.communicate()
    if verb.returncode:
        raise SystemExit(verb.returncode)
    found: dict[str, Any] = json.loads(said)
    return found
