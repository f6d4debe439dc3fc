"""What docs/api.md tells who receives our messages works as it stands there."""

import base64
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.courier.signature import headers
from tests.order_system import SECRET

DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
BODY = b'{"type": "order.accepted"}'
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))


@pytest.fixture(scope="module")
def verify() -> Callable[..., None]:
    [example] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.S)
    names: dict[str, Any] = {}
    exec(example, names)
    found: Callable[..., None] = names["verify"]
    return found


def test_a_message_is_verified(verify: Callable[..., None]) -> None:
    verify(SECRET, headers([KEY], "msg_1", int(time.time()), BODY), BODY)
    verify(SECRET, headers([b"o" * 24, KEY], "msg_1", int(time.time()), BODY), BODY)


def test_the_published_vector_is_verified(verify: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1614265330.0)
    published = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    verify("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", published, b'{"test": 2432232314}')


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "a second later"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
    ],
)
def test_another_message_is_not(verify: Callable[..., None], change: dict[str, str]) -> None:
    signed = headers([KEY], "msg_1", int(time.time()), BODY)
    if "webhook-timestamp" in change:
        change = {"webhook-timestamp": str(int(signed["webhook-timestamp"]) + 1)}
    with pytest.raises(ValueError, match="not signed"):
        verify(SECRET, {**signed, **change}, BODY)


def test_another_body_an_old_message_and_another_secret_are_not(verify: Callable[..., None]) -> None:
    with pytest.raises(ValueError, match="not signed"):
        verify(SECRET, headers([KEY], "msg_1", int(time.time()), BODY), BODY + b" ")
    with pytest.raises(ValueError, match="not signed"):
        verify(SECRET, headers([b"o" * 32], "msg_1", int(time.time()), BODY), BODY)
    for seconds in (-301, 302):
        with pytest.raises(ValueError, match="too old"):
            verify(SECRET, headers([KEY], "msg_1", int(time.time()) + seconds, BODY), BODY)
