"""Signatures as Standard Webhooks wants them."""

import base64

import pytest

from api.courier.signature import headers, read_secret


def test_the_published_vector_is_signed_as_published() -> None:
    # from the tests of the reference libraries, github.com/standard-webhooks/standard-webhooks
    secret = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert secret is not None
    sent = headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert sent == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_replaced_both_sign() -> None:
    old, new = b"o" * 24, b"n" * 24
    both = headers([new, old], "msg_1", 1, b"{}")["webhook-signature"]
    assert both.split(" ") == [headers([each], "msg_1", 1, b"{}")["webhook-signature"] for each in (new, old)]


def secret_of(count: int) -> str:
    return "whsec_" + base64.b64encode(b"s" * count).decode()


@pytest.mark.parametrize("count", [24, 32, 64])
def test_a_secret_is_read(count: int) -> None:
    assert read_secret(secret_of(count)) == b"s" * count


NO_SECRETS = (
    "",
    "whsec_",
    "none",
    secret_of(23),
    secret_of(65),
    secret_of(32).removeprefix("whsec_"),
    secret_of(32).replace("whsec_", "whpk_"),
    secret_of(32).replace("whsec_", "WHSEC_"),
    secret_of(32) + "!",
    secret_of(32)[:-1],
    "whsec_é" + "A" * 40,
)


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_is_no_secret_is_refused(text: str) -> None:
    assert read_secret(text) is None
