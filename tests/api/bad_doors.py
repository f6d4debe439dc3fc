"""What must never get through at any door, by family, made from a good body and the kinds of its fields.

`/offer` has a grid of its own in bad_inputs.py; the other doors stand in `DOORS`. Family 10 (state, order, replay) is
in the tests of each door, 11 in test_http.py and test_server.py, 12 has no field here.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api import confirm, order_echo, withdraw
from tests.api.bad_inputs import HOSTILE, Bad

NOT_TEXTS: tuple[Any, ...] = (True, 1, 1.5, [], {}, ["C-1"], {"id": "C-1"})
NOT_WHOLES: tuple[Any, ...] = (True, False, "5", "", 5.0, 0.5, [], {}, [5], 1e2)
NOT_LISTS: tuple[Any, ...] = ({}, "sms_15", 1, True)
NOT_OBJECTS: tuple[Any, ...] = ([], "x", 1, True)
WRONG_TYPES = {"text": NOT_TEXTS, "day": NOT_TEXTS, "whole": NOT_WHOLES, "texts": NOT_LISTS, "part": NOT_OBJECTS}
INFINITE = ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1E+999", "1" * 400 + ".0")
BEYOND = ("-0", str(10**10 + 1), str(2**63), str(2**64), str(-(2**63)), "9" * 5_000, "-" + "9" * 5_000)
NOT_DAYS = (
    "",
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "0000-01-01",
    "10000-01-01",
    "2026-2-3",
    "20260203",
    "2026-W06-2",
    "2026-02-03T00:00:00Z",
    "2026-02-03 ",
    "03/02/2026",
    "1770076800000",
    "٢٠٢٦-٠٢-٠٣",
    "now",
)
UNKNOWN = ("margin_floor", "__proto__", "Contract_ID", "", "role", "price_cents", "p_churn", "url", "callback", "a b")


@dataclass(frozen=True)
class Door:
    """A door, who may open it, a body it reads, and what kind each field of it is, by its pointer."""

    path: str
    role: str
    good: Mapping[str, Any]
    kinds: Mapping[str, str]
    """Pointer: text, day, whole, texts or part; with a question mark where null is allowed."""

    def body(self, pointer: str, value: Any) -> bytes:
        """The good body with another value at one place."""
        changed = copy.deepcopy(dict(self.good))
        *parents, name = pointer.removeprefix("/").split("/")
        part = changed
        for parent in parents:
            part = part[parent]
        part[name] = value
        return json.dumps(changed).encode()

    def raw(self, pointer: str, text: str) -> bytes:
        """The good body with JSON text at one place that no value of Python becomes."""
        return self.body(pointer, "HERE").replace(b'"HERE"', text.encode())

    def of_kind(self, kind: str) -> list[str]:
        return [pointer for pointer, each in self.kinds.items() if each.rstrip("?") == kind]


_TERMS = {
    **dict.fromkeys(("offer_id",), "text"),
    **dict.fromkeys(("device", "trade_in"), "text?"),
    **dict.fromkeys(("commitment_ends_on",), "day"),
    **dict.fromkeys(("discount_ends_on", "extras_end_on"), "day?"),
    "extras": "texts",
}
_RECORDED = order_echo.REQUESTS["rightly"]["value"]

DOORS = (
    Door("/confirm", "agent", confirm.REQUESTS["signed"]["value"], {"/acceptance_id": "text", "/how": "text"}),
    Door(
        "/withdraw",
        "agent",
        withdraw.REQUESTS["customer"]["value"],
        {"/proposal_id": "text", "/by": "text", "/because": "text"},
    ),
    Door(
        "/order-echo",
        "order_system",
        _RECORDED,
        {
            "/order_id": "text",
            "/terms": "part",
            **{f"/terms/{name}": _TERMS.get(name, "whole") for name in _RECORDED["terms"]},
        },
    ),
)


def malformed(door: Door) -> Iterator[Bad]:
    good = json.dumps(door.good)
    bodies = {
        "an empty body": b"",
        "only spaces": b"   ",
        "cut in a string": good[:5].encode(),
        "cut before the brace": good[:-1].encode(),
        "text after the object": (good + "x").encode(),
        "two objects": (good + good).encode(),
        "a byte order mark": b"\xef\xbb\xbf" + good.encode(),
        "UTF-16": good.encode("utf-16"),
        "Latin-1": b'{"\xe9": 1}',
        "a surrogate in UTF-8": b'{"\xed\xa0\x80": 1}',
        "single quotes": good.replace('"', "'").encode(),
        "a comment": b"/* c */" + good.encode(),
        "a form": b"order_id=1&how=signed",
    }
    for title, body in bodies.items():
        yield Bad(title, body, 400, "malformed-body")
    for name in ("gzip", "br", "deflate"):
        yield Bad(name, good.encode(), 415, "unsupported-encoding", headers={"Content-Encoding": name})
    yield Bad("a form by its type", good.encode(), 415, "unsupported-media-type", headers={"Content-Type": "text/xml"})


def not_objects(_door: Door) -> Iterator[Bad]:
    for value in ("null", "[]", '"x"', "1", "true", "false", "1.5", "-1", "[{}]", '""', "[[]]", "0"):
        yield Bad(f"the body {value}", value.encode(), 422, "not-an-object")


def wrong_fields(door: Door) -> Iterator[Bad]:
    yield Bad("an empty object", b"{}", 422, "missing-field", f"/{next(iter(door.good))}")
    for name in door.good:
        left = {other: value for other, value in door.good.items() if other != name}
        yield Bad(f"without {name}", json.dumps(left).encode(), 422, "missing-field", f"/{name}")
        twice = json.dumps(door.good)[:-1] + f', "{name}": null}}'
        yield Bad(f"{name} twice", twice.encode(), 400, "duplicate-key", f"/{name}")
    for part in ("", *door.of_kind("part")):
        for name in UNKNOWN:
            body = door.body(f"{part}/{name}" if name else f"{part}/", 0)
            yield Bad(f"an unknown field {part}/{name}", body, 422, "unknown-field", f"{part}/{name}")


def wrong_types(door: Door) -> Iterator[Bad]:
    for pointer, kind in door.kinds.items():
        wrong = WRONG_TYPES[kind.rstrip("?")] + (() if kind.endswith("?") else (None,))
        for value in wrong:
            yield Bad(f"{pointer} {value!r}", door.body(pointer, value), 422, "wrong-type", pointer)
    for pointer in door.of_kind("texts"):
        for value in (*NOT_TEXTS, None):
            yield Bad(f"in {pointer} {value!r}", door.body(pointer, [value]), 422, "wrong-type", f"{pointer}/0")


def numbers(door: Door) -> Iterator[Bad]:
    for pointer in (*door.kinds, "/x"):
        for text in INFINITE:
            yield Bad(f"{pointer} {text[:12]}", door.raw(pointer, text), 400, "non-finite-number", pointer)
    for pointer in door.of_kind("whole"):
        for text in BEYOND:
            yield Bad(f"{pointer} {text[:12]}", door.raw(pointer, text), 422, "out-of-range", pointer)


def hostile_strings(door: Door) -> Iterator[Bad]:
    for pointer in door.of_kind("text"):
        for text in HOSTILE:
            fits = pointer.endswith("offer_id") and text == "C" * 65
            if not fits:
                yield Bad(f"{pointer} {text[:20]!r}", door.body(pointer, text), 422, "invalid-string", pointer)
    for pointer in door.of_kind("texts"):
        for text in HOSTILE:
            body = door.body(pointer, [text])
            yield Bad(f"in {pointer} {text[:20]!r}", body, 422, "invalid-string", f"{pointer}/0")


def sizes(door: Door) -> Iterator[Bad]:
    good = json.dumps(door.good)
    yield Bad("one byte too many", good.ljust(65_537).encode(), 413, "too-large")
    yield Bad("20 MB", b" " * 20_000_000, 413, "too-large")
    yield Bad("1 MB in a text", door.body(next(iter(door.kinds)), "C" * 1_000_000), 413, "too-large")
    yield Bad("depth 21", door.raw("/x", "[" * 20 + "]" * 20), 400, "too-deep")
    yield Bad("depth 2,000", b"[" * 2_000 + b"]" * 2_000, 400, "too-deep")
    yield Bad("depth 2,000, unclosed", b'{"a":' * 2_000, 400, "too-deep")
    yield Bad("depth 30,000", b"[" * 30_000 + b"]" * 30_000, 400, "too-deep")
    yield Bad("depth 100,000", b"[" * 100_000, 413, "too-large")
    yield Bad("201 names", json.dumps({f"k{n}": n for n in range(201)}).encode(), 422, "too-many")
    yield Bad("10,000 items", door.body("/x", [0] * 10_000), 422, "too-many")
    yield Bad("10,000 times NaN", door.raw("/x", "[" + ", ".join(["NaN"] * 10_000) + "]"), 422, "too-many")
    for pointer in door.of_kind("texts"):
        yield Bad("21 names", door.body(pointer, ["a"] * 21), 422, "too-many", pointer)


def times(door: Door) -> Iterator[Bad]:
    for pointer in door.of_kind("day"):
        for text in NOT_DAYS:
            yield Bad(f"{pointer} {text!r}", door.body(pointer, text), 422, "invalid-time", pointer)


FAMILIES = {
    "1 broken body or encoding": malformed,
    "2 wrong top-level type": not_objects,
    "3 missing, unknown, duplicate fields": wrong_fields,
    "4 wrong types": wrong_types,
    "5 numbers": numbers,
    "6 hostile strings": hostile_strings,
    "7 size, depth, count": sizes,
    "8 time": times,
}
