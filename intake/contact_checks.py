"""What the table [contacts] of a mapping must mean beside its shape."""

from collections.abc import Iterator

from engine.errors import Fault
from intake.contact_columns import GROUPS, PROBABILITY, REACTIONS, TERMS
from intake.documents import Document
from intake.shapes import shown
from intake.source_checks import check_source

_WORDS = {"group": GROUPS, "reaction": REACTIONS, "left": ("yes", "no")}
_NEEDS = {"device_price_cents": "device", "top_up_cents": "device", "discount_months": "discount_cents"}
_BESIDE_AN_OFFER_ID = {"offer_id", "device_price_cents"}


def check_contacts(document: Document) -> Iterator[Fault]:
    """Columns that are in the file, every word with one meaning, terms that make an offer."""
    contacts = document.data.get("contacts")
    if not contacts:
        return
    yield from check_source(document, ("contacts", "probability"), PROBABILITY)
    for key in ("date", "agent"):
        if key in contacts:
            yield from _of_the_file(document, key, contacts[key])
    for key, meanings in _WORDS.items():
        yield from _of_the_file(document, key, contacts[key]["column"])
        yield from _one_meaning(document, key, meanings)
    for name in contacts["terms"]:
        yield from check_source(document, ("contacts", "terms", name), TERMS[name])
    yield from _an_offer(document, set(contacts["terms"]))


def _of_the_file(document: Document, key: str, column: str) -> Iterator[Fault]:
    if column.startswith("@") or column in document.data.get("derived", {}):
        where = document.where(("contacts", key))
        yield Fault("wrong-kind", where, f"{column} is not in the file", "a column of the file")


def _one_meaning(document: Document, key: str, meanings: tuple[str, ...]) -> Iterator[Fault]:
    said: dict[str, str] = {}
    for meaning in meanings:
        for word in document.data["contacts"][key].get(meaning, []):
            if word in said:
                where = document.where(("contacts", key, meaning))
                what = f"{shown(word)} means both {said[word]} and {meaning}"
                yield Fault("repeated-value", where, what, "one meaning a word")
            said[word] = meaning


def _an_offer(document: Document, named: set[str]) -> Iterator[Fault]:
    where = document.where(("contacts", "terms"))
    if "offer_id" in named:
        if others := sorted(named - _BESIDE_AN_OFFER_ID):
            what = f"offer_id names all terms, and {', '.join(others)} stand beside it"
            yield Fault("repeated-value", where, what, "offer_id alone, or the columns")
        return
    for name, needed in _NEEDS.items():
        if name in named and needed not in named:
            yield Fault("missing-key", where, f"{name} without {needed}", f"the key {needed}")
    if "commitment_months" not in named:
        yield Fault("missing-key", where, "terms without commitment_months", "the key commitment_months, or offer_id")
