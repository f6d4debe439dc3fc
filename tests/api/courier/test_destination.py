"""Orders go to one address, from the settings, and to none that could be somebody else's."""

import ssl
from pathlib import Path

import pytest

from api.courier import posting
from api.courier.destination import Destination, read_destination
from api.courier.posting import Message, post
from api.settings import PREFIX, read_settings
from engine.errors import Faults
from tests.order_system import SECRET, OrderSystem, running

HERE = {"COUNTEROFFER_RULEBOOK": str(Path(__file__).parents[3] / "rulebook")}
GOOD = {
    "http://localhost/orders": (False, "localhost", 80, "/orders"),
    "http://127.0.0.1:8080": (False, "127.0.0.1", 8080, "/"),
    "http://127.8.9.10:8080/": (False, "127.8.9.10", 8080, "/"),
    "http://[::1]:8080/x?a=b": (False, "::1", 8080, "/x?a=b"),
    "https://orders.example.com/in": (True, "orders.example.com", 443, "/in"),
    "https://10.0.0.7:8443/in": (True, "10.0.0.7", 8443, "/in"),
    "HTTPS://Orders.Example.COM/In": (True, "orders.example.com", 443, "/In"),
}
BAD = (
    "",
    "orders.example.com",
    "//orders.example.com/",
    "http://",
    "https:///orders",
    "http://orders.example.com/",
    "http://10.0.0.7/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/",
    "http://0.0.0.0/",
    "http://0/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://[::ffff:10.0.0.7]/",
    "http://localhost.example.com/",
    "http://localhost@orders.example.com/",
    "http://127.0.0.1@orders.example.com/",
    "http://127.0.0.1#@orders.example.com/",
    "http://127.0.0.1\\@orders.example.com/",
    "https://user:password@orders.example.com/",
    "https://orders.example.com/#here",
    "https://orders.example.com/#",
    "https://orders.example.com:0/",
    "https://orders.example.com:65536/",
    "https://orders.example.com:443a/",
    "https://orders.example.com:-1/",
    "https://orders..example.com:/ x",
    "https://orders.example.com/a b",
    "https://orders.example.com/\r\nX: 1",
    "https://orders.example.com/\x00",
    "https://ordërs.example.com/",
    "https://orders.example.com/" + "a" * 2_000,
    "https://-orders.example.com/",
    "https://[::1/",
    "https://orders_example%2ecom/",
    "ftp://localhost/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/",
    "unix:///run/orders.sock",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("url", GOOD)
def test_an_address_is_read(url: str) -> None:
    assert read_destination(url, []) == Destination(*GOOD[url])


@pytest.mark.parametrize("url", BAD)
def test_an_address_that_orders_may_not_go_to_is_refused(url: str) -> None:
    assert read_destination(url, []) is None
    with pytest.raises(Faults) as caught:
        read_settings({**HERE, f"{PREFIX}ORDERS_URL": url, f"{PREFIX}WEBHOOK_SECRET": SECRET})
    assert {fault.where for fault in caught.value.faults} == {f"{PREFIX}ORDERS_URL"}
    assert "password" not in str(caught.value)


def test_without_an_address_orders_stay() -> None:
    assert read_settings(HERE).orders is None
    assert read_settings({**HERE, f"{PREFIX}WEBHOOK_SECRET": SECRET}).orders is None


def test_with_an_address_and_a_secret_orders_go() -> None:
    settings = {f"{PREFIX}ORDERS_URL": "http://localhost:9/", f"{PREFIX}WEBHOOK_SECRET": f"{SECRET} {SECRET}"}
    orders = read_settings({**HERE, **settings}).orders
    assert orders is not None
    assert orders.secrets == (bytes(range(32)), bytes(range(32)))
    assert SECRET.removeprefix("whsec_") not in repr(orders)
    assert repr(bytes(range(32))) not in repr(orders)


@pytest.mark.parametrize("secret", ["none", "whsec_short", f"{SECRET} whsec_short"])
def test_orders_do_not_go_unsigned(secret: str) -> None:
    with pytest.raises(Faults) as caught:
        read_settings({**HERE, f"{PREFIX}ORDERS_URL": "http://localhost/", f"{PREFIX}WEBHOOK_SECRET": secret})
    [fault] = caught.value.faults
    assert fault.where == f"{PREFIX}WEBHOOK_SECRET"
    assert "short" not in str(fault)


def test_a_name_that_leads_elsewhere_gets_no_plain_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "is_loopback", lambda address: address == "localhost")
    with running(OrderSystem()) as system:
        reply = post(Destination(False, "localhost", system.port, "/", [b"s" * 32]), Message("msg_1", b"{}"), 1, 1.0)
        assert (reply.received, reply.why) == (False, "ConnectionRefusedError: plain HTTP only to this machine")
        assert system.visitors == 0


def test_who_cannot_prove_their_name_gets_no_order() -> None:
    with running(OrderSystem()) as system:
        reply = post(Destination(True, "localhost", system.port, "/", [b"s" * 32]), Message("msg_1", b"{}"), 1, 1.0)
        assert (reply.received, reply.status, system.visitors) == (False, None, 0)
    context = ssl.create_default_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
