"""A group of verbs that imports only the one that is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from commands.interrupts import interrupts_held


class Verbs(click.Group):
    """A group over `verbs`: the name of each, where its command lies, and what it does."""

    def __init__(self, *arguments: Any, verbs: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which a newcomer meets them."""
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, imported now; None for a verb that does not exist."""
        if cmd_name not in self._verbs:
            return None
        module, attribute = self._verbs[cmd_name][0].split(":")
        with interrupts_held():
            command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a verb, written without importing any."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, summary) for verb, (_, summary) in self._verbs.items()])
