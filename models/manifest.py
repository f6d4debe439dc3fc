"""The manifest of a release: what its files are, signed over the very bytes that are then read.

`manifest.json` is one JSON object. Its last member is the signature of every byte before it, so the bytes can be
checked before anything parses them.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.errors import Fault, Faults
from models.keys import key_name

TAIL_START, TAIL_END = b',\n"signature": "', b'"\n}\n'
SIGNATURE_DIGITS = 128
TAIL_BYTES = len(TAIL_START) + SIGNATURE_DIGITS + len(TAIL_END)
KEY_MEMBER = b'"signed_by": "'


def digest(content: bytes) -> str:
    """SHA-256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def sign_manifest(manifest: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The bytes of manifest.json: the members, the name of the key, and the signature of all of it."""
    members = {**manifest, "signed_by": key_name(key.public_key())}
    body = json.dumps(members, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()[:-2]
    return body + TAIL_START + key.sign(body).hex().encode() + TAIL_END


def verify_manifest(content: bytes, key: Ed25519PublicKey, where: str) -> dict[str, Any]:
    """The members of manifest.json if its signature holds; else Faults `artefact-unsigned` or `artefact-wrong-key`."""
    body, tail = content[:-TAIL_BYTES], content[-TAIL_BYTES:]
    signature = tail[len(TAIL_START) : -len(TAIL_END)]
    if not (body and tail.startswith(TAIL_START) and tail.endswith(TAIL_END)):
        raise Faults([_refused("artefact-unsigned", where, "the manifest carries no signature")])
    try:
        key.verify(bytes.fromhex(signature.decode("ascii")), body)
    except (InvalidSignature, ValueError):
        raise Faults([_why_not(body, key, where)]) from None
    members: dict[str, Any] = json.loads(body + b"\n}")
    return members


def _why_not(body: bytes, key: Ed25519PublicKey, where: str) -> Fault:
    """Nothing here is trusted: the name of the key only tells a stranger's release from a damaged one."""
    if KEY_MEMBER in body and KEY_MEMBER + key_name(key).encode() not in body:
        return _refused(
            "artefact-wrong-key", where, "the manifest is signed with a key that is not this installation's"
        )
    return _refused("artefact-unsigned", where, "the signature does not fit the manifest")


def _refused(code: str, where: str, what: str) -> Fault:
    return Fault(
        code, where, what, "a release signed by this installation", "train it again here, or restore it from a backup"
    )
