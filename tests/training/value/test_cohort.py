"""How a contract ends its window, what it brought and cost, and which contracts may be told of together."""

import datetime
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from tests.training.value.desk import with_control
from tests.training.value.made_up import DAY, ended, followed
from training.value.cohort import ending_of, window_end
from training.value.contract import Followed
from training.value.earned import NO_CONTROL, against_control, by_offer_made, cautions
from training.value.groups import Group, by_price, by_risk, by_team, by_tenure, split
from training.value.report import Report, list_name
from training.value.worth import Accepted, Payer, accepted_of, prospects_of

ENDS = datetime.date(2024, 9, 4)
LONG_AFTER = datetime.date(2025, 1, 1)
TAKEN = Accepted(commitment_months=24, stays=50_000, concession_stays=9_000, concession_leaves=2_000, handling=500)


def test_a_window_ends_on_the_same_day_of_a_later_month() -> None:
    assert window_end(DAY, 6) == ENDS
    assert window_end(datetime.date(2024, 8, 31), 6) == datetime.date(2025, 2, 28)


@pytest.mark.parametrize(
    ("outcomes", "today", "ending"),
    [
        ([("left", "2024-05-01")], LONG_AFTER, "left"),
        ([("ported", "2024-03-04")], LONG_AFTER, "left"),
        ([("left", "2024-09-03")], LONG_AFTER, "left"),
        ([("left", "2024-09-04")], LONG_AFTER, "stayed"),
        ([("stayed", "2024-09-04")], LONG_AFTER, "stayed"),
        ([("stayed", "2024-09-03")], LONG_AFTER, "untold"),
        ([("stayed", "2024-05-01"), ("left", "2024-06-01")], LONG_AFTER, "left"),
        ([("left", "2024-03-03"), ("stayed", "2024-12-01")], LONG_AFTER, "stayed"),
        ([], LONG_AFTER, "untold"),
        ([("left", "2024-05-01")], datetime.date(2024, 9, 3), "running"),
        ([("left", "2024-05-01")], ENDS, "left"),
    ],
)
def test_a_contract_ends_its_window_one_way(outcomes: list[Any], today: datetime.date, ending: str) -> None:
    assert ending_of([ended(*one) for one in outcomes], DAY, ENDS, today) == ending


def test_who_stays_is_worth_what_the_kernel_says_of_such_a_customer() -> None:
    assert followed(1, offered=True).margin_cents == 40_000
    assert followed(1, offered=False).margin_cents == 44_000
    assert followed(1, ending="left", offered=True, accepted=(TAKEN,)).margin_cents == 4_000
    assert followed(1, accepted=(TAKEN,)).margin_cents == 50_000


def test_what_was_given_and_called_is_a_cost() -> None:
    one = followed(1, accepted=(TAKEN,), calls=2)
    assert (one.concession_cents, one.handling_cents, one.contact_cents) == (9_000, 500, 900)
    assert (one.cost_cents, one.net_cents) == (10_400, 39_600)
    assert followed(1, accepted=(TAKEN,), ending="left").net_cents == 4_000 - 2_500


def test_an_acceptance_is_worth_what_arithmetic_says() -> None:
    in_force = with_control("0.1").as_of(DAY)
    payer = Payer(price_cents=2_400, cost_to_serve_cents=500, window_months=6)
    terms = {"commitment_months": 12, "discount_cents": 300, "discount_months": 12, "template": "wish"}
    found = accepted_of(payer, terms, in_force)
    survives = [0.998 ** max(0, min(t, 12) - 6) * 0.985 ** max(0, t - 12) for t in range(1, 49)]
    present = [1.08 ** (-t / 12) for t in range(1, 49)]
    months = [s * p for s, p in zip(survives, present, strict=True)]
    assert found.stays == pytest.approx(1_500 * sum(months), abs=1)
    assert found.concession_stays == pytest.approx(250 * sum(months[:12]), abs=1)
    leaver = [max(0.0, 1 - (t - 0.5) / 6) * p for t, p in enumerate(present, start=1)]
    assert found.concession_leaves == pytest.approx(250 * sum(leaver), abs=1)
    assert (found.handling, found.commitment_months) == (500, 12)
    others = prospects_of(payer, in_force)
    assert others.leaves == pytest.approx(1_500 * sum(leaver), abs=1)
    assert others.untouched > others.refuses > others.leaves


