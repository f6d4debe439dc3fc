"""`counteroffer keys` and `counteroffer replay`, run as a person or a script runs them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import update

from engine.rulebook import parse_rulebook
from ledger import queries
from ledger.keys import KEY_ROLES, KeyHolder, authenticate
from ledger.store import open_store, reading, writing
from ledger.tables import bodies
from tests.api.world import ASKED, ROOT, Operator, make_operator, make_store, read_texts
from tests.commands.here import Said, call_here

COUNTEROFFER = Path(sys.executable).with_name("counteroffer")


@dataclass(frozen=True)
class Desk:
    """A store, a rulebook of its own on disk, and the command line over both."""

    operator: Operator
    rulebook: Path
    environment: dict[str, str]

    def call(self, *arguments: str) -> Said:
        return call_here(*arguments, folder=self.rulebook.parent, **self.environment)

    def call_in_a_process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same as a person's shell starts it."""
        options = {"capture_output": True, "text": True, "timeout": 120, "check": False}
        return subprocess.run([COUNTEROFFER, *arguments], env=self.environment, cwd=self.rulebook.parent, **options)

    def ask(self, contract_id: str = "C-1") -> str:
        body = {**ASKED, "contract_id": contract_id, "wants": {"device": "galaxy-a17"}}
        return self.operator.client.post("/offer", json=body, headers=self.operator.headers()).get_json()["decision_id"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    rulebook = Path(shutil.copytree(ROOT / "rulebook", tmp_path / "rulebook"))
    settings = {"COUNTEROFFER_DATABASE": f"sqlite:///{tmp_path}/store.db", "COUNTEROFFER_RULEBOOK": str(rulebook)}
    yield Desk(make_operator(store, parse_rulebook(read_texts(rulebook))), rulebook, {**os.environ, **settings})
    store.dispose()


def test_a_key_is_made_listed_and_ended(desk: Desk) -> None:
    key = desk.call_in_a_process("keys", "create", "--agent", "shop-12", "--role", "agent").stdout.strip()
    prefix = key.split("_")[1]
    listed = desk.call("keys", "list")
    assert f"{prefix}  shop-12  agent" in listed.stdout
    assert key not in listed.stdout
    store = open_store(desk.environment["COUNTEROFFER_DATABASE"])
    with reading(store) as connection:
        assert authenticate(connection, key) == KeyHolder("shop-12", "agent", key.split("_")[1])
    assert desk.call("keys", "revoke", prefix).returncode == 0
    with reading(store) as connection:
        assert authenticate(connection, key) is None
    store.dispose()


def test_a_key_may_name_a_team(desk: Desk) -> None:
    create = ("keys", "create", "--agent", "shop-12", "--role", "agent", "--json")
    made = [json.loads(desk.call(*create, *team).stdout) for team in (("--team", "north"), ())]
    assert [one["team"] for one in made] == ["north", None]
    listed = json.loads(desk.call("keys", "list", "--json").stdout)
    assert [row["team"] for row in listed if row["agent_id"] == "shop-12"] == ["north", None]


def test_keys_speak_json_to_machines(desk: Desk) -> None:
    made = json.loads(desk.call("keys", "create", "--agent", "shop-12", "--role", "manager", "--json").stdout)
    assert (made["agent_id"], made["role"]) == ("shop-12", "manager")
    listed = json.loads(desk.call("keys", "list", "--json").stdout)
    assert {row["role"] for row in listed} == set(KEY_ROLES)


HOSTILE = [
    b"",
    "\u202e".encode(),
    b"a" * 65,
    b"' OR 1=1 --",
    b"../../x",
    b"a\nb",
    b"=cmd|x",
    b"<script>",
    b"%s",
    b"{{7*7}}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused_in_one_line(desk: Desk, name: bytes) -> None:
    for arguments, code in (
        (["keys", "create", "--role", "agent", "--agent"], os.EX_USAGE),
        (["keys", "create", "--role", "agent", "--agent", "a", "--team"], os.EX_USAGE),
        (["keys", "revoke"], os.EX_NOINPUT),
        (["replay"], os.EX_NOINPUT),
    ):
        done = desk.call(*arguments, os.fsdecode(name))
        assert (done.returncode, done.stderr.startswith("error[")) == (code, True)


def test_bytes_that_are_no_text_are_refused_in_one_line(desk: Desk) -> None:
    done = desk.call_in_a_process("replay", os.fsdecode(b"\xff\xfe"))
    assert (done.returncode, len(done.stderr.splitlines())) == (os.EX_NOINPUT, 1)


def test_a_key_nobody_has_cannot_be_ended(desk: Desk) -> None:
    done = desk.call("keys", "revoke", "aaaaaaaaaaaa")
    assert (done.returncode, done.stderr.startswith("error[no-input] aaaaaaaaaaaa: ")) == (os.EX_NOINPUT, True)


@pytest.mark.parametrize("arguments", [["--agent", "a"], ["--agent", "a", "--role", "root"], ["--role", "agent"]])
def test_a_key_needs_an_agent_and_a_role(desk: Desk, arguments: list[str]) -> None:
    assert desk.call("keys", "create", *arguments).returncode == os.EX_USAGE


def test_decisions_replay_after_the_rulebook_on_disk_has_changed(desk: Desk) -> None:
    first, second = desk.ask(), desk.ask("C-wish")
    offers = desk.rulebook / "offers.toml"
    offers.write_text(offers.read_text().replace("worth_cents = 180", "worth_cents = 1"))
    assert desk.call("replay", first, second).stdout == "2 decisions replayed, none differs\n"
    (desk.rulebook / "policy.toml").write_text("broken")
    done = desk.call("replay", "--all", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"replayed": 2, "differ": 0, "erased": 0, "purged": 0})


def test_a_decision_that_differs_is_named_with_its_first_difference(desk: Desk) -> None:
    decision_id = desk.ask()
    with writing(desk.operator.service.store) as connection:
        row = queries.find_decision(connection, decision_id)
        assert row is not None
        changed = row.answer.replace(b'"stance":"offer"', b'"stance":"bribe"')
        connection.execute(update(bodies).where(bodies.c.sequence == row.sequence).values(answer=changed))
    done = desk.call("replay", "--all")
    assert done.returncode == os.EX_DATAERR
    assert f'error[replay-differs] {decision_id}: /stance was "bribe", now "offer"' in done.stderr
    assert done.stdout == ""


def test_a_decision_nobody_made_is_not_replayed(desk: Desk) -> None:
    done = desk.call("replay", "nothing")
    assert (done.returncode, "error[no-input] nothing: no such decision on record" in done.stderr) == (66, True)


@pytest.mark.parametrize("arguments", [[], ["--all", "d-1"]])
def test_replay_wants_decisions_or_all_of_them(desk: Desk, arguments: list[str]) -> None:
    done = desk.call("replay", *arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (os.EX_USAGE, 1)


@pytest.mark.parametrize(
    "verb", [["keys"], ["keys", "create"], ["keys", "revoke"], ["keys", "list"], ["serve"], ["replay"]]
)
def test_every_verb_shows_an_example(verb: list[str]) -> None:
    done = call_here(*verb, "--help")
    assert (done.returncode, "Example: counteroffer" in done.stdout) == (0, True)
