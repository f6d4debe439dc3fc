"""`counteroffer rulebook diff`: what one rulebook says that another does not, in sentences."""

import json
import os
from dataclasses import asdict

import click

from api.settings import read_settings
from commands.rulebook.named import named_rulebook
from commands.rulebook.sentences import Teller
from engine.differences import differences
from engine.fields import LANGUAGES


@click.command(epilog="Example: counteroffer rulebook diff active rulebook --language fr")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--language", default="en", show_default=True, type=click.Choice(LANGUAGES), help="Of the sentences.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def diff(before: str, after: str, language: str, as_json: bool) -> None:
    """Say what is another in B than in A, a sentence each; each is a folder, a digest, or active: the one in force."""
    settings = read_settings(os.environ)
    was, now = named_rulebook(before, settings), named_rulebook(after, settings)
    found, teller = differences(was, now), Teller(language, now)
    sentences = [teller.tell(one) for one in found]
    if as_json:
        told = [{**asdict(one), "sentence": said} for one, said in zip(found, sentences, strict=True)]
        click.echo(json.dumps({"before": was.digest, "after": now.digest, "differences": told}, default=str))
        return
    for sentence in sentences or [teller.nothing()]:
        click.echo(sentence)
