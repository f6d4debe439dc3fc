"""The offer somebody names, against the one on the table: the same, or a conflict that both ends hear of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row

from api.errors import Problem
from api.service import Desk, Service, at_desk
from ledger import queries, writer
from ledger.keys import KeyHolder
from ledger.store import reading

UNKNOWN = "no proposal with this id is on the table of a customer you are in contact with"
_GONE = {
    "accepted": ("already-accepted", "an offer of this proposal has been accepted"),
    "to_confirm": ("already-accepted", "an offer of this proposal has been accepted and waits for its confirmation"),
    "expired": ("offer-expired", "the last day of this proposal has passed"),
}
_WITHDRAWN = ("withdrawn", "this proposal is no longer on the table")


@contextmanager
def at_proposal(service: Service, holder: KeyHolder, proposal_id: str, in_contact: bool = True) -> Iterator[Desk]:
    """The desk with the case of a proposal on it, for who is (or need not be) in contact. Raises Problem 404."""
    contract_id = contract_behind(service, proposal_id, UNKNOWN)
    with at_desk(service, holder, contract_id) as desk:
        live = desk.case.live
        on_the_table = live is not None and live.id == proposal_id
        if in_contact and not (desk.in_contact() if on_the_table else desk.was_in_contact()):
            raise Problem.of("not-found", UNKNOWN)
        yield desk


def contract_behind(service: Service, proposal_id: str, unknown: str) -> str:
    """The contract a proposal was made on. Raises Problem 404, and 410 where that contract was erased."""
    with reading(service.store) as connection:
        contract_id = queries.contract_of_proposal(connection, proposal_id)
        erased = contract_id is None and queries.is_erased(connection, proposal_id)
    if erased:
        raise Problem.of("erased", "the customer of this proposal was erased")
    if contract_id is None:
        raise Problem.of("not-found", unknown)
    return contract_id


def named_offer(desk: Desk, asked: Mapping[str, Any]) -> Row[Any] | Problem:
    """The offer on the table that a request names by proposal, offer and digest; else the problem to answer with.

    Another id or digest than that of the live proposal is a conflict: two people do not speak of the same offer.
    """
    live = desk.case.live
    if live is None or live.id != asked["proposal_id"]:
        states = queries.states_of_proposal(desk.connection, asked["proposal_id"])
        gone = next((_GONE[state] for state in _GONE if state in states), _WITHDRAWN)
        if live is None or gone[0] == "already-accepted":
            return Problem.of(*gone)
        return _conflict(desk, live.id, asked)
    offer = live.offer(asked["offer_id"])
    if offer is None or live.row.digest != asked["digest"]:
        return _conflict(desk, live.id, asked)
    return offer


def _conflict(desk: Desk, live_id: str, asked: Mapping[str, Any]) -> Problem:
    named = {"live": live_id, "named": asked["proposal_id"], "offer_id": asked["offer_id"]}
    alarm = writer.Alarm("not-the-same-offer", live_id, named)
    writer.raise_alarm(desk.connection, desk.case.subject_id, alarm, desk.by, desk.now)
    return Problem.of(
        "not-the-same-offer", f"what lies on the table is proposal {live_id}: read it with POST /offer before you go on"
    )
