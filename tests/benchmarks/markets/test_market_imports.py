"""The markets know nothing of the product's models: only its catalogue, its hard limits and its files."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
TRUTH = sorted(path for path in (ROOT / "benchmarks" / "markets").glob("*.py") if path.stem != "__main__")
READ_OF_THE_ENGINE = {"decide", "rulebook", "rules", "tables", "terms"}


def modules_read(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return found | {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}


def test_no_market_imports_a_model_or_a_training() -> None:
    assert len(TRUTH) >= 8
    for path in TRUTH:
        roots = {name.split(".")[0] for name in modules_read(path)}
        assert not roots & {"models", "training", "ledger", "api", "batch", "commands", "sklearn", "scipy"}, path


def test_of_the_engine_the_markets_read_the_catalogue_and_the_limits_only() -> None:
    for path in TRUTH:
        read = {name.split(".")[1] for name in modules_read(path) if name.startswith("engine.")}
        assert read <= READ_OF_THE_ENGINE, path


def test_reading_the_markets_loads_no_model() -> None:
    code = (
        "import sys, benchmarks.markets, benchmarks.markets.files;"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('models', 'training', 'sklearn')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
