"""Somebody at the command line of an operator who has trained two releases and answered a few questions."""

from pathlib import Path
from typing import Any

import numpy as np

from api.releases import Releases
from ledger import writer
from ledger.store import writing
from models.keys import signing_key
from models.registry import Registry, load_serving, read_registry, set_current
from tests.api.world import ASKED, NOON, ROOT, Operator, contracts
from tests.commands.caller import ANNE, WHY, Caller
from tests.training.made_up import made_up_rows
from training.card import Source
from training.governance.review import make_review, write_review
from training.release import Place, make_release
from training.rows import Rows


class Promoter(Caller):
    """Folders of releases and keys, a store with contracts, and the verbs over them."""

    def __init__(self, operator: Operator, database: str, folder: Path) -> None:
        self.releases, self.keys, self.folder = folder / "releases", folder / "keys", folder
        settings = {"DATABASE": database, "RULEBOOK": ROOT / "rulebook", "RELEASES": self.releases, "KEYS": self.keys}
        super().__init__(settings)
        self.operator = operator.with_service(releases=Releases(self.releases, self.keys))
        with writing(self.operator.service.store) as connection:
            features = {name: column[:4] for name, column in made_up_rows(4, 9).columns.items()}
            writer.save_contracts(connection, contracts(), features, writer.Source("m" * 64, NOON.date()))

    def train(self, rows: Rows, left_out: int = 0) -> str:
        """A release with its review beside the one that serves."""
        source = Source("made-up", "0" * 64, (), "1" * 64, None, 1)
        champion, key = load_serving(self.releases, self.keys), signing_key(self.keys)
        made = make_release(rows, source, Place(self.releases, key), lambda *_: None)
        write_review(self.releases, make_review(rows, made, champion, left_out), key)
        return made.directory.name

    def serve(self, version: str) -> None:
        set_current(self.releases, self.keys, version, "counteroffer train", "2026-11-23T11:00:00Z")

    def propose(self, version: str, *more: str, by: str = ANNE) -> list[tuple[str, str]]:
        return self.faults("promote", version, "--by", by, "--note", WHY, *more)

    def ask(self, contract_id: str = "C-wish") -> dict[str, Any]:
        body = {**ASKED, "contract_id": contract_id}
        answer: dict[str, Any] = self.operator.client.post("/offer", json=body, headers=self.operator.headers()).json
        return answer

    @property
    def registry(self) -> Registry:
        return read_registry(self.releases, self.keys)


def noise(rows: Rows, seed: int) -> Rows:
    """The same customers, with nothing to be learned from them."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.permutation(column) for name, column in rows.columns.items()}
    return Rows(columns, rows.left)
