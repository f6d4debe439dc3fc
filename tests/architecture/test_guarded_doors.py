"""What only one file may do: load a model, write to the store."""

import ast
import re

import pytest

from tests.architecture.sources import calls, imports, modules

WRITES = {"insert", "update", "delete"}
WRITING_SQL = re.compile(
    r"^\s*(insert\s+into|update\s+\w+\s+set|delete\s+from|replace\s+into|(drop|alter)\s+(table|index))", re.I
)


@pytest.mark.parametrize("path", [path for path in modules() if path != "models/store.py"])
def test_only_the_store_of_models_unpickles(path: str) -> None:
    tree = modules()[path]
    assert not {name.split(".")[0] for name in imports(tree)} & {"pickle", "dill", "cloudpickle", "shelve", "marshal"}
    assert not {ast.unparse(call.func) for call in calls(tree)} & {"joblib.load", "np.load", "numpy.load"}
    assert "joblib.load" not in imports(tree)


@pytest.mark.parametrize("path", [path for path in modules() if path != "ledger/writer.py"])
def test_only_the_writer_writes_to_the_store(path: str) -> None:
    tree = modules()[path]
    imported = {name.split(".")[-1] for name in imports(tree) if name.startswith("sqlalchemy")}
    assert not imported & WRITES
    called = [call for call in calls(tree) if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES]
    assert not [ast.unparse(call) for call in called if _is_of_sqlalchemy(call)]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if WRITING_SQL.match(text)]


def _is_of_sqlalchemy(call: ast.Call) -> bool:
    """`table.insert()` takes nothing, `sqlalchemy.insert(table)` is named; lists and dicts are neither."""
    assert isinstance(call.func, ast.Attribute)
    return not (call.args or call.keywords) or ast.unparse(call.func.value) in {"sa", "sqlalchemy"}
