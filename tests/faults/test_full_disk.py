"""A small disk that is really full."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.world import ROOT
from tests.faults.conftest import Figure
from tests.faults.full_disk import MEGABYTES


@pytest.mark.shows("B6")
def test_a_full_disk_is_told_and_with_room_acceptances_go_on(tmp_path: Path, seed: int, figure: Figure) -> None:
    apart = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    command = [*apart, sys.executable, "-m", "tests.faults.full_disk", str(tmp_path), str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    seen = json.loads(done.stdout)
    assert seen["refused"]
    figure(
        f"{seen['rounds']} acceptances on a full disk of {MEGABYTES} MB: {seen['refused']} x 503, accepted within 5 s "
        "once there is room, no restart, 0 bad"
    )
