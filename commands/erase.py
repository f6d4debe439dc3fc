"""`counteroffer erase`: erases customers for good."""

import json
import os
import re
from datetime import UTC, datetime

import click
from sqlalchemy import Engine

from api.settings import read_settings
from engine.errors import Fault, Faults
from engine.fields import IDENTIFIER_PATTERN
from ledger import queries, writer
from ledger.store import migrate, open_store, reading, scrub, writing

IDENTIFIER = re.compile(IDENTIFIER_PATTERN)


@click.command(epilog="Example: counteroffer erase C-1001 C-1002")
@click.argument("contract_ids", nargs=-1, metavar="[CONTRACT_ID]...")
@click.option("--customer", "customers", multiple=True, help="All contracts of this customer; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def erase(contract_ids: tuple[str, ...], customers: tuple[str, ...], as_json: bool) -> None:
    """Erase what is kept of contracts; the journal keeps that it happened, under a pseudonym, and stays valid.

    Nothing is erased where one of them is not on file, or still needed: an order on its way, an acceptance to confirm.
    """
    if not contract_ids and not customers:
        raise click.UsageError("name contracts, or a customer with --customer")
    store = open_store(read_settings(os.environ).database)
    migrate(store)
    named = list(dict.fromkeys([*contract_ids, *_contracts_of(store, customers)]))
    _erase(store, named)
    scrub(store)
    store.dispose()
    click.echo(json.dumps({"erased": len(named)}) if as_json else f"{len(named)} contracts erased")


def _contracts_of(store: Engine, customers: tuple[str, ...]) -> list[str]:
    faults, found = [], []
    with reading(store) as connection:
        for customer in customers:
            known = queries.contracts_of_customer(connection, customer) if IDENTIFIER.fullmatch(customer) else []
            faults += [] if known else [Fault("no-input", customer, "no contract of this customer is on file")]
            found += known
    if faults:
        raise Faults(faults)
    return found


def _erase(store: Engine, contract_ids: list[str]) -> None:
    faults = []
    with writing(store) as connection:
        for contract_id in contract_ids:
            try:
                known = IDENTIFIER.fullmatch(contract_id) and writer.erase(connection, contract_id, datetime.now(UTC))
            except writer.StillNeeded as needed:
                fix = "let them arrive or settle it, then erase"
                faults.append(Fault("still-needed", contract_id, str(needed), fix=fix))
                continue
            if not known:
                faults.append(Fault("no-input", contract_id, "no such contract on file"))
        if faults:
            raise Faults(faults)
