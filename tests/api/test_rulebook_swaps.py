"""While rulebooks are swapped under load, every answer is wholly of one of them, the one whose digest it names."""

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from engine.rulebook import Rulebook, parse_rulebook
from intake.rulebook import read_rulebook
from ledger import queries
from ledger.replay import replay
from ledger.store import StoreBusy, reading
from tests.api.world import put_in_force
from tests.faults.operators import Place, new_place
from tests.faults.servers import Server

CLIENTS = 4
PAUSE_SECONDS = 0.02
EVERY_LANGUAGE = ("fr", "nl", "en")


def marked(rulebook: Rulebook) -> Rulebook:
    """The same rulebook with other days, another floor and other words, in three of its files."""
    texts = dict(rulebook.texts)
    for name, value in (("offer_valid_days", "20"), ("floor_cents_24", "20_000")):
        pattern = rf"(\[{name}\]\n.*?value = )[-0-9_]+"
        texts["policy.toml"], times = re.subn(pattern, rf"\g<1>{value}", texts["policy.toml"], count=1, flags=re.DOTALL)
        assert times == 1
    for language in EVERY_LANGUAGE:
        name = f"texts/{language}.toml"
        texts[name], times = re.subn(r'(?m)^(read_back = ")', r"\1MARKED ", texts[name])
        assert times == 1
    return parse_rulebook(texts)


def ask(server: Server, key: str, contract_id: str) -> dict[str, Any]:
    body = json.dumps({"contract_id": contract_id, "channel": "phone_in"}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}/offer", body, headers)
    while True:
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                found: dict[str, Any] = json.load(answer)
            return found
        except urllib.error.HTTPError as refused:  # the file of SQLite is written by one at a time
            if refused.code != 503:
                raise


def ask_all(server: Server, place: Place, contract_ids: Sequence[str], answers: list[dict[str, Any]]) -> None:
    for number, contract_id in enumerate(contract_ids):
        answers.append(ask(server, place.keys[number % len(place.keys)], contract_id))


@pytest.mark.parametrize(("questions", "swaps"), [(200, 40), pytest.param(4_000, 1_000, marks=pytest.mark.long)])
def test_no_answer_is_of_half_a_rulebook(database: str, tmp_path: Path, questions: int, swaps: int) -> None:
    place = new_place(database, tmp_path)
    plain = read_rulebook(place.rulebook)
    other = marked(plain)
    by_digest = {plain.digest: plain, other.digest: other}
    ids = [f"C-{number}" for number in range(questions)]
    place.add_contracts(ids)
    answers: list[dict[str, Any]] = []
    with Server(place).running() as server:
        threads = [
            threading.Thread(target=ask_all, args=(server, place, ids[start::CLIENTS], answers))
            for start in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        store, done = place.open(), 0
        while any(thread.is_alive() for thread in threads) or done < swaps:
            with suppress(StoreBusy):  # the file of SQLite is written by one at a time
                put_in_force(store, (other, plain)[done % 2])
                done += 1
            time.sleep(PAUSE_SECONDS)
    assert len(answers) == questions
    told = Counter(answer["versions"]["rulebook"] for answer in answers)
    assert set(told) == set(by_digest)
    for answer in answers:
        is_marked = answer["versions"]["rulebook"] == other.digest
        for offer in answer["offers"]:
            assert all(
                offer["sentences"]["read_back"][lang].startswith("MARKED") is is_marked for lang in EVERY_LANGUAGE
            )
    with reading(store) as connection:
        rows = [row for page in queries.pages_of_decisions(connection) for row in page]
    store.dispose()
    assert len(rows) == questions
    for digest, rulebook in by_digest.items():
        assert replay([row for row in rows if row.rulebook_digest == digest], rulebook) == []
