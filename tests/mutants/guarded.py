"""Which files are hunted through, with which tests, and how many of their mutants must be noticed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hunt:
    """Some files of the product, the tests that must notice, and the least share of mutants noticed.

    `remembered`: what they work out is kept from one question to the next, so that it is forgotten with each mutant.
    """

    files: tuple[str, ...]
    tests: tuple[str, ...]
    least_share: float = 1.0
    remembered: bool = True


_RULES = tuple(f"engine/rules/{name}.py" for name in ("__init__", "contact", "house", "ladder", "law", "service"))
_AMOUNTS = tuple(f"engine/{name}.py" for name in ("margin", "exits", "money", "twins"))
_THRESHOLDS = ("tests/law/test_thresholds.py", "tests/law/test_dated_thresholds.py")

_SAID_OF_THEM = tuple(
    f"tests/engine/test_{name}.py"
    for name in (
        "order_of_rules",
        "money_and_dates",
        "margin",
        "rules",
        "memory_rules",
        "law",
        "ladder",
        "calls",
        "rules_on_calls",
        "edges_of_rules",
        "edges_of_the_ladder",
        "edges_of_amounts",
        "edges_of_twins",
        "edges_of_calls",
        "check",
        "story",
    )
)

HUNTS: dict[str, Hunt] = {
    "rules": Hunt((*_RULES, "engine/calls.py"), (*_SAID_OF_THEM, *_THRESHOLDS), remembered=False),
    "amounts": Hunt((*_AMOUNTS, "engine/contact.py"), (*_SAID_OF_THEM, *_THRESHOLDS)),
    "recheck": Hunt(("api/guard.py",), ("tests/api/test_recheck.py",)),
    "accept": Hunt(
        files=("ledger/writer/acceptances.py",),
        tests=("tests/api/test_acceptances_on_record.py", "tests/api/test_confirm_and_withdraw.py"),
        least_share=0.9,
    ),
    "audit": Hunt(
        files=("ledger/audit.py", "ledger/anchors.py"),
        tests=("tests/ledger/test_flaws.py", "tests/ledger/test_audit.py", "tests/ledger/test_anchors.py"),
        least_share=0.9,
    ),
}
