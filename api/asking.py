"""What the doors of a case are asked, and how a request becomes checked values: every flaw of a body at once."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Request
from marshmallow import Schema

from api.bodies import parse_body, read_body
from api.errors import Flaw, Problem, pointer_to, shown
from api.schemas import Closed, Digest, Flag, Name, OfferId, Part, Text, Wants, load, one_of
from engine.catalogue import Catalogue
from engine.fields import CHANNELS, REASONS_FOR_CONTACT, REASONS_FOR_REFUSAL


class OfferRequest(Closed):
    """Which contract, and how and why the customer and the operator meet. Facts are never taken from a request."""

    contract_id = Name(required=True, metadata={"description": "the contract the question is about"})
    channel = Text(required=True, validate=one_of(CHANNELS), metadata={"description": "how the two meet"})
    reason_for_contact = Text(
        load_default="information",
        validate=one_of(REASONS_FOR_CONTACT),
        metadata={"description": "why the customer got in touch"},
    )
    wants = Part(Wants, metadata={"description": "replaces the wish on file"})


class NamedOffer(Closed):
    """Which offer is meant: the proposal on the table, the offer in it, and the digest of what was read there."""

    proposal_id = Name(required=True, metadata={"description": "the proposal, as the answer named it"})
    offer_id = OfferId(required=True, metadata={"description": "one of its offers"})
    digest = Digest(required=True, metadata={"description": "the digest of the proposal"})


class ShownRequest(NamedOffer):
    """An offer that was shown or told to the customer."""

    read_back = Flag(required=True, metadata={"description": "the read-back sentence was said to the customer"})


class AcceptRequest(NamedOffer):
    """An offer that the customer accepts."""


class ReactionRequest(NamedOffer):
    """An offer that the customer declined, and why."""

    reason = Text(required=True, validate=one_of(REASONS_FOR_REFUSAL), metadata={"description": "the reason given"})
    wants = Part(Wants, metadata={"description": "what the customer newly asks for"})


CatalogueInForce = Callable[[], Catalogue]
"""A look at what is offered today; taken only for who names something in it."""


def read_asked(request: Request, schema: Schema, catalogue: CatalogueInForce | None = None) -> dict[str, Any]:
    """A request's body, checked against a schema, and its wish against a catalogue. Raises Problem with every flaw."""
    return check_body(read_body(request), schema, catalogue)


def check_body(body: bytes, schema: Schema, catalogue: CatalogueInForce | None = None) -> dict[str, Any]:
    """The same of the bytes of a body."""
    parsed, flaws = parse_body(body)
    asked, more = load(schema, parsed)
    refuse_flaws([*flaws, *more, *(unknown_names(parsed, catalogue) if catalogue else ())])
    return asked


def refuse_unknown_names(asked: Mapping[str, Any], catalogue: Catalogue) -> None:
    """Raise Problem for what a checked wish names that the catalogue it will be answered from no longer has."""
    refuse_flaws([*unknown_names(asked, lambda: catalogue)])


def unknown_names(body: Mapping[str, Any], in_force: CatalogueInForce) -> Iterator[Flaw]:
    """What a wish names that the catalogue does not have."""
    wants = body.get("wants")
    if not isinstance(wants, dict) or not (wants.get("device") or wants.get("needs")):
        return
    catalogue, device, needs = in_force(), wants.get("device"), wants.get("needs")
    if isinstance(device, str) and device not in catalogue.device_index:
        yield Flaw("/wants/device", "unknown-device", _not_among(device, catalogue.device_index))
    for index, need in enumerate(needs if isinstance(needs, list) else ()):
        if isinstance(need, str) and need not in catalogue.extra_bit:
            yield Flaw(pointer_to("/wants/needs", index), "unknown-need", _not_among(need, catalogue.extra_bit))


def _not_among(name: str, known: Mapping[str, int]) -> str:
    return f"{shown(name)} is none of {', '.join(sorted(known))}"


def refuse_flaws(flaws: list[Flaw]) -> None:
    """Raise Problem with the first flaw of each place, where there is any."""
    by_place: dict[str, Flaw] = {}
    for flaw in flaws:
        by_place.setdefault(flaw.pointer, flaw)
    if by_place:
        raise Problem(by_place.values())
