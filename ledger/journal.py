"""The journal: what happened, in order, each event bound to all before it by a chain of SHA-256 digests.

The digest of an event covers its sequence, so that a cut, a gap or a swap shows. What is personal is not in an event:
it lies in a body of its own, and the event holds the digest of the body and a random salt. With both erased, the chain
still holds, and nobody can try values until one fits.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

GENESIS = "0" * 64
CHAIN = "events"
_SALT_BYTES = 16


@dataclass(frozen=True)
class By:
    """Who did it: the agent id and role of a key, or the part of Counteroffer itself."""

    actor: str
    role: str = "system"


@dataclass(frozen=True)
class Event:
    """Something that happened. `details` hold nothing personal; `body` may, `answer` is what was sent (decisions)."""

    kind: str
    by: By
    about: str = ""
    subject_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    answer: bytes | None = None


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: the same value is always the same bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def draw_id() -> str:
    """A new id nobody can guess: 128 random bits as hex."""
    return secrets.token_hex(16)


def draw_salt() -> bytes:
    """A new salt for one body."""
    return secrets.token_bytes(_SALT_BYTES)


def body_digest(salt: bytes, content: bytes, answer: bytes | None) -> str:
    """What an event holds of its body: a digest over the salt, that of the content, and that of the answer if any."""
    parts = (content,) if answer is None else (content, answer)
    return hashlib.sha256(salt + b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def link(row: Mapping[str, Any]) -> str:
    """The digest of an event, over every column of its row but the digest itself."""
    return hashlib.sha256(canonical({name: row[name] for name in row if name != "digest"})).hexdigest()
