"""`counteroffer rulebook`: the life of a rulebook, from a folder that somebody edits to the one in force and back."""

import click

from commands.verbs import Verbs

VERBS = {
    "check": ("commands.rulebook.check:check", "Say every fault of a rulebook folder, or that it has none."),
    "diff": ("commands.rulebook.diff:diff", "Say in sentences what one rulebook says that another does not."),
    "coverage": ("commands.rulebook.coverage:coverage", "Count which rule refuses what, and which never fires."),
    "try": ("commands.rulebook.trial:try_rulebook", "Take recorded decisions again under another rulebook."),
    "activate": ("commands.rulebook.activation:activate", "Put a folder in force, or propose it to a second person."),
    "approve": ("commands.rulebook.activation:approve", "Put in force, as the second person, what was proposed."),
    "rollback": ("commands.rulebook.activation:rollback", "Put the rulebook before back in force."),
    "list": ("commands.rulebook.activation:list_rulebooks", "Say what is, was and would be in force, and by whom."),
}
"""Verb: where its command lies, and what it does; a verb is imported when it is called."""


@click.group(cls=Verbs, verbs=VERBS, epilog="Example: counteroffer rulebook check")
def rulebook() -> None:
    """Check, compare, try, activate and roll back rulebooks (docs/rulebook.md)."""
