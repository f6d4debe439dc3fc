"""Many clients at once: threads that work through a queue, and threads that start at the same moment."""

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def work_through(workers: Sequence[Callable[[T], R]], items: Iterable[T], done: list[R]) -> None:
    """Let each worker, in a thread of its own, take the next item until none is left; `done` grows as they go."""
    waiting: queue.SimpleQueue[T] = queue.SimpleQueue()
    for item in items:
        waiting.put(item)

    def take(worker: Callable[[T], R]) -> None:
        while True:
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            done.append(worker(item))

    with ThreadPoolExecutor(len(workers)) as pool:
        for future in [pool.submit(take, worker) for worker in workers]:
            future.result()


class Crowd:
    """Threads that stay, and start each round at the same moment."""

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(size)
        self._gate = threading.Barrier(size)

    def at_once(self, acts: Sequence[Callable[[], R]]) -> list[R]:
        """What each of as many acts as there are threads gives."""
        return [future.result() for future in [self._pool.submit(self._start, act) for act in acts]]

    def _start(self, act: Callable[[], R]) -> R:
        self._gate.wait()
        return act()

    def go(self) -> None:
        """Send the threads home."""
        self._pool.shutdown()
