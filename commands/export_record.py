"""`counteroffer export-record`: what is kept of a customer's contract, for the customer, in plain words."""

import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from api.sentences import Teller
from api.settings import read_settings
from batch.files import replacing
from commands.in_force import rulebook_in_force
from commands.own_record import in_plain_words, own_record
from engine.answers import writers_of
from engine.errors import Fault, Faults
from engine.fields import IDENTIFIER_PATTERN, LANGUAGES
from engine.texts import Writer
from ledger import writer
from ledger.cases import find_on_file
from ledger.journal import Event
from ledger.records import time_text
from ledger.store import migrate, open_store, writing
from ledger.writer.files import COMMANDS

IDENTIFIER = re.compile(IDENTIFIER_PATTERN)


@click.command("export-record", epilog="Example: counteroffer export-record C-1001 --language fr --out record.txt")
@click.argument("contract_id", metavar="CONTRACT_ID")
@click.option("--language", type=click.Choice(LANGUAGES), help="Else the language of the customer.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The text; the same as JSON beside it.")
@click.option("--json", "as_json", is_flag=True, help="Say where it was written as JSON.")
def export_record(contract_id: str, language: str | None, out: Path, as_json: bool) -> None:
    """Write what is on file, was decided, said, accepted and promised on a contract (art. 15 GDPR); it is on record."""
    if (beside := out.with_suffix(".json")) == out:
        raise click.UsageError("--out names the text; its JSON is written beside it")
    settings = read_settings(os.environ)
    now = datetime.now(settings.zone)
    in_force = rulebook_in_force(settings).as_of(now.date())
    writers = {one.language: one for one in writers_of(in_force)}
    store = open_store(settings.database)
    migrate(store)
    with writing(store) as connection:
        found = find_on_file(connection, contract_id) if IDENTIFIER.fullmatch(contract_id) else None
        if found is None:
            raise Faults([Fault("no-input", contract_id, "no such contract on file")])
        mine = writers[language or orjson.loads(found.facts)["language"]]
        teller = Teller(list(writers.values()), settings.zone)
        record = {"exported_on": now.date().isoformat(), **own_record(connection, found, mine, teller)}
        _write(out, beside, record, mine)
        writer.append(connection, time_text(now), Event("record_exported", COMMANDS, "", found.subject_id))
    store.dispose()
    click.echo(json.dumps({"text": str(out), "json": str(beside)}) if as_json else f"written: {out} and {beside}")


def _write(out: Path, beside: Path, record: dict[str, Any], mine: Writer) -> None:
    """Both files, for the eyes of who runs this alone."""
    with replacing(beside, out) as (as_data, as_text):
        for path, content in (
            (as_data, orjson.dumps(record, option=orjson.OPT_INDENT_2) + b"\n"),
            (as_text, in_plain_words(record, mine).encode()),
        ):
            path.chmod(0o600)
            path.write_bytes(content)
