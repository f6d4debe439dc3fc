"""A mapping: how the columns of an operator's file become facts, features and a label."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.errors import Fault, Faults
from engine.fields import CASE_FIELDS
from intake.calendar import first_days
from intake.contact_columns import ContactColumns, contact_columns
from intake.documents import Document, read_document
from intake.mapping_checks import check_meaning
from intake.shapes import check_shape, shown
from intake.sources import FactSource, source_of

UNKNOWN_WINDOW = -1
AS_OF = "@as_of"
LINE = "@line"
TRAINING_FACTS = ("contract_id", "customer_id", "objects_to_profiling")


@dataclass(frozen=True)
class Join:
    """Another table, one row a key: `on` in the main table, `key` in this one; `prefix` before its column names."""

    table: str
    on: str
    key: str
    prefix: str


@dataclass(frozen=True)
class Derived:
    """A column computed from others: sum, difference, ratio, remainder, months_between or lookup (with its values)."""

    operation: str
    inputs: tuple[str, ...]
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Assumption:
    """A fact the file does not hold: a value, or a share of price_cents; and why."""

    fact: str
    value: Any
    share_of_price: Decimal | None
    because: str

    def as_json(self) -> dict[str, Any]:
        """What is stored with the contract and carried by every answer."""
        assumed = self.value if self.share_of_price is None else f"{self.share_of_price} of price_cents"
        return {"about": self.fact, "assumed": assumed, "because": self.because}


@dataclass(frozen=True)
class Label:
    """Who left: texts of `left` (and of `stayed`; empty: any other text), within `window_months` (-1: not stated)."""

    column: str
    left: tuple[str, ...]
    stayed: tuple[str, ...]
    window_months: int
    date_column: str


@dataclass(frozen=True)
class Snapshots:
    """One row a contract and day with begin <= day < end; left when end <= day + horizon."""

    begin: str
    end: str
    dates: tuple[date, ...]
    horizon_months: int


@dataclass(frozen=True)
class Dialect:
    """How a file is written; an empty text means: recognise it and say so."""

    encoding: str = ""
    separator: str = ""
    quote: str = ""
    decimal: str = ""
    thousands: str = ""
    dates: str = ""


@dataclass(frozen=True)
class Mapping:
    """A checked mapping; `digest` is the SHA-256 of its `file`."""

    file: str
    name: str
    digest: str
    main: str
    joins: tuple[Join, ...]
    dialect: Dialect
    missing: dict[str, tuple[str, ...]]
    vat_percent: Decimal | None
    derived: dict[str, Derived]
    facts: dict[str, FactSource]
    assumptions: tuple[Assumption, ...]
    caveats: tuple[str, ...]
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    label: Label | None
    snapshots: Snapshots | None
    contacts: ContactColumns | None

    @property
    def window_months(self) -> int:
        """The window of the label in months; -1 where the source does not say."""
        if self.snapshots:
            return self.snapshots.horizon_months
        return self.label.window_months if self.label else UNKNOWN_WINDOW

    @property
    def carried(self) -> list[dict[str, Any]]:
        """Assumptions and caveats, JSON-ready: what every answer on these contracts carries."""
        caveats = [{"about": "file", "assumed": text, "because": ""} for text in self.caveats]
        return [assumption.as_json() for assumption in self.assumptions] + caveats

    def for_scoring(self) -> "Mapping":
        """The same mapping without its label and contacts: today's file does not know who leaves."""
        return replace(self, label=None, contacts=None)

    def for_contacts(self) -> "Mapping":
        """The same mapping with its contacts as the only end of the story."""
        return replace(self, label=None, snapshots=None)

    def for_training(self) -> "Mapping":
        """The same mapping with no other facts than who the customer is and whether they object to profiling."""
        facts = {name: source for name, source in self.facts.items() if name in TRAINING_FACTS}
        return replace(self, facts=facts, contacts=None)

    def raw_columns(self, names: Iterable[str]) -> set[str]:
        """The columns of the file behind the given names, derived ones resolved."""
        found: set[str] = set()
        for name in names:
            if name in self.derived:
                found |= self.raw_columns(self.derived[name].inputs)
            elif not name.startswith("@"):
                found.add(name)
        return found

    def used_columns(self) -> set[str]:
        """Every column of the file that the mapping reads, keys of joins left out."""
        names = [source.column for source in self.facts.values()] + [*self.numeric, *self.categorical]
        if self.label:
            names += [self.label.column, *filter(None, [self.label.date_column])]
        if self.snapshots:
            names += [self.snapshots.begin, self.snapshots.end]
        if self.contacts:
            names += self.contacts.columns
        return self.raw_columns(names)


