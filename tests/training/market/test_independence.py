"""The market shares nothing with what it is there to judge."""

import ast
from pathlib import Path

from training import market

FOLDER = Path(market.__file__).parent
JUDGED = {"engine", "models", "intake", "ledger", "api", "batch", "commands", "sklearn"}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_the_market_imports_nothing_of_the_product() -> None:
    names = {name for path in FOLDER.glob("*.py") for name in imported(path)}
    assert "training.market.truth" in names
    assert not {name for name in names if name.split(".")[0] in JUDGED}
    assert not {name for name in names if name.startswith("training") and not name.startswith("training.market")}
