"""The numbers and habits of the house, as CONTRIBUTING.md states them."""

import ast

import pytest

from tests.architecture.sources import ROOT, Function, decorators, modules, public

MOST_LINES = 300
MOST_ARGUMENTS = 5
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "base", "manager"}

every_module = pytest.mark.parametrize("path", list(modules()))


def functions(path: str) -> list[Function]:
    return [node for node in ast.walk(modules()[path]) if isinstance(node, Function)]


@every_module
def test_no_file_is_longer_than_three_hundred_lines(path: str) -> None:
    assert len((ROOT / path).read_text("utf-8").splitlines()) <= MOST_LINES


@every_module
def test_every_file_is_named_after_what_it_holds(path: str) -> None:
    assert not set(path.removesuffix(".py").split("/")) & NAMES_THAT_SAY_NOTHING


@every_module
def test_every_module_says_what_it_is_for(path: str) -> None:
    tree = modules()[path]
    assert ast.get_docstring(tree) or not tree.body


@every_module
def test_every_public_name_has_a_docstring(path: str) -> None:
    assert not [name for name, node in public(modules()[path]) if not ast.get_docstring(node)]


@every_module
def test_every_public_function_is_annotated(path: str) -> None:
    found = [(name, node) for name, node in public(modules()[path]) if isinstance(node, Function)]
    assert not [name for name, node in found if node.returns is None]
    arguments = [(name, one) for name, node in found for one in [*node.args.args, *node.args.kwonlyargs]]
    assert not [name for name, one in arguments if one.annotation is None and one.arg not in {"self", "cls"}]


@every_module
def test_no_function_takes_more_than_five_arguments(path: str) -> None:
    # a verb's options are its command line, one argument each
    plain = [node for node in functions(path) if "command" not in decorators(node)]
    taken = {node.name: [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs] for node in plain}
    assert not {
        name: len(arguments)
        for name, arguments in taken.items()
        if len([one for one in arguments if one.arg not in {"self", "cls"}]) > MOST_ARGUMENTS
    }


@every_module
def test_no_handler_catches_everything(path: str) -> None:
    handlers = [node for node in ast.walk(modules()[path]) if isinstance(node, ast.ExceptHandler)]
    caught = [ast.unparse(handler.type) if handler.type else "everything" for handler in handlers]
    assert not {"everything", "Exception", "BaseException"} & set(caught)
