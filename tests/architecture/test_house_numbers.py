"""The numbers and habits of the house, as CONTRIBUTING.md states them; every offender is named."""

import ast

from tests.architecture.sources import ROOT, Function, decorators, modules, public

MOST_LINES = 300
MOST_ARGUMENTS = 5
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "base", "manager"}
CATCH_ALL = {"everything", "Exception", "BaseException"}


def functions() -> list[tuple[str, Function]]:
    every = [(path, node) for path, tree in modules().items() for node in ast.walk(tree)]
    return [(f"{path}:{node.lineno}", node) for path, node in every if isinstance(node, Function)]


def public_names() -> list[tuple[str, Function | ast.ClassDef]]:
    return [(f"{path}: {name}", node) for path, tree in modules().items() for name, node in public(tree)]


def arguments(function: Function) -> list[ast.arg]:
    taken = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [one for one in taken if one.arg not in {"self", "cls"}]


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in modules()}
    assert not {path: length for path, length in lengths.items() if length > MOST_LINES}


def test_every_file_is_named_after_what_it_holds() -> None:
    assert not [path for path in modules() if set(path.removesuffix(".py").split("/")) & NAMES_THAT_SAY_NOTHING]


def test_every_module_says_what_it_is_for() -> None:
    assert not [path for path, tree in modules().items() if tree.body and not ast.get_docstring(tree)]


def test_every_public_name_has_a_docstring() -> None:
    assert not [name for name, node in public_names() if not ast.get_docstring(node)]


def test_every_public_function_is_annotated() -> None:
    found = [(name, node) for name, node in public_names() if isinstance(node, Function)]
    assert not [name for name, node in found if node.returns is None]
    assert not [name for name, node in found if any(one.annotation is None for one in arguments(node))]


def test_no_function_takes_more_than_five_arguments() -> None:
    # a verb's options are its command line, one argument each
    plain = [(where, node) for where, node in functions() if "command" not in decorators(node)]
    assert not {where: node.name for where, node in plain if len(arguments(node)) > MOST_ARGUMENTS}


def test_no_handler_catches_everything() -> None:
    handlers = [
        (path, n) for path, tree in modules().items() for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler)
    ]
    caught = [(path, ast.unparse(handler.type) if handler.type else "everything") for path, handler in handlers]
    assert not [found for found in caught if found[1] in CATCH_ALL]
