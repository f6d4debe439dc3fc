"""Ctrl-C when Python cannot take it: while a library is imported, a process starts, garbage is collected."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SOON_SECONDS = 0.05


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Keep a Ctrl-C until the block ends; a process started inside keeps its own until it has left such a block."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def every_interrupt_heeded() -> Iterator[None]:
    """Inside the block a Ctrl-C that Python drops, as it does in a callback of its garbage collector, comes again."""
    as_before = sys.unraisablehook

    def come_again(dropped: "sys.UnraisableHookArgs") -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            as_before(dropped)
            return
        again = threading.Timer(SOON_SECONDS, os.kill, (os.getpid(), signal.SIGINT))
        again.daemon = True
        again.start()

    sys.unraisablehook = come_again
    try:
        yield
    finally:
        sys.unraisablehook = as_before
