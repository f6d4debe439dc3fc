"""What a request may hold: closed schemas with strict types. Every message is `code: detail`, for `api.errors`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from api.errors import Flaw, pointer_to
from engine.fields import CHANNELS, FIELD_BY_NAME, IDENTIFIER_PATTERN, REASONS_FOR_CONTACT

MAX_NEEDS = 20


def _messages(**more: str) -> dict[str, Any]:
    return {
        "required": "missing-field: expected a value",
        "null": "wrong-type: expected a value, not null",
        **more,
    }


class Text(fields.String):
    """A JSON string and nothing else."""

    default_error_messages = _messages(invalid="wrong-type: expected a string")


class Name(Text):
    """A JSON string in the letters of an identifier, so that no other text ever reaches the store or a log."""

    default_error_messages = _messages(
        letters="invalid-string: expected 1 to 64 letters, digits or ._:-, the first a letter or a digit",
        invalid="wrong-type: expected a string",
    )

    def __init__(self, **options: Any) -> None:
        options.setdefault("metadata", {})["pattern"] = f"^{IDENTIFIER_PATTERN}$"
        super().__init__(**options)

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> str:
        text = super()._deserialize(value, *args, **options)
        if text is None or not re.fullmatch(IDENTIFIER_PATTERN, text):
            raise self.make_error("letters")
        return text


class Whole(fields.Integer):
    """A whole JSON number: neither true, nor 5.0, nor "5"."""

    default_error_messages = _messages(invalid="wrong-type: expected a whole number")

    def _validated(self, value: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Texts(fields.List[str]):
    """A JSON array of strings."""

    default_error_messages = _messages(invalid="wrong-type: expected an array of strings")


class Part(fields.Nested):
    """A JSON object with a schema of its own."""

    default_error_messages = _messages(type="wrong-type: expected an object")


class Closed(Schema):
    """An object whose fields are all known."""

    error_messages = _messages(
        type="wrong-type: expected an object", unknown="unknown-field: not a field of this object"
    )

    class Meta:
        unknown = RAISE


def _one_of(choices: tuple[str, ...]) -> validate.OneOf:
    return validate.OneOf(choices, error="invalid-string: expected one of {choices}")


def _limit(name: str, meaning: str) -> Whole:
    high = FIELD_BY_NAME[name].high
    within = validate.Range(0, high, error=f"out-of-range: expected 0 to {high}")
    return Whole(validate=within, metadata={"description": meaning})


class Wants(Closed):
    """What the customer asks for; whatever is left out is not a wish."""

    device = Name(metadata={"description": "the wanted device, by its id in the rulebook"})
    max_commitment_months = _limit("wants_max_commitment_months", "longest commitment accepted, in months")
    max_monthly_cents = _limit("wants_max_monthly_cents", "highest monthly price accepted, in cents including VAT")
    max_upfront_cents = _limit("wants_max_upfront_cents", "highest top-up accepted, in cents including VAT")
    needs = Texts(
        Name(),
        validate=validate.Length(max=MAX_NEEDS, error=f"too-many: expected at most {MAX_NEEDS} needs"),
        metadata={"description": "wanted extras, by their names in the rulebook"},
    )


class OfferRequest(Closed):
    """Which contract, and how and why the customer and the operator meet. Facts are never taken from a request."""

    contract_id = Name(required=True, metadata={"description": "the contract the question is about"})
    channel = Text(required=True, validate=_one_of(CHANNELS), metadata={"description": "how the two meet"})
    reason_for_contact = Text(
        load_default="information",
        validate=_one_of(REASONS_FOR_CONTACT),
        metadata={"description": "why the customer got in touch"},
    )
    wants = Part(Wants, metadata={"description": "replaces the wish on file"})


def load(schema: Schema, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Flaw]]:
    """What a schema makes of a body, and the flaws it found."""
    try:
        return schema.load(body), []
    except ValidationError as error:
        return {}, list(_flatten("", error.messages))


def _flatten(pointer: str, messages: Any) -> Iterator[Flaw]:
    if isinstance(messages, dict):
        for name, nested in messages.items():
            yield from _flatten(pointer if name == "_schema" else pointer_to(pointer, name), nested)
        return
    code, detail = messages[0].split(": ", 1)
    yield Flaw(pointer, code, detail)
