"""What no model may learn from: features refused by their name, by what they are derived from, or by a mark (AIA-5)."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import Fault
from intake.documents import Document

FORBIDDEN = Path(__file__).with_name("forbidden_features.toml")
"""The list: data, with what each kind says, the rule behind it and its words in several languages."""

PROTECTING_FACTS = ("over_indebted", "protected_adult")
"""Facts that protect a customer; what they say is no feature, whatever its column is called."""

SMALL_WORDS = frozenset(("of", "the", "de", "du", "des", "la", "le", "les", "l", "d", "van", "het"))

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def check_forbidden(document: Document) -> Iterator[Fault]:
    """A fault for every feature of a mapping that says, or is derived from, what no model may learn from."""
    features, derived = document.data.get("features", {}), document.data.get("derived", {})
    marked = _marked(document)
    for kind in ("numeric", "categorical"):
        for index, name in enumerate(features.get(kind, [])):
            told = ((column, marked.get(column) or kind_of(column)) for column in _columns_behind(name, derived))
            if found := next((one for one in told if one[1]), None):
                yield _fault(document.where(("features", kind, index)), name, *found)


def _marked(document: Document) -> dict[str, str]:
    """The columns that a mapping itself says are sensitive, by a mark or by the fact they hold, and what they tell."""
    marked = dict.fromkeys(document.data.get("sensitive", []), "what the mapping marks as sensitive")
    for fact in PROTECTING_FACTS:
        entry = document.data.get("facts", {}).get(fact)
        if entry is not None:
            marked[entry if isinstance(entry, str) else entry["column"]] = f"the fact {fact} (AIA-5)"
    return marked


def _fault(where: str, name: str, column: str, why: str) -> Fault:
    told = f"{name} tells" if name == column else f"{name} is derived from {column}, which tells"
    fix = (
        f"drop it from [features]; a column that means something else needs a name that says so (see {FORBIDDEN.name})"
    )
    return Fault("forbidden-feature", where, f"{told} {why}", "features that nobody is put at a disadvantage by", fix)


def _columns_behind(name: str, derived: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A feature and every column that it is computed from, however far behind."""
    columns = [name]
    for column in columns:
        for value in derived.get(column, {}).values():
            used = [value] if isinstance(value, str) else value if isinstance(value, list) else []
            columns += [one for one in used if one not in columns]
    return columns


def kind_of(name: str) -> str:
    """What a column's name says that no model may learn from, and the rule; "" where it says nothing of the kind."""
    words = _words(name)
    for entry in _listed():
        if any(_says(words, _words(phrase), entry.get("unless", ())) for phrase in entry["words"]):
            return f"{entry['says']} ({entry['rule']})"
    return ""


def _says(words: list[str], phrase: list[str], unless: Collection[str]) -> bool:
    """Whether a phrase stands among some words with none of `unless` right before or behind it."""
    long = len(phrase)
    return any(
        words[at : at + long] == phrase
        and not {*words[max(at - 1, 0) : at], *words[at + long : at + long + 1]} & set(unless)
        for at in range(len(words) - long + 1)
    )


def _words(name: str) -> list[str]:
    """The words of a name, without capitals, accents and small words: `BirthDate` and `birth_date` are the same."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name)).encode("ascii", "ignore").decode()
    return [word for word in _BETWEEN_WORDS.split(plain.lower()) if word and word not in SMALL_WORDS]


@cache
def _listed() -> tuple[Mapping[str, Any], ...]:
    return tuple(tomllib.loads(FORBIDDEN.read_text(encoding="utf-8")).values())
