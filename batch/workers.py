"""Several processes that decide slices of a run, in the order of the file: the same rows, byte for byte, as one."""

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

from batch.columns import Row
from batch.deciding import Job, Slice, decide_rows, decide_slice, slices
from engine.errors import Fault, Faults
from engine.rulebook import parse_rulebook
from engine.tables import Cases
from models.features import FeatureColumns

Decide = Callable[[Cases, FeatureColumns], Iterator[Row]]

_job: Job


@contextmanager
def deciding(job: Job) -> Iterator[Decide]:
    """What decides a chunk, in this process or in `job.processes` others. Raises Faults where one of them is lost."""
    if job.processes == 1:
        yield partial(decide_rows, job)
        return
    names = {one.name for one in dataclasses.fields(job)} - {"rulebook", "heard"}
    fixed = {name: getattr(job, name) for name in names}
    # Spawned, not forked: a forked process may inherit a lock of polars or OpenMP that nobody will ever release.
    with ProcessPoolExecutor(job.processes, get_context("spawn"), _start, (fixed, job.rulebook.texts)) as pool:

        def decide(cases: Cases, features: FeatureColumns) -> Iterator[Row]:
            try:
                for rows in pool.map(_decide, slices(job, cases, features)):
                    yield from rows
            except BrokenProcessPool:
                fix = "is there memory for so many? try fewer --jobs"
                raise Faults([Fault("process-lost", "--jobs", "a process was ended from outside", fix=fix)]) from None

        yield decide


def _start(fixed: Mapping[str, Any], rulebook: Mapping[str, str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()
    global _job
    _job = Job(rulebook=parse_rulebook(rulebook), **fixed)


def _end_with(parent: BaseProcess) -> None:
    """Ends this process when `parent` is gone, however it went; nobody else would tell it."""
    parent.join()
    os._exit(os.EX_OK)


def _decide(some: Slice) -> list[Row]:
    return list(decide_slice(_job, *some))
