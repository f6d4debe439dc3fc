"""Who may import whom."""

import subprocess
import sys

import pytest

from tests.architecture.sources import FOLDERS, PYPROJECT, ROOT, imports, modules


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


@pytest.mark.parametrize("path", [path for path in modules() if path.startswith("engine/")])
def test_the_kernel_imports_numpy_and_the_standard_library_only(path: str) -> None:
    roots = {name.split(".")[0] for name in imports(modules()[path])}
    assert roots <= sys.stdlib_module_names | {"numpy", "engine"}


@pytest.mark.parametrize("path", [path for path in modules() if path.startswith("engine/")])
def test_the_kernel_opens_no_file_reads_no_clock_and_draws_no_number(path: str) -> None:
    impure = {"io", "os", "pathlib", "time", "socket", "random", "secrets", "subprocess", "shutil", "tempfile"}
    names = imports(modules()[path])
    assert not {name.split(".")[0] for name in names} & impure
    assert not any(name.startswith("numpy.random") for name in names)


def test_the_file_door_runs_without_the_web_framework() -> None:
    doors = sorted({path.removesuffix(".py").replace("/", ".") for path in modules() if path.startswith("batch/")})
    code = f"import importlib, sys; [importlib.import_module(m) for m in {doors}]; print('flask' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"
