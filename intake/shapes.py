"""The shape of a document against its JSON Schema: every deviation is a fault with its line and a way to mend it."""

import json
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from engine.errors import Fault
from intake.documents import Day, Document

SCHEMAS = Path(__file__).parent / "schemas"
SHOWN_CHARACTERS = 64
MOST_NAMES = 30

_CODES = {
    "type": "wrong-type",
    "enum": "not-a-choice",
    "const": "not-a-choice",
    "minimum": "out-of-range",
    "maximum": "out-of-range",
    "exclusiveMinimum": "out-of-range",
    "exclusiveMaximum": "out-of-range",
    "pattern": "invalid-string",
    "minLength": "invalid-string",
    "maxLength": "invalid-string",
    "minItems": "too-few",
    "maxItems": "too-many",
    "minProperties": "too-few",
    "maxProperties": "too-many",
    "uniqueItems": "repeated-value",
}
A_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
"""How the schemas write a day."""

_EXPECTED: dict[str, Callable[[Any], str]] = {
    "type": lambda rule: "a value of type " + (rule if isinstance(rule, str) else " or ".join(rule)),
    "enum": lambda rule: "one of " + ", ".join(map(str, rule)),
    "const": lambda rule: str(rule),
    "minimum": lambda rule: f"at least {rule}",
    "maximum": lambda rule: f"at most {rule}",
    "exclusiveMinimum": lambda rule: f"more than {rule}",
    "exclusiveMaximum": lambda rule: f"less than {rule}",
    "pattern": lambda rule: "a day such as 2027-01-31" if rule == A_DAY else f"text that matches {rule}",
    "minLength": lambda rule: f"at least {rule} characters",
    "maxLength": lambda rule: f"at most {rule} characters",
    "minItems": lambda rule: f"at least {rule} of them",
    "maxItems": lambda rule: f"at most {rule} of them",
    "minProperties": lambda rule: f"at least {rule} of them",
    "maxProperties": lambda rule: f"at most {rule} of them",
    "uniqueItems": lambda _: "every value once",
}

_STRICT = Draft202012Validator.TYPE_CHECKER.redefine(
    "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
)


def _of_type(validator: Any, types: Any, value: Any, rule: Any) -> Iterator[ValidationError]:
    """The keyword `type`; a day stands only where a pattern or a number beside texts asks for one."""
    names = [types] if isinstance(types, str) else types
    is_stray_day = isinstance(value, Day) and "pattern" not in rule and "number" not in names
    if is_stray_day or not any(validator.is_type(value, name) for name in names):
        yield ValidationError(f"{value!r} is not of type {types}")


_VALIDATOR = extend(Draft202012Validator, {"type": _of_type}, type_checker=_STRICT)


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one kind of document, from intake/schemas/NAME.schema.json."""
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


def check_shape(document: Document, name: str) -> list[Fault]:
    """Every way in which a document leaves its schema, in the order of its lines."""
    faults = [
        fault for error in _VALIDATOR(schema(name)).iter_errors(document.data) for fault in _faults(document, error)
    ]
    return sorted(faults, key=_line)


def _line(fault: Fault) -> int:
    return int(fault.where.rpartition(":")[2])


def _faults(document: Document, error: ValidationError) -> Iterator[Fault]:
    path = tuple(error.absolute_path)
    name = ".".join(map(str, path)) or "the file"
    rule = error.validator
    if rule == "additionalProperties":
        yield from _unknown_keys(document, error)
    elif rule == "required":
        missing = next(key for key in error.validator_value if repr(key) == error.message.split(" is a required")[0])
        yield Fault("missing-key", document.where(path), f"{name} has no {missing}", f"the key {missing}")
    else:
        expected = _EXPECTED[str(rule)](error.validator_value)
        yield Fault(_CODES[str(rule)], document.where(path), f"{name} is {shown(error.instance)}", expected)


def _unknown_keys(document: Document, error: ValidationError) -> Iterator[Fault]:
    path = tuple(error.absolute_path)
    known = list(error.schema.get("properties", {}))
    patterns = list(error.schema.get("patternProperties", {}))
    wrong = [key for key in error.instance if key not in known and not any(re.search(one, key) for one in patterns)]
    for key in wrong:
        near = get_close_matches(key, known, 1)
        fix = f"did you mean {near[0]}?" if near else "known: " + _first_of(known or patterns)
        yield Fault("unknown-key", document.where((*path, key)), f"unknown key {shown(key)}", "", fix)


def _first_of(names: list[str]) -> str:
    """Some names, and how many more there are."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def shown(value: object) -> str:
    """A value as it may stand in a message: one line, shortened to 64 characters."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."
