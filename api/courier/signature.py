"""Signatures of what we send, after Standard Webhooks 1.0.0 (standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64


def read_secret(text: str) -> bytes | None:
    """The bytes of a secret such as `whsec_MfKQ...`; None unless they are 24 to 64 bytes in base64."""
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return secret if text.startswith(PREFIX) and FEWEST_BYTES <= len(secret) <= MOST_BYTES else None


def headers(secrets: Sequence[bytes], message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of one try at `seconds` since 1970: the id, the time, and a signature a secret, with spaces."""
    signed = b"%b.%d.%b" % (message_id.encode(), seconds, body)
    digests = (hmac.digest(secret, signed, hashlib.sha256) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests),
    }