def side(many: int, control: bool, first: int = 0, **changes: Any) -> list[Followed]:
    """Contracts of one side, of which every third has left."""
    arm, endings = "control" if control else "best", ("left", "stayed", "stayed")
    return [followed(first + number, arm=arm, ending=endings[number % 3], **changes) for number in range(many)]


def test_without_a_control_group_nothing_is_claimed() -> None:
    told = against_control(Group("all", tuple(side(90, False, control_share_micro=0))), {})
    assert told["refused"] == NO_CONTROL
    assert told["per_customer"] is told["all_treated"] is told["leaving_share"] is None
    assert told["not_drawn"] == 90


def test_who_could_not_be_drawn_is_left_out_and_counted() -> None:
    drawn = side(60, False) + side(40, True, 60)
    before = [followed(200 + number, control_share_micro=0, ending="left") for number in range(50)]
    with_them, without = (against_control(Group("all", tuple(some)), {}) for some in (drawn + before, drawn))
    assert with_them["not_drawn"] == 50
    assert with_them["per_customer"] == without["per_customer"]
    assert with_them["treated"] == without["treated"]


def test_a_draw_that_does_not_look_like_one_is_told() -> None:
    as_drawn = side(80, False) + side(20, True, 80)
    assert cautions(as_drawn) == []
    assert cautions([]) == cautions(side(50, False, control_share_micro=0)) == []
    [said] = cautions(side(80, False) + side(2, True, 80))
    assert said == "2 of 82 accounts are in control where the draw would leave 16"
    untold = [followed(300 + n, ending="untold") for n in range(40)]
    [said] = cautions(side(40, False) + untold + side(20, True, 80))
    assert said.startswith("it is not told equally often")
    running = [followed(300 + n, ending="running") for n in range(10)]
    assert cautions(as_drawn + running) == []


def test_the_net_that_is_told_holds_the_truth_as_often_as_it_says() -> None:
    chance, held, runs = np.random.default_rng(7), 0, 300
    for _ in range(runs):
        treated, left = np.arange(300) < 220, chance.random(300)
        took = chance.random(300) < 0.5
        ones = [
            followed(
                n,
                arm="best" if treated[n] else "control",
                ending="left" if left[n] < (0.2 if treated[n] else 0.3) else "stayed",
                accepted=(TAKEN,) if treated[n] and took[n] else (),
            )
            for n in range(300)
        ]
        told = against_control(Group("all", tuple(ones)), {})
        # 0.3 * 4,000 + 0.7 * 40,000 in control; treated: half of them take the offer, of whom 0.2 leave
        true = 0.8 * (0.5 * (50_000 - 9_500) + 0.5 * 40_000) + 0.2 * (4_000 - 0.5 * 2_500) - 29_200
        held += told["per_customer"]["net"]["low"] <= true <= told["per_customer"]["net"]["high"]
    fewest, most = binom.interval(0.99, runs, 0.95)
    assert fewest <= held <= most


def test_a_share_that_changed_is_compared_within_each_share() -> None:
    few = side(90, False) + side(45, True, 90)
    many = [followed(500 + n, control_share_micro=500_000, arm="control", ending="left") for n in range(60)]
    many += [followed(600 + n, control_share_micro=500_000, ending="left") for n in range(60)]
    told = against_control(Group("all", tuple(few + many)), {})
    assert told["leaving_share"]["value"] == 0.0  # within each share both sides leave alike; together they do not


