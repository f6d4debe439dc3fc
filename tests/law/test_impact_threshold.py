"""How many answers a rulebook may change before a second person must approve it: the share of policy, to the answer."""

import datetime

import pytest

from ledger.impact import Impact


@pytest.mark.parametrize(("asked", "share", "most"), [(200, 0.05, 10), (200, 0.0, 0), (37, 0.3, 11), (3, 1.0, 3)])
def test_more_than_the_share_of_policy_needs_a_second_person(asked: int, share: float, most: int) -> None:
    above = [Impact(asked, most + step, datetime.date(2026, 11, 23)).is_above(share) for step in (-1, 0, 1)]
    assert above == [False, False, True]
