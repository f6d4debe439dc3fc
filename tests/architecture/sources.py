"""The product's own Python files, parsed once."""

import ast
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
REVISIONS = ROOT / "ledger" / "migrations" / "versions"
FOLDERS: list[str] = PYPROJECT["tool"]["importlinter"]["root_packages"]

PROPERTIES = {"property", "cached_property"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the product by its path from the root, without the revisions that a command writes."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if path.parent != REVISIONS)
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}


def imports(tree: ast.Module) -> set[str]:
    """Everything a module imports, as dotted names: `a.b` for `import a.b` and for `from a import b`."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def calls(tree: ast.Module) -> list[ast.Call]:
    """Every call in a module."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def public(tree: ast.Module) -> list[tuple[str, Function | ast.ClassDef]]:
    """Module-level functions and classes and the methods of the latter, without private names and properties."""
    found: list[tuple[str, Function | ast.ClassDef]] = []
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            found.append((node.name, node))
            if isinstance(node, ast.ClassDef):
                found += [(f"{node.name}.{method.name}", method) for method in node.body if _is_public_method(method)]
    return found


def _is_public_method(node: ast.stmt) -> bool:
    return isinstance(node, Function) and not node.name.startswith("_") and not PROPERTIES & decorators(node)


def decorators(node: Function | ast.ClassDef) -> set[str]:
    """The last name of every decorator: `command` for `@click.command()`."""
    plain = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in node.decorator_list]
    return {name.attr if isinstance(name, ast.Attribute) else ast.unparse(name) for name in plain}
