"""A history of contacts is read to the cent, and a row that cannot have happened is left out with its reason."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Faults
from intake.contacts import (
    ACCEPTED,
    CALLED,
    CONTROL,
    DECLINED,
    NONE,
    NOT_REACHED,
    OFFERED,
    Contacts,
    read_contacts,
)
from intake.rulebook import read_rulebook
from tests.intake.small_files import SMALL, Read, faults_of, file_of, labelled_of, mapping_of

RULEBOOK = read_rulebook(Path(__file__).parents[2] / "rulebook")
AS_OF = date(2026, 11, 22)
CONTACTS = """
[contacts]
design = "randomised"
date = "on"
probability = "chance"
agent = "who"
group = { column = "group", control = ["none"], called = ["call"], offered = ["offer"] }
reaction = { column = "said", accepted = ["yes"], declined = ["no"], not_reached = ["away"], none = ["nothing"] }
left = { column = "left", yes = ["gone"], no = ["here"], window_months = 6 }
"""
TERMS = """
[contacts.terms]
device = "device"
device_price_cents = { column = "shop", unit = "EUR incl. VAT" }
top_up_cents = { column = "top", unit = "EUR incl. VAT" }
commitment_months = "months"
discount_cents = { column = "off", unit = "cents incl. VAT" }
discount_months = "off months"
credit_cents = { column = "credit", unit = "EUR incl. VAT" }
extras = { column = "extras", values = { tv = "tv_option" } }
trade_in = "back"
"""
BY_ID = '\n[contacts.terms]\noffer_id = "device"\n'
HEADER = (
    "id,price,since,usage,plan,on,chance,who,group,said,left,device,shop,top,months,off,off months,credit,extras,back\n"
)
CONTROL_ROW = "C1,17.90,2016-11-05,3.5,x,2026-01-05,0.2,,none,,gone,,,,,,,,,\n"
DEVICE_ROW = (
    "D1,17.90,2016-11-05,3.5,x,2026-01-05,0.01,ann,offer,yes,here,pixel-10,799,249.90,24,,,,tv;sms_15,galaxy-a17\n"
)
OLD_ROW = "O1,17.90,2016-11-05,3.5,x,2026-01-05,0.01,bob,offer,no,here,iphone-12,849,99,12,,,,,\n"
DISCOUNT_ROW = "P1,17.90,2016-11-05,3.5,x,2026-01-05,0.03,bob,offer,away,here,,,,0,300,9,,,\n"
CALLED_ROW = "K1,17.90,2016-11-05,3.5,x,2026-01-05,0.2,ann,call,nothing,gone,,,,,,,,,\n"
GOOD = CONTROL_ROW + DEVICE_ROW + OLD_ROW + DISCOUNT_ROW + CALLED_ROW


def contacts_of(folder: Path, rows: str, mapping: str = CONTACTS + TERMS) -> Contacts:
    return read_contacts([file_of(folder, HEADER + rows)], mapping_of(folder, SMALL + mapping), RULEBOOK, AS_OF)


def test_who_was_drawn_and_what_came_of_it(tmp_path: Path) -> None:
    read = contacts_of(tmp_path, GOOD)
    assert read.bad == []
    assert read.group.tolist() == [CONTROL, OFFERED, OFFERED, OFFERED, CALLED]
    assert read.reaction.tolist() == [NONE, ACCEPTED, DECLINED, NOT_REACHED, NONE]
    assert read.left.tolist() == [True, False, False, False, True]
    assert read.probability.tolist() == [0.2, 0.01, 0.01, 0.03, 0.2]
    assert read.customers.tolist() == ["C1", "D1", "O1", "P1", "K1"]
    assert read.agents is not None
    assert read.agents.tolist() == ["", "ann", "bob", "bob", "ann"]
    assert read.dates is not None
    assert set(read.dates) == {np.datetime64("2026-01-05")}
    assert read.features["usage"].tolist() == [3.5] * 5
    assert (read.name, read.design, read.window_months) == ("data.csv", "randomised", 6)


def test_what_was_offered_to_the_cent(tmp_path: Path) -> None:
    read = contacts_of(tmp_path, GOOD)
    terms, goods = read.terms, RULEBOOK.as_of(AS_OF).catalogue.goods
    pixel, galaxy = goods.device_ids.index("pixel-10"), goods.device_ids.index("galaxy-a17")
    bits = (1 << goods.extra_ids.index("tv_option")) + (1 << goods.extra_ids.index("sms_15"))
    assert terms.device.tolist() == [[-1, pixel, -1, -1, -1]]
    assert read.devices.tolist() == ["", "pixel-10", "iphone-12", "", ""]
    assert read.device_price_cents.tolist() == [[0, 79_900, 84_900, 0, 0]]
    assert terms.top_up_cents.tolist() == [[0, 24_990, 9_900, 0, 0]]
    assert terms.commitment_months.tolist() == [[0, 24, 12, 0, 0]]
    assert terms.discount_cents.tolist() == [[0, 0, 0, 300, 0]]
    assert terms.discount_months.tolist() == [[0, 24, 12, 9, 0]]
    assert terms.extras.tolist() == [[0, bits, 0, 0, 0]]
    assert terms.trade_in.tolist() == [[-1, galaxy, -1, -1, -1]]


def test_an_offer_of_our_own_is_named_by_its_id_alone(tmp_path: Path) -> None:
    catalogue = RULEBOOK.as_of(AS_OF).catalogue
    column = int(np.flatnonzero(catalogue.listed.priced.terms.device[0] >= 0)[0])
    offer_id = str(catalogue.offer_ids[column])
    row = f"D1,17.90,2016-11-05,3.5,x,2026-01-05,0.01,,offer,yes,here,{offer_id},,,,,,,,\n"
    read = contacts_of(tmp_path, CONTROL_ROW + row, CONTACTS + BY_ID)
    assert read.bad == []
    assert catalogue.id_of(read.terms.at(0, 1)) == offer_id
    assert (read.terms.template[0, 0], read.terms.device[0, 0], read.terms.commitment_months[0, 0]) == (-1, -1, 0)
    assert read.devices[1] == catalogue.goods.device_ids[read.terms.device[0, 1]]
    assert read.device_price_cents[0].tolist() == [0, catalogue.goods.device_price_cents[read.terms.device[0, 1]]]


def test_an_offer_that_no_rulebook_holds_is_a_bad_row(tmp_path: Path) -> None:
    row = "D1,17.90,2016-11-05,3.5,x,2026-01-05,0.01,,offer,yes,here,phone.pixel-99.24m,,,,,,,,\n"
    [bad] = contacts_of(tmp_path, CONTROL_ROW + row, CONTACTS + BY_ID).bad
    assert bad.reason == 'device: "phone.pixel-99.24m" is no offer of the rulebook'


def test_a_device_on_sale_costs_what_the_catalogue_says_where_the_file_does_not(tmp_path: Path) -> None:
    goods = RULEBOOK.as_of(AS_OF).catalogue.goods
    read = contacts_of(tmp_path, DEVICE_ROW.replace(",799,", ",,"))
    assert read.device_price_cents.tolist() == [[goods.device_price_cents[goods.device_ids.index("pixel-10")]]]


def test_months_before_the_contact_count_from_its_own_day(tmp_path: Path) -> None:
    mapping = SMALL.replace(
        'customer_since = "since"', 'customer_since = { column = "usage", unit = "months before as-of" }'
    )
    rows = CONTROL_ROW.replace(",3.5,", ",10,") + CONTROL_ROW.replace(",3.5,", ",10,").replace(
        "2026-01-05", "2025-03-31"
    )
    path = file_of(tmp_path, HEADER + rows)
    read = read_contacts([path], mapping_of(tmp_path, mapping + CONTACTS + TERMS), RULEBOOK, AS_OF)
    assert read.cases["customer_since"].astype(str).tolist() == ["2025-03-05", "2024-05-31"]


def test_who_objects_to_profiling_is_left_out_and_counted(tmp_path: Path) -> None:
    fact = 'objects_to_profiling = { column = "plan", yes = ["y"], no = ["x"] }\ncustomer_since'
    mapping = mapping_of(tmp_path, SMALL.replace("customer_since", fact, 1) + CONTACTS + TERMS)
    path = file_of(tmp_path, HEADER + GOOD + CONTROL_ROW.replace(",x,", ",y,").replace("C1", "C2"))
    read = read_contacts([path], mapping, RULEBOOK, AS_OF)
    assert (len(read), read.bad) == (5, [])
    assert "1 rows left out: the customer objects to profiling" in read.notes


def test_a_reaction_without_a_word_of_its_own_means_none(tmp_path: Path) -> None:
    mapping = CONTACTS.replace(', none = ["nothing"]', "") + TERMS
    read = contacts_of(tmp_path, CALLED_ROW.replace("nothing", "hung up"), mapping)
    assert (read.bad, read.reaction.tolist()) == ([], [NONE])


def test_the_contacts_are_left_aside_by_every_other_reading(tmp_path: Path) -> None:
    mapping = SMALL + '[label]\ncolumn = "plan"\nleft = ["x"]\nwindow_months = 6\n' + CONTACTS + TERMS
    mapping = mapping.replace('categorical = ["plan"]', "categorical = []")
    content = "id,price,since,usage,plan\nA1,17.90,2016-11-05,3.5,x\n"
    assert Read([file_of(tmp_path, content)], mapping_of(tmp_path, mapping)).bad == []
    assert labelled_of(tmp_path, content, mapping).label.tolist() == [1.0]


BAD: dict[str, tuple[str, str, str, str]] = {
    "a chance of nought": (CONTROL_ROW, ",0.2,", ",0,", "chance: is below 1e-12, and chance drew every row"),
    "a chance that nobody can have drawn": (
        CONTROL_ROW,
        ",0.2,",
        ",1e-300,",
        "chance: is below 1e-12, and chance drew every row",
    ),
    "no chance": (CONTROL_ROW, ",0.2,", ",,", "chance: is missing"),
    "a chance above one": (CONTROL_ROW, ",0.2,", ",1.2,", "chance: 1.2 is no probability"),
    "a chance below nought": (CONTROL_ROW, ",0.2,", ",-0.2,", "chance: -0.2 is no probability"),
    "a chance that is not a number": (CONTROL_ROW, ",0.2,", ",NaN,", 'chance: "NaN" is not a number'),
    "an endless chance": (CONTROL_ROW, ",0.2,", ",inf,", 'chance: "inf" is not a number'),
    "no day": (CONTROL_ROW, "2026-01-05", "", "on: is missing"),
    "a day that does not exist": (
        CONTROL_ROW,
        "2026-01-05",
        "2026-02-30",
        'on: "2026-02-30" is not a day written YYYY-MM-DD',
    ),
    "a window that has not ended": (
        CONTROL_ROW,
        "2026-01-05",
        "2026-05-23",
        'on: "2026-05-23" is a day whose window of 6 months ends after 2026-11-22',
    ),
    "no group": (CONTROL_ROW, ",none,", ",,", "group: is missing"),
    "a group of another name": (CONTROL_ROW, ",none,", ",holdout,", 'group: "holdout" is no group'),
    "no word on who left": (CONTROL_ROW, ",gone,", ",,", "left: is missing"),
    "another word on who left": (CONTROL_ROW, ",gone,", ",maybe,", 'left: "maybe" does not say who left'),
    "a reaction of another name": (DEVICE_ROW, ",yes,", ",Yes,", 'said: "Yes" is no reaction'),
    "an acceptance in control": (CONTROL_ROW, ",none,,", ",none,yes,", 'said: "yes" where nothing was offered'),
    "a refusal of a bare call": (CALLED_ROW, ",nothing,", ",no,", 'said: "no" where nothing was offered'),
    "somebody not reached whom nobody called": (
        CONTROL_ROW,
        ",none,,",
        ",none,away,",
        'said: "away" of somebody who was not contacted',
    ),
    "a discount in control": (CONTROL_ROW, ",gone,,,,,,", ",gone,,,,,300,", "off: terms where nothing was offered"),
    "a device in control": (CONTROL_ROW, ",gone,,", ",gone,pixel-10,", "device: terms where nothing was offered"),
    "an offer of nothing": (DISCOUNT_ROW, ",0,300,9,", ",0,0,,", "terms: an offer of nothing"),
    "no commitment": (DISCOUNT_ROW, ",0,300,", ",,300,", "months: is missing, and an offer needs it"),
    "a commitment of three years": (
        DISCOUNT_ROW,
        ",0,300,",
        ",36,300,",
        "months: 36.0 is no whole number from 0 to 24",
    ),
    "half a month": (DISCOUNT_ROW, ",0,300,", ",0.5,300,", "months: 0.5 is no whole number from 0 to 24"),
    "no top-up": (DEVICE_ROW, ",249.90,", ",,", "top: is missing, and a device needs it"),
    "a top-up for nothing": (DISCOUNT_ROW, ",,,,0,", ",,,10,0,", "top: a top-up without a device"),
    "a discount below nought": (DISCOUNT_ROW, ",300,", ",-300,", 'off: "-300" is not between 0 and 1000000 cents'),
    "a credit without measure": (
        DISCOUNT_ROW,
        ",9,,",
        ",9,99999,",
        'credit: "99999" is not between 0 and 1000000 cents',
    ),
    "a device that nobody knows": (OLD_ROW, ",849,", ",,", 'device: "iphone-12" has no price, here or in devices.toml'),
    "an extra that nobody knows": (
        DEVICE_ROW,
        "sms_15",
        "sms_99",
        'extras: "tv_option;sms_99" is no extra of offers.toml',
    ),
    "a device that nobody takes back": (
        DEVICE_ROW,
        "galaxy-a17",
        "pixel-10",
        'back: "pixel-10" is not taken back in devices.toml',
    ),
    "the same contract twice on one day": (CONTROL_ROW, "C1", "D1", "contract_id: it is already on line 3"),
    "no contract": (CONTROL_ROW, "C1", "", "id: is missing, and contract_id needs it"),
    "an agent with an escape sequence": (
        DEVICE_ROW,
        ",ann,",
        ",\x1b[31mann,",
        'who: "\\u001b[31mann" holds control characters',
    ),
}


def spoilt(title: str) -> str:
    """A good row spoilt in one place, of a contract of its own unless that is what is spoilt."""
    row, old, new, _ = BAD[title]
    assert old in row
    other = "" if title.startswith(("the same", "no contract")) else "X"
    return other + row.replace(old, new, 1)


@pytest.mark.parametrize("title", BAD)
def test_a_row_is_left_out_with_its_reason_for(title: str, tmp_path: Path) -> None:
    read = contacts_of(tmp_path, GOOD + spoilt(title))
    assert [(bad.line, bad.reason) for bad in read.bad] == [(7, BAD[title][3])]
    assert len(read) == 5


def test_the_same_contract_on_another_day_is_another_contact(tmp_path: Path) -> None:
    read = contacts_of(tmp_path, GOOD + CONTROL_ROW.replace("2026-01-05", "2026-02-05"))
    assert (read.bad, len(read)) == ([], 6)


def test_every_reason_against_a_row_is_told_with_its_contract(tmp_path: Path) -> None:
    row = "X1,17.90,,,x,2026-01-05,2,,none,yes,never,,,,,,,,,\n"
    [bad] = contacts_of(tmp_path, GOOD + row).bad
    assert bad.contract_id == "X1"
    assert bad.reason == (
        'left: "never" does not say who left; said: "yes" where nothing was offered; chance: 2.0 is no probability'
    )


def test_a_file_of_bad_rows_only_is_refused_with_their_reasons(tmp_path: Path) -> None:
    with pytest.raises(Faults) as refused:
        contacts_of(tmp_path, CONTROL_ROW.replace("0.2", "2"))
    assert faults_of(refused.value) == [("no-rows", "data.csv:1"), ("bad-row", "data.csv:2")]


def test_contacts_that_somebody_chose_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="an agent or a rule chose who was offered what"):
        contacts_of(tmp_path, GOOD, CONTACTS.replace("randomised", "chosen") + TERMS)


def test_a_mapping_without_contacts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Faults) as refused:
        contacts_of(tmp_path, GOOD, "")
    assert faults_of(refused.value) == [("missing-key", "mapping.toml:1")]
    assert "[contacts]" in str(refused.value)


def test_a_mapping_without_the_facts_of_a_decision_is_refused(tmp_path: Path) -> None:
    without = SMALL.replace('price_cents = { column = "price", unit = "EUR incl. VAT" }\n', "")
    mapping = mapping_of(tmp_path, without + CONTACTS + TERMS)
    with pytest.raises(Faults) as refused:
        read_contacts([file_of(tmp_path, HEADER + GOOD)], mapping, RULEBOOK, AS_OF)
    assert faults_of(refused.value) == [("missing-fact", "mapping.toml:1")]
