"""The table of docs/law.md: every rule of law, its source, the cases that hold it, and what is not verified."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.law import LAW_FILES

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/law.md"
MARK = "<!-- the table: written by `python -m tests.law.table` -->"
CASES = ROOT / "tests/cases"


def rules() -> dict[str, dict[str, Any]]:
    """Every rule of the shipped law files, by its id."""
    files = [tomllib.loads((ROOT / "rulebook" / name).read_text("utf-8")) for name in LAW_FILES]
    return {name: rule for file in files for name, rule in file.items()}


def duties() -> dict[str, dict[str, str]]:
    """What holds each duty and rate: a record, and the test that it is there."""
    return tomllib.loads((CASES / "law-duties.toml").read_text("utf-8"))


def cases_of(rule: str) -> list[dict[str, Any]]:
    """The titled cases of an offer, contact or fee rule; each says whether it allows."""
    return [case for case in _cases() if rule in case["of"]]


def _cases() -> Iterator[dict[str, Any]]:
    for name in ("law-offers.toml", "law-consent.toml", "law-calls.toml"):
        for case in tomllib.loads((CASES / name).read_text("utf-8"))["case"]:
            yield {"title": case["title"], "of": [case["rule"]], "allowed": case["allowed"]}
    for case in tomllib.loads((CASES / "law-leaving.toml").read_text("utf-8"))["case"]:
        named = case["title"].partition(":")[0]
        yield {"title": case["title"], "of": [named], "allowed": case.get("holds", named in case["rules"])}


def with_table(document: str) -> str:
    """The document with the table of today between its two marks."""
    above, _, below = document.split(MARK)
    return f"{above}{MARK}\n{_table()}\n{MARK}{below}"


def _table() -> str:
    rows = ["| rule | kind | says | source | status | held by |", "|---|---|---|---|---|---|"]
    rows += [_row(name, rule) for name, rule in rules().items()]
    return "\n".join(rows)


def _row(name: str, rule: dict[str, Any]) -> str:
    status = rule["status"] if rule["verified"] else f"{rule['status']}, **unverified**"
    says, source = (rule[key].replace("|", "/") for key in ("says", "source"))
    return f"| `{name}` | {rule['kind']} | {says} | {source} | {status} | {_held_by(name)} |"


def _held_by(name: str) -> str:
    if name in duties():
        held = duties()[name]
        return f"{held['record']} (`{held['test']}`)"
    found = cases_of(name)
    allowed = sum(case["allowed"] for case in found)
    return f"{allowed} allowed, {len(found) - allowed} refused"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text("utf-8")), encoding="utf-8")