def test_a_figure_of_fewer_than_ten_customers_is_not_told() -> None:
    told = against_control(Group("all", tuple(side(60, False) + side(9, True, 60))), {})
    assert told["control"] == {"contracts": "fewer than 10", "accounts": "fewer than 10", "left": "fewer than 10"}
    assert told["refused"] == "control: outcomes of 9 accounts are known, 30 are needed"
    few = by_offer_made(Group("device", tuple(side(9, False))))
    assert (few["known"], "net" in few) == ("fewer than 10", False)


def test_promises_that_all_lie_ahead_have_no_rate() -> None:
    became = {one.subject_id: [("p", "open")] for one in side(20, False)}
    assert against_control(Group("all", tuple(side(20, False))), became)["kept_promises"] is None


def named(sizes: dict[str, int], agents: int = 40) -> list[Followed]:
    """Groups by channel, of so many accounts each."""
    every = [channel for channel, many in sizes.items() for _ in range(many)]
    return [followed(n, channel=channel, agent_id=f"agent-{n % agents}") for n, channel in enumerate(every)]


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({"web": 30, "shop": 20}, {"shop": 20, "web": 30}),
        ({"web": 30, "shop": 6, "social": 5}, {"web": 30, "all others": 11}),
        ({"web": 30, "shop": 20, "social": 5}, {"web": 30, "all others": 25}),
        ({"web": 30, "shop": 9}, {"all others": 39}),
        ({"web": 5, "shop": 4}, {}),
    ],
)
def test_no_small_group_can_be_worked_out_from_the_others(sizes: dict[str, int], shown: dict[str, int]) -> None:
    groups = split(named(sizes), lambda one: one.channel)
    assert {group.name: len(group.members) for group in groups} == shown


def test_ten_lines_of_one_account_are_not_ten_people() -> None:
    lines = [followed(number, channel="web", account="one") for number in range(30)]
    assert [group.name for group in split(lines + named({"shop": 20}), lambda one: one.channel)] == ["all others"]


def test_a_team_needs_ten_agents() -> None:
    teams = {f"agent-{n}": [("2024-01-01", "north" if n < 9 else "south")] for n in range(19)}
    ones = [followed(n, agent_id=f"agent-{n % 19}") for n in range(190)]
    assert [group.name for group in split(ones, by_team(teams), staffed=True)] == ["all others"]
    assert [group.name for group in split(ones, by_team(teams))] == ["north", "south"]


def test_an_agent_counts_in_the_team_of_the_key_they_had() -> None:
    team = by_team({"agent-1": [("2024-01-01", "north"), ("2024-03-04T10:00:00.000001Z", "south")]})
    assert team(followed(1)) == "north"
    assert team(followed(1, decided_at="2024-03-05")) == "south"
    assert team(followed(1, decided_at="2023-01-01")) == "north"
    assert team(followed(1, agent_id="agent-2")) == "no team"


def test_bands_begin_where_they_say() -> None:
    assert [by_tenure(followed(1, tenure_months=months)) for months in (11, 12, 120, None)] == [
        "0-11 months",
        "12-23 months",
        "120+ months",
        "not on file",
    ]
    prices = [by_price(followed(1, price_cents=cents)) for cents in (1_499, 1_500, 4_000)]
    assert prices == ["0 to 15 EUR", "15 to 25 EUR", "40 EUR and more"]
    assert [by_risk(followed(1, p_churn_micro=micro)) for micro in (49_999, 50_000)] == ["0 to 5 %", "5 to 10 %"]


def test_every_list_has_a_name_of_its_own_that_any_disk_takes() -> None:
    assert list_name("tenure", "120+ months") == "tenure-120-plus-months"
    assert list_name("team", "../Nord:1") == "team-nord-1"
    report = Report({})
    links = [report.link(list_name("team", name), [])["decisions"] for name in ("a.b", "a-b", "A:b")]
    assert links == ["decisions/team-a-b.csv", "decisions/team-a-b.2.csv", "decisions/team-a-b.3.csv"]
