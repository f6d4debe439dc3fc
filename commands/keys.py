"""`counteroffer keys`: makes, lists and revokes API keys."""

import json
import os
import re

import click

from api.settings import read_settings
from engine.errors import Fault, Faults
from engine.fields import IDENTIFIER_PATTERN
from ledger import queries, writer
from ledger.keys import KEY_ROLES
from ledger.store import migrate, open_store, reading, writing

AGENT = re.compile(IDENTIFIER_PATTERN)
PREFIX = re.compile("[a-z0-9]{12}")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


@click.group(epilog="Example: counteroffer keys create --agent shop-12 --role agent")
@click.pass_context
def keys(context: click.Context) -> None:
    """Make, list and revoke the keys that callers of the API present."""
    context.obj = open_store(read_settings(os.environ).database)
    migrate(context.obj)


@keys.command(epilog="Example: counteroffer keys create --agent shop-12 --role agent --team north")
@click.option("--agent", required=True, help="Who will use the key; stands on every decision.")
@click.option("--role", required=True, type=click.Choice(KEY_ROLES), help="What the key may do.")
@click.option("--team", help="The team that `counteroffer report` counts the agent in.")
@AS_JSON
@click.pass_context
def create(context: click.Context, agent: str, role: str, team: str | None, as_json: bool) -> None:
    """Make a key and print it; it is shown this one time."""
    names = {"--agent": ("an agent", agent), "--team": ("a team", team)}
    expected = "1 to 64 letters, digits or ._:-, the first no sign"
    faults = [
        Fault("usage", option, f"cannot name {what}", expected)
        for option, (what, name) in names.items()
        if name is not None and not AGENT.fullmatch(name)
    ]
    if faults:
        raise Faults(faults)
    with writing(context.obj) as connection:
        key = writer.create_key(connection, agent, role, team)
    click.echo(json.dumps({"key": key, "agent_id": agent, "role": role, "team": team}) if as_json else key)


@keys.command(epilog="Example: counteroffer keys revoke 3f6k2m9x0abc")
@click.argument("prefix")
@AS_JSON
@click.pass_context
def revoke(context: click.Context, prefix: str, as_json: bool) -> None:
    """End the key with this public prefix, at once and for good."""
    with writing(context.obj) as connection:
        revoked = PREFIX.fullmatch(prefix) is not None and writer.revoke_key(connection, prefix)
    if not revoked:
        fault = Fault("no-input", prefix, "no living key has this prefix", fix="see counteroffer keys list")
        raise Faults([fault])
    click.echo(json.dumps({"revoked": prefix}) if as_json else f"revoked {prefix}")


@keys.command(name="list", epilog="Example: counteroffer keys list --json")
@AS_JSON
@click.pass_context
def list_keys(context: click.Context, as_json: bool) -> None:
    """Print every key's prefix, agent, role and end; never the key."""
    with reading(context.obj) as connection:
        rows = queries.list_keys(connection)
    shown = [
        {name: row._mapping[name] for name in ("prefix", "agent_id", "role", "team", "created_at", "revoked_at")}
        for row in rows
    ]
    if as_json:
        click.echo(json.dumps(shown))
        return
    for row in shown:
        click.echo("  ".join(str(value or "-") for value in row.values()))
