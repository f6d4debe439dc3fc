"""What offers, tariffs and texts of a rulebook must mean beside their shape: known names, conditions one can meet."""

from collections.abc import Iterator, Mapping
from datetime import date
from math import prod
from string import Formatter
from typing import Any

from engine.catalogue import LEVERS, WISH
from engine.conditions import FACT_NAMES, TESTS
from engine.errors import Fault
from engine.fields import FIELD_BY_NAME
from engine.tariffs import UNLIMITED, USAGES
from intake.documents import Day, Document
from intake.newcomers import check_newcomers
from intake.shapes import schema, shown
from intake.toml_lines import KeyPath

MOST_CANDIDATES = 20_000


def check_offers(document: Document, devices: Document) -> Iterator[Fault]:
    """Devices and extras that exist, conditions that can be met, a number of candidates that can be worked out."""
    seen = {WISH}
    candidates = 0
    for index, offer in enumerate(document.data["offer"]):
        path: KeyPath = ("offer", index)
        if offer["id"] in seen:
            where = document.where((*path, "id"))
            yield Fault("repeated-value", where, f"offer {offer['id']} stands twice", f"every id once, {WISH} is taken")
        seen.add(offer["id"])
        yield from _named(document, path, devices)
        yield from _in_date(document, path, offer)
        yield from _conditions(document, path, offer)
        candidates += prod(len(offer.get(lever, [0])) for lever in LEVERS)
    yield from _conditions(document, ("wish",), document.data["wish"])
    yield from check_newcomers(document)
    if candidates > MOST_CANDIDATES:
        where = document.where(("offer",))
        yield Fault("too-many", where, f"{candidates} candidates", f"at most {MOST_CANDIDATES}", "drop some levers")


def _named(document: Document, path: KeyPath, devices: Document) -> Iterator[Fault]:
    offer = document.data["offer"][path[1]]
    extras = document.data["extras"]
    known = {"devices": devices.data, "trade_in": {id for id, item in devices.data.items() if "trade_in" in item}}
    for lever, names in known.items():
        for index, name in enumerate(offer.get(lever, [])):
            if name not in names:
                what = f"{shown(name)} is not in devices.toml" + (" with a trade_in" if lever == "trade_in" else "")
                yield Fault("unknown-name", document.where((*path, lever, index)), what, "a device that is there")
    for index, group in enumerate(offer.get("extras", [])):
        for name in group:
            if name not in extras:
                where = document.where((*path, "extras", index))
                yield Fault("unknown-name", where, f"{shown(name)} is no extra", "one of " + ", ".join(extras))


def _in_date(document: Document, path: KeyPath, entry: Mapping[str, Any]) -> Iterator[Fault]:
    days = []
    for key in ("valid_from", "valid_to"):
        if key in entry:
            if not isinstance(entry[key], Day):
                where = document.where((*path, key))
                yield Fault("wrong-type", where, f"{shown(entry[key])} is a text", "a day without quotes")
                return
            days.append(date.fromisoformat(entry[key]))
    if days != sorted(days):
        yield Fault("invalid-time", document.where((*path, "valid_to")), "it ends before it begins", "a later day")


def _conditions(document: Document, path: KeyPath, offer: dict[str, Any]) -> Iterator[Fault]:
    for index, condition in enumerate(offer.get("conditions", [])):
        yield from _condition(document, (*path, "conditions", index), condition)


def _condition(document: Document, path: KeyPath, condition: dict[str, Any]) -> Iterator[Fault]:
    where = document.where(path)
    tests = [key for key in condition if key in TESTS]
    if "any_of" in condition:
        if len(condition) > 1:
            yield Fault("wrong-kind", where, "any_of stands beside another test", "any_of alone")
        for index, branch in enumerate(condition["any_of"]):
            yield from _condition(document, (*path, "any_of", index), branch)
        return
    if "fact" not in condition or not tests:
        yield Fault("missing-key", where, "a condition without a fact or a test", "a fact and " + ", ".join(TESTS))
        return
    if condition["fact"] not in FACT_NAMES:
        what = f"no condition hangs on {shown(condition['fact'])}"
        yield Fault("not-a-choice", where, what, "one of " + ", ".join(FACT_NAMES))
        return
    for test in tests:
        values = condition[test] if test == "one_of" else [condition[test]]
        for value in values:
            if not _fits(condition["fact"], test, value):
                what = f"{test} {shown(value)} for {condition['fact']}"
                yield Fault("wrong-type", where, what, "a value of its kind")


def _fits(fact: str, test: str, value: Any) -> bool:
    kind = FIELD_BY_NAME[fact].kind if fact in FIELD_BY_NAME else "whole"
    if kind in ("whole", "probability"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "date":
        return isinstance(value, str) and _is_day(value)
    ordered = test in ("at_least", "at_most")
    return not ordered and isinstance(value, bool if kind == "flag" else str)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_tariffs(document: Document) -> Iterator[Fault]:
    """Days in order, and beyond every number that is included a price; beyond what is unlimited, none."""
    for name, tariff in document.data.items():
        yield from _in_date(document, (name,), tariff)
        for usage in USAGES:
            counted, where = tariff[usage], document.where((name, usage))
            for key in ("step", "step_cents"):
                if counted["included"] == UNLIMITED and key in counted:
                    yield Fault("unknown-key", where, f"{usage} is unlimited and has a {key}", f"no {key}")
                if counted["included"] != UNLIMITED and key not in counted:
                    yield Fault("missing-key", where, f"{usage} has no {key}", f"the key {key}, or {UNLIMITED}")


def check_words(document: Document) -> Iterator[Fault]:
    """Every text with the words in braces that it needs, and none that nobody fills in."""
    for section, rules in schema("texts")["properties"].items():
        for name, rule in rules["properties"].items():
            if "words" not in rule:
                continue
            where = document.where((section, name))
            try:
                used = list(Formatter().parse(document.data[section][name]))
            except ValueError as error:
                yield Fault("broken-text", where, f"{section}.{name}: {error}", "braces around words only")
                continue
            words = {word for _, word, _, _ in used if word is not None}
            if any(spec or conversion for _, word, spec, conversion in used if word is not None):
                yield Fault("broken-text", where, f"{section}.{name} formats a word", "braces around words only")
            for word in sorted(words - set(rule["words"])):
                yield Fault("unknown-name", where, f"nothing fills in {{{word}}}", "only " + ", ".join(rule["words"]))
            for word in sorted(set(rule.get("needs", [])) - words):
                yield Fault("missing-word", where, f"{section}.{name} does not say {{{word}}}", "the word in braces")
