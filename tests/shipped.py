"""What ships, read once for all the tests of a process."""

import pytest

from engine.rulebook import Rulebook, parse_rulebook
from tests.api.world import ROOT, read_texts


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The rulebook in the folder `rulebook`."""
    return parse_rulebook(read_texts(ROOT / "rulebook"))
