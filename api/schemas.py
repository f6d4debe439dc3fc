"""What a request may hold: closed schemas with strict types. Every message is `code: detail`, for `api.errors`."""

import datetime
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from api.errors import Flaw, pointer_to
from engine.fields import FIELD_BY_NAME, IDENTIFIER_PATTERN

MAX_NEEDS = 20
OFFER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,399}")
_COUNT = re.compile(r"[1-9][0-9]{0,8}")
SHA_256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


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


def is_name(text: str) -> bool:
    """Whether a text of an address has the letters of an identifier; nothing is known by any other name."""
    return re.fullmatch(IDENTIFIER_PATTERN, text) is not None


class FreeText(Text):
    """A JSON string as somebody typed it: letters that can be seen, and spaces; composed, without those around it."""

    default_error_messages = _messages(
        letters="invalid-string: expected 1 to {most} letters, none of them a control or a format character",
        invalid="wrong-type: expected a string",
    )

    def __init__(self, most: int, **options: Any) -> None:
        options.setdefault("metadata", {}).update(minLength=1, maxLength=most)
        super().__init__(**options)
        self.most = most

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, *args, **options) or "").strip()
        if not 0 < len(text) <= self.most or any(unicodedata.category(letter)[0] == "C" for letter in text):
            raise self.make_error("letters", most=self.most)
        return text


class Whole(fields.Integer):
    """A whole JSON number: neither true, nor 5.0, nor "5"."""

    default_error_messages = _messages(invalid="wrong-type: expected a whole number")

    def _validated(self, value: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Count(Text):
    """A whole number from 1 to `most` as it stands in an address."""

    default_error_messages = _messages(
        invalid="wrong-type: expected a number", number="out-of-range: expected a whole number from 1 to {most}"
    )

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        text = super()._deserialize(value, *args, **options) or ""
        if not _COUNT.fullmatch(text) or int(text) > self.most:
            raise self.make_error("number", most=self.most)
        return int(text)


class OfferId(Text):
    """A JSON string in the letters of an offer id."""

    default_error_messages = _messages(letters="invalid-string: expected the id of an offer, as an answer gave it")

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> str:
        text = super()._deserialize(value, *args, **options)
        if text is None or not OFFER_ID.fullmatch(text):
            raise self.make_error("letters")
        return text


class Digest(Text):
    """A JSON string that is a SHA-256 in lower-case hex."""

    default_error_messages = _messages(letters="invalid-string: expected 64 hexadecimal digits")

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> str:
        text = super()._deserialize(value, *args, **options)
        if text is None or not SHA_256.fullmatch(text):
            raise self.make_error("letters")
        return text


class Flag(fields.Boolean):
    """A JSON true or false and nothing else."""

    default_error_messages = _messages(invalid="wrong-type: expected true or false")

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Day(Text):
    """A JSON string that is a day, as YYYY-MM-DD."""

    default_error_messages = _messages(
        invalid="wrong-type: expected a string", day="invalid-time: expected a day as YYYY-MM-DD"
    )

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> str:
        text = super()._deserialize(value, *args, **options)
        try:
            if not _DAY.fullmatch(text):
                raise self.make_error("day")
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            raise self.make_error("day") from None


class Chance(fields.Float):
    """A JSON number from 0 to 1."""

    default_error_messages = _messages(invalid="wrong-type: expected a number")

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid")
        return float(value)


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


class Dated(Closed):
    """An object with days in it, as seen on a day of the operator's calendar."""

    def __init__(self, today: datetime.date = datetime.date.min) -> None:
        super().__init__()
        self.today = today

    def check_day(self, day: str, first: int, last: int) -> None:
        """Raises ValidationError for a day that is not among those from `first` to `last` days from today."""
        earliest, latest = (self.today + datetime.timedelta(days) for days in (first, last))
        if not earliest.isoformat() <= day <= latest.isoformat():
            raise ValidationError(f"invalid-time: expected a day from {earliest} to {latest}")


def at_most(high: int) -> validate.Range:
    """A whole number from 0 to `high`."""
    return validate.Range(0, high, error=f"out-of-range: expected 0 to {high}")


def one_of(choices: tuple[str, ...]) -> validate.OneOf:
    """One of some words."""
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
