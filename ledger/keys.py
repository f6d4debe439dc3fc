"""API keys: random, shown once, kept as a digest, found by a public prefix."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.fields import ROLES
from ledger import queries

ORDER_SYSTEM = "order_system"
KEY_ROLES = (*ROLES, ORDER_SYSTEM)
"""The roles of a key: those who ask, and the system that records orders."""

KEY_PATTERN = re.compile(r"co_([a-z0-9]{12})_[A-Za-z0-9_-]{43}")
_PREFIX_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_SECRET_BYTES = 32


@dataclass(frozen=True)
class KeyHolder:
    """Who asks: the agent a key was made for, and the role it carries."""

    agent_id: str
    role: str
    prefix: str
    """The public part of the key itself."""


def draw_key() -> tuple[str, str]:
    """A new key with 256 random bits, and its public prefix."""
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(12))
    return f"co_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}", prefix


def digest_of(key: str) -> str:
    """The SHA-256 of a key, as hex: what the store keeps of it."""
    return hashlib.sha256(key.encode()).hexdigest()


_NO_DIGEST = digest_of("no key has this digest")


def authenticate(connection: Connection, presented: str) -> KeyHolder | None:
    """Who holds this key; None, after the same work, for a key that is malformed, unknown or revoked."""
    form = KEY_PATTERN.fullmatch(presented)
    row = queries.find_key(connection, form.group(1) if form else "")
    same = hmac.compare_digest(row.digest if row else _NO_DIGEST, digest_of(presented))
    return KeyHolder(row.agent_id, row.role, row.prefix) if row and same and row.revoked_at is None else None
