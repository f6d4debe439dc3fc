"""What one rulebook says that another does not."""

import datetime

from engine.changes import check_days, days_from, days_of_change
from engine.differences import Difference, differences
from engine.rulebook import Rulebook, parse_rulebook
from tests.engine.questions import shipped

PLAIN = shipped()


def edited(file: str, old: str, new: str) -> Rulebook:
    texts = dict(PLAIN.texts)
    assert old in texts[file]
    texts[file] = texts[file].replace(old, new, 1)
    return parse_rulebook(texts)


FLOOR = "values = [{ from = 2020-01-01, value = 3_600 }]"


def test_two_rulebooks_that_are_the_same_differ_in_nothing() -> None:
    assert differences(PLAIN, parse_rulebook(PLAIN.texts)) == []


def test_a_dated_number_differs_from_its_day_on() -> None:
    later = edited("policy.toml", FLOOR, FLOOR[:-1] + ", { from = 2027-01-01, value = 4_000 }]")
    since = datetime.date(2027, 1, 1)
    found = Difference("dated", "policy.toml", "floor_cents_24", "", 3600, 4000, "cents", since)
    assert differences(PLAIN, later) == [found]


def test_a_number_that_goes_back_differs_between_two_days() -> None:
    lines = ", { from = 2027-01-01, value = 4_000 }, { from = 2027-04-01, value = 3_600 }]"
    spring = edited("policy.toml", FLOOR, FLOOR[:-1] + lines)
    [found] = differences(PLAIN, spring)
    assert (found.since, found.until) == (datetime.date(2027, 1, 1), datetime.date(2027, 3, 31))


def test_a_line_more_that_says_the_same_is_no_difference() -> None:
    again = edited("policy.toml", FLOOR, FLOOR[:-1] + ", { from = 2027-01-01, value = 3_600 }]")
    assert differences(PLAIN, again) == []


def test_an_offer_under_another_id_is_one_gone_and_one_come() -> None:
    found = differences(PLAIN, edited("offers.toml", 'id = "phone-discount"', 'id = "phone-and-discount"'))
    assert [(one.kind, one.entry) for one in found] == [
        ("removed", "offer phone-discount"),
        ("added", "offer phone-and-discount"),
    ]


def test_a_condition_a_device_and_a_word_are_named_with_both_values() -> None:
    [stock] = differences(PLAIN, edited("devices.toml", "stock = 420", "stock = 99"))
    assert (stock.entry, stock.key, stock.was, stock.now) == ("galaxy-a17", "stock", 420, 99)
    [word] = differences(PLAIN, edited("texts/en.toml", "Is that right?", "Right?"))
    assert (word.file, word.entry, word.key) == ("texts/en.toml", "customer", "read_back")
    [condition] = differences(PLAIN, edited("offers.toml", "at_least = 12", "at_least = 13"))
    assert condition.key == "conditions"


def test_a_rule_of_law_differs_by_its_numbers_and_by_what_is_said_of_it() -> None:
    old = "values = [{ from = 2014-01-01, share = 0.20 }]"
    [found] = differences(
        PLAIN, edited("law-fr.toml", old, old.replace("0.20 }", "0.20 }, { from = 2027-06-01, share = 0.21 }"))
    )
    assert (found.entry, found.was, found.now, found.since) == (
        "FR-VAT",
        {"share": 0.2},
        {"share": 0.21},
        datetime.date(2027, 6, 1),
    )
    [source] = differences(PLAIN, edited("law-fr.toml", 'source = "CGI art. 278"', 'source = "CGI art. 278-0"'))
    assert (source.kind, source.key, source.now) == ("changed", "source", "CGI art. 278-0")


def test_the_days_of_change_are_those_on_which_something_begins_or_has_ended() -> None:
    lines = "values = [{ from = 2020-01-01, to = 2027-03-31, value = 3_600 }, { from = 2027-04-01, value = 4_000 }]"
    later = edited("policy.toml", FLOOR, lines)
    days = set(days_of_change(later)) - set(days_of_change(PLAIN))
    assert days == {datetime.date(2027, 4, 1)}
    today = datetime.date(2027, 4, 1)
    assert days_from(later, today)[0] == today
    check_days(later, datetime.date(2026, 11, 23))
