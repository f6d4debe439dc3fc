"""The value report of a small desk: its figures by hand, who is never named, and what it refuses to claim."""

import csv
import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.main import counteroffer
from engine.errors import Faults
from ledger.store import reading
from tests.databases import PostgreSQL
from tests.training.value.by_hand import Line, interval, lines
from tests.training.value.desk import LEAVES, ROOT, STAYS, Customer, Desk, Way, open_desk, with_control

SEED = 5
MANY = 110
NAMED = "zebulon"
"""Part of every name that is made up here: of contracts, accounts, agents and faults."""
RULEBOOK = with_control("0.4")
TEAMS = {f"{NAMED}-agent-{number}": "north" if number < 12 else "south" for number in range(24)}
LONELY = f"{NAMED}-agent-alone"


def customers() -> list[Customer]:
    """Two in five would leave, and one in five where the desk may do something; some accept."""
    chance, agents = random.Random(SEED), [*TEAMS]
    found = []
    for number in range(MANY):
        stays = Way(accepts=chance.random() < 0.6)
        found.append(
            Customer(
                name=f"{NAMED}-line-{number}",
                price_cents=(1_290, 1_990, 2_990, 4_490)[number % 4],
                since=("2023-09-01", "2021-01-01", "2012-05-05")[number % 3],
                p_churn=(0.04, 0.15, 0.3)[number % 3],
                account=f"{NAMED}-payer-{number // 2}" if number < 20 else "",
                fault=f"{NAMED} hears nothing" if number % 3 == 1 else "",
                agent=agents[number % 24] if number % 10 else LONELY,
                channel={5: "phone_out", 9: "shop"}.get(number % 20, "phone_in"),
                treated=LEAVES if chance.random() < 0.2 else stays,
                control=LEAVES if chance.random() < 0.4 else STAYS,
            )
        )
    return found


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path_factory.mktemp('desk')}/store.db"
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.address(server.make_database())
    known = customers()
    with open_desk(url, RULEBOOK, known, {**TEAMS, LONELY: "alone"}) as opened:
        for one in known:
            opened.serve(one)
        yield opened


def run(desk: Desk, out: Path, *more: str, key: str = "") -> Result:
    settings = {"RULEBOOK": str(ROOT / "rulebook"), "RELEASES": "none", "KEYS": str(out.parent / "keys")}
    environment = {**os.environ, **{f"COUNTEROFFER_{name}": value for name, value in settings.items()}}
    period = ("--since", "2024-03-01", "--until", "2024-03-31")
    asked = ("report", *period, "--database", desk.url, "--out", str(out), "--json", *more)
    return CliRunner(env=environment).invoke(counteroffer, [*asked], input=f"{key}\n")


