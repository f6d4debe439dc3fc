"""A customer's own record, in plain words: what is on file, decided, said, accepted and promised on one contract.

Nothing of the house stands in it: no cost, no margin, no limit, and of the people who work for us their roles only.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from api.sentences import Teller
from api.timeline import LEFT_OUT, tell_events
from engine.explanation.write import BECAUSE
from engine.fields import CONTACT, FACTS, REACH, WANTS, Field
from engine.tables import MICRO, TASTES
from engine.texts import Writer
from ledger.heard import heard_since
from ledger.history import acceptances_of
from ledger.own_record import all_events_of, decisions_of, promises_of

OF_THE_HOUSE = ("cost_to_serve_cents",)
"""What stands on the file of a contract and says nothing of the customer."""

OF_THE_CUSTOMER = ("model", "stored")
"""Where a chance of leaving comes from that is an estimate of this very customer; others are assumed of anybody."""

PERSONAL = tuple(field for field in (*FACTS, *REACH, *WANTS, *CONTACT) if field.name not in OF_THE_HOUSE)


def own_record(connection: Connection, contract: Row[Any], writer: Writer, teller: Teller) -> dict[str, Any]:
    """All that is kept of one contract, JSON-ready, with sentences in the language of the writer.

    `contract`: as `ledger.cases.find_on_file` finds it.
    """
    subject_id, facts = contract.subject_id, orjson.loads(contract.facts)
    heard = heard_since(contract, facts)
    wants = {} if contract.wants is None else orjson.loads(contract.wants) or {}
    events = list(all_events_of(connection, subject_id, LEFT_OUT))[::-1]
    return {
        "contract_id": contract.contract_id,
        "language": writer.language,
        "as_of": contract.as_of,
        "on_file": _told(facts, writer),
        "heard_since": _told({**heard, **wants}, writer),
        "assumed": [one for one in orjson.loads(contract.assumptions) if one["about"] not in OF_THE_HOUSE],
        "read_for_an_estimate": orjson.loads(contract.features),
        "decisions": [_decision(row, writer) for row in decisions_of(connection, subject_id)],
        "happened": [_happened(one, writer) for one in tell_events(connection, subject_id, events, teller)],
        "accepted": [_accepted(row, writer) for row in acceptances_of(connection, subject_id)],
        "promised": [_promised(row, writer) for row in promises_of(connection, subject_id)],
    }


def _told(facts: Mapping[str, Any], writer: Writer) -> list[dict[str, Any]]:
    return [
        {"fact": field.name, "says": writer.phrases["fact"][field.name], "value": facts[field.name]}
        for field in PERSONAL
        if field.name in facts and _is_known(field, facts[field.name])
    ]


def _is_known(field: Field, value: Any) -> bool:
    return value not in (None, "", []) and not (field.kind == "whole" and value == -1 == field.default)


def _decision(row: Row[Any], writer: Writer) -> dict[str, Any]:
    """What was decided, and why; the bodies of old decisions are deleted, then only that there was one."""
    told = {"decision_id": row.decision_id, "decided_at": row.decided_at, "role": row.role, "kept": bool(row.answer)}
    if not told["kept"]:
        return told
    answer, record = orjson.loads(bytes(row.answer)), orjson.loads(bytes(row.record))
    language, estimated = writer.language, answer["p_churn"] is not None
    refused = dict.fromkeys(BECAUSE.get(one["rules"][0], "terms") for one in answer["why_not"])
    tastes = dict(zip(TASTES, record["scores"]["tastes_micro"], strict=True))
    return {
        **told,
        "channel": record["case"]["channel"],
        "stance": answer["stance"],
        "sentence": answer["sentences"]["customer"][language],
        "p_churn": answer["p_churn"],
        "p_churn_window_months": answer["p_churn_window_months"],
        "p_churn_source": answer["p_churn_source"],
        "p_churn_reasons": answer["p_churn_reasons"],
        "tastes": {name: micro / MICRO for name, micro in tastes.items()} if estimated else None,
        "offers": [_offer(one, language) for one in (*answer["offers"], *answer["entitlements"])],
        "best_tariff": answer["best_tariff"]["sentences"]["customer"][language],
        "not_offered_because": [writer.phrases["explanation"][f"because_{because}"] for because in refused],
        "versions": answer["versions"],
    }


def _offer(offer: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {"offer_id": offer["offer_id"], "sentence": offer["sentences"]["customer"][language]}


def _happened(entry: Mapping[str, Any], writer: Writer) -> dict[str, Any]:
    names = ("at", "kind", "role", "channel")
    return {**{name: entry[name] for name in names}, "sentence": entry["sentences"][writer.language]}


def _accepted(row: Row[Any], writer: Writer) -> dict[str, Any]:
    names = ("accepted_at", "state", "confirm_by", "withdraw_until")
    return {**{name: getattr(row, name) for name in names}, **_offer(orjson.loads(row.terms), writer.language)}


def _promised(row: Row[Any], writer: Writer) -> dict[str, Any]:
    names = ("made_at", "kind", "due_on", "state", "settled_on")
    told = {name: getattr(row, name) for name in names}
    return {**told, "says": writer.phrases["promise"].get(row.kind, row.kind)}


def in_plain_words(record: Mapping[str, Any], writer: Writer) -> str:
    """The same as a text to read."""
    return "\n".join(_lines(record, writer)) + "\n"


def _lines(record: Mapping[str, Any], writer: Writer) -> Iterator[str]:
    say, facts = writer.phrases["own_record"], writer.phrases["fact"]
    yield say["title"].format(contract=record["contract_id"], date=writer.date(record["exported_on"]))
    sections: dict[str, Sequence[str]] = {
        "on_file": [_fact_line(one, writer) for one in record["on_file"]],
        "heard_since": [_fact_line(one, writer) for one in record["heard_since"]],
        "assumed": [f"{facts.get(one['about'], one['about'])}: {one['assumed']}" for one in record["assumed"]],
        "read_for_an_estimate": _feature_lines(record["read_for_an_estimate"], writer),
        "decisions": [line for one in record["decisions"] for line in _decision_lines(one, writer)],
        "happened": [f"{_day(one['at'], writer)}: {one['sentence']}" for one in record["happened"]],
        "accepted": [f"{_day(one['accepted_at'], writer)}: {one['sentence']}" for one in record["accepted"]],
        "promised": [
            say["promised_line"].format(
                what=one["says"], date=writer.date(one["due_on"]), state=say[f"is_{one['state']}"]
            )
            for one in record["promised"]
        ],
    }
    for name, lines in sections.items():
        yield ""
        yield say[name]
        yield from (line if line.startswith(" ") else f"- {line}" for line in lines or [say["nothing"]])
    yield ""
    yield say["rights"]


def _decision_lines(told: Mapping[str, Any], writer: Writer) -> Iterator[str]:
    say, on = writer.phrases["own_record"], _day(told["decided_at"], writer)
    if not told["kept"]:
        yield f"{on}: {say['gone']}"
        return
    yield f"{on}, {writer.phrases['channel'][told['channel']]}: {told['sentence']}"
    if told["p_churn_source"] in OF_THE_CUSTOMER:
        chance = writer.figure(f"{told['p_churn']:.1%}")
        yield "  " + say["estimate"].format(chance=chance)
    yield from (f"  {offer['sentence']}" for offer in told["offers"])
    yield f"  {told['best_tariff']}"
    if told["not_offered_because"]:
        yield "  " + say["not_offered"].format(because="; ".join(told["not_offered_because"]))


def _fact_line(told: Mapping[str, Any], writer: Writer) -> str:
    return f"{told['says']}: {_value(told, writer)}"


def _feature_lines(features: Mapping[str, Any], writer: Writer) -> list[str]:
    """What is known of the features, by the names of the operator's file."""
    known = {name: value for name, value in features.items() if value not in (None, "")}
    plain = {name: value if isinstance(value, str) else writer.figure(f"{value:.12g}") for name, value in known.items()}
    return [f"{name}: {value}" for name, value in plain.items()]


def _value(told: Mapping[str, Any], writer: Writer) -> str:
    name, value = told["fact"], told["value"]
    if isinstance(value, bool):
        return str(writer.phrases["change"]["yes" if value else "no"])
    if isinstance(value, list):
        return ", ".join(value)
    if name.endswith("_cents"):
        return writer.money(value)
    if name in ("channel", "reason_for_contact", "language"):
        return str(writer.phrases.get(name, {}).get(value, value))  # a stored rulebook may be older than these words
    return writer.date(value) if name in _DAYS else str(value)


_DAYS = frozenset(field.name for field in PERSONAL if field.kind == "date")


def _day(moment: str, writer: Writer) -> str:
    return writer.date(datetime.datetime.fromisoformat(moment).date().isoformat())
