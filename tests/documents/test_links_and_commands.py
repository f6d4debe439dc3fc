"""What the documents promise is there."""

import re
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from commands.main import VERBS, counteroffer

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]*)\)")
COMMAND = re.compile(r"\b(make|counteroffer) ([a-z][a-z-]+)\b")
VERB_OF_A_GROUP = re.compile(r"\bcounteroffer ([a-z][a-z-]+) ([a-z][a-z-]+)\b")
CODE = re.compile(r"```.*?```|`[^`\n]+`|^ {4}.+$", re.S | re.M)


def anchors(path: Path) -> set[str]:
    """The anchors that the headings of a document make."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in LINK.findall(document.read_text("utf-8")):
        name, _, anchor = link.partition("#")
        target = (document.parent / name) if name else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_named_in_a_document_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))
    known = {"make": targets, "counteroffer": set(VERBS)}
    code = "\n".join(CODE.findall(document.read_text("utf-8")))
    named = [(tool, word) for tool, word in COMMAND.findall(code)]
    assert not [f"{tool} {word}" for tool, word in named if word not in known[tool]]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_verb_of_a_group_named_in_a_document_exists(document: Path) -> None:
    code = "\n".join(CODE.findall(document.read_text("utf-8")))
    assert not [f"{group} {word}" for group, word in VERB_OF_A_GROUP.findall(code) if word not in verbs_of(group, word)]


def verbs_of(verb: str, word: str) -> list[str]:
    """The verbs of a group; of any other verb whatever word follows, which is an argument of it."""
    context = click.Context(counteroffer)
    command = counteroffer.get_command(context, verb)
    return command.list_commands(context) if isinstance(command, click.Group) else [word]


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make run" in readme
    assert "make test" in readme


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_shows_an_example(verb: str) -> None:
    done = CliRunner().invoke(counteroffer, [verb, "--help"], prog_name="counteroffer")
    assert done.exit_code == 0, done.output
    assert f"counteroffer {verb} " in done.output.split("Usage:", 1)[1].split("\n", 1)[1]


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_every_verb_says_what_it_does(verb: str) -> None:
    command = counteroffer.get_command(click.Context(counteroffer), verb)
    assert command is not None
    leaves = command.commands.values() if isinstance(command, click.Group) else [command]
    options = [option for leaf in leaves for option in leaf.params if isinstance(option, click.Option)]
    assert not [option.name for option in options if not option.help]


def test_make_help_lists_every_target_a_person_calls() -> None:
    phony = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M)[0].split()
    done = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert [line.split()[1] for line in done.stdout.splitlines()] == phony
