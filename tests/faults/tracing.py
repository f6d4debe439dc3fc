"""strace on a running process: kill it or let a system call fail at the k-th call, or write down what it does."""

import contextlib
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

PATIENCE_SECONDS = 20.0
POLITE_SECONDS = 0.2


class Trace:
    """What strace has written so far, once it is attached."""

    def __init__(self, output: Path) -> None:
        self.output = output

    def lines(self) -> list[str]:
        """One line a system call, with the thread that made it in front."""
        return self.output.read_text(errors="replace").splitlines()

    def injected(self) -> list[str]:
        """The calls at which something was injected."""
        killed = re.compile(r"\(INJECTED\)|\+\+\+ killed by SIGKILL|--- SIGKILL")
        return [line for line in self.lines() if killed.search(line)]


@contextlib.contextmanager
def attached(pids: Sequence[int], output: Path, *expressions: str) -> Iterator[Trace]:
    """Trace all threads of some processes while the block runs; `expressions` are strace's own (-e)."""
    chosen = [part for expression in expressions for part in ("-e", expression)]
    aimed = [part for pid in pids for part in ("-p", str(pid))]
    output.unlink(missing_ok=True)
    command = ["strace", "-f", "-qq", "-y", "-s", "12", "-e", "signal=none", "-o", str(output), *chosen, *aimed]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not all(_is_traced(pid, process.pid) for pid in pids):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < give_up, "strace did not attach"
            time.sleep(0.002)
        yield Trace(output)
    finally:
        _detach(process)


def _detach(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=POLITE_SECONDS)
    except subprocess.TimeoutExpired:
        # It may wait for ever for the last thread of a process that it has killed; the kernel lets go of the others.
        process.kill()
        process.communicate()


def _is_traced(pid: int, tracer: int) -> bool:
    try:
        states = [(task / "status").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return True  # it has ended, or a thread of it has
    return all(f"TracerPid:\t{tracer}\n" in state for state in states)
