"""Who may import whom."""

import re
import subprocess
import sys

from tests.architecture.sources import FOLDERS, PYPROJECT, ROOT, imports, modules

READS_THE_CLOCK = re.compile(r"\b(date\.today|datetime\.now|datetime\.utcnow|np\.random|open)\(")


def test_the_contracts_of_the_import_order_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_folder_of_code_has_its_place_in_the_order() -> None:
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    layers = next(contract["layers"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"])
    placed = {folder.strip() for layer in layers for folder in layer.split("|")}
    assert on_disk == placed == set(FOLDERS)


def kernel() -> dict[str, set[str]]:
    return {path: imports(tree) for path, tree in modules().items() if path.startswith("engine/")}


def test_the_kernel_imports_numpy_and_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names | {"numpy", "engine"}
    assert not {
        path: names for path, names in kernel().items() if not {name.split(".")[0] for name in names} <= allowed
    }


def test_the_kernel_opens_no_file_reads_no_clock_and_draws_no_number() -> None:
    impure = {"io", "os", "pathlib", "time", "socket", "random", "secrets", "subprocess", "shutil", "tempfile"}
    for path, names in kernel().items():
        assert not {name.split(".")[0] for name in names} & impure, path
        assert not any(name.startswith("numpy.random") for name in names), path
        assert not READS_THE_CLOCK.search((ROOT / path).read_text("utf-8")), path


def test_the_file_door_runs_without_the_web_framework() -> None:
    doors = sorted({path.removesuffix(".py").replace("/", ".") for path in modules() if path.startswith("batch/")})
    code = f"import importlib, sys; [importlib.import_module(m) for m in {doors}]; print('flask' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"
