"""What must never get through, by family: a title, what is sent, and the exact status, code and place of the answer.

Families 8 (time), 10 (state) and 12 (files) have no field on /offer; 9 and 11 are in test_keys.py, test_http.py and
test_server.py.
"""

import json
from dataclasses import dataclass, field
from typing import Any

GOOD = {"contract_id": "C-1", "channel": "phone_in"}
JSON = "application/json"


@dataclass(frozen=True)
class Bad:
    """One bad request and the answer it must get."""

    title: str
    body: bytes
    status: int
    code: str
    pointer: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def body_with(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def wanting(**wants: Any) -> bytes:
    return body_with(wants=wants)


def raw(tail: str) -> bytes:
    """A good body with more JSON text before its closing brace."""
    return (json.dumps(GOOD)[:-1] + tail + "}").encode()


def raw_wants(text: str) -> bytes:
    return raw(f', "wants": {{{text}}}')


def _malformed() -> list[Bad]:
    good = json.dumps(GOOD)
    bodies = {
        "an empty body": b"",
        "only spaces": b"   ",
        "cut in a string": good[:12].encode(),
        "cut before the brace": good[:-1].encode(),
        "text after the object": (good + "x").encode(),
        "two objects": (good + good).encode(),
        "a byte order mark": b"\xef\xbb\xbf" + good.encode(),
        "UTF-16": good.encode("utf-16"),
        "UTF-16 without a mark": good.encode("utf-16-le"),
        "Latin-1": good.replace("C-1", "é").encode("latin-1"),
        "an overlong slash": good.encode().replace(b"C-1", b"\xc0\xaf"),
        "a surrogate in UTF-8": good.encode().replace(b"C-1", b"\xed\xa0\x80"),
        "single quotes": good.replace('"', "'").encode(),
        "a comment": b"/* c */" + good.encode(),
        "a trailing comma": good.replace("}", ",}").encode(),
        "a raw newline in a string": good.replace("C-1", "C\n1").encode(),
        "a form": b"contract_id=C-1&channel=web",
        "XML": b"<offer/>",
        "a leading zero": raw_wants('"max_upfront_cents": 01'),
        "hexadecimal": raw_wants('"max_upfront_cents": 0x10'),
        "a plus sign": raw_wants('"max_upfront_cents": +1'),
    }
    encodings = ("gzip", "br", "deflate", "GZIP", "gzip, identity")
    return [
        *(Bad(title, body, 400, "malformed-body") for title, body in bodies.items()),
        *(
            Bad(
                f"Content-Encoding: {name}",
                good.encode(),
                415,
                "unsupported-encoding",
                headers={"Content-Encoding": name},
            )
            for name in encodings
        ),
        Bad(
            "another charset",
            good.encode(),
            415,
            "unsupported-encoding",
            headers={"Content-Type": f"{JSON}; charset=latin-1"},
        ),
    ]


def _not_objects() -> list[Bad]:
    values = ("null", "[]", '"x"', "1", "true", "false", "1.5", "-1", '[{"contract_id": "C-1"}]', '""', "[[]]", "0")
    return [Bad(f"the body {value}", value.encode(), 422, "not-an-object") for value in values]


def _fields() -> list[Bad]:
    unknown = (
        "margin_floor",
        "__proto__",
        "Contract_ID",
        "CHANNEL",
        "contract_id ",
        "",
        "role",
        "price_cents",
        "p_churn",
        "tenure_months",
        "a/b",
        "a~b",
        "n" * 100,
    )
    escaped = {"a/b": "a~1b", "a~b": "a~0b", "n" * 100: "n" * 63 + "…"}
    return [
        Bad("nothing but a channel", b'{"channel": "web"}', 422, "missing-field", "/contract_id"),
        Bad("nothing but a contract", b'{"contract_id": "C-1"}', 422, "missing-field", "/channel"),
        Bad("an empty object", b"{}", 422, "missing-field", "/channel"),
        *(
            Bad(
                f"an unknown field {name[:20]!r}",
                body_with(**{name: 0}),
                422,
                "unknown-field",
                "/" + escaped.get(name, name),
            )
            for name in unknown
        ),
        Bad("an unknown wish", wanting(colour="red"), 422, "unknown-field", "/wants/colour"),
        Bad("a fact among the wishes", wanting(price_cents=1), 422, "unknown-field", "/wants/price_cents"),
        Bad("a contract twice", raw(', "contract_id": "C-2"'), 400, "duplicate-key", "/contract_id"),
        Bad("the same contract twice", raw(', "contract_id": "C-1"'), 400, "duplicate-key", "/contract_id"),
        Bad("a channel twice", raw(', "channel": "web"'), 400, "duplicate-key", "/channel"),
        Bad("a name twice, once escaped", raw(', "chann\\u0065l": "web"'), 400, "duplicate-key", "/channel"),
        Bad("a wish twice", raw_wants('"device": "a", "device": "b"'), 400, "duplicate-key", "/wants/device"),
    ]


def _types() -> list[Bad]:
    not_texts: tuple[Any, ...] = (True, 1, 1.5, None, [], {}, ["C-1"], {"id": "C-1"})
    not_wholes: tuple[Any, ...] = (True, False, "5", "", 5.0, 0.5, None, [], {}, [5], 1e2)
    not_objects: tuple[Any, ...] = ([], "x", 1, True, None)
    not_lists: tuple[Any, ...] = ({}, "sms_15", 1, None, True)
    texts = ("contract_id", "channel", "reason_for_contact")
    wholes = ("max_commitment_months", "max_monthly_cents", "max_upfront_cents")
    return [
        *(
            Bad(f"{name} {v!r}", body_with(**{name: v}), 422, "wrong-type", f"/{name}")
            for name in texts
            for v in not_texts
        ),
        *(
            Bad(f"{name} {v!r}", wanting(**{name: v}), 422, "wrong-type", f"/wants/{name}")
            for name in wholes
            for v in not_wholes
        ),
        *(Bad(f"device {v!r}", wanting(device=v), 422, "wrong-type", "/wants/device") for v in not_texts),
        *(Bad(f"wants {v!r}", body_with(wants=v), 422, "wrong-type", "/wants") for v in not_objects),
        *(Bad(f"needs {v!r}", wanting(needs=v), 422, "wrong-type", "/wants/needs") for v in not_lists),
        *(Bad(f"a need {v!r}", wanting(needs=[v]), 422, "wrong-type", "/wants/needs/0") for v in not_texts),
    ]


def _numbers() -> list[Bad]:
    infinite = ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1E+999", "1" * 400 + ".0")
    beyond = ("-1", "-0", "1000001", str(2**31), str(2**63), str(2**64), str(-(2**63)), "9" * 5_000, "-" + "9" * 5_000)
    at = "/wants/max_monthly_cents"
    return [
        *(
            Bad(f"{text[:12]} cents", raw_wants(f'"max_monthly_cents": {text}'), 400, "non-finite-number", at)
            for text in infinite
        ),
        *(
            Bad(f"{text[:12]} cents", raw_wants(f'"max_monthly_cents": {text}'), 422, "out-of-range", at)
            for text in beyond
        ),
        Bad("a tenth of a cent", wanting(max_monthly_cents=0.1), 422, "wrong-type", at),
        Bad("minus zero as a float", raw_wants('"max_monthly_cents": -0.0'), 422, "wrong-type", at),
        Bad("25 months", wanting(max_commitment_months=25), 422, "out-of-range", "/wants/max_commitment_months"),
        Bad("NaN for a contract", raw(', "reason_for_contact": NaN'), 400, "non-finite-number", "/reason_for_contact"),
        Bad("infinity in an unknown field", raw(', "x": [0, Infinity]'), 400, "non-finite-number", "/x/1"),
    ]


HOSTILE = (
    "C\x001",
    "\ud800",
    "\udfff\ud800",
    "C-1\u202e",
    "C\u200b-1",
    "e\u0301",
    "é",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "../../etc/passwd",
    "C-1\r\nSet-Cookie: a=b",
    "{{7*7}}",
    "%s%s%n",
    "C-1\n",
    " C-1",
    "",
    "C" * 65,
    "x" * 60_000,
    "-C1",
    "${jndi:ldap://x}",
)


def _strings() -> list[Bad]:
    places = {
        "/contract_id": lambda text: body_with(contract_id=text),
        "/channel": lambda text: body_with(channel=text),
        "/reason_for_contact": lambda text: body_with(reason_for_contact=text),
        "/wants/device": lambda text: wanting(device=text),
        "/wants/needs/0": lambda text: wanting(needs=[text]),
    }
    return [
        *(
            Bad(f"{text[:20]!r} at {place}", build(text), 422, "invalid-string", place)
            for place, build in places.items()
            for text in HOSTILE
        ),
        Bad("a channel in capitals", body_with(channel="WEB"), 422, "invalid-string", "/channel"),
        Bad("NUL in a name", raw(', "a\\u0000": 1'), 422, "invalid-string", "/a\x00"),
        Bad("a lone surrogate in a name", raw(', "\\ud800": 1'), 422, "invalid-string", "/\\ud800"),
        Bad("a device nobody sells", wanting(device="phone-of-my-dreams"), 422, "unknown-device", "/wants/device"),
        Bad("a need nobody fills", wanting(needs=["sms_15", "pony"]), 422, "unknown-need", "/wants/needs/1"),
    ]


def _sizes() -> list[Bad]:
    good = json.dumps(GOOD)
    return [
        Bad("one byte too many", good.ljust(65_537).encode(), 413, "too-large"),
        Bad("a text of 1 MB", body_with(contract_id="C" * 1_000_000), 413, "too-large"),
        Bad("20 MB", b" " * 20_000_000, 413, "too-large"),
        Bad("a million needs", wanting(needs=["a"] * 1_000_000), 413, "too-large"),
        Bad("depth 21", raw(', "x": ' + "[" * 20 + "]" * 20), 400, "too-deep"),
        Bad("depth 2,000", b"[" * 2_000 + b"]" * 2_000, 400, "too-deep"),
        Bad("depth 2,000, unclosed", b'{"a":' * 2_000, 400, "too-deep"),
        Bad("depth 30,000", b"[" * 30_000 + b"]" * 30_000, 400, "too-deep"),
        Bad("depth 100,000", b"[" * 100_000, 413, "too-large"),
        Bad("201 names", json.dumps({f"k{n}": n for n in range(201)}).encode(), 422, "too-many"),
        Bad("201 names in parts", json.dumps({f"k{n}": {"a": 1, "b": 2} for n in range(70)}).encode(), 422, "too-many"),
        Bad("10,000 items", body_with(x=[0] * 10_000), 422, "too-many"),
        Bad("10,000 times NaN", raw(', "x": [' + ", ".join(["NaN"] * 10_000) + "]"), 422, "too-many"),
        Bad("21 needs", wanting(needs=["sms_15"] * 21), 422, "too-many", "/wants/needs"),
    ]


FAMILIES = {
    "1 broken body or encoding": _malformed(),
    "2 wrong top-level type": _not_objects(),
    "3 missing, unknown, duplicate fields": _fields(),
    "4 wrong types": _types(),
    "5 numbers": _numbers(),
    "6 hostile strings": _strings(),
    "7 size, depth, count": _sizes(),
}
