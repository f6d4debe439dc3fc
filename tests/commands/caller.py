"""Somebody at the command line: what they call, what it says, and what faults it tells."""

import json
import os
from collections.abc import Mapping
from typing import Any

from click.testing import CliRunner, Result

from commands.main import counteroffer
from engine.errors import Faults

ANNE, BERT = "A. Martin", "B. Leroy"
WHY = "a test"


class Caller:
    """Calls verbs, with `before` in front of the arguments, under settings by their names without the prefix."""

    def __init__(self, settings: Mapping[str, object], before: tuple[str, ...] = ()) -> None:
        self._environment = {**os.environ, **{f"COUNTEROFFER_{name}": str(value) for name, value in settings.items()}}
        self._before = before

    def call(self, *arguments: str) -> Result:
        return CliRunner(env=self._environment).invoke(counteroffer, [*self._before, *arguments])

    def said(self, *arguments: str) -> Any:
        done = self.call(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def faults(self, *arguments: str) -> list[tuple[str, str]]:
        done = self.call(*arguments)
        assert isinstance(done.exception, Faults), done.output
        return [(fault.code, fault.where) for fault in done.exception.faults]
