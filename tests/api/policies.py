"""The shipped rulebook with other numbers in policy.toml."""

import re

from engine.rulebook import Rulebook, parse_rulebook
from tests.api.world import ROOT, read_texts


def with_policy(**numbers: float) -> Rulebook:
    texts = read_texts(ROOT / "rulebook")
    for name, value in numbers.items():
        texts["policy.toml"], found = re.subn(
            rf"(?s)(\n\[{name}\]\n.*?value = )[^ }}]+", rf"\g<1>{value}", texts["policy.toml"], count=1
        )
        assert found == 1, name
    return parse_rulebook(texts)
