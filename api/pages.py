"""What stands behind the question mark of an address: checked as strictly as a body, and read a page at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Request
from marshmallow import Schema

from api.asking import refuse_flaws
from api.errors import Flaw, pointer_to
from api.schemas import Count, load

MOST_ROWS = 100
MOST_PAGES = 10_000
MOST_NAMES = 20

LIMIT = {
    "name": "limit",
    "description": "rows a page",
    "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": MOST_ROWS},
}
PAGE = {
    "name": "page",
    "description": "which page",
    "schema": {"type": "integer", "minimum": 1, "maximum": MOST_PAGES, "default": 1},
}


def limit_field() -> Count:
    """How many rows a page holds."""
    return Count(MOST_ROWS, load_default=MOST_ROWS)


def page_field() -> Count:
    """Which page, the first being 1."""
    return Count(MOST_PAGES, load_default=1)


def read_address(request: Request, schema: Schema) -> dict[str, Any]:
    """What an address asks, checked against a schema. Raises Problem with every flaw in it."""
    given = request.args.to_dict(flat=False)
    if len(given) > MOST_NAMES:
        refuse_flaws([Flaw("", "too-many", f"expected at most {MOST_NAMES} names")])
    twice = [name for name, values in given.items() if len(values) > 1]
    asked, flaws = load(schema, {name: values[0] for name, values in given.items()})
    refuse_flaws([*(Flaw(pointer_to("", name), "duplicate-key", "expected each name once") for name in twice), *flaws])
    return asked


def passed_over(asked: Mapping[str, Any]) -> int:
    """How many rows lie before the page that is asked for."""
    return int(asked["limit"]) * (int(asked["page"]) - 1)


def one_page(rows: Sequence[Any], asked: Mapping[str, Any]) -> tuple[Sequence[Any], bool]:
    """(the rows of a page, whether there are more), of rows read one beyond the page."""
    return rows[: asked["limit"]], len(rows) > asked["limit"]
