"""No customer gets less on request than a new one: each newcomer's offer is matched by a due that everybody has."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import Fault
from intake.documents import Document

FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"

Entry = Mapping[str, Any]


def check_newcomers(document: Document) -> Iterator[Fault]:
    """A fault for each newcomer's offer that no due without conditions matches, on all of its days."""
    dues = [offer for offer in document.data["offer"] if offer.get("entitlement") and not offer.get("conditions")]
    for index, newcomer in enumerate(document.data.get("newcomer", [])):
        if not any(_is_as_good(due, newcomer) and _holds_as_long(due, newcomer) for due in dues):
            what = f"no customer gets what the newcomer's offer {newcomer['id']} gives"
            expected = "an entitlement without conditions that is at least as good, on the same days"
            yield Fault("worse-than-newcomer", document.where(("newcomer", index)), what, expected)


def _is_as_good(due: Entry, newcomer: Entry) -> bool:
    """Whether some levers of a due together give a customer at least what a newcomer gets, for no longer a term."""
    terms = [months for months in due.get("commitment_months", [0]) if months <= newcomer["commitment_months"]]
    discount = newcomer.get("discount_cents", 0)
    lasts = newcomer.get("discount_months", newcomer["commitment_months"])
    return (
        any(not discount or due.get("discount_months", months) >= lasts for months in terms)
        and max(due.get("discount_cents", [0])) >= discount
        and max(due.get("credit_cents", [0])) >= newcomer.get("credit_cents", 0)
        and any(set(newcomer.get("extras", [])) <= set(extras) for extras in due.get("extras", [[]]))
        and _has_the_device(due, newcomer)
    )


def _has_the_device(due: Entry, newcomer: Entry) -> bool:
    if "device" not in newcomer:
        return True
    cheapest = min(due.get("top_up_cents", [0]))
    return newcomer["device"] in due.get("devices", []) and cheapest <= newcomer.get("top_up_cents", 0)


def _holds_as_long(due: Entry, newcomer: Entry) -> bool:
    begins = due.get("valid_from", FIRST_DAY) <= newcomer.get("valid_from", FIRST_DAY)
    return bool(begins and due.get("valid_to", LAST_DAY) >= newcomer.get("valid_to", LAST_DAY))
