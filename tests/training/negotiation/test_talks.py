"""Talks with the customers of a small market: paired draws, honest refusals, money that differs by what was said."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from engine.rulebook import Rulebook, parse_rulebook
from training.market.future import live_on, world_ahead
from training.market.talks import talk_to
from training.negotiation.book import Book
from training.negotiation.comparing import Played, play_book
from training.negotiation.earning import earn, earn_nothing_offered
from training.negotiation.kernel import Kernel
from training.negotiation.talking import LADDER, ONE_SHOT, Talk, as_offered, hold_talks, stated_wish
from training.negotiation.telling import Interval, interval, tell, write_lines

ONE, LADDER_AT, REASONS_AT = range(3)


def ids(talk: Talk) -> list[list[str]]:
    return [[offer["offer_id"] for offer in table] for table in talk.tables]


def test_every_manner_opens_with_the_same_table_for_the_same_people(played: Played) -> None:
    opened = [{row: ids(talk)[0] for row, talk in one.talks.items()} for one in played.outcomes]
    assert len(opened[0]) > 20
    assert opened[0] == opened[1] == opened[2]


def test_who_accepts_at_once_brings_the_same_in_every_manner(played: Played) -> None:
    one, ladder, reasons = played.outcomes
    at_once = [row for row, talk in one.talks.items() if talk.accepted]
    assert at_once
    assert one.gain_eur[at_once].tolist() == ladder.gain_eur[at_once].tolist() == reasons.gain_eur[at_once].tolist()


def test_who_is_neither_called_nor_offered_anything_brings_what_they_would_have_brought(played: Played) -> None:
    for outcome in played.outcomes:
        quiet = sorted(set(np.flatnonzero(played.in_touch)) - set(outcome.talks))
        assert set(outcome.gain_eur[quiet].tolist()) <= {0.0}
    refused = [row for row, talk in played.outcomes[ONE].talks.items() if played.in_touch[row] and not talk.accepted]
    assert refused
    assert set(played.outcomes[ONE].gain_eur[refused].tolist()) == {0.0}


def test_what_was_refused_never_comes_back(played: Played) -> None:
    longest = 0
    for outcome in played.outcomes[LADDER_AT:]:
        for talk in outcome.talks.values():
            refused = [name for table in ids(talk) for name in table]
            assert len(set(refused)) == len(refused)
            longest = max(longest, len(talk.tables))
    assert longest == 3


def test_customers_take_the_offer_worth_most_to_them_and_only_if_it_is_worth_anything(
    played: Played, book: Book
) -> None:
    for row, talk in played.outcomes[REASONS_AT].talks.items():
        for table, last in [*((table, False) for table in talk.tables[:-1]), (talk.tables[-1], True)]:
            worth, _ = book.talks.weigh(np.full(len(table), row), as_offered(table))
            taken = table[int(worth.argmax())] if worth.max() > 0 else None
            assert taken == (talk.accepted if last else None)


def test_only_who_is_asked_says_why_and_what_they_want(played: Played, book: Book) -> None:
    said = [
        {(one.reason, bool(one.wants)) for talk in outcome.talks.values() for one in talk.heard}
        for outcome in played.outcomes
    ]
    assert said[ONE] == said[LADDER_AT] == {("other", False)}
    assert {reason for reason, _ in said[REASONS_AT]} >= {"other", "top_up_too_high", "commitment_too_long"}
    told = [row for row, talk in played.outcomes[REASONS_AT].talks.items() if any(one.wants for one in talk.heard)]
    assert told
    assert all(book.talks.tells[row] and book.cases["wants_device"][row] == "" for row in told)
    assert all(played.outcomes[REASONS_AT].talks[row].named[0].wants == stated_wish(book.talks, row) for row in told)


def test_no_accepted_offer_breaks_a_limit(played: Played) -> None:
    accepted = [talk for outcome in played.outcomes for talk in outcome.talks.values() if talk.accepted]
    assert len(accepted) > 30
    assert not any(talk.breaks_a_limit for talk in accepted)


def test_a_ladder_of_one_step_is_one_offer(book: Book, shipped: Rulebook) -> None:
    texts = dict(shipped.texts)
    [policy] = [name for name in texts if name.endswith("policy.toml")]
    steps = re.compile(r"(\[ladder_steps\].*?value = )\d+", re.DOTALL)
    texts[policy], changed = steps.subn(r"\g<1>1", texts[policy], count=1)
    assert changed == 1
    played = play_book(book, Kernel(parse_rulebook(texts), book.today), (ONE_SHOT, LADDER))
    one, ladder = played.outcomes
    assert one.gain_eur.tolist() == ladder.gain_eur.tolist()
    assert [ids(talk) for talk in one.talks.values()] == [ids(talk) for talk in ladder.talks.values()]


def test_the_same_market_answers_the_same_twice(book: Book, kernel: Kernel, played: Played) -> None:
    again = replace(book, talks=talk_to(book.market, book.lines))
    talks = hold_talks(again, kernel, ONE_SHOT, kernel.first_questions(again.cases))
    before = played.outcomes[ONE].talks
    assert {row: ids(talk) for row, talk in talks.items()} == {row: ids(talk) for row, talk in before.items()}
    assert {row for row, talk in talks.items() if talk.accepted} == {
        row for row, talk in before.items() if talk.accepted
    }


def test_money_is_counted_bill_by_bill(book: Book, kernel: Kernel) -> None:
    rows, policy = book.cases.rows, kernel.in_force.policy
    nothing = earn_nothing_offered(book, kernel.in_force)
    nobody = earn(book, kernel.in_force, np.zeros(rows, dtype=bool), {})
    assert nobody.euros.tolist() == nothing.euros.tolist()
    unreached = np.flatnonzero(~book.talks.reached & (book.cases["channel"] == "phone_out"))
    called = np.zeros(rows, dtype=bool)
    called[unreached] = True
    rung = earn(book, kernel.in_force, called, {})
    assert rung.euros[unreached] == pytest.approx(nothing.euros[unreached] - policy["contact_cost_cents"] / 100)


def test_the_future_begins_where_the_past_ends_and_leaves_the_lines_as_they_are(book: Book) -> None:
    before = {name: column.copy() for name, column in book.lines.items()}
    life = live_on(book.market, book.lines, 12, 2)
    assert all(
        np.array_equal(before[name], column, equal_nan=column.dtype.kind == "f")
        for name, column in book.lines.items()
        if column.dtype.kind != "M"
    )
    ahead = world_ahead(book.market, 12, 9)
    assert ahead.month == book.market.months[-1]
    assert ahead.rival.prices_eur[0].tolist() == book.market.rival.prices_eur[-1].tolist()
    assert life.present.shape == (12, 2, len(book.lines["town"]))
    stays = life.present == 1.0
    assert all((later <= sooner).all() for sooner, later in itertools.pairwise(stays))
    assert 0.01 < 1 - stays[-1].mean() < 0.5


def test_an_interval_is_students() -> None:
    # three figures: mean 2, standard error 1/sqrt(3), and t(0.975, 2 degrees) = 4.302653
    assert interval([1.0, 2.0, 3.0]) == Interval(
        2.0, pytest.approx(-0.484138, abs=1e-5), pytest.approx(4.484138, abs=1e-5)
    )


def test_a_person_reads_a_block_a_group(played: Played) -> None:
    lines = tell([played, played])
    assert [line.customers for line in lines[::4]] == [
        2 * len(played.left),
        *(2 * int(s.sum()) for s in (played.in_touch, ~played.in_touch)),
    ]
    table = write_lines(lines).splitlines()
    assert table[0].startswith("all customers: ")
    assert [row.split("  ")[0] for row in table[2:6]] == ["no offer", "one-shot", "ladder", "ladder with reasons"]
