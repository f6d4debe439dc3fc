"""counteroffer negotiate, as a person and a script run it; the figures of docs/negotiation.md in the longer tiers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.here import Said, call_here

ROOT = Path(__file__).parents[2]


def negotiate(*arguments: str) -> Said:
    return call_here("negotiate", *arguments, folder=ROOT)


def test_a_rulebook_that_is_not_there_is_said_in_one_line() -> None:
    done = negotiate("--rulebook", "nowhere")
    assert done.returncode == 66
    assert done.stderr.startswith("error[")
    assert done.stderr.count("\n") == 1


def test_one_market_gives_no_interval() -> None:
    done = negotiate("--markets", "1")
    assert done.returncode == 64
    assert "--markets" in done.stderr


@pytest.mark.long
def test_negotiation_keeps_more_customers_and_its_money_is_as_documented() -> None:
    done = negotiate("--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["contracts"], said["markets"]) == (2_000, 5)
    lines: dict[tuple[str, str], dict[str, Any]] = {(line["group"], line["manner"]): line for line in said["lines"]}
    print(done.stdout)
    everybody = {manner: line for (group, manner), line in lines.items() if group == "all customers"}
    one, ladder, reasons = (everybody[manner] for manner in ("one-shot", "ladder", "ladder with reasons"))
    for line in (ladder, reasons):
        assert line["accepted_share"] > one["accepted_share"] + 0.03
        assert line["left_share"] < one["left_share"]
        assert line["more_eur"]["low"] < 0 < line["more_eur"]["high"]
        assert lines["who are called", line["manner"]]["more_eur"]["low"] > 0
        assert lines["who got in touch", line["manner"]]["more_eur"]["high"] < 0
    assert all(line["gain_eur"]["high"] < 0 for line in (one, ladder, reasons))
    assert [line["limits_broken"] for line in lines.values()] == [0] * len(lines)
