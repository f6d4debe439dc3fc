"""From the bytes of a request to JSON values, strictly; what JSON allows and we do not is named with its pointer."""

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import Request

from api.errors import Flaw, Problem, pointer_to, shown

MAX_BYTES = 65_536
MAX_DEPTH = 20
MAX_KEYS = 200
MAX_VALUES = 1_000

BEYOND = 10**30
"""Stands for a whole number no field can hold, so that the field says so: more than 19 digits, or minus zero."""

_LONGEST_WHOLE = 20
_SENDABLE = "expected text without NUL or lone surrogates"
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STRINGS_AND_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)
_PLAIN = ("application/json", "application/json; charset=utf-8")


class JsonObject(dict[str, Any]):
    """A JSON object that remembers the names that stood in it more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice: tuple[str, ...] = ()
        if len(self) < len(pairs):
            self.twice = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)


def read_body(request: Request) -> bytes:
    """The bytes of a request's JSON body. Raises Problem for other content, encodings, and more than `MAX_BYTES`."""
    if request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise Problem.of("unsupported-encoding", "expected a body without Content-Encoding")
    if request.content_type not in _PLAIN:
        _check_content_type(request)
    if (request.content_length or 0) > MAX_BYTES:
        _refuse_size()
    return request.get_data(cache=False)


def parse_body(body: bytes) -> tuple[JsonObject, list[Flaw]]:
    """A JSON object and the flaws in its names, numbers and texts. Raises Problem where there is no object at all."""
    if len(body) > MAX_BYTES:
        _refuse_size()
    if _depth(body) > MAX_DEPTH:
        raise Problem.of("too-deep", f"expected at most {MAX_DEPTH} levels")
    value = _parse(body)
    if not isinstance(value, JsonObject):
        raise Problem.of("not-an-object", "expected a JSON object")
    nodes = list(itertools.islice(_nodes("", value), MAX_VALUES + 1))
    if len(nodes) > MAX_VALUES or sum(len(node) for _, node in nodes if isinstance(node, dict)) > MAX_KEYS:
        raise Problem.of("too-many", f"expected at most {MAX_KEYS} names and {MAX_VALUES} values")
    return value, [flaw for pointer, node in nodes for flaw in _flaws(pointer, node)]


def _check_content_type(request: Request) -> None:
    if request.mimetype != "application/json":
        raise Problem.of("unsupported-media-type", "expected Content-Type: application/json")
    if request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Problem.of("unsupported-encoding", "expected UTF-8")


def _refuse_size() -> NoReturn:
    raise Problem.of("too-large", f"expected at most {MAX_BYTES} bytes")


def _depth(body: bytes) -> int:
    if body.count(b"{") + body.count(b"[") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for match in _STRINGS_AND_BRACKETS.finditer(body):
        depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(match.group(), 0)
        deepest = max(deepest, depth)
    return deepest


def _parse(body: bytes) -> Any:
    if body.startswith(_BYTE_ORDER_MARK):
        raise Problem.of("malformed-body", "expected UTF-8 without a byte order mark")
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Problem.of("malformed-body", f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Problem.of("malformed-body", f"not JSON at line {error.lineno}, column {error.colno}") from None


def _whole(digits: str) -> int:
    return BEYOND if len(digits) > _LONGEST_WHOLE or digits == "-0" else int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=JsonObject, parse_int=_whole)


def _nodes(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    yield pointer, value
    if isinstance(value, JsonObject):
        for name, member in value.items():
            yield from _nodes(pointer_to(pointer, name), member)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nodes(f"{pointer}/{index}", item)


def _flaws(pointer: str, value: Any) -> Iterator[Flaw]:
    if isinstance(value, JsonObject):
        for name in value.twice:
            yield Flaw(pointer_to(pointer, name), "duplicate-key", "expected each name once")
        for name in value:
            if not _sendable(name):
                yield Flaw(pointer_to(pointer, name), "invalid-string", _SENDABLE)
    elif isinstance(value, float) and not math.isfinite(value):
        yield Flaw(pointer, "non-finite-number", f"{shown(value)} is not a finite number")
    elif isinstance(value, str) and not _sendable(value):
        yield Flaw(pointer, "invalid-string", _SENDABLE)


def _sendable(text: str) -> bool:
    return _UNSENDABLE.search(text) is None
