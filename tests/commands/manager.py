"""Somebody at the command line of an operator, with a copy of the rulebook to edit."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.rulebook import Rulebook
from intake.rulebook import read_rulebook
from ledger.rulebooks import digest_in_force
from ledger.store import reading
from tests.api.world import ASKED, ROOT, Operator, fill_store, make_operator
from tests.commands.caller import ANNE, WHY, Caller


class Manager(Caller):
    """Somebody at the command line of an operator, with a copy of the rulebook to edit."""

    def __init__(self, operator: Operator, database: str, folder: Path) -> None:
        self.operator, self.folder = operator, folder
        settings = {"DATABASE": database, "RULEBOOK": folder, "RELEASES": "none", "KEYS": folder / "keys"}
        super().__init__(settings, before=("rulebook",))

    def activate(self, by: str = ANNE) -> Any:
        return self.said("activate", str(self.folder), "--by", by, "--note", WHY)

    def edit(self, name: str, pattern: str, instead: str) -> Rulebook:
        path = self.folder / name
        text, times = re.subn(pattern, instead, path.read_text(), count=1, flags=re.DOTALL)
        assert times == 1
        path.write_text(text)
        return read_rulebook(self.folder)

    def set_number(self, name: str, value: str) -> Rulebook:
        return self.edit("policy.toml", rf"(\[{name}\]\n.*?value = )[-0-9_.]+", rf"\g<1>{value}")

    def ask(self, contract_id: str = "C-1", **more: object) -> dict[str, Any]:
        body = {**ASKED, "contract_id": contract_id, **more}
        answer: dict[str, Any] = self.operator.client.post("/offer", json=body, headers=self.operator.headers()).json
        return answer

    @property
    def in_force(self) -> str | None:
        with reading(self.operator.service.store) as connection:
            return digest_in_force(connection)


@contextmanager
def at_the_command_line(database: str, folder: Path) -> Iterator[Manager]:
    """A manager over a new store."""
    shutil.copytree(ROOT / "rulebook", folder)
    store = fill_store(database)
    yield Manager(make_operator(store, read_rulebook(folder)), database, folder)
    store.dispose()
