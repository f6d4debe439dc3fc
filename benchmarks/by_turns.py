"""The phases of one request in two checkouts, by turns on one core: what a change costs or saves.

A machine that others use is slower from one minute to the next by more than most changes; by turns both meet the same.

    python -m benchmarks.by_turns CHECKOUT    # beside this one: another, such as a clone of an earlier commit
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from benchmarks.home import Home, on_file, prepare_home, set_the_stage
from benchmarks.phases import COMPUTE, OneProcess
from benchmarks.questions import bodies

HERE = Path(__file__).resolve()
QUESTIONS, TURNS, WARMING, A_TURN = 400, 100, 10, 4
Micros = dict[str, float]


@dataclass(frozen=True)
class Side:
    """One checkout in a process of its own, which imports everything from there."""

    name: str
    process: "subprocess.Popen[bytes]"

    def turn(self) -> list[Micros]:
        """Processor time of each phase of the next few requests, with and without a wish by turns."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        told: list[Micros] = orjson.loads(self.process.stdout.readline())
        return told


def main(other: Path) -> None:
    """Ask both by turns and print the median processor time of every phase."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # both on one core; what is started from here inherits it
    home = prepare_home()
    with TemporaryDirectory(dir=home.folder, prefix="turns-") as folder, ExitStack() as running:
        trees = {"other": other.resolve(), "this": HERE.parents[1]}
        sides = [_start(running, name, tree, home, Path(folder)) for name, tree in trees.items()]
        measured: dict[str, list[Micros]] = {side.name: [] for side in sides}
        for turn in range(TURNS):
            for side in sides if turn % 2 else sides[::-1]:
                laps = side.turn()
                measured[side.name] += laps if turn >= WARMING else []
    _tell(measured)


def _start(running: ExitStack, name: str, tree: Path, home: Home, folder: Path) -> Side:
    stores = folder / name
    stores.mkdir()
    command = [sys.executable, str(HERE), str(home.folder), str(stores)]
    process = subprocess.Popen(
        command,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    running.callback(process.wait)
    running.callback(process.communicate)
    return Side(name, process)


def answer_turns(home: Home, folder: Path) -> None:
    """The other end of `Side.turn`: a few requests for every line that comes in."""
    process = OneProcess(home, set_the_stage(home, folder))
    asked, place = bodies(on_file(process.store), QUESTIONS), 0
    for _ in sys.stdin:
        told = []
        for body in (asked[(place + more) % QUESTIONS] for more in range(A_TURN)):
            laps = {phase: lap.processor for phase, lap in process.phases(body).items()}
            told.append({"wish": float(bool(body["wants"])), **laps})
        place += A_TURN
        print(orjson.dumps(told).decode(), flush=True)


def _tell(measured: dict[str, list[Micros]]) -> None:
    print(f"\nload {os.getloadavg()[0]:.1f}; median processor time in us, {len(measured['this'])} requests a side\n")
    print(f"{'':<26}{'no wish: other':>16}{'this':>8}{'a wish: other':>16}{'this':>8}")
    phases = [phase for phase in measured["this"][0] if phase != "wish"]
    for phase, parts in [*((phase, (phase,)) for phase in phases), ("score + decide", COMPUTE), ("sum", phases)]:
        medians = [_median(measured[side], parts, wish) for wish in (0.0, 1.0) for side in ("other", "this")]
        print(f"{phase:<26}" + "".join(f"{it:>{width}.0f}" for it, width in zip(medians, (16, 8, 16, 8), strict=True)))


def _median(laps: Sequence[Micros], parts: Sequence[str], wish: float) -> float:
    return statistics.median(sum(lap[part] for part in parts) for lap in laps if lap["wish"] == wish)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:
        answer_turns(Home(Path(sys.argv[1])), Path(sys.argv[2]))
