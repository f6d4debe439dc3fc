"""Changes the product in the memory of a forked process and looks whether a test notices; no file is written."""

import builtins
import functools
import gc
import math
import os
import pickle
import re
import shutil
import signal
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from engine.rulebook import Rulebook
from tests.mutants.mutations import TOLD_TO, Mutant, telling

ROOT = Path(__file__).parents[2]
PATIENCE, SLOWER = 5.0, 10.0
"""A test that takes so many seconds of a processor, and so many times what it takes without a change, has noticed."""
IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 2**30
Function = tuple[str, str]
"""A file of the product and the name of a function in it."""


@dataclass(frozen=True)
class Calling:
    """The seconds of a processor that a test takes, and the functions that it calls."""

    seconds: float
    functions: set[Function]


Calls = dict[str, Calling]


def where_syncing_is_quick() -> Path | None:
    """The folder in memory for the stores of tests, whose time is mostly waiting for a disk; None where none has room.

    A store that finds no room would fail a test, and a mutant would count as noticed that nobody noticed.
    """
    return IN_MEMORY if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES else None


def forked(work: Callable[[], Any]) -> Any:
    """What `work` returns in a process of its own; None where that process ended before it was done."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _be_quiet()
            with os.fdopen(writes, "wb") as out:
                out.write(pickle.dumps(work()))
        finally:
            os._exit(0)  # whatever happened: this process is not the one that goes on
    os.close(writes)
    with os.fdopen(reads, "rb") as told:
        said = told.read()
    os.waitpid(child, 0)
    return pickle.loads(said) if said else None


def _be_quiet() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def run_tests(items: list[pytest.Item], calls: Calls | None = None) -> str:
    """The first test that fails, "" where all pass; where `calls` are told, the process ends in one that takes long."""
    for place, item in enumerate(items):
        following = items[place + 1] if place + 1 < len(items) else None
        if calls is not None:
            _end_after(PATIENCE + SLOWER * calls[item.nodeid].seconds)
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return item.nodeid
    return ""


def _end_after(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(math.ceil(20 * seconds))  # who waits for ever uses no processor


def who_calls(items: list[pytest.Item], files: Iterable[str]) -> Calls:
    """What each test takes and calls, by its name. Raises AssertionError where one fails."""
    found = forked(lambda: _told_by_functions(items, files))
    assert isinstance(found, dict), f"{found or 'a test'} fails without any change"
    return found


def _told_by_functions(items: list[pytest.Item], files: Iterable[str]) -> Calls | str:
    called, found = set[Function](), dict[str, Calling]()
    setattr(builtins, TOLD_TO, called.add)
    for file in files:
        change(file, telling((ROOT / file).read_text(), file), ())
    for item in items:
        called.clear()
        begun = time.process_time()
        if failed := run_tests([item]):
            return failed
        found[item.nodeid] = Calling(time.process_time() - begun, set(called))
    return found


def change(file: str, mutant: Mutant, beside: Iterable[str]) -> None:
    """Put a mutant in the place of the loaded module: its functions wherever they are held, and its plain values.

    What other files worked out from it when they were imported, those `beside` it that name it, is worked out again.
    """
    path = str(ROOT / file)
    code = compile(mutant.tree(), path, "exec")
    codes, found = {(each.co_qualname, each.co_firstlineno): each for each in _codes(code)}, False
    for function in functions_of(path):
        found = True
        new = codes.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
        if new is not None and len(new.co_freevars) == len(function.__code__.co_freevars):
            function.__code__ = new
    assert found, f"no function of {file} is where it can be changed: is the garbage collector frozen?"
    _replace_values(file, code)
    for other in beside:
        source = (ROOT / other).read_text()
        if other != file and _imports(source, file):
            _replace_values(other, compile(source, str(ROOT / other), "exec"))


@functools.cache
def functions_of(path: str) -> list[types.FunctionType]:
    """The functions of a file, wherever they are held; looked for once, before the processes in which they change."""
    functions = [each for each in gc.get_objects() if isinstance(each, types.FunctionType)]
    return [each for each in functions if each.__code__.co_filename == path]


@functools.cache
def what_remembers() -> list[Any]:
    """Functions and rulebooks that keep what they worked out; looked for once as well."""
    return [each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper | Rulebook)]


def _imports(source: str, file: str) -> bool:
    package, _, name = file.removesuffix(".py").replace("/", ".").rpartition(".")
    return re.search(rf"^from {package}(\.{name} import| import .*\b{name}\b)", source, re.MULTILINE) is not None


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _replace_values(file: str, code: types.CodeType) -> None:
    """Constants and tables of a module, in every module that holds them under whatever name; defaults of arguments."""
    name = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    old, new = sys.modules[name].__dict__, {"__name__": name, "__file__": str(ROOT / file)}
    exec(code, new)
    for key, value in new.items():
        before = old.get(key)
        _replace_defaults(before, value)
        if key.startswith("__") or isinstance(value, type | types.FunctionType | types.ModuleType):
            continue
        if repr(before) != repr(value):
            _rebind(key, before, value)


def _replace_defaults(before: Any, value: Any) -> None:
    if before is value:
        return
    if isinstance(before, type) and isinstance(value, type):
        for name, each in vars(value).items():
            _replace_defaults(vars(before).get(name), each)
    elif isinstance(before, types.FunctionType) and isinstance(value, types.FunctionType):
        now, then = ((each.__defaults__, each.__kwdefaults__) for each in (before, value))
        if repr(now) != repr(then):
            before.__defaults__, before.__kwdefaults__ = then


def _rebind(key: str, before: Any, value: Any) -> None:
    for module in [each for each in sys.modules.values() if str(getattr(each, "__file__", "")).startswith(str(ROOT))]:
        names = [name for name, held in vars(module).items() if held is before and (name == key or _is_one(before))]
        vars(module).update(dict.fromkeys(names, value))


def _is_one(value: Any) -> bool:
    """Whether Python holds a value once for each place that made it: not so small numbers and texts."""
    return not isinstance(value, str | float) and not (isinstance(value, int) and value <= 256)


def forget_what_was_worked_out() -> None:
    """Empty what functions and rulebooks remember, so that every change is met again."""
    for each in what_remembers():
        if isinstance(each, Rulebook):
            each._days.clear()
        else:
            each.cache_clear()
