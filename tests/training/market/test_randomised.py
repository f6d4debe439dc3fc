"""What chance drew is learned from; what somebody chose, or whose chances do not hold, is refused with its figures."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import Faults
from engine.tables import Cases
from engine.terms import Terms
from intake.contact_columns import EXPLORED
from intake.contacts import CALLED, CONTROL, DECLINED, OFFERED, Contacts
from intake.quarantine import BadRow
from training.balance import Difference
from training.randomised import check_randomised

RNG = np.random.default_rng(11)


def refusal(contacts: Contacts) -> str:
    with pytest.raises(Faults) as refused:
        check_randomised(contacts)
    assert {fault.code for fault in refused.value.faults} == {"not-randomised"}
    return str(refused.value)


def risk(contacts: Contacts) -> np.ndarray:
    """A score that an agent could go by, from 0 to 1: the dearer, the likelier to leave."""
    prices = contacts.cases["price_cents"]
    return np.argsort(np.argsort(prices)) / len(prices)


def test_a_draw_by_chance_is_taken_with_its_figures(drawn: Contacts) -> None:
    draw = check_randomised(drawn)
    assert draw.rows == {
        name: int((drawn.group == index).sum()) for index, name in enumerate(("control", "called", "offered"))
    }
    assert draw.terms > 100
    assert draw.looked_at > 1_000
    assert draw.largest is not None
    assert abs(draw.largest.z) < 5


def test_agents_who_choose_by_the_score_are_refused_by_the_fact_they_went_by(drawn: Contacts) -> None:
    unwanted = np.where(drawn.group == OFFERED, 1 - risk(drawn), risk(drawn))
    kept = np.flatnonzero(RNG.random(len(drawn)) > 0.4 * unwanted)
    assert "price_cents (fact) differs between control and all rows" in refusal(drawn.take(kept))


def test_terms_that_were_chosen_by_the_score_are_refused(drawn: Contacts) -> None:
    offered = np.flatnonzero(drawn.group == OFFERED)
    some = np.sort(RNG.permutation(offered)[: len(offered) // 4])
    given = np.arange(len(drawn))
    for day in np.unique(drawn.dates):
        mine = some[drawn.dates[some] == day]
        given[mine[np.argsort(risk(drawn)[mine])]] = mine[
            np.argsort(drawn.terms.discount_cents[0, mine], kind="stable")
        ]
    terms = drawn.take(given)
    chosen = replace(
        drawn, terms=terms.terms, devices=terms.devices, device_price_cents=terms.device_price_cents,
        probability=terms.probability,
    )  # fmt: skip
    assert "differs by discount_cents" in refusal(chosen)


def test_a_fact_that_was_written_after_the_contact_is_refused(drawn: Contacts) -> None:
    later = drawn.features["refus_au_dossier"] + (drawn.reaction == DECLINED)
    written = replace(drawn, features={**drawn.features, "refus_au_dossier": later})
    assert "refus_au_dossier differs between control and all rows" in refusal(written)


def test_the_channel_of_the_contact_itself_may_differ_by_group(drawn: Contacts) -> None:
    channel = np.where(drawn.group == CONTROL, "web", "phone_out").astype(object)
    check_randomised(replace(drawn, cases=Cases({**drawn.cases.columns(), "channel": channel})))


def test_chances_of_other_rows_are_refused(drawn: Contacts) -> None:
    told = refusal(replace(drawn, probability=RNG.permutation(drawn.probability)))
    assert "control is 20.1% of the rows" in told
    assert "terms do not come as often" in told


def test_chances_of_other_offers_are_refused(drawn: Contacts) -> None:
    chances, offered = drawn.probability.copy(), drawn.group == OFFERED
    chances[offered] = RNG.permutation(chances[offered])
    assert "terms do not come as often" in refusal(replace(drawn, probability=chances))


def test_a_control_group_larger_than_its_chance_is_refused(drawn: Contacts) -> None:
    chances = np.where(drawn.group == CONTROL, 0.15, drawn.probability)
    assert "by its logged chances 15.0%" in refusal(replace(drawn, probability=chances))


@pytest.mark.parametrize("group", [CONTROL, CALLED, OFFERED])
def test_one_group_alone_is_refused(drawn: Contacts, group: int) -> None:
    assert "rows are of the group" in refusal(drawn.take(np.flatnonzero(drawn.group == group)))


def test_one_offer_for_all_is_refused(drawn: Contacts) -> None:
    nothing = np.where(drawn.group == OFFERED, 100, 0)[None]
    same = {name: np.zeros_like(column) for name, column in vars(drawn.terms).items()}
    no_device = {"devices": np.full(len(drawn), "", dtype=object), "device_price_cents": np.zeros_like(nothing)}
    alike = replace(drawn, terms=Terms(**same | {"discount_cents": nothing}), **no_device)
    assert "everybody was offered the same terms" in refusal(alike)


def test_chances_that_differ_by_the_customer_are_taken_where_they_are_logged(drawn: Contacts) -> None:
    staying = np.where(risk(drawn) > 0.5, 0.3, 1.0)
    left_out = (drawn.group == CONTROL) & (RNG.random(len(drawn)) > staying)
    chance = drawn.probability * np.where(drawn.group == CONTROL, staying, 1.0) / (1 - 0.2 * (1 - staying))
    thinner = replace(drawn, probability=chance, design=EXPLORED).take(np.flatnonzero(~left_out))
    check_randomised(thinner)
    untold = replace(thinner, probability=drawn.probability[~left_out])
    assert "price_cents (fact) differs between control" in refusal(untold)


def test_a_history_reads_the_same_when_its_rows_are_shuffled(drawn: Contacts) -> None:
    one, other = check_randomised(drawn), check_randomised(drawn.take(RNG.permutation(len(drawn))))
    assert (one.rows, one.terms, one.looked_at) == (other.rows, other.terms, other.looked_at)
    assert one.largest is not None
    assert other.largest is not None
    assert one.largest.fact == other.largest.fact
    assert one.largest.z == pytest.approx(other.largest.z)


def test_either_word_of_a_fact_of_two_stands_as_far_whichever_way_the_sums_were_rounded() -> None:
    yes = Difference("subsidised yes", "between control and all rows", 0.01, 1.7)
    no = replace(yes, fact="subsidised no", z=-np.nextafter(1.7, 2.0))
    assert yes.size == no.size < replace(yes, z=1.7001).size


def test_rows_that_were_left_out_are_told_beside_the_refusal(drawn: Contacts) -> None:
    none_offered = drawn.take(np.flatnonzero(drawn.group != OFFERED))
    left_out = replace(none_offered, bad=[BadRow(7, "chance", "chance: 1.2 is no probability")])
    with pytest.raises(Faults) as refused:
        check_randomised(replace(left_out, group=np.zeros_like(left_out.group)))
    assert [(fault.code, fault.where) for fault in refused.value.faults] == [
        ("not-randomised", "contacts.csv:1"),
        ("bad-row", "contacts.csv:7"),
    ]


def test_customers_who_are_all_alike_cannot_differ(drawn: Contacts) -> None:
    some = drawn.take(np.arange(200))
    same = some.cases.take(np.zeros(200, dtype=np.int64))
    draw = check_randomised(replace(some, cases=same, features={}))
    assert (draw.looked_at, draw.largest) == (0, None)
