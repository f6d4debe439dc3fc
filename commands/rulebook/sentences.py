"""What is not the same in two rulebooks, in sentences of one language."""

import datetime
from collections.abc import Mapping
from typing import Any

from engine.differences import Difference
from engine.rulebook import Rulebook
from engine.texts import Writer

SAYS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "added": "{file} : {entry} est ajouté",
        "removed": "{file} : {entry} est retiré",
        "changed": "{file} : {entry}, {key} était {was}, devient {now}",
        "since": "{file} : {entry} était {was}, devient {now}, à partir du {since}",
        "between": "{file} : {entry} était {was}, devient {now}, du {since} au {until}",
        "nothing": "rien",
        "always": "début",
        "yes": "oui",
        "no": "non",
        "same": "Les deux disent la même chose.",
    },
    "nl": {
        "added": "{file}: {entry} komt erbij",
        "removed": "{file}: {entry} valt weg",
        "changed": "{file}: {entry}, {key} was {was}, wordt {now}",
        "since": "{file}: {entry} was {was}, wordt {now}, vanaf {since}",
        "between": "{file}: {entry} was {was}, wordt {now}, van {since} tot en met {until}",
        "nothing": "niets",
        "always": "het begin",
        "yes": "ja",
        "no": "nee",
        "same": "Beide zeggen hetzelfde.",
    },
    "en": {
        "added": "{file}: {entry} is added",
        "removed": "{file}: {entry} is removed",
        "changed": "{file}: {entry}, {key} was {was}, becomes {now}",
        "since": "{file}: {entry} was {was}, becomes {now}, from {since} on",
        "between": "{file}: {entry} was {was}, becomes {now}, from {since} to {until}",
        "nothing": "nothing",
        "always": "the beginning",
        "yes": "yes",
        "no": "no",
        "same": "Both say the same.",
    },
}
TESTS = {"at_least": "≥", "at_most": "≤", "equals": "=", "one_of": "∈"}
CENTS = "_cents"


class Teller:
    """Writes differences in one language, money and days as its people write them."""

    def __init__(self, language: str, rulebook: Rulebook) -> None:
        self._say = SAYS[language]
        self._writer = Writer(language, rulebook.documents[f"texts/{language}.toml"])

    def tell(self, found: Difference) -> str:
        """One difference in one sentence."""
        kind = found.kind if found.kind != "dated" else "between" if found.until else "since"
        was, now = (self._value(value, found.unit or found.key) for value in (found.was, found.now))
        since, until = self._day(found.since), self._day(found.until)
        parts = {"file": found.file, "entry": found.entry, "key": found.key}
        return self._say[kind].format(**parts, was=was, now=now, since=since, until=until)

    def nothing(self) -> str:
        """What to say of two rulebooks that are the same."""
        return self._say["same"]

    def _day(self, day: datetime.date | None) -> str:
        return self._say["always"] if day in (None, datetime.date.min) else self._writer.date(str(day))

    def _value(self, value: Any, unit: str) -> str:
        if value is None or value == []:
            return self._say["nothing"]
        if isinstance(value, bool):
            return self._say["yes" if value else "no"]
        if isinstance(value, datetime.date):
            return self._day(value)
        if isinstance(value, Mapping):
            return self._condition(value) or self._named(value)
        if isinstance(value, list):
            return ", ".join(self._value(item, unit) for item in value)
        return self._number(value, unit)

    def _number(self, value: Any, unit: str) -> str:
        if isinstance(value, str):
            return f"« {value} »"
        if unit == "cents" or unit.endswith(CENTS):
            return self._writer.money(value)
        if unit == "share" or unit.endswith("_share"):
            return self._writer.figure(f"{value * 100:.6g} %")
        return f"{value} {unit}" if unit in ("months", "days", "hours", "minutes", "log-odds") else str(value)

    def _named(self, value: Mapping[str, Any]) -> str:
        return ", ".join(f"{name} {self._value(item, name)}" for name, item in value.items())

    def _condition(self, value: Mapping[str, Any]) -> str:
        if "any_of" in value:
            return "(" + " | ".join(self._condition(branch) for branch in value["any_of"]) + ")"
        if "fact" not in value:
            return ""
        tests = [f"{TESTS[test]} {self._value(value[test], '')}" for test in TESTS if test in value]
        return f"{value['fact']} {' '.join(tests)}"
