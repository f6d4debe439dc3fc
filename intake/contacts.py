"""A history of contacts: whom chance drew into which group, with which terms, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.dates import add_months
from engine.errors import Fault, Faults
from engine.rulebook import Rulebook
from engine.tables import Cases, Column
from engine.terms import Terms
from intake.columns import Columns
from intake.contact_columns import CHOSEN, GROUPS, PROBABILITY, REACTIONS, ContactColumns, WordsOf
from intake.contact_terms import Offered, read_terms
from intake.csv_table import RawChunk
from intake.facts import FactReader, keep_good, read_facts
from intake.features import read_features
from intake.labelled import digest_of_files, no_rows
from intake.mapping import Mapping
from intake.quarantine import BadRow
from intake.reading import named, require_facts
from intake.repeats import Repeats
from intake.tables import JoinedTables

CONTROL, CALLED, OFFERED = range(len(GROUPS))
ACCEPTED, DECLINED, NOT_REACHED, NONE = range(len(REACTIONS))
LEAST_CHANCE = 1e-12


@dataclass(frozen=True)
class Contacts:
    """n contacts: who (`cases`, `features` by name, `customers`), when (`dates`, datetime64[D], or None), and what.

    `group`: CONTROL, CALLED or OFFERED. `probability`: the chance of group and terms together, in (0, 1]. `reaction`:
    ACCEPTED, DECLINED, NOT_REACHED or NONE. `left` within `window_months`. `terms` (1, n) of the catalogue in force:
    zeros, and -1 for no device, where nothing was offered; a device that the catalogue no longer knows is -1 too, but
    has its name in `devices` and its price in `device_price_cents` (1, n; 0: no device). `agents`, or None.
    `name` is that of the main file, `bad` are the rows left out, `notes` what was recognised and left out, `digest`
    the SHA-256 over all files.
    """

    name: str
    design: str
    window_months: int
    cases: Cases
    features: dict[str, Column]
    customers: Column
    agents: Column | None
    dates: Column | None
    group: NDArray[np.int64]
    probability: NDArray[np.float64]
    reaction: NDArray[np.int64]
    left: NDArray[np.bool_]
    terms: Terms
    device_price_cents: NDArray[np.int64]
    devices: Column
    bad: list[BadRow]
    notes: list[str]
    digest: str

    def __len__(self) -> int:
        return len(self.group)

    def take(self, rows: NDArray[np.int64]) -> "Contacts":
        """Some of the contacts."""
        return replace(
            self,
            cases=self.cases.take(rows),
            features={name: column[rows] for name, column in self.features.items()},
            customers=self.customers[rows],
            agents=None if self.agents is None else self.agents[rows],
            dates=None if self.dates is None else self.dates[rows],
            group=self.group[rows],
            probability=self.probability[rows],
            reaction=self.reaction[rows],
            left=self.left[rows],
            terms=Terms(*(column[:, rows] for column in vars(self.terms).values())),
            device_price_cents=self.device_price_cents[:, rows],
            devices=self.devices[rows],
        )


@dataclass(frozen=True)
class _Part:
    """The good rows of one chunk."""

    facts: dict[str, Column]
    features: dict[str, Column]
    columns: dict[str, Column]
    offered: Offered


def read_contacts(paths: Sequence[Path], mapping: Mapping, rulebook: Rulebook, as_of: date) -> Contacts:
    """Reads whole files, with the terms as the rulebook of `as_of` knows them.

    Raises Faults where the mapping has no contacts, where their design teaches nothing, or where no row is good.
    """
    contacts = _table(mapping)
    mapping = mapping.for_contacts()
    require_facts(mapping)
    tables = JoinedTables(paths, mapping)
    reader = _Reader(mapping, contacts, tables, rulebook, as_of)
    for raw in tables.chunks():
        reader.read(raw)
    if not reader.rows:
        raise Faults(no_rows(tables.main.path.name, reader.bad))
    columns = _joined([part.columns for part in reader.parts])
    return Contacts(
        name=tables.main.path.name,
        design=contacts.design,
        window_months=contacts.window_months,
        cases=Cases(_joined([part.facts for part in reader.parts])),
        features=_joined([part.features for part in reader.parts]),
        customers=columns["customers"],
        agents=columns.get("agents"),
        dates=columns["dates"] if contacts.date else None,
        group=columns["group"],
        probability=columns["probability"],
        reaction=columns["reaction"],
        left=columns["left"].astype(bool),
        terms=Terms(*(column[None] for column in _joined([part.offered.terms for part in reader.parts]).values())),
        device_price_cents=np.concatenate([part.offered.device_price_cents for part in reader.parts])[None],
        devices=np.concatenate([part.offered.devices for part in reader.parts]),
        bad=reader.bad,
        notes=[*tables.notes, *reader.notes()],
        digest=digest_of_files(paths),
    )


def _joined(parts: list[dict[str, Column]]) -> dict[str, Column]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _table(mapping: Mapping) -> ContactColumns:
    """The table [contacts]. Raises Faults where there is none, or where its design teaches nothing of offers."""
    contacts = mapping.contacts
    if contacts is None:
        what = "the mapping says nowhere what was offered"
        raise Faults([Fault("missing-key", f"{mapping.file}:1", what, "a table [contacts]")])
    if contacts.design == CHOSEN:
        what = "an agent or a rule chose who was offered what: who was offered more differs in what nobody wrote down"
        fix = "what offers do cannot be learned from it; have chance choose a part of the contacts, and log its chances"
        raise Faults([Fault("not-randomised", f"{mapping.file}:1", what, "contacts drawn by chance", fix)])
    return contacts


class _Reader:
    """Collects the good rows of chunk after chunk."""

    def __init__(
        self, mapping: Mapping, contacts: ContactColumns, tables: JoinedTables, rulebook: Rulebook, as_of: date
    ) -> None:
        self._mapping, self._contacts, self._tables, self._as_of = mapping, contacts, tables, as_of
        self._in_force = rulebook.as_of(as_of)
        self._repeats = Repeats()
        self._objectors = 0
        self.rows = 0
        self.bad: list[BadRow] = []
        self.parts: list[_Part] = []

    def notes(self) -> list[str]:
        """What was left out beside the bad rows."""
        return [f"{self._objectors} rows left out: the customer objects to profiling"] if self._objectors else []

    def read(self, raw: RawChunk) -> None:
        """Takes the good rows of one chunk."""
        columns, days = self._columns(raw)
        rejects = columns.rejects
        facts = read_facts(columns, raw.lines, self._mapping)
        features = read_features(columns, self._mapping)
        read = FactReader(columns, raw.lines, self._mapping)
        what = self._what(columns, read, days)
        offered = read_terms(columns, read, self._contacts.terms, what["group"] == OFFERED, self._in_force)
        customer = facts.get("customer_id", facts["contract_id"])
        what["customers"] = np.where(customer == "", facts["contract_id"], customer)
        key = pl.Series(facts["contract_id"], dtype=pl.String) + " " + days.cast(pl.String)
        self._repeats.reject(rejects, key, raw.lines)
        good = self._not_objecting(facts, rejects.good())
        self.parts.append(
            _Part(
                facts=dict(keep_good(facts, good).columns()),
                features=_kept(features, good),
                columns=_kept(what, good),
                offered=Offered(_kept(offered.terms, good), offered.device_price_cents[good], offered.devices[good]),
            )
        )
        self.rows += int(good.sum())
        bad = named(rejects.bad_rows(raw.lines), raw.lines, facts["contract_id"])
        self.bad += sorted([*raw.bad, *bad], key=lambda row: row.line)

    def _columns(self, raw: RawChunk) -> tuple[Columns, pl.Series]:
        """The columns as of the day of each contact, and that day."""
        today = pl.repeat(self._as_of, raw.frame.height, dtype=pl.Date, eager=True)
        name = self._contacts.date
        if not name:
            return Columns(raw.frame, today, self._mapping, self._tables.writings), today
        days = Columns(raw.frame, today, self._mapping, self._tables.writings).day(name).fill_null(self._as_of)
        columns = Columns(raw.frame, days, self._mapping, self._tables.writings)
        columns.rejects.reject(columns.raw(name).is_null(), name, "is missing")
        ends = add_months(days.to_numpy().astype("datetime64[D]"), self._contacts.window_months)
        what = f"is a day whose window of {self._contacts.window_months} months ends after {self._as_of}"
        early = columns.day(name).is_not_null() & pl.Series(ends > np.datetime64(self._as_of))
        columns.rejects.reject(early, name, what, columns.raw(name))
        return columns, days

    def _not_objecting(self, facts: dict[str, Column], good: NDArray[np.bool_]) -> NDArray[np.bool_]:
        if "objects_to_profiling" not in facts:
            return good
        objects = facts["objects_to_profiling"]
        self._objectors += int((good & objects).sum())
        return good & ~objects

    def _what(self, columns: Columns, read: FactReader, days: pl.Series) -> dict[str, Column]:
        """Group, probability, reaction, end and day of every row, checked against one another."""
        contacts, rejects = self._contacts, columns.rejects
        group = self._words(columns, contacts.group, "is no group", None)
        reaction = self._words(columns, contacts.reaction, "is no reaction", NONE if contacts.other_reactions else None)
        left = self._words(columns, contacts.left, "does not say who left", 0 if contacts.others_stayed else None)
        for name in (contacts.group.column, contacts.left.column):
            rejects.reject(columns.text(name).is_null(), name, "is missing")
        answered = (reaction == ACCEPTED) | (reaction == DECLINED)
        texts = columns.text(contacts.reaction.column)
        rejects.reject(
            pl.Series(answered & (group != OFFERED)), contacts.reaction.column, "where nothing was offered", texts
        )
        rejects.reject(
            pl.Series((reaction == NOT_REACHED) & (group == CONTROL)), contacts.reaction.column,
            "of somebody who was not contacted", texts,
        )  # fmt: skip
        chances = read.fact(PROBABILITY, contacts.probability)
        rejects.reject(read.shown(contacts.probability).is_null(), contacts.probability.column, "is missing")
        never = pl.Series((chances >= 0) & (chances < LEAST_CHANCE))
        rejects.reject(never, contacts.probability.column, f"is below {LEAST_CHANCE}, and chance drew every row")
        what = {"group": group, "reaction": reaction, "left": left, "probability": chances}
        if contacts.agent:
            what["agents"] = columns.text(contacts.agent).fill_null("").to_numpy().astype(object)
        return what | {"dates": days.to_numpy().astype("datetime64[D]")}

    def _words(self, columns: Columns, words: WordsOf, what: str, others: int | None) -> NDArray[np.int64]:
        """What the word of each row means; blank cells, and where `others` has a meaning all other words, mean that."""
        texts = columns.text(words.column)
        found = texts.replace_strict(
            list(words.meaning), list(words.meaning.values()), default=-1, return_dtype=pl.Int64
        )
        if others is None:
            columns.rejects.reject(texts.is_not_null() & (found == -1), words.column, what, texts)
        fallback = NONE if words is self._contacts.reaction else 0 if others is None else others
        return found.set(found.fill_null(-1) == -1, fallback).to_numpy().astype(np.int64)


def _kept(columns: dict[str, Column], good: NDArray[np.bool_]) -> dict[str, Column]:
    return {name: column[good] for name, column in columns.items()}
