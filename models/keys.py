"""The keys of an installation, one for releases, one for anchors: made once, each readable by its owner only."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from engine.errors import Fault, Faults
from models.files import sync_directory

RELEASES, ANCHORS = "release-signing", "anchor-signing"
PRIVATE_NAME, PUBLIC_NAME = f"{RELEASES}.key", f"{RELEASES}.pub"
MADE_BY = {RELEASES: "train a release first: it makes the key", ANCHORS: "counteroffer audit anchor makes it"}
KEY_BYTES = 32
OWNER_ONLY, FOR_ALL = 0o600, 0o644


def signing_key(directory: Path, purpose: str = RELEASES) -> Ed25519PrivateKey:
    """The private key in `directory`, made at the first call with mode 0600; raises Faults when it is not 32 bytes.

    The public key beside it is always that of the private key on disk, whoever made it and however they were stopped.
    """
    path = directory / f"{purpose}.key"
    if not path.exists():
        _make_key(path)
    key = Ed25519PrivateKey.from_private_bytes(_read_key(path))
    _publish(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), path.with_suffix(".pub"))
    return key


def verification_key(directory: Path) -> Ed25519PublicKey:
    """The public key in `directory`; raises Faults when there is none."""
    return Ed25519PublicKey.from_public_bytes(_read_key(directory / PUBLIC_NAME))


def verification_keys(directory: Path, purpose: str) -> dict[str, Ed25519PublicKey]:
    """Every public key in `directory` for a purpose, by its name: that in use, and older ones kept beside it.

    An older one is called as it was with more words before the `.pub`. Raises Faults when there is none.
    """
    paths = sorted(directory.glob(f"{purpose}*.pub")) or [directory / f"{purpose}.pub"]
    keys = [Ed25519PublicKey.from_public_bytes(_read_key(path)) for path in paths]
    return {key_name(key): key for key in keys}


def key_name(key: Ed25519PublicKey) -> str:
    """A short public name of a key: the first 16 hex digits of its bytes."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()[:16]


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    made = _write_beside(path, key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()), OWNER_ONLY)
    try:
        os.link(made, path)  # whole, or not at all, and never over a key that another process made first
    except FileExistsError:
        return
    finally:
        made.unlink()
    sync_directory(path.parent)


def _publish(content: bytes, path: Path) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    os.replace(_write_beside(path, content, FOR_ALL), path)
    sync_directory(path.parent)


def _write_beside(path: Path, content: bytes, mode: int) -> Path:
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _read_key(path: Path) -> bytes:
    if not path.is_file():
        raise Faults([Fault("no-input", str(path), "there is no key here", fix=MADE_BY.get(path.stem, ""))])
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        fix = "restore it from a backup, or delete both key files and train again"
        raise Faults([Fault("key-damaged", str(path), f"the key holds {len(key)} bytes", f"{KEY_BYTES} bytes", fix)])
    return key
