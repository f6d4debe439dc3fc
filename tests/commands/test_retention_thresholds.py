"""What is kept for some months is deleted on the day after they are over, and not on their last."""

from pathlib import Path

import pytest

from tests.api.policies import with_policy
from tests.api.world import put_in_force
from tests.commands.desk import open_house

MONTHS, AWAY = 7, 120
KEPT = {"retention_decisions_months": "decisions", "retention_contacts_months": "contacts"}
"""Each number, and what it keeps."""


@pytest.mark.parametrize("number", KEPT)
def test_what_was_kept_is_over_a_day_after_its_months(number: str, tmp_path: Path) -> None:
    numbers = {name: MONTHS if name == number else AWAY for name in KEPT}
    with open_house(f"sqlite:///{tmp_path}/store.db", tmp_path / "kept", tmp_path / "files") as house:
        house.bring_in(["ONE"])
        house.live("ONE", accepts=True)  # on 23 November 2026
        house.deliver_everything()
        put_in_force(house.store, with_policy(**numbers))
        days = ("2027-06-22", "2027-06-23", "2027-06-24")
        over = [house.call("purge", "--dry-run", "--as-of", day)[0][KEPT[number]] for day in days]
    assert over[:2] == [0, 0]
    assert over[2] > 0
