"""counteroffer evaluate, as a person and a script run it."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.markets import make_market, read_shelf
from benchmarks.markets.files import MAPPING, write_contacts
from tests.commands.here import Said, call_here

RULEBOOK = Path(__file__).parents[2] / "rulebook"


@pytest.fixture(scope="module")
def contacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shelf = read_shelf()
    path = tmp_path_factory.mktemp("contacts") / "contacts.csv"
    write_contacts(make_market("classes", 1, shelf).draw_contacts(1_500, np.random.default_rng(0)), shelf, path)
    return path


def evaluate(contacts: Path, *arguments: str | Path) -> Said:
    given = ["--contacts", contacts, "--mapping", MAPPING, "--as-of", "2026-06-15", *arguments]
    return call_here("evaluate", *given)


def told(contacts: Path, *arguments: str | Path) -> dict[str, Any]:
    done = evaluate(contacts, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_a_rulebook_of_many_offers_is_told_by_the_model_alone_and_says_so(contacts: Path) -> None:
    said = told(contacts, "--rulebook", RULEBOOK)
    judged, nobody = said["policies"]
    assert (said["rows"], judged["policy"], nobody["policy"]) == (1_500, "the rulebook", "nobody called")
    for method in ("snips", "doubly_robust"):
        figure = judged["figures"][method]
        assert figure["cents"] is None
        assert figure["effective_sample"] <= 200
        assert "Only the model's figure is told" in figure["refusal"]
        control = nobody["figures"][method]
        assert control["low"] < control["cents"] < control["high"]
        assert control["matches"] == round(control["effective_sample"])
    model = judged["figures"]["model"]
    assert model["low"] < model["cents"] < model["high"]
    more = judged["more_than"]["nobody called"]["model"]["cents"]
    assert more == pytest.approx(model["cents"] - nobody["figures"]["model"]["cents"])
    assert 0 < judged["contacted_share"] <= 1
    assert nobody["contacted_share"] == nobody["promised_cents"] == 0


@pytest.mark.long
def test_a_dearer_call_is_worth_making_to_fewer(contacts: Path, tmp_path: Path) -> None:
    dear = tmp_path / "dear"
    shutil.copytree(RULEBOOK, dear)
    policy = (dear / "policy.toml").read_text("utf-8")
    start = policy.index("[contact_cost_cents]")
    line = policy.index("value = ", start)
    (dear / "policy.toml").write_text(policy[:line] + "value = 5_000" + policy[policy.index(" }", line) :], "utf-8")
    said = told(contacts, "--rulebook", RULEBOOK, "--against", dear)
    judged, other, _ = said["policies"]
    assert other["policy"] == str(dear)
    assert other["contacted_share"] < judged["contacted_share"]
    assert set(judged["more_than"]) == {str(dear), "nobody called"}


@pytest.mark.long
def test_a_person_reads_a_table_a_policy(contacts: Path) -> None:
    done = evaluate(contacts, "--rulebook", RULEBOOK)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("1,500 contacts;")
    assert any(line.startswith("the rulebook: calls ") for line in lines)
    assert any(line.startswith("the rulebook, more than nobody called") for line in lines)
    assert sum("refused: " in line for line in lines) == 4
    assert all(line.endswith("if the model is right") for line in lines if line.startswith("  model alone"))
    assert done.stderr.endswith("\nthe rulebook: 1500 customers without a known chance of leaving\n")


@pytest.mark.long
def test_what_cannot_be_read_is_said_in_one_line(contacts: Path, tmp_path: Path) -> None:
    for arguments, code in (
        (("--rulebook", tmp_path / "none"), 66),
        (("--rulebook", RULEBOOK, "--against", str(tmp_path / "none")), 66),
        (("--rulebook", RULEBOOK, "--release", str(tmp_path)), 66),
    ):
        done = evaluate(contacts, *arguments)
        assert done.returncode == code, done.stderr
        assert done.stderr.count("\n") == 1


def test_contacts_that_chance_did_not_draw_are_refused(contacts: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen.toml"
    chosen.write_text(MAPPING.read_text("utf-8").replace('design = "randomised"', 'design = "chosen"'), "utf-8")
    done = evaluate(contacts, "--rulebook", RULEBOOK, "--mapping", chosen)
    assert done.returncode == 65
    assert done.stderr.startswith("error[not-randomised]")


@pytest.mark.long
def test_a_rulebook_with_other_devices_cannot_be_held_against_it(contacts: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(RULEBOOK, other)
    for name in ("devices.toml", "offers.toml"):
        text = (other / name).read_text("utf-8")
        (other / name).write_text(text.replace("fairphone-6", "fairphone-7"), "utf-8")
    done = evaluate(contacts, "--rulebook", RULEBOOK, "--against", str(other))
    assert done.returncode == 65
    assert f"error[other-goods] {other}: " in done.stderr


@pytest.mark.long
def test_promises_stand_beside_what_came(contacts: Path) -> None:
    lines = told(contacts, "--rulebook", RULEBOOK, "--promises")["promises"]
    assert [line["offers"] for line in lines][:3] == ["all offers", "promised above nothing", "decile 1"]
    assert {"accepted", "left", "stayed without accepting", "not called"} <= {line["offers"] for line in lines}
    stayed = next(line for line in lines if line["offers"] == "stayed without accepting")
    assert 0.8 < stayed["promised_over_realised"]["value"] < 1.25
