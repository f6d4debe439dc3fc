"""What was heard since the import, and what of it still counts."""

from ledger.heard import hear, overlay

IMPORTED, BEFORE, AFTER = "2026-11-22T12:00:00.000000Z", "2026-11-22T11:59:59.999999Z", "2026-11-22T12:00:00.000001Z"
FACTS = {"open_fault": "old", "public_complaints_on_file": 2, "objects_to_profiling": False}


def test_a_fact_heard_after_the_import_wins_over_the_file() -> None:
    assert overlay(hear({}, IMPORTED, AFTER, {"open_fault": "new"}), FACTS, IMPORTED) == {"open_fault": "new"}


def test_an_import_after_it_wins_over_what_was_heard() -> None:
    for at in (BEFORE, IMPORTED):
        assert overlay({"open_fault": {"at": at, "value": "new"}}, FACTS, IMPORTED) == {}


def test_a_count_adds_to_the_file() -> None:
    once = hear({}, IMPORTED, AFTER, {"public_complaints_on_file": 1})
    twice = hear(once, IMPORTED, AFTER, {"public_complaints_on_file": 1})
    assert overlay(once, FACTS, IMPORTED) == {"public_complaints_on_file": 3}
    assert overlay(twice, FACTS, IMPORTED) == {"public_complaints_on_file": 4}


def test_a_count_starts_again_with_an_import() -> None:
    before = {"public_complaints_on_file": {"at": BEFORE, "value": 5}}
    heard = hear(before, IMPORTED, AFTER, {"public_complaints_on_file": 1})
    assert overlay(heard, FACTS, IMPORTED) == {"public_complaints_on_file": 3}


def test_a_count_stays_within_what_a_case_may_hold() -> None:
    heard = {"public_complaints_on_file": {"at": AFTER, "value": 5_000}}
    assert overlay(heard, FACTS, IMPORTED) == {"public_complaints_on_file": 1_000}


def test_no_import_takes_an_objection_or_a_port_back() -> None:
    heard = hear({}, BEFORE, BEFORE, {"objects_to_profiling": True, "reason_for_contact": "port_requested"})
    expected = {"objects_to_profiling": True, "reason_for_contact": "port_requested"}
    assert overlay(heard, FACTS, IMPORTED) == expected


def test_what_is_taken_back_is_forgotten() -> None:
    heard = hear({}, IMPORTED, AFTER, {"reason_for_contact": "port_requested", "open_fault": "new"})
    assert list(hear(heard, IMPORTED, AFTER, {"reason_for_contact": None})) == ["open_fault"]


def test_what_no_longer_counts_is_not_kept() -> None:
    assert hear({"open_fault": {"at": BEFORE, "value": "no signal"}}, IMPORTED, AFTER, {}) == {}
