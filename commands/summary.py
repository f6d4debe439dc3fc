"""`counteroffer summary`: the contract summary of one offer, before the customer is bound."""

import json
import os
from datetime import datetime
from pathlib import Path

import click
import orjson

from api.settings import read_settings
from batch.files import replacing
from commands.in_force import rulebook_in_force
from engine.answers import writers_of
from engine.errors import Fault, Faults
from engine.fields import LANGUAGES
from engine.summary import contract_summary
from ledger.history import find_offer_made
from ledger.store import migrate, open_store, reading


@click.command("summary", epilog="Example: counteroffer summary PROPOSAL_ID OFFER_ID --language fr --out summary.txt")
@click.argument("proposal_id", metavar="PROPOSAL_ID")
@click.argument("offer_id", metavar="OFFER_ID")
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True, help="The customer's.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The text; the same as JSON beside it.")
@click.option("--json", "as_json", is_flag=True, help="Say where it was written as JSON.")
def summary(proposal_id: str, offer_id: str, language: str, out: Path, as_json: bool) -> None:
    """Write the contract summary of an offer on record, in the template of Regulation (EU) 2019/2243."""
    if (beside := out.with_suffix(".json")) == out:
        raise click.UsageError("--out names the text; its JSON is written beside it")
    settings = read_settings(os.environ)
    in_force = rulebook_in_force(settings).as_of(datetime.now(settings.zone).date())
    store = open_store(settings.database)
    migrate(store)
    with reading(store) as connection:
        found = find_offer_made(connection, proposal_id, offer_id)
    store.dispose()
    if found is None:
        raise Faults([Fault("no-input", f"{proposal_id} {offer_id}", "no such offer is on record")])
    [writer] = [one for one in writers_of(in_force) if one.language == language]
    told = contract_summary(orjson.loads(found.terms), found.decided_on, writer)
    say = writer.phrases["summary"]
    lines = [say["title"], say["intro"]]
    for name, said in told.items():
        lines += ["", say[name], *(f"- {line}" for line in said)]
    with replacing(beside, out) as (as_data, as_text):
        as_data.write_bytes(orjson.dumps({"language": language, **told}, option=orjson.OPT_INDENT_2) + b"\n")
        as_text.write_text("\n".join(lines) + "\n", encoding="utf-8")
    click.echo(json.dumps({"text": str(out), "json": str(beside)}) if as_json else f"written: {out} and {beside}")
