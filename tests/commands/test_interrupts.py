"""Ctrl-C that falls where Python drops exceptions."""

import subprocess
import sys

from tests.batch.world import ROOT

DROPPED = """
import contextlib, os, signal, sys, time, weakref
from commands.interrupts import every_interrupt_heeded

class Held: pass

def dropped(_):
    {dropped}

held = Held()
kept = weakref.ref(held, dropped)
try:
    with {heed}:
        del held
        time.sleep({seconds})
except KeyboardInterrupt:
    sys.exit(130)
"""
INTERRUPTED = "os.kill(os.getpid(), signal.SIGINT); time.sleep(30)"
HEED, HEED_NOT = "every_interrupt_heeded()", "contextlib.nullcontext()"


def run(heed: str, dropped: str, seconds: float) -> subprocess.CompletedProcess[str]:
    script = DROPPED.format(heed=heed, dropped=dropped, seconds=seconds)
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30)


def test_an_interrupt_in_a_callback_of_the_garbage_collector_is_heeded() -> None:
    heeded = run(HEED, INTERRUPTED, 20)
    assert (heeded.returncode, heeded.stderr) == (130, "")


def test_without_that_python_drops_it() -> None:
    dropped = run(HEED_NOT, INTERRUPTED, 0.2)
    assert dropped.returncode == 0
    assert "KeyboardInterrupt" in dropped.stderr


def test_what_else_is_dropped_is_told_as_ever() -> None:
    told = run(HEED, "int('none')", 0.2)
    assert told.returncode == 0
    assert "ValueError" in told.stderr