def read_mapping(path: Path) -> Mapping:
    """Reads and checks a mapping. Raises Faults (every fault with file:line); OSError when the file cannot be read."""
    document = read_document(path)
    faults = check_shape(document, "mapping") or check_meaning(document)
    if faults:
        raise Faults(faults)
    mapping = _build(document)
    if faults := _unused(document, mapping):
        raise Faults(faults)
    return mapping


def _unused(document: Document, mapping: Mapping) -> list[Fault]:
    """Missing codes of columns that nothing reads: most likely a slip of the pen."""
    return [
        Fault(
            "unknown-name", document.where(("missing", name)), f"nothing reads the column {shown(name)}", "a used one"
        )
        for name in document.data.get("missing", {})
        if name != "*" and _composed(name) not in mapping.used_columns()
    ]


def _composed(value: Any) -> Any:
    """The same data in Unicode NFC, as the columns of files are compared."""
    if isinstance(value, dict):
        return {_composed(key): _composed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_composed(item) for item in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _build(document: Document) -> Mapping:
    data = _composed(document.data)
    tables, features = data.get("tables", {}), data.get("features", {})
    vat = data.get("money", {}).get("vat_percent")
    return Mapping(
        file=document.name,
        name=data["name"],
        digest=document.digest,
        main=tables.get("main", ""),
        joins=tuple(
            Join(item["table"], item["on"], item.get("key", item["on"]), item.get("prefix", ""))
            for item in tables.get("join", [])
        ),
        dialect=Dialect(**data.get("dialect", {})),
        missing={column: tuple(codes) for column, codes in data.get("missing", {}).items()},
        vat_percent=None if vat is None else Decimal(str(vat)),
        derived={name: _derived(entry) for name, entry in data.get("derived", {}).items()},
        facts=_facts(data["facts"]),
        assumptions=_assumptions(data),
        caveats=tuple(data.get("caveats", [])),
        numeric=tuple(features.get("numeric", [])),
        categorical=tuple(features.get("categorical", [])),
        label=_label(data.get("label")),
        snapshots=_snapshots(data.get("snapshots")),
        contacts=contact_columns(data["contacts"]) if "contacts" in data else None,
    )


def _derived(entry: dict[str, Any]) -> Derived:
    if "lookup" in entry:
        return Derived("lookup", (entry["lookup"],), {text: float(number) for text, number in entry["values"].items()})
    [(operation, inputs)] = entry.items()
    return Derived(operation, tuple(inputs))


def _facts(entries: dict[str, Any]) -> dict[str, FactSource]:
    order = [known.name for known in CASE_FIELDS]
    return {name: source_of(entries[name]) for name in sorted(entries, key=order.index)}


def _assumptions(data: dict[str, Any]) -> tuple[Assumption, ...]:
    found = []
    for fact, entry in data.get("assumptions", {}).items():
        share = entry.get("share_of_price")
        decimal_share = None if share is None else Decimal(str(share))
        found.append(Assumption(fact, entry.get("value"), decimal_share, entry["because"]))
    window = data["facts"].get("p_churn", {})
    if isinstance(window, dict) and isinstance(window.get("window_months"), int):
        months = window["window_months"]
        found.append(Assumption("p_churn_window_months", months, None, "the mapping states the window of p_churn"))
    return tuple(found)


def _label(entry: dict[str, Any] | None) -> Label | None:
    if entry is None:
        return None
    window = entry["window_months"]
    months = UNKNOWN_WINDOW if window == "unknown" else window
    return Label(entry["column"], tuple(entry["left"]), tuple(entry.get("stayed", [])), months, entry.get("date", ""))


def _snapshots(entry: dict[str, Any] | None) -> Snapshots | None:
    if entry is None:
        return None
    days = [date.fromisoformat(text) for text in entry.get("dates", [])]
    if "first" in entry:
        days = first_days(date.fromisoformat(entry["first"]), date.fromisoformat(entry["last"]))
    return Snapshots(entry["begin"], entry["end"], tuple(sorted(days)), entry["horizon_months"])
