"""API keys: long, random, shown once, kept as a digest, ended at once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from engine.fields import ROLES
from ledger import queries, writer
from ledger.keys import KEY_PATTERN, KeyHolder, authenticate, digest_of, draw_key
from ledger.store import writing


@pytest.fixture
def connection(store: Engine) -> Iterator[Connection]:
    with writing(store) as opened:
        yield opened


def test_a_key_has_256_random_bits_and_a_form() -> None:
    drawn = [draw_key() for _ in range(1_000)]
    assert all(KEY_PATTERN.fullmatch(key) and key.split("_")[1] == prefix for key, prefix in drawn)
    assert len({key for key, _ in drawn}) == len({prefix for _, prefix in drawn}) == 1_000


@pytest.mark.parametrize("role", ROLES)
def test_a_key_names_its_holder(connection: Connection, role: str) -> None:
    key = writer.create_key(connection, "shop-12", role)
    assert authenticate(connection, key) == KeyHolder("shop-12", role, key.split("_")[1])


def test_an_agent_is_of_the_teams_that_their_keys_named(connection: Connection) -> None:
    for team in ("north", None, "south"):
        writer.create_key(connection, "shop-12", "agent", team)
    writer.create_key(connection, "shop-13", "agent", "south")
    teams = queries.teams_of_agents(connection)
    assert {agent: [team for _, team in named] for agent, named in teams.items()} == {
        "shop-12": ["north", "", "south"],
        "shop-13": ["south"],
    }


def test_the_key_itself_is_not_stored(connection: Connection) -> None:
    key = writer.create_key(connection, "shop-12", "agent")
    (row,) = queries.list_keys(connection)
    assert row.digest == digest_of(key)
    assert key.split("_", 2)[2] not in str(tuple(row))


def test_a_revoked_key_is_an_unknown_key(connection: Connection) -> None:
    key = writer.create_key(connection, "shop-12", "agent")
    prefix = key.split("_")[1]
    assert writer.revoke_key(connection, prefix)
    assert authenticate(connection, key) is None
    assert not writer.revoke_key(connection, prefix)


@pytest.mark.parametrize("presented", ["", "co_", "x", "co_aaaaaaaaaaaa_" + "b" * 43, "\u00e9", "co_%_" + "b" * 43])
def test_what_is_no_key_names_nobody(connection: Connection, presented: str) -> None:
    writer.create_key(connection, "shop-12", "agent")
    assert authenticate(connection, presented) is None


def test_the_prefix_alone_opens_nothing(connection: Connection) -> None:
    key = writer.create_key(connection, "shop-12", "agent")
    for other in (key[:-1] + ("a" if key[-1] != "a" else "b"), key[:-1], key + "a", key.upper()):
        assert authenticate(connection, other) is None


def test_a_role_that_does_not_exist_gets_no_key(connection: Connection) -> None:
    with pytest.raises(ValueError, match="root"):
        writer.create_key(connection, "shop-12", "root")
