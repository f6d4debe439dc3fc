"""A store with people in it who came through the doors, the API over it, and the command line."""

import dataclasses
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import Engine, select

from commands.main import counteroffer
from ledger.store import writing
from ledger.tables import outbox
from ledger.writer import mark_delivered
from tests.api.calls import Call
from tests.api.world import NOON, Operator, make_operator
from tests.batch.world import ROOT, ordinary, small_rulebook, write_csv, write_mapping
from tests.databases import open_migrated


@dataclasses.dataclass
class House:
    """A folder with everything that is kept, the operator's file outside it, and all that verbs have said."""

    store: Engine
    operator: Operator
    folder: Path
    files: Path
    environment: dict[str, str]
    said: list[str]

    def call(self, *arguments: str) -> tuple[Any, Any]:
        """What a verb prints, as JSON; or the faults it ends with."""
        done = CliRunner(env=self.environment).invoke(counteroffer, [*arguments, "--json"])
        self.said.append(done.output)
        return (json.loads(done.stdout), None) if done.exit_code == 0 else (None, done.exception)

    def bring_in(self, names: Sequence[str]) -> None:
        """People by `counteroffer import`: their name stands in their ids, in a feature and in a fault."""
        rows = [
            ordinary(0, contract=f"{name}-line", customer=f"{name}-payer", c0=f"{name}-street", p_churn="0.4")
            for name in names
        ]
        table = write_csv(self.files / "people.csv", rows)
        self.call("import", "--contracts", str(table), "--mapping", str(write_mapping(self.files)))

    def live(self, name: str, accepts: bool) -> dict[str, Any]:
        """One person's day: a contact, a wish, an offer, a fault told in their words; returns the last answer."""
        call = Call(self.operator, contract_id=f"{name}-line")
        self.signal(name, kind="contact", channel="phone_in")
        call.ask()
        answer = call.ask(wants={"max_commitment_months": 12, "max_monthly_cents": 2_400})
        if answer["offers"]:
            assert call.show(answer).status_code == 200
            if accepts:
                call.accept(answer, key=f"{name}-key")
            else:
                call.decline(answer)
        self.signal(name, kind="fault_opened", text=f"{name} has no signal at home")
        return answer

    def signal(self, name: str, **said: str) -> None:
        body = {"contract_id": f"{name}-line", **said}
        sent = self.operator.client.post("/signal", json=body, headers=self.operator.headers())
        assert sent.status_code == 201, sent.data

    def deliver_everything(self) -> None:
        """As the courier does when the order system confirms."""
        with writing(self.store) as connection:
            for message in connection.execute(select(outbox).where(outbox.c.delivered_at.is_(None))).all():
                mark_delivered(connection, message, NOON)

    def kept(self) -> dict[str, bytes]:
        """Every byte in the folder, and every word that was said on the way."""
        files = {path.name: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        return {**files, "said": "".join(self.said).encode()}


@contextmanager
def open_house(database: str, folder: Path, files: Path) -> Iterator[House]:
    """A house whose store lies in a new database, and whose keys and anchors lie in `folder`."""
    folder.mkdir(exist_ok=True)
    files.mkdir(exist_ok=True)
    store = open_migrated(database)
    settings = {
        "DATABASE": database,
        "KEYS": str(folder / "keys"),
        "RULEBOOK": str(ROOT / "rulebook"),
        "RELEASES": "none",
    }
    environment = {**os.environ, **{f"COUNTEROFFER_{name}": value for name, value in settings.items()}}
    yield House(store, make_operator(store, small_rulebook()), folder, files, environment, [])
    store.dispose()
