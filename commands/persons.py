"""Who does something and why, as the command line is told it, and whether two of them are one."""

import unicodedata

import click

from engine.errors import Fault, Faults

MOST_LETTERS = {"--by": 64, "--note": 500}
BY = click.option("--by", required=True, metavar="NAME", help="Who does it; stands in the journal.")
NOTE = click.option("--note", required=True, metavar="TEXT", help="Why; stands in the journal. No customer's name.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def one_line(option: str, text: str) -> str:
    """What somebody wrote, in one line. Raises Faults for nothing, too much, and signs that no line holds."""
    line, most = " ".join(text.split()), MOST_LETTERS[option]
    if not any(sign.isalnum() for sign in line) or not line.isprintable() or len(line) > most:
        raise Faults([Fault("usage", option, "not a line that can be kept", f"1 to {most} printable letters")])
    return line


def same_person(one: str, other: str) -> bool:
    """Whether two names, however written, are one."""
    first, second = (" ".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in (one, other))
    return first == second
