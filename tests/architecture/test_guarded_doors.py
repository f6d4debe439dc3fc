"""What only one file may do: load a model, write to the store."""

import ast
import re

from tests.architecture.sources import calls, imports, modules

UNPICKLERS = {"pickle", "dill", "cloudpickle", "shelve", "marshal"}
WRITES = {"insert", "update", "delete"}
WRITING_SQL = re.compile(
    r"^\s*(insert\s+into|update\s+\w+\s+set|delete\s+from|replace\s+into|(drop|alter)\s+(table|index))", re.I
)


def everywhere_but(start: str) -> list[tuple[str, ast.Module]]:
    """Every module but the one at a path, or those of a folder."""
    assert any(path.startswith(start) for path in modules())
    return [(path, tree) for path, tree in modules().items() if not path.startswith(start)]


SETS_STATISTICS = {"ledger/postgresql.py": "ALTER TABLE "}
"""What the planner may sample of a column; no row is written."""


def test_only_the_store_of_models_unpickles() -> None:
    for path, tree in everywhere_but("models/store.py"):
        assert not {name.split(".")[0] for name in imports(tree)} & UNPICKLERS, path
        assert not {ast.unparse(call.func) for call in calls(tree)} & {"joblib.load", "np.load", "numpy.load"}, path
        assert "joblib.load" not in imports(tree), path


def test_only_the_writer_writes_to_the_store() -> None:
    for path, tree in everywhere_but("ledger/writer/"):
        imported = {name.split(".")[-1] for name in imports(tree) if name.startswith("sqlalchemy")}
        assert not imported & WRITES, path
        assert not [ast.unparse(call) for call in calls(tree) if _writes(call)], path
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        written = {node.value for node in nodes if WRITING_SQL.match(str(node.value))}
        assert written <= {SETS_STATISTICS.get(path)}, path


def _writes(call: ast.Call) -> bool:
    """`table.insert()` takes nothing, `sqlalchemy.insert(table)` is named; lists and dicts are neither."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
        return False
    return not (call.args or call.keywords) or ast.unparse(call.func.value) in {"sa", "sqlalchemy"}
