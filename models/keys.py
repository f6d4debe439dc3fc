"""The key that signs releases: made once, readable by its owner only, kept outside the releases."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from engine.errors import Fault, Faults

PRIVATE_NAME = "release-signing.key"
PUBLIC_NAME = "release-signing.pub"
KEY_BYTES = 32
OWNER_ONLY = 0o600


def signing_key(directory: Path) -> Ed25519PrivateKey:
    """The private key in `directory`, made at the first call with mode 0600; raises Faults when it is not 32 bytes."""
    path = directory / PRIVATE_NAME
    if not path.exists():
        _make_key(directory)
    return Ed25519PrivateKey.from_private_bytes(_read_key(path))


def verification_key(directory: Path) -> Ed25519PublicKey:
    """The public key in `directory`; raises Faults when there is none."""
    return Ed25519PublicKey.from_public_bytes(_read_key(directory / PUBLIC_NAME))


def key_name(key: Ed25519PublicKey) -> str:
    """A short public name of a key: the first 16 hex digits of its bytes."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()[:16]


def _make_key(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    (directory / PUBLIC_NAME).write_bytes(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    handle = os.open(directory / PRIVATE_NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))


def _read_key(path: Path) -> bytes:
    if not path.is_file():
        raise Faults(
            [Fault("no-input", str(path), "there is no key here", fix="train a release first: it makes the key")]
        )
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        fix = "restore it from a backup, or delete both key files and train again"
        raise Faults([Fault("key-damaged", str(path), f"the key holds {len(key)} bytes", f"{KEY_BYTES} bytes", fix)])
    return key
