"""One bit of what an acceptance names is turned over, each in turn: nothing is accepted, and each is told why not."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.api.calls import problem
from tests.faults.conftest import Figure
from tests.faults.houses import House
from tests.faults.operators import Place
from tests.faults.records import count_acceptances, doubled, flaw_of_journal

LETTERS = {
    "proposal_id": re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"),
    "offer_id": re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,399}"),
    "digest": re.compile(r"[0-9a-f]{64}"),
}
"""As docs/api.md has them."""
ANOTHER = {
    "proposal_id": (404, "not-found"),
    "offer_id": (412, "not-the-same-offer"),
    "digest": (412, "not-the-same-offer"),
}
NO_SUCH_LETTER = (422, "invalid-string")


def turned_over(named: dict[str, str]) -> Iterator[tuple[dict[str, str], tuple[int, str]]]:
    """What an acceptance names with one bit otherwise, and what is to be answered to that."""
    for part, text in named.items():
        for place, letter in enumerate(text):
            for bit in range(8):
                changed = f"{text[:place]}{chr(ord(letter) ^ 1 << bit)}{text[place + 1 :]}"
                known = LETTERS[part].fullmatch(changed)
                yield {**named, part: changed}, ANOTHER[part] if known else NO_SUCH_LETTER


@pytest.mark.shows("T5")
def test_an_offer_with_one_bit_otherwise_is_never_accepted(
    place: Place, house: House, soak: bool, figure: Figure
) -> None:
    offers, key, seen = 100 if soak else 2, place.keys[0], Counter[tuple[int, str]]()
    place.add_contracts([f"C-{number}" for number in range(offers)])
    for number in range(offers):
        named = house.offer_shown(f"C-{number}", key)
        for bit, (other, expected) in enumerate(turned_over(named)):
            found = problem(house.accept(other, key, f"{number}-{bit}"))
            assert (other, found) == (other, expected)
            seen[found] += 1
        assert count_acceptances(house.service.store) == number
        assert house.accept(named, key, f"{number}").status_code == 201
    assert doubled(house.service.store) == []
    assert flaw_of_journal(house.service.store) is None
    figure(f"{seen.total()} bits of {offers} offers turned over, each alone: {dict(seen)}; 0 accepted")
