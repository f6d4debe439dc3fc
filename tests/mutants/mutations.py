"""Every small change of a file that a test should notice: one comparison, number, operator or name at a time."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATIONS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_NAMES = {
    "minimum": "maximum",
    "maximum": "minimum",
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "logical_and": "logical_or",
    "logical_or": "logical_and",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
}
TOLD_TO = "__called__"
_OF_NO_WEIGHT = {"strict", "dtype", None}
"""Arguments that check or store, and change no result; and what is passed on whole."""


@dataclass(frozen=True)
class Mutant:
    """One changed file: in which function, what stood there and what stands there now; `number` where that recurs."""

    function: str
    was: str
    becomes: str
    number: int
    file: ast.Module
    node: ast.AST
    changed: ast.AST

    def tree(self) -> ast.Module:
        """The changed file; what is new stands on the line of what it replaces."""
        ast.copy_location(self.changed, self.node)
        replacing = _Replacing(self.node.place, self.changed)  # type: ignore[attr-defined]
        found: ast.Module = ast.fix_missing_locations(replacing.visit(copy.deepcopy(self.file)))
        return found

    @property
    def name(self) -> str:
        """What tells it from every other mutant of its file, wherever its line moves."""
        return f"{self.function}: {self.was} -> {self.becomes}" + (f" ({self.number})" if self.number > 1 else "")


def unchanged(source: str) -> Mutant:
    """A file in which nothing is changed: what notices it notices the hunt."""
    tree = ast.parse(source)
    tree.place = 0  # type: ignore[attr-defined]
    return Mutant("", "", "", 1, tree, tree, tree)


def telling(source: str, file: str) -> Mutant:
    """A file in which every function says that it is called, to what is built in under the name TOLD_TO."""
    tree = ast.parse(source)
    tree.place = 0  # type: ignore[attr-defined]
    return Mutant("", "", "", 1, tree, tree, _Telling(file).visit(copy.deepcopy(tree)))


def mutants_of(source: str) -> Iterator[Mutant]:
    """The mutants of a file, in the order of its text."""
    tree, seen = ast.parse(source), Counter[tuple[str, str, str]]()
    for place, node in enumerate(ast.walk(tree)):
        node.place = place  # type: ignore[attr-defined]
    for function, node in _code(tree, ""):
        for changed in _changes(node):
            told = (function, _shown(node), _shown(changed))
            seen[told] += 1
            yield Mutant(*told, seen[told], tree, node, changed)


def _code(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node that runs, with the function it stands in: no annotation, no decorator, no docstring, no import."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr) or _is_docstring(node):
        return
    yield function, node
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        inside = f"{function}.{node.name}".lstrip(".")
        arguments = [node.args] if isinstance(node, ast.FunctionDef) else []
        for child in (*arguments, *node.body):
            yield from _code(child, inside)
        return
    for name, child in ast.iter_fields(node):
        if name not in ("annotation", "ctx") and getattr(node, "arg", None) not in _OF_NO_WEIGHT - {None}:
            for each in child if isinstance(child, list) else [child]:
                if isinstance(each, ast.AST):
                    yield from _code(each, function)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                operators = [*node.ops]
                operators[place] = _COMPARISONS[type(operator)]()
                yield ast.Compare(node.left, operators, node.comparators)
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign():
            if other := _OPERATIONS.get(type(node.op)):
                yield _with(node, op=other())
        case ast.UnaryOp():
            yield node.operand
        case ast.Constant():
            yield from _constants(node)
        case ast.Name(id=name) if name in _NAMES:
            yield _with(node, id=_NAMES[name])
        case ast.Attribute(attr=name) if name in _NAMES:
            yield _with(node, attr=_NAMES[name])
        case ast.If() | ast.IfExp() | ast.While():
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension():
            for place, condition in enumerate(node.ifs):
                conditions: list[ast.expr] = [*node.ifs]
                conditions[place] = ast.UnaryOp(ast.Not(), condition)
                yield _with(node, ifs=conditions)
        case ast.Call() if not _makes(node.func):
            for place, keyword in enumerate(node.keywords):
                if keyword.arg not in _OF_NO_WEIGHT:
                    yield _with(node, keywords=node.keywords[:place] + node.keywords[place + 1 :])
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case ast.Return(value=ast.expr()):
            if not isinstance(node.value, ast.Constant):
                both = ast.Tuple([node.value, ast.Constant(None)], ast.Load())  # what is closed over stays so
                yield ast.Return(ast.Subscript(both, ast.Constant(1), ast.Load()))


def _makes(called: ast.expr) -> bool:
    """Whether a call makes an object of a class: one with a field less is no object at all."""
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name[:1].isupper()


def _constants(node: ast.Constant) -> Iterator[ast.Constant]:
    match node.value:
        case bool():
            yield ast.Constant(not node.value)
        case int() | float():
            yield ast.Constant(node.value + 1)
        case str():
            yield ast.Constant(f"{node.value}?")


def _with(node: ast.AST, **changed: object) -> ast.AST:
    fields = {name: getattr(node, name) for name in node._fields if hasattr(node, name)}
    return type(node)(**{**fields, **changed})


def _shown(node: ast.AST) -> str:
    whole = ast.unparse(ast.fix_missing_locations(copy.copy(node)))
    return " ".join(whole.split(":\n")[0].split())


class _Replacing(ast.NodeTransformer):
    def __init__(self, place: int, changed: ast.AST) -> None:
        self.place, self.changed = place, changed

    def visit(self, node: ast.AST) -> ast.AST:
        if getattr(node, "place", None) == self.place:
            return self.changed
        self.generic_visit(node)
        return node


class _Telling(ast.NodeTransformer):
    def __init__(self, file: str) -> None:
        self.file, self.within = file, ""

    def _enter(self, node: ast.AST) -> ast.AST:
        around, self.within = self.within, f"{self.within}.{node.name}".lstrip(".")  # type: ignore[attr-defined]
        self.generic_visit(node)
        if isinstance(node, ast.FunctionDef):
            says = ast.parse(f"{TOLD_TO}(({self.file!r}, {self.within!r}))").body
            node.body[:0] = [ast.copy_location(each, node) for each in says]
        self.within = around
        return node

    visit_FunctionDef = visit_ClassDef = _enter
