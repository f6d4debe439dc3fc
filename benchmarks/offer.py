"""`make bench`: /offer over HTTP beside the plain version, and where the time of one request goes."""

import os
import platform
import statistics
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import orjson

from benchmarks.agreement import agreement
from benchmarks.home import RULEBOOK, Home, Stage, on_file, prepare_home, rulebook, set_the_stage
from benchmarks.load import Body, ask_by_turns, requests_a_second
from benchmarks.phases import Lap, Laps, OneProcess, compute, medians
from benchmarks.plain.book import Book
from benchmarks.questions import bodies, facts_of
from benchmarks.servers import Server, both_servers

ROUNDS, PAIRS_A_ROUND, WARMING = 7, 80, 40
CLIENTS, BLOCK_SECONDS = 4, 1.5
QUESTIONS, COMPARED = 400, 200
AIM_MICROS, WANTED_LATER_MICROS = 1_000, 300


def main() -> None:
    """Prepare, compare, measure, print; nothing here fails for being slow."""
    home = prepare_home()
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    with TemporaryDirectory(dir=home.folder, prefix="run-") as folder:
        stage = set_the_stage(home, Path(folder))
        asked = bodies(on_file(stage.open()), QUESTIONS)
        compare_answers(home, stage, asked[:COMPARED])
        with both_servers(home, stage) as servers:
            measure_http(servers, asked)
        measure_phases(OneProcess(home, stage), asked)
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


def compare_answers(home: Home, stage: Stage, asked: Sequence[Body]) -> None:
    """Print on how many questions both versions say the same."""
    rows = {row.contract_id: row for row in on_file(stage.open())}
    pairs = [(rows[body["contract_id"]], body) for body in asked]
    questions = [(facts_of(row, body), orjson.loads(row.features)) for row, body in pairs]
    today = date.today()
    print(f"\nFrom the same scores, {agreement(questions, home.release(), rulebook(), Book(RULEBOOK, today), today)}")


def measure_http(servers: list[Server], asked: Sequence[Body]) -> None:
    """Print latency by turns and requests a second at once, and the ratios of the two servers."""
    ask_by_turns(servers, asked[:WARMING])
    rounds = [ask_by_turns(servers, _part(asked, place)) for place in range(ROUNDS)]
    rates = [[requests_a_second(server, asked, CLIENTS, BLOCK_SECONDS) for server in servers] for _ in range(ROUNDS)]
    print(
        f"\n/offer over HTTP, keep-alive, by turns: {ROUNDS} rounds of {PAIRS_A_ROUND} pairs, every other with a wish;"
    )
    print(f"requests a second: {CLIENTS} connections at once, {ROUNDS} blocks of {BLOCK_SECONDS} s each, by turns\n")
    print(f"{'':<8}{'p50 ms':>10}{'p99 ms':>10}{'requests/s':>12}")
    for place, server in enumerate(servers):
        millis = np.concatenate([one[place] for one in rounds]) * 1e3
        rate = statistics.median(one[place] for one in rates)
        print(f"{server.name:<8}{np.median(millis):>10.2f}{np.percentile(millis, 99):>10.2f}{rate:>12.0f}")
    times = [statistics.median(plain) / statistics.median(ours) for ours, plain in rounds]
    print(f"\nratio of median latencies (plain / ours)   {_spread(times)}")
    print(f"ratio of requests a second (ours / plain)  {_spread([ours / plain for ours, plain in rates])}")


def measure_phases(process: OneProcess, asked: Sequence[Body]) -> None:
    """Print the phases of one request in this process, and what it computes, against the aim."""
    for body in asked[:WARMING]:
        process.phases(body)
    measured = [process.phases(body) for body in asked]
    found = medians(measured)
    total = sum(lap.clock for lap in found.values())
    print(
        f"\nThe phases of one request in one process, medians of {len(measured)}, by the clock and of processor time:\n"
    )
    for phase, lap in found.items():
        print(f"{phase:<26}{lap.clock:>8.0f} us{lap.clock / total:>8.1%}{lap.processor:>10.0f} us")
    print(f"{'sum':<26}{total:>8.0f} us{'':>8}{sum(lap.processor for lap in found.values()):>10.0f} us")
    print(f"\ncompute inside one /offer: score + decide over {process.candidates} candidates, medians in that sequence")
    print(f"(aim {AIM_MICROS} us, {WANTED_LATER_MICROS} us wanted later)\n")
    for words, wishing in (("without a wish", False), ("with a wish", True)):
        here = [place for place, body in enumerate(asked) if bool(body["wants"]) == wishing]
        again = compute([process.computed_again(asked[place]) for place in here])
        _tell_compute(words, [measured[place] for place in here], again)


def _tell_compute(words: str, measured: Sequence[Laps], again: Lap) -> None:
    computed, answer = compute(measured), medians(measured)["write answer"]
    verdict = "reached" if computed.clock <= AIM_MICROS else "missed"
    print(f"{words:<16}{computed.clock:>6.0f} us, aim {verdict}; processor {computed.processor:.0f} us;", end=" ")
    print(f"called again at once {again.processor:.0f} us; write answer apart {answer.clock:.0f} us")


def _part(asked: Sequence[Body], place: int) -> list[Body]:
    return [asked[(place * PAIRS_A_ROUND + index) % len(asked)] for index in range(PAIRS_A_ROUND)]


def _spread(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f}  [{min(ratios):.2f}, {max(ratios):.2f}]"


if __name__ == "__main__":
    main()