@pytest.fixture(scope="module")
def out(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "out"
    done = run(desk, folder, "--names", str(folder.parent / "names.csv"), key=desk.operator.keys["manager"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def told(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text())
    return found


@pytest.fixture(scope="module")
def by_hand(desk: Desk) -> list[Line]:
    with reading(desk.operator.service.store) as connection:
        return lines(connection, RULEBOOK.texts)


def in_cents(found: tuple[float, float, float]) -> dict[str, int]:
    return dict(zip(("value", "low", "high"), (round(end) for end in found), strict=True))


def test_saved_margin_cost_and_net_are_those_worked_out_by_hand(told: dict[str, Any], by_hand: list[Line]) -> None:
    assert len(by_hand) == MANY
    assert any(line.cost > 450 for line in by_hand)
    assert 0 < sum(line.called for line in by_hand) < 10
    expected = {
        "saved_margin": interval(by_hand, lambda line: line.margin),
        "cost": interval(by_hand, lambda line: line.cost),
        "net": interval(by_hand, lambda line: line.net),
    }
    found = told["earned"]["per_customer"]
    assert {name: found[name] for name in expected} == {name: in_cents(one) for name, one in expected.items()}
    treated = sum(not line.control for line in by_hand)
    totals = {name: in_cents(tuple(end * treated for end in one)) for name, one in expected.items()}
    assert {name: told["earned"]["all_treated"][name] for name in expected} == totals
    parts = sum(found[name]["value"] for name in ("concessions", "handling", "contacts"))
    assert parts == pytest.approx(found["cost"]["value"], abs=2)


def test_the_samples_are_counted(told: dict[str, Any], by_hand: list[Line]) -> None:
    for side, control in (("treated", False), ("control", True)):
        mine = [line for line in by_hand if line.control == control]
        counted = {"contracts": len(mine), "accounts": len({line.account for line in mine})}
        assert told["earned"][side] == {**counted, "left": sum(line.left for line in mine)}


def test_every_list_holds_the_decisions_of_its_figure(told: dict[str, Any], out: Path, by_hand: list[Line]) -> None:
    figures = [told["earned"], *told["by_offer"], *(one for groups in told["by"].values() for one in groups)]
    for figure in figures:
        rows = list(csv.DictReader((out / figure["decisions"]).open()))
        assert len(rows) == figure["contracts"]
    everybody = list(csv.DictReader((out / told["earned"]["decisions"]).open()))
    sides = {line.decision_id: "control" if line.control else "treated" for line in by_hand}
    assert {row["decision_id"]: row["side"] for row in everybody} == sides


def test_groups_part_all_contracts(told: dict[str, Any]) -> None:
    for groups in told["by"].values():
        assert sum(group["contracts"] for group in groups) == MANY


def test_a_group_is_compared_with_its_own_control(told: dict[str, Any], by_hand: list[Line], out: Path) -> None:
    compared = [one for groups in told["by"].values() for one in groups if not one["refused"]]
    assert compared
    by_decision = {line.decision_id: line for line in by_hand}
    for group in compared:
        mine = [by_decision[row["decision_id"]] for row in csv.DictReader((out / group["decisions"]).open())]
        assert group["per_customer"]["net"] == in_cents(interval(mine, lambda line: line.net))


def test_a_group_with_too_few_of_one_side_claims_nothing(told: dict[str, Any]) -> None:
    refused = [one for groups in told["by"].values() for one in groups if one["refused"]]
    assert refused
    for group in refused:
        assert group["per_customer"] is group["all_treated"] is group["leaving_share"] is None
        assert re.search("are needed|fewer than 5", group["refused"])


def test_no_group_is_of_fewer_than_ten_people_and_no_team_of_fewer_than_ten_agents(told: dict[str, Any]) -> None:
    assert [group["name"] for group in told["by"]["channel"]] == ["phone_in", "all others"]  # few came or were called
    assert [group["name"] for group in told["by"]["team"]] == ["north", "all others"]  # one agent is a team
    assert [group["name"] for group in told["by"]["tenure"]] == ["0-11 months", "24-59 months", "120+ months"]


def test_control_counts_under_the_offer_that_would_have_been_best(
    told: dict[str, Any], out: Path, desk: Desk, tmp_path: Path
) -> None:
    control = [one for one in customers() if desk.drawn[one.name] == "control"][:25]
    expected = {}
    with open_desk(f"sqlite:///{tmp_path}/undrawn.db", with_control("0.0"), control, {}) as undrawn:
        for one in control:
            answer = undrawn.ask(one)
            expected[desk.asked[one.name]] = answer["offers"][0]["template"] if answer["offers"] else answer["stance"]
    groups = {
        row["decision_id"]: group["name"]
        for group in told["by"]["offer"]
        for row in csv.DictReader((out / group["decisions"]).open())
    }
    names = {group["name"] for group in told["by"]["offer"]}
    assert len(set(expected.values())) > 1
    assert {asked: name if name in names else "all others" for asked, name in expected.items()} == {
        asked: groups[asked] for asked in expected
    }


def test_what_was_offered_is_not_compared(told: dict[str, Any]) -> None:
    assert {"discount-extras", "repair_first"} <= {group["name"] for group in told["by_offer"]}
    assert all("saved_margin" not in group for group in told["by_offer"])


def everything_written(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_nobody_is_named_in_any_file(out: Path) -> None:
    written = everything_written(out)
    assert len(written) > 10
    assert not [name for name, content in written.items() if NAMED.encode() in content.lower() or NAMED in name]
    assert "alone" not in written["report.html"].decode()  # nor the team that is one agent


def test_lists_are_for_their_owner_alone_for_they_tell_who_was_in_control(out: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*.csv")} == {0o600}


def test_the_page_opens_without_a_network(out: Path) -> None:
    page = (out / "report.html").read_text()
    loads = re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?([^"\'\s>)]+)', page)
    assert [link for link in loads if not link.startswith(("#", "decisions/", "act-on.csv"))] == []
    assert not re.search(r"<(?:script|link|iframe|img)\b|@import", page)
    assert page.count("<svg") >= 2


def test_every_link_of_the_page_leads_to_a_file(out: Path) -> None:
    links = re.findall(r'<a href="([^"]+)"', (out / "report.html").read_text())
    assert len(links) > 10
    assert all((out / link).is_file() for link in links)


def test_promises_are_counted_beside_the_money(told: dict[str, Any]) -> None:
    assert told["promises"]["kept"] == 0  # nobody has kept any here
    assert told["promises"]["of"] == told["earned"]["kept_promises"]["of"] > 10


def test_the_promises_behind_their_figure_are_listed(told: dict[str, Any], out: Path) -> None:
    rows = list(csv.DictReader((out / told["promises"]["decisions"]).open()))
    assert len(rows) == len({row["promise_id"] for row in rows}) == told["promises"]["of"]
    assert {row["became"] for row in rows} == {"late"}


def test_a_draw_that_came_out_as_drawn_needs_no_caution(told: dict[str, Any]) -> None:
    assert told["cautions"] == []


def test_the_list_to_act_on_begins_where_most_is_at_risk(told: dict[str, Any], out: Path, desk: Desk) -> None:
    rows = list(csv.DictReader((out / "act-on.csv").open()))
    at_risk = [int(row["margin_at_risk_cents"]) for row in rows]
    assert at_risk == sorted(at_risk, reverse=True)
    assert told["service"]["act_on"] == {
        "list": "act-on.csv",
        "contracts": len(rows),
        "margin_at_risk_cents": sum(at_risk),
    }
    gone = {name for name in desk.asked if _way(desk, name).ending == "left"}
    with_fault = {one.name for one in customers() if one.fault} - gone
    listed = {row["decision_id"] for row in rows if row["open_fault"] == "True"}
    assert listed == {desk.asked[name] for name in with_fault}


def _way(desk: Desk, name: str) -> Way:
    mine = next(one for one in customers() if one.name == name)
    return mine.control if desk.drawn[name] == "control" else mine.treated


def test_names_are_for_who_holds_a_key_that_may_see_them(out: Path, desk: Desk) -> None:
    names = out.parent / "names.csv"
    rows = list(csv.DictReader(names.open()))
    assert {row["decision_id"]: row["contract_id"] for row in rows} == {
        row["decision_id"]: next(name for name, asked in desk.asked.items() if asked == row["decision_id"])
        for row in csv.DictReader((out / "act-on.csv").open())
    }
    assert names.stat().st_mode & 0o777 == 0o600
    refused = run(desk, out.parent / "other", "--names", str(out.parent / "n.csv"), key=desk.operator.keys[LONELY])
    assert isinstance(refused.exception, Faults)
    assert [fault.code for fault in refused.exception.faults] == ["not-permitted"]
    assert not (out.parent / "n.csv").exists()


def test_names_do_not_lie_in_the_report(desk: Desk, tmp_path: Path) -> None:
    done = run(desk, tmp_path / "out", "--names", str(tmp_path / "out" / "names.csv"))
    assert done.exit_code != 0
    assert not (tmp_path / "out").exists()
