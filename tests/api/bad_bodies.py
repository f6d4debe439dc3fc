"""What must never get through a door of a case: the families of bad input, made from one good body of each door."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.api.bad_inputs import HOSTILE, JSON, Bad

PROMISE = ALARM = "f" * 32
NOT_A_TEXT: tuple[Any, ...] = (True, False, 0, 1, 1.5, None, [], {}, ["x"], {"x": "y"})
NOT_WHOLE: tuple[Any, ...] = (True, False, "5", "", 5.0, 0.5, None, [], {}, [5], 1e2)
NOT_A_DAY = (
    "2026-02-30",
    "2026-13-01",
    "2026-11-00",
    "2026-11-23T12:00:00Z",
    "2026-11-23T24:00",
    "20261123",
    "2026-W48-1",
    "23.11.2026",
    "2026-1-1",
    "0000-01-01",
    "10000-01-01",
    "1795392000",
    "1795392000000",
    "today",
    "2026-11-23 ",
    "٢٠٢٦-١١-٢٣",
    "-2026-11-23",
)


@dataclass(frozen=True)
class Door:
    """A door and a good body for it: the names in it that are texts, whole numbers with their highest, and days."""

    title: str
    path: str
    good: dict[str, Any]
    texts: tuple[str, ...]
    free: tuple[str, ...] = ()
    wholes: tuple[tuple[str, int], ...] = ()
    days: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each with days that are real and out of its range."""


UNKNOWN = ("margin_floor", "__proto__", "role", "subject_id", "heard", "open_fault", "depth_cents", "", "at", "due_on")
TOO_FAR = ("2026-11-22", "2027-11-24", "1970-01-01", "9999-12-31", "0001-01-01")
TO_COME = ("2026-11-24", "2027-01-01", "9999-12-31", "2016-11-14", "0001-01-01")

DOORS = (
    Door(
        "contact",
        "/signal",
        {"contract_id": "C-1", "kind": "contact", "channel": "web"},
        ("contract_id", "kind", "channel"),
    ),
    Door(
        "fault",
        "/signal",
        {"contract_id": "C-1", "kind": "fault_opened", "text": "x"},
        ("contract_id", "kind"),
        ("text",),
    ),
    Door(
        "complaint",
        "/signal",
        {"contract_id": "C-1", "kind": "public_complaint", "where": "forum", "reach": 5},
        ("contract_id", "kind", "where"),
        wholes=(("reach", 10_000_000_000),),
    ),
    Door(
        "callback",
        "/signal",
        {"contract_id": "C-1", "kind": "callback", "day": "2026-11-25"},
        ("contract_id", "kind"),
        days=(("day", TOO_FAR),),
    ),
    Door("promise", f"/promise/{PROMISE}", {"state": "kept"}, ("state",)),
    Door("alarm", f"/alarm/{ALARM}", {"state": "closed"}, ("state",)),
    Door("contest", f"/decision/{PROMISE}/contest", {"reason": "x"}, (), ("reason",)),
    Door("review", f"/contest/{ALARM}", {"outcome": "upheld", "note": "x"}, ("outcome",), ("note",)),
    Door(
        "outcome",
        "/outcome",
        {"contract_id": "C-1", "kind": "stayed", "happened_on": "2026-11-23"},
        ("contract_id", "kind"),
        days=(("happened_on", TO_COME),),
    ),
)


def families(door: Door) -> dict[str, list[Bad]]:
    """Every family that applies to a door."""
    found = {
        "1 broken body or encoding": list(_broken(door)),
        "2 wrong top-level type": list(_not_objects()),
        "3 missing, unknown, duplicate fields": list(_fields(door)),
        "4 wrong types": list(_types(door)),
        "5 numbers": list(_numbers(door)),
        "6 hostile strings": list(_strings(door)),
        "7 size, depth, count": list(_sizes(door)),
    }
    return {**found, "8 time": list(_days(door))} if door.days else found


def _with(door: Door, **changes: Any) -> bytes:
    return json.dumps({**door.good, **changes}).encode()


def _raw(door: Door, tail: str) -> bytes:
    """A good body with more JSON text before its closing brace."""
    return (json.dumps(door.good)[:-1] + tail + "}").encode()


def _broken(door: Door) -> Iterator[Bad]:
    good = json.dumps(door.good)
    bodies = {
        "an empty body": b"",
        "only spaces": b"   ",
        "cut in a string": good[:9].encode(),
        "cut before the brace": good[:-1].encode(),
        "text after the object": (good + "x").encode(),
        "two objects": (good + good).encode(),
        "a byte order mark": b"\xef\xbb\xbf" + good.encode(),
        "UTF-16": good.encode("utf-16"),
        "Latin-1": _raw(door, ', "é": 1').decode().encode("latin-1"),
        "a surrogate in UTF-8": _raw(door, ', "?": 1').replace(b"?", b"\xed\xa0\x80"),
        "single quotes": good.replace('"', "'").encode(),
        "a comment": b"/* c */" + good.encode(),
        "a trailing comma": _raw(door, ","),
        "a raw newline in a string": _raw(door, ', "x": "\n"'),
        "a form": b"contract_id=C-1&kind=contact",
        "a leading zero": _raw(door, ', "x": 01'),
    }
    for title, body in bodies.items():
        yield Bad(title, body, 400, "malformed-body")
    for name in ("gzip", "br", "deflate"):
        headers = {"Content-Encoding": name}
        yield Bad(f"Content-Encoding: {name}", good.encode(), 415, "unsupported-encoding", headers=headers)
    headers = {"Content-Type": f"{JSON}; charset=latin-1"}
    yield Bad("another charset", good.encode(), 415, "unsupported-encoding", headers=headers)


