"""B10: whatever is asked in whatever order, an offer lives as it may, and what is answered is what the model says.

Many more lives, on both databases, are tests/faults/test_lives.py.
"""

from pathlib import Path

from tests.life.lines import few_phones, stand_on_a_file
from tests.life.lives import EVERY_CHANGE, live


def test_an_offer_lives_as_it_may(tmp_path: Path) -> None:
    seen = live(stand_on_a_file(tmp_path, few_phones()), 30, 30)
    assert seen.changes.keys() <= EVERY_CHANGE
    assert len(seen.changes) > 6
