"""Contracts, keys and decisions in SQLite, each decision in a commit of its own that is on disk when it returns."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS contracts (contract_id TEXT PRIMARY KEY, facts TEXT NOT NULL, features TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (digest TEXT PRIMARY KEY, agent_id TEXT NOT NULL, role TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (
    sequence INTEGER PRIMARY KEY, decision_id TEXT NOT NULL UNIQUE, contract_id TEXT NOT NULL, agent_id TEXT NOT NULL,
    decided_at TEXT NOT NULL, record TEXT NOT NULL, answer TEXT NOT NULL
);
"""


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose commits are durable."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def fill(path: Path, contracts: Iterable[tuple[str, str, str]], key: str) -> None:
    """A new store with contracts (id, facts, features) and one agent's key."""
    connection = connect(path)
    connection.executescript(TABLES)
    connection.executemany("INSERT INTO contracts VALUES (?, ?, ?)", contracts)
    connection.execute("INSERT INTO keys VALUES (?, 'plain-agent', 'agent')", (_digest(key),))
    connection.commit()
    connection.close()


def find_agent(connection: sqlite3.Connection, key: str) -> Any:
    """(agent id, role) of a key, or None."""
    return connection.execute("SELECT agent_id, role FROM keys WHERE digest = ?", (_digest(key),)).fetchone()


def find_contract(connection: sqlite3.Connection, contract_id: str) -> Any:
    """(facts, features) of a contract as dictionaries, or None."""
    found = connection.execute("SELECT facts, features FROM contracts WHERE contract_id = ?", (contract_id,)).fetchone()
    return found and tuple(map(json.loads, found))


def save_decision(connection: sqlite3.Connection, row: tuple[str, ...]) -> None:
    """Append one decision (its id, contract, agent, time, record, answer) and wait until it is on disk."""
    columns = "decision_id, contract_id, agent_id, decided_at, record, answer"
    connection.execute(f"INSERT INTO decisions ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.commit()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