def _not_objects() -> Iterator[Bad]:
    for value in ("null", "[]", '"x"', "1", "true", "false", "1.5", "-1", '[{"kind": "contact"}]', '""', "[[]]", "0"):
        yield Bad(f"the body {value}", value.encode(), 422, "not-an-object")


def _fields(door: Door) -> Iterator[Bad]:
    for name in door.good:
        left = {other: value for other, value in door.good.items() if other != name}
        if name != "day":
            yield Bad(f"without {name}", json.dumps(left).encode(), 422, "missing-field", f"/{name}")
        yield Bad(f"{name} twice", _raw(door, f', "{name}": 1'), 400, "duplicate-key", f"/{name}")
        yield Bad(f"{name} in capitals", _with(door, **{name.upper(): 1}), 422, "unknown-field", f"/{name.upper()}")
    unknown = (
        "margin_floor",
        "__proto__",
        "role",
        "subject_id",
        "heard",
        "open_fault",
        "depth_cents",
        "",
        "at",
        "due_on",
    )
    for name in unknown:
        yield Bad(f"an unknown field {name!r}", _with(door, **{name: 0}), 422, "unknown-field", f"/{name}")


def _types(door: Door) -> Iterator[Bad]:
    for name in (*door.texts, *door.free, *(name for name, _ in door.days)):
        for value in NOT_A_TEXT:
            yield Bad(f"{name} {value!r}", _with(door, **{name: value}), 422, "wrong-type", f"/{name}")
    for name, _ in door.wholes:
        for value in NOT_WHOLE:
            yield Bad(f"{name} {value!r}", _with(door, **{name: value}), 422, "wrong-type", f"/{name}")


def _numbers(door: Door) -> Iterator[Bad]:
    infinite = ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1E+999", "1" * 400 + ".0")
    for text in infinite:
        yield Bad(f"{text[:12]} beside", _raw(door, f', "x": {text}'), 400, "non-finite-number", "/x")
        yield Bad(f"{text[:12]} inside", _raw(door, f', "x": [0, {text}]'), 400, "non-finite-number", "/x/1")
    for name, high in door.wholes:
        without = {other: value for other, value in door.good.items() if other != name}
        for text in ("-1", "-0", str(high + 1), str(2**63), str(2**64), str(-(2**63)), "9" * 5_000):
            body = (json.dumps(without)[:-1] + f', "{name}": {text}}}').encode()
            yield Bad(f"{name} {text[:12]}", body, 422, "out-of-range", f"/{name}")


def _strings(door: Door) -> Iterator[Bad]:
    for name in door.texts:
        for text in HOSTILE:
            yield Bad(f"{text[:20]!r} at {name}", _with(door, **{name: text}), 422, "invalid-string", f"/{name}")
    for name in door.free:
        for text in NOT_TO_BE_SEEN:
            yield Bad(f"{text[:20]!r} at {name}", _with(door, **{name: text}), 422, "invalid-string", f"/{name}")
    yield Bad("NUL in a name", _raw(door, ', "a\\u0000": 1'), 422, "invalid-string", "/a\x00")


NOT_TO_BE_SEEN = (
    "",
    " ",
    "\u00a0",
    "C\x001",
    "\ud800",
    "\udfff\ud800",
    "no\nsignal",
    "no\r\nSet-Cookie: a=b",
    "no\tsignal",
    "\x1b[31mred",
    "right\u202eleft",
    "zero\u200bwidth",
    "\ufeffmark",
    "soft\u00adhyphen",
    "private\ue000use",
    "not a letter\uffff",
    "next\x85line",
    "x" * 501,
    "é" * 501,
    "x" * 60_000,
)
"""Free text with what cannot be seen, too much of it, or none."""


def _sizes(door: Door) -> Iterator[Bad]:
    good = json.dumps(door.good)
    yield Bad("one byte too many", good.ljust(65_537).encode(), 413, "too-large")
    yield Bad("a text of 1 MB", _with(door, x="C" * 1_000_000), 413, "too-large")
    yield Bad("2 MB of spaces", b" " * 2_000_000, 413, "too-large")
    yield Bad("depth 21", _raw(door, ', "x": ' + "[" * 20 + "]" * 20), 400, "too-deep")
    yield Bad("depth 2,000", b"[" * 2_000 + b"]" * 2_000, 400, "too-deep")
    yield Bad("depth 2,000, unclosed", b'{"a":' * 2_000, 400, "too-deep")
    yield Bad("depth 30,000", b"[" * 30_000 + b"]" * 30_000, 400, "too-deep")
    yield Bad("depth 100,000", b"[" * 100_000, 413, "too-large")
    yield Bad("201 names", json.dumps({f"k{n}": n for n in range(201)}).encode(), 422, "too-many")
    yield Bad("10,000 items", _with(door, x=[0] * 10_000), 422, "too-many")
    yield Bad("10,000 times NaN", _raw(door, ', "x": [' + ", ".join(["NaN"] * 10_000) + "]"), 422, "too-many")


def _days(door: Door) -> Iterator[Bad]:
    for name, out_of_range in door.days:
        for text in (*NOT_A_DAY, *out_of_range):
            yield Bad(f"{name} {text}", _with(door, **{name: text}), 422, "invalid-time", f"/{name}")
