"""Many lives of offers on one stand."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.life.lines import Stand
from tests.life.model import MAY_BECOME
from tests.life.roads import Roads
from tests.life.truths import Truths

EVERY_CHANGE = {(before, after) for before, states in MAY_BECOME.items() for after in states}
"""Every change of state that an offer may go through."""


def live(stand: Stand, runs: int, steps: int) -> Truths:
    """Runs of some steps each; what was seen in them. Raises AssertionError with the shortest run that went wrong."""
    seen = Truths()
    machine = type("Lives", (Roads,), {"stand": stand, "seen": seen})
    checks = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
    bounds = settings(max_examples=runs, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=bounds)
    return seen
